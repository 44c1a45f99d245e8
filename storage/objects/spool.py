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
- A file that comes and goes within one call needs neither name nor stored key: `storage.objects.passing`.
"""

from __future__ import annotations

import fcntl
import io
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import KeyMissing
from storage.objects.errors import SpoolMissing, SpoolOffsetConflict
from storage.objects.passing import PassingSpool
from storage.objects.spool_reader import SpoolFile, SpoolReader
from storage.objects.spool_records import MARK, RECORD_BYTES_MAX, whole_records
from storage.objects.spool_writer import SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from storage.keystore import KeyStore

__all__ = ["MARK", "RECORD_BYTES_MAX", "UPLOAD_KIND", "Spool", "SpoolFile", "SpoolReader", "SpoolWriter"]

UPLOAD_KIND: Final = "upload"
_SUFFIX: Final = ".spool"


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
        self._begin(upload_id, self._entropy(32), lambda descriptor: os.write(descriptor, MARK))

    def passing(self) -> PassingSpool:
        """A spool for a file that comes and goes within one call."""
        return PassingSpool(self._directory, self._entropy)

    def keep(self, upload_id: UUID, passing: PassingSpool) -> None:
        """Makes a spool of one in passing: durable when it returns.

        Raises:
            StorageKeyError: the upload was begun before.
        """
        self._begin(upload_id, passing.key, passing.copy_to)

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

    def _begin(self, upload_id: UUID, key: bytes, fill: Callable[[int], object]) -> None:
        self._keys.put(UPLOAD_KIND, str(upload_id), key)
        descriptor = os.open(self.path(upload_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fill(descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._sync_directory()

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
