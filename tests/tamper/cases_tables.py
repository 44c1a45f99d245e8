"""Rows of the other tables deleted, inserted, exchanged, moved, duplicated and truncated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tests.tamper import forge
from tests.tamper.case import FOUR_SUBJECTS, IN_TILE, NOTE_FAULTS, PUBLISHED, SIZE, Case, K, tile_wrong
from tests.tamper.expect import ANY, NOT_EVIDENCE, Decidability, Expectation, each, named, tells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tamper.attacker import Attacker

FAR: Final = 10**6


def subject_rows() -> Iterator[Case]:
    """Rows of `entry_subjects` removed, added, exchanged."""
    sku = {"entry_index": FOUR_SUBJECTS, "subject": "sku:SKU-03"}
    one = tells(named(K.SUBJECT_ROW_DISAGREES, FOUR_SUBJECTS))
    mark = "entry_subjects:"
    yield Case(
        "entry_subjects: a row deleted", lambda a: a.delete("entry_subjects", **sku), one, touches=(mark + "delete",)
    )
    yield Case(
        "entry_subjects: the rows of an entry deleted",
        lambda a: a.delete("entry_subjects", entry_index=FOUR_SUBJECTS),
        one,
        touches=(mark + "delete",),
    )
    owners = [i for i in range(1, SIZE) if i % 10 == 3]
    with_sku = [i for i in owners if i % 4 >= 1]
    yield Case(
        "entry_subjects: all rows of a subject deleted",
        lambda a: a.delete("entry_subjects", subject="sku:SKU-03"),
        tells(*each(K.SUBJECT_ROW_DISAGREES, with_sku)),
        touches=(mark + "truncate",),
    )
    yield Case(
        "entry_subjects: the last rows of a subject deleted",
        lambda a: a.run("DELETE FROM entry_subjects WHERE subject = :s AND entry_index > 500", s="sku:SKU-03"),
        tells(*each(K.SUBJECT_ROW_DISAGREES, [i for i in with_sku if i > 500])),
        touches=(mark + "truncate",),
    )
    yield Case(
        "entry_subjects: every row deleted",
        lambda a: a.run("DELETE FROM entry_subjects"),
        # More rows than a report lists.
        tells(named(K.SUBJECT_ROW_DISAGREES, range(SIZE), times=300)),
        touches=(mark + "truncate",),
    )
    for what, subject, position, index in (
        ("of a subject that the entry is not about", "sku:SKU-99", 0, IN_TILE),
        ("at the end of a subject's chain", "sku:SKU-03", 5000, IN_TILE),
        ("of an entry that never was", "sku:SKU-99", 0, FAR),
        ("of the entry after the last", "sku:SKU-99", 0, SIZE),
        ("of no entry at all", "sku:SKU-99", 0, None),
    ):
        yield Case(
            f"entry_subjects: a row {what} inserted",
            partial(_add_subject_row, subject=subject, position=position, index=index),
            tells(named(K.SUBJECT_ROW_DISAGREES, [index, None])),
            touches=(mark + "insert",),
        )
    yield Case(
        "entry_subjects: a row stored twice",
        partial(_double_row, table="entry_subjects", where=sku),
        tells(named(K.SUBJECT_ROW_DISAGREES, FOUR_SUBJECTS)),
        touches=(mark + "duplicate",),
    )
    yield Case(
        "entry_subjects: two rows of a subject exchanged",
        partial(_exchange_subject_rows, first=3, second=33),
        tells(*each(K.SUBJECT_ROW_DISAGREES, [3, 33])),
        touches=(mark + "move",),
    )


def _add_subject_row(attacker: Attacker, subject: str, position: int, index: int | None) -> None:
    attacker.add("entry_subjects", subject=subject, position=position, entry_index=index, previous_index=None)


def _double_row(attacker: Attacker, table: str, where: dict[str, Any]) -> None:
    attacker.loosen(table)
    attacker.add(table, **attacker.row(table, **where))


def _exchange_subject_rows(attacker: Attacker, first: int, second: int) -> None:
    attacker.loosen("entry_subjects")
    subject = "stock:S1/SKU-03"
    for old, new in ((first, -1), (second, first), (-1, second)):
        attacker.put("entry_subjects", {"subject": subject, "entry_index": old}, entry_index=new)


def tile_rows() -> Iterator[Case]:
    """Tiles removed, added, exchanged."""
    for index in (0, 1):
        yield Case(
            f"tiles: tile {index} deleted",
            lambda a, index=index: a.delete("tiles", level=0, tile_index=index),
            tells(*tile_wrong(index)),
            touches=("tiles:delete", "tiles:truncate"),
        )
    yield Case(
        "tiles: all deleted", lambda a: a.run("DELETE FROM tiles"), tells(*tile_wrong(0, 1)), touches=("tiles:delete",)
    )
    for level, index in ((0, 2), (0, FAR), (1, 0), (7, 0), (0, -1)):
        yield Case(
            f"tiles: a tile {level}/{index} that is not full yet inserted",
            lambda a, level=level, index=index: a.add("tiles", level=level, tile_index=index, nodes=bytes(16352)),
            tells(*tile_wrong(index, level=level)),
            touches=("tiles:insert",),
        )
    yield Case(
        "tiles: a tile of no level inserted",
        lambda a: (a.loosen("tiles"), a.add("tiles", level=None, tile_index=0, nodes=bytes(16352))),
        tells(named(K.TILE_WRONG, ANY, "tiles[NULL/0]")),
        touches=("tiles:insert",),
    )
    yield Case(
        "tiles: one stored twice",
        partial(_double_row, table="tiles", where={"level": 0, "tile_index": 1}),
        tells(*tile_wrong(1)),
        touches=("tiles:duplicate",),
    )
    yield Case("tiles: two exchanged", _exchange_tiles, tells(*tile_wrong(0, 1)), touches=("tiles:move",))


def _exchange_tiles(attacker: Attacker) -> None:
    nodes = [attacker.cell("tiles", "nodes", level=0, tile_index=i) for i in (0, 1)]
    attacker.put("tiles", {"level": 0, "tile_index": 0}, nodes=nodes[1])
    attacker.put("tiles", {"level": 0, "tile_index": 1}, nodes=nodes[0])


def checkpoint_rows() -> Iterator[Case]:
    """Published checkpoints removed, added, exchanged, and their two other columns changed."""
    place = "checkpoints["
    wrong = named((K.CHECKPOINT_WRONG, K.ROOT_WRONG), ANY, place)
    for how, size in (
        ("one more", 513),
        ("to another of the log's", 400),
        ("far after the head", FAR),
        ("below zero", -1),
        ("as low as can be", -(2**63)),
    ):
        yield Case(
            f"checkpoints.size {how}",
            lambda a, size=size: (a.loosen("checkpoints"), a.put("checkpoints", {"size": 512}, size=size)),
            tells(wrong),
            touches=("checkpoints.size", "checkpoints:re-index"),
        )
    yield Case(
        "checkpoints.size set to null",
        lambda a: a.put("checkpoints", {"size": 512}, size=None),
        tells(named((K.CHECKPOINT_WRONG, K.ROOT_WRONG))),
        touches=("checkpoints.size",),
    )
    for how, value in (("before its last entry was recorded", 1), ("set to null", None)):
        yield Case(
            f"checkpoints.published_at {how}",
            lambda a, value=value: a.put("checkpoints", {"size": 512}, published_at=value),
            tells(named(K.CHECKPOINT_WRONG, ANY, "checkpoints[512]")),
            touches=("checkpoints.published_at", "checkpoints:alter"),
        )
    yield Case(
        "checkpoints.published_at one microsecond later",
        lambda a: a.run("UPDATE checkpoints SET published_at = published_at + 1 WHERE size = 512"),
        NOT_EVIDENCE,
        touches=("checkpoints.published_at",),
    )
    yield Case(
        "checkpoints: two notes exchanged",
        lambda a: [a.put("checkpoints", {"size": x}, note=a.old_notes[y]) for x, y in ((256, 512), (512, 256))],
        tells(*(named((K.CHECKPOINT_WRONG, K.ROOT_WRONG), ANY, f"checkpoints[{size}]") for size in (256, 512))),
        touches=("checkpoints:move",),
    )
    # A checkpoint says only what the entries say again; its absence takes nothing away.
    for what, sizes in (("one", [512]), ("the latest", [690]), ("all", PUBLISHED)):
        yield Case(
            f"checkpoints: {what} deleted",
            lambda a, sizes=sizes: [a.delete("checkpoints", size=size) for size in sizes],
            NOT_EVIDENCE,
            touches=("checkpoints:delete", "checkpoints:truncate"),
        )
    yield Case(
        "checkpoints: one that the log signed but did not publish inserted",
        lambda a: a.add("checkpoints", size=600, note=a.old_notes[600], published_at=_time_of(a, 600)),
        NOT_EVIDENCE,
        touches=("checkpoints:insert",),
    )
    yield Case(
        "checkpoints: one signed by another key inserted",
        lambda a: a.add(
            "checkpoints", size=333, note=_sign(a, 333, forge.own_key(a.key.name)), published_at=_time_of(a, 333)
        ),
        tells(named(K.KEY_UNKNOWN, ANY, "checkpoints[333]")),
        touches=("checkpoints:insert", "checkpoints:re-sign"),
    )
    yield Case(
        "checkpoints: one of a larger tree, signed by the stolen key, inserted",
        lambda a: a.add("checkpoints", size=900, note=_sign(a, 900, a.key), published_at=_time_of(a, SIZE)),
        # The log's own word that there were 900 entries: to a reader, 200 of them are gone.
        tells(named((*NOTE_FAULTS, K.TRUNCATED)), may=[named((*NOTE_FAULTS, K.TRUNCATED))]),
        touches=("checkpoints:insert",),
    )
    yield Case(
        "checkpoints: one stored twice",
        partial(_double_row, table="checkpoints", where={"size": 512}),
        Expectation(Decidability.NOT_EVIDENCE, may=(wrong,)),
        touches=("checkpoints:duplicate",),
    )


def _time_of(attacker: Attacker, size: int) -> int:
    return int(attacker.cell("entries", "recorded_at", entry_index=size - 1))


def _sign(attacker: Attacker, size: int, key: forge.Key) -> str:
    return forge.signed(forge.body(attacker.origin, size, forge.root(attacker.hashes()[:size])), key)


def head_rows() -> Iterator[Case]:
    """The head removed or stored twice."""
    head = named(K.HEAD_WRONG, ANY, "log_head")
    yield Case("log_head: deleted", lambda a: a.run("DELETE FROM log_head"), tells(head), touches=("log_head:delete",))
    yield Case("log_head: stored twice", _double_head, tells(head), touches=("log_head:duplicate", "log_head:insert"))


def _double_head(attacker: Attacker) -> None:
    attacker.loosen("log_head")
    attacker.add("log_head", **(attacker.row("log_head", id=1) | {"id": 2}))


def cases() -> Iterator[Case]:
    """All of this module."""
    yield from subject_rows()
    yield from tile_rows()
    yield from checkpoint_rows()
    yield from head_rows()
