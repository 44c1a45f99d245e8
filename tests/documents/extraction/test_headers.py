"""Heads of papers nobody has seen: parties with codes and departments, numbers behind titles, clauses above a table."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest

from documents.extraction.dates import parse_date
from documents.extraction.extracting import extract
from documents.extraction.model import Extraction, Money
from documents.extraction.names import is_name, tidy_name
from documents.extraction.numbers import clean_number
from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text, english_invoice

HEADS = (Text(90, 500, "貨號"), Text(300, 500, "貨品名稱"), Text(800, 500, "數量"), Text(1000, 500, "單位"))
ROWS = tuple(
    (Text(90, 560 + 60 * at, f"RY-10{at}"), Text(300, 560 + 60 * at, name), Text(800, 560 + 60 * at, "12"), Text(1000, 560 + 60 * at, "箱"))
    for at, name in enumerate(("豉油雞翼", "椒鹽豆腐", "白灼菜心"))
)  # fmt: skip
GOODS = (*HEADS, *chain.from_iterable(ROWS))


def party(extraction: Extraction, name: str) -> object:
    return extraction.fields[name].value if name in extraction.fields else None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Star Bun Cafe (C03371)", "Star Bun Cafe"), ("星包茶餐廳（客戶編號：C03371）", "星包茶餐廳"), ("星包食品有限公司營業部", "星包食品有限公司"),
        ("Star Bun Foods Limited, Sales Department", "Star Bun Foods Limited"), ("星包超市（元朗）", "星包超市(元朗)"),
        ("Star Bun (HK) Ltd", "Star Bun (HK) Ltd"), ("星包超市 (759分店)", "星包超市 (759分店)"),
    ],
)  # fmt: skip
def test_codes_and_departments_are_no_part_of_a_name(said: str, name: str) -> None:
    assert tidy_name(said) == name


def test_what_a_contract_calls_somebody_is_no_name() -> None:
    assert not is_name('Kwai Chung, New Territories (the "Supplier"); and')


@pytest.mark.parametrize(
    ("said", "number"), [("出25-10472", "出25-10472"), ("AB-2025-061)", "AB-2025-061"), ("AB(25)061", "AB(25)061")]
)
def test_numbers_begin_with_the_name_of_their_paper_and_end_before_its_bracket(said: str, number: str) -> None:
    assert clean_number(said) == number


def test_a_day_that_touches_the_word_before_it_is_read() -> None:
    found = parse_date("This agreement is made on8 April 2025 between")

    assert found is not None
    assert (found.iso, found.doubtful) == ("2025-04-08", False)


def test_the_number_behind_a_title_alone_on_its_line_is_the_papers_own() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(90, 200, "訂貨單（編號RF-2026-061）"), Text(90, 260, "致：海怡食品有限公司"),
        Text(900, 260, "日期: 2026-07-26"), *GOODS,
    )  # fmt: skip

    assert found.doc_type.value == "purchase_order"
    assert (party(found, "doc_no"), party(found, "supplier"), party(found, "buyer")) == (
        "RF-2026-061", "海怡食品有限公司", "榮豐糧油有限公司",
    )  # fmt: skip
    assert "po_ref" not in found.fields


def test_an_order_alone_on_its_line_is_no_title_beside_the_number_of_another_paper() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(90, 200, "訂貨單編號：RF-2026-061"), Text(90, 260, "客戶：海怡食品有限公司"),
        Text(900, 260, "日期: 2026-07-26"), Text(900, 320, "送貨單號: DN-3301"), *GOODS,
    )  # fmt: skip

    assert found.doc_type.value != "purchase_order"


def test_a_firm_stands_below_its_code() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(1000, 80, "採購訂單", 50), Text(90, 260, "供應商"), Text(300, 260, "200451"),
        Text(300, 300, "海怡食品有限公司"), Text(300, 340, "Hoi Yee Foods Limited"), Text(90, 400, "訂單編號: PO-3301"),
        Text(900, 400, "日期: 2026-07-26"), Text(900, 260, "送貨地點"), Text(1100, 260, "中央貨倉 Central Warehouse"), *GOODS,
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == ("海怡食品有限公司", "榮豐糧油有限公司")


def test_whom_a_credit_goes_to_bought_the_goods() -> None:
    found = reading_of(
        Text(90, 70, "Hoi Yee Imports Ltd.", 50), Text(1000, 80, "CREDIT NOTE", 50), Text(90, 260, "Credit to:"),
        Text(90, 300, "Corner Mart Limited"), Text(900, 260, "Credit note no. CN-3301"), Text(900, 300, "Date: 2026-07-26"), *GOODS,
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == ("Hoi Yee Imports Ltd.", "Corner Mart Limited")
    assert not {"supplier", "buyer"} & asked(found)


def test_where_orders_are_taken_by_telephone_is_no_order() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(1100, 80, "送貨單", 54), Text(1000, 160, "訂貨熱線：37052218"),
        Text(90, 260, "送貨單號: DN-3301"), Text(700, 260, "日期: 2026-07-26"), Text(90, 320, "客戶: 海怡便利店"), *GOODS,
    )  # fmt: skip

    assert "po_ref" not in asked(found)


def test_a_clause_that_names_the_columns_below_it_heads_none() -> None:
    found = reading_of(
        Text(500, 70, "貨品供應合約", 50), Text(90, 200, "合約編號：HT-3301"), Text(900, 200, "簽訂日期：2026年3月30日"),
        Text(90, 260, "供應商：榮豐糧油有限公司"), Text(90, 320, "買方：海怡便利店有限公司"), Text(90, 455, "第一條 貨品、數量及價格"), *GOODS,
    )  # fmt: skip

    assert values(found, "sku", "description", "quantity")[0] == ("RY-100", "豉油雞翼", "12")


def test_a_sentence_with_a_figure_below_a_total_is_no_amount() -> None:
    paper = english_invoice()
    said = "2. Goods are delivered in equal lots to all of your outlets in Central and Wan Chai"
    texts = [replace(text, left=90) if text.text == "Amount payable" else text for text in paper.texts]

    found = extract(replace(paper, texts=(*texts, Text(90, 960, said))).reading())

    assert party(found, "total") == Money(82400, "HKD")
    assert "total" not in asked(found)


@pytest.mark.parametrize(("off", "amount"), [("10.0", "27.00"), ("3.00", "27.00"), ("9", "27.00"), ("1.00", "27.00")])
def test_a_bare_discount_is_what_makes_the_amount_right(off: str, amount: str) -> None:
    heads = (
        Text(90, 500, "Code"), Text(300, 500, "Description"), Text(700, 500, "Qty"), Text(820, 500, "Price"),
        Text(1000, 500, "Disc"), Text(1200, 500, "Amount"),
    )  # fmt: skip
    row = (
        Text(90, 560, "RY-101"), Text(300, 560, "Soy Wings"), Text(700, 560, "3"), Text(820, 560, "10.00"),
        Text(1000, 560, off), Text(1200, 560, amount),
    )  # fmt: skip

    found = reading_of(Text(90, 70, "Hoi Yee Imports Ltd.", 50), Text(1000, 80, "INVOICE", 50), *heads, *row)

    assert "rows/0/amount" not in asked(found)


def test_a_nought_between_capitals_is_a_letter() -> None:
    heads = (Text(90, 500, "Code"), Text(300, 500, "Description"), Text(700, 500, "Qty"))
    row = (Text(90, 560, "RY-101"), Text(300, 560, "BLACK O0LONG 500ML"), Text(700, 560, "3"))

    assert values(reading_of(*heads, *row), "description") == [("BLACK OOLONG 500ML",)]


@pytest.mark.parametrize(("half", "name"), [("Furnisher", "海怡食品有限公司"), ("Dealt By", "海怡食品有限公司")])
def test_the_other_half_of_a_label_is_no_name_where_a_firm_stands_beside_it(half: str, name: str) -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(1000, 80, "採購訂單", 50), Text(90, 260, f"供應商 {half}"), Text(500, 260, name),
        Text(90, 400, "訂單編號: PO-3301"), Text(900, 400, "日期: 2026-07-26"), *GOODS,
    )  # fmt: skip

    assert party(found, "supplier") == name


def test_a_name_of_two_words_behind_its_label_is_one_where_no_firm_stands_beside_it() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(1000, 80, "送貨單", 50), Text(90, 260, "客戶 Kashiya House"), Text(500, 260, "電話：2712 3301"),
        Text(90, 400, "單號: DN-3301"), Text(900, 400, "日期: 2026-07-26"), *GOODS,
    )  # fmt: skip

    assert party(found, "buyer") == "Kashiya House"


def test_a_word_for_a_party_alone_is_asked_about() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(1000, 80, "採購訂單", 50), Text(90, 260, "供應商 Supplies"), Text(90, 400, "訂單編號: PO-3301"),
        Text(900, 400, "日期: 2026-07-26"), *GOODS,
    )  # fmt: skip

    assert "supplier" in asked(found)


@pytest.mark.parametrize(
    "said", ["海怡食品有限公司 採購部 陳先生", "海怡食品有限公司採購部", "海怡食品有限公司 李小姐", "海怡食品有限公司"]
)
def test_a_person_or_department_behind_a_firm_is_no_part_of_its_name(said: str) -> None:
    assert tidy_name(said) == "海怡食品有限公司"


def test_more_than_a_name_behind_a_firm_is_asked_about() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(1000, 80, "送貨單", 50), Text(90, 260, "客戶：海怡食品有限公司貨到付款"),
        Text(90, 400, "單號: DN-3301"), Text(900, 400, "日期: 2026-07-26"), *GOODS,
    )  # fmt: skip

    assert "buyer" in asked(found)


def test_two_orders_beside_one_label_are_asked_about() -> None:
    found = reading_of(
        Text(90, 70, "榮豐糧油有限公司", 50), Text(1000, 80, "送貨單", 50), Text(90, 260, "客戶：海怡食品有限公司"),
        Text(90, 400, "單號: DN-3301"), Text(900, 400, "日期: 2026-07-26"), Text(900, 260, "客戶訂單號: CM-7719 / CM-7720"), *GOODS,
    )  # fmt: skip

    assert "po_ref" in asked(found)


@pytest.mark.parametrize("other", ["Date payment due", "Date (valid until)", "日期（付款期限）"])
def test_a_label_of_dates_that_goes_on_to_another_day_is_of_that_day(other: str) -> None:
    found = reading_of(
        Text(90, 70, "Hoi Yee Foods Limited", 50), Text(1000, 80, "INVOICE", 50), Text(90, 200, "Sold To: Corner Mart Limited"),
        Text(90, 240, "Invoice No.: IV-3301"), Text(900, 240, f"{other}: 2026-08-25"), Text(900, 290, "Date: 2026-07-26"), *GOODS,
    )  # fmt: skip

    assert found.fields["date"].value == "2026-07-26"


def test_when_goods_were_inspected_is_the_day_of_their_report() -> None:
    found = reading_of(
        Text(90, 70, "Corner Mart Limited", 50), Text(900, 80, "INSPECTION REPORT", 50), Text(90, 200, "Vendor: Hoi Yee Foods Limited"),
        Text(90, 240, "Report No.: QC-3301"), Text(900, 240, "Inspected"), Text(1100, 240, "26 Mar 2026"), Text(900, 290, "Received"),
        Text(1100, 290, "25 Mar 2026"), *GOODS,
    )  # fmt: skip

    assert found.fields["date"].value == "2026-03-26"
    assert "date" not in asked(found)


def test_the_one_day_without_a_label_beside_a_day_of_payment_is_the_papers_own_in_doubt() -> None:
    found = reading_of(
        Text(90, 70, "Hoi Yee Foods Limited", 50), Text(1000, 80, "INVOICE", 50), Text(90, 200, "Sold To: Corner Mart Limited"),
        Text(90, 240, "Invoice No.: IV-3301"), Text(900, 240, "26 March 2026"), Text(900, 290, "Payment due: 25 April 2026"), *GOODS,
    )  # fmt: skip

    assert found.fields["date"].value == "2026-03-26"
    assert "date" in asked(found)
