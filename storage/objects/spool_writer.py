"""Adding to a spool: `storage.objects.spool` says how its records lie."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from storage.objects.spool_records import (
    LENGTH_BYTES,
    NONCE_BYTES,
    OVERHEAD,
    RECORD_BYTES_MAX,
    Records,
    associated_data,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM


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
        self.flush()
        os.fdatasync(self._descriptor)

    def flush(self) -> None:
        """Hands all that was written to the kernel, where readers find it."""
        if self._pending_bytes:
            self._write_record()

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
