"""The port of the object store: what Chopbook asks of it, whoever keeps the bytes.

Every implementation passes `tests/storage/objects/contract.py`. All methods are safe to call from many threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from storage.objects.model import Bucket, Health, LockMode, ObjectInfo, ObjectRef, ObjectVersion, Stored


class ObjectStore(Protocol):
    """Write-once objects with versions, retention and legal hold.

    Every method raises `ObjectStoreUnavailable` when the store gave no answer after bounded retries, and `ObjectRefused`
    when it forbids the call.
    """

    def put_new(
        self,
        bucket: Bucket,
        key: str,
        chunks: Iterable[bytes | memoryview],
        *,
        content_type: str = "application/octet-stream",
        check: Callable[[Stored], None] | None = None,
    ) -> Stored:
        """Writes an object under a key that was never used; of racing callers exactly one wins.

        Durable when it returns. If `chunks` raises, or anything fails, nothing is visible under the key. A chunk is
        copied before the next is asked for, so one buffer may be yielded again and again. The store is given a SHA-256 to
        check what it received by, and `Stored.confirmed` says whether it told so; memory held is bounded by a few parts, not by
        the object. `check` is called once the object is there, while it is being made durable; what it raises is raised, and the
        object stays.

        Raises:
            ObjectExists: the key is taken.
            ObjectDigestMismatch: the store received other bytes.
        """
        ...

    def read(self, ref: ObjectRef, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Bytes `start` to `stop` (exclusive) of one version, in chunks; never of a newer one.

        Reading past the end gives what there is. Raises at the first step:

            ObjectMissing: no such version.
        """
        ...

    def head(self, ref: ObjectRef) -> ObjectInfo:
        """What the store knows of one version.

        Raises:
            ObjectMissing: no such version.
        """
        ...

    def lock(self, ref: ObjectRef, mode: LockMode, until: datetime) -> None:
        """Sets or lengthens a version's retention; `until` is aware and is kept to the second.

        Raises:
            ObjectLocked: it would shorten a retention, or weaken COMPLIANCE.
            ObjectMissing: no such version.
            ObjectRefused: the bucket has no locks.
        """
        ...

    def hold(self, ref: ObjectRef, on: bool) -> None:
        """Sets or lifts a version's legal hold.

        Raises:
            ObjectMissing: no such version.
            ObjectRefused: the bucket has no locks.
        """
        ...

    def delete_version(self, ref: ObjectRef) -> None:
        """Removes one version for good; one that is not there is no error.

        Raises:
            ObjectLocked: a retention or a hold forbids it.
        """
        ...

    def delete_batch(self, refs: Sequence[ObjectRef]) -> frozenset[ObjectRef]:
        """Removes versions in one call for each bucket; returns those that the store did not remove.

        One that is not there is no error. At most `DELETE_BATCH_MAX`.
        """
        ...

    def set_versioning(self, bucket: Bucket, on: bool) -> None:
        """Asks the store to keep versions, or to stop. Only a lock probe asks it to stop.

        Raises:
            ObjectRefused: the store protects the bucket, as it must one with locks.
        """
        ...

    def versions(self, bucket: Bucket, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker under a prefix, by key."""
        ...

    def presign_get(self, ref: ObjectRef, seconds: int) -> str:
        """An address from which anybody may fetch this version for a while. Only of `PACKS`, for at most an hour.

        Raises:
            ObjectRefused: of any other bucket.
        """
        ...

    def check(self) -> Health:
        """What of the store is as it must be: buckets, versioning, locks, region."""
        ...

    def close(self) -> None:
        """Closes connections."""
        ...
