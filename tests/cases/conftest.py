"""Fixtures of the cases room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.office import Office, furnish_office
from tests.furnished import Dialect, Furnished


@pytest.fixture
def office(furnished: Furnished, tmp_path: Path) -> Iterator[Office]:
    """A retailer with a data protection officer on SQLite; ends by verifying the log."""
    with furnished.opened("sqlite", furnish_office, tmp_path) as (world, people):
        yield Office(world, tmp_path, people)
        world.check()


@pytest.fixture
def each_office(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[Office]:
    """The same on each kind of database."""
    with furnished.opened(dialect, furnish_office, tmp_path) as (world, people):
        yield Office(world, tmp_path, people)
        world.check()
