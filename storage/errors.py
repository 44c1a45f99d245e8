"""What can go wrong below the policies, as one tree.

StorageError
├── LogBusy          the queue is full; nothing was tried            (503, retry)
├── LogClosed        the log is shutting down; nothing was tried     (503, retry)
├── CommitUnknown    the database went away while committing         (503, retry with the same event_id)
├── StorageFailed    the database refused the batch                  (503)
├── NotPermitted     the database does not let its schema be made  (an administrator is asked)
├── NoLog            the database holds no log yet
├── LogExists        a log was to be created where one is
├── KeyError tree    KeyMissing, KeyUnreadable, WrongRootKey
├── Replayed         this event is in the log already: here it is    (not a failure)
├── EventIdReused    the event_id is taken by other content          (409)
├── EmptyChange      a change appended nothing
├── UnloggedWrite    a write without an entry, or through the wrong door
└── NotFound         no such entry, tile, checkpoint
"""

from __future__ import annotations


class StorageError(Exception):
    """Base of every error this room raises on purpose.

    Attributes:
        zh: the message in Chinese, where somebody at a terminal may cause the error.
    """

    def __init__(self, message: str = "", zh: str | None = None) -> None:
        self.zh = zh
        super().__init__(message)


class LogBusy(StorageError):
    """The log's queue is full; nothing of the call was done."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        super().__init__(f"the log's queue is full: expected fewer than {waiting} waiting changes, got {waiting}")


class LogClosed(StorageError):
    """The log is shutting down; nothing of the call was done."""

    def __init__(self) -> None:
        super().__init__("the log is closed: expected a running writer, got a stopped one")


class CommitUnknown(StorageError):
    """The connection broke during COMMIT: repeat the call with the same event_id to learn the outcome."""


class StorageFailed(StorageError):
    """The database refused a whole batch (disk full, lost connection); nothing of it was kept."""


class NotPermitted(StorageError):
    """The role that connects may not make or change the schema; the message says what an administrator runs."""


class NoLog(StorageError):
    """The database has no log: create one on purpose, so that a wrong path never starts a second history."""


class LogExists(StorageError):
    """A log was to be created where one already is."""


class StorageKeyError(StorageError):
    """Base of the key store's errors."""


class KeyMissing(StorageKeyError):
    """The key store holds no key of that kind and id (never made, or destroyed)."""


class KeyUnreadable(StorageKeyError):
    """A wrapped key does not open under this root key: altered, or of another root."""


class Replayed(StorageError):
    """The same client sent the same event before; `index` and `leaf_hash` are those of the first time."""

    def __init__(self, index: int, leaf_hash: bytes) -> None:
        self.index = index
        self.leaf_hash = leaf_hash
        super().__init__(f"the event is already entry {index}")


class EventIdReused(StorageError):
    """The same client used this event_id before with other content."""

    def __init__(self, event_id: str, index: int) -> None:
        self.event_id = event_id
        self.index = index
        super().__init__(
            f"event_id {event_id} is taken: expected the content of entry {index}, got other content",
            f"事件編號 {event_id} 已用於第 {index} 項，內容不同",
        )


class EmptyChange(StorageError):
    """A change ended without appending an entry."""

    def __init__(self) -> None:
        super().__init__("the change wrote nothing: expected at least one append, got none")


class UnloggedWrite(StorageError):
    """A write that no entry covers, or a table reached through the wrong door."""


class NotFound(StorageError):
    """No such entry, tile or checkpoint."""
