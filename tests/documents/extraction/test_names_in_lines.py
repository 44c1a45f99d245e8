"""Names in two lines, in two languages on one, with a code or an address behind them, and branches that are no firms."""

from __future__ import annotations

import pytest

from documents.extraction.model import Extraction
from documents.extraction.names import before_address, by_stroke, is_branch, is_name, is_of_trade, tidy_name
from tests.documents.extraction.told import COLUMNS, ROWS, asked, reading_of
from tests.documents.papers import Text, table

NUMBERED = (Text(1000, 330, "D/N No.: DN-25-0017"), Text(1000, 370, "Date: 12/05/2025"))


def note(*head: Text) -> Extraction:
    return reading_of(Text(900, 200, "DELIVERY NOTE", 44), *head, *NUMBERED, *table(640, COLUMNS, ROWS))


def test_a_sign_goes_on_with_the_trade_in_small_letters_under_it() -> None:
    found = note(
        Text(90, 60, "Anchor & Thistle", 60), Text(92, 135, "TEA MERCHANTS LIMITED", 24), Text(90, 330, "Customer: Lok Yu Restaurant Limited"),
    )  # fmt: skip

    assert found.fields["supplier"].value == "Anchor & Thistle TEA MERCHANTS LIMITED"
    assert "supplier" not in asked(found)


def test_a_sign_above_a_firm_of_another_name_is_asked_about() -> None:
    found = note(
        Text(90, 60, "Thistle", 60), Text(92, 135, "Wah Kwong Anchor Limited", 24), Text(90, 330, "Customer: Lok Yu Restaurant Limited"),
    )  # fmt: skip

    assert "supplier" in asked(found)


@pytest.mark.parametrize(
    "text", ["Coffee Roasters Limited", "DEPARTMENT STORES LTD.", "Trading & Engineering Co.", "凍肉食品有限公司"]
)
def test_a_trade_alone_is_the_end_of_a_name(text: str) -> None:
    assert is_of_trade(text)


@pytest.mark.parametrize("text", ["Wah Kwong Trading Limited", "Coffee Roasters", "永盛凍肉有限公司"])
def test_a_name_of_its_own_is_none(text: str) -> None:
    assert not is_of_trade(text)


def test_a_label_in_the_middle_of_a_cell_has_both_lines_of_a_name() -> None:
    found = note(
        Text(90, 60, "Lok Yu Restaurant Limited", 50), Text(90, 330, "Supplier"),
        Text(300, 316, "Ningbo Evergreen Ceramics Co.,"), Text(300, 344, "Ltd."),
    )  # fmt: skip

    assert found.fields["supplier"].value == "Ningbo Evergreen Ceramics Co., Ltd."


def test_a_firm_is_the_customer_and_its_branch_is_not() -> None:
    found = note(
        Text(90, 60, "Anchor Tea Merchants Limited", 50), Text(90, 330, "Ship-to 送貨地址 (40021877-06)"), Text(90, 362, "Branch 06 屯門分店"),
        Text(540, 330, "Sold-to 客戶 (40021877)"), Text(540, 362, "Lok Yu Restaurant Limited"),
    )  # fmt: skip

    assert found.fields["buyer"].value == "Lok Yu Restaurant Limited"


@pytest.mark.parametrize("text", ["屯門分店", "Tuen Mun Branch", "Store 0148 Hang Hau", "007 屯門友愛"])
def test_a_branch_is_no_firm(text: str) -> None:
    assert is_branch(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("凍之味食品有限公司 / Frosty Foods Limited", ["凍之味食品有限公司", "Frosty Foods Limited"]),
        ("Frosty Foods Limited (凍之味食品有限公司)", ["Frosty Foods Limited", "凍之味食品有限公司"]),
        ("Frosty Foods (HK) Limited", ["Frosty Foods (HK) Limited"]),
        ("A/S Norsk Laks Company", ["A/S Norsk Laks Company"]),
    ],
)
def test_a_name_in_two_languages_is_parted_at_a_stroke(text: str, parts: list[str]) -> None:
    assert by_stroke(text) == parts


@pytest.mark.parametrize("behind", [" (Vendor code V1288)", " (V1288)", "（供應商編號：V-1288）", " [C0042]"])
def test_a_code_in_brackets_is_no_part_of_a_name(behind: str) -> None:
    assert tidy_name(f"Frosty Foods (HK) Limited{behind}") == "Frosty Foods (HK) Limited"


@pytest.mark.parametrize(
    "behind", ["，地址為香港彌敦道238號15樓", ", located at 238 Nathan Road", "；註冊辦事處位於九龍灣"]
)
def test_an_address_in_the_same_sentence_is_no_part_of_a_name(behind: str) -> None:
    assert (
        before_address(f"喜樂坊酒樓集團有限公司{behind}".replace("，", ",").replace("；", ";"))
        == "喜樂坊酒樓集團有限公司"
    )


def test_the_number_of_another_paper_that_this_one_goes_back_to_is_no_order() -> None:
    found = reading_of(
        Text(90, 60, "海怡便利店有限公司", 50), Text(900, 100, "退貨單", 54), Text(90, 270, "退貨單號：R0092"), Text(700, 270, "日期：2025-08-05"),
        Text(90, 320, "退回供應商：榮豐糧油有限公司"), Text(90, 370, "原送貨單號"), Text(330, 370, "YFH-88213"), *table(640, COLUMNS, ROWS),
    )  # fmt: skip

    assert "po_ref" not in found.fields
    assert not asked(found) & {"po_ref", "doc_no"}


def test_a_number_in_the_corner_above_it_leaves_the_letterhead_one() -> None:
    found = reading_of(
        Text(1200, 30, "No. 88213"), Text(90, 80, "海怡便利店管理有限公司", 44), Text(600, 170, "退貨單", 54),
        Text(90, 270, "退貨單號：R0092"), Text(700, 270, "日期：2025-08-05"), Text(90, 320, "退回供應商：榮豐糧油有限公司"),
        *table(640, COLUMNS, ROWS),
    )  # fmt: skip

    assert found.fields["buyer"].value == "海怡便利店管理有限公司"
    assert "buyer" not in asked(found)


@pytest.mark.parametrize("heading", ["Product 產品編號", "貨品 Code"])
def test_a_heading_of_goods_in_one_language_and_of_their_code_in_the_other_is_of_codes(heading: str) -> None:
    columns = (("sku", 90, (heading,)), *COLUMNS[1:])
    found = reading_of(
        Text(90, 60, "Anchor Tea Merchants Limited", 50), Text(900, 200, "DELIVERY NOTE", 44), Text(90, 330, "Customer: Lok Yu Restaurant Limited"),
        *NUMBERED, *table(640, columns, ROWS),
    )  # fmt: skip

    assert [row.fields["sku"].value for row in found.rows] == ["QT-4401", "QT-4402", "QT-4403"]


@pytest.mark.parametrize("lines", [2, 3])
def test_a_label_in_the_middle_of_a_cell_has_the_name_above_its_address(lines: int) -> None:
    cell = ("Lok Yu Restaurant Limited", "Shop 3, G/F, 68 Sha Tsui Road", "Tsuen Wan, N.T.")[:lines]
    found = note(
        Text(90, 60, "Anchor Tea Merchants Limited", 50), Text(90, 330 + 20 * (lines - 1), "Customer Name"),
        *(Text(330, 330 + 40 * at, line) for at, line in enumerate(cell)),
    )  # fmt: skip

    assert found.fields["buyer"].value == "Lok Yu Restaurant Limited"


def test_a_name_with_its_code_in_brackets_is_no_label() -> None:
    found = note(
        Text(90, 60, "Anchor Tea Merchants Limited", 50), Text(90, 330, "Customer Name:"), Text(90, 370, "Harbour View Hotel （客戶編號：C1023）"),
    )  # fmt: skip

    assert found.fields["buyer"].value == "Harbour View Hotel"


@pytest.mark.parametrize(
    "said", ["A member of Golden Peak Holdings Group", "Quality you can trust since 1978", "金峰集團成員"]
)
def test_whose_a_firm_is_and_since_when_is_no_name(said: str) -> None:
    assert not is_name(said)


def test_the_date_of_this_paper_is_nobody_elses() -> None:
    found = reading_of(
        Text(90, 70, "旺角百貨有限公司", 50), Text(900, 100, "檢驗報告", 54), Text(90, 270, "供應商：綠野有機農產"), Text(900, 270, "報告編號：QC-25-0817"),
        Text(900, 310, "單據日期：16-May-2025"), Text(900, 350, "送貨日期：2025-11-28"), *table(640, COLUMNS, ROWS),
    )  # fmt: skip

    assert found.fields["date"].value == "2025-05-16"


def test_a_motto_above_a_name_that_says_no_trade_is_neither_its_name_nor_a_label() -> None:
    found = note(
        Text(90, 50, "Quality you can trust since 1978", 22), Text(90, 90, "綠野有機農產", 40), Text(90, 150, "電話：2345 6789", 22),
        Text(90, 330, "Customer: Lok Yu Restaurant Limited"),
    )  # fmt: skip

    assert found.fields["supplier"].value == "綠野有機農產"
