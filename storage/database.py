"""The database: one writing connection (owned by the writer), a pool of read-only ones.

- Transactions are begun and ended here by name (`BEGIN`, `COMMIT`): the driver's implicit ones let a released
  savepoint outlive a rollback on SQLite.
- SQLite: WAL with `synchronous=FULL`, so an answered commit survives a power cut; foreign keys on.
- A read is one snapshot: everything inside one `with database.read()` sees the same log.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from storage.errors import StorageFailed
from storage.reaching import reaching
from storage.row_security import OPTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from storage.transaction import Operation
    from storage.writer import Writer

T = TypeVar("T")

BUSY_TIMEOUT_MS: Final = 15_000
CACHE_KIB: Final = 65_536
READERS_MAX: Final = 16
DATABASE: Final = "database (CHOPBOOK_DATABASE_URL)"


class Database:
    """The SQL database of one log; safe to share between threads."""

    def __init__(self, url: str, *, row_security: bool = True) -> None:
        """Without `row_security` PostgreSQL's own barrier stays down; a test of the others wants that."""
        self.url: Final = url
        self._write_engine = _engine(url, read_only=False)
        self._read_engine = _engine(url, read_only=True).execution_options(**{OPTION: row_security})
        self._writer: Writer | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._write_engine.dialect.name

    def writing_connection(self) -> Connection:
        """A connection on which the caller says BEGIN and COMMIT itself; for the writer and for migrations."""
        return self._write_engine.connect()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read-only snapshot.

        Raises:
            StorageFailed: the database could not be reached.
        """
        with reaching(DATABASE):
            connection = self._read_engine.connect()
        with connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def operate(self, operation: Callable[[Operation], T]) -> T:
        """Runs `operation` on the operational tables, through the same writer and as durably as a change.

        Raises:
            LogBusy, LogClosed: nothing was done.
            UnloggedWrite: the operation reached for another table.
        """
        return self._required().operate(operation)

    def operate_later(self, operation: Callable[[Operation], T]) -> Callable[[], T]:
        """As `operate`, but returns once it is queued, behind everything queued before; what is returned waits for the outcome.

        Whoever does not wait does not know whether it was done.

        Raises:
            LogBusy, LogClosed: nothing was done.
        """
        return self._required().operate_later(operation)

    def attach(self, writer: Writer) -> None:
        """Gives the database the writer that `operate` goes through."""
        self._writer = writer

    def _required(self) -> Writer:
        if self._writer is None:
            msg = "operate: expected an opened log, got a bare database"
            raise StorageFailed(msg)
        return self._writer

    def close(self) -> None:
        """Closes every pooled connection."""
        self._read_engine.dispose()
        self._write_engine.dispose()


def _engine(url: str, *, read_only: bool) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            isolation_level="AUTOCOMMIT",
            pool_size=READERS_MAX,
            max_overflow=READERS_MAX,
            connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000, "cached_statements": 512},
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            cursor = connection.cursor()
            for pragma in _sqlite_pragmas(read_only=read_only):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        return engine
    return create_engine(
        parsed,
        isolation_level="AUTOCOMMIT",
        pool_size=READERS_MAX,
        max_overflow=READERS_MAX,
        pool_pre_ping=True,
        # A plan made while the log was empty reads whole tables, and a kept one would go on doing so for good.
        connect_args={"options": "-c plan_cache_mode=force_custom_plan"},
    )


def _sqlite_pragmas(*, read_only: bool) -> Iterator[str]:
    yield f"busy_timeout={BUSY_TIMEOUT_MS}"
    yield f"cache_size=-{CACHE_KIB if not read_only else CACHE_KIB // 8}"
    yield "foreign_keys=ON"
    if read_only:
        yield "query_only=ON"
        yield "mmap_size=268435456"
    else:
        # Without it INSERT OR REPLACE deletes a row of the log, and no trigger is asked.
        yield "recursive_triggers=ON"
        yield "journal_mode=WAL"
        yield "synchronous=FULL"
        yield "wal_autocheckpoint=4000"
