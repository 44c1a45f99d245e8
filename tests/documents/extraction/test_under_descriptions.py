"""What stands under the name of goods with a label of its own."""

from __future__ import annotations

from itertools import chain

import pytest

from documents.extraction.cells import as_gtin
from documents.extraction.described import take_out
from documents.extraction.found import Found
from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text

HEAD = (Text(90, 70, "榮豐糧油有限公司", 50), Text(1100, 80, "送貨單", 54), Text(90, 260, "送貨單號: DN-3301"),
        Text(700, 260, "日期: 2026-07-26"), Text(90, 320, "客戶: 海怡便利店"))  # fmt: skip
REPORT = (Text(90, 70, "榮豐糧油有限公司", 50), Text(1000, 80, "檢驗報告", 54), Text(90, 260, "報告編號: QC-3301"),
          Text(700, 260, "檢驗日期: 2026-01-26"), Text(90, 320, "供應商: 海怡食品有限公司"))  # fmt: skip
GOODS = ("豉油雞翼", "RY-101"), ("椒鹽豆腐", "RY-102"), ("白灼菜心", "RY-103")


def described(text: str) -> dict[str, object]:
    found = {"description": Found(text, text, 1.0)}
    take_out(found, as_gtin)
    return {name: one.value for name, one in found.items()}


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("批號 Lot: K5176A", "batch", "K5176A"), ("Batch No. (批號): K5176A", "batch", "K5176A"), ("生產批號:K5176A", "batch", "K5176A"),
        ("LOT# K5176A", "batch", "K5176A"), ("B/N: K5176A", "batch", "K5176A"),
        ("食用期限至2026-08-25", "expiry", "2026-08-25"), ("此日期前食用 Use by: 25-08-2026", "expiry", "2026-08-25"),
        ("賞味期限：2026.08.25", "expiry", "2026-08-25"), ("有效期至 2026年8月25日", "expiry", "2026-08-25"),
        ("Best before 25 Aug 2026", "expiry", "2026-08-25"), ("Exp. Date 25/08/2026", "expiry", "2026-08-25"),
        ("編號 Code: KT1048", "sku", "KT1048"), ("Art. 40217", "sku", "40217"), ("貨號 KT1048", "sku", "KT1048"),
        ("Item No.: KT-1048", "sku", "KT-1048"), ("型號 Model: KT1048", "sku", "KT1048"),
    ],
)  # fmt: skip
def test_a_value_with_its_label_is_taken_out_of_a_description(said: str, name: str, value: str) -> None:
    found = described(f"豉油雞翼 500g Soy Wings 500g {said}")

    assert found == {"description": "豉油雞翼 500g Soy Wings 500g", name: value}


def test_several_values_and_a_day_of_production_are_told_apart() -> None:
    found = described("豉油雞翼 批號 Lot: K51A 生產日期 2026-01-02 此日期前食用 Use by: 25-08-2026")

    assert found == {"description": "豉油雞翼", "batch": "K51A", "expiry": "2026-08-25"}


@pytest.mark.parametrize("said", ["Coded Lock 4-digit", "Expandable File A4", "Model Car 1:24 Red", "Lotion 200ml"])
def test_words_that_begin_as_labels_do_stay_in_the_name(said: str) -> None:
    assert described(said) == {"description": said}


def test_a_label_of_which_nothing_is_made_is_asked_about() -> None:
    found = {"description": Found("Soy Wings 批號:", "Soy Wings 批號:", 1.0)}

    take_out(found, as_gtin)

    assert found["description"].doubtful


def test_what_marks_mean_is_told_below_the_table() -> None:
    rows = [
        (
            Text(90, 560 + 60 * at, code), Text(300, 560 + 60 * at, chinese), Text(800, 560 + 60 * at, str(12 + at)),
            Text(1000, 560 + 60 * at, "箱"), Text(1200, 560 + 60 * at, "OK"),
        )
        for at, (chinese, code) in enumerate(GOODS)
    ]  # fmt: skip
    heads = (
        Text(90, 500, "貨號"), Text(300, 500, "貨品名稱"), Text(800, 500, "數量"), Text(1000, 500, "單位"), Text(1200, 500, "結果"),
    )  # fmt: skip
    legend = (Text(90, 740, "OK = 合格"), Text(300, 740, "NG = 不合格"))

    found = reading_of(*REPORT, *heads, *chain.from_iterable(rows), *legend)

    assert values(found, "description")[-1] == ("白灼菜心",)
    assert "rows/2/description" not in asked(found)


def test_rows_without_prices_below_the_table_are_asked_for() -> None:
    heads = (Text(90, 500, "貨號"), Text(300, 500, "貨品名稱"), Text(800, 500, "數量"), Text(1000, 500, "批號"))
    cells = [
        (Text(90, top, code), Text(300, top, chinese), Text(800, top, "12"), Text(1000, top, f"L26A0{at}"))
        for at, (top, (chinese, code)) in enumerate(zip((560, 620, 900), GOODS, strict=True))
    ]

    found = reading_of(*HEAD, *heads, *chain.from_iterable(cells))

    assert len(found.rows) == 2
    assert "rows" in asked(found)


def test_a_column_of_which_no_row_has_a_value_is_asked_for() -> None:
    heads = (Text(90, 500, "貨號"), Text(300, 500, "貨品名稱"), Text(800, 500, "數量"), Text(1000, 500, "批號"))
    cells = [
        (Text(90, 560 + 60 * at, code), Text(300, 560 + 60 * at, chinese), Text(800, 560 + 60 * at, "12"))
        for at, (chinese, code) in enumerate(GOODS)
    ]

    found = reading_of(*HEAD, *heads, *chain.from_iterable(cells))

    assert "rows/0/batch" in asked(found)
