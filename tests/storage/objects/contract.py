"""What every `ObjectStore` promises: one suite, for the real server and for the store in memory.

A subclass has the fixtures `store`, `now` (by the store's clock) and `wait` (lets that clock go on).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from storage.objects import Bucket, LockMode, ObjectRef, ObjectStore
from storage.objects.errors import ObjectDigestMismatch, ObjectExists, ObjectLocked, ObjectMissing, ObjectRefused
from storage.objects.model import Stored
from storage.objects.s3 import PART_BYTES

MIB = 1 << 20
Wait = Callable[[float], None]


def _key(name: str = "x") -> str:
    return f"v1/d/{uuid4()}/{name}"


def _put(store: ObjectStore, content: bytes = b"content", bucket: Bucket = Bucket.RECORDS) -> Stored:
    return store.put_new(bucket, _key(), [content])


def expect_racing_parts(request: pytest.FixtureRequest) -> None:
    """SeaweedFS now and then completes two multipart uploads of one key; keys of ours are random, so none race."""
    if request.node.name == f"test_of_racing_writers_one_wins[{PART_BYTES + 10}]":
        request.applymarker(pytest.mark.xfail(strict=False, reason="two multipart uploads of one key complete"))


def _read(store: ObjectStore, ref: ObjectRef, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(store.read(ref, start, stop))


class ObjectStoreContract:
    """See the module."""

    @pytest.mark.parametrize("bucket", list(Bucket))
    def test_what_was_put_reads_back(self, store: ObjectStore, bucket: Bucket) -> None:
        key, content = _key(), os.urandom(1_000)

        stored = store.put_new(bucket, key, [content[:400], b"", content[400:]])

        assert stored.ref.bucket is bucket
        assert stored.ref.key == key
        assert stored.ref.version_id
        assert (stored.size, stored.sha256) == (1_000, hashlib.sha256(content).digest())
        assert _read(store, stored.ref) == content

    def test_an_empty_object_is_one(self, store: ObjectStore) -> None:
        stored = store.put_new(Bucket.RECORDS, _key(), [])

        assert stored.size == 0
        assert _read(store, stored.ref) == b""
        assert store.head(stored.ref).size == 0

    @pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 3 * PART_BYTES + 77])
    def test_large_objects_are_written_once_too(self, store: ObjectStore, size: int) -> None:
        content, key = os.urandom(size), _key("large")

        stored = store.put_new(Bucket.RECORDS, key, (content[at : at + 999_999] for at in range(0, size, 999_999)))

        assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).digest())
        assert _read(store, stored.ref) == content
        assert store.head(stored.ref).size == size
        with pytest.raises(ObjectExists, match="expected an unused key, got one in use"):
            store.put_new(Bucket.RECORDS, key, [content])
        with pytest.raises(ObjectExists):
            store.put_new(Bucket.RECORDS, key, [b"small"])
        assert [version.ref for version in store.versions(Bucket.RECORDS, key)] == [stored.ref]

    def test_a_buffer_may_be_used_again_for_each_chunk(self, store: ObjectStore) -> None:
        buffer = bytearray(1_000)

        def chunks() -> Iterator[memoryview]:
            for number in range(5):
                buffer[:] = bytes([number]) * 1_000
                yield memoryview(buffer)

        stored = store.put_new(Bucket.RECORDS, _key(), chunks())

        assert _read(store, stored.ref) == b"".join(bytes([number]) * 1_000 for number in range(5))

    def test_a_key_is_used_once(self, store: ObjectStore) -> None:
        key = _key()
        first = store.put_new(Bucket.RECORDS, key, [b"first"])

        with pytest.raises(ObjectExists, match=f"object {key}: expected an unused key"):
            store.put_new(Bucket.RECORDS, key, [b"second"])
        with pytest.raises(ObjectExists):
            store.put_new(Bucket.RECORDS, key, [b"first"])

        assert _read(store, first.ref) == b"first"

    @pytest.mark.parametrize("size", [10, PART_BYTES + 10])
    def test_of_racing_writers_one_wins(self, store: ObjectStore, size: int) -> None:
        key, writers = _key("race"), 8 if size < MIB else 3

        def write(number: int) -> Stored | None:
            try:
                return store.put_new(Bucket.RECORDS, key, [bytes([number]) * size])
            except ObjectExists:
                return None

        with ThreadPoolExecutor(writers) as pool:
            results = list(pool.map(write, range(writers)))

        (won,) = (result for result in results if result is not None)
        assert [version.ref for version in store.versions(Bucket.RECORDS, key)] == [won.ref]
        assert hashlib.sha256(_read(store, won.ref)).digest() == won.sha256

    @pytest.mark.parametrize("after", [100, PART_BYTES + 100, 4 * PART_BYTES])
    def test_a_source_that_breaks_off_leaves_nothing(self, store: ObjectStore, after: int) -> None:
        key = _key()

        def chunks() -> Iterator[bytes]:
            for at in range(0, after, MIB):
                yield bytes(min(MIB, after - at))
            msg = "the client went away"
            raise ConnectionResetError(msg)

        with pytest.raises(ConnectionResetError):
            store.put_new(Bucket.RECORDS, key, chunks())

        assert list(store.versions(Bucket.RECORDS, key)) == []
        assert store.put_new(Bucket.RECORDS, key, [b"again"]).size == 5

    @pytest.mark.parametrize("size", [10, 2 * PART_BYTES + 10])
    def test_a_check_sees_what_is_there_and_may_refuse_it(self, store: ObjectStore, size: int) -> None:
        key, content, seen = _key(), os.urandom(size), []

        def check(stored: Stored) -> None:
            seen.append(_read(store, stored.ref))
            msg = "not what was meant"
            raise ObjectDigestMismatch(msg)

        with pytest.raises(ObjectDigestMismatch, match="not what was meant"):
            store.put_new(Bucket.RECORDS, key, [content], check=check)

        assert seen == [content]
        assert len(list(store.versions(Bucket.RECORDS, key))) == 1

    @pytest.mark.parametrize("size", [0, 10, 2 * PART_BYTES + 10])
    def test_a_check_is_told_what_the_put_returns_and_what_was_confirmed_is_there(
        self, store: ObjectStore, size: int
    ) -> None:
        content = os.urandom(size)
        told: list[Stored] = []

        stored = store.put_new(Bucket.RECORDS, _key(), [content], check=told.append)

        assert told == [stored]
        assert not stored.confirmed or _read(store, stored.ref) == content

    def test_the_parts_of_an_object_are_those_that_were_sent(self, store: ObjectStore) -> None:
        content = os.urandom(2 * PART_BYTES + 10)
        stored = store.put_new(Bucket.RECORDS, _key(), [content])

        at = 0
        for part in stored.parts:
            assert part.sha256 == hashlib.sha256(content[at : at + part.size]).digest()
            at += part.size
        assert at in {0, len(content)}

    @pytest.mark.parametrize("key", ["", "k" * 513, "倉" * 200])
    def test_a_key_has_bounds(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(ObjectRefused, match="object key: expected 1 to 512 bytes"):
            store.put_new(Bucket.RECORDS, key, [b"x"])

    @pytest.mark.parametrize(
        ("start", "stop"),
        [(0, 10), (10, 20), (0, None), (99_999, None), (99_990, 200_000), (5, 5), (100_000, None), (200_000, 200_010)],
    )
    def test_a_range_is_read_without_the_rest(self, store: ObjectStore, start: int, stop: int | None) -> None:
        content = os.urandom(100_000)
        stored = _put(store, content)

        assert _read(store, stored.ref, start, stop) == content[start:stop]

    def test_what_is_not_there_is_missing(self, store: ObjectStore) -> None:
        stored = _put(store)
        other_key = ObjectRef(Bucket.RECORDS, _key(), stored.ref.version_id)
        other_version = ObjectRef(Bucket.RECORDS, stored.ref.key, "0" * len(stored.ref.version_id))

        for ref in (other_key, other_version):
            with pytest.raises(ObjectMissing, match="expected"):
                _read(store, ref)
            with pytest.raises(ObjectMissing):
                store.head(ref)

    def test_a_head_says_what_is_there(self, store: ObjectStore, now: datetime) -> None:
        stored = _put(store)

        info = store.head(stored.ref)

        assert (info.ref, info.size, info.sha256) == (stored.ref, 7, stored.sha256)
        assert (info.lock_mode, info.locked_until, info.legal_hold) == (None, None, False)
        assert abs(info.modified_at - now) < timedelta(minutes=2)

    def test_versions_are_listed_by_prefix(self, store: ObjectStore) -> None:
        folder = f"v1/d/{uuid4()}/"
        refs = [store.put_new(Bucket.RECORDS, f"{folder}{name}", [b"12345"]).ref for name in ("b", "a", "c/d")]
        store.put_new(Bucket.DERIVED, f"{folder}e", [b"x"])

        found = list(store.versions(Bucket.RECORDS, folder))

        assert [version.ref for version in found] == sorted(refs, key=lambda ref: ref.key)
        assert all((v.size, v.is_latest, v.is_delete_marker) == (5, True, False) for v in found)
        assert list(store.versions(Bucket.RECORDS, "v1/nothing/")) == []

    def test_a_version_is_deleted_for_good(self, store: ObjectStore) -> None:
        stored = _put(store)

        store.delete_version(stored.ref)
        store.delete_version(stored.ref)

        with pytest.raises(ObjectMissing):
            _read(store, stored.ref)
        assert list(store.versions(Bucket.RECORDS, stored.ref.key)) == []

    @pytest.mark.parametrize("mode", list(LockMode))
    def test_a_locked_version_stays(self, store: ObjectStore, now: datetime, mode: LockMode) -> None:
        stored = _put(store)
        until = (now + timedelta(days=30)).replace(microsecond=0)

        store.lock(stored.ref, mode, until)

        info = store.head(stored.ref)
        assert (info.lock_mode, info.locked_until) == (mode, until)
        with pytest.raises(ObjectLocked, match="expected no lock, got a retention or a legal hold"):
            store.delete_version(stored.ref)
        assert _read(store, stored.ref) == b"content"

    @pytest.mark.parametrize("mode", list(LockMode))
    def test_a_retention_is_lengthened_never_shortened(self, store: ObjectStore, now: datetime, mode: LockMode) -> None:
        stored = _put(store)
        until = (now + timedelta(days=30)).replace(microsecond=0)
        store.lock(stored.ref, mode, until)

        store.lock(stored.ref, mode, until + timedelta(days=1))
        with pytest.raises(ObjectLocked, match="expected a retention at least as strong"):
            store.lock(stored.ref, mode, until)

        assert store.head(stored.ref).locked_until == until + timedelta(days=1)

    def test_compliance_is_never_weakened(self, store: ObjectStore, now: datetime) -> None:
        stored = _put(store)
        store.lock(stored.ref, LockMode.COMPLIANCE, now + timedelta(days=30))

        with pytest.raises(ObjectLocked):
            store.lock(stored.ref, LockMode.GOVERNANCE, now + timedelta(days=60))

        assert store.head(stored.ref).lock_mode is LockMode.COMPLIANCE

    def test_a_retention_ends_by_itself(self, store: ObjectStore, now: datetime, wait: Wait) -> None:
        stored = _put(store)
        store.lock(stored.ref, LockMode.COMPLIANCE, now + timedelta(seconds=2))
        with pytest.raises(ObjectLocked):
            store.delete_version(stored.ref)

        wait(2.5)

        store.delete_version(stored.ref)
        with pytest.raises(ObjectMissing):
            store.head(stored.ref)

    def test_a_hold_forbids_deletion_until_it_is_lifted(self, store: ObjectStore) -> None:
        stored = _put(store)

        store.hold(stored.ref, True)
        store.hold(stored.ref, True)
        assert store.head(stored.ref).legal_hold
        with pytest.raises(ObjectLocked):
            store.delete_version(stored.ref)
        store.hold(stored.ref, False)

        assert not store.head(stored.ref).legal_hold
        store.delete_version(stored.ref)

    def test_many_are_deleted_in_one_call_save_those_that_are_locked(self, store: ObjectStore, now: datetime) -> None:
        free, locked, held, gone = _put(store), _put(store), _put(store), _put(store)
        derived = _put(store, bucket=Bucket.DERIVED)
        store.lock(locked.ref, LockMode.COMPLIANCE, now + timedelta(days=30))
        store.hold(held.ref, True)
        store.delete_version(gone.ref)

        kept = store.delete_batch([one.ref for one in (free, locked, held, gone, derived)])

        assert kept == {locked.ref, held.ref}
        assert _read(store, locked.ref) == b"content"
        for one in (free, derived):
            with pytest.raises(ObjectMissing):
                store.head(one.ref)

    def test_versioning_cannot_be_stopped_where_there_are_locks(self, store: ObjectStore) -> None:
        store.set_versioning(Bucket.RECORDS, on=True)

        with pytest.raises(ObjectRefused):
            store.set_versioning(Bucket.RECORDS, on=False)

        assert store.check().is_good

    @pytest.mark.parametrize("bucket", [Bucket.QUARANTINE, Bucket.DERIVED])
    def test_where_nothing_may_be_locked_nothing_is(self, store: ObjectStore, now: datetime, bucket: Bucket) -> None:
        stored = _put(store, bucket=bucket)

        with pytest.raises(ObjectRefused, match="expected one with object lock"):
            store.lock(stored.ref, LockMode.GOVERNANCE, now + timedelta(days=1))
        with pytest.raises(ObjectRefused):
            store.hold(stored.ref, True)

        store.delete_version(stored.ref)

    def test_only_packs_have_addresses_for_everybody(self, store: ObjectStore) -> None:
        pack, record = _put(store, bucket=Bucket.PACKS), _put(store)

        assert pack.ref.key in store.presign_get(pack.ref, 60)
        with pytest.raises(ObjectRefused, match="expected one of packs for 1 to 3600 seconds"):
            store.presign_get(record.ref, 60)
        for seconds in (0, -1, 3_601):
            with pytest.raises(ObjectRefused):
                store.presign_get(pack.ref, seconds)

    def test_a_check_finds_everything_as_it_must_be(self, store: ObjectStore) -> None:
        health = store.check()

        assert health.is_good
        assert [found.bucket for found in health.buckets] == list(Bucket)
        assert all(found.exists and found.versioned for found in health.buckets)
        assert {found.bucket for found in health.buckets if found.lockable} == {Bucket.RECORDS, Bucket.PACKS}
