"""A write-ahead log that ends in the middle of a batch, as after a power cut: SQLite falls back to a whole commit.

The database and its WAL are copied while the log is open, the WAL is cut at any byte, and the log is opened again. What
a cut takes away was never promised: `synchronous=FULL` makes the promise only after the WAL has reached the disk, which
is checked on the writer's own connection.
"""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from storage import Change
from tests.crash.aftermath import reopened
from tests.worlds import check_log, world_at

if TYPE_CHECKING:
    from pathlib import Path

BATCHES = (1, 40, 3, 300, 7)
CUTS = 25


@pytest.fixture
def torn(sqlite_url: str, tmp_path: Path) -> tuple[Path, list[int]]:
    """A copy of a log's files whose last batches are in the WAL only, and the sizes that were once committed."""
    path = tmp_path / "chopbook.db"
    with world_at(sqlite_url, tmp_path) as world:
        sizes = [world.storage.log.head().size]
        for count in BATCHES:
            events = [world.event(n) for n in range(count)]
            world.storage.log.commit(Change(lambda tx, events=events: [tx.append(event) for event in events]))
            sizes.append(world.storage.log.head().size)
        copy = tmp_path / "copy"
        copy.mkdir()
        for name in ("chopbook.db", "chopbook.db-wal"):
            shutil.copyfile(path.with_name(name), copy / name)
    return copy, sizes


def test_a_wal_cut_anywhere_gives_a_whole_commit(torn: tuple[Path, list[int]], tmp_path: Path) -> None:
    copy, sizes = torn
    wal = (copy / "chopbook.db-wal").read_bytes()
    chance = random.Random(3)
    cuts = [0, 1, 31, 32, len(wal) - 1, len(wal), *(chance.randrange(len(wal)) for _ in range(CUTS))]
    found = set()

    for number, cut in enumerate(sorted(cuts)):
        place = tmp_path / f"cut-{number}"
        place.mkdir()
        shutil.copyfile(copy / "chopbook.db", place / "chopbook.db")
        (place / "chopbook.db-wal").write_bytes(wal[:cut])
        size = _opened_size(f"sqlite:///{place / 'chopbook.db'}", f"sqlite:///{tmp_path / 'keys.db'}")
        assert size in sizes, f"a cut at {cut} of {len(wal)} bytes shows half a batch: {size}"
        found.add(size)

    assert max(found) == sizes[-1]
    assert len(found) > 2


def _opened_size(url: str, keystore_url: str) -> int:
    storage = reopened(url, keystore_url)
    try:
        return check_log(storage)
    finally:
        storage.close()


def test_the_writer_waits_for_the_disk(sqlite_url: str, tmp_path: Path) -> None:
    with (
        world_at(sqlite_url, tmp_path) as world,
        world.storage.database.writing_connection() as connection,
    ):
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()

    assert (synchronous, journal) == (2, "wal")
