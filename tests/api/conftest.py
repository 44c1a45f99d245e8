"""Fixtures of the API's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.desk import Desk, furnish_desk
from tests.furnished import Dialect, Furnished


@pytest.fixture
def sqlite_desk(furnished: Furnished, tmp_path: Path) -> Iterator[Desk]:
    """The API on SQLite, not served yet: for tests with other settings. Ends by verifying the log."""
    with furnished.opened("sqlite", furnish_desk, tmp_path) as (world, whole_key):
        yield Desk(world, whole_key=whole_key)
        world.check()


@pytest.fixture
def desk(sqlite_desk: Desk) -> Iterator[Desk]:
    """The API on SQLite; ends by verifying the log and reconciling the balances."""
    with sqlite_desk.serving():
        yield sqlite_desk
    assert sqlite_desk.reconcile() == []


@pytest.fixture
def each_desk(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[Desk]:
    """The API on each kind of database; ends the same way."""
    with furnished.opened(dialect, furnish_desk, tmp_path) as (world, whole_key):
        made = Desk(world, whole_key=whole_key)
        with made.serving():
            yield made
        world.check()
        assert made.reconcile() == []
