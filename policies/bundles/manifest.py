"""What a policy bundle holds: read strictly, written canonically, named by the SHA-256 of its bytes. Pure.

The members are those of `docs/formats/policy-bundle.md`. Policies, schema, calendar and wording are read here, because they act
by being there; what other rooms act on (`PARTS`) is kept as it came, and those rooms check it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from audit.canonical import encode, parse
from audit.errors import AuditError
from policies.calendar import YEARS
from policies.model import Words

if TYPE_CHECKING:
    from audit.canonical import JSON

FORMAT: Final = "chopbook-bundle/1"
BUNDLE_BYTES_MAX: Final = 1_048_576
FILES_MAX: Final = 64
TITLE_CHARS_MAX: Final = 120
WORDING_CHARS_MAX: Final = 500
WORDINGS_MAX: Final = 64
HOLIDAYS_MAX: Final = 40

RETENTION: Final = "retention"
RESIDENCY: Final = "residency"
PARTS: Final = (RETENTION, RESIDENCY)
"""Members that other rooms act on when a bundle becomes the active one."""

_MEMBERS: Final = frozenset(
    {"format", "title_zh", "title_en", "policies", "schema", "calendar", "wording", RETENTION, RESIDENCY}
)
_FILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}\.cedar")
_REASON: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_UNSEEN: Final = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class BundleInvalid(Exception):
    """A bundle cannot be used; says which member, what was expected, and what was found."""

    def __init__(self, message: str, member: str = "policies") -> None:
        self.member: Final = member
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file of Cedar policies."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A bundle's content.

    Attributes:
        title: what people call it.
        policies: files of Cedar policies, by name.
        schema: what they may speak of.
        calendar: named general holidays of years that are written out, by year and day.
        wording: other texts for the reasons of denials, by code.
        parts: what other rooms act on: `retention`, a list of schedules; `residency`, records by kind.
    """

    title: Words
    policies: tuple[PolicyFile, ...]
    schema: str
    calendar: Mapping[int, Mapping[date, Words]] = field(default_factory=lambda: MappingProxyType({}))
    wording: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    parts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({RETENTION: [], RESIDENCY: {}}))

    @property
    def content(self) -> bytes:
        """The canonical bytes.

        Raises:
            BundleInvalid: a text holds what canonical JSON refuses.
        """
        try:
            return encode(manifest_json(self))
        except AuditError as error:
            raise BundleInvalid(str(error), "bundle") from error

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the canonical bytes: the bundle's address.

        Raises:
            BundleInvalid: as `content`.
        """
        return digest_of(self.content)


def digest_of(content: bytes) -> str:
    """The address of a bundle with these bytes."""
    return hashlib.sha256(content).hexdigest()


def manifest_json(manifest: Manifest) -> dict[str, JSON]:
    """A bundle as JSON; `parse_manifest` reads it."""
    return {
        "calendar": [
            {
                "days": [{"day": day.isoformat(), **_words_json(words)} for day, words in sorted(days.items())],
                "year": year,
            }
            for year, days in sorted(manifest.calendar.items())
        ],
        "format": FORMAT,
        "policies": [{"name": file.name, "text": file.text} for file in manifest.policies],
        RESIDENCY: manifest.parts[RESIDENCY],
        RETENTION: manifest.parts[RETENTION],
        "schema": manifest.schema,
        "title_en": manifest.title.en,
        "title_zh": manifest.title.zh,
        "wording": [{"code": code, **_words_json(words)} for code, words in sorted(manifest.wording.items())],
    }


def read_manifest(content: bytes) -> Manifest:
    """The bundle that bytes hold, which must be the canonical ones.

    Raises:
        BundleInvalid: they are none.
    """
    try:
        manifest = parse_manifest(parse(content))
    except AuditError as error:
        raise BundleInvalid(str(error), "bundle") from error
    if manifest.content != content:
        raise _wrong("bundle", "lists in the order that the format names")
    return manifest


def parse_manifest(value: object) -> Manifest:
    """A bundle from its JSON; lists may come in any order.

    Raises:
        BundleInvalid: a member is missing, unknown or has another form.
    """
    members = _object(value, "bundle", _MEMBERS)
    if members.get("format") != FORMAT:
        raise _wrong("format", FORMAT)
    manifest = Manifest(
        title=Words(
            _text(members["title_zh"], "title_zh", TITLE_CHARS_MAX),
            _text(members["title_en"], "title_en", TITLE_CHARS_MAX),
        ),
        policies=_files(members["policies"]),
        schema=_prose(members["schema"], "schema"),
        calendar=_calendar(members["calendar"]),
        wording=_wording(members["wording"]),
        parts=MappingProxyType(
            {
                RETENTION: _list(members[RETENTION], RETENTION, BUNDLE_BYTES_MAX),
                RESIDENCY: _object(members[RESIDENCY], RESIDENCY),
            }
        ),
    )
    if len(manifest.content) > BUNDLE_BYTES_MAX:
        raise _wrong("bundle", f"at most {BUNDLE_BYTES_MAX} bytes")
    return manifest


# ------------------------------------------------------------------------------------------- members


def _files(value: object) -> tuple[PolicyFile, ...]:
    found: dict[str, PolicyFile] = {}
    for place, item in enumerate(_list(value, "policies", FILES_MAX)):
        where = f"policies[{place}]"
        members = _object(item, where, frozenset({"name", "text"}))
        name = _text(members["name"], f"{where}.name", 64, form=_FILE_NAME)
        if name in found:
            raise _wrong(f"{where}.name", "a name of its own")
        found[name] = PolicyFile(name, _prose(members["text"], f"{where}.text"))
    if not found:
        raise _wrong("policies", "at least one file")
    return tuple(found[name] for name in sorted(found))


def _calendar(value: object) -> Mapping[int, Mapping[date, Words]]:
    found: dict[int, Mapping[date, Words]] = {}
    for place, item in enumerate(_list(value, "calendar", len(YEARS))):
        where = f"calendar[{place}]"
        members = _object(item, where, frozenset({"year", "days"}))
        year = members["year"]
        if isinstance(year, bool) or not isinstance(year, int) or year not in YEARS or year in found:
            raise _wrong(f"{where}.year", f"a year of its own from {YEARS.start} to {YEARS.stop - 1}")
        days: dict[date, Words] = {}
        for number, one in enumerate(_list(members["days"], f"{where}.days", HOLIDAYS_MAX)):
            at = f"{where}.days[{number}]"
            named = _object(one, at, frozenset({"day", "zh", "en"}))
            day = _day(named["day"], f"{at}.day")
            if day.year != year or day in days:
                raise _wrong(f"{at}.day", f"a day of its own in {year}")
            days[day] = _words(named, at, TITLE_CHARS_MAX)
        found[year] = MappingProxyType(days)
    return MappingProxyType(found)


def _wording(value: object) -> Mapping[str, Words]:
    found: dict[str, Words] = {}
    for place, item in enumerate(_list(value, "wording", WORDINGS_MAX)):
        where = f"wording[{place}]"
        members = _object(item, where, frozenset({"code", "zh", "en"}))
        code = _text(members["code"], f"{where}.code", 64, form=_REASON)
        if code in found:
            raise _wrong(f"{where}.code", "a code of its own")
        found[code] = _words(members, where, WORDING_CHARS_MAX)
    return MappingProxyType(found)


def _words(members: Mapping[str, object], where: str, most: int) -> Words:
    return Words(_text(members["zh"], f"{where}.zh", most), _text(members["en"], f"{where}.en", most))


def _words_json(words: Words) -> dict[str, JSON]:
    return {"en": words.en, "zh": words.zh}


def _object(value: object, where: str, members: frozenset[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, "an object")
    if members is not None and value.keys() != members:
        named = min(members ^ value.keys())
        raise _wrong(where, f"the members {', '.join(sorted(members))}; look at {named[:64]}")
    return value


def _list(value: object, where: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise _wrong(where, f"a list of at most {most}")
    return value


def _text(value: object, where: str, most: int, *, form: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= most or value != value.strip() or _UNSEEN.search(value):
        raise _wrong(where, f"a line of 1 to {most} characters")
    if form is not None and form.fullmatch(value) is None:
        raise _wrong(where, f"the form {form.pattern}")
    return value


def _prose(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(where, "a text")
    return value


def _day(value: object, where: str) -> date:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _wrong(where, "YYYY-MM-DD")


def _wrong(member: str, expected: str) -> BundleInvalid:
    return BundleInvalid(f"{member}: expected {expected}", member)
