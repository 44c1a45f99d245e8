"""The database: bring it to the newest schema, check it, print what its PostgreSQL role may do."""

from __future__ import annotations

import rich_click as click

from app.commands.base import Run, command, group
from app.wiring import prepare
from migrations.rooms import load_metadata
from storage.grants import grant_ddl


@group("db", "The database.")
def db_group() -> None:
    """Groups the commands of the database."""


@db_group.command(
    "upgrade", help="Make missing folders, secrets and tables, and bring the tables to the newest schema."
)
@command
def upgrade_database(run: Run) -> None:
    """Upgrades the database."""
    prepare(run.settings)
    run.out.answer({"upgraded": True}, "the database has the newest schema")


@db_group.command("grants", help="Print the GRANT statements for the service's own PostgreSQL role.")
@click.argument("role")
@command
def grants(run: Run, role: str) -> None:
    """Prints grants."""
    load_metadata()
    statements = [f"{statement};" for statement in grant_ddl(role)]
    run.out.answer({"statements": statements}, statements)
