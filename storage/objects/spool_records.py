"""The records of a spool as they lie in its file: `storage.objects.spool` says how."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag

from storage.objects.errors import SpoolBroken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK: Final = b"chopbook-spool/1\n"
RECORD_BYTES_MAX: Final = 262_144
"""Content of a record. Large enough that the cipher runs at its full speed, small enough for a parser that jumps about."""
LENGTH_BYTES: Final = 4
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
OVERHEAD: Final = LENGTH_BYTES + NONCE_BYTES + TAG_BYTES


@dataclass(slots=True)
class Records:
    """The whole records of a spool: where the content of each begins in the content and in the file, and both ends."""

    offsets: list[int]
    places: list[int]
    size: int
    end: int


def whole_records(descriptor: int, cipher: AESGCM, size: int | None = None) -> Records:
    """The records that are whole; the last one only if it opens, for a crash may leave a length without its bytes.

    Where all of them together have the `size` that somebody knows, none is opened here: each is when it is read.
    """
    file_bytes = os.fstat(descriptor).st_size
    if os.pread(descriptor, len(MARK), 0) != MARK:
        msg = f"spool: expected to begin with {MARK!r}, got something else"
        raise SpoolBroken(msg)
    records = Records([], [], 0, len(MARK))
    while records.end + OVERHEAD <= file_bytes:
        length = int.from_bytes(os.pread(descriptor, LENGTH_BYTES, records.end), "big")
        if not 0 < length <= RECORD_BYTES_MAX or records.end + length + OVERHEAD > file_bytes:
            break
        records.offsets.append(records.size)
        records.places.append(records.end)
        records.size += length
        records.end += length + OVERHEAD
    if records.offsets and records.size != size:
        last = len(records.offsets) - 1
        try:
            read_record(descriptor, cipher, records, last)
        except SpoolBroken:
            records.size, records.end = records.offsets.pop(), records.places.pop()
    return records


def record_bytes(records: Records, number: int) -> int:
    """Bytes of the content of one record."""
    until = records.offsets[number + 1] if number + 1 < len(records.offsets) else records.size
    return until - records.offsets[number]


def read_record(descriptor: int, cipher: AESGCM, records: Records, number: int) -> bytes:
    """The content of one record.

    Raises:
        SpoolBroken: it was altered, moved, or is of another key.
    """
    content = bytearray(record_bytes(records, number))
    read_record_into(descriptor, cipher, records, number, memoryview(content), bytearray(len(content) + OVERHEAD))
    return bytes(content)


def read_record_into(
    descriptor: int, cipher: AESGCM, records: Records, number: int, target: memoryview, scratch: bytearray
) -> None:
    """Writes the content of one record to `target`, which is as long; `scratch` has room for a whole record.

    Raises:
        SpoolBroken: it was altered, moved, or is of another key.
    """
    data = memoryview(scratch)[: len(target) + OVERHEAD]
    got = os.preadv(descriptor, [data], records.places[number])
    nonce, sealed = data[LENGTH_BYTES : LENGTH_BYTES + NONCE_BYTES], data[LENGTH_BYTES + NONCE_BYTES : got]
    try:
        cipher.decrypt_into(nonce, sealed, associated_data(number, records.offsets[number]), target)
    except (InvalidTag, ValueError) as error:
        msg = f"spool: expected record {number} as it was written, got one that does not open"
        raise SpoolBroken(msg) from error


def associated_data(number: int, offset: int) -> bytes:
    """What a record is bound to: its number, and where its content belongs."""
    return MARK + number.to_bytes(8, "big") + offset.to_bytes(8, "big")
