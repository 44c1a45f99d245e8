"""The job that rolls the key store's epoch after a disposal, so that no older backup reads what was destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from storage.key_events import KEYSTORE_ROLLED, record_key_care
from storage.keystore_backup import remove_partials
from storage.opening import SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

    from audit.canonical import JSON
    from storage import Storage
    from workflow.worker import JobContext

FOLDER = "key-backups"


def roll_keys(storage: Storage, folder: Path, context: JobContext) -> JSON:
    """Wraps surviving keys anew, backs them up and proves the backup, destroys the old epoch, says so.

    Killed at any step, it is done again: an epoch more costs nothing.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now, ending = context.now(), f"-{context.job.id[:8]}.json"
    # An earlier attempt at this job may have been killed while it wrote.
    remove_partials(folder, ending)
    file = folder / f"keys-{now:%Y%m%dT%H%M%S%f}Z{ending}"
    count = storage.keys.roll_epoch(file, now=now)
    data: dict[str, JSON] = {"epoch": storage.keys.epochs()[-1], "keys": count}
    committed = record_key_care(storage, KEYSTORE_ROLLED, data, actor=SYSTEM, event_id=UUID(context.job.id))
    return {**data, "file": file.name, "entry": committed.receipt.index}
