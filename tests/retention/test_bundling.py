"""Retention rules that come and go with policy bundles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from policies.bundles.manifest import Manifest
from policies.bundles.model import BundleState
from policies.codes import Code
from policies.engine import shipped
from policies.model import Principal, Role
from retention import store as rows
from retention.model import Outcome, Trigger
from retention.row_values import schedule_json
from retention.seed import SEEDED
from tests.policies.bundles.office import manifest, simulated
from tests.retention.registry import Registry

OWN: dict[str, Any] = {
    "code": "ORG-POSTER",
    "version": 1,
    "title_zh": "店內海報",
    "title_en": "Posters in shops",
    "classes": ["poster"],
    "trigger": "transaction_completed",
    "minimum": "P2Y",
    "authority_zh": "本機構規則",
    "authority_en": "The organisation's own rule",
    "status": "policy",
    "verification": "primary",
    "verified_on": "2026-11-01",
    "disposition": "destroy",
}
SHORTER = {**OWN, "version": 2, "minimum": "P1Y"}
[TAX] = [schedule_json(one) for one in SEEDED if one.code == "HK-TAX-7Y"]


class Makers:
    """A drafter and an approver beside a registry."""

    def __init__(self, registry: Registry) -> None:
        self.registry, self.policies = registry, registry.policies
        self.admin = registry.somebody(Role.POLICY_ADMIN)

    def bring(self, *schedules: dict[str, Any]) -> Manifest:
        return manifest(parts={"retention": list(schedules), "residency": {}})

    def validated(self, made: Manifest) -> list[str]:
        registry = self.registry
        registry.do(self.policies.draft_bundle(self.admin, made, event_id=registry.id()))
        record = registry.do(self.policies.validate_bundle(self.admin, made.digest, event_id=registry.id()))
        return [one["code"] for one in record.steps[-1].detail["found"]]

    def simulated(self, made: Manifest) -> dict[str, Any]:
        assert self.validated(made) == []
        return self.found(made.digest)

    def found(self, digest: str) -> dict[str, Any]:
        registry = self.registry
        record = simulated(registry.world, self.policies, self.admin, digest, 7, registry.id())
        found: dict[str, Any] = record.steps[-1].detail["parts"]["retention"]
        return found

    def activate(self, digest: str) -> None:
        registry = self.registry
        pending = registry.do(self.policies.propose_bundle(self.admin, digest, event_id=registry.id()))
        self.approve(registry.officer, digest, pending.id)

    def back(self, digest: str) -> None:
        self.found(digest)
        self.activate(digest)

    def approve(self, officer: Principal, digest: str, pending: str) -> None:
        registry = self.registry
        registry.do(self.policies.approve_bundle(officer, digest, pending, event_id=registry.id()))
        record = registry.do(self.policies.schedule_bundle(officer, digest, event_id=registry.id()))
        assert record.state is BundleState.ACTIVE

    def versions(self, code: str) -> list[tuple[int, str]]:
        with self.registry.world.storage.database.read() as connection:
            found = [one for one, _ in rows.read_schedules(connection) if one.code == code]
        return [(one.version, str(one.minimum)) for one in found]


def test_a_shorter_rule_shows_what_would_be_disposable_at_once_and_then_makes_it_so(each_registry: Registry) -> None:
    registry, makers = each_registry, Makers(each_registry)
    registry.map("other", "poster")
    old, young = registry.paper("other", b"old"), registry.paper("other", b"young")
    registry.trigger(old.key, Trigger.TRANSACTION_COMPLETED, (registry.today - timedelta(days=500)).isoformat())
    registry.trigger(young.key, Trigger.TRANSACTION_COMPLETED, registry.today.isoformat())
    first, second = makers.bring(OWN), makers.bring(SHORTER)
    makers.simulated(first)
    makers.activate(first.digest)
    kept = registry.outcome(old)

    found = makers.simulated(second)
    before = registry.outcome(old)
    makers.activate(second.digest)

    assert (kept, before, registry.outcome(old), registry.outcome(young)) == (
        Outcome.KEPT,
        Outcome.KEPT,
        Outcome.DUE,
        Outcome.KEPT,
    )
    assert (found["moved"], found["earlier"], found["disposable"]) == (2, 2, 1)
    assert found["disposable_records"] == [old.key]
    moved = {item["record"]: item for item in found["items"]}
    assert moved[old.key]["before"]["outcome"] == "kept"
    assert moved[old.key]["after"]["outcome"] == "due"
    assert moved[young.key]["after"]["due_from"] < moved[young.key]["before"]["due_from"]


def test_roll_back_says_an_older_version_anew_and_withdraws_what_it_never_had(registry: Registry) -> None:
    makers = Makers(registry)
    registry.map("other", "poster")
    old = registry.paper("other")
    registry.trigger(old.key, Trigger.TRANSACTION_COMPLETED, (registry.today - timedelta(days=500)).isoformat())
    first, second = makers.bring(OWN), makers.bring(SHORTER)
    for made in (first, second):
        makers.simulated(made)
        makers.activate(made.digest)

    makers.back(first.digest)
    restored = registry.outcome(old)
    makers.back(shipped().digest)

    assert restored is Outcome.KEPT
    assert makers.versions("ORG-POSTER") == [(1, "P2Y"), (2, "P1Y"), (3, "P2Y"), (4, "P2Y")]
    assert registry.outcome(old) is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        ({**TAX, "version": 2, "minimum": "P6Y"}, Code.SCHEDULE_BELOW_LAW),
        ({**TAX, "version": 2, "classes": TAX["classes"][:1]}, Code.SCHEDULE_BELOW_LAW),  # type: ignore[index]
        ({**TAX, "version": 2, "status": "policy"}, Code.SCHEDULE_BELOW_LAW),
        ({**TAX, "version": 3, "minimum": "P8Y"}, Code.SCHEDULE_VERSION),
        ({**TAX, "minimum": "P8Y"}, Code.SCHEDULE_VERSION),
        ({**OWN, "title_zh": ""}, Code.SCHEDULE_FORM),
        ({**OWN, "minimum": "two years"}, Code.SCHEDULE_FORM),
        ({**OWN, "colour": "red"}, Code.SCHEDULE_FORM),
        ({**OWN, "note_en": "Half a note."}, Code.SCHEDULE_FORM),
        ("ORG-POSTER", Code.SCHEDULE_FORM),
    ],
)
def test_a_rule_that_is_malformed_or_falls_below_the_law_is_a_fault(
    registry: Registry, schedule: Any, code: Code
) -> None:
    makers = Makers(registry)

    assert code.value in makers.validated(makers.bring(schedule))


def test_longer_than_the_law_demands_is_no_fault(registry: Registry) -> None:
    makers = Makers(registry)

    assert makers.validated(makers.bring({**TAX, "version": 2, "minimum": "P8Y"})) == []


def test_a_rule_is_named_once_and_a_bundle_brings_no_more_than_five_hundred(registry: Registry) -> None:
    makers = Makers(registry)
    many = [{**OWN, "code": f"ORG-{number}"} for number in range(501)]

    assert makers.validated(makers.bring(OWN, OWN)) == ["schedule_form"]
    assert makers.validated(makers.bring(*many)) == ["schedule_form"]
