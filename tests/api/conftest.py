"""Fixtures of the API's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.desk import Desk
from tests.worlds import World


@pytest.fixture
def desk(sqlite_world: World) -> Iterator[Desk]:
    """The API on SQLite; ends by verifying the log and reconciling the balances."""
    made = Desk(sqlite_world)
    with made.serving():
        yield made
    sqlite_world.check()
    assert made.reconcile() == []


@pytest.fixture
def each_desk(world: World) -> Iterator[Desk]:
    """The API on each kind of database; ends the same way."""
    made = Desk(world)
    with made.serving():
        yield made
    world.check()
    assert made.reconcile() == []


@pytest.fixture
def sqlite_desk(sqlite_world: World) -> Iterator[Desk]:
    """The API on SQLite, not served yet: for tests with other settings."""
    made = Desk(sqlite_world)
    yield made
    sqlite_world.check()
