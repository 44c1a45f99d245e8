"""Fixtures of the stock room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stock.shop import Shop
from tests.worlds import world_at


@pytest.fixture
def open_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A retailer on SQLite, or with `on_both` on each kind of database; what a test breaks stays broken."""
    dialect = getattr(request, "param", "sqlite")
    with world_at(request.getfixturevalue(f"{dialect}_url"), tmp_path) as world:
        yield Shop(world)


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    """The same; ends by verifying the log and reconciling the balances."""
    yield open_shop
    open_shop.world.check()
    assert open_shop.reconcile() == []
