"""Rows in bulk: the few statements that carry nearly all writes, on the driver itself.

Column types are plain (integers, text, bytes), so no type processing stands between Python and the driver.
SQLite: statements of many rows. PostgreSQL: COPY for inserts, one `unnest` statement for upserts and look-ups.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, LargeBinary, Text

from storage.errors import UnloggedWrite
from storage.schema import BigInt, is_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Column, Connection, Table
    from sqlalchemy.types import TypeEngine

_ARRAY_TYPES: Final[tuple[tuple[type, str], ...]] = ((Text, "text"), (LargeBinary, "bytea"), (Boolean, "boolean"))

LOOK_UPS_MAX: Final = 256
ROWS_MAX: Final = 256
"""Rows of one statement on SQLite, which takes 32,766 values."""

_COPIES: Final = "chopbook_copies"

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
    def _upsert_postgresql(self) -> str:
        arrays = ", ".join(f"%s::{_array_type(self.table.c[name])}[]" for name in self._columns)
        return (
            f"INSERT INTO {quoted(self.name)} ({_names(self._columns)}) SELECT * FROM unnest({arrays})"
            f"{self._on_conflict}"
        )

    def fetch(self, connection: Connection, keys: Sequence[Row]) -> dict[Row, Row]:
        """The values of those keys that exist."""
        width = len(self.key)
        columns = tuple((name, _array_type(self.table.c[name])) for name in self.key)
        found = look_up(connection, columns, keys, self._select)
        return {tuple(row[:width]): tuple(row[width:]) for row in found}

    def upsert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Writes rows of key + values + entry_index; a key is at most once in `rows`."""
        cursor = driver_cursor(connection)
        if connection.dialect.name == "sqlite":
            _insert_sqlite(cursor, self.name, self._columns, rows, self._on_conflict)
        else:
            cursor.execute(self._upsert_postgresql, [list(column) for column in zip(*rows, strict=True)])


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Inserts `rows` in one go."""
    cursor = driver_cursor(connection)
    if connection.dialect.name == "sqlite":
        _insert_sqlite(cursor, table.name, tuple(columns), rows)
        return
    if _may_copy(connection):
        with cursor.copy(f"COPY {quoted(table.name)} ({_names(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    arrays = ", ".join(f"%s::{_array_type(table.c[name])}[]" for name in columns)
    statement = f"INSERT INTO {quoted(table.name)} ({_names(columns)}) SELECT * FROM unnest({arrays})"
    cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


def _may_copy(connection: Connection) -> bool:
    """Whether COPY is open to this role: to one that does not own the tables, row-level security closes it."""
    known = connection.info.get(_COPIES)
    if known is None:
        cursor = driver_cursor(connection)
        cursor.execute("SELECT NOT row_security_active('entries')")
        known = connection.info[_COPIES] = bool(cursor.fetchone()[0])
    return bool(known)


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


def look_up(connection: Connection, columns: Sequence[tuple[str, str]], keys: Sequence[Row], select: str) -> list[Row]:
    """Runs `select` with `k`, a table of the keys, to join with: one statement for many look-ups.

    `columns` are the names of the key's columns and their PostgreSQL types.
    """
    cursor = driver_cursor(connection)
    names = _names(name for name, _ in columns)
    if connection.dialect.name != "sqlite":
        arrays = ", ".join(f"%s::{kind}[]" for _, kind in columns)
        statement = f"WITH k({names}) AS MATERIALIZED (SELECT * FROM unnest({arrays})) {select}"
        cursor.execute(statement, [list(column) for column in zip(*keys, strict=True)])
        rows: list[Row] = cursor.fetchall()
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
    return found


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
