"""Judging one entry member by member: slow, exact, and it names every fault.

What is judged here is what `audit.check` compares in one go. Faults name the place in the database: `entries.type`
is the column, `entries.bytes` the canonical bytes, `entry_subjects` a subject row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from audit.errors import AuditError
from audit.faults import Fault, FaultKind
from audit.members import EntryMembers, SubjectMembers, columns, parse_members
from audit.merkle import HASH_BYTES

EntryRow = tuple[int, bytes, bytes, int, int | None, str, str, str | None, bytes, bytes | None]
"""entry_index, bytes, leaf_hash, recorded_at, occurred_at, type, actor, store, event_id, request."""
LinkRow = tuple[int, str, int, int | None]
"""entry_index, subject, position, previous_index."""

Before = Callable[[str, int], int | None]
"""For a subject and a position in its chain: the entry_index of the row there, None if there is no such row."""

COLUMNS: Final = ("recorded_at", "occurred_at", "type", "actor", "store", "event_id", "request")
TEXT_CHARS_MAX: Final = 128


class LeafHashes(Protocol):
    """Leaf hashes joined, by byte offset: `bytes`, a mapped file, or something that looks them up."""

    def __getitem__(self, place: slice, /) -> bytes:
        """The bytes from `place.start` to `place.stop`; fewer or none beyond the end."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry should stand.

    Attributes:
        origin: the log's name.
        index: the entry's.
        previous: leaf hash of the entry before, zeros at 0.
        recorded_at: when the entry before was recorded, 0 if there is none.
    """

    origin: str
    index: int
    previous: bytes
    recorded_at: int


def judge_entry(
    row: EntryRow, links: Sequence[LinkRow], place: Place, leaf_hashes: LeafHashes, before: Before | None = None
) -> tuple[list[Fault], EntryMembers | None]:
    """Return every fault of an entry at its place, and its members if its bytes can be read.

    `before` tells a wrong subject row from a wrong link; without it the link is blamed.
    """
    faults = list(leaf_hash_faults(row))
    try:
        members = parse_members(row[1])
    except AuditError as error:
        return [*faults, unreadable(place.index, error)], None
    except (TypeError, AttributeError):
        return [*faults, unreadable(place.index, None)], None
    faults += member_faults(members, place)
    faults += column_faults(row, members, place.index)
    faults += link_faults(links, members, place.index, leaf_hashes, before)
    return faults, members


def leaf_hash_faults(row: EntryRow) -> Iterator[Fault]:
    """The leaf hash beside the bytes is not theirs."""
    if isinstance(row[1], bytes):
        digest = sha256(b"\x00" + row[1]).digest()
        if row[2] != digest:
            yield Fault(FaultKind.COLUMN_DISAGREES, row[0], "entries.leaf_hash", digest.hex(), shown(row[2]))


def unreadable(index: int, error: AuditError | None) -> Fault:
    """The fault of bytes that are no entry."""
    found = "another kind of value" if error is None else str(error)
    return Fault(FaultKind.NOT_CANONICAL, index, "entries.bytes", "the canonical bytes of an entry", found)


def member_faults(members: EntryMembers, place: Place) -> Iterator[Fault]:
    """What the bytes say of themselves against where they stand."""
    if members["index"] != place.index:
        found = str(members["index"])
        yield Fault(FaultKind.MOVED, place.index, "entries.bytes", f"index {place.index}", f"index {found}")
    if members["origin"] != place.origin:
        yield Fault(FaultKind.ORIGIN_WRONG, place.index, "entries.bytes", place.origin, members["origin"])
    if members["previous"] != place.previous.hex():
        yield Fault(FaultKind.LINK_BROKEN, place.index, "entries.bytes", place.previous.hex(), members["previous"])
    recorded_at = columns(members).recorded_at
    if recorded_at < place.recorded_at:
        wanted = f"{place.recorded_at} or later"
        yield Fault(FaultKind.TIME_BACKWARDS, place.index, "entries.bytes", wanted, str(recorded_at))


def column_faults(row: EntryRow, members: EntryMembers, index: int) -> Iterator[Fault]:
    """Query columns that are not what the bytes give."""
    if row[0] != index:
        yield Fault(FaultKind.COLUMN_DISAGREES, index, "entries.entry_index", str(index), shown(row[0]))
    for name, wanted, found in zip(COLUMNS, columns(members), row[3:], strict=True):
        # A number stored as a float or text equals or prints alike, and is still not what was written.
        if found != wanted or type(found) is not type(wanted):
            yield Fault(FaultKind.COLUMN_DISAGREES, index, f"entries.{name}", shown(wanted), shown(found))


def link_faults(
    links: Sequence[LinkRow],
    members: EntryMembers,
    index: int,
    leaf_hashes: LeafHashes,
    before: Before | None = None,
) -> Iterator[Fault]:
    """Subject rows that are not the links in the bytes."""
    missing = {f"{item['kind']}:{item['id']}": item for item in members["subjects"]}
    for _, subject, position, previous_index in links:
        item = missing.pop(subject, None)
        if item is None:
            yield row_fault(index, subject, "no such row", "one")
        elif position != item["index"] or type(position) is not int:
            yield row_fault(index, subject, f"position {item['index']}", f"position {shown(position)}")
        else:
            yield from _previous_faults(index, subject, item, previous_index, leaf_hashes, before)
    for left, item in missing.items():
        yield row_fault(index, left, f"position {item['index']}", "no row")


def _previous_faults(
    index: int,
    subject: str,
    item: SubjectMembers,
    previous_index: object,
    leaf_hashes: LeafHashes,
    before: Before | None,
) -> Iterator[Fault]:
    """The row's `previous_index` is not that of the entry whose leaf hash the link holds."""
    position = item["index"]
    if position == 0 or previous_index is None:
        if position != 0 or previous_index is not None:
            wanted = "no previous entry" if position == 0 else "a previous entry"
            yield row_fault(index, subject, wanted, f"previous_index {shown(previous_index)}")
        return
    if _leaf_hex(previous_index, index, leaf_hashes) == item["previous"]:
        return
    right = before(subject, position - 1) if before is not None else None
    if right is not None and right != previous_index and _leaf_hex(right, index, leaf_hashes) == item["previous"]:
        yield row_fault(index, subject, f"previous_index {right}", f"previous_index {shown(previous_index)}")
    else:
        where = f"entries.bytes subjects {shown(subject)}"
        wanted = f"the leaf hash of entry {shown(previous_index)}"
        yield Fault(FaultKind.SUBJECT_CHAIN_BROKEN, index, where, wanted, item["previous"])


def _leaf_hex(at: object, index: int, leaf_hashes: LeafHashes) -> str:
    """The leaf hash of an entry before `index`; nothing for any other value."""
    if type(at) is not int or not 0 <= at < index:
        return ""
    return leaf_hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES].hex()


def row_fault(index: int | None, subject: object, expected: str, found: str) -> Fault:
    """The fault of a subject row."""
    return Fault(FaultKind.SUBJECT_ROW_DISAGREES, index, f"entry_subjects {shown(subject)}", expected, found)


def shown(value: object) -> str:
    """A stored value as short text: bytes in hex, nothing as `NULL`."""
    if value is None:
        return "NULL"
    text = value.hex() if isinstance(value, bytes) else str(value)
    # What was put into a column need not be text that can be shown.
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= TEXT_CHARS_MAX else f"{text[:TEXT_CHARS_MAX]}…"
