"""Whether everything a call needs is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.errors import StorageError
from storage.reading import read_head

if TYPE_CHECKING:
    from app.wiring import House


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
    return {"database": database, "log_queue": queue, "object_store": _object_store(house), "policies": policies}


def _object_store(house: House) -> str:
    try:
        is_good = house.vault.store.check().is_good
    except StorageError as error:
        return type(error).__name__
    return "ok" if is_good else "not as it must be"
