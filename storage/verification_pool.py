"""Doing verification tasks: in this process, or in several at once.

Each process opens the database by itself. A process that does nothing but read may be ended at any time, which is how
a verification is cancelled.
"""

from __future__ import annotations

import gc
import multiprocessing
import threading
from collections import deque
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final

from audit.check import Suspect
from storage.database import Database
from storage.errors import StorageFailed
from storage.stored_log import StoredLog
from storage.verification_session import Cancelled
from storage.verification_tasks import Done, Job, Task, Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.process import BaseProcess

POLL_S: Final = 0.1


def run_here(
    log: StoredLog, job: Job, tasks: Sequence[Task], advanced: Callable[[int], None], cancelled: Callable[[], bool]
) -> list[Done]:
    """Does all tasks one after the other in this process.

    Raises:
        Suspect: a task found a fault.
        Cancelled: `cancelled` said so.
    """

    def step(count: int) -> None:
        advanced(count)
        if cancelled():
            raise Cancelled

    doer = Tasks(log, job)
    try:
        done = []
        for task in tasks:
            step(0)
            done.append(doer.run(task, step))
        return done
    finally:
        doer.close()


def run_in_processes(
    job: Job, tasks: Sequence[Task], workers: int, advanced: Callable[[int], None], cancelled: Callable[[], bool]
) -> list[Done]:
    """Does all tasks in several processes, whichever comes free taking the next.

    Raises:
        Suspect: a task found a fault.
        Cancelled: `cancelled` said so.
        StorageFailed: a process ended before its task did.
    """
    pool = _Pool(job, tasks, workers)
    try:
        return pool.run(advanced, cancelled)
    finally:
        pool.end()


class _Pool:
    def __init__(self, job: Job, tasks: Sequence[Task], workers: int) -> None:
        # Forking is much the cheaper start, and safe only while no other thread may hold a lock.
        may_fork = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork") if may_fork else multiprocessing.get_context("spawn")
        self._waiting = deque(tasks)
        self._workers: dict[Pipe, BaseProcess] = {}
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, job), daemon=True)
            process.start()
            theirs.close()
            self._workers[ours] = process
            self._give(ours)

    def run(self, advanced: Callable[[int], None], cancelled: Callable[[], bool]) -> list[Done]:
        done: list[Done] = []
        open_pipes = set(self._workers)
        while open_pipes:
            if cancelled():
                raise Cancelled
            for pipe in wait(list(open_pipes), POLL_S):
                assert isinstance(pipe, Pipe)  # noqa: S101 - `wait` returns what it was given
                try:
                    message = pipe.recv()
                except EOFError as error:
                    msg = "verification: expected a result, got a process that ended"
                    raise StorageFailed(msg) from error
                if isinstance(message, int):
                    advanced(message)
                elif isinstance(message, Exception):
                    raise message
                elif message is None:
                    open_pipes.discard(pipe)
                else:
                    done.append(message)
                    self._give(pipe)
        return done

    def end(self) -> None:
        for pipe, process in self._workers.items():
            pipe.close()
            process.terminate()
            process.join()

    def _give(self, pipe: Pipe) -> None:
        pipe.send(self._waiting.popleft() if self._waiting else None)


def _work(pipe: Pipe, job: Job) -> None:
    """A process: does the tasks it is sent until it is sent None, and answers each."""
    # Nothing made here is cyclic, and looking for cycles among the rows costs a tenth of the time.
    gc.disable()
    database = Database(job.url)
    try:
        with database.read() as connection:
            log = StoredLog(connection)
            log.read_in_order()
            doer = Tasks(log, job)
            while (task := pipe.recv()) is not None:
                pipe.send(doer.run(task, pipe.send))
            doer.close()
        pipe.send(None)
    except Suspect as suspect:
        pipe.send(suspect)
    except EOFError:
        # The other end is gone: nobody waits for an answer.
        return
    except Exception as error:  # noqa: BLE001 - whoever waits must be told
        pipe.send(StorageFailed(f"verification: expected to read the log, got {type(error).__name__}: {error}"))
    finally:
        database.close()
