"""The contract, kept by the real server and by the store in memory; and what only the real one can show."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import boto3
import minio
import pytest
import urllib3
from botocore.config import Config
from minio.commonconfig import GOVERNANCE
from minio.retention import Retention

from storage.objects import Bucket, LockMode
from storage.objects.errors import ObjectError, ObjectRefused, ObjectStoreUnavailable
from storage.objects.s3 import PART_BYTES, S3Endpoint, S3Store
from storage.objects.seaweed import SeaweedServer
from tests.objects import MemoryStore, real_clock
from tests.storage.objects.contract import ObjectStoreContract, Wait, expect_racing_parts
from tests.worlds import SetClock

Refuses = Callable[[], None]


class TestRealServer(ObjectStoreContract):
    @pytest.fixture
    def store(self, objects: S3Store) -> S3Store:
        return objects

    @pytest.fixture
    def now(self) -> datetime:
        return real_clock()

    @pytest.fixture
    def wait(self) -> Wait:
        return time.sleep

    @pytest.fixture(autouse=True)
    def racing_parts(self, request: pytest.FixtureRequest) -> None:
        expect_racing_parts(request)


class TestMemory(ObjectStoreContract):
    @pytest.fixture
    def clock(self) -> SetClock:
        return SetClock()

    @pytest.fixture
    def store(self, clock: SetClock) -> MemoryStore:
        return MemoryStore(clock)

    @pytest.fixture
    def now(self, clock: SetClock) -> datetime:
        return clock.now

    @pytest.fixture
    def wait(self, clock: SetClock) -> Wait:
        return lambda seconds: clock.advance(seconds=seconds)


# ------------------------------------------------------------------- the lock against both clients, with admin keys


class _Rival:
    """Somebody who has the store's own credentials and a client of their own."""

    def __init__(self, endpoint: S3Endpoint) -> None:
        assert endpoint.url is not None
        keys = {"aws_access_key_id": endpoint.access_key, "aws_secret_access_key": endpoint.secret_key}
        self.boto: Any = boto3.client(
            "s3",
            endpoint_url=endpoint.url,
            region_name=endpoint.region,
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
            **keys,
        )
        self.pool: Final = urllib3.PoolManager()
        self.minio: Any = minio.Minio(
            endpoint.url.removeprefix("http://"),
            access_key=endpoint.access_key,
            secret_key=endpoint.secret_key,
            secure=False,
            region=endpoint.region,
            http_client=self.pool,
        )


@pytest.fixture(scope="module")
def rival(seaweed: SeaweedServer) -> Iterator[_Rival]:
    made = _Rival(seaweed.endpoint())
    yield made
    made.boto.close()
    made.pool.clear()


ATTEMPTS: dict[str, Callable[[_Rival, str, str, str], object]] = {
    "boto3 deletes the version": lambda r, b, k, v: r.boto.delete_object(Bucket=b, Key=k, VersionId=v),
    "boto3 deletes it with bypass": lambda r, b, k, v: r.boto.delete_object(
        Bucket=b, Key=k, VersionId=v, BypassGovernanceRetention=True
    ),
    "minio deletes the version": lambda r, b, k, v: r.minio.remove_object(b, k, version_id=v),
    "boto3 shortens the retention": lambda r, b, k, v: r.boto.put_object_retention(
        Bucket=b,
        Key=k,
        VersionId=v,
        BypassGovernanceRetention=True,
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": real_clock() + timedelta(minutes=1)},
    ),
    "minio weakens the mode": lambda r, b, k, v: r.minio.set_object_retention(
        b, k, Retention(GOVERNANCE, datetime(2090, 1, 1, tzinfo=UTC)), version_id=v
    ),
    "boto3 suspends versioning": lambda r, b, _k, _v: r.boto.put_bucket_versioning(
        Bucket=b, VersioningConfiguration={"Status": "Suspended"}
    ),
    "boto3 deletes the bucket": lambda r, b, _k, _v: r.boto.delete_bucket(Bucket=b),
    "minio deletes the bucket": lambda r, b, _k, _v: r.minio.remove_bucket(b),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_compliance_holds_against_the_stores_own_credentials(objects: S3Store, rival: _Rival, attempt: str) -> None:
    stored = objects.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"content"])
    objects.lock(stored.ref, LockMode.COMPLIANCE, real_clock() + timedelta(days=1))
    before = objects.head(stored.ref)

    with pytest.raises(Exception, match=r"AccessDenied|Access Denied|BucketNotEmpty|InvalidBucketState|WORM|not empty"):
        ATTEMPTS[attempt](rival, objects.bucket_name(Bucket.RECORDS), stored.ref.key, stored.ref.version_id)

    assert objects.head(stored.ref) == before
    assert b"".join(objects.read(stored.ref)) == b"content"


def test_a_newer_version_does_not_stand_in_for_the_pinned_one(objects: S3Store, rival: _Rival) -> None:
    stored = objects.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"sealed"])
    name = objects.bucket_name(Bucket.RECORDS)

    rival.boto.put_object(Bucket=name, Key=stored.ref.key, Body=b"forged")
    rival.minio.remove_object(name, stored.ref.key)

    assert b"".join(objects.read(stored.ref)) == b"sealed"
    found = list(objects.versions(Bucket.RECORDS, stored.ref.key))
    assert len(found) == 3
    assert [version.is_delete_marker for version in found if version.is_latest] == [True]


def test_a_presigned_address_opens_the_pack_and_nothing_else(objects: S3Store) -> None:
    pack = objects.put_new(Bucket.PACKS, f"v1/p/{uuid4()}", [b"a pack"])
    other = objects.put_new(Bucket.PACKS, f"v1/p/{uuid4()}", [b"another"])
    address = objects.presign_get(pack.ref, 60)

    with urllib.request.urlopen(address) as answer:  # noqa: S310
        assert answer.read() == b"a pack"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.replace(pack.ref.key, other.ref.key))  # noqa: S310
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.partition("?")[0])  # noqa: S310


def test_no_parts_are_left_by_a_source_that_broke_off(objects: S3Store, rival: _Rival) -> None:
    key = f"v1/d/{uuid4()}"

    def chunks() -> Iterator[bytes]:
        yield bytes(3 * PART_BYTES)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        objects.put_new(Bucket.RECORDS, key, chunks())

    uploads = rival.boto.list_multipart_uploads(Bucket=objects.bucket_name(Bucket.RECORDS), Prefix=key)
    assert uploads.get("Uploads", []) == []


def test_wrong_credentials_are_refused(seaweed: SeaweedServer) -> None:
    good = seaweed.endpoint()
    store = S3Store(
        S3Endpoint(good.url, good.region, good.prefix, access_key=good.access_key, secret_key="x" * 40), attempts=1
    )

    with pytest.raises(ObjectRefused, match="SignatureDoesNotMatch"):
        store.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"x"])
    with pytest.raises(ObjectRefused):
        store.check()

    store.close()


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    store = S3Store(S3Endpoint("http://127.0.0.1:9", "us-east-1", "x-", access_key="a", secret_key="b"), attempts=2)

    with pytest.raises(ObjectStoreUnavailable, match="expected an answer of the object store"):
        store.put_new(Bucket.RECORDS, "k", [b"x"])
    with pytest.raises(ObjectStoreUnavailable):
        store.check()

    store.close()


def test_a_check_names_what_is_missing_and_wrong(seaweed: SeaweedServer, rival: _Rival) -> None:
    good = seaweed.endpoint()
    prefix = f"half-{uuid4().hex[:8]}-"
    rival.minio.make_bucket(f"{prefix}records")
    store = S3Store(
        S3Endpoint(good.url, "ap-east-1", prefix, access_key=good.access_key, secret_key=good.secret_key), attempts=1
    )

    health = store.check()

    assert not health.is_good
    faults = {found.bucket: found.fault for found in health.buckets}
    assert faults[Bucket.QUARANTINE] == "expected the bucket, got none"
    assert faults[Bucket.RECORDS] == "expected versioning, got none"
    store.close()


def test_messages_repeat_no_secret(seaweed: SeaweedServer) -> None:
    endpoint = seaweed.endpoint()
    store = S3Store(endpoint)

    with pytest.raises(ObjectError) as caught:
        store.head(store.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b""]).ref.__class__(Bucket.RECORDS, "none", "1"))

    assert endpoint.secret_key is not None
    assert endpoint.secret_key not in str(caught.value) + repr(endpoint)
    store.close()
