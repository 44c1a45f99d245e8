"""An object store in memory, and fixtures on it, for tests of rooms that keep documents.

`MemoryStore` passes the same contract as the real server (`tests/storage/objects/contract.py`), so a test that needs only
what the port promises takes it, and is quick.

    from tests.objects import MemoryStore, vault_at
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from storage.keystore import KeyStore
from storage.objects import Vault
from storage.objects.errors import ObjectExists, ObjectLocked, ObjectMissing, ObjectRefused
from storage.objects.model import (
    KEY_BYTES_MAX,
    LOCKABLE,
    PRESIGN_SECONDS_MAX,
    Bucket,
    BucketHealth,
    Health,
    LockMode,
    ObjectInfo,
    ObjectRef,
    ObjectVersion,
    Stored,
)
from storage.objects.spool import Spool
from tests.worlds import ROOT_KEY, START, SetClock, seeded

READ_CHUNK: Final = 65_536


@dataclass
class _Kept:
    info: ObjectInfo
    content: bytes


class MemoryStore:
    """An `ObjectStore` that forgets. `faults` lets a test break a call: it is asked with the method's name first."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or SetClock(START)
        self._kept: dict[ObjectRef, _Kept] = {}
        self._numbers = iter(range(1, 2**62))
        self._mutex = threading.RLock()
        self.faults: Callable[[str], None] = lambda _method: None
        self.calls: list[str] = []

    def put_new(
        self,
        bucket: Bucket,
        key: str,
        chunks: Iterable[bytes | memoryview],
        *,
        content_type: str = "application/octet-stream",
        check: Callable[[Stored], None] | None = None,
    ) -> Stored:
        self._called("put_new")
        if not 0 < len(key.encode()) <= KEY_BYTES_MAX:
            msg = f"object key: expected 1 to {KEY_BYTES_MAX} bytes, got {len(key.encode())}"
            raise ObjectRefused(msg)
        content = b"".join(bytes(chunk) for chunk in chunks)
        digest = hashlib.sha256(content).digest()
        with self._mutex:
            if any(ref.bucket == bucket and ref.key == key for ref in self._kept):
                msg = f"object {key}: expected an unused key, got one in use"
                raise ObjectExists(msg)
            ref = ObjectRef(bucket, key, f"m{next(self._numbers):08}")
            info = ObjectInfo(ref, len(content), digest, self._clock(), None, None, legal_hold=False)
            self._kept[ref] = _Kept(info, content)
        stored = Stored(ref, len(content), digest)
        if check is not None:
            check(stored)
        return stored

    def read(self, ref: ObjectRef, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        self._called("read")
        content = self._get(ref).content[start:stop]
        for at in range(0, len(content), READ_CHUNK):
            yield content[at : at + READ_CHUNK]

    def head(self, ref: ObjectRef) -> ObjectInfo:
        self._called("head")
        return self._get(ref).info

    def lock(self, ref: ObjectRef, mode: LockMode, until: datetime) -> None:
        self._called("lock")
        self._require_lockable(ref)
        until = until.astimezone(UTC).replace(microsecond=0)
        with self._mutex:
            kept = self._get(ref)
            now, info = self._clock(), kept.info
            if until <= now:
                msg = f"object {ref.key}: expected a retention that ends later than now, got {until.isoformat()}"
                raise ObjectRefused(msg)
            if info.locked_until is not None and info.locked_until > now:
                weaker = info.lock_mode is LockMode.COMPLIANCE and mode is LockMode.GOVERNANCE
                if weaker or until < info.locked_until:
                    msg = f"object {ref.key}: expected a retention at least as strong as {info.lock_mode}, got {mode}"
                    raise ObjectLocked(msg)
            kept.info = replace(info, lock_mode=mode, locked_until=until)

    def hold(self, ref: ObjectRef, on: bool) -> None:
        self._called("hold")
        self._require_lockable(ref)
        with self._mutex:
            kept = self._get(ref)
            kept.info = replace(kept.info, legal_hold=on)

    def delete_version(self, ref: ObjectRef) -> None:
        self._called("delete_version")
        with self._mutex:
            kept = self._kept.get(ref)
            if kept is None:
                return
            until = kept.info.locked_until
            if kept.info.legal_hold or (until is not None and until > self._clock()):
                msg = f"object {ref.key}: expected no lock, got a retention or a legal hold"
                raise ObjectLocked(msg)
            del self._kept[ref]

    def delete_batch(self, refs: Sequence[ObjectRef]) -> frozenset[ObjectRef]:
        self._called("delete_batch")
        kept: set[ObjectRef] = set()
        for ref in refs:
            try:
                MemoryStore.delete_version(self, ref)
            except ObjectLocked:
                kept.add(ref)
        return frozenset(kept)

    def set_versioning(self, bucket: Bucket, on: bool) -> None:
        self._called("set_versioning")
        if not on and bucket in LOCKABLE:
            msg = f"bucket {bucket}: expected versioning to stay, for it has locks"
            raise ObjectRefused(msg)

    def versions(self, bucket: Bucket, prefix: str) -> Iterator[ObjectVersion]:
        self._called("versions")
        with self._mutex:
            found = [kept.info for ref, kept in self._kept.items() if ref.bucket == bucket]
        for info in sorted(found, key=lambda info: info.ref.key):
            if info.ref.key.startswith(prefix):
                yield ObjectVersion(info.ref, info.size, info.modified_at, is_latest=True, is_delete_marker=False)

    def presign_get(self, ref: ObjectRef, seconds: int) -> str:
        self._called("presign_get")
        if ref.bucket is not Bucket.PACKS or not 0 < seconds <= PRESIGN_SECONDS_MAX:
            msg = f"presigned address: expected one of {Bucket.PACKS} for 1 to {PRESIGN_SECONDS_MAX} seconds"
            raise ObjectRefused(msg)
        return f"memory://{ref.bucket}/{ref.key}?versionId={ref.version_id}"

    def check(self) -> Health:
        self._called("check")
        buckets = (
            BucketHealth(bucket, str(bucket), exists=True, versioned=True, lockable=bucket in LOCKABLE, region="here")
            for bucket in Bucket
        )
        return Health("memory:", "here", tuple(buckets))

    def close(self) -> None:
        self._called("close")

    def tamper(self, ref: ObjectRef, content: bytes) -> None:
        """Puts other bytes in place of an object's, as nobody should be able to."""
        with self._mutex:
            kept = self._get(ref)
            self._kept[ref] = _Kept(replace(kept.info, size=len(content)), content)

    def content(self, ref: ObjectRef) -> bytes:
        """The stored bytes."""
        return self._get(ref).content

    def refs(self, bucket: Bucket | None = None) -> list[ObjectRef]:
        """All versions, by key."""
        with self._mutex:
            found = [ref for ref in self._kept if bucket is None or ref.bucket == bucket]
        return sorted(found, key=lambda ref: ref.key)

    def _called(self, method: str) -> None:
        self.calls.append(method)
        self.faults(method)

    def _get(self, ref: ObjectRef) -> _Kept:
        kept = self._kept.get(ref)
        if kept is None:
            msg = f"object {ref.key}: expected version {ref.version_id}, got none"
            raise ObjectMissing(msg)
        return kept

    def _require_lockable(self, ref: ObjectRef) -> None:
        if ref.bucket not in LOCKABLE:
            msg = f"bucket {ref.bucket}: expected one with object lock, got one without"
            raise ObjectRefused(msg)


def future(days: float = 30) -> datetime:
    """A moment after the tests' clock."""
    return START + timedelta(days=days)


def real_clock() -> datetime:
    """The machine's clock, for servers that have no other."""
    return datetime.now(UTC)  # noqa: TID251


def keystore_at(directory: Path, *, seed: int = 7) -> KeyStore:
    """A key store in a folder; the caller closes it."""
    return KeyStore(f"sqlite:///{directory / 'vault-keys.db'}", ROOT_KEY, entropy=seeded(seed))


def vault_at(keys: KeyStore, store: MemoryStore | None = None, *, seed: int = 8) -> Vault:
    """A vault over a memory store."""
    return Vault(store or MemoryStore(), keys, seeded(seed))


def spool_at(directory: Path, keys: KeyStore, *, seed: int = 9) -> Spool:
    """A spool in a folder."""
    return Spool(directory / "spool", keys, seeded(seed))
