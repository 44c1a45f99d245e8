"""Recurring jobs: each time that is due is asked for once, whoever looks, and however they end."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.event import Actor
from policies.quota import HONG_KONG
from storage import create_log, open_storage
from storage.reading import stream_entries
from tests.entries_page import EntriesPage
from tests.forks import forking
from tests.workflow import rivals
from tests.worlds import ORIGIN, ROOT_KEY, World, check_log
from workflow.errors import ScheduleNotFound, ScheduleUnchanged
from workflow.model import JobState
from workflow.schedules.model import EVENT_TYPES, Daily, Every, Plan, Rhythm, Schedule
from workflow.schedules.rules import due_after, due_before, is_asked_for, next_due
from workflow.schedules.service import Schedules
from workflow.service import Queue

OPERATOR = Actor("p_test", "operator")
NIGHTLY = Plan("nightly", "每晚", "Nightly", Daily(time(2, 30)), ("log.verify", "stock.reconcile"))
OFTEN = Plan("often", "時常", "Often", Every(timedelta(minutes=15)), ("document.sweep",))
RHYTHMS = st.one_of(
    st.times().map(lambda at: Daily(at.replace(second=0, microsecond=0))),
    st.sampled_from([1, 5, 15, 60, 90, 480, 1440]).map(lambda minutes: Every(timedelta(minutes=minutes))),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


class Keeper:
    """Schedules in a world, as one process has them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.queue = Queue(world.storage.database)
        self.schedules = Schedules(world.storage.database, world.storage.log, self.queue)

    def look(self) -> int:
        return self.schedules.ask_for_due(self.world.clock())

    def turn(self, code: str, *, pause: bool, event_id: object = None) -> Schedule | None:
        turned = self.schedules.pause if pause else self.schedules.resume
        change = turned(code, actor=OPERATOR, event_id=event_id or rivals.fresh_id())  # type: ignore[arg-type]
        return self.world.storage.log.commit(change).result

    def jobs(self) -> Counter[str]:
        return Counter(status.job.kind for status in self.queue.page(limit=200))

    def entries(self) -> list[dict[str, Any]]:
        with self.world.storage.database.read() as connection:
            found = stream_entries(connection, 0, self.world.storage.log.head().size)
            return [json.loads(entry.bytes) for entry in found]


@pytest.fixture
def keeper(world: World) -> Iterator[Keeper]:
    """Two schedules; ends by verifying the log."""
    made = Keeper(world)
    made.schedules.keep((NIGHTLY, OFTEN))
    yield made
    world.check()


# --- when ------------------------------------------------------------------------------------------------------------


@given(RHYTHMS, MOMENTS)
def test_times_that_are_due_follow_each_other_without_a_gap(rhythm: Rhythm, now: datetime) -> None:
    before, after = due_before(rhythm, now), due_after(rhythm, now)

    assert before <= now < after
    assert due_before(rhythm, before) == before
    assert due_before(rhythm, after - timedelta(microseconds=1)) == before
    assert due_after(rhythm, before) == after
    local = before.astimezone(HONG_KONG)
    if isinstance(rhythm, Daily):
        assert local.time() == rhythm.at
        assert after - before == timedelta(days=1)
    else:
        assert (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) % rhythm.interval == timedelta(0)


@pytest.mark.parametrize("minutes", [0, 0.5, 7, 1441])
def test_an_interval_divides_a_day(minutes: float) -> None:
    with pytest.raises(ValueError, match="expected one that divides a day"):
        Every(timedelta(minutes=minutes))


def test_a_time_of_day_has_no_seconds() -> None:
    with pytest.raises(ValueError, match="expected hours and minutes"):
        Daily(time(2, 30, 1))


# --- asking ----------------------------------------------------------------------------------------------------------


def test_what_is_due_is_asked_for_once(keeper: Keeper) -> None:
    # 12:30 in Hong Kong: half past two is over, and was never asked for.
    assert keeper.look() == 2
    assert keeper.look() == 0
    assert keeper.jobs() == {"log.verify": 1, "stock.reconcile": 1, "document.sweep": 1}

    keeper.world.clock.advance(minutes=15)

    assert keeper.look() == 1
    assert keeper.jobs()["document.sweep"] == 2
    nightly = keeper.schedules.one("nightly")
    assert nightly.last_due == datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert next_due(nightly, keeper.world.clock()) == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    asked = [entry["data"] for entry in keeper.entries() if entry["type"] == "job_schedule.requested"]
    assert asked[0] == {"schedule": "nightly", "due": "2026-11-21T18:30:00.000000Z", "jobs": [*NIGHTLY.kinds]}
    (job,) = keeper.queue.page(kinds=("log.verify",))
    assert job.job.payload == {"schedule": "nightly", "due": "2026-11-21T18:30:00.000000Z"}
    assert job.job.entry_index == nightly.last_entry


def test_what_was_missed_is_made_up_once(keeper: Keeper) -> None:
    keeper.look()
    keeper.world.clock.advance(days=9)

    assert keeper.look() == 2
    assert keeper.look() == 0
    assert keeper.jobs() == {"log.verify": 2, "stock.reconcile": 2, "document.sweep": 2}


def test_a_pause_leaves_out_what_falls_into_it(keeper: Keeper) -> None:
    keeper.look()
    event_id = rivals.fresh_id()
    keeper.turn("nightly", pause=True, event_id=event_id)
    keeper.turn("nightly", pause=True, event_id=event_id)  # sent again, it is the same event
    with pytest.raises(ScheduleUnchanged, match="expected one that goes on, got one that is paused"):
        keeper.turn("nightly", pause=True)
    keeper.world.clock.advance(days=3)

    keeper.look()
    assert keeper.jobs()["log.verify"] == 1
    assert next_due(keeper.schedules.one("nightly"), keeper.world.clock()) is None
    keeper.turn("nightly", pause=False)
    with pytest.raises(ScheduleUnchanged):
        keeper.turn("nightly", pause=False)
    keeper.look()
    assert keeper.jobs()["log.verify"] == 1

    keeper.world.clock.advance(days=1)
    keeper.look()
    assert keeper.jobs()["log.verify"] == 2


def test_a_schedule_that_is_not_there(keeper: Keeper) -> None:
    with pytest.raises(ScheduleNotFound, match="expected the code of one, got 'never'"):
        keeper.turn("never", pause=True)
    with pytest.raises(ScheduleNotFound):
        keeper.schedules.one("never")


def test_another_plan_is_an_entry_and_keeps_what_was(keeper: Keeper) -> None:
    keeper.look()
    before = keeper.schedules.one("nightly")
    keeper.turn("nightly", pause=True)

    later = Plan("nightly", "每晚", "Nightly", Daily(time(3, 0)), ("log.verify",))
    assert keeper.schedules.keep((later, OFTEN)) == 1
    assert keeper.schedules.keep((later, OFTEN)) == 0

    found = keeper.schedules.one("nightly")
    assert (found.plan, found.paused, found.last_due) == (later, True, before.last_due)


def test_two_processes_that_see_the_same_ask_once(keeper: Keeper) -> None:
    other = Keeper(keeper.world)
    seen = keeper.schedules.all()
    now = keeper.world.clock()
    due = is_asked_for(seen[0], now)
    assert due is not None

    assert other.look() == 2
    # What this one saw is overtaken under the lock.
    assert keeper.schedules._commit(keeper.schedules._asking("nightly", due)) is False  # noqa: SLF001
    assert keeper.jobs()["log.verify"] == 1


def test_entries_hold_what_the_page_says(keeper: Keeper) -> None:
    keeper.look()
    keeper.turn("often", pause=True)
    keeper.turn("often", pause=False)
    (waiting, *_) = keeper.queue.page(state=JobState.WAITING)
    cancel = keeper.queue.cancel(waiting.job.id, actor=OPERATOR, event_id=rivals.fresh_id())
    keeper.world.storage.log.commit(cancel)

    page = EntriesPage("job-entries.md")

    assert page.held_by(keeper.entries()) == set(page.documented()) == EVENT_TYPES | {"job.cancelled"}


# --- processes that are killed ------------------------------------------------------------------------------------------


@pytest.fixture
def killed(database_url: str, tmp_path: Path) -> Iterator[tuple[str, str, list[ForkServerProcess]]]:
    """Three processes that look after schedules on one database."""
    keystore_url = f"sqlite:///{tmp_path / 'keys.db'}"
    create_log(database_url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=rivals.begin, entropy=os.urandom)
    context = forking()
    ready = context.Barrier(4)
    processes = [context.Process(target=rivals.look, args=(database_url, keystore_url, ready)) for _ in range(3)]
    for process in processes:
        process.start()
    ready.wait(60)
    yield database_url, keystore_url, processes
    for process in processes:
        process.kill()
        process.join()


def test_processes_at_once_and_kill_9_lose_no_time_and_double_none(
    killed: tuple[str, str, list[ForkServerProcess]],
) -> None:
    database_url, keystore_url, processes = killed
    first, second, third = processes
    for process in (first, second):
        rivals.wait_for(database_url, keystore_url, rivals.TIMES // 3 if process is first else rivals.TIMES // 2)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(30)
        assert process.exitcode == -signal.SIGKILL
    third.join(90)
    assert third.exitcode == 0

    storage = open_storage(database_url, keystore_url, ROOT_KEY, clock=rivals.begin, entropy=os.urandom)
    try:
        check_log(storage)
        jobs = Queue(storage.database).page(limit=200)
        asked = Counter((status.job.kind, status.job.unique_key) for status in jobs)
        expected = {f"often {rivals.moment(turn)}" for turn in range(rivals.TIMES)}
        assert set(asked.values()) == {1}
        assert {key for _, key in asked} == expected
        assert {kind for kind, _ in asked} == {*rivals.PLAN.kinds}
        assert len(asked) == len(expected) * len(rivals.PLAN.kinds)
    finally:
        storage.close()
