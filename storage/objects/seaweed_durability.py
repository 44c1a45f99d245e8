"""Durability the embedded server leaves undone: the index of its volumes and the log of its metadata."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from storage.objects.seaweed_files import Folder

SYNCS_AT_ONCE: Final = 4
SETTLED_NS: Final = 100_000_000


class Barrier:
    """fdatasync of every file that changed since it was last synced; concurrent callers share one pass."""

    def __init__(self, folder: Folder) -> None:
        self._folder: Final = folder
        self._synced: Final[dict[str, int]] = {}
        self._mutex: Final = threading.Lock()
        self._begun = 0
        self._ended = 0
        self._counter: Final = threading.Lock()
        self._pool: Final = ThreadPoolExecutor(SYNCS_AT_ONCE, thread_name_prefix="chopbook-sync")

    def sync(self) -> None:
        """Returns when all that was written before the call is durable."""
        with self._counter:
            # A pass that began before this call may have looked before the last write: only a later one will do.
            wanted = self._begun + 1
        with self._mutex:
            if self._ended >= wanted:
                return
            with self._counter:
                self._begun += 1
                number = self._begun
            self._pass()
            self._ended = number

    def _pass(self) -> None:
        # The kernel stamps files with a coarse clock: a file written a moment ago may be written again under the same
        # stamp, so only older stamps say that nothing is new.
        settled = time.clock_gettime_ns(time.CLOCK_REALTIME) - SETTLED_NS
        changed = [(path, at) for path in self._files() if (at := _changed_ns(path)) != self._synced.get(path)]
        # At the same time: a journaling file system makes one transaction of them.
        list(self._pool.map(_sync_file, (path for path, _ in changed)))
        self._synced.update((path, at) for path, at in changed if at < settled)

    def _files(self) -> list[str]:
        found = []
        try:
            with os.scandir(self._folder.volumes) as entries:
                found += [entry.path for entry in entries if entry.name.endswith((".idx", ".dat"))]
            with os.scandir(self._folder.metadata_logs) as stores:
                for store in stores:
                    if store.is_dir():
                        names = os.listdir(store.path)  # noqa: PTH208  hundreds of times a second
                        found += [f"{store.path}/{n}" for n in names if n.endswith(".log") or n.startswith("MANIFEST")]
        except FileNotFoundError:
            return found
        return found


def _changed_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116  likewise
    except FileNotFoundError:
        return 0


def _sync_file(path: str) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
