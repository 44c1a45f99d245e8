"""Disposal: two persons, an exact preview, two commits, a certificate; and nothing that is held ever goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from documents.errors import ContentGone, DocumentConflict
from documents.model import DISPOSAL_BEGUN, DISPOSED, Stage
from documents.search.model import Scope, SearchQuery
from documents.shelves.store import read_notes
from documents.store import read_document, read_fields, read_versions
from policies.codes import Code as PolicyCode
from policies.errors import Denied
from policies.pending.model import PendingState
from retention.disposal.certificates import FORMATS, certificate_body, verify_certificate
from retention.disposal.errors import (
    CertificateBroken,
    Code,
    DisposalConflict,
    DisposalError,
    HoldStands,
    InvalidDisposal,
)
from retention.disposal.model import EVENT_TYPES, LIFETIME, Clock, Destroyed, Disposal, DisposalState
from retention.disposal.plans import parse_plan, plan_bytes
from retention.disposal.service import Disposals
from retention.model import Outcome, Trigger
from retention.records import Record, RecordKind
from retention.seed import SEEDED
from storage.errors import KeyMissing
from storage.objects import Bucket, LockMode
from storage.objects.errors import ObjectStoreUnavailable
from tests.audit.vectors import FOLDER
from tests.entries_page import EntriesPage
from tests.retention.offices import Office, record
from tests.retention.registry import Registry
from tests.retention.test_due import due
from tests.retention.vectors import disposal_certificate


def test_two_persons_and_two_commits_destroy_everything_and_certify_it(each_office: Office) -> None:
    office = each_office
    papers = {b"first": "普洱收貨", b"second": "龍井收貨", b"kept": "鐵觀音收貨"}
    first, second, kept = (office.paper(content, title=title) for content, title in papers.items())
    office.do(office.documents.note(office.clerk, first, "陳先生簽收", event_id=office.id()))
    version = office.documents._version(first, 1)  # noqa: SLF001

    done = office.disposed(record(first), record(second))

    assert done.state is DisposalState.CERTIFIED
    assert {ref.key.split("/")[2] for ref in office.objects.refs()} == {kept}
    for document in (first, second):
        assert office.stage(document) is Stage.DESTROYED
        assert office.world.storage.keys.was_destroyed("document", document)
        with pytest.raises(ContentGone):
            office.documents.open_content(office.officer, document, 1, event_id=office.id())
        with pytest.raises(ContentGone):
            office.documents.fields(office.officer, document, 1, event_id=office.id())
    with pytest.raises(KeyMissing):
        b"".join(office.vault.open(version.ref, UUID(first), 1))
    everyone = Scope(frozenset({"MK01"}), organisation=True)
    assert office.search.query(SearchQuery("普洱"), everyone).hits == ()
    assert [hit.document_id for hit in office.search.query(SearchQuery("鐵觀音"), everyone).hits] == [kept]
    with office.world.storage.database.read() as connection:
        tombstone = read_document(connection, first)
        assert tombstone is not None
        assert (tombstone.title, tombstone.number) == (b"", None)
        assert read_versions(connection, first)[0].file_name == b""
        assert [note.text for note in read_notes(connection, first)] == [b""]
        assert read_fields(connection, first, 1).sealed == b""  # type: ignore[union-attr]
    proved = verify_certificate(office.disposals.certificate(done.id))
    assert (proved.disposal, proved.records, proved.residues) == (done.id, 2, 0)


def test_whoever_proposed_may_not_approve(office: Office) -> None:
    document = record(office.add_read().document)
    made = office.proposed(document)

    with pytest.raises(Denied) as caught:
        office.do(office.disposals.approve(office.officer, made.id, made.preview, "x", event_id=office.id()))

    assert caught.value.decision.code is PolicyCode.OWN_APPROVAL
    assert office.policies.pending_action(made.pending).state is PendingState.OPEN
    office.do(office.disposals.approve(office.second, made.id, made.preview, "x", event_id=office.id()))
    assert office.policies.pending_action(made.pending).state is PendingState.APPROVED


def test_what_is_asked_wrongly_is_refused_and_changes_nothing(office: Office) -> None:
    document = record(office.add_read().document)
    made = office.proposed(document)
    one, two, system, rooms, new = office.officer, office.second, office.admin, office.disposals, office.id
    refusals: list[tuple[Code, Callable[[], object]]] = [
        (Code.DISPOSAL_PERSONS, lambda: rooms.propose(system, [document], "x", event_id=new())),
        (Code.DISPOSAL_PERSONS, lambda: rooms.approve(system, made.id, made.preview, "x", event_id=new())),
        (Code.DISPOSAL_PERSONS, lambda: rooms.execute(system, made.id, made.preview, event_id=new())),
        (Code.DISPOSAL_STATE, lambda: office.do(rooms.execute(two, made.id, made.preview, event_id=new()))),
        (Code.DISPOSAL_PREVIEW, lambda: office.do(rooms.approve(two, made.id, "0" * 64, "x", event_id=new()))),
        (Code.DISPOSAL_CLAIMED, lambda: office.proposed(document)),
        (Code.DISPOSAL_REASON, lambda: rooms.propose(one, [document], "  ", event_id=new())),
        (Code.DISPOSAL_RECORDS, lambda: rooms.propose(one, [], "x", event_id=new())),
        (Code.DISPOSAL_RECORDS, lambda: rooms.propose(one, [document] * 2, "x", event_id=new())),
        (Code.DISPOSAL_RECORD_UNKNOWN, lambda: office.proposed(record(UUID(int=5)))),
        (Code.DISPOSAL_UNKNOWN, lambda: office.disposal("none")),
        (Code.DISPOSAL_NOT_CERTIFIED, lambda: rooms.certificate(made.id)),
    ]
    size = office.size()

    for code, refuse in refusals:
        with pytest.raises(DisposalError) as caught:
            refuse()
        assert caught.value.code is code

    assert office.size() == size
    assert office.stage(document.id) is Stage.RELEASED


def test_a_hold_stops_a_disposal_at_every_step_before_it_begins(office: Office) -> None:
    document = record(office.add_read().document)
    office.judge.held[document] = ("HCA 1/2026",)
    with pytest.raises(HoldStands, match="HCA 1/2026"):
        office.proposed(document)
    office.judge.held.clear()
    made = office.approved(document)
    office.judge.held[document] = ("HCA 1/2026",)

    with pytest.raises(HoldStands):
        office.do(office.disposals.execute(office.second, made.id, made.preview, event_id=office.id()))

    assert office.stage(document.id) is Stage.RELEASED
    assert office.content(document.id) == b"paper"


def test_what_changed_after_the_preview_is_not_destroyed(office: Office) -> None:
    document = office.add_read().document
    made = office.approved(record(document))
    office.add_read(b"another", document=document)

    with pytest.raises(DisposalConflict) as caught:
        office.do(office.disposals.execute(office.second, made.id, made.preview, event_id=office.id()))

    assert caught.value.code is Code.DISPOSAL_PREVIEW
    assert not office.disposals.simulate(made.id).is_current
    assert office.content(document, 2) == b"another"


def test_a_schedule_that_changed_stops_it_too(office: Office) -> None:
    document = record(office.add_read().document)
    made = office.approved(document)
    office.judge.schedules = ("HK-TAX-7Y/2",)

    with pytest.raises(DisposalConflict) as caught:
        office.do(office.disposals.execute(office.second, made.id, made.preview, event_id=office.id()))

    assert caught.value.code is Code.DISPOSAL_PREVIEW
    office.judge.kept.add(document)
    with pytest.raises(DisposalConflict) as caught:
        office.do(office.disposals.execute(office.second, made.id, made.preview, event_id=office.id()))
    assert caught.value.code is Code.DISPOSAL_NOT_DUE


def test_time_runs_out_and_a_declined_disposal_frees_its_records(office: Office) -> None:
    document = record(office.add_read().document)
    made = office.approved(document)
    office.world.clock.advance(days=LIFETIME.days)
    with pytest.raises(DisposalConflict) as caught:
        office.do(office.disposals.execute(office.second, made.id, made.preview, event_id=office.id()))
    assert caught.value.code is Code.DISPOSAL_EXPIRED

    again = office.proposed(document)
    office.do(office.disposals.decline(office.second, again.id, "再查", event_id=office.id()))
    third = office.proposed(document)

    assert office.disposal(again.id).state is DisposalState.DECLINED
    assert third.preview == again.preview
    assert office.content(document.id) == b"paper"


def waits(office: Office, disposal: Disposal) -> PendingState:
    return office.policies.pending_action(disposal.pending).state_at(office.world.clock())


@pytest.mark.parametrize(("own", "state"), [(False, PendingState.DECLINED), (True, PendingState.WITHDRAWN)])
def test_declining_a_disposal_closes_what_waits_for_it_at_once(
    each_office: Office, own: bool, state: PendingState
) -> None:
    office = each_office
    made = office.proposed(record(office.add_read().document))
    assert waits(office, made) is PendingState.OPEN
    by = office.officer if own else office.second
    event_id = office.id()

    first = office.committed(office.disposals.decline(by, made.id, "再查", event_id=event_id))
    again = office.committed(office.disposals.decline(by, made.id, "再查", event_id=event_id))

    assert waits(office, made) is state
    assert (again.replayed, again.receipt.index) == (True, first.receipt.index)
    assert office.entry(first.receipt.index)["type"] == "disposal.declined"


@pytest.mark.parametrize("own", [False, True])
def test_what_is_declined_where_everything_waits_ends_its_disposal(each_office: Office, own: bool) -> None:
    office = each_office
    document = record(office.add_read().document)
    made = office.proposed(document)
    settle = office.policies.withdraw_pending if own else office.policies.decline_pending

    office.do(settle(office.officer if own else office.second, made.pending, event_id=office.id(), reason="再查"))

    assert office.disposal(made.id).state is DisposalState.DECLINED
    with pytest.raises(DisposalConflict):
        office.do(office.disposals.approve(office.second, made.id, made.preview, "核對無誤", event_id=office.id()))
    assert office.proposed(document).preview == made.preview


def test_a_disposal_that_was_approved_has_nothing_left_that_waits(office: Office) -> None:
    made = office.approved(record(office.add_read().document))
    office.do(office.disposals.decline(office.second, made.id, "再查", event_id=office.id()))

    assert waits(office, made) is PendingState.APPROVED
    assert office.disposal(made.id).state is DisposalState.DECLINED


def test_a_hold_that_the_store_shows_stops_everything(office: Office) -> None:
    document = office.add_read().document
    ref = office.documents._version(document, 1).ref  # noqa: SLF001
    made = office.begun(record(document))
    office.objects.hold(ref, on=True)

    with pytest.raises(HoldStands):
        office.disposals.destroy(made.id, event_id=office.id())

    assert office.world.storage.keys.has("document", document)
    assert office.disposal(made.id).state is DisposalState.DESTROYING
    office.objects.hold(ref, on=False)
    office.disposals.destroy(made.id, event_id=office.id())
    assert office.disposal(made.id).state is DisposalState.CERTIFIED


def test_a_lock_keeps_an_object_that_nobody_can_read_and_it_goes_when_it_ends(office: Office) -> None:
    document = office.add_read().document
    ref = office.documents._version(document, 1).ref  # noqa: SLF001
    until = office.world.clock.now + timedelta(days=3_000)
    office.objects.lock(ref, LockMode.COMPLIANCE, until)

    made = office.disposed(record(document))
    body = json.loads(office.disposals.certificate(made.id))["certificate"]
    early = office.disposals.remove_residues(event_id=office.id())
    office.world.clock.advance(days=3_001)
    late = office.disposals.remove_residues(event_id=office.id())

    assert body["residual"]["locked_objects"] == 1
    assert body["residual"]["locked_until"].startswith(until.date().isoformat())
    assert body["records"][0]["residues"][0]["key"] == ref.key
    assert (early, late) == ({"removed": 0, "locked": 1}, {"removed": 1, "locked": 0})
    assert [one for one in office.objects.refs() if document in one.key] == []
    assert office.disposals.request_retry(now=office.world.clock()) is None


@pytest.mark.parametrize("broken", ["head", "versions", "delete_version"])
def test_a_failure_on_the_way_stays_destroying_and_is_repeated(office: Office, broken: str) -> None:
    document = office.paper()
    made = office.begun(record(document))
    calls = 0

    def fail(method: str) -> None:
        nonlocal calls
        calls += method == broken
        if method == broken and calls == 2:
            msg = "away"
            raise ObjectStoreUnavailable(msg)

    office.objects.faults = fail
    with pytest.raises(ObjectStoreUnavailable):
        office.disposals.destroy(made.id, event_id=office.id())
    assert office.disposal(made.id).state is DisposalState.DESTROYING
    with pytest.raises(ContentGone):
        office.content(document)

    retry = office.disposals.request_retry(now=office.world.clock())
    assert retry is not None
    assert office.do(retry) == 1
    office.disposals_of().destroy(made.id, event_id=office.id())

    assert office.disposal(made.id).state is DisposalState.CERTIFIED
    assert [one for one in office.objects.refs() if document in one.key] == []
    assert office.disposals.destroy(made.id, event_id=office.id()) == {"passed_over": "certified"}


def test_a_stray_object_goes_as_well(office: Office) -> None:
    document = office.paper()
    made = office.begun(record(document))
    office.objects.put_new(Bucket.DERIVED, f"v1/d/{document}/000001-stray", [b"x"])

    office.disposals.destroy(made.id, event_id=office.id())

    body = json.loads(office.disposals.certificate(made.id))["certificate"]
    assert body["records"][0]["strays"] == 1


def test_nothing_is_added_to_a_document_that_goes(office: Office) -> None:
    document = office.add_read().document
    waiting = office.received(b"late", document=document)
    office.begun(record(document))

    with pytest.raises((ContentGone, DocumentConflict)):
        office.documents.accept_upload(waiting)

    assert office.stage(document) is Stage.DESTROYING


@pytest.mark.parametrize("member", ["preview", "certified_at", "records"])
def test_a_certificate_that_was_altered_does_not_hold(office: Office, member: str) -> None:
    made = office.disposed(record(office.paper()))
    file = json.loads(office.disposals.certificate(made.id))
    vkey = file["vkey"]

    altered = {**file, "certificate": {**file["certificate"], member: "2020"}}

    assert verify_certificate(json.dumps(file).encode(), [vkey]).key_pinned
    with pytest.raises(CertificateBroken):
        verify_certificate(json.dumps(altered).encode())
    other = "log.example/other+2a8d2d1b+ASuvQdwe2nWBkXkKFfPAVwJVxMj4pMDHoJUI7VFzKj7Z"
    for data, keys in ((json.dumps(file).encode(), [other]), (b"[]", []), (b"{", []), (b"{}", [])):
        with pytest.raises(CertificateBroken):
            verify_certificate(data, keys)


def test_entries_hold_what_the_page_says(office: Office) -> None:
    page = EntriesPage("disposal-entries.md")
    document = office.add_read().document
    office.do(
        office.disposals.decline(office.second, office.proposed(record(document)).id, "再查", event_id=office.id())
    )
    until = office.world.clock.now + timedelta(days=3_000)
    office.objects.lock(office.documents._version(document, 1).ref, LockMode.GOVERNANCE, until)  # noqa: SLF001
    made = office.begun(record(document))
    retry = office.disposals.request_retry(now=office.world.clock())
    assert retry is not None
    office.do(retry)
    office.disposals.destroy(made.id, event_id=office.id())
    office.world.clock.advance(days=3_001)
    office.disposals.remove_residues(event_id=office.id())

    entries = [office.entry(index) for index in range(office.size())]
    seen = page.held_by(entries)

    assert seen == set(EVENT_TYPES) == set(page.documented())
    assert EntriesPage("document-entries.md").held_by(entries) >= {DISPOSAL_BEGUN, DISPOSED}
    assert "再查".encode() not in office.everything()


@pytest.mark.parametrize(
    ("old", "new", "chinese"),
    [
        ("chopbook-disposal-certificate/1", "other/3", "format 須為以下其中之一：{forms}；現為 other/3"),
        ('"preview":"', '"preview":"0', "預覽須為 {preview}，現為 0{preview}"),
        ('"certified_at":"2', '"certified_at":"3', "證明內容與紀錄所載的摘要不符"),
        ('"vkey":"', '"vkey":7,"was":"', "vkey 須為文字"),
        ('"tlog_proof":"', '"tlog_proof":"x', "並非格式正確的證明"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told_in_chinese(old: str, new: str, chinese: str) -> None:
    file = json.loads((FOLDER / "disposal-certificate.json").read_text("utf-8"))["file"]
    assert old in file
    values = {"forms": ", ".join(FORMATS), "preview": json.loads(file)["certificate"]["preview"]}

    with pytest.raises(CertificateBroken) as caught:
        verify_certificate(file.replace(old, new, 1).encode())

    assert caught.value.told().zh == "銷毀證明無效：" + chinese.format(**values)


FIRST_FORM = "6e0cc3ca25e32ef800cbb4a6d54d3e1fb888505d02eb76f9d111ca3d3632169a"
"""SHA-256 of the certificate of the first form as it was published; nothing writes one any more."""


def test_a_certificate_of_the_first_form_is_read_for_ever() -> None:
    found = json.loads((FOLDER / "disposal-certificate.json").read_text("utf-8"))

    proved = verify_certificate(found["file"].encode(), [found["vkey"]])

    assert sha256(found["file"].encode()).hexdigest() == FIRST_FORM
    assert (proved.records, proved.entry_index) == (1, 1)
    (planned,) = parse_plan(found["plan"].encode())
    assert (planned.clocks, planned.schedules) == ((), ("HK-TAX-7Y/1",))


def test_a_form_that_nobody_wrote_is_refused() -> None:
    found = json.loads((FOLDER / "disposal-certificate.json").read_text("utf-8"))
    other = found["file"].replace("chopbook-disposal-certificate/1", "chopbook-disposal-certificate/3")

    with pytest.raises(CertificateBroken, match="format: expected one of"):
        verify_certificate(other.encode(), [found["vkey"]])


def test_a_certificate_says_what_started_the_clocks_and_when_their_authority_was_checked() -> None:
    (told,) = json.loads(disposal_certificate()["certificate"])["records"]

    assert (told["due_from"], told["dispose_by"]) == ("2033-11-21", "2034-11-20")
    assert told["schedules"] == [
        {
            "schedule": "HK-TAX-7Y/1",
            "trigger": "transaction_completed",
            "triggered_on": "2026-11-20",
            "verified_on": "2026-11-01",
        }
    ]


def disposals_of(registry: Registry) -> Disposals:
    """Disposals by the real engine."""
    storage = registry.world.storage
    return Disposals(
        storage.database,
        storage.log,
        registry.policies,
        registry.queue,
        registry.retention,
        registry.documents,
        clock=registry.world.clock,
    )


def test_what_lies_in_the_log_is_due_for_nobody_and_refused_by_name(each_registry: Registry) -> None:
    """A stocktake and an adjustment are judged as any record is, and the log is never pruned (A.8.15)."""
    registry = each_registry
    registry.year_end("12-31")
    adjusted = Record(RecordKind.ADJUSTMENT, str(registry.adjust(5).index))
    opened = registry.open()
    registry.count_one(opened.id, "A1", 5)
    registry.close(opened.id)
    stocktake = Record(RecordKind.STOCKTAKE, opened.id)
    registry.world.clock.advance(days=366 * 9)
    disposals = disposals_of(registry)

    assert {registry.outcome(stocktake), registry.outcome(adjusted)} == {Outcome.DUE}
    for one in (stocktake, adjusted):
        with pytest.raises(InvalidDisposal) as refused:
            disposals.propose(registry.officer, [one], "保留期已滿", event_id=registry.id())
        assert refused.value.code is Code.DISPOSAL_OF_LOG
        assert one.key in str(refused.value)
    registry.review()
    assert due(registry).total == 0
    registry.hold("HCA-1", stocktake, adjusted)
    assert registry.outcome(stocktake) is Outcome.HELD


def test_a_plan_says_what_started_each_clock(registry: Registry) -> None:
    """By the real engine: a rule of the organisation's own, whose clock is the day it was added."""
    photo = registry.paper()
    registry.rule(minimum="P8Y")
    disposals = disposals_of(registry)
    registry.world.clock.advance(days=366 * 9)
    with registry.world.storage.database.read() as connection:
        (planned,) = disposals.plan(connection, [photo])

    assert planned.clocks == (Clock("ORG-TEST/1", Trigger.CREATED, date(2026, 11, 22)),)
    assert parse_plan(plan_bytes([planned])) == (planned,)


def test_a_plan_of_the_first_form_is_certified_without_clocks(office: Office) -> None:
    made = office.begun(record(office.add_read().document))
    with office.world.storage.database.read() as connection:
        _found, plan = office.disposals.get(connection, made.id)
    (bare,) = (replace(one, clocks=()) for one in plan)
    told = certificate_body(
        made,
        [bare],
        [Destroyed(bare.record, bare.key_id, 1, bare.targets)],
        SEEDED,
        (),
        origin="log.example",
        certified_at=office.world.clock(),
    )["records"]

    assert told[0]["schedules"] == [{"schedule": "HK-TAX-7Y/1", "verified_on": "2026-11-01"}]  # type: ignore[index, call-overload]


def test_the_published_certificate_holds_and_its_digests_need_nothing_but_sha256() -> None:
    found = json.loads((FOLDER / "disposal-certificate-2.json").read_text("utf-8"))

    proved = verify_certificate(found["file"].encode(), [found["vkey"]])

    assert (proved.records, proved.objects, proved.residues, proved.entry_index) == (1, 1, 1, 1)
    assert sha256(found["plan"].encode()).hexdigest() == found["preview"]
    assert sha256(found["certificate"].encode()).hexdigest() == found["certificate_sha256"]
    assert json.loads(found["file"])["certificate"] == json.loads(found["certificate"])
    assert parse_plan(found["plan"].encode())[0].record.id in found["certificate"]
