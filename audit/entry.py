"""The entry the log makes of an event, and its bytes.

- An entry is one canonical JSON object (`audit.canonical`) of at most 65,535 bytes. Its bytes are
  what is hashed, stored, exported and verified. Format mark: `chopbook-entry/1`.
- `index` counts the entries of the log from 0; `previous` is the leaf hash of the entry before,
  zeros at index 0 and only there.
- Each of the one to four subjects has a chain of its own: its `index` counts the entries about that
  subject, its `previous` is the leaf hash of the entry before in that chain.
- Optional members are absent, never null or empty. Unknown members are refused.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

import orjson

from audit.canonical import DEPTH_MAX, ENCODER_OPTIONS, ENTRY_BYTES_MAX, first_fault, holds_nul, is_plain
from audit.errors import MalformedEntry
from audit.event import (
    ZERO_HASH,
    Actor,
    Decided,
    Event,
    Link,
    Subject,
    check_origin,
    check_place,
    format_time,
    parse_time,
    time_of,
    time_us,
)
from audit.members import FORMAT, Columns, EntryMembers, ParsedEntry, columns, parse_entry, parse_members

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


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
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

    index: Final[int]
    bytes: Final[builtins.bytes]
    leaf_hash: Final[builtins.bytes]
    recorded_at: Final[int]
    event: Final[Event]
    links: Final[tuple[Link, ...]]


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
    if type(data) is not dict:
        raise MalformedEntry("/data", f"expected a dict, got {type(data).__name__}")
    if not is_plain(data, DEPTH_MAX - 1):
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
        "recorded_at": format_time(recorded_at_us, "/recorded_at"),
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
    if [link.subject for link in links] != list(subjects):
        raise MalformedEntry("/subjects", "expected one link for each subject, in their order, got others")
    return [
        {"id": link.subject.id, "index": link.index, "kind": link.subject.kind, "previous": link.previous.hex()}
        for link in links
    ]


def _add_optional(members: dict[str, object], event: Event) -> None:
    if event.actor.acting_for is not None:
        actor = event.actor
        members["actor"] = {"for": actor.acting_for, "id": actor.id, "role": actor.role}
    if event.decision is not None:
        members["decision"] = event.decision.members
    if event.occurred_at is not None:
        members["occurred_at"] = format_time(time_us(event.occurred_at))
    if event.personal:
        members["personal"] = dict(event.personal)
    if event.request is not None:
        members["request"] = event.request.hex()


def derived_event_id(event_id: UUID, n: int) -> UUID:
    """Return the id of the n-th further entry of a change whose first entry has `event_id`.

    The first itself is n = 0. The further ones are RFC 9562 version 5 UUIDs in its name space.

    Raises:
        MalformedEntry: n is negative.
    """
    if n < 0:
        raise MalformedEntry("/event_id", f"expected a count from 0, got {n}")
    return uuid5(event_id, f"{FORMAT}/{n}") if n else event_id


def columns_of(entry: Entry) -> Columns:
    """Return the derived columns of an entry just sealed; the same as reading its bytes back."""
    event = entry.event
    store = event.data.get("store")
    return Columns(
        entry.recorded_at,
        None if event.occurred_at is None else time_us(event.occurred_at),
        str(event.type),  # a StrEnum member is equal to its text, but drivers may take it for something else
        event.actor.id,
        str(store) if isinstance(store, str) else None,
        event.event_id.bytes,
        event.request,
    )
