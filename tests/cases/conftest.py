"""Fixtures of the cases room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage import open_storage
from tests.cases.office import Office
from tests.worlds import ROOT_KEY, START, SetClock, World, seeded, world_at


@dataclass(frozen=True)
class Furnished:
    """The files of a retailer with a data protection officer, to be copied, and who works there."""

    database: Path
    keys: Path
    people: tuple[str, str, str]


@pytest.fixture(scope="session")
def furnished(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """Made once, because making one takes dozens of commits."""
    directory = tmp_path_factory.mktemp("furnished")
    database = directory / "chopbook.db"
    shutil.copyfile(migrated_sqlite, database)
    with world_at(f"sqlite:///{database}", directory) as world:
        people = Office(world, directory).people
    return Furnished(database, directory / "keys.db", people)


@pytest.fixture
def office(furnished: Furnished, tmp_path: Path) -> Iterator[Office]:
    """A retailer with a data protection officer on SQLite; ends by verifying the log."""
    shutil.copyfile(furnished.database, tmp_path / "chopbook.db")
    shutil.copyfile(furnished.keys, tmp_path / "keys.db")
    url, keystore_url = f"sqlite:///{tmp_path / 'chopbook.db'}", f"sqlite:///{tmp_path / 'keys.db'}"
    clock, entropy = SetClock(START), seeded(1)
    storage = open_storage(url, keystore_url, ROOT_KEY, clock=clock, entropy=entropy)
    world = World(url, keystore_url, clock, entropy, storage)
    try:
        yield Office(world, tmp_path, furnished.people)
        world.check()
    finally:
        world.storage.close()


@pytest.fixture
def each_office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """The same, made anew on each kind of database."""
    with world_at(database_url, tmp_path) as world:
        yield Office(world, tmp_path)
        world.check()
