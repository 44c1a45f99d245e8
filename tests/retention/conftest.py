"""Fixtures of the retention room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.furnished import Dialect, Furnished
from tests.retention.offices import Office, furnish_office
from tests.retention.registry import Registry, furnish_registry


@pytest.fixture
def registry(furnished: Furnished, tmp_path: Path) -> Iterator[Registry]:
    """The room on SQLite; ends by verifying the log."""
    with furnished.opened("sqlite", furnish_registry, tmp_path) as (world, people):
        yield Registry(world, tmp_path, people)
        world.check()


@pytest.fixture
def each_registry(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[Registry]:
    """The same on each kind of database."""
    with furnished.opened(dialect, furnish_registry, tmp_path) as (world, people):
        yield Registry(world, tmp_path, people)
        world.check()


@pytest.fixture
def office(furnished: Furnished, tmp_path: Path) -> Iterator[Office]:
    """Two officers and what they dispose of, on SQLite; ends by verifying the log."""
    with furnished.opened("sqlite", furnish_office, tmp_path) as (world, people):
        yield Office(world, tmp_path, people)
        world.check()


@pytest.fixture
def each_office(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[Office]:
    """The same on each kind of database."""
    with furnished.opened(dialect, furnish_office, tmp_path) as (world, people):
        yield Office(world, tmp_path, people)
        world.check()
