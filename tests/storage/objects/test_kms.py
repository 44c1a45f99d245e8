"""SSE-KMS on the real server: the whole contract with `kms_key_id` set, and what the server says it did.

The server gets a KMS of its own in the S3 configuration, as an operator of SeaweedFS would write it there. Its program is a
few lines that add this block and then become the server. What it cannot show is the KMS of AWS: see docs/keys.md.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from storage.objects import Bucket, LockMode
from storage.objects.errors import ObjectLocked, ObjectStoreUnavailable
from storage.objects.model import Stored
from storage.objects.s3 import PART_BYTES, S3Store
from storage.objects.seaweed import SeaweedServer, find_program
from tests.objects import real_clock
from tests.storage.objects.contract import ObjectStoreContract, Wait, expect_racing_parts

KEY: Final = "chopbook-objects"
SIZES: Final = [10, PART_BYTES + 10]
WITH_A_KMS: Final = """#!{python} -IS
import json, os, pathlib, sys
configuration = pathlib.Path("s3.json")
found = json.loads(configuration.read_text())
local = {{"type": "local", "enableOnDemandCreate": True}}
found["kms"] = {{"default_provider": "local", "providers": {{"local": local}}}}
configuration.write_text(json.dumps(found))
os.execv("{weed}", ["{weed}", *sys.argv[1:]])
"""


def _server(folder: Path) -> SeaweedServer:
    program = folder / "weed"
    program.write_text(WITH_A_KMS.format(python=sys.executable, weed=find_program()))
    program.chmod(0o700)
    return SeaweedServer(folder / "objects", prefix="kms-", clock=real_clock, entropy=os.urandom, program=program)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    made = _server(tmp_path_factory.mktemp("kms"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def encrypting(server: SeaweedServer) -> Iterator[S3Store]:
    made = S3Store(replace(server.endpoint(), kms_key_id=KEY), after_write=server.sync)
    yield made
    made.close()


@pytest.fixture(scope="module")
def boto(server: SeaweedServer) -> Iterator[Any]:
    """Somebody else's client, which asks the server what it did."""
    endpoint = server.endpoint()
    keys = {"aws_access_key_id": endpoint.access_key, "aws_secret_access_key": endpoint.secret_key}
    once = Config(retries={"total_max_attempts": 1}, proxies={})
    made: Any = boto3.client("s3", endpoint_url=endpoint.url, region_name=endpoint.region, config=once, **keys)
    yield made
    made.close()


class TestKms(ObjectStoreContract):
    @pytest.fixture
    def store(self, encrypting: S3Store) -> S3Store:
        return encrypting

    @pytest.fixture
    def now(self) -> datetime:
        return real_clock()

    @pytest.fixture
    def wait(self) -> Wait:
        return time.sleep

    @pytest.fixture(autouse=True)
    def racing_parts(self, request: pytest.FixtureRequest) -> None:
        expect_racing_parts(request)


def _head(boto: Any, store: S3Store, stored: Stored) -> dict[str, Any]:
    name = {"Bucket": store.bucket_name(stored.ref.bucket), "Key": stored.ref.key}
    found: dict[str, Any] = boto.head_object(**name, VersionId=stored.ref.version_id)
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bucket", list(Bucket))
def test_the_server_names_the_key_it_encrypted_with(encrypting: S3Store, boto: Any, bucket: Bucket, size: int) -> None:
    stored = encrypting.put_new(bucket, f"v1/d/{uuid4()}", [b"x" * size])

    found = _head(boto, encrypting, stored)

    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", KEY)
    assert found["ContentLength"] == size


def test_without_the_setting_there_is_no_key(server: SeaweedServer, boto: Any) -> None:
    plain = S3Store(server.endpoint(), after_write=server.sync)
    stored = plain.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"x"])

    assert "SSEKMSKeyId" not in _head(boto, plain, stored)
    plain.close()


@pytest.mark.parametrize("size", SIZES)
def test_what_is_encrypted_twice_is_locked_like_anything(encrypting: S3Store, boto: Any, size: int) -> None:
    stored = encrypting.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"x" * size])
    encrypting.lock(stored.ref, LockMode.COMPLIANCE, real_clock() + timedelta(days=1))
    encrypting.hold(stored.ref, on=True)
    before = encrypting.head(stored.ref)

    with pytest.raises(ObjectLocked):
        encrypting.delete_version(stored.ref)

    assert before.lock_mode is LockMode.COMPLIANCE
    assert before.legal_hold
    assert encrypting.head(stored.ref) == before
    assert _head(boto, encrypting, stored)["SSEKMSKeyId"] == KEY


@pytest.mark.parametrize("size", SIZES)
def test_the_pinned_version_and_a_copy_open(encrypting: S3Store, boto: Any, size: int) -> None:
    stored = encrypting.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"s" * size])
    name, copy = encrypting.bucket_name(Bucket.RECORDS), f"v1/d/{uuid4()}"

    boto.put_object(Bucket=name, Key=stored.ref.key, Body=b"forged")
    source = {"Bucket": name, "Key": stored.ref.key, "VersionId": stored.ref.version_id}
    answer = boto.copy_object(Bucket=name, Key=copy, CopySource=source, ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY)

    assert b"".join(encrypting.read(stored.ref)) == b"s" * size
    assert len(list(encrypting.versions(Bucket.RECORDS, stored.ref.key))) == 2
    copied = Stored(replace(stored.ref, key=copy, version_id=answer["VersionId"]), size, stored.sha256)
    assert b"".join(encrypting.read(copied.ref, 3, 9)) == b"s" * 6
    assert b"".join(encrypting.read(copied.ref)) == b"s" * size
    assert _head(boto, encrypting, copied)["SSEKMSKeyId"] == KEY


def test_keys_of_the_local_kms_end_with_the_server(tmp_path: Path) -> None:
    """Why docs/keys.md tells nobody to use it: SeaweedFS keeps these keys in its memory."""
    server = _server(tmp_path)
    store = S3Store(replace(server.start(), kms_key_id=KEY), after_write=server.sync, attempts=1)
    stored = store.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"gone"])
    store.close()
    server.stop()

    store = S3Store(replace(server.start(), kms_key_id=KEY), attempts=1)
    with pytest.raises(ObjectStoreUnavailable, match="InternalError"):
        b"".join(store.read(stored.ref))

    store.close()
    server.stop()


def test_a_store_without_a_kms_takes_nothing(seaweed: SeaweedServer) -> None:
    store = S3Store(replace(seaweed.endpoint(), kms_key_id=KEY), attempts=1)

    with pytest.raises(ObjectStoreUnavailable, match="InternalError"):
        store.put_new(Bucket.RECORDS, f"v1/d/{uuid4()}", [b"x"])

    store.close()
