"""The page about this room's entries says what is in them, of every type and no other."""

from __future__ import annotations

from documents.class_parsing import parse_class, parse_class_change
from documents.errors import FileRefused
from documents.extraction.model import ReviewReason
from documents.model import DISPOSAL_BEGUN, DISPOSED, EVENT_TYPES, Folder, FolderKind, LinkKind, Step
from documents.parsing import parse_adjust, parse_document_change, parse_field, parse_link, parse_supplier_change
from policies.model import Role
from tests.documents.archive import Archive, note, row
from tests.entries_page import EntriesPage
from tests.objects import MemoryStore

PAGE = EntriesPage("document-entries.md")


def everything(archive: Archive) -> None:
    """Writes an entry of every type, plain and with all there can be."""
    room, do, new, clerk, admin = archive.documents, archive.do, archive.id, archive.clerk, archive.admin
    content = {"code": "permit", "name_zh": "許可證", "media_types": ["image/jpeg"]}
    do(room.create_class(admin, parse_class(content, event_id=new())))
    do(room.change_class(admin, parse_class_change({"retain_days": 9}, code="permit", event_id=new())))
    do(room.change_supplier(clerk, parse_supplier_change({"prefixes": ["D"]}, code="SUP1", event_id=new())))
    archive.extraction = note(
        row(sku="A1", quantity="1"), review={"buyer": ReviewReason.UNSURE, "date": ReviewReason.UNSURE}
    )
    folders = ["sku/A1", "supplier/SUP1", "store/MK01", "general/inbox"]
    full = archive.add(
        b"GPS paper", folders=folders, tags=["t"], number="N1", supplier="SUP1", title="標題", pics_id="STAFF/3"
    ).document
    plain = archive.add(b"plain", **{"class": "photo", "store": None}).document
    archive.work()
    archive.add(b"two", document=plain, pics_id="STAFF/3")
    officer = archive.policies.principal(archive.person(Role.COMPLIANCE_OFFICER).id)
    archive.personal_data = ("hkid",)
    fate = archive.add_read(b"fate").document
    do(room.decide_stage(officer, fate, 1, Step.CLEAR, event_id=new()))
    do(room.decide_stage(clerk, fate, 1, Step.WITHDRAW, event_id=new()))
    archive.work()
    do(
        room.change_document(
            clerk, parse_document_change({"title": "新", "class": "invoice"}, document=plain, event_id=new())
        )
    )
    do(room.file(clerk, plain, Folder(FolderKind.SKU, "A2"), event_id=new()))
    do(room.unfile(clerk, plain, Folder(FolderKind.SKU, "A2"), event_id=new()))
    link = parse_link({"kind": LinkKind.INVOICES.value, "target": full}, document=plain, event_id=new())
    do(room.link(clerk, link))
    do(room.link(clerk, parse_link({"kind": "invoices", "target": full}, document=plain, event_id=new()), on=False))
    do(room.tag(clerk, plain, "x", on=True, event_id=new()))
    do(room.tag(clerk, plain, "x", on=False, event_id=new()))
    do(room.note(clerk, plain, "備註", event_id=new()))
    for word in ({"path": "buyer", "value": "某人"}, {"path": "date", "is_right": True}):
        do(room.correct_field(clerk, parse_field(word, document=full, version=1, event_id=new())))
    do(room.confirm_document(clerk, full, event_id=new()))
    adjust = parse_adjust({}, document=full, event_id=new())
    do(room.adjust_from(clerk, adjust, now=archive.world.clock()))
    for content_sent in (b"EICAR", b"<html>"):
        try:
            archive.sent(content_sent)
        except FileRefused:
            continue
    archive.inspector.away = True
    archive.sent(b"held", document=plain)
    room.move_objects(MemoryStore(archive.world.clock), new_event_id=new)


def test_the_page_names_every_type_of_entry() -> None:
    assert set(PAGE.documented()) == set(EVENT_TYPES)


def test_entries_hold_what_the_page_says(archive: Archive) -> None:
    everything(archive)

    seen = PAGE.held_by(archive.entry(index) for index in range(archive.size()))

    # Those of a disposal take the room of retention: `tests/retention/test_disposal.py` holds them to the page.
    assert seen == set(EVENT_TYPES) - {DISPOSAL_BEGUN, DISPOSED}
