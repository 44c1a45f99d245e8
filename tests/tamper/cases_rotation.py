"""Keys that were never the log's, or are no longer: a rotation is an entry, and the former key must vouch for it.

A verifier pins one key. A later key counts from its `key.rotated` entry on, and only because a checkpoint that covers
this entry bears the former key's signature as well; otherwise anybody could rotate a key of their own in.
"""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING

from tests.tamper import forge
from tests.tamper.case import (
    CHECKPOINTS_FOLLOW,
    HEAD_FOLLOWS,
    IN_TAIL,
    IN_TILE,
    ROTATION,
    SIZE,
    WRONG_SOMEWHERE,
    Case,
    K,
    altered,
    same_entry,
)
from tests.tamper.cases_bytes import forge_data
from tests.tamper.cases_rows import forged_like
from tests.tamper.cases_truncation import truncate_all
from tests.tamper.expect import ANY, UNDECIDABLE, Decidability, Expectation, detects, named, tells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tamper.attacker import Attacker
    from tests.tamper.forge import Key

NOT_OURS = named(K.KEY_UNKNOWN, ANY, "log_head")


def _rotation_entry(attacker: Attacker, index: int, key: Key, public: bytes) -> None:
    """A well-formed `key.rotated` that names the forger's key, linked to what is before it."""
    document = forged_like(attacker, index - 1, type="key.rotated")
    log = attacker.document(0)
    encoded = base64.b64encode(b"\x01" + public).decode()
    document["data"] = {
        "previous_vkey": log["data"]["vkey"],
        "vkey": f"{key.name}+{key.key_id.hex()}+{encoded}",
    }
    document["actor"] = log["actor"]
    document["subjects"] = log["subjects"]
    for name in ("personal", "decision", "occurred_at", "request"):
        document.pop(name, None)
    attacker.add_entry(index, forge.canonical(document))


def _rotate_in(attacker: Attacker, index: int) -> None:
    """Cuts the log at `index` and lets it go on with the forger's key."""
    key = forge.own_key(attacker.key.name)
    if index < attacker.size:
        truncate_all(attacker, index)
        attacker.run("DELETE FROM checkpoints WHERE size > :s", s=index)
    _rotation_entry(attacker, index, key, forge.own_public())
    attacker.relink(index)
    attacker.rewrite_subject_rows()
    attacker.rewrite_tiles()
    attacker.rewrite_head()
    attacker.sign_head(key)


def rotated_in() -> Iterator[Case]:
    """A forged rotation to a key of the forger's, for which the log's own key does not vouch."""
    yield Case(
        name="own key: appended a rotation to it and signed with it",
        attack=partial(_rotate_in, index=SIZE),
        expect=detects(named((K.KEY_UNKNOWN, K.INSERTED)), may=[named((K.KEY_UNKNOWN, K.INSERTED)), HEAD_FOLLOWS]),
        touches=("entries:insert", "log_head:re-sign"),
    )
    yield Case(
        name="own key: cut the log at 600, rotated to it and signed with it",
        attack=partial(_rotate_in, index=IN_TAIL),
        expect=detects(named((K.KEY_UNKNOWN, K.INSERTED)), may=[named((K.KEY_UNKNOWN, K.INSERTED)), HEAD_FOLLOWS]),
        checkpoint=detects(
            named((K.TRUNCATED, K.ROOT_WRONG, K.CHECKPOINT_WRONG)),
            may=[named((K.KEY_UNKNOWN, K.INSERTED, K.ALTERED, K.TRUNCATED)), HEAD_FOLLOWS],
        ),
        leaves=tells(
            named(K.TRUNCATED, IN_TAIL + 1),
            *altered(IN_TAIL),
            may=[named(K.KEY_UNKNOWN), HEAD_FOLLOWS, *same_entry([IN_TAIL]), WRONG_SOMEWHERE],
        ),
        touches=("entries:rewrite", "log_head:re-sign"),
    )


def _rewrite_with(attacker: Attacker, key: Key, start: int) -> None:
    document = attacker.document(start)
    forge_data(document)
    attacker.entry(start, bytes=forge.canonical(document))
    attacker.relink(start)
    attacker.rewrite_subject_rows()
    attacker.rewrite_tiles()
    attacker.rewrite_head()
    attacker.sign_head(key)
    attacker.sign_checkpoints(key, above=start)


def _rewrite_by_former(attacker: Attacker, start: int) -> None:
    _rewrite_with(attacker, attacker.former, start)


def _back_before_rotation(attacker: Attacker) -> None:
    """The thief of the former key ends the log before the rotation, and goes on from there."""
    truncate_all(attacker, ROTATION - 10)
    attacker.run("DELETE FROM checkpoints WHERE size > :s", s=ROTATION - 10)
    attacker.add_entry(ROTATION - 10, forge.canonical(forged_like(attacker, ROTATION - 11)))
    attacker.relink(ROTATION - 10)
    attacker.rewrite_subject_rows()
    attacker.rewrite_tiles()
    attacker.rewrite_head()
    attacker.sign_head(attacker.former)


def after_rotation() -> Iterator[Case]:
    """The same log with a key that was changed: both keys are known, each has its own part of the log."""
    yield Case(
        name="former key: everything from 600 rewritten and signed with it",
        attack=partial(_rewrite_by_former, start=IN_TAIL),
        expect=detects(NOT_OURS, may=[named(K.KEY_UNKNOWN)]),
        checkpoint=detects(NOT_OURS, WRONG_SOMEWHERE, may=[named(K.KEY_UNKNOWN), HEAD_FOLLOWS]),
        leaves=tells(
            NOT_OURS,
            *altered(*range(IN_TAIL, 650)),
            may=[
                named(K.KEY_UNKNOWN),
                *same_entry(range(IN_TAIL, SIZE)),
                named((K.ALTERED, K.LINK_BROKEN), range(IN_TAIL, SIZE)),
                HEAD_FOLLOWS,
                WRONG_SOMEWHERE,
            ],
        ),
        touches=("log_head:re-sign",),
        base="rotated",
    )
    yield Case(
        name="former key: the head signed with it alone",
        attack=lambda a: a.sign_head(a.former),
        expect=detects(NOT_OURS),
        touches=("log_head:re-sign", "log_head.note"),
        base="rotated",
    )
    yield Case(
        name="former key: a late checkpoint signed with it alone",
        attack=lambda a: a.sign_checkpoints(a.former, above=650),
        expect=tells(named(K.KEY_UNKNOWN, ANY, "checkpoints[690]")),
        touches=("checkpoints:re-sign", "checkpoints.note"),
        base="rotated",
    )
    yield Case(
        name="new key: a checkpoint of before the rotation signed with it",
        attack=lambda a: a.put("checkpoints", {"size": 256}, note=_early(a, 256)),
        expect=tells(named(K.KEY_UNKNOWN, ANY, "checkpoints[256]")),
        touches=("checkpoints:re-sign", "checkpoints.note"),
        base="rotated",
    )
    yield Case(
        name="former key: the log ended before the rotation and went on",
        attack=_back_before_rotation,
        expect=UNDECIDABLE,
        checkpoint=detects(
            named((K.TRUNCATED, K.ROOT_WRONG)),
            may=[HEAD_FOLLOWS, named((K.TRUNCATED, K.KEY_UNKNOWN, K.TILE_WRONG))],
        ),
        leaves=tells(
            named(K.TRUNCATED, ROTATION - 9),
            *altered(ROTATION - 10),
            may=[
                *same_entry([ROTATION - 10]),
                HEAD_FOLLOWS,
                WRONG_SOMEWHERE,
                named((K.KEY_UNKNOWN, K.TILE_WRONG)),
            ],
        ),
        touches=("entries:rewrite", "log_head:re-sign"),
        base="rotated",
    )
    yield Case(
        name="the entry of the rotation altered",
        attack=_alter_rotation,
        # Its true bytes are gone, and with them the name of the key that signs after it.
        expect=tells(*altered(ROTATION), may=[*same_entry([ROTATION]), named(K.KEY_UNKNOWN)]),
        touches=("entries:forge",),
        base="rotated",
    )
    yield Case(
        name="the entry of the rotation deleted",
        attack=lambda a: a.delete("entries", entry_index=ROTATION),
        # Without it nothing says which key signs after it, but the former key's signature on 400 still covers it.
        expect=tells(named(K.DELETED, ROTATION), may=[named(K.SUBJECT_ROW_DISAGREES, ROTATION), named(K.KEY_UNKNOWN)]),
        touches=("entries:delete",),
        base="rotated",
    )
    yield Case(
        name="the entry of the rotation given another type in its column",
        attack=lambda a: a.entry(ROTATION, type="stock.adjusted"),
        expect=tells(named(K.COLUMN_DISAGREES, ROTATION, "entries.type")),
        touches=("entries.type",),
        base="rotated",
    )
    yield Case(
        name="stolen new key: whole consistent rewrite after the rotation",
        attack=lambda a: _rewrite_with(a, a.key, IN_TAIL),
        expect=UNDECIDABLE,
        checkpoint=detects(WRONG_SOMEWHERE, may=[HEAD_FOLLOWS, CHECKPOINTS_FOLLOW]),
        leaves=tells(
            *altered(*range(IN_TAIL, 650)),
            may=[
                *same_entry(range(IN_TAIL, SIZE)),
                named((K.ALTERED, K.LINK_BROKEN), range(IN_TAIL, SIZE)),
                HEAD_FOLLOWS,
                CHECKPOINTS_FOLLOW,
                WRONG_SOMEWHERE,
            ],
        ),
        touches=("entries:rewrite",),
        base="rotated",
    )
    yield Case(
        name="stolen new key: whole consistent rewrite from before the rotation",
        attack=lambda a: _rewrite_with(a, a.key, IN_TILE),
        # The former key vouches neither for the rotation of this history nor for its checkpoints before it.
        expect=detects(
            named(K.KEY_UNKNOWN), may=[named(K.KEY_UNKNOWN), WRONG_SOMEWHERE, HEAD_FOLLOWS, CHECKPOINTS_FOLLOW]
        ),
        checkpoint=detects(
            named(K.KEY_UNKNOWN), WRONG_SOMEWHERE, may=[named(K.KEY_UNKNOWN), HEAD_FOLLOWS, CHECKPOINTS_FOLLOW]
        ),
        leaves=tells(
            *altered(*range(IN_TILE, 650)),
            may=[
                named(K.KEY_UNKNOWN),
                *same_entry(range(IN_TILE, SIZE)),
                named((K.ALTERED, K.LINK_BROKEN), range(IN_TILE, SIZE)),
                named(K.TILE_WRONG),
                HEAD_FOLLOWS,
                CHECKPOINTS_FOLLOW,
                WRONG_SOMEWHERE,
            ],
        ),
        touches=("entries:rewrite",),
        base="rotated",
    )
    yield Case(
        name="the checkpoints that both keys signed deleted",
        attack=lambda a: [a.delete("checkpoints", size=size) for size in (400, 512)],
        # Whoever throws away the former key's word for the new one leaves the new one without it.
        expect=Expectation(Decidability.NOT_EVIDENCE, may=(named(K.KEY_UNKNOWN),)),
        touches=("checkpoints:delete",),
        base="rotated",
    )


def _early(attacker: Attacker, size: int) -> str:
    return forge.signed(forge.body(attacker.origin, size, forge.root(attacker.hashes()[:size])), attacker.key)


def _alter_rotation(attacker: Attacker) -> None:
    document = attacker.document(ROTATION)
    document["data"]["vkey"] = document["data"]["previous_vkey"]
    data = forge.canonical(document)
    attacker.entry(ROTATION, bytes=data, leaf_hash=forge.leaf(data))


def cases() -> Iterator[Case]:
    """All of this module."""
    yield from rotated_in()
    yield from after_rotation()
