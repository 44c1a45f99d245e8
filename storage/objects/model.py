"""Values of the object store.

- An object is named by bucket, key and version id, and every read pins the version: what was written is what is read.
- Keys hold nothing personal, no SKU and no file name: they appear in access logs, inventories and addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

KEY_BYTES_MAX: Final = 512
"""Half of what S3 allows, so that an engine that adds a prefix of its own still takes every key."""
PRESIGN_SECONDS_MAX: Final = 3_600
DELETE_BATCH_MAX: Final = 1_000


class Bucket(StrEnum):
    """What a bucket is for. Its real name is the prefix of the settings and this value."""

    QUARANTINE = "quarantine"
    """Sealed bytes that were refused, or wait for a person. Never locked."""
    RECORDS = "records"
    """Sealed documents; versioned, lockable, without a default retention."""
    DERIVED = "derived"
    """What can be made again from a record: text, thumbnails, renditions. Sealed under the record's key, never locked."""
    PACKS = "packs"
    """What is made to be handed out. The only bucket with presigned addresses."""


LOCKABLE: Final = frozenset({Bucket.RECORDS, Bucket.PACKS})
"""Buckets that are made with Object Lock."""


class LockMode(StrEnum):
    """How hard an object's retention is. An administrator may lift the first, nobody the second."""

    GOVERNANCE = "GOVERNANCE"
    COMPLIANCE = "COMPLIANCE"


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """One version of one object."""

    bucket: Bucket
    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an object: its size and digest."""

    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What a put left behind; size and digest are those of the bytes that were put.

    `parts` are the pieces in which a large object was sent, in order; empty for one that went in one piece. `confirmed`:
    the store checked the digest of what it received, of each part and of all, and told it.
    """

    ref: ObjectRef
    size: int
    sha256: bytes
    parts: tuple[Part, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What the store says of one version.

    Attributes:
        ref: the version.
        size: bytes.
        sha256: of the whole object, where the store has it; None for one put in parts.
        modified_at: by the store's clock.
        lock_mode: of the retention, if there is one.
        locked_until: when the retention ends.
        legal_hold: whether a hold forbids deletion, whatever the retention says.
    """

    ref: ObjectRef
    size: int
    sha256: bytes | None
    modified_at: datetime
    lock_mode: LockMode | None
    locked_until: datetime | None
    legal_hold: bool


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One line of a listing of versions."""

    ref: ObjectRef
    size: int
    modified_at: datetime
    is_latest: bool
    is_delete_marker: bool


@dataclass(frozen=True, slots=True)
class BucketHealth:
    """What a check found of one bucket; `fault` is empty when all is as it must be."""

    bucket: Bucket
    name: str
    exists: bool
    versioned: bool
    lockable: bool
    region: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What a check of the whole store found."""

    endpoint: str
    region: str
    buckets: tuple[BucketHealth, ...]

    @property
    def is_good(self) -> bool:
        """Whether every bucket is as it must be."""
        return all(not bucket.fault for bucket in self.buckets)
