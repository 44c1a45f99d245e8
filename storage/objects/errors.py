"""What can go wrong with objects, as one tree below `StorageError`.

ObjectError
├── ObjectExists             a write-once key is taken
├── ObjectMissing            no such key or version
├── ObjectLocked             retention or a legal hold forbids it
├── ObjectDigestMismatch     the store holds, or got, other bytes than were meant
├── ObjectRefused            the store refuses: credentials, policy, or a call this port does not allow
├── ObjectStoreUnavailable   no answer in time, however often it was asked   (503, retry)
├── SealBroken               a sealed object was altered, cut, or belongs to something else
└── SpoolError
    ├── SpoolMissing         no such upload (never begun, ended, or its key was destroyed)
    ├── SpoolOffsetConflict  bytes for another place than the spool's end
    └── SpoolBroken          a spool was altered
"""

from __future__ import annotations

from storage.errors import StorageError


class ObjectError(StorageError):
    """Base of every error of the object store."""


class ObjectExists(ObjectError):
    """The key is taken: what is written once is never written over."""


class ObjectMissing(ObjectError):
    """The store has no such object, or not in that version."""


class ObjectLocked(ObjectError):
    """A retention or a legal hold forbids what was asked."""


class ObjectDigestMismatch(ObjectError):
    """The bytes are not those whose digest was given."""


class ObjectRefused(ObjectError):
    """The store, or the port, does not allow it."""


class ObjectStoreUnavailable(ObjectError):
    """The store did not answer in time; the call may be repeated."""


class SealBroken(ObjectError):
    """A sealed object does not open: altered, cut, reordered, or sealed for something else."""


class SpoolError(ObjectError):
    """Base of the spool's errors."""


class SpoolMissing(SpoolError):
    """There is no spool of that upload, or no key that opens it."""


class SpoolBroken(SpoolError):
    """A spool's bytes were altered."""


class SpoolOffsetConflict(SpoolError):
    """Bytes came for another place than the end of the spool; `offset` is where it ends."""

    def __init__(self, expected: int, got: int) -> None:
        self.offset = expected
        super().__init__(f"spool: expected bytes at offset {expected}, got some at {got}")
