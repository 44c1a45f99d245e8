"""Workers: threads that take jobs and run their handlers.

- A handler is a function from a `JobContext` to a JSON result. It runs outside any transaction, and may run more than
  once: its effect is idempotent by the job's id.
- A handler that can be gone on with gives way to others of its kind (`goes_on`), so that long jobs hold up no short ones.
- Leases are renewed by a thread of their own, so a handler may block for long without a word. A worker that is
  killed renews nothing, and after `lease_for` its jobs are taken again.
- `stop` takes no further job, tells the running ones at their next report, and waits; after some seconds it takes away what
  they stand on, if it was told how, and what fails of that is given back. What does not end even so keeps its lease until
  that runs out, and is then taken elsewhere.
- A database that is away is waited for; nothing here ends a worker but `stop` and the closing of the log.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from audit.canonical import JSON
from storage.errors import LogClosed, StorageError
from workflow.errors import JobCancelled, JobFailed, JobSetAside, LeaseLost, WorkerStopping, WorkflowError
from workflow.rules import JITTER_BYTES, parse_kind, parse_progress

if TYPE_CHECKING:
    from workflow.model import Job, Lease, Progress
    from workflow.service import Queue

Clock = Callable[[], datetime]
Entropy = Callable[[int], bytes]

LEASE_FOR: Final = timedelta(seconds=60)
POLL_S: Final = 0.25
AWAY_S: Final = 2.0
PATIENCE_S: Final = 5.0
REPORT_S: Final = 0.5
TOKEN_BYTES: Final = 16

_log = logging.getLogger("chopbook.worker")


@dataclass(eq=False)
class _Told:
    """What the latest renewal said."""

    lost: bool = False
    cancelled: bool = False


@dataclass(eq=False)
class JobContext:
    """What a handler knows of its job, and how it reports.

    Attributes:
        job: what was asked for.
        attempt: 1 for the first.
        now: the clock.
    """

    job: Job
    attempt: int
    now: Clock
    _renew: Callable[[Progress | None], None]
    _any_waits: Callable[[], bool]
    _stop: threading.Event
    _state: _Told = field(default_factory=_Told)
    _reported_s: float = 0.0

    def report(self, done: int, total: int = 0) -> None:
        """Records progress, `total` 0 if it is not known, and asks whether to go on.

        Cheap enough for a loop: only one call in half a second reaches the database.

        Raises:
            JobCancelled, LeaseLost, WorkerStopping: stop now; let the error out.
            InvalidJob: numbers that cannot be.
        """
        self.check()
        progress = parse_progress(done, total)
        if time.monotonic() - self._reported_s >= REPORT_S or (total and done == total):
            self._record(progress)
            self.check()

    def goes_on(self, done: int, total: int) -> bool:
        """Records progress, and says whether to go on. If not, keep what is done and raise `JobSetAside`.

        It goes on unless others of its kind wait, or the worker stops.

        Raises:
            As `report`.
        """
        self._record(parse_progress(done, total))
        if self._stop.is_set():
            return False
        self.check()
        return not self._any_waits()

    def _record(self, progress: Progress) -> None:
        self._reported_s = time.monotonic()
        self._renew(progress)

    def check(self) -> None:
        """Asks whether to go on, without a word to the database.

        Raises:
            JobCancelled, LeaseLost, WorkerStopping: stop now; let the error out.
        """
        if self._state.lost:
            raise LeaseLost(self.job.id)
        if self._state.cancelled:
            raise JobCancelled(self.job.id)
        if self._stop.is_set():
            raise WorkerStopping(self.job.id)


@dataclass(eq=False)
class _Held:
    """A lease at work."""

    lease: Lease
    told: _Told


Handler = Callable[[JobContext], JSON]


class Worker:
    """Runs jobs in threads of this process."""

    def __init__(
        self,
        queue: Queue,
        handlers: Mapping[str, Handler],
        *,
        name: str,
        clock: Clock,
        entropy: Entropy,
        threads: int = 1,
        at_once: Mapping[str, int] | None = None,
        lease_for: timedelta = LEASE_FOR,
        poll_s: float = POLL_S,
    ) -> None:
        """Nothing is taken yet.

        Args:
            queue: where jobs come from.
            handlers: what runs which kind.
            name: unique among the workers of a database.
            clock: the time.
            entropy: gives random bytes.
            threads: jobs at once.
            at_once: of these kinds no more than so many at once, so that those that wait hold up no others.
            lease_for: how long a job is held without a renewal.
            poll_s: how often an idle worker looks.
        """
        self.name: Final = name
        self._queue: Final = queue
        self._handlers: Final = {parse_kind(kind): handler for kind, handler in handlers.items()}
        self._clock: Final = clock
        self._entropy: Final = entropy
        self._at_once: Final = dict(at_once or {})
        self._lease_for: Final = lease_for
        self._poll_s: Final = poll_s
        self._stop: Final = threading.Event()
        self._ended: Final = threading.Event()
        self._held: Final[dict[str, _Held]] = {}
        self._lock: Final = threading.Lock()
        self._idling: Final = threading.Lock()
        self._started_at = clock()
        self._threads: Final = [
            threading.Thread(target=self._work, name=f"chopbook-worker-{n}", daemon=True) for n in range(threads)
        ]
        self._heart: Final = threading.Thread(target=self._renew_all, name="chopbook-worker-heart", daemon=True)

    def start(self) -> None:
        """Starts the threads."""
        self._started_at = self._clock()
        self._heart.start()
        for thread in self._threads:
            thread.start()

    def stop(
        self, grace_s: float = 20.0, *, interrupt: Callable[[], None] | None = None, patience_s: float = PATIENCE_S
    ) -> bool:
        """Ends the worker; returns whether every job ended or was given back within `grace_s` seconds.

        `interrupt` is called if jobs are still at work after `patience_s`: it makes what they wait for fail.
        """
        self._stop.set()
        deadline_s = time.monotonic() + grace_s
        if interrupt is not None and not self._join(min(deadline_s, time.monotonic() + patience_s)):
            interrupt()
        ended = self._join(deadline_s)
        self._ended.set()
        if self._heart.is_alive():
            self._heart.join(max(1.0, deadline_s - time.monotonic()))
        return ended

    def _join(self, deadline_s: float) -> bool:
        """Waits for the threads; whether all have ended."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def is_alive(self) -> bool:
        """Whether every thread is at work."""
        return self._heart.is_alive() and all(thread.is_alive() for thread in self._threads)

    def run_one(self) -> bool:
        """Takes and runs one job in the calling thread; returns whether there was one.

        Raises:
            StorageError: the database is away.
        """
        held = self._take()
        if held is None:
            return False
        self._hold(held)
        return True

    def drain(self, told: Callable[[int], None] = lambda _done: None) -> int:
        """Runs jobs in all threads until none is due, and ends the worker; returns how many were run, as `told` is while they are.

        Raises:
            StorageError: the database is away.
        """
        done, counting = 0, threading.Lock()

        def work() -> None:
            nonlocal done
            while not self._stop.is_set() and self.run_one():
                with counting:
                    done += 1
                    told(done)

        self._heart.start()
        try:
            with ThreadPoolExecutor(len(self._threads)) as threads:
                working = [threads.submit(work) for _ in self._threads]
                try:
                    for one in working:
                        one.result()
                except BaseException:
                    self._stop.set()
                    raise
        finally:
            self._ended.set()
            self._heart.join()
        return done

    def _take(self) -> _Held | None:
        lease = self._queue.take(
            worker=self.name,
            kinds=self._kinds(),
            now=self._clock(),
            lease_for=self._lease_for,
            token=self._entropy(TOKEN_BYTES).hex(),
        )
        if lease is None:
            return None
        held = _Held(lease, _Told())
        with self._lock:
            self._held[lease.token] = held
        return held

    def _kinds(self) -> list[str]:
        """Of which kinds another job may be begun."""
        if not self._at_once:
            return list(self._handlers)
        with self._lock:
            running = Counter(held.lease.job.kind for held in self._held.values())
        return [kind for kind in self._handlers if kind not in self._at_once or running[kind] < self._at_once[kind]]

    def _hold(self, held: _Held) -> None:
        try:
            self._run(held)
        finally:
            with self._lock:
                del self._held[held.lease.token]

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                # One idle thread looks for all: they would find the same nothing.
                with self._idling:
                    held = self._take()
                    if held is None:
                        self._stop.wait(self._poll_s)
                        continue
                self._hold(held)
            except LogClosed:
                return
            except StorageError as error:
                _log.warning("database away", extra={"error": type(error).__name__, "worker": self.name})
                self._stop.wait(AWAY_S)
            except Exception as error:  # noqa: BLE001  a fault of ours must not silently leave the queue unattended
                _log.error("worker failed", extra={"worker": self.name, **_where(error)})
                self._stop.wait(AWAY_S)

    def _run(self, held: _Held) -> None:
        lease = held.lease
        context = JobContext(
            lease.job,
            lease.attempt,
            self._clock,
            lambda progress: self._renew(held, progress),
            lambda: self._queue.any_waits((lease.job.kind,), now=self._clock()),
            self._stop,
            held.told,
        )
        started_s = time.monotonic()
        outcome = "lease_lost"
        try:
            outcome = self._attempt(lease, context)
        except LeaseLost:
            # Whoever holds the job now answers for it.
            pass
        _log.info(
            "job %s",
            outcome,
            extra={
                "job": lease.job.id,
                "kind": lease.job.kind,
                "attempt": lease.attempt,
                "duration_s": round(time.monotonic() - started_s, 3),
            },
        )

    def _attempt(self, lease: Lease, context: JobContext) -> str:
        try:
            result = self._handlers[lease.job.kind](context)
            self._queue.finish(lease, result, now=self._clock())
        except WorkerStopping:
            self._queue.give_back(lease, now=self._clock())
            return "given_back"
        except JobSetAside:
            self._queue.set_aside(lease, now=self._clock())
            return "set_aside"
        except JobCancelled:
            self._queue.end_cancelled(lease, now=self._clock())
            return "cancelled"
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001  a handler may raise anything, and none of it ends the worker
            if self._stop.is_set() and isinstance(error, JobFailed) and error.retry:
                # What it stood on was taken away, or is away: the next worker tries.
                self._queue.give_back(lease, now=self._clock())
                return "given_back"
            _log.warning("handler failed", extra={"job": lease.job.id, "kind": lease.job.kind, **_where(error)})
            return self._queue.fail(lease, error, now=self._clock(), entropy=self._entropy(JITTER_BYTES)).value
        return "succeeded"

    def _renew(self, held: _Held, progress: Progress | None) -> None:
        try:
            until = self._clock() + self._lease_for
            held.told.cancelled = self._queue.renew(held.lease, until=until, progress=progress)
        except LeaseLost:
            held.told.lost = True

    def _renew_all(self) -> None:
        every_s = self._lease_for.total_seconds() / 4
        while True:
            with self._lock:
                all_held = list(self._held.values())
            try:
                self._queue.beat(
                    self.name,
                    started_at=self._started_at,
                    now=self._clock(),
                    running=len(all_held),
                    stopping=self._stop.is_set(),
                )
                for held in all_held:
                    self._renew(held, None)
            except LogClosed:
                return
            except (StorageError, WorkflowError) as error:
                _log.warning("renewal failed", extra={"error": type(error).__name__, "worker": self.name})
            if self._ended.wait(every_s):
                return


def _where(error: Exception) -> dict[str, str]:
    """The kind of an error and the line that raised it; never its message, which could quote personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return {"error": type(error).__name__, "place": place}
