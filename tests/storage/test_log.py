"""What a caller of the log may rely on."""

import asyncio
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Text, select

from audit.checkpoint import open_checkpoint
from audit.event import Actor, Event, Subject
from audit.keys import parse_vkey
from audit.proof import verify_inclusion
from storage import Change, Committed, KeyedRows, Transaction
from storage.errors import EmptyChange, EventIdReused, LogBusy, LogClosed, StorageError, UnloggedWrite
from storage.reading import read_entry, read_head
from storage.schema import BigInt, personal_values, subject_table
from tests.worlds import ORIGIN, World


def appending(event: Event) -> Change[Any]:
    return Change(lambda tx: tx.append(event))


def prove(world: World, committed: Committed[Any]) -> None:
    """Checks the receipt as its holder would: checkpoint signature, then the path."""
    from audit.entry import parse_entry

    with world.storage.database.read() as connection:
        vkey = str(parse_entry(read_entry(connection, 0).bytes).event.data["vkey"])
    receipt = committed.receipt
    checkpoint = open_checkpoint(receipt.checkpoint, [parse_vkey(vkey)], origin=ORIGIN)
    assert checkpoint.size == receipt.size
    verify_inclusion(
        leaf_hash=receipt.leaf_hash,
        index=receipt.index,
        size=receipt.size,
        proof=receipt.proof,
        root=checkpoint.root,
    )


def test_a_receipt_proves_its_entry_on_its_own(world: World) -> None:
    committed = world.append(3)[-1]

    assert committed.receipt.index == 3
    prove(world, committed)
    world.check()


def test_every_receipt_proves_across_tile_boundaries(world: World) -> None:
    events = [world.event(n) for n in range(700)]

    def bulk(tx: Transaction) -> int:
        for event in events:
            tx.append(event)
        return tx.size

    world.storage.log.commit(Change(bulk))
    committed = world.append(5)

    for one in committed:
        prove(world, one)
    assert world.check() == 706


def test_concurrent_callers_share_batches_and_all_are_answered(world: World) -> None:
    found: list[Committed[Any]] = []

    def produce() -> None:
        found.extend(world.append(20))

    threads = [threading.Thread(target=produce) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(committed.receipt.index for committed in found) == list(range(1, 161))
    for committed in found[::17]:
        prove(world, committed)
    assert world.check() == 161


def test_callers_on_an_event_loop_await_their_commit(world: World) -> None:
    async def produce() -> list[Committed[Any]]:
        changes = [world.change(n) for n in range(50)]
        return await asyncio.gather(*(world.storage.log.commit_async(change) for change in changes))

    found = asyncio.run(produce())

    assert sorted(committed.receipt.index for committed in found) == list(range(1, 51))
    world.check()


def test_callers_of_one_turn_of_the_event_loop_share_one_batch(world: World) -> None:
    heard: list[int] = []
    world.storage.log.on_commit(lambda head: heard.append(head.size))
    changes = [world.change(n) for n in range(50)]

    async def produce() -> None:
        calls = []
        for change in changes:
            calls.append(asyncio.ensure_future(world.storage.log.commit_async(change)))
            # In the same turn, and long enough for the writer to take what has queued, if anything has.
            asyncio.get_running_loop().call_soon(time.sleep, 0.002)
        await asyncio.gather(*calls)

    asyncio.run(produce())

    assert heard == [51]
    world.check()


def test_callers_of_neighbouring_turns_share_one_batch(world: World) -> None:
    heard: list[int] = []
    world.storage.log.on_commit(lambda head: heard.append(head.size))
    changes = [world.change(n) for n in range(20)]

    async def produce() -> None:
        calls = []
        for change in changes:
            calls.append(asyncio.ensure_future(world.storage.log.commit_async(change)))
            await asyncio.sleep(0)
        await asyncio.gather(*calls)

    asyncio.run(produce())

    assert heard == [21]
    world.check()


def test_a_caller_is_answered_though_the_loop_never_stops_bringing_others(world: World) -> None:
    calls: list[asyncio.Future[Committed[Any]]] = []
    heard: list[int] = []
    world.storage.log.on_commit(lambda head: heard.append(head.size))

    async def produce() -> None:
        first = asyncio.ensure_future(world.storage.log.commit_async(world.change(0)))
        while not first.done():
            calls.append(asyncio.ensure_future(world.storage.log.commit_async(world.change(1 + len(calls)))))
            # A slow turn: no more than twenty of them pass before those that came are sent.
            asyncio.get_running_loop().call_soon(time.sleep, 0.001)
            await asyncio.sleep(0)
        await asyncio.gather(*calls)

    asyncio.run(asyncio.wait_for(produce(), 20))

    assert heard[0] <= 1 + 22
    assert world.check() == 2 + len(calls)


def test_what_is_committed_is_copied_back_when_its_callers_are_answered(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.worlds import world_at

    monkeypatch.setattr("storage.batch.COPY_BACK_PAGES", 100)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with world_at(sqlite_url, tmp_path) as world:
        world.append(3)
        early = size_without_write_ahead_log(file, tmp_path / "early.db")
        world.append(5)

        deadline = time.monotonic() + 5
        late = early
        while late == early and time.monotonic() < deadline:
            time.sleep(0.01)
            late = size_without_write_ahead_log(file, tmp_path / "late.db")
        assert 4 < late <= 9
        assert world.check() == 9


def size_without_write_ahead_log(database: Path, copy: Path) -> int:
    """The size of the log as the database file alone tells it; 0 if there is none in it."""
    copy.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        try:
            row = connection.execute("SELECT size FROM log_head").fetchone()
        except sqlite3.Error:
            return 0
        return int(row[0]) if row else 0


def test_a_log_closed_in_the_same_turn_refuses_and_does_nothing(world: World) -> None:
    change = world.change(0)

    async def produce() -> list[object]:
        call = asyncio.ensure_future(world.storage.log.commit_async(change))
        asyncio.get_running_loop().call_soon(world.storage.close)
        return list(await asyncio.gather(call, return_exceptions=True))

    outcomes = asyncio.run(produce())

    assert [type(outcome) for outcome in outcomes] == [LogClosed]
    world.storage = world.open_another()
    assert world.check() == 1


def test_a_full_queue_answers_callers_of_one_turn_too(sqlite_url: str, tmp_path: Path) -> None:
    from tests.worlds import world_at

    with world_at(sqlite_url, tmp_path, queue_size_max=3) as world:
        changes = [world.change(n) for n in range(5)]

        async def produce() -> list[object]:
            log = world.storage.log
            return list(await asyncio.gather(*(log.commit_async(change) for change in changes), return_exceptions=True))

        outcomes = asyncio.run(produce())

        assert [isinstance(outcome, LogBusy) for outcome in outcomes] == [False, False, False, True, True]
        assert world.check() == 4


def test_a_repeated_event_gets_the_first_entry_for_ever(world: World) -> None:
    event = world.event()
    change = Change(lambda tx: tx.append(event))
    first = world.storage.log.commit(change)
    world.append(3)
    world.reopen()

    again = world.storage.log.commit(change)

    assert again.replayed
    assert again.result is None
    assert (again.receipt.index, again.receipt.leaf_hash) == (first.receipt.index, first.receipt.leaf_hash)
    prove(world, again)
    world.check()


def test_an_event_id_with_other_content_is_refused(world: World) -> None:
    event_id = UUID(int=7)

    def noted(request: bytes) -> Change[Any]:
        event = Event("test.noted", (Subject("note", "1"),), {}, Actor("p_test", "staff"), event_id, request=request)
        return appending(event)

    world.storage.log.commit(noted(b"a" * 16))

    with pytest.raises(EventIdReused, match="is taken: expected the content of entry 1, got other content"):
        world.storage.log.commit(noted(b"b" * 16))
    assert world.check() == 2


def test_the_same_event_id_of_another_client_is_another_event(world: World) -> None:
    for actor in ("p_one", "p_two"):
        event = Event("test.noted", (Subject("note", "1"),), {}, Actor(actor, "staff"), UUID(int=7))
        assert not world.storage.log.commit(appending(event)).replayed

    assert world.check() == 3


class Refused(Exception):
    """What a change of these tests raises."""


@pytest.mark.parametrize("late", [False, True], ids=["before writing", "after writing"])
def test_a_failing_change_takes_nobody_with_it(world: World, late: bool) -> None:
    log = world.storage.log

    def fail(tx: Transaction) -> None:
        if late:
            tx.append(world.event(99))
        raise Refused

    async def mix() -> list[Any]:
        good = [world.change(n) for n in range(10)]
        changes = [*good[:5], Change(fail), *good[5:]]
        return list(await asyncio.gather(*(log.commit_async(change) for change in changes), return_exceptions=True))

    outcomes = asyncio.run(mix())

    assert isinstance(outcomes[5], Refused)
    assert all(isinstance(outcome, Committed) for n, outcome in enumerate(outcomes) if n != 5)
    assert world.check() == 11


def test_a_change_that_appends_nothing_is_refused(world: World) -> None:
    with pytest.raises(EmptyChange):
        world.storage.log.commit(Change(lambda _tx: None))

    assert world.check() == 1


def test_what_the_database_refuses_again_and_again_never_troubles_what_comes_after(world: World) -> None:
    def twice(tx: Transaction) -> None:
        entry = tx.append(world.event())
        for _ in range(2):
            tx.insert(entry, personal_values, field="f", person="p", ciphertext=b"")

    # More often than it takes until the driver prepares a statement.
    for size in range(1, 9):
        with pytest.raises(StorageError, match=r"IntegrityError|UniqueViolation"):
            world.storage.log.commit(Change(twice))
        assert world.append()[0].receipt.index == size
    assert world.check() == 9


def test_a_write_needs_an_entry_of_its_own_transaction(world: World) -> None:
    old = world.append()[0].entries[0]

    def write(tx: Transaction) -> None:
        tx.append(world.event())
        tx.insert(old, personal_values, field="f", person="p", ciphertext=b"")

    with pytest.raises(UnloggedWrite, match="expected an entry appended by this change"):
        world.storage.log.commit(Change(write))
    assert world.check() == 2


def test_personal_values_open_until_the_key_is_destroyed(world: World) -> None:
    from storage import ERASED
    from storage.personal import reveal_personal

    value = world.storage.log.personal("p_clerk", "note", "陳大文 called 9123 4567")
    event = Event(
        "test.noted",
        (Subject("note", "1"),),
        {},
        Actor("p_test", "staff"),
        UUID(int=9),
        personal={value.field: value.digest},
    )
    entry = world.storage.log.commit(Change(lambda tx: tx.append(event, [value]))).entries[0]

    def read() -> dict[str, Any]:
        with world.storage.database.read() as connection:
            return reveal_personal(connection, world.storage.keys, entry.index, dict(event.personal))

    assert read() == {"note": "陳大文 called 9123 4567"}
    assert b"9123" not in entry.bytes
    world.storage.keys.destroy("person", "p_clerk")
    assert read() == {"note": ERASED}
    world.check()


def test_a_full_queue_answers_at_once(sqlite_url: str, tmp_path: Path) -> None:
    from tests.worlds import world_at

    with world_at(sqlite_url, tmp_path, queue_size_max=2, batch_size_max=1) as world:
        gate = threading.Event()
        started = threading.Event()
        event = world.event()

        def wait(tx: Transaction) -> None:
            tx.append(event)
            started.set()
            gate.wait(10)

        log = world.storage.log
        holder = threading.Thread(target=lambda: log.commit(Change(wait)))
        holder.start()
        started.wait(10)
        queued = [threading.Thread(target=world.append) for _ in range(2)]
        for thread in queued:
            thread.start()
        while log.waiting < 2:
            pass

        with pytest.raises(LogBusy, match="queue is full"):
            world.append()

        gate.set()
        for thread in [holder, *queued]:
            thread.join()
        assert world.check() == 4


def test_a_closed_log_refuses_and_has_answered_everybody(world: World) -> None:
    found: list[Committed[Any]] = []
    threads = [threading.Thread(target=lambda: found.extend(world.append(1))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    world.storage.close()

    with pytest.raises(LogClosed):
        world.append()
    assert len(found) == 6
    world.storage = world.open_another()
    assert world.check() == 7


def test_two_processes_worth_of_writers_share_one_history(world: World) -> None:
    other = world.open_another()
    try:
        for n in range(10):
            storage = other if n % 2 else world.storage
            event = world.event(n)
            assert storage.log.commit(appending(event)).receipt.index == n + 1
    finally:
        other.close()

    assert world.check() == 11


def test_listeners_hear_the_new_head_before_callers_are_answered(world: World) -> None:
    heard: list[int] = []
    world.storage.log.on_commit(lambda head: heard.append(head.size))

    world.append(2)

    assert heard == [2, 3]
    world.check()


def test_the_head_reads_back_as_committed(world: World) -> None:
    committed = world.append()[0]

    with world.storage.database.read() as connection:
        head = read_head(connection)

    assert head.note == committed.receipt.checkpoint
    assert head == world.storage.log.head()


# A subject table of the tests' own, made in each world's database by hand.
shelves = subject_table(
    "test_shelves", Column("shelf", Text, primary_key=True), Column("boxes", BigInt, nullable=False)
)
SHELVES = KeyedRows(shelves, ("shelf",), ("boxes",))


@pytest.fixture
def shelf_world(world: World) -> World:
    from migrations.guards import guard_ddl

    with world.storage.database.writing_connection() as connection:
        shelves.create(connection)
        for statement in guard_ddl(world.storage.database.dialect, "subject", shelves.name):
            connection.exec_driver_sql(statement)
    return world


def add_box(world: World, shelf: str) -> Change[int]:
    event = world.event(subject=f"shelf/{shelf}")

    def run(tx: Transaction) -> int:
        row = tx.get(SHELVES, (shelf,))
        boxes = (row[0] if row else 0) + 1
        entry = tx.append(event)
        tx.put(entry, SHELVES, (shelf,), (boxes,))
        return boxes

    return Change(run, reads=((SHELVES, (shelf,)),))


def test_changes_of_one_batch_see_each_others_rows(shelf_world: World) -> None:
    async def race() -> list[Committed[int]]:
        log = shelf_world.storage.log
        return await asyncio.gather(*(log.commit_async(add_box(shelf_world, "A")) for _ in range(40)))

    found = asyncio.run(race())

    assert sorted(committed.result or 0 for committed in found) == list(range(1, 41))
    with shelf_world.storage.database.read() as connection:
        assert connection.execute(select(shelves.c.boxes)).scalar_one() == 40
    shelf_world.check()


def test_rows_another_process_wrote_are_seen(shelf_world: World) -> None:
    shelf_world.storage.log.commit(add_box(shelf_world, "A"))
    other = shelf_world.open_another()
    try:
        other.log.commit(add_box(shelf_world, "A"))
    finally:
        other.close()

    assert shelf_world.storage.log.commit(add_box(shelf_world, "A")).result == 3
    shelf_world.check()


def test_the_database_refuses_a_row_no_entry_covers(shelf_world: World) -> None:
    from sqlalchemy.exc import DatabaseError

    shelf_world.storage.log.commit(add_box(shelf_world, "A"))
    statements = [
        "INSERT INTO test_shelves (shelf, boxes, entry_index) VALUES ('B', 1, 1)",
        "UPDATE test_shelves SET boxes = 7",
        "DELETE FROM test_shelves",
        "UPDATE entries SET type = 'x.y'",
        "DELETE FROM entries",
        "DELETE FROM entry_subjects",
        "DELETE FROM log_head",
        "UPDATE checkpoints SET note = ''",
    ]
    for statement in statements:
        with (
            shelf_world.storage.database.writing_connection() as connection,
            pytest.raises(DatabaseError, match="chopbook: "),
        ):
            connection.exec_driver_sql(statement)
    shelf_world.check()


def test_a_log_that_ends_with_a_full_tile_proves_its_entries_after_a_restart(world: World) -> None:
    changes = [appending(world.event(n)) for n in range(255)]  # with the log's own first entry: one tile
    for change in changes:
        world.storage.log.commit(change)
    world.reopen()

    again = [world.storage.log.commit(change) for change in (changes[0], changes[-1])]

    assert [(committed.replayed, committed.receipt.index) for committed in again] == [(True, 1), (True, 255)]
    for committed in (*again, *world.append(2)):
        prove(world, committed)
    world.check()
