"""What may be charged for a copy (PDPO s.28): pure.

- Only what is directly related to complying and necessary for it, at cost: copying, postage, clerical time, a medium to
  carry the copy. Not above the cost of the cheapest form in which the copy can be given.
- Legal advice and overhead are no such cost; a manager's time is none unless a reason says why nobody cheaper could do it.
- Nothing may be charged for a correction. A further copy of the same data is charged at cost like the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cases.errors import Code, InvalidCase
from cases.model import CaseKind

if TYPE_CHECKING:
    from collections.abc import Sequence

AMOUNT_MAX: Final = 10**8
LINES_MAX: Final = 20


class FeeKind(StrEnum):
    """What a line of a fee is for."""

    COPYING = "copying"
    CLERICAL = "clerical"
    POSTAGE = "postage"
    MEDIUM = "medium"
    MANAGERIAL = "managerial"
    LEGAL_ADVICE = "legal_advice"
    OVERHEAD = "overhead"


ALLOWED: Final = frozenset({FeeKind.COPYING, FeeKind.CLERICAL, FeeKind.POSTAGE, FeeKind.MEDIUM})


class LineRefused(StrEnum):
    """Why a line is not charged."""

    NOT_DIRECTLY_RELATED = "not_directly_related"
    REASON_MISSING = "reason_missing"


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line: cents of Hong Kong. `reason` says why a manager's time was necessary."""

    kind: FeeKind
    amount: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """What is charged, and which lines are not. `capped` says that the cheapest form costs less than the lines."""

    total: int
    charged: tuple[FeeLine, ...]
    refused: tuple[tuple[FeeLine, LineRefused], ...]
    capped: bool


def fee_of(kind: CaseKind, lines: Sequence[FeeLine], *, cheapest_form: int | None = None) -> Fee:
    """The fee that may be imposed. `cheapest_form`: what the copy would cost in its cheapest form.

    Raises:
        InvalidCase: the request is for a correction, which is free.
    """
    if kind is CaseKind.CORRECTION:
        raise InvalidCase(Code.FEE_ON_CORRECTION)
    refused = tuple((line, why) for line in lines if (why := _refused(line)) is not None)
    charged = tuple(line for line in lines if _refused(line) is None)
    total = sum(line.amount for line in charged)
    capped = cheapest_form is not None and total > cheapest_form
    return Fee(min(total, cheapest_form) if cheapest_form is not None else total, charged, refused, capped)


def _refused(line: FeeLine) -> LineRefused | None:
    if line.kind in ALLOWED:
        return None
    if line.kind is not FeeKind.MANAGERIAL:
        return LineRefused.NOT_DIRECTLY_RELATED
    return None if line.reason else LineRefused.REASON_MISSING
