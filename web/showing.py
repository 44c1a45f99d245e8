"""How values look on a page: times of Hong Kong, numbers, digests. For templates, as filters."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from markupsafe import Markup, escape

from api.languages import Language
from policies.quota import HONG_KONG
from stock.currencies import MINOR_DIGITS

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PERIOD: Final = re.compile(r"([0-9]+)([YMWD])")
_UNITS: Final = {"Y": ("年", "year"), "M": ("個月", "month"), "W": ("星期", "week"), "D": ("日", "day")}
SHORT_DIGITS: Final = 12


def moment(language: Language, at: str | datetime) -> Markup:
    """A time of day in Hong Kong, with the exact one for machines and for who points at it."""
    exact = at if isinstance(at, str) else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    here = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(HONG_KONG)
    shown = f"{_day(language, here.date())} {here:%H:%M:%S}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, exact, shown)


def day(language: Language, on: str | date) -> Markup:
    """A day of the calendar."""
    known = date.fromisoformat(on) if isinstance(on, str) else on
    return Markup('<time datetime="{}">{}</time>').format(known.isoformat(), _day(language, known))


def period(language: Language, iso: str) -> str:
    """A span of the calendar as ISO 8601 writes it, `P7Y` or `P1Y6M`: 7 years, 1 year 6 months."""
    parts = [(int(number), _UNITS[unit]) for number, unit in _PERIOD.findall(iso)]
    if language is Language.CHINESE:
        return "".join(f"{number}{zh}" for number, (zh, _) in parts)
    return " ".join(f"{number} {en}{'' if number == 1 else 's'}" for number, (_, en) in parts)


def commanded(text: str) -> Markup:
    """A text with what stands between backticks as code: commands to type."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped before


def grouped(number: int) -> str:
    """A number with its thousands parted."""
    return f"{number:,}"


def scaled(number: int, scale: int, *, signed: bool = False) -> str:
    """A quantity at its fixed scale: -1500 at 3 is −1.500."""
    digits = str(abs(number)).rjust(scale + 1, "0")
    whole, rest = (digits[:-scale], digits[-scale:]) if scale else (digits, "")
    sign = "−" if number < 0 else "+" if signed and number else ""
    return f"{sign}{int(whole):,}{'.' if rest else ''}{rest}"


def money(value: Mapping[str, Any]) -> str:
    """An amount of minor units with its currency: HKD 1,250.00."""
    return f"{value['currency']} {scaled(value['amount'], MINOR_DIGITS[value['currency']])}"


def short(digest: str) -> Markup:
    """The first digits of a digest; all of them for who points at it, or copies."""
    if len(digest) <= SHORT_DIGITS:
        return Markup("<code>{}</code>").format(digest)
    return Markup('<code title="{}">{}…</code>').format(digest, digest[:SHORT_DIGITS])


def _day(language: Language, known: date) -> str:
    if language is Language.CHINESE:
        return f"{known.year}年{known.month}月{known.day}日"
    return f"{known.day} {_MONTHS[known.month - 1]} {known.year}"
