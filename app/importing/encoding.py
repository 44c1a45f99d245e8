"""What encoding a text file is in: the declared one, or refused by name.

- UTF-8 with or without a byte order mark is read as it is.
- UTF-16 (with a mark, or by its zero bytes), Big5 and GB18030 are recognised. They are converted where the mapping
  says so, and refused by their name where it says otherwise: text read in a wrong encoding is worse than none.
- Single bytes that fit nothing do not refuse the file; they become U+FFFD, and the rows that hold one are rejected.

The Chinese encodings are told apart by their second bytes: Big5 uses 0x40-0x7E for about a third of its characters,
GB 2312 never does.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from app.importing.errors import EncodingRefused, FileRefused
from app.importing.mapping import ENCODINGS
from app.importing.sentences import Said, told
from app.os_words import reason_of

CHUNK_BYTES: Final = 1 << 20
SAMPLE_BYTES: Final = 1 << 20
_ZEROS_SHARE: Final = 0.2
_FREQUENT_SHARE: Final = 0.6
_LOW_TRAIL_SHARE: Final = 0.05

_UTF8_BOM: Final = codecs.BOM_UTF8
_UTF16_BOMS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def choose_codec(path: Path, declared: str) -> str:
    """The codec that reads the file, whose mapping declares the encoding `declared` (a key of `ENCODINGS`).

    Raises:
        EncodingRefused: it is in another encoding; the message names it.
        FileRefused: the file cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            sample = stream.read(SAMPLE_BYTES)
    except OSError as error:
        raise FileRefused(told(Said.FILE_UNREADABLE, why=reason_of(error), path=path)) from error
    marked = _marked(sample)
    if marked is not None and marked != declared:
        raise EncodingRefused(marked, declared)
    if declared == "utf-16":
        return _utf16_codec(sample)
    if declared != "utf-8":
        return ENCODINGS[declared]
    if not _is_utf8(path):
        other = recognise_chinese(sample)
        if other is not None:
            raise EncodingRefused(other, declared)
    return "utf-8-sig" if sample.startswith(_UTF8_BOM) else "utf-8"


def _marked(sample: bytes) -> str | None:
    """The encoding that a mark or zero bytes give away."""
    if sample.startswith(_UTF8_BOM):
        return "utf-8"
    if sample.startswith(_UTF16_BOMS):
        return "utf-16"
    zeros = sample.count(0)
    return "utf-16" if zeros and zeros >= len(sample) * _ZEROS_SHARE else None


def _utf16_codec(sample: bytes) -> str:
    if sample.startswith(_UTF16_BOMS):
        return "utf-16"
    # Without a mark: ASCII characters (commas, digits, line ends) have their zero byte first in big-endian.
    return "utf-16-be" if sample[0::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def recognise_chinese(sample: bytes) -> str | None:
    """`big5`, `gb18030`, or None if the bytes are not convincingly either."""
    pairs, broken, low_trails, big5_frequent, gb_frequent = _count_pairs(sample)
    # A stray accented letter makes a pair or two that look like anything; a Chinese file makes nothing but pairs.
    if pairs < 4 or broken > pairs // 50:
        return None
    if low_trails >= pairs * _LOW_TRAIL_SHARE and big5_frequent >= pairs * _FREQUENT_SHARE:
        return "big5"
    if gb_frequent >= pairs * _FREQUENT_SHARE:
        return "gb18030"
    return None


def _count_pairs(sample: bytes) -> tuple[int, int, int, int, int]:
    pairs = broken = low_trails = big5_frequent = gb_frequent = 0
    position, end = 0, len(sample) - 1
    while position < end:
        lead = sample[position]
        if lead < 0x80:
            position += 1
            continue
        trail = sample[position + 1]
        if lead < 0x81 or lead == 0xFF or trail < 0x40 or trail in {0x7F, 0xFF}:
            broken += 1
            position += 1
            continue
        pairs += 1
        position += 2
        low_trails += trail < 0x7F
        # The frequent characters of each; both also have their punctuation just below.
        big5_frequent += 0xA1 <= lead <= 0xC6
        gb_frequent += 0xA1 <= lead <= 0xD7 and trail >= 0xA1
    return pairs, broken, low_trails, big5_frequent, gb_frequent
