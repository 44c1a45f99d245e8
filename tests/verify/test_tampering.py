"""Each attack on a stored log is detected, and named as what it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.faults import FaultKind, Verdict
from audit.merkle import EMPTY_ROOT
from audit.verify import Trust, leaves_trusted
from storage.database import Database
from storage.verification import verify_database
from tests.verify.attacks import (
    PREVIOUS,
    alter,
    cut,
    delete,
    insert,
    reseal,
    rewind,
    rewrite,
    set_head,
    sql,
    swap,
    swap_bytes,
)
from tests.verify.conftest import SIZE, Attack, Attacked, kinds, limits, named, places
from tests.verify.synthetic import ORIGIN, Forge, grown, signer_of

K = FaultKind
LAST = SIZE - 1

ENTRIES: dict[str, tuple[Attack, set[tuple[FaultKind, int | None]]]] = {
    "altered": (alter(500), {(K.ALTERED, 500)}),
    "altered with its leaf hash": (alter(500, leaf=True), {(K.ALTERED, 500)}),
    "first altered": (alter(0, b'"vkey"', b'"wkey"'), {(K.ALTERED, 0)}),
    "last altered": (alter(LAST), {(K.ALTERED, LAST)}),
    "last altered with its leaf hash": (alter(LAST, leaf=True), {(K.ALTERED, LAST)}),
    "last of a tile altered": (alter(511, leaf=True), {(K.ALTERED, 511)}),
    "altered where a column shows": (
        alter(500, b'"store":"HK', b'"store":"KK'), {(K.ALTERED, 500), (K.COLUMN_DISAGREES, 500)},
    ),
    "altered link": (
        rewrite(500, lambda data: PREVIOUS.sub(b',"previous":"%s","recorded_at"' % (b"ab" * 32), data)),
        {(K.ALTERED, 500), (K.LINK_BROKEN, 500)},
    ),
    "white space": (alter(500, b'"scale":0', b'"scale": 0'), {(K.ALTERED, 500), (K.NOT_CANONICAL, 500)}),
    "not even bytes": (
        sql("UPDATE entries SET bytes = 7 WHERE entry_index = 500"), {(K.ALTERED, 500), (K.NOT_CANONICAL, 500)},
    ),
    "another leaf hash and other bytes": (
        lambda c: (alter(500)(c), sql("UPDATE entries SET leaf_hash = zeroblob(32) WHERE entry_index = 500")(c)),
        {(K.ALTERED, 500), (K.COLUMN_DISAGREES, 500)},
    ),
    "deleted": (delete(700), {(K.DELETED, 700)}),
    "deleted, subject rows left": (delete(700, links=False), {(K.DELETED, 700)}),
    "first deleted": (delete(0), {(K.DELETED, 0)}),
    "deleted near the end": (delete(LAST - 3), {(K.DELETED, LAST - 3)}),
    "a whole tile deleted": (
        lambda c: [delete(index)(c) for index in range(256, 512)], {(K.DELETED, index) for index in range(256, 512)},
    ),
    "deleted and the gap closed": (
        # That the later ones have other numbers now is part of the same act.
        delete(LAST - 3, renumber=True), {(K.DELETED, LAST - 3)},
    ),
    "inserted": (insert(LAST - 1, 500), {(K.INSERTED, LAST - 1)}),
    "renumbered": (
        sql("UPDATE entries SET entry_index = entry_index + 5 WHERE entry_index >= 1298"),
        {(K.COLUMN_DISAGREES, 1298), (K.COLUMN_DISAGREES, 1299)},
    ),
    "appended": (insert(SIZE, 500), {(K.INSERTED, SIZE)}),
    "two swapped": (swap(5, 900), {(K.MOVED, 5), (K.MOVED, 900)}),
    "neighbours swapped": (swap(5, 6), {(K.MOVED, 5), (K.MOVED, 6)}),
    "bytes of two swapped": (swap_bytes(50, 60), {(K.MOVED, 50), (K.MOVED, 60)}),
    "moved far away": (sql("UPDATE entries SET entry_index = 1000000000000 WHERE entry_index = 5"), {(K.MOVED, 5)}),
    "moved before the first": (sql("UPDATE entries SET entry_index = -7 WHERE entry_index = 5"), {(K.MOVED, 5)}),
    "truncated": (cut(1_250), {(K.TRUNCATED, 1_250)}),
    "truncated with tiles": (cut(1_000, tiles=True), {(K.TRUNCATED, 1_000)}),
    "all gone": (cut(0), {(K.TRUNCATED, 0)}),
}  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
def test_what_was_done_to_an_entry_is_named(name: str, attacked: Attacked) -> None:
    attack, wanted = ENTRIES[name]

    report = attacked.verify(attack)

    assert report.verdict is Verdict.TAMPERED
    assert named(report) == wanted


COLUMN_VALUES = {
    "recorded_at": ("5", "NULL", "'x'"),
    "occurred_at": ("5", "NULL", "1.5"),
    "type": ("'stock.counted'", "x'00'"),
    "actor": ("'p_other'", "NULL"),
    "store": ("'HK99'", "NULL", "7"),
    "event_id": ("zeroblob(16)", "'x'"),
    "request": ("zeroblob(16)", "NULL"),
    "leaf_hash": ("zeroblob(32)", "'x'", "x'00'"),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in COLUMN_VALUES.items() for value in values]
)
@pytest.mark.parametrize("index", [41, 1_299])
def test_a_column_that_disagrees_with_the_bytes_is_named(name: str, value: str, index: int, attacked: Attacked) -> None:
    # Constraints that stand in the way are no hindrance for whoever owns the file.
    loosen = sql(
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'entries'",
        "PRAGMA writable_schema = RESET",
    )
    attack = sql(f"UPDATE entries SET {name} = {value} WHERE entry_index = {index}")

    report = attacked.verify(loosen, attack)

    assert named(report) == {(K.COLUMN_DISAGREES, index)}
    assert places(report, K.COLUMN_DISAGREES) == {f"entries.{name}"}


LINKS: dict[str, tuple[Attack, set[int | None]]] = {
    "missing": (sql("DELETE FROM entry_subjects WHERE entry_index = 77 AND subject LIKE 'sku:%'"), {77}),
    "extra": (sql("INSERT INTO entry_subjects VALUES ('sku:zz', 0, 44, NULL)"), {44}),
    "of no entry": (sql("INSERT INTO entry_subjects VALUES ('sku:zz', 0, 4400, NULL)"), {4_400}),
    "of a negative entry": (sql("INSERT INTO entry_subjects VALUES ('sku:zz', 0, -4, NULL)"), {-4}),
    "another position": (
        sql("UPDATE entry_subjects SET position = 900 WHERE entry_index = 77 AND subject LIKE 'sku:%'"),
        {77},
    ),
    "another subject": (
        sql("UPDATE entry_subjects SET subject = 'sku:zz' WHERE entry_index = 77 AND subject LIKE 'sku:%'"),
        {77},
    ),
    "another entry": (
        sql("UPDATE entry_subjects SET entry_index = 78 WHERE entry_index = 77 AND subject LIKE 'sku:%'"),
        {77, 78},
    ),
    "a previous entry where there is none": (
        sql("UPDATE entry_subjects SET previous_index = 3 WHERE entry_index = 0"),
        {0},
    ),
    "not a number": (
        sql("UPDATE entry_subjects SET position = 'x' WHERE entry_index = 77 AND subject LIKE 'sku:%'"),
        {77},
    ),
    "bytes for a number": (
        sql("UPDATE entry_subjects SET position = x'31' WHERE entry_index = 77 AND subject LIKE 'sku:%'"),
        {77},
    ),
    "bytes for a name": (
        sql(
            "UPDATE entry_subjects SET subject = CAST(subject AS BLOB) WHERE entry_index = 77 AND subject LIKE 'sku:%'"
        ),
        {77},
    ),
    "no text for a name": (
        sql("UPDATE entry_subjects SET subject = CAST(x'ff' AS TEXT) WHERE entry_index = 77 AND subject LIKE 'sku:%'"),
        {77},
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_wrong_subject_row_is_named(name: str, attacked: Attacked) -> None:
    attack, wanted = LINKS[name]

    report = attacked.verify(attack)

    assert kinds(report) == {K.SUBJECT_ROW_DISAGREES}
    assert {fault.index for fault in report.faults} == wanted


@pytest.mark.parametrize(
    "value", ["previous_index - 1", "NULL", "'x'", "x'31'", "entry_index", "previous_index + 0.5", "-2"]
)
def test_a_wrong_previous_index_is_named(value: str, attacked: Attacked) -> None:
    victim = "(SELECT max(entry_index) FROM entry_subjects WHERE position > 0 AND previous_index > 9)"
    attack = sql(f"UPDATE entry_subjects SET previous_index = {value} WHERE entry_index = {victim} AND position > 0")

    report = attacked.verify(attack)

    assert kinds(report) == {K.SUBJECT_ROW_DISAGREES}


TILES: dict[str, tuple[Attack, set[str]]] = {
    "zeros": (sql("UPDATE tiles SET nodes = zeroblob(16352) WHERE tile_index = 2"), {"tiles[0/2].nodes"}),
    "short": (sql("UPDATE tiles SET nodes = x'00' WHERE tile_index = 2"), {"tiles[0/2].nodes"}),
    "text": (sql("UPDATE tiles SET nodes = 'x' WHERE tile_index = 2"), {"tiles[0/2].nodes"}),
    "a node": (sql("UPDATE tiles SET nodes = substr(nodes, 1, 9000) || zeroblob(7352) WHERE tile_index = 4"), {"tiles[0/4].nodes"}),
    "missing": (sql("DELETE FROM tiles WHERE tile_index = 2"), {"tiles[0/2].nodes"}),
    "of a higher level": (sql("INSERT INTO tiles VALUES (1, 0, zeroblob(16352))"), {"tiles[1/0]"}),
    "of no level": (sql("INSERT INTO tiles VALUES (99, 0, zeroblob(16352))"), {"tiles[99/0]"}),
    "not full yet": (sql("INSERT INTO tiles VALUES (0, 5, zeroblob(16352))"), {"tiles[0/5]"}),
    "negative": (sql("INSERT INTO tiles VALUES (0, -1, zeroblob(16352))"), {"tiles[0/-1]"}),
    "swapped": (
        sql("UPDATE tiles SET tile_index = 99 WHERE tile_index = 1", "UPDATE tiles SET tile_index = 1 WHERE tile_index = 2",
            "UPDATE tiles SET tile_index = 2 WHERE tile_index = 99"),
        {"tiles[0/1].nodes", "tiles[0/2].nodes"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TILES)
def test_a_wrong_tile_is_named(name: str, attacked: Attacked) -> None:
    attack, wanted = TILES[name]

    report = attacked.verify(attack)

    assert kinds(report) == {K.TILE_WRONG}
    assert places(report, K.TILE_WRONG) == wanted


HEADS: dict[str, tuple[dict[str, object], set[tuple[FaultKind, str]]]] = {
    "origin": ({"origin": "log.other/1"}, {(K.HEAD_WRONG, "log_head.origin")}),
    "origin of another type": ({"origin": b"x"}, {(K.HEAD_WRONG, "log_head.origin")}),
    "size one less": ({"size": SIZE - 1}, {(K.HEAD_WRONG, "log_head.size")}),
    "size one more": ({"size": SIZE + 1}, {(K.HEAD_WRONG, "log_head.size")}),
    "size far too large": ({"size": 2**62}, {(K.HEAD_WRONG, "log_head.size")}),
    "size of another type": ({"size": "x"}, {(K.HEAD_WRONG, "log_head.size")}),
    "size zero": ({"size": 0}, {(K.HEAD_WRONG, "log_head.size")}),
    "root": ({"root": bytes(32)}, {(K.ROOT_WRONG, "log_head.root")}),
    "frontier": ({"frontier": b"x"}, {(K.HEAD_WRONG, "log_head.frontier")}),
    "last leaf": ({"last_leaf_hash": bytes(32)}, {(K.HEAD_WRONG, "log_head.last_leaf_hash")}),
    "last time": ({"last_recorded_at": 7}, {(K.HEAD_WRONG, "log_head.last_recorded_at")}),
    "no note": ({"note": "x"}, {(K.HEAD_WRONG, "log_head.note")}),
    "note of another type": ({"note": b"x"}, {(K.HEAD_WRONG, "log_head.note")}),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_wrong_head_is_named(name: str, attacked: Attacked) -> None:
    values, wanted = HEADS[name]

    report = attacked.verify(set_head(**values))

    assert report.verdict is Verdict.TAMPERED
    assert {(fault.kind, fault.where) for fault in report.faults} == wanted


@pytest.mark.parametrize(
    "attack",
    [
        sql("DELETE FROM log_head"),
        sql("INSERT INTO log_head SELECT 2, origin, 1, root, frontier, last_leaf_hash, 0, note FROM log_head"),
    ],
    ids=["none", "two"],
)
def test_a_log_without_one_head_is_no_log(attack: Attack, attacked: Attacked) -> None:
    report = attacked.verify(attack)

    assert named(report) == {(K.HEAD_WRONG, None)}
    assert report.size == 0


def test_a_bad_signature_is_named(attacked: Attacked) -> None:
    note = attacked.victim.notes[SIZE]
    signature = note.rindex("\n", 0, -1) - 20
    broken = note[:signature] + ("A" if note[signature] != "A" else "B") + note[signature + 1 :]

    report = attacked.verify(set_head(note=broken), sql(f"UPDATE checkpoints SET note = '{broken}' WHERE size = 400"))

    assert {(fault.kind, fault.where) for fault in report.faults} == {
        (K.SIGNATURE_BAD, "log_head.note"),
        (K.SIGNATURE_BAD, "checkpoints[400].note"),
        (K.CHECKPOINT_WRONG, "checkpoints[400].size"),
    }


def test_a_strangers_signature_is_named(attacked: Attacked) -> None:
    root = attacked.victim.forge.tree.root()
    stranger = sign_checkpoint(Checkpoint(ORIGIN, SIZE, root), [signer_of(9)])

    report = attacked.verify(set_head(note=stranger))

    assert report.verdict is Verdict.UNKNOWN_KEY
    assert {(fault.kind, fault.where) for fault in report.faults} == {(K.KEY_UNKNOWN, "log_head.note")}


def test_the_old_key_may_not_sign_alone_after_its_rotation(attacked: Attacked) -> None:
    root = attacked.victim.forge.tree.root()
    old = sign_checkpoint(Checkpoint(ORIGIN, SIZE, root), [signer_of(1)])

    report = attacked.verify(set_head(note=old))

    assert kinds(report) == {K.KEY_UNKNOWN}


CHECKPOINTS: dict[str, tuple[str, set[tuple[FaultKind, str]]]] = {
    "no note": ("UPDATE checkpoints SET note = 'x' WHERE size = 500", {(K.CHECKPOINT_WRONG, "checkpoints[500].note")}),
    "another type": ("UPDATE checkpoints SET note = x'00' WHERE size = 500", {(K.CHECKPOINT_WRONG, "checkpoints[500].note")}),
    "another size": ("UPDATE checkpoints SET size = 501 WHERE size = 500", {(K.CHECKPOINT_WRONG, "checkpoints[501].size")}),
    "beyond the end": ("UPDATE checkpoints SET size = 5010 WHERE size = 500", {(K.CHECKPOINT_WRONG, "checkpoints[5010].size")}),
    "negative": ("UPDATE checkpoints SET size = -5 WHERE size = 500", {(K.CHECKPOINT_WRONG, "checkpoints[-5].size")}),
    "a copy": (
        "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 600) WHERE size = 500",
        {(K.CHECKPOINT_WRONG, "checkpoints[500].size")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_wrong_checkpoint_is_named(name: str, attacked: Attacked) -> None:
    statement, wanted = CHECKPOINTS[name]

    report = attacked.verify(sql(statement))

    assert {(fault.kind, fault.where) for fault in report.faults} == wanted


def test_checkpoints_of_other_logs_and_other_roots_are_named(attacked: Attacked) -> None:
    signer = signer_of(1)
    foreign = sign_checkpoint(Checkpoint("log.other/1", 300, bytes(32)), [signer])
    forked = sign_checkpoint(Checkpoint(ORIGIN, 400, bytes(32)), [signer])

    report = attacked.verify(
        sql(f"UPDATE checkpoints SET note = '{foreign}' WHERE size = 300"),
        sql(f"UPDATE checkpoints SET note = '{forked}' WHERE size = 400"),
    )

    assert {(fault.kind, fault.where) for fault in report.faults} == {
        (K.ORIGIN_WRONG, "checkpoints[300].note"),
        (K.ROOT_WRONG, "checkpoints[400].note"),
    }
    assert "leaves_unattested" in limits(report)


def test_an_altered_entry_is_named_though_all_hashes_over_it_were_forged(attacked: Attacked) -> None:
    report = attacked.verify(alter(500), alter(30), alter(1_290), reseal())

    assert {index for kind, index in named(report) if kind is K.ALTERED} == {30, 500, 1_290}
    assert {K.TILE_WRONG, K.HEAD_WRONG, K.ROOT_WRONG} <= kinds(report)
    assert "leaves_unattested" not in limits(report)


def test_a_rewritten_history_without_the_key_is_bracketed_by_its_checkpoints(attacked: Attacked) -> None:
    report = attacked.verify(alter(LAST), reseal())

    assert {(fault.kind, fault.where) for fault in report.faults} == {
        (K.ROOT_WRONG, "log_head.note"),
        (K.ROOT_WRONG, f"checkpoints[{SIZE}].note"),
    }
    bracket = next(item for item in report.undecided if item.limit == "leaves_unattested")
    assert (bracket.start, bracket.stop) == (SIZE - 100, SIZE)


def test_a_lone_entry_under_a_checkpoint_is_named_even_so(attacked: Attacked) -> None:
    notes = attacked.victim.notes
    victim = attacked.victim
    forge_note = sign_checkpoint(Checkpoint(ORIGIN, LAST, _root(victim.leaves, LAST)), [signer_of(2)])
    assert notes[SIZE]

    report = attacked.verify(sql(f"INSERT INTO checkpoints VALUES ({LAST}, '{forge_note}', 0)"), alter(LAST), reseal())

    assert (K.ALTERED, LAST) in named(report)


def test_a_history_rewritten_with_the_key_is_valid_without_an_anchor_and_named_with_one(attacked: Attacked) -> None:
    victim = attacked.victim
    attack = (alter(LAST), reseal(signer=signer_of(2)), sql("DELETE FROM checkpoints"))

    alone = attacked.verify(*attack)
    with_leaves = attacked.verify(*attack, trust=leaves_trusted(victim.leaves))
    with_note = attacked.verify(*attack, trust=Trust(victim.vkeys, (victim.notes[SIZE],)))

    assert alone.verdict is Verdict.VALID_UNANCHORED
    assert {"rewrite_unanchored", "key_self_attested", "tail_unanchored"} <= limits(alone)
    assert (K.ALTERED, LAST) in named(with_leaves)
    assert places(with_note, K.ROOT_WRONG) >= {"anchor 0"}


def test_an_old_backup_is_valid_without_an_anchor_and_truncated_with_one(attacked: Attacked) -> None:
    victim = attacked.victim
    attack = (cut(900, tiles=True, checkpoints=True), rewind(900, victim.notes[900]))

    alone = attacked.verify(*attack)
    with_note = attacked.verify(*attack, trust=Trust(victim.vkeys, (victim.notes[SIZE],)))
    with_leaves = attacked.verify(*attack, trust=leaves_trusted(victim.leaves))

    assert alone.verdict is Verdict.VALID_UNANCHORED
    assert named(with_note) == {(K.TRUNCATED, 900)}
    assert (K.TRUNCATED, 900) in named(with_leaves)


def test_a_checkpoint_forgotten_by_the_thief_gives_him_away(attacked: Attacked) -> None:
    victim = attacked.victim

    report = attacked.verify(cut(900, tiles=True), rewind(900, victim.notes[900]))

    assert named(report) == {(K.TRUNCATED, 900)}


def test_rows_that_no_checkpoint_covers_were_put_there(attacked: Attacked) -> None:
    victim = attacked.victim
    forget = sql("DELETE FROM checkpoints WHERE size > 1280", "DELETE FROM tiles WHERE tile_index > 4")

    report = attacked.verify(rewind(1_280, _note(victim.leaves, 1_280)), forget)

    assert named(report) == {(K.INSERTED, index) for index in range(1_280, SIZE)}


def test_a_head_set_back_alone_is_wrong(attacked: Attacked) -> None:
    report = attacked.verify(rewind(900, attacked.victim.notes[900]))

    assert {(fault.kind, fault.where) for fault in report.faults} == {(K.HEAD_WRONG, "log_head.size")}


def test_several_faults_at_once_are_all_named(attacked: Attacked) -> None:
    report = attacked.verify(
        alter(500),
        delete(700),
        alter(900),
        swap(1_000, 1_010),
        cut(1_290),
        sql("UPDATE entries SET actor = 'q' WHERE entry_index = 1100"),
        sql("UPDATE tiles SET nodes = zeroblob(16352) WHERE tile_index = 1"),
        sql("UPDATE checkpoints SET note = 'x' WHERE size = 300"),
        sql("DELETE FROM entry_subjects WHERE entry_index = 77"),
    )

    assert named(report) == {
        (K.ALTERED, 500), (K.DELETED, 700), (K.ALTERED, 900), (K.MOVED, 1_000), (K.MOVED, 1_010), (K.TRUNCATED, 1_290),
        (K.COLUMN_DISAGREES, 1_100), (K.TILE_WRONG, None), (K.CHECKPOINT_WRONG, None), (K.SUBJECT_ROW_DISAGREES, 77),
    }  # fmt: skip


def test_an_altered_key_entry_leaves_the_signatures_open_unless_the_key_is_pinned(
    rows_of: Callable[[Forge], Database],
) -> None:
    forge = grown(300)
    database = rows_of(forge)
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as connection:
        alter(0, b'"vkey"', b'"wkey"')(connection)

    alone = verify_database(database)
    pinned = verify_database(database, trust=Trust((forge.signers[0].vkey,)))

    assert named(alone) == named(pinned) == {(K.ALTERED, 0)}
    assert "key_entry_lost" in limits(alone)
    assert "key_entry_lost" not in limits(pinned)


def _root(leaves: bytes, size: int) -> bytes:
    from audit.merkle import root_of

    return root_of(leaves[at * 32 : (at + 1) * 32] for at in range(size)) if size else EMPTY_ROOT


def _note(leaves: bytes, size: int) -> str:
    return sign_checkpoint(Checkpoint(ORIGIN, size, _root(leaves, size)), [signer_of(2)])
