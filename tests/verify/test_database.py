"""Verifying a log in a database, whole and in part, on both kinds of database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from audit.checkpoint import Checkpoint
from audit.entry import Event, Link, Subject
from audit.faults import FaultKind, Limit, Verdict
from audit.verify import Trust, leaves_trusted
from storage import Change, Storage, Transaction, rotate_key, verification
from storage.database import Database
from storage.errors import StorageFailed
from storage.reading import read_head, root_at, stream_entries
from storage.verification import EntryRange, OneEntry, OneSubject, Since, verify_database
from tests.verify.attacks import alter, delete, sql
from tests.verify.conftest import SIZE, Attack, Attacked, kinds, limits, named
from tests.verify.synthetic import ORIGIN, Forge, grown, signer_of
from tests.worlds import World

K = FaultKind


def checkpoint_at(storage: Storage, size: int) -> Checkpoint:
    with storage.database.read() as connection:
        return Checkpoint(storage.log.origin, size, root_at(connection, size))


def append_at_once(world: World, events: list[Event]) -> None:
    """One change with many entries."""

    def run(tx: Transaction) -> None:
        for event in events:
            tx.append(event)

    world.storage.log.commit(Change(run))


@pytest.fixture
def filled(world: World) -> World:
    """A log of 601 entries with a rotation in it."""
    append_at_once(world, [world.event(n) for n in range(300)])
    with world.storage.database.read() as connection:
        created = next(stream_entries(connection, 0, 1))
    vkey = created.bytes.split(b'"vkey":"')[1].split(b'"')[0].decode()
    event = world.event()
    rotate_key(world.storage, actor=event.actor, previous_vkey=vkey, event_id=event.event_id, entropy=world.entropy)
    append_at_once(world, [world.event(n, kind="other", subject="o/1") for n in range(299)])
    return world


class TestATrueLog:
    """On both databases, nothing is wrong with what the log itself wrote."""

    def test_the_whole_is_valid(self, filled: World) -> None:
        report = verify_database(filled.storage.database)

        assert report.verdict is Verdict.VALID_UNANCHORED
        assert (report.size, report.entries_checked) == (601, 601)
        assert report.checkpoints_checked >= 1
        assert not report.key_pinned

    def test_a_pinned_first_key_and_a_checkpoint_make_it_anchored(self, filled: World) -> None:
        with filled.storage.database.read() as connection:
            head = read_head(connection)
            created = next(stream_entries(connection, 0, 1))
            leaves = b"".join(entry.leaf_hash for entry in stream_entries(connection, 0, 400))
        vkey = created.bytes.split(b'"vkey":"')[1].split(b'"')[0].decode()

        by_note = verify_database(filled.storage.database, trust=Trust((vkey,), (head.note,)))
        by_leaves = verify_database(filled.storage.database, trust=leaves_trusted(leaves, vkeys=(vkey,)))

        assert by_note.verdict is by_leaves.verdict is Verdict.VALID_ANCHORED
        assert (by_note.anchored_size, by_leaves.anchored_size) == (601, 400)
        assert by_note.key_pinned

    def test_another_pinned_key_is_unknown(self, filled: World) -> None:
        report = verify_database(filled.storage.database, trust=Trust((signer_of(8).vkey,)))

        assert report.verdict is Verdict.UNKNOWN_KEY

    def test_progress_goes_to_the_end(self, filled: World) -> None:
        steps: list[tuple[int, int]] = []

        verify_database(filled.storage.database, progress=lambda *step: steps.append(step))

        assert steps[-1] == (601, 601)
        assert steps == sorted(steps)

    def test_it_can_be_stopped(self, filled: World) -> None:
        report = verify_database(filled.storage.database, cancelled=lambda: True)

        assert report.verdict is Verdict.INCOMPLETE

    def test_it_is_valid_while_others_append(self, filled: World) -> None:
        def append(_done: int, _total: int) -> None:
            if not appended:
                appended.append(True)
                filled.append(5)

        appended: list[bool] = []

        report = verify_database(filled.storage.database, progress=append)

        assert report.verdict is Verdict.VALID_UNANCHORED
        assert report.size == 601
        assert filled.check() == 606

    @pytest.mark.parametrize("old", [0, 1, 255, 256, 300, 600, 601])
    def test_what_is_new_since_a_checkpoint_is_valid(self, old: int, filled: World) -> None:
        since = Since(checkpoint_at(filled.storage, old))

        report = verify_database(filled.storage.database, since)

        assert report.verdict is Verdict.VALID_UNANCHORED
        assert report.entries_checked == 601 - old
        assert report.scope == f"since {old}"

    @pytest.mark.parametrize(("start", "stop"), [(0, 601), (0, 1), (250, 260), (512, 513), (599, 601)])
    def test_a_range_is_valid(self, start: int, stop: int, filled: World) -> None:
        report = verify_database(filled.storage.database, EntryRange(start, stop))

        assert report.verdict is Verdict.VALID_UNANCHORED
        assert report.entries_checked == stop - start
        assert report.scope == f"range {start} {stop}"

    def test_a_subject_is_valid(self, filled: World) -> None:
        report = verify_database(filled.storage.database, OneSubject("other:o/1"))

        assert report.verdict is Verdict.VALID_UNANCHORED
        assert report.entries_checked == 299
        assert Limit.SUBJECT_END_UNKNOWN.value in limits(report)

    def test_an_entry_is_valid(self, filled: World) -> None:
        report = verify_database(filled.storage.database, OneEntry(300))

        assert report.verdict is Verdict.VALID_UNANCHORED
        assert (report.entries_checked, report.scope) == (1, "entry 300")

    @pytest.mark.parametrize(
        "scope", [EntryRange(500, 700), EntryRange(-5, 5), OneEntry(601), OneSubject("other:none")], ids=str
    )
    def test_what_is_not_there_is_incomplete(self, scope: verification.Scope, filled: World) -> None:
        assert verify_database(filled.storage.database, scope).verdict is Verdict.INCOMPLETE

    @pytest.mark.parametrize("scope", [EntryRange(0, 600), OneSubject("other:o/1")], ids=str)
    def test_a_part_can_be_stopped(self, scope: verification.Scope, filled: World) -> None:
        report = verify_database(filled.storage.database, scope, cancelled=lambda: True)

        assert report.verdict is Verdict.INCOMPLETE

    def test_what_is_new_can_be_stopped(self, filled: World) -> None:
        since = Since(checkpoint_at(filled.storage, 100))

        assert verify_database(filled.storage.database, since, cancelled=lambda: True).verdict is Verdict.INCOMPLETE

    def test_several_processes_come_to_the_same(self, filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
        alone = verify_database(filled.storage.database)
        monkeypatch.setattr(verification, "ALONE_ENTRIES_MAX", 0)

        together = verify_database(filled.storage.database, workers=2)

        assert together == alone


class TestASince:
    """What is new, when something is wrong."""

    @pytest.fixture
    def since(self, attacked: Attacked) -> Callable[[int], Since]:
        from audit.merkle import root_of

        victim = attacked.victim
        return lambda size: Since(Checkpoint(ORIGIN, size, root_of(victim.leaf(at) for at in range(size))))

    @pytest.mark.parametrize(
        ("attack", "wanted"),
        [
            pytest.param(alter(1_200), {(K.ALTERED, 1_200)}, id="altered"),
            pytest.param(delete(1_200), {(K.DELETED, 1_200)}, id="deleted"),
            pytest.param(alter(999), {(K.ALTERED, 999)}, id="last old one altered"),
            pytest.param(delete(999), {(K.DELETED, 999)}, id="last old one deleted"),
            pytest.param(sql("UPDATE entries SET bytes = 5 WHERE entry_index = 999"), {(K.ALTERED, 999), (K.NOT_CANONICAL, 999)}, id="last old one no bytes"),
            pytest.param(sql("UPDATE tiles SET nodes = zeroblob(16352) WHERE tile_index = 4"), {(K.TILE_WRONG, None)}, id="new tile"),
            pytest.param(sql("UPDATE tiles SET nodes = substr(nodes, 1, 9000) || zeroblob(7320) || substr(nodes, -32) WHERE tile_index = 4"), {(K.TILE_WRONG, None)}, id="inside of a new tile"),
            pytest.param(sql("UPDATE tiles SET nodes = zeroblob(16352) WHERE tile_index = 1"), {(K.TILE_WRONG, None)}, id="old tile"),
            pytest.param(sql("UPDATE log_head SET root = zeroblob(32)"), {(K.ROOT_WRONG, None)}, id="root"),
            pytest.param(sql("UPDATE checkpoints SET note = 'x' WHERE size = 1200"), {(K.CHECKPOINT_WRONG, None)}, id="checkpoint"),
            pytest.param(sql("DELETE FROM entry_subjects WHERE entry_index = 1200"), {(K.SUBJECT_ROW_DISAGREES, 1_200)}, id="subject rows"),
        ],
    )  # fmt: skip
    def test_a_fault_is_named(
        self, attack: Attack, wanted: set[object], since: Callable[[int], Since], attacked: Attacked
    ) -> None:
        report = attacked.verify(attack, scope=since(1_000))

        assert named(report) == wanted

    def test_a_missing_row_before_is_named(self, since: Callable[[int], Since], attacked: Attacked) -> None:
        new = "(SELECT max(entry_index) FROM entry_subjects WHERE previous_index < 1000 AND position > 0)"
        attack = sql(
            f"DELETE FROM entry_subjects WHERE (subject, position) IN "
            f"(SELECT subject, position - 1 FROM entry_subjects WHERE entry_index = {new} AND position > 0)"
        )

        report = attacked.verify(attack, scope=since(1_000))

        assert kinds(report) == {K.SUBJECT_ROW_DISAGREES}

    def test_an_altered_old_entry_is_not_looked_at(self, since: Callable[[int], Since], attacked: Attacked) -> None:
        report = attacked.verify(alter(500), scope=since(1_000))

        assert report.is_valid
        assert Limit.OUT_OF_SCOPE.value in limits(report)

    def test_another_root_before_is_a_fault(self, attacked: Attacked) -> None:
        report = attacked.verify(scope=Since(Checkpoint(ORIGIN, 1_000, bytes(32))))

        assert (K.ROOT_WRONG, None) in named(report)

    def test_a_log_shorter_than_before_was_truncated(self, attacked: Attacked) -> None:
        report = attacked.verify(scope=Since(Checkpoint(ORIGIN, 2_000, bytes(32))))

        assert named(report) == {(K.TRUNCATED, SIZE)}

    def test_another_log_than_before_is_a_fault(self, attacked: Attacked) -> None:
        from audit.merkle import EMPTY_ROOT

        report = attacked.verify(scope=Since(Checkpoint("log.other/1", 0, EMPTY_ROOT)))

        assert named(report) == {(K.ORIGIN_WRONG, None)}


class TestAPart:
    """A range, an entry or a subject, when something is wrong."""

    @pytest.mark.parametrize(
        ("attack", "wanted"),
        [
            pytest.param(alter(500), {(K.ALTERED, 500)}, id="altered"),
            pytest.param(alter(500, leaf=True), {(K.ALTERED, 500)}, id="altered with leaf hash"),
            pytest.param(delete(500), {(K.DELETED, 500)}, id="deleted"),
            pytest.param(sql("UPDATE entries SET bytes = 5 WHERE entry_index = 500"), {(K.ALTERED, 500), (K.NOT_CANONICAL, 500)}, id="no bytes"),
            pytest.param(sql("UPDATE entries SET recorded_at = 'x' WHERE entry_index = 500"), {(K.COLUMN_DISAGREES, 500)}, id="column"),
            pytest.param(sql("UPDATE tiles SET nodes = zeroblob(16352) WHERE tile_index = 1"), {(K.TILE_WRONG, None)}, id="tile"),
            pytest.param(sql("UPDATE log_head SET root = zeroblob(32)"), {(K.ROOT_WRONG, None)}, id="root"),
            pytest.param(sql("UPDATE checkpoints SET note = 'x' WHERE size = 500"), {(K.CHECKPOINT_WRONG, None)}, id="checkpoint"),
            pytest.param(sql("DELETE FROM entry_subjects WHERE entry_index = 500"), {(K.SUBJECT_ROW_DISAGREES, 500)}, id="subject rows"),
        ],
    )  # fmt: skip
    def test_a_fault_in_a_range_is_named(
        self, attack: Attack, wanted: set[tuple[FaultKind, int | None]], attacked: Attacked
    ) -> None:
        report = attacked.verify(attack, scope=EntryRange(490, 510))

        assert wanted <= named(report)
        assert kinds(report) <= {kind for kind, _ in wanted} | {K.SUBJECT_ROW_DISAGREES}

    def test_a_fault_outside_the_range_is_not_seen(self, attacked: Attacked) -> None:
        assert attacked.verify(alter(600), scope=EntryRange(490, 510)).is_valid

    def test_the_leaf_hashes_at_the_edge_are_proved(self, attacked: Attacked) -> None:
        attack = sql("UPDATE entries SET leaf_hash = zeroblob(32) WHERE entry_index = 1290")

        report = attacked.verify(attack, scope=OneEntry(1_295))

        assert named(report) == {(K.COLUMN_DISAGREES, 1_290)}

    @pytest.mark.parametrize(
        ("attack", "wanted"),
        [
            pytest.param("UPDATE entry_subjects SET position = 900 WHERE {last}", K.SUBJECT_ROW_DISAGREES, id="position"),
            pytest.param("DELETE FROM entry_subjects WHERE {middle}", K.SUBJECT_ROW_DISAGREES, id="gap"),
            pytest.param("UPDATE entry_subjects SET entry_index = 5000 WHERE {last}", K.DELETED, id="no entry"),
            pytest.param("DELETE FROM entries WHERE entry_index = {index}", K.DELETED, id="entry gone"),
            pytest.param("UPDATE entries SET actor = 'q' WHERE entry_index = {index}", K.COLUMN_DISAGREES, id="column"),
            pytest.param("UPDATE tiles SET nodes = zeroblob(16352) WHERE level = 0", K.TILE_WRONG, id="tiles"),
            pytest.param("UPDATE tiles SET nodes = zeroblob(8192) || substr(nodes, 8193) WHERE level = 0", K.TILE_WRONG, id="leaves"),
        ],
    )  # fmt: skip
    def test_a_fault_of_a_subject_is_named(self, attack: str, wanted: FaultKind, attacked: Attacked) -> None:
        chain = next(
            subject
            for subject, (position, _, _) in attacked.victim.forge.ends.items()
            if position > 5 and ":" in subject
        )
        index = attacked.victim.forge.ends[chain][1]
        last = f"subject = '{chain}' AND entry_index = {index}"
        middle = f"subject = '{chain}' AND position = 2"
        statement = attack.format(last=last, middle=middle, index=index)

        report = attacked.verify(sql(statement), scope=OneSubject(chain))

        assert wanted in kinds(report)


class TestWhatTheKeyHolderSealsWrongly:
    """Entries that are as they were logged, and should never have been."""

    @pytest.mark.parametrize(
        ("changed", "kind"),
        [
            ({"index": 55}, K.MOVED),
            ({"origin": "log.other/1"}, K.ORIGIN_WRONG),
            ({"previous": b"\1" * 32}, K.LINK_BROKEN),
            ({"recorded_at_us": 5}, K.TIME_BACKWARDS),
        ],
        ids=["index", "origin", "previous", "time"],
    )
    @pytest.mark.parametrize("size", [100, 400])
    def test_it_is_named(
        self, changed: dict[str, object], kind: FaultKind, size: int, rows_of: Callable[[Forge], Database]
    ) -> None:
        forge = grown(100)
        forge.append(forge.stock_event(1), **changed)
        while forge.size < size:
            forge.append(forge.stock_event(forge.size))

        report = verify_database(rows_of(forge))

        assert named(report) == {(kind, 100)}

    @pytest.mark.parametrize(("position", "previous"), [(9, None), (None, b"\1" * 32)], ids=["position", "previous"])
    def test_a_broken_subject_chain_is_named(
        self, position: int | None, previous: bytes | None, rows_of: Callable[[Forge], Database]
    ) -> None:
        forge = grown(100)
        subject = Subject("thing", "t")
        for _ in range(3):
            forge.append(Event("test.noted", (subject,), {}, forge.stock_event(0).actor, forge.event_id()))
        last, _, leaf_hash = forge.ends[subject.key]
        link = Link(subject, position or last + 1, previous or leaf_hash)
        forge.append(Event("test.noted", (subject,), {}, forge.stock_event(0).actor, forge.event_id()), links=[link])
        forge.append(forge.stock_event(5))

        report = verify_database(rows_of(forge))

        assert named(report) == {(K.SUBJECT_CHAIN_BROKEN, 103)}

    def test_a_log_that_names_no_key_is_named(self, rows_of: Callable[[Forge], Database]) -> None:
        report = verify_database(rows_of(_without_creation()))

        assert report.verdict is Verdict.UNKNOWN_KEY


def _without_creation() -> Forge:
    class Bare(Forge):
        def key_event(self, kind: str, data: dict[str, str]) -> Event:
            return super().key_event("test.noted", data)

    forge = Bare()
    for n in range(5):
        forge.append(forge.stock_event(n))
    return forge


def test_an_empty_log_has_nothing_wrong_but_no_head_note(rows_of: Callable[[Forge], Database]) -> None:
    forge = grown(1)
    database = rows_of(forge)
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as connection:
        for table in ("entry_subjects", "entries", "checkpoints"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE log_head SET size = 0, frontier = x'', note = ''")

    report = verify_database(database)

    assert report.verdict is Verdict.TAMPERED
    assert K.HEAD_WRONG in kinds(report)


def test_a_database_that_cannot_be_read_is_an_error(attacked: Attacked) -> None:
    database = attacked.copy(sql("DROP TABLE entry_subjects"))

    with pytest.raises(StorageFailed):
        verify_database(database)


def test_a_process_that_cannot_read_is_an_error(attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "ALONE_ENTRIES_MAX", 0)
    database = attacked.copy(
        sql(
            "ALTER TABLE entry_subjects RENAME TO gone",
            "CREATE VIEW entry_subjects AS SELECT entry_index FROM gone WHERE 0",
        )
    )

    with pytest.raises(StorageFailed):
        verify_database(database)


def test_several_processes_stop_at_a_fault_and_when_told(attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "ALONE_ENTRIES_MAX", 0)
    database = attacked.copy(alter(500))

    named_ = verify_database(database)
    stopped = verify_database(database, cancelled=lambda: True)

    assert named(named_) == {(K.ALTERED, 500)}
    assert stopped.verdict is Verdict.INCOMPLETE


def test_a_diagnosis_can_be_stopped(attacked: Attacked) -> None:
    calls: list[int] = []

    def cancelled() -> bool:
        calls.append(1)
        return len(calls) > 6

    database = attacked.copy(alter(1_299))

    assert verify_database(database, cancelled=cancelled).verdict is Verdict.INCOMPLETE
