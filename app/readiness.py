"""Whether everything a call needs is there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from storage.errors import StorageError
from storage.reading import read_head

if TYPE_CHECKING:
    from pathlib import Path

    from app.wiring import House


DISK_BYTES_MIN: Final = 16 * 2**20
"""With less free space beside the data, SQLite, its write-ahead log or an upload soon fails."""


def readiness(house: House) -> dict[str, str]:
    """Each thing a call needs: `ok`, or what is wrong with it."""
    try:
        with house.storage.database.read() as connection:
            read_head(connection)
    except StorageError as error:
        database = type(error).__name__
    else:
        database = "ok"
    waiting = house.storage.log.waiting
    queue = "ok" if waiting < house.settings.queue_size_max else "full"
    policies = "ok" if house.policies.directory().bundle.is_readable else "unreadable"
    return {
        "database": database,
        "disk": disk_state(house.settings.data_dir),
        "log_queue": queue,
        "object_store": _object_store(house),
        "policies": policies,
    }


def disk_state(folder: Path, bytes_min: int = DISK_BYTES_MIN) -> str:
    """Whether so much is free where a folder is."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return type(error).__name__
    return "ok" if free >= bytes_min else "full"


def _object_store(house: House) -> str:
    try:
        is_good = house.vault.store.check().is_good
    except StorageError as error:
        return type(error).__name__
    return "ok" if is_good else "not as it must be"
