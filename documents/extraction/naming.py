"""Columns named by what stands in them where their heading was not understood, or misleads; running numbers apart from codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median, mode
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.columns import Column, misfit
from documents.extraction.headings import UNKNOWN
from documents.extraction.plain import has_digit, key, tidy
from documents.extraction.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from documents.extraction.flat import FlatPage, Token

_LETTERED: Final = re.compile(r"[A-Z0-9]{1,8}(?:-[A-Z0-9]{1,8})+")
"""A code that needs no figure: WB-T-DUCK."""
NUMBERED: Final = 0.6
"""Share of rows with their running number from which the others must have one too."""
FIGURES: Final = frozenset({"quantity", "unit_price", "amount", UNKNOWN})
DOUBLED: Final = 0.8
WORDS_MIN: Final = 5
RUNNING_MIN: Final = 3
"""Cells from which numbers that follow each other are taken for running ones."""
PAIR: Final = 2
CODE_MIN: Final = 4
"""Letters and figures that a code behind a running number has at least."""
_SPARE: Final = frozenset({UNKNOWN, "remark", "other"})
BY_CONTENT: Final = ("expiry", "unit", "quantity", "result", "amount", "unit_price", "sku", "description")
"""Roles that a column without a known heading may have, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class CellRow:
    """The tokens of a row by role of their column, reading order inside a cell."""

    page: int
    v: float
    cells: Mapping[str, tuple[Token, ...]]

    def text(self, role: str) -> str:
        """The text of a cell, its lines joined by a space; empty if there is none."""
        return tidy(" ".join(token.text for token in self.cells.get(role, ())))


def words_for_numbers(page: FlatPage, columns: tuple[Column, ...], bottom: float) -> tuple[Column, ...]:
    """Columns with that of running numbers as descriptions, where there is none and words stand under it: `Item` may name either."""
    if not columns or columns[0].role != "line" or any(column.role == "description" for column in columns):
        return columns
    rows = [row for row in page.rows if row[0].v > bottom and len(row) > len(columns) / 2]
    text = tidy(rows[0][0].text) if rows else ""
    if sum(character.isalpha() for character in text) < WORDS_MIN or misfit("sku", text) == 0:
        return columns
    return (replace(columns[0], role="description"), *columns[1:])


def code_or_line(columns: tuple[Column, ...], lines: Sequence[Sequence[Token]]) -> tuple[Column, ...]:
    """Columns with that of running numbers as codes, where codes begin the lines: `Item` may name either."""
    if not columns or columns[0].role != "line" or any(column.role == "sku" for column in columns):
        return columns
    firsts = [min(line, key=lambda token: token.left) for line in lines]
    begun = [token.pieces[0].text for token in firsts if token.left < columns[0].right + 0.3]
    if sum(_numbers_code(line, columns[0]) for line in lines) > len(lines) / 2:
        return (replace(columns[0], role="sku"), *columns[1:])  # `Line Item` in one box
    codes = sum(_is_code(text) for text in begun)
    return (replace(columns[0], role="sku"), *columns[1:]) if codes > len(begun) / 2 else columns


def _is_code(text: str) -> bool:
    lettered = _LETTERED.fullmatch(tidy(text)) is not None
    return lettered or (has_digit(text) and misfit("sku", text) == 0 and misfit("line", text) > 0)


def _numbers_code(line: Sequence[Token], column: Column) -> bool:
    """Whether a running number and a code stand in a column that is headed as one of running numbers."""
    inside = [piece.text for token in line for piece in token.pieces if piece.left < column.right]
    return (
        len(inside) == PAIR
        and misfit("line", inside[0]) == 0
        and len(key(inside[1])) >= CODE_MIN
        and misfit("sku", inside[1]) == 0
    )


def doubled_apart(columns: tuple[Column, ...], placed: Sequence[Sequence[tuple[int, Token]]]) -> tuple[Column, ...]:
    """Columns that hold several cells on nearly every line, as so many: their headings were read as one.

    Of a known column only figures are parted, in two; of an unknown one whatever stands in strips of its own.
    """
    parted: list[Column] = []
    for index, column in enumerate(columns):
        held = [[token for at, token in line if at == index] for line in placed]
        held = [sorted(tokens, key=lambda token: token.left) for tokens in held if tokens]
        usual = mode(len(tokens) for tokens in held) if held else 1
        full = [tokens for tokens in held if len(tokens) == usual]
        strips = list(zip(*full, strict=True))
        figures = usual == 2 and all(_is_figure(token.text) for strip in strips for token in strip)
        is_one = usual < 2 or len(full) < max(2, DOUBLED * len(held)) or column.role not in FIGURES
        if is_one or not (figures or (column.role == UNKNOWN and _are_apart(strips))):
            parted.append(column)
            continue
        parted += [
            Column(
                UNKNOWN if at else column.role,
                min(token.left for token in strip),
                max(token.right for token in strip),
                column.word,
            )
            for at, strip in enumerate(strips)
        ]
    return tuple(parted)


def _are_apart(strips: Sequence[Sequence[Token]]) -> bool:
    """Whether each strip ends before the next begins."""
    return all(max(a.right for a in one) < min(b.left for b in other) for one, other in pairwise(strips))


def _is_figure(text: str) -> bool:
    return misfit("amount", text) < 1 and not any(character.isalpha() for character in text)


def named(columns: tuple[Column, ...], placed: Iterable[Sequence[tuple[int, Token]]]) -> tuple[Column, ...]:
    """Columns with the roles that their cells suit."""
    texts: list[list[str]] = [[] for _ in columns]
    for line in placed:
        for index, token in line:
            texts[index].append(token.text)
    found = list(columns)
    roles = {column.role for column in columns}

    def rename(index: int, role: str) -> None:
        found[index] = replace(found[index], role=role)
        roles.add(role)

    for index, column in enumerate(columns):
        role = _misled(column.role, texts[index], roles)
        if role is not None:
            roles.discard(column.role)
            rename(index, role)
    rows = max(map(len, texts), default=0)
    _promote(found, texts)
    roles = {column.role for column in found}
    for index, column in enumerate(found):
        if column.role != UNKNOWN:
            continue
        if "line" not in roles and _counts_up(texts[index], rows):
            rename(index, "line")
            continue
        role = next((role for role in BY_CONTENT if role not in roles and _suits(role, texts[index])), None)
        if role is not None:
            rename(index, role)
    return tuple(found)


_MOVED: Final = re.compile(
    r"receiv|rec'?d\b|rcvd|deliver|ship|sent|order|[實收來到送訂][收貨量數發送到]|數量|qty|quantity"
)


def _promote(columns: list[Column], texts: Sequence[Sequence[str]]) -> None:
    """Makes the one column of counts a quantity where there is no other, and a column of results one in place of what is none.

    `Received` counts beside `Ordered`, and alone is the quantity; of `Finding` and `Decision` the one with the results counts.
    """
    roles = [column.role for column in columns]
    if "quantity" not in roles:
        moved = [
            at
            for at, column in enumerate(columns)
            if column.role == "quantity_other" and _MOVED.search(column.word) and _suits("quantity", texts[at])
        ]
        if len(moved) == 1:
            columns[moved[0]] = replace(columns[moved[0]], role="quantity")
    if "result" in roles and not _suits("result", texts[roles.index("result")]):
        better = [at for at, role in enumerate(roles) if role in _SPARE and _suits("result", texts[at], 0.05)]
        if better:
            columns[roles.index("result")] = replace(columns[roles.index("result")], role="remark")
            columns[better[0]] = replace(columns[better[0]], role="result")


def _counts_up(texts: Sequence[str], rows: int) -> bool:
    """Whether cells hold running numbers, of which one may be lost: 2, 3, 4."""
    numbers = [tidy(text).strip(".)") for text in texts]
    if len(numbers) < max(RUNNING_MIN, rows - 1) or not all(number.isdecimal() for number in numbers):
        return False
    values = [int(number) for number in numbers]
    return values[0] <= 2 and values == list(range(values[0], values[0] + len(values)))


def _suits(role: str, cells: Sequence[str], most: float = 0.25) -> bool:
    if role == "quantity" and any(tidy(text).startswith("-") for text in cells):
        return False  # degrees below nought
    return len(cells) > 0 and sum(misfit(role, text) for text in cells) / len(cells) <= most


def _misled(role: str, cells: Sequence[str], roles: set[str]) -> str | None:
    """The role of a column whose heading names another one than its cells have, or None."""
    if not cells:
        return None
    if role == "line" and not _suits("line", cells, 0.9):
        return next((one for one in ("sku", "description") if one not in roles and _suits(one, cells, 0.5)), "other")
    if role == "sku" and "line" not in roles and [tidy(text) for text in cells] == _running(len(cells)):
        return "line"  # 編號 over 1, 2, 3
    if role == "sku" and "description" not in roles and not _suits("sku", cells, 0.9) and _suits("description", cells):
        return "description"  # Article over the name of one
    if role == "reason" and all(key(text).isdecimal() for text in cells):
        return "other"  # how many, not why
    packed = role in {"spec", "other"} and "unit" not in roles
    if packed and all(key(text) in lexicon.UNITS and not has_digit(text) for text in cells):
        return "unit"
    return None


def _running(count: int) -> list[str]:
    return [str(at + 1) for at in range(count)]


def units_back(rows: list[CellRow]) -> list[CellRow]:
    """Rows with the unit of their quantity there, where it began the cell of lots: `40` and `箱 CTN NK-5512`."""
    return [_with_unit(row) for row in rows]


def _with_unit(row: CellRow) -> CellRow:
    counted, lots = row.cells.get("quantity", ()), row.cells.get("batch", ())
    if not counted or not lots or row.cells.get("unit") or any(not tidy(one.text).isdecimal() for one in counted):
        return row
    first = lots[0]
    size = next((at for at, piece in enumerate(first.pieces) if not is_unit(piece.text)), len(first.pieces))
    if not 0 < size < len(first.pieces):
        return row
    unit, lot = first.slice(0, size), first.slice(size, len(first.pieces))
    return CellRow(row.page, row.v, {**row.cells, "quantity": (*counted, unit), "batch": (lot, *lots[1:])})


def numbered_apart(rows: list[CellRow]) -> list[CellRow]:
    """Rows without the running number before their code, where the two stand in one box or under one heading."""
    for role in ("sku", "gtin", "description"):
        held = [row.cells.get(role, ()) for row in rows]
        numbered = [
            bool(row.cells.get("line"))
            or (len(_pieces(cells)) > 1 and cells[0].pieces[0].text.strip(".)") == str(at + 1))
            for at, (row, cells) in enumerate(zip(rows, held, strict=True))
        ]
        joined = sum(
            len(_pieces(cells)) > 1 and not row.cells.get("line") and is_one
            for row, cells, is_one in zip(rows, held, numbered, strict=True)
        )
        if joined == len(rows) > 0 or (role != "description" and sum(numbered) >= max(2, NUMBERED * len(rows))):
            return [_without_number(row, role, at, held) for at, row in enumerate(rows)]
    return rows


def _pieces(tokens: Sequence[Token]) -> list[str]:
    return [piece.text for token in tokens for piece in token.pieces]


def _without_number(row: CellRow, role: str, at: int, held: Sequence[Sequence[Token]]) -> CellRow:
    tokens = row.cells.get(role, ())
    if row.cells.get("line") or not tokens:
        return row
    first, *others = tokens
    number = str(at + 1)
    if first.pieces[0].text.strip(".)") == number and len(_pieces(tokens)) > 1:
        part, rest = first.slice(0, 1), [first.slice(1, len(first.pieces))] if len(first.pieces) > 1 else []
        return CellRow(row.page, row.v, {**row.cells, "line": (part,), role: (*rest, *others)})
    sizes = [len(key(_pieces(cells)[-1])) for index, cells in enumerate(held) if index != at and cells]
    usual = median(sizes) if sizes else 0
    if len(tokens) == 1 and first.text.startswith(number) and len(key(first.text)) == usual + len(number):
        return CellRow(row.page, row.v, {**row.cells, role: (_cut_off(first, len(number)),)})
    return row


def _cut_off(token: Token, size: int) -> Token:
    """A code without the running number that touches it: a guess by the length of the other codes, so less sure."""
    piece = token.pieces[0]
    share = size / max(1, len(piece.text))
    rest = replace(piece.part(size, len(piece.text), share, 1.0, glued=False), confidence=0.9, probabilities=())
    return replace(token, pieces=(rest, *token.pieces[1:])).slice(0, len(token.pieces))
