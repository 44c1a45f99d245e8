"""What callers ask of the stock room.

- Every request carries the caller's `event_id`; sent again with the same content, it is the same event.
- Make them with `stock.parsing`: the service relies on the forms checked there.
- A reference is the number of a paper, not prose: it goes into the log in clear, so it has no room for a name. Prose
  goes into `note`, which is personal data and only ever stored encrypted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final
from uuid import UUID

from stock.model import CountMode, Direction, LotTracking, Money, StocktakeScope
from stock.quantity import Quantity
from stock.units import Unit


class Keep(Enum):
    """Stands for: leave this as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class AdjustmentRequest:
    """One movement of stock. With `expiry`, goods that come in may name a lot that does not exist yet."""

    event_id: Final[UUID]
    store: Final[str]
    sku: Final[str]
    reason: Final[str]
    change: Final[Quantity]
    batch: Final[str | None] = None
    expiry: Final[date | None] = None
    reference: Final[str | None] = None
    document: Final[str | None] = None
    unit_price: Final[Money | None] = None
    occurred_at: Final[datetime | None] = None
    note: Final[str | None] = None


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """What the entry `corrects` should have said: another change (zero: nothing moved), maybe another reason."""

    event_id: UUID
    corrects: int
    replacement: Quantity
    reason: str | None = None
    reference: str | None = None
    document: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SkuRequest:
    """A new SKU."""

    event_id: UUID
    code: str
    name_zh: str
    name_en: str
    unit: Unit
    scale: int = 0
    lot_tracking: LotTracking = LotTracking.NONE
    gtin: str | None = None


@dataclass(frozen=True, slots=True)
class SkuChangeRequest:
    """Other names, another GTIN (None takes it away) or another way of lot tracking; None keeps the rest."""

    event_id: UUID
    code: str
    name_zh: str | None = None
    name_en: str | None = None
    lot_tracking: LotTracking | None = None
    gtin: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True)
class LotRequest:
    """A new lot of a SKU."""

    event_id: UUID
    sku: str
    batch: str
    expiry: date | None = None


@dataclass(frozen=True, slots=True)
class ReasonRequest:
    """A new reason."""

    event_id: UUID
    code: str
    name_zh: str
    name_en: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class ReasonChangeRequest:
    """Other names of a reason, or whether it may still be used; None keeps. Its direction stays for ever."""

    event_id: UUID
    code: str
    name_zh: str | None = None
    name_en: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class OpenStocktakeRequest:
    """The beginning of a stocktake at a store."""

    event_id: UUID
    store: str
    scope: StocktakeScope = StocktakeScope.PARTIAL
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CountLine:
    """One count: of a SKU by code, or of what a scanner read."""

    counted: Quantity
    sku: str | None = None
    scan: str | None = None
    batch: str | None = None
    mode: CountMode = CountMode.ADD


@dataclass(frozen=True, slots=True)
class CountRequest:
    """Counts for an open stocktake, taken all together or not at all."""

    event_id: UUID
    stocktake: str
    lines: tuple[CountLine, ...]


@dataclass(frozen=True, slots=True)
class EndStocktakeRequest:
    """The end of a stocktake, by closing or by cancelling it."""

    event_id: UUID
    stocktake: str
    note: str | None = None
