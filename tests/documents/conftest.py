"""Fixtures of the document room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents.archive import Archive, furnish_archive
from tests.furnished import Dialect, Furnished


@pytest.fixture
def archive(furnished: Furnished, tmp_path: Path) -> Iterator[Archive]:
    """A retailer with documents on SQLite; ends by verifying the log and reconciling the balances."""
    with furnished.opened("sqlite", furnish_archive, tmp_path) as (world, _):
        made = Archive(world, tmp_path, stocked=False)
        yield made
        world.check()
        assert made.reconcile() == []


@pytest.fixture
def each_archive(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[Archive]:
    """The same on each kind of database."""
    with furnished.opened(dialect, furnish_archive, tmp_path) as (world, _):
        made = Archive(world, tmp_path, stocked=False)
        yield made
        world.check()
        assert made.reconcile() == []
