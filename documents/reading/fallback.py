"""The first reader, and the second in its place where the first cannot read.

- Models that are missing or not the pinned ones: every page is read by the second reader, and the log's entry says which it was.
- An error of the first reader on one page: that page alone.
- What the second reader read alone is never believed without a person (`ReviewReason.FALL_BACK`): no threshold of its
  confidence reaches one wrong value in a hundred.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from documents.reading.model import PageReading, Quad
    from documents.reading.reader import PageReader, Picture

_LOGGER = logging.getLogger(__name__)


class FallBack:
    """Two readers as one `PageReader`. Not safe between threads."""

    def __init__(self, first: PageReader, spare: PageReader) -> None:
        self._first: Final = first
        self._spare: Final = spare

    @property
    def engine(self) -> str:
        """The first reader's; each page names the one that read it."""
        return self._first.engine

    @property
    def engine_digest(self) -> str:
        """The first reader's."""
        return self._first.engine_digest

    def read(self, image: Picture) -> PageReading:
        """See `PageReader`."""
        try:
            return self._first.read(image)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  the engine and its runtime raise errors of their own; the page is read all the same
            _LOGGER.warning("page read by the second reader", extra={"error": type(error).__name__})
            return self._spare.read(image)

    def read_crop(self, image: Picture, quad: Quad) -> tuple[str, float]:
        """See `PageReader`."""
        return self._first.read_crop(image, quad)
