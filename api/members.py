"""The members a request may have: how each is read, and how it is described in OpenAPI, in one declaration.

This module holds the single values; `api.records` puts them together.

A *reader* turns a decoded JSON value into a typed value or raises `Invalid`; its `schema` is JSON Schema 2020-12, the
dialect of OpenAPI 3.1. What the two say is the same by construction.

- Nothing is coerced: "1" is no integer in a body, 1 is no text. Parameters of the address are texts by nature and are
  read by `from_text`.
- A text is taken as it came: not trimmed, not normalised.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from api.body import INTEGER_MAX, JSON
from api.problem_codes import Code
from api.problems import Invalid

T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E", bound=StrEnum)

Schema = Mapping[str, object]

_INSTANT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", re.ASCII)
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,99})", re.ASCII)
_LAYOUT: Final = frozenset("\n\t")


class Reader(Protocol[T_co]):
    """Turns a value a caller sent into a typed one."""

    @property
    def schema(self) -> Schema:
        """JSON Schema of the values that are accepted."""

    def read(self, value: JSON) -> T_co:
        """Return the typed value of a JSON value.

        Raises:
            Invalid: The value is not one; paths are relative to it.
        """

    def from_text(self, text: str) -> T_co:
        """Return the typed value of a parameter of the address.

        Raises:
            Invalid: As for `read`.
        """


@dataclass(frozen=True, slots=True)
class Text:
    """A text of bounded length, without control characters unless `multiline`."""

    characters_max: int
    characters_min: int = 1
    form: str | None = None
    multiline: bool = False
    description: str = ""
    example: str | None = None
    _form: re.Pattern[str] | None = field(init=False, default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.form is not None:
            object.__setattr__(self, "_form", re.compile(self.form))

    @property
    def schema(self) -> Schema:
        """JSON Schema of the text."""
        found: dict[str, object] = {
            "type": "string",
            "minLength": self.characters_min,
            "maxLength": self.characters_max,
        }
        if self.form is not None:
            found["pattern"] = f"^(?:{self.form})$"
        return described(found, self.description, self.example)

    def read(self, value: JSON) -> str:
        """Return the text as it came: nothing is trimmed or normalised."""
        if not isinstance(value, str):
            raise Invalid.at(Code.TEXT_EXPECTED)
        if len(value) < self.characters_min:
            raise Invalid.at(Code.TEXT_EMPTY)
        if len(value) > self.characters_max:
            raise Invalid.at(Code.TEXT_TOO_LONG, max=self.characters_max, got=len(value))
        if self._form is not None and self._form.fullmatch(value) is None:
            raise Invalid.at(Code.CODE_FORM, expected=self.form or "")
        if not value.isprintable() and not (self.multiline and _is_layout(value)):
            raise Invalid.at(Code.TEXT_CHARACTERS)
        return value

    def from_text(self, text: str) -> str:
        """Return the text."""
        return self.read(text)


def _is_layout(text: str) -> bool:
    return all(character.isprintable() or character in _LAYOUT for character in text)


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer within bounds."""

    minimum: int = -INTEGER_MAX
    maximum: int = INTEGER_MAX
    description: str = ""
    example: int | None = None

    @property
    def schema(self) -> Schema:
        """JSON Schema of the integer."""
        found: dict[str, object] = {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}
        return described(found, self.description, self.example)

    def read(self, value: JSON) -> int:
        """Return the integer."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise Invalid.at(Code.INTEGER_EXPECTED)
        if not self.minimum <= value <= self.maximum:
            raise Invalid.at(Code.INTEGER_OUT_OF_RANGE, min=self.minimum, max=self.maximum)
        return value

    def from_text(self, text: str) -> int:
        """Return the integer a text of decimal digits stands for."""
        if _INTEGER.fullmatch(text) is None:
            raise Invalid.at(Code.INTEGER_EXPECTED)
        return self.read(int(text))


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    description: str = ""

    @property
    def schema(self) -> Schema:
        """JSON Schema of the flag."""
        return described({"type": "boolean"}, self.description, None)

    def read(self, value: JSON) -> bool:
        """Return the flag."""
        if not isinstance(value, bool):
            raise Invalid.at(Code.BOOLEAN_EXPECTED)
        return value

    def from_text(self, text: str) -> bool:
        """Return the flag the word `true` or `false` stands for."""
        if text not in {"true", "false"}:
            raise Invalid.at(Code.BOOLEAN_EXPECTED)
        return text == "true"


@dataclass(frozen=True, slots=True)
class Choice(Generic[E]):
    """One of a closed set of texts."""

    choices: type[E]
    description: str = ""

    @property
    def schema(self) -> Schema:
        """JSON Schema of the choice."""
        return described({"type": "string", "enum": [item.value for item in self.choices]}, self.description, None)

    def read(self, value: JSON) -> E:
        """Return the member of the set."""
        if not isinstance(value, str):
            raise Invalid.at(Code.TEXT_EXPECTED)
        try:
            return self.choices(value)
        except ValueError:
            raise Invalid.at(Code.CHOICE_UNKNOWN, expected=", ".join(self.choices)) from None

    def from_text(self, text: str) -> E:
        """Return the member of the set."""
        return self.read(text)


@dataclass(frozen=True, slots=True)
class Uuid:
    """A UUID in its usual form (RFC 9562 §4)."""

    description: str = ""

    @property
    def schema(self) -> Schema:
        """JSON Schema of the UUID."""
        return described(
            {"type": "string", "format": "uuid", "pattern": f"^{_UUID.pattern}$"},
            self.description,
            "01890a5d-ac96-774b-bcce-b302099a8057",
        )

    def read(self, value: JSON) -> UUID:
        """Return the UUID."""
        if not isinstance(value, str) or _UUID.fullmatch(value) is None:
            raise Invalid.at(Code.UUID_FORM)
        return UUID(value)

    def from_text(self, text: str) -> UUID:
        """Return the UUID."""
        return self.read(text)


@dataclass(frozen=True, slots=True)
class Instant:
    """A date and time with its zone (RFC 3339 §5.6), read as UTC."""

    description: str = ""

    @property
    def schema(self) -> Schema:
        """JSON Schema of the instant."""
        return described({"type": "string", "format": "date-time"}, self.description, "2026-11-22T20:00:00+08:00")

    def read(self, value: JSON) -> datetime:
        """Return the instant in UTC, with whole microseconds."""
        match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise Invalid.at(Code.TIME_FORM)
        day, time, fraction, zone = match.groups()
        if zone is None:
            raise Invalid.at(Code.TIME_WITHOUT_ZONE)
        if fraction is not None and len(fraction) > 7:
            raise Invalid.at(Code.TIME_FORM)
        offset = "+00:00" if zone in "Zz" else zone
        try:
            found = datetime.fromisoformat(f"{day}T{time}{(fraction or '.').ljust(7, '0')}{offset}").astimezone(UTC)
        except (ValueError, OverflowError):
            raise Invalid.at(Code.TIME_FORM) from None
        if found.year < 1970:
            raise Invalid.at(Code.TIME_TOO_EARLY, earliest="1970-01-01T00:00:00Z")
        return found

    def from_text(self, text: str) -> datetime:
        """Return the instant; a `+` that the address turned into a space is put back."""
        return self.read(text.replace(" ", "+"))


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date, written as 2026-11-22."""

    description: str = ""

    @property
    def schema(self) -> Schema:
        """JSON Schema of the date."""
        return described({"type": "string", "format": "date"}, self.description, "2027-03-31")

    def read(self, value: JSON) -> date:
        """Return the date."""
        if not isinstance(value, str) or _DATE.fullmatch(value) is None:
            raise Invalid.at(Code.DATE_FORM)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Invalid.at(Code.DATE_FORM) from None

    def from_text(self, text: str) -> date:
        """Return the date."""
        return self.read(text)


def described(schema: dict[str, object], description: str, example: object) -> Schema:
    """Return the schema with what a reader is told beside it."""
    if description:
        schema["description"] = description
    if example is not None:
        schema["examples"] = [example]
    return schema
