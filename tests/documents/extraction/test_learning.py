from __future__ import annotations

from documents.extraction.extracting import extract, lay_out
from documents.extraction.learning import learn
from documents.extraction.zones import Zone
from tests.documents.papers import Paper, english_invoice, odd_invoice


def zone_of(paper: Paper) -> Zone:
    layout = lay_out(paper.reading())
    assert layout is not None
    return layout.zone


def test_corrections_teach_where_a_supplier_writes_its_number() -> None:
    taught = [odd_invoice(f"KW-{number}") for number in (41877, 52043, 61190)]
    before = extract(odd_invoice("KW-77012").reading())

    model = learn("doc_no", [(zone_of(paper), paper.fields["doc_no"]) for paper in taught])
    assert model is not None
    after = extract(odd_invoice("KW-77012").reading(), lessons={"doc_no": model})

    assert before.fields["doc_no"].value == "0000-00"
    assert after.fields["doc_no"].value == "KW-77012"
    assert "learned" in after.fields["doc_no"].evidence


def test_a_value_that_stands_nowhere_on_the_page_teaches_nothing() -> None:
    paper = zone_of(english_invoice())

    assert learn("doc_no", [(paper, "ELSEWHERE-1")] * 3) is None
    assert learn("doc_no", []) is None
