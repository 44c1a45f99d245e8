"""A hold reaches the object store at once: a job of the same change sets and lifts the flag, and never loses a race."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from documents.retaining.sources import DocumentRecords
from retention.due.model import Wanted
from retention.errors import UnknownRetention
from retention.locks.model import FINDINGS, HOLD_APPLIED, HOLD_KIND, Drift
from retention.locks.reconciling import LockKeeper
from retention.model import FindingCode, Grade, Trigger
from retention.records import Record
from retention.words import ACTION_WORDS, FINDING_WORDS
from storage.objects import ObjectInfo
from storage.objects.errors import ObjectStoreUnavailable
from tests.entries_page import EntriesPage
from tests.retention.registry import Registry
from tests.retention.test_due import due, settle
from tests.retention.test_holding import release
from workflow.worker import JobContext, Worker


def keeper_of(registry: Registry) -> LockKeeper:
    storage = registry.world.storage
    return LockKeeper(
        storage.database,
        storage.log,
        registry.retention,
        DocumentRecords(),
        registry.documents,
        registry.objects,
        clock=registry.world.clock,
    )


def work_on_holds(registry: Registry) -> int:
    """Runs the jobs of holds; returns how many there were."""

    def apply(context: JobContext) -> Any:
        payload = context.job.payload
        assert isinstance(payload, dict)
        return keeper_of(registry).apply_hold(str(payload["matter"]), event_id=UUID(context.job.id))

    worker = Worker(
        registry.queue, {HOLD_KIND: apply}, name="holds", clock=registry.world.clock, entropy=registry.world.entropy
    )
    done = 0
    while worker.run_one():
        done += 1
    return done


def info_of(registry: Registry, record: Record) -> ObjectInfo:
    return registry.objects.head(registry.documents._version(record.id, 1).ref)  # noqa: SLF001


def approve(registry: Registry, matter: str) -> None:
    pending = release(registry, matter)
    registry.do(registry.retention.approve_release(registry.dpo, matter, pending.id, event_id=registry.id()))


def test_placing_widening_and_releasing_each_reach_the_store(each_registry: Registry) -> None:
    registry = each_registry
    photo, later, other = (registry.paper(content=content) for content in (b"1", b"2", b"3"))

    registry.hold("HCA-1", photo)
    assert work_on_holds(registry) == 1
    assert [info_of(registry, one).legal_hold for one in (photo, later, other)] == [True, False, False]
    registry.widen("HCA-1", later)
    assert work_on_holds(registry) == 1
    assert [info_of(registry, one).legal_hold for one in (photo, later, other)] == [True, True, False]
    approve(registry, "HCA-1")
    assert work_on_holds(registry) == 1
    assert not any(info_of(registry, one).legal_hold for one in (photo, later, other))

    page = EntriesPage("lock-entries.md")
    assert HOLD_APPLIED in page.held_by(registry.entry(index) for index in range(registry.size()))


def test_a_live_matter_reaches_what_fits_and_another_matter_goes_on_holding(registry: Registry) -> None:
    photo, menu = registry.paper(), registry.paper("delivery_note", b"menu")
    registry.hold("HCA-1", query={"classes": ["photo"]})
    registry.hold("HCA-2", photo)
    work_on_holds(registry)
    assert (info_of(registry, photo).legal_hold, info_of(registry, menu).legal_hold) == (True, False)

    approve(registry, "HCA-2")
    work_on_holds(registry)
    assert info_of(registry, photo).legal_hold
    approve(registry, "HCA-1")
    work_on_holds(registry)

    assert not info_of(registry, photo).legal_hold


def test_what_a_hold_s_own_job_sets_is_no_finding(registry: Registry) -> None:
    registry.hold("HCA-1", registry.paper())
    work_on_holds(registry)
    keeper_of(registry).reconcile(event_id=registry.id())
    registry.review()

    assert due(registry, Wanted(finding=FindingCode.FLAG_MISSING)).total == 0


def test_a_store_that_is_away_is_asked_again(registry: Registry) -> None:
    photo = registry.paper()
    registry.hold("HCA-1", photo)

    def away(method: str) -> None:
        if method == "hold":
            raise ObjectStoreUnavailable("away")

    registry.objects.faults = away
    assert work_on_holds(registry) == 1
    assert not info_of(registry, photo).legal_hold
    registry.objects.faults = lambda _method: None
    registry.world.clock.advance(hours=1)
    assert work_on_holds(registry) == 1

    assert info_of(registry, photo).legal_hold


@pytest.mark.parametrize("method", ["head", "hold"])
def test_a_release_while_the_flag_is_being_set_is_seen(registry: Registry, method: str) -> None:
    photo = registry.paper()
    registry.hold("HCA-1", photo)
    once: list[Callable[[], None]] = [lambda: approve(registry, "HCA-1")]

    def meanwhile(called: str) -> None:
        if called == method and once:
            once.pop()()

    registry.objects.faults = meanwhile
    keeper_of(registry).apply_hold("HCA-1", event_id=registry.id())

    assert not info_of(registry, photo).legal_hold


def test_an_unknown_matter_is_refused_and_a_repeated_job_is_a_replay(registry: Registry) -> None:
    registry.hold("HCA-1", registry.paper())
    event_id = registry.id()
    first = keeper_of(registry).apply_hold("HCA-1", event_id=event_id)
    size = registry.size()
    keeper_of(registry).apply_hold("HCA-1", event_id=event_id)

    assert (first["flags_set"], registry.size()) == (1, size)
    with pytest.raises(UnknownRetention):
        keeper_of(registry).apply_hold("HCA-2", event_id=registry.id())


# ------------------------------------------------------------------------------------------------ findings


def _findings(registry: Registry) -> list[tuple[FindingCode, Grade]]:
    registry.review()
    found = due(registry, Wanted(with_findings=True))
    return [(one.finding.code, one.grade) for row in found.items for one in row.findings]


def test_a_flag_that_somebody_lifted_is_a_finding_until_the_record_is_in_order(each_registry: Registry) -> None:
    registry = each_registry
    photo = registry.paper()
    registry.hold("HCA-1", photo)
    work_on_holds(registry)
    registry.objects.hold(info_of(registry, photo).ref, on=False)

    keeper_of(registry).reconcile(event_id=registry.id())
    assert info_of(registry, photo).legal_hold
    assert _findings(registry) == [(FindingCode.FLAG_MISSING, Grade.MINOR)]
    registry.world.clock.advance(days=1)
    keeper_of(registry).reconcile(event_id=registry.id())

    assert _findings(registry) == []


def test_a_settled_drift_that_comes_again_is_another_finding(registry: Registry) -> None:
    photo = registry.paper()
    ref = info_of(registry, photo).ref
    registry.objects.hold(ref, on=True)
    keeper_of(registry).reconcile(event_id=registry.id())
    assert _findings(registry) == [(FindingCode.FLAG_STANDS, Grade.NOTE)]
    settle(registry, photo, FindingCode.FLAG_STANDS.value)
    assert _findings(registry) == []

    registry.world.clock.advance(days=1)
    registry.objects.hold(ref, on=True)
    keeper_of(registry).reconcile(event_id=registry.id())

    assert _findings(registry) == [(FindingCode.FLAG_STANDS, Grade.NOTE)]


def test_an_object_that_is_gone_stays_one_finding(registry: Registry) -> None:
    photo = registry.paper()
    registry.objects.delete_version(info_of(registry, photo).ref)
    keeper_of(registry).reconcile(event_id=registry.id())
    (before,) = due_findings(registry)
    registry.world.clock.advance(days=1)
    keeper_of(registry).reconcile(event_id=registry.id())
    (after,) = due_findings(registry)

    assert before == after
    assert (after.finding.code, after.grade) == (FindingCode.OBJECT_MISSING, Grade.MAJOR)


def due_findings(registry: Registry) -> list[Any]:
    registry.review()
    return [one for row in due(registry, Wanted(with_findings=True)).items for one in row.findings]


def test_a_lock_that_a_clock_asks_for_is_set_with_the_hold(registry: Registry) -> None:
    invoice = registry.paper("invoice")
    registry.trigger(invoice.key, Trigger.TRANSACTION_COMPLETED, "2026-11-20")
    registry.trigger(invoice.key, Trigger.FINANCIAL_YEAR_END, "2026-12-31")
    registry.hold("HCA-1", invoice)
    work_on_holds(registry)

    judged = registry.judged(invoice).judgement
    until = info_of(registry, invoice).locked_until
    assert judged.lock_until is not None
    assert until is not None
    assert until.date() == judged.lock_until


def test_every_finding_says_what_to_do_in_both_languages() -> None:
    for code in FindingCode:
        for words in (FINDING_WORDS[code], ACTION_WORDS[code]):
            assert words.zh
            assert words.en
    assert set(FINDINGS) == set(Drift)
