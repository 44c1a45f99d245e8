"""Barcodes against what was read, and where on the page each value stands."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from documents.extraction.extracting import extract
from documents.extraction.model import Extraction, Money
from documents.reading.barcodes import parse_gs1
from documents.reading.model import Barcode, DocumentReading, Quad
from tests.documents.papers import Paper, chinese_delivery, english_invoice

GTIN = "4891234567898"
QUAD = ((90, 900), (290, 900), (290, 1000), (90, 1000))


def delivery(sku: str, code: str) -> DocumentReading:
    """A delivery note whose first row is of this number, with a code on the page."""
    paper = chinese_delivery()
    texts = tuple(replace(text, text=sku) if text.text == "QT-4401" else text for text in paper.texts)
    (page,) = Paper(texts, paper.fields, paper.rows).reading().pages
    barcode = Barcode(format="DataMatrix", text=code, quad=QUAD, gs1=parse_gs1(code))
    return DocumentReading((msgspec.structs.replace(page, barcodes=(barcode,)),))


def is_inside(place: Quad, line: Quad) -> bool:
    (left, top), _, (right, bottom), _ = place
    return line[0][0] <= left <= right <= line[2][0] and line[0][1] <= top <= bottom <= line[2][1]


def of_first_row(extraction: Extraction, name: str) -> tuple[object, bool]:
    field = extraction.rows[0].fields[name]
    return field.value, "barcode" in field.evidence


def test_a_code_overrules_batch_and_expiry_that_were_read() -> None:
    extraction = extract(delivery(GTIN, f"(01)0{GTIN}(17)270308(10)H7731X"))

    assert of_first_row(extraction, "expiry") == ("2027-03-08", True)
    assert of_first_row(extraction, "batch") == ("H7731X", True)
    assert not [item for item in extraction.review if item.path.startswith("rows/0/")]


def test_a_code_that_says_something_else_altogether_asks_a_person() -> None:
    extraction = extract(delivery(GTIN, f"(01)0{GTIN}(17)291130(10)ZZ-1"))

    doubts = {(item.path, item.reason.value) for item in extraction.review}
    assert {("rows/0/expiry", "barcode_differs"), ("rows/0/batch", "barcode_differs")} <= doubts


def test_a_code_mends_one_misread_figure_of_its_number() -> None:
    extraction = extract(delivery("4891234567893", f"(01)0{GTIN}(17)270308(10)H7731K"))

    assert of_first_row(extraction, "expiry") == ("2027-03-08", True)


@pytest.mark.parametrize(
    ("sku", "code"),
    [
        (GTIN, "(01)04891234567893(17)270308(10)H7731X"),
        ("QT-4401", f"(01)0{GTIN}(17)270308(10)H7731X"),
    ],
    ids=["its check digit does not hold", "it is of other goods"],
)
def test_a_code_that_proves_nothing_changes_nothing(sku: str, code: str) -> None:
    extraction = extract(delivery(sku, code))

    assert of_first_row(extraction, "expiry") == ("2027-03-09", False)
    assert of_first_row(extraction, "batch") == ("H7731K", False)


def test_each_value_says_where_it_stands() -> None:
    reading = english_invoice().reading()
    lines = reading.pages[0].lines

    extraction = extract(reading)

    cells = {
        f"{number}/{name}": field for number, row in enumerate(extraction.rows) for name, field in row.fields.items()
    }
    read = {name: field for name, field in {**extraction.fields, **cells}.items() if name != "currency"}
    assert len(cells) == 3 * 6
    for name, field in read.items():
        ((page, quad),) = field.boxes
        (said,) = [line.text for line in lines if is_inside(quad, line.quad)]
        assert page == 0
        # What was read is kept beside what it was taken for.
        assert field.raw in said, name
        if not isinstance(field.value, Money) and name not in {"doc_type", "date"}:
            assert field.value in said, name
