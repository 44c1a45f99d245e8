"""Brings a database to the newest schema. Which one it has is in `migrations.revisions`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from migrations.revisions import current_revision
from storage.errors import NotPermitted

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(url: str) -> None:
    """Runs every migration the database has not seen; each is one transaction. Repeating it does nothing.

    Raises:
        StorageFailed: the database cannot be used.
        NotPermitted: the role lacks a right on PostgreSQL.
    """
    # Asked first, because it says of a database that cannot be used which one, and why.
    current_revision(url)
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            command.upgrade(_config(connection), "head")
    except DBAPIError as error:
        # Our own migrations raise an exception where a right is missing, with what would give it as its hint.
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege | psycopg.errors.RaiseException):
            raise
        said = error.orig.diag
        do = (
            said.message_hint
            or f"as an administrator: ALTER DATABASE {engine.url.database} OWNER TO {engine.url.username}"
        )
        msg = f"database: expected a role that may make its schema, got: {said.message_primary}; {do}"
        raise NotPermitted(msg) from error


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
