r"""The spool: where an upload lies, encrypted, until it is checked and sealed.

    file   = "chopbook-spool/1\n" ‖ record ‖ record ‖ …
    record = length of content (u32) ‖ nonce (12, random) ‖ AES-256-GCM(content) (length + 16)

- A record's associated data are its number and the offset of its content, so records cannot be moved or doubled. A spool
  that lost its last records does not show it: who filled it knows how long it must be.
- Each upload has a random key of its own in the key store, kind `upload`; destroying it makes what the disk still holds
  unreadable. Nothing is ever on disk in clear.
- After a crash the whole records count, and what is torn is cut off. Nonces are random, so the cut bytes and those that
  replace them share none.
- A `SpoolReader` is an ordinary seekable binary file, for parsers; a child process opens one from a `SpoolFile`.
"""

from __future__ import annotations

import fcntl
import io
import os
from bisect import bisect_right
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import KeyMissing
from storage.objects.errors import SpoolBroken, SpoolMissing, SpoolOffsetConflict
from storage.objects.spool_records import (
    LENGTH_BYTES,
    MARK,
    NONCE_BYTES,
    OVERHEAD,
    RECORD_BYTES_MAX,
    Records,
    associated_data,
    read_record,
    whole_records,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from uuid import UUID

    from storage.keystore import KeyStore

__all__ = ["MARK", "RECORD_BYTES_MAX", "UPLOAD_KIND", "Spool", "SpoolFile", "SpoolReader", "SpoolWriter"]

UPLOAD_KIND: Final = "upload"
_CACHED_RECORDS: Final = 4
_SUFFIX: Final = ".spool"


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """All that is needed to read one spool, also in another process."""

    path: Path
    key: bytes = field(repr=False)
    size: int | None = None

    def open(self) -> SpoolReader:
        """A reader of it; with `size`, one that refuses a spool of another length."""
        return SpoolReader.open(self.path, self.key, size=self.size)


class Spool:
    """The spools of a folder. Safe between threads and processes: appends to one upload take a lock on its file."""

    def __init__(self, directory: Path, keys: KeyStore, entropy: Callable[[int], bytes]) -> None:
        """Uses `directory`, making it (mode 0700) if it is not there."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory: Final = directory
        self._keys: Final = keys
        self._entropy: Final = entropy

    def create(self, upload_id: UUID) -> None:
        """Begins a spool with a fresh key; durable when it returns.

        Raises:
            StorageKeyError: the upload was begun before.
        """
        self._keys.put(UPLOAD_KIND, str(upload_id), self._entropy(32))
        descriptor = os.open(self.path(upload_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(MARK)
            file.flush()
            os.fsync(file.fileno())
        self._sync_directory()

    def append(self, upload_id: UUID, content: bytes | memoryview, offset: int) -> int:
        """Adds bytes at the end, which must be `offset`; returns the new end. Durable when it returns.

        Raises:
            SpoolMissing: no such upload.
            SpoolOffsetConflict: the spool ends elsewhere.
        """
        with self.writer(upload_id, offset) as writer:
            writer.write(content)
            writer.sync()
            return writer.offset

    @contextmanager
    def writer(self, upload_id: UUID, offset: int) -> Iterator[SpoolWriter]:
        """Lets many chunks be added under one lock. What was written is kept and durable, also if the block raises.

        Raises:
            SpoolMissing: no such upload.
            SpoolOffsetConflict: the spool ends elsewhere.
            BlockingIOError: somebody else is writing to it.
        """
        key = self._key(upload_id)
        with self._opened(upload_id, "r+b") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            records = whole_records(file.fileno(), AESGCM(key))
            if records.size != offset:
                raise SpoolOffsetConflict(records.size, offset)
            os.ftruncate(file.fileno(), records.end)
            writer = SpoolWriter(file.fileno(), AESGCM(key), records, self._entropy)
            try:
                yield writer
            finally:
                writer.sync()

    def offset(self, upload_id: UUID) -> int:
        """How many bytes are kept: where the next ones belong.

        Raises:
            SpoolMissing: no such upload.
        """
        key = self._key(upload_id)
        with self._opened(upload_id, "rb") as file:
            return whole_records(file.fileno(), AESGCM(key)).size

    def reader(self, upload_id: UUID) -> SpoolReader:
        """A seekable file over what was spooled.

        Raises:
            SpoolMissing: no such upload.
        """
        return SpoolReader.open(self.path(upload_id), self._key(upload_id))

    def file(self, upload_id: UUID) -> SpoolFile:
        """What a child process needs to read it. It holds the upload's key: pass it through a pipe, never on disk.

        Raises:
            SpoolMissing: no such upload.
        """
        with self.reader(upload_id) as reader:
            return SpoolFile(self.path(upload_id), self._key(upload_id), reader.size)

    def destroy(self, upload_id: UUID) -> None:
        """Destroys the key, then removes the file. One that is not there is no error."""
        self._keys.destroy(UPLOAD_KIND, str(upload_id))
        self.path(upload_id).unlink(missing_ok=True)

    def uploads(self) -> list[str]:
        """Ids of all uploads that have a file or a key, sorted: for the sweeper."""
        files = {path.name.removesuffix(_SUFFIX) for path in self._directory.glob(f"*{_SUFFIX}")}
        return sorted(files | set(self._keys.ids(UPLOAD_KIND)))

    def path(self, upload_id: UUID) -> Path:
        """Where its file is."""
        return self._directory / f"{upload_id}{_SUFFIX}"

    def _key(self, upload_id: UUID) -> bytes:
        try:
            return self._keys.get(UPLOAD_KIND, str(upload_id))
        except KeyMissing as error:
            msg = f"spool {upload_id}: expected an upload under way, got none"
            raise SpoolMissing(msg) from error

    @contextmanager
    def _opened(self, upload_id: UUID, mode: str) -> Iterator[io.FileIO]:
        try:
            file = self.path(upload_id).open(mode, buffering=0)
        except FileNotFoundError as error:
            msg = f"spool {upload_id}: expected its file, got none"
            raise SpoolMissing(msg) from error
        with file:
            assert isinstance(file, io.FileIO)  # noqa: S101  buffering=0 opens nothing else
            yield file

    def _sync_directory(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class SpoolWriter:
    """Adds to one spool, gathering small chunks into records."""

    def __init__(self, descriptor: int, cipher: AESGCM, records: Records, entropy: Callable[[int], bytes]) -> None:
        """For `Spool.writer`."""
        self._descriptor: Final = descriptor
        self._cipher: Final = cipher
        self._entropy: Final = entropy
        self._number = len(records.offsets)
        self._kept = records.size
        self._end = records.end
        self._pending: Final = bytearray(RECORD_BYTES_MAX)
        self._pending_bytes = 0
        self._record: Final = bytearray(RECORD_BYTES_MAX + OVERHEAD)

    @property
    def offset(self) -> int:
        """Where the next byte belongs."""
        return self._kept + self._pending_bytes

    def write(self, content: bytes | memoryview) -> None:
        """Adds bytes; durable after `sync`."""
        rest = memoryview(content)
        while rest:
            piece = rest[: RECORD_BYTES_MAX - self._pending_bytes]
            rest = rest[len(piece) :]
            self._pending[self._pending_bytes : self._pending_bytes + len(piece)] = piece
            self._pending_bytes += len(piece)
            if self._pending_bytes == RECORD_BYTES_MAX:
                self._write_record()

    def sync(self) -> None:
        """Makes all that was written durable."""
        if self._pending_bytes:
            self._write_record()
        os.fdatasync(self._descriptor)

    def _write_record(self) -> None:
        size = self._pending_bytes
        nonce = self._entropy(NONCE_BYTES)
        record = memoryview(self._record)[: size + OVERHEAD]
        record[:LENGTH_BYTES] = size.to_bytes(LENGTH_BYTES, "big")
        record[LENGTH_BYTES : LENGTH_BYTES + NONCE_BYTES] = nonce
        self._cipher.encrypt_into(
            nonce,
            memoryview(self._pending)[:size],
            associated_data(self._number, self._kept),
            record[LENGTH_BYTES + NONCE_BYTES :],
        )
        written = 0
        while written < len(record):
            written += os.pwrite(self._descriptor, record[written:], self._end + written)
        self._number += 1
        self._kept += size
        self._end += len(record)
        self._pending_bytes = 0


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
        try:
            self._records: Final = whole_records(descriptor, self._cipher)
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
            SpoolBroken: no spool, of another size, or its last record does not open with this key.
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
