"""The table of the legs of transfers, and the statements on it.

`transfer_legs`: one row for each movement out of a store or into one, for the reason of a transfer and with the number of its paper. What a
correction took back has a change of zero, and the correction is a leg of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Index, Text, select, tuple_

from audit.event import time_of, time_us
from stock.model import Page
from stock.store import NO_BATCH, PAGE_MAX
from stock.transfers.model import Leg
from storage import KeyedRows
from storage.row_security import narrowed
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.entry import Entry
    from stock.store import Snapshot
    from storage import Transaction
    from storage.scope import Scope

transfer_legs: Final = subject_table(
    "transfer_legs",
    Column("leg_index", BigInt, primary_key=True, autoincrement=False),
    Column("reference", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("change", BigInt, nullable=False),
    Column("scale", BigInt, nullable=False),
    Column("recorded_at", BigInt, nullable=False),
    Index(None, "reference", "sku", "batch"),
    Index(None, "store", "leg_index"),
)
LEGS: Final = KeyedRows.of(transfer_legs, "leg_index")
_NAMES: Final = ("leg_index", *LEGS.values)


def note_leg(tx: Transaction, entry: Entry, leg: Leg) -> None:
    """Writes a leg."""
    tx.put(entry, LEGS, (leg.index,), _values(leg))


def leg_in(tx: Transaction, index: int) -> Leg | None:
    """The leg that a movement is, if it is one."""
    values = tx.get(LEGS, (index,))
    return None if values is None else _leg((index, *values))


def take_back(tx: Transaction, entry: Entry, leg: Leg) -> None:
    """Writes that a correction took the place of a leg."""
    tx.put(entry, LEGS, (leg.index,), (*_values(leg)[:5], 0, leg.scale, time_us(leg.recorded_at)))


def read_legs(connection: Snapshot, scope: Scope, *, sku: str | None, after: int | None, limit: int) -> Page[Leg]:
    """Legs within a scope, the newest first, behind the entry `after`."""
    column = transfer_legs.c
    statement = (
        select(*(column[name] for name in _NAMES))
        .where(column.change != 0, scope.store_in(column.store), scope.time_in(column.recorded_at))
        .order_by(column.leg_index.desc())
    )
    if sku is not None:
        statement = statement.where(column.sku == sku)
    if after is not None:
        statement = statement.where(column.leg_index < after)
    limit = max(1, min(limit, PAGE_MAX))
    with narrowed(connection, scope):
        rows = connection.execute(statement.limit(limit + 1)).all()
    following = (str(rows[limit - 1][0]),) if len(rows) > limit else None
    return Page(tuple(_leg(tuple(row)) for row in rows[:limit]), following)


def read_counterparts(connection: Snapshot, legs: Iterable[Leg]) -> dict[tuple[str, str, str | None], list[Leg]]:
    """Every leg of the same transfers, wherever it is, by paper, SKU and batch; the caller masks what is out of reach."""
    wanted = {(leg.reference, leg.sku, leg.batch or NO_BATCH) for leg in legs}
    column = transfer_legs.c
    key = tuple_(column.reference, column.sku, column.batch)
    statement = (
        select(*(column[name] for name in _NAMES))
        .where(column.change != 0, key.in_(sorted(wanted)))
        .order_by(column.leg_index)
    )
    found: dict[tuple[str, str, str | None], list[Leg]] = {}
    for row in connection.execute(statement) if wanted else ():
        leg = _leg(tuple(row))
        found.setdefault(leg.key, []).append(leg)
    return found


def _leg(row: Sequence[Any]) -> Leg:
    index, reference, store, sku, batch, reason, change, scale, recorded_at = row
    return Leg(index, reference, store, sku, batch or None, reason, change, scale, time_of(recorded_at))


def _values(leg: Leg) -> tuple[Any, ...]:
    batch = leg.batch or NO_BATCH
    recorded_us = time_us(leg.recorded_at)
    return (leg.reference, leg.store, leg.sku, batch, leg.reason, leg.change, leg.scale, recorded_us)
