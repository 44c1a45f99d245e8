"""A real browser on the pages: one headless Chromium a module and one server a worker, lent to the desk of each test."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright

from app.server import bind
from tests.api.desk import SETTINGS, Desk, application

if TYPE_CHECKING:
    from api.services import Services

CHROMIUM = shutil.which("chromium")
"""The system's, or else the one that the driver brought (Ubuntu)."""
PHONE = ViewportSize(width=360, height=740)
TABLET = ViewportSize(width=768, height=1024)
DESK = ViewportSize(width=1280, height=800)


class _Quiet(uvicorn.Server):
    """Leaves the signals of the process to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Served:
    """The pages behind a port of this machine."""

    def __init__(self, url: str, lent: Any) -> None:
        self.url = url
        self._lent = lent

    @contextmanager
    def desk(self, desk: Desk) -> Iterator[None]:
        """Serve a desk's services."""
        services: Services = replace(desk.services, settings=self._lent.settings)
        self._lent.services = services
        try:
            yield
        finally:
            self._lent.services = None


@contextmanager
def serving() -> Iterator[Served]:
    """A server in a thread of its own."""
    with bind("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app, lent = application.__wrapped__(replace(SETTINGS, public_url=url))
        config = uvicorn.Config(
            app, loop="uvloop", http="httptools", ws="none", lifespan="off", log_config=None, access_log=False
        )
        server = _Quiet(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="pages", daemon=True)
        thread.start()
        try:
            yield Served(url, lent)
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium. What it is shown is ours, so it needs no sandbox of its own, which root could not give it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """A window of somebody's browser. `complaints` are what the page's console says: a breach of the policy is there."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.url = url
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        # That a page was answered with an error is what some tests are about.
        if "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}")
        return self.page

    def sign_in(self, token: str) -> Page:
        """Sign in as a person does: the field has the focus, the token is pasted, Enter."""
        self.open("/sign-in")
        self.page.locator(":focus").fill(token)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.url}/")
        return self.page

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return found
