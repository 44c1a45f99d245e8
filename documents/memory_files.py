"""Clear content in memory that a child process can open as a file: an anonymous file (memfd), never on a disk."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from documents.sandbox import SpoolFileRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextmanager
def in_memory(chunks: Iterable[bytes]) -> Iterator[SpoolFileRef]:
    """A file over the content for the length of the block; its size is the caller's to bound."""
    descriptor = os.memfd_create("chopbook", os.MFD_CLOEXEC)
    try:
        for chunk in chunks:
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield SpoolFileRef(Path(f"/proc/self/fd/{descriptor}"))
    finally:
        os.close(descriptor)
