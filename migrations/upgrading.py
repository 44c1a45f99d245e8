"""Brings a database to the newest schema. Which one it has is in `migrations.revisions`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from migrations.revisions import current_revision

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(url: str) -> None:
    """Runs every migration the database has not seen; each is one transaction. Repeating it does nothing.

    Raises:
        StorageFailed: the database cannot be used.
    """
    # Asked first, because it says of a database that cannot be used which one, and why.
    current_revision(url)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
