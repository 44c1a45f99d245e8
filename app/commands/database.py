"""The database: bring it to the newest schema, check it, print what its PostgreSQL role may do."""

from __future__ import annotations

import rich_click as click

from app.commands.base import Run, command, group
from app.commands.log import current_vkey
from app.exits import ExitCode
from app.opening import prepare
from app.readiness import readiness
from app.retention import seed_retention
from migrations.revisions import current_revision, newest_revision
from migrations.rooms import load_metadata
from storage.errors import NoLog, StorageKeyError
from storage.grants import grant_ddl
from storage.reading import read_head
from storage.signing import load_signer


@group("db")
def db_group() -> None:
    """Groups the commands of the database."""


@db_group.command(
    "upgrade", help="Make missing folders, secrets and tables, and bring the tables to the newest schema."
)
@command
def upgrade_database(run: Run) -> None:
    """Upgrades the database."""
    prepare(run.settings)
    try:
        with run.house() as house:
            seed_retention(house.storage, house.policies, house.retention, event_id=run.new_id())
    except NoLog:
        # There is none yet: `log create` makes it, with the schedules it starts with.
        pass
    run.out.answer({"upgraded": True}, "the database has the newest schema")


@db_group.command("check", help="Compare the database with what this Chopbook expects: schema, log, keys, balances.")
@command
def check(run: Run) -> ExitCode:
    """Checks."""
    with run.house() as house:
        found = {"schema": current_revision(run.settings.database_url) or "none", "expected": newest_revision()}
        checks: dict[str, str] = {**readiness(house), "signing_key": "ok"}
        vkey = current_vkey(house)
        try:
            load_signer(house.storage.keys, house.storage.log.origin, vkey)
        except StorageKeyError as error:
            checks["signing_key"] = str(error)
        with house.storage.database.read() as connection:
            size = read_head(connection).size
            disagreements = len(house.stock.reconcile(connection))
    checks["balances"] = "ok" if disagreements == 0 else f"{disagreements} disagree with the log"
    document = {**found, "size": size, "checks": checks}
    text = [f"schema {found['schema']}, {size} entries"] + [f"{name}: {state}" for name, state in checks.items()]
    run.out.answer(document, [*text, "The log itself is verified by: chopbook log verify"])
    return ExitCode.OK if all(state == "ok" for state in checks.values()) else ExitCode.FAULTS


@db_group.command("grants", help="Print the GRANT statements for the service's own PostgreSQL role.")
@click.argument("role")
@command
def grants(run: Run, role: str) -> None:
    """Prints grants."""
    load_metadata()
    statements = [f"{statement};" for statement in grant_ddl(role)]
    # A start compares the schema with its own.
    name = role.replace('"', '""')
    statements.append(f'GRANT SELECT ON "alembic_version" TO "{name}";')
    run.out.answer({"statements": statements}, statements)
