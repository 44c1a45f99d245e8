"""The end of the log cut off, with and without a head that says so; the database of an earlier moment restored."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.tamper import forge
from tests.tamper.case import ANCHOR, IN_TAIL, LAST, SIZE, Case, K, head_wrong
from tests.tamper.expect import ANY, UNDECIDABLE, Decidability, Expectation, named, tells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tamper.attacker import Attacker


def truncations() -> Iterator[Case]:
    """The end of the log is cut off."""
    for what, start in (
        ("the last entry", LAST),
        ("the last ten", 690),
        ("the tail", 512),
        ("half a tile and the tail", 400),
        ("all but the first", 1),
        ("all", 0),
    ):
        yield Case(
            name=f"entries: {what} truncated",
            attack=partial(truncate, start=start),
            expect=tells(
                named(K.TRUNCATED, start), may=[named((K.SUBJECT_ROW_DISAGREES, K.TRUNCATED), range(start, SIZE))]
            ),
            touches=("entries:truncate",),
        )
    yield Case(
        name="everything truncated to 600, the head rewritten but not its note",
        attack=lambda a: (truncate_all(a, IN_TAIL), a.rewrite_head()),
        expect=tells(named(K.TRUNCATED, IN_TAIL), may=[*head_wrong("")]),
        touches=("entries:truncate", "log_head.size"),
    )
    yield Case(
        name="everything truncated to 512, the head with an old note, later checkpoints left",
        attack=partial(roll_back, size=512, checkpoints=False),
        expect=tells(named(K.TRUNCATED, 512), may=[*head_wrong(""), named(K.CHECKPOINT_WRONG)]),
        touches=("entries:truncate", "log_head.note"),
    )
    for size in (1, 512, 600, ANCHOR, 660, 690):
        inside_anchor = size < ANCHOR
        # The tiles of the entries that are gone are gone too.
        known = tells(named(K.TRUNCATED, size), may=[*head_wrong(""), named(K.CHECKPOINT_WRONG), named(K.TILE_WRONG)])
        yield Case(
            name=f"the whole database rolled back to size {size}",
            attack=partial(roll_back, size=size),
            expect=UNDECIDABLE,
            checkpoint=known if inside_anchor else None,
            leaves=known if inside_anchor else None,
            touches=("entries:truncate", "log_head:roll-back", "checkpoints:truncate"),
        )
    yield Case(
        name="the whole database rolled back and signed anew by the stolen key",
        attack=partial(_roll_back_signed, size=333, own=False),
        expect=UNDECIDABLE,
        checkpoint=tells(named(K.TRUNCATED, 333), may=[*head_wrong(""), named(K.TILE_WRONG)]),
        leaves=tells(named(K.TRUNCATED, 333), may=[*head_wrong(""), named(K.TILE_WRONG)]),
        touches=("entries:truncate", "log_head:roll-back"),
    )
    yield Case(
        name="the whole database rolled back and signed by another key",
        attack=partial(_roll_back_signed, size=333, own=True),
        expect=Expectation(Decidability.DETECTED, (named(K.KEY_UNKNOWN, ANY, "log_head"),)),
        checkpoint=tells(named(K.TRUNCATED, 333), named(K.KEY_UNKNOWN), may=[*head_wrong(""), named(K.TILE_WRONG)]),
        leaves=tells(named(K.TRUNCATED, 333), named(K.KEY_UNKNOWN), may=[*head_wrong(""), named(K.TILE_WRONG)]),
        touches=("entries:truncate", "log_head:re-sign"),
    )


def truncate(attacker: Attacker, start: int) -> None:
    """Removes the entries from `start` on and nothing else."""
    attacker.run("DELETE FROM entries WHERE entry_index >= :s", s=start)


def truncate_all(attacker: Attacker, start: int) -> None:
    """Removes every entry from `start` on with its subject rows and tiles."""
    truncate(attacker, start)
    attacker.run("DELETE FROM entry_subjects WHERE entry_index >= :s", s=start)
    attacker.run("DELETE FROM tiles WHERE (tile_index + 1) * 256 > :s", s=start)


def roll_back(attacker: Attacker, size: int, *, checkpoints: bool = True) -> None:
    """Restores the database of an earlier moment, as an old backup would."""
    truncate_all(attacker, size)
    if checkpoints:
        attacker.run("DELETE FROM checkpoints WHERE size > :s", s=size)
    attacker.rewrite_head()
    attacker.head(note=attacker.old_notes[size])


def _roll_back_signed(attacker: Attacker, size: int, *, own: bool) -> None:
    truncate_all(attacker, size)
    attacker.run("DELETE FROM checkpoints WHERE size > :s", s=size)
    attacker.rewrite_head()
    attacker.sign_head(forge.own_key(attacker.key.name) if own else attacker.key)


def cases() -> Iterator[Case]:
    """All of this module."""
    yield from truncations()
