"""The head row as the writer reads and saves it, once a batch each, and what it publishes; straight on the driver.

Between the two the row is locked, so that no other process appends: by `BEGIN IMMEDIATE` on SQLite, by FOR UPDATE on
PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from storage.errors import NoLog
from storage.rows import driver_cursor

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

_SELECT: Final = (
    "SELECT origin, size, root, frontier, last_leaf_hash, last_recorded_at, note FROM log_head WHERE id = 1"
)
_UPDATE: Final = (
    "UPDATE log_head SET size = {0}, root = {0}, frontier = {0}, last_leaf_hash = {0}, last_recorded_at = {0}, "
    "note = {0} WHERE id = 1"
)
_UPDATE_SQLITE: Final = _UPDATE.format("?")
_UPDATE_POSTGRESQL: Final = _UPDATE.format("%s")
_PUBLISH: Final = "INSERT INTO checkpoints (size, note, published_at) VALUES ({0}, {0}, {0}) ON CONFLICT DO NOTHING"
_PUBLISH_SQLITE: Final = _PUBLISH.format("?")
_PUBLISH_POSTGRESQL: Final = _PUBLISH.format("%s")


class HeadRow(NamedTuple):
    """The one row of `log_head`."""

    origin: str
    size: int
    root: bytes
    frontier: bytes
    last_leaf_hash: bytes
    last_recorded_at: int
    note: str


def begin(connection: Connection) -> None:
    """Begins a transaction that will write."""
    driver_cursor(connection).execute("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")


def lock_head(connection: Connection) -> Callable[[], HeadRow]:
    """Locks the head, which nobody else moves until this transaction ends; what is returned gives it.

    Raises:
        NoLog: what is returned, if there is none.
    """
    cursor = driver_cursor(connection)
    cursor.execute(_SELECT if connection.dialect.name == "sqlite" else f"{_SELECT} FOR UPDATE")

    def locked() -> HeadRow:
        row = cursor.fetchone()
        if row is None:
            msg = "database: expected a log, got none; create it with `chopbook log create`"
            raise NoLog(msg, "資料庫：沒有日誌；請以 chopbook log create 建立")
        return HeadRow(*row)

    return locked


def save_head(connection: Connection, head: HeadRow) -> None:
    """Writes the head as the batch leaves it; its origin never changes."""
    statement = _UPDATE_SQLITE if connection.dialect.name == "sqlite" else _UPDATE_POSTGRESQL
    driver_cursor(connection).execute(statement, head[1:])


def save_checkpoint(connection: Connection, size: int, note: str, now_us: int) -> None:
    """Publishes a checkpoint, unless one of its size is published already."""
    statement = _PUBLISH_SQLITE if connection.dialect.name == "sqlite" else _PUBLISH_POSTGRESQL
    driver_cursor(connection).execute(statement, (size, note, now_us))


def commit(connection: Connection) -> None:
    """Makes everything since `begin` durable."""
    driver_cursor(connection).execute("COMMIT")


def copy_back(connection: Connection) -> None:
    """Copies SQLite's write-ahead log into the database file, as far as no reader needs it; outside of a transaction."""
    if connection.dialect.name == "sqlite":
        driver_cursor(connection).execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
