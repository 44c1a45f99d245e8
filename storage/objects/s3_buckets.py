"""The buckets of a store over S3: whether they are as they must be, making them, and asking to stop their versioning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from minio.commonconfig import ENABLED
from minio.error import S3Error
from minio.versioningconfig import SUSPENDED, VersioningConfig

from storage.objects.model import LOCKABLE, Bucket, BucketHealth, Health
from storage.objects.s3_clients import S3Endpoint, make_clients
from storage.objects.s3_errors import translated

if TYPE_CHECKING:
    from storage.objects.s3_clients import Clients


class S3Buckets:
    """What a store does with whole buckets."""

    def __init__(self, endpoint: S3Endpoint, attempts: int) -> None:
        """Makes the clients; nothing is connected to yet."""
        self._endpoint: Final = endpoint
        with translated("object store"):
            self._clients: Final[Clients] = make_clients(endpoint, attempts)
        self._boto: Final = self._clients.boto
        self._minio: Final = self._clients.minio

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

    def bucket_name(self, bucket: Bucket) -> str:
        """The bucket's real name."""
        return f"{self._endpoint.prefix}{bucket}"

    def set_versioning(self, bucket: Bucket, on: bool) -> None:
        """See the port."""
        name = self.bucket_name(bucket)
        with translated(f"bucket {name}"):
            self._minio.set_bucket_versioning(name, VersioningConfig(ENABLED if on else SUSPENDED))
