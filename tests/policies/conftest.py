"""Fixtures of the policies room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.policies.house import House
from tests.worlds import World


@pytest.fixture
def house(world: World) -> Iterator[House]:
    """Policies on each kind of database; ends by verifying the log."""
    made = House(world)
    yield made
    world.check()


@pytest.fixture
def sqlite_house(sqlite_world: World) -> Iterator[House]:
    """Policies on SQLite, for what needs no second run; ends by verifying the log."""
    made = House(sqlite_world)
    yield made
    sqlite_world.check()
