"""The values of the stock room.

- Frozen; a value that exists is well formed. Requests and their parsers are in `stock.requests`.
- Quantities are integers at the SKU's scale; `scale` always stands beside them.
- Money is an integer of minor units with its ISO 4217 currency.
- `batch` is None where stock is not divided by lot. In tables and subject ids that is the empty text.
- Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from stock.units import Unit

if TYPE_CHECKING:
    from stock.errors import StockError

T = TypeVar("T")

STOCK_ADJUSTED: Final = "stock.adjusted"
STOCK_CORRECTED: Final = "stock.corrected"
SKU_CREATED: Final = "sku.created"
SKU_CHANGED: Final = "sku.changed"
LOT_CREATED: Final = "lot.created"
REASON_CREATED: Final = "reason.created"
REASON_CHANGED: Final = "reason.changed"
STOCKTAKE_OPENED: Final = "stocktake.opened"
STOCKTAKE_COUNTED: Final = "stocktake.counted"
STOCKTAKE_CLOSED: Final = "stocktake.closed"
STOCKTAKE_CANCELLED: Final = "stocktake.cancelled"

EVENT_TYPES: Final = frozenset(
    {
        STOCK_ADJUSTED,
        STOCK_CORRECTED,
        SKU_CREATED,
        SKU_CHANGED,
        LOT_CREATED,
        REASON_CREATED,
        REASON_CHANGED,
        STOCKTAKE_OPENED,
        STOCKTAKE_COUNTED,
        STOCKTAKE_CLOSED,
        STOCKTAKE_CANCELLED,
    }
)
"""Every type of entry this room writes."""

SUBJECT_STOCK: Final = "stock"
SUBJECT_SKU: Final = "sku"
SUBJECT_LOT: Final = "lot"
SUBJECT_REASON: Final = "reason"
SUBJECT_STOCKTAKE: Final = "stocktake"
SUBJECT_DOCUMENT: Final = "document"
"""Documents are the room above's; movements name them."""


class LotTracking(StrEnum):
    """Whether a SKU's stock is divided by lot."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Direction(StrEnum):
    """Which way a reason may move stock."""

    IN = "in"
    OUT = "out"
    EITHER = "either"


class CountMode(StrEnum):
    """What a repeated count does with the count before."""

    ADD = "add"
    REPLACE = "replace"


class StocktakeState(StrEnum):
    """Where a stocktake stands."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class StocktakeScope(StrEnum):
    """What a stocktake says of stock nobody counted: nothing, or that there is none."""

    PARTIAL = "partial"
    FULL = "full"


class RowState(StrEnum):
    """What became of one row of many."""

    APPLIED = "applied"
    REPLAYED = "replayed"
    REFUSED = "refused"
    WITHHELD = "withheld"
    """It could be applied, and was not, because of others of the call."""
    NOT_JUDGED = "not_judged"
    """Others of the call could not be read, so nobody looked whether this one could be applied."""


@dataclass(frozen=True, slots=True)
class Sku:
    """A kind of goods. `unit` and `scale` never change, so that every quantity ever logged keeps its meaning."""

    code: str
    name_zh: str
    name_en: str
    unit: Unit
    scale: int
    lot_tracking: LotTracking
    gtin: str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """A batch of a SKU."""

    sku: str
    batch: str
    expiry: date | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why stock moves. A retired reason stays readable and takes no new adjustment."""

    code: str
    name_zh: str
    name_en: str
    direction: Direction
    active: bool = True


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of minor units of an ISO 4217 currency: 1250 HKD is HK$12.50."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Balance:
    """How much of a SKU (and lot) a store holds, and the entry that last moved it."""

    store: str
    sku: str
    batch: str | None
    quantity: int
    scale: int
    entry_index: int


@dataclass(frozen=True, slots=True)
class LotBalance:
    """What a store holds of a lot that has an expiry date."""

    store: str
    sku: str
    batch: str
    expiry: date
    quantity: int
    scale: int


@dataclass(frozen=True, slots=True)
class Stocktake:
    """A counting session at one store. Times are those of the log; counts and differences are numbers of lines."""

    id: str
    store: str
    scope: StocktakeScope
    state: StocktakeState
    opened_at: datetime
    opened_by: str
    ended_at: datetime | None
    ended_by: str | None
    duration_s: int | None
    lines: int
    differences: int


@dataclass(frozen=True, slots=True)
class CountedLine:
    """What was counted of a SKU (and lot), and what the books said when it was counted last."""

    stocktake: str
    sku: str
    batch: str | None
    counted: int
    expected: int
    scale: int
    counted_at: datetime
    entry_index: int

    @property
    def difference(self) -> int:
        """What closing adds to the balance."""
        return self.counted - self.expected


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Adjusted:
    """An adjustment or correction as it was applied; `index` is its entry."""

    index: Final[int]
    leaf_hash: Final[bytes]
    store: Final[str]
    sku: Final[str]
    batch: Final[str | None]
    reason: Final[str]
    before: Final[int]
    change: Final[int]
    after: Final[int]
    scale: Final[int]


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class RowResult:
    """What became of one row of many.

    Attributes:
        row: position in the call, from 0.
        state: applied; replayed (in the log already, `index` is the first time); refused; or withheld: nothing
            wrong with it, but another row was refused and the call was for all or nothing.
        index: the row's entry, if it has one.
        leaf_hash: that entry's leaf hash.
        adjusted: what was applied, if it was applied now.
        error: why it was refused; its path starts inside the row.
    """

    row: Final[int]
    state: Final[RowState]
    index: Final[int | None] = None
    leaf_hash: Final[bytes | None] = None
    adjusted: Final[Adjusted | None] = None
    error: Final[StockError | None] = None


@dataclass(frozen=True, slots=True)
class Counted:
    """One count as it was taken: `total` is what now stands on its line."""

    index: int
    stocktake: str
    sku: str
    batch: str | None
    counted: int
    total: int
    expected: int
    scale: int


@dataclass(frozen=True, slots=True)
class StocktakeClosed:
    """How a stocktake ended."""

    index: int
    stocktake: str
    lines: int
    adjustments: tuple[Adjusted, ...]
    duration_s: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, in the list's order. `next` is where to go on (an argument of the same read), None at the end."""

    items: tuple[T, ...]
    next: tuple[str, ...] | None


class DisagreementKind(StrEnum):
    """How a balance and the entries disagree."""

    QUANTITY = "quantity"  # the balance is another than the sum of its changes
    MISSING = "missing"  # the entries make a balance, and there is none
    UNEXPECTED = "unexpected"  # there is a balance no entry made
    LAST_ENTRY = "last_entry"  # the balance names another entry than the one that moved it last
    HISTORY = "history"  # an entry's before is not the after of the one before it, or before + change is not after
    UNREADABLE = "unreadable"  # the bytes of an entry cannot be read


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing on which the balances and the entries disagree.

    `expected` is what the entries say, `found` what stands in the balance (or in the entry, for `history`); indexes of
    entries for `last_entry`. `index` is the entry concerned, where there is one.
    """

    kind: DisagreementKind
    store: str = ""
    sku: str = ""
    batch: str | None = None
    expected: int | None = None
    found: int | None = None
    index: int | None = None
