"""The store's word about what it received: what makes it count, and what is read back where it does not."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import minio
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError
from minio.error import S3Error

from storage.objects import Bucket, Vault
from storage.objects.errors import ObjectDigestMismatch, ObjectError
from storage.objects.model import Stored
from storage.objects.s3 import PART_BYTES, S3Store
from storage.objects.seaweed import SeaweedServer
from tests.objects import keystore_at
from tests.storage.objects.between import Answer, Between, Request, standing

SIZES = [0, 10, 1_000_000, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 77]


@contextmanager
def store_behind(between: Between, seaweed: SeaweedServer) -> Iterator[S3Store]:
    endpoint = seaweed.endpoint()
    assert endpoint.url is not None
    with standing(between, endpoint.url) as url:
        store = S3Store(replace(endpoint, url=url), attempts=1)
        try:
            yield store
        finally:
            store.close()


def put(store: S3Store, content: bytes, key: str = "") -> tuple[Stored, Stored]:
    """What a put returned, and what its check was told."""
    told: list[Stored] = []
    stored = store.put_new(Bucket.RECORDS, key or f"v1/d/{uuid4()}", [content], check=told.append)
    return stored, told[0]


def reads(between: Between) -> list[str]:
    return [path for method, path in between.seen if method == "GET"]


# ------------------------------------------------------------------------------------------------ a word that counts


@pytest.mark.parametrize("size", SIZES)
def test_the_real_server_confirms_what_it_received(objects: S3Store, size: int) -> None:
    content = os.urandom(size)

    stored, told = put(objects, content)

    assert stored.confirmed
    assert told == stored
    assert b"".join(objects.read(stored.ref)) == content
    info = objects.head(stored.ref)
    assert (info.ref, info.size) == (stored.ref, size)
    # Of an object in parts no store knows a digest of the whole.
    assert info.sha256 == (None if stored.parts else hashlib.sha256(content).digest())


@pytest.mark.parametrize("size", [1_000, 2 * PART_BYTES + 77])
def test_what_is_confirmed_is_not_read_back(seaweed: SeaweedServer, tmp_path: Path, size: int) -> None:
    between, document, content, keys = Between(), uuid4(), os.urandom(size), keystore_at(tmp_path)

    with store_behind(between, seaweed) as store:
        vault = Vault(store, keys, os.urandom)
        sealed = vault.seal(document, 1, [content])
        read_before = reads(between)
        opened = b"".join(vault.open(sealed.ref, document, 1))

    assert read_before == []
    assert opened == content
    keys.close()


def test_a_store_is_asked_once_whether_its_word_counts_and_keeps_nothing_of_it(seaweed: SeaweedServer) -> None:
    between = Between()

    with store_behind(between, seaweed) as store:
        before = list(store.versions(Bucket.QUARANTINE, "v1/try/"))
        for size in (10, 2 * PART_BYTES, 20, 3 * PART_BYTES):
            assert put(store, bytes(size))[1].confirmed
        tried = [
            (method, path.partition("?")[0].rpartition("/")[0]) for method, path in between.seen if "/try/" in path
        ]
        after = list(store.versions(Bucket.QUARANTINE, "v1/try/"))

    folder = f"/{seaweed.endpoint().prefix}quarantine/v1/try"
    # A put; then an upload in parts that is begun, gets its part, and is given up.
    assert tried == [("PUT", folder), ("POST", folder), ("PUT", folder), ("DELETE", folder)]
    assert after == before


# ------------------------------------------------------------------------------------------- what was changed on the way


class _Changes(Between):
    """Changes the bodies of sealed objects on the way."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self._way = way

    def asked(self, request: Request) -> Answer | None:
        body = request.body
        if request.method == "PUT" and "/v1/d/" in request.path and body:
            half = len(body) // 2
            changed = {
                "a bit": body[:half] + bytes([body[half] ^ 1]) + body[half + 1 :],
                "cut": body[:half],
                "longer": body + b"x",
                "other": os.urandom(len(body)),
                "nothing": b"",
            }
            request.body = changed[self._way]
            request.headers = {
                name: str(len(request.body)) if name.lower() == "content-length" else value
                for name, value in request.headers.items()
            }
        return None


WAYS = ["a bit", "cut", "longer", "other", "nothing"]


@pytest.mark.parametrize("size", [1_000, 2 * PART_BYTES + 77])
@pytest.mark.parametrize("way", WAYS)
def test_a_body_that_was_changed_on_the_way_is_refused_and_leaves_nothing(
    seaweed: SeaweedServer, objects: S3Store, way: str, size: int
) -> None:
    key = f"v1/d/{uuid4()}"

    with store_behind(_Changes(way), seaweed) as store, pytest.raises(ObjectDigestMismatch):
        put(store, os.urandom(size), key)

    assert list(objects.versions(Bucket.RECORDS, key)) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("client", ["boto3", "minio"])
def test_both_clients_are_told_of_a_body_that_was_changed(
    seaweed: SeaweedServer, objects: S3Store, client: str, way: str
) -> None:
    endpoint, key, content = seaweed.endpoint(), f"v1/d/{uuid4()}", os.urandom(1_000)
    assert endpoint.url is not None
    checksum, name = base64.b64encode(hashlib.sha256(content).digest()).decode(), objects.bucket_name(Bucket.RECORDS)

    # The minio client signs the length besides.
    told = r"BadDigest|SHA256|SignatureDoesNotMatch" if client == "minio" else "BadDigest"
    with standing(_Changes(way), endpoint.url) as url, pytest.raises((ClientError, S3Error), match=told):
        _put_with(client, url, seaweed, name, key, content, checksum)

    assert list(objects.versions(Bucket.RECORDS, key)) == []


@pytest.mark.parametrize("client", ["boto3", "minio"])
def test_both_clients_are_refused_a_wrong_checksum(seaweed: SeaweedServer, objects: S3Store, client: str) -> None:
    endpoint, key, name = seaweed.endpoint(), f"v1/d/{uuid4()}", objects.bucket_name(Bucket.RECORDS)
    assert endpoint.url is not None

    with pytest.raises((ClientError, S3Error), match="BadDigest"):
        _put_with(client, endpoint.url, seaweed, name, key, b"content", base64.b64encode(bytes(32)).decode())

    assert list(objects.versions(Bucket.RECORDS, key)) == []


@pytest.mark.parametrize("size", [1_000, 2 * PART_BYTES + 77])
def test_a_checksum_that_was_taken_off_is_missed(seaweed: SeaweedServer, objects: S3Store, size: int) -> None:
    class TakesOff(Between):
        def asked(self, request: Request) -> Answer | None:
            request.headers = {name: value for name, value in request.headers.items() if "checksum" not in name.lower()}
            return None

    key = f"v1/d/{uuid4()}"

    # It is signed.
    with store_behind(TakesOff(), seaweed) as store, pytest.raises(ObjectError, match="SignatureDoesNotMatch"):
        put(store, bytes(size), key)

    assert list(objects.versions(Bucket.RECORDS, key)) == []


def _put_with(
    client: str, url: str, seaweed: SeaweedServer, bucket: str, key: str, content: bytes, checksum: str
) -> None:
    endpoint = seaweed.endpoint()
    if client == "boto3":
        boto: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name=endpoint.region,
            aws_access_key_id=endpoint.access_key,
            aws_secret_access_key=endpoint.secret_key,
            config=Config(retries={"total_max_attempts": 1}, proxies={}, s3={"payload_signing_enabled": False}),
        )
        boto.put_object(Bucket=bucket, Key=key, Body=content, ChecksumSHA256=checksum)
        return
    pool = urllib3.PoolManager(retries=False)
    made: Any = minio.Minio(
        url.removeprefix("http://"),
        access_key=endpoint.access_key,
        secret_key=endpoint.secret_key,
        secure=False,
        region=endpoint.region,
        http_client=pool,
    )
    made.put_object(bucket, key, BytesIO(content), len(content), metadata={"x-amz-checksum-sha256": checksum})


# --------------------------------------------------------------------------------------------- a word that does not count


class _Silent(Between):
    """A store that takes digests and tells none."""

    def answered(self, request: Request, answer: Answer) -> None:
        answer.headers = {name: value for name, value in answer.headers.items() if "checksum" not in name.lower()}
        if request.method == "POST":
            answer.body = re.sub(rb"<Checksum.*?</Checksum[A-Za-z0-9]*>", b"", answer.body)


class _Parrot(Between):
    """A store that repeats the digest it is sent, whatever the bytes are."""

    def asked(self, request: Request) -> Answer | None:
        if "/v1/try/" not in request.path or request.method != "PUT":
            return None
        told = {"x-amz-checksum-sha256": request.checksum, "ETag": '"e"', "x-amz-version-id": "none"}
        return Answer(200, told)


class _Liar(Between):
    """A store that tells other digests of what it received."""

    def answered(self, request: Request, answer: Answer) -> None:
        other = base64.b64encode(bytes(32)).decode()
        answer.headers = {
            name: other if name.lower() == "x-amz-checksum-sha256" else value for name, value in answer.headers.items()
        }
        if request.method == "POST":
            answer.body = re.sub(rb"(<ChecksumSHA256>)[^<]*", rb"\g<1>" + other.encode() + b"-3", answer.body)


@pytest.mark.parametrize("size", [1_000, 2 * PART_BYTES + 77])
@pytest.mark.parametrize("kind", [_Silent, _Parrot, _Liar])
def test_where_the_stores_word_does_not_count_the_object_is_read_back(
    seaweed: SeaweedServer, tmp_path: Path, kind: type[Between], size: int
) -> None:
    between, document, content, keys = kind(), uuid4(), os.urandom(size), keystore_at(tmp_path)

    with store_behind(between, seaweed) as store:
        stored, told = put(store, content)
        assert not stored.confirmed
        assert told == stored
        sealed = Vault(store, keys, os.urandom).seal(document, 1, [content])

    assert sealed.plaintext_sha256 == hashlib.sha256(content).digest()
    assert {path.partition("?")[0].rpartition("/")[2] for path in reads(between)} == {sealed.ref.key.rpartition("/")[2]}
    keys.close()


@pytest.mark.parametrize("size", [1_000, 2 * PART_BYTES + 77])
def test_a_silent_store_that_gives_back_other_bytes_is_found_out(
    seaweed: SeaweedServer, tmp_path: Path, size: int
) -> None:
    class Rots(_Silent):
        def answered(self, request: Request, answer: Answer) -> None:
            super().answered(request, answer)
            if request.method == "GET":
                answer.body = answer.body[:-1] + bytes([answer.body[-1] ^ 1])

    keys = keystore_at(tmp_path)

    with store_behind(Rots(), seaweed) as store, pytest.raises(ObjectDigestMismatch, match="expected"):
        Vault(store, keys, os.urandom).seal(uuid4(), 1, [os.urandom(size)])

    keys.close()


@pytest.mark.parametrize("size", [10, 2 * PART_BYTES])
def test_a_store_that_cannot_be_asked_is_asked_again(seaweed: SeaweedServer, size: int) -> None:
    class Away(Between):
        is_away = True

        def asked(self, request: Request) -> Answer | None:
            return Answer(503, {}) if self.is_away and "/v1/try/" in request.path else None

    between = Away()

    with store_behind(between, seaweed) as store:
        first = put(store, bytes(size))[1]
        between.is_away = False
        second = put(store, bytes(size))[1]

    assert (first.confirmed, second.confirmed) == (False, True)


def test_an_object_in_parts_must_have_its_size_too(seaweed: SeaweedServer, tmp_path: Path) -> None:
    class Shortens(Between):
        def answered(self, request: Request, answer: Answer) -> None:
            if request.method == "HEAD":
                answer.headers = {
                    name: str(int(value) - 1) if name.lower() == "content-length" else value
                    for name, value in answer.headers.items()
                }

    keys = keystore_at(tmp_path)

    with (
        store_behind(Shortens(), seaweed) as store,
        pytest.raises(ObjectDigestMismatch, match=r"expected \d+ bytes, got"),
    ):
        Vault(store, keys, os.urandom).seal(uuid4(), 1, [bytes(2 * PART_BYTES)])

    keys.close()
