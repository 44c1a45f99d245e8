"""The values of lots alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from stock.model import Lot

EXPIRY_WARNED: Final = "lot.expiry_warned"
EVENT_TYPES: Final = frozenset({EXPIRY_WARNED})
EXPIRY_KIND: Final = "stock.expiry"
"""The kind of the job that warns."""

HORIZONS_DEFAULT: Final = (90, 30, 7, 0)
"""Days before the date at which a store is warned of a lot; 0: on the day. Once each."""
HORIZON_DAYS_MAX: Final = 3650
DAYS_DEFAULT: Final = 30


@dataclass(frozen=True, slots=True)
class ShelfLot:
    """What a store has of a lot. `expiry` None: the lot bears no date."""

    batch: str
    expiry: date | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Take:
    """How much to take of a lot."""

    batch: str
    expiry: date | None
    quantity: int
    left: int
    """What stays of it."""


@dataclass(frozen=True, slots=True)
class Picking:
    """Which lots to take for a quantity, first expired first out. Quantities are integers at `scale`."""

    store: str
    sku: str
    scale: int
    wanted: int
    takes: tuple[Take, ...]
    missing: int
    """What usable lots do not hold."""
    unusable: tuple[ShelfLot, ...]
    """Lots that are on the shelf and past the day they must last to."""


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry that touched a lot. Members are absent where the entry has none."""

    index: int
    leaf_hash: bytes
    recorded_at: datetime
    type: str
    store: str | None
    change: int | None
    before: int | None
    after: int | None
    scale: int | None
    reason: str | None
    reference: str | None
    document: str | None
    stocktake: str | None


@dataclass(frozen=True, slots=True)
class StoreTouched:
    """What a lot did at a store. `received` and `issued` are sums of changes up and down; `quantity` is there now."""

    store: str
    quantity: int
    received: int
    issued: int
    movements: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Where a lot has been: everything the log knows that the caller may see.

    Attributes:
        lot: the lot.
        scale: of quantities.
        stores: each store it touched, by code.
        documents: each document an entry about it names, sorted.
        references: numbers of papers, sorted.
        indexes: its entries, in their order.
        complete: whether the caller sees every store, and so this is all there is.
        size: the log's size it was made at.
    """

    lot: Lot
    scale: int
    stores: tuple[StoreTouched, ...]
    documents: tuple[str, ...]
    references: tuple[str, ...]
    indexes: tuple[int, ...]
    complete: bool
    size: int

    @property
    def movements(self) -> int:
        """How many entries there are about it."""
        return len(self.indexes)
