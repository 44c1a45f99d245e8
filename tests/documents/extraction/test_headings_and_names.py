"""Headings that the page breaks in two, columns that their cells name, and names of firms beside brands, addresses and definitions."""

from __future__ import annotations

import pytest

from documents.extraction.model import Extraction
from documents.extraction.names import before_address, tidy_name
from documents.extraction.numbers import clean_number
from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text, table

HEAD = (
    Text(90, 70, "Corner Larder Foods Limited", 50), Text(90, 140, "Tel: 2506 5166"), Text(600, 200, "DELIVERY NOTE", 50),
    Text(90, 300, "DN No.: DN-250117"), Text(600, 300, "Date: 2025-03-04"), Text(90, 350, "Deliver to: Pet Haven Stores Limited"),
)  # fmt: skip
CODE, GOODS = ("sku", 90, ("Item Code",)), ("description", 330, ("Description",))
ROWS = tuple(
    {"sku": f"QT-440{at}", "description": f"Oat Milk {at}L", "quantity": str(12 * at), "unit": "BTL", "other": str(5 + at), "result": "PASS"}
    for at in (1, 2, 3)
)  # fmt: skip


def note(columns: tuple[tuple[str, int, tuple[str, ...]], ...], rows: tuple[dict[str, str], ...] = ROWS) -> Extraction:
    return reading_of(*HEAD, *table(430, columns, rows))


def test_a_heading_that_goes_on_below_itself_is_one() -> None:
    columns = (
        CODE,
        GOODS,
        ("quantity", 900, ("Delivered", "Qty")),
        ("unit", 1060, ("UOM",)),
        ("other", 1200, ("Back", "Order")),
    )

    found = note(columns)

    assert values(found, "quantity", "unit") == [("12", "BTL"), ("24", "BTL"), ("36", "BTL")]
    assert "rows" not in asked(found)


def test_headings_in_two_languages_break_each_in_its_own() -> None:
    columns = (
        ("sku", 90, ("貨號 ITEM", "NO.")), ("description", 330, ("貨品 DESCRIPTION",)), ("quantity", 800, ("數量 QTY",)),
        ("unit_price", 1000, ("單價 UNIT", "PRICE")), ("amount", 1300, ("金額 AMOUNT",)),
    )  # fmt: skip
    rows = tuple({**row, "unit_price": "2.00", "amount": f"{24 * at}.00"} for at, row in enumerate(ROWS, 1))

    found = note(columns, rows)

    assert values(found, "sku", "quantity") == [("QT-4401", "12"), ("QT-4402", "24"), ("QT-4403", "36")]
    assert not any("line" in row.fields for row in found.rows)


def test_the_end_of_a_sentence_above_a_heading_is_none() -> None:
    columns = (
        ("line", 90, ("No.",)),
        ("sku", 200, ("Code",)),
        ("description", 430, ("Product",)),
        ("quantity", 900, ("Quantity",)),
    )
    rows = tuple({**row, "line": str(at)} for at, row in enumerate(ROWS, 1))

    found = reading_of(*HEAD, Text(90, 395, "delivered."), *table(430, columns, rows))

    assert values(found, "quantity") == [("12",), ("24",), ("36",)]


@pytest.mark.parametrize(
    ("word", "role"),
    [("Description of goods sent", "description"), ("貨名及規格", "description"), ("名稱及規格", "description")],
)
def test_a_heading_of_goods_is_one_whatever_they_are(word: str, role: str) -> None:
    found = note((CODE, (role, 330, (word,)), ("quantity", 900, ("Qty",)), ("unit", 1060, ("Unit",))))

    assert values(found, "description", "quantity") == [
        ("Oat Milk 1L", "12"),
        ("Oat Milk 2L", "24"),
        ("Oat Milk 3L", "36"),
    ]


def test_degrees_are_no_quantity_and_what_was_received_is_one() -> None:
    columns = (
        CODE,
        GOODS,
        ("quantity", 900, ("Received",)),
        ("other", 1100, ("中心溫度",)),
        ("result", 1300, ("Result",)),
    )

    found = note(columns, tuple({**row, "other": f"-1{row['other']}"} for row in ROWS))

    assert values(found, "quantity") == [("12",), ("24",), ("36",)]


def test_of_two_columns_of_findings_the_one_with_results_counts() -> None:
    columns = (
        CODE,
        GOODS,
        ("quantity", 800, ("Qty",)),
        ("finding", 960, ("Finding",)),
        ("result", 1300, ("Decision",)),
    )
    rows = tuple(
        {**row, "finding": "two small scratches", "result": "OK" if at else "REJECT"} for at, row in enumerate(ROWS)
    )

    found = note(columns, rows)

    assert values(found, "result") == [("FAIL",), ("PASS",), ("PASS",)]


def test_running_numbers_below_no_known_heading_are_no_quantity() -> None:
    columns = (
        ("line", 90, ("碼",)),
        ("sku", 200, ("貨號",)),
        ("description", 430, ("貨品說明",)),
        ("unit", 800, ("單位",)),
        ("quantity", 1000, ("今回",)),
    )
    rows = tuple({**row, "line": str(at)} for at, row in enumerate(ROWS, 1))

    assert values(note(columns, rows), "quantity") == [("12",), ("24",), ("36",)]


def test_the_goods_left_of_a_table_are_no_side_bar() -> None:
    columns = (
        ("description", 90, ("Wares",)),
        ("quantity", 800, ("Quantity",)),
        ("unit_price", 1000, ("Price",)),
        ("amount", 1300, ("Net",)),
    )
    rows = tuple({**row, "unit_price": "2.00", "amount": f"{24 * at}.00"} for at, row in enumerate(ROWS, 1))

    found = reading_of(*HEAD, Text(90, 390, "Wan Chai, Hong Kong"), *table(430, columns, rows))

    assert values(found, "description") == [("Oat Milk 1L",), ("Oat Milk 2L",), ("Oat Milk 3L",)]


def test_a_brand_gives_way_to_the_registered_name_that_begins_as_it() -> None:
    found = reading_of(
        Text(600, 60, "CORNER LARDER", 60), Text(300, 150, "Corner Larder (Hong Kong) Limited · 2/F, 14 Tung Street, Sheung Wan"), *HEAD[2:],
        *table(430, (CODE, GOODS, ("quantity", 900, ("Qty",))), ROWS),
    )  # fmt: skip

    assert found.fields["supplier"].value == "Corner Larder (Hong Kong) Limited"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("街角紙品廠有限公司，地址為香港新界大埔富街6號", "街角紙品廠有限公司"),
        ("Corner Larder Company Limited, 8/F, 101 King's Road", "Corner Larder Company Limited"),
        ("街角紙品廠有限公司 地址：大埔富街6號", "街角紙品廠有限公司"),
    ],
)
def test_a_name_ends_where_its_address_begins(said: str, name: str) -> None:
    assert tidy_name(before_address(said)) == name


def test_what_a_contract_calls_a_party_is_no_part_of_its_name() -> None:
    assert (
        tidy_name("Corner Larder Limited 街角食品有限公司(“the Supplier”「供應商」)")
        == "Corner Larder Limited 街角食品有限公司"
    )


@pytest.mark.parametrize("number", ["KW-DN 0045920", "送25-0931", "檢2025-03-0311B"])
def test_a_number_may_have_letters_apart_or_one_ideograph_first(number: str) -> None:
    assert clean_number(number) == number


@pytest.mark.parametrize("said", ["So Wai Lun 9571 7599", "共25-30箱", "日期2025-03-11"])
def test_a_person_or_a_count_is_no_number(said: str) -> None:
    assert clean_number(said) is None or clean_number(said) != said


def test_a_number_stands_between_its_two_words() -> None:
    texts = tuple(Text(90, 300, "第 A-20518 號") if text.text.startswith("DN No") else text for text in HEAD)

    found = reading_of(*texts, *table(430, (CODE, GOODS, ("quantity", 900, ("Qty",))), ROWS))

    assert found.fields["doc_no"].value == "A-20518"


def test_a_label_goes_on_below_itself() -> None:
    texts = (
        *HEAD[:3],
        Text(90, 290, "送貨單編"),
        Text(300, 290, "RT-25-0146"),
        Text(90, 322, "號"),
        Text(900, 290, "原發票編號"),
        Text(1100, 290, "SD-990127"),
        *HEAD[4:],
    )

    found = reading_of(*texts, *table(430, (CODE, GOODS, ("quantity", 900, ("Qty",))), ROWS))

    assert found.fields["doc_no"].value == "RT-25-0146"


@pytest.mark.parametrize("said", ["批次 Batch: UB240911 到期日 Exp: 20260911", "批號: UB240911 有效期至 2026-09-11"])
def test_lot_and_expiry_below_a_description_have_labels_in_two_languages(said: str) -> None:
    rows = tuple({**row, "description": f"{row['description']} {said}"} for row in ROWS)

    found = note((CODE, GOODS, ("quantity", 1200, ("Qty",))), rows)

    assert values(found, "batch", "expiry", "description")[0] == ("UB240911", "2026-09-11", "Oat Milk 1L")


def test_a_stroke_between_two_languages_is_no_part_of_a_description() -> None:
    rows = tuple({**row, "description": f"{row['description']} / 燕麥奶"} for row in ROWS)

    assert values(note((CODE, GOODS, ("quantity", 900, ("Qty",))), rows), "description")[0] == ("Oat Milk 1L 燕麥奶",)
