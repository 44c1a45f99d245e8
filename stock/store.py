"""The tables of the stock room, and every SQL statement it has.

Every table is a projection of the log: it could be made again from the entries. Rows name the entry that wrote them last.

- `skus`, `gtins`, `lots`, `reasons`: the catalogue. `gtins` finds a SKU by GTIN (14 digits); an empty `sku` means that
  the number was taken away and belongs to nobody.
- `balances`: what a store holds of a SKU and lot; `batch` is empty where stock is not divided by lot.
- `corrections`: which entry was corrected, and by which.
- `stocktakes`, `stocktake_counts`: sessions, and what was counted on each line.

Dates are ISO 8601 text, times microseconds since 1970, quantities integers at the SKU's scale. Lists are read a page at
a time in the order of their keys, so a page stays where it is while rows are added.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    Text,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from audit.event import time_of
from stock.model import Balance, CountedLine, Lot, Page, Reason, Sku, Stocktake, StocktakeState
from stock.row_values import Row, lot_of, reason_of, sku_of, stocktake_of
from storage import KeyedRows
from storage.row_security import narrowed
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sqlalchemy import ColumnElement

    from storage import Transaction
    from storage.scope import Scope

PAGE_MAX: Final = 1000
STREAM_CHUNK: Final = 5000
NO_BATCH: Final = ""
"""How "not divided by lot" is written in keys, which hold no NULL."""
RELEASED: Final = ""
"""The owner of a GTIN that was taken away."""

Snapshot: TypeAlias = Connection
"""A connection on which a read-only transaction is open (`Database.read`)."""

skus: Final = subject_table(
    "skus",
    Column("code", Text, primary_key=True),
    Column("gtin", Text),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("scale", Integer, nullable=False),
    Column("lot_tracking", Text, nullable=False),
)
gtins: Final = subject_table(
    "gtins",
    Column("gtin", Text, primary_key=True),
    Column("sku", Text, nullable=False),
)
lots: Final = subject_table(
    "lots",
    Column("sku", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("expiry", Text),
    Index(None, "expiry"),
)
reasons: Final = subject_table(
    "reasons",
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)
balances: Final = subject_table(
    "balances",
    Column("store", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("quantity", BigInt, nullable=False),
    Index(None, "sku"),
)
corrections: Final = subject_table(
    "corrections",
    Column("corrected_index", BigInt, primary_key=True, autoincrement=False),
    Column("corrected_by", BigInt, nullable=False),
)
stocktakes: Final = subject_table(
    "stocktakes",
    Column("id", Text, primary_key=True),
    Column("store", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", BigInt, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("ended_at", BigInt),
    Column("ended_by", Text),
    Column("duration_s", BigInt),
    Column("lines", BigInt, nullable=False),
    Column("differences", BigInt, nullable=False),
    Index(None, "store", "state"),
)
stocktake_counts: Final = subject_table(
    "stocktake_counts",
    Column("stocktake", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("counted", BigInt, nullable=False),
    Column("expected", BigInt, nullable=False),
    Column("counted_at", BigInt, nullable=False),
)

SKUS: Final = KeyedRows(skus, ("code",), ("gtin", "name_zh", "name_en", "unit", "scale", "lot_tracking"))
GTINS: Final = KeyedRows(gtins, ("gtin",), ("sku",))
LOTS: Final = KeyedRows(lots, ("sku", "batch"), ("expiry",))
REASONS: Final = KeyedRows(reasons, ("code",), ("name_zh", "name_en", "direction", "active"))
BALANCES: Final = KeyedRows(balances, ("store", "sku", "batch"), ("quantity",))
CORRECTIONS: Final = KeyedRows(corrections, ("corrected_index",), ("corrected_by",))
STOCKTAKES: Final = KeyedRows(
    stocktakes,
    ("id",),
    ("store", "scope", "state", "opened_at", "opened_by", "ended_at", "ended_by", "duration_s", "lines", "differences"),
)
COUNTS: Final = KeyedRows(stocktake_counts, ("stocktake", "sku", "batch"), ("counted", "expected", "counted_at"))


# --- inside a change -------------------------------------------------------------------------------------------------


def open_stocktake_at(tx: Transaction, store: str) -> str | None:
    """The stocktake that is open at a store."""
    rows = tx.select(
        select(stocktakes.c.id).where(stocktakes.c.store == store, stocktakes.c.state == StocktakeState.OPEN.value)
    )
    return rows[0][0] if rows else None


def lines_in(tx: Transaction, stocktake: str) -> list[tuple[Sku, str, int, int]]:
    """SKU, batch, difference and balance of every line that differs, in order."""
    return [_line(row) for row in tx.select(_differing(stocktake))]


def uncounted_in(tx: Transaction, stocktake: str, store: str, limit: int) -> list[tuple[Sku, str, int, int]]:
    """The same of at most `limit` balances of the store that are not zero and were not counted: all of it is missing."""
    counted = select(stocktake_counts.c.sku).where(
        stocktake_counts.c.stocktake == stocktake,
        stocktake_counts.c.sku == balances.c.sku,
        stocktake_counts.c.batch == balances.c.batch,
    )
    quantity = balances.c.quantity
    rows = tx.select(
        select(*_SKU_COLUMNS, balances.c.batch, -quantity, quantity)
        .join_from(balances, skus, balances.c.sku == skus.c.code)
        .where(balances.c.store == store, quantity != 0, ~counted.exists())
        .order_by(balances.c.sku, balances.c.batch)
        .limit(limit)
    )
    return [_line(row) for row in rows]


def _differing(stocktake: str) -> Select[Any]:
    line, held = stocktake_counts.c, balances.c
    return (
        select(*_SKU_COLUMNS, line.batch, line.counted - line.expected, func.coalesce(held.quantity, 0))
        .select_from(stocktake_counts)
        .join(stocktakes, stocktakes.c.id == line.stocktake)
        .join(skus, skus.c.code == line.sku)
        .outerjoin(
            balances,
            and_(held.store == stocktakes.c.store, held.sku == line.sku, held.batch == line.batch),
        )
        .where(line.stocktake == stocktake, line.counted != line.expected)
        .order_by(line.sku, line.batch)
    )


def _line(row: Any) -> tuple[Sku, str, int, int]:
    values = tuple(row)
    return sku_of(values[0], values[1:-3]), values[-3], values[-2], values[-1]


_SKU_COLUMNS: Final = tuple(skus.c[name] for name in ("code", *SKUS.values))


def store_holding(tx: Transaction, sku: str, *, in_lots: bool) -> str | None:
    """A store whose balance of the SKU (in lots, or in no lot) is not zero."""
    batch = balances.c.batch
    rows = tx.select(
        select(balances.c.store)
        .where(balances.c.sku == sku, balances.c.quantity != 0, batch != NO_BATCH if in_lots else batch == NO_BATCH)
        .limit(1)
    )
    return rows[0][0] if rows else None


# --- reading ---------------------------------------------------------------------------------------------------------


def read_sku(connection: Snapshot, code: str) -> Sku | None:
    """One SKU."""
    row = SKUS.fetch(connection, [(code,)]).get((code,))
    return None if row is None else sku_of(code, row)


def read_named_skus(connection: Snapshot, codes: Collection[str]) -> dict[str, Sku]:
    """The SKUs of these codes that exist."""
    found = SKUS.fetch(connection, [(code,) for code in codes]) if codes else {}
    return {code: sku_of(code, row) for (code,), row in found.items()}


def read_owners(connection: Snapshot, gtins: Collection[str]) -> dict[str, str]:
    """The codes of the SKUs that GTINs (14 digits) belong to; absent if they belong to none."""
    found = GTINS.fetch(connection, [(gtin,) for gtin in gtins]) if gtins else {}
    return {key[0]: row[0] for key, row in found.items() if row[0] != RELEASED}


def read_skus(connection: Snapshot, *, text: str | None, after: Sequence[str] | None, limit: int) -> Page[Sku]:
    """SKUs by code; with `text`, those that have it in code, name or GTIN, in any case."""
    column = skus.c
    statement = select(*(column[name] for name in ("code", *SKUS.values))).order_by(column.code)
    if text:
        searched = (column.code, column.name_zh, column.name_en, column.gtin)
        statement = statement.where(or_(*(field.icontains(text, autoescape=True) for field in searched)))
    return _page(connection, statement, (column.code,), after, limit, lambda row: sku_of(row[0], row[1:]))


def read_lots(
    connection: Snapshot, *, sku: str | None, expiring_by: date | None, after: Sequence[str] | None, limit: int
) -> Page[Lot]:
    """Lots by SKU and batch; with `expiring_by`, those whose expiry date is not later."""
    column = lots.c
    statement = select(column.sku, column.batch, column.expiry).order_by(column.sku, column.batch)
    if sku is not None:
        statement = statement.where(column.sku == sku)
    if expiring_by is not None:
        statement = statement.where(column.expiry <= expiring_by.isoformat())
    key = (column.sku, column.batch)
    return _page(connection, statement, key, after, limit, lambda row: lot_of(row[0], row[1], row[2:]))


def read_lot(connection: Snapshot, sku: str, batch: str) -> Lot | None:
    """One lot."""
    row = LOTS.fetch(connection, [(sku, batch)]).get((sku, batch))
    return None if row is None else lot_of(sku, batch, row)


def read_reasons(connection: Snapshot) -> tuple[Reason, ...]:
    """Every reason, retired ones too, by code."""
    column = reasons.c
    rows = connection.execute(
        select(column.code, column.name_zh, column.name_en, column.direction, column.active).order_by(column.code)
    )
    return tuple(reason_of(row[0], tuple(row)[1:]) for row in rows)


def read_balances(
    connection: Snapshot,
    scope: Scope,
    *,
    sku: str | None,
    batch: str | None,
    with_zero: bool,
    after: Sequence[str] | None,
    limit: int,
) -> Page[Balance]:
    """Balances within a scope by store, SKU and batch; of one that limits times, keys alone: see `stock.standing`."""
    column = balances.c
    statement = (
        select(column.store, column.sku, column.batch, told_of(scope), skus.c.scale, column.entry_index)
        .join_from(balances, skus, column.sku == skus.c.code)
        .where(scope.store_in(column.store))
        .order_by(column.store, column.sku, column.batch)
    )
    if sku is not None:
        statement = statement.where(column.sku == sku)
    if batch is not None:
        statement = statement.where(column.batch == batch)
    if not with_zero:
        statement = statement.where(column.quantity != 0)

    def balance_of(row: Row) -> Balance:
        store, code, lot, quantity, scale, index = row
        return Balance(store, code, lot or None, quantity, scale, index)

    with narrowed(connection, scope.at_any_time()):
        return _page(connection, statement, (column.store, column.sku, column.batch), after, limit, balance_of)


def told_of(scope: Scope) -> ColumnElement[int]:
    """What a row says is there; nothing to a scope that limits times, which is told what entries within them left."""
    return literal(0) if scope.timed else balances.c.quantity


def read_stocktake(connection: Snapshot, stocktake: str) -> Stocktake | None:
    """One stocktake."""
    row = STOCKTAKES.fetch(connection, [(stocktake,)]).get((stocktake,))
    return None if row is None else stocktake_of(stocktake, row)


def read_stocktakes(
    connection: Snapshot,
    scope: Scope,
    *,
    state: StocktakeState | None,
    after: Sequence[str] | None,
    limit: int,
) -> Page[Stocktake]:
    """Stocktakes within a scope, the newest first."""
    column = stocktakes.c
    # Ids are `st_` and the index of the opening entry: the longer is the later, then the greater.
    order = func.length(column.id).desc(), column.id.desc()
    statement = (
        select(*(column[name] for name in ("id", *STOCKTAKES.values)))
        .where(scope.store_in(column.store), scope.time_in(column.opened_at))
        .order_by(*order)
    )
    if state is not None:
        statement = statement.where(column.state == state.value)
    if after is not None:
        (last,) = after
        earlier = and_(func.length(column.id) == len(last), column.id < last)
        statement = statement.where(or_(func.length(column.id) < len(last), earlier))
    with narrowed(connection, scope):
        return _page(connection, statement, (column.id,), None, limit, lambda row: stocktake_of(row[0], row[1:]))


def read_differing(connection: Snapshot, stocktake: str) -> list[tuple[str, str]]:
    """SKU and batch of the lines that differ."""
    return [(sku.code, batch) for sku, batch, _, _ in map(_line, connection.execute(_differing(stocktake)))]


def read_lines(connection: Snapshot, stocktake: str, *, after: Sequence[str] | None, limit: int) -> Page[CountedLine]:
    """The lines of a stocktake by SKU and batch."""
    column = stocktake_counts.c
    fields = (column.sku, column.batch, column.counted, column.expected, skus.c.scale, column.counted_at)
    statement = (
        select(*fields, column.entry_index)
        .join_from(stocktake_counts, skus, column.sku == skus.c.code)
        .where(column.stocktake == stocktake)
        .order_by(column.sku, column.batch)
    )

    def line_of(row: Row) -> CountedLine:
        sku, batch, counted, expected, scale, counted_at, index = row
        return CountedLine(stocktake, sku, batch or None, counted, expected, scale, time_of(counted_at), index)

    return _page(connection, statement, (column.sku, column.batch), after, limit, line_of)


def stream_balances(connection: Snapshot) -> Iterator[tuple[str, str, str, int, int]]:
    """Store, SKU, batch, quantity and last entry of every balance, a bounded number in memory."""
    column = balances.c
    key = tuple_(column.store, column.sku, column.batch)
    statement = (
        select(column.store, column.sku, column.batch, column.quantity, column.entry_index)
        .order_by(column.store, column.sku, column.batch)
        .limit(STREAM_CHUNK)
    )
    rows = connection.execute(statement).all()
    while rows:
        yield from (tuple(row) for row in rows)
        rows = connection.execute(statement.where(key > tuple(rows[-1])[:3])).all()


def _page(
    connection: Snapshot,
    statement: Select[Any],
    key: Sequence[ColumnElement[str]],
    after: Sequence[str] | None,
    limit: int,
    value_of: Callable[[Row], Any],
) -> Page[Any]:
    """One page behind the key `after`, which the first columns of a row are."""
    limit = max(1, min(limit, PAGE_MAX))
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple(after))
    rows = [tuple(row) for row in connection.execute(statement.limit(limit + 1))]
    following = tuple(rows[limit - 1])[: len(key)] if len(rows) > limit else None
    return Page(tuple(value_of(row) for row in rows[:limit]), following)
