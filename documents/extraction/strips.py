"""Columns by the strips in which the cells themselves stand, whatever the headings above them say of places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.extraction.columns import Column, misfit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import Token

GUTTER: Final = 0.7
"""Least white between two strips, in text heights."""
ROWS_MIN: Final = 2
FITTING: Final = 0.8
"""Share of a strip's cells that suit its column."""
SUITS: Final = 1.0


def stripped(columns: Sequence[Column], lines: Sequence[Sequence[Token]]) -> tuple[Column, ...] | None:
    """The columns with the extents of as many strips of cells, in their order; None unless both agree in number and kind.

    Printed pads have headings in the middle of wide columns, and what is typed into them begins anywhere.
    """
    full = [line for line in lines if 2 * len(line) > len(columns)]
    if len(full) < ROWS_MIN:
        return None
    strips: list[list[Token]] = []
    edge = 0.0
    for token in sorted((token for line in full for token in line), key=lambda token: token.left):
        if not strips or token.left > edge + GUTTER:
            strips.append([])
            edge = token.right
        strips[-1].append(token)
        edge = max(edge, token.right)
    if len(strips) != len(columns):
        return None
    for column, strip in zip(columns, strips, strict=True):
        suiting = sum(misfit(column.role, token.text) <= SUITS for token in strip)
        if suiting < FITTING * len(strip):
            return None
    return tuple(
        replace(column, left=min(token.left for token in strip), right=max(token.right for token in strip))
        for column, strip in zip(columns, strips, strict=True)
    )
