"""On PostgreSQL the service's role can add history, not change it, even with every trigger gone."""

from pathlib import Path

import psycopg
import pytest

from migrations.rooms import load_metadata
from migrations.upgrading import upgrade
from storage.errors import NotPermitted
from storage.grants import grant_ddl
from storage.schema import LOG_TABLES
from tests.postgres import APP, Cluster
from tests.worlds import world_at

STRANGER = "chopbook_stranger"
"""May connect, and nothing beside."""
HALF_READY = "chopbook_half_ready"
"""Owns its database, and may not be the reader."""


@pytest.mark.parametrize("role", [STRANGER, HALF_READY])
def test_a_role_that_may_not_make_the_schema_is_told_what_an_administrator_runs(role: str, cluster: Cluster) -> None:
    database = cluster.create_database()
    with cluster.connect() as administrator:
        administrator.execute(f"DROP ROLE IF EXISTS {role}")
        administrator.execute(f"CREATE ROLE {role} LOGIN")
        if role == HALF_READY:
            administrator.execute(f"ALTER DATABASE {database} OWNER TO {role}")

    with pytest.raises(NotPermitted, match="as an administrator") as caught:
        upgrade(cluster.url(database, role))

    wanted = f"OWNER TO {role}" if role == STRANGER else f"GRANT chopbook_reader TO {role} WITH ADMIN OPTION"
    assert wanted in str(caught.value)
    cluster.drop_database(database)
    with cluster.connect() as administrator:
        administrator.execute(f"DROP ROLE {role}")


def test_the_service_role_runs_the_log_and_cannot_rewrite_it(
    cluster: Cluster, postgresql_url: str, tmp_path: Path
) -> None:
    load_metadata()
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    with cluster.connect(name) as owner:
        for statement in grant_ddl(APP):
            if '"test_' not in statement:  # tables other tests declared
                owner.execute(statement)
        for table in LOG_TABLES:
            owner.execute(f"ALTER TABLE {table.name} DISABLE TRIGGER ALL")

    with world_at(cluster.url(name, APP), tmp_path) as world:
        world.append(3)
        with cluster.connect(name, APP) as service:
            for statement in (
                "UPDATE entries SET type = 'x.y'",
                "DELETE FROM entries",
                "TRUNCATE entries CASCADE",
                "UPDATE tiles SET level = 1",
                "DELETE FROM log_head",
                "ALTER TABLE entries ENABLE TRIGGER ALL",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    service.execute(statement)
        assert world.check() == 4
