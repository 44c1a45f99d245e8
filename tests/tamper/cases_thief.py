"""The forger holds the log's signing key.

Sloppy thieves break a rule of the log itself, which needs no anchor to be seen. Careful ones write a whole history that
the log could have had: only what was known outside before says that it is another one, and what was never known
outside is theirs to write.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from tests.tamper import forge
from tests.tamper.case import (
    AFTER_ANCHOR,
    ANCHOR,
    CHECKPOINTS_FOLLOW,
    HEAD_FOLLOWS,
    IN_TAIL,
    IN_TILE,
    LAST,
    SIZE,
    WRONG_SOMEWHERE,
    Case,
    K,
    altered,
    same_entry,
)
from tests.tamper.cases_bytes import FOUR, MALFORMED, OTHER_HASH, forge_data
from tests.tamper.cases_rows import forged_like
from tests.tamper.expect import ANY, UNDECIDABLE, detects, named, tells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.tamper.attacker import Attacker
    from tests.tamper.expect import Named
    from tests.tamper.forge import Document

HOUR_US: Final = 3_600_000_000


# ------------------------------------------------------------------------------------------ sloppy


def _break_link(document: Document) -> None:
    document["previous"] = OTHER_HASH


def _break_subject_link(document: Document) -> None:
    document["subjects"][0]["previous"] = OTHER_HASH


def _skip_in_subject(document: Document) -> None:
    document["subjects"][1]["index"] += 1


def _start_in_the_middle(document: Document) -> None:
    document["subjects"][0] |= {"id": "S1/SKU-99", "index": 5, "previous": OTHER_HASH}


def _restart_subject(document: Document) -> None:
    document["subjects"][0] |= {"index": 0, "previous": "00" * 32}


def _other_index(document: Document) -> None:
    document["index"] += 1


def _other_origin(document: Document) -> None:
    document["origin"] = "other.example/log"


def _back_in_time(document: Document) -> None:
    document["recorded_at"] = forge.time_text(forge.microseconds(document["recorded_at"]) - HOUR_US)


def _ahead_in_time(document: Document) -> None:
    document["recorded_at"] = forge.time_text(forge.microseconds(document["recorded_at"]) + 100 * HOUR_US)


_CHAIN: Final = (K.SUBJECT_CHAIN_BROKEN, K.SUBJECT_ROW_DISAGREES)
SLOPPY: Final[tuple[tuple[str, int, Callable[[Document], None], Named, tuple[Named, ...]], ...]] = (
    ("a link that leads nowhere", IN_TILE, _break_link, named(K.LINK_BROKEN, IN_TILE), ()),
    ("a link that leads nowhere, in the tail", IN_TAIL, _break_link, named(K.LINK_BROKEN, IN_TAIL), ()),
    (
        "a first entry with a link",
        0,
        _break_link,
        named((K.LINK_BROKEN, K.NOT_CANONICAL), 0),
        # The format allows no link there, so it may be said to be no entry, and to name no key.
        (named((K.LINK_BROKEN, K.NOT_CANONICAL, K.KEY_UNKNOWN), 0),),
    ),
    ("a last entry whose link leads nowhere", LAST, _break_link, named(K.LINK_BROKEN, LAST), ()),
    ("a subject link that leads nowhere", FOUR, _break_subject_link, named(K.SUBJECT_CHAIN_BROKEN, FOUR), ()),
    ("a gap in a subject's chain", FOUR, _skip_in_subject, named(K.SUBJECT_CHAIN_BROKEN, FOUR), (named(_CHAIN, FOUR),)),
    (
        "a subject's chain that starts in the middle",
        FOUR,
        _start_in_the_middle,
        # No row could be right for it: either says so.
        named(_CHAIN, FOUR),
        (named(_CHAIN, FOUR),),
    ),
    (
        "a subject's chain that starts twice",
        FOUR,
        _restart_subject,
        named(K.SUBJECT_CHAIN_BROKEN, FOUR),
        # The chain goes on from the second start, so its later positions exist twice.
        (named(_CHAIN),),
    ),
    (
        "another index in the bytes",
        IN_TILE,
        _other_index,
        named((K.MOVED, K.COLUMN_DISAGREES, K.ALTERED), IN_TILE),
        (named((K.MOVED, K.COLUMN_DISAGREES, K.ALTERED), IN_TILE),),
    ),
    ("another origin in the bytes", IN_TILE, _other_origin, named(K.ORIGIN_WRONG, IN_TILE), ()),
    ("an earlier time than the entry before", IN_TAIL, _back_in_time, named(K.TIME_BACKWARDS, IN_TAIL), ()),
    (
        "a later time than the entry after",
        IN_TILE,
        _ahead_in_time,
        named(K.TIME_BACKWARDS, IN_TILE + 1),
        # Checkpoints published before that time are older than an entry they cover.
        (CHECKPOINTS_FOLLOW,),
    ),
)


def sloppy() -> Iterator[Case]:
    """A whole rewrite, signed with the stolen key, that breaks one rule."""
    for what, index, change, must, may in SLOPPY:
        yield Case(
            name=f"stolen key: everything rewritten around {what}",
            attack=partial(_rewrite_around, index=index, change=_on_document(change)),
            expect=tells(must, may=may),
            # From outside the whole history after it is another one, unless it begins after what is known there.
            checkpoint=tells(WRONG_SOMEWHERE, must, may=[*may, HEAD_FOLLOWS]) if index < ANCHOR else None,
            leaves=tells(*altered(*range(index, ANCHOR)), may=[*may, must, *_rewritten(index)]),
            touches=("entries:forge", "log_head:re-sign"),
        )
    for what, malform in MALFORMED:
        yield Case(
            name=f"stolen key: everything rewritten around {what}",
            attack=partial(_rewrite_around, index=IN_TILE, change=malform),
            expect=tells(named(K.NOT_CANONICAL, IN_TILE), may=[*same_entry([IN_TILE]), named(K.SUBJECT_CHAIN_BROKEN)]),
            checkpoint=tells(
                named(K.NOT_CANONICAL, IN_TILE),
                WRONG_SOMEWHERE,
                may=[*same_entry([IN_TILE]), named(K.SUBJECT_CHAIN_BROKEN), HEAD_FOLLOWS],
            ),
            leaves=tells(
                named((K.ALTERED, K.NOT_CANONICAL), IN_TILE),
                *altered(*range(IN_TILE + 1, ANCHOR)),
                may=[*_rewritten(IN_TILE), named(K.SUBJECT_CHAIN_BROKEN)],
            ),
            touches=("entries:damage", "log_head:re-sign"),
        )
    yield Case(
        name="stolen key: whole rewrite with an entry deleted, the times of publication left",
        attack=_forget_publication,
        # What was entry 256 is 255 now, and was recorded after the checkpoint of 256 was published.
        expect=tells(named(K.CHECKPOINT_WRONG, ANY, "checkpoints[256].published_at"), may=[CHECKPOINTS_FOLLOW]),
        checkpoint=tells(WRONG_SOMEWHERE, may=[CHECKPOINTS_FOLLOW, HEAD_FOLLOWS]),
        leaves=tells(*altered(*range(IN_TILE, ANCHOR)), may=[one_too_few(), *_rewritten(IN_TILE)]),
        touches=("entries:rewrite", "checkpoints.published_at"),
    )
    yield Case(
        name="stolen key: everything rewritten but the published checkpoints",
        attack=partial(_careful, change=partial(_alter, index=IN_TILE), start=IN_TILE, checkpoints=False),
        expect=detects(WRONG_SOMEWHERE, may=[CHECKPOINTS_FOLLOW, HEAD_FOLLOWS]),
        leaves=tells(*altered(*range(IN_TILE, ANCHOR)), may=_rewritten(IN_TILE)),
        touches=("entries:forge",),
    )


def _on_document(change: Callable[[Document], None]) -> Callable[[bytes], bytes]:
    def apply(data: bytes) -> bytes:
        document = forge.parse(data)
        change(document)
        return forge.canonical(document)

    return apply


def _rewrite_around(attacker: Attacker, index: int, change: Callable[[bytes], bytes]) -> None:
    data = change(attacker.data(index))
    attacker.entry(index, bytes=data, leaf_hash=forge.leaf(data))
    attacker.derive(index)
    attacker.rewrite_all(attacker.key, index + 1)
    attacker.sign_checkpoints(attacker.key)


def _rewritten(index: int) -> tuple[Named, ...]:
    """What may be said, beside the entries that the verifier knows, of a history rewritten from `index` on."""
    return (
        named((K.ALTERED, K.LINK_BROKEN), range(index, SIZE + 1)),
        *same_entry(range(index, SIZE + 1)),
        named(K.TILE_WRONG),
        HEAD_FOLLOWS,
        CHECKPOINTS_FOLLOW,
        WRONG_SOMEWHERE,
    )


# ----------------------------------------------------------------------------------------- careful


def _alter(attacker: Attacker, index: int) -> None:
    document = attacker.document(index)
    forge_data(document)
    attacker.entry(index, bytes=forge.canonical(document))


def _delete(attacker: Attacker, index: int) -> None:
    attacker.delete("entries", entry_index=index)
    attacker.shift(index + 1, -1)


def _insert(attacker: Attacker, index: int) -> None:
    document = forged_like(attacker, index)
    attacker.shift(index, 1)
    attacker.add_entry(index, forge.canonical(document))


def _exchange(attacker: Attacker, index: int) -> None:
    first, second = (attacker.document(i) for i in (index, index + 1))
    attacker.loosen("entries")
    first["recorded_at"], second["recorded_at"] = second["recorded_at"], first["recorded_at"]
    attacker.entry(index, bytes=forge.canonical(second))
    attacker.entry(index + 1, bytes=forge.canonical(first))


def _backdate(attacker: Attacker, index: int) -> None:
    """The entries of the batch are given the time of the one before it: still never backwards."""
    document = attacker.document(index)
    document["recorded_at"] = attacker.document(index - 1)["recorded_at"]
    attacker.entry(index, bytes=forge.canonical(document))


def _append(attacker: Attacker, index: int) -> None:
    attacker.add_entry(index, forge.canonical(forged_like(attacker, index - 1)))


def _careful(attacker: Attacker, change: Callable[[Attacker], None], start: int, *, checkpoints: bool = True) -> None:
    change(attacker)
    attacker.relink(start)
    attacker.rewrite_subject_rows()
    attacker.rewrite_tiles()
    attacker.rewrite_head()
    attacker.sign_head(attacker.key)
    if checkpoints:
        attacker.sign_checkpoints(attacker.key, above=start)


def _forget_publication(attacker: Attacker) -> None:
    times = attacker.query("SELECT published_at, size FROM checkpoints")
    _careful(attacker, partial(_delete, index=IN_TILE), IN_TILE)
    attacker.many(
        "UPDATE checkpoints SET published_at = :at WHERE size = :size", [{"at": at, "size": size} for at, size in times]
    )


def one_too_few() -> Named:
    """The log ends one entry sooner."""
    return named((K.DELETED, K.TRUNCATED, K.ALTERED), range(IN_TILE, SIZE + 1))


def careful() -> Iterator[Case]:
    """A whole consistent rewrite: nothing inside speaks against it."""
    unknown = range(IN_TILE, ANCHOR)
    one_too_many = named((K.INSERTED, K.ALTERED), range(IN_TILE, SIZE + 2))
    for what, change, start, must, may in (
        ("an entry altered", _alter, IN_TILE, altered(*unknown), ()),
        ("an entry deleted", _delete, IN_TILE, altered(*unknown), (one_too_few(),)),
        ("an entry inserted", _insert, IN_TILE, altered(*unknown), (one_too_many,)),
        ("two entries exchanged", _exchange, IN_TILE, altered(*unknown), ()),
        ("the first entry of a batch backdated", _backdate, 512, altered(*range(512, ANCHOR)), ()),
    ):
        yield Case(
            name=f"stolen key: whole consistent rewrite with {what}",
            attack=partial(_careful, change=partial(change, index=start), start=start),
            expect=UNDECIDABLE,
            checkpoint=detects(WRONG_SOMEWHERE, may=[HEAD_FOLLOWS, CHECKPOINTS_FOLLOW]),
            leaves=tells(*must, may=[*may, *_rewritten(start)]),
            touches=("entries:rewrite", "log_head:re-sign"),
        )
    # What was never known outside is theirs to write, whatever anchor the verifier holds.
    for what, change, start in (
        ("an entry after the anchor altered", _alter, AFTER_ANCHOR),
        ("the last entry altered", _alter, LAST),
        ("an entry after the anchor deleted", _delete, AFTER_ANCHOR),
        ("a forged entry appended", _append, SIZE),
    ):
        yield Case(
            name=f"stolen key: whole consistent rewrite with {what}",
            attack=partial(_careful, change=partial(change, index=start), start=min(start, LAST + 1)),
            expect=UNDECIDABLE,
            touches=("entries:rewrite", "log_head:re-sign"),
        )
    yield Case(
        name="own key: whole consistent rewrite, every note signed anew",
        attack=_with_own_key,
        expect=detects(
            named(K.KEY_UNKNOWN, ANY, "log_head"), *each_checkpoint(), may=[named(K.KEY_UNKNOWN, ANY, "checkpoints")]
        ),
        checkpoint=detects(
            named(K.KEY_UNKNOWN, ANY, "log_head"), WRONG_SOMEWHERE, may=[named(K.KEY_UNKNOWN), HEAD_FOLLOWS]
        ),
        leaves=tells(
            named(K.KEY_UNKNOWN, ANY, "log_head"),
            *altered(*unknown),
            may=[named(K.KEY_UNKNOWN), *_rewritten(IN_TILE)],
        ),
        touches=("entries:rewrite", "log_head:re-sign", "checkpoints:re-sign"),
    )


def _with_own_key(attacker: Attacker) -> None:
    _alter(attacker, IN_TILE)
    attacker.rewrite_all(forge.own_key(attacker.key.name), IN_TILE)


def each_checkpoint() -> tuple[Named, ...]:
    """Every published checkpoint above the forgery is named."""
    return tuple(
        demand for size in (256, 400, 512, 650, 690) for demand in (named(K.KEY_UNKNOWN, ANY, f"checkpoints[{size}]"),)
    )


def cases() -> Iterator[Case]:
    """All of this module."""
    yield from sloppy()
    yield from careful()
