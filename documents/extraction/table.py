"""The rows of a table: tokens put into columns, lines gathered into rows, cells read as values.

- Tokens go to columns from left to right at the least cost: distance to the column, and how badly the text suits it. A
  token that covers two columns is parted at a word.
- A row is where cells of figures or codes stand. Other lines are second lines of a description: those of the row above,
  unless the cells stand in the middle of their row.
- The table ends at a label of a sum, or at a gap of 4.5 lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from documents.extraction.columns import FIGURE_ROLES, Column, TableHead, find_head, misfit
from documents.extraction.endings import begins_row, ends_table, heads_part, is_carried
from documents.extraction.gathering import gather
from documents.extraction.headings import UNKNOWN, read_headings
from documents.extraction.naming import (
    CellRow,
    code_or_line,
    doubled_apart,
    named,
    numbered_apart,
    units_back,
    words_for_numbers,
)
from documents.extraction.plain import has_digit, key
from documents.extraction.sidebars import without_side_bar
from documents.extraction.strips import stripped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from documents.extraction.flat import FlatPage, Token

GAP_MAX: Final = 4.5
PITCH_MIN: Final = 2
FURTHER: Final = 1.3
"""Times the widest gap before it, after three lines, from which a line without figures stands below the table."""
ROWS_MAX: Final = 500
ROW_LINES_MAX: Final = 5
"""How far below a lone line of words the figures of its row are looked for."""
ALIKE_MIN: Final = 3
ALIKE: Final = 0.6
"""Share of the columns that a line must fill as they are filled to go on with the table of the page before."""
ALIKE_GAP: Final = 0.5
CODE_MIN: Final = 6
"""Letters from which a word with figures is a code, whatever stands behind it."""
NEAR_START: Final = 1.5
TIGHT: Final = 0.9
"""Cost from which a lone word may be two cells that touch."""
GUESSED: Final = 0.9
"""The most that is made of characters that were parted by their place alone."""
WORDY_ROLES: Final = frozenset({"description", "reason", "remark", UNKNOWN})
REACH_GAP: Final = 0.9
WORDY_MARGIN: Final = 14.0
"""How far left of a heading over words these may begin."""
CROSSING: Final = 0.5
"""What a token that is not parted costs for each further column that it covers."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table on a page."""

    page: FlatPage
    head: TableHead
    columns: tuple[Column, ...]
    rows: tuple[CellRow, ...]
    tokens: tuple[Token, ...] = field(repr=False)
    """All tokens in it, heading included."""
    bottom: float = 0.0


def find_table(page: FlatPage, before: Table | None = None) -> Table | None:
    """The table of a page; one without a heading continues the table of the page before."""
    head = find_head(page)
    if head is None:
        if before is None:
            return None
        start = _goes_on_at(page, before.columns)
        if start is None:
            return None
        head = replace(before.head, columns=before.columns, tokens=(), top=start, bottom=start)
    head, bar = without_side_bar(page, head)
    head = replace(head, columns=words_for_numbers(page, head.columns, head.bottom))
    lines = _body(page, head, bar)
    if not lines:
        return None
    columns = _fitted(code_or_line(head.columns, lines), lines)
    placed = [_assign(line, columns) for line in lines]
    for mend in (doubled_apart, named):
        mended = mend(columns, placed)
        if mended != columns:
            columns, placed = mended, [_assign(line, mended) for line in lines]
    rows = units_back(numbered_apart(gather(page.page, placed, columns)))
    if before is not None and not head.tokens and not any("quantity" in row.cells for row in rows):
        return None
    body = tuple(token for line in lines for token in line)
    bottom = max(token.v for token in body)
    return Table(page, head, columns, tuple(rows[:ROWS_MAX]), (*head.tokens, *body), bottom)


def _goes_on_at(page: FlatPage, columns: Sequence[Column]) -> float | None:
    """Where the first line of a page stands that has cells as the columns of the page before have them; None: nowhere."""
    for row in page.rows:
        alike = {
            column.role
            for column in columns
            for token in row
            if column.gap(token.left, token.right) < ALIKE_GAP
            and key(token.text)
            and not misfit(column.role, token.text)
        }
        if len(alike) >= max(ALIKE_MIN, ALIKE * len(columns)):
            return min(token.v - token.height / 2 for token in row)
    return None


def _body(page: FlatPage, head: TableHead, aside: frozenset[int]) -> list[list[Token]]:
    """Printed lines between the heading and the end of the table, without what stands aside of it."""
    taken = {id(token) for token in head.tokens} | aside
    last = head.bottom - 0.3
    margin = WORDY_MARGIN if head.columns[0].role in WORDY_ROLES else 4.0
    left, right = head.columns[0].left - margin, head.columns[-1].right + 6.0
    lines: list[list[Token]] = []
    gaps: list[float] = []
    printed = [
        line
        for row in page.rows
        if (line := [one for one in row if id(one) not in taken and left < one.middle < right and key(one.text)])
    ]
    for at, line in enumerate(printed):
        v = float(np.median([token.v for token in line]))
        if v < head.bottom - 0.4 or is_carried(line):
            continue
        gap = v - last if lines else 0.0
        if heads_part(printed[at : at + 2], head.columns, gap if lines else GAP_MAX):
            last = v
            continue
        if v - last <= GAP_MAX and begins_row(printed[at : at + ROW_LINES_MAX], head.columns):
            gaps += [gap] if lines else []
            lines.append(line)
            last = v
            continue
        if v - last > GAP_MAX or ends_table(line, head.columns, gap):
            break
        if len(gaps) >= PITCH_MIN and gap > FURTHER * max(gaps) and not any(has_digit(token.text) for token in line):
            break  # captions of signatures
        if sum(bool(read_headings(token)) for token in line) >= max(3, 0.7 * len(line)):
            continue  # the heading repeated
        if lines:
            gaps.append(gap)
        lines.append(line)
        last = v
    return lines


def _costs(token: Token, columns: Sequence[Column]) -> list[float]:
    """What a token costs in each column."""
    left, right, text = token.left, token.right, token.text
    costs = []
    for column in columns:
        first, last = column.left, column.right
        gap = left - last if left > last else first - right if first > right else 0.0
        inside = min(right, last) - max(left, first)
        covered = inside / max(0.3, min(right - left, last - first)) if inside > 0.0 else 0.0
        edge = min(abs(left - first), abs(right - last), abs((left + right - first - last) / 2), 4.0)
        apart = 1 - covered if covered < 1.0 else 0.0
        costs.append(1.5 * gap + 0.35 * edge + 0.8 * apart + 0.7 * misfit(column.role, text))
    return costs


def _assign(line: Sequence[Token], columns: Sequence[Column]) -> list[tuple[int, Token]]:
    """Each token, or part of one, with the index of its column."""
    assigned: list[tuple[int, Token]] = []
    at = 0
    for token in sorted(line, key=lambda token: token.left):
        for one in _parted(token, columns):
            order = [cost + (1.2 if index < at else 0.0) for index, cost in enumerate(_costs(one, columns))]
            at = int(np.argmin(order))
            assigned.append((at, one))
    return assigned


def _covered(token: Token, columns: Sequence[Column]) -> int:
    """How many columns a token covers, most of each."""
    return sum(
        min(token.right, column.right) - max(token.left, column.left) > 0.7 * (column.right - column.left)
        for column in columns
    )


def _parted(token: Token, columns: Sequence[Column]) -> list[Token]:
    """A token that covers several columns, parted at words where that suits the columns better."""
    if _is_code_and_words(token, columns):
        return [token.slice(0, 1), *_parted(token.slice(1, len(token.pieces)), columns)]
    whole = min(_costs(token, columns))
    best = whole + CROSSING * max(0, _covered(token, columns) - 1) - 0.2
    parts: tuple[Token, Token] | None = None
    for cut in range(1, len(token.pieces)):
        head, tail = token.slice(0, cut), token.slice(cut, len(token.pieces))
        cost = _cost_apart(head, tail, columns) + (0.15 if tail.left - head.right < 0.5 else 0.0)
        if cost < best:
            best, parts = cost, (head, tail)
    if len(token.pieces) == 1 and best > TIGHT:
        for head, tail in _cuts_inside(token, columns):
            cost = _cost_apart(head, tail, columns) + 0.3
            if cost < best:
                best, parts = cost, (head, tail)
    return [token] if parts is None else [parts[0], *_parted(parts[1], columns)]


def _is_code_and_words(token: Token, columns: Sequence[Column]) -> bool:
    """Whether a token begins as a code where codes begin, and goes on as words into the next column, that of descriptions."""
    if len(token.pieces) < 2:
        return False
    code, words = token.pieces[0].text, token.slice(1, len(token.pieces)).text
    if len(key(code)) < CODE_MIN or misfit("sku", code) or not any(character.isalpha() for character in words):
        return False
    return any(
        one.role in {"sku", "gtin"}
        and other.role == "description"
        and abs(token.left - one.left) < NEAR_START
        and token.right > other.left + NEAR_START
        for one, other in pairwise(columns)
    )


def _cost_apart(head: Token, tail: Token, columns: Sequence[Column]) -> float:
    """What two parts of a token cost in columns of their own."""
    first, second = _costs(head, columns), _costs(tail, columns)
    return min(
        (max(a, b) * 0.5 + (a + b) * 0.25 for i, a in enumerate(first) for b in second[i + 1 :]),
        default=9.0,
    )


def _cuts_inside(token: Token, columns: Sequence[Column]) -> Iterator[tuple[Token, Token]]:
    """A word that reaches over the gap between two columns, parted near that gap: 36D250772 may be 36 and D250772.

    Where exactly is a guess, so what is parted is less sure than it was read.
    """
    (piece,) = token.pieces
    step = (piece.right - piece.left) / max(1, len(piece.text))
    for one, other in pairwise(columns):
        if not (token.left < one.right and token.right > other.left):
            continue
        for at in range(1, len(piece.text)):
            edge = piece.left + at * step
            if one.right - 1.2 < edge < other.left + 1.2:
                share = at / len(piece.text)
                parts = (
                    piece.part(0, at, 0.0, share, glued=piece.glued),
                    piece.part(at, len(piece.text), share, 1.0, glued=True),
                )
                both = replace(
                    token,
                    pieces=tuple(
                        replace(
                            p,
                            confidence=min(p.confidence, GUESSED),
                            probabilities=tuple(min(GUESSED, one) for one in p.probabilities),
                        )
                        for p in parts
                    ),
                )
                yield both.slice(0, 1), both.slice(1, 2)


def _fitted(columns: Sequence[Column], lines: Sequence[Sequence[Token]]) -> tuple[Column, ...]:
    """Columns with the extent of their cells in place of that of their headings."""
    fitted = stripped(columns, lines) or _reaching(columns)
    for _ in range(3):
        cells: list[list[Token]] = [[] for _ in fitted]
        for line in lines:
            for index, token in _assign(line, fitted):
                if _covered(token, fitted) <= 1:  # a remark, or cells that stayed together, say nothing of one column
                    cells[index].append(token)
        before, fitted = fitted, _apart([_extent(column, found) for column, found in zip(fitted, cells, strict=True)])
        if fitted == before:
            break
    return fitted


def _reaching(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Columns of words reach as far as their neighbours let them: a heading in the middle says nothing of where words begin."""
    reaching = list(columns)
    for index, column in enumerate(columns):
        if column.role in WORDY_ROLES:
            left = columns[index - 1].right + REACH_GAP if index else column.left
            right = columns[index + 1].left - REACH_GAP if index + 1 < len(columns) else column.right + REACH_GAP
            reaching[index] = replace(column, left=min(column.left, left), right=max(column.right, right))
    return tuple(reaching)


def _extent(column: Column, cells: Sequence[Token]) -> Column:
    good = [
        token for token in cells if misfit(column.role, token.text) < 0.65 and column.gap(token.left, token.right) < 2.5
    ]
    if len(good) < 2:
        return column
    lefts, rights = [token.left for token in good], [token.right for token in good]
    return replace(column, left=float(np.percentile(lefts, 10)), right=float(np.percentile(rights, 90)))


def _apart(columns: Sequence[Column]) -> tuple[Column, ...]:
    """No column reaches into the next one's start."""
    fixed = list(columns)
    for index, (one, other) in enumerate(pairwise(columns)):
        if one.right > other.left - 0.1 and one.left < other.left:
            fixed[index] = replace(one, right=max(one.left + 0.3, other.left - 0.1))
    return tuple(fixed)


def cell_place(table: Table, row: CellRow, role: str) -> tuple[float, float, float, float] | None:
    """Left, right, middle and height of a cell in flat units, whether anything was found in it or not."""
    column = next((one for one in table.columns if one.role == role), None)
    if column is None:
        return None
    figures = [token for one in FIGURE_ROLES for token in row.cells.get(one, ())]
    v = float(np.median([token.v for token in figures])) if figures else row.v
    return column.left - 0.15, column.right + 0.15, v, 1.15
