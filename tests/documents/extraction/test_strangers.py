"""What papers of strangers showed of who writes to whom, of numbers with names in them, and of tables that stand close."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from documents.extraction.dates import parse_date
from documents.extraction.extracting import extract
from documents.extraction.model import DocType, Extraction, Money
from documents.extraction.names import is_name
from documents.extraction.numbers import clean_number, mend_number
from documents.reading.model import DocumentReading
from tests.documents.extraction.told import COLUMNS, ROWS, asked, reading_of, values
from tests.documents.papers import Paper, Text, english_invoice, table

PRICED = (*COLUMNS, ("unit_price", 1140, ("Unit Price",)), ("amount", 1330, ("Amount",)))


def party(extraction: Extraction, name: str) -> object:
    return extraction.fields[name].value if name in extraction.fields else None


def report(*head: Text) -> Extraction:
    columns = (*COLUMNS, ("result", 1200, ("Result",)))
    rows = tuple({**row, "result": "PASS"} for row in ROWS)
    return reading_of(*head, Text(90, 390, "Report No.: IR-25-0017"), *table(480, columns, rows))


def note(*head: Text) -> Extraction:
    columns = (*COLUMNS, ("reason", 1200, ("Reason",)))
    rows = tuple({**row, "reason": "Damaged"} for row in ROWS)
    return reading_of(*head, Text(90, 390, "Note No.: RN-25-0017"), *table(480, columns, rows))


def test_a_laboratory_is_no_party_and_its_applicant_is_the_buyer() -> None:
    found = report(
        Text(90, 70, "香江品質檢驗服務有限公司", 50), Text(90, 140, "電話：2285 1513"), Text(600, 200, "檢驗報告 Inspection Report", 40),
        Text(90, 270, "委託人："), Text(400, 270, "青衣平價超市"), Text(90, 320, "供應商/製造商："), Text(400, 320, "廣泰來海產"),
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == ("廣泰來海產", "青衣平價超市")


def test_a_party_is_no_charge_though_its_label_begins_as_one() -> None:
    found = report(
        Text(90, 70, "永福堂藥行有限公司", 50), Text(600, 160, "檢驗報告 INSPECTION REPORT", 40),
        Text(90, 270, "送貨供應商 Supplier Name: 樂怡食品(亞洲)有限公司"),
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == ("樂怡食品(亞洲)有限公司", "永福堂藥行有限公司")


@pytest.mark.parametrize("said", ["家佳生活用品店 寶號台照", "家佳生活用品店台照", "寶號 家佳生活用品店"])
def test_courtesies_behind_a_name_or_before_it_say_whom_the_paper_is_for(said: str) -> None:
    paper = english_invoice()
    texts = tuple(replace(text, text=said) if text.text.startswith("Sold to") else text for text in paper.texts)

    found = extract(replace(paper, texts=texts).reading())

    assert party(found, "buyer") == "家佳生活用品店"


def test_the_sign_beside_a_name_is_no_name() -> None:
    found = note(
        Text(90, 60, "TS", 90), Text(240, 80, "Tak Shing", 44), Text(240, 130, "Pharmacy", 44), Text(900, 80, "RETURN NOTE", 50),
        Text(90, 300, "Vendor: Formosa Fragrance Trading Co."),
    )  # fmt: skip

    assert party(found, "buyer") == "Tak Shing Pharmacy"


@pytest.mark.parametrize("said", ["名稱 Vendor Name", "Customer Name", "賣方名稱"])
def test_the_end_of_a_label_is_no_name(said: str) -> None:
    assert not is_name(said)


SUPPLIER, BUYER = "Paws Pet Supply Limited", "Pet Haven Stores Limited"


@pytest.mark.parametrize(
    ("title", "order", "questions"),
    [
        ("GOODS RETURN NOTE", "PO No.: PO-8812", {"supplier", "buyer"}),
        ("GOODS COLLECTION NOTE", "PO No.: PO-8812", set()),
        ("GOODS RETURN NOTE", "Your Order No.: PO-8812", set()),
    ],
)
def test_a_return_note_may_be_the_suppliers(title: str, order: str, questions: set[str]) -> None:
    found = note(
        Text(90, 70, SUPPLIER, 50), Text(90, 140, "Tel: 2506 5166"), Text(600, 200, title, 44),
        Text(90, 270, "Messrs.:"), Text(260, 270, BUYER), Text(900, 270, order),
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == (SUPPLIER, BUYER)
    assert asked(found) & {"supplier", "buyer"} == questions


@pytest.mark.parametrize(
    ("letterhead", "named", "supplier", "questions"),
    [
        (BUYER, SUPPLIER, SUPPLIER, set()),
        (BUYER, "Three Clover Limited", "Three Clover Limited", set()),
        ("Lai Kee Limited", "Three Clover Limited", "Lai Kee Limited", {"supplier", "buyer"}),
    ],
)
def test_your_order_on_a_shops_own_paper_turns_nothing(
    letterhead: str, named: str, supplier: str, questions: set[str]
) -> None:
    found = note(
        Text(90, 70, letterhead, 50), Text(90, 140, "Tel: 2506 5166"), Text(600, 200, "GOODS RETURN NOTE", 44),
        Text(90, 270, "Messrs.:"), Text(260, 270, named), Text(900, 270, "Your Order No.: PO-8812"),
    )  # fmt: skip

    assert party(found, "supplier") == supplier
    assert asked(found) & {"supplier", "buyer"} == questions


def test_a_contract_names_parties_and_day_in_sentences() -> None:
    found = reading_of(
        Text(600, 70, "SUPPLY AGREEMENT", 44), Text(600, 140, "Contract Number YG/SA/2025/014"),
        Text(90, 220, "THIS AGREEMENT is made on 9th June 2025 BETWEEN:"),
        Text(90, 270, "(1) Sing Fai Lighting & Electrical Co., Ltd., whose registered office is at Unit A, 14/F, 121 Canton"),
        Text(90, 310, 'Road, Yau Ma Tei, Kowloon (the "Supplier"); and'),
        Text(90, 350, "(2) Yuga Living Stores Limited, whose place of business is at Flat D, 22/F., 175 Watson"),
        Text(90, 390, 'Road, North Point, Hong Kong (the "Purchaser").'),
        *table(480, PRICED, tuple({**row, "unit_price": "2.00", "amount": f"{24 * at}.00"} for at, row in enumerate(ROWS, 1))),
        Text(1140, 760, "Total"), Text(1330, 760, "HK$144.00"), Text(90, 800, "1. Payment"), Text(500, 800, "Net 45 Days"),
        Text(90, 850, "3. Warranty"),
    )  # fmt: skip

    assert found.fields["date"].value == "2025-06-09"
    assert party(found, "supplier") == "Sing Fai Lighting & Electrical Co., Ltd."
    assert party(found, "buyer") == "Yuga Living Stores Limited"
    assert found.fields["total"].value == Money(14400, "HKD")


@pytest.mark.parametrize("number", ["蘭亭採合字〔2025〕08號", "十全-250418", "綠退250077", "SB退-0392", "驗-250613-2"])
def test_a_number_may_begin_with_a_name(number: str) -> None:
    assert clean_number(number) == number


@pytest.mark.parametrize("said", ["編號018834", "電話37631085", "共3頁"])
def test_words_before_a_figure_are_no_number(said: str) -> None:
    assert clean_number(said) != said


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("H0/2025/0821", "HO/2025/0821"), ("0S-2506-118", "OS-2506-118"), ("P025-109934", "PO25-109934"), ("YG-P02503-41", "YG-PO2503-41"),
        ("HP026112228", "HPO26112228"), ("Sl-2503-2357", "SI-2503-2357"), ("SH25027682", "SH25027682"), ("A01-250613", "A01-250613"),
    ],
)  # fmt: skip
def test_a_nought_or_a_small_l_among_letters_is_the_letter(read: str, meant: str) -> None:
    assert mend_number(read, ()) == meant


@pytest.mark.parametrize("number", ["P0271997", "0S-2506-118"])
def test_an_order_that_begins_with_a_mended_letter_is_asked_about(number: str) -> None:
    paper = english_invoice()
    texts = tuple(
        replace(text, text=f"Your PO: {number}") if text.text.startswith("Your PO") else text for text in paper.texts
    )

    found = extract(replace(paper, texts=texts).reading())

    assert found.fields["po_ref"].value == number.replace("0", "O", 1)
    assert "po_ref" in asked(found)


def test_a_letter_that_was_surely_read_stays_in_a_code() -> None:
    rows = tuple({**row, "sku": sku} for row, sku in zip(ROWS, ("HT123B9", "HT978Z5", "HT209S4"), strict=True))
    paper = Paper(
        (Text(90, 70, "DELIVERY NOTE", 50), Text(90, 390, "DN No.: DN-17"), *table(480, COLUMNS, rows)), {}, ()
    )

    found = extract(_sure(paper.reading()))

    assert values(found, "sku") == [("HT123B9",), ("HT978Z5",), ("HT209S4",)]


def _sure(reading: DocumentReading) -> DocumentReading:
    """The reading with a probability of one for each character."""

    def word(one: object) -> object:
        return msgspec.structs.replace(one, probabilities=tuple(1.0 for _ in one.text))  # type: ignore[attr-defined,type-var]

    (page,) = reading.pages
    lines = tuple(msgspec.structs.replace(line, words=tuple(word(one) for one in line.words)) for line in page.lines)
    return msgspec.structs.replace(reading, pages=(msgspec.structs.replace(page, lines=lines),))


def test_a_code_and_the_words_behind_it_in_one_box_are_two_cells() -> None:
    columns = (("line", 90, ("#",)), ("sku", 170, ("料號",)), ("description", 400, ("品名及規格",)), ("unit", 1100, ("包裝",)), ("quantity", 1250, ("數目",)))  # fmt: skip
    rows = tuple(
        {"line": str(at), "sku": f"48942568851{at}0 消毒濕紙巾 750g", "unit": "盒", "quantity": "12"}
        for at in (1, 2, 3)
    )

    found = reading_of(Text(90, 70, "出貨單", 50), Text(90, 390, "單號: DN-17"), *table(480, columns, rows))

    assert values(found, "sku", "description") == [(f"48942568851{at}0", "消毒濕紙巾 750g") for at in (1, 2, 3)]


def test_headings_that_were_run_together_are_parted_by_their_cells() -> None:
    rows = tuple({**row, "unit_price": "2.50", "amount": f"{30 * at}.00"} for at, row in enumerate(ROWS, 1))
    texts = [
        replace(text, text="UnitQuantitynit Price") if text.text == "Qty" else text
        for text in table(480, PRICED, rows)
        if text.text not in {"Unit", "Unit Price"}
    ]

    found = reading_of(Text(90, 70, "INVOICE", 50), Text(90, 390, "Invoice No.: IV-17"), *texts)

    assert values(found, "quantity", "unit", "unit_price") == [
        (str(12 * at), "BTL", Money(250, "HKD")) for at in (1, 2, 3)
    ]


def test_the_currency_of_a_heading_may_stand_apart() -> None:
    columns = (*COLUMNS, ("unit_price", 1120, ("U/Price",)), ("amount", 1450, ("Total",)))
    rows = tuple({**row, "amount": f"{30 * at}.00"} for at, row in enumerate(ROWS, 1))
    prices = [Text(1290, 480 + 32 + 24 + at * 56, "2.50") for at in range(3)]

    found = reading_of(
        Text(90, 70, "INVOICE", 50), Text(90, 390, "Invoice No.: IV-17"), *table(480, columns, rows), Text(1270, 480, "(HK$)"), *prices
    )  # fmt: skip

    assert [row.fields["unit_price"].raw for row in found.rows] == ["2.50"] * 3


@pytest.mark.parametrize("said", ["3. Scope", "三、檢驗項目"])
def test_the_heading_of_another_part_ends_the_table(said: str) -> None:
    columns = (*COLUMNS, ("result", 1200, ("Result",)))
    rows = tuple({**row, "result": "PASS"} for row in ROWS)
    below = (Text(90, 790, said), Text(90, 850, "Appearance"), Text(500, 850, "Satisfactory"))

    found = reading_of(Text(90, 70, "INSPECTION REPORT", 50), Text(90, 390, "Report No.: IR-17"), *table(480, columns, rows), *below)  # fmt: skip

    assert values(found, "description") == [(f"Oat Milk {at}L",) for at in (1, 2, 3)]


def test_a_unit_of_a_row_ends_no_table() -> None:
    rows = tuple({**row, "unit": "PCS"} for row in ROWS)

    found = reading_of(Text(90, 70, "DELIVERY NOTE", 50), Text(90, 390, "DN No.: DN-17"), *table(480, COLUMNS, rows))

    assert values(found, "unit") == [("PCS",)] * 3


def test_a_side_bar_beside_the_table_is_no_part_of_it() -> None:
    columns = tuple((name, left + 320, words) for name, left, words in COLUMNS)
    bar = (Text(40, 300, "Tak Shing Pharmacy"), Text(40, 500, "Unit B2, 9/F"), Text(40, 545, "Tel: 2246 7904"), Text(40, 600, "Fax: 2636 3598"))  # fmt: skip

    found = reading_of(
        Text(600, 70, "RETURN NOTE", 50), Text(600, 390, "RTV No.: RN-17"), *bar, *table(480, columns, ROWS)
    )

    assert values(found, "description", "quantity") == [(f"Oat Milk {at}L", str(12 * at)) for at in (1, 2, 3)]


def test_what_is_described_may_be_a_sample() -> None:
    columns = (("sku", 90, ("Style No.",)), ("description", 330, ("Sample Description",)), *COLUMNS[2:], ("result", 1200, ("Conclusion",)))  # fmt: skip
    rows = tuple({**row, "result": "Pass"} for row in ROWS)

    found = reading_of(Text(90, 70, "TEST REPORT", 50), Text(90, 390, "Report No.: IR-17"), *table(480, columns, rows))

    assert values(found, "description") == [(f"Oat Milk {at}L",) for at in (1, 2, 3)]


def test_one_row_without_words_asks_a_person() -> None:
    rows = (*ROWS[:2], {**ROWS[2], "description": ""})

    found = reading_of(Text(90, 70, "DELIVERY NOTE", 50), Text(90, 390, "DN No.: DN-17"), *table(480, COLUMNS, rows))

    assert "rows/2/description" in asked(found)


def test_the_plate_of_a_lorry_is_no_number_of_the_paper() -> None:
    found = note(
        Text(90, 70, BUYER, 50), Text(600, 160, "退貨單", 50), Text(90, 270, "車牌"), Text(300, 270, "RN 2444"),
        Text(800, 270, "退貨編號"), Text(1000, 270, "SB退-0392"),
    )  # fmt: skip

    assert found.fields["doc_no"].value == "SB退-0392"


def test_a_title_on_its_own_outweighs_words_of_other_papers() -> None:
    said = (
        "Goods are subject to inspection on delivery.",
        "Payment of an invoice is due under the contract.",
        "退貨須附送貨單及發票，檢驗不合格者按合約處理。",
    )
    texts = [Text(90, 900 + 40 * at, sentence) for at, sentence in enumerate(said)]

    found = reading_of(
        Text(600, 70, "PURCHASE ORDER", 40), Text(90, 390, "PO No.: PO-17"), *table(480, COLUMNS, ROWS), *texts
    )

    assert found.doc_type.value == DocType.PURCHASE_ORDER.value
    assert "doc_type" not in asked(found)


@pytest.mark.parametrize(
    ("said", "iso", "doubtful"),
    [("2027年2月18日", "2027-02-18", False), ("2027年2月18包", "2027-02-18", True), ("2027年2月", "2027-02-28", True)],
)
def test_a_day_whose_mark_was_lost_is_a_day_in_doubt(said: str, iso: str, doubtful: bool) -> None:
    dated = parse_date(said)

    assert dated is not None
    assert (dated.iso, dated.doubtful) == (iso, doubtful)


@pytest.mark.parametrize(
    ("off", "amount", "holds"), [("10%", "27.00", True), ("9折", "27.00", True), ("10%", "37.00", False)]
)
def test_a_discount_of_a_row_is_part_of_its_arithmetic(off: str, amount: str, holds: bool) -> None:
    columns = (*PRICED[:5], ("discount", 1290, ("Disc.",)), ("amount", 1400, ("Amount",)))
    row = {**ROWS[0], "unit_price": "2.50", "discount": off, "amount": amount}

    found = reading_of(Text(90, 70, "INVOICE", 50), Text(90, 390, "Invoice No.: IV-17"), *table(480, columns, (row,)))

    assert values(found, "quantity", "unit_price", "amount") == [("12", Money(250, "HKD"), Money(round(float(amount) * 100), "HKD"))]  # fmt: skip
    assert ("rows/0/amount" in asked(found)) is not holds


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("The Supplier: Man Tat Stationery Supplies Limited, of Room 1203, 23/F, 369 Castle Peak Road", "Man Tat Stationery Supplies Limited"),
        ("賣方（甲方)：百味糖果進口有限公司 地址：香港柴灣利眾街11號美嘉工業大廈28樓C5室", "百味糖果進口有限公司"),
    ],
)  # fmt: skip
def test_an_address_that_goes_on_behind_a_name_is_no_part_of_it(said: str, name: str) -> None:
    found = reading_of(Text(600, 70, "SUPPLY CONTRACT", 44), Text(90, 270, said), Text(90, 390, "Contract No.: SA-17"), *table(480, COLUMNS, ROWS))  # fmt: skip

    assert party(found, "supplier") == name


def test_prose_round_a_party_of_a_letter_is_no_name() -> None:
    found = reading_of(
        Text(90, 70, "泰和汽水批發", 44), Text(90, 140, "電話 2125 3252"), Text(90, 200, "百草春中西藥房有限公司"), Text(600, 270, "供貨協議書", 40),
        Text(90, 330, "承蒙貴公司垂詢，本公司（賣方）同意按下列條款向貴公司（買方）供應產品："), Text(90, 390, "協議書編號：XY-1574"),
        *table(480, COLUMNS, ROWS),
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == ("泰和汽水批發", "百草春中西藥房有限公司")


@pytest.mark.parametrize(
    "said", ["合計港幣：肆仟貳佰貳拾肆元正", "Total: HONG KONG DOLLARS ONE HUNDRED FORTY-FOUR ONLY"]
)
def test_a_sum_in_words_stands_before_its_figures(said: str) -> None:
    rows = tuple({**row, "unit_price": "2.00", "amount": f"{24 * at}.00"} for at, row in enumerate(ROWS, 1))

    found = reading_of(Text(90, 70, "INVOICE", 50), Text(90, 390, "Invoice No.: IV-17"), *table(480, PRICED, rows), Text(90, 760, said), Text(1330, 760, "HK$144.00"))  # fmt: skip

    assert found.fields["total"].value == Money(14400, "HKD")


def test_the_number_of_the_paper_gone_back_to_is_the_order_and_asked_about() -> None:
    found = note(
        Text(90, 70, BUYER, 50),
        Text(600, 160, "退貨單", 50),
        Text(90, 270, f"供應商：{SUPPLIER}"),
        Text(900, 270, "原單編號：26046601"),
    )

    assert found.fields["po_ref"].value == "26046601"
    assert "po_ref" in asked(found)


@pytest.mark.parametrize("said", ["Ship To", "分店 Branch"])
def test_where_goods_go_is_not_who_wrote_the_order(said: str) -> None:
    found = reading_of(
        Text(90, 70, "Sunup 24 Stores", 50), Text(90, 140, "Tel: 3160 3977"), Text(900, 70, "Purchase Order", 50),
        Text(90, 270, "Vendor"), Text(90, 310, "Sakura Hada Beauty Limited"), Text(800, 270, said), Text(800, 310, "Mong Kok Flagship Store"),
        Text(90, 390, "P.O. No.: PO-17"), *table(480, COLUMNS, ROWS),
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == ("Sakura Hada Beauty Limited", "Sunup 24 Stores")
    assert "buyer" not in asked(found)


def test_a_suppliers_own_report_names_its_buyer() -> None:
    found = report(
        Text(90, 70, "朝日農場鮮奶", 50), Text(90, 140, "電話 2393 2170"), Text(600, 200, "出廠品質檢驗報告", 40), Text(90, 270, "購貨方"), Text(300, 270, "月台便利站"),
    )  # fmt: skip

    assert (party(found, "supplier"), party(found, "buyer")) == ("朝日農場鮮奶", "月台便利站")


def test_headings_may_bear_the_numbers_of_clauses() -> None:
    columns = tuple((name, left, (f"({at}) {word}",)) for at, (name, left, (word,)) in enumerate(COLUMNS, 1))

    found = reading_of(
        Text(600, 70, "SALES CONFIRMATION", 44), Text(90, 390, "Contract No.: SC644192"), *table(480, columns, ROWS)
    )

    assert values(found, "sku", "quantity", "unit") == [(f"QT-440{at}", str(12 * at), "BTL") for at in (1, 2, 3)]


def test_product_and_pack_size_is_one_heading() -> None:
    columns = (COLUMNS[0], ("description", 330, ("Product & Pack Size",)), *COLUMNS[2:])
    rows = ({**ROWS[0], "description": "Antihistamine Tablets 10s"}, *ROWS[1:])

    found = reading_of(Text(90, 70, "DELIVERY NOTE", 50), Text(90, 390, "DN No.: DN-17"), *table(480, columns, rows))

    assert values(found, "description")[0] == ("Antihistamine Tablets 10s",)


def test_cells_of_a_pad_are_told_by_the_strips_in_which_they_stand() -> None:
    heads = (Text(320, 480, "貨名"), Text(640, 480, "批次"), Text(920, 480, "食用限期"), Text(1250, 480, "數量"))
    rows = [
        ("牙膏120g", "B64162", "2027-02-24", "2支"),
        ("潔面泡沫150ml", "M36342", "2027-03-07", "3支"),
        ("保濕面膜5片裝", "M16141", "2028-03-10", "3盒"),
    ]
    cells = [
        Text(left, 540 + 56 * at, said)
        for at, row in enumerate(rows)
        for left, said in zip((90, 540, 830, 1240), row, strict=True)
    ]

    found = reading_of(Text(600, 70, "退貨單", 50), Text(90, 390, "單號: RG2562"), *heads, *cells)

    assert values(found, "description", "batch", "expiry", "quantity") == [
        (name, lot, day, count[0]) for name, lot, day, count in rows
    ]


def test_the_end_of_a_heading_that_breaks_off_is_no_cell() -> None:
    columns = (*COLUMNS, ("reason", 1200, ("Reason for",)))
    rows = tuple({**row, "reason": "Leaking"} for row in ROWS)

    found = reading_of(Text(90, 70, "RETURN NOTE", 50), Text(90, 390, "Note No.: RN-17"), *table(480, columns, rows), Text(1210, 512, "Return"))  # fmt: skip

    assert values(found, "reason") == [("Leaking",)] * 3


def test_a_remark_with_figures_below_the_table_is_no_description() -> None:
    below = Text(90, 750, "Transport temperature recorded: 15-25C")

    found = reading_of(
        Text(90, 70, "DELIVERY NOTE", 50), Text(90, 390, "DN No.: DN-17"), *table(480, COLUMNS, ROWS), below
    )

    assert values(found, "description")[2] == ("Oat Milk 3L",)


@pytest.mark.parametrize(
    ("carried", "brought"), [("Carried forward", "Brought forward"), ("轉下頁", "承上頁"), ("", "")]
)
@pytest.mark.parametrize("headed", [True, False])
def test_a_table_goes_on_over_the_page(carried: str, brought: str, headed: bool) -> None:
    rows = tuple({**ROWS[0], "sku": f"QT-44{at}", "unit_price": "2.00", "amount": "24.00"} for at in range(10, 25))
    head = (
        Text(90, 70, "Harbour Dairy Supplies Ltd.", 46),
        Text(1000, 70, "INVOICE", 50),
        Text(1000, 200, "Invoice No.: IV-17"),
    )
    first = [
        *head,
        *table(480, PRICED, rows[:10]),
        Text(90, 1130, carried),
        Text(1330, 1130, "240.00" if carried else ""),
    ]
    second = [text for text in table(300, PRICED, rows[10:]) if headed or text.top > 350]
    second += [
        *head,
        Text(90, 345, brought),
        Text(1330, 345, "240.00" if brought else ""),
        Text(1140, 700, "Total"),
        Text(1330, 700, "HK$360.00"),
    ]
    (one,), (other,) = (
        Paper(tuple(text for text in texts if text.text), {}, ()).reading().pages for texts in (first, second)
    )

    found = extract(DocumentReading((one, msgspec.structs.replace(other, page=1))))

    assert values(found, "sku") == [(f"QT-44{at}",) for at in range(10, 25)]
    assert found.fields["total"].value == Money(36000, "HKD")
    assert not asked(found) & {"total", "rows"}


@pytest.mark.parametrize("number", ["IR 48821", "SC 82703"])
def test_letters_that_a_number_begins_with_are_no_label_though_they_stand_apart(number: str) -> None:
    columns = (*COLUMNS, ("result", 1200, ("Result",)))
    rows = tuple({**row, "result": "PASS"} for row in ROWS)

    found = reading_of(Text(90, 70, "INSPECTION REPORT", 50), Text(90, 390, "Report Number:"), Text(400, 390, number), *table(480, columns, rows))  # fmt: skip

    assert found.fields["doc_no"].value == number


def test_the_other_half_of_a_label_is_no_value() -> None:
    found = note(
        Text(90, 70, BUYER, 50),
        Text(600, 160, "退貨單", 50),
        Text(90, 320, "Return Ref. No. 退供單號"),
        Text(560, 320, "GR68183"),
    )

    assert found.fields["doc_no"].value == "GR68183"


def test_fields_beside_the_table_are_no_part_of_it() -> None:
    columns = tuple((name, left + 320, words) for name, left, words in COLUMNS)
    bar = [
        Text(90, 480 + 32 * at, said)
        for at, said in enumerate(("採購單號:", "PO560905", "數期:", "月結六十天", "負責同事:", "郭柏賢"))
    ]

    found = reading_of(Text(600, 70, "發票", 50), Text(600, 390, "發票號碼: SI60672"), *bar, *table(480, columns, ROWS))

    assert values(found, "sku", "description", "quantity") == [
        (f"QT-440{at}", f"Oat Milk {at}L", str(12 * at)) for at in (1, 2, 3)
    ]
    assert found.fields["po_ref"].value == "PO560905"


def test_the_tail_of_an_address_is_no_name() -> None:
    paper = english_invoice()
    beside = (Text(90, 320, "Messrs."), Text(90, 355, "Peak Corner House"), Text(90, 395, "Ship To:"), Text(260, 395, "Shop 3, G/F, Wan Chai, Hong"), Text(90, 430, "Kong"))  # fmt: skip
    texts = tuple(text for text in paper.texts if not text.text.startswith("Sold to"))

    found = extract(replace(paper, texts=(*texts, *beside)).reading())

    assert party(found, "buyer") == "Peak Corner House"


def test_a_first_capital_that_was_read_small_is_a_capital() -> None:
    paper = english_invoice()
    said = {"Harbour Dairy Supplies Ltd.": "old Ceylon Tea Importers (H.K.) Ltd."}
    texts = tuple(replace(text, text=said.get(text.text, text.text)) for text in paper.texts)

    assert party(extract(replace(paper, texts=texts).reading()), "supplier") == "Old Ceylon Tea Importers (H.K.) Ltd."


def test_a_unit_in_two_languages_is_one() -> None:
    rows = tuple({**row, "unit": "樽/BTL"} for row in ROWS)

    found = reading_of(Text(90, 70, "DELIVERY NOTE", 50), Text(90, 390, "DN No.: DN-17"), *table(480, COLUMNS, rows))

    assert values(found, "unit") == [("樽 BTL",)] * 3
    assert not any(path.endswith("unit") for path in asked(found))


def test_a_nought_behind_one_letter_stays_and_is_asked_about() -> None:
    found = reading_of(Text(90, 70, "送貨通知單", 50), Text(90, 390, "送貨單號：D041954"), *table(480, COLUMNS, ROWS))

    assert found.fields["doc_no"].value == "D041954"
    assert "doc_no" in asked(found)


def test_premises_are_no_number() -> None:
    found = reading_of(
        Text(90, 70, "SALES CONTRACT", 50), Text(90, 300, "合約編號/Contract No."), Text(500, 318, "Flat 12, 17/F., 18 Wing Hong Street"),
        Text(90, 340, "SA26090035"), *table(480, COLUMNS, ROWS),
    )  # fmt: skip

    assert found.fields["doc_no"].value == "SA26090035"


def test_fields_without_colons_beside_the_table_are_no_part_of_it_either() -> None:
    columns = tuple((name, left + 320, words) for name, left, words in (*COLUMNS, ("result", 1200, ("Result",))))
    rows = tuple({**row, "result": "PASS"} for row in ROWS)
    bar = [
        Text(90, 480 + 32 * at, said)
        for at, said in enumerate(("Date of Inspection", "3 Jul 2025", "Inspected By", "Tsang Ka Yan", "Original PO No.", "PO2507-118"))
    ]  # fmt: skip

    found = reading_of(
        Text(600, 70, "INSPECTION REPORT", 50), Text(600, 390, "Report No.: QA-25794"), *bar, *table(480, columns, rows)
    )

    assert values(found, "sku", "quantity") == [(f"QT-440{at}", str(12 * at)) for at in (1, 2, 3)]
    assert not any("expiry" in row.fields for row in found.rows)
    assert (found.fields["date"].value, found.fields["po_ref"].value) == ("2025-07-03", "PO2507-118")
