"""The JSON members of an entry: reading bytes back, strictly, and the columns derived from them.

- Every byte string is either an entry of format `chopbook-entry/1`, in its one canonical spelling,
  or refused with the JSON pointer of the member at fault.
- The columns a database keeps beside the bytes are derived here and nowhere else.
- The first fault found is the one named; `path` is where it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, combinations
from typing import NamedTuple, NotRequired, TypedDict, cast
from uuid import UUID

import orjson

from audit.canonical import DEPTH_MAX, ENCODER_OPTIONS, ENTRY_BYTES_MAX, JSON, first_fault, holds_nul, is_plain, load
from audit.errors import MalformedEntry, NotCanonical
from audit.event import (
    DECISION_MEMBERS,
    Actor,
    Decided,
    Event,
    Link,
    Subject,
    check_decision,
    check_id,
    check_kind,
    check_origin,
    check_personal,
    check_place,
    check_subject_keys,
    check_type,
    parse_time,
    time_of,
)

FORMAT = "chopbook-entry/1"


class SubjectMembers(TypedDict):
    """One item of the member `subjects`."""

    id: str
    index: int
    kind: str
    previous: str


class EntryMembers(TypedDict):
    """The JSON object of an entry, checked: every member has this type and keeps its rule."""

    actor: dict[str, str]
    data: dict[str, JSON]
    decision: NotRequired[dict[str, str]]
    event_id: str
    format: str
    index: int
    occurred_at: NotRequired[str]
    origin: str
    personal: NotRequired[dict[str, str]]
    previous: str
    recorded_at: str
    request: NotRequired[str]
    subjects: list[SubjectMembers]
    type: str


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """An entry read back from its bytes.

    Attributes:
        index: position in the log, from 0.
        origin: the log's name.
        previous: leaf hash of the entry before, `ZERO_HASH` at 0.
        recorded_at: microseconds since 1970.
        event: what was reported.
        links: its place in the chain of each subject.
    """

    index: int
    origin: str
    previous: bytes
    recorded_at: int
    event: Event
    links: tuple[Link, ...]


class Columns(NamedTuple):
    """What a database keeps beside the bytes so that entries can be searched.

    Times are microseconds since 1970. `store` is the member `store` of the data if it is a string.
    """

    recorded_at: int
    occurred_at: int | None
    type: str
    actor: str
    store: str | None
    event_id: bytes
    request: bytes | None


_REQUIRED = ("actor", "data", "event_id", "format", "index", "origin", "previous", "recorded_at", "subjects", "type")
_OPTIONAL = ("decision", "occurred_at", "personal", "request")
# The member names of an object, in canonical order, for each set of optional members.
_ENTRY_SHAPES = frozenset(
    tuple(sorted(_REQUIRED + extra)) for extra in chain(*(combinations(_OPTIONAL, count) for count in range(5)))
)
_ACTOR_SHAPES = frozenset((("id", "role"), ("for", "id", "role")))
_DECIDED = ("code", "policy")
_BASIS = tuple(name for name in DECISION_MEMBERS if name not in _DECIDED)
_DECISION_SHAPES = frozenset(
    tuple(sorted(_DECIDED + extra))
    for extra in chain(*(combinations(_BASIS, count) for count in range(len(_BASIS) + 1)))
)
_SUBJECT_SHAPES = frozenset((("id", "index", "kind", "previous"),))
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def parse_entry(data: bytes) -> ParsedEntry:
    """Return the entry whose canonical bytes are exactly `data`, as typed values.

    Raises:
        NotCanonical: not JSON, outside the canonical profile, or another spelling.
        MalformedEntry: canonical, but not an entry of format `chopbook-entry/1`.
    """
    members = parse_members(data)
    actor = members["actor"]
    decision = members.get("decision")
    occurred_at = members.get("occurred_at")
    request = members.get("request")
    links = tuple(
        Link(Subject(item["kind"], item["id"]), item["index"], bytes.fromhex(item["previous"]))
        for item in members["subjects"]
    )
    event = Event(
        type=members["type"],
        subjects=tuple(link.subject for link in links),
        data=members["data"],
        actor=Actor(actor["id"], actor["role"], actor.get("for")),
        event_id=UUID(members["event_id"]),
        occurred_at=None if occurred_at is None else time_of(parse_time(occurred_at)),
        personal=members.get("personal", {}),
        request=None if request is None else bytes.fromhex(request),
        decision=None if decision is None else Decided(**decision),
    )
    return ParsedEntry(
        index=members["index"],
        origin=members["origin"],
        previous=bytes.fromhex(members["previous"]),
        recorded_at=parse_time(members["recorded_at"]),
        event=event,
        links=links,
    )


def parse_members(data: bytes) -> EntryMembers:
    """Return the checked JSON object of an entry; as strict as `parse_entry`, and much quicker.

    Raises:
        NotCanonical: not JSON, outside the canonical profile, or another spelling.
        MalformedEntry: canonical, but not an entry of format `chopbook-entry/1`.
    """
    if len(data) > ENTRY_BYTES_MAX:
        raise MalformedEntry("", f"expected at most {ENTRY_BYTES_MAX} bytes, got {len(data)}")
    members = load(data)
    if type(members) is not dict:
        raise MalformedEntry("", "expected an object, got another value")
    if members.get("format") != FORMAT:
        raise MalformedEntry("/format", f"expected {FORMAT}, got another format")
    if tuple(members) not in _ENTRY_SHAPES:
        _check_names(members, _ENTRY_SHAPES, "")
    _check_required(members)
    if len(members) > len(_REQUIRED):
        _check_optional(members)
    try:
        canonical = orjson.dumps(members, option=ENCODER_OPTIONS)
    except orjson.JSONEncodeError as error:
        raise first_fault(members) from error
    if canonical != data:
        raise NotCanonical("", "expected the canonical spelling, got another one of the same value")
    if holds_nul(canonical, members):
        raise first_fault(members)
    return cast("EntryMembers", members)


def columns(members: EntryMembers) -> Columns:
    """Return the derived columns of an entry read back by `parse_members`."""
    occurred_at = members.get("occurred_at")
    request = members.get("request")
    store = members["data"].get("store")
    return Columns(
        parse_time(members["recorded_at"]),
        None if occurred_at is None else parse_time(occurred_at),
        members["type"],
        members["actor"]["id"],
        store if type(store) is str else None,
        bytes.fromhex(members["event_id"].replace("-", "")),
        None if request is None else bytes.fromhex(request),
    )


def _check_required(members: dict[str, JSON]) -> None:
    actor = _object(members["actor"], _ACTOR_SHAPES, "/actor")
    check_id(_text(actor["id"], "/actor/id"), "/actor/id")
    check_kind(_text(actor["role"], "/actor/role"), "/actor/role")
    if len(actor) == 3:
        check_id(_text(actor["for"], "/actor/for"), "/actor/for")
    data = members["data"]
    if type(data) is not dict:
        raise MalformedEntry("/data", "expected an object, got another value")
    if not is_plain(data, DEPTH_MAX - 1):
        raise first_fault(data, "/data", DEPTH_MAX - 1)
    if _UUID.fullmatch(_text(members["event_id"], "/event_id")) is None:
        raise MalformedEntry("/event_id", "expected a lower-case UUID, got another value")
    check_origin(_text(members["origin"], "/origin"))
    _check_link(members["index"], members["previous"], "")
    parse_time(_text(members["recorded_at"], "/recorded_at"), "/recorded_at")
    _check_chain(members["subjects"])
    check_type(_text(members["type"], "/type"))


def _check_chain(subjects: JSON) -> None:
    if type(subjects) is not list:
        raise MalformedEntry("/subjects", "expected a list, got another value")
    keys: list[tuple[JSON, JSON]] = []
    for position, item in enumerate(subjects):
        path = f"/subjects/{position}"
        link = _object(item, _SUBJECT_SHAPES, path)
        check_kind(_text(link["kind"], f"{path}/kind"), f"{path}/kind")
        check_id(_text(link["id"], f"{path}/id"), f"{path}/id")
        _check_link(link["index"], link["previous"], path)
        keys.append((link["kind"], link["id"]))
    check_subject_keys(keys)


def _check_link(index: JSON, previous: JSON, path: str) -> None:
    if type(index) is not int:
        raise MalformedEntry(f"{path}/index", "expected an integer, got another value")
    if type(previous) is not str or len(previous) != 64:
        raise MalformedEntry(f"{path}/previous", "expected 64 lower-case hex digits, got another value")
    check_place(index, _from_hex(previous, f"{path}/previous"), path)


def _check_optional(members: dict[str, JSON]) -> None:
    if "decision" in members:
        decision = _object(members["decision"], _DECISION_SHAPES, "/decision")
        check_decision({name: _text(text, f"/decision/{name}") for name, text in decision.items()})
    if "occurred_at" in members:
        parse_time(_text(members["occurred_at"], "/occurred_at"), "/occurred_at")
    if "personal" in members:
        personal = members["personal"]
        if type(personal) is not dict or not personal:
            raise MalformedEntry("/personal", "expected an object with members, got another value")
        check_personal(personal)
    if "request" in members:
        request = members["request"]
        if type(request) is not str or len(request) != 32:
            raise MalformedEntry("/request", "expected 32 lower-case hex digits, got another value")
        _from_hex(request, "/request")


def _object(value: JSON, shapes: frozenset[tuple[str, ...]], path: str) -> dict[str, JSON]:
    if type(value) is not dict:
        raise MalformedEntry(path, "expected an object, got another value")
    if tuple(value) not in shapes:
        _check_names(value, shapes, path)
    return value


def _check_names(members: dict[str, JSON], shapes: frozenset[tuple[str, ...]], path: str) -> None:
    """Refuse a missing or unknown member; let another order pass, which is the encoder's to see."""
    allowed = frozenset(chain.from_iterable(shapes))
    required = allowed.intersection(*shapes)
    missing = required - members.keys()
    if missing:
        raise MalformedEntry(f"{path}/{min(missing)}", "expected this member, got none")
    if not members.keys() <= allowed:
        known = ", ".join(sorted(allowed))
        raise MalformedEntry(path, f"expected no members but {known}, got another")


def _from_hex(text: str, path: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError as error:
        raise MalformedEntry(path, "expected lower-case hex digits, got another value") from error
    if value.hex() != text:
        raise MalformedEntry(path, "expected lower-case hex digits, got another value")
    return value


def _text(value: JSON, path: str) -> str:
    if type(value) is not str:
        raise MalformedEntry(path, "expected a string, got another value")
    return value
