"""A spool in passing: for a file that comes, is checked and is sealed within one call.

- Encrypted as any spool, in a file without a name, under a key that nothing but this process has: when the process ends,
  however it ends, nothing is left that anybody could read. So nothing need be made durable, and nothing destroyed.
- A file that must wait after all is kept: `Spool.keep` gives it a name, and its key a place in the key store.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.objects.spool_reader import SpoolFile
from storage.objects.spool_records import MARK, whole_records
from storage.objects.spool_writer import SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEY_BYTES: Final = 32


class PassingSpool:
    """One such file; for one thread at a time. Close it when it has passed."""

    def __init__(self, directory: Path, entropy: Callable[[int], bytes]) -> None:
        """In `directory`, so that it takes its room where other spools do."""
        self.key: Final = entropy(_KEY_BYTES)
        self._entropy: Final = entropy
        self._file: Final = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115  closed by `close`
        self._file.write(MARK)

    @contextmanager
    def writer(self) -> Iterator[SpoolWriter]:
        """Adds bytes at the end; they can be read when the block has ended."""
        cipher = AESGCM(self.key)
        records = whole_records(self._file.fileno(), cipher)
        writer = SpoolWriter(self._file.fileno(), cipher, records, self._entropy)
        try:
            yield writer
        finally:
            writer.flush()

    def file(self) -> SpoolFile:
        """What a reader of it needs, until it is closed; a child process is handed the open file, as with any spool."""
        size = whole_records(self._file.fileno(), AESGCM(self.key)).size
        return SpoolFile(Path(f"/proc/self/fd/{self._file.fileno()}"), self.key, size)

    def copy_to(self, descriptor: int) -> None:
        """Copies it, still encrypted."""
        left = os.fstat(self._file.fileno()).st_size
        at = 0
        while left:
            copied = os.sendfile(descriptor, self._file.fileno(), at, left)
            at, left = at + copied, left - copied

    def close(self) -> None:
        """Lets go of the file, and so of what is in it. Repeating it does nothing."""
        self._file.close()
