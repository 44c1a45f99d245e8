"""Entries deleted, inserted, exchanged, moved and duplicated."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tests.tamper import forge
from tests.tamper.attacker import swapped
from tests.tamper.case import (
    AFTER_PUBLISHED,
    IN_TAIL,
    IN_TILE,
    LAST,
    POSITIONS,
    SIZE,
    TILE_END,
    TILE_START,
    Case,
    K,
    head_wrong,
    tile_wrong,
)
from tests.tamper.expect import each, named, tells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.tamper.attacker import Attacker
    from tests.tamper.forge import Document

FAR: Final = 10**6


# ----------------------------------------------------------------------------------------- deleted


def deletions() -> Iterator[Case]:
    """Entries are removed and later ones are still there."""
    for place, index in POSITIONS.items():
        if index != LAST:
            yield _deletion(place, [index])
    yield _deletion("ten entries of a tile", range(IN_TILE, IN_TILE + 10))
    yield _deletion("entries on both sides of a tile's end", range(TILE_END - 5, TILE_START + 5))
    yield _deletion("six entries of the tail", range(IN_TAIL, IN_TAIL + 6))
    yield _deletion("a whole tile of entries", range(256))
    yield _deletion("entries far apart", [3, IN_TILE, TILE_START, IN_TAIL, AFTER_PUBLISHED])
    yield _deletion("every entry but the last", range(LAST))


def _deletion(what: str, indexes: Sequence[int], kind: K = K.DELETED) -> Case:
    return Case(
        name=f"entries: {what} deleted",
        attack=partial(delete_entries, indexes=indexes),
        expect=tells(*each(kind, indexes), may=[named(K.SUBJECT_ROW_DISAGREES, indexes)]),
        touches=("entries:delete",),
    )


def delete_entries(attacker: Attacker, indexes: Sequence[int], *, rows_too: bool = False) -> None:
    """Removes entries, and if asked their rows of `entry_subjects`."""
    attacker.many("DELETE FROM entries WHERE entry_index = :i", [{"i": index} for index in indexes])
    if rows_too:
        attacker.many("DELETE FROM entry_subjects WHERE entry_index = :i", [{"i": index} for index in indexes])


def thorough_deletions() -> Iterator[Case]:
    """Entries are removed, and some of what speaks of them too."""
    for place, index in (("an entry in a full tile", IN_TILE), ("an entry in the tail", IN_TAIL)):
        follows = [named(K.SUBJECT_ROW_DISAGREES, index)]
        yield Case(
            name=f"entries: {place} deleted with its subject rows",
            attack=partial(delete_entries, indexes=[index], rows_too=True),
            expect=tells(named(K.DELETED, index), may=follows),
            touches=("entries:delete", "entry_subjects:delete"),
        )
        # The rows after it now stand one too low, which is the same act and no fault of theirs.
        shifted = [named(K.COLUMN_DISAGREES, range(index, SIZE), "entries.entry_index")]
        yield Case(
            name=f"entries: {place} deleted and the later ones re-indexed",
            attack=partial(_delete_and_close_gap, index=index),
            expect=tells(
                named(K.DELETED, index), may=[*follows, *shifted, named(K.SUBJECT_ROW_DISAGREES, range(index, SIZE))]
            ),
            touches=("entries:delete", "entries:re-index"),
        )


def _delete_and_close_gap(attacker: Attacker, index: int) -> None:
    delete_entries(attacker, [index], rows_too=True)
    attacker.shift(index + 1, -1)
    attacker.loosen("entry_subjects")
    attacker.run("UPDATE entry_subjects SET entry_index = entry_index - 1 WHERE entry_index > :i", i=index)
    attacker.run("UPDATE entry_subjects SET previous_index = previous_index - 1 WHERE previous_index > :i", i=index)


# ---------------------------------------------------------------------------------------- inserted


def forged_like(attacker: Attacker, index: int, /, **members: Any) -> Document:
    """A document like an existing entry's, with another event id and members of the forger's."""
    document = attacker.document(index)
    document["event_id"] = f"00000000-0000-4000-8000-{index:012x}"
    return document | members


def insertions() -> Iterator[Case]:
    """An entry is stored that was never logged."""
    for how, index in (
        ("directly after the last", SIZE),
        ("far after the last", FAR),
        ("below zero", -1),
    ):
        yield Case(
            name=f"entries: a forged entry inserted {how}",
            attack=partial(_insert_at, index=index),
            expect=tells(named(K.INSERTED, index)),
            touches=("entries:insert",),
        )
    yield Case(
        name="entries: fifty forged entries inserted after the last",
        attack=lambda a: [_insert_at(a, SIZE + i) for i in range(50)],
        expect=tells(*each(K.INSERTED, range(SIZE, SIZE + 50))),
        touches=("entries:insert",),
    )
    yield Case(
        name="entries: a forged entry appended, the head rewritten but not its note",
        attack=_append_unsigned,
        expect=tells(named(K.INSERTED, SIZE), may=[*head_wrong("")]),
        touches=("entries:insert", "log_head.size"),
    )
    for place, index in (("in a full tile", IN_TILE), ("in the tail", IN_TAIL), ("at the beginning", 0)):
        yield Case(
            name=f"entries: a forged entry inserted {place}, the later ones re-indexed",
            attack=partial(_insert_and_shift, index=index),
            expect=tells(
                named(K.INSERTED, index),
                may=[
                    named(K.COLUMN_DISAGREES, range(index, SIZE + 1), "entries.entry_index"),
                    named(K.SUBJECT_ROW_DISAGREES, range(index, SIZE + 1)),
                ],
            ),
            touches=("entries:insert", "entries:re-index"),
        )
    for how, forged in (("with the same bytes", False), ("with forged bytes", True)):
        yield Case(
            name=f"entries: a second row of an index {how}",
            attack=partial(_double, index=IN_TILE, forged=forged),
            expect=tells(named(K.INSERTED, IN_TILE)),
            touches=("entries:duplicate",),
        )
    yield Case(
        name="entries: a forged row without an index",
        attack=_insert_unnumbered,
        expect=tells(named(K.INSERTED, [None])),
        touches=("entries:insert", "entries.entry_index"),
    )
    yield Case(
        name="entries: an entry copied to the end",
        attack=lambda a: a.add_entry(SIZE, a.data(IN_TILE)),
        expect=tells(named((K.INSERTED, K.MOVED), SIZE), may=[named(K.COLUMN_DISAGREES, SIZE)]),
        touches=("entries:duplicate",),
    )


def _insert_at(attacker: Attacker, index: int) -> None:
    document = forged_like(attacker, LAST, index=max(index, 0))
    document["event_id"] = f"00000000-0000-4000-8000-{abs(index) + 1:012x}"
    attacker.add_entry(index, forge.canonical(document))


def _insert_unnumbered(attacker: Attacker) -> None:
    attacker.loosen("entries")
    data = forge.canonical(forged_like(attacker, IN_TILE))
    attacker.add("entries", entry_index=None, bytes=data, leaf_hash=forge.leaf(data), **forge.columns(json.loads(data)))


def _append_unsigned(attacker: Attacker) -> None:
    document = forged_like(attacker, LAST, index=SIZE, previous=attacker.hashes()[-1].hex())
    for item in document["subjects"]:
        item["previous"] = attacker.hashes()[-1].hex()
        item["index"] += 1
    attacker.add_entry(SIZE, forge.canonical(document))
    attacker.rewrite_subject_rows()
    attacker.rewrite_head()


def _insert_and_shift(attacker: Attacker, index: int) -> None:
    document = forged_like(attacker, max(index, 1), index=index)
    attacker.shift(index, 1)
    attacker.add_entry(index, forge.canonical(document))


def _double(attacker: Attacker, index: int, *, forged: bool) -> None:
    attacker.loosen("entries")
    data = forge.canonical(forged_like(attacker, index)) if forged else attacker.data(index)
    attacker.add_entry(index, data)


# ------------------------------------------------------------------------------ exchanged and moved

PAIRS: Final = (
    ("two entries of a tile", 40, 90),
    ("entries of two tiles", IN_TILE, 300),
    ("an entry of a tile and one of the tail", IN_TILE, IN_TAIL),
    ("two entries of the tail", IN_TAIL, 680),
    ("the first and the last entry", 0, LAST),
)


def moves() -> Iterator[Case]:
    """Entries are stored at another index than theirs."""
    for what, first, second in PAIRS:
        for how, columns in (
            ("their bytes", ("bytes",)),
            ("their bytes and leaf hashes", ("bytes", "leaf_hash")),
            ("their rows", ()),
        ):
            yield Case(
                name=f"entries: {what} exchanged: {how}",
                attack=partial(exchange, first=first, second=second, columns=columns),
                expect=tells(*each(K.MOVED, [first, second]), may=moved_may([first, second])),
                touches=("entries:move",),
            )
    yield Case(
        name="entries: two neighbours exchanged",
        attack=partial(exchange, first=IN_TILE, second=IN_TILE + 1, columns=()),
        # If one is moved past the other, either can be said to be the one that was.
        expect=tells(named(K.MOVED, [IN_TILE, IN_TILE + 1]), may=moved_may([IN_TILE, IN_TILE + 1])),
        touches=("entries:move",),
    )
    yield Case(
        name="entries: exchanged across tiles, and the tiles rewritten to match",
        attack=_exchange_with_tiles,
        expect=tells(*each(K.MOVED, [IN_TILE, 300]), *tile_wrong(0, 1), may=[*moved_may([IN_TILE, 300])]),
        touches=("entries:move", "tiles.nodes"),
    )
    for place, start in (("a tile", 120), ("the tail", 620)):
        run = range(start, start + 5)
        yield Case(
            name=f"entries: five of {place} in reverse order",
            attack=partial(_reorder, old=run, new=run[::-1]),
            expect=tells(named(K.MOVED, run, times=4), may=moved_may(run)),
            touches=("entries:move",),
        )
        yield Case(
            name=f"entries: one of {place} moved five back",
            attack=partial(_reorder, old=run, new=[*run[1:], run[0]]),
            expect=tells(named(K.MOVED, run), may=moved_may(run)),
            touches=("entries:move",),
        )
    for place, source, target in (("a tile", 40, 90), ("the tail", IN_TAIL, 640)):
        yield Case(
            name=f"entries: the bytes of one of {place} copied over another's",
            attack=lambda a, source=source, target=target: a.entry(target, bytes=a.data(source)),
            expect=tells(named((K.ALTERED, K.MOVED), target), may=[*moved_may([target]), named(K.ALTERED, target)]),
            touches=("entries:duplicate",),
        )


def moved_may(indexes: Sequence[int]) -> tuple[Any, ...]:
    """What an entry at another's place may also be said to have."""
    return (
        named((K.MOVED, K.COLUMN_DISAGREES, K.SUBJECT_ROW_DISAGREES), indexes),
        named((K.LINK_BROKEN, K.SUBJECT_CHAIN_BROKEN, K.TIME_BACKWARDS), indexes),
    )


def exchange(attacker: Attacker, first: int, second: int, columns: Sequence[str]) -> None:
    """Exchanges columns of two entries; none named: the whole rows, by exchanging `entry_index`."""
    if columns:
        old = [[attacker.cell("entries", name, entry_index=i) for name in columns] for i in (first, second)]
        attacker.loosen("entries")
        for index, values in zip((first, second), swapped(old, 0, 1), strict=True):
            attacker.entry(index, **dict(zip(columns, values, strict=True)))
    else:
        _reorder(attacker, [first, second], [second, first])


def _reorder(attacker: Attacker, old: Sequence[int], new: Sequence[int]) -> None:
    attacker.loosen("entries")
    pairs = [{"old": -1 - i, "new": j} for i, j in zip(old, new, strict=True)]
    attacker.many(
        "UPDATE entries SET entry_index = :far WHERE entry_index = :i", [{"i": i, "far": -1 - i} for i in old]
    )
    attacker.many("UPDATE entries SET entry_index = :new WHERE entry_index = :old", pairs)


def _exchange_with_tiles(attacker: Attacker) -> None:
    exchange(attacker, IN_TILE, 300, ())
    attacker.rewrite_tiles()


def cases() -> Iterator[Case]:
    """All of this module."""
    yield from deletions()
    yield from thorough_deletions()
    yield from insertions()
    yield from moves()
