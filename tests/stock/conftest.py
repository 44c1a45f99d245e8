"""Fixtures of the stock room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.furnished import Furnished
from tests.stock.shop import Shop, furnish_shop


@pytest.fixture
def open_shop(request: pytest.FixtureRequest, furnished: Furnished, tmp_path: Path) -> Iterator[Shop]:
    """A retailer on SQLite, or with `on_both` on each kind of database; what a test breaks stays broken."""
    with furnished.opened(getattr(request, "param", "sqlite"), furnish_shop, tmp_path) as (world, _):
        yield Shop(world, stocked=False)


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    """The same; ends by verifying the log and reconciling the balances."""
    yield open_shop
    open_shop.world.check()
    assert open_shop.reconcile() == []
