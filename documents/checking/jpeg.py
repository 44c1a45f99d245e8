"""JPEG (ITU-T T.81 annex B) as a list of segments: where the picture ends, and what lies around its pixels.

What phones append after the end is told apart from what anybody else might: pictures the file announces (MPF, Ultra
HDR), short films (ISO boxes to the last byte), and Samsung's trailer. `extras` names it; cleaning cuts it off. Zeros hide nothing, and
encoders round up with them: to four bytes in hardware, between pictures that are announced, by the megabyte in a fault of macOS 10.15.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from documents.checking.codes import Code, refuse

SCANS_MAX: Final = 100
"""A progressive picture has about ten; thousands of scans cost a decoder minutes."""
SEGMENTS_MAX: Final = 4096
PICTURES_MAX: Final = 8
"""Pictures after the first: a preview, a depth map, a gain map."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_BOX_KINDS: Final = re.compile(rb"^[a-z0-9 ]{4}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker segment: its marker byte, where its marker begins, and where what follows it begins.

    Of a scan (0xDA), `end` is after its entropy-coded data.
    """

    marker: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Jpeg:
    """One picture.

    Attributes:
        segments: from the start marker to the end marker.
        end: the offset after the end marker.
    """

    segments: tuple[Segment, ...]
    width: int
    height: int
    end: int


def parse(raw: bytes, start: int = 0) -> Jpeg:
    """The picture that begins at an offset.

    Raises:
        Refused: `damaged`, `truncated` or `too_complex`.
    """
    if raw[start : start + 2] != b"\xff\xd8":
        refuse(Code.DAMAGED)
    segments = [Segment(0xD8, start, start + 2)]
    size = (0, 0)
    while True:
        place, marker = _marker(raw, segments[-1].end)
        if marker == 0xD9:
            break
        segment = _segment(raw, place, marker)
        if marker in _FRAMES:
            if size != (0, 0) or segment.end - place < 10:
                refuse(Code.DAMAGED)
            size = (_number(raw, place + 7), _number(raw, place + 5))
        segments.append(segment)
        if len(segments) > SEGMENTS_MAX:
            refuse(Code.TOO_COMPLEX, what="JPEG")
    scans = sum(each.marker == 0xDA for each in segments)
    if scans > SCANS_MAX:
        refuse(Code.TOO_COMPLEX, what="JPEG")
    if not scans or 0 in size:
        refuse(Code.DAMAGED)
    segments.append(Segment(0xD9, place, place + 2))
    return Jpeg(tuple(segments), *size, place + 2)


def extras(raw: bytes, picture: Jpeg) -> str:
    """What a camera appended to a picture: `pictures`, `film`, `trailer`, joined by commas.

    Empty if nothing follows it.

    Raises:
        Refused: `trailing_data`: something follows that no camera writes.
    """
    found: list[str] = []
    place = picture.end
    announced = _announces_more(raw, picture)
    while raw[place:].strip(b"\0"):
        rest = raw[place:]
        following = len(raw) - len(rest.lstrip(b"\0"))
        if announced and raw.startswith(b"\xff\xd8", following) and found.count("pictures") < PICTURES_MAX:
            found.append("pictures")
            place = parse(raw, following).end
            continue
        if rest.endswith(b"SEFT") and _is_samsung(rest):
            found.append("trailer")
        elif _is_film(rest):
            found.append("film")
        else:
            refuse(Code.TRAILING_DATA, bytes=len(rest))
        break
    return ", ".join(dict.fromkeys(found))


def _segment(raw: bytes, place: int, marker: int) -> Segment:
    if place + 4 > len(raw):
        refuse(Code.TRUNCATED)
    length = _number(raw, place + 2)
    end = place + 2 + length
    if length < 2:
        refuse(Code.DAMAGED)
    if end > len(raw):
        refuse(Code.TRUNCATED)
    if marker == 0xDA:
        found = _END.search(raw, end)
        if found is None:
            refuse(Code.TRUNCATED)
        end = found.start()
    return Segment(marker, place, end)


def _number(raw: bytes, place: int) -> int:
    return int.from_bytes(raw[place : place + 2], "big")


def _marker(raw: bytes, place: int) -> tuple[int, int]:
    """The next marker and where it begins; fill bytes may stand before it (B.1.1.2)."""
    if place + 2 > len(raw):
        refuse(Code.TRUNCATED)
    if raw[place] != 0xFF:
        refuse(Code.DAMAGED)
    while place + 2 < len(raw) and raw[place + 1] == 0xFF:
        place += 1
    marker = raw[place + 1]
    if marker in {0x00, 0x01, 0xD8} or 0xD0 <= marker <= 0xD7:
        refuse(Code.DAMAGED)
    return place, marker


def _announces_more(raw: bytes, picture: Jpeg) -> bool:
    """Whether a picture says that others follow it: CIPA DC-007 (APP2 `MPF`) or Google's container (XMP)."""
    for each in picture.segments:
        if each.marker == 0xE2 and raw.startswith(b"MPF\0", each.start + 4, each.end):
            return True
        if each.marker == 0xE1 and raw.find(b"Container:Directory", each.start + 4, each.end) >= 0:
            return True
    return False


def _is_film(rest: bytes) -> bool:
    """Whether it is ISO base media from the first byte to the last."""
    if rest[4:8] != b"ftyp":
        return False
    place = 0
    while place + 8 <= len(rest):
        size = int.from_bytes(rest[place : place + 4], "big")
        if size == 1 and place + 16 <= len(rest):
            size = int.from_bytes(rest[place + 8 : place + 16], "big")
        if size < 8 or not _BOX_KINDS.match(rest[place + 4 : place + 8]):
            return False
        place += size
    return place == len(rest)


def _is_samsung(rest: bytes) -> bool:
    """Whether the trailer's directory (`SEFH` … size `SEFT`) accounts for every byte after the picture."""
    size = int.from_bytes(rest[-8:-4], "little")
    directory = len(rest) - 8 - size
    if directory < 0 or rest[directory : directory + 4] != b"SEFH":
        return False
    count = int.from_bytes(rest[directory + 8 : directory + 12], "little")
    if count == 0 or size < 12 + 12 * count:
        return False
    spans = []
    for number in range(count):
        entry = directory + 12 + 12 * number
        back = int.from_bytes(rest[entry + 4 : entry + 8], "little")
        spans.append((directory - back, directory - back + int.from_bytes(rest[entry + 8 : entry + 12], "little")))
    place = 0
    for start, end in sorted(spans):
        if start != place:
            return False
        place = end
    return place == directory
