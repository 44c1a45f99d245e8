"""How a store over S3 is reached: its address, and the two clients with bounded time-outs and retries."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
import certifi
import urllib3
from botocore.config import Config
from minio import Minio
from minio.credentials.credentials import Credentials as MinioCredentials
from minio.credentials.providers import Provider

from storage.objects.errors import ObjectRefused

CONNECTIONS_MAX: Final = 32
CONNECT_S: Final = 3.0
ANSWER_S: Final = 60.0
ATTEMPTS: Final = 4


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


@dataclass(frozen=True, slots=True)
class Clients:
    """Both, and the connections of the second."""

    boto: Any
    minio: Minio
    pool: urllib3.PoolManager

    def close(self) -> None:
        """Closes connections."""
        self.boto.close()
        self.pool.clear()


def make_clients(endpoint: S3Endpoint, attempts: int) -> Clients:
    """Clients for an endpoint; nothing is connected to yet."""
    session = boto3.session.Session(aws_access_key_id=endpoint.access_key, aws_secret_access_key=endpoint.secret_key)
    boto = session.client(
        "s3",
        endpoint_url=endpoint.url,
        region_name=endpoint.region,
        verify=endpoint.ca_file,
        config=_boto_config(attempts, path_style=endpoint.url is not None),
    )
    pool = _pool(endpoint, attempts)
    return Clients(boto, _minio(endpoint, session, pool), pool)


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
