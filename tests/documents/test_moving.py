"""Sealed objects move to another store: the same bytes, locked as they were, and every row names its copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from documents.model import OBJECTS_MOVED, Step
from documents.service import Documents
from storage.objects import Vault
from storage.objects.errors import ObjectDigestMismatch, ObjectStoreUnavailable
from storage.objects.model import Bucket, LockMode
from tests.documents.archive import Archive, room_of
from tests.objects import MemoryStore


@pytest.fixture
def target(each_archive: Archive) -> MemoryStore:
    return MemoryStore(each_archive.world.clock)


def room_on(archive: Archive, store: MemoryStore) -> Documents:
    """Documents as a process has them whose settings name that store."""
    vault = Vault(store, archive.world.storage.keys, archive.world.entropy)
    return room_of(replace(archive.means, vault=vault), archive.spool, archive)


def moved(archive: Archive, target: MemoryStore) -> dict[str, int]:
    return archive.documents.move_objects(target, new_event_id=archive.id)


def test_everything_is_read_from_the_new_store(each_archive: Archive, target: MemoryStore) -> None:
    archive = each_archive
    one, other = archive.add_read(b"one").document, archive.add_read(b"other").document
    archive.add_read(b"one again", document=one)
    sizes = len(archive.objects.refs())

    found = moved(archive, target)

    assert found == {"documents": 2, "objects": sizes}
    assert len(target.refs()) == sizes
    elsewhere = room_on(archive, target)
    for document, version, content in ((one, 1, b"one"), (one, 2, b"one again"), (other, 1, b"other")):
        opened = elsewhere.open_content(archive.clerk, document, version, event_id=archive.id())
        assert b"".join(elsewhere.stream(opened)) == content
        assert elsewhere.reading(archive.clerk, document, version, event_id=archive.id()).text == content.decode()
        small = elsewhere.open_rendition(archive.clerk, document, version, "thumbnail", event_id=archive.id())
        assert b"".join(elsewhere.stream(small)) == b"small"
    entry = archive.entry(archive.entry_index(other))
    assert entry["type"] == OBJECTS_MOVED
    objects: Any = entry["data"]["objects"]
    assert {line["bucket"] for line in objects} == {"records", "derived"}
    assert all(line["before"] != line["after"] for line in objects)
    assert moved(archive, target) == {"documents": 0, "objects": 0}


def test_locks_and_holds_go_with_it(archive: Archive) -> None:
    target = MemoryStore(archive.world.clock)
    archive.add_read(b"kept")
    (record,) = archive.objects.refs(Bucket.RECORDS)
    until = archive.world.clock() + timedelta(days=4_000)
    archive.objects.lock(record, LockMode.COMPLIANCE, until)
    archive.objects.hold(record, on=True)

    moved(archive, target)

    (copied,) = target.refs(Bucket.RECORDS)
    info = target.head(copied)
    assert (info.lock_mode, info.locked_until, info.legal_hold) == (LockMode.COMPLIANCE, until, True)


def test_what_was_stopped_goes_on_where_it_was(archive: Archive) -> None:
    target = MemoryStore(archive.world.clock)
    documents = [archive.add_read(b"%d" % number).document for number in range(3)]
    calls = []

    def pulled(method: str) -> None:
        calls.append(method)
        if method == "put_new" and calls.count("put_new") == 6:
            raise ObjectStoreUnavailable("pulled")

    target.faults = pulled
    with pytest.raises(ObjectStoreUnavailable):
        moved(archive, target)
    target.faults = lambda _method: None

    moved(archive, target)

    elsewhere = room_on(archive, target)
    for number, document in enumerate(documents):
        opened = elsewhere.open_content(archive.clerk, document, 1, event_id=archive.id())
        assert b"".join(elsewhere.stream(opened)) == b"%d" % number
    assert len(target.refs()) == len(archive.objects.refs())


def test_an_object_that_is_not_what_the_log_says_is_never_moved(archive: Archive) -> None:
    target = MemoryStore(archive.world.clock)
    archive.add_read(b"paper")
    (record,) = archive.objects.refs(Bucket.RECORDS)
    archive.objects.tamper(record, archive.objects.content(record)[:-1] + b"x")

    with pytest.raises(ObjectDigestMismatch):
        moved(archive, target)

    archive.objects.tamper(record, b"nothing of it")
    assert archive.entry(archive.size() - 1)["type"] != OBJECTS_MOVED


def test_what_was_destroyed_has_nothing_to_move(archive: Archive) -> None:
    target = MemoryStore(archive.world.clock)
    document = archive.add_read(b"gone", **{"class": "other"}).document
    archive.do(archive.documents.decide_stage(archive.clerk, document, 1, Step.WITHDRAW, event_id=archive.id()))
    archive.work()
    size = archive.size()

    moved(archive, target)

    assert archive.size() == size
    assert target.refs() == []
