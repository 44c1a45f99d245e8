"""Codes of one table beside each other: 0L-2203 among RC-0501 and SG-0302 is OL-2203, as nothing but letters stands there in the others."""

from __future__ import annotations

import re
from dataclasses import replace
from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

from documents.extraction.plain import AS_DIGITS, AS_LETTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.found import Found

OTHERS_MIN: Final = 4
"""Codes of the same shape from which they say what stands at a place."""
_MIXED: Final = re.compile(r"(?=[0-9]*[A-Z])(?=[A-Z]*[0-9])[A-Z0-9]+")


def mend_by_others(rows: Sequence[dict[str, Found]]) -> None:
    """Makes a part of a code that mixes letters and figures one of letters, or of figures, where it looks like one and all others have such."""
    codes = [re.split(r"([-/. ])", str(row["sku"].value)) if "sku" in row else [] for row in rows]
    for at, parts in enumerate(codes):
        same = [other for index, other in enumerate(codes) if index != at and _frame(other) == _frame(parts)]
        mended = [_mended(part, [other[place] for other in same]) for place, part in enumerate(parts)]
        if mended != parts:
            rows[at]["sku"] = replace(rows[at]["sku"], value="".join(mended))


def mend_lots(rows: Sequence[dict[str, Found]]) -> None:
    """Makes a figure of a lot the letter that it looks like where all others of its length are made alike and begin with as many letters.

    F04417 beside SC5081 is FO4417; a person is asked about it.
    """
    lots = [str(row["batch"].value) if "batch" in row else "" for row in rows]
    for at, lot in enumerate(lots):
        others = [other for index, other in enumerate(lots) if index != at and len(other) == len(lot)]
        shapes = {tuple(map(str.isalpha, other)) for other in others}
        if len(others) < OTHERS_MIN or len(shapes) != 1:
            continue
        size = len(others[0]) - len(others[0].lstrip(ascii_uppercase))
        mended = lot[:size].translate(AS_LETTERS)
        if mended.isalpha() and mended != lot[:size]:
            rows[at]["batch"] = replace(rows[at]["batch"], value=mended + lot[size:], doubtful=True)


def _frame(parts: Sequence[str]) -> list[str | int]:
    return [len(part) if part.isalnum() else part for part in parts]


def _mended(part: str, others: Sequence[str]) -> str:
    if not _MIXED.fullmatch(part):
        return part
    plain = [other for other in others if not _MIXED.fullmatch(other)]
    for turned, is_such in ((part.translate(AS_LETTERS), str.isalpha), (part.translate(AS_DIGITS), str.isdecimal)):
        if is_such(turned) and len(plain) >= OTHERS_MIN and all(map(is_such, plain)) and _look(others) <= {turned}:
            return turned
    return part


def _look(others: Sequence[str]) -> set[str]:
    """What the mixed ones among the others look like."""
    return {other.translate(AS_LETTERS) for other in others if _MIXED.fullmatch(other)}
