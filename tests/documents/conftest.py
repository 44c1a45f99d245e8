"""Fixtures of the document room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents.archive import Archive
from tests.worlds import world_at


@pytest.fixture
def archive(sqlite_url: str, tmp_path: Path) -> Iterator[Archive]:
    """A retailer with documents on SQLite; ends by verifying the log and reconciling the balances."""
    with world_at(sqlite_url, tmp_path) as world:
        made = Archive(world, tmp_path)
        yield made
        world.check()
        assert made.reconcile() == []


@pytest.fixture
def each_archive(database_url: str, tmp_path: Path) -> Iterator[Archive]:
    """The same on each kind of database."""
    with world_at(database_url, tmp_path) as world:
        made = Archive(world, tmp_path)
        yield made
        world.check()
        assert made.reconcile() == []
