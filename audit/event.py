"""What a caller reports: an event, its subjects, its actor, and where it stands in their chains.

- A value of these types cannot be wrong: the constructors check what an entry will need.
- Times are UTC with microseconds, from 1970 to 9999: `2026-11-22T12:00:00.000000Z`.
- Ids are pseudonymous; personal fields are salted digests (`audit.commitment`).
- The `check_*` functions return None or raise `MalformedEntry` with the member's JSON pointer. They
  serve the constructors and the parser of entries alike, so the two cannot drift. A subject that is
  not yet in an entry has no position, so there its pointer is `/subjects/id`, not `/subjects/0/id`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from audit.canonical import INTEGER_MAX, JSON
from audit.errors import MalformedEntry
from audit.merkle import HASH_BYTES

ZERO_HASH = bytes(HASH_BYTES)
SUBJECTS_MAX = 4
ID_CHARS_MAX = 128
TYPE_CHARS_MAX = 64
PERSONAL_FIELDS_MAX = 32
REQUEST_BYTES = 16
DECISION_MEMBERS = (
    "action",
    "at",
    "by",
    "channel",
    "classes",
    "code",
    "grant",
    "key",
    "policy",
    "resource",
    "scope",
    "stores",
)
"""The members of a decision, in canonical order."""
DECISION_CHARS_MAX = 8192
TIME_MAX_US = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KIND = re.compile(r"[a-z_]{1,32}")
_TYPE = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_ORIGIN = re.compile(r"[!-*,-~]{1,128}")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORDS = re.compile(r"[A-Za-z0-9_.?*~-]{1,64}(?: [A-Za-z0-9_.?*~-]{1,64})*")
_SCOPE = re.compile(r"[0-9a-f]{16}")
_FIELD = re.compile(r"[a-z0-9_]{1,64}")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
_SECOND = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})")
_WORDS_RULE = "words of A-Z, a-z, 0-9 and _.?*~- parted by single spaces"
_NAME_RULE = "1 to 64 characters of A-Z, a-z, 0-9, _ and -"
_DECISION_RULES = {
    "action": (_TYPE, "words of a-z and _ joined by dots"),
    "by": (_WORDS, _WORDS_RULE),
    "channel": (_KIND, "1 to 32 characters of a-z and _"),
    "classes": (_WORDS, _WORDS_RULE),
    "grant": (_NAME, _NAME_RULE),
    "key": (_NAME, _NAME_RULE),
    "scope": (_SCOPE, "16 lower-case hex digits"),
    "stores": (_WORDS, _WORDS_RULE),
}
# Characters that change how an id looks without being seen: controls, zero-width and direction
# marks, line separators, lone surrogates. A fixed list, not `str.isprintable`, whose answer moves
# with the Unicode version: an entry must not become malformed by upgrading Python.
_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]")


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Subject:
    """A thing an entry is about: a SKU at a store, a document, a case.

    Attributes:
        kind, id: what it is called.
        key: `kind:id`, unique because a kind holds no colon.
    """

    kind: Final[str]
    id: Final[str]
    key: Final[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_kind(self.kind, "/subjects/kind")
        check_id(self.id, "/subjects/id")
        self.key = f"{self.kind}:{self.id}"  # type: ignore[misc]  # the only place that sets it


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Link:
    """Where an entry stands in the chain of one subject.

    Attributes:
        subject: whose chain.
        index: position in that chain, from 0.
        previous: leaf hash of the entry before in that chain, `ZERO_HASH` at 0.
    """

    subject: Final[Subject]
    index: Final[int]
    previous: Final[bytes]

    def __post_init__(self) -> None:
        check_place(self.index, self.previous, "/subjects")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a pseudonymous principal id, the role used, and for whom if not for oneself."""

    id: str
    role: str
    acting_for: str | None = None

    def __post_init__(self) -> None:
        check_id(self.id, "/actor/id")
        check_kind(self.role, "/actor/role")
        if self.acting_for is not None:
            check_id(self.acting_for, "/actor/for")


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision an event rests on: what was asked for, and what the policies of a version said.

    Older entries have `policy` and `code` alone; all else is empty then. Others have no `channel`.

    Attributes:
        policy: the policy version that decided.
        code: the reason code.
        action, resource: what was asked for, and on what kind of thing.
        scope: digest, 16 hex digits, of what the principal reached.
        by: ids of the policies that decided; empty where nothing permits.
        stores, classes: stores and classes of documents concerned; empty for a list.
        at: when what is concerned was recorded, if the principal's reach is limited in time.
        key: the API key that signed in.
        channel: by which way it was asked: `web`, `api`, `cli`, `job`, `device`.
        grant: the engagement or broken glass it rests on.
        values: all of it, in the order of `DECISION_MEMBERS`.
        members: what the entry holds of it: everything that is not empty, in canonical order.

    `by`, `stores` and `classes` are words parted by single spaces.
    """

    policy: str
    code: str
    action: str = ""
    resource: str = ""
    scope: str = ""
    by: str = ""
    stores: str = ""
    classes: str = ""
    at: str = ""
    key: str = ""
    grant: str = ""
    channel: str = ""
    values: tuple[str, ...] = field(init=False, compare=False, repr=False)
    members: dict[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        values = tuple(getattr(self, name) for name in DECISION_MEMBERS)
        named = zip(DECISION_MEMBERS, values, strict=True)
        members = {name: text for name, text in named if text or name in {"code", "policy"}}
        check_decision(members)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "members", members)


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Event:
    """What a caller reports, before the log gives it a place.

    Attributes:
        type: two or more words joined by dots, such as `stock.adjusted`.
        subjects: one to four different things it is about.
        data: codes, counts, digests; canonical JSON, never personal data.
        actor: who did it.
        event_id: the caller's id for this event; the idempotency key.
        occurred_at: when the caller says it happened; aware.
        personal: digests (64 hex digits) of personal fields by field name.
        request: keyed digest (16 bytes) of the request without personal fields.
        decision: the policy decision it rests on.
    """

    type: Final[str]
    subjects: Final[tuple[Subject, ...]]
    data: Final[Mapping[str, JSON]]
    actor: Final[Actor]
    event_id: Final[UUID]
    occurred_at: Final[datetime | None] = None
    personal: Final[Mapping[str, str]] = field(default_factory=dict)
    request: Final[bytes | None] = None
    decision: Final[Decided | None] = None

    def __post_init__(self) -> None:
        check_type(self.type)
        check_subject_keys([subject.key for subject in self.subjects])
        if self.occurred_at is not None:
            time_us(self.occurred_at, "/occurred_at")
        if self.personal:
            check_personal(self.personal)
        if self.request is not None and len(self.request) != REQUEST_BYTES:
            got = len(self.request)
            raise MalformedEntry("/request", f"expected {REQUEST_BYTES} bytes, got {got}")


@lru_cache(maxsize=256)
def format_time(us: int, path: str = "") -> str:
    """Return microseconds since 1970 as `2026-11-22T12:00:00.000000Z`.

    Raises:
        MalformedEntry: before 1970 or after 9999; `path` names the member.
    """
    if not 0 <= us <= TIME_MAX_US:
        raise MalformedEntry(path, "expected a time from 1970 to 9999, got another")
    moment = _EPOCH + timedelta(microseconds=us)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


@lru_cache(maxsize=1024)
def parse_time(text: str, path: str = "") -> int:
    """Return the microseconds since 1970 of a time in exactly the form of `format_time`.

    Raises:
        MalformedEntry: any other form, or a time that does not exist; `path` names the member.
    """
    micros = text[20:26]
    if len(text) == 27 and text[19::7] == ".Z" and micros.isascii() and micros.isdigit():
        seconds = _seconds_of(text[:19])
        if seconds is not None:
            return seconds * 1_000_000 + int(micros)
    raise MalformedEntry(path, "expected a time like 2026-11-22T12:00:00.000000Z, got another")


@lru_cache(maxsize=1024)
def _seconds_of(text: str) -> int | None:
    match = _SECOND.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    if year < 1970:
        return None
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1)


def time_us(moment: datetime, path: str = "") -> int:
    """Return the microseconds since 1970 of an aware datetime.

    Raises:
        MalformedEntry: it has no zone, or is before 1970; `path` names the member.
    """
    if moment.tzinfo is None:
        raise MalformedEntry(path, "expected a time with a zone, got one without")
    us = (moment - _EPOCH) // _MICROSECOND
    if not 0 <= us <= TIME_MAX_US:
        raise MalformedEntry(path, "expected a time from 1970 to 9999, got another")
    return us


def time_of(us: int) -> datetime:
    """Return the UTC datetime of microseconds since 1970, 0 to `TIME_MAX_US`."""
    return _EPOCH + timedelta(microseconds=us)


def check_place(index: int, previous: bytes, path: str) -> None:
    """Check a position in a chain and the hash of the entry before it."""
    if not 0 <= index <= INTEGER_MAX:
        raise MalformedEntry(f"{path}/index", "expected 0 to 2^53-1, got another")
    if len(previous) != HASH_BYTES:
        got = len(previous)
        raise MalformedEntry(f"{path}/previous", f"expected {HASH_BYTES} bytes, got {got}")
    if (index == 0) != (previous == ZERO_HASH):
        wanted = "zeros at index 0" if index == 0 else "a leaf hash after index 0"
        raise MalformedEntry(f"{path}/previous", f"expected {wanted}, got the opposite")


def check_id(text: str, path: str) -> None:
    """Check an id: 1 to 128 characters that can all be seen."""
    if not 1 <= len(text) <= ID_CHARS_MAX:
        got = len(text)
        raise MalformedEntry(path, f"expected 1 to {ID_CHARS_MAX} characters, got {got}")
    if not (text.isascii() and text.isprintable()) and _UNSEEN.search(text):
        raise MalformedEntry(path, "expected printable characters, got a control or hidden one")


@lru_cache(maxsize=1024)
def check_kind(text: str, path: str) -> None:
    """Check a subject kind or a role: 1 to 32 characters of a-z and _."""
    if _KIND.fullmatch(text) is None:
        raise MalformedEntry(path, "expected 1 to 32 characters of a-z and _, got another")


@lru_cache(maxsize=1024)
def check_code(text: str, path: str) -> None:
    """Check a reason code: 1 to 64 characters of A-Z, a-z, 0-9, underscore, dot and hyphen."""
    if _CODE.fullmatch(text) is None:
        rule = "1 to 64 characters of A-Z, a-z, 0-9, _, . and -"
        raise MalformedEntry(path, f"expected {rule}, got another")


def check_decision(members: Mapping[str, str]) -> None:
    """Check the members of a decision: `code` and `policy`, or these with all that was asked for."""
    _check_decision(tuple(members.items()))


@lru_cache(maxsize=1024)
def _check_decision(items: tuple[tuple[str, str], ...]) -> None:
    members = dict(items)
    check_code(members["code"], "/decision/code")
    check_id(members["policy"], "/decision/policy")
    if len(members) == 2:
        return
    for name in ("action", "resource", "scope"):
        if name not in members:
            raise MalformedEntry(f"/decision/{name}", "expected this member, got none")
    check_kind(members["resource"], "/decision/resource")
    if "at" in members:
        parse_time(members["at"], "/decision/at")
    for name, (pattern, rule) in _DECISION_RULES.items():
        text = members.get(name)
        if text is not None and (len(text) > DECISION_CHARS_MAX or pattern.fullmatch(text) is None):
            raise MalformedEntry(f"/decision/{name}", f"expected {rule}, got another")


@lru_cache(maxsize=1024)
def check_type(text: str) -> None:
    """Check an event type: words of a-z and _ joined by dots, at most 64 characters."""
    if len(text) > TYPE_CHARS_MAX or _TYPE.fullmatch(text) is None:
        rule = f"words of a-z and _ joined by dots, at most {TYPE_CHARS_MAX} characters"
        raise MalformedEntry("/type", f"expected {rule}, got another")


@lru_cache(maxsize=64)
def check_origin(text: str) -> None:
    """Check a log's name: 1 to 128 visible ASCII characters, no plus, as signed notes want it."""
    if _ORIGIN.fullmatch(text) is None:
        rule = "1 to 128 visible ASCII characters other than +"
        raise MalformedEntry("/origin", f"expected {rule}, got another")


def check_subject_keys(keys: Sequence[object]) -> None:
    """Check that there are the keys of one to four subjects, none twice."""
    count = len(keys)
    if not 1 <= count <= SUBJECTS_MAX:
        raise MalformedEntry("/subjects", f"expected 1 to {SUBJECTS_MAX} subjects, got {count}")
    if count > 1 and len(set(keys)) != count:
        raise MalformedEntry("/subjects", "expected each subject once, got one twice")


def check_personal(personal: Mapping[str, object]) -> None:
    """Check names and digests of personal fields."""
    if len(personal) > PERSONAL_FIELDS_MAX:
        wanted = f"at most {PERSONAL_FIELDS_MAX} fields"
        raise MalformedEntry("/personal", f"expected {wanted}, got {len(personal)}")
    for name, digest in personal.items():
        if _FIELD.fullmatch(name) is None:
            raise MalformedEntry("/personal", "expected names of 1 to 64 characters of a-z, 0-9 and _, got another")
        if type(digest) is not str or _HEX_DIGEST.fullmatch(digest) is None:
            raise MalformedEntry(f"/personal/{name}", "expected 64 lower-case hex digits, got another value")
