"""Fixtures of the pages' tests: the desk of the API's tests, whose application has the pages too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.api.desk import Desk, furnish_desk
from tests.furnished import Furnished
from tests.web.browsers import DESK, Served, Window, chromium, serving
from tests.web.readers import Site


@pytest.fixture
def site(furnished: Furnished, tmp_path: Path) -> Iterator[Site]:
    """The pages on SQLite; ends by verifying the log."""
    with furnished.opened("sqlite", furnish_desk, tmp_path) as (world, whole_key):
        desk = Desk(world, whole_key=whole_key)
        with desk.serving():
            yield Site(desk)
        world.check()


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One server a worker."""
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a module. Its driver keeps an event loop running in this thread, which others start their own in."""
    with chromium() as found:
        yield found


@pytest.fixture
def window(site: Site, served: Served, browser: Browser) -> Iterator[Callable[..., Window]]:
    """Opens windows on the site, each with cookies of its own; ends with a console that complained of nothing."""
    opened: list[Window] = []

    def open_one(**options: Any) -> Window:
        wished = {"viewport": DESK, "locale": "en-HK", **options}
        opened.append(Window(browser.new_context(**wished), served.url))
        return opened[-1]

    with served.desk(site.desk):
        yield open_one
        for one in opened:
            one.context.close()
    assert [complaint for one in opened for complaint in one.complaints] == []
