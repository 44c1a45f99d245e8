from __future__ import annotations

import pytest

from documents.extraction import extract
from documents.extraction.errors import LearnedInvalid
from documents.extraction.extracting import lay_out
from documents.extraction.learning import Learned, learn
from documents.extraction.plain import key
from documents.extraction.zones import Zone
from tests.documents.papers import Paper, Text, english_invoice


def odd_invoice(number: str) -> Paper:
    """A supplier whose own number stands under a label that nobody else uses."""
    paper = english_invoice()
    texts = tuple(
        Text(text.left, text.top, "Inv. No: 0000-00") if "HD-2026" in text.text else text for text in paper.texts
    )
    return Paper(
        (*texts, Text(90, 400, "Zyx mark"), Text(280, 400, number)), {**paper.fields, "doc_no": number}, paper.rows
    )


def zone_of(paper: Paper) -> Zone:
    layout = lay_out(paper.reading())
    assert layout is not None
    return layout.zone


def test_corrections_teach_where_a_supplier_writes_its_number() -> None:
    taught = [odd_invoice(f"KW-{number}") for number in (41877, 52043, 61190)]
    before = extract(odd_invoice("KW-77012").reading())

    supplier = key("Harbour Dairy Supplies Ltd.")
    learned = learn(Learned(), supplier, "doc_no", [(zone_of(paper), paper.fields["doc_no"]) for paper in taught])
    after = extract(odd_invoice("KW-77012").reading(), learned=learned)

    assert before.fields["doc_no"].value == "0000-00"
    assert after.fields["doc_no"].value == "KW-77012"
    assert "learned" in after.fields["doc_no"].evidence


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"[]",
        b'{"format":"chopbook-learned/2"}',
        b'{"suppliers":{"s":{"date":{"corrections":1,"bias":"1","weights":{}}}}}',
    ],
)
def test_other_bytes_teach_nothing(stored: bytes) -> None:
    with pytest.raises(LearnedInvalid):
        Learned.from_json(stored)
