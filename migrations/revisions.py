"""Which schema a database has, and which is the newest: without what changes schemas, for every start asks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import column, create_engine, inspect, select, table
from sqlalchemy.pool import NullPool

from storage.database import DATABASE
from storage.reaching import reaching

_SEEN: Final = table("alembic_version", column("version_num"))


def current_revision(url: str) -> str | None:
    """The newest migration the database has seen; None for an empty one.

    Raises:
        StorageFailed: the database cannot be used.
    """
    engine = create_engine(url, poolclass=NullPool)
    with reaching(DATABASE), engine.connect() as connection:
        if not inspect(connection).has_table(_SEEN.name):
            return None
        return connection.execute(select(_SEEN.c.version_num)).scalar_one_or_none()


def newest_revision() -> str:
    """The newest migration there is: their files begin with their numbers."""
    return max(path.name.partition("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*_*.py"))
