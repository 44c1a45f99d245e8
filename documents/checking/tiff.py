"""TIFF 6.0: every page's directory, and every byte of the file accounted for.

A TIFF has no end mark and its parts may lie anywhere, so "nothing after the end" becomes "nothing that no directory
points to".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from documents.checking import exif
from documents.checking.codes import Code, refuse
from documents.checking.png import require_pixels

DIRECTORIES_MAX: Final = 2_000
STRIPS_MAX: Final = 200_000
UNREFERENCED_MAX: Final = 4096
"""Bytes between parts that writers leave by rounding up; anything more hides something."""

_WIDTH, _HEIGHT, _COMPRESSION = 256, 257, 259
_STRIP_OFFSETS, _STRIP_SIZES = 273, 279
_TILE_OFFSETS, _TILE_SIZES = 324, 325
_SUB_DIRECTORIES: Final = 330
_OLD_JPEG: Final = 6
_JPEG_TABLES_PLACE, _JPEG_TABLES_SIZE = 513, 514
_POINTERS: Final = frozenset({_SUB_DIRECTORIES, exif.EXIF_POINTER, exif.GPS_POINTER, exif.INTEROP_POINTER})


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its directory, width and height."""

    directory: exif.Directory
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Tiff:
    """A file of pages.

    Attributes:
        order: `<` or `>`.
        pages: in order.
        others: directories that are no page: Exif, location, sub-images.
    """

    order: str
    pages: tuple[Page, ...]
    others: tuple[exif.Directory, ...]


def parse(raw: bytes, *, pixels_max: int, pixels_total_max: int, pages_max: int) -> Tiff:
    """The pages.

    Raises:
        Refused: `damaged`, `truncated`, `hidden_data`, `too_many_pixels`, `too_many_pages`, `too_complex` or
            `image_kind_not_read`.
    """
    order = exif.byte_order(raw)
    if not order or len(raw) < 8:
        refuse(Code.DAMAGED)
    spans = [(0, 8)]
    pages: list[Page] = []
    others: list[exif.Directory] = []
    seen: set[int] = set()
    place = struct.unpack_from(order + "I", raw, 4)[0]
    while place:
        directory = _directory(raw, order, place, seen, spans)
        page = _page(raw, order, directory, spans)
        require_pixels(page.width, page.height, pixels_max)
        pages.append(page)
        if len(pages) > pages_max:
            refuse(Code.TOO_MANY_PAGES, pages=len(pages), limit=pages_max)
        _follow(raw, order, directory, seen, spans, others)
        place = directory.following
    if not pages:
        refuse(Code.DAMAGED)
    total = sum(page.width * page.height for page in pages)
    require_pixels(total, 1, pixels_total_max)
    _require_all_referenced(raw, spans)
    return Tiff(order, tuple(pages), tuple(others))


def numbers(order: str, entry: exif.Entry) -> tuple[int, ...]:
    """The values of a field of whole numbers; empty for another type."""
    letter = {1: "B", 3: "H", 4: "I", 13: "I"}.get(entry.kind)
    if letter is None or not entry.value:
        return ()
    return tuple(struct.unpack(f"{order}{entry.count}{letter}", entry.value))


def _directory(raw: bytes, order: str, place: int, seen: set[int], spans: list[tuple[int, int]]) -> exif.Directory:
    if place in seen:
        refuse(Code.DAMAGED)
    seen.add(place)
    if len(seen) > DIRECTORIES_MAX:
        refuse(Code.TOO_COMPLEX, what="TIFF")
    directory = exif.read_directory(raw, order, place)
    if directory is None:
        refuse(Code.TRUNCATED if place + 6 > len(raw) else Code.DAMAGED)
    spans.append((place, place + 2 + 12 * len(directory.entries) + 4))
    for entry in directory.entries:
        size = exif.value_bytes(entry.kind, entry.count)
        if size and not entry.value:
            refuse(Code.TRUNCATED)
        if size > 4:
            spans.append((entry.place, entry.place + size))
    return directory


def _page(raw: bytes, order: str, directory: exif.Directory, spans: list[tuple[int, int]]) -> Page:
    fields = {entry.tag: numbers(order, entry) for entry in directory.entries}
    width, height = fields.get(_WIDTH, ()), fields.get(_HEIGHT, ())
    if len(width) != 1 or len(height) != 1 or 0 in (width[0], height[0]):
        refuse(Code.DAMAGED)
    if fields.get(_COMPRESSION, (1,))[:1] == (_OLD_JPEG,):
        refuse(Code.IMAGE_KIND_NOT_READ, kind="TIFF 6.0 JPEG")
    _add_strips(raw, fields, spans)
    return Page(directory, width[0], height[0])


def _add_strips(raw: bytes, fields: dict[int, tuple[int, ...]], spans: list[tuple[int, int]]) -> None:
    pairs = ((_STRIP_OFFSETS, _STRIP_SIZES), (_TILE_OFFSETS, _TILE_SIZES), (_JPEG_TABLES_PLACE, _JPEG_TABLES_SIZE))
    for offsets, sizes in pairs:
        places, lengths = fields.get(offsets, ()), fields.get(sizes, ())
        if len(places) != len(lengths):
            refuse(Code.DAMAGED)
        for start, size in zip(places, lengths, strict=True):
            if start + size > len(raw):
                refuse(Code.TRUNCATED)
            spans.append((start, start + size))
    if len(spans) > STRIPS_MAX:
        refuse(Code.TOO_COMPLEX, what="TIFF")


def _follow(
    raw: bytes,
    order: str,
    directory: exif.Directory,
    seen: set[int],
    spans: list[tuple[int, int]],
    others: list[exif.Directory],
) -> None:
    waiting = [directory]
    while waiting:
        current = waiting.pop()
        for entry in current.entries:
            if entry.tag not in _POINTERS:
                continue
            for place in numbers(order, entry):
                inner = _directory(raw, order, place, seen, spans)
                _add_strips(raw, {each.tag: numbers(order, each) for each in inner.entries}, spans)
                others.append(inner)
                waiting.append(inner)


def _require_all_referenced(raw: bytes, spans: list[tuple[int, int]]) -> None:
    """Zeros hide nothing: writers round up with them, and cleaning leaves them where something was."""
    hidden, reach = 0, 0
    for start, end in sorted(spans):
        if start > reach:
            hidden += _content_bytes(raw[reach:start])
        reach = max(reach, end)
    following = _content_bytes(raw[reach:])
    if following > 8:
        refuse(Code.TRAILING_DATA, bytes=following)
    if hidden > UNREFERENCED_MAX:
        refuse(Code.HIDDEN_DATA, bytes=hidden)


def _content_bytes(gap: bytes) -> int:
    return len(gap) - gap.count(0)
