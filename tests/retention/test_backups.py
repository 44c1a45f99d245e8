"""After a disposal and the roll that follows it, no earlier backup of database and key store reads what was destroyed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.key_jobs import roll_keys
from documents.classes import SEVEN_YEARS_DAYS
from documents.store import read_version
from retention.disposal.model import ROLL_KIND
from storage import create_log, open_storage
from storage.database import Database
from storage.epoch_ring import RING_NAME, EpochRing
from storage.errors import KeyMissing, KeyUnreadable
from storage.key_events import KEYSTORE_ROLLED
from storage.keystore import KeyStore
from storage.objects import Vault
from tests.objects import MemoryStore
from tests.retention.offices import Office, record
from tests.worlds import ORIGIN, ROOT_KEY, SetClock, World, seeded
from workflow.worker import Worker


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office whose key store has a ring, as one on a single machine has."""
    clock, entropy = SetClock(), seeded()
    keystore_url, ring = f"sqlite:///{tmp_path / 'keys.db'}", EpochRing(tmp_path / RING_NAME, entropy)
    create_log(sqlite_url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=clock, entropy=entropy, ring=ring)
    storage = open_storage(sqlite_url, keystore_url, ROOT_KEY, clock=clock, entropy=entropy, ring=ring)
    world = World(sqlite_url, keystore_url, clock, entropy, storage)
    try:
        yield Office(world, tmp_path)
        world.check()
    finally:
        world.storage.close()


def test_an_earlier_backup_opens_everything_but_what_was_destroyed(office: Office, tmp_path: Path) -> None:
    doomed, kept = office.add_read(b"doomed").document, office.add_read(b"kept").document
    old, now = tmp_path / "yesterday", tmp_path / "today"
    old.mkdir()
    # Yesterday's backups: the database, the key store (as a file and as a backup), the objects, the ring beside them.
    office.world.storage.keys.backup(old / "keys.json")
    shutil.copy(tmp_path / "keys.db", old / "keys.db")
    with closing(sqlite3.connect(tmp_path / "chopbook.db")) as connection:
        connection.execute("VACUUM INTO ?", (str(old / "chopbook.db"),))
    objects = MemoryStore(office.world.clock)
    for ref in office.objects.refs():
        objects._kept[ref] = office.objects._kept[ref]  # noqa: SLF001
    (old / RING_NAME).unlink()
    office.world.clock.advance(days=SEVEN_YEARS_DAYS + 1)

    office.disposed(record(doomed))
    (job,) = office.queue.page(kinds=(ROLL_KIND,))
    now.mkdir()
    mine, others = (now / f".keys-20260101T000000000000Z-{each}.json.4242" for each in (job.job.id[:8], "ffffffff"))
    mine.write_text("{}")
    others.write_text("{}")
    worker = Worker(
        office.queue,
        {ROLL_KIND: lambda context: roll_keys(office.world.storage, now, context)},
        name="w",
        clock=office.world.clock,
        entropy=office.world.entropy,
        lease_for=timedelta(minutes=1),
    )
    assert worker.run_one()

    assert office.entry()["type"] == KEYSTORE_ROLLED
    (backup,) = now.glob("[!.]*.json")
    assert (mine.exists(), others.exists()) == (False, True), "what an attempt at this job left, and no other's"
    shutil.copy(now / RING_NAME, old / RING_NAME)
    with pytest.raises(KeyUnreadable, match="expected its secret in the ring"):
        _keys(old)
    restored = _keys(tmp_path / "elsewhere")
    with pytest.raises(KeyUnreadable):
        restored.restore(old / "keys.json")
    restored.restore(backup)
    vault, database = Vault(objects, restored, seeded(1)), Database(f"sqlite:///{old / 'chopbook.db'}")
    with database.read() as snapshot:
        gone, there = (read_version(snapshot, one, 1) for one in (doomed, kept))
    database.close()
    assert gone is not None
    assert there is not None
    assert b"".join(vault.open(there.ref, UUID(kept), 1)) == b"kept"
    with pytest.raises(KeyMissing):
        b"".join(vault.open(gone.ref, UUID(doomed), 1))
    restored.close()


def _keys(folder: Path) -> KeyStore:
    folder.mkdir(exist_ok=True)
    ring = EpochRing(folder / RING_NAME, seeded(2))
    return KeyStore(f"sqlite:///{folder / 'keys.db'}", ROOT_KEY, entropy=seeded(3), ring=ring)
