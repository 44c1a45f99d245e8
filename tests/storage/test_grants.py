"""On PostgreSQL the service's role can add history, not change it, even with every trigger gone."""

from pathlib import Path

import psycopg
import pytest

from migrations.rooms import load_metadata
from storage.grants import grant_ddl
from storage.schema import LOG_TABLES
from tests.postgres import APP, Cluster
from tests.worlds import world_at


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
