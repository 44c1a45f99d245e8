"""Which way up a page is, from the boxes of the detector and the surety of the recogniser.

Tall boxes outweigh wide ones: the page lies on its side. Upright and upside down look alike to a detector, so the six
longest lines are read both ways and the surer way wins; that costs nothing on a page that is read surely as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from documents.reading.geometry import size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.reading.geometry import Corners

UPRIGHT_MEAN: Final = 0.8
"""Mean probability of the longest lines from which a page is taken to stand upright."""
SAMPLE: Final = 6
LONG: Final = 1.5
"""Length over height from which a box shows a direction."""


def _span(corners: Corners) -> tuple[float, float]:
    width = float(corners[:, 0].max() - corners[:, 0].min())
    height = float(corners[:, 1].max() - corners[:, 1].min())
    return width, height


def is_sideways(boxes: Sequence[Corners]) -> bool:
    """Whether tall boxes outweigh wide ones, by length."""
    spans = [_span(box) for box in boxes]
    wide = sum(width for width, height in spans if width > LONG * height)
    tall = sum(height for width, height in spans if height > LONG * width)
    return tall > wide


def longest(boxes: Sequence[Corners]) -> list[int]:
    """Indices of the longest boxes."""
    lengths = {index: size_of(box)[0] for index, box in enumerate(boxes)}
    return sorted(lengths, key=lambda index: -lengths[index])[:SAMPLE]
