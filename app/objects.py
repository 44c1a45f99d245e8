"""The object store that the settings name. Nothing is started or connected to before it is needed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from app.endpoints import objects_destination
from app.secret_files import SecretFileError, read_credentials
from app.setting_kinds import SettingsError
from app.settings import Settings
from storage.errors import StorageError
from storage.objects.delegating import DelegatingStore, LazyStore
from storage.objects.embedded import EmbeddedStore
from storage.objects.port import ObjectStore
from storage.outbound import OutboundGate

FOLDER: Final = "objects"

_log = logging.getLogger("chopbook.app")


def object_store(
    settings: Settings, gate: OutboundGate, *, clock: Callable[[], datetime], entropy: Callable[[int], bytes]
) -> EmbeddedStore | LazyStore:
    """The store; close it at the end, which ends an embedded server that this process runs."""
    if settings.object_store == "embedded":
        folder = settings.data_dir / FOLDER
        return EmbeddedStore(folder, prefix=settings.object_store_prefix, clock=clock, entropy=entropy)
    return LazyStore(lambda: _s3(settings), gate, objects_destination(settings))


def reach_in_background(store: ObjectStore) -> threading.Thread:
    """Starts or finds the store beside everything else that starts; whoever needs it earlier waits for the same start."""

    def reach() -> None:
        try:
            health = store.check()
        except (StorageError, SettingsError) as error:
            _log.error("object store not reached", extra={"error": str(error)})
            return
        for bucket in health.buckets:
            if bucket.fault:
                _log.error("bucket not as it must be", extra={"bucket": bucket.name, "fault": bucket.fault})

    thread = threading.Thread(target=reach, name="chopbook-objects-reach", daemon=True)
    thread.start()
    return thread


def ensure_buckets(store: ObjectStore) -> None:
    """Makes buckets that are missing.

    Raises:
        ObjectError: the store does not allow it.
    """
    reached = store.reached() if isinstance(store, DelegatingStore) else store
    make = getattr(reached, "ensure_buckets", None)
    if make is not None:
        make()


def _s3(settings: Settings) -> ObjectStore:
    from storage.objects.s3 import S3Endpoint, S3Store  # noqa: PLC0415  half a second that most commands do not need

    access_key, secret_key = None, None
    if settings.object_store_credentials_file is not None:
        try:
            access_key, secret_key = read_credentials(settings.object_store_credentials_file)
        except SecretFileError as error:
            raise SettingsError((error.of("CHOPBOOK_OBJECT_STORE_CREDENTIALS_FILE"),)) from error
    endpoint = S3Endpoint(
        url=settings.object_store_url,
        region=settings.object_store_region,
        prefix=settings.object_store_prefix,
        access_key=access_key,
        secret_key=secret_key,
        ca_file=None if settings.object_store_ca_file is None else str(settings.object_store_ca_file),
        kms_key_id=settings.object_store_kms_key,
    )
    return S3Store(endpoint)
