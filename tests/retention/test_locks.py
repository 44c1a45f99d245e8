"""Locks: probed once a day and on request, recorded, shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from policies.errors import Denied
from policies.model import Role, ScopeKind
from retention.locks.model import EVENT_TYPES, HOLD_APPLIED, LOCK_PROBED, LOCKS_RECONCILED, MODE_APPLIED, MODE_SET
from retention.locks.service import Locks
from storage.objects import Bucket
from storage.objects.errors import ObjectStoreUnavailable
from storage.objects.probe import Attack, Strength
from tests.documents.archive import Archive, furnish_archive
from tests.entries_page import EntriesPage
from tests.furnished import Dialect, Furnished
from tests.retention.offices import Told, mode_means

PAGE = EntriesPage("lock-entries.md")


@pytest.fixture
def archive(dialect: Dialect, furnished: Furnished, tmp_path: Path) -> Iterator[Archive]:
    with furnished.opened(dialect, furnish_archive, tmp_path) as (world, _):
        yield Archive(world, tmp_path, stocked=False)
        world.check()


@pytest.fixture
def locks(archive: Archive) -> Locks:
    return Locks(mode_means(archive, Told()), archive.objects, entropy=archive.world.entropy)


def test_a_probe_is_recorded_once(archive: Archive, locks: Locks) -> None:
    job = UUID(archive.do(locks.request_probe(archive.admin, event_id=archive.id())))

    found = locks.probe(event_id=job)
    size = archive.size()
    locks.probe(event_id=job)

    assert found["good"] is True
    assert archive.size() == size
    with archive.world.storage.database.read() as connection:
        results = locks.probed(connection)
    assert {(one.bucket, one.attack) for one in results} == {(b, a) for b in ("records", "packs") for a in Attack}
    assert {one.strength for one in results} == {Strength.ENFORCED}
    assert {one.entry_index for one in results} == {size - 1}
    assert archive.entry(size - 1)["type"] == LOCK_PROBED


def test_who_may_not_probe_is_denied(archive: Archive, locks: Locks) -> None:
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id)

    with pytest.raises(Denied):
        locks.request_probe(staff, event_id=archive.id())


def test_a_store_that_is_away_leaves_no_result(archive: Archive, locks: Locks) -> None:
    def away(_method: str) -> None:
        msg = "away"
        raise ObjectStoreUnavailable(msg)

    archive.objects.faults = away

    with pytest.raises(ObjectStoreUnavailable):
        locks.probe(event_id=archive.id())

    with archive.world.storage.database.read() as connection:
        assert locks.probed(connection) == []


def test_entries_hold_what_the_page_says(archive: Archive, locks: Locks) -> None:
    archive.committed(locks.request_probe(archive.admin, event_id=archive.id()))
    locks.probe(event_id=archive.id())
    assert archive.objects.refs(Bucket.PACKS)

    seen = PAGE.held_by(archive.entry(index) for index in range(archive.size()))

    others = {LOCKS_RECONCILED, HOLD_APPLIED, MODE_SET, MODE_APPLIED}  # looked at where they are made
    assert seen | others == set(EVENT_TYPES) == set(PAGE.documented())
