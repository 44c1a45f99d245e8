"""Reading a spool as an ordinary file: `storage.objects.spool` says how its records lie."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.objects.errors import SpoolBroken, SpoolMissing
from storage.objects.spool_records import (
    NONCE_BYTES,
    OVERHEAD,
    RECORD_BYTES_MAX,
    read_record,
    read_record_into,
    record_bytes,
    whole_records,
)

if TYPE_CHECKING:
    from types import TracebackType

_CACHED_RECORDS: Final = 4


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """All that is needed to read one spool, also in another process."""

    path: Path
    key: bytes = field(repr=False)
    size: int | None = None

    def open(self) -> SpoolReader:
        """A reader of it; with `size`, one that refuses a spool of another length."""
        return SpoolReader.open(self.path, self.key, size=self.size)


class SpoolReader(io.RawIOBase):
    """What was spooled, as a read-only, seekable binary file. For one thread at a time."""

    def __init__(self, descriptor: int, key: bytes, *, size: int | None = None) -> None:
        """Takes over the descriptor.

        Raises:
            SpoolBroken: no spool, or one of another size than `size`.
        """
        super().__init__()
        self._descriptor = descriptor
        self._cipher: Final = AESGCM(key)
        self._cache: Final[OrderedDict[int, bytes]] = OrderedDict()
        self._position = 0
        self._scratch: Final = bytearray(RECORD_BYTES_MAX + OVERHEAD)
        try:
            self._records: Final = whole_records(descriptor, self._cipher, size)
            if size is not None and self._records.size != size:
                msg = f"spool: expected {size} bytes, got {self._records.size}"
                raise SpoolBroken(msg)
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, path: Path | str | int, key: bytes, *, size: int | None = None) -> SpoolReader:
        """A reader of the file at a path, or behind a descriptor (which it takes over).

        Raises:
            SpoolMissing: no such file.
            SpoolBroken: no spool, of another size, or, where no size is given, its last record does not open with this key.
        """
        if isinstance(path, int):
            return cls(path, key, size=size)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            msg = f"spool {Path(path).name}: expected its file, got none"
            raise SpoolMissing(msg) from error
        return cls(descriptor, key, size=size)

    @property
    def size(self) -> int:
        """Bytes that were spooled."""
        return self._records.size

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        self._require_open()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves; a place before the start is refused, one after the end reads nothing."""
        self._require_open()
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}
        position = origins[whence] + offset
        if position < 0:
            msg = f"seek: expected a place in the file, got {position}"
            raise ValueError(msg)
        self._position = position
        return position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any writable buffer
        """Fills the buffer, with fewer bytes only at the end.

        Raises:
            SpoolBroken: a record was altered.
        """
        self._require_open()
        wanted = memoryview(buffer).cast("B")
        done = 0
        while done < len(wanted) and self._position < self.size:
            number = bisect_right(self._records.offsets, self._position) - 1
            inside = self._position - self._records.offsets[number]
            length = record_bytes(self._records, number)
            if inside == 0 and len(wanted) - done >= length and number not in self._cache:
                # Wanted whole: straight to where it belongs.
                whole = wanted[done : done + length]
                read_record_into(self._descriptor, self._cipher, self._records, number, whole, self._scratch)
                done += length
                self._position += length
                continue
            piece = memoryview(self._record(number))[inside : inside + len(wanted) - done]
            wanted[done : done + len(piece)] = piece
            done += len(piece)
            self._position += len(piece)
        return done

    def close(self) -> None:
        """Closes the file."""
        if not self.closed:
            os.close(self._descriptor)
            self._descriptor = -1
        super().close()

    def __enter__(self) -> Self:
        self._require_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _record(self, number: int) -> bytes:
        found = self._cache.get(number)
        if found is None:
            found = read_record(self._descriptor, self._cipher, self._records, number)
            self._cache[number] = found
            if len(self._cache) > _CACHED_RECORDS:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(number)
        return found

    def _require_open(self) -> None:
        if self.closed:
            msg = "spool: expected an open file, got a closed one"
            raise ValueError(msg)


def warm() -> None:
    """Opens something once: what the cipher loads when it is first used is then there in every fork of this process."""
    cipher, nonce, clear = AESGCM(bytes(32)), bytes(NONCE_BYTES), bytearray(1)
    cipher.decrypt_into(nonce, cipher.encrypt(nonce, clear, None), None, clear)
