"""What stood on a balance, for who sees the records of some times alone.

A balance is what every entry about it made of it, later ones too. Who may not see those must not see what they made: for them it is what the
last movement they may see left there, and where they may see none, there is no balance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from audit.entry import parse_members
from stock.model import STOCK_ADJUSTED, STOCK_CORRECTED, SUBJECT_STOCK, Page
from storage.reading import EntryFilter, read_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stock.lots.model import ShelfLot
    from stock.model import Balance, LotBalance
    from stock.store import Snapshot
    from storage.scope import Scope

CHUNK = 100


T = TypeVar("T")
Reading = Callable[["Sequence[str] | None", int], "Page[T]"]
"""A page of a list behind a place, of at most so many rows."""


class Stood(NamedTuple):
    """What a movement left, and its entry."""

    quantity: int
    entry_index: int


def stood(connection: Snapshot, scope: Scope, store: str, sku: str, batch: str | None) -> Stood | None:
    """What the last movement within a scope left of a SKU (and lot) at a store; None: there is no such movement."""
    wanted = EntryFilter(subject=f"{SUBJECT_STOCK}:{store}/{sku}")
    cursor: int | None = None
    while True:
        page = read_entries(connection, scope, wanted, cursor=cursor, limit=CHUNK)
        for entry in page.entries:
            members = parse_members(entry.bytes)
            data = members["data"]
            if members["type"] in {STOCK_ADJUSTED, STOCK_CORRECTED} and data.get("batch") == batch:
                return Stood(cast("int", data["after"]), entry.index)
        if page.next_cursor is None:
            return None
        cursor = page.next_cursor


def balances_stood(
    connection: Snapshot,
    scope: Scope,
    read: Reading[Balance],
    *,
    with_zero: bool,
    after: Sequence[str] | None,
    limit: int,
) -> Page[Balance]:
    """A page of balances as who has the scope may see it; `read` gives those of nothing, too."""

    def was(one: Balance) -> Balance | None:
        found = stood(connection, scope, one.store, one.sku, one.batch)
        if found is None or not (with_zero or found.quantity):
            return None
        return replace(one, quantity=found.quantity, entry_index=found.entry_index)

    return _filled(read, was, lambda one: (one.store, one.sku, one.batch or ""), after, limit)


def lots_stood(
    connection: Snapshot,
    scope: Scope,
    read: Reading[LotBalance],
    *,
    negative: bool,
    after: Sequence[str] | None,
    limit: int,
) -> Page[LotBalance]:
    """A page of lots that expire as who has the scope may see it; `negative`: those of which less than nothing is there, too."""

    def was(one: LotBalance) -> LotBalance | None:
        found = stood(connection, scope, one.store, one.sku, one.batch)
        if found is None or found.quantity == 0 or (found.quantity < 0 and not negative):
            return None
        return replace(one, quantity=found.quantity)

    return _filled(read, was, lambda one: (one.expiry.isoformat(), one.store, one.sku, one.batch), after, limit)


def shelf_stood(connection: Snapshot, scope: Scope, store: str, sku: str, lots: Iterable[ShelfLot]) -> list[ShelfLot]:
    """The lots on a shelf as who has the scope may see them."""
    found: list[ShelfLot] = []
    for one in lots:
        was = stood(connection, scope, store, sku, one.batch)
        if was is not None and was.quantity > 0:
            found.append(replace(one, quantity=was.quantity))
    return found


def _filled(
    read: Reading[T],
    was: Callable[[T], T | None],
    key: Callable[[T], tuple[str, ...]],
    after: Sequence[str] | None,
    limit: int,
) -> Page[T]:
    """A full page of what is left: neither a gap nor a cursor tells of what is not."""
    found: list[T] = []
    while True:
        page = read(after, CHUNK)
        for one in page.items:
            kept = was(one)
            if kept is not None:
                if len(found) == limit:
                    return Page(tuple(found), key(found[-1]))
                found.append(kept)
        if page.next is None:
            return Page(tuple(found), None)
        after = page.next
