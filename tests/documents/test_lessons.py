"""Corrections of a supplier's papers teach how its next one is read, and change nothing that was read before."""

from __future__ import annotations

from documents.class_parsing import parse_class_change
from documents.extraction.extracting import extract
from documents.parsing import parse_field
from documents.reading.model import DocumentReading
from documents.sandbox import SpoolFileRef
from tests.documents.archive import Archive, FakeReader
from tests.documents.papers import odd_invoice

SUPPLIER = "HARBOUR"


class PaperReader(FakeReader):
    """Sees the odd invoice whose number the file is made of."""

    def read(self, file: SpoolFileRef, media_type: str, so_far: DocumentReading) -> bytes:
        return odd_invoice(file.path.read_text("ascii")).reading().to_json()


def reads_papers(archive: Archive) -> Archive:
    archive.reader = PaperReader()
    archive.extract = extract
    archive.documents = archive.another_room()
    archive.supplier(SUPPLIER, name_en="Harbour Dairy Supplies Ltd.")
    return archive


def came_in(archive: Archive, number: str) -> str:
    return archive.add_read(number.encode("ascii"), **{"class": "invoice"}).document


def number_of(archive: Archive, document: str) -> tuple[object, bool]:
    """What was read as its number, and whether that was learned."""
    field = archive.documents.fields(archive.clerk, document, 1, event_id=archive.id()).extraction.at("doc_no")
    assert field is not None
    return field.value, "learned" in field.evidence


def corrected(archive: Archive, document: str, number: str) -> None:
    said = {"path": "doc_no", "value": number}
    request = parse_field(said, document=document, version=1, event_id=archive.id())
    archive.do(archive.documents.correct_field(archive.clerk, request))


def test_three_corrections_teach_the_next_reading_of_that_supplier(each_archive: Archive) -> None:
    archive = reads_papers(each_archive)
    taught = {number: came_in(archive, number) for number in ("KW-41877", "KW-52043", "KW-61190")}
    readings = {
        document: archive.documents.reading(archive.clerk, document, 1, event_id=archive.id())
        for document in taught.values()
    }
    for number, document in list(taught.items())[:2]:
        corrected(archive, document, number)
    early = came_in(archive, "KW-70001")
    corrected(archive, taught["KW-61190"], "KW-61190")

    late = came_in(archive, "KW-77012")

    assert number_of(archive, early) == ("0000-00", False)
    assert number_of(archive, late) == ("KW-77012", True)
    for document, before in readings.items():
        assert archive.documents.reading(archive.clerk, document, 1, event_id=archive.id()) == before
    # Another process, which has fitted nothing yet, comes to the same.
    archive.documents = archive.another_room()
    assert number_of(archive, came_in(archive, "KW-77013")) == ("KW-77013", True)


def test_papers_that_not_everybody_may_read_teach_nothing(archive: Archive) -> None:
    reads_papers(archive)
    for number in ("KW-41877", "KW-52043", "KW-61190"):
        corrected(archive, came_in(archive, number), number)
    assert number_of(archive, came_in(archive, "KW-77012")) == ("KW-77012", True)
    change = parse_class_change({"sensitive": True}, code="invoice", event_id=archive.id())
    archive.do(archive.documents.change_class(archive.admin, change))

    late = archive.add_read(b"KW-77013", **{"class": "delivery_note"}).document

    assert number_of(archive, late) == ("0000-00", False)
