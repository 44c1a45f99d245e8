"""What is asked of stock for the retention of records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from stock.store import balances, stocktake_counts, stocktakes
from storage.either import select_in
from storage.schema import entries

if TYPE_CHECKING:
    from storage.either import Reader

CHUNK: Final = 500


def read_last_moved(reader: Reader, skus: Iterable[str]) -> dict[str, tuple[bool, int]]:
    """Of each SKU that was ever moved: whether any store still holds some, and when it was moved last (microseconds)."""
    wanted = sorted(set(skus))
    found: dict[str, tuple[bool, int]] = {}
    for start in range(0, len(wanted), CHUNK):
        statement = (
            select(balances.c.sku, func.max(func.abs(balances.c.quantity)), func.max(entries.c.recorded_at))
            .join_from(balances, entries, balances.c.entry_index == entries.c.entry_index)
            .where(balances.c.sku.in_(wanted[start : start + CHUNK]))
            .group_by(balances.c.sku)
        )
        found |= {sku: (held != 0, moved_at) for sku, held, moved_at in select_in(reader, statement)}
    return found


def read_entries_of(reader: Reader, indexes: Iterable[int], kinds: Iterable[str]) -> Sequence[tuple[int, bytes]]:
    """Index and bytes of those entries that are of one of these types."""
    column = entries.c
    statement = select(column.entry_index, column.bytes).where(
        column.entry_index.in_(sorted(set(indexes))), column.type.in_(sorted(kinds))
    )
    return [(row[0], bytes(row[1])) for row in select_in(reader, statement)]


def read_stocktakes_of(reader: Reader, ids: Iterable[str]) -> Sequence[tuple[Any, ...]]:
    """Id, store, when it was opened, and ended, of those stocktakes."""
    column = stocktakes.c
    statement = select(column.id, column.store, column.opened_at, column.ended_at).where(
        column.id.in_(sorted(set(ids)))
    )
    return [tuple(row) for row in select_in(reader, statement)]


def read_counted(reader: Reader, ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Which SKUs were counted in those stocktakes."""
    column = stocktake_counts.c
    statement = select(column.stocktake, column.sku).where(column.stocktake.in_(sorted(set(ids)))).distinct()
    found: dict[str, frozenset[str]] = {}
    for stocktake, sku in select_in(reader, statement):
        found[stocktake] = found.get(stocktake, frozenset()) | {sku}
    return found
