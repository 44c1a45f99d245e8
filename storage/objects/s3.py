"""The object store over S3: boto3 for write-once puts, the minio client for everything else.

- Only boto3 sends `If-None-Match: *` together with a checksum; the minio client costs a third for small reads and knows
  versions, retention and holds.
- A put carries the SHA-256 of what it sends in a signed header which the server checks, and its answer tells it
  (`storage.objects.s3_confirming`). The signature itself does not cover the body a second time.
- Up to `PART_BYTES` an object is one put; above, it is sent in parts, each with its checksum, two under way at a time,
  and becomes visible with the write-once completion. Memory: four parts for a put, whatever the size.
- Time-outs and retries are bounded. A put that is repeated after a lost answer finds itself, and says so.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention

from storage.objects.errors import ObjectError, ObjectLocked, ObjectMissing, ObjectRefused, ObjectStoreUnavailable
from storage.objects.model import (
    KEY_BYTES_MAX,
    LOCKABLE,
    PRESIGN_SECONDS_MAX,
    Bucket,
    LockMode,
    ObjectInfo,
    ObjectRef,
    ObjectVersion,
    Stored,
)
from storage.objects.s3_buckets import S3Buckets
from storage.objects.s3_clients import ATTEMPTS, CONNECTIONS_MAX, S3Endpoint
from storage.objects.s3_confirming import Belief, told_digest, told_parts
from storage.objects.s3_errors import CONFLICT, MISSING, code_of, translated
from storage.objects.s3_parts import PART_BYTES, Sending, SentPart, checksum_text, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["PART_BYTES", "S3Endpoint", "S3Store"]

READ_BYTES: Final = 256 * 1024
_MODES: Final = {LockMode.GOVERNANCE: GOVERNANCE, LockMode.COMPLIANCE: COMPLIANCE}


class S3Store(S3Buckets):
    """An `ObjectStore` on any engine that speaks S3 with versions and Object Lock."""

    def __init__(
        self, endpoint: S3Endpoint, *, attempts: int = ATTEMPTS, after_write: Callable[[], None] | None = None
    ) -> None:
        """`after_write` is called before a put returns: what the engine leaves undone for durability."""
        super().__init__(endpoint, attempts)
        self._after_write: Final = after_write or (lambda: None)
        self._parts: Final = ThreadPoolExecutor(CONNECTIONS_MAX // 2, thread_name_prefix="chopbook-parts")
        self._belief: Final = Belief(self._boto, self.bucket_name(Bucket.QUARANTINE))

    # ---------------------------------------------------------------------------------------------- writing

    def put_new(
        self,
        bucket: Bucket,
        key: str,
        chunks: Iterable[bytes | memoryview],
        *,
        content_type: str = "application/octet-stream",
        check: Callable[[Stored], None] | None = None,
    ) -> Stored:
        """See the port."""
        if not 0 < len(key.encode()) <= KEY_BYTES_MAX:
            msg = f"object key: expected 1 to {KEY_BYTES_MAX} bytes, got {len(key.encode())}"
            raise ObjectRefused(msg)
        parts = parts_of(chunks)
        first, is_whole = next(parts)
        if is_whole:
            stored = self._put_whole(bucket, key, first, content_type)
        else:
            stored = self._put_parts(bucket, key, first, parts, content_type)
        durable = self._parts.submit(self._after_write)
        try:
            if stored.confirmed and not self._belief.holds(in_parts=bool(stored.parts)):
                stored = replace(stored, confirmed=False)
            if check is not None:
                check(stored)
        finally:
            durable.result()
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
                ChecksumSHA256=checksum_text(digest),
                **self._encryption(),
            )
        return Stored(self._ref(bucket, key, answer), len(content), digest, confirmed=told_digest(answer, digest))

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
            sent = Sending(self._parts, lambda number, body: self._send_part(upload, number, body))
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
        confirmed = sent.confirmed and told_parts(answer, sent.parts)
        return Stored(self._ref(bucket, key, answer), sent.size, sent.digest, tuple(sent.parts), confirmed)

    def _send_part(self, upload: dict[str, str], number: int, body: bytearray) -> SentPart:
        digest = hashlib.sha256(body).digest()
        checksum = checksum_text(digest)
        with translated(f"object {upload['Key']}"):
            answer = self._boto.upload_part(**upload, PartNumber=number, Body=body, ChecksumSHA256=checksum)
        named = {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}
        return SentPart(named, digest, told_digest(answer, digest))

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
        return dict(found) if found.get("ChecksumSHA256") == checksum_text(digest) else None

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

    def delete_batch(self, refs: Sequence[ObjectRef]) -> frozenset[ObjectRef]:
        """See the port."""
        kept: set[ObjectRef] = set()
        for bucket in {ref.bucket for ref in refs}:
            named = {(ref.key, ref.version_id): ref for ref in refs if ref.bucket is bucket}
            wanted = [DeleteObject(key, version) for key, version in named]
            with translated(f"objects of {bucket}"):
                for error in self._minio.remove_objects(self.bucket_name(bucket), wanted):
                    ref = named.get((str(error.name), str(error.version_id)))
                    if ref is not None and error.code not in MISSING:
                        kept.add(ref)
        return frozenset(kept)

    def _require_lockable(self, ref: ObjectRef) -> None:
        if ref.bucket not in LOCKABLE:
            msg = f"bucket {ref.bucket}: expected one with object lock, got one without"
            raise ObjectRefused(msg)

    def try_out(self) -> None:
        """Puts a small object and removes it again.

        Raises:
            ObjectStoreUnavailable: the store does not take puts yet.
        """
        stored = self.put_new(Bucket.QUARANTINE, f"v1/try/{uuid.uuid4()}", [b"try"])
        self.delete_version(stored.ref)

    def close(self) -> None:
        """Closes connections; parts under way are let end."""
        self._parts.shutdown(wait=True, cancel_futures=True)
        self._clients.close()

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


def _whole_digest(text: str | None) -> bytes | None:
    """The digest of a whole object; that of one put in parts is a digest of digests, with their number behind a dash."""
    if text is None or "-" in text:
        return None
    digest = base64.b64decode(text)
    return digest if len(digest) == 32 else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
