"""A hand on the tables of the stock room, past every fence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, text

from storage import Database

Key = tuple[str, str, str]


@contextmanager
def past_the_fence(database: Database) -> Iterator[Connection]:
    """A transaction of the database's owner, with the triggers of `balances` and `entries` out of the way."""
    with database.writing_connection() as connection:
        connection.exec_driver_sql("BEGIN")
        if database.dialect == "sqlite":
            found = connection.execute(
                text(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('balances', 'entries')"
                )
            ).all()
            off = [f"DROP TRIGGER {name}" for name, _ in found]
            on = [sql for _, sql in found]
        else:
            off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("balances", "entries")]
            on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in ("balances", "entries")]
        for statement in off:
            connection.exec_driver_sql(statement)
        yield connection
        for statement in on:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("COMMIT")


def set_balances(database: Database, quantities: Mapping[Key, int]) -> None:
    """Other quantities, as an administrator with a grudge would set them."""
    with past_the_fence(database) as connection:
        for (store, sku, batch), quantity in quantities.items():
            changed = connection.execute(
                text("UPDATE balances SET quantity = :quantity WHERE store = :store AND sku = :sku AND batch = :batch"),
                {"quantity": quantity, "store": store, "sku": sku, "batch": batch},
            )
            assert changed.rowcount == 1
