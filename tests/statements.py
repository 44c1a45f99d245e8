"""Statements that are compiled once a process, though every test has engines of its own.

An engine keeps what it has compiled. The product has a few engines in its life, a test opens a few in a tenth of a second, and each
would compile the same statements again: a tenth of what most tests cost. The dialects here take the place of those of the same name,
and differ in nothing but that what one engine has compiled, the others find; the key is that by which an engine finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect
    from sqlalchemy.engine.interfaces import Compiled
    from sqlalchemy.sql.cache_key import CacheKey

KEPT_MAX: Final = 10_000


def keeping(compiler: Callable[..., Compiled]) -> Callable[..., Compiled]:
    """The compiler with a memory."""
    kept: dict[object, Compiled] = {}

    def compiled(dialect: Dialect, statement: Any, *, cache_key: CacheKey | None = None, **options: Any) -> Compiled:
        if cache_key is None:
            return compiler(dialect, statement, cache_key=None, **options)
        place = (cache_key.key, *((name, _fixed(options[name])) for name in sorted(options)))
        found = kept.get(place)
        if found is None:
            if len(kept) >= KEPT_MAX:
                kept.clear()
            found = kept[place] = compiler(dialect, statement, cache_key=cache_key, **options)
        return found

    return compiled


def _fixed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Sqlite(SQLiteDialect_pysqlite):
    """SQLite with it."""

    supports_statement_cache = True
    statement_compiler = staticmethod(keeping(SQLiteDialect_pysqlite.statement_compiler))  # type: ignore[assignment]  # called, never looked into


class Postgresql(PGDialect_psycopg):
    """PostgreSQL with it."""

    supports_statement_cache = True
    statement_compiler = staticmethod(keeping(PGDialect_psycopg.statement_compiler))  # type: ignore[assignment]  # called, never looked into


def keep_statements() -> None:
    """From now on engines are made with these."""
    for name, dialect in (("sqlite", Sqlite), ("sqlite.pysqlite", Sqlite), ("postgresql.psycopg", Postgresql)):
        registry.register(name, __name__, dialect.__name__)
