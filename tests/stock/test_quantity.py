"""Quantities are exact, bounded, and never floats."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stock.errors import Code, InvalidRequest
from stock.quantity import QUANTITY_MAX, SCALE_MAX, Quantity, format_scaled, parse_quantity

PATH = ("change",)


def refusal(value: object) -> Code:
    with pytest.raises(InvalidRequest) as caught:
        parse_quantity(value, PATH)
    assert caught.value.path == PATH
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "coefficient", "places"),
    [
        (-2, -2, 0),
        (0, 0, 0),
        ("5", 5, 0),
        ("1.5", 15, 1),
        ("-0.250", -25, 2),
        ("1.500000000000", 15, 1),
        ("-0", 0, 0),
        ("0.0", 0, 0),
        ("999999999999999", 999999999999999, 0),
    ],
)
def test_whole_numbers_and_decimal_text_are_read_exactly(value: object, coefficient: int, places: int) -> None:
    assert parse_quantity(value, PATH) == Quantity(coefficient, places)


@pytest.mark.parametrize("value", [1.5, 2.0, float("nan"), float("inf")])
def test_floats_are_refused_by_name(value: float) -> None:
    assert refusal(value) is Code.NUMBER_IS_FLOAT


@pytest.mark.parametrize(
    "value",
    [
        "",
        " 1",
        "1 ",
        "+1",
        "1e3",
        "1,000",
        ".5",
        "5.",
        "007",
        "0x10",
        "NaN",
        "\uff15",
        "\u0665",
        "1_0",
        "--1",
        "1" * 16,
        "0." + "1" * 13,
        "1\n",
        True,
        None,
        [],
        {},
    ],
)
def test_anything_else_is_no_quantity(value: object) -> None:
    assert refusal(value) is Code.QUANTITY_FORM


@pytest.mark.parametrize("value", [10**15, -(10**15), 2**53, 2**64])
def test_a_whole_number_beyond_the_bound_is_too_large(value: int) -> None:
    assert refusal(value) is Code.QUANTITY_TOO_LARGE


def test_more_decimal_places_than_the_scale_are_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        Quantity(15, 1).at_scale(0, PATH)

    assert caught.value.code is Code.QUANTITY_TOO_PRECISE
    assert caught.value.values == {"scale": 0}


def test_what_does_not_fit_at_its_scale_is_too_large() -> None:
    with pytest.raises(InvalidRequest) as caught:
        Quantity(-(10**10)).at_scale(6, PATH)

    assert caught.value.code is Code.QUANTITY_TOO_LARGE
    assert caught.value.values == {"max": "999999999.999999"}


@given(
    scaled=st.integers(-QUANTITY_MAX, QUANTITY_MAX),
    scale=st.integers(0, SCALE_MAX),
)
def test_text_and_integer_at_scale_are_two_forms_of_one_number(scaled: int, scale: int) -> None:
    text = format_scaled(scaled, scale)

    assert Decimal(text) == Decimal(scaled).scaleb(-scale)
    assert parse_quantity(text, PATH).at_scale(scale, PATH) == scaled


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 12))
def test_equal_numbers_written_differently_are_equal(coefficient: int, zeros: int) -> None:
    plain = parse_quantity(coefficient, PATH)

    written = parse_quantity(f"{coefficient}.{'0' * zeros}" if zeros else str(coefficient), PATH)

    assert written == plain
    assert str(written) == str(coefficient)


@given(st.text(max_size=30) | st.integers() | st.floats() | st.none() | st.booleans())
def test_reading_raises_only_our_own_refusals(value: object) -> None:
    try:
        quantity = parse_quantity(value, PATH)
    except InvalidRequest:
        return
    assert abs(quantity.coefficient) < 10**28
