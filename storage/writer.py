"""The one thread that writes, and the queue before it: many callers share a commit.

- What has queued when the writer comes free is one batch.
- Callers of an event loop queue together once its turns bring no more of them, 20 ms after the first at the latest. Else
  the first would wake the writer, which leaves with few of them and then takes the interpreter from the others, turn and
  turn about: a batch lasts twice as long. A caller that is alone waits for two empty turns, some microseconds.
- The queue is bounded: a full one answers `LogBusy` at once.
- `close` takes no more, works off what is queued, and answers everybody.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from storage.errors import LogBusy, LogClosed
from storage.transaction import Change, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

QUIET_TURNS: Final = 2
"""Turns of an event loop without another caller, after which those that gathered are sent."""
GATHERING_S_MAX: Final = 0.020


@dataclass(slots=True, eq=False)
class Ticket:
    """One caller's wait: the task, then its value or its error."""

    task: Any
    value: Any = None
    error: BaseException | None = None
    loop: asyncio.AbstractEventLoop | None = None
    future: asyncio.Future[Any] | None = None
    lock: threading.Lock | None = field(default=None)

    @property
    def is_change(self) -> bool:
        """Whether it appends to the log, rather than writing operational tables only."""
        return isinstance(self.task, Change)


@dataclass(slots=True, eq=False)
class _Gathering:
    """The callers of one event loop that are about to queue."""

    ends_s: float
    tickets: list[Ticket] = field(default_factory=list)
    seen: int = 0
    quiet_turns: int = 0


class Batcher(Protocol):
    """Does the work of the writer's thread."""

    def run(self, tickets: Sequence[Ticket]) -> None:
        """Gives every ticket a value or an error; returns when what succeeded is durable. Raises nothing."""

    def rest(self) -> None:
        """Called when the callers of a batch are answered: does what need not keep them waiting."""

    def idle(self) -> float | None:
        """Called when nothing waits: does what is due, and says in how many seconds it wants to be called again."""

    def close(self) -> None:
        """Lets go of the connection."""


class Writer:
    """A bounded queue and the thread that empties it in batches."""

    def __init__(self, batcher: Batcher, *, queue_size_max: int, batch_size_max: int) -> None:
        self._batcher: Final = batcher
        self._queue_size_max: Final = queue_size_max
        self._batch_size_max: Final = batch_size_max
        self._queue: deque[Ticket] = deque()
        self._gathered: dict[asyncio.AbstractEventLoop, _Gathering] = {}
        # Taken for every caller: the lock itself is entered in C, the condition in Python.
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="chopbook-writer", daemon=True)
        self._thread.start()

    def commit(self, task: Any) -> Any:
        """Hands the task over and waits for its outcome.

        Raises:
            LogBusy, LogClosed: nothing was done.
            Exception: what the task raised.
        """
        return _outcome(self._queued(task))

    def commit_async(self, task: Any) -> asyncio.Future[Any]:
        """As `commit`, for a caller on an event loop. A caller that goes away does not undo its task.

        Raises:
            LogBusy, LogClosed: nothing was done; the future may say so too, of a log closed meanwhile.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        gathering = self._gathered.get(loop)
        self._require_room(0 if gathering is None else len(gathering.tickets))
        if gathering is None:
            gathering = self._gathered[loop] = _Gathering(time.monotonic() + GATHERING_S_MAX)
            loop.call_soon(self._gather, loop, gathering)
        gathering.tickets.append(Ticket(task, loop=loop, future=future))
        return future

    def operate(self, operation: Callable[[Operation], T]) -> T:
        """Runs an operation; see `Database.operate`."""
        result: T = self.commit(operation)
        return result

    def operate_later(self, operation: Callable[[Operation], T]) -> Callable[[], T]:
        """Queues an operation; see `Database.operate_later`."""
        ticket = self._queued(operation)
        return lambda: _outcome(ticket)

    @property
    def waiting(self) -> int:
        """How many tasks are queued."""
        return len(self._queue)

    def close(self) -> None:
        """Refuses new tasks, works off the queue, answers everybody, ends the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _queued(self, task: Any) -> Ticket:
        """A ticket whose lock is free once it is answered."""
        lock = threading.Lock()
        lock.acquire()
        ticket = Ticket(task, lock=lock)
        self._put(ticket)
        return ticket

    def _put(self, ticket: Ticket) -> None:
        with self._lock:
            self._require_room()
            self._queue.append(ticket)
            if len(self._queue) == 1:
                self._wake.notify()

    def _require_room(self, gathered: int = 0) -> None:
        """Refuse a task if there is no room for it.

        Raises:
            LogBusy, LogClosed: so.
        """
        if self._closed:
            raise LogClosed
        if len(self._queue) + gathered >= self._queue_size_max:
            raise LogBusy(self._queue_size_max)

    def _gather(self, loop: asyncio.AbstractEventLoop, gathering: _Gathering) -> None:
        """Looks, turn by turn of the loop, whether more callers come; queues those there are when none does."""
        count = len(gathering.tickets)
        gathering.quiet_turns = 0 if count > gathering.seen else gathering.quiet_turns + 1
        gathering.seen = count
        more_may_come = gathering.quiet_turns < QUIET_TURNS and count < self._batch_size_max
        if more_may_come and time.monotonic() < gathering.ends_s:
            loop.call_soon(self._gather, loop, gathering)
        else:
            del self._gathered[loop]
            self._send(gathering.tickets)

    def _send(self, tickets: Sequence[Ticket]) -> None:
        """Queues what callers of an event loop have gathered."""
        with self._lock:
            if not self._closed:
                self._queue.extend(tickets)
                self._wake.notify()
                return
        for ticket in tickets:
            ticket.error = LogClosed()
        _resolve(tickets)

    def _work(self) -> None:
        while True:
            batch = self._next_batch()
            if batch is None:
                break
            if batch:
                self._batcher.run(batch)
                _answer(batch)
                self._batcher.rest()
        self._batcher.close()

    def _next_batch(self) -> list[Ticket] | None:
        """What has queued; empty after an idle call; None when closed and worked off."""
        with self._lock:
            queue = self._queue
            if queue:
                return [queue.popleft() for _ in range(min(len(queue), self._batch_size_max))]
            if self._closed:
                return None
        wait_s = self._batcher.idle()
        with self._wake:
            if not self._queue and not self._closed:
                self._wake.wait(wait_s)
        return []


def _outcome(ticket: Ticket) -> Any:
    """Waits for the answer to a queued ticket.

    Raises:
        Exception: what the task raised.
    """
    if ticket.lock is not None:
        # Open for whoever asks again.
        with ticket.lock:
            pass
    if ticket.error is not None:
        raise ticket.error
    return ticket.value


def _answer(batch: Sequence[Ticket]) -> None:
    """Wakes every caller; those of one event loop with a single call."""
    loops: dict[asyncio.AbstractEventLoop, list[Ticket]] = {}
    for ticket in batch:
        if ticket.lock is not None:
            ticket.lock.release()
        elif ticket.loop is not None:
            loops.setdefault(ticket.loop, []).append(ticket)
    for loop, tickets in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, tickets)
        except RuntimeError:
            # The loop is closed: its callers are gone, and what they asked for is durable all the same.
            continue


def _resolve(tickets: Sequence[Ticket]) -> None:
    for ticket in tickets:
        future = ticket.future
        if future is None or future.done():
            continue
        if ticket.error is not None:
            future.set_exception(ticket.error)
        else:
            future.set_result(ticket.value)
