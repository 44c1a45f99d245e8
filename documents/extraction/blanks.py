"""Cells in which nothing was found although their column has values: a lone character is what detectors miss.

The first reader's recogniser reads such a place of units and quantities again. A unit must be one of the list. A quantity
is as sure as two readers can make it: unless the second one, or arithmetic, says the same, a person is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.again import RECOGNISER, SECOND, Wish
from documents.extraction.flat import Piece, Token
from documents.extraction.naming import CellRow
from documents.extraction.plain import key, tidy
from documents.extraction.table import cell_place

if TYPE_CHECKING:
    from documents.extraction.again import Rereads
    from documents.extraction.table import Table
    from documents.reading.model import Quad

ROLES: Final = ("unit", "quantity")
SURE_MAX: Final = 0.9
"""The most that is made of a quantity in a place where the detector saw nothing: less than a row's value needs alone."""
_COUNT: Final = re.compile(r"[0-9]{1,4}")


def blank_wishes(table: Table, row: CellRow) -> list[Wish]:
    """The empty places of a row that are worth a second look."""
    wishes = []
    for role in ROLES:
        place = _place(table, row, role)
        if place is not None:
            wishes.append(Wish(table.page.page, place, RECOGNISER))
            if role == "quantity":
                wishes.append(Wish(table.page.page, place, SECOND))
    return wishes


def with_blanks(table: Table, row: CellRow, rereads: Rereads) -> CellRow:
    """The row with what a second look found in its empty cells."""
    found: dict[str, tuple[Token, ...]] = {}
    for role in ROLES:
        place = _place(table, row, role)
        reread = rereads.at(table.page.page, place, RECOGNISER) if place is not None else None
        if reread is None or place is None:
            continue
        text = tidy(reread.text).strip(" .|")
        if key(text) in lexicon.UNITS if role == "unit" else _COUNT.fullmatch(text):
            sure = reread.confidence if role == "unit" else min(SURE_MAX, reread.confidence)
            found[role] = (_token(table, row, role, text, sure, reread.quad),)
    return CellRow(row.page, row.v, {**row.cells, **found}) if found else row


def _place(table: Table, row: CellRow, role: str) -> Quad | None:
    """The place of a row's cell, if the column has values and this cell has none."""
    held = sum(bool(other.cells.get(role)) for other in table.rows)
    if row.cells.get(role) or not held or (role == "quantity" and len(row.cells) < 2):
        return None
    place = cell_place(table, row, role)
    if place is None or any(_reaches(token, *place) for tokens in row.cells.values() for token in tokens):
        return None
    return table.page.place(*place)


def _reaches(token: Token, left: float, right: float, v: float, height: float) -> bool:
    """Whether a token stands in a place: what is read there is a part of it, and its own value is more than its own."""
    shared = min(token.right, right) - max(token.left, left)
    return shared > 0.4 * (right - left) and abs(token.v - v) < height / 2


def _token(table: Table, row: CellRow, role: str, text: str, sure: float, quad: Quad) -> Token:
    left, right, v, height = cell_place(table, row, role) or (0.0, 0.0, row.v, 1.0)
    piece = Piece(text, left, right, sure, quad)
    return Token(text, text, table.page.page, quad, sure, left, right, v, height, (piece,))
