r"""The sealed object, `chopbook-sealed/1`: docs/formats/sealed-object.md.

    object  = header ‖ AES-GCM-HKDF stream (Tink's published construction, associated data = header)
    header  = "chopbook-sealed/1\n" ‖ document (16) ‖ version (u32) ‖ blob (16) ‖ log2 of segment size (1)
              ‖ length of name (1) ‖ name
    stream  = 40 (1) ‖ salt (32) ‖ nonce prefix (7) ‖ segment 0 ‖ segment 1 ‖ …

- Each object has a key of its own, HKDF of the document's key and the header; Tink's stream derives once more with the
  salt. Nothing encrypted under one key ever shares a nonce.
- A segment's nonce holds its number and whether it is the last: cut, reordered or spliced segments do not open.
- Segments have 1 MiB of ciphertext, so that any range is read without the rest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.objects.errors import SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MARK: Final = b"chopbook-sealed/1\n"
KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
NONCE_PREFIX_BYTES: Final = 7
TAG_BYTES: Final = 16
STREAM_HEADER_BYTES: Final = 1 + SALT_BYTES + NONCE_PREFIX_BYTES
SEGMENT_LOG2: Final = 20
SEGMENT_LOG2_MIN: Final = 8
SEGMENT_LOG2_MAX: Final = 24
SEGMENTS_MAX: Final = 2**32
NAME_BYTES_MAX: Final = 64
HEADER_BYTES_MIN: Final = len(MARK) + 16 + 4 + 16 + 1 + 1
HEADER_BYTES_MAX: Final = HEADER_BYTES_MIN + NAME_BYTES_MAX

_NAME_CHARACTERS: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-")


@dataclass(frozen=True, slots=True)
class SealHeader:
    """What an object was sealed for. `name` is empty for the document itself, else what was derived from it."""

    document: UUID
    version: int
    blob: UUID
    name: str = ""
    segment_log2: int = SEGMENT_LOG2

    def __post_init__(self) -> None:
        name = self.name.encode("ascii", "replace")
        if len(name) > NAME_BYTES_MAX or not _NAME_CHARACTERS.issuperset(name):
            msg = f"name: expected at most {NAME_BYTES_MAX} of a-z, 0-9 and -, got {self.name!r}"
            raise SealBroken(msg)
        if not 1 <= self.version < 2**32:
            msg = f"version: expected 1 to 2^32 - 1, got {self.version}"
            raise SealBroken(msg)
        if not SEGMENT_LOG2_MIN <= self.segment_log2 <= SEGMENT_LOG2_MAX:
            msg = f"segment size: expected 2^{SEGMENT_LOG2_MIN} to 2^{SEGMENT_LOG2_MAX}, got 2^{self.segment_log2}"
            raise SealBroken(msg)

    @property
    def segment_bytes(self) -> int:
        """Bytes of ciphertext in a full segment, tag included; the first one shares them with the stream's header."""
        return 1 << self.segment_log2

    def encode(self) -> bytes:
        """Its bytes."""
        return b"".join(
            (
                MARK,
                self.document.bytes,
                self.version.to_bytes(4, "big"),
                self.blob.bytes,
                bytes((self.segment_log2, len(self.name))),
                self.name.encode("ascii"),
            )
        )


def parse_header(data: bytes | memoryview) -> tuple[SealHeader, int]:
    """The header at the start of `data`, and its length.

    Raises:
        SealBroken: no header of this format begins here.
    """
    found = bytes(data[:HEADER_BYTES_MAX])
    if len(found) < HEADER_BYTES_MIN or not found.startswith(MARK):
        msg = f"sealed object: expected to begin with {MARK!r}, got {found[: len(MARK)]!r}"
        raise SealBroken(msg)
    at = len(MARK)
    length = HEADER_BYTES_MIN + found[HEADER_BYTES_MIN - 1]
    if len(found) < length:
        msg = f"sealed object: expected a header of {length} bytes, got {len(found)}"
        raise SealBroken(msg)
    header = SealHeader(
        document=UUID(bytes=found[at : at + 16]),
        version=int.from_bytes(found[at + 16 : at + 20], "big"),
        blob=UUID(bytes=found[at + 20 : at + 36]),
        name=found[HEADER_BYTES_MIN:length].decode("ascii", "replace"),
        segment_log2=found[at + 36],
    )
    return header, length


def object_key(document_key: bytes, header: SealHeader) -> bytes:
    """The key of this one object: who is given it can open nothing else of the document."""
    return _derive(document_key, b"chopbook-sealed/1 object\n" + header.encode(), None)


def commitment_salt(document_key: bytes, header: SealHeader) -> bytes:
    """The salt of this object's commitment: disclosed with the content, destroyed with the document's key."""
    return _derive(document_key, b"chopbook-sealed/1 commitment\n" + header.encode(), None)


class SealWriter:
    """Seals a stream once: iterate for the object's bytes, then read size and digest of what went in.

    A yielded view is good until the next step: its buffer is used again. Two clear and one sealed segment are held.
    """

    def __init__(
        self,
        key: bytes,
        header: SealHeader,
        fill: Callable[[memoryview], int],
        *,
        salt: bytes,
        nonce_prefix: bytes,
    ) -> None:
        """`key` is the object's; `fill` writes to the start of a view, and fewer bytes than fit only at the end."""
        if len(salt) != SALT_BYTES or len(nonce_prefix) != NONCE_PREFIX_BYTES:
            msg = f"seal: expected {SALT_BYTES} and {NONCE_PREFIX_BYTES} random bytes, got {len(salt)}, {len(nonce_prefix)}"
            raise SealBroken(msg)
        self._header: Final = header
        self._fill: Final = fill
        self._start: Final = header.encode() + bytes((STREAM_HEADER_BYTES,)) + salt + nonce_prefix
        self._prefix: Final = nonce_prefix
        self._cipher: Final = AESGCM(_derive(key, header.encode(), salt))
        self._digest: Final = hashlib.sha256()
        self.plaintext_size = 0

    @property
    def plaintext_sha256(self) -> bytes:
        """Digest of what was sealed so far. It could confirm a guess of the content: never log it."""
        return self._digest.digest()

    def __iter__(self) -> Iterator[memoryview]:
        segment = self._header.segment_bytes
        yield memoryview(self._start)
        sealed = memoryview(bytearray(segment))
        clear, ahead = memoryview(bytearray(segment)), memoryview(bytearray(segment))
        room = segment - STREAM_HEADER_BYTES - TAG_BYTES
        have = self._take(clear, room)
        number = 0
        while True:
            # A segment says whether it is the last, so the next one is read before this one is sealed.
            is_full = have == room
            room = segment - TAG_BYTES
            following = self._take(ahead, room) if is_full else 0
            nonce = _nonce(self._prefix, number, is_last=following == 0)
            written = self._cipher.encrypt_into(nonce, clear[:have], b"", sealed[: have + TAG_BYTES])
            yield sealed[:written]
            if following == 0:
                return
            clear, ahead, have = ahead, clear, following
            number += 1

    def _take(self, buffer: memoryview, room: int) -> int:
        have = self._fill(buffer[:room])
        self._digest.update(buffer[:have])
        self.plaintext_size += have
        return have


class SealReader:
    """Opens a sealed object of known size by ranges.

    `read` gives the object's bytes from a start to a stop. Only segments that overlap the wanted range are read. A range
    that ends before the object does says nothing about the object's end.
    """

    def __init__(
        self,
        read: Callable[[int, int], Iterable[bytes]],
        size: int,
        document_key: bytes,
    ) -> None:
        """Reads the headers.

        Raises:
            SealBroken: no sealed object, or one too short to be whole.
        """
        self._read: Final = read
        self._size: Final = size
        start = b"".join(read(0, min(size, HEADER_BYTES_MAX + STREAM_HEADER_BYTES)))
        self.header, self._stream_at = parse_header(start)
        layout = _Layout.of(self.header.segment_bytes, size - self._stream_at)
        self._layout: Final = layout
        stream_header = start[self._stream_at : self._stream_at + STREAM_HEADER_BYTES]
        self._cipher, self._prefix = _open_stream(object_key(document_key, self.header), self.header, stream_header)

    @property
    def plaintext_size(self) -> int:
        """Bytes that were sealed, by the object's size; an object that was cut gives a wrong one, and does not open."""
        return self._layout.plaintext_bytes

    def open(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The content from `start` to `stop`, each segment checked before any of its bytes is given.

        Raises:
            SealBroken: a segment in the range was altered, moved or cut.
        """
        end = self._layout.plaintext_bytes if stop is None else min(stop, self._layout.plaintext_bytes)
        if start >= end and not (start == end == 0):
            return
        first, last = self._layout.segment_of(start), self._layout.segment_of(max(end - 1, 0))
        begin, finish = self._layout.ciphertext_range(first, last)
        source = _Source(self._read(self._stream_at + begin, self._stream_at + finish))
        for number in range(first, last + 1):
            at, until = self._layout.plaintext_range(number)
            size = until - at + TAG_BYTES
            clear = _open_segment(self._cipher, self._prefix, number, source.exactly(size), number == self._layout.last)
            piece = clear[max(start - at, 0) : end - at]
            if piece:
                yield piece


def open_stream(chunks: Iterable[bytes], key_for: Callable[[SealHeader], bytes]) -> Iterator[bytes]:
    """The content of a sealed object that comes as a stream of unknown size, from its first byte to its last.

    `key_for` gives the document's key. Raises `SealBroken` as soon as something is wrong, at the latest at the end: what
    was given before is authentic, but may not be all.
    """
    source = _Source(chunks)
    start = source.up_to(HEADER_BYTES_MIN)
    start += source.up_to(start[-1] if len(start) == HEADER_BYTES_MIN else 0)
    header, length = parse_header(start)
    if len(start) != length:
        msg = f"sealed object: expected a header of {length} bytes, got {len(start)}"
        raise SealBroken(msg)
    cipher, prefix = _open_stream(object_key(key_for(header), header), header, source.up_to(STREAM_HEADER_BYTES))
    number, segment = 0, source.up_to(header.segment_bytes - STREAM_HEADER_BYTES)
    while True:
        following = source.up_to(header.segment_bytes)
        yield _open_segment(cipher, prefix, number, segment, not following)
        if not following:
            return
        number, segment = number + 1, following


def sealed_size(header: SealHeader, plaintext_size: int) -> int:
    """Bytes of the object that `plaintext_size` bytes become."""
    first = header.segment_bytes - STREAM_HEADER_BYTES - TAG_BYTES
    full = header.segment_bytes - TAG_BYTES
    segments = 1 + max(0, -(-(plaintext_size - first) // full))
    return len(header.encode()) + STREAM_HEADER_BYTES + plaintext_size + segments * TAG_BYTES


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where segments lie in a stream (header included) of a given size."""

    segment_bytes: int
    stream_bytes: int
    last: int

    @classmethod
    def of(cls, segment_bytes: int, stream_bytes: int) -> _Layout:
        last = max(0, -(-stream_bytes // segment_bytes) - 1)
        tail = stream_bytes - last * segment_bytes - (STREAM_HEADER_BYTES if last == 0 else 0)
        # An empty last segment is only right when it is the first as well.
        if tail < TAG_BYTES or (tail == TAG_BYTES and last > 0) or last >= SEGMENTS_MAX:
            msg = f"sealed object: expected whole segments, got {stream_bytes} bytes of stream"
            raise SealBroken(msg)
        return cls(segment_bytes, stream_bytes, last)

    @property
    def plaintext_bytes(self) -> int:
        return self.stream_bytes - STREAM_HEADER_BYTES - (self.last + 1) * TAG_BYTES

    def segment_of(self, position: int) -> int:
        """The segment in which the byte of the content at `position` lies."""
        return min((position + STREAM_HEADER_BYTES) // (self.segment_bytes - TAG_BYTES), self.last)

    def plaintext_range(self, number: int) -> tuple[int, int]:
        full = self.segment_bytes - TAG_BYTES
        start = max(number * full - STREAM_HEADER_BYTES, 0)
        return start, min((number + 1) * full - STREAM_HEADER_BYTES, self.plaintext_bytes)

    def ciphertext_range(self, first: int, last: int) -> tuple[int, int]:
        start = first * self.segment_bytes if first else STREAM_HEADER_BYTES
        return start, min((last + 1) * self.segment_bytes, self.stream_bytes)


class _Source:
    """Takes exact lengths from chunks of any length."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Final = iter(chunks)
        self._rest: memoryview = memoryview(b"")

    def up_to(self, size: int) -> bytes:
        """That many bytes, or fewer at the end."""
        taken, have = [], 0
        while have < size:
            if not self._rest:
                chunk = next(self._chunks, None)
                if chunk is None:
                    break
                self._rest = memoryview(chunk)
                continue
            piece = self._rest[: size - have]
            self._rest = self._rest[len(piece) :]
            taken.append(piece)
            have += len(piece)
        return bytes(taken[0]) if len(taken) == 1 else b"".join(taken)

    def exactly(self, size: int) -> bytes:
        found = self.up_to(size)
        if len(found) != size:
            msg = f"sealed object: expected {size} more bytes, got {len(found)}"
            raise SealBroken(msg)
        return found


def _open_stream(key: bytes, header: SealHeader, stream_header: bytes) -> tuple[AESGCM, bytes]:
    if len(stream_header) != STREAM_HEADER_BYTES or stream_header[0] != STREAM_HEADER_BYTES:
        msg = f"sealed object: expected a stream header of {STREAM_HEADER_BYTES} bytes, got another"
        raise SealBroken(msg)
    salt = stream_header[1 : 1 + SALT_BYTES]
    return AESGCM(_derive(key, header.encode(), salt)), stream_header[1 + SALT_BYTES :]


def _open_segment(cipher: AESGCM, prefix: bytes, number: int, segment: bytes, is_last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(prefix, number, is_last=is_last), segment, b"")
    except (InvalidTag, ValueError) as error:
        which = "the last segment" if is_last else "a segment that is not the last"
        msg = f"sealed object: expected {which} with number {number}, got one that does not open"
        raise SealBroken(msg) from error


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    if number >= SEGMENTS_MAX:
        msg = f"sealed object: expected at most {SEGMENTS_MAX} segments, got more"
        raise SealBroken(msg)
    return prefix + number.to_bytes(4, "big") + bytes((is_last,))


def _derive(key: bytes, info: bytes, salt: bytes | None) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=salt, info=info).derive(key)
