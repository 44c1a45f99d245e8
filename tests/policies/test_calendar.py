"""The general holidays are all seventeen, and Sundays."""

from datetime import date

import pytest

from policies.calendar import GENERAL_HOLIDAYS, YEARS, Calendar, named_holidays


def test_good_friday_and_the_day_after_are_general_holidays() -> None:
    assert {date(2026, 4, 3), date(2026, 4, 4)} <= set(named_holidays(2026))


@pytest.mark.parametrize("year", range(2020, 2035))
def test_a_year_has_seventeen_named_ones_on_other_days_than_sunday(year: int) -> None:
    days = [day for day in named_holidays(year) if day.weekday() != 6]
    assert len(days) == 17


def test_they_have_chinese_names() -> None:
    assert "農曆年初一" in named_holidays(2026, "zh_HK")[date(2026, 2, 17)]


def test_a_saturday_counts_for_the_law_and_not_for_the_office() -> None:
    saturday = date(2026, 11, 21)
    assert not GENERAL_HOLIDAYS.is_general_holiday(saturday)
    assert not GENERAL_HOLIDAYS.is_working_day(saturday)
    assert GENERAL_HOLIDAYS.first_that_counts(saturday) == saturday


def test_every_known_year_has_holidays() -> None:
    assert all(named_holidays(year) for year in YEARS)


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        (date(2026, 11, 19), 0, date(2026, 11, 19)),
        (date(2026, 11, 19), 1, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 2, date(2026, 11, 24)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
    ],
)
def test_working_days_are_counted_from_the_day_after(day: date, days: int, expected: date) -> None:
    assert GENERAL_HOLIDAYS.working_days_after(day, days) == expected


def test_a_year_that_a_bundle_writes_out_stands_as_written() -> None:
    saturday, monday = date(2027, 1, 2), date(2027, 1, 4)
    ordered = Calendar({2027: frozenset({monday})})

    assert ordered.is_general_holiday(monday)
    assert not ordered.is_general_holiday(date(2027, 1, 1))
    assert ordered.first_that_counts(date(2027, 1, 3)) == date(2027, 1, 5)
    assert ordered.last_working_day(monday) == date(2027, 1, 1)
    assert not ordered.is_working_day(saturday)
    assert ordered.is_general_holiday(date(2026, 12, 25))
