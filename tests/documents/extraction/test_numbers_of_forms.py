"""Numbers of printed forms, numbers in groups, and codes that are measures."""

from __future__ import annotations

import pytest

from documents.extraction.columns import misfit
from documents.extraction.numbers import clean_number
from tests.documents.extraction.told import asked, reading_of
from tests.documents.papers import Text, table


def test_the_number_of_a_printed_form_is_not_the_papers_own() -> None:
    columns = (
        ("line", 90, ("項次",)), ("description", 200, ("貨品名稱",)), ("quantity", 600, ("來貨數量",)), ("unit", 800, ("單位",)),
        ("temp", 950, ("中心溫度",)), ("result", 1200, ("檢驗結果",)),
    )  # fmt: skip
    rows = tuple(
        {
            "line": str(at),
            "description": "本地生菜",
            "quantity": f"1{at}",
            "unit": "公斤",
            "temp": f"{at}°C",
            "result": "合格",
        }
        for at in (1, 2, 3)
    )
    found = reading_of(
        Text(1100, 40, "表格編號 QA-F-07 版本 3"), Text(500, 100, "好味廊飲食管理有限公司", 40), Text(500, 170, "來貨檢驗記錄表", 44),
        Text(90, 270, "記錄編號"), Text(330, 270, "QA7-251103-02"), Text(900, 270, "檢驗日期：2025年11月3日"),
        Text(90, 320, "供應商"), Text(330, 320, "綠園蔬果食品有限公司"), *table(420, columns, rows),
    )  # fmt: skip

    assert found.fields["doc_no"].value == "QA7-251103-02"
    assert not asked(found) & {"doc_no", "rows/0/sku"}


@pytest.mark.parametrize(
    ("text", "number"), [("9250 118 664", "9250 118 664"), ("DN-2507 12", "DN-2507 12"), ("SI-25081 Page", "SI-25081")]
)
def test_figures_in_groups_are_one_number(text: str, number: str) -> None:
    assert clean_number(text) == number


@pytest.mark.parametrize("text", ["6°C", "-9℃", "12.5%", "5C"])
def test_degrees_and_shares_are_no_codes(text: str) -> None:
    assert misfit("sku", text) > 1
