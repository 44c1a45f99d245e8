"""How slowly a file may come in: whoever sends a byte a minute would keep a connection and a spool for ever.

Only time spent waiting for the caller counts, not what we take to keep what came. A phone on a poor line is well above this; it
goes on with a resumable upload where it was.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import anyio

from api.problem_codes import Code
from api.problems import Problem

Receive = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Pace:
    """The longest pause, and the least bytes a second on average once `grace_s` were spent waiting."""

    pause_s: float = 30.0
    grace_s: float = 60.0
    bytes_per_s_min: int = 1_024


PACE: Final = Pace()


class Paced:
    """The messages of one request, as they come; too slow is an end."""

    def __init__(self, receive: Receive, pace: Pace = PACE) -> None:
        self._receive: Final = receive
        self._pace: Final = pace
        self._waited_s = 0.0
        self._bytes = 0

    async def __call__(self) -> Any:
        """Return the next message.

        Raises:
            Problem: BODY_TOO_SLOW.
        """
        began = anyio.current_time()
        with anyio.move_on_after(self._pace.pause_s) as pause:
            message = await self._receive()
        if pause.cancelled_caught:
            raise self._too_slow()
        self._waited_s += anyio.current_time() - began
        self._bytes += len(message.get("body", b""))
        if self._waited_s > self._pace.grace_s and self._bytes < self._pace.bytes_per_s_min * self._waited_s:
            raise self._too_slow()
        return message

    def _too_slow(self) -> Problem:
        return Problem.of(Code.BODY_TOO_SLOW, min=self._pace.bytes_per_s_min, pause=int(self._pace.pause_s))
