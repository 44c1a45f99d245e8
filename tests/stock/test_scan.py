"""What scanners read, and what of it is believed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stock.errors import Code, InvalidRequest
from stock.scan import Scan, parse_gtin, parse_scan

PATH = ("scan",)
TODAY = date(2026, 11, 22)
GTIN14 = "09506000134352"


def check_digit(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def refusal(text: str, today: date = TODAY) -> Code:
    with pytest.raises(InvalidRequest) as caught:
        parse_scan(text, PATH, today=today)
    assert caught.value.path == PATH
    return caught.value.code


def test_a_batch_that_is_a_number_of_a_person_is_not_taken_from_a_label() -> None:
    assert refusal(f"(01){GTIN14}(10)HKID-A1234563") is Code.CODE_PERSONAL


@pytest.mark.parametrize(
    ("written", "natural"),
    [
        ("4891234567898", "4891234567898"),
        ("04006381333931", "4006381333931"),
        ("012345678905", "012345678905"),
        ("0012345678905", "012345678905"),
        ("96385074", "96385074"),
        ("00000096385074", "96385074"),
        ("10614141123459", "10614141123459"),
        ("2000000000008", "2000000000008"),
    ],
)
def test_a_gtin_is_kept_in_its_natural_form(written: str, natural: str) -> None:
    assert parse_gtin(written, PATH) == natural


@pytest.mark.parametrize("text", ["", "123", "123456789", "1234567890", "12345678901", "400638133393 1", "0" * 13])
def test_what_has_another_length_or_no_digit_but_zero_is_no_gtin(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_gtin(text, PATH)

    assert caught.value.code is Code.GTIN_FORM


@pytest.mark.parametrize("text", ["\uff14006381333931", "\u0664006381333931", "400638133393X", "4006381333931\n"])
def test_digits_of_other_scripts_and_letters_are_no_gtin(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_gtin(text, PATH)

    assert caught.value.code is Code.GTIN_FORM


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)), st.data())
def test_exactly_one_check_digit_is_right(payload: str, data: st.DataObject) -> None:
    right = check_digit(payload)
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != right]))

    with pytest.raises(InvalidRequest):
        parse_gtin(payload + wrong, PATH)
    if (payload + right).strip("0"):
        assert parse_gtin(payload + right, PATH).zfill(14) == (payload + right).zfill(14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4006381333931", Scan(gtin="04006381333931")),
        ("  4006381333931\r\n", Scan(gtin="04006381333931")),
        ("]E04006381333931", Scan(gtin="04006381333931")),
        ("96385074", Scan(gtin="00000096385074")),
        (f"01{GTIN14}", Scan(gtin=GTIN14)),
        (f"01{GTIN14}1726123110AB-12/3", Scan(GTIN14, None, "AB-12/3", date(2026, 12, 31))),
        (f"]C101{GTIN14}10AB\x1d17261231", Scan(GTIN14, None, "AB", date(2026, 12, 31))),
        (f"\x1d01{GTIN14}10AB\x1d17261231", Scan(GTIN14, None, "AB", date(2026, 12, 31))),
        (f"]d201{GTIN14}21SER\x1d10AB", Scan(GTIN14, None, "AB", None)),
        (f"]d210AB\x1d01{GTIN14}", Scan(GTIN14, None, "AB", None)),
        (f"(01){GTIN14}(17)261200(10)AB", Scan(GTIN14, None, "AB", date(2026, 12, 31))),
        (f"(01){GTIN14}(17)280200", Scan(GTIN14, None, None, date(2028, 2, 29))),
        (f"(01){GTIN14}(7003)2612311530", Scan(GTIN14, None, None, date(2026, 12, 31))),
        (f"(01){GTIN14}(17)261231(7003)2701011530", Scan(GTIN14, None, None, date(2026, 12, 31))),
        (f"01{GTIN14}10AB\x1d10AB", Scan(GTIN14, None, "AB", None)),
        (f"https://id.gs1.org/01/{GTIN14}/10/ABC?17=261231", Scan(GTIN14, None, "ABC", date(2026, 12, 31))),
        (f"HTTPS://shop.example/x/01/{GTIN14}", Scan(GTIN14)),
        (f"]Q3https://id.gs1.org/01/{GTIN14}/10/ABC", Scan(GTIN14, None, "ABC", None)),
        ("85123A", Scan(sku="85123A")),
        ("]C0SHELF-12", Scan(sku="SHELF-12")),
        ("]C096385075", Scan(sku="96385075")),
        ("SKU 12", Scan(sku="SKU 12")),
    ],
)
def test_a_label_is_read_as_what_it_is(text: str, expected: Scan) -> None:
    assert parse_scan(text, PATH, today=TODAY) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4006381333932", Code.GTIN_CHECK_DIGIT),
        ("96385075", Code.GTIN_CHECK_DIGIT),
        ("]E04006381333932", Code.GTIN_CHECK_DIGIT),
        ("]E0ABC", Code.GTIN_FORM),
        ("01095060001343531726123110AB", Code.GTIN_CHECK_DIGIT),
        ("(01)09506000134353(10)AB", Code.GTIN_CHECK_DIGIT),
        ("https://id.gs1.org/01/09506000134353", Code.GTIN_CHECK_DIGIT),
        (f"01{GTIN14}17261331", Code.SCAN_UNREADABLE),
        (f"01{GTIN14}17260231", Code.SCAN_UNREADABLE),
        (f"01{GTIN14}1", Code.SCAN_UNREADABLE),
        (f"01{GTIN14}10AB\x1d10CD", Code.SCAN_REPEATS_ELEMENT),
        ("(10)AB(17)261231", Code.SCAN_WITHOUT_GTIN),
        ("]C110AB", Code.SCAN_WITHOUT_GTIN),
        ("10AB\x1d17261231", Code.SCAN_WITHOUT_GTIN),
        ("(99", Code.SCAN_UNREADABLE),
        ("https://example.com/", Code.SCAN_UNREADABLE),
        ("http://[bad", Code.SCAN_UNREADABLE),
        ("]", Code.SCAN_UNREADABLE),
        ("", Code.SCAN_UNREADABLE),
        ("A" * 513, Code.SCAN_UNREADABLE),
        ("\u8ca8\u54c1", Code.SCAN_UNREADABLE),
        ("A\x00B", Code.SCAN_UNREADABLE),
    ],
)
def test_what_cannot_be_believed_is_refused_by_name(text: str, code: Code) -> None:
    assert refusal(text) is code


@pytest.mark.parametrize(
    ("today", "digits", "year"),
    [
        (date(2026, 11, 22), "77", 1977),
        (date(2026, 11, 22), "76", 2076),
        (date(2026, 11, 22), "26", 2026),
        (date(2026, 11, 22), "00", 2000),
        (date(2055, 1, 1), "05", 2105),
        (date(2055, 1, 1), "06", 2006),
        (date(2055, 1, 1), "99", 2099),
    ],
)
def test_a_year_of_two_digits_is_completed_from_the_day_given(today: date, digits: str, year: int) -> None:
    scan = parse_scan(f"01{GTIN14}17{digits}0115", PATH, today=today)

    assert scan.expiry == date(year, 1, 15)


@given(
    st.text(max_size=80)
    | st.text("0123456789()]\x1dAC./:htps?=&%-", max_size=60)
    | st.text("0123456789\x1d", max_size=40).map(lambda rest: f"01{GTIN14}{rest}")
    | st.text("0123456789/?=&%", max_size=40).map(lambda rest: f"https://id.gs1.org/01/{rest}")
)
def test_reading_any_scan_raises_only_our_own_refusals(text: str) -> None:
    try:
        scan = parse_scan(text, PATH, today=TODAY)
    except InvalidRequest:
        return
    assert (scan.gtin is None) != (scan.sku is None)
