"""Fixtures of the API's tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage import open_storage
from tests.api.desk import Desk
from tests.worlds import ROOT_KEY, START, SetClock, World, seeded, world_at


@dataclass(frozen=True)
class Stocked:
    """A stocked retailer's files, to be copied, and the key of its till."""

    database: Path
    keys: Path
    whole_key: str


@pytest.fixture(scope="session")
def stocked(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Stocked:
    """A retailer made once, because making one takes dozens of commits."""
    directory = tmp_path_factory.mktemp("stocked")
    database = directory / "chopbook.db"
    shutil.copyfile(migrated_sqlite, database)
    with world_at(f"sqlite:///{database}", directory) as world:
        whole_key = Desk(world).whole_key
    return Stocked(database, directory / "keys.db", whole_key)


@contextmanager
def opened(stocked: Stocked, directory: Path) -> Iterator[Desk]:
    """The API on a copy of the stocked retailer, not served yet."""
    shutil.copyfile(stocked.database, directory / "chopbook.db")
    shutil.copyfile(stocked.keys, directory / "keys.db")
    url, keystore_url = f"sqlite:///{directory / 'chopbook.db'}", f"sqlite:///{directory / 'keys.db'}"
    clock, entropy = SetClock(START), seeded(1)
    storage = open_storage(url, keystore_url, ROOT_KEY, clock=clock, entropy=entropy)
    world = World(url, keystore_url, clock, entropy, storage)
    try:
        yield Desk(world, whole_key=stocked.whole_key)
    finally:
        world.storage.close()


@pytest.fixture
def sqlite_desk(stocked: Stocked, tmp_path: Path) -> Iterator[Desk]:
    """The API on SQLite, not served yet: for tests with other settings. Ends by verifying the log."""
    with opened(stocked, tmp_path) as made:
        yield made
        made.world.check()


@pytest.fixture
def desk(sqlite_desk: Desk) -> Iterator[Desk]:
    """The API on SQLite; ends by verifying the log and reconciling the balances."""
    with sqlite_desk.serving():
        yield sqlite_desk
    assert sqlite_desk.reconcile() == []


@pytest.fixture
def each_desk(world: World) -> Iterator[Desk]:
    """The API on each kind of database; ends the same way."""
    made = Desk(world)
    with made.serving():
        yield made
    world.check()
    assert made.reconcile() == []
