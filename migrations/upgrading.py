"""Brings a database to the newest schema, and says which one it has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(url: str) -> None:
    """Runs every migration the database has not seen; each is one transaction. Repeating it does nothing."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        command.upgrade(_config(connection), "head")


def current_revision(url: str) -> str | None:
    """The newest migration the database has seen; None for an empty one."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The newest migration there is."""
    newest = ScriptDirectory.from_config(_config(None)).get_current_head()
    if newest is None:  # pragma: no cover - the directory holds migrations
        msg = "migrations: expected at least one, got none"
        raise LookupError(msg)
    return newest


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
