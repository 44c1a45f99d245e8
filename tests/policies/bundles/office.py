"""Those who make policy in a house, and short ways through the life of a bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.policy_jobs import policy_job_handlers
from policies.bundles.manifest import Manifest, PolicyFile
from policies.bundles.model import SIMULATE_KIND, Acknowledgement, BundleRecord
from policies.engine import shipped
from policies.model import Principal, Role, Words
from policies.pending.model import PendingAction
from policies.service import Policies
from tests.policies.house import House
from tests.worlds import World
from workflow.model import JobId
from workflow.service import Queue
from workflow.worker import Worker

TITLE = Words("試行政策", "Policies on trial")


def manifest(change: Callable[[str], str] = lambda text: text, **members: Any) -> Manifest:
    """The shipped bundle with every file of policies changed, and other members."""
    original = shipped().manifest
    assert original is not None
    files = tuple(PolicyFile(file.name, change(file.text)) for file in original.policies)
    return replace(original, title=TITLE, policies=files, **members)


def narrower(text: str) -> str:
    """Without what lets staff count in a stocktake."""
    return text.replace(
        'Chopbook::Action::"stock.read", Chopbook::Action::"stocktake.count",', 'Chopbook::Action::"stock.read",', 1
    )


def wider(text: str) -> str:
    """With a limit that no longer asks whether a store is in reach."""
    return text.replace(
        "principal.everywhere || resource.whole_log || principal.stores.containsAll(resource.stores)", "true"
    )


def queue_of(world: World) -> Queue:
    return Queue(world.storage.database)


def worker_of(world: World, policies: Policies) -> Worker:
    """A worker that simulates."""
    handlers = policy_job_handlers(policies)
    return Worker(queue_of(world), handlers, name="simulator", clock=world.clock, entropy=world.entropy)


def simulated(world: World, policies: Policies, by: Principal, digest: str, days: int, event_id: UUID) -> BundleRecord:
    """Asked for, and done by a worker."""
    change = policies.simulate_bundle(by, digest, days=days, queue=queue_of(world), event_id=event_id)
    world.storage.log.commit(change)
    worker = worker_of(world, policies)
    while worker.run_one():
        pass
    return policies.bundle(by, digest)[0]


class Office:
    """A drafter and an approver of a house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.admin = self.officer(Role.POLICY_ADMIN)
        self.officer_ = self.officer(Role.COMPLIANCE_OFFICER)

    def officer(self, role: Role) -> Principal:
        return self.house.policies.principal(self.house.person(role).id)

    @property
    def policies(self) -> Policies:
        return self.house.policies

    def draft(self, made: Manifest) -> BundleRecord:
        return self.house.do(self.policies.draft_bundle(self.admin, made, event_id=self.house.id()))

    def validate(self, digest: str) -> BundleRecord:
        return self.house.do(self.policies.validate_bundle(self.admin, digest, event_id=self.house.id()))

    def simulate(self, digest: str, days: int = 30) -> BundleRecord:
        return simulated(self.house.world, self.policies, self.admin, digest, days, self.house.id())

    def ask(self, digest: str, days: int = 30) -> JobId:
        """Asks for a simulation, and lets it wait."""
        queue = self.queue
        change = self.policies.simulate_bundle(self.admin, digest, days=days, queue=queue, event_id=self.house.id())
        return queue.job_of(SIMULATE_KIND, self.house.committed(change).receipt.index)

    @property
    def queue(self) -> Queue:
        return queue_of(self.house.world)

    def propose(self, digest: str) -> PendingAction:
        return self.house.do(self.policies.propose_bundle(self.admin, digest, event_id=self.house.id()))

    def roll_back(self, digest: str) -> PendingAction:
        """One that was active before, simulated anew and proposed."""
        self.simulate(digest)
        return self.propose(digest)

    def approve(
        self, pending: PendingAction, said: Acknowledgement | None = None, *, by: Principal | None = None
    ) -> BundleRecord:
        digest = pending.subject.partition(":")[2]
        change = self.policies.approve_bundle(by or self.officer_, digest, pending.id, said, event_id=self.house.id())
        return self.house.do(change)

    def activate(self, digest: str) -> BundleRecord:
        return self.house.do(self.policies.schedule_bundle(self.officer_, digest, event_id=self.house.id()))

    def proposed(self, made: Manifest) -> PendingAction:
        """Drafted, validated, simulated and proposed."""
        digest = self.draft(made).digest
        self.validate(digest)
        self.simulate(digest)
        return self.propose(digest)

    def activated(self, made: Manifest, said: Acknowledgement | None = None) -> BundleRecord:
        """All the way to the active one."""
        self.approve(self.proposed(made), said)
        return self.activate(made.digest)
