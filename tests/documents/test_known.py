"""What extraction is told of the shop: its registers as they stand, and the numbers of earlier papers."""

from __future__ import annotations

from collections.abc import Mapping

from documents.extraction.learning import Weights
from documents.extraction.model import Extraction
from documents.extraction.registers import Registers
from documents.reading.model import DocumentReading
from tests.documents.archive import Archive


def told(archive: Archive) -> list[Registers]:
    """The registers that each paper from here on is held against."""
    seen: list[Registers] = []

    def extract(_reading: DocumentReading, registers: Registers, _lessons: Mapping[str, Weights]) -> Extraction:
        seen.append(registers)
        return archive.extraction

    archive.extract = extract
    return seen


def test_a_paper_is_held_against_the_numbers_of_earlier_ones(each_archive: Archive) -> None:
    archive = each_archive
    for number in ("KW-1", "kw2", "KW/3", "RARE-4"):
        archive.add_read(number.encode(), supplier="SUP1", number=number)
    archive.add_read(b"order", number="PO-88123", **{"class": "purchase_order"})
    seen = told(archive)

    archive.add_read(b"the next one")

    (registers,) = seen
    (supplier,) = registers.suppliers()
    assert supplier.prefixes == ("KW",)
    assert registers.order("po 88123") == "PO-88123"
    assert tuple(registers.order_numbers()) == ("PO-88123",)


def test_what_changes_in_a_register_is_known_to_the_next_paper(archive: Archive) -> None:
    seen = told(archive)
    archive.add_read(b"one")
    archive.committed(archive.sku_change("NEW1"))
    archive.supplier("SUP2", prefixes=["SX"])

    archive.add_read(b"two")

    assert [one.sku("new1") is not None for one in seen] == [False, True]
    assert [len(one.suppliers()) for one in seen] == [1, 2]
    assert {one.code: one.prefixes for one in seen[1].suppliers()}["SUP2"] == ("SX",)
