"""The migrations make exactly the tables that the rooms declare, on both databases, each with its guard."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from migrations.revisions import current_revision, newest_revision
from migrations.rooms import load_metadata
from migrations.upgrading import upgrade
from storage.schema import LOG_TABLES, is_subject


def test_the_migrated_schema_is_the_declared_one(database_url: str) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, load_metadata())

    # Tables which tests declare for themselves are nobody's to migrate.
    assert [one for one in differences if "test_" not in repr(one)] == []


def test_upgrading_again_does_nothing(database_url: str) -> None:
    upgrade(database_url)

    assert current_revision(database_url) == newest_revision()


def test_every_log_and_subject_table_is_guarded(database_url: str) -> None:
    tables = [*LOG_TABLES, *(table for table in load_metadata().sorted_tables if is_subject(table))]
    engine = create_engine(database_url, poolclass=NullPool)
    query = (
        "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    )

    with engine.connect() as connection:
        guarded = {row[0] for row in connection.execute(text(query))}

    assert {table.name for table in tables if not table.name.startswith("test_")} <= guarded
