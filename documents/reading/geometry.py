"""Small sums on quadrangles: NumPy inside, whole pixels outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from documents.reading.model import Quad

    Corners: TypeAlias = NDArray[np.float32]


def quad_of(corners: Corners) -> Quad:
    """Four float corners as a stored quadrangle."""
    a, b, c, d = ((round(float(x)), round(float(y))) for x, y in corners)
    return (a, b, c, d)


def corners_of(quad: Quad) -> Corners:
    """A stored quadrangle as four float corners."""
    return np.array(quad, dtype=np.float32)


def rectangle(left: float, top: float, right: float, bottom: float) -> Quad:
    """An upright rectangle."""
    x0, y0, x1, y1 = round(left), round(top), round(right), round(bottom)
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def ordered(corners: Corners) -> Corners:
    """Corners sorted: top left, top right, bottom right, bottom left, as text that runs to the right has them."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1], kind="stable")]
    top_right, bottom_right = right[np.argsort(right[:, 1], kind="stable")]
    return np.array([top_left, top_right, bottom_right, bottom_left], dtype=np.float32)


def size_of(corners: Corners) -> tuple[float, float]:
    """Length along the text and height across it."""
    width = max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[2] - corners[3]))
    height = max(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[1] - corners[2]))
    return float(width), float(height)


def part(corners: Corners, start: float, stop: float) -> Corners:
    """The slice of a quadrangle between two shares of its length (0 to 1)."""
    top_left, top_right, bottom_right, bottom_left = corners
    return np.array(
        [
            top_left + (top_right - top_left) * start,
            top_left + (top_right - top_left) * stop,
            bottom_left + (bottom_right - bottom_left) * stop,
            bottom_left + (bottom_right - bottom_left) * start,
        ],
        dtype=np.float32,
    )


def turned(corners: Corners, rotation: int, width: int, height: int) -> Corners:
    """Corners of the same text after the picture (`width` x `height`) was turned clockwise by a quarter's multiple."""
    x, y = corners[:, 0], corners[:, 1]
    if rotation == 90:
        moved = np.stack([height - 1 - y, x], axis=1)
    elif rotation == 180:
        moved = np.stack([width - 1 - x, height - 1 - y], axis=1)
    elif rotation == 270:
        moved = np.stack([y, width - 1 - x], axis=1)
    else:
        return corners
    return ordered(moved.astype(np.float32))


def around(quads: Iterable[Quad]) -> Quad:
    """The smallest upright rectangle round some quadrangles, of which there is at least one."""
    points = [point for quad in quads for point in quad]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return rectangle(min(xs), min(ys), max(xs), max(ys))
