"""Forms with narrow cells: names in three lines, codes in two, a running number in one box with a code, sums beside counts."""

from __future__ import annotations

import pytest

from documents.extraction.model import Extraction
from documents.extraction.names import in_scripts, in_two_languages, tidy_name
from documents.extraction.numbers import clean_number
from documents.extraction.units import is_unit
from tests.documents.extraction.told import COLUMNS, ROWS, asked, reading_of, values
from tests.documents.papers import Text, table

SIGN = (Text(90, 60, "Anchor Tea Merchants Limited", 50), Text(90, 130, "Tel: 2506 5166"))
NUMBERED = (Text(1000, 330, "D/N No.: DN-25-0017"), Text(1000, 370, "Date: 12/05/2025"))
CUSTOMER = Text(90, 330, "Customer: Lok Yu Restaurant Limited")


def note(*head: Text) -> Extraction:
    return reading_of(Text(900, 200, "DELIVERY NOTE", 44), *head, *NUMBERED, *table(640, COLUMNS, ROWS))


# ------------------------------------------------------------------------------------------------------- names


def test_a_letterhead_in_a_narrow_cell_is_one_name_whichever_line_is_largest() -> None:
    found = note(Text(90, 40, "ELMFIELD", 40), Text(90, 90, "GROCERS", 38), Text(90, 140, "(HK) LIMITED", 44), CUSTOMER)

    assert found.fields["supplier"].value == "ELMFIELD GROCERS (HK) LIMITED"
    assert "supplier" not in asked(found)


def test_a_place_in_brackets_goes_on_with_the_name_above_it() -> None:
    found = note(Text(90, 60, "Elmfield Healthcare", 44), Text(90, 115, "(Hong Kong) Limited", 46), CUSTOMER)

    assert found.fields["supplier"].value == "Elmfield Healthcare (Hong Kong) Limited"


def test_the_end_of_a_name_alone_is_asked_about() -> None:
    found = note(Text(90, 60, "(Hong Kong) Limited", 46), CUSTOMER)

    assert "supplier" in asked(found)


def test_a_sign_of_two_letters_gives_way_to_the_name_beside_it_and_above() -> None:
    found = note(Text(90, 92, "康河", 60), Text(240, 50, "康河文具(香港)有限公司", 44), CUSTOMER)

    assert found.fields["supplier"].value == "康河文具(香港)有限公司"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("康河文具有限公司Camford Stationery Ltd.", ["康河文具有限公司", "Camford Stationery Ltd."]),
        ("Camford Stationery Limited 康河文具有限公司", ["Camford Stationery Limited", "康河文具有限公司"]),
        ("Camford Stationery Limited康河文具有限公司", ["Camford Stationery Limited", "康河文具有限公司"]),
        ("Camfière Stationery Ltd. 康河文具有限公司", ["Camfière Stationery Ltd.", "康河文具有限公司"]),
        ("康河 Camford", ["康河 Camford"]),
    ],
)
def test_a_name_in_two_languages_on_one_line_is_parted(text: str, parts: list[str]) -> None:
    assert in_two_languages(text) == parts


def test_a_sign_in_two_languages_is_parted_whatever_it_says() -> None:
    assert in_scripts("康河文具 CAMFORD") == ["康河文具", "CAMFORD"]


@pytest.mark.parametrize(
    "text", ["康河文具有限公司(太古店)", "康河文具有限公司 (太古店 Taikoo)", "康河文具有限公司 (Taikoo Branch)"]
)
def test_the_shop_of_a_firm_is_no_part_of_its_name(text: str) -> None:
    assert tidy_name(text) == "康河文具有限公司"


def test_a_code_before_a_name_and_one_beside_its_label_are_passed_by() -> None:
    before = note(*SIGN, Text(90, 330, "客戶：CV0417 康河便利店有限公司"))
    beside = note(*SIGN, Text(90, 330, "SHIP TO 送貨至: 104417"), Text(90, 362, "CAMFORD CONVENIENCE CO LTD"))

    assert before.fields["buyer"].value == "康河便利店有限公司"
    assert beside.fields["buyer"].value == "CAMFORD CONVENIENCE CO LTD"


def test_an_address_goes_on_behind_a_name_in_two_languages() -> None:
    found = note(
        *SIGN, Text(90, 330, "Buyer 買方：Camford Stores Limited 康河便利店有限公司, of 30/F, Harbour Tower, 51")
    )

    assert found.fields["buyer"].value == "康河便利店有限公司"
    assert "buyer" not in asked(found)


# ------------------------------------------------------------------------------------------------------- cells


def test_a_code_that_a_hyphen_breaks_goes_on_in_the_next_line() -> None:
    rows = [
        text
        for at, size in enumerate(("A50", "K30", "500"))
        for text in (
            Text(90, 480 + 80 * at, "SG-MSK-"), Text(90, 512 + 80 * at, size), Text(330, 480 + 80 * at, "Face Mask"),
            Text(330, 512 + 80 * at, "Level 2"), Text(900, 480 + 80 * at, "12"), Text(1020, 480 + 80 * at, "BOX"),
        )
    ]  # fmt: skip
    heads = [Text(90, 420, "Item Code"), Text(330, 420, "Description"), Text(900, 420, "Qty"), Text(1020, 420, "Unit")]

    found = reading_of(Text(900, 200, "DELIVERY NOTE", 44), *SIGN, CUSTOMER, *NUMBERED, *heads, *rows)

    assert values(found, "sku") == [("SG-MSK-A50",), ("SG-MSK-K30",), ("SG-MSK-500",)]
    assert not asked(found)


def test_a_running_number_in_one_box_with_a_code_is_no_part_of_it() -> None:
    columns = (("sku", 90, ("Line Item",)), *COLUMNS[1:])
    rows = tuple({**row, "sku": f"{at} 40011{at}"} for at, row in enumerate(ROWS, 1))

    found = reading_of(Text(900, 200, "DELIVERY NOTE", 44), *SIGN, CUSTOMER, *NUMBERED, *table(640, columns, rows))

    assert values(found, "sku") == [("400111",), ("400112",), ("400113",)]


@pytest.mark.parametrize("text", ["sleeves", "sleeves 條", "bottles", "張/pcs"])
def test_several_of_a_unit_are_that_unit(text: str) -> None:
    assert is_unit(text)


@pytest.mark.parametrize("text", ["glass", "gross weights"])
def test_not_every_word_that_ends_in_s_is_a_unit(text: str) -> None:
    assert not is_unit(text)


def test_a_unit_in_two_languages_behind_its_quantity_has_no_stroke() -> None:
    columns = (*COLUMNS[:2], ("quantity", 900, ("Qty",)))
    rows = tuple({**row, "quantity": f"{row['quantity']} 張/pcs"} for row in ROWS)

    found = reading_of(Text(900, 200, "DELIVERY NOTE", 44), *SIGN, CUSTOMER, *NUMBERED, *table(640, columns, rows))

    assert values(found, "unit") == [("張 pcs",)] * 3


@pytest.mark.parametrize(
    ("read", "said"),
    [("00LONG TEA 1.25L", "OOLONG TEA 1.25L"), ("0ATMEAL 500G", "OATMEAL 500G"), ("3吋傘(凈色)", "3吋傘(淨色)"), ("ORANGE 00ML", "ORANGE 00ML")],
)  # fmt: skip
def test_noughts_before_capitals_and_forms_that_nobody_prints_are_mended_in_words(read: str, said: str) -> None:
    rows = tuple({**row, "description": read} for row in ROWS)

    found = reading_of(Text(900, 200, "DELIVERY NOTE", 44), *SIGN, CUSTOMER, *NUMBERED, *table(640, COLUMNS, rows))

    assert values(found, "description") == [(said,)] * 3


# ------------------------------------------------------------------------------------------------ numbers and sums


@pytest.mark.parametrize("text", ["康品字第 2026-0137 號", "康品字第2026-0137號", "康河品保字第26-019號"])
def test_a_number_as_offices_give_them_may_have_spaces(text: str) -> None:
    assert clean_number(text) == text


def test_of_two_orders_the_buyers_is_the_one_that_is_meant() -> None:
    found = note(
        *SIGN, CUSTOMER, Text(90, 440, "Your P/O"), Text(400, 440, "Our S/O"), Text(90, 476, "CAM240-5517"), Text(400, 476, "SO-0120964"),
    )  # fmt: skip

    assert found.fields["po_ref"].value == "CAM240-5517"
    assert "po_ref" not in asked(found)


@pytest.mark.parametrize("label", ["Payer", "Sold-to party", "Bill-to party"])
def test_who_pays_is_the_buyer_and_not_who_is_paid(label: str) -> None:
    found = note(*SIGN, Text(90, 330, label), Text(90, 362, "Camford Convenience Company Limited"))

    assert found.fields["buyer"].value == "Camford Convenience Company Limited"
    assert found.fields["supplier"].value == "Anchor Tea Merchants Limited"


PRICED = (*COLUMNS, ("unit_price", 1150, ("Unit Price",)), ("amount", 1350, ("Amount",)))


def bill(*sums: Text) -> Extraction:
    rows = tuple({**row, "unit_price": "10.00", "amount": f"{10 * int(row['quantity'])}.00"} for row in ROWS)
    return reading_of(
        Text(900, 200, "INVOICE", 44), *SIGN, CUSTOMER, Text(1000, 330, "Invoice No.: INV-25-0017"), NUMBERED[1],
        *table(640, PRICED, rows), *sums,
    )  # fmt: skip


def test_a_line_of_counts_that_names_the_total_is_no_row() -> None:
    found = bill(Text(90, 890, "共3項"), Text(900, 890, "72"), Text(1100, 890, "訂單總額"), Text(1350, 890, "720.00"))

    assert str(found.fields["total"].raw) == "720.00"
    assert len(found.rows) == 3


def test_what_a_deduction_is_for_stands_between_its_label_and_its_amount() -> None:
    found = bill(
        Text(1000, 920, "Sub-Total 小計"), Text(1350, 920, "720.00"), Text(800, 960, "Less: Loyalty Rebate 2% 回贈"), Text(1350, 960, "(14.40)"),
        Text(1000, 1000, "TOTAL 總計"), Text(1350, 1000, "705.60"),
    )  # fmt: skip

    assert found.fields["total"].raw == "705.60"
    assert "total" not in asked(found)


def test_an_article_that_names_what_is_bought_heads_no_table_and_the_next_ends_it() -> None:
    goods = [
        text
        for at in range(3)
        for text in (
            Text(200, 520 + 50 * at, f"魚蛋 {at + 3}磅裝"),
            Text(700, 520 + 50 * at, f"{260 + at} 包"),
            Text(1150, 520 + 50 * at, "$38.00"),
        )
    ]
    found = reading_of(
        Text(600, 90, "供貨合約", 50), Text(1000, 180, "合約編號：KH/2026/031"), Text(1000, 220, "簽訂日期：2026年8月17日"),
        Text(90, 260, "甲方（供應商）：康河食品廠有限公司"), Text(90, 320, "乙方（買方）：太和便利店有限公司"), Text(90, 400, "第一條 貨品、數量及價格"),
        Text(200, 460, "品名及規格"), Text(700, 460, "每週供應量"), Text(1150, 460, "單價（港幣）"), *goods, Text(90, 680, "第二條 合約期"),
        Text(90, 730, "由二〇二六年九月一日起，為期一年。"),
    )  # fmt: skip

    assert values(found, "description", "quantity", "unit") == [
        (f"魚蛋 {at + 3}磅裝", str(260 + at), "包") for at in range(3)
    ]
