"""Reading one member of a request after the other, each into a type that cannot be wrong.

- What is read comes from JSON (dict, list, str, int, bool, None) or from a file's row (all text).
- A member that is absent or null is "not given". A member nobody asked for is refused.
- Every fault names the path to its member.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from policies.personal_data import is_personal_code
from policies.refusals import Path
from stock.currencies import MINOR_DIGITS
from stock.errors import Code, InvalidRequest
from stock.model import Money
from stock.quantity import Quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import StrEnum

    Choice = TypeVar("Choice", bound=StrEnum)

T = TypeVar("T")

DATE_MIN: Final = date(2000, 1, 1)
DATE_MAX: Final = date(2199, 12, 31)
CODES_KEPT: Final = 4096
"""How many codes of one form are remembered as good or bad; none is longer than its form allows."""
AMOUNT_MAX: Final = 10**12
"""Largest price, in minor units."""

_SHOWN_CHARS_MAX: Final = 64
# What cannot be seen, or changes how the text around it is seen: controls, zero-width and direction marks, line
# separators, lone surrogates, non-characters. A fixed list, so that what is valid does not move with Python's Unicode.
_INVISIBLE: Final = "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
_NOT_A_LINE = re.compile(f"[\0-\x1f\x7f-\x9f{_INVISIBLE}]")
_NOT_PROSE = re.compile(f"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_INVISIBLE}]")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONEY = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,6}))?")


class Members:
    """The members of one object, read by name; the allowed names are checked first."""

    __slots__ = ("_content", "path")

    def __init__(self, content: object, allowed: Iterable[str], path: Path = ()) -> None:
        if not isinstance(content, dict):
            raise InvalidRequest(Code.OBJECT_EXPECTED, path)
        allowed = frozenset(allowed)
        if not content.keys() <= allowed:
            unknown = next(name for name in content if name not in allowed)
            expected = ", ".join(sorted(allowed))
            raise InvalidRequest(Code.MEMBER_UNKNOWN, (*path, str(unknown)[:_SHOWN_CHARS_MAX]), {"expected": expected})
        self._content: Final[dict[str, object]] = content
        self.path: Final = path

    def has(self, name: str) -> bool:
        """Whether the member is there, null included."""
        return name in self._content

    def required(self, name: str, parse: Callable[[object, Path], T]) -> T:
        """The member, read by `parse`.

        Raises:
            InvalidRequest: it is not given, or `parse` refuses it.
        """
        value = self._content.get(name)
        if value is None:
            raise InvalidRequest(Code.MEMBER_MISSING, (*self.path, name))
        return parse(value, (*self.path, name))

    def optional(self, name: str, parse: Callable[[object, Path], T]) -> T | None:
        """The member, read by `parse`, or None if it is not given."""
        value = self._content.get(name)
        return None if value is None else parse(value, (*self.path, name))

    def event_id(self, given: UUID | None) -> UUID:
        """The member `event_id`, else the id the caller gave otherwise (a header, the position in a file)."""
        if given is None:
            return self.required("event_id", parse_event_id)
        return self.optional("event_id", parse_event_id) or given


def parse_line(chars_max: int) -> Callable[[object, Path], str]:
    """A parser of one line of visible text."""

    def parse(value: object, path: Path) -> str:
        text = _bounded(value, path, chars_max)
        # The quick test covers nearly everything a machine sends.
        if not (text.isascii() and text.isprintable()) and _NOT_A_LINE.search(text):
            raise InvalidRequest(Code.TEXT_CHARACTERS, path)
        if text != text.strip():
            raise InvalidRequest(Code.TEXT_CHARACTERS, path)
        return text

    return parse


def both_names(members: Members, parse: Callable[[object, Path], str]) -> tuple[str, str]:
    """Read `name_zh` and `name_en`; one given stands for both.

    Raises:
        InvalidRequest: neither is given.
    """
    name_zh = members.optional("name_zh", parse)
    name_en = members.optional("name_en", parse)
    if name_zh is None and name_en is None:
        raise InvalidRequest(Code.NAME_MISSING, (*members.path, "name_zh"))
    return name_zh or name_en or "", name_en or name_zh or ""


def parse_prose(chars_max: int) -> Callable[[object, Path], str]:
    """A parser of text of several lines."""

    def parse(value: object, path: Path) -> str:
        text = _bounded(value, path, chars_max)
        if _NOT_PROSE.search(text):
            raise InvalidRequest(Code.TEXT_CHARACTERS, path)
        return text

    return parse


def parse_code(form: re.Pattern[str], chars_max: int, expected: str) -> Callable[[object, Path], str]:
    """A parser of codes of one form; `expected` describes the form."""

    # A feed names the same few codes again and again.
    @lru_cache(maxsize=CODES_KEPT)
    def fault(text: str) -> Code | None:
        if form.fullmatch(text) is None:
            return Code.CODE_FORM
        return Code.CODE_PERSONAL if is_personal_code(text) else None

    def parse(value: object, path: Path) -> str:
        text = _bounded(value, path, chars_max)
        found = fault(text)
        if found is not None:
            raise InvalidRequest(found, path, {"expected": expected})
        return text

    return parse


def impersonal(code: str, path: Path) -> str:
    """A code that an entry may hold in clear (DESIGN invariant 4).

    Raises:
        InvalidRequest: it is an identity card or telephone number beyond doubt.
    """
    if is_personal_code(code):
        raise InvalidRequest(Code.CODE_PERSONAL, path)
    return code


def parse_choice(choices: type[Choice]) -> Callable[[object, Path], Choice]:
    """A parser of one of a closed set."""

    def parse(value: object, path: Path) -> Choice:
        try:
            return choices(value if isinstance(value, str) else "")
        except ValueError as error:
            expected = ", ".join(choices)
            raise InvalidRequest(Code.CHOICE_UNKNOWN, path, {"expected": expected}) from error

    return parse


def parse_whole(smallest: int, largest: int) -> Callable[[object, Path], int]:
    """A parser of whole numbers within bounds."""

    def parse(value: object, path: Path) -> int:
        if type(value) is not int:
            raise InvalidRequest(Code.INTEGER_EXPECTED, path)
        if not smallest <= value <= largest:
            raise InvalidRequest(Code.INTEGER_OUT_OF_RANGE, path, {"min": smallest, "max": largest})
        return value

    return parse


def parse_truth(value: object, path: Path) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InvalidRequest(Code.BOOLEAN_EXPECTED, path)
    return value


def parse_count(value: object, path: Path) -> Quantity:
    """A quantity that is not below zero."""
    quantity = parse_quantity(value, path)
    if quantity.coefficient < 0:
        raise InvalidRequest(Code.QUANTITY_BELOW_ZERO, path)
    return quantity


def parse_event_id(value: object, path: Path) -> UUID:
    """A UUID in its usual form; the one of zeros is nobody's."""
    if isinstance(value, str) and _UUID.fullmatch(value):
        event_id = UUID(value)
        if event_id.int:
            return event_id
    raise InvalidRequest(Code.EVENT_ID_FORM, path)


def parse_instant(value: object, path: Path) -> datetime:
    """An RFC 3339 time with its zone, as UTC."""
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidRequest(Code.TIME_FORM, path)
    day, clock, zone = match.groups()
    if zone is None:
        raise InvalidRequest(Code.TIME_WITHOUT_ZONE, path)
    try:
        return datetime.fromisoformat(f"{day}T{clock}{zone.upper()}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(Code.TIME_FORM, path) from error


def parse_date(value: object, path: Path) -> date:
    """A calendar date from 2000 to 2199."""
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        raise InvalidRequest(Code.DATE_FORM, path)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise InvalidRequest(Code.DATE_FORM, path) from error
    if not DATE_MIN <= day <= DATE_MAX:
        raise InvalidRequest(Code.DATE_OUT_OF_RANGE, path, {"min": str(DATE_MIN), "max": str(DATE_MAX)})
    return day


def parse_money(value: object, path: Path) -> Money:
    """An object of `amount` (whole minor units) and `currency`."""
    members = Members(value, ("amount", "currency"), path)
    amount = members.required("amount", _parse_amount)
    return Money(amount, members.required("currency", parse_currency))


def parse_currency(value: object, path: Path) -> str:
    """An ISO 4217 code."""
    if not isinstance(value, str) or value not in MINOR_DIGITS:
        raise InvalidRequest(Code.CURRENCY_UNKNOWN, path)
    return value


def money_of_decimal(text: str, currency: str, path: Path) -> Money:
    """A price as files write it: `12.50` HKD is 1250 minor units. `currency` must be an ISO 4217 code.

    Raises:
        InvalidRequest: no plain decimal of zero or more, more decimal places than the currency has, or too large.
    """
    exponent = MINOR_DIGITS[currency]
    match = _MONEY.fullmatch(text)
    fraction = (match[2] or "").rstrip("0") if match else ""
    if match is None or len(fraction) > exponent:
        raise InvalidRequest(Code.AMOUNT_FORM, path, {"exponent": exponent})
    return Money(_parse_amount(int(match[1] + fraction.ljust(exponent, "0")), path), currency)


def _parse_amount(value: object, path: Path) -> int:
    if isinstance(value, float):
        raise InvalidRequest(Code.NUMBER_IS_FLOAT, path)
    return parse_whole(0, AMOUNT_MAX)(value, path)


def _bounded(value: object, path: Path, chars_max: int) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(Code.TEXT_EXPECTED, path)
    if not value or value.isspace():
        raise InvalidRequest(Code.TEXT_EMPTY, path)
    if len(value) > chars_max:
        raise InvalidRequest(Code.TEXT_TOO_LONG, path, {"max": chars_max, "got": len(value)})
    return value
