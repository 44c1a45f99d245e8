"""Sealing a file while it is still looked at: the two longest steps of taking it in, side by side.

- A seal begins when all that takes little work says yes of the file (`documents.inspecting.Inspector` tells when, and which
  bytes): encrypted, unlocked, under the document's key. No row names it, so nobody can reach it.
- Only the end of the checks lets it be committed, and only then is the key of a new document stored. What the checks
  refuse is deleted, and what is left of it anywhere opens with no key there is. A crash in between leaves what any
  crash before a commit leaves, an orphan for the sweeper; of a new document nobody can open it.
- What must not be put before it has passed (a scanner is configured) is not told ahead, and is sealed when all is said.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future
    from types import TracebackType
    from uuid import UUID

    from storage.objects import Sealed, SpoolFile, Vault
    from storage.objects.vault import DocumentKey

READ_BYTES: Final = 1024 * 1024


class _GivenUpError(Exception):
    """Nobody wants this seal any more."""


class SealAhead:
    """At most one seal of one file as a version of a document. Leaving the block drops one that was begun and not taken."""

    def __init__(
        self,
        vault: Vault,
        pool: Executor,
        document: UUID,
        version: int,
        file: SpoolFile,
        drop: Callable[[Sealed], None],
        *,
        is_fresh: bool = False,
    ) -> None:
        """`drop` removes what was sealed in vain; it does not raise. `is_fresh`: the document's id was made in this call."""
        self._vault: Final = vault
        self._pool: Final = pool
        self._document: Final = document
        self._version: Final = version
        self._file: Final = file
        self._drop: Final = drop
        self._is_fresh = is_fresh
        self._begun: tuple[DocumentKey, Future[Sealed]] | None = None
        self._epoch = 0
        self._is_given_up: Final = threading.Event()

    def begin(self, clean: bytes | None) -> None:
        """Begins to seal these bytes, or the file as it came. What goes wrong is told by `confirm` or `take`."""
        with suppress(StorageError):
            self._begun = self._start(self._version, clean)

    def confirm(self, version: int, clean: bytes | None) -> DocumentKey:
        """Says that the seal is wanted, stores its key, and returns it; it is begun now if it was not, or was taken before.

        `version` is another than it was made for only once that was taken.

        Raises:
            KeyMissing: the document's key was destroyed.
            StorageKeyError: another call made the key of the same new document at the same moment.
        """
        if self._begun is None:
            self._begun = self._start(version, clean)
        key = self._begun[0]
        self._epoch = self._vault.keep(key)
        return key

    def take(self) -> Sealed:
        """What was confirmed, sealed; from now on it is the caller's to drop.

        Raises:
            As `Vault.seal`.
        """
        begun, self._begun = self._begun, None
        if begun is None:
            msg = "seal: expected one that was confirmed, got none"
            raise ValueError(msg)
        return replace(begun[1].result(), key_epoch=self._epoch)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_given_up.set()
        begun, self._begun = self._begun, None
        if begun is None:
            return
        seal = begun[1]
        # One that nobody took up yet is called off; of one that failed there is nothing to remove.
        if not seal.cancel() and seal.exception() is None:
            self._drop(seal.result())

    def _start(self, version: int, clean: bytes | None) -> tuple[DocumentKey, Future[Sealed]]:
        key = (self._vault.fresh_key if self._is_fresh else self._vault.key_for)(self._document)
        self._is_fresh = False
        chance = self._vault.draw()
        return key, self._pool.submit(
            self._vault.seal, self._document, version, self._chunks(clean), key=key, chance=chance
        )

    def _chunks(self, clean: bytes | None) -> Iterator[bytes]:
        for chunk in chunks_of(self._file) if clean is None else (clean,):
            if self._is_given_up.is_set():
                raise _GivenUpError
            yield chunk


def chunks_of(file: SpoolFile) -> Iterator[bytes]:
    """A spooled file, piece by piece."""
    with file.open() as reader:
        while chunk := reader.read(READ_BYTES):
            yield chunk


def digest_of(file: SpoolFile) -> bytes:
    """The SHA-256 of a spooled file."""
    digest = hashlib.sha256()
    for chunk in chunks_of(file):
        digest.update(chunk)
    return digest.digest()
