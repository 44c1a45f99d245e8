"""Codes beside the others of their table, contracts that fix prices alone, and labels that read as titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from documents.extraction.codes import mend_by_others, mend_lots
from documents.extraction.found import Found
from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text, table

if TYPE_CHECKING:
    from documents.extraction.model import Extraction


def mended(*codes: str) -> list[object]:
    rows = [{"sku": Found(code, code, 1.0)} for code in codes]
    mend_by_others(rows)
    return [row["sku"].value for row in rows]


def test_a_figure_where_all_other_codes_have_letters_is_the_letter_that_looks_like_it() -> None:
    assert mended("RC-0501", "0L-2203", "SA-1140", "0L-2217", "SG-0302", "ND-4406")[1] == "OL-2203"
    assert mended("RC-0501", "RC-05O2", "SA-1140", "SB-1177", "SG-0302", "ND-4406")[1] == "RC-0502"


@pytest.mark.parametrize(
    "codes",
    [
        ("7106-BK", "7106-24", "7107-WH", "7108-RD", "7109-GN"),
        ("RC-0501", "0L-2203", "SA-1140"),
        ("RC-0501", "0L-2203", "B2-1140", "SG-0302", "ND-4406"),
    ],
    ids=["all figures", "too few", "another that mixes"],
)
def test_a_code_stays_where_the_others_say_nothing(codes: tuple[str, ...]) -> None:
    assert mended(*codes) == list(codes)


def test_a_lot_with_a_figure_where_all_others_have_a_letter_is_mended_and_asked_about() -> None:
    rows = [{"batch": Found(lot, lot, 1.0)} for lot in ("SC5081", "F04417", "GL6002", "WM5220", "PB5539")]

    mend_lots(rows)

    assert [row["batch"].value for row in rows] == ["SC5081", "FO4417", "GL6002", "WM5220", "PB5539"]
    assert [row["batch"].doubtful for row in rows] == [False, True, False, False, False]


@pytest.mark.parametrize(
    "lots",
    [("SC5081", "3X1180", "GL6002", "WM5220", "PB5539"), ("PF5K118", "25L0733", "CZ26010", "G88214A", "MPA0449"), ("SC5081", "F04417"), ("", "A1"), ("RC081A", "RC0815", "KB122L", "WM522C", "PB553D")],
    ids=["no letter looks like it", "each made in its own way", "too few", "none", "not where they begin"],
)  # fmt: skip
def test_a_lot_stays_where_the_others_say_nothing(lots: tuple[str, ...]) -> None:
    rows = [{"batch": Found(lot, lot, 1.0)} if lot else {} for lot in lots]

    mend_lots(rows)

    assert ["batch" in row and row["batch"].value for row in rows] == [lot or False for lot in lots]


COLUMNS = (
    ("sku", 90, ("Item Code",)),
    ("description", 330, ("Goods",)),
    ("quantity", 900, ("Minimum Quantity",)),
    ("unit_price", 1250, ("Unit Price",)),
)
ROWS = tuple(
    {"sku": f"QT-440{at}", "description": f"Oat Milk {at}L", "quantity": str(12 * at), "unit_price": "HK$72.00"}
    for at in (1, 2, 3)
)


def agreement(title: str, *below: Text) -> Extraction:
    return reading_of(
        Text(600, 70, title, 50), Text(90, 180, "Agreement No.: SA-2025-09"), Text(900, 180, "Date: 1 September 2025"),
        Text(90, 240, "Supplier: Corner Larder Limited"), Text(90, 290, "Purchaser: Pet Haven Stores Limited"),
        *table(400, COLUMNS, ROWS), *below,
    )  # fmt: skip


def test_a_contract_may_fix_prices_and_no_amounts() -> None:
    found = agreement("SUPPLY AGREEMENT")

    assert values(found, "unit_price", "amount")[0][1] is None
    assert "total" not in asked(found)


def test_an_amount_below_the_prices_of_a_contract_is_asked_about() -> None:
    assert "total" in asked(agreement("SUPPLY AGREEMENT", Text(90, 760, "Whole"), Text(1250, 760, "HK$5,184.00")))


def test_prices_of_an_order_without_a_total_are_asked_about() -> None:
    assert "total" in asked(agreement("PURCHASE ORDER"))


def test_a_label_below_a_title_of_another_kind_is_no_title() -> None:
    found = reading_of(
        Text(600, 70, "蔬菜來貨檢驗報告", 34), Text(90, 180, "報告編號"), Text(300, 180, "IR-25-0311"), Text(800, 180, "採購訂單"), Text(1000, 180, "TM-P25-0207"),
        Text(90, 240, "供應商"), Text(300, 240, "街角菜行"), *table(400, COLUMNS, ROWS),
    )  # fmt: skip

    assert found.doc_type.value == "inspection_report"
    assert "doc_type" not in asked(found)
