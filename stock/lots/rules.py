"""First expired, first out; and when to warn: pure decisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from stock.lots.model import Picking, ShelfLot, Take


def pick(shelf: Sequence[ShelfLot], *, store: str, sku: str, scale: int, wanted: int, last_to: date) -> Picking:
    """Which lots to take for `wanted`: the earliest date first, lots without a date last, then by batch.

    A lot whose date is before `last_to` is not taken: food may be sold on its date, not after it. Balances of zero and below
    are passed over.
    """
    there = [lot for lot in shelf if lot.quantity > 0]
    unusable = tuple(lot for lot in sorted(there, key=_order) if lot.expiry is not None and lot.expiry < last_to)
    takes: list[Take] = []
    missing = wanted
    for lot in sorted(there, key=_order):
        if missing == 0:
            break
        if lot in unusable:
            continue
        quantity = min(lot.quantity, missing)
        takes.append(Take(lot.batch, lot.expiry, quantity, lot.quantity - quantity))
        missing -= quantity
    return Picking(store, sku, scale, wanted, tuple(takes), missing, unusable)


def _order(lot: ShelfLot) -> tuple[date, str]:
    return lot.expiry or date.max, lot.batch


def horizon_of(expiry: date, today: date, horizons: Collection[int]) -> int | None:
    """The nearest horizon, in days, that an expiry date has come within; None: it is beyond all of them."""
    reached = [days for days in horizons if expiry <= today + timedelta(days=days)]
    return min(reached, default=None)


def is_due(horizon: int | None, warned: int | None) -> bool:
    """Whether a store is to be warned at a horizon, when it was warned at another one (None: never)."""
    return horizon is not None and (warned is None or horizon < warned)
