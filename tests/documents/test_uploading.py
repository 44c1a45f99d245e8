"""Files come in: received, checked, sealed, committed; and each of these can be begun again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from documents.errors import (
    ContentGone,
    DocumentConflict,
    FileRefused,
    FileTooLarge,
    InvalidDocument,
    OffsetDiffers,
    SpoolFull,
    UnknownDocument,
    UploadBusy,
    UploadDayFull,
    UploadEnded,
    UploadExpired,
    UploadsTooMany,
)
from documents.inspecting import PartsAway
from documents.model import Added, Stage
from documents.parsing import parse_filing
from documents.rules import ORPHAN_AGE, UPLOAD_LIFETIME
from documents.service import UploadLimits
from documents.shelves.store import Wanted, read_documents
from documents.uploading import LEASE_FOR, Held
from documents.uploads.store import Upload, read_ids, read_live_count, read_upload
from policies.errors import Denied
from policies.model import Channel, Role, ScopeKind
from storage.errors import EventIdReused, LogBusy
from storage.objects.errors import ObjectStoreUnavailable
from storage.objects.model import Bucket, Stored
from storage.scope import EVERYTHING
from tests.documents.archive import Archive
from tests.stock.shop import ALLOWS, REFUSES

SECRET_NAME = "陳大文 delivery.jpg"


def test_a_file_becomes_a_document_that_opens_to_the_same_bytes(each_archive: Archive) -> None:
    archive = each_archive
    added = archive.add(
        b"paper" * 1000, title="送貨單", folders=["sku/A1", "supplier/SUP1"], tags=["urgent"], number="D1"
    )

    assert archive.content(added.document) == b"paper" * 1000
    entry = archive.entry(added.index)
    assert entry["type"] == "document.added"
    assert [subject["kind"] for subject in entry["subjects"]] == ["document", "sku", "supplier"]
    data = entry["data"]
    assert (data["class"], data["store"], data["version"], data["tags"]) == ("delivery_note", REFUSES, 1, ["urgent"])
    assert set(entry["personal"]) == {"title", "file_name"}
    assert archive.spool.uploads() == []


def test_the_log_the_store_and_the_database_hold_no_name_in_clear(archive: Archive) -> None:
    added = archive.add(b"secret content", name=SECRET_NAME, title="陳大文的送貨單")

    said = archive.everything()
    for hidden in ("陳大文", SECRET_NAME, "secret content"):
        assert hidden.encode() not in said
    database = archive.world.url.removeprefix("sqlite:///")
    for path in (database, f"{database}-wal"):
        content = Path(path).read_bytes()
        assert "陳大文".encode() not in content
        assert b"secret content" not in content
    for ref in archive.objects.refs():
        assert set(ref.key) <= set("abcdef0123456789-/v1d")
        assert b"secret content" not in archive.objects.content(ref)
    assert added.document in archive.objects.refs()[0].key


def test_the_same_event_sent_again_is_the_same_document(archive: Archive) -> None:
    event_id = archive.id()
    first = archive.add(b"paper", event_id=event_id)
    objects = archive.objects.refs()

    again = archive.add(b"paper", event_id=event_id)

    assert (again.document, again.version, again.index) == (first.document, 1, first.index)
    assert archive.objects.refs() == objects, "nothing is sealed a second time"
    with pytest.raises(EventIdReused):
        archive.add(b"other paper", event_id=event_id)
    with pytest.raises(EventIdReused):
        archive.add(b"paper", event_id=event_id, tags=["other"])


def test_two_uploads_of_one_event_that_overlap_make_one_document(archive: Archive) -> None:
    event_id = archive.id()
    one, two = archive.received(event_id=event_id), archive.received(event_id=event_id)

    first, second = archive.documents.accept_upload(two), archive.documents.accept_upload(one)

    assert isinstance(first, Added)
    assert isinstance(second, Added)
    assert first.document == second.document
    assert len(archive.objects.refs(Bucket.RECORDS)) == 1


def test_a_new_version_stands_beside_the_old_one(archive: Archive) -> None:
    first = archive.add(b"one")

    second = archive.add(b"two", document=first.document)

    assert (second.document, second.version) == (first.document, 2)
    assert archive.content(first.document, 1) == b"one"
    assert archive.content(first.document, 2) == b"two"
    assert archive.entry(second.index)["type"] == "document.version_added"
    assert len(archive.objects.refs(Bucket.RECORDS)) == 2


def test_the_same_content_is_told_as_a_duplicate_to_those_who_may_see_it(archive: Archive) -> None:
    first = archive.add(b"same")
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, ALLOWS)).id)

    seen, unseen = archive.add(b"same"), archive.add(b"same", by=staff, store=ALLOWS)

    assert seen.duplicates == (first.document,)
    assert unseen.duplicates == ()
    assert len({ref.key for ref in archive.objects.refs(Bucket.RECORDS)}) == 3, "no two share their bytes"


def test_a_photo_is_sealed_without_its_places_and_both_digests_are_kept(archive: Archive) -> None:
    added = archive.add(b"paGPSper")

    assert archive.content(added.document) == b"paper"
    entry = archive.entry(added.index)
    assert entry["data"]["stripped"] == ["gps"]
    assert "original_sha256" in entry["personal"]


def test_what_a_worker_accepts_for_somebody_was_decided_by_way_of_a_job(archive: Archive) -> None:
    person = archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES))
    by = archive.policies.principal(person.id, channel=Channel.API)

    archive.documents.accept_upload(archive.received(b"later", by=by))
    later = archive.entry()["decision"]["channel"]
    archive.passed(b"at once", by=by)

    assert (later, archive.entry()["decision"]["channel"]) == ("job", "api")


# ------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(("content", "code"), [(b"EICAR", "file_infected"), (b"<html>", "file_refused")])
def test_what_the_checks_refuse_is_an_entry_and_leaves_nothing(content: bytes, code: str, archive: Archive) -> None:
    upload = archive.received(content)

    with pytest.raises(FileRefused):
        archive.documents.accept_upload(upload)
    with pytest.raises(FileRefused):
        archive.documents.accept_upload(upload)

    entry = archive.entry()
    assert (entry["type"], entry["data"]["code"]) == ("document.upload_refused", code)
    assert archive.objects.refs() == []
    assert archive.spool.uploads() == []


def test_a_silent_scanner_holds_the_file_until_it_speaks(archive: Archive) -> None:
    archive.inspector.away = True
    upload = archive.received()

    held = archive.documents.accept_upload(upload)
    size = archive.size()
    again = archive.documents.accept_upload(upload)
    archive.work()

    assert isinstance(held, Held)
    assert isinstance(again, Held)
    assert archive.size() == size, "it is said once"
    assert archive.entry()["type"] == "document.upload_held"
    assert archive.objects.refs() == []

    archive.inspector.away = False
    archive.world.clock.advance(minutes=11)
    archive.work()

    assert len(archive.objects.refs(Bucket.RECORDS)) == 1
    assert isinstance(archive.documents.accept_upload(upload), Added)


def test_bounds_are_held(archive: Archive) -> None:
    archive.documents.limits = UploadLimits(bytes_max=10, live_max=2)

    with pytest.raises(FileTooLarge):
        archive.received(b"x" * 11)
    with pytest.raises(InvalidDocument):
        archive.received(b"")
    for _ in range(2):
        archive.received(b"x")
    with pytest.raises(UploadsTooMany):
        archive.received(b"x")


def test_one_caller_fills_neither_a_day_nor_the_disk(each_archive: Archive) -> None:
    archive = each_archive
    archive.documents.limits = UploadLimits(bytes_max=100, day_bytes_max=10, spool_bytes_max=16)
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)
    archive.add(b"x" * 6, by=staff)
    with pytest.raises(UploadDayFull) as day:
        archive.received(b"x" * 6, by=staff)
    archive.world.clock.advance(hours=23)
    with pytest.raises(UploadDayFull) as late:
        archive.received(b"y" * 6, by=staff)
    archive.world.clock.advance(hours=1)
    archive.add(b"y" * 6, by=staff)
    # The system itself brings in whole trees; the disk has an end for everybody.
    held = archive.received(b"z" * 12)
    with pytest.raises(SpoolFull):
        archive.received(b"z" * 6, by=archive.clerk)
    with pytest.raises(SpoolFull):
        archive.documents.begin_upload(
            archive.clerk,
            parse_filing({"class": "delivery_note"}, event_id=archive.id()),
            "form.jpg",
            None,
            now=archive.world.clock(),
            at_most=9,
        )
    archive.documents.accept_upload(held)
    archive.received(b"z" * 6)

    assert (day.value.retry_after_s, late.value.retry_after_s) == (86_400, 3_600)


@pytest.mark.parametrize(
    "filing",
    [
        {"class": "nothing"},
        {"store": "NONE"},
        {"supplier": "NONE"},
        {"folders": ["sku/NONE"]},
        {"folders": ["supplier/NONE"]},
        {"folders": ["store/NONE"]},
        {"document": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_what_a_filing_names_must_be_there(filing: dict[str, Any], archive: Archive) -> None:
    with pytest.raises(UnknownDocument):
        archive.received(**filing)

    assert archive.spool.uploads() == []


def test_a_caller_files_at_its_own_stores_only(archive: Archive) -> None:
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)
    auditor = archive.policies.principal(archive.person(Role.AUDITOR).id)
    added = archive.add(by=staff)

    for by, store in ((staff, ALLOWS), (staff, None), (auditor, REFUSES)):
        with pytest.raises(Denied):
            archive.received(by=by, store=store)
    assert archive.content(added.document, by=staff) == b"paper"


def test_rights_that_were_lost_before_the_commit_end_the_upload(archive: Archive) -> None:
    person = archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES))
    upload = archive.received(by=archive.policies.principal(person.id))
    archive.unassign(person.id, ScopeKind.STORE, REFUSES)

    with pytest.raises(Denied):
        archive.documents.accept_upload(upload)

    assert archive.entry()["type"] == "access.denied"
    with pytest.raises(UploadEnded):
        archive.documents.accept_upload(upload)


# ------------------------------------------------------------------------------------- in passing


def row_of(archive: Archive) -> Upload:
    """The row of the one upload there was, once what was queued before is done."""
    archive.world.storage.database.operate(lambda _operation: None)
    with archive.world.storage.database.read() as connection:
        (only,) = read_ids(connection)
        found = read_upload(connection, UUID(only))
    assert found is not None
    return found


def test_a_file_in_one_call_leaves_a_document_and_no_key_behind(each_archive: Archive) -> None:
    archive = each_archive
    keys = archive.world.storage.keys

    added = archive.passed(b"paGPSper" * 1000, title="送貨單", tags=["urgent"])

    assert isinstance(added, Added)
    assert archive.content(added.document) == b"paper" * 1000
    upload = row_of(archive)
    assert (upload.stage, upload.size, upload.entry_index) == (Stage.SEALED, 8000, added.index)
    assert keys.ids("upload") == []
    assert keys.ids("document") == [added.document]
    assert not keys.was_destroyed("document", str(upload.id)), "there was nothing to destroy"


def test_a_file_in_one_call_is_recognised_by_its_event(archive: Archive) -> None:
    event_id = archive.id()
    first, objects = archive.passed(event_id=event_id), archive.objects.refs()

    again = archive.passed(event_id=event_id)

    assert isinstance(first, Added)
    assert isinstance(again, Added)
    assert (again.document, again.index, archive.objects.refs()) == (first.document, first.index, objects)
    with pytest.raises(EventIdReused):
        archive.passed(b"other paper", event_id=event_id)


@pytest.mark.parametrize(("content", "code"), [(b"EICAR", "file_infected"), (b"<html>", "file_refused")])
def test_what_is_refused_in_one_call_is_an_entry_and_leaves_nothing(
    content: bytes, code: str, archive: Archive
) -> None:
    with pytest.raises(FileRefused):
        archive.passed(content)

    assert (archive.entry()["type"], archive.entry()["data"]["code"]) == ("document.upload_refused", code)
    assert row_of(archive).stage is Stage.REFUSED
    assert (archive.objects.refs(), archive.spool.uploads()) == ([], [])


def test_a_silent_scanner_keeps_a_file_that_came_in_one_call(archive: Archive) -> None:
    archive.inspector.away = True

    held = archive.passed(b"paper" * 1000, name=SECRET_NAME)

    assert isinstance(held, Held)
    assert (row_of(archive).stage, archive.spool.uploads()) == (Stage.HELD, [str(held.upload)])
    archive.inspector.away = False
    archive.world.clock.advance(minutes=11)
    archive.work()
    added = archive.documents.accept_upload(held.upload)
    assert isinstance(added, Added)
    assert archive.content(added.document) == b"paper" * 1000
    assert archive.spool.uploads() == []


def test_a_file_that_could_not_be_taken_in_now_is_sent_again(archive: Archive) -> None:
    event_id = archive.id()

    def away(method: str) -> None:
        if method == "put_new":
            raise ObjectStoreUnavailable

    archive.objects.faults = away
    with pytest.raises(ObjectStoreUnavailable):
        archive.passed(event_id=event_id)
    archive.objects.faults = lambda _method: None
    archive.inspector.parts_away = True
    with pytest.raises(PartsAway):
        archive.passed(event_id=event_id)
    archive.inspector.parts_away = False
    archive.documents.sweep_uploads(archive.world.clock())

    assert (archive.objects.refs(), archive.spool.uploads()) == ([], [])
    with archive.world.storage.database.read() as connection:
        assert read_live_count(connection, archive.clerk.id) == 0
    added = archive.passed(event_id=event_id)
    assert isinstance(added, Added)
    assert archive.content(added.document) == b"paper"


@pytest.mark.parametrize("is_away", [False, True], ids=["to be sealed", "to be held"])
def test_nothing_is_sealed_or_held_of_a_file_whose_row_could_not_be_written(archive: Archive, is_away: bool) -> None:
    archive.inspector.away = is_away
    request, now, size = archive.filing_of({}), archive.world.clock(), archive.world.storage.log.head().size
    passing = archive.documents.begin_passing(archive.clerk, request, "a.jpg", 5, now=now)
    with passing.spool.writer() as writer:
        writer.write(b"paper")

    def busy() -> None:
        raise LogBusy(1)

    with pytest.raises(LogBusy):
        archive.documents.finish_passing(replace(passing, counted=busy))
    archive.documents.drop_passing(passing)

    assert "put_new" not in archive.objects.calls
    assert (archive.objects.refs(), archive.spool.uploads()) == ([], [])
    assert archive.world.storage.log.head().size == size
    assert archive.world.storage.keys.ids("document") == []


def test_a_file_without_a_byte_is_none(archive: Archive) -> None:
    request, now = archive.filing_of({}), archive.world.clock()
    passing = archive.documents.begin_passing(archive.clerk, request, "a.jpg", None, now=now)

    with pytest.raises(InvalidDocument):
        archive.documents.finish_passing(passing)
    archive.documents.drop_passing(passing)

    assert row_of(archive).stage is Stage.ABANDONED


# --------------------------------------------------------------------------------- sealed ahead


def sealed_ahead(archive: Archive) -> Callable[[], None]:
    """Waits, in the midst of the checks, until the store has the object; it is there, and nobody can see a document."""

    def wait() -> None:
        for _ in range(500):
            if archive.objects.refs(Bucket.RECORDS):
                break
            time.sleep(0.01)
        assert len(archive.objects.refs(Bucket.RECORDS)) == 1
        with archive.world.storage.database.read() as connection:
            assert read_documents(connection, EVERYTHING, Wanted(), after=None, limit=1000).items == ()
        assert archive.world.storage.keys.ids("document") == [], "no key is stored before the checks have ended"

    return wait


def test_a_file_is_sealed_while_it_is_looked_at_and_once(archive: Archive) -> None:
    archive.inspector.late = sealed_ahead(archive)

    added = archive.passed(b"paGPSper" * 1000)

    assert isinstance(added, Added)
    assert len(archive.objects.refs(Bucket.RECORDS)) == 1
    assert archive.objects.calls.count("put_new") == 1
    assert archive.content(added.document) == b"paper" * 1000
    assert archive.world.storage.keys.ids("document") == [added.document]
    epoch = archive.world.storage.keys.epoch_of("document", added.document)
    assert archive.entry(added.index)["data"]["key_epoch"] == epoch


@pytest.mark.parametrize("way", ["passed", "sent"])
def test_what_the_checks_refuse_in_the_end_leaves_neither_object_nor_key(way: str, archive: Archive) -> None:
    archive.inspector.late = sealed_ahead(archive) if way == "passed" else None

    with pytest.raises(FileRefused):
        getattr(archive, way)(b"LATE" * 1000)

    assert (archive.entry()["type"], archive.entry()["data"]["code"]) == ("document.upload_refused", "file_refused")
    assert (archive.objects.refs(), archive.spool.uploads()) == ([], [])
    assert archive.world.storage.keys.ids("document") == []


def test_a_refused_version_leaves_the_document_as_it_was(archive: Archive) -> None:
    first = archive.add(b"one")
    before = archive.objects.refs()

    with pytest.raises(FileRefused):
        archive.passed(b"LATE", document=first.document)

    assert archive.objects.refs() == before
    assert archive.content(first.document) == b"one"
    second = archive.passed(b"two", document=first.document)
    assert isinstance(second, Added)
    assert second.version == 2


def test_a_child_that_dies_after_the_seal_began_leaves_nothing_and_is_tried_again(archive: Archive) -> None:
    def die() -> None:
        archive.inspector.late = None
        raise PartsAway("parser_crashed")

    upload = archive.received()
    archive.inspector.late = die
    with pytest.raises(PartsAway):
        archive.documents.accept_upload(upload)

    assert archive.objects.refs() == []
    added = archive.documents.accept_upload(upload)
    assert isinstance(added, Added)
    assert archive.content(added.document) == b"paper"


def test_an_object_that_could_not_be_removed_again_is_the_sweepers(archive: Archive) -> None:
    def away(method: str) -> None:
        if method == "delete_version":
            raise ObjectStoreUnavailable

    archive.objects.faults = away
    archive.inspector.late = sealed_ahead(archive)
    with pytest.raises(FileRefused):
        archive.passed(b"LATE")
    archive.objects.faults = lambda _method: None
    (orphan,) = archive.objects.refs()
    document = UUID(orphan.key.split("/")[2])

    assert not archive.vault.has_key(document), "whoever finds it can not open it"
    archive.world.clock.now += ORPHAN_AGE
    assert archive.documents.sweep_objects(archive.world.clock())["swept"] == 1


def test_a_large_file_that_is_refused_stops_on_its_way(archive: Archive) -> None:
    content = b"LATE" + bytes(20 << 20)
    read: list[int] = []
    put_new = archive.objects.put_new

    def slow(bucket: Bucket, key: str, chunks: Iterable[bytes], **options: Any) -> Stored:
        def slowly() -> Iterator[bytes]:
            for chunk in chunks:
                read.append(len(chunk))
                time.sleep(0.01)
                yield bytes(chunk)

        return put_new(bucket, key, slowly(), **options)

    archive.objects.put_new = slow  # type: ignore[assignment, method-assign]
    with pytest.raises(FileRefused):
        archive.passed(content)

    assert sum(read) < len(content)
    assert archive.objects.refs() == []


# ------------------------------------------------------------------------------------- resumption


def test_an_upload_goes_on_where_it_was(archive: Archive) -> None:
    request = parse_filing({"class": "photo", "store": REFUSES}, event_id=archive.id())
    upload = archive.documents.begin_upload(archive.clerk, request, "a.jpg", 6, now=archive.world.clock())

    def broken() -> None:
        with archive.documents.receiving(upload, 0) as writer:
            writer.write(b"abc")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with pytest.raises(OffsetDiffers) as caught, archive.documents.receiving(upload, 0):
        pass
    with archive.documents.receiving(upload, 3) as writer:
        writer.write(b"def")

    assert caught.value.offset == 3
    assert archive.documents.received(upload) == 6
    added = archive.documents.accept_upload(archive.documents.complete_upload(upload).id)
    assert isinstance(added, Added)
    assert archive.content(added.document) == b"abcdef"


def test_one_process_at_a_time_accepts_a_file_and_another_takes_over_a_dead_one(archive: Archive) -> None:
    upload = archive.received()
    archive.inspector.parts_away = True
    archive.objects.faults = lambda _method: None
    with pytest.raises(PartsAway):
        archive.documents.accept_upload(upload)
    archive.inspector.parts_away = False
    from documents.uploads import store as upload_rows

    now = archive.world.clock()
    archive.world.storage.database.operate(lambda operation: upload_rows.take(operation, upload, now, LEASE_FOR))

    with pytest.raises(UploadBusy):
        archive.documents.accept_upload(upload)
    archive.world.clock.now += LEASE_FOR
    assert isinstance(archive.documents.accept_upload(upload), Added)


def test_the_sweeper_goes_on_with_what_nobody_finished(archive: Archive) -> None:
    def away(method: str) -> None:
        if method == "put_new":
            raise ObjectStoreUnavailable

    upload = archive.received()
    archive.objects.faults = away
    with pytest.raises(ObjectStoreUnavailable):
        archive.documents.accept_upload(upload)
    archive.objects.faults = lambda _method: None

    archive.documents.sweep_uploads(archive.world.clock())

    added = archive.documents.accept_upload(upload)
    assert isinstance(added, Added)
    assert archive.content(added.document) == b"paper"


def test_what_is_never_finished_is_forgotten_with_its_bytes(archive: Archive) -> None:
    request = parse_filing({"class": "photo", "store": REFUSES}, event_id=archive.id())
    upload = archive.documents.begin_upload(archive.clerk, request, "a.jpg", 6, now=archive.world.clock())
    archive.world.clock.now += UPLOAD_LIFETIME

    with pytest.raises(UploadExpired):
        archive.documents.upload(archive.clerk, upload.id, now=archive.world.clock())
    archive.documents.sweep_uploads(archive.world.clock())

    assert archive.spool.uploads() == []
    archive.world.clock.advance(days=3)
    archive.documents.sweep_uploads(archive.world.clock())
    with archive.world.storage.database.read() as connection:
        assert read_upload(connection, upload.id) is None


def test_an_upload_can_be_given_up_and_is_its_callers_own(archive: Archive) -> None:
    request = parse_filing({"class": "photo", "store": REFUSES}, event_id=archive.id())
    upload = archive.documents.begin_upload(archive.clerk, request, "a.jpg", 6, now=archive.world.clock())
    other = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)

    with pytest.raises(UnknownDocument):
        archive.documents.upload(other, upload.id, now=archive.world.clock())
    archive.documents.abandon_upload(upload)

    found = archive.documents.upload(archive.clerk, upload.id, now=archive.world.clock())
    assert found.stage is Stage.ABANDONED
    with pytest.raises(UploadEnded), archive.documents.receiving(found, 0):
        pass
    with pytest.raises(UploadEnded):
        archive.documents.abandon_upload(found)


def test_orphans_are_swept_and_nothing_else(archive: Archive) -> None:
    added = archive.add_read()
    orphan = archive.vault.seal(archive.id(), 1, (b"orphan",))
    before = set(archive.objects.refs())

    young = archive.documents.sweep_objects(archive.world.clock())
    archive.world.clock.now += ORPHAN_AGE
    old = archive.documents.sweep_objects(archive.world.clock())

    assert (young["swept"], old["swept"]) == (0, 1)
    assert set(archive.objects.refs()) == before - {orphan.ref}
    assert archive.content(added.document) == b"paper"


def test_a_retired_class_takes_nothing_new(archive: Archive) -> None:
    from documents.class_parsing import parse_class_change

    upload = archive.received()
    request = parse_class_change({"active": False}, code="delivery_note", event_id=archive.id())
    archive.do(archive.documents.change_class(archive.admin, request))

    with pytest.raises(DocumentConflict):
        archive.received()
    with pytest.raises(DocumentConflict):
        archive.documents.accept_upload(upload)


def test_a_version_that_is_overtaken_is_sealed_again_under_the_next_number(archive: Archive) -> None:
    first = archive.add(b"one")
    upload = archive.received(b"three", document=first.document)
    documents = archive.documents
    inspect = archive.inspector.inspect

    def slow(*arguments: object) -> object:
        archive.inspector.inspect = inspect  # type: ignore[method-assign]
        archive.add(b"two", document=first.document)
        return inspect(*arguments)  # type: ignore[arg-type]

    archive.inspector.inspect = slow  # type: ignore[assignment, method-assign]
    third = documents.accept_upload(upload)

    assert isinstance(third, Added)
    assert third.version == 3
    assert [archive.content(first.document, n) for n in (1, 2, 3)] == [b"one", b"two", b"three"]
    assert len(archive.objects.refs(Bucket.RECORDS)) == 3


def test_content_whose_key_is_destroyed_is_gone(archive: Archive) -> None:
    added = archive.add()
    archive.vault.destroy_key(UUID(added.document))

    with pytest.raises(ContentGone):
        archive.content(added.document)
    with pytest.raises(ContentGone):
        archive.add(document=added.document)
