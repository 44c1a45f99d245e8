"""Fixtures of the app's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.wiring import House
from tests.app.houses import Shell, house_of
from tests.furnished import Furnished
from tests.stock.shop import Shop, furnish_shop


@pytest.fixture
def shop(furnished: Furnished, tmp_path: Path) -> Iterator[Shop]:
    """A retailer on SQLite; ends by verifying the log and reconciling the balances."""
    with furnished.opened("sqlite", furnish_shop, tmp_path) as (world, _):
        made = Shop(world, stocked=False)
        yield made
        world.check()
        assert made.reconcile() == []


@pytest.fixture
def house(shop: Shop, tmp_path: Path) -> House:
    """Every room of the shop."""
    return house_of(shop, tmp_path)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """`chopbook` with an empty data folder."""
    return Shell(tmp_path / "data")
