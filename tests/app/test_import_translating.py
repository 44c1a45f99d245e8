"""From a row to a movement, or to a rejection with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importing.errors import HeaderRefused
from app.importing.mapping import parse_mapping
from app.importing.records import Cell, Movement, Record, Rejection, RejectKind, SkuDraft, Unreadable
from app.importing.requesting import adjustment_of, plain
from app.importing.sentences import Said, told
from app.importing.translating import FileDigest, Translator
from policies.model import Words
from stock.errors import InvalidRequest
from stock.model import Money

DIGEST = FileDigest(bytes(range(32)))
HEADER = ("No", "SKU", "Name", "Qty", "At", "Price")
MAPPING = """
format = "chopbook-import/1"
[columns]
reference = "No"
sku = "SKU"
quantity = "Qty"
occurred_at = "At"
unit_price = "Price"
[constants]
store = "MK01"
currency = "HKD"
[clean]
upper = ["sku"]
narrow = ["sku", "quantity"]
[dates]
format = "%d/%m/%Y %H:%M"
zone = "Europe/London"
[sku]
create = true
name_zh = "Name"
name_pattern = "[^a-z]{2}"
[[reject]]
when = { SKU = ["POST"] }
code = "postage"
reason = "not goods"
[[rule]]
name = "cancelled"
when = { No = "^C", Qty = "^-" }
change = "negate"
reason = "sale_cancelled"
[[rule]]
name = "sold"
when = { No = "^\\\\d" }
change = "negate"
reason = "sale"
"""
ROW = ("536365", "85123a", "WHITE T-LIGHT", "6", "01/12/2010 08:26", "2.55")


def translator(text: str = MAPPING, header: tuple[str, ...] = HEADER, digest: FileDigest = DIGEST) -> Translator:
    return Translator(parse_mapping(text.encode()), header, digest)


def translate(*cells: Cell, text: str = MAPPING) -> Movement | Rejection:
    return translator(text).translate(Record(7, cells))


def moved(*cells: Cell, text: str = MAPPING) -> Movement:
    found = translate(*cells, text=text)
    assert isinstance(found, Movement), found
    return found


def rejected(*cells: Cell, text: str = MAPPING) -> Rejection:
    found = translate(*cells, text=text)
    assert isinstance(found, Rejection), found
    return found


def row(**members: Cell) -> tuple[Cell, ...]:
    return tuple(members.get(name, value) for name, value in zip(HEADER, ROW, strict=True))


def test_a_row_becomes_a_movement() -> None:
    found = moved(*ROW)

    assert found.line == 7
    assert (found.store, found.sku, found.reason) == ("MK01", "85123A", "sale")
    assert (found.quantity, found.change) == (Decimal(6), Decimal(-6))
    assert found.occurred_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert (found.reference, found.unit_price, found.currency) == ("536365", Decimal("2.55"), "HKD")


def test_the_first_rule_that_holds_decides() -> None:
    found = moved(*row(No="C536365", Qty="-6"))

    assert (found.reason, found.change) == ("sale_cancelled", Decimal(6))


def test_a_row_that_no_rule_covers_is_rejected() -> None:
    assert rejected(*row(No="C536365", Qty="6")).code == "no_rule"
    assert rejected(*row(No="X")).kind is RejectKind.BAD


def test_a_row_that_the_mapping_rejects_says_why() -> None:
    found = rejected(*row(SKU=" POST "))

    assert (found.kind, found.code, found.reason) == (RejectKind.RULE, "postage", Words("not goods", "not goods"))
    assert found.quantity == 6
    assert found.cells == row(SKU=" POST ")


@pytest.mark.parametrize(
    ("direction", "quantity", "change"),
    [
        ("keep", "-3", -3),
        ("negate", "-3", 3),
        ("in", "-3", 3),
        ("in", "3", 3),
        ("out", "3", -3),
        ("out", "-3", -3),
    ],
)
def test_a_rule_says_which_way_the_quantity_goes(direction: str, quantity: str, change: int) -> None:
    text = MAPPING.replace(
        'name = "sold"\nwhen = { No = "^\\\\d" }\nchange = "negate"', f'name = "x"\nchange = "{direction}"'
    )

    assert moved(*row(Qty=quantity), text=text).change == change


def test_text_is_trimmed_of_every_kind_of_space_and_narrowed_where_told() -> None:
    found = moved(*row(SKU="\u3000８５１２３ａ\u00a0", Qty=" ６ "))

    assert found.sku == "85123A"
    assert found.quantity == 6


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"SKU": ""}, "sku"),
        ({"SKU": "A\ufffd"}, "characters"),
        ({"SKU": "A\x00B"}, "characters"),
        ({"SKU": "#N/A"}, "formula"),
        ({"SKU": "4.89123E+12"}, "shortened"),
        ({"SKU": "A" * 2001}, "sku"),
        ({"Qty": ""}, "quantity"),
        ({"Qty": "six"}, "quantity"),
        ({"Qty": "1e3"}, "quantity"),
        ({"Qty": "1,5"}, "quantity"),
        ({"Qty": "NaN"}, "quantity"),
        ({"Qty": "9" * 29}, "quantity"),
        ({"Price": "free"}, "unit_price"),
        ({"At": "2010-12-01"}, "occurred_at"),
        ({"At": "31/02/2010 08:26"}, "occurred_at"),
    ],
)
def test_a_bad_cell_rejects_its_row(members: dict[str, Cell], code: str) -> None:
    found = rejected(*row(**members))

    assert (found.kind, found.code) == (RejectKind.BAD, code)
    assert found.reason.zh


def test_too_few_and_too_many_cells_reject_the_row() -> None:
    assert rejected("537").reason.en == "the row: expected 6 cells, got 1"
    assert rejected(*ROW, "more").code == "cells"
    assert moved(*ROW, "", " ").sku == "85123A"


def test_an_unreadable_line_is_rejected_as_it_is() -> None:
    found = translator().translate(Unreadable(9, told(Said.ROW_FORM), '"x'))

    assert found == Rejection(9, RejectKind.BAD, "unreadable", told(Said.ROW_FORM), ('"x',))


def test_a_time_the_clock_skipped_is_rejected() -> None:
    assert "the clock skipped" in rejected(*row(At="28/03/2010 01:30")).reason.en


@pytest.mark.parametrize(("ambiguous", "hour"), [("earlier", 0), ("later", 1)])
def test_a_time_the_clock_showed_twice_is_what_the_mapping_says(ambiguous: str, hour: int) -> None:
    text = MAPPING.replace("[sku]", f'ambiguous = "{ambiguous}"\n[sku]')

    assert moved(*row(At="31/10/2010 01:30"), text=text).occurred_at == datetime(2010, 10, 31, hour, 30, tzinfo=UTC)


def test_a_time_the_clock_showed_twice_may_be_rejected() -> None:
    text = MAPPING.replace("[sku]", 'ambiguous = "reject"\n[sku]')

    assert "shown twice" in rejected(*row(At="31/10/2010 01:30"), text=text).reason.en


def test_a_real_date_of_a_workbook_is_local_to_the_zone() -> None:
    summer = datetime(2010, 7, 1, 8, 26)  # noqa: DTZ001  a spreadsheet knows no zone

    assert moved(*row(At=summer)).occurred_at == datetime(2010, 7, 1, 7, 26, tzinfo=UTC)


def test_an_iso_time_with_an_offset_needs_no_zone() -> None:
    text = MAPPING.replace('format = "%d/%m/%Y %H:%M"\nzone = "Europe/London"', "")

    assert moved(*row(At="2026-11-22T12:00+08:00"), text=text).occurred_at == datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert "with an offset" in rejected(*row(At="2026-11-22T12:00"), text=text).reason.en


def test_numbers_may_have_other_marks() -> None:
    text = MAPPING + '[numbers]\ndecimal = ","\nthousands = "."\n'

    assert moved(*row(Qty="1.234", Price="1.234,50"), text=text).unit_price == Decimal("1234.50")
    assert rejected(*row(Qty="1.23", Price="1"), text=text).code == "quantity"


def test_values_are_translated_or_rejected() -> None:
    text = MAPPING.replace('store = "MK01"\n', "").replace('sku = "SKU"', 'sku = "SKU"\nstore = "Name"')
    text += '[values.store]\n"旺角" = "MK01"\n'

    assert moved(*row(Name="旺角"), text=text).store == "MK01"
    assert "listed under [values.store]" in rejected(*row(Name="觀塘"), text=text).reason.en


def test_a_field_may_be_joined_from_columns() -> None:
    text = MAPPING.replace('occurred_at = "At"', 'occurred_at = ["At", "Name"]')

    assert moved(*row(At="01/12/2010", Name="08:26"), text=text).occurred_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def test_batch_and_expiry_are_read() -> None:
    text = MAPPING.replace('unit_price = "Price"', 'batch = "Price"\nexpiry = "Name"').replace('currency = "HKD"\n', "")
    text = text.replace('zone = "Europe/London"', 'zone = "Europe/London"\nexpiry_format = "%d/%m/%y"')

    found = moved(*row(Price="L1", Name="31/12/26"), text=text)

    assert (found.batch, found.expiry) == ("L1", date(2026, 12, 31))
    assert rejected(*row(Price="L1", Name="soon"), text=text).code == "expiry"


def test_a_remark_is_no_name() -> None:
    made = translator()

    assert made.sku_draft(Record(2, row(Name="damages")), "A").name_zh == ""
    assert made.sku_draft(Record(2, row(Name=" 檸檬茶  250毫升 ")), "A") == SkuDraft("A", "檸檬茶 250毫升", "", None)


def test_what_one_row_lacks_another_completes() -> None:
    draft = SkuDraft("A", "", "TEA", None).completed_by(SkuDraft("A", "茶", "OTHER", "4891234567898"))

    assert draft == SkuDraft("A", "茶", "TEA", "4891234567898")


# -------------------------------------------------------------------------------------- identities


def test_the_same_line_of_the_same_file_is_the_same_event() -> None:
    first = [translator().translate(Record(line, ROW)) for line in (2, 3)]
    again = [translator().translate(Record(line, ROW)) for line in (2, 3)]
    other = translator(digest=FileDigest(bytes(32))).translate(Record(2, ROW))

    assert first == again
    ids = {found.event_id for found in [*first, other] if isinstance(found, Movement)}
    assert len(ids) == 3


def test_with_an_identity_events_are_the_same_in_any_file() -> None:
    text = MAPPING + '[identity]\nsource = "pos"\ncolumns = ["No", "SKU"]\n'
    one, two = translator(text), translator(text, digest=FileDigest(bytes(32)))

    first = [one.translate(Record(line, ROW)) for line in (2, 3)]
    later = [two.translate(Record(line, ROW)) for line in (8, 9)]

    ids = [[found.event_id for found in run if isinstance(found, Movement)] for run in (first, later)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


# ------------------------------------------------------------------------------------------ header


def test_a_missing_column_is_named_among_those_there() -> None:
    with pytest.raises(HeaderRefused, match=r"expected one column 'Qty', got none among: 'No', 'SKU'"):
        translator(header=("No", "SKU", "Name", "At", "Price"))


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(HeaderRefused, match="expected one column 'SKU', got 2 of them"):
        translator(header=(*HEADER, "SKU"))


# ---------------------------------------------------------------------------------------- requests


def test_a_movement_becomes_a_request() -> None:
    request = adjustment_of(moved(*ROW))

    assert str(request.change) == "-6"
    assert request.unit_price == Money(255, "HKD")
    assert request.occurred_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert request.reference == "536365"


@pytest.mark.parametrize(
    "members", [{"Price": "2.555"}, {"SKU": "A/B"}, {"No": "5 陳大文"}, {"Qty": "9" * 20}], ids=lambda m: next(iter(m))
)
def test_what_the_stock_room_refuses_is_an_error_of_its_own(members: dict[str, Cell]) -> None:
    with pytest.raises(InvalidRequest):
        adjustment_of(moved(*row(**members)))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_a_number_is_written_plainly(number: Decimal) -> None:
    text = plain(number)

    assert "E" not in text
    assert Decimal(text) == number


@given(st.lists(st.text(max_size=12), min_size=0, max_size=8))
def test_any_row_is_a_movement_or_a_rejection(cells: list[str]) -> None:
    found = translator().translate(Record(2, tuple(cells)))

    assert isinstance(found, Movement | Rejection)
