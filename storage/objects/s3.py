"""The object store over S3: boto3 for write-once puts, the minio client for everything else.

- Only boto3 sends `If-None-Match: *` together with a checksum; the minio client costs a third for small reads and knows
  versions, retention and holds.
- A put carries the SHA-256 of what it sends in a signed header which the server checks. The signature itself does not
  cover the body a second time.
- Up to `PART_BYTES` an object is one put; above, it is sent in parts, each with its checksum, two under way at a time,
  and becomes visible with the write-once completion. Memory: four parts for a put, whatever the size.
- Time-outs and retries are bounded. A put that is repeated after a lost answer finds itself, and says so.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import uuid
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
import certifi
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED, GOVERNANCE
from minio.credentials.credentials import Credentials as MinioCredentials
from minio.credentials.providers import Provider
from minio.error import S3Error
from minio.retention import Retention
from minio.versioningconfig import VersioningConfig

from storage.objects.errors import (
    ObjectError,
    ObjectLocked,
    ObjectMissing,
    ObjectRefused,
    ObjectStoreUnavailable,
)
from storage.objects.model import (
    KEY_BYTES_MAX,
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
from storage.objects.s3_errors import CONFLICT, code_of, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PART_BYTES: Final = 8 * 1024 * 1024
READ_BYTES: Final = 256 * 1024
PARTS_UNDER_WAY: Final = 2
CONNECTIONS_MAX: Final = 32
CONNECT_S: Final = 3.0
ANSWER_S: Final = 60.0
ATTEMPTS: Final = 4
LOCKABLE: Final = frozenset({Bucket.RECORDS, Bucket.PACKS})
_MODES: Final = {LockMode.GOVERNANCE: GOVERNANCE, LockMode.COMPLIANCE: COMPLIANCE}


@dataclass(frozen=True, slots=True)
class S3Endpoint:
    """Where a store is and how to speak to it.

    Attributes:
        url: with scheme and host; None is AWS itself, in `region`.
        region: of the buckets; a check compares it.
        prefix: what the names of the buckets begin with.
        access_key: None asks the machine's own chain (environment, profile, STS, instance).
        secret_key: with `access_key`.
        ca_file: certificates to trust instead of the system's.
        kms_key_id: encrypt with this key of the store's KMS as well (SSE-KMS).
    """

    url: str | None
    region: str
    prefix: str
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    kms_key_id: str | None = None

    @property
    def shown(self) -> str:
        """Its address for people."""
        return self.url or f"AWS {self.region}"


class S3Store:
    """An `ObjectStore` on any engine that speaks S3 with versions and Object Lock."""

    def __init__(
        self, endpoint: S3Endpoint, *, attempts: int = ATTEMPTS, after_write: Callable[[], None] | None = None
    ) -> None:
        """`after_write` is called before a put returns: what the engine leaves undone for durability."""
        self._endpoint: Final = endpoint
        self._after_write: Final = after_write or (lambda: None)
        session = boto3.session.Session(
            aws_access_key_id=endpoint.access_key, aws_secret_access_key=endpoint.secret_key
        )
        with translated("object store"):
            self._boto: Final = session.client(
                "s3",
                endpoint_url=endpoint.url,
                region_name=endpoint.region,
                verify=endpoint.ca_file,
                config=_boto_config(attempts, path_style=endpoint.url is not None),
            )
            self._pool: Final = _pool(endpoint, attempts)
            self._minio: Final = _minio(endpoint, session, self._pool)
        self._parts: Final = ThreadPoolExecutor(CONNECTIONS_MAX // 2, thread_name_prefix="chopbook-parts")

    # ---------------------------------------------------------------------------------------------- writing

    def put_new(
        self,
        bucket: Bucket,
        key: str,
        chunks: Iterable[bytes | memoryview],
        *,
        content_type: str = "application/octet-stream",
    ) -> Stored:
        """See the port."""
        if not 0 < len(key.encode()) <= KEY_BYTES_MAX:
            msg = f"object key: expected 1 to {KEY_BYTES_MAX} bytes, got {len(key.encode())}"
            raise ObjectRefused(msg)
        parts = _parts_of(chunks)
        first, is_whole = next(parts)
        if is_whole:
            stored = self._put_whole(bucket, key, first, content_type)
        else:
            stored = self._put_parts(bucket, key, first, parts, content_type)
        self._after_write()
        return stored

    def _put_whole(self, bucket: Bucket, key: str, content: bytearray, content_type: str) -> Stored:
        digest = hashlib.sha256(content).digest()
        with translated(f"object {key}"):
            answer = self._write_once(
                self._boto.put_object,
                digest,
                Bucket=self.bucket_name(bucket),
                Key=key,
                Body=content,
                ContentType=content_type,
                ChecksumSHA256=_text(digest),
                **self._encryption(),
            )
        return Stored(self._ref(bucket, key, answer), len(content), digest)

    def _put_parts(
        self,
        bucket: Bucket,
        key: str,
        first: bytearray,
        rest: Iterator[tuple[bytearray, bool]],
        content_type: str,
    ) -> Stored:
        name = {"Bucket": self.bucket_name(bucket), "Key": key}
        with translated(f"object {key}"):
            begun = self._boto.create_multipart_upload(
                **name, ContentType=content_type, ChecksumAlgorithm="SHA256", **self._encryption()
            )
        upload = {**name, "UploadId": begun["UploadId"]}
        try:
            sent = _Sending(self._parts, lambda number, body: self._send_part(upload, number, body))
            sent.add(first)
            for body, _is_last in rest:
                sent.add(body)
            done = sent.finish()
            with translated(f"object {key}"):
                answer = self._write_once(
                    self._boto.complete_multipart_upload, None, **upload, MultipartUpload={"Parts": done}
                )
        except BaseException:
            self._abort(upload)
            raise
        return Stored(self._ref(bucket, key, answer), sent.size, sent.digest)

    def _send_part(self, upload: dict[str, str], number: int, body: bytearray) -> dict[str, Any]:
        checksum = _text(hashlib.sha256(body).digest())
        with translated(f"object {upload['Key']}"):
            answer = self._boto.upload_part(**upload, PartNumber=number, Body=body, ChecksumSHA256=checksum)
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def _abort(self, upload: dict[str, str]) -> None:
        try:
            with translated(f"object {upload['Key']}"):
                self._boto.abort_multipart_upload(**upload)
        except ObjectError:
            # The parts name nothing; the engine's own rules remove unfinished uploads.
            return

    def _write_once(
        self, call: Callable[..., dict[str, Any]], digest: bytes | None, **arguments: Any
    ) -> dict[str, Any]:
        """A conditional write; a conflict of two under way is decided by asking again."""
        for attempt in range(ATTEMPTS):
            try:
                return call(**arguments, IfNoneMatch="*")
            except ClientError as error:
                if code_of(error) in CONFLICT and attempt + 1 < ATTEMPTS:
                    continue
                retried = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
                own = self._find_own(arguments, digest) if retried and code_of(error) == "PreconditionFailed" else None
                if own is None:
                    raise
                return own
        msg = f"object {arguments['Key']}: expected the store to decide between two writers, got only conflicts"
        raise ObjectStoreUnavailable(msg)

    def _find_own(self, arguments: dict[str, Any], digest: bytes | None) -> dict[str, Any] | None:
        """What an earlier attempt of the same put wrote, if its answer was lost on the way."""
        if digest is None:
            return None
        found = self._boto.head_object(Bucket=arguments["Bucket"], Key=arguments["Key"], ChecksumMode="ENABLED")
        return dict(found) if found.get("ChecksumSHA256") == _text(digest) else None

    # ---------------------------------------------------------------------------------------------- reading

    def read(self, ref: ObjectRef, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See the port. A connection lost on the way is taken up where it broke, a bounded number of times."""
        position, failures = start, 0
        while stop is None or position < stop:
            try:
                for chunk in self._read_once(ref, position, stop):
                    position += len(chunk)
                    failures = 0
                    yield chunk
            except ObjectStoreUnavailable:
                failures += 1
                if failures >= ATTEMPTS:
                    raise
                continue
            return
        if start == stop:
            self.head(ref)

    def _read_once(self, ref: ObjectRef, start: int, stop: int | None) -> Iterator[bytes]:
        with translated(f"object {ref.key}"):
            try:
                answer = self._minio.get_object(
                    self.bucket_name(ref.bucket),
                    ref.key,
                    offset=start,
                    length=0 if stop is None else stop - start,
                    version_id=ref.version_id,
                )
            except S3Error as error:
                # Beyond the end there is nothing; that is no error.
                if error.code == "InvalidRange":
                    return
                raise
            try:
                yield from answer.stream(READ_BYTES)
            finally:
                answer.close()
                answer.release_conn()

    def head(self, ref: ObjectRef) -> ObjectInfo:
        """See the port."""
        with translated(f"object {ref.key}"):
            found = self._minio.stat_object(
                self.bucket_name(ref.bucket),
                ref.key,
                version_id=ref.version_id,
                extra_headers={"x-amz-checksum-mode": "ENABLED"},
            )
        headers = {name.lower(): value for name, value in (found.metadata or {}).items()}
        mode, until = headers.get("x-amz-object-lock-mode"), headers.get("x-amz-object-lock-retain-until-date")
        return ObjectInfo(
            ref=ref,
            size=int(found.size or 0),
            sha256=_whole_digest(headers.get("x-amz-checksum-sha256")),
            modified_at=(found.last_modified or datetime.fromtimestamp(0, UTC)).astimezone(UTC),
            lock_mode=LockMode(mode) if mode else None,
            locked_until=_moment(until) if until else None,
            legal_hold=headers.get("x-amz-object-lock-legal-hold") == "ON",
        )

    def versions(self, bucket: Bucket, prefix: str) -> Iterator[ObjectVersion]:
        """See the port."""
        with translated(f"objects under {prefix}"):
            for found in self._minio.list_objects(
                self.bucket_name(bucket), prefix=prefix, recursive=True, include_version=True
            ):
                yield ObjectVersion(
                    ref=ObjectRef(bucket, str(found.object_name), str(found.version_id or "null")),
                    size=int(found.size or 0),
                    modified_at=(found.last_modified or datetime.fromtimestamp(0, UTC)).astimezone(UTC),
                    is_latest=str(found.is_latest).lower() == "true",
                    is_delete_marker=bool(found.is_delete_marker),
                )

    def presign_get(self, ref: ObjectRef, seconds: int) -> str:
        """See the port."""
        if ref.bucket is not Bucket.PACKS or not 0 < seconds <= PRESIGN_SECONDS_MAX:
            msg = f"presigned address: expected one of {Bucket.PACKS} for 1 to {PRESIGN_SECONDS_MAX} seconds"
            raise ObjectRefused(msg)
        with translated(f"object {ref.key}"):
            name = self.bucket_name(ref.bucket)
            return str(
                self._minio.presigned_get_object(
                    name, ref.key, expires=timedelta(seconds=seconds), version_id=ref.version_id
                )
            )

    # -------------------------------------------------------------------------------- locks, holds, deletion

    def lock(self, ref: ObjectRef, mode: LockMode, until: datetime) -> None:
        """See the port."""
        self._require_lockable(ref)
        until = until.astimezone(UTC).replace(microsecond=0)
        try:
            with translated(f"object {ref.key}"):
                self._minio.set_object_retention(
                    self.bucket_name(ref.bucket),
                    ref.key,
                    Retention(_MODES[mode], until),
                    version_id=ref.version_id,
                )
        except ObjectRefused as error:
            info = self.head(ref)
            if info.locked_until is None:
                raise
            msg = f"object {ref.key}: expected a retention at least as strong as {info.lock_mode}, got {mode}"
            raise ObjectLocked(msg) from error

    def hold(self, ref: ObjectRef, on: bool) -> None:
        """See the port."""
        self._require_lockable(ref)
        with translated(f"object {ref.key}"):
            set_hold = self._minio.enable_object_legal_hold if on else self._minio.disable_object_legal_hold
            set_hold(self.bucket_name(ref.bucket), ref.key, version_id=ref.version_id)

    def delete_version(self, ref: ObjectRef) -> None:
        """See the port."""
        try:
            with translated(f"object {ref.key}"):
                self._minio.remove_object(self.bucket_name(ref.bucket), ref.key, version_id=ref.version_id)
        except ObjectMissing:
            return
        except ObjectRefused as error:
            info = self.head(ref)
            if info.locked_until is None and not info.legal_hold:
                raise
            msg = f"object {ref.key}: expected no lock, got a retention or a legal hold"
            raise ObjectLocked(msg) from error

    def _require_lockable(self, ref: ObjectRef) -> None:
        if ref.bucket not in LOCKABLE:
            msg = f"bucket {ref.bucket}: expected one with object lock, got one without"
            raise ObjectRefused(msg)

    # -------------------------------------------------------------------------------------- the store itself

    def check(self) -> Health:
        """See the port."""
        return Health(self._endpoint.shown, self._endpoint.region, tuple(self._check(bucket) for bucket in Bucket))

    def _check(self, bucket: Bucket) -> BucketHealth:
        name = self.bucket_name(bucket)
        with translated(f"bucket {name}"):
            if not self._minio.bucket_exists(name):
                return BucketHealth(bucket, name, False, False, False, "", "expected the bucket, got none")
            versioned = self._minio.get_bucket_versioning(name).status == ENABLED
            lockable = self._has_lock(name)
            region = self._boto.get_bucket_location(Bucket=name).get("LocationConstraint") or "us-east-1"
        fault = ""
        if not versioned:
            fault = "expected versioning, got none"
        elif bucket in LOCKABLE and not lockable:
            fault = "expected object lock, got none"
        elif region != self._endpoint.region:
            fault = f"expected region {self._endpoint.region}, got {region}"
        return BucketHealth(bucket, name, True, versioned, lockable, region, fault)

    def _has_lock(self, name: str) -> bool:
        try:
            self._minio.get_object_lock_config(name)
        except S3Error as error:
            if error.code == "ObjectLockConfigurationNotFoundError":
                return False
            raise
        return True

    def ensure_buckets(self) -> None:
        """Makes the buckets that are not there, with versions, and locks where they belong."""
        for bucket in Bucket:
            name = self.bucket_name(bucket)
            with translated(f"bucket {name}"):
                if self._minio.bucket_exists(name):
                    continue
                region = self._endpoint.region
                self._minio.make_bucket(name, location=region, object_lock=bucket in LOCKABLE)
                if bucket not in LOCKABLE:
                    self._minio.set_bucket_versioning(name, VersioningConfig(ENABLED))

    def try_out(self) -> None:
        """Puts a small object and removes it again.

        Raises:
            ObjectStoreUnavailable: the store does not take puts yet.
        """
        stored = self.put_new(Bucket.QUARANTINE, f"v1/try/{uuid.uuid4()}", [b"try"])
        self.delete_version(stored.ref)

    def bucket_name(self, bucket: Bucket) -> str:
        """The bucket's real name."""
        return f"{self._endpoint.prefix}{bucket}"

    def close(self) -> None:
        """Closes connections; parts under way are let end."""
        self._parts.shutdown(wait=True, cancel_futures=True)
        self._boto.close()
        self._pool.clear()

    def _ref(self, bucket: Bucket, key: str, answer: dict[str, Any]) -> ObjectRef:
        version = answer.get("VersionId")
        if not version:
            msg = f"object {key}: expected a version id, got none: bucket {self.bucket_name(bucket)} must be versioned"
            raise ObjectRefused(msg)
        return ObjectRef(bucket, key, str(version))

    def _encryption(self) -> dict[str, str]:
        if self._endpoint.kms_key_id is None:
            return {}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._endpoint.kms_key_id}


class _Sending:
    """Sends the parts of one object, a bounded number at a time, and digests them in order."""

    def __init__(self, pool: ThreadPoolExecutor, send: Callable[[int, bytearray], dict[str, Any]]) -> None:
        self._pool: Final = pool
        self._send: Final = send
        self._under_way: Final[deque[Future[dict[str, Any]]]] = deque()
        self._done: Final[list[dict[str, Any]]] = []
        self._hash: Final = hashlib.sha256()
        self._number = 0
        self.size = 0

    @property
    def digest(self) -> bytes:
        """Of all parts."""
        return self._hash.digest()

    def add(self, body: bytearray) -> None:
        """Sends one more; waits while too many are under way."""
        self._number += 1
        self.size += len(body)
        self._under_way.append(self._pool.submit(self._send, self._number, body))
        self._hash.update(body)
        while len(self._under_way) > PARTS_UNDER_WAY:
            self._done.append(self._under_way.popleft().result())

    def finish(self) -> list[dict[str, Any]]:
        """Waits for the rest."""
        while self._under_way:
            self._done.append(self._under_way.popleft().result())
        return self._done


class _SessionProvider(Provider):
    """The minio client asks boto3's chain, so that both sign with the same (also temporary) credentials."""

    def __init__(self, session: boto3.session.Session) -> None:
        self._session: Final = session
        self._mutex: Final = threading.Lock()

    def retrieve(self) -> MinioCredentials:
        """The credentials of now."""
        with self._mutex:
            found = self._session.get_credentials()
        if found is None:
            msg = "object store: expected credentials in the settings or of this machine, got none"
            raise ObjectRefused(msg)
        frozen = found.get_frozen_credentials()
        return MinioCredentials(frozen.access_key, frozen.secret_key, session_token=frozen.token)


def _parts_of(chunks: Iterable[bytes | memoryview]) -> Iterator[tuple[bytearray, bool]]:
    """The chunks as parts of full size, the last one shorter; each with whether it is all there is."""
    # Grown as it is filled: eight MiB of zeros for a small object would cost more than sealing it.
    part, is_first = bytearray(), True
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            if len(part) == PART_BYTES:
                # Only now is it known that more follows.
                yield part, False
                part, is_first = bytearray(), False
            piece = rest[: PART_BYTES - len(part)]
            part += piece
            rest = rest[len(piece) :]
    yield part, is_first


def _boto_config(attempts: int, *, path_style: bool) -> Config:
    return Config(
        connect_timeout=CONNECT_S,
        read_timeout=ANSWER_S,
        max_pool_connections=CONNECTIONS_MAX,
        retries={"mode": "standard", "total_max_attempts": attempts},
        # The body is covered by the signed checksum header: hashing it again for the signature would only cost.
        s3={"payload_signing_enabled": False, "addressing_style": "path" if path_style else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        proxies={},
        parameter_validation=False,
        user_agent_extra="chopbook",
    )


def _pool(endpoint: S3Endpoint, attempts: int) -> urllib3.PoolManager:
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_S, read=ANSWER_S),
        maxsize=CONNECTIONS_MAX,
        cert_reqs="CERT_REQUIRED",
        ca_certs=endpoint.ca_file or certifi.where(),
        retries=urllib3.Retry(
            total=attempts - 1,
            backoff_factor=0.1,
            status_forcelist=[500, 502, 503, 504],
            raise_on_status=False,
        ),
    )


def _minio(endpoint: S3Endpoint, session: boto3.session.Session, pool: urllib3.PoolManager) -> Minio:
    parts = urlsplit(endpoint.url or f"https://s3.{endpoint.region}.amazonaws.com")
    return Minio(
        parts.netloc,
        access_key=endpoint.access_key,
        secret_key=endpoint.secret_key,
        secure=parts.scheme == "https",
        region=endpoint.region,
        http_client=pool,
        credentials=None if endpoint.access_key else _SessionProvider(session),
    )


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")


def _whole_digest(text: str | None) -> bytes | None:
    """The digest of a whole object; that of one put in parts is a digest of digests, with their number behind a dash."""
    if text is None or "-" in text:
        return None
    digest = base64.b64decode(text)
    return digest if len(digest) == 32 else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
