"""Fixtures of the retention room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.retention.offices import Office
from tests.retention.registry import Registry
from tests.worlds import world_at


@pytest.fixture
def registry(sqlite_url: str, tmp_path: Path) -> Iterator[Registry]:
    """The room on SQLite; ends by verifying the log."""
    with world_at(sqlite_url, tmp_path) as world:
        made = Registry(world, tmp_path)
        yield made
        world.check()


@pytest.fixture
def each_registry(database_url: str, tmp_path: Path) -> Iterator[Registry]:
    """The same on each kind of database."""
    with world_at(database_url, tmp_path) as world:
        made = Registry(world, tmp_path)
        yield made
        world.check()


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """Two officers and what they dispose of, on SQLite; ends by verifying the log."""
    with world_at(sqlite_url, tmp_path) as world:
        yield Office(world, tmp_path)
        world.check()


@pytest.fixture
def each_office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """The same on each kind of database."""
    with world_at(database_url, tmp_path) as world:
        yield Office(world, tmp_path)
        world.check()
