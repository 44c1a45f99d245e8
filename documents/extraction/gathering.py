"""Lines of a table gathered into rows.

- A row is where cells of figures or codes stand. Of the lines between two such heights those above the widest gap belong to
  the row before, those below it to the next: figures may stand at the first, the last or the middle of a row's lines.
- Where no gap is wider, lines belong to the row above, or to the nearest where rows begin above their figures.
- A line of words that stands clear of the rows on both sides is a title of what follows, and of no row.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from documents.extraction.columns import misfit
from documents.extraction.naming import CellRow
from documents.extraction.plain import has_digit, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.columns import Column
    from documents.extraction.flat import Token

ANCHOR_ROLES: Final = ("quantity", "amount", "unit_price", "sku", "gtin", "line")
SAME: Final = 0.5
"""How far, in text heights, a cell stands from the figures of its row at most to be on one line with them."""
WIDER: Final = 1.15
"""Times the next widest gap from which a gap parts two rows."""
BREAKS_OFF: Final = re.compile(r"[A-Z0-9][-/]$")
"""A code that goes on in the next line of a narrow cell."""
BROKEN_GAP: Final = 1.7
CLEAR: Final = 1.42
"""Distance on both sides from which a line is of no row."""


def gather(page: int, placed: Sequence[Sequence[tuple[int, Token]]], columns: Sequence[Column]) -> list[CellRow]:
    """The rows that placed lines make up."""
    tokens = [(columns[index].role, token) for line in placed for index, token in line]
    anchors = _anchors(tokens)
    if not anchors:
        return []
    owners = _owners(tokens, anchors)
    cells: list[dict[str, list[Token]]] = [{} for _ in anchors]
    for role, token in tokens:
        owner = owners[id(token)]
        if owner is not None:
            cells[owner].setdefault(role, []).append(token)
    rows = []
    for anchor, found in zip(anchors, cells, strict=True):
        ordered = {
            role: tuple(sorted(those, key=lambda token: (round(token.v - anchor, 0), token.left)))
            for role, those in found.items()
        }
        rows.append(CellRow(page, anchor, {role: _in_reading_order(those) for role, those in ordered.items()}))
    return rows


def _owners(tokens: Sequence[tuple[str, Token]], anchors: Sequence[float]) -> dict[int, int | None]:
    """The index of the row that each token belongs to; None for titles."""
    middled = min(token.v for _, token in tokens) < anchors[0] - 0.35
    owners: dict[int, int | None] = {}
    loose: list[list[tuple[str, Token]]] = []
    for role, token in sorted(tokens, key=lambda one: one[1].v):
        near = int(np.argmin([abs(token.v - anchor) for anchor in anchors]))
        if abs(token.v - anchors[near]) < SAME:
            owners[id(token)] = near
        elif loose and token.v - loose[-1][-1][1].v < SAME:
            loose[-1].append((role, token))
        else:
            loose.append([(role, token)])
    heights = [_height(line) for line in loose]
    titles = [at for at, line in enumerate(loose) if _is_title(line, heights[at], sorted([*heights, *anchors]))]
    if 2 * len(titles) > len(anchors):
        titles = []
    kept = [heights[at] for at in range(len(loose)) if at not in titles]
    found = dict(owners)
    for at, line in enumerate(loose):
        heads = _heads(line[0][0], tokens, found, anchors)
        owner = None if at in titles else _row_of(heights[at], heads, kept, middled=middled)
        owners |= {id(token): owner for _, token in line}
    return owners


def _heads(
    role: str, tokens: Sequence[tuple[str, Token]], found: Mapping[int, int | None], anchors: Sequence[float]
) -> list[float]:
    """Where rows stand in a column: by its own cells beside the figures where there are any, since a photo leans."""
    return [
        float(
            np.median([token.v for own, token in tokens if own == role and found.get(id(token)) == index] or [anchor])
        )
        for index, anchor in enumerate(anchors)
    ]


def _height(line: Sequence[tuple[str, Token]]) -> float:
    return float(np.median([token.v for _, token in line]))


def _is_title(line: Sequence[tuple[str, Token]], v: float, heights: Sequence[float]) -> bool:
    """Whether a line holds nothing but a few words, and stands clear of what is above and below it."""
    below = [other for other in heights if other > v]
    if len(line) != 1 or not below or has_digit(line[0][1].text):
        return False
    return all(abs(other - v) > CLEAR for other in heights if other != v)


def _row_of(v: float, anchors: Sequence[float], lines: Sequence[float], *, middled: bool) -> int:
    below = [index for index, anchor in enumerate(anchors) if anchor <= v]
    if not below:
        return 0
    above = below[-1]
    if above + 1 == len(anchors):
        return above
    start, stop = anchors[above], anchors[above + 1]
    chain = [start, *sorted(line for line in lines if start < line < stop), stop]
    gaps = sorted(((after - before, after) for before, after in pairwise(chain)), reverse=True)
    if gaps[0][0] > WIDER * gaps[1][0]:
        return above if v < gaps[0][1] else above + 1
    return int(np.argmin([abs(v - anchor) for anchor in anchors])) if middled else above


def _in_reading_order(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    lines: list[list[Token]] = []
    for token in sorted(tokens, key=lambda token: token.v):
        if lines and abs(lines[-1][-1].v - token.v) < 0.5:
            lines[-1].append(token)
        else:
            lines.append([token])
    return tuple(token for line in lines for token in sorted(line, key=lambda token: token.left))


def _anchors(tokens: Sequence[tuple[str, Token]]) -> list[float]:
    """Heights at which rows stand: where cells of figures or codes line up."""
    broken = [token for role, token in tokens if role == "sku" and BREAKS_OFF.search(tidy(token.text))]
    marks = sorted(
        (token.v, role)
        for role, token in tokens
        if role in ANCHOR_ROLES
        and misfit(role, token.text) < 1.0
        and has_digit(token.text)
        and not any(
            SAME < token.v - one.v < BROKEN_GAP and abs(token.left - one.left) < 1 for one in broken if role == "sku"
        )
    )
    groups: list[list[tuple[float, str]]] = []
    for mark in marks:
        if groups and mark[0] - groups[-1][-1][0] < 0.42 and mark[0] - groups[-1][0][0] < 0.8:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    strong = [group for group in groups if {role for _, role in group} & {"quantity", "amount"}]
    most = max((len({role for _, role in group}) for group in groups), default=0)
    coded = sum(bool({role for _, role in group} & {"sku", "gtin"}) for group in groups)
    kept = [
        group
        for group in groups
        if group in strong
        or len({role for _, role in group}) >= max(2, most - 1)
        or (not strong and most == 1)
        or (2 * coded > len(strong) and {role for _, role in group} & {"sku", "gtin"})
    ]
    kept = _joined(kept)
    return [float(np.median([v for v, _ in group])) for group in kept]


def _joined(groups: Sequence[list[tuple[float, str]]]) -> list[list[tuple[float, str]]]:
    """Groups less than a line apart with no role in common are one row whose cells stand unevenly."""
    joined: list[list[tuple[float, str]]] = []
    for group in groups:
        if joined:
            before = joined[-1]
            if group[0][0] - before[-1][0] < 0.95 and not {role for _, role in group} & {role for _, role in before}:
                before.extend(group)
                continue
        joined.append(list(group))
    return joined
