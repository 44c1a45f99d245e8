from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from documents.extraction.dates import parse_date
from documents.extraction.extracting import extract
from documents.extraction.model import Extraction, Money
from documents.extraction.registers import KnownSku, KnownSupplier, MemoryRegisters
from tests.documents.papers import Paper, chinese_delivery, dated, english_invoice, stacked_return


def said(extraction: Extraction, paper: Paper) -> dict[str, str]:
    """What was extracted of the fields that the paper is known to have."""
    found = {name: extraction.fields[name].value for name in paper.fields if name in extraction.fields}
    return {name: str(value.amount) if isinstance(value, Money) else value for name, value in found.items()}


def rows_said(extraction: Extraction, paper: Paper) -> list[dict[str, str]]:
    made = []
    for row, wanted in zip(extraction.rows, paper.rows, strict=True):
        values = {name: row.fields[name].value for name in wanted if name in row.fields}
        made.append(
            {name: f"{value.amount / 100:.2f}" if isinstance(value, Money) else value for name, value in values.items()}
        )
    return made


@pytest.mark.parametrize("make", [chinese_delivery, english_invoice, stacked_return])
def test_reads_layouts_and_wordings_of_its_own(make: Callable[[], Paper]) -> None:
    paper = make()

    extraction = extract(paper.reading())

    assert said(extraction, paper) == paper.fields
    assert rows_said(extraction, paper) == list(paper.rows)


@pytest.mark.parametrize("form", ["iso", "slashes", "dots", "word", "dashes", "chinese", "minguo"])
def test_every_form_of_date_is_one_date(form: str) -> None:
    found = parse_date(dated(date(2026, 7, 26), form))

    assert found is not None
    assert found.iso == "2026-07-26"
    assert not found.doubtful


@pytest.mark.parametrize("text", ["07/2027", "26/07/27", "2O26-07-26", "JUL 2027"])
def test_a_date_with_two_readings_is_doubtful(text: str) -> None:
    found = parse_date(text)

    assert found is not None
    assert found.doubtful


def test_a_sure_document_goes_straight_through() -> None:
    extraction = extract(english_invoice().reading())

    assert extraction.review == ()
    assert extraction.straight_through


def test_a_wrong_sum_asks_a_person() -> None:
    paper = english_invoice()
    texts = tuple(
        text if text.text != "HK$824.00" else type(text)(text.left, text.top, "HK$924.00", text.size)
        for text in paper.texts
    )

    extraction = extract(Paper(texts, paper.fields, paper.rows).reading())

    assert not extraction.straight_through
    assert "total" in {item.path for item in extraction.review}


def test_a_subtotal_whose_total_could_not_be_read_asks_a_person() -> None:
    paper = english_invoice()
    texts = tuple(text for text in paper.texts if text.text not in {"Amount payable", "Less discount", "Carriage"})

    extraction = extract(replace(paper, texts=texts).reading())

    assert extraction.fields["total"].value == Money(80400, "HKD")
    assert "arithmetic" not in extraction.fields["total"].evidence
    assert ("total", "sum_wrong") in {(item.path, item.reason.value) for item in extraction.review}


def test_arithmetic_mends_one_misread_figure() -> None:
    paper = english_invoice()
    reading = paper.reading()
    page = reading.pages[0]
    lines = tuple(
        type(line)(
            "380.00", "380.00", line.quad, 0.4, tuple(type(w)("380.00", "380.00", w.quad, 0.4) for w in line.words)
        )
        if line.text == "300.00"
        else line
        for line in page.lines
    )
    misread = type(reading)(
        (type(page)(**{name: getattr(page, name) for name in page.__struct_fields__} | {"lines": lines}),)
    )

    extraction = extract(misread)

    amount = extraction.rows[0].fields["amount"]
    assert amount.value == Money(30000, "HKD")
    assert {"arithmetic", "repaired"} <= set(amount.evidence)


def test_registers_confirm_and_mend() -> None:
    registers = MemoryRegisters(
        skus=[KnownSku("QT-4401"), KnownSku("QT-5120"), KnownSku("QT-9003")],
        suppliers=[KnownSupplier("S7", ("榮豐糧油有限公司",), ("CK",))],
        orders=["PO-88123"],
    )

    extraction = extract(chinese_delivery().reading(), registers)

    assert extraction.fields["supplier"].code == "S7"
    assert extraction.fields["po_ref"].code == "PO-88123"
    assert [row.fields["sku"].code for row in extraction.rows] == ["QT-4401", "QT-5120", "QT-9003"]


def test_an_unknown_sku_asks_a_person() -> None:
    registers = MemoryRegisters(skus=[KnownSku("QT-4401"), KnownSku("QT-5120")])

    extraction = extract(chinese_delivery().reading(), registers)

    assert ("rows/2/sku", "not_in_register") in {(item.path, item.reason.value) for item in extraction.review}


def test_the_stored_form_comes_back_the_same() -> None:
    extraction = extract(stacked_return().reading())

    assert Extraction.from_json(extraction.to_json()) == extraction
