"""Fixtures of the pages' tests: the desk of the API's tests, whose application has the pages too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.desk import Desk, furnish_desk
from tests.furnished import Furnished
from tests.web.readers import Site


@pytest.fixture
def site(furnished: Furnished, tmp_path: Path) -> Iterator[Site]:
    """The pages on SQLite; ends by verifying the log."""
    with furnished.opened("sqlite", furnish_desk, tmp_path) as (world, whole_key):
        desk = Desk(world, whole_key=whole_key)
        with desk.serving():
            yield Site(desk)
        world.check()
