"""A simulation is a job: asked for in a change, done by a worker, once, whatever becomes of the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.clock import system_clock
from app.policy_jobs import policy_job_handlers
from policies.bundles.manifest import Manifest
from policies.bundles.model import BundleState
from policies.codes import Code
from policies.errors import PolicyConflict
from policies.model import Action, Resource, Role, ScopeKind
from tests.policies.bundles.office import Office, manifest, narrower, worker_of
from tests.policies.bundles.test_life import bundle_entries
from tests.policies.house import House
from workflow.model import JobId, JobState
from workflow.worker import Worker

NARROW = manifest(narrower)
CALM = manifest(lambda text: text + "\n// The same, written another way.\n")


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


@pytest.fixture
def sqlite_office(sqlite_house: House) -> Office:
    return Office(sqlite_house)


def validated(office: Office, made: Manifest = NARROW) -> str:
    digest = office.draft(made).digest
    office.validate(digest)
    return digest


def state(office: Office, digest: str) -> BundleState:
    return office.policies.bundle(office.admin, digest)[0].state


def result(office: Office, job: JobId) -> object:
    return office.queue.status(job).run.result


def work(office: Office) -> None:
    worker = worker_of(office.house.world, office.policies)
    while worker.run_one():
        pass


def test_it_is_asked_for_in_a_change_and_done_by_a_worker(office: Office) -> None:
    digest = validated(office)

    job = office.ask(digest, days=7)

    waiting = office.policies.bundle(office.admin, digest)[0]
    asked = office.house.entry()
    status = office.queue.status(job)
    assert (waiting.state, waiting.simulation) == (BundleState.SIMULATING, None)
    assert (asked["type"], asked["actor"]["id"], asked["data"]["days"]) == (
        "bundle.simulation_requested",
        office.admin.id,
        7,
    )
    assert (status.job.entry_index, status.run.state) == (office.house.size() - 1, JobState.WAITING)
    work(office)
    done = office.policies.bundle(office.admin, digest)[0]
    assert (done.state, done.steps[-1].by) == (BundleState.SIMULATED, "system")
    assert result(office, job) == {
        "bundle": digest,
        "state": "simulated",
        **{name: done.steps[-1].detail[name] for name in ("base", "days", "newly_allowed", "newly_denied")},
        **{name: done.steps[-1].detail[name] for name in ("moved", "disposable")},
    }


def test_its_progress_is_told_in_entries(sqlite_office: Office) -> None:
    office, told = sqlite_office, list[tuple[int, int]]()
    digest = validated(office)
    job = office.ask(digest)
    size = office.house.size()

    office.policies.run_simulation(
        digest, 2, event_id=UUID(job), progress=lambda done, total: told.append((done, total))
    )

    assert told == [(0, size), (size, size)]


def test_a_worker_that_died_after_the_commit_is_followed_by_one_that_finds_it_done(office: Office) -> None:
    digest = validated(office)
    job = office.ask(digest)
    office.policies.run_simulation(digest, 2, event_id=UUID(job), progress=lambda _done, _total: None)
    size = office.house.size()

    work(office)

    assert office.house.size() == size
    assert office.queue.status(job).run.state is JobState.SUCCEEDED
    assert bundle_entries(office.house).count("bundle.simulated") == 1
    found = result(office, job)
    assert isinstance(found, dict)
    assert found["state"] == "simulated"


CHILD = """
import os, sys, time
from datetime import UTC, datetime, timedelta
from uuid import UUID
from policies.service import Policies
from storage import open_storage
from tests.worlds import ROOT_KEY
from workflow.service import Queue
from workflow.worker import Worker

def clock():
    return datetime.now(UTC)

storage = open_storage(sys.argv[1], sys.argv[2], ROOT_KEY, clock=clock, entropy=os.urandom)
policies = Policies(storage.database, storage.log, storage.keys, clock=clock)

def stay(done, total):
    print("looked at", done, flush=True)
    time.sleep(600)

def simulate(context):
    asked = context.job.payload
    policies.run_simulation(asked["bundle"], asked["step"], event_id=UUID(context.job.id), progress=stay)

worker = Worker(Queue(storage.database), {"bundle.simulate": simulate}, name="child", clock=clock, entropy=os.urandom,
                lease_for=timedelta(seconds=2), poll_s=0.02)
worker.start()
time.sleep(600)
"""


def test_a_worker_killed_in_the_midst_of_it_is_followed_by_another(office: Office) -> None:
    digest = validated(office)
    job = office.ask(digest)
    world = office.house.world
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, world.url, world.keystore_url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "looked at 0\n"
        os.kill(child.pid, signal.SIGKILL)
    late = system_clock() + timedelta(seconds=3)
    second = Worker(
        office.queue, policy_job_handlers(office.policies), name="s", clock=lambda: late, entropy=world.entropy
    )

    assert second.run_one()

    status = office.queue.status(job)
    assert (status.run.state, status.run.attempts) == (JobState.SUCCEEDED, 2)
    assert state(office, digest) is BundleState.SIMULATED
    assert bundle_entries(office.house).count("bundle.simulated") == 1


def test_asked_for_again_the_later_one_counts(office: Office) -> None:
    digest = validated(office)

    first, second = office.ask(digest, days=1), office.ask(digest, days=2)
    work(office)

    assert result(office, first) == {"bundle": digest, "state": "overtaken"}
    record = office.policies.bundle(office.admin, digest)[0]
    assert (record.state, record.steps[-1].detail["days"]) == (BundleState.SIMULATED, 2)
    assert isinstance(result(office, second), dict)


def test_one_that_another_overtook_while_it_worked_is_not_kept(sqlite_office: Office) -> None:
    office = sqlite_office
    digest = validated(office)
    first, asked = office.ask(digest), list[JobId]()

    def ask_again(done: int, _total: int) -> None:
        if done == 0:
            asked.append(office.ask(digest, days=3))

    office.policies.run_simulation(digest, 2, event_id=UUID(first), progress=ask_again)
    between = state(office, digest)
    work(office)

    assert between is BundleState.SIMULATING
    assert office.policies.bundle(office.admin, digest)[0].steps[-1].detail["days"] == 3
    assert len(asked) == 1


def activating(office: Office, made: Manifest) -> Callable[[int, int], None]:
    """Lets another bundle become active while a simulation is at work."""
    office.approve(office.proposed(made))

    def run(done: int, _total: int) -> None:
        if done == 0:
            office.activate(made.digest)

    return run


def test_a_base_that_moved_meanwhile_sets_it_back_with_the_reason(office: Office) -> None:
    progress = activating(office, NARROW)
    digest = validated(office, CALM)
    job = office.ask(digest)

    found = office.policies.run_simulation(digest, 2, event_id=UUID(job), progress=progress)

    assert (found.state, found.steps[-1].detail) == (BundleState.VALIDATED, {"code": "bundle_base_moved"})
    assert office.house.entry()["type"] == "bundle.set_back"
    with pytest.raises(PolicyConflict) as refused:
        office.propose(digest)
    assert refused.value.code is Code.BUNDLE_STATE
    assert office.simulate(digest).state is BundleState.SIMULATED


def test_too_many_sorts_to_name_set_it_back_with_the_reason(sqlite_office: Office) -> None:
    office, house = sqlite_office, sqlite_office.house
    office.policies.sorts_max = 0
    house.tree()
    clerk = office.policies.principal(house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id)
    decision = office.policies.decide(clerk, Action.STOCKTAKE_COUNT, Resource.at("stock", ["MK01"]))
    house.do(office.policies.record_read(decision, event_id=house.id()))
    digest = validated(office)

    job = office.ask(digest)
    work(office)

    assert state(office, digest) is BundleState.VALIDATED
    assert result(office, job) == {"bundle": digest, "state": "validated", "code": "simulation_too_wide"}


def test_called_off_it_may_be_asked_for_again(sqlite_office: Office) -> None:
    office = sqlite_office
    digest = validated(office)
    job = office.ask(digest)
    house = office.house
    house.do(office.queue.cancel(job, actor=office.admin.actor, event_id=house.id()))

    work(office)
    left = state(office, digest)

    assert office.queue.status(job).run.state is JobState.CANCELLED
    assert left is BundleState.SIMULATING
    assert office.simulate(digest).state is BundleState.SIMULATED
