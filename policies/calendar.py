"""Days in Hong Kong on which the law does not count, and on which nobody works.

- A *general holiday* (General Holidays Ordinance, Cap. 149) is any Sunday and the 17 named days of a year. A period set by
  law that would end on one ends on the next day that is none (Interpretation and General Clauses Ordinance, Cap. 1,
  s.71). So does one that would end on a day of gale or black rainstorm warning, which nobody can know ahead.
- A *working day* is Monday to Friday and no general holiday: what an office plans by.

The days come from a kept library; its default category leaves out Good Friday and the day after, its `optional` one is
the general holidays. A year that the Gazette orders otherwise is written into the policy bundle, and then stands as written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

YEARS: Final = range(1997, 2101)
"""Years of which the general holidays are known."""

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_SUNDAY: Final = 6


@lru_cache(maxsize=len(YEARS))
def named_holidays(year: int, language: str = "en_HK") -> dict[date, str]:
    """The named general holidays of a year as the library has them, by day; `language` is `en_HK` or `zh_HK`.

    Raises:
        ValueError: the year is outside `YEARS`.
    """
    if year not in YEARS:
        msg = f"general holidays: expected a year from {YEARS.start} to {YEARS.stop - 1}, got {year}"
        raise ValueError(msg)
    import holidays  # noqa: PLC0415  it costs more to load than all of a decision, and few need it

    return dict(holidays.country_holidays("HK", years=year, categories=("optional",), language=language))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that count; `written` are years whose named general holidays a policy bundle lists, all of them.

    Every method raises ValueError for a day whose year is known from neither.
    """

    written: Mapping[int, frozenset[date]] = field(default_factory=lambda: MappingProxyType({}))

    def is_general_holiday(self, day: date) -> bool:
        """Return whether a period set by law does not end on that day."""
        named = self.written.get(day.year)
        return day.weekday() == _SUNDAY or day in (named_holidays(day.year) if named is None else named)

    def is_working_day(self, day: date) -> bool:
        """Return whether offices work."""
        return day.weekday() < _SATURDAY and not self.is_general_holiday(day)

    def first_that_counts(self, day: date) -> date:
        """That day, or the next which is no general holiday."""
        while self.is_general_holiday(day):
            day += _DAY
        return day

    def last_working_day(self, day: date) -> date:
        """That day, or the last working day before it."""
        while not self.is_working_day(day):
            day -= _DAY
        return day

    def working_days_after(self, day: date, days: int) -> date:
        """The working day that is that many after a day; the day itself does not count."""
        while days:
            day += _DAY
            days -= self.is_working_day(day)
        return day


GENERAL_HOLIDAYS: Final = Calendar()
"""The days as the library has them."""
