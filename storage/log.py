"""The log's front door: the only way to change anything.

    committed = log.commit(stock.adjust(principal, request, now=now))
    committed.receipt.index, committed.result

Concurrent callers share one transaction and one fsync, isolated from each other; each is answered when its bytes are
durable, with a receipt that proves its entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from audit.canonical import encode
from storage.keyed_digest import KeyedDigest
from storage.personal import PersonalField, seal_personal
from storage.reading import read_head
from storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from audit.canonical import JSON
    from storage.batch import LogBatcher
    from storage.database import Database
    from storage.keystore import KeyStore
    from storage.model import Committed, Head
    from storage.transaction import Change

T = TypeVar("T")

REQUEST_DIGEST_BYTES: Final = 16


class Log:
    """Appends changes in batches; safe to share between threads and event loops."""

    def __init__(
        self,
        database: Database,
        keys: KeyStore,
        batcher: LogBatcher,
        writer: Writer,
        *,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        with database.read() as connection:
            self.origin: Final = read_head(connection).origin
        self._database: Final = database
        self._keys: Final = keys
        self._batcher: Final = batcher
        self._writer: Final = writer
        self._clock: Final = clock
        self._entropy: Final = entropy
        self._requests: Final = KeyedDigest(keys.get_or_make("secret", "request-digest"))

    def commit(self, change: Change[T]) -> Committed[T]:
        """Runs the change and waits until it is durable.

        Raises:
            LogBusy, LogClosed: nothing was done; try again.
            EventIdReused: the event id is taken by other content.
            EmptyChange: the change appended nothing.
            CommitUnknown: repeat with the same event_id.
            StorageFailed: the database refused; nothing was kept.
            Exception: whatever the change raised; nothing of it was kept.
        """
        committed: Committed[T] = self._writer.commit(change)
        return committed

    async def commit_async(self, change: Change[T]) -> Committed[T]:
        """As `commit`, awaiting on an event loop. A cancelled caller does not undo its change."""
        committed: Committed[T] = await self._writer.commit_async(change)
        return committed

    def head(self) -> Head:
        """The newest committed head, of this or any other process."""
        with self._database.read() as connection:
            return read_head(connection)

    def request_digest(self, content: JSON) -> bytes:
        """Sixteen bytes that tell a repeated request from another one; leave personal fields out of `content`.

        Keyed, so that the digest in an entry cannot be used to confirm a guess.
        """
        return self._requests.digest(encode(content))[:REQUEST_DIGEST_BYTES]

    def personal(self, person: str, field: str, value: str) -> PersonalField:
        """A personal field ready to be logged; `person` is the pseudonymous id of whose data it is."""
        return seal_personal(self._keys, self._entropy, person=person, field=field, value=value)

    def on_commit(self, listener: Callable[[Head], None]) -> None:
        """Calls `listener` with the new head after each durable batch of this process, before its callers are answered.

        It runs on the writer's thread: it must be quick and raise nothing.
        """
        self._batcher.listeners.append(listener)

    @property
    def waiting(self) -> int:
        """How many changes are queued."""
        return self._writer.waiting

    def close(self) -> None:
        """Takes no more changes, finishes those queued, answers everybody."""
        self._writer.close()
