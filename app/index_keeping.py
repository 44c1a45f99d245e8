"""Keeps the search index whole: made again when it is new or of another version, written anew after removals.

A restored backup has no index (it is never backed up), so the first process that starts on it makes one. Documents can be used
meanwhile; searches say that they do not tell everything yet.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from documents.search.errors import SearchError
from storage.errors import StorageError

if TYPE_CHECKING:
    from app.wiring import House

EVERY_S: Final = 60.0

_log = logging.getLogger("chopbook.search")


class _Stopping(Exception):
    """The process ends: a rebuild is given up, and begun again by the next one."""


class IndexKeeper:
    """A thread that looks after the index."""

    def __init__(self, house: House, *, every_s: float = EVERY_S) -> None:
        self._house: Final = house
        self._every_s: Final = every_s
        self._ended: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._work, name="chopbook-index", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self, grace_s: float = 30.0) -> None:
        """Ends the thread; the old index stands if a rebuild was under way."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(grace_s)

    def keep(self) -> None:
        """Does what is due.

        Raises:
            SearchError, StorageError: not now.
        """
        if self._house.search.state().needs_rebuild:
            done = self._house.search.rebuild(self._house.documents, self._go_on)
            _log.info("index rebuilt", extra={"documents": done})
        else:
            self._house.search.tidy()

    def _go_on(self, _done: int) -> None:
        if self._ended.is_set():
            raise _Stopping

    def _work(self) -> None:
        while True:
            try:
                self.keep()
            except _Stopping:
                return
            except (SearchError, StorageError) as error:
                _log.warning("index put off", extra={"error": type(error).__name__})
            except Exception as error:  # noqa: BLE001  one document that cannot be read must not end the server's thread silently
                _log.error("index not kept", extra={"error": type(error).__name__})
            if self._ended.wait(self._every_s):
                return
