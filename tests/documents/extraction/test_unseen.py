"""Wordings and layouts of companies that nobody has seen: each fault that papers of strangers showed, with a paper of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from documents.extraction.extracting import extract
from documents.extraction.flat import Token, flatten
from documents.extraction.headings import read_headings
from documents.extraction.kinds import title_in
from documents.extraction.model import DocType
from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Paper, Text, chinese_delivery, english_invoice, stacked_return, table

HEAD = (Text(90, 70, "榮豐糧油有限公司", 50), Text(1100, 80, "送貨單", 54), Text(90, 260, "送貨單號: DN-3301"),
        Text(700, 260, "日期: 2026-07-26"), Text(90, 320, "客戶: 海怡便利店"))  # fmt: skip


def token_of(text: str) -> Token:
    """A text as one box on a page of its own."""
    (token,) = flatten(Paper((Text(90, 90, text),), {}, ()).reading().pages[0]).tokens
    return token


def swapped(paper: Paper, old: str, *new: Text | str) -> Paper:
    """The paper with one text replaced."""
    texts: list[Text] = []
    for text in paper.texts:
        if text.text != old:
            texts.append(text)
            continue
        texts += [replace(text, text=one) if isinstance(one, str) else one for one in new]
    return replace(paper, texts=tuple(texts))


def goods(columns: tuple[tuple[str, int, tuple[str, ...]], ...], *rows: dict[str, str]) -> list[Text]:
    return table(480, columns, rows)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("退貨紀錄表", DocType.RETURN_NOTE), ("退包單", DocType.RETURN_NOTE), ("Goods Receipt Inspection", DocType.INSPECTION_REPORT),
        ("Receiving QC Check Sheet", DocType.INSPECTION_REPORT), ("米糧抽驗報告", DocType.INSPECTION_REPORT),
        ("銷售出庫單", DocType.DELIVERY_NOTE), ("送酒單", DocType.DELIVERY_NOTE), ("PURCHASE INSTRUCTION", DocType.PURCHASE_ORDER),
    ],
)  # fmt: skip
def test_a_title_that_no_list_has_is_made_of_its_business_and_a_paper(title: str, kind: DocType) -> None:
    named = title_in(title)

    assert named is not None
    assert named[0] is kind


@pytest.mark.parametrize("said", ["原發票 INV REF", "有關訂單 Order No."])
def test_another_paper_that_is_named_is_no_title(said: str) -> None:
    named = title_in(said)

    assert named is None or named[1] < 0.75


def test_a_heading_in_two_languages_in_one_box_is_one_column_each() -> None:
    columns = (
        ("sku", 90, ("# 貨號 CODE 品名 DESCRIPTION",)),
        ("description", 360, ()),
        ("quantity", 800, ("數量 QTY 單位 UM",)),
        ("unit", 960, ()),
    )
    rows = [{"sku": f"QT-440{at}", "description": "梳打餅", "quantity": str(12 * at), "unit": "包"} for at in (1, 2, 3)]

    found = reading_of(*HEAD, *goods(columns, *rows))

    assert values(found, "sku", "quantity", "unit") == [(f"QT-440{at}", str(12 * at), "包") for at in (1, 2, 3)]


def test_a_column_headed_by_a_number_sign_is_that_of_running_numbers() -> None:
    columns = (("line", 90, ("#",)), ("sku", 140, ("Item No.",)), ("description", 400, ("Description",)), ("quantity", 900, ("Qty",)), ("unit", 1000, ("UoM",)))  # fmt: skip
    rows = [
        {"line": str(at), "sku": f"1031012{at}", "description": "Oat Milk", "quantity": "6", "unit": "BTL"}
        for at in (1, 2, 3)
    ]
    joined = [dict(row) for row in rows]
    joined[1] = {**joined[1], "line": "2 10310122", "sku": ""}

    found = reading_of(*HEAD, *goods(columns, *joined))

    assert values(found, "sku") == [("10310121",), ("10310122",), ("10310123",)]


def test_a_running_number_that_touches_its_code_is_cut_off_and_asked_about() -> None:
    columns = (("line", 90, ("#",)), ("sku", 130, ("Item No.",)), ("description", 400, ("Description",)), ("quantity", 900, ("Qty",)), ("unit", 1000, ("UoM",)))  # fmt: skip
    rows = [
        {"line": str(at), "sku": f"1031012{at}", "description": "Oat Milk", "quantity": "6", "unit": "BTL"}
        for at in (1, 2, 3)
    ]
    rows[2] = {**rows[2], "line": "310310123", "sku": ""}

    found = reading_of(*HEAD, *goods(columns, *rows))

    assert values(found, "sku")[2] == ("10310123",)
    assert "rows/2/sku" in asked(found)


def test_words_left_of_a_heading_in_the_middle_are_below_it() -> None:
    columns = (("quantity", 90, ("數量",)), ("unit", 170, ("單位",)), ("description", 260, ()), ("unit_price", 1150, ("單價",)), ("amount", 1300, ("金額",)))  # fmt: skip
    rows = [{"quantity": "2", "unit": "盒", "description": "乾鮑 20頭", "unit_price": "3.00", "amount": "6.00"}] * 3

    found = reading_of(
        *HEAD, Text(700, 480, "貨名"), *goods(columns, *rows), Text(1150, 800, "合計"), Text(1300, 800, "HK$18.00")
    )

    assert values(found, "description", "unit") == [("乾鮑 20頭", "盒")] * 3


def test_a_code_in_brackets_and_a_lot_below_the_goods_are_taken_out_of_the_description() -> None:
    columns = (("description", 90, ("Product",)), ("quantity", 900, ("Ordered",)), ("done", 1100, ("Delivered",)))
    texts = goods(columns, {"description": "[AKR2656-BK] Plaster Strips", "quantity": "20.00 BX", "done": "12.00 BX"})

    found = reading_of(*HEAD, *texts, Text(90, 570, "Lot/SN: LOT87752 Exp: 2030-02-06"))

    assert values(found, "sku", "description", "quantity", "batch", "expiry") == [
        ("AKR2656-BK", "Plaster Strips", "12", "LOT87752", "2030-02-06")
    ]


def test_letters_that_a_lot_begins_with_stay() -> None:
    paper = swapped(chinese_delivery(), "H7731K", "LOT77315")

    assert values(extract(paper.reading()), "batch")[0] == ("LOT77315",)


def test_packing_with_units_below_it_is_the_unit() -> None:
    paper = swapped(chinese_delivery(), "單位", "包裝規格")

    assert values(extract(paper.reading()), "unit") == [("包",), ("樽",), ("盒",)]


def test_a_line_of_totals_ends_the_table() -> None:
    paper = stacked_return()
    last = max(text.top for text in paper.texts)
    found = extract(replace(paper, texts=(*paper.texts, Text(1200, last + 56, "總退貨數 84"))).reading())

    assert all(
        "84" not in str(field.value) for row in found.rows for name, field in row.fields.items() if name == "reason"
    )


@pytest.mark.parametrize(
    ("said", "name"),
    [("承購方: 順意裝修工程公司", "順意裝修工程公司"), ("致順意裝修工程公司", "順意裝修工程公司"), ("寶號良友五金雜貨", "良友五金雜貨"),
     ("Attention: Man Sang Electrical Co.", "Man Sang Electrical Co.")],
)  # fmt: skip
def test_the_other_party_is_found_behind_words_of_address(said: str, name: str) -> None:
    paper = swapped(chinese_delivery(), "收貨單位: 海怡便利店", said)

    assert extract(paper.reading()).fields["buyer"].value == name


def test_who_buys_for_a_company_is_not_the_buyer() -> None:
    texts = (Text(90, 70, "富臨門酒家有限公司", 50), Text(1100, 80, "採購單", 54), Text(90, 240, "訂單編號: PO-3391"),
             Text(700, 240, "日期: 2026-07-26"), Text(90, 300, "供應商: 榮豐糧油有限公司"), Text(700, 300, "Buyer: May Ho"))  # fmt: skip
    columns = (
        ("sku", 90, ("貨號",)),
        ("description", 400, ("品名",)),
        ("quantity", 900, ("數量",)),
        ("unit", 1000, ("單位",)),
    )
    found = reading_of(
        *texts,
        *goods(
            columns, *[{"sku": f"QT-440{at}", "description": "薯條", "quantity": "2", "unit": "箱"} for at in (1, 2)]
        ),
    )

    assert found.fields["buyer"].value == "富臨門酒家有限公司"


def test_a_missing_buyer_is_asked_for() -> None:
    paper = swapped(chinese_delivery(), "收貨單位: 海怡便利店")

    assert "buyer" in asked(extract(paper.reading()))


def test_a_name_that_goes_on_below_is_one() -> None:
    paper = swapped(english_invoice(), "Sold to: Peak Corner Store", Text(90, 320, "Sold to: Smartcom Digital Technology"), Text(90, 355, "Limited"))  # fmt: skip

    found = extract(paper.reading())

    assert str(found.fields["buyer"].value).endswith("Technology Limited") or "buyer" in asked(found)


@pytest.mark.parametrize("label", ["Orig. P.O.", "對應訂單", "Base Document PO"])
def test_a_label_that_ends_like_one_of_orders_is_one(label: str) -> None:
    paper = swapped(english_invoice(), "Your PO: PO-55119", f"{label}: PO-55119")

    assert extract(paper.reading()).fields["po_ref"].value == "PO-55119"


def test_an_order_behind_words_that_are_no_label_is_asked_for() -> None:
    paper = swapped(english_invoice(), "Your PO: PO-55119", "As agreed in our letter PO-55119")

    assert "po_ref" in asked(extract(paper.reading()))


def test_the_number_beside_the_label_of_another_kind_of_paper_is_asked_about() -> None:
    paper = swapped(english_invoice(), "Inv. No: HD-2026-118", "D/N No: HD-2026-118")

    assert "doc_no" in asked(extract(paper.reading()))


def test_a_label_with_a_word_of_the_title_is_of_the_papers_own_number() -> None:
    paper = swapped(stacked_return(), "退貨單號 Return No.: GR-3301", "便條編號: GR-3301")
    titled = replace(
        paper,
        texts=tuple(
            replace(text, text="退貨便條") if text.size > 40 and "退" in text.text else text for text in paper.texts
        ),
    )

    found = extract(titled.reading())

    assert found.fields["doc_no"].value == "GR-3301"
    assert "doc_no" not in asked(found)


def test_numbers_as_offices_give_them_are_numbers() -> None:
    paper = swapped(stacked_return(), "退貨單號 Return No.: GR-3301", "退貨單號: 育退字26-019")

    assert extract(paper.reading()).fields["doc_no"].value == "育退字26-019"


def test_a_percentage_belongs_to_the_label_of_a_discount() -> None:
    paper = swapped(swapped(english_invoice(), "Less discount", "Trade Discount (5%)"), "40.00", "(40.00)")

    found = extract(paper.reading())

    assert "total" not in asked(found)


def test_the_amount_of_a_total_stands_right_of_its_count() -> None:
    paper = swapped(english_invoice(), "Amount payable", Text(1000, 920, "Total"), Text(1150, 920, "70"))

    assert "total" not in asked(extract(paper.reading()))


def test_a_delivery_date_alone_is_the_date_of_a_delivery_note_and_in_doubt_beside_others() -> None:
    paper = swapped(chinese_delivery(), "出單日期", "送貨日期")
    assert "date" not in asked(extract(paper.reading()))

    invoice = swapped(
        english_invoice(), "Issued on: 26 JUL 2026", "Delivery date: 26 JUL 2026", Text(90, 400, "Agreed 1 JUL 2026")
    )
    assert "date" in asked(extract(invoice.reading()))


def test_a_column_that_was_not_understood_is_asked_about() -> None:
    columns = (
        ("sku", 90, ("貨號",)),
        ("description", 300, ("品名",)),
        ("quantity", 700, ("數量",)),
        ("unit", 800, ("單位",)),
        ("what", 950, ("嘜頭",)),
    )
    rows = [
        {"sku": f"QT-440{at}", "description": "梳打餅", "quantity": "24", "unit": "包", "what": f"KX{at}"}
        for at in (1, 2, 3)
    ]

    found = reading_of(*HEAD, *goods(columns, *rows))

    assert not found.straight_through


def test_a_lot_without_a_column_is_asked_for() -> None:
    columns = (
        ("sku", 90, ("貨號",)),
        ("description", 300, ("品名",)),
        ("quantity", 900, ("數量",)),
        ("unit", 1000, ("單位",)),
    )
    rows = [{"sku": f"QT-440{at}", "description": "梳打餅", "quantity": "24", "unit": "包"} for at in (1, 2)]

    found = reading_of(*HEAD, *goods(columns, *rows), Text(90, 1400, "全部貨品批號 L240808"))

    assert "rows/0/batch" in asked(found)


def test_a_gap_in_the_running_numbers_is_asked_about() -> None:
    columns = (
        ("line", 90, ("項次",)),
        ("sku", 200, ("貨號",)),
        ("description", 400, ("品名",)),
        ("quantity", 900, ("數量",)),
        ("unit", 1000, ("單位",)),
    )
    rows = [
        {"line": at, "sku": f"QT-440{at}", "description": "梳打餅", "quantity": "24", "unit": "包"}
        for at in ("1", "2", "4")
    ]

    assert "rows" in asked(reading_of(*HEAD, *goods(columns, *rows)))


def test_a_total_of_pieces_that_is_not_the_sum_is_asked_about() -> None:
    columns = (
        ("sku", 90, ("貨號",)),
        ("description", 400, ("品名",)),
        ("quantity", 900, ("數量",)),
        ("unit", 1000, ("單位",)),
    )
    rows = [{"sku": f"QT-440{at}", "description": "梳打餅", "quantity": "24", "unit": "包"} for at in (1, 2)]

    assert "rows" not in asked(reading_of(*HEAD, *goods(columns, *rows), Text(800, 800, "總數量: 48")))
    assert "rows" in asked(reading_of(*HEAD, *goods(columns, *rows), Text(800, 800, "總數量: 72")))


def test_goods_without_any_code_are_not_asked_for_one_by_one() -> None:
    columns = (("description", 90, ("品名",)), ("quantity", 900, ("數量",)), ("unit", 1000, ("單位",)))
    rows = [{"description": name, "quantity": "24", "unit": "包"} for name in ("梳打餅", "花菇", "瑤柱")]

    assert reading_of(*HEAD, *goods(columns, *rows)).review == ()


def test_two_figures_below_what_was_read_as_one_heading_are_two_columns() -> None:
    columns = (("sku", 90, ("Code",)), ("description", 300, ("Description",)), ("unit", 700, ("Unit",)), ("quantity", 800, ("QtyUnit Price",)), ("unit_price", 950, ()), ("amount", 1200, ("Amount",)))  # fmt: skip
    rows = [{"sku": f"QT-440{at}", "description": "Oat Milk", "unit": "BTL", "quantity": str(12 * at), "unit_price": "2.00", "amount": f"{24 * at}.00"} for at in (1, 2, 3)]  # fmt: skip
    texts = [
        replace(text, text="Qtynit Price") if text.text == "QtyUnit Price" else text for text in goods(columns, *rows)
    ]

    found = reading_of(*HEAD, *texts, Text(950, 800, "Total"), Text(1200, 800, "HK$144.00"))

    assert values(found, "quantity") == [("12",), ("24",), ("36",)]
    assert "rows/0/quantity" not in asked(found)


def test_a_number_sign_before_another_heading_is_a_column_of_its_own() -> None:
    (page,) = Paper((Text(90, 70, "# Barcode 國際條碼"),), {}, ()).reading().pages
    (token,) = flatten(page).tokens
    assert [heading.role for heading in read_headings(token)] == ["line", "gtin"]


def test_an_amount_below_that_no_label_explains_is_asked_about() -> None:
    columns = (("sku", 90, ("Code",)), ("description", 300, ("Description",)), ("quantity", 700, ("Qty",)), ("unit", 800, ("Unit",)), ("unit_price", 950, ("Price",)), ("amount", 1200, ("Amount",)))  # fmt: skip
    rows = [{"sku": f"QT-440{at}", "description": "Oat Milk", "quantity": "12", "unit": "BTL", "unit_price": "2.00", "amount": "24.00"} for at in (1, 2)]  # fmt: skip
    head = tuple(
        replace(text, text={"送貨單": "發票", "送貨單號: DN-3301": "發票號碼: INV-3301"}.get(text.text, text.text))
        for text in HEAD
    )
    texts = (*head, *goods(columns, *rows), Text(950, 800, "Total"), Text(1200, 800, "48.00"))

    assert "total" not in asked(reading_of(*texts))
    assert "total" in asked(reading_of(*texts, Text(950, 860, "Zuschlag"), Text(1200, 860, "60.00")))


def test_an_order_beside_a_label_of_its_own_is_asked_for() -> None:
    paper = swapped(english_invoice(), "Your PO: PO-55119", Text(1000, 400, "Zeichen"), Text(1200, 400, "TWT-88913"))

    assert "po_ref" in asked(extract(paper.reading()))


def test_descriptions_that_no_row_has_are_asked_for() -> None:
    paper = chinese_delivery()
    texts = tuple(
        text for text in paper.texts if text.text not in {"貨品內容", "梳打餅 200g", "Oat Milk 1L", "消毒濕紙巾"}
    )

    assert "rows/0/description" in asked(extract(replace(paper, texts=texts).reading()))


def test_a_code_column_without_a_known_heading_is_asked_about() -> None:
    paper = swapped(chinese_delivery(), "商品代號", "嘜頭")

    assert not extract(paper.reading()).straight_through


def test_a_name_behind_a_label_that_nobody_knows_is_asked_about() -> None:
    paper = swapped(chinese_delivery(), "收貨單位: 海怡便利店", "客戶: Zum Laden 海怡便利店")

    assert "buyer" in asked(extract(paper.reading()))


def test_words_below_the_last_code_are_asked_about() -> None:
    paper = chinese_delivery()
    last = max(text.top for text in paper.texts)
    code = next(text for text in paper.texts if text.text == "QT-9003")
    texts = (*paper.texts, Text(code.left, last + 30, "判語"), Text(code.left + 200, last + 30, "甚好"))

    assert not extract(replace(paper, texts=texts).reading()).straight_through


CODED = (("sku", 300, ("Code",)), ("description", 600, ("Description",)), ("quantity", 1000, ("Qty",)), ("unit", 1150, ("Unit",)))  # fmt: skip
CODED_ROWS = [{"sku": f"P938{at}", "description": "Oat Milk", "quantity": f"1{at}", "unit": "BTL"} for at in (1, 2, 3)]


def test_a_side_bar_with_figures_beside_the_heading_is_none_of_it() -> None:
    found = reading_of(*HEAD, Text(60, 480, "Shop 12, 9/F"), *goods(CODED, *CODED_ROWS))

    assert values(found, "sku", "quantity") == [("P9381", "11"), ("P9382", "12"), ("P9383", "13")]


def test_a_result_that_is_also_a_heading_leaves_its_row_in_the_table() -> None:
    columns = (*CODED, ("result", 1300, ("結果",)))
    rows = [{**row, "result": "合格"} for row in CODED_ROWS]

    assert [code for (code,) in values(reading_of(*HEAD, *goods(columns, *rows)), "sku")] == ["P9381", "P9382", "P9383"]


def test_unknown_words_among_headings_that_were_read_as_one_box_are_a_column() -> None:
    read = read_headings(token_of("Batch / Lot Best Before Hue Conclusion"))

    assert [heading.role for heading in read] == ["batch", "expiry", "unknown", "result"]


@pytest.mark.parametrize("said", ["Batch 12 Best Before Samples Conclusion", "Please check batch and quantity"])
def test_a_sentence_with_column_words_is_no_heading(said: str) -> None:
    assert read_headings(token_of(said)) == []


def test_a_date_in_the_column_of_lots_is_the_expiry_that_a_person_is_asked_about() -> None:
    columns = (*CODED, ("batch", 1300, ("Lot No.",)))
    rows = [{**row, "batch": f"GP69{at} 23/03/2027"} for at, row in enumerate(CODED_ROWS)]

    found = reading_of(*HEAD, *goods(columns, *rows))

    assert values(found, "batch", "expiry") == [(f"GP69{at}", "2027-03-23") for at in range(3)]
    assert {f"rows/{at}/expiry" for at in range(3)} <= asked(found)


def test_captions_of_signatures_below_a_table_are_no_part_of_its_last_row() -> None:
    texts = goods(CODED, *CODED_ROWS)
    lowest = max(text.top for text in texts)

    found = reading_of(*HEAD, *texts, Text(300, lowest + 110, "車牌"), Text(620, lowest + 110, "司機姓名"))

    assert [value for (value,) in values(found, "description")] == ["Oat Milk"] * 3


def test_a_carrier_that_wrote_the_paper_is_neither_supplier_nor_buyer() -> None:
    head = (Text(90, 70, "順風車物流有限公司", 50), *HEAD[1:])

    found = reading_of(*head, *goods(CODED, *CODED_ROWS))

    assert "supplier" not in found.fields
    assert "supplier" in asked(found)


def test_the_label_of_the_total_may_name_the_currency() -> None:
    columns = (*CODED, ("unit_price", 1250, ("Price",)), ("amount", 1400, ("Amount",)))
    rows = [{**row, "unit_price": "2.00", "amount": f"{2 * int(row['quantity'])}.00"} for row in CODED_ROWS]
    texts = goods(columns, *rows)
    lowest = max(text.top for text in texts)

    found = reading_of(*HEAD, *texts, Text(1000, lowest + 60, "Total net value USD"), Text(1400, lowest + 60, "72.00"))

    assert found.fields["currency"].value == "USD"
