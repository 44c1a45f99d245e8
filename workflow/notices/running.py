"""The threads that follow the log and send: one for each, so that a slow receiver never keeps the outbox from filling."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from storage.errors import LogClosed, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow.notices.service import Notices

POLL_S: Final = 0.5
AWAY_S: Final = 2.0
PRUNE_EVERY: Final = 7_200
"""Rounds of sending between two prunings: about an hour."""

_log = logging.getLogger("chopbook.notices")


class NoticeRunner:
    """Runs notices in threads of this process; as many processes as like may do so."""

    def __init__(self, notices: Notices, *, poll_s: float = POLL_S) -> None:
        self._notices: Final = notices
        self._poll_s: Final = poll_s
        self._stop: Final = threading.Event()
        self._rounds = 0
        self._threads: Final = [
            threading.Thread(target=self._work, args=(step,), name=f"chopbook-notices-{name}", daemon=True)
            for name, step in (("follow", notices.follow), ("send", self._send))
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, grace_s: float = 15.0) -> None:
        """Ends the threads after what they are doing; what was not sent waits for the next start."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(grace_s)

    def _send(self) -> bool:
        self._rounds += 1
        if self._rounds % PRUNE_EVERY == 0:
            self._notices.prune()
        return self._notices.send_due() > 0

    def _work(self, step: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            try:
                if not step():
                    self._stop.wait(self._poll_s)
            except LogClosed:
                return
            except StorageError as error:
                _log.warning("database away", extra={"error": type(error).__name__})
                self._stop.wait(AWAY_S)
            except Exception as error:  # noqa: BLE001  a fault of ours must not silently end the notices
                _log.error("notices failed", extra={"error": type(error).__name__})
                self._stop.wait(AWAY_S)
