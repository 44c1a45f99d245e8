"""What nobody tampered with: verification must find nothing, or nobody will look when it finds something."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audit.entry import parse_entry
from audit.faults import Report, Verdict
from audit.verify import Trust, leaves_trusted
from policies.model import Role
from storage import Change, Database, open_storage
from storage.errors import StorageError
from storage.reading import read_head, stream_entries
from storage.verification import verify_database
from tests.policies.house import House
from tests.tamper.case import Anchor
from tests.tamper.conftest import connect
from tests.tamper.test_corpus import verified
from tests.worlds import ROOT_KEY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.transaction import Transaction
    from tests.tamper.conftest import Stolen


@pytest.mark.parametrize("anchor", Anchor)
@pytest.mark.parametrize("base", ["plain", "rotated"])
def test_a_log_as_it_was_written_raises_no_alarm(base: str, anchor: Anchor, stolen: Stolen) -> None:
    with stolen.copy(base, lambda _: None) as url:
        report = verified(url, stolen.bases[base], anchor)

    assert report.faults == ()
    assert report.verdict is (Verdict.VALID_UNANCHORED if anchor is Anchor.NONE else Verdict.VALID_ANCHORED)


def test_a_log_that_was_just_created_raises_no_alarm(world: World) -> None:
    require_silence(world.url)


def test_a_log_after_the_erasure_of_a_person_raises_no_alarm(world: World) -> None:
    house = House(world)
    person = house.person(Role.AUDITOR, name="李小龍")
    world.append(3)

    house.committed(house.policies.erase_person(house.admin, person.id, event_id=house.id()))

    assert house.policies.display_names([person.id]) == {person.id: None}
    require_silence(world.url)
    world.append(2)
    require_silence(world.url)


def test_a_log_after_the_machine_died_in_a_change_raises_no_alarm(sqlite_world: World, tmp_path: Path) -> None:
    world, left = sqlite_world, tmp_path / "left"
    left.mkdir()
    world.append(5)

    def die() -> None:
        for part in tmp_path.glob("chopbook.db*"):
            shutil.copyfile(part, left / part.name)

    world.storage.log.commit(Change(lambda tx: _append_and(tx, world, die)))

    assert {"chopbook.db", "chopbook.db-wal"} <= {path.name for path in left.iterdir()}
    url = f"sqlite:///{left / 'chopbook.db'}"
    storage = open_storage(url, world.keystore_url, ROOT_KEY, clock=world.clock, entropy=world.entropy)
    assert storage.log.head().size == 6
    require_silence(url)
    storage.log.commit(world.change())
    storage.close()
    require_silence(url)


def test_a_log_after_the_server_died_in_a_change_raises_no_alarm(postgresql_world: World) -> None:
    world = postgresql_world
    world.append(5)

    def die() -> None:
        driver = connect(world.url)
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        driver.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        driver.close()

    # Whether the caller hears of it or the batch is done again is not what this is about.
    with contextlib.suppress(StorageError):
        world.storage.log.commit(Change(lambda tx: _append_and(tx, world, die)))

    storage = world.reopen()
    require_silence(world.url)
    storage.log.commit(world.change())
    require_silence(world.url)


def _append_and(tx: Transaction, world: World, then: Callable[[], None]) -> None:
    for n in range(3):
        tx.append(world.event(n))
    then()


def require_silence(url: str) -> None:
    """Verifies as somebody who knows nothing, as one who holds the head's note, and as one who holds all hashes."""
    database = Database(url)
    try:
        with database.read() as connection:
            head = read_head(connection)
            entries = list(stream_entries(connection, 0, head.size))
        vkeys = (str(parse_entry(entries[0].bytes).event.data["vkey"]),)
        hashes = b"".join(entry.leaf_hash for entry in entries)
        trusts = (
            Trust(),
            Trust(vkeys=vkeys),
            Trust(vkeys=vkeys, checkpoints=(head.note,)),
            leaves_trusted(hashes, vkeys=vkeys),
        )
        reports = [verify_database(database, trust=trust, workers=1) for trust in trusts]
    finally:
        database.close()
    assert [_outcome(report) for report in reports] == [
        ((), Verdict.VALID_UNANCHORED, head.size),
        ((), Verdict.VALID_UNANCHORED, head.size),
        ((), Verdict.VALID_ANCHORED, head.size),
        ((), Verdict.VALID_ANCHORED, head.size),
    ]


def _outcome(report: Report) -> tuple[object, ...]:
    return report.faults, report.verdict, report.entries_checked
