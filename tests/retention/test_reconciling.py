"""The store's locks follow the schedules and the holds, and what differed is said and mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from documents.retaining.sources import DocumentRecords
from retention.locks.model import LOCKS_RECONCILED
from retention.locks.reconciling import LockKeeper, end_of_day
from retention.records import Judged
from storage.objects import LockMode, ObjectInfo
from tests.entries_page import EntriesPage
from tests.retention.offices import Office, Told, record


class Dated(Told):
    """A judge that is told until when the law keeps everything."""

    lock_until: date | None = None

    def judge_records(self, reader, records, on):  # type: ignore[no-untyped-def]
        found = super().judge_records(reader, records, on)
        return {
            one: Judged(judged.described, judged.record_class, replace(judged.judgement, lock_until=self.lock_until))
            for one, judged in found.items()
        }


@pytest.fixture
def judge() -> Dated:
    return Dated()


@pytest.fixture
def keeper(office: Office, judge: Dated) -> LockKeeper:
    storage = office.world.storage
    return LockKeeper(
        storage.database,
        storage.log,
        judge,
        DocumentRecords(),
        office.documents,
        office.objects,
        clock=office.world.clock,
    )


def _info(office: Office, document: str) -> ObjectInfo:
    return office.objects.head(office.documents._version(document, 1).ref)  # noqa: SLF001


def _unlocked(office: Office) -> str:
    return office.add_read(b"photo", **{"class": "photo"}).document


def test_a_lock_is_set_to_the_end_of_the_statutory_minimum_and_lengthened(
    office: Office, keeper: LockKeeper, judge: Dated
) -> None:
    document = _unlocked(office)
    judge.lock_until = date(2033, 11, 22)
    first = keeper.reconcile(event_id=office.id())
    locked = _info(office, document)
    judge.lock_until = date(2034, 1, 31)
    second = keeper.reconcile(event_id=office.id())
    third = keeper.reconcile(event_id=office.id())

    assert (locked.lock_mode, locked.locked_until) == (LockMode.GOVERNANCE, datetime(2033, 11, 22, 16, tzinfo=UTC))
    assert _info(office, document).locked_until == datetime(2034, 1, 31, 16, tzinfo=UTC)
    assert (first["drifts"], second["drifts"], third["drifts"]) == ({"lock_missing": 1}, {"lock_short": 1}, {})
    assert first["looked"] == 1


def test_a_lock_that_is_too_long_is_told_and_never_shortened(office: Office, keeper: LockKeeper, judge: Dated) -> None:
    document = office.add_read().document
    until = _info(office, document).locked_until
    assert until is not None
    judge.lock_until = until.date() - timedelta(days=400)

    found = keeper.reconcile(event_id=office.id())
    judge.lock_until = None
    again = keeper.reconcile(event_id=office.id())

    assert found["drifts"] == again["drifts"] == {"lock_long": 1}
    assert _info(office, document).locked_until == until


def test_the_hold_flag_follows_the_matters(office: Office, keeper: LockKeeper, judge: Dated) -> None:
    document = _unlocked(office)
    judge.held[record(document)] = ("HCA 1/2026", "HCA 2/2026")
    set_on = keeper.reconcile(event_id=office.id())
    assert _info(office, document).legal_hold
    judge.held[record(document)] = ("HCA 2/2026",)
    assert keeper.reconcile(event_id=office.id())["drifts"] == {}
    judge.held.clear()
    lifted = keeper.reconcile(event_id=office.id())

    assert set_on["drifts"] == {"hold_missing": 1}
    assert lifted["drifts"] == {"hold_stands": 1}
    assert not _info(office, document).legal_hold


def test_an_object_that_is_gone_is_told_and_a_repeated_job_is_a_replay(
    office: Office, keeper: LockKeeper, judge: Dated
) -> None:
    document = _unlocked(office)
    office.objects.delete_version(_info(office, document).ref)
    event_id = office.id()

    found = keeper.reconcile(event_id=event_id)
    size = office.size()
    keeper.reconcile(event_id=event_id)

    assert found["drifts"] == {"missing_object": 1}
    assert office.size() == size
    page = EntriesPage("lock-entries.md")
    assert LOCKS_RECONCILED in page.held_by(office.entry(index) for index in range(size))


def test_what_is_being_destroyed_is_left_alone(office: Office, keeper: LockKeeper, judge: Dated) -> None:
    document = office.paper()
    office.begun(record(document))
    judge.lock_until = date(2050, 1, 1)

    assert keeper.reconcile(event_id=office.id())["looked"] == 0


def test_days_end_in_hong_kong_and_time_has_an_end() -> None:
    assert end_of_day(date(2026, 11, 22)) == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert end_of_day(date.max).year == 9999
