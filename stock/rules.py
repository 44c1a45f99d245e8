"""What may be done to stock: pure decisions.

Rules:
- A reason adds, takes away, or does either; a change of zero is no change.
- A SKU tracked by lot names the lot of every movement (`required`), may (`optional`), or never does (`none`).
- Goods that come in may bring a new lot with its expiry date; anything else names a lot that exists. A lot's expiry
  date is fixed.
- Where a store refuses negative stock, no change may make a balance negative or more negative. A change that makes it
  less negative is welcome, or a shop could never get out of it.
- An entry is corrected once, by an entry that names it. To correct further, correct the correction.
- A count compares with the balance at the moment of the count, not of closing: what is sold in between changes both.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from policies.refusals import Path
from stock.errors import ApprovalNeeded, Code, InvalidRequest, NegativeStock, StockConflict, UnknownThing
from stock.model import CountMode, Direction, LotTracking
from stock.quantity import QUANTITY_MAX, Quantity, format_scaled

if TYPE_CHECKING:
    from policies.model import Store
    from stock.model import Lot, Reason, Sku

FUTURE_TOLERANCE: Final = timedelta(minutes=5)
"""How far ahead of our clock a caller's may run."""
OCCURRED_MIN: Final = "2000-01-01"

_OCCURRED_MIN: Final = datetime.fromisoformat(f"{OCCURRED_MIN}T00:00:00+00:00")


class Move(NamedTuple):
    """What a change does to one balance, as integers at the SKU's scale."""

    before: int
    change: int
    after: int


def require_direction(reason: Reason, change: int, path: Path) -> None:
    """Check that the reason may move stock this way.

    Raises:
        InvalidRequest: a change of zero, or one the reason's direction excludes.
    """
    if change == 0:
        raise InvalidRequest(Code.QUANTITY_ZERO, path)
    if reason.direction is Direction.IN and change < 0:
        raise InvalidRequest(Code.REASON_DIRECTION_IN, path, {"reason": reason.code})
    if reason.direction is Direction.OUT and change > 0:
        raise InvalidRequest(Code.REASON_DIRECTION_OUT, path, {"reason": reason.code})


def require_active(reason: Reason, path: Path) -> None:
    """Check that the reason is still in use.

    Raises:
        StockConflict: it was retired.
    """
    if not reason.active:
        raise StockConflict(Code.REASON_RETIRED, path, {"reason": reason.code})


def require_batch(sku: Sku, batch: str | None, path: Path) -> None:
    """Check that a lot is named exactly if the SKU wants one.

    Raises:
        InvalidRequest: a lot is missing, or not wanted.
    """
    if batch is None:
        if sku.lot_tracking is LotTracking.REQUIRED:
            raise InvalidRequest(Code.LOT_REQUIRED, path, {"sku": sku.code})
    elif sku.lot_tracking is LotTracking.NONE:
        raise InvalidRequest(Code.LOT_NOT_TRACKED, path, {"sku": sku.code})


def is_new_lot(lot: Lot | None, *, sku: str, batch: str, expiry: date | None, change: int, path: Path) -> bool:
    """Whether this movement brings a lot that does not exist yet.

    Raises:
        UnknownThing: the lot does not exist, and nothing comes in with an expiry date for it.
        StockConflict: it exists with another expiry date.
    """
    if lot is None:
        if expiry is None or change <= 0:
            raise UnknownThing(Code.LOT_UNKNOWN, (*path, "batch"), {"sku": sku, "batch": batch})
        return True
    if expiry is not None and expiry != lot.expiry:
        said = "-" if lot.expiry is None else lot.expiry.isoformat()
        values = {"sku": sku, "batch": batch, "expiry": said}
        raise StockConflict(Code.LOT_EXPIRY_DIFFERS, (*path, "expiry"), values)
    return False


def move(before: int, change: int, *, sku: Sku, store: str, negative_allowed: bool, path: Path) -> Move:
    """What the balance becomes.

    Raises:
        NegativeStock: the store refuses what would be left.
        StockConflict: the balance would leave its bounds.
    """
    after = before + change
    if after < 0 and change < 0 and not negative_allowed:
        values = {
            "store": store,
            "sku": sku.code,
            "before": format_scaled(before, sku.scale),
            "change": format_scaled(change, sku.scale),
            "after": format_scaled(after, sku.scale),
        }
        raise NegativeStock(Code.STOCK_NEGATIVE, path, values)
    if not -QUANTITY_MAX <= after <= QUANTITY_MAX:
        raise StockConflict(Code.BALANCE_TOO_LARGE, path, {"max": format_scaled(QUANTITY_MAX, sku.scale)})
    return Move(before, change, after)


def require_occurred(occurred_at: datetime | None, now: datetime, path: Path) -> None:
    """Check a caller's time against ours.

    Raises:
        InvalidRequest: more than five minutes ahead, or before 2000.
    """
    if occurred_at is None:
        return
    if occurred_at > now + FUTURE_TOLERANCE:
        minutes = FUTURE_TOLERANCE // timedelta(minutes=1)
        raise InvalidRequest(Code.TIME_IN_FUTURE, path, {"minutes": minutes})
    if occurred_at < _OCCURRED_MIN:
        raise InvalidRequest(Code.TIME_TOO_EARLY, path, {"earliest": OCCURRED_MIN})


def require_unapproved(store: Store, change: int, scale: int, path: Path) -> None:
    """Check that one person alone may move so much at a store.

    Raises:
        ApprovalNeeded: another must approve it.
    """
    above = store.approval_above
    if above is not None and abs(change) > above * 10**scale:
        raise ApprovalNeeded(Code.APPROVAL_NEEDED, path, {"store": store.code, "above": above})


def correction(*, said: int, said_reason: str, replacement: int, reason: Reason) -> int:
    """The change that turns what an entry said into what it should have said.

    Raises:
        StockConflict: nothing would change.
        InvalidRequest: the reason does not move stock that way.
    """
    if replacement == said and reason.code == said_reason:
        raise StockConflict(Code.NOTHING_CHANGED, ("replacement",))
    if replacement != 0:
        require_direction(reason, replacement, ("replacement",))
    return replacement - said


def count_total(standing: int | None, counted: int, mode: CountMode, *, scale: int, path: Path) -> int:
    """What stands on a stocktake's line after one more count.

    Raises:
        InvalidRequest: more than a balance can hold.
    """
    total = counted if standing is None or mode is CountMode.REPLACE else standing + counted
    # A sum of valid counts can still be too large.
    return Quantity(total, scale).at_scale(scale, path)


def tracking_allows(tracking: LotTracking, batch: str | None) -> bool:
    """Whether a balance of this lot (None: of no lot) could exist under this way of lot tracking."""
    if batch is None:
        return tracking is not LotTracking.REQUIRED
    return tracking is not LotTracking.NONE
