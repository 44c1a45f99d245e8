"""Those who make policy in a house, and short ways through the life of a bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from policies.bundles.manifest import Manifest, PolicyFile
from policies.bundles.model import Acknowledgement, BundleRecord
from policies.engine import shipped
from policies.model import Principal, Role, Words
from policies.pending.model import PendingAction
from policies.service import Policies
from tests.policies.house import House

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
        return self.house.do(self.policies.simulate_bundle(self.admin, digest, days=days, event_id=self.house.id()))

    def propose(self, digest: str) -> PendingAction:
        return self.house.do(self.policies.propose_bundle(self.admin, digest, event_id=self.house.id()))

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
