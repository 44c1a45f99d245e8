"""Sparing the garbage collector."""

import gc
from collections.abc import Iterator

import pytest

from app.collector import OBJECTS_MIN, spare_the_collector


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector as a new process has it; puts it back as it was."""
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    if frozen:
        gc.freeze()


@pytest.mark.usefixtures("collector")
def test_what_was_made_before_is_set_apart_and_the_collector_looks_less_often() -> None:
    spare_the_collector()

    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == OBJECTS_MIN
    assert gc.isenabled()
