"""What tables say without labels: headings of parts, codes beside names, units in headings, days that nothing names."""

from __future__ import annotations

import pytest

from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text

HEAD = (Text(90, 70, "榮豐糧油有限公司", 50), Text(1100, 80, "送貨單", 54), Text(90, 260, "單號: DN-3301"),
        Text(900, 260, "日期: 2026-03-26"), Text(90, 320, "客戶: 海怡便利店有限公司"))  # fmt: skip
NAMED = ((300, "貨品名稱"), (900, "數量"), (1050, "單位"))
CODED = ((90, "貨號"), *NAMED)


def grid(heads: tuple[tuple[int, str], ...], *rows: tuple[str, ...], step: int = 60) -> list[Text]:
    """A table whose cells are parted into lines at strokes."""
    texts = [Text(left, 480, word) for left, word in heads]
    top = 540
    for row in rows:
        cells = [cell.split("|") for cell in row]
        texts += [
            Text(left, top + 30 * at, line)
            for (left, _), lines in zip(heads, cells, strict=True)
            for at, line in enumerate(lines)
            if line
        ]
        top += step + 30 * (max(map(len, cells)) - 1)
    return texts


@pytest.mark.parametrize(
    ("part", "first"), [("冷凍食品", ""), ("", "A. 冷凍食品 Frozen Food"), ("Frozen", ""), ("", "二、乾貨")]
)
def test_the_heading_of_a_part_is_no_row_and_no_end(part: str, first: str) -> None:
    table = grid(
        CODED, (first, part, "", ""), ("RY-101", "豉油雞翼", "12", "箱"), ("RY-102", "椒鹽豆腐", "24", "箱"),
        (first, part, "", ""), ("RY-103", "菜心乾", "8", "包"), ("RY-104", "花菇", "9", "包"),
    )  # fmt: skip

    found = reading_of(*HEAD, *table)

    assert values(found, "sku", "description") == [
        ("RY-101", "豉油雞翼"), ("RY-102", "椒鹽豆腐"), ("RY-103", "菜心乾"), ("RY-104", "花菇"),
    ]  # fmt: skip


def test_a_line_above_one_row_alone_is_asked_about_where_lines_stand_close() -> None:
    table = grid(
        CODED, ("", "冷凍食品", "", ""), ("RY-101", "豉油雞翼", "12", "箱"), ("RY-102", "椒鹽豆腐", "24", "箱"),
        ("RY-103", "菜心乾", "8", "包"), step=34,
    )  # fmt: skip

    assert "rows/0/description" in asked(reading_of(*HEAD, *table))


@pytest.mark.parametrize("form", ["{name}|{code}", "{code}|{name}", "{name} ({code})", "{name}|[{code}]"])
@pytest.mark.parametrize("code", ["RY-1{at}1", "1023{at}", "AB12{at}X"])
def test_the_code_that_every_name_has_beside_it_is_that_of_the_goods(form: str, code: str) -> None:
    names = ("豉油雞翼", "椒鹽豆腐", "菜心乾")
    rows = [(form.format(name=name, code=code.format(at=at)), str(12 + at), "箱") for at, name in enumerate(names, 1)]

    found = reading_of(*HEAD, *grid(NAMED, *rows))

    assert values(found, "sku", "description") == [(code.format(at=at), name) for at, name in enumerate(names, 1)]


@pytest.mark.parametrize("said", ["500G", "24PCS"])
def test_sizes_in_brackets_are_no_codes(said: str) -> None:
    rows = [(f"{name} ({at}{said})", "12", "箱") for at, name in enumerate(("豉油雞翼", "椒鹽豆腐", "菜心乾"), 1)]

    found = reading_of(*HEAD, *grid(NAMED, *rows))

    assert values(found, "sku") == [(None,)] * 3


def test_a_running_number_in_one_box_with_the_code_is_no_part_of_it() -> None:
    rows = [(f"{at}. RY-10{at}", name, "12", "箱") for at, name in enumerate(("豉油雞翼", "椒鹽豆腐"), 1)]

    found = reading_of(*HEAD, *grid(CODED, *rows))

    assert values(found, "sku", "description") == [("RY-101", "豉油雞翼"), ("RY-102", "椒鹽豆腐")]


@pytest.mark.parametrize(("heading", "unit"), [("數量(箱)", "箱"), ("Qty (ctn)", "ctn"), ("數量 Qty", None)])
def test_the_unit_in_the_heading_of_quantities_is_that_of_all_rows(heading: str, unit: str | None) -> None:
    heads = ((90, "貨號"), (300, "貨品名稱"), (900, heading))

    found = reading_of(*HEAD, *grid(heads, ("RY-101", "豉油雞翼", "12"), ("RY-102", "椒鹽豆腐", "24")))

    assert values(found, "quantity", "unit") == [("12", unit), ("24", unit)]


def test_a_quantity_may_be_told_again_in_a_smaller_unit() -> None:
    heads = ((90, "貨號"), (300, "貨品名稱"), (900, "數量"))

    found = reading_of(*HEAD, *grid(heads, ("RY-101", "豉油雞翼", "3箱(72支)"), ("RY-102", "椒鹽豆腐", "24箱")))

    assert values(found, "quantity", "unit") == [("3", "箱"), ("24", "箱")]


def test_a_day_in_a_name_that_nothing_labels_is_asked_about() -> None:
    rows = [("RY-101", "豉油雞翼|L123A 2026-12-01", "12", "箱"), ("RY-102", "椒鹽豆腐|L124B 2026-12-05", "24", "箱")]

    assert {"rows/0/description", "rows/1/description"} <= asked(reading_of(*HEAD, *grid(CODED, *rows)))


def test_a_name_that_was_wrapped_at_the_edge_of_its_column_is_not_asked_about() -> None:
    wrapped = "Probiotic Capsules with Prebiotic Fibre,|Delayed-release Vegetarian Formula for|Children"
    table = grid(
        CODED, ("RY-101", "Fish Oil Softgels 1000mg 120 Capsules", "12", "BOX"), ("RY-102", wrapped, "24", "BOX")
    )

    found = reading_of(*HEAD, *table)

    assert values(found, "description")[1] == (wrapped.replace("|", " "),)
    assert "rows/1/description" not in asked(found)


@pytest.mark.parametrize(
    "said", ["*** 以下空白 ***", "【完】", "--- End of list ---", "Nothing follows", "此下再無貨品"]
)
def test_what_is_written_below_the_last_row_is_no_part_of_it(said: str) -> None:
    table = grid(CODED, ("RY-101", "豉油雞翼", "12", "箱"), ("RY-102", "椒鹽豆腐", "24", "箱"), ("", said, "", ""))

    found = reading_of(*HEAD, *table)

    assert values(found, "description") == [("豉油雞翼",), ("椒鹽豆腐",)]
    assert "rows/1/description" not in asked(found)


@pytest.mark.parametrize("cell", ["L12{at}A / 2026-12-0{at}", "L12{at}A|2026-12-0{at}"])
@pytest.mark.parametrize(("heading", "sure"), [("批號/到期日", True), ("批號", False)])
def test_a_heading_of_lots_and_days_says_of_what_the_days_are(cell: str, heading: str, sure: bool) -> None:
    heads = ((90, "貨號"), (300, "貨品名稱"), (700, heading), (1100, "數量"))
    rows = [(f"RY-10{at}", name, cell.format(at=at), "12") for at, name in enumerate(("豉油雞翼", "椒鹽豆腐"), 1)]

    found = reading_of(*HEAD, *grid(heads, *rows))

    assert values(found, "batch", "expiry") == [("L121A", "2026-12-01"), ("L122A", "2026-12-02")]
    assert ("rows/0/expiry" not in asked(found)) is sure


def test_what_was_delivered_counts_and_not_what_was_ordered() -> None:
    heads = ((90, "貨號"), (300, "貨品名稱"), (800, "訂購"), (950, "送貨"), (1100, "單位"))

    found = reading_of(
        *HEAD, *grid(heads, ("RY-101", "豉油雞翼", "12", "10", "箱"), ("RY-102", "豆腐", "24", "24", "箱"))
    )

    assert values(found, "quantity") == [("10",), ("24",)]
