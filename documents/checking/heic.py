"""HEIC (ISO/IEC 23008-12 on ISO/IEC 14496-12) as boxes and items: where each item's bytes lie, and what else there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from documents.checking.codes import Code, refuse

BOXES_MAX: Final = 10_000
ITEMS_MAX: Final = 5_000
UNREFERENCED_MAX: Final = 4096
_TOP: Final = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip", b"wide"})
_CAMERA: Final = frozenset({b"mpvd", b"sefd"})
"""Boxes phones append: a short film, Samsung's notes."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its type, where it begins, where its content begins, where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its number, its type (`hvc1`, `Exif`, `mime`, …), and the spans of the file its bytes lie in."""

    number: int
    kind: bytes
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Heic:
    """One file.

    Attributes:
        items: all of them.
        end: where the picture ends and what a phone appended begins; the size of the file if nothing was.
        extras: `film`, `trailer`, or empty.
    """

    items: tuple[Item, ...]
    end: int
    extras: str


def parse(raw: bytes) -> Heic:
    """The boxes and items.

    Raises:
        Refused: `damaged`, `truncated`, `trailing_data`, `hidden_data`, `image_animated` or `too_complex`.
    """
    top = boxes(raw, 0, len(raw))
    if not top or top[0].kind != b"ftyp":
        refuse(Code.DAMAGED)
    end, extra = len(raw), ""
    for box in top:
        if box.kind in _CAMERA:
            end, extra = min(end, box.start), "film" if box.kind == b"mpvd" else extra or "trailer"
        elif box.kind == b"moov":
            refuse(Code.IMAGE_ANIMATED)
        elif box.kind not in _TOP or extra:
            refuse(Code.TRAILING_DATA, bytes=box.end - box.start)
    metas = [box for box in top if box.kind == b"meta"]
    if len(metas) != 1:
        refuse(Code.DAMAGED)
    items = _items(raw, metas[0])
    _require_all_referenced(raw, top, items)
    return Heic(items, end, extra)


def boxes(raw: bytes, start: int, stop: int) -> list[Box]:
    """The boxes between two offsets.

    Raises:
        Refused: `truncated`: one reaches beyond; `damaged`; `too_complex`.
    """
    found: list[Box] = []
    place = start
    while place < stop:
        if place + 8 > stop:
            refuse(Code.TRAILING_DATA, bytes=stop - place)
        size, content = int.from_bytes(raw[place : place + 4], "big"), place + 8
        if size == 1:
            size, content = int.from_bytes(raw[place + 8 : place + 16], "big"), place + 16
        elif size == 0:
            size = stop - place
        if size < content - place:
            refuse(Code.DAMAGED)
        kind = raw[place + 4 : place + 8]
        if place + size > stop:
            refuse(Code.TRUNCATED if kind in _TOP or start else Code.TRAILING_DATA, bytes=stop - place)
        found.append(Box(kind, place, content, place + size))
        if len(found) > BOXES_MAX:
            refuse(Code.TOO_COMPLEX, what="HEIC")
        place += size
    return found


def _items(raw: bytes, meta: Box) -> tuple[Item, ...]:
    inner = {box.kind: box for box in boxes(raw, meta.content + 4, meta.end)}
    if b"iinf" not in inner or b"iloc" not in inner:
        refuse(Code.DAMAGED)
    kinds = _kinds(raw, inner[b"iinf"])
    data = inner.get(b"idat")
    return tuple(
        Item(number, kinds.get(number, b"????"), spans) for number, spans in _places(raw, inner[b"iloc"], data)
    )


def _kinds(raw: bytes, box: Box) -> dict[int, bytes]:
    """Types by item number, from `iinf` with entries of version 2 or 3."""
    wide = raw[box.content] > 0
    start = box.content + (8 if wide else 6)
    kinds = {}
    for entry in boxes(raw, start, box.end):
        version = raw[entry.content]
        if entry.kind != b"infe" or version not in {2, 3}:
            refuse(Code.DAMAGED)
        place = entry.content + 4
        width = 4 if version == 3 else 2
        number = int.from_bytes(raw[place : place + width], "big")
        kinds[number] = raw[place + width + 2 : place + width + 6]
        if len(kinds) > ITEMS_MAX:
            refuse(Code.TOO_COMPLEX, what="HEIC")
    return kinds


def _places(raw: bytes, box: Box, data: Box | None) -> list[tuple[int, tuple[tuple[int, int], ...]]]:
    """Numbers and spans of the items, from `iloc` (ISO/IEC 14496-12, 8.11.3)."""
    reader = _Numbers(raw, box.content, box.end)
    version = reader.take(1)
    reader.take(3)
    sizes = reader.take(2)
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    found = []
    for _ in range(min(reader.take(4 if version == 2 else 2), ITEMS_MAX)):
        number = reader.take(4 if version == 2 else 2)
        method = reader.take(2) & 15 if version else 0
        reader.take(2)
        base = reader.take(base_size)
        spans = []
        for _ in range(reader.take(2)):
            if version:
                reader.take(index_size)
            start = base + reader.take(offset_size)
            length = reader.take(length_size)
            if method == 1 and data is not None:
                start += data.content
            if method > 1 or start + length > len(raw):
                refuse(Code.TRUNCATED)
            spans.append((start, start + length))
        found.append((number, tuple(spans)))
    return found


class _Numbers:
    """Big-endian numbers, one after the other, within a box."""

    def __init__(self, raw: bytes, place: int, end: int) -> None:
        self._raw = raw
        self._place = place
        self._end = end

    def take(self, size: int) -> int:
        if self._place + size > self._end:
            refuse(Code.DAMAGED)
        self._place += size
        return int.from_bytes(self._raw[self._place - size : self._place], "big")


def _require_all_referenced(raw: bytes, top: list[Box], items: tuple[Item, ...]) -> None:
    """What lies in `mdat` and padding belongs to an item, but for rounding."""
    spans = sorted(span for item in items for span in item.spans)
    hidden = 0
    for box in top:
        if box.kind in {b"free", b"skip", b"wide"}:
            hidden += len(raw[box.content : box.end].strip(b"\0"))
        if box.kind != b"mdat":
            continue
        covered, reach = 0, box.content
        for start, end in spans:
            if start >= box.end or end <= box.content:
                continue
            covered += max(0, end - max(start, reach))
            reach = max(reach, end)
        hidden += box.end - box.content - covered
    if hidden > UNREFERENCED_MAX:
        refuse(Code.HIDDEN_DATA, bytes=hidden)
