"""Brings a database to the newest schema."""

from __future__ import annotations

import importlib
import importlib.util

from sqlalchemy import create_engine, inspect

from storage.guards import guard_ddl
from storage.schema import LOG_TABLES, is_subject, metadata


def upgrade(url: str) -> None:
    """Makes the tables."""
    for room in ("policies", "stock", "workflow"):
        try:
            importlib.import_module(f"{room}.store")
        except ImportError:
            continue
    engine = create_engine(url)
    with engine.begin() as connection:
        if inspect(connection).has_table("log_head"):
            return
        metadata.create_all(connection, tables=[t for t in metadata.sorted_tables if not t.name.startswith('test_')])
        guarded = [*LOG_TABLES, *(t for t in metadata.sorted_tables if is_subject(t) and not t.name.startswith('test_'))]
        for statement in guard_ddl(connection.dialect.name, guarded):
            connection.exec_driver_sql(statement.replace("%", "%%") if connection.dialect.name == "postgresql" else statement)
    engine.dispose()
