"""The table of warnings, and what is asked of lots and balances.

`expiry_warnings`: at which horizon a store was warned of a lot last; a nearer one warns again. A projection of the log like every
table of this room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Integer, Text, and_, select, true, tuple_

from stock.lots.model import ShelfLot
from stock.model import LotBalance, Page
from stock.store import NO_BATCH, PAGE_MAX, balances, lots, skus, told_of
from storage import KeyedRows
from storage.row_security import narrowed
from storage.schema import subject_table

if TYPE_CHECKING:
    from stock.store import Snapshot
    from storage import Transaction
    from storage.scope import Scope

expiry_warnings: Final = subject_table(
    "expiry_warnings",
    Column("store", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("horizon_days", Integer, nullable=False),
)
WARNINGS: Final = KeyedRows(expiry_warnings, ("store", "sku", "batch"), ("horizon_days",))

CHUNK: Final = 500


def warned_in(tx: Transaction, key: tuple[str, str, str]) -> int | None:
    """The horizon a store was warned at, of a lot."""
    row = tx.get(WARNINGS, key)
    return None if row is None else int(row[0])


def read_shelf(connection: Snapshot, scope: Scope, store: str, sku: str) -> list[ShelfLot]:
    """The lots of a SKU that a store within a scope has any of; to one that limits times, those it ever had: see `stock.standing`."""
    held, lot = balances.c, lots.c
    statement = (
        select(held.batch, lot.expiry, told_of(scope))
        .select_from(balances)
        .outerjoin(lots, and_(lot.sku == held.sku, lot.batch == held.batch))
        .where(
            held.store == store,
            held.sku == sku,
            held.batch != NO_BATCH,
            true() if scope.timed else held.quantity > 0,
            scope.store_in(held.store),
        )
        .order_by(held.batch)
    )
    with narrowed(connection, scope.at_any_time()):
        rows = connection.execute(statement).all()
    return [
        ShelfLot(batch, None if expiry is None else date.fromisoformat(expiry), quantity)
        for batch, expiry, quantity in rows
    ]


def read_expiring(
    connection: Snapshot,
    scope: Scope,
    *,
    sku: str | None,
    by: date,
    with_negative: bool,
    after: Sequence[str] | None,
    limit: int,
) -> Page[LotBalance]:
    """What stores within a scope have of lots that expire on or before a day, the earliest first; `with_negative`: or less than nothing.

    A scope that limits times gets keys alone, and those of lots of which there is nothing any more, too: see `stock.standing`.
    """
    held, lot = balances.c, lots.c
    key = (lot.expiry, held.store, held.sku, held.batch)
    there = held.quantity != 0 if with_negative else held.quantity > 0
    statement = (
        select(*key, told_of(scope), skus.c.scale)
        .select_from(lots)
        .join(balances, and_(held.sku == lot.sku, held.batch == lot.batch))
        .join(skus, held.sku == skus.c.code)
        .where(lot.expiry <= by.isoformat(), true() if scope.timed else there, scope.store_in(held.store))
        .order_by(*key)
    )
    if sku is not None:
        statement = statement.where(lot.sku == sku)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple(after))
    limit = max(1, min(limit, PAGE_MAX))
    with narrowed(connection, scope.at_any_time()):
        rows = [tuple(row) for row in connection.execute(statement.limit(limit + 1))]
    following = tuple(rows[limit - 1][:4]) if len(rows) > limit else None
    found = tuple(
        LotBalance(store, code, batch, date.fromisoformat(expiry), quantity, scale)
        for expiry, store, code, batch, quantity, scale in rows[:limit]
    )
    return Page(found, following)


def stream_to_warn(connection: Snapshot, *, today: date, days: int) -> Iterator[tuple[LotBalance, int | None]]:
    """Everything on a shelf that expires within so many days, by store, with the horizon its store was warned at."""
    held, lot, warning = balances.c, lots.c, expiry_warnings.c
    key = tuple_(held.store, held.sku, held.batch)
    statement = (
        select(held.store, held.sku, held.batch, lot.expiry, held.quantity, skus.c.scale, warning.horizon_days)
        .select_from(balances)
        .join(lots, and_(held.sku == lot.sku, held.batch == lot.batch))
        .join(skus, held.sku == skus.c.code)
        .outerjoin(
            expiry_warnings,
            and_(warning.store == held.store, warning.sku == held.sku, warning.batch == held.batch),
        )
        .where(lot.expiry <= (today + timedelta(days=days)).isoformat(), held.quantity > 0)
        .order_by(held.store, held.sku, held.batch)
        .limit(CHUNK)
    )
    rows = connection.execute(statement).all()
    while rows:
        for store, sku, batch, expiry, quantity, scale, warned in rows:
            yield LotBalance(store, sku, batch, date.fromisoformat(expiry), quantity, scale), warned
        rows = connection.execute(statement.where(key > tuple(rows[-1])[:3])).all()
