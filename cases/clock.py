"""The 40 days of an access or correction request (PDPO s.19(1), s.23(1)).

Calendar days in Hong Kong, the day of receipt not counted. Day 40 that falls on a general holiday rolls forward (Cap. 1
s.71); since weather cannot be known ahead, what one works towards is the last working day on or before day 40, and the
rolled day is only the latest that could be argued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from policies.calendar import Calendar

DAYS: Final = 40
ALERTS: Final = (20, 30, 35)
"""Days after receipt on which whoever is in charge is reminded."""


@dataclass(frozen=True, slots=True)
class AnswerClock:
    """When a request is to be answered.

    Attributes:
        received: the day in Hong Kong on which it came.
        target: last working day on or before day 40; what the screens count down to.
        day_40: as the Ordinance counts it.
        latest_arguable: day 40, rolled over general holidays.
        alerts: days on which to remind.
    """

    received: date
    target: date
    day_40: date
    latest_arguable: date
    alerts: tuple[date, ...]

    def days_left(self, today: date) -> int:
        """Days until the target; below zero once it is over."""
        return (self.target - today).days

    def is_over(self, today: date) -> bool:
        """Return whether even the latest arguable day is past."""
        return today > self.latest_arguable


def day_40_of(received: date) -> date:
    """Day 40 as the Ordinance counts it, whatever day it falls on."""
    return received + timedelta(days=DAYS)


def answer_clock(received: date, calendar: Calendar) -> AnswerClock:
    """The clock of a request received on that day, by the calendar of the policies that decide.

    Raises:
        ValueError: the general holidays of that year are not known.
    """
    day_40 = day_40_of(received)
    return AnswerClock(
        received=received,
        target=calendar.last_working_day(day_40),
        day_40=day_40,
        latest_arguable=calendar.first_that_counts(day_40),
        alerts=tuple(received + timedelta(days=days) for days in ALERTS),
    )
