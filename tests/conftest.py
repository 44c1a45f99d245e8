"""Fixtures every room's tests share.

`database_url`: a migrated, empty database of the test's own, on SQLite and on PostgreSQL.
`seaweed`: a real object store, started once for the session, beside it `objects`, a store on it; `tests.objects` has one in
memory for everything that needs only what the port promises.
`furnished`: opens copies of worlds that are furnished once (`tests.furnished`); what rooms have as fixtures comes from it.
`world`: such a copy with a log in it and nothing else. `sqlite_world` is on SQLite only, for what needs no second run.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app.collector import OBJECTS_MIN
from migrations.upgrading import upgrade
from storage.objects.s3 import S3Store
from storage.objects.seaweed import SeaweedServer
from tests.furnished import Dialect, Furnished, nothing
from tests.objects import real_clock
from tests.places import scratch
from tests.postgres import Cluster, shared_cluster
from tests.statements import keep_statements
from tests.worlds import World

# Properties are searched for, not timed: a busy machine must not fail them.
settings.register_profile("chopbook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chopbook")
# Pytest asks for this when the first test asks for a folder.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(scratch()))
# So does whoever wants a folder for a moment: a verification does, and each test that wrote ends with one.
tempfile.tempdir = str(scratch())
keep_statements()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is there once every test is known stays to the end, and the collector looks as seldom as in a process that serves."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(OBJECTS_MIN, 20, 20)
        gc.enable()


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
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Both kinds of database, one after the other."""
    kind: Dialect = request.param
    return kind


@pytest.fixture
def database_url(dialect: Dialect, request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of each kind."""
    return str(request.getfixturevalue(f"{dialect}_url"))


@pytest.fixture(scope="session")
def furnished(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Furnished:
    """Opens copies of worlds that are furnished once."""

    def cluster() -> Cluster:
        started: Cluster = request.getfixturevalue("cluster")
        return started

    return Furnished(tmp_path_factory.mktemp("furnished"), migrated_sqlite, cluster)


@pytest.fixture
def world(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[World]:
    """An opened log on each kind of database."""
    with furnished.opened(dialect, nothing, tmp_path) as (opened, _):
        yield opened


@pytest.fixture
def sqlite_world(furnished: Furnished, tmp_path: Path) -> Iterator[World]:
    """An opened log on SQLite."""
    with furnished.opened("sqlite", nothing, tmp_path) as (opened, _):
        yield opened
