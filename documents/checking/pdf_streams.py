"""How much a packed stream of a PDF unpacks to (ISO 32000-2, 7.4), found out without keeping it, under a cap.

qpdf unpacks a stream as a whole; a bomb is to be noticed after the cap, not after the gigabyte.
"""

from __future__ import annotations

import zlib
from typing import Final

from documents.checking.codes import Code, refuse

_PIECE: Final = 256 * 1024
_CLEAR, _END = 256, 257
_TABLE_MAX: Final = 4096


def inflate(packed: bytes, limit: int, *, keep: bool) -> tuple[int, bytes]:
    """The size of what was packed (FlateDecode), and with `keep` the content.

    What is damaged at the end is left out, as readers do.

    Raises:
        Refused: `decompression_bomb`.
    """
    unpacker = zlib.decompressobj()
    pieces: list[bytes] = []
    size, pending = 0, packed
    while pending and not unpacker.eof:
        try:
            piece = unpacker.decompress(pending, _PIECE)
        except zlib.error:
            break
        size += len(piece)
        if size > limit:
            refuse(Code.DECOMPRESSION_BOMB)
        if keep:
            pieces.append(piece)
        if not piece and pending == unpacker.unconsumed_tail:
            break
        pending = unpacker.unconsumed_tail
    return size, b"".join(pieces)


def lzw_bytes(packed: bytes, limit: int) -> int:
    """The size of what was packed by LZWDecode: the lengths of its codes, not what they stand for.

    Raises:
        Refused: `decompression_bomb`.
    """
    lengths = [1] * 256 + [0, 0]
    size, before, width = 0, 0, 9
    held, bits = 0, 0
    for byte in packed:
        held, bits = held << 8 | byte, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & (1 << bits) - 1
        if code == _END:
            break
        if code == _CLEAR:
            del lengths[258:]
            before, width = 0, 9
            continue
        if before and len(lengths) < _TABLE_MAX:
            lengths.append(before + 1)
        if code >= len(lengths):
            break
        before = lengths[code]
        size += before
        if size > limit:
            refuse(Code.DECOMPRESSION_BOMB)
        # Codes grow one entry early (EarlyChange 1, the default); without it the count differs by a few bytes only.
        width = min(12, max(9, (len(lengths) + 1).bit_length()))
    return size


def run_length_bytes(packed: bytes, limit: int) -> int:
    """The size of what was packed by RunLengthDecode.

    Raises:
        Refused: `decompression_bomb`.
    """
    size, place = 0, 0
    while place < len(packed) and packed[place] != 128:
        length = packed[place]
        size += length + 1 if length < 128 else 257 - length
        place += length + 2 if length < 128 else 2
        if size > limit:
            refuse(Code.DECOMPRESSION_BOMB)
    return size
