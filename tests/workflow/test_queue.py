"""What a caller of the queue may rely on, on both databases."""

from __future__ import annotations

import operator
from datetime import timedelta
from uuid import UUID

import pytest

from audit.canonical import JSON
from audit.event import Actor
from storage import Change, Transaction
from storage.errors import UnloggedWrite
from tests.worlds import World
from workflow.errors import InvalidJob, JobFailed, JobFinished, JobNotFound, LeaseLost
from workflow.model import Job, JobId, JobState, Lease, Progress, QueueDepth
from workflow.service import Queue

LEASE_FOR = timedelta(seconds=60)
OPERATOR = Actor("p_test", "operator")
KIND = "log.verify"


class Desk:
    """A queue in a world, and short ways to use it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.queue = Queue(world.storage.database)

    def ask(self, payload: JSON = None, *, kind: str = KIND, **options: object) -> JobId:
        event = self.world.event()

        def run(tx: Transaction) -> JobId:
            return self.queue.enqueue(tx, tx.append(event), kind, payload, **options)  # type: ignore[arg-type]

        committed = self.world.storage.log.commit(Change(run))
        assert committed.result is not None
        return committed.result

    def take(self, *kinds: str, worker: str = "w1") -> Lease | None:
        return self.queue.take(
            worker=worker,
            kinds=kinds or (KIND,),
            now=self.world.clock(),
            lease_for=LEASE_FOR,
            token=self.world.entropy(16).hex(),
        )

    def must_take(self, *kinds: str, worker: str = "w1") -> Lease:
        lease = self.take(*kinds, worker=worker)
        assert lease is not None
        return lease

    def fail(self, lease: Lease, error: Exception) -> JobState:
        return self.queue.fail(lease, error, now=self.world.clock(), entropy=self.world.entropy(8))

    def cancel(self, job_id: JobId, event_id: UUID | None = None) -> None:
        name = event_id or UUID(bytes=self.world.entropy(16), version=4)
        self.world.storage.log.commit(self.queue.cancel(job_id, actor=OPERATOR, event_id=name))

    def state(self, job_id: JobId) -> JobState:
        return self.queue.status(job_id).run.state


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_a_job_is_there_once_its_change_is(desk: Desk) -> None:
    job_id = desk.ask({"stop": 1000})

    status = desk.queue.status(job_id)

    assert status.job == Job(job_id, KIND, "1", {"stop": 1000}, None, 5, 5, 1)
    assert status.run.state is JobState.WAITING
    assert status.run.attempts == 0
    assert not status.cancel_requested
    assert desk.queue.job_of(KIND, 1) == job_id
    desk.world.check()


def test_a_job_is_not_there_if_its_change_failed(desk: Desk) -> None:
    event = desk.world.event()

    def run(tx: Transaction) -> None:
        desk.queue.enqueue(tx, tx.append(event), KIND, None)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desk.world.storage.log.commit(Change(run))

    assert desk.queue.page() == []
    assert desk.take() is None


def test_a_job_without_a_rule_breaking_member_is_the_only_kind(desk: Desk) -> None:
    with pytest.raises(InvalidJob):
        desk.ask(kind="No Kind")
    with pytest.raises(InvalidJob):
        desk.ask(attempts_max=0)
    with pytest.raises(InvalidJob):
        desk.ask(priority=10)
    with pytest.raises(InvalidJob):
        desk.ask(0.5)  # type: ignore[arg-type]

    assert desk.world.storage.log.head().size == 1


def test_asking_again_under_the_same_key_is_the_same_job(desk: Desk) -> None:
    first = desk.ask({"day": 1}, unique_key="close/2026-11-22")

    second = desk.ask({"day": 2}, unique_key="close/2026-11-22")

    assert second == first
    assert desk.queue.status(first).job.payload == {"day": 1}
    assert len(desk.queue.page()) == 1
    desk.world.check()


def test_a_finished_job_keeps_its_key(desk: Desk) -> None:
    first = desk.ask(unique_key="once")
    desk.queue.finish(desk.must_take(), None, now=desk.world.clock())

    assert desk.ask(unique_key="once") == first
    assert desk.take() is None


def test_submit_appends_and_asks_in_one_change(desk: Desk) -> None:
    change = desk.queue.submit(desk.world.event(), KIND, {"n": 1})

    committed = desk.world.storage.log.commit(change)
    again = desk.world.storage.log.commit(change)

    assert committed.result == desk.queue.job_of(KIND, committed.receipt.index)
    assert again.replayed
    assert desk.queue.job_of(KIND, again.receipt.index) == committed.result
    assert len(desk.queue.page()) == 1


def test_a_job_is_taken_once_while_its_lease_holds(desk: Desk) -> None:
    job_id = desk.ask()

    lease = desk.must_take()

    assert lease.job.id == job_id
    assert lease.attempt == 1
    assert desk.take() is None
    run = desk.queue.status(job_id).run
    assert run.state is JobState.RUNNING
    assert run.worker == "w1"
    assert run.lease_until == desk.world.clock() + LEASE_FOR


def test_a_worker_takes_only_the_kinds_it_can_run(desk: Desk) -> None:
    desk.ask(kind="mail.send")

    assert desk.take("log.verify") is None
    assert desk.queue.take(worker="w", kinds=(), now=desk.world.clock(), lease_for=LEASE_FOR, token="t") is None
    assert desk.take("mail.send") is not None


def test_the_urgent_and_then_the_older_go_first(desk: Desk) -> None:
    old, urgent, young = desk.ask(1), desk.ask(2, priority=9), desk.ask(3)

    taken = [desk.must_take().job.id for _ in range(3)]

    assert taken == [urgent, old, young]


def test_a_job_waits_for_its_time(desk: Desk) -> None:
    job_id = desk.ask(run_at=desk.world.clock() + timedelta(hours=1))

    assert desk.take() is None
    assert desk.queue.status(job_id).run.due == desk.world.clock() + timedelta(hours=1)
    desk.world.clock.advance(hours=1)
    assert desk.must_take().job.id == job_id


def test_a_result_is_kept(desk: Desk) -> None:
    job_id = desk.ask()
    lease = desk.must_take()

    desk.queue.finish(lease, {"faults": [], "size": 7}, now=desk.world.clock())

    run = desk.queue.status(job_id).run
    assert run.state is JobState.SUCCEEDED
    assert run.result == {"faults": [], "size": 7}
    assert run.finished_at == desk.world.clock()
    assert desk.take() is None


def test_progress_is_seen_while_the_job_runs(desk: Desk) -> None:
    job_id = desk.ask()
    lease = desk.must_take()

    desk.queue.renew(lease, until=desk.world.clock() + LEASE_FOR, progress=Progress(3, 10))
    desk.queue.renew(lease, until=desk.world.clock() + LEASE_FOR)

    assert desk.queue.status(job_id).run.progress == Progress(3, 10)


def test_a_job_that_gives_way_comes_behind_those_that_wait_and_keeps_its_progress(desk: Desk) -> None:
    first, second = desk.ask(), desk.ask()
    lease = desk.must_take()
    desk.queue.renew(lease, until=desk.world.clock() + LEASE_FOR, progress=Progress(3, 18))
    desk.queue.set_aside(lease, now=desk.world.clock())
    waiting = desk.queue.status(first).run

    desk.world.clock.advance(seconds=1)
    ahead = desk.must_take()
    desk.queue.set_aside(ahead, now=desk.world.clock())
    newest = desk.ask()
    taken = [desk.must_take() for _ in range(3)]

    assert (waiting.state, waiting.attempts, waiting.progress) == (JobState.WAITING, 0, Progress(3, 18))
    assert ahead.job.id == second
    assert [one.job.id for one in taken] == [newest, first, second]
    assert [one.attempt for one in taken] == [1, 1, 1]
    assert desk.queue.status(first).run.progress == Progress(3, 18)


def test_giving_way_forgives_no_failure(desk: Desk) -> None:
    job_id = desk.ask(attempts_max=2)
    desk.fail(desk.must_take(), OSError())
    desk.world.clock.advance(minutes=11)

    desk.queue.set_aside(desk.must_take(), now=desk.world.clock())
    again = desk.must_take()

    assert again.attempt == 2
    assert desk.fail(again, OSError()) is JobState.POISONED
    assert desk.state(job_id) is JobState.POISONED


def test_a_lease_that_was_lost_sets_nothing_aside(desk: Desk) -> None:
    job_id = desk.ask()
    lost = desk.must_take()
    desk.world.clock.advance(seconds=61)
    desk.must_take(worker="w2")

    with pytest.raises(LeaseLost):
        desk.queue.set_aside(lost, now=desk.world.clock())

    assert desk.state(job_id) is JobState.RUNNING


def test_what_waits_is_told_by_kind(desk: Desk) -> None:
    def waits(kind: str) -> bool:
        return desk.queue.any_waits((kind,), now=desk.world.clock())

    assert not waits(KIND)
    desk.ask(kind="mail.send")
    assert (waits(KIND), waits("mail.send")) == (False, True)
    desk.ask()
    assert waits(KIND)
    lease = desk.must_take()
    assert (waits(KIND), waits("mail.send")) == (False, True)
    desk.queue.set_aside(lease, now=desk.world.clock())
    assert waits(KIND)
    desk.must_take()
    desk.world.clock.advance(seconds=61)
    assert waits(KIND)
    desk.ask(kind="later", run_at=desk.world.clock() + timedelta(hours=1))
    desk.must_take("mail.send")
    assert not waits("later")


def test_a_failed_job_is_tried_again_after_its_delay(desk: Desk) -> None:
    job_id = desk.ask()

    assert desk.fail(desk.must_take(), JobFailed("mail.busy", "the server is busy")) is JobState.WAITING

    assert desk.take() is None
    run = desk.queue.status(job_id).run
    assert run.failure is not None
    assert run.failure.code == "mail.busy"
    assert run.due is not None
    desk.world.clock.now = run.due
    lease = desk.must_take()
    assert lease.attempt == 2
    desk.queue.finish(lease, None, now=desk.world.clock())
    assert desk.queue.status(job_id).run.failure is None


def test_a_job_that_keeps_failing_is_poisoned(desk: Desk) -> None:
    job_id = desk.ask(attempts_max=3)
    states = []

    for _ in range(3):
        states.append(desk.fail(desk.must_take(), RuntimeError("secret")))
        desk.world.clock.advance(hours=1)

    assert states == [JobState.WAITING, JobState.WAITING, JobState.POISONED]
    assert desk.take() is None
    run = desk.queue.status(job_id).run
    assert run.failure is not None
    assert run.failure.reason == "the handler raised RuntimeError"


def test_a_lease_that_ran_out_is_taken_by_another(desk: Desk) -> None:
    job_id = desk.ask()
    lost = desk.must_take(worker="w1")
    desk.world.clock.advance(seconds=60)

    taken = desk.must_take(worker="w2")

    assert taken.job.id == job_id
    assert taken.attempt == 2
    for say in (
        lambda: desk.queue.finish(lost, "late", now=desk.world.clock()),
        lambda: desk.queue.renew(lost, until=desk.world.clock() + LEASE_FOR),
        lambda: desk.fail(lost, RuntimeError()),
        lambda: desk.queue.give_back(lost, now=desk.world.clock()),
        lambda: desk.queue.end_cancelled(lost, now=desk.world.clock()),
    ):
        with pytest.raises(LeaseLost):
            say()
    desk.queue.finish(taken, "in time", now=desk.world.clock())
    assert desk.queue.status(job_id).run.result == "in time"


def test_a_renewed_lease_holds(desk: Desk) -> None:
    desk.ask()
    lease = desk.must_take()
    desk.world.clock.advance(seconds=50)
    desk.queue.renew(lease, until=desk.world.clock() + LEASE_FOR)
    desk.world.clock.advance(seconds=50)

    assert desk.take() is None
    desk.queue.finish(lease, None, now=desk.world.clock())


def test_a_job_that_kills_its_workers_is_poisoned(desk: Desk) -> None:
    job_id = desk.ask(attempts_max=2)
    for _ in range(2):
        desk.must_take()
        desk.world.clock.advance(minutes=5)

    assert desk.take() is None

    run = desk.queue.status(job_id).run
    assert run.state is JobState.POISONED
    assert run.failure is not None
    assert run.failure.code == "worker_lost"


def test_a_job_given_back_has_not_been_tried(desk: Desk) -> None:
    desk.ask(attempts_max=1)
    desk.queue.give_back(desk.must_take(), now=desk.world.clock())

    assert desk.must_take().attempt == 1


def test_a_waiting_job_can_be_called_off(desk: Desk) -> None:
    job_id = desk.ask()

    desk.cancel(job_id)

    assert desk.state(job_id) is JobState.CANCELLED
    assert desk.take() is None
    assert desk.state(job_id) is JobState.CANCELLED
    desk.world.check()


def test_a_running_job_hears_that_it_was_called_off(desk: Desk) -> None:
    job_id = desk.ask()
    lease = desk.must_take()

    desk.cancel(job_id)

    assert desk.state(job_id) is JobState.RUNNING
    assert desk.queue.status(job_id).cancel_requested
    assert desk.queue.renew(lease, until=desk.world.clock() + LEASE_FOR)
    desk.queue.end_cancelled(lease, now=desk.world.clock())
    assert desk.state(job_id) is JobState.CANCELLED


def test_calling_off_twice_is_a_replay_or_finds_nothing_left(desk: Desk) -> None:
    job_id = desk.ask()
    event_id = UUID(bytes=bytes(16), version=4)
    desk.cancel(job_id, event_id)
    desk.cancel(job_id, event_id)

    with pytest.raises(JobFinished, match="got one that is cancelled"):
        desk.cancel(job_id)

    assert desk.world.storage.log.head().size == 3


def test_a_job_that_has_ended_cannot_be_called_off(desk: Desk) -> None:
    job_id = desk.ask()
    desk.queue.finish(desk.must_take(), None, now=desk.world.clock())

    with pytest.raises(JobFinished, match="got one that is succeeded"):
        desk.cancel(job_id)


def test_an_unknown_job_is_named(desk: Desk) -> None:
    unknown = JobId("0" * 32)

    with pytest.raises(JobNotFound, match=r"0{32}"):
        desk.queue.status(unknown)
    with pytest.raises(JobNotFound):
        desk.cancel(unknown)


def test_a_page_lists_the_newest_first(desk: Desk) -> None:
    made = [desk.ask(n) for n in range(5)]
    desk.queue.finish(desk.must_take(), None, now=desk.world.clock())

    listed = [status.job.id for status in desk.queue.page(limit=2)]
    older = [status.job.id for status in desk.queue.page(before=4, limit=9)]
    done = [status.job.id for status in desk.queue.page(state=JobState.SUCCEEDED)]

    assert listed == [made[4], made[3]]
    assert older == [made[2], made[1], made[0]]
    assert done == [made[0]]
    assert desk.queue.page(kinds=("mail.send",)) == []


def test_a_job_that_waited_when_it_was_called_off_is_listed_as_cancelled(desk: Desk) -> None:
    kept, off = desk.ask(1), desk.ask(2)
    desk.cancel(off)

    assert [one.job.id for one in desk.queue.page(state=JobState.CANCELLED)] == [off]
    assert [one.job.id for one in desk.queue.page(state=JobState.WAITING)] == [kept]


def test_depths_count_what_waits_runs_and_is_poisoned(desk: Desk) -> None:
    desk.ask(1)
    desk.ask(2)
    desk.must_take()
    desk.ask(3, kind="mail.send")

    depths = set(desk.queue.depths())

    assert depths == {
        QueueDepth(KIND, JobState.RUNNING, 1),
        QueueDepth(KIND, JobState.WAITING, 1),
        QueueDepth("mail.send", JobState.WAITING, 1),
    }


def test_workers_that_show_themselves_are_counted(desk: Desk) -> None:
    clock = desk.world.clock
    started = clock()
    for worker in ("w1", "w2", "w1"):
        desk.queue.beat(worker, started_at=started, now=clock(), running=0, stopping=False)
    clock.advance(minutes=5)
    desk.queue.beat("w2", started_at=started, now=clock(), running=1, stopping=False)

    assert desk.queue.workers_seen_since(started) == 2
    assert desk.queue.workers_seen_since(clock()) == 1


def test_a_worker_not_seen_for_a_day_is_forgotten(desk: Desk) -> None:
    clock = desk.world.clock
    desk.queue.beat("w1", started_at=clock(), now=clock(), running=0, stopping=False)
    clock.advance(days=2)

    desk.queue.beat("w2", started_at=clock(), now=clock(), running=0, stopping=False)

    assert desk.queue.workers_seen_since(clock() - timedelta(days=9)) == 1


def test_jobs_survive_a_restart(desk: Desk) -> None:
    job_id = desk.ask({"n": 7})
    desk.must_take()

    desk.queue = Queue(desk.world.reopen().database)
    desk.world.clock.advance(minutes=2)

    assert desk.must_take(worker="after").job.id == job_id


def test_two_processes_never_hold_the_same_job(desk: Desk) -> None:
    for n in range(20):
        desk.ask(n)
    other = desk.world.open_another()
    queues = [desk.queue, Queue(other.database)]
    taken: list[str] = []

    for turn in range(20):
        lease = queues[turn % 2].take(
            worker=f"w{turn % 2}",
            kinds=(KIND,),
            now=desk.world.clock(),
            lease_for=LEASE_FOR,
            token=desk.world.entropy(16).hex(),
        )
        assert lease is not None
        taken.append(lease.job.id)
    other.close()

    assert len(set(taken)) == 20
    assert desk.take() is None


@pytest.mark.parametrize("statement", ["insert", "update", "delete"])
def test_the_operational_door_does_not_reach_the_jobs(desk: Desk, statement: str) -> None:
    from workflow.store import job_cancellations, jobs

    for table in (jobs, job_cancellations):
        write = getattr(table, statement)()
        with pytest.raises(UnloggedWrite):
            desk.world.storage.database.operate(operator.methodcaller("execute", write))
