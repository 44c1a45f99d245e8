"""The entry the log makes of an event, and its bytes.

- An entry is one canonical JSON object (`audit.canonical`) of at most 65,535 bytes. Its bytes are
  what is hashed, stored, exported and verified. Format mark: `chopbook-entry/1`.
- `index` counts the entries of the log from 0; `previous` is the leaf hash of the entry before,
  zeros at index 0 and only there.
- Each of the one to four subjects has a chain of its own: its `index` counts the entries about that
  subject, its `previous` is the leaf hash of the entry before in that chain.
- Optional members are absent, never null or empty. Unknown members are refused.
- The columns a database keeps beside the bytes are derived here and nowhere else.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, NotRequired, TypedDict, cast
from uuid import UUID, uuid5

import orjson

from audit.canonical import (
    DEPTH_MAX,
    ENCODER_OPTIONS,
    ENTRY_BYTES_MAX,
    JSON,
    first_fault,
    holds_nul,
    is_plain,
    parse,
)
from audit.errors import MalformedEntry
from audit.event import (
    ZERO_HASH,
    Actor,
    Decided,
    Event,
    Link,
    Subject,
    check_code,
    check_id,
    check_kind,
    check_origin,
    check_personal,
    check_place,
    check_subject_keys,
    check_type,
    format_time,
    parse_time,
    time_of,
    time_us,
)

__all__ = [
    "FORMAT",
    "ZERO_HASH",
    "Actor",
    "Columns",
    "Decided",
    "Entry",
    "EntryMembers",
    "Event",
    "Link",
    "ParsedEntry",
    "Subject",
    "columns",
    "columns_of",
    "derived_event_id",
    "format_time",
    "parse_entry",
    "parse_members",
    "parse_time",
    "seal",
    "time_of",
    "time_us",
]

FORMAT = "chopbook-entry/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its place in the log.

    Attributes:
        index: position in the log, from 0.
        bytes: the canonical bytes.
        leaf_hash: SHA-256(0x00 ‖ bytes).
        recorded_at: microseconds since 1970, by the log's clock.
        event: what was reported.
        links: its place in the chain of each subject, in the order of `event.subjects`.
    """

    index: int
    bytes: builtins.bytes
    leaf_hash: builtins.bytes
    recorded_at: int
    event: Event
    links: tuple[Link, ...]


def seal(
    event: Event,
    *,
    origin: str,
    index: int,
    previous: bytes,
    recorded_at_us: int,
    links: Sequence[Link],
) -> Entry:
    """Give an event its place in the log and return the entry.

    Args:
        event: what was reported.
        origin: the log's name.
        index: position in the log, from 0.
        previous: leaf hash of entry index-1, `ZERO_HASH` at 0.
        recorded_at_us: microseconds since 1970.
        links: one for each subject of the event, in the same order.

    Raises:
        MalformedEntry: the place cannot be, or the bytes would be more than 65,535.
        NotCanonical: the event's data is outside the canonical profile.
    """
    check_place(index, previous, "")
    check_origin(origin)
    data = event.data
    if type(data) is not dict or not is_plain(data, DEPTH_MAX - 1):
        raise first_fault(data, "/data", DEPTH_MAX - 1)
    actor = event.actor
    # Written in the order of the canonical form: sorting what is sorted costs little.
    members: dict[str, object] = {
        "actor": {"id": actor.id, "role": actor.role},
        "data": data,
        "event_id": event.event_id,
        "format": FORMAT,
        "index": index,
        "origin": origin,
        "previous": previous.hex(),
        "recorded_at": format_time(recorded_at_us),
        "subjects": _chain_members(event.subjects, links),
        "type": event.type,
    }
    _add_optional(members, event)
    try:
        encoded = orjson.dumps(members, option=ENCODER_OPTIONS)
    except orjson.JSONEncodeError as error:
        raise first_fault(data, "/data", DEPTH_MAX - 1) from error
    if holds_nul(encoded, data):
        raise first_fault(data, "/data", DEPTH_MAX - 1)
    if len(encoded) > ENTRY_BYTES_MAX:
        raise MalformedEntry("", f"expected at most {ENTRY_BYTES_MAX} bytes, got {len(encoded)}")
    digest = sha256(b"\x00" + encoded).digest()
    return Entry(index, encoded, digest, recorded_at_us, event, tuple(links))


def _chain_members(subjects: Sequence[Subject], links: Sequence[Link]) -> list[dict[str, object]]:
    if len(links) != len(subjects):
        raise MalformedEntry("/subjects", f"expected {len(subjects)} links, got {len(links)}")
    members: list[dict[str, object]] = []
    for subject, link in zip(subjects, links, strict=True):
        if link.subject is not subject and link.subject != subject:
            place = f"/subjects/{len(members)}"
            raise MalformedEntry(place, "expected the link of this subject, got another's")
        members.append(
            {
                "id": subject.id,
                "index": link.index,
                "kind": subject.kind,
                "previous": link.previous.hex(),
            }
        )
    return members


def _add_optional(members: dict[str, object], event: Event) -> None:
    if event.actor.acting_for is not None:
        actor = event.actor
        members["actor"] = {"for": actor.acting_for, "id": actor.id, "role": actor.role}
    if event.decision is not None:
        members["decision"] = {"code": event.decision.code, "policy": event.decision.policy}
    if event.occurred_at is not None:
        members["occurred_at"] = format_time(time_us(event.occurred_at))
    if event.personal:
        members["personal"] = dict(event.personal)
    if event.request is not None:
        members["request"] = event.request.hex()


def derived_event_id(event_id: UUID, n: int) -> UUID:
    """Return the id of the n-th further entry of a change whose first entry has `event_id`."""
    return uuid5(event_id, f"{FORMAT}/{n}") if n else event_id


class ActorMembers(TypedDict):
    """The member `actor`."""

    id: str
    role: str
    # The name `for` cannot be written as a class attribute; `parse_entry` reads it by key.


class SubjectMembers(TypedDict):
    """One item of the member `subjects`."""

    id: str
    index: int
    kind: str
    previous: str


class DecisionMembers(TypedDict):
    """The member `decision`."""

    code: str
    policy: str


class EntryMembers(TypedDict):
    """The JSON object of an entry, checked: every member has this type and keeps its rule."""

    actor: ActorMembers
    data: dict[str, JSON]
    decision: NotRequired[DecisionMembers]
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


_REQUIRED = frozenset(
    ("actor", "data", "event_id", "format", "index", "origin", "previous", "recorded_at", "subjects", "type")
)
_ALLOWED = _REQUIRED | {"decision", "occurred_at", "personal", "request"}
_ACTOR = frozenset(("id", "role"))
_ACTOR_FOR = frozenset(("for", "id", "role"))
_DECISION = frozenset(("code", "policy"))
_LINK = frozenset(("id", "index", "kind", "previous"))
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_REQUEST = re.compile(r"[0-9a-f]{32}")


def parse_entry(data: bytes) -> ParsedEntry:
    """Return the entry whose canonical bytes are exactly `data`, as typed values.

    Raises:
        NotCanonical: not JSON, outside the canonical profile, or another spelling.
        MalformedEntry: canonical, but not an entry of format `chopbook-entry/1`.
    """
    members = parse_members(data)
    actor = cast("dict[str, str]", members["actor"])
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
        decision=None if decision is None else Decided(decision["policy"], decision["code"]),
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
    """Return the checked JSON object of an entry; as strict as `parse_entry`, without its objects.

    Raises:
        NotCanonical: not JSON, outside the canonical profile, or another spelling.
        MalformedEntry: canonical, but not an entry of format `chopbook-entry/1`.
    """
    if len(data) > ENTRY_BYTES_MAX:
        raise MalformedEntry("", f"expected at most {ENTRY_BYTES_MAX} bytes, got {len(data)}")
    members = parse(data)
    if type(members) is not dict:
        raise MalformedEntry("", "expected an object, got another value")
    if members.get("format") != FORMAT:
        raise MalformedEntry("/format", f"expected {FORMAT}, got another format")
    _check_names(members, _REQUIRED, _ALLOWED, "")
    _check_actor(members["actor"])
    if type(members["data"]) is not dict:
        raise MalformedEntry("/data", "expected an object, got another value")
    _check_match(_UUID, members["event_id"], "/event_id", "a lower-case UUID")
    check_origin(_text(members["origin"], "/origin"))
    _check_link(members["index"], members["previous"], "")
    parse_time(_text(members["recorded_at"], "/recorded_at"), "/recorded_at")
    _check_chain(members["subjects"])
    check_type(_text(members["type"], "/type"))
    if len(members) > len(_REQUIRED):
        _check_optional(members)
    return cast("EntryMembers", members)


def _check_actor(actor: JSON) -> None:
    if type(actor) is not dict:
        raise MalformedEntry("/actor", "expected an object, got another value")
    _check_names(actor, _ACTOR, _ACTOR_FOR, "/actor")
    check_id(_text(actor["id"], "/actor/id"), "/actor/id")
    check_kind(_text(actor["role"], "/actor/role"), "/actor/role")
    if "for" in actor:
        check_id(_text(actor["for"], "/actor/for"), "/actor/for")


def _check_chain(subjects: JSON) -> None:
    if type(subjects) is not list:
        raise MalformedEntry("/subjects", "expected a list, got another value")
    keys: list[tuple[JSON, JSON]] = []
    for position, item in enumerate(subjects):
        path = f"/subjects/{position}"
        if type(item) is not dict:
            raise MalformedEntry(path, "expected an object, got another value")
        _check_names(item, _LINK, _LINK, path)
        check_kind(_text(item["kind"], path + "/kind"), path + "/kind")
        check_id(_text(item["id"], path + "/id"), path + "/id")
        _check_link(item["index"], item["previous"], path)
        keys.append((item["kind"], item["id"]))
    check_subject_keys(keys)


def _check_link(index: JSON, previous: JSON, path: str) -> None:
    if type(index) is not int:
        raise MalformedEntry(f"{path}/index", "expected an integer, got another value")
    _check_match(_DIGEST, previous, path + "/previous", "64 lower-case hex digits")
    check_place(index, bytes.fromhex(cast("str", previous)), path)


def _check_optional(members: dict[str, JSON]) -> None:
    if "decision" in members:
        decision = members["decision"]
        if type(decision) is not dict:
            raise MalformedEntry("/decision", "expected an object, got another value")
        _check_names(decision, _DECISION, _DECISION, "/decision")
        check_code(_text(decision["code"], "/decision/code"), "/decision/code")
        check_id(_text(decision["policy"], "/decision/policy"), "/decision/policy")
    if "occurred_at" in members:
        parse_time(_text(members["occurred_at"], "/occurred_at"), "/occurred_at")
    if "personal" in members:
        personal = members["personal"]
        if type(personal) is not dict or not personal:
            raise MalformedEntry("/personal", "expected an object with members, got another value")
        for name, digest in personal.items():
            _text(digest, f"/personal/{name}")
        check_personal(cast("dict[str, str]", personal))
    if "request" in members:
        _check_match(_REQUEST, members["request"], "/request", "32 lower-case hex digits")


def _check_names(members: dict[str, JSON], required: frozenset[str], allowed: frozenset[str], path: str) -> None:
    names = members.keys()
    if required <= names <= allowed:
        return
    missing = min(required - names, default=None)
    if missing is not None:
        raise MalformedEntry(f"{path}/{missing}", "expected this member, got none")
    raise MalformedEntry(f"{path}/{min(names - allowed)}", "expected no such member, got one")


def _check_match(pattern: re.Pattern[str], value: JSON, path: str, wanted: str) -> None:
    if type(value) is not str or pattern.fullmatch(value) is None:
        raise MalformedEntry(path, f"expected {wanted}, got another value")


def _text(value: JSON, path: str) -> str:
    if type(value) is not str:
        raise MalformedEntry(path, "expected a string, got another value")
    return value


def columns(members: EntryMembers) -> Columns:
    """Return the derived columns of an entry read back by `parse_members`."""
    occurred_at = members.get("occurred_at")
    request = members.get("request")
    store = members["data"].get("store")
    return Columns(
        recorded_at=parse_time(members["recorded_at"]),
        occurred_at=None if occurred_at is None else parse_time(occurred_at),
        type=members["type"],
        actor=members["actor"]["id"],
        store=store if type(store) is str else None,
        event_id=bytes.fromhex(members["event_id"].replace("-", "")),
        request=None if request is None else bytes.fromhex(request),
    )


def columns_of(entry: Entry) -> Columns:
    """Return the derived columns of an entry just sealed; the same as reading its bytes back."""
    event = entry.event
    store = event.data.get("store")
    return Columns(
        entry.recorded_at,
        None if event.occurred_at is None else time_us(event.occurred_at),
        event.type,
        event.actor.id,
        str(store) if isinstance(store, str) else None,
        event.event_id.bytes,
        event.request,
    )
