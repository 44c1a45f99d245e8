"""Dates as Hong Kong paper writes them, made ISO 8601.

Day before month where both could be; `parse_date` says when a reading is doubtful: a two-digit year first or last, a
month without a day, letters read as digits. `in_doubt`: a day and month that could be swapped on paper that swaps them.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from documents.extraction.plain import AS_DIGITS, distance, tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

YEAR_MIN: Final = 1990
YEAR_MAX: Final = 2079
MINGUO: Final = 1911
YEARS_BEFORE: Final = 2
YEARS_AFTER: Final = 11
"""How far from its paper's day goods expire, in years."""
YEAR_FIRST_MIN: Final = 17
"""The least two figures that can be a year at the start of a date."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MARKS: Final = frozenset("年月日號号-/.,")
_DAY_MARKS: Final = frozenset("日號号")
_NUMERALS: Final = {
    "〇": 0,
    "○": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_D: Final = r"[0-9OoQlI|SsBZz]"
_YMD: Final = re.compile(rf"(?<![\w])({_D}{{4}}) ?[-/.,_ ] ?({_D}{{1,2}}) ?[-/.,_ ] ?({_D}{{1,2}})(?!\d)")
_DMY: Final = re.compile(rf"(?<![\w])({_D}{{1,2}}) ?[-/.,_ ] ?({_D}{{1,2}}) ?[-/.,_ ] ?({_D}{{4}}|{_D}{{2}})(?![\w])")
_CHINESE: Final = re.compile(
    r"(民國|中華民國)? ?([0-9]{2,4}) ?年 ?([0-9]{1,2}) ?月 ?(?:([0-9]{1,2})(?: ?([日號号])|(?![0-9])))?"
)
_WORDED: Final = re.compile(
    rf"(?:(?<![\w])|(?<=\bon)|(?<=\bdated))({_D}{{1,2}})(?:st|nd|rd|th)? ?[-/., ]* ?([0A-Za-z]{{3,9}})\.? ?[-/., ']* ?({_D}{{4}}|{_D}{{2}})(?!\w)"
)
_WORDED_US: Final = re.compile(
    rf"(?<![\w])([0A-Za-z]{{3,9}})\.? ?({_D}{{1,2}})(?:st|nd|rd|th)? ?[,.]* ?({_D}{{4}})(?!\w)"
)
_WORDED_YMD: Final = re.compile(rf"(?<![\w])({_D}{{4}}) ?[-/., ] ?([0A-Za-z]{{3,9}})\.? ?[-/., ] ?({_D}{{1,2}})(?!\w)")
_MONTH_ONLY: Final = re.compile(r"(?<![\w])([0A-Za-z]{3,9})[-/., ']*(\d{4}|\d{2})(?!\w)")
_MONTH_NUMBERS: Final = re.compile(r"(?<![\w])(?:(\d{1,2}) ?[-/.] ?(\d{4})|(\d{4}) ?[-/.] ?(\d{1,2}))(?![-/.\w])")
_COMPACT: Final = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")
_MINGUO: Final = re.compile(r"(?<!\d)(1[0-4]\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as read. `doubtful` where another reading is possible; `span` is its place in the tidied text."""

    day: date
    doubtful: bool
    span: tuple[int, int]
    swapped: bool = False
    """Whether month stood before day, in figures."""
    ambiguous: bool = False
    """Day and month could be exchanged."""
    either: bool = False
    """Nothing is in doubt but whether the year stands first or last."""

    @property
    def iso(self) -> str:
        """The value as stored."""
        return self.day.isoformat()


def parse_date(text: str) -> Dated | None:
    """The first date in a text, or None."""
    text = _figures(tidy(text))
    for reading in (_chinese, _minguo, _year_first, _worded, _day_first, _compact, _month_only):
        found = reading(text)
        if found is not None:
            return found
    return None


def bears_on_date(text: str) -> list[bool]:
    """Which characters of a date without spaces bear on the day that is meant.

    A mark between two figures does not, nor 日 at the very end: nothing but a mark can stand there, whichever it is. Any
    other mark may be a misread figure, as `-5/05/2026` may be 25/05/2026.
    """
    kinds = [character in _MARKS for character in text]
    last = len(text) - 1
    return [
        not (
            is_mark
            and ((0 < at < last and not kinds[at - 1] and not kinds[at + 1]) or (at == last and text[at] in _DAY_MARKS))
        )
        for at, is_mark in enumerate(kinds)
    ]


def is_whole_date(text: str) -> bool:
    """Whether a text is a date and little else."""
    found = parse_date(text)
    return found is not None and found.span[1] - found.span[0] >= len(tidy(text)) - 2


def _figures(text: str) -> str:
    """Chinese numerals beside year, month and day as figures: 二〇二六年七月二十六日."""
    if "年" not in text and "月" not in text:
        return text

    def number(match: re.Match[str]) -> str:
        said = match.group(0)
        if "十" not in said and "廿" not in said:
            return "".join(str(_NUMERALS[character]) for character in said)
        said = said.replace("廿", "二十").replace("卅", "三十")
        tens, _, ones = said.partition("十")
        return str(10 * (_NUMERALS.get(tens, 1) if tens else 1) + (_NUMERALS.get(ones[:1], 0) if ones else 0))

    return re.sub(r"[〇○零一二三四五六七八九十廿卅]+(?=[年月日號号])", number, text)


def _number(text: str) -> tuple[int, bool]:
    figures = text.translate(AS_DIGITS)
    return int(figures), figures != text


def _made(year: int, month: int, day: int, span: tuple[int, int], *, doubtful: bool, swapped: bool = False, ambiguous: bool = False) -> Dated | None:  # fmt: skip
    if not YEAR_MIN <= year <= YEAR_MAX:
        return None
    try:
        return Dated(date(year, month, day), doubtful, span, swapped, ambiguous)
    except ValueError:
        return None


def _chinese(text: str) -> Dated | None:
    match = _CHINESE.search(text)
    if match is None:
        return None
    era, year_text, month_text, day_text, mark = match.groups()
    year = int(year_text)
    doubtful = mark is None
    if era or 80 <= year <= 150:
        year += MINGUO
    elif year < 80:
        year, doubtful = 2000 + year, True
    month = int(month_text)
    if not 1 <= month <= 12:
        return None
    day = int(day_text) if day_text else calendar.monthrange(max(1, min(year, 9998)), month)[1]
    return _made(year, month, day, match.span(), doubtful=doubtful)


def _minguo(text: str) -> Dated | None:
    match = _MINGUO.search(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    return _made(year + MINGUO, month, day, match.span(), doubtful=True)


def _year_first(text: str) -> Dated | None:
    for match in _YMD.finditer(text):
        (year, a), (month, b), (day, c) = (_number(part) for part in match.groups())
        found = _made(year, month, day, match.span(), doubtful=a or b or c)
        if found is not None:
            return found
    return None


def _day_first(text: str) -> Dated | None:
    for match in _DMY.finditer(text):
        (day, a), (month, b), (year, c) = (_number(part) for part in match.groups())
        doubtful, either = a or b or c, False
        if year < 100:
            # The year may stand first where that makes a year of our time: 26/07/27, but not 14/04/25.
            either = not doubtful and day >= YEAR_FIRST_MIN
            year, doubtful = 2000 + year, doubtful or either
        swapped = month > 12 >= day
        if swapped:
            day, month = month, day
        both = day <= 12 and month <= 12 and day != month
        found = _made(year, month, day, match.span(), doubtful=doubtful, swapped=swapped, ambiguous=both)
        if found is not None:
            return replace(found, either=either)
    return None


def years_last(texts: Sequence[str], day: date) -> bool:
    """Whether dates of one column with years of two figures have them last, because one of them can be read in no other way.

    Read year first it has no such day, or one long before or after the paper's own, `day`.
    """
    for text in texts:
        match = _DMY.fullmatch(tidy(text))
        if match is None or not all(part.isdecimal() for part in match.groups()) or len(match[3]) > len("26"):
            continue
        first, month, last = (int(part) for part in match.groups())
        read = _made(2000 + first, month, last, match.span(), doubtful=False)
        years = first + 2000 - day.year
        if month <= 12 and (read is None or not -YEARS_BEFORE <= years <= YEARS_AFTER):
            return True
    return False


def in_doubt(texts: Sequence[str]) -> list[bool]:
    """Which of a paper's dates could be read month first, because another one on it can be read in no other way."""
    found = [parse_date(text) for text in texts]
    is_mixed = any(dated is not None and dated.swapped for dated in found)
    return [is_mixed and dated is not None and dated.ambiguous for dated in found]


def month_of(word: str) -> int | None:
    """The number of a month's name, one misread character allowed."""
    folded = word.lower().replace("0", "o").replace("1", "l")
    if len(folded) <= 4:
        if folded[:3] in _MONTHS and (len(folded) == 3 or folded == "sept" or folded in _LONG):
            return _MONTHS.index(folded[:3]) + 1
        return None
    near = [index for index, name in enumerate(_LONG) if distance(folded, name, 1) <= 1]
    return near[0] + 1 if len(near) == 1 else None


def _worded(text: str) -> Dated | None:
    for pattern, order in ((_WORDED_YMD, (2, 3, 1)), (_WORDED, (2, 1, 3)), (_WORDED_US, (1, 2, 3))):
        for match in pattern.finditer(text):
            month = month_of(match.group(order[0]))
            if month is None:
                continue
            day, a = _number(match.group(order[1]))
            year, b = _number(match.group(order[2]))
            short = year < 100
            found = _made(2000 + year if short else year, month, day, match.span(), doubtful=a or b)
            if found is not None:
                return found
    return None


def _compact(text: str) -> Dated | None:
    match = _COMPACT.search(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    return _made(year, month, day, match.span(), doubtful=match.span() != (0, len(text)))


def _month_only(text: str) -> Dated | None:
    """A month without a day means its last day, and is always doubtful."""
    match = _MONTH_NUMBERS.search(text)
    if match is not None:
        a, b, c, d = match.groups()
        year, month = (int(b), int(a)) if b else (int(c), int(d))
        if 1 <= month <= 12 and YEAR_MIN <= year <= YEAR_MAX:
            return _made(year, month, calendar.monthrange(year, month)[1], match.span(), doubtful=True)
    for match in _MONTH_ONLY.finditer(text):
        found = month_of(match.group(1))
        year = int(match.group(2))
        year = year + 2000 if year < 100 else year
        if found is not None and YEAR_MIN <= year <= YEAR_MAX:
            return _made(year, found, calendar.monthrange(year, found)[1], match.span(), doubtful=True)
    return None
