"""Tight paper: cells, labels and values that stand so close that the detector takes them for one."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from documents.extraction.extracting import extract
from documents.extraction.model import ReviewReason
from documents.reading.geometry import rectangle
from documents.reading.model import DocumentReading, Line, Word
from tests.documents.papers import Paper, Text, chinese_delivery, english_invoice, stacked_return, table

GTINS = ("4891234567898", "4890008100309", "4892214250509")


def values(paper: Paper, *names: str) -> list[tuple[object, ...]]:
    rows = extract(paper.reading()).rows
    return [tuple(row.fields[name].value if name in row.fields else None for name in names) for row in rows]


def test_codes_and_descriptions_in_one_box_are_parted() -> None:
    paper = chinese_delivery()
    goods = {"QT-4401": "梳打餅 200g", "QT-5120": "Oat Milk 1L", "QT-9003": "消毒濕紙巾"}
    codes = dict(zip(goods, GTINS, strict=True))
    texts = [
        replace(text, text=f"{codes[text.text]} {goods[text.text]}") if text.text in goods else text
        for text in paper.texts
        if text.text not in goods.values()
    ]
    remark = Text(540, 730, "如有短缺請於三天內通知本公司 Thank you")

    found = values(replace(paper, texts=(*texts, remark)), "sku", "description")

    assert found == list(zip(GTINS, goods.values(), strict=True))


@pytest.mark.parametrize("joined", [False, True])
def test_running_numbers_under_one_heading_with_the_codes_are_no_part_of_them(joined: bool) -> None:
    columns = (
        ("line", 90, ("項次",)), ("sku", 150, ("Item SKU", "貨品編號")), ("description", 400, ("Description",)),
        ("quantity", 900, ("Qty",)), ("unit", 1000, ("Unit",)),
    )  # fmt: skip
    rows = tuple(
        {"line": "" if joined else str(at + 1), "sku": f"{at + 1} {code}" if joined else code, "description": "Oat Milk 1L",
         "quantity": "24", "unit": "BTL"}
        for at, code in enumerate(("K770-75", "9149364", "W310-67"))
    )  # fmt: skip
    texts = [text for text in table(480, columns, rows) if text.text not in {"項次", "Item SKU"}]
    head = (Text(90, 70, "PURCHASE ORDER", 50), Text(90, 260, "P.O. No.: PO-3301"), Text(90, 480, "項次 Item SKU"))
    paper = Paper((*head, *texts), {}, ())

    assert values(paper, "sku") == [("K770-75",), ("9149364",), ("W310-67",)]


def test_a_code_in_two_pieces_asks_a_person() -> None:
    paper = chinese_delivery()
    texts = tuple(replace(text, text="7 4401882") if text.text == "QT-4401" else text for text in paper.texts)

    extraction = extract(replace(paper, texts=texts).reading())

    assert ("rows/0/sku", "unsure") in {(item.path, item.reason.value) for item in extraction.review}


@pytest.mark.parametrize("result", ["合格", "不合格"])
def test_an_expiry_and_what_touches_it_are_parted(result: str) -> None:
    columns = (
        ("sku", 90, ("貨號",)), ("description", 300, ("貨品名稱",)), ("quantity", 700, ("數量",)), ("unit", 800, ("單位",)),
        ("expiry", 900, ("到期日",)), ("result", 1090, ("結果",)),
    )  # fmt: skip
    rows = tuple(
        {"sku": f"QT-440{day}", "description": "梳打餅", "quantity": "24", "unit": "包",
         "expiry": f"2027年12月1{day}日{result}"} for day in range(3)
    )  # fmt: skip
    head = (Text(90, 70, "榮豐糧油有限公司", 50), Text(1100, 80, "檢驗報告", 54), Text(90, 260, "報告編號: QC-3301"))
    paper = Paper((*head, *table(480, columns, rows)), {}, ())

    passed = "PASS" if result == "合格" else "FAIL"
    assert values(paper, "expiry", "result") == [(f"2027-12-1{day}", passed) for day in range(3)]


def test_two_headings_that_touch_are_two_columns() -> None:
    columns = (
        ("sku", 90, ("Item Code",)), ("description", 300, ("Description",)), ("unit", 700, ("UnitQuantity",)),
        ("quantity", 790, ()), ("unit_price", 1000, ("Rate",)), ("amount", 1200, ("Amount",)),
    )  # fmt: skip
    rows = tuple(
        {"sku": f"QT-440{at}", "description": "Oat Milk 1L", "unit": "BTL", "quantity": str(12 * at), "unit_price": "2.00",
         "amount": f"{24 * at}.00"} for at in (1, 2, 3)
    )  # fmt: skip
    head = (Text(90, 70, "INVOICE", 50), Text(90, 260, "Invoice No.: INV-3301"))
    paper = Paper((*head, *table(480, columns, rows)), {}, ())

    assert values(paper, "quantity", "unit") == [("12", "BTL"), ("24", "BTL"), ("36", "BTL")]


def test_a_quantity_and_the_word_that_touches_it_are_parted() -> None:
    columns = (
        ("sku", 90, ("Item Code",)), ("description", 300, ("Description",)), ("unit", 700, ("Unit",)),
        ("quantity", 800, ("Qty",)), ("reason", 850, ("Reason",)),
    )  # fmt: skip
    rows = tuple(
        {"sku": f"QT-440{at}", "description": "Oat Milk 1L", "unit": "BTL", "quantity": f"{count}Damaged packing"}
        for at, count in enumerate((12, 24, 36))
    )
    head = (Text(90, 70, "RETURN NOTE", 50), Text(90, 260, "Return No.: GR-3301"))
    paper = Paper((*head, *table(480, columns, rows)), {}, ())

    assert values(paper, "quantity", "reason") == [(count, "Damaged packing") for count in ("12", "24", "36")]


def test_units_over_each_other_in_one_box_go_to_their_rows() -> None:
    (page,) = chinese_delivery().reading().pages
    units = [line for line in page.lines if line.text in {"包", "樽"}]
    (left, top), _, _, _ = units[0].quad
    quad = rectangle(left, top, left + 26, units[1].quad[2][1])
    stack = Line("包樽", "包樽", quad, 0.98, (Word("包樽", "包樽", quad, 0.98, (0.98, 0.99)),))
    lines = (*(line for line in page.lines if line not in units), stack)

    rows = extract(DocumentReading((msgspec.structs.replace(page, lines=lines),))).rows

    assert [row.fields["unit"].value for row in rows] == ["包", "樽", "盒"]


@pytest.mark.parametrize(
    "said", ["退貨單號 RN-25070140", "退貨單號RN-25070140", "RN No.: RN-25070140", "單號 RN25070140"]
)
def test_the_letters_that_a_number_begins_with_are_no_label(said: str) -> None:
    paper = stacked_return()
    texts = tuple(
        replace(text, text=said) if text.text == "退貨單號 Return No.: GR-3301" else text for text in paper.texts
    )

    number = extract(replace(paper, texts=texts).reading()).fields["doc_no"].value

    assert number == said.rsplit(" ", maxsplit=1)[-1].removeprefix("退貨單號")


@pytest.mark.parametrize("said", ["賣方 榮豐糧油有限公司", "賣方榮豐糧油有限公司"])
def test_a_short_label_is_parted_from_its_name_by_a_gap_or_by_sense(said: str) -> None:
    paper = stacked_return()
    texts = tuple(replace(text, text=said) if text.text.startswith("供貨商") else text for text in paper.texts)

    assert extract(replace(paper, texts=texts).reading()).fields["supplier"].value == "榮豐糧油有限公司"


def test_one_half_of_a_label_in_two_languages_is_enough() -> None:
    paper = stacked_return()
    texts = tuple(
        replace(text, text="俱貝問 Return To 榮豐糧油有限公司") if text.text.startswith("供貨商") else text
        for text in paper.texts
    )

    assert extract(replace(paper, texts=texts).reading()).fields["supplier"].value == "榮豐糧油有限公司"


def test_a_date_that_touches_its_label_is_found() -> None:
    paper = stacked_return("iso")
    texts = tuple(
        replace(text, text="退貨日期 Return Date2026-07-26") if text.text.startswith("日期") else text
        for text in paper.texts
    )

    assert extract(replace(paper, texts=texts).reading()).fields["date"].value == "2026-07-26"


@pytest.mark.parametrize(
    ("other", "asked"),
    [("25/03/2027", False), ("03/25/2027", True), ("2027-03-25", False)],
    ids=["day first", "month first", "neither"],
)
def test_a_day_that_could_be_the_month_is_asked_on_paper_that_writes_month_first(other: str, asked: bool) -> None:
    paper = chinese_delivery("iso")
    shown = {text.text for text in paper.texts}
    dates = [row["expiry"] for row in paper.rows]
    assert set(dates) <= shown
    new = dict(zip(dates, (other, "05/04/2027", "07/07/2027"), strict=True))
    texts = tuple(replace(text, text=new.get(text.text, text.text)) for text in paper.texts)

    made = extract(replace(paper, texts=texts).reading())

    assert [row.fields["expiry"].value for row in made.rows] == ["2027-03-25", "2027-04-05", "2027-07-07"]
    assert ("rows/1/expiry" in {item.path for item in made.review}) is asked
    assert "rows/2/expiry" not in {item.path for item in made.review}


@pytest.mark.parametrize("right", [False, True], ids=["figures begin under it", "figures end under it"])
def test_a_heading_in_two_languages_on_one_line_is_one_column(right: bool) -> None:
    columns = (
        (90, "貨號 SKU"),
        (400, "貨品 Description"),
        (800, "數量 Qty"),
        (1000, "單價 Price"),
        (1330, "金額 Amount"),
    )
    rows = (("K770-75", "Oat Milk 1L", "24", "2.50", "60.00"), ("W310-67", "梳打餅 200g", "6", "18.00", "108.00"))
    shift = (0, 0, 110, 100, 140) if right else (0,) * 5
    texts = [Text(left, 480, heading) for left, heading in columns]
    texts += [
        Text(left + more, 550 + 60 * at, text)
        for at, row in enumerate(rows)
        for (left, _), more, text in zip(columns, shift, row, strict=True)
    ]
    head = (Text(90, 70, "榮豐糧油有限公司", 50), Text(1200, 80, "發票", 54), Text(90, 260, "發票編號: CK-70098"))
    paper = Paper((*head, *texts, Text(1000, 700, "總計 Total: HKD 168.00")), {}, ())

    found = values(paper, "sku", "quantity")
    amounts = [row.fields["amount"].raw for row in extract(paper.reading()).rows]

    assert found == [("K770-75", "24"), ("W310-67", "6")]
    assert amounts == ["60.00", "108.00"]


@pytest.mark.parametrize(
    ("expiry", "asked"), [("2026-07-25", True), ("2026-07-26", False), ("2026-07-27", False), ("2037-08-26", True)]
)
def test_goods_that_come_expired_ask_a_person(expiry: str, asked: bool) -> None:
    paper = chinese_delivery("iso")
    first = paper.rows[0]["expiry"]
    texts = tuple(replace(text, text=expiry if text.text == first else text.text) for text in paper.texts)

    made = extract(replace(paper, texts=texts).reading())

    assert made.fields["date"].value == "2026-07-26"
    reasons = [item.reason for item in made.review if item.path == "rows/0/expiry"]
    assert (ReviewReason.DATE_DOUBTFUL in reasons) is asked


@pytest.mark.parametrize("said", ["Harbour Dairy SuppliesLtd.", "Harbour Dairy Supplies Ltd."])
def test_the_space_and_the_full_stop_of_a_firms_ending_are_kept(said: str) -> None:
    paper = english_invoice()
    texts = tuple(
        replace(text, text=said) if text.text == "Harbour Dairy Supplies Ltd." else text for text in paper.texts
    )

    assert extract(replace(paper, texts=texts).reading()).fields["supplier"].value == "Harbour Dairy Supplies Ltd."


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Cod Liver 0il Capsules", "Cod Liver Oil Capsules"),
        ("Cola 330ml 0.5l", "Cola 330ml 0.5l"),
        ("Filler 0ml", "Filler 0ml"),
    ],
)
def test_a_nought_that_begins_a_word_is_its_letter(read: str, meant: str) -> None:
    paper = chinese_delivery()
    texts = tuple(replace(text, text=read) if text.text == "Oat Milk 1L" else text for text in paper.texts)

    assert meant in [description for (description,) in values(replace(paper, texts=texts), "description")]
