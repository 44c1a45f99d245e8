"""Years of two figures, first or last, and titles whose ideographs stand far apart."""

from __future__ import annotations

from datetime import date

import pytest

from documents.extraction.dates import years_last
from documents.extraction.model import Extraction
from tests.documents.extraction.told import asked, reading_of, values
from tests.documents.papers import Text, table

COLUMNS = (
    ("sku", 90, ("Item Code",)), ("description", 330, ("Description",)), ("expiry", 700, ("Expiry",)), ("quantity", 950, ("Qty",)),
    ("unit", 1050, ("Unit",)),
)  # fmt: skip
DAY = date(2026, 6, 4)


def note(*days: str) -> Extraction:
    rows = tuple(
        {"sku": f"QT-440{at}", "description": f"Oat Milk {at}L", "expiry": day, "quantity": "12", "unit": "BTL"}
        for at, day in enumerate(days)
    )
    return reading_of(
        Text(90, 60, "Anchor Tea Merchants Limited", 50), Text(90, 130, "Tel: 2506 5166"), Text(900, 200, "DELIVERY NOTE", 44),
        Text(90, 330, "Customer: Lok Yu Restaurant Limited"), Text(1000, 330, "D/N No.: DN-26-0017"), Text(1000, 370, "Date: 04/06/2026"),
        *table(640, COLUMNS, rows),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "is_last"),
    [
        (["30/06/26", "04/07/26"], True),  # no paper of 2026 has goods of 2004
        (["30/06/27", "17/05/27"], True),
        (["26/07/27", "27/01/16"], False),
        (["30/06/27", "31/07/27"], False),
        (["30/06/2027"], False),
        ([], False),
    ],
)
def test_one_date_that_can_be_read_in_one_way_speaks_for_its_column(texts: list[str], is_last: bool) -> None:
    assert years_last(texts, DAY) is is_last


def test_expiry_dates_with_short_years_are_asked_about_where_nothing_says_how_they_are_written() -> None:
    plain, open_ = note("30/06/27", "05/07/27", "28/08/27"), note("30/06/27", "31/07/27", "28/08/27")

    assert values(plain, "expiry")[0] == ("2027-06-30",)
    assert not asked(plain)
    assert {"rows/0/expiry", "rows/1/expiry"} <= asked(open_)


def test_a_title_whose_ideographs_stand_far_apart_is_one() -> None:
    found = reading_of(
        Text(90, 60, "康河文具有限公司", 50), Text(90, 130, "電話：2506 5166"), Text(600, 220, "發", 44), Text(900, 220, "票", 44),
        Text(90, 330, "客戶：太和便利店有限公司"), Text(1000, 330, "發票號碼：26-0418"), Text(1000, 370, "日期：2026.04.15"),
        *table(640, COLUMNS[:2] + COLUMNS[3:], ({"sku": "QT-4401", "description": "Oat Milk 1L", "quantity": "12", "unit": "BTL"},)),
    )  # fmt: skip

    assert found.fields["doc_type"].value == "invoice"
    assert "doc_type" not in asked(found)
