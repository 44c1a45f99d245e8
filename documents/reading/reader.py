"""What a reader of page pictures is. Two adapters: `documents.reading.rapid` first, `documents.reading.tesseract` second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from documents.reading.model import PageReading, Quad

    Picture: TypeAlias = NDArray[np.uint8]
    """Rows, columns, blue-green-red; contiguous in memory."""


class PageReader(Protocol):
    """Reads page pictures, one at a time on one thread. Not safe between threads; keeps nothing of a page."""

    @property
    def engine(self) -> str:
        """Name and version."""
        ...

    @property
    def engine_digest(self) -> str:
        """SHA-256 (hex) over engine, settings and models."""
        ...

    def read(self, image: Picture) -> PageReading:
        """The lines of a page, as page 0. Barcodes are not its business."""
        ...

    def read_crop(self, image: Picture, quad: Quad) -> tuple[str, float]:
        """Text and confidence of one place, without looking for lines; empty text if there is none."""
        ...


class SecondReader(Protocol):
    """An independent reader of single places, for values that must not be wrong."""

    @property
    def engine(self) -> str:
        """Name and version."""
        ...

    def read_crops(self, image: Picture, quads: Sequence[Quad], *, chinese: bool = False) -> list[str]:
        """The text of each place, empty where it saw none; in the order asked.

        Args:
            image: the page.
            quads: the places.
            chinese: whether ideographs are looked for, or Latin letters and figures: never both well.
        """
        ...
