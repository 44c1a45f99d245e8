"""Numbers as printed: amounts with their currency, quantities, and what a misread one may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from documents.extraction.model import Money
from documents.extraction.plain import AS_DIGITS, tidy

DEFAULT_CURRENCY: Final = "HKD"
DECIMALS: Final = {"JPY": 0, "KRW": 0, "TWD": 2}
"""Minor digits that are not 2; a Taiwan dollar has 2 in ISO 4217, whatever is printed."""
DIGITS_MAX: Final = 15
_SIGNS: Final = (
    (re.compile(r"HK ?[$S]|HKD|港幣|港元|港币|\bHK\b", re.IGNORECASE), "HKD"),
    (re.compile(r"US ?[$]|USD|美元|美金", re.IGNORECASE), "USD"),
    (re.compile(r"RMB|CNY|CN¥|人民幣|人民币", re.IGNORECASE), "CNY"),
    (re.compile(r"MOP ?[$]?|澳門幣|葡幣", re.IGNORECASE), "MOP"),
    (re.compile(r"NT ?[$]|TWD|新台幣|新臺幣", re.IGNORECASE), "TWD"),
    (re.compile(r"EUR|€|歐元", re.IGNORECASE), "EUR"),
    (re.compile(r"GBP|£|英鎊", re.IGNORECASE), "GBP"),
    (re.compile(r"JPY|日圓|日元", re.IGNORECASE), "JPY"),
    (re.compile(r"¥"), "CNY"),  # of who sells to Hong Kong, unless a word says that yen are meant
)
_NUMBER: Final = re.compile(r"[-(]?\d[\d,.' ]*\d\)?|[-(]?\d\)?")
_TWO: Final = re.compile(r"\.[0-9]{1,2} +[0-9]")
"""A space after decimals: two amounts, not one."""
_MISREAD: Final = re.compile(r"(?<=[\d.,])[OoQDlI|SsBZz](?=[\d.,]|$)|(?<![A-Za-z])[OoQDlI|SsBZz](?=[\d.,]\d)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as read. `mended` where letters stood for digits or a separator was odd."""

    value: Decimal
    decimals: int
    mended: bool
    rest: str
    """What of the text is not the number, tidied: a unit, a currency."""


def currency_in(text: str) -> str | None:
    """The currency that a text names, or None; a bare `$` names none."""
    text = tidy(text)
    return next((code for pattern, code in _SIGNS if pattern.search(text)), None)


def parse_number(text: str) -> Number | None:
    """The one number in a text, or None if there is none or more than one."""
    text = tidy(text)
    for pattern, _ in _SIGNS:
        text = pattern.sub(" ", text)
    bare = text.replace("$", " ").strip(" :=*")
    repaired = _MISREAD.sub(lambda match: match.group(0).translate(AS_DIGITS), bare)
    found = list(_NUMBER.finditer(repaired))
    if len(found) != 1:
        return None
    match = found[0]
    if _TWO.search(match.group(0)):
        return None
    number = _value(match.group(0))
    if number is None:
        return None
    value, decimals, odd = number
    rest = (repaired[: match.start()] + " " + repaired[match.end() :]).strip(" -.,()*/")
    return Number(value, decimals, odd or repaired != bare, rest)


def _value(text: str) -> tuple[Decimal, int, bool] | None:
    negative = text.startswith("-") or (text.startswith("(") and text.endswith(")"))
    figures = text.strip("-() ")
    odd = " " in figures or "'" in figures
    figures = figures.replace(" ", "").replace("'", "")
    decimals = 0
    parts = re.split(r"[.,]", figures)
    if len(parts) > 1:
        separators = [character for character in figures if character in ".,"]
        last = separators[-1]
        if last == "." or len(parts[-1]) != 3:
            decimals = len(parts[-1])
            odd = odd or last == "," or "." in separators[:-1]
            odd = odd or any(len(part) != 3 for part in parts[1:-1])
        else:
            odd = odd or any(len(part) != 3 for part in parts[1:]) or "." in separators
        figures = "".join(parts)
    if not figures.isdecimal() or len(figures) > DIGITS_MAX:
        return None
    try:
        value = Decimal(figures).scaleb(-decimals)
    except InvalidOperation:
        return None
    return (-value if negative else value), decimals, odd


def money(value: Decimal, currency: str) -> Money:
    """An amount in minor units, half away from zero."""
    minor = value.scaleb(DECIMALS.get(currency, 2))
    return Money(int((abs(minor) + Decimal("0.5")) // 1) * (-1 if minor < 0 else 1), currency)


def decimal_of(amount: Money) -> Decimal:
    """The amount in whole units of its currency."""
    return Decimal(amount.amount).scaleb(-DECIMALS.get(amount.currency, 2))


def plain_decimal(value: Decimal) -> str:
    """A quantity as stored: no exponent, no trailing zeros."""
    text = format(value.normalize(), "f")
    return "0" if text in {"-0", ""} else text
