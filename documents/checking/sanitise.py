"""Photos without what they tell about who took them where: byte by byte, without touching a pixel.

- Kept: pixels and what is needed to show them right (colour profile, orientation), capture time, camera make and
  model. Everything else that describes goes: location, serial numbers, owner, maker notes, comments, XMP, IPTC,
  thumbnails, provenance manifests (C2PA), and what a phone appended.
- JPEG, PNG and WebP are put together anew from the segments that may stay; TIFF and HEIC hold offsets, so theirs are
  overwritten with zeros in place and the file keeps its layout.
- Both digests are told, so that the log can say what came in and what was kept.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from documents.checking import exif, heic, jpeg, png, tiff, webp
from documents.checking.codes import Code, refuse
from documents.checking.model import CheckLimits, MediaType

CLEANED: Final = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.HEIC, MediaType.TIFF})
"""Kinds that `sanitise` takes."""
_PNG_KEPT: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"pHYs"}
    | {b"bKGD", b"hIST", b"tIME", b"mDCV", b"cLLI"}
)
_TIFF_REMOVED: Final = frozenset(
    {exif.GPS_POINTER, 0x927C, 0xA430, 0x013B, 0x8298, 0x013C, 0x010E, 0x02BC, 0x83BB, 0x8649, 0x9286, 0xA431, 0xA435}
    | {0xC62F, 0xC65D, 0xA420, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F, 0x0131, 0x010D, 0x011D, 0xC634, 0x935C}
)
_XMP_EMPTY: Final = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


@dataclass(frozen=True, slots=True)
class Sanitised:
    """What became of a photo.

    Attributes:
        changed: whether anything had to go.
        size: bytes after.
        taken: what went, with how many of each: `location`, `serial_number`, `owner`, `maker_notes`, `comment`,
            `xmp`, `iptc`, `thumbnail`, `extras`, `other`, …
        orientation: 1 to 8, kept.
        captured_at: kept; as the camera wrote it, in its own time.
    """

    changed: bool
    size: int
    taken: dict[str, int] = field(default_factory=dict)
    orientation: int = 1
    captured_at: str = ""


def sanitise(raw: bytes, media_type: MediaType, limits: CheckLimits | None = None) -> tuple[bytes, Sanitised]:
    """The cleaned photo and what was taken out of it.

    Raises:
        Refused: it is not a photo of this kind, or its metadata cannot be told from its pixels.
    """
    limits = limits or CheckLimits()
    taken: Counter[str] = Counter()
    if media_type == MediaType.JPEG:
        cleaned, kept = _jpeg(raw, taken)
    elif media_type == MediaType.PNG:
        cleaned, kept = _png(raw, taken, limits)
    elif media_type == MediaType.WEBP:
        cleaned, kept = _webp(raw, taken, limits)
    elif media_type == MediaType.HEIC:
        cleaned, kept = _heic(raw, taken)
    elif media_type == MediaType.TIFF:
        cleaned, kept = _tiff(raw, taken, limits)
    else:
        refuse(Code.TYPE_NOT_ALLOWED, media_type=media_type)
    told = dict(sorted(taken.items()))
    return cleaned, Sanitised(cleaned != raw, len(cleaned), told, kept.orientation, kept.captured_at)


_NOTHING: Final = exif.Exif("<")


def _jpeg(raw: bytes, taken: Counter[str]) -> tuple[bytes, exif.Exif]:
    picture = jpeg.parse(raw)
    if len(raw) > picture.end:
        taken["extras"] += 1
    kept = _NOTHING
    whole = memoryview(raw)
    pieces: list[bytes | memoryview] = [b"\xff\xd8"]
    place_for_exif = 1
    for segment in picture.segments[1:]:
        # Pixels and what they need, mostly, are not looked at.
        describes = segment.marker == 0xFE or 0xE0 <= segment.marker <= 0xEF
        content = raw[segment.start + 4 : segment.end] if describes else b""
        if segment.marker == 0xE1 and content.startswith(b"Exif\0\0"):
            kept = kept if kept.main else _read(content[6:], taken)
        elif kind := _jpeg_kind(segment.marker, content):
            taken[kind] += 1
        else:
            # JFIF wants to be first (its section 5); Exif follows it.
            if segment.marker == 0xE0 and len(pieces) == 1:
                place_for_exif = 2
            pieces.append(whole[segment.start : segment.end])
    block = exif.build(kept)
    if block:
        pieces.insert(place_for_exif, b"\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block)
    return b"".join(pieces), kept


def _jpeg_kind(marker: int, content: bytes) -> str:
    """What a segment is, if it is to go; empty if the picture needs it."""
    if marker == 0xFE:
        return "comment"
    if not 0xE0 <= marker <= 0xEF:
        return ""
    needed = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}.get(marker)
    if needed is not None and content.startswith(needed):
        return ""
    if marker == 0xE1 and b"ns.adobe.com/x" in content[:64]:
        return "xmp"
    return {0xE2: "extras", 0xEB: "provenance", 0xED: "iptc"}.get(marker, "other")


def _png(raw: bytes, taken: Counter[str], limits: CheckLimits) -> tuple[bytes, exif.Exif]:
    picture = png.parse(raw, limits.pixels_max)
    kept = _NOTHING
    pieces = [raw[:8]]
    for chunk in picture.chunks:
        content = chunk.content(raw)
        if chunk.kind == b"eXIf":
            kept = _read(content, taken)
            block = exif.build(kept)
            if block:
                pieces.append(_png_chunk(b"eXIf", block))
        elif chunk.kind in _PNG_KEPT:
            pieces.append(raw[chunk.start : chunk.end])
        else:
            keyword = content.split(b"\0", 1)[0]
            texts = {b"tEXt", b"zTXt", b"iTXt"}
            taken["xmp" if b"xmp" in keyword else "comment" if chunk.kind in texts else "other"] += 1
    return b"".join(pieces), kept


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _webp(raw: bytes, taken: Counter[str], limits: CheckLimits) -> tuple[bytes, exif.Exif]:
    picture = webp.parse(raw, limits.pixels_max)
    kept = _NOTHING
    pieces: list[bytes] = []
    has_exif = False
    for chunk in picture.chunks:
        content = chunk.content(raw)
        if chunk.kind == b"EXIF":
            kept = _read(content.removeprefix(b"Exif\0\0"), taken)
            block = exif.build(kept)
            if block:
                has_exif = True
                pieces.append(_riff(b"EXIF", block))
        elif chunk.kind in {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}:
            pieces.append(raw[chunk.start : chunk.end])
        else:
            taken["xmp" if chunk.kind == b"XMP " else "other"] += 1
    if pieces and pieces[0].startswith(b"VP8X"):
        flags = pieces[0][8] & ~(webp.EXIF_FLAG | webp.XMP_FLAG) | (webp.EXIF_FLAG if has_exif else 0)
        pieces[0] = pieces[0][:8] + bytes([flags]) + pieces[0][9:]
    body = b"WEBP" + b"".join(pieces)
    return b"RIFF" + struct.pack("<I", len(body)) + body, kept


def _riff(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _heic(raw: bytes, taken: Counter[str]) -> tuple[bytes, exif.Exif]:
    parsed = heic.parse(raw)
    if parsed.extras:
        taken["extras"] += 1
    kept = _NOTHING
    cleaned = bytearray(raw[: parsed.end])
    for item in parsed.items:
        if item.kind not in {b"Exif", b"mime", b"uri "}:
            continue
        size = sum(end - start for start, end in item.spans)
        if item.kind == b"Exif":
            content = b"".join(raw[start:end] for start, end in item.spans)
            kept = _read(content[4 + int.from_bytes(content[:4], "big") :], taken)
            # Where the TIFF begins after these four bytes (ISO/IEC 23008-12, annex A.2.1).
            anew = struct.pack(">I", 6) + b"Exif\0\0" + exif.build(kept)
        else:
            taken["xmp"] += 1
            anew = _XMP_EMPTY
        # An empty item is better than one cut in the middle.
        _overwrite(
            cleaned,
            item.spans,
            anew.ljust(size, b" " if item.kind == b"mime" else b"\0") if len(anew) <= size else b"\0" * size,
        )
    return bytes(cleaned), kept


def _overwrite(cleaned: bytearray, spans: tuple[tuple[int, int], ...], anew: bytes) -> None:
    done = 0
    for start, end in spans:
        if end > len(cleaned):
            refuse(Code.DAMAGED)
        cleaned[start:end] = anew[done : done + end - start]
        done += end - start


def _tiff(raw: bytes, taken: Counter[str], limits: CheckLimits) -> tuple[bytes, exif.Exif]:
    parsed = tiff.parse(
        raw,
        pixels_max=limits.pixels_max,
        pixels_total_max=limits.pixels_total_max,
        pages_max=limits.pages_max,
    )
    cleaned = bytearray(raw)
    places = {directory.place: directory for directory in parsed.others}
    for directory in [*(page.directory for page in parsed.pages), *parsed.others]:
        if directory.place not in places or not _is_location(parsed, directory):
            _clean_directory(cleaned, parsed, directory, places, taken)
    kept = exif.parse(raw)
    return bytes(cleaned), kept


def _is_location(parsed: tiff.Tiff, directory: exif.Directory) -> bool:
    """Whether a directory is somebody's location; it is wiped by whoever points to it."""
    for other in [*(page.directory for page in parsed.pages), *parsed.others]:
        for entry in other.entries:
            if entry.tag == exif.GPS_POINTER and directory.place in tiff.numbers(parsed.order, entry):
                return True
    return False


def _clean_directory(
    cleaned: bytearray,
    parsed: tiff.Tiff,
    directory: exif.Directory,
    places: dict[int, exif.Directory],
    taken: Counter[str],
) -> None:
    """Leaves out fields that are to go and closes the gap; what they held becomes zeros."""
    kept = []
    for entry in directory.entries:
        if entry.tag not in _TIFF_REMOVED:
            kept.append(bytes(cleaned[_place(directory, entry) : _place(directory, entry) + 12]))
            continue
        taken[exif.kind_of(entry.tag)] += 1
        if entry.tag == exif.GPS_POINTER:
            for place in tiff.numbers(parsed.order, entry):
                _wipe_directory(cleaned, places.get(place))
        elif len(entry.value) > 4:
            cleaned[entry.place : entry.place + len(entry.value)] = bytes(len(entry.value))
    start = directory.place + 2
    end = start + 12 * len(directory.entries)
    following = bytes(cleaned[end : end + 4])
    anew = b"".join(kept) + following
    cleaned[directory.place : start] = struct.pack(parsed.order + "H", len(kept))
    cleaned[start : end + len(following)] = anew.ljust(end + len(following) - start, b"\0")


def _wipe_directory(cleaned: bytearray, directory: exif.Directory | None) -> None:
    if directory is None:
        refuse(Code.DAMAGED)
    for entry in directory.entries:
        if len(entry.value) > 4:
            cleaned[entry.place : entry.place + len(entry.value)] = bytes(len(entry.value))
    size = 2 + 12 * len(directory.entries)
    cleaned[directory.place : directory.place + size] = bytes(size)


def _place(directory: exif.Directory, entry: exif.Entry) -> int:
    return directory.place + 2 + 12 * directory.entries.index(entry)


def _read(block: bytes, taken: Counter[str]) -> exif.Exif:
    found = exif.parse(block)
    taken.update(found.found)
    return found
