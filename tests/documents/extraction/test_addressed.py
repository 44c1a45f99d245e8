"""Who a paper is for: behind codes and courtesies, between the lines of an address, on the slip that comes back with payment."""

from __future__ import annotations

import pytest

from documents.extraction.model import Extraction
from documents.extraction.names import before_address, is_bare, is_company, is_name, tidy_name
from tests.documents.extraction.told import COLUMNS, ROWS, asked, reading_of
from tests.documents.papers import Text, table


def note(*head: Text) -> Extraction:
    return reading_of(
        Text(90, 60, "榮豐糧油有限公司", 50), Text(900, 200, "送貨單", 44), *head,
        Text(1000, 330, "單號: DN-25-0017"), Text(1000, 370, "日期: 12/05/2025"), *table(640, COLUMNS, ROWS),
    )  # fmt: skip


@pytest.mark.parametrize("code", ["K0337 ", "R0219", "C-1023 - ", "100482 / "])
def test_a_code_before_a_name_is_no_part_of_it(code: str) -> None:
    assert is_name(f"{code}樂知書室")
    assert tidy_name(f"{code}樂知書室") == "樂知書室"


@pytest.mark.parametrize("text", ["A1024 旺角店", "3M Hong Kong Limited", "7-Eleven", "759 街角士多"])
def test_the_number_of_a_shop_or_in_a_name_stays(text: str) -> None:
    assert tidy_name(text) == text


def test_what_a_firm_says_of_itself_behind_its_name_is_no_part_of_it() -> None:
    assert before_address("Anchor Tea (HK) Limited Fine Teas & Coffees") == "Anchor Tea (HK) Limited"
    assert before_address("Anchor Tea Limited Company of Kowloon") == "Anchor Tea Limited Company of Kowloon"


@pytest.mark.parametrize("courtesy", ["寶號", "寶號台照", "台照"])
def test_a_courtesy_at_the_end_of_a_line_is_of_the_name_that_begins_it(courtesy: str) -> None:
    found = note(Text(90, 330, "街角雜貨"), Text(500, 330, courtesy))

    assert found.fields["buyer"].value == "街角雜貨"
    assert "buyer" not in asked(found)


def test_a_trade_alone_on_a_line_is_no_name() -> None:
    assert is_bare("Industrial")
    assert not is_bare("Golden Industrial")


def test_a_shop_ends_a_name_and_begins_an_address() -> None:
    assert is_company("Thistle & Vine Bottle Shop")
    assert not is_company("Shop G12, Oceanfront Walk")


@pytest.mark.parametrize("on_slip", ["Thistle & Vine Bottle Shop", "Lok Yu Restaurant"])
def test_the_slip_that_comes_back_with_the_payment_bears_out_who_pays(on_slip: str) -> None:
    found = note(
        Text(90, 330, "Thistle & Vine Bottle Shop"), Text(90, 364, "G/F, 22 Davis Street"), Text(90, 398, "HONG KONG"),
        Text(90, 1500, "PAYMENT ADVICE"), Text(600, 1500, "Customer"), Text(900, 1500, on_slip),
    )  # fmt: skip

    assert found.fields["buyer"].value == "Thistle & Vine Bottle Shop"
    assert ("buyer" in asked(found)) == (on_slip != "Thistle & Vine Bottle Shop")


@pytest.mark.parametrize("text", ["同左", "同上 As above", "Same as sold-to", "As per billing address"])
def test_where_to_look_for_a_name_is_none(text: str) -> None:
    assert not is_name(text)


def test_a_label_beside_another_has_no_name_in_that() -> None:
    found = note(
        Text(90, 330, "Sold-to 客戶"), Text(90, 366, "60021947"), Text(90, 402, "仁安堂大藥房"),
        Text(480, 343, "Ship-to 送貨地址"), Text(480, 379, "同左"),
    )  # fmt: skip

    assert found.fields["buyer"].value == "仁安堂大藥房"


def test_how_many_were_faulty_beside_how_many_were_looked_at_is_nothing_unknown() -> None:
    columns = (*COLUMNS, ("sample", 1140, ("Sample",)), ("defects", 1300, ("Defects",)), ("result", 1480, ("Result",)))
    rows = tuple({**row, "sample": "32", "defects": "0", "result": "Pass"} for row in ROWS)
    found = reading_of(
        Text(90, 60, "榮豐糧油有限公司", 50), Text(700, 200, "檢驗報告", 44), Text(90, 330, "供應商: 海怡貿易有限公司"),
        Text(1000, 330, "報告編號: IQC-25-0017"), Text(1000, 370, "日期: 12/05/2025"), *table(640, columns, rows),
    )  # fmt: skip

    assert "rows" not in asked(found)
