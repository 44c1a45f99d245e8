"""Waking live streams when the log has grown."""

import asyncio
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter

from api.problem_codes import Code
from api.problems import Problem
from storage.log import Log
from storage.model import Head

READERS_MAX: Final = 4
"""Threads that read for live streams at once, so that they never take those of other calls."""


class LiveTail:
    """Wakes whoever follows the log of this process; safe to share between threads and event loops.

    A follower who is forgotten is gone: nothing has to be given back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._followers: WeakKeyDictionary[asyncio.Event, asyncio.AbstractEventLoop] = WeakKeyDictionary()
        self._logs: set[int] = set()
        self._closed = False
        self._limiter: CapacityLimiter | None = None

    @property
    def followers(self) -> int:
        """How many follow."""
        return len(self._followers)

    @property
    def limiter(self) -> CapacityLimiter:
        """What bounds the threads; of the running loop."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(READERS_MAX)
        return self._limiter

    @property
    def closed(self) -> bool:
        """Whether streams are to end."""
        return self._closed

    def follow(self, log: Log, most: int) -> asyncio.Event:
        """Return an event that is set whenever the log may have grown, for as long as it is kept.

        Raises:
            Problem: TOO_MANY_STREAMS.
        """
        woken = asyncio.Event()
        with self._lock:
            if self._closed or len(self._followers) >= most:
                raise Problem.of(Code.TOO_MANY_STREAMS, max=most).adding(("Retry-After", "10"))
            self._followers[woken] = asyncio.get_running_loop()
            if id(log) not in self._logs:
                self._logs.add(id(log))
                log.on_commit(self._committed)
        return woken

    def leave(self, woken: asyncio.Event) -> None:
        """Stop waking."""
        with self._lock:
            self._followers.pop(woken, None)

    def close(self) -> None:
        """End every stream, so that a server that stops does not wait for them."""
        self._closed = True
        self._wake()

    def _committed(self, _head: Head) -> None:
        if self._followers:
            self._wake()

    def _wake(self) -> None:
        with self._lock:
            followers = list(self._followers.items())
        for woken, loop in followers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(woken.set)
