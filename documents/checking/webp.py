"""WebP (RFC 9649) as a list of RIFF chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from documents.checking.codes import Code, refuse
from documents.checking.png import require_pixels

CHUNKS_MAX: Final = 256
ANIMATION_FLAG: Final = 0x02
EXIF_FLAG: Final = 0x08
XMP_FLAG: Final = 0x04


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its FourCC, where it begins, how long its content is, and where the next begins."""

    kind: bytes
    start: int
    size: int
    end: int

    def content(self, raw: bytes) -> bytes:
        """What it holds."""
        return raw[self.start + 8 : self.start + 8 + self.size]


@dataclass(frozen=True, slots=True)
class Webp:
    """One picture."""

    chunks: tuple[Chunk, ...]
    width: int
    height: int


def parse(raw: bytes, pixels_max: int) -> Webp:
    """The picture.

    Raises:
        Refused: `damaged`, `truncated`, `trailing_data`, `image_animated` or `too_many_pixels`.
    """
    size = int.from_bytes(raw[4:8], "little") + 8
    if len(raw) < size:
        refuse(Code.TRUNCATED)
    if len(raw) > size + size % 2:
        refuse(Code.TRAILING_DATA, bytes=len(raw) - size)
    chunks = _chunks(raw, size)
    kinds = [each.kind for each in chunks]
    if b"ANIM" in kinds or b"ANMF" in kinds:
        refuse(Code.IMAGE_ANIMATED)
    if sum(kind in {b"VP8 ", b"VP8L"} for kind in kinds) != 1:
        refuse(Code.DAMAGED)
    width, height = _canvas(raw, chunks)
    require_pixels(width, height, pixels_max)
    return Webp(chunks, width, height)


def _chunks(raw: bytes, size: int) -> tuple[Chunk, ...]:
    chunks: list[Chunk] = []
    place = 12
    while place < size:
        if place + 8 > size:
            refuse(Code.DAMAGED)
        length = int.from_bytes(raw[place + 4 : place + 8], "little")
        end = place + 8 + length + length % 2
        if end > size + size % 2:
            refuse(Code.TRUNCATED)
        chunks.append(Chunk(raw[place : place + 4], place, length, end))
        if len(chunks) > CHUNKS_MAX:
            refuse(Code.TOO_COMPLEX, what="WebP")
        place = end
    return tuple(chunks)


def _canvas(raw: bytes, chunks: tuple[Chunk, ...]) -> tuple[int, int]:
    """Width and height, the larger where the canvas and the picture differ."""
    sizes = [(0, 0)]
    for chunk in chunks:
        content = chunk.content(raw)
        if chunk.kind == b"VP8X" and len(content) >= 10:
            if content[0] & ANIMATION_FLAG:
                refuse(Code.IMAGE_ANIMATED)
            sizes.append((1 + int.from_bytes(content[4:7], "little"), 1 + int.from_bytes(content[7:10], "little")))
        elif chunk.kind == b"VP8 " and len(content) >= 10:
            both = int.from_bytes(content[6:10], "little")
            sizes.append((both & 0x3FFF, both >> 16 & 0x3FFF))
        elif chunk.kind == b"VP8L" and len(content) >= 5:
            both = int.from_bytes(content[1:5], "little")
            sizes.append((1 + (both & 0x3FFF), 1 + (both >> 14 & 0x3FFF)))
    width, height = max(each[0] for each in sizes), max(each[1] for each in sizes)
    if width == 0 or height == 0:
        refuse(Code.DAMAGED)
    return width, height
