"""The values of a report of shrinkage.

Quantities of different SKUs are summed in units, as shops count what is missing; they are integers of a millionth of a unit, the finest scale a
SKU has. What came back (a count that found more) counts against what went.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

SCALE: Final = 6
MONTHS_MAX: Final = 36
LOSSES_MAX: Final = 200_000
PERSONS_MIN: Final = 5
"""How many people a figure must be of before it is shown, unless the operator says another number."""
NOBODY: Final = ""
"""Who stands behind what a machine recorded for nobody."""


class By(StrEnum):
    """What a store's shrinkage is divided by."""

    STORE = "store"
    """By nothing else: one figure a store."""
    STAFF = "staff"
    SKU = "sku"
    MONTH = "month"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class ShrinkageRequest:
    """Which report: of the months from that of `first` to that of `last`, both whole; `store` None: of every store in reach."""

    by: By
    first: date
    last: date
    store: str | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """One movement that was recorded as a loss; `person` is a pseudonym, or `NOBODY`."""

    store: str
    sku: str
    person: str
    month: str
    reason: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Figure:
    """How many movements, and how much; None: suppressed."""

    movements: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a store's shrinkage. `key` is a SKU, a month, a reason; of staff a rank, never who it is."""

    key: str
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class StoreShrinkage:
    """A store's shrinkage; `total` None: it is suppressed, and every row with it."""

    store: str
    total: Figure | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """A report. `suppressed` counts the figures that are not shown."""

    by: By
    persons_min: int
    stores: tuple[StoreShrinkage, ...]
    total: Figure | None
    suppressed: int
