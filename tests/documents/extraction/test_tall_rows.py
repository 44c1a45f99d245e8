"""Rows of several lines whose figures stand in the middle of their height, and lines that no row took."""

from __future__ import annotations

import pytest

from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text

HEAD = (
    Text(90, 70, "Tung Fat Dried Seafood Company Limited", 50), Text(90, 140, "Tel: 2506 5166"), Text(600, 200, "DELIVERY NOTE", 44),
    Text(90, 270, "Customer: Lucky Seven Grocery Limited"), Text(900, 270, "D/N No.: DN-25-0017"), Text(900, 310, "Date: 12/05/2025"),
    Text(90, 400, "Item Code"), Text(330, 400, "Description"), Text(900, 400, "Qty"), Text(1020, 400, "Unit"),
)  # fmt: skip


def tall(top: int, code: str, lines: tuple[str, ...], quantity: str, off: int) -> list[Text]:
    """A row of several lines of words, with its code and quantity `off` pixels below the first."""
    words = [Text(330, top + 32 * at, line) for at, line in enumerate(lines)]
    return [
        *words,
        Text(90, top + off, code),
        Text(900, top + off, quantity),
        Text(1020, top + off, "BAG"),
    ]


@pytest.mark.parametrize(
    ("lines", "off"),
    [(("Dried Shrimp Small", "蝦米仔"), 22), (("Dried Shrimp Small", "蝦米仔", "Frozen on arrival"), 32)],
)
@pytest.mark.parametrize("step", [100, 130])
def test_a_line_of_words_above_its_figures_begins_a_row_and_ends_no_table(
    lines: tuple[str, ...], off: int, step: int
) -> None:
    rows = [text for at in range(4) for text in tall(480 + step * at, f"DS-440{at}", lines, str(12 + at), off)]

    found = reading_of(*HEAD, *rows, Text(90, 1300, "Goods remain ours until paid for in full, thank you."))

    assert values(found, "sku", "quantity") == [(f"DS-440{at}", str(12 + at)) for at in range(4)]
    assert all(str(value).startswith("Dried Shrimp") for (value,) in values(found, "description"))


def test_a_line_below_the_table_with_a_code_and_a_quantity_is_asked_about() -> None:
    rows = [text for at in range(2) for text in tall(480 + 50 * at, f"DS-440{at}", ("Dried Shrimp",), "12", 0)]
    note = Text(330, 640, "The following goods are free of charge:")
    more = tall(690, "DS-4490", ("Dried Shrimp",), "6", 0)

    assert "rows" in asked(reading_of(*HEAD, *rows, note, *more))


@pytest.mark.parametrize("off", [0, 17, 34])
def test_lines_go_to_the_row_that_they_stand_near_wherever_its_figures_are(off: int) -> None:
    lines = ("Dried Shrimp Small", "蝦米仔")
    rows = [text for at in range(4) for text in tall(480 + 110 * at, f"DS-440{at}", lines, str(12 + at), off)]

    found = reading_of(*HEAD, *rows)

    assert values(found, "description") == [("Dried Shrimp Small 蝦米仔",)] * 4
    assert not asked(found)


def test_lines_go_to_their_row_on_a_page_that_leans() -> None:
    lines = ("Dried Shrimp Small", "蝦米仔")
    rows = [text for at in range(3) for text in tall(480 + 76 * at, f"DS-440{at}", lines, str(12 + at), -10)]

    assert values(reading_of(*HEAD, *rows), "description") == [("Dried Shrimp Small 蝦米仔",)] * 3


@pytest.mark.parametrize("at", [(0,), (0, 2), (2,)])
def test_titles_of_goods_above_the_lines_of_a_row_are_of_no_row_and_asked_about(at: tuple[int, ...]) -> None:
    texts: list[Text] = []
    top = 480
    for index in range(4):
        if index in at:
            texts.append(Text(330, top, "Dry Goods"))
            top += 44
        texts += tall(top, f"DS-440{index}", ("Dried Shrimp", "蝦米仔"), "12", 34)
        top += 100

    found = reading_of(*HEAD, *texts)

    assert values(found, "sku", "description") == [(f"DS-440{index}", "Dried Shrimp 蝦米仔") for index in range(4)]
    assert asked(found) == {"rows"}


@pytest.mark.parametrize("remark", ["* special offer", "(promotion item)", "贈品另計", "Free gift with two"])
def test_a_remark_under_the_goods_of_one_row_is_asked_about(remark: str) -> None:
    rows = [text for at in range(4) for text in tall(480 + 80 * at, f"DS-440{at}", ("Dried Shrimp",), "12", 0)]

    assert asked(reading_of(*HEAD, *rows, Text(330, 592, remark))) == {"rows/1/description"}


def test_the_end_of_a_name_in_brackets_is_no_remark() -> None:
    rows = [text for at in range(4) for text in tall(480 + 80 * at, f"DS-440{at}", ("Dried Shrimp",), "12", 0)]

    assert not asked(reading_of(*HEAD, *rows, Text(330, 592, "(100's)")))


def test_a_narrow_heading_between_the_two_lines_of_others_is_one_with_them() -> None:
    head = [text for text in HEAD if text.top < 390]
    heads = (
        Text(330, 380, "貨品說明"),
        Text(900, 380, "件數"),
        Text(1120, 395, "原因"),
        Text(330, 410, "Description"),
        Text(900, 410, "Quantity"),
    )
    rows = [
        Text(left, 480 + 60 * at, text)
        for at in range(3)
        for left, text in ((330, "Dried Shrimp"), (900, f"1{at} BAG"), (1120, "Damaged"))
    ]

    found = reading_of(*head, *heads, *rows)

    assert values(found, "description", "quantity", "reason") == [
        ("Dried Shrimp", f"1{at}", "Damaged") for at in range(3)
    ]


@pytest.mark.parametrize("codes", [("WB-T-DUCK", "WB-L-TOFU"), ("WB-D10", "WB-L-TOFU")])
def test_codes_under_a_heading_of_items_need_no_figures(codes: tuple[str, str]) -> None:
    head = [text if text.text != "Item Code" else Text(90, 400, "Item") for text in HEAD]
    rows = [text for at in range(2) for text in tall(480 + 60 * at, codes[at], ("Duck Treats",), "12", 0)]

    assert values(reading_of(*head, *rows), "sku", "description") == [(code, "Duck Treats") for code in codes]


def test_running_numbers_that_are_headed_and_missing_are_asked_about() -> None:
    rows = [text for at in range(3) for text in tall(480 + 60 * at, f"DS-440{at}", ("Dried Shrimp",), "12", 0)]

    assert "rows" in asked(reading_of(*HEAD, Text(20, 400, "No."), *rows))


def test_a_packing_is_no_unit_beside_one_that_stands_with_the_quantity() -> None:
    head = [text for text in HEAD if text.text != "Unit"]
    rows = [
        Text(left, 480 + 60 * at, text)
        for at in range(3)
        for left, text in ((90, f"DS-440{at}"), (330, "Dried Shrimp"), (700, "12 x 500g"), (900, f"1{at} BAG"))
    ]

    assert values(reading_of(*head, Text(700, 400, "包裝"), *rows), "unit") == [("BAG",)] * 3


@pytest.mark.parametrize("line", ["Finder: Lai Kee", "開封者：麗姬"])
def test_a_line_with_a_label_of_its_own_under_the_goods_is_asked_about(line: str) -> None:
    rows = [text for at in range(2) for text in tall(480 + 100 * at, f"DS-440{at}", ("Dried Shrimp", line), "12", 0)]

    assert {"rows/0/description", "rows/1/description"} <= asked(reading_of(*HEAD, *rows))


def test_goods_and_quantity_are_columns_enough_for_a_table() -> None:
    head = [text for text in HEAD if text.top < 390]
    rows = [
        Text(left, 480 + 90 * at + off, text)
        for at in range(3)
        for left, off, text in ((90, 0, "Dried Shrimp"), (90, 33, "蝦米仔"), (900, 33, f"1{at} BAG"))
    ]

    found = reading_of(*head, Text(90, 420, "Description"), Text(900, 420, "Qty"), *rows)

    assert values(found, "description", "quantity", "unit") == [
        ("Dried Shrimp 蝦米仔", f"1{at}", "BAG") for at in range(3)
    ]
