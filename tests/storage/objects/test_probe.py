"""The lock probe: the real server holds, and a store that lies about its locks is found out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.objects import Bucket, LockMode, ObjectRef, Stored
from storage.objects.errors import ObjectRefused, ObjectStoreUnavailable
from storage.objects.model import BucketHealth, Health
from storage.objects.probe import LOCK_FOR, PREFIX, Attack, ProbeReport, Strength, probe_locks
from storage.objects.s3 import S3Store
from tests.objects import MemoryStore
from tests.storage.objects.contract import ObjectStoreContract, Wait
from tests.worlds import SetClock, seeded


class LyingStore(MemoryStore):
    """Takes every lock, shows it, and keeps none: what an engine that only imitates Object Lock does."""

    def __init__(self, clock: SetClock, *lies: Attack) -> None:
        super().__init__(clock)
        self._lies = frozenset(lies or Attack)
        self._versioned = True

    def _force(self, ref: ObjectRef, **info: Any) -> None:
        kept = self._kept[ref]
        kept.info = replace(kept.info, **info)

    def delete_version(self, ref: ObjectRef) -> None:
        kept = self._kept.get(ref)
        lie = Attack.DELETE_UNDER_HOLD if kept is not None and kept.info.legal_hold else Attack.DELETE_VERSION
        if kept is not None and lie in self._lies:
            self._force(ref, lock_mode=None, locked_until=None, legal_hold=False)
        super().delete_version(ref)

    def delete_batch(self, refs: Iterable[ObjectRef]) -> frozenset[ObjectRef]:
        if Attack.DELETE_BATCH not in self._lies:
            return super().delete_batch(list(refs))
        for ref in refs:
            self._kept.pop(ref, None)
        return frozenset()

    def lock(self, ref: ObjectRef, mode: LockMode, until: datetime) -> None:
        info = self._kept[ref].info if ref in self._kept else None
        if info is not None and info.locked_until is not None:
            shortens = until < info.locked_until and Attack.SHORTEN in self._lies
            weakens = mode is LockMode.GOVERNANCE and Attack.WEAKEN in self._lies
            if shortens or weakens:
                self._force(ref, lock_mode=None, locked_until=None)
        super().lock(ref, mode, until)

    def put_new(
        self,
        bucket: Bucket,
        key: str,
        chunks: Iterable[bytes | memoryview],
        *,
        content_type: str = "application/octet-stream",
        check: Callable[[Stored], None] | None = None,
    ) -> Stored:
        if Attack.OVERWRITE in self._lies and key.startswith(PREFIX):
            self._kept = {ref: kept for ref, kept in self._kept.items() if ref.key != key}
        return super().put_new(bucket, key, chunks, content_type=content_type, check=check)

    def set_versioning(self, bucket: Bucket, on: bool) -> None:
        if Attack.SUSPEND_VERSIONING not in self._lies:
            super().set_versioning(bucket, on)
        self._versioned = on

    def check(self) -> Health:
        health = super().check()
        return replace(health, buckets=tuple(self._told(one) for one in health.buckets))

    def _told(self, bucket: BucketHealth) -> BucketHealth:
        return replace(bucket, versioned=self._versioned) if bucket.bucket is Bucket.RECORDS else bucket


class TestLyingStore(ObjectStoreContract):
    """It keeps the whole contract of the port save the promises about locks: no other test would notice."""

    @pytest.fixture
    def clock(self) -> SetClock:
        return SetClock()

    @pytest.fixture
    def store(self, clock: SetClock) -> MemoryStore:
        return LyingStore(clock)

    @pytest.fixture
    def now(self, clock: SetClock) -> datetime:
        return clock.now

    @pytest.fixture
    def wait(self, clock: SetClock) -> Wait:
        return lambda seconds: clock.advance(seconds=seconds)

    test_a_locked_version_stays = None  # type: ignore[assignment]
    test_a_retention_is_lengthened_never_shortened = None  # type: ignore[assignment]
    test_compliance_is_never_weakened = None  # type: ignore[assignment]
    test_a_retention_ends_by_itself = None  # type: ignore[assignment]
    test_a_hold_forbids_deletion_until_it_is_lifted = None  # type: ignore[assignment]
    test_many_are_deleted_in_one_call_save_those_that_are_locked = None  # type: ignore[assignment]
    test_versioning_cannot_be_stopped_where_there_are_locks = None  # type: ignore[assignment]


def _probed(store: MemoryStore | S3Store) -> ProbeReport:
    return probe_locks(store, entropy=os.urandom)


def test_the_real_server_enforces_everything_and_keeps_its_versions(objects: S3Store) -> None:
    report = _probed(objects)

    assert report.results == dict.fromkeys(Attack, Strength.ENFORCED)
    assert report.is_good
    assert objects.check().is_good
    assert 0 < len(list(objects.versions(Bucket.RECORDS, PREFIX))) <= len(Attack)


def test_a_store_in_memory_that_keeps_the_contract_is_found_good() -> None:
    assert _probed(MemoryStore()).is_good


@pytest.mark.parametrize("attack", list(Attack))
def test_each_lie_is_found_alone(attack: Attack) -> None:
    store = LyingStore(SetClock(), attack)

    report = _probed(store)

    found = {name for name, strength in report.results.items() if strength is not Strength.ENFORCED}
    assert found == {attack}
    assert report.results[attack] is Strength.NOT_ENFORCED
    assert store.check().is_good


def test_a_store_without_locks_is_called_that() -> None:
    store = MemoryStore()

    def refuse(method: str) -> None:
        if method in {"lock", "hold"}:
            msg = "not implemented"
            raise ObjectRefused(msg)

    store.faults = refuse

    report = _probed(store)

    unsupported = {attack for attack, strength in report.results.items() if strength is Strength.UNSUPPORTED}
    assert unsupported == set(Attack) - {Attack.SUSPEND_VERSIONING, Attack.OVERWRITE}
    assert not report.is_good
    assert store.refs() == []


def test_a_lock_that_is_taken_and_not_kept_is_not_enforced() -> None:
    class Forgetful(MemoryStore):
        def lock(self, ref: ObjectRef, mode: LockMode, until: datetime) -> None:
            self._called("lock")

    report = _probed(Forgetful())

    assert report.results[Attack.DELETE_VERSION] is Strength.NOT_ENFORCED
    assert report.results[Attack.WEAKEN] is Strength.NOT_ENFORCED
    assert report.results[Attack.DELETE_UNDER_HOLD] is Strength.ENFORCED


def test_an_answer_that_never_came_is_no_result() -> None:
    store = MemoryStore()

    def away(method: str) -> None:
        if method == "delete_batch":
            msg = "away"
            raise ObjectStoreUnavailable(msg)

    store.faults = away

    with pytest.raises(ObjectStoreUnavailable):
        _probed(store)


def test_canaries_of_earlier_probes_are_removed_once_their_locks_end() -> None:
    clock = SetClock()
    store = MemoryStore(clock)
    entropy = seeded(3)
    record = store.put_new(Bucket.RECORDS, "v1/d/record", [b"content"]).ref
    probe_locks(store, entropy=entropy)
    left = store.refs()
    held = store.put_new(Bucket.RECORDS, f"{PREFIX}stranded", [b"x"]).ref
    store.hold(held, on=True)

    clock.advance(seconds=LOCK_FOR / timedelta(seconds=1) + 1)
    probe_locks(store, entropy=entropy)

    assert 1 < len(left) <= 1 + len(Attack)
    assert set(store.refs()) & set(left) == {record}
    assert held not in store.refs()


def test_only_a_bucket_with_locks_is_probed() -> None:
    with pytest.raises(ObjectRefused, match="expected a bucket with object lock, got derived"):
        probe_locks(MemoryStore(), entropy=os.urandom, bucket=Bucket.DERIVED)
