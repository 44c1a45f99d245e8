"""The one step between an answer and the wire that masks identity card numbers: `A123456(7)` leaves as `A123***(*)`.

- Every JSON and text answer goes through it, whatever route made it; what a route forgets is masked all the same.
- Content of documents is bytes and passes by: it is opened for a purpose where a number was found (`documents.browsing`).
- Entries hold no personal data (that is the log's own rule), so nothing that is proved is changed here.
- Most answers hold nothing that looks like one: a look at the shape of the bytes says so in a few microseconds.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import orjson

from documents.reading.model import DocumentReading, Line, Word
from policies.masking import MASKED, masked
from policies.personal_data import detect
from policies.personal_words import HKID_WORDS

HIDDEN: Final = "***"

_SHAPE: Final = bytes.maketrans(
    b"123456789BCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", b"0" * 9 + b"A" * (25 + 26)
)
_BRACKETED: Final = tuple(
    f"A{first}000{second}000{third}(".encode() for first in ("", " ") for second in ("", " ") for third in ("", " ")
)
_LABELS: Final = tuple(sorted({word.lower().encode() for word in HKID_WORDS}))
_ASCII_LABELS: Final = tuple(label for label in _LABELS if label.isascii())
ASCII_PARTS: Final = (b"hk", b" no", b" card")
"""Every label in ASCII holds one of them: three searches for nine."""
_FULL_WIDTH: Final = re.compile(rb"\xef\xbc[\x88\x90-\x99\xa1-\xba]|\xef\xbd[\x81-\x9a]|\xe3\x80\x80")
"""A full-width bracket, digit, letter or space."""


def may_hold_hkid(body: bytes) -> bool:
    """Whether a closer look is needed: never wrong when it says no."""
    if b"(" in body:
        shape = body.translate(_SHAPE)
        if any(mark in shape for mark in _BRACKETED):
            return True
    lowered = body.lower()
    if body.isascii():
        return any(part in lowered for part in ASCII_PARTS) and any(label in lowered for label in _ASCII_LABELS)
    return any(label in lowered for label in _LABELS) or _FULL_WIDTH.search(body) is not None


def masked_body(body: bytes, media_type: str) -> bytes:
    """The body of an answer, masked; other than JSON and text, and what holds nothing, is as it was."""
    kind = media_type.partition(";")[0]
    if not (kind.startswith("text/") or kind.endswith("json")) or not may_hold_hkid(body):
        return body
    if kind.startswith("text/"):
        return masked(body.decode()).encode()
    return orjson.dumps(_masked(orjson.loads(body)))


def masked_reading(reading: DocumentReading) -> DocumentReading:
    """The reading with its numbers masked, line by line and in the words that they touch."""
    pages = tuple(
        msgspec.structs.replace(
            page,
            lines=tuple(_masked_line(line) for line in page.lines),
            rereads=tuple(msgspec.structs.replace(one, text=masked(one.text)) for one in page.rereads),
        )
        for page in reading.pages
    )
    return msgspec.structs.replace(reading, pages=pages)


def _masked(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    return value


def _masked_line(line: Line) -> Line:
    text, raw = masked(line.text), masked(line.raw)
    if (text, raw) == (line.text, line.raw):
        return line
    return msgspec.structs.replace(line, text=text, raw=raw, words=tuple(_masked_words(line)))


def _masked_words(line: Line) -> Iterator[Word]:
    """The words of a line; one that a number reaches into shows nothing."""
    found = detect(line.text, MASKED)
    position = 0
    for word in line.words:
        start = line.text.find(word.text, position)
        position = position if start < 0 else start + len(word.text)
        if start < 0 or any(one.start < position and start < one.stop for one in found):
            yield msgspec.structs.replace(word, text=HIDDEN, raw=HIDDEN)
        else:
            yield word
