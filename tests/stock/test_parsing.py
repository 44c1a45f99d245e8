"""Requests are read strictly, and each fault names its member."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stock import parsing
from stock.errors import Code, InvalidRequest
from stock.members import money_of_decimal, parse_currency, parse_money
from stock.model import CountMode, Direction, LotTracking, Money, StocktakeScope
from stock.quantity import Quantity
from stock.requests import KEEP, AdjustmentRequest, CountLine
from stock.units import Unit

EVENT = "0f8fad5b-d9cb-469f-a165-70867728950e"
ADJUSTMENT = {"event_id": EVENT, "store": "TST", "sku": "85123A", "reason": "sale", "change": -2}


def fault(call: Callable[..., object], *arguments: object, **options: object) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        call(*arguments, **options)
    return caught.value


def adjustment_fault(**members: object) -> tuple[Code, tuple[str | int, ...]]:
    content = {**ADJUSTMENT, **members}
    error = fault(parsing.parse_adjustment, content)
    return error.code, error.path


def test_the_smallest_adjustment_is_read() -> None:
    request = parsing.parse_adjustment(ADJUSTMENT)

    assert request == AdjustmentRequest(UUID(EVENT), "TST", "85123A", "sale", Quantity(-2))


def test_every_member_of_an_adjustment_is_read() -> None:
    content = {
        **ADJUSTMENT,
        "batch": "批12/A",
        "expiry": "2027-01-31",
        "reference": "INV-2026/0032",
        "document": "doc_12",
        "unit_price": {"amount": 1250, "currency": "HKD"},
        "occurred_at": "2026-11-22T20:00:00.5+08:00",
        "note": "客人退貨\n包裝破損",
    }

    request = parsing.parse_adjustment(content)

    assert request.batch == "批12/A"
    assert request.expiry == date(2027, 1, 31)
    assert request.unit_price == Money(1250, "HKD")
    assert request.occurred_at == datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
    assert request.note == "客人退貨\n包裝破損"


def test_the_event_id_given_otherwise_is_used_only_if_the_content_has_none() -> None:
    other = UUID("11111111-2222-4333-8444-555555555555")
    without = {name: value for name, value in ADJUSTMENT.items() if name != "event_id"}

    assert parsing.parse_adjustment(without, event_id=other).event_id == other
    assert parsing.parse_adjustment(ADJUSTMENT, event_id=other).event_id == UUID(EVENT)
    error = fault(parsing.parse_adjustment, without)
    assert (error.code, error.path) == (Code.MEMBER_MISSING, ("event_id",))


@pytest.mark.parametrize("name", ["store", "sku", "reason", "change"])
def test_a_required_member_that_is_absent_or_null_is_missing(name: str) -> None:
    without = {key: value for key, value in ADJUSTMENT.items() if key != name}

    error = fault(parsing.parse_adjustment, without)

    assert (error.code, error.path) == (Code.MEMBER_MISSING, (name,))
    assert adjustment_fault(**{name: None}) == (Code.MEMBER_MISSING, (name,))


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("change", 1.5, Code.NUMBER_IS_FLOAT),
        ("change", "many", Code.QUANTITY_FORM),
        ("change", True, Code.QUANTITY_FORM),
        ("store", 7, Code.TEXT_EXPECTED),
        ("store", "", Code.TEXT_EMPTY),
        ("store", "\u3000", Code.TEXT_EMPTY),
        ("store", "A" * 33, Code.TEXT_TOO_LONG),
        ("store", "T\u200bST", Code.TEXT_CHARACTERS),
        ("store", " TST", Code.TEXT_CHARACTERS),
        ("sku", "A/B", Code.CODE_FORM),
        ("sku", "A ", Code.CODE_FORM),
        ("sku", "貨品", Code.CODE_FORM),
        ("sku", "A" * 49, Code.TEXT_TOO_LONG),
        ("reason", "Sale", Code.CODE_FORM),
        ("batch", "a\tb", Code.TEXT_CHARACTERS),
        ("batch", "\u202eab", Code.TEXT_CHARACTERS),
        ("batch", "\ud800", Code.TEXT_CHARACTERS),
        ("batch", "\x00", Code.TEXT_CHARACTERS),
        ("batch", "x" * 41, Code.TEXT_TOO_LONG),
        ("reference", "Chan Tai Man", Code.REFERENCE_FORM),
        ("reference", "ChanTaiMan", Code.REFERENCE_FORM),
        ("reference", "陳大文1", Code.REFERENCE_FORM),
        ("reference", "HKID:A1234563", Code.CODE_PERSONAL),
        ("reference", "+852-98765432", Code.CODE_PERSONAL),
        ("batch", "A123456(3)", Code.CODE_PERSONAL),
        ("batch", "Mr Chan 1", Code.CODE_PERSONAL),
        ("batch", "陳先生 電話98765432", Code.CODE_PERSONAL),
        ("sku", "TEL-98765432", Code.CODE_PERSONAL),
        ("document", "hkid_A1234563", Code.CODE_PERSONAL),
        ("document", "-x", Code.CODE_FORM),
        ("document", "ChanTaiMan", Code.CODE_FORM),
        ("event_id", "not-a-uuid", Code.EVENT_ID_FORM),
        ("event_id", "00000000-0000-0000-0000-000000000000", Code.EVENT_ID_FORM),
        ("event_id", "{" + EVENT + "}", Code.EVENT_ID_FORM),
        ("event_id", 5, Code.EVENT_ID_FORM),
        ("occurred_at", "2026-11-22T20:00:00", Code.TIME_WITHOUT_ZONE),
        ("occurred_at", "2026-11-22", Code.TIME_FORM),
        ("occurred_at", "2026-02-30T20:00:00Z", Code.TIME_FORM),
        ("occurred_at", "2026-11-22T20:00:60Z", Code.TIME_FORM),
        ("occurred_at", "2026-11-22T20:00:00.1234567Z", Code.TIME_FORM),
        ("occurred_at", "0001-01-01T00:00:00+08:00", Code.TIME_FORM),
        ("occurred_at", 1763812800, Code.TIME_FORM),
        ("note", "", Code.TEXT_EMPTY),
        ("note", "x" * 1001, Code.TEXT_TOO_LONG),
        ("note", "a\x00b", Code.TEXT_CHARACTERS),
        ("note", "a\u202eb", Code.TEXT_CHARACTERS),
    ],
)
def test_a_wrong_member_is_named_with_its_fault(name: str, value: object, code: Code) -> None:
    assert adjustment_fault(**{name: value}) == (code, (name,))


@pytest.mark.parametrize(
    ("expiry", "code"),
    [
        ("31/01/2027", Code.DATE_FORM),
        ("2027-02-29", Code.DATE_FORM),
        (20270131, Code.DATE_FORM),
        ("1999-12-31", Code.DATE_OUT_OF_RANGE),
        ("2200-01-01", Code.DATE_OUT_OF_RANGE),
    ],
)
def test_a_wrong_expiry_date_is_named(expiry: object, code: Code) -> None:
    assert adjustment_fault(batch="B1", expiry=expiry) == (code, ("expiry",))


def test_an_expiry_date_needs_its_batch() -> None:
    assert adjustment_fault(expiry="2027-01-31") == (Code.EXPIRY_WITHOUT_BATCH, ("expiry",))


def test_an_unknown_member_is_refused_and_the_known_ones_are_listed() -> None:
    error = fault(parsing.parse_adjustment, {**ADJUSTMENT, "quantity": 2}, path=("rows", 4))

    assert (error.code, error.path) == (Code.MEMBER_UNKNOWN, ("rows", 4, "quantity"))
    assert "change" in str(error.values["expected"])


@pytest.mark.parametrize("content", [None, [], "text", 1])
def test_only_an_object_is_a_request(content: object) -> None:
    assert fault(parsing.parse_adjustment, content).code is Code.OBJECT_EXPECTED


@pytest.mark.parametrize(
    ("price", "code", "path"),
    [
        (12.5, Code.OBJECT_EXPECTED, ()),
        ({"amount": 12.5, "currency": "HKD"}, Code.NUMBER_IS_FLOAT, ("amount",)),
        ({"amount": "1250", "currency": "HKD"}, Code.INTEGER_EXPECTED, ("amount",)),
        ({"amount": -1, "currency": "HKD"}, Code.INTEGER_OUT_OF_RANGE, ("amount",)),
        ({"amount": 10**12 + 1, "currency": "HKD"}, Code.INTEGER_OUT_OF_RANGE, ("amount",)),
        ({"amount": True, "currency": "HKD"}, Code.INTEGER_EXPECTED, ("amount",)),
        ({"amount": 1, "currency": "HK$"}, Code.CURRENCY_UNKNOWN, ("currency",)),
        ({"amount": 1, "currency": 344}, Code.CURRENCY_UNKNOWN, ("currency",)),
        ({"amount": 1}, Code.MEMBER_MISSING, ("currency",)),
    ],
)
def test_a_price_is_whole_minor_units_of_a_known_currency(price: object, code: Code, path: tuple[str, ...]) -> None:
    error = fault(parse_money, price, ("unit_price",))

    assert (error.code, error.path) == (code, ("unit_price", *path))


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("2.55", "GBP", 255),
        ("12", "HKD", 1200),
        ("0.5", "HKD", 50),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("2.5500", "GBP", 255),
        ("0", "HKD", 0),
        ("7.00", "JPY", 7),
    ],
)
def test_a_decimal_price_becomes_minor_units(text: str, currency: str, amount: int) -> None:
    assert money_of_decimal(text, currency, ("price",)) == Money(amount, currency)


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("2.555", "GBP", Code.AMOUNT_FORM),
        ("7.5", "JPY", Code.AMOUNT_FORM),
        ("-1", "HKD", Code.AMOUNT_FORM),
        ("1,000", "HKD", Code.AMOUNT_FORM),
        ("", "HKD", Code.AMOUNT_FORM),
        ("9999999999999", "HKD", Code.INTEGER_OUT_OF_RANGE),
    ],
)
def test_a_decimal_price_that_is_not_exact_is_refused(text: str, currency: str, code: Code) -> None:
    assert fault(money_of_decimal, text, currency, ("price",)).code is code


def test_hong_kong_dollars_are_a_currency() -> None:
    assert parse_currency("HKD", ()) == "HKD"


def test_a_correction_without_replacement_undoes() -> None:
    request = parsing.parse_correction({"event_id": EVENT, "corrects": 12})

    assert (request.corrects, request.replacement, request.reason) == (12, Quantity(0), None)


@pytest.mark.parametrize(
    ("corrects", "code"),
    [(-1, Code.INTEGER_OUT_OF_RANGE), (2**53, Code.INTEGER_OUT_OF_RANGE), ("12", Code.INTEGER_EXPECTED)],
)
def test_a_correction_names_an_entry_that_can_be(corrects: object, code: Code) -> None:
    assert fault(parsing.parse_correction, {"event_id": EVENT, "corrects": corrects}).code is code


def test_a_sku_is_read_and_a_name_in_one_language_stands_for_both() -> None:
    sku = parsing.parse_sku(
        {"event_id": EVENT, "code": "A1", "name_zh": "面霜", "unit": "tube", "gtin": "04006381333931"}
    )

    assert (sku.name_zh, sku.name_en, sku.gtin) == ("面霜", "面霜", "4006381333931")
    assert (sku.unit, sku.scale, sku.lot_tracking) == (Unit.TUBE, 0, LotTracking.NONE)


@pytest.mark.parametrize(
    ("members", "code", "path"),
    [
        ({"name_zh": None}, Code.NAME_MISSING, "name_zh"),
        ({"unit": "bushel"}, Code.CHOICE_UNKNOWN, "unit"),
        ({"unit": ["piece"]}, Code.CHOICE_UNKNOWN, "unit"),
        ({"scale": 7}, Code.INTEGER_OUT_OF_RANGE, "scale"),
        ({"scale": "2"}, Code.INTEGER_EXPECTED, "scale"),
        ({"lot_tracking": "maybe"}, Code.CHOICE_UNKNOWN, "lot_tracking"),
        ({"gtin": "4006381333932"}, Code.GTIN_CHECK_DIGIT, "gtin"),
        ({"gtin": "123"}, Code.GTIN_FORM, "gtin"),
        ({"name_en": "x" * 121}, Code.TEXT_TOO_LONG, "name_en"),
    ],
)
def test_a_wrong_sku_is_refused(members: dict[str, object], code: Code, path: str) -> None:
    content = {"event_id": EVENT, "code": "A1", "name_zh": "面霜", "unit": "tube", **members}

    error = fault(parsing.parse_sku, content)

    assert (error.code, error.path) == (code, (path,))


def test_a_sku_change_tells_taking_the_gtin_away_from_leaving_it() -> None:
    taken = parsing.parse_sku_change({"event_id": EVENT, "gtin": None}, code="A1")
    left = parsing.parse_sku_change({"event_id": EVENT, "name_en": "Cream"}, code="A1")

    assert taken.gtin is None
    assert left.gtin is KEEP


def test_scale_and_unit_of_a_sku_cannot_be_changed() -> None:
    error = fault(parsing.parse_sku_change, {"event_id": EVENT, "scale": 2}, code="A1")

    assert (error.code, error.path) == (Code.MEMBER_UNKNOWN, ("scale",))


def test_a_lot_is_read() -> None:
    lot = parsing.parse_lot({"event_id": EVENT, "sku": "A1", "batch": "B1", "expiry": "2027-01-31"})

    assert (lot.sku, lot.batch, lot.expiry) == ("A1", "B1", date(2027, 1, 31))


def test_what_stands_on_goods_is_a_batch_though_it_looks_like_a_number_of_a_person() -> None:
    for batch in ("2345-6789", "A1234563", "98765432", "L 2311 A 14:25", "第3批"):
        assert parsing.parse_lot({"event_id": EVENT, "sku": "A1", "batch": batch}).batch == batch


def test_a_reason_is_read() -> None:
    reason = parsing.parse_reason({"event_id": EVENT, "code": "gift", "name_en": "Gift", "direction": "out"})

    assert (reason.code, reason.name_zh, reason.direction) == ("gift", "Gift", Direction.OUT)


def test_a_reason_can_be_retired() -> None:
    change = parsing.parse_reason_change({"event_id": EVENT, "active": False}, code="gift")

    assert change.active is False
    assert fault(parsing.parse_reason_change, {"active": "no"}, code="gift", event_id=UUID(EVENT)).code is (
        Code.BOOLEAN_EXPECTED
    )


def test_a_stocktake_is_partial_unless_it_says_otherwise() -> None:
    partial = parsing.parse_open_stocktake({"event_id": EVENT, "store": "TST"})
    full = parsing.parse_open_stocktake({"event_id": EVENT, "store": "TST", "scope": "full"})

    assert (partial.scope, full.scope) == (StocktakeScope.PARTIAL, StocktakeScope.FULL)


def test_a_scan_counts_one_unless_it_says_otherwise() -> None:
    lines = [{"scan": "4006381333931"}, {"sku": "A1", "counted": "2.5", "mode": "replace", "batch": "B1"}]

    request = parsing.parse_counts({"event_id": EVENT, "lines": lines}, stocktake="st_12")

    assert request.lines == (
        CountLine(Quantity(1), scan="4006381333931"),
        CountLine(Quantity(25, 1), sku="A1", batch="B1", mode=CountMode.REPLACE),
    )


@pytest.mark.parametrize(
    ("lines", "code", "path"),
    [
        ([], Code.LIST_EMPTY, ()),
        ("x", Code.LIST_EXPECTED, ()),
        ([{"sku": "A"}] * 1001, Code.LIST_TOO_LONG, ()),
        ([{"counted": 1}], Code.COUNT_SKU_OR_SCAN, (0,)),
        ([{"sku": "A", "scan": "1", "counted": 1}], Code.COUNT_SKU_OR_SCAN, (0,)),
        ([{"sku": "A"}], Code.MEMBER_MISSING, (0, "counted")),
        ([{"sku": "A", "counted": -1}], Code.QUANTITY_BELOW_ZERO, (0, "counted")),
        ([{"scan": 1}], Code.TEXT_EXPECTED, (0, "scan")),
        ([{"scan": "1" * 513}], Code.TEXT_TOO_LONG, (0, "scan")),
        ([{"sku": "A", "counted": 1, "mode": "subtract"}], Code.CHOICE_UNKNOWN, (0, "mode")),
    ],
)
def test_wrong_counts_are_refused(lines: object, code: Code, path: tuple[str | int, ...]) -> None:
    error = fault(parsing.parse_counts, {"event_id": EVENT, "lines": lines}, stocktake="st_12")

    assert (error.code, error.path) == (code, ("lines", *path))


@pytest.mark.parametrize("stocktake", ["12", "st_", "st_012", "st_x", "st_" + "1" * 30])
def test_a_stocktake_is_named_by_its_id(stocktake: str) -> None:
    error = fault(parsing.parse_end_stocktake, {"event_id": EVENT}, stocktake=stocktake)

    assert error.path == ("stocktake",)


def test_the_end_of_a_stocktake_is_read() -> None:
    request = parsing.parse_end_stocktake({"event_id": EVENT, "note": "ok"}, stocktake="st_0")

    assert (request.stocktake, request.note) == ("st_0", "ok")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*ADJUSTMENT, "batch", "unit_price", "occurred_at", "expiry"]), json_values))
def test_reading_any_content_raises_only_our_own_refusals(content: dict[str, object]) -> None:
    try:
        parsing.parse_adjustment({**ADJUSTMENT, **content})
    except InvalidRequest as error:
        refused = error
    else:
        return
    assert str(refused)
    assert refused.sentence().zh
