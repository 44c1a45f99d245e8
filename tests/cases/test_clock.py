"""P-12: the forty days, with the reference's vectors."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.clock import answer_clock
from policies.calendar import GENERAL_HOLIDAYS


@pytest.mark.parametrize(
    ("received", "day_40", "rolled", "target"),
    [
        (date(2026, 2, 22), date(2026, 4, 3), date(2026, 4, 8), date(2026, 4, 2)),
        (date(2026, 1, 8), date(2026, 2, 17), date(2026, 2, 20), date(2026, 2, 16)),
        (date(2026, 11, 15), date(2026, 12, 25), date(2026, 12, 28), date(2026, 12, 24)),
        (date(2026, 10, 12), date(2026, 11, 21), date(2026, 11, 21), date(2026, 11, 20)),
    ],
)
def test_p12_day_40_rolls_over_holidays_and_the_target_comes_before(
    received: date, day_40: date, rolled: date, target: date
) -> None:
    clock = answer_clock(received, GENERAL_HOLIDAYS)
    assert (clock.day_40, clock.latest_arguable, clock.target) == (day_40, rolled, target)


def test_reminders_come_on_days_20_30_and_35() -> None:
    clock = answer_clock(date(2026, 11, 1), GENERAL_HOLIDAYS)
    assert clock.alerts == (date(2026, 11, 21), date(2026, 12, 1), date(2026, 12, 6))


def test_days_left_and_when_it_is_over() -> None:
    clock = answer_clock(date(2026, 11, 15), GENERAL_HOLIDAYS)
    assert clock.days_left(date(2026, 12, 20)) == 4
    assert clock.days_left(date(2026, 12, 26)) == -2
    assert not clock.is_over(date(2026, 12, 28))
    assert clock.is_over(date(2026, 12, 29))


@settings(deadline=None)
@given(st.dates(date(1997, 1, 1), date(2100, 10, 1)))
def test_the_target_never_lies_after_day_40_and_the_rolled_day_never_before(received: date) -> None:
    clock = answer_clock(received, GENERAL_HOLIDAYS)
    assert clock.target <= clock.day_40 <= clock.latest_arguable
    assert GENERAL_HOLIDAYS.is_working_day(clock.target)
    assert not GENERAL_HOLIDAYS.is_general_holiday(clock.latest_arguable)
    skipped = (clock.latest_arguable - clock.day_40).days
    assert all(GENERAL_HOLIDAYS.is_general_holiday(clock.day_40 + timedelta(days=day)) for day in range(skipped))


def test_a_year_without_known_holidays_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a year from 1997 to 2100, got 2101"):
        answer_clock(date(2100, 12, 1), GENERAL_HOLIDAYS)
