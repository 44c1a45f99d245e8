"""A class is locked in COMPLIANCE by two persons, never longer than the law asks, and nothing undoes it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from policies.errors import Denied, PolicyConflict
from policies.model import Principal, Role
from policies.pending.model import PendingAction
from retention.due.model import Wanted
from retention.errors import Code, RetentionConflict
from retention.locks.model import COMPLIANCE_DAYS_MAX, MODE_APPLIED, MODE_SET, ClassMode
from retention.locks.reconciling import lock_term
from retention.locks.service import Locks
from retention.model import FindingCode, Trigger
from retention.records import Record
from retention.requests import ModeApproval, ModeRequest, parse
from storage.objects import LockMode
from storage.objects.errors import ObjectLocked
from tests.entries_page import EntriesPage
from tests.retention.offices import mode_means
from tests.retention.registry import Registry
from tests.retention.test_due import due
from tests.retention.test_holding_objects import info_of, keeper_of


def locks_of(registry: Registry) -> Locks:
    return Locks(mode_means(registry, registry.retention), registry.objects, entropy=registry.world.entropy)


def invoice(registry: Registry, on: str = "2026-11-20", content: bytes = b"invoice") -> Record:
    """An invoice whose clock runs, so that the law keeps it."""
    made = registry.paper("invoice", content)
    registry.trigger(made.key, Trigger.TRANSACTION_COMPLETED, on)
    registry.trigger(made.key, Trigger.FINANCIAL_YEAR_END, f"{on[:4]}-12-31")
    return made


def propose(registry: Registry, mode: str = "COMPLIANCE", class_code: str = "invoice") -> PendingAction:
    request = parse(ModeRequest, {"mode": mode, "reason": "發票不得刪除"}, event_id=registry.id())
    return registry.do(locks_of(registry).propose_mode(registry.officer, class_code, request))


def approve(
    registry: Registry,
    pending: PendingAction,
    until: date | None,
    *,
    by: Principal | None = None,
    mode: str = "COMPLIANCE",
    class_code: str = "invoice",
) -> ClassMode:
    content: dict[str, Any] = {"mode": mode, "until": None if until is None else until.isoformat()}
    request = parse(ModeApproval, content, event_id=registry.id())
    return registry.do(locks_of(registry).approve_mode(by or registry.dpo, class_code, pending.id, request))


def decided(registry: Registry) -> ClassMode:
    until = locks_of(registry).preview_mode(registry.officer, "invoice").until
    return approve(registry, propose(registry), until)


def test_two_persons_decide_and_see_until_when_it_cannot_be_undone(each_registry: Registry) -> None:
    registry = each_registry
    paper = invoice(registry)
    keeper_of(registry).reconcile(event_id=registry.id())
    assert info_of(registry, paper).lock_mode is LockMode.GOVERNANCE
    shown = locks_of(registry).preview_mode(registry.officer, "invoice")
    assert (shown.mode, shown.documents, shown.until) == (LockMode.GOVERNANCE, 1, date(2033, 12, 31))

    pending = propose(registry)
    with pytest.raises(Denied):
        approve(registry, pending, shown.until, by=registry.officer)
    made = approve(registry, pending, shown.until)
    keeper_of(registry).apply_mode("invoice", event_id=registry.id())

    info = info_of(registry, paper)
    assert (made.mode, made.until) == (LockMode.COMPLIANCE, date(2033, 12, 31))
    assert info.lock_mode is LockMode.COMPLIANCE
    assert info.locked_until is not None
    assert info.locked_until.date() == date(2033, 12, 31)
    with pytest.raises(ObjectLocked):
        registry.objects.lock(info.ref, LockMode.GOVERNANCE, info.locked_until)
    page = EntriesPage("lock-entries.md")
    seen = page.held_by(registry.entry(index) for index in range(registry.size()))
    assert {MODE_SET, MODE_APPLIED} <= seen


def test_whoever_approves_names_the_day_they_saw(registry: Registry) -> None:
    invoice(registry)
    pending = propose(registry)
    for until in (None, date(2033, 12, 30)):
        with pytest.raises(RetentionConflict, match="2033-12-31"):
            approve(registry, pending, until)
    invoice(registry, "2026-11-21", b"later")
    assert approve(registry, pending, date(2033, 12, 31)).until == date(2033, 12, 31)


def test_a_lock_is_never_made_hard_beyond_what_the_law_asks(registry: Registry) -> None:
    paper = invoice(registry)
    ref = info_of(registry, paper).ref
    longer = registry.world.clock() + timedelta(days=9_000)
    registry.objects.lock(ref, LockMode.GOVERNANCE, longer)
    decided(registry)

    keeper_of(registry).apply_mode("invoice", event_id=registry.id())

    info = info_of(registry, paper)
    assert (info.lock_mode, info.locked_until) == (LockMode.GOVERNANCE, longer.replace(microsecond=0))


def test_a_clock_of_the_far_future_locks_in_governance(registry: Registry) -> None:
    far = invoice(registry, f"{registry.today.year + 40}-01-01")
    near = invoice(registry, content=b"near")
    made = decided(registry)
    keeper_of(registry).apply_mode("invoice", event_id=registry.id())

    assert info_of(registry, far).lock_mode is LockMode.GOVERNANCE
    assert info_of(registry, near).lock_mode is LockMode.COMPLIANCE
    assert made.until == date(2033, 12, 31)
    assert made.until < registry.today + timedelta(days=COMPLIANCE_DAYS_MAX)


def test_a_class_that_no_law_keeps_is_refused(registry: Registry) -> None:
    with pytest.raises(RetentionConflict) as refused:
        propose(registry, class_code="menu")

    assert refused.value.code is Code.LOCK_MODE_WITHOUT_LAW
    with pytest.raises(RetentionConflict, match="Nothing would change"):
        propose(registry, mode="GOVERNANCE")


def test_what_comes_later_is_locked_as_its_class_is(registry: Registry) -> None:
    invoice(registry)
    decided(registry)
    later = invoice(registry, content=b"later")
    database, clock = registry.world.storage.database, registry.world.clock

    term = lock_term(database, registry.retention, clock, later.id)
    assert term is not None
    assert (term.mode, term.held) == (LockMode.COMPLIANCE, False)
    registry.hold("HCA-1", later)
    held = lock_term(database, registry.retention, clock, later.id)
    assert held is not None
    assert held.held
    assert lock_term(database, registry.retention, clock, "00000000-0000-0000-0000-000000000000") is None


def test_a_version_that_the_night_finds_too_weak_is_a_finding(registry: Registry) -> None:
    paper = invoice(registry)
    keeper_of(registry).reconcile(event_id=registry.id())
    decided(registry)
    keeper_of(registry).reconcile(event_id=registry.id())
    registry.review()

    assert info_of(registry, paper).lock_mode is LockMode.COMPLIANCE
    assert due(registry, Wanted(finding=FindingCode.LOCK_WEAK)).total == 1


def test_going_back_changes_nothing_that_is_locked(registry: Registry) -> None:
    paper = invoice(registry)
    decided(registry)
    keeper_of(registry).apply_mode("invoice", event_id=registry.id())
    back = approve(registry, propose(registry, "GOVERNANCE"), None, mode="GOVERNANCE")
    keeper_of(registry).apply_mode("invoice", event_id=registry.id())

    assert (back.mode, back.until) == (LockMode.GOVERNANCE, None)
    assert info_of(registry, paper).lock_mode is LockMode.COMPLIANCE
    later = invoice(registry, content=b"later")
    keeper_of(registry).reconcile(event_id=registry.id())
    assert info_of(registry, later).lock_mode is LockMode.GOVERNANCE


def test_what_was_proposed_is_what_is_approved(registry: Registry) -> None:
    invoice(registry)
    pending = propose(registry)
    with pytest.raises(RetentionConflict):
        approve(registry, pending, None, mode="GOVERNANCE")
    decided(registry)
    with pytest.raises(PolicyConflict):
        approve(registry, pending, None, mode="GOVERNANCE")


def test_others_may_neither_propose_nor_approve(registry: Registry) -> None:
    invoice(registry)
    pending = propose(registry)
    operator = registry.somebody(Role.OPERATOR)
    with pytest.raises(Denied):
        approve(registry, pending, date(2033, 12, 31), by=operator)
    with pytest.raises(Denied):
        locks_of(registry).propose_mode(
            operator, "invoice", parse(ModeRequest, {"mode": "COMPLIANCE", "reason": "x"}, event_id=registry.id())
        )


def test_the_classes_that_were_decided_on_are_listed(registry: Registry) -> None:
    invoice(registry)
    made = decided(registry)
    with registry.world.storage.database.read() as connection:
        assert locks_of(registry).modes(registry.officer, connection) == [made]
