"""Several acts at once, drawn with a fixed seed: pairs, threes and fives, each on entries of its own.

Every act here can be named on its own. Done together to entries that are not neighbours, every one of them still has a
source of the true hash and the last published checkpoint above it, so every one must still be named, and nothing else.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING, Final

from tests.tamper import forge
from tests.tamper.case import (
    NOTE_FAULTS,
    PUBLISHED,
    SIZE,
    Case,
    K,
    altered,
    head_wrong,
    same_entry,
    tile_wrong,
)
from tests.tamper.cases_bytes import forge_data
from tests.tamper.cases_columns import flip
from tests.tamper.cases_rows import delete_entries, exchange, forged_like, moved_may
from tests.tamper.expect import ANY, each, named, tells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.tamper.attacker import Attacker
    from tests.tamper.expect import Expectation

SEED: Final = 20_261_122
SPACING: Final = 25
"""Entries of two acts are at least this far apart; an act may use the entry twelve further on as well."""
PARTNER: Final = 12
COUNTS: Final = ((2, 60), (3, 60), (5, 30))


@dataclass(frozen=True, slots=True)
class Act:
    """Something done at one index, and what of it must be named."""

    name: str
    attack: Callable[[Attacker, int], None]
    expect: Callable[[int], Expectation]
    once: str = ""
    """Acts with the same word are not combined: they would undo each other."""


def _alter(attacker: Attacker, index: int, *, leaf: bool, tile: bool) -> None:
    document = attacker.document(index)
    forge_data(document)
    data = forge.canonical(document)
    attacker.entry(index, bytes=data)
    if leaf:
        attacker.entry(index, leaf_hash=forge.leaf(data))
    if tile and index < SIZE // 256 * 256:
        where = {"level": 0, "tile_index": index // 256}
        nodes = attacker.cell("tiles", "nodes", **where)
        hashes = [nodes[i : i + 32] for i in range(0, 8192, 32)]
        hashes[index % 256] = forge.leaf(data)
        attacker.put("tiles", where, nodes=forge.tile(hashes))


def _expect_altered(index: int, *, tile: bool) -> Expectation:
    touched = (index // 256,) if tile and index < SIZE // 256 * 256 else ()
    return tells(*altered(index), *tile_wrong(*touched), may=same_entry([index]))


def _cell(attacker: Attacker, index: int, column: str, change: Callable[..., object]) -> None:
    attacker.entry(index, **{column: change(attacker.cell("entries", column, entry_index=index))})


def _column(column: str, change: Callable[..., object]) -> Act:
    return Act(
        f"{column} changed",
        lambda a, i: _cell(a, i, column, change),
        lambda i: tells(named(K.COLUMN_DISAGREES, i, f"entries.{column}")),
    )


def _drop_subject_row(attacker: Attacker, index: int) -> None:
    subject = attacker.query("SELECT min(subject) FROM entry_subjects WHERE entry_index = :i", i=index)[0][0]
    attacker.delete("entry_subjects", entry_index=index, subject=subject)


def _insert(attacker: Attacker, place: int, index: int) -> None:
    attacker.add_entry(place, forge.canonical(forged_like(attacker, index, index=place)))


def _flip_inner(attacker: Attacker, tile_index: int) -> None:
    where = {"level": 0, "tile_index": tile_index}
    nodes = attacker.cell("tiles", "nodes", **where)
    attacker.put("tiles", where, nodes=nodes[: 400 * 32] + flip(nodes[400 * 32 :]))


def _head(column: str) -> Act:
    return Act(
        f"head's {column} changed",
        lambda a, _: a.head(**{column: flip(a.cell("log_head", column, id=1))}),
        lambda _: tells(*head_wrong(column)),
        f"head {column}",
    )


def _truncate(attacker: Attacker) -> None:
    # No more than the log's own: what another act put far off stays there.
    for table in ("entries", "entry_subjects"):
        attacker.run(f"DELETE FROM {table} WHERE entry_index >= 690 AND entry_index < {SIZE}")


ACTS: Final = (
    Act("bytes", partial(_alter, leaf=False, tile=False), partial(_expect_altered, tile=False)),
    Act("bytes and leaf hash", partial(_alter, leaf=True, tile=False), partial(_expect_altered, tile=False)),
    Act("bytes, leaf hash and tile", partial(_alter, leaf=True, tile=True), partial(_expect_altered, tile=True)),
    _column("leaf_hash", flip),
    _column("recorded_at", lambda value: value + 1),
    _column("type", lambda value: value + "x"),
    _column("actor", lambda _: "p_nobody"),
    _column("event_id", flip),
    Act(
        "entry deleted",
        lambda a, i: delete_entries(a, [i]),
        lambda i: tells(named(K.DELETED, i), may=[named(K.SUBJECT_ROW_DISAGREES, i)]),
    ),
    Act(
        "entry deleted with its rows",
        lambda a, i: delete_entries(a, [i], rows_too=True),
        lambda i: tells(named(K.DELETED, i), may=[named(K.SUBJECT_ROW_DISAGREES, i)]),
    ),
    Act(
        "bytes exchanged",
        lambda a, i: exchange(a, i, i + PARTNER, ("bytes",)),
        lambda i: tells(*each(K.MOVED, [i, i + PARTNER]), may=moved_may([i, i + PARTNER])),
    ),
    Act(
        "rows exchanged",
        lambda a, i: exchange(a, i, i + PARTNER, ()),
        lambda i: tells(*each(K.MOVED, [i, i + PARTNER]), may=moved_may([i, i + PARTNER])),
    ),
    Act("subject row deleted", _drop_subject_row, lambda i: tells(named(K.SUBJECT_ROW_DISAGREES, i))),
    Act(
        "entry inserted after the last",
        lambda a, i: _insert(a, SIZE, i),
        lambda _: tells(named(K.INSERTED, SIZE)),
        "end",
    ),
    Act("entry inserted far off", lambda a, i: _insert(a, 5000, i), lambda _: tells(named(K.INSERTED, 5000)), "far"),
    Act(
        "last ten truncated",
        lambda a, _: _truncate(a),
        lambda _: tells(named(K.TRUNCATED, 690), may=[named((K.TRUNCATED, K.SUBJECT_ROW_DISAGREES), range(690, SIZE))]),
        "end",
    ),
    Act("a node of tile 0", lambda a, _: _flip_inner(a, 0), lambda _: tells(*tile_wrong(0)), "tiles"),
    Act(
        "tile 1 deleted",
        lambda a, _: a.delete("tiles", level=0, tile_index=1),
        lambda _: tells(*tile_wrong(1)),
        "tiles",
    ),
    Act(
        "a checkpoint's signature",
        lambda a, _: a.put("checkpoints", {"size": 400}, note=forge.flip_signature(a.old_notes[400])),
        lambda _: tells(named(K.SIGNATURE_BAD, ANY, "checkpoints[400]")),
        "checkpoint",
    ),
    Act(
        "the head's note",
        lambda a, _: a.head(note=forge.flip_signature(a.old_notes[SIZE])),
        lambda _: tells(named(K.SIGNATURE_BAD, ANY, "log_head"), may=[named(NOTE_FAULTS, ANY, "log_head.note")]),
        "note",
    ),
    _head("root"),
    _head("frontier"),
    _head("last_leaf_hash"),
)

_TILE_WRITERS: Final = {"bytes, leaf hash and tile"}


def _fits(acts: list[Act]) -> bool:
    words = [act.once for act in acts if act.once]
    rewritten = any(act.name in _TILE_WRITERS for act in acts)
    return len(words) == len(set(words)) and not (rewritten and "tiles" in words)


def _is_hidden(act: Act, names: set[str]) -> bool:
    """Whether another act takes away what would have told of this one.

    The head's copy of the last leaf hash is compared with the last entry, and no hash or root inside the database tells
    what that was once it is cut off.
    """
    return act.name == "head's last_leaf_hash changed" and "last ten truncated" in names


def _alone(expectation: Expectation) -> Expectation:
    """The same as something that may be named and need not be."""
    return tells(may=expectation.must + expectation.may)


def combinations() -> Iterator[Case]:
    """The drawn cases."""
    chance = random.Random(SEED)
    places = range(5, PUBLISHED[-1] - 2 * SPACING, SPACING)
    for number, count in COUNTS:
        for draw in range(count):
            acts = chance.choices(ACTS, k=number)
            while not _fits(acts):
                acts = chance.choices(ACTS, k=number)
            indexes = [place + chance.randrange(8) for place in chance.sample(places, number)]
            yield _together(f"{number} at once, draw {draw}", acts, indexes)


def _together(name: str, acts: list[Act], indexes: list[int]) -> Case:
    pairs = list(zip(acts, indexes, strict=True))

    def attack(attacker: Attacker) -> None:
        for act, index in pairs:
            act.attack(attacker, index)

    names = {act.name for act in acts}
    expected = [_alone(act.expect(index)) if _is_hidden(act, names) else act.expect(index) for act, index in pairs]
    return Case(
        name=f"{name}: {'; '.join(f'{act.name} at {index}' for act, index in pairs)}",
        attack=attack,
        expect=reduce(add, expected),
        touches=("combination",),
    )
