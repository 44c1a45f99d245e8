"""Rows in bulk: the few statements that carry nearly all writes, on the driver itself.

Column types are plain (integers, text, bytes), so no type processing stands between Python and the driver.
SQLite: statements of many rows. PostgreSQL: one `unnest` statement with an array a column, for inserts, upserts and look-ups;
COPY is no quicker, cannot be sent together with others, and row-level security closes it to whoever does not own the tables.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from psycopg.pq import TransactionStatus
from sqlalchemy import Boolean, LargeBinary, Text

from storage.arrays import packed
from storage.errors import UnloggedWrite
from storage.schema import BigInt, is_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    import psycopg
    from sqlalchemy import Column, Connection, Table
    from sqlalchemy.types import TypeEngine

_ARRAY_TYPES: Final[tuple[tuple[type, str], ...]] = ((Text, "text"), (LargeBinary, "bytea"), (Boolean, "boolean"))

LOOK_UPS_MAX: Final = 256
ROWS_MAX: Final = 256
"""Rows of one statement on SQLite, which takes 32,766 values."""

Row = tuple[Any, ...]


class KeyedRows:
    """A subject table seen as a map from key columns to value columns; rows are kept between batches.

    `entry_index` is written with each row and is neither key nor value.
    """

    __slots__ = ("__dict__", "key", "name", "table", "values")

    def __init__(self, table: Table, key: tuple[str, ...], values: tuple[str, ...]) -> None:
        """Raises UnloggedWrite if the table is not a subject table."""
        if not is_subject(table):
            msg = f"keyed rows: expected a subject table, got {table.name}"
            raise UnloggedWrite(msg)
        self.table: Final = table
        self.name: Final = table.name
        self.key: Final = key
        self.values: Final = values

    @classmethod
    def of(cls, table: Table, *key: str) -> KeyedRows:
        """Every column that is not of the key is a value, in the table's order.

        Raises:
            UnloggedWrite: it is no subject table.
        """
        names = (column.name for column in table.columns)
        return cls(table, key, tuple(name for name in names if name not in {"entry_index", *key}))

    @cached_property
    def _select(self) -> str:
        match = " AND ".join(f"t.{quoted(name)} = k.{quoted(name)}" for name in self.key)
        columns = ", ".join(f"t.{quoted(name)}" for name in (*self.key, *self.values))
        return f"SELECT {columns} FROM k JOIN {quoted(self.name)} AS t ON {match}"

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return (*self.key, *self.values, "entry_index")

    @cached_property
    def _on_conflict(self) -> str:
        return f" ON CONFLICT ({_names(self.key)}) DO UPDATE SET {_excluded((*self.values, 'entry_index'))}"

    @cached_property
    def _key_columns(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, _array_type(self.table.c[name])) for name in self.key)

    def fetch(self, connection: Connection, keys: Sequence[Row]) -> dict[Row, Row]:
        """The values of those keys that exist."""
        return self.ask(connection, keys)()

    def ask(self, connection: Connection, keys: Sequence[Row]) -> Callable[[], dict[Row, Row]]:
        """Asks for the values of those keys that exist; what is returned gives them."""
        width = len(self.key)
        found = ask(connection, self._key_columns, keys, self._select)
        return lambda: {tuple(row[:width]): tuple(row[width:]) for row in found()}

    def upsert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Writes rows of key + values + entry_index; a key is at most once in `rows`."""
        _insert(connection, self.table, self._columns, rows, self._on_conflict)


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Inserts `rows` in one go; there may be none."""
    if not rows:
        return
    _insert(connection, table, tuple(columns), rows)


def _insert(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Row], on_conflict: str = ""
) -> None:
    cursor = driver_cursor(connection)
    if connection.dialect.name == "sqlite":
        _insert_sqlite(cursor, table.name, columns, rows, on_conflict)
        return
    kinds = [_array_type(table.c[name]) for name in columns]
    arrays = [packed(kind, column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]
    cursor.execute(_unnest_of(table.name, columns, tuple(kinds), on_conflict), arrays)


def _insert_sqlite(
    cursor: Any, table: str, columns: tuple[str, ...], rows: Sequence[Row], on_conflict: str = ""
) -> None:
    """Many rows a statement, since the driver lets go of the interpreter for each one.

    Whoever lets go of it waits to get it back: row by row, a busy event loop would hold up the writer once for each.
    """
    start = 0
    while start < len(rows):
        # Powers of two, so that few statements serve every number of rows.
        stop = start + min(ROWS_MAX, 1 << ((len(rows) - start).bit_length() - 1))
        statement = _insert_of(table, columns, stop - start, on_conflict)
        cursor.execute(statement, list(chain.from_iterable(rows[start:stop])))
        start = stop


@lru_cache(maxsize=512)
def _insert_of(table: str, columns: tuple[str, ...], rows: int, on_conflict: str) -> str:
    marks = f"({', '.join('?' for _ in columns)})"
    return f"INSERT INTO {quoted(table)} ({_names(columns)}) VALUES {', '.join([marks] * rows)}{on_conflict}"


@lru_cache(maxsize=512)
def _unnest_of(table: str, columns: tuple[str, ...], kinds: tuple[str, ...], on_conflict: str) -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    return f"INSERT INTO {quoted(table)} ({_names(columns)}) SELECT * FROM unnest({arrays}){on_conflict}"


def ask(
    connection: Connection, columns: Sequence[tuple[str, str]], keys: Sequence[Row], select: str
) -> Callable[[], list[Row]]:
    """Runs `select` with `k`, a table of the keys, to join with: one statement for many look-ups.

    `columns` are the names of the key's columns and their PostgreSQL types. What is returned gives the rows found; of
    statements that are sent together, all must be sent before.
    """
    cursor = driver_cursor(connection)
    names = _names(name for name, _ in columns)
    if connection.dialect.name != "sqlite":
        arrays = ", ".join(f"%s::{kind}[]" for _, kind in columns)
        statement = f"WITH k({names}) AS MATERIALIZED (SELECT * FROM unnest({arrays})) {select}"
        packed_keys = [packed(kind, column) for (_, kind), column in zip(columns, zip(*keys, strict=True), strict=True)]
        cursor.execute(statement, packed_keys)
        rows: Callable[[], list[Row]] = cursor.fetchall
        return rows
    found: list[Row] = []
    for start in range(0, len(keys), LOOK_UPS_MAX):
        part = list(keys[start : start + LOOK_UPS_MAX])
        # Padded with a repeated key to a power of two, so that few statements serve every number of keys.
        size = 1 << (len(part) - 1).bit_length()
        part += part[-1:] * (size - len(part))
        marks = f"({', '.join('?' for _ in columns)})"
        values = ", ".join([marks] * size)
        cursor.execute(f"WITH k({names}) AS (VALUES {values}) {select}", list(chain.from_iterable(part)))
        found += cursor.fetchall()
    return lambda: found


def together(connection: Connection) -> AbstractContextManager[object]:
    """Statements inside are sent without waiting for each other's answers, where the database is another process.

    Each wait for an answer is one for the interpreter too, which a busy event loop is slow to give back. The first error
    of the database is raised at the end of the block at the latest; what came after it was not done. Only the driver's
    own statements may be inside, and what they found is read after it.
    """
    if connection.dialect.name == "sqlite":
        return nullcontext()
    driver: psycopg.Connection[Any] = driver_connection(connection)
    return driver.pipeline()


def is_refused(connection: Connection) -> bool:
    """Whether PostgreSQL holds the transaction open after an error in it: then nothing of it was committed."""
    if connection.dialect.name == "sqlite":
        return False
    driver: psycopg.Connection[Any] = driver_connection(connection)
    return driver.info.transaction_status is TransactionStatus.INERROR


def driver_connection(connection: Connection) -> Any:
    """The driver's connection itself."""
    return connection.connection.driver_connection


def driver_cursor(connection: Connection) -> Any:
    """A cursor of the driver under the connection; psycopg's may use prepared statements."""
    return connection.connection.cursor()


def quoted(name: str) -> str:
    """A column or table name in the quotes of standard SQL; names come from our own tables only."""
    return f'"{name}"'


def _names(columns: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in columns)


def _excluded(columns: Iterable[str]) -> str:
    return ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in columns)


def _array_type(column: Column[Any]) -> str:
    kind: TypeEngine[Any] = column.type
    for python_type, sql_type in _ARRAY_TYPES:
        if isinstance(kind, python_type):
            return sql_type
    if isinstance(kind, type(BigInt)):
        return "bigint"
    return "integer"
