"""Fixtures of the stock room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stock.shop import Shop
from tests.worlds import World


@pytest.fixture
def shop(world: World) -> Iterator[Shop]:
    """A retailer on each kind of database; ends by verifying the log and reconciling the balances."""
    made = Shop(world)
    yield made
    world.check()
    assert made.reconcile() == []


@pytest.fixture
def sqlite_shop(sqlite_world: World) -> Iterator[Shop]:
    """A retailer on SQLite, for what needs no second run; ends the same way."""
    made = Shop(sqlite_world)
    yield made
    sqlite_world.check()
    assert made.reconcile() == []
