"""What a worker does with jobs: runs, retries, stops, and what is left when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.canonical import JSON
from storage import Change, Transaction
from storage.errors import StorageFailed
from tests.worlds import World
from workflow.errors import JobFailed, JobSetAside
from workflow.model import JobId, JobState, Lease, Progress
from workflow.rules import BackOff
from workflow.service import Queue
from workflow.worker import Handler, JobContext, Worker

QUICK = BackOff(timedelta(milliseconds=10), timedelta(milliseconds=20))


def wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  a worker's threads live in real time


def ask(world: World, kind: str, payload: JSON = None, attempts_max: int = 5) -> JobId:
    queue = Queue(world.storage.database)
    event = world.event()

    def run(tx: Transaction) -> JobId:
        return queue.enqueue(tx, tx.append(event), kind, payload, attempts_max=attempts_max)

    result = world.storage.log.commit(Change(run)).result
    assert result is not None
    return result


def make_worker(world: World, handlers: dict[str, Handler], **options: object) -> Worker:
    queue = Queue(world.storage.database, back_off=QUICK)
    return Worker(
        queue,
        handlers,
        name="w1",
        clock=wall,
        entropy=os.urandom,
        poll_s=0.01,
        **options,  # type: ignore[arg-type]
    )


@contextmanager
def working(worker: Worker) -> Iterator[Worker]:
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(grace_s=10)


def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def state(world: World, job_id: JobId) -> JobState:
    return Queue(world.storage.database).status(job_id).run.state


def test_a_worker_runs_what_is_asked_for_and_keeps_the_result(world: World) -> None:
    job_id = ask(world, "sum.up", [1, 2, 3])

    def sum_up(context: JobContext) -> JSON:
        numbers = context.job.payload
        assert isinstance(numbers, list)
        return sum(numbers)

    with working(make_worker(world, {"sum.up": sum_up})) as worker:
        until(lambda: state(world, job_id) is JobState.SUCCEEDED)
        assert worker.is_alive

    status = Queue(world.storage.database).status(job_id)
    assert status.run.result == 6
    assert Queue(world.storage.database).workers_seen_since(wall() - timedelta(minutes=1)) == 1
    world.check()


def test_a_worker_drains_what_is_due_side_by_side_and_ends(world: World) -> None:
    job_ids = [ask(world, "meet", number) for number in range(4)]
    meeting = threading.Barrier(2, timeout=20)
    told: list[int] = []

    def meet(context: JobContext) -> JSON:
        meeting.wait()
        return context.job.payload

    worker = make_worker(world, {"meet": meet}, threads=2)
    done = worker.drain(told.append)

    assert (done, sorted(told)) == (4, [1, 2, 3, 4])
    assert {state(world, job_id) for job_id in job_ids} == {JobState.SUCCEEDED}
    assert not worker.is_alive


def test_a_drain_ends_with_what_goes_wrong(sqlite_world: World) -> None:
    ask(sqlite_world, "meet")

    def told(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_worker(sqlite_world, {"meet": lambda _context: None}, threads=2).drain(told)

    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("chopbook-worker")] == []


def test_a_handler_that_fails_is_called_again(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "mail.send")
    attempts: list[int] = []

    def send(context: JobContext) -> JSON:
        attempts.append(context.attempt)
        if context.attempt < 3:
            raise OSError("smtp.internal: 陳大文")
        return None

    with working(make_worker(sqlite_world, {"mail.send": send})):
        until(lambda: state(sqlite_world, job_id) is JobState.SUCCEEDED)

    assert attempts == [1, 2, 3]


def test_a_handler_that_gives_up_poisons_its_job(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "mail.send")

    def send(_context: JobContext) -> JSON:
        raise JobFailed("mail.address", "no such address", retry=False)

    with working(make_worker(sqlite_world, {"mail.send": send})):
        until(lambda: state(sqlite_world, job_id) is JobState.POISONED)

    run = Queue(sqlite_world.storage.database).status(job_id).run
    assert run.attempts == 1
    assert run.failure is not None
    assert run.failure.code == "mail.address"


def test_a_result_that_cannot_be_kept_is_a_failure(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "odd.result", attempts_max=1)

    def odd(_context: JobContext) -> JSON:
        return 0.5  # type: ignore[return-value]

    assert make_worker(sqlite_world, {"odd.result": odd}).run_one()

    assert state(sqlite_world, job_id) is JobState.POISONED


def test_a_handler_reports_progress(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "log.verify")
    go_on = threading.Event()

    def verify(context: JobContext) -> JSON:
        for done in range(100):
            context.report(done, 200)
        context.report(200, 200)
        go_on.wait(20)
        return None

    with working(make_worker(sqlite_world, {"log.verify": verify})):
        queue = Queue(sqlite_world.storage.database)
        until(lambda: queue.status(job_id).run.progress == Progress(200, 200))
        go_on.set()
        until(lambda: state(sqlite_world, job_id) is JobState.SUCCEEDED)


def test_a_running_job_that_is_called_off_stops(sqlite_world: World) -> None:
    from tests.workflow.test_queue import OPERATOR

    job_id = ask(sqlite_world, "log.verify")
    begun = threading.Event()

    def verify(context: JobContext) -> JSON:
        begun.set()
        while True:
            context.check()
            time.sleep(0.01)

    with working(make_worker(sqlite_world, {"log.verify": verify}, lease_for=timedelta(seconds=2))):
        assert begun.wait(20)
        queue = Queue(sqlite_world.storage.database)
        sqlite_world.storage.log.commit(queue.cancel(job_id, actor=OPERATOR, event_id=sqlite_world.event().event_id))
        until(lambda: state(sqlite_world, job_id) is JobState.CANCELLED)


def test_a_long_silent_handler_keeps_its_lease(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "slow.work")
    runs: list[int] = []

    def slow(context: JobContext) -> JSON:
        runs.append(context.attempt)
        time.sleep(1.5)
        return None

    worker = make_worker(sqlite_world, {"slow.work": slow}, lease_for=timedelta(seconds=0.4), threads=2)
    with working(worker):
        until(lambda: state(sqlite_world, job_id) is JobState.SUCCEEDED)

    assert runs == [1]


def test_a_stopping_worker_gives_its_job_back(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "log.verify", attempts_max=1)
    begun = threading.Event()

    def verify(context: JobContext) -> JSON:
        begun.set()
        while True:
            context.report(0)
            time.sleep(0.01)

    worker = make_worker(sqlite_world, {"log.verify": verify})
    worker.start()
    assert begun.wait(20)

    assert worker.stop(grace_s=10)

    assert state(sqlite_world, job_id) is JobState.WAITING
    assert Queue(sqlite_world.storage.database).status(job_id).run.attempts == 0
    assert not worker.is_alive


@pytest.mark.parametrize(("retry", "ends_as"), [(True, JobState.WAITING), (False, JobState.POISONED)])
def test_a_job_that_does_not_ask_is_interrupted_and_given_back(
    sqlite_world: World, retry: bool, ends_as: JobState
) -> None:
    job_id = ask(sqlite_world, "log.verify", attempts_max=1)
    begun, taken_away = threading.Event(), threading.Event()

    def verify(_context: JobContext) -> JSON:
        begun.set()
        assert taken_away.wait(20)
        raise JobFailed("sandbox_unusable", "a parser could not be had", retry=retry)

    worker = make_worker(sqlite_world, {"log.verify": verify})
    worker.start()
    assert begun.wait(20)

    assert worker.stop(grace_s=10, interrupt=taken_away.set, patience_s=0.1)

    assert state(sqlite_world, job_id) is ends_as


def test_a_job_that_ends_in_time_is_not_interrupted(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "log.verify")
    begun = threading.Event()
    interrupted: list[bool] = []

    def verify(_context: JobContext) -> JSON:
        begun.set()
        time.sleep(0.2)
        return 1

    worker = make_worker(sqlite_world, {"log.verify": verify})
    worker.start()
    assert begun.wait(20)

    assert worker.stop(grace_s=10, interrupt=lambda: interrupted.append(True))

    assert state(sqlite_world, job_id) is JobState.SUCCEEDED
    assert interrupted == []


def test_jobs_that_wait_for_one_thing_leave_a_thread_to_the_others(sqlite_world: World) -> None:
    slow = [ask(sqlite_world, "slow.work", number) for number in range(3)]
    quick = ask(sqlite_world, "quick.work")
    may_end, at_once, most = threading.Event(), 0, 0
    counting = threading.Lock()

    def work(_context: JobContext) -> JSON:
        nonlocal at_once, most
        with counting:
            at_once += 1
            most = max(most, at_once)
        assert may_end.wait(20)
        with counting:
            at_once -= 1
        return None

    handlers: dict[str, Handler] = {"slow.work": work, "quick.work": lambda _context: None}
    with working(make_worker(sqlite_world, handlers, threads=3, at_once={"slow.work": 1})):
        until(lambda: state(sqlite_world, quick) is JobState.SUCCEEDED)
        may_end.set()
        until(lambda: all(state(sqlite_world, one) is JobState.SUCCEEDED for one in slow))

    assert most == 1


def test_a_long_job_gives_way_to_others_of_its_kind_alone(world: World) -> None:
    done: list[str] = []
    steps: dict[str, int] = {}
    long = ask(world, "read.paper", "long")

    def read(context: JobContext) -> JSON:
        name = str(context.job.payload)
        while (step := steps.get(name, 0) + 1) < 4:
            done.append(f"{name} {step}")
            steps[name] = step
            if (name, step) == ("long", 2):
                ask(world, "mail.send")
            if (name, step) == ("long", 3):
                ask(world, "read.paper", "short")
            if name == "short":
                return step
            if not context.goes_on(step, 4):
                raise JobSetAside(context.job.id)
        done.append(f"{name} {step}")
        return step

    def send(_context: JobContext) -> JSON:
        done.append("mail")
        return None

    worker = make_worker(world, {"read.paper": read, "mail.send": send})
    while worker.run_one():
        pass

    assert done == ["long 1", "long 2", "long 3", "mail", "short 1", "long 4"]
    run = Queue(world.storage.database).status(long).run
    assert (run.state, run.attempts, run.result, run.progress) == (JobState.SUCCEEDED, 1, 4, Progress(3, 4))


def test_a_stopping_worker_lets_a_job_keep_what_it_has(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "read.paper", attempts_max=1)
    begun, stopping = threading.Event(), threading.Event()

    def read(context: JobContext) -> JSON:
        assert context.goes_on(1, 9)
        begun.set()
        assert stopping.wait(20)
        if not context.goes_on(2, 9):
            raise JobSetAside(context.job.id)
        return "went on"

    worker = make_worker(sqlite_world, {"read.paper": read})
    worker.start()
    assert begun.wait(20)
    threading.Timer(0.2, stopping.set).start()

    assert worker.stop(grace_s=10)

    run = Queue(sqlite_world.storage.database).status(job_id).run
    assert (run.state, run.attempts, run.progress) == (JobState.WAITING, 0, Progress(2, 9))


def test_a_job_that_was_called_off_does_not_go_on(sqlite_world: World) -> None:
    from tests.workflow.test_queue import OPERATOR

    job_id = ask(sqlite_world, "read.paper")
    queue = Queue(sqlite_world.storage.database)
    asked: list[bool] = []

    def read(context: JobContext) -> JSON:
        sqlite_world.storage.log.commit(queue.cancel(job_id, actor=OPERATOR, event_id=sqlite_world.event().event_id))
        asked.append(context.goes_on(1, 2))
        return None

    assert make_worker(sqlite_world, {"read.paper": read}).run_one()

    assert (asked, state(sqlite_world, job_id)) == ([], JobState.CANCELLED)


def test_a_worker_ends_when_the_log_closes(sqlite_world: World) -> None:
    worker = make_worker(sqlite_world, {"log.verify": lambda _context: None})
    worker.start()
    ask(sqlite_world, "other.kind")

    sqlite_world.storage.log.close()
    other = sqlite_world.open_another()
    other.log.commit(Queue(other.database).submit(sqlite_world.event(), "log.verify", None))

    until(lambda: not worker.is_alive)
    other.close()

    worker.stop()


class Flaky(Queue):
    """A queue whose database is away the first time it is asked."""

    def __init__(self, world: World, error: Exception) -> None:
        super().__init__(world.storage.database, back_off=QUICK)
        self.error: Exception | None = error

    def take(self, **options: Any) -> Lease | None:
        error, self.error = self.error, None
        if error is not None:
            raise error
        return super().take(**options)


@pytest.mark.parametrize("error", [StorageFailed("away"), RuntimeError("a fault of ours")], ids=["away", "fault"])
def test_a_worker_outlives_what_goes_wrong(sqlite_world: World, error: Exception) -> None:
    job_id = ask(sqlite_world, "log.verify")
    worker = Worker(
        Flaky(sqlite_world, error),
        {"log.verify": lambda _context: None},
        name="w1",
        clock=wall,
        entropy=os.urandom,
        poll_s=0.01,
    )

    with working(worker):
        until(lambda: state(sqlite_world, job_id) is JobState.SUCCEEDED)


def test_what_a_worker_says_after_its_lease_was_taken_does_not_count(sqlite_world: World) -> None:
    job_id = ask(sqlite_world, "slow.work")
    other = Queue(sqlite_world.storage.database)

    def slow(context: JobContext) -> JSON:
        later = wall() + timedelta(hours=1)
        taken = other.take(worker="w2", kinds=["slow.work"], now=later, lease_for=timedelta(hours=2), token="other")
        assert taken is not None
        other.finish(taken, "theirs", now=later)
        return "mine"

    assert make_worker(sqlite_world, {"slow.work": slow}).run_one()

    assert other.status(job_id).run.result == "theirs"


CHILD = """
import os, sys, time
from datetime import UTC, datetime, timedelta
from storage import open_storage
from tests.worlds import ROOT_KEY
from workflow.service import Queue
from workflow.worker import Worker

def clock():
    return datetime.now(UTC)

storage = open_storage(sys.argv[1], sys.argv[2], ROOT_KEY, clock=clock, entropy=os.urandom)

def hang(context):
    print("running", context.attempt, flush=True)
    time.sleep(600)

worker = Worker(Queue(storage.database), {"kill.me": hang}, name="child", clock=clock, entropy=os.urandom,
                lease_for=timedelta(seconds=2), poll_s=0.02)
worker.start()
time.sleep(600)
"""


def test_a_job_of_a_killed_worker_is_taken_again(world: World) -> None:
    job_id = ask(world, "kill.me")
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, world.url, world.keystore_url], stdout=subprocess.PIPE, text=True, cwd=root
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "running 1\n"
        os.kill(child.pid, signal.SIGKILL)
    seen: list[int] = []

    def finish(context: JobContext) -> JSON:
        seen.append(context.attempt)
        return "survived"

    with working(make_worker(world, {"kill.me": finish})):
        until(lambda: state(world, job_id) is JobState.SUCCEEDED)

    assert seen == [2]
    assert Queue(world.storage.database).status(job_id).run.result == "survived"
    world.check()
