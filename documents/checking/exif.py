"""Exif (CIPA DC-008, a small TIFF of its own): read what is there, write back only what may stay.

Kept: orientation, capture times with their zones, resolution, colour space, size, camera make and model. Everything
else goes: a list of what may stay cannot be outrun by next year's maker notes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final, NamedTuple

ENTRIES_MAX: Final = 512
KEPT_BYTES_MAX: Final = 64
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

EXIF_POINTER, GPS_POINTER, INTEROP_POINTER = 0x8769, 0x8825, 0xA005
_MAKE, _MODEL, ORIENTATION = 0x010F, 0x0110, 0x0112
KEPT_MAIN: Final = frozenset({_MAKE, _MODEL, ORIENTATION, 0x011A, 0x011B, 0x0128, 0x0132, 0x0213})
KEPT_EXIF: Final = frozenset(
    {0x9000, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292, 0xA000, 0xA001, 0xA002, 0xA003}
)
_KINDS: Final = {
    GPS_POINTER: "location",
    0x927C: "maker_notes",
    0xA430: "owner",
    0x013B: "owner",
    0x8298: "owner",
    0x9C9D: "owner",
    0x013C: "owner",
    0xA431: "serial_number",
    0xA435: "serial_number",
    0xC62F: "serial_number",
    0xC65D: "serial_number",
    0xA420: "serial_number",
    0x010E: "comment",
    0x9286: "comment",
    0x9C9B: "comment",
    0x9C9C: "comment",
    0x9C9E: "comment",
    0x9C9F: "comment",
    0x02BC: "xmp",
    0x83BB: "iptc",
    0x8649: "photoshop",
    0x8773: "colour_profile",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a directory: its tag, TIFF type, count of values, raw value, and where its value lies."""

    tag: int
    kind: int
    count: int
    value: bytes
    place: int


class Directory(NamedTuple):
    """One image file directory: where it lies, its fields, and where the next one lies (0: nowhere)."""

    place: int
    entries: tuple[Entry, ...]
    following: int


@dataclass(frozen=True, slots=True)
class Exif:
    """What was found.

    Attributes:
        order: `<` or `>`, the byte order as `struct` has it.
        main: fields of the first directory that may stay.
        detail: fields of the Exif directory that may stay.
        found: kinds of things that may not, with how many of each.
    """

    order: str
    main: tuple[Entry, ...] = ()
    detail: tuple[Entry, ...] = ()
    found: dict[str, int] = field(default_factory=dict)

    @property
    def orientation(self) -> int:
        """1 to 8 (TIFF 6.0, Orientation); 1 where nothing is said."""
        for entry in self.main:
            if entry.tag == ORIENTATION and entry.kind == 3 and entry.count == 1:
                value = int(struct.unpack(self.order + "H", entry.value[:2])[0])
                return value if 1 <= value <= 8 else 1
        return 1

    @property
    def captured_at(self) -> str:
        """DateTimeOriginal as it stands, `2026:11:22 10:00:00`; empty where nothing is said."""
        for entry in self.detail:
            if entry.tag == 0x9003:
                return entry.value.split(b"\0", 1)[0].decode("ascii", "replace")
        return ""


def byte_order(raw: bytes) -> str:
    """`<` or `>` by the first bytes of a TIFF; empty if it is none."""
    return {b"II*\0": "<", b"MM\0*": ">"}.get(raw[:4], "")


def read_directory(raw: bytes, order: str, place: int) -> Directory | None:
    """The directory at an offset; None if it does not lie within `raw` or is larger than any real one."""
    if not 8 <= place <= len(raw) - 2:
        return None
    (count,) = struct.unpack_from(order + "H", raw, place)
    end = place + 2 + 12 * count
    # Some writers leave out the offset of the next directory at the very end.
    if count > ENTRIES_MAX or end > len(raw):
        return None
    entries = tuple(_entry(raw, order, place + 2 + 12 * number) for number in range(count))
    following = struct.unpack_from(order + "I", raw, end)[0] if end + 4 <= len(raw) else 0
    return Directory(place, entries, following)


def value_bytes(kind: int, count: int) -> int:
    """How many bytes the value of a field takes; 0 for a type that is not known."""
    return _SIZES.get(kind, 0) * count


def kind_of(tag: int) -> str:
    """What a field holds, as the record names it."""
    return _KINDS.get(tag, "other")


def parse(raw: bytes) -> Exif:
    """What an Exif block holds; one that cannot be read holds one `unreadable`."""
    order = byte_order(raw)
    main = read_directory(raw, order, struct.unpack_from(order + "I", raw, 4)[0]) if order and len(raw) >= 8 else None
    if main is None:
        return Exif("<", found={"unreadable": 1})
    found: dict[str, int] = {}
    kept_main: list[Entry] = []
    kept_detail: list[Entry] = []
    for entry in main.entries:
        if entry.tag == EXIF_POINTER:
            detail = read_directory(raw, order, _pointer(order, entry))
            for inner in detail.entries if detail else ():
                if inner.tag == INTEROP_POINTER:
                    continue
                _sort(inner, KEPT_EXIF, kept_detail, found)
        else:
            _sort(entry, KEPT_MAIN, kept_main, found)
    if main.following:
        found["thumbnail"] = 1
    return Exif(order, tuple(kept_main), tuple(kept_detail), found)


def build(exif: Exif) -> bytes:
    """An Exif block of what may stay; empty if that is nothing."""
    if not exif.main and not exif.detail:
        return b""
    main = list(exif.main)
    size = 2 + 12 * (len(main) + bool(exif.detail)) + 4 + sum(_outside(each) for each in main)
    if exif.detail:
        pointer = struct.pack(exif.order + "I", 8 + size)
        main.append(Entry(EXIF_POINTER, 4, 1, pointer, 0))
    mark = b"II*\0" if exif.order == "<" else b"MM\0*"
    block = mark + struct.pack(exif.order + "I", 8) + _directory(exif.order, main, 8)
    return block + (_directory(exif.order, list(exif.detail), len(block)) if exif.detail else b"")


def _sort(entry: Entry, keep: frozenset[int], kept: list[Entry], found: dict[str, int]) -> None:
    if entry.tag in keep and len(entry.value) <= KEPT_BYTES_MAX and entry.value:
        kept.append(entry)
    else:
        kind = kind_of(entry.tag)
        found[kind] = found.get(kind, 0) + 1


def _entry(raw: bytes, order: str, place: int) -> Entry:
    tag, kind, count = struct.unpack_from(order + "HHI", raw, place)
    size = value_bytes(kind, count)
    where = place + 8
    if size > 4:
        (where,) = struct.unpack_from(order + "I", raw, where)
    value = raw[where : where + size] if size and where + size <= len(raw) else b""
    return Entry(tag, kind, count, value, where)


def _pointer(order: str, entry: Entry) -> int:
    return int(struct.unpack(order + "I", entry.value[:4])[0]) if len(entry.value) >= 4 else 0


def _directory(order: str, entries: list[Entry], place: int) -> bytes:
    entries = sorted(entries, key=lambda each: each.tag)
    head = struct.pack(order + "H", len(entries))
    values = b""
    start = place + 2 + 12 * len(entries) + 4
    for entry in entries:
        if len(entry.value) <= 4:
            held = entry.value.ljust(4, b"\0")
        else:
            held = struct.pack(order + "I", start + len(values))
            values += entry.value + b"\0" * (len(entry.value) % 2)
        head += struct.pack(order + "HHI", entry.tag, entry.kind, entry.count) + held
    return head + b"\0\0\0\0" + values


def _outside(entry: Entry) -> int:
    size = len(entry.value)
    return size + size % 2 if size > 4 else 0
