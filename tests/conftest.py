"""Fixtures every room's tests share.

`database_url`: a migrated, empty database of the test's own, on SQLite and on PostgreSQL.
`seaweed`: a real object store, started once for the session, beside it `objects`, a store on it; `tests.objects` has one in
memory for everything that needs only what the port promises.
`world`: that database with a log in it (`tests.worlds`). `sqlite_world` is on SQLite only, for what needs no second run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.upgrading import upgrade
from storage.objects.s3 import S3Store
from storage.objects.seaweed import SeaweedServer
from tests.objects import real_clock
from tests.postgres import Cluster, shared_cluster
from tests.worlds import World, world_at


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The run's own PostgreSQL, shared by its workers."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")
    with shared_cluster(run) as shared:
        yield shared


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "chopbook.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite database."""
    path = tmp_path / "chopbook.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(cluster: Cluster) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    with cluster.database(template=cluster.template("migrated", upgrade)) as url:
        yield url


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    """The run's own object store; with xdist, one for each worker."""
    server = SeaweedServer(tmp_path_factory.mktemp("seaweed"), prefix="test-", clock=real_clock, entropy=os.urandom)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def objects(seaweed: SeaweedServer) -> Iterator[S3Store]:
    """A store on the real server. Keys are the test's own: nobody else's objects are in its way if they are random."""
    store = S3Store(seaweed.endpoint(), after_write=seaweed.sync)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both kinds, one after the other."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """An opened log on each kind of database."""
    with world_at(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """An opened log on SQLite."""
    with world_at(sqlite_url, tmp_path) as made:
        yield made
