"""PNG (W3C, third edition) as a list of chunks: each whole, the last one last, and none unpacking to too much."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from documents.checking.codes import Code, refuse

CHUNKS_MAX: Final = 100_000
TEXT_UNPACKED_MAX: Final = 4 * 1024 * 1024
_SIGNATURE_BYTES: Final = 8
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES: Final = (
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
)
"""Interlacing: first column, column step, first row, row step of each pass (section 8)."""
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its type, where its length field begins, where its CRC ends."""

    kind: bytes
    start: int
    end: int

    def content(self, raw: bytes) -> bytes:
        """What it holds."""
        return raw[self.start + 8 : self.end - 4]


@dataclass(frozen=True, slots=True)
class Png:
    """One picture."""

    chunks: tuple[Chunk, ...]
    width: int
    height: int


def parse(raw: bytes, pixels_max: int) -> Png:
    """The picture.

    Raises:
        Refused: `damaged`, `truncated`, `trailing_data`, `image_animated`, `too_many_pixels`, `decompression_bomb` or
            `too_complex`.
    """
    chunks = _chunks(raw)
    if chunks[0].kind != b"IHDR" or chunks[0].end - chunks[0].start != 25:
        refuse(Code.DAMAGED)
    header = chunks[0].content(raw)
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if width == 0 or height == 0 or header[9] not in _CHANNELS:
        refuse(Code.DAMAGED)
    require_pixels(width, height, pixels_max)
    if any(each.kind == b"acTL" for each in chunks):
        refuse(Code.IMAGE_ANIMATED)
    _require_modest_texts(raw, chunks)
    _require_exact_pixels(raw, chunks, header, width, height)
    return Png(chunks, width, height)


def require_pixels(width: int, height: int, pixels_max: int) -> None:
    """Refuses a picture of too many pixels, by what its header claims.

    Raises:
        Refused: `too_many_pixels`.
    """
    if width * height > pixels_max:
        refuse(Code.TOO_MANY_PIXELS, megapixels=width * height // 1_000_000, limit=pixels_max // 1_000_000)


def _chunks(raw: bytes) -> tuple[Chunk, ...]:
    chunks: list[Chunk] = []
    place = _SIGNATURE_BYTES
    while not chunks or chunks[-1].kind != b"IEND":
        if place + 12 > len(raw):
            refuse(Code.TRUNCATED)
        end = place + 12 + int.from_bytes(raw[place : place + 4], "big")
        if end > len(raw):
            refuse(Code.TRUNCATED)
        if zlib.crc32(raw[place + 4 : end - 4]) != int.from_bytes(raw[end - 4 : end], "big"):
            refuse(Code.DAMAGED)
        chunks.append(Chunk(raw[place + 4 : place + 8], place, end))
        if len(chunks) > CHUNKS_MAX:
            refuse(Code.TOO_COMPLEX, what="PNG")
        place = end
    if place != len(raw):
        refuse(Code.TRAILING_DATA, bytes=len(raw) - place)
    return tuple(chunks)


def _require_modest_texts(raw: bytes, chunks: tuple[Chunk, ...]) -> None:
    """Packed text and colour profiles unpack to little, or the file is a bomb for whoever reads its labels."""
    for chunk in chunks:
        if chunk.kind not in {b"zTXt", b"iTXt", b"iCCP"}:
            continue
        content = chunk.content(raw)
        _, _, rest = content.partition(b"\0")
        if chunk.kind == b"iTXt":
            if rest[:1] != b"\x01":
                continue
            rest = rest[1:].partition(b"\0")[2].partition(b"\0")[2]
        if _unpacked_bytes(rest[1:], TEXT_UNPACKED_MAX) > TEXT_UNPACKED_MAX:
            refuse(Code.DECOMPRESSION_BOMB)


def _require_exact_pixels(raw: bytes, chunks: tuple[Chunk, ...], header: bytes, width: int, height: int) -> None:
    """The pixels unpack to what the header claims, to no more and no less."""
    bits = header[8] * _CHANNELS[header[9]]
    passes = _PASSES if header[12] else ((0, 1, 0, 1),)
    expected = 0
    for left, step_x, top, step_y in passes:
        columns, rows = -((left - width) // step_x), -((top - height) // step_y)
        if columns > 0:
            expected += max(0, rows) * (1 + (columns * bits + 7) // 8)
    unpacker = zlib.decompressobj()
    unpacked = 0
    for chunk in chunks:
        if chunk.kind != b"IDAT":
            continue
        pending = chunk.content(raw)
        while pending and not unpacker.eof:
            try:
                unpacked += len(unpacker.decompress(pending, _PIECE))
            except zlib.error:
                refuse(Code.DAMAGED)
            pending = unpacker.unconsumed_tail
            if unpacked > expected:
                refuse(Code.DECOMPRESSION_BOMB)
        if unpacker.eof and (unpacker.unused_data or pending):
            refuse(Code.HIDDEN_DATA, bytes=len(unpacker.unused_data) + len(pending))
    if unpacked < expected:
        refuse(Code.TRUNCATED)


def _unpacked_bytes(packed: bytes, limit: int) -> int:
    unpacker = zlib.decompressobj()
    try:
        return len(unpacker.decompress(packed, limit + 1))
    except zlib.error:
        refuse(Code.DAMAGED)
