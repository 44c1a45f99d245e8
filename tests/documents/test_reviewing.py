"""What is read becomes fields, questions, a person's word, and stock; and a version goes its way."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from documents.errors import DocumentConflict, InvalidDocument, UnknownDocument, VersionOvertaken
from documents.extraction.model import DocType, Extraction, ReviewReason
from documents.inspecting import PartsAway
from documents.model import Folder, FolderKind, LinkKind, ReviewState, Stage, Step
from documents.parsing import parse_adjust, parse_field, parse_link
from documents.shelves.store import read_links
from documents.store import read_evidence
from policies.errors import Denied
from policies.model import Role, ScopeKind
from stock.errors import BatchRefused
from storage.objects.model import Bucket
from storage.scope import EVERYTHING
from tests.documents.archive import Archive, Unhurried, field, note, row
from tests.stock.shop import ALLOWS, REFUSES
from workflow.model import JobState

UNSURE = ReviewReason.UNSURE


def said(archive: Archive, document: str, path: str, **word: object) -> object:
    request = parse_field({"path": path, **word}, document=document, version=1, event_id=archive.id())
    return archive.do(archive.documents.correct_field(archive.clerk, request))


def adjusted(archive: Archive, document: str, **members: object) -> object:
    request = parse_adjust(members, document=document, event_id=archive.id())
    return archive.do(archive.documents.adjust_from(archive.clerk, request, now=archive.world.clock()))


def test_whatever_moves_a_version_asks_for_its_document_to_be_indexed_anew(archive: Archive) -> None:
    archive.add_read()
    archive.personal_data = ("hkid",)
    personal = archive.add_read(b"personal").document
    archive.do(archive.documents.decide_stage(archive.clerk, personal, 1, Step.WITHDRAW, event_id=archive.id()))
    archive.work()

    asked = {archive.entry(one.job.entry_index)["type"] for one in archive.queue.page(kinds=("document.index",))}

    assert asked >= {
        "document.read_done",
        "document.released",
        "document.quarantined",
        "document.withdrawn",
        "document.destroyed",
    }


def test_a_version_is_read_pictured_and_released(each_archive: Archive) -> None:
    archive = each_archive
    added = archive.add_read("送貨單".encode())

    assert archive.stage(added.document) is Stage.RELEASED
    info = archive.objects.head(next(ref for ref in archive.objects.refs(Bucket.RECORDS)))
    assert info.locked_until is not None
    out = archive.documents.fields(archive.clerk, added.document, 1, event_id=archive.id())
    assert out.row.state is ReviewState.CLEAR
    reading = archive.documents.reading(archive.clerk, added.document, 1, event_id=archive.id())
    assert reading.text == "送貨單"
    thumbnail = archive.documents.open_rendition(archive.clerk, added.document, 1, "thumbnail", event_id=archive.id())
    assert b"".join(archive.documents.stream(thumbnail)) == b"small"
    with archive.world.storage.database.read() as connection:
        shown = archive.documents.document(archive.clerk, connection, added.document)
    assert (shown.document.number, shown.document.supplier) == ("DN-0042", "SUP1")
    assert archive.queue.page(state=JobState.POISONED) == []


def test_nothing_that_was_read_stands_in_the_log_in_clear(archive: Archive) -> None:
    archive.extraction = note(row(sku="A1", quantity="3", description="陳大文私人"))
    archive.add_read("陳大文私人".encode())

    assert "陳大文".encode() not in archive.everything()
    assert "永發".encode() not in archive.everything().replace("永發貿易".encode(), b"", 1)


def test_steps_that_are_repeated_are_replays(archive: Archive) -> None:
    added = archive.add()
    event_id = archive.id()

    archive.documents.read_version(added.document, 1, event_id=event_id, pace=Unhurried())
    size = archive.size()
    again = archive.documents.read_version(added.document, 1, event_id=event_id, pace=Unhurried())

    assert again == {"passed_over": "read"}
    assert archive.size() == size


def test_a_parser_that_is_away_is_tried_again(archive: Archive) -> None:
    archive.reader.away = True
    added = archive.add()
    archive.work()
    assert archive.stage(added.document) is Stage.SEALED
    with pytest.raises(PartsAway):
        archive.documents.read_version(added.document, 1, event_id=archive.id(), pace=Unhurried())

    archive.reader.away = False
    archive.world.clock.advance(minutes=11)
    archive.work()

    assert archive.stage(added.document) is Stage.RELEASED


def test_what_the_machine_doubts_is_asked_field_by_field(each_archive: Archive) -> None:
    archive = each_archive
    archive.extraction = note(
        row(sku="A1", quantity="3", expiry="2027-01-31"), review={"rows/0/expiry": UNSURE, "doc_no": UNSURE}
    )
    added = archive.add_read()
    with pytest.raises(DocumentConflict):
        archive.do(archive.documents.confirm_document(archive.clerk, added.document, event_id=archive.id()))

    said(archive, added.document, "rows/0/expiry", value="2028-01-31")
    entry = archive.entry()
    said(archive, added.document, "doc_no", is_right=True)
    archive.do(archive.documents.confirm_document(archive.clerk, added.document, event_id=archive.id()))

    assert (entry["type"], entry["data"]["before"], entry["data"]["after"]) == (
        "document.field_corrected",
        "2027-01-31",
        "2028-01-31",
    )
    out = archive.documents.fields(archive.clerk, added.document, 1, event_id=archive.id())
    assert out.row.state is ReviewState.CONFIRMED
    expiry = out.extraction.at("rows/0/expiry")
    assert expiry is not None
    assert (expiry.value, "reviewed" in expiry.evidence) == ("2028-01-31", True)
    assert [item.state.value for item in out.items] == ["confirmed", "corrected"]
    with pytest.raises(DocumentConflict):
        archive.do(archive.documents.confirm_document(archive.clerk, added.document, event_id=archive.id()))


@pytest.mark.parametrize(("path", "reason"), [("pages", ReviewReason.PAGES_UNREAD), ("reader", ReviewReason.FALL_BACK)])
def test_a_question_about_the_whole_reading_is_answered_too(path: str, reason: ReviewReason, archive: Archive) -> None:
    archive.extraction = note(row(sku="A1", quantity="3"), review={path: reason})
    added = archive.add_read()

    said(archive, added.document, path, is_right=True)
    archive.do(archive.documents.confirm_document(archive.clerk, added.document, event_id=archive.id()))

    out = archive.documents.fields(archive.clerk, added.document, 1, event_id=archive.id())
    assert (out.row.state, out.row.open_items) == (ReviewState.CONFIRMED, 0)


def test_a_corrected_name_is_a_digest_in_the_log(archive: Archive) -> None:
    added = archive.add_read()

    said(archive, added.document, "buyer", value="李小明")

    entry = archive.entry()
    assert "after" not in entry["data"]
    assert {"before", "after", "fields"} & set(entry["personal"]) >= {"after", "fields"}
    assert "李小明".encode() not in archive.everything()


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        ("date", "yesterday", InvalidDocument),
        ("total", "12.345", InvalidDocument),
        ("doc_type", "poem", InvalidDocument),
        ("doc_type", None, InvalidDocument),
        ("nothing", "x", UnknownDocument),
        ("rows/9/sku", "A1", UnknownDocument),
        ("rows/0/sku", "NONE", UnknownDocument),
        ("rows/0/quantity", "many", InvalidDocument),
    ],
)
def test_a_word_that_does_not_fit_is_refused(path: str, value: object, error: type, archive: Archive) -> None:
    archive.extraction = note(row(sku="A1", quantity="3"))
    added = archive.add_read()
    size = archive.size()

    with pytest.raises(error):
        said(archive, added.document, path, value=value)

    assert archive.size() == size


def test_two_people_at_one_paper_do_not_overwrite_each_other(archive: Archive) -> None:
    added = archive.add_read()
    request = parse_field(
        {"path": "date", "value": "2026-01-01"}, document=added.document, version=1, event_id=archive.id()
    )
    older = archive.documents.correct_field(archive.clerk, request)
    said(archive, added.document, "date", value="2026-02-02")

    with pytest.raises(VersionOvertaken):
        archive.do(older)


# ------------------------------------------------------------------------------------------- stock


def test_a_delivery_note_becomes_stock_with_lots_linked_both_ways(each_archive: Archive) -> None:
    archive = each_archive
    archive.extraction = note(
        row(sku="A1", quantity="12", batch="ignored", expiry="2027-05-31"),
        row(sku="C1", quantity="5", batch="L9", expiry="2027-05-31"),
        row(sku="W1", quantity="1.5"),
    )
    added = archive.add_read()
    event_id = archive.id()
    request = parse_adjust({}, document=added.document, event_id=event_id)

    change = archive.documents.adjust_from(archive.clerk, request, now=archive.world.clock())
    done = archive.do(change)
    again = archive.committed(archive.documents.adjust_from(archive.clerk, request, now=archive.world.clock()))

    assert (archive.held(sku="A1"), archive.held(sku="C1", batch="L9"), archive.held(sku="W1")) == (12, 5, 1500)
    assert again.replayed
    assert again.receipt.index == done.index
    entry = archive.entry(done.index)
    assert entry["type"] == "document.adjusted"
    indexes = entry["data"]["adjustments"]
    assert isinstance(indexes, list)
    assert [archive.entry(int(str(index)))["data"]["document"] for index in indexes] == [added.document] * 3
    assert archive.entry(int(str(indexes[0])))["data"]["reference"] == "DN-0042"
    with archive.world.storage.database.read() as connection:
        links = read_links(connection, EVERYTHING, added.document)
        assert read_evidence(connection, int(str(indexes[0]))) == (added.document,)
    assert sorted(int(link.target) for link in links if link.kind is LinkKind.EVIDENCE_OF) == sorted(
        map(int, map(str, indexes))
    )
    with pytest.raises(DocumentConflict):
        adjusted(archive, added.document)


def test_a_return_note_takes_stock_out(archive: Archive) -> None:
    archive.adjust(10)
    archive.extraction = note(row(sku="A1", quantity="4"), kind=DocType.RETURN_NOTE)
    added = archive.add_read()

    adjusted(archive, added.document)

    assert archive.held() == 6


def test_stock_moves_as_a_whole_or_not_at_all(archive: Archive) -> None:
    archive.adjust(10)
    archive.extraction = note(row(sku="A1", quantity="4"), row(sku="A2", quantity="1"), kind=DocType.RETURN_NOTE)
    added = archive.add_read()

    with pytest.raises(BatchRefused):
        adjusted(archive, added.document)

    assert (archive.held(), archive.held(sku="A2")) == (10, 0)
    adjusted(archive, added.document, rows=[0])
    assert archive.held() == 6


@pytest.mark.parametrize(
    "extraction",
    [
        note(row(sku="A1", quantity="1"), kind=DocType.INVOICE),
        note(row(sku="A1", quantity="1"), review={"rows/0/sku": UNSURE}),
        note(row(description="?", quantity="1")),
        note(row(sku="A1")),
    ],
    ids=["no stock paper", "open question", "no SKU", "no quantity"],
)
def test_what_is_not_settled_moves_no_stock(extraction: object, archive: Archive) -> None:
    archive.extraction = extraction  # type: ignore[assignment]
    added = archive.add_read()

    with pytest.raises(DocumentConflict):
        adjusted(archive, added.document)

    assert archive.held() == 0


def test_stock_moves_where_the_caller_may_move_it(archive: Archive) -> None:
    archive.extraction = note(row(sku="A1", quantity="1"))
    added = archive.add_read()
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)
    request = parse_adjust({"store": ALLOWS}, document=added.document, event_id=archive.id())

    with pytest.raises(Denied):
        archive.documents.adjust_from(staff, request, now=archive.world.clock())

    mine = parse_adjust({}, document=added.document, event_id=archive.id())
    archive.do(archive.documents.adjust_from(staff, mine, now=archive.world.clock()))
    assert archive.held() == 1


# --------------------------------------------------------------------------------- a version's fate


def test_a_version_of_a_class_that_wants_a_person_waits_for_one(archive: Archive) -> None:
    added = archive.add_read(b"paper", **{"class": "other"})
    assert archive.stage(added.document) is Stage.READ

    manager = archive.policies.principal(archive.person(Role.STORE_MANAGER, (ScopeKind.STORE, REFUSES)).id)
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)
    with pytest.raises(Denied):
        archive.documents.decide_stage(staff, added.document, 1, Step.RELEASE, event_id=archive.id())
    archive.do(archive.documents.decide_stage(manager, added.document, 1, Step.RELEASE, event_id=archive.id()))
    archive.work()

    assert archive.stage(added.document) is Stage.RELEASED


def test_a_quarantined_version_is_seen_by_those_who_may_release_it(archive: Archive) -> None:
    added = archive.add_read(b"paper", **{"class": "other"})
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)
    archive.do(archive.documents.decide_stage(archive.clerk, added.document, 1, Step.QUARANTINE, event_id=archive.id()))

    with pytest.raises(Denied):
        archive.content(added.document, by=staff)
    assert archive.content(added.document) == b"paper"
    archive.do(archive.documents.decide_stage(archive.clerk, added.document, 1, Step.CLEAR, event_id=archive.id()))
    archive.work()
    assert archive.stage(added.document) is Stage.RELEASED


def test_a_withdrawn_version_is_destroyed_with_all_that_was_derived(archive: Archive) -> None:
    archive.personal_data = ("hkid",)
    added = archive.add_read()
    assert archive.objects.refs()

    archive.do(archive.documents.decide_stage(archive.clerk, added.document, 1, Step.WITHDRAW, event_id=archive.id()))
    archive.work()

    assert archive.stage(added.document) is Stage.DESTROYED
    assert archive.objects.refs() == []
    assert not archive.vault.has_key(UUID(added.document))


def test_a_released_version_cannot_be_withdrawn(archive: Archive) -> None:
    added = archive.add_read()

    with pytest.raises(DocumentConflict):
        archive.do(
            archive.documents.decide_stage(archive.clerk, added.document, 1, Step.WITHDRAW, event_id=archive.id())
        )


def test_opening_a_sensitive_document_is_an_entry_on_its_chain(archive: Archive) -> None:
    added = archive.add(b"paper", **{"class": "contract"})
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)
    size = archive.size()

    with pytest.raises(Denied):
        archive.content(added.document, by=staff)
    archive.content(added.document)

    entry = archive.entry()
    assert archive.size() == size + 1
    assert entry["type"] == "access.read"
    assert {"kind": "document", "id": added.document}.items() <= entry["subjects"][1].items()


def folders_of(archive: Archive, document: str) -> set[str]:
    with archive.world.storage.database.read() as connection:
        shown = archive.documents.document(archive.clerk, connection, document)
    return {str(folder) for folder in shown.folders}


def test_a_paper_lies_in_the_folders_of_what_was_surely_read(each_archive: Archive) -> None:
    archive = each_archive
    archive.extraction = note(
        row(sku="A1", quantity="3"),
        row(sku="B2", quantity="1"),
        review={"rows/1/sku": UNSURE, "rows/1/quantity": UNSURE},
    )
    added = archive.add_read()
    assert folders_of(archive, added.document) == {"sku/A1", "supplier/SUP1"}

    said(archive, added.document, "rows/1/quantity", value="2")
    assert folders_of(archive, added.document) == {"sku/A1", "supplier/SUP1"}

    said(archive, added.document, "rows/1/sku", is_right=True)
    assert folders_of(archive, added.document) == {"sku/A1", "sku/B2", "supplier/SUP1"}


def test_a_folder_a_person_took_the_paper_out_of_stays_without_it(archive: Archive) -> None:
    archive.extraction = note(row(sku="A1", quantity="3"))
    added = archive.add_read()
    folder = Folder(FolderKind.SKU, "A1")
    archive.do(archive.documents.unfile(archive.clerk, added.document, folder, event_id=archive.id()))

    archive.do(archive.documents.confirm_document(archive.clerk, added.document, event_id=archive.id()))

    assert folders_of(archive, added.document) == {"supplier/SUP1"}


def test_that_no_row_was_found_is_answered_by_a_row(archive: Archive) -> None:
    archive.extraction = note(review={"rows": ReviewReason.MISSING})
    added = archive.add_read()

    said(archive, added.document, "rows/0/sku", value="A1")
    said(archive, added.document, "rows/0/quantity", value="3")
    archive.do(archive.documents.confirm_document(archive.clerk, added.document, event_id=archive.id()))

    out = archive.documents.fields(archive.clerk, added.document, 1, event_id=archive.id())
    assert [(item.path, item.state.value) for item in out.items] == [("rows", "corrected")]
    assert "sku/A1" in folders_of(archive, added.document)


def test_that_a_paper_has_no_rows_is_a_word_too(archive: Archive) -> None:
    archive.extraction = note(review={"rows": ReviewReason.MISSING})
    added = archive.add_read()
    with pytest.raises(UnknownDocument):
        said(archive, added.document, "rows", value="none")

    said(archive, added.document, "rows", is_right=True)

    out = archive.documents.fields(archive.clerk, added.document, 1, event_id=archive.id())
    assert (out.row.state, [item.state.value for item in out.items]) == (ReviewState.CLEAR, ["confirmed"])


def naming_an_order(number: str, *, kind: DocType = DocType.DELIVERY_NOTE, doubted: bool = False) -> Extraction:
    """A paper that gives this order number."""
    made = note(kind=kind, review={"po_ref": UNSURE} if doubted else None)
    return msgspec.structs.replace(made, fields={**made.fields, "po_ref": field("po_ref", number, code=number)})


def links_of(archive: Archive, document: str) -> set[tuple[str, LinkKind, str]]:
    with archive.world.storage.database.read() as connection:
        return {(one.document, one.kind, one.target) for one in read_links(connection, EVERYTHING, document)}


def test_notes_and_invoices_are_linked_to_the_order_they_surely_name(each_archive: Archive) -> None:
    archive = each_archive
    order = archive.add_read(b"order", number="PO-7", **{"class": "purchase_order"}).document
    for number in ("PO-8", "PO-8"):
        archive.add_read(b"order", number=number, **{"class": "purchase_order"})
    elsewhere = archive.add_read(b"order", number="PO-9", store=ALLOWS, **{"class": "purchase_order"})
    archive.extraction = naming_an_order("PO-7")
    delivered = archive.add_read(b"note").document
    entry = archive.entry(archive.entry_index(order))
    archive.extraction = naming_an_order("PO-7", kind=DocType.INVOICE)
    invoiced = archive.add_read(b"invoice", **{"class": "invoice"}).document
    others = []
    for extraction in (naming_an_order("PO-7", doubted=True), naming_an_order("PO-8"), naming_an_order("PO-9")):
        archive.extraction = extraction
        others.append(archive.add_read(b"another").document)

    assert links_of(archive, order) == {
        (delivered, LinkKind.FULFILS, order),
        (invoiced, LinkKind.INVOICES, order),
    }
    assert (entry["type"], entry["actor"]["id"]) == ("document.linked", "system")
    assert [links_of(archive, other) for other in others] == [set(), set(), set()]
    assert links_of(archive, elsewhere.document) == set()


def test_a_link_that_a_person_took_away_is_not_made_again(archive: Archive) -> None:
    order = archive.add_read(b"order", number="PO-7", **{"class": "purchase_order"}).document
    archive.extraction = naming_an_order("PO-7")
    delivered = archive.add_read(b"note").document
    request = parse_link({"kind": "fulfils", "target": order}, document=delivered, event_id=archive.id())
    archive.do(archive.documents.link(archive.clerk, request, on=False))

    archive.add_read(b"note, page two", document=delivered)

    assert links_of(archive, delivered) == set()
