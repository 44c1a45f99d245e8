"""A case of the tamper corpus, and the log that every case is done to.

The log (`bases.py` makes it with the product itself) has `SIZE` entries: two full tiles of 256, and a tail of 188 that
no tile covers. Checkpoints of `PUBLISHED` sizes are in its table. Which members an entry has follows from its index, so
that every case can choose an entry with or without the member that it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from audit.faults import FaultKind
from tests.tamper.expect import ANY, Named, each, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.tamper.attacker import Attacker
    from tests.tamper.expect import Expectation

SIZE: Final = 700
ANCHOR: Final = 650
"""Size of the tree that the verifier knows from outside, where it holds an anchor."""
PUBLISHED: Final = (1, 100, 256, 400, 512, 650, 690)
"""Sizes of the published checkpoints."""
SIGNED: Final = (1, 100, 256, 300, 400, 512, 600, 650, 660, 690, SIZE)
"""Sizes at which a batch ended, so that the log signed a note (published or not)."""
ROTATION: Final = 300
"""Index of the entry that changes the key, in the log that has one; both keys sign up to 512, the new one after."""

IN_TILE: Final = 100
TILE_END: Final = 255
TILE_START: Final = 256
IN_TAIL: Final = 600
AFTER_ANCHOR: Final = 670
AFTER_PUBLISHED: Final = 695
LAST: Final = SIZE - 1
POSITIONS: Final = {
    "the first entry": 0,
    "an entry in a full tile": IN_TILE,
    "the last of a tile": TILE_END,
    "the first of a tile": TILE_START,
    "an entry in the tail": IN_TAIL,
    "an entry after the anchor": AFTER_ANCHOR,
    "an entry after the last published checkpoint": AFTER_PUBLISHED,
    "the last entry": LAST,
}

HAS_OCCURRED, NO_OCCURRED = 100, 101
HAS_STORE, NO_STORE = 100, 101
HAS_REQUEST, NO_REQUEST = 101, 100
HAS_DECISION, HAS_PERSONAL, HAS_ACTING_FOR = 100, 105, 110
FOUR_SUBJECTS = 103


class Anchor(StrEnum):
    """What the verifier holds from outside, beside the log's origin and public key."""

    NONE = "none"
    CHECKPOINT = "checkpoint"
    """The signed checkpoint of size `ANCHOR`."""
    LEAVES = "leaves"
    """That checkpoint, and the leaf hashes of its entries."""


BOTH: Final = ("sqlite", "postgresql")
SQLITE_ONLY: Final = ("sqlite",)
"""PostgreSQL's column types refuse the value even without constraints."""


@dataclass(frozen=True, slots=True)
class Case:
    """An act of tampering and what verification must then say.

    Attributes:
        name: what is done, in words.
        attack: does it, to a copy of the log.
        expect: what must be told by a verifier that holds nothing from outside.
        checkpoint: the same for one that holds the checkpoint; None if it changes nothing.
        leaves: the same for one that holds the leaf hashes; None if it changes nothing.
        touches: `table.column` or `table:kind` marks, from which the test proves that nothing was left out.
        dialects: databases on which the act is possible.
        base: the log it is done to: `plain`, or `rotated`, whose key was changed at entry `ROTATION`.
    """

    name: str
    attack: Callable[[Attacker], object]
    expect: Expectation
    checkpoint: Expectation | None = None
    leaves: Expectation | None = None
    touches: tuple[str, ...] = ()
    dialects: tuple[str, ...] = BOTH
    base: str = "plain"

    def expectation(self, anchor: Anchor) -> Expectation:
        """What must be told by a verifier with this anchor."""
        by_anchor = {Anchor.NONE: None, Anchor.CHECKPOINT: self.checkpoint, Anchor.LEAVES: self.leaves}
        return by_anchor[anchor] or self.expect


# ------------------------------------------------------------------------------- shared demands

K: Final = FaultKind
NOTE_FAULTS: Final = (K.SIGNATURE_BAD, K.KEY_UNKNOWN, K.CHECKPOINT_WRONG, K.ORIGIN_WRONG, K.ROOT_WRONG, K.HEAD_WRONG)
"""A text that is no note at all has no kind of its own: each of these says that it cannot be relied upon."""


def same_entry(indexes: Iterable[int]) -> tuple[Named, ...]:
    """What an entry that holds other bytes may also be said to have: its own columns and rows no longer fit it."""
    index_list = list(indexes)
    return (
        named((K.COLUMN_DISAGREES, K.SUBJECT_ROW_DISAGREES, K.NOT_CANONICAL), index_list),
        named((K.ORIGIN_WRONG, K.TIME_BACKWARDS, K.LINK_BROKEN, K.SUBJECT_CHAIN_BROKEN), index_list),
    )


def altered(*indexes: int) -> tuple[Named, ...]:
    """Each of these entries is named as altered."""
    return each(K.ALTERED, indexes)


def tile_wrong(*tile_indexes: int, level: int = 0) -> tuple[Named, ...]:
    """Each of these tiles is named."""
    return tuple(named(K.TILE_WRONG, ANY, f"tiles[{level}/{index}]") for index in tile_indexes)


def head_wrong(*columns: str) -> tuple[Named, ...]:
    """Each of these columns of the head is named."""
    return tuple(named((K.HEAD_WRONG, K.ROOT_WRONG), ANY, f"log_head.{column}") for column in columns)


WRONG_SOMEWHERE: Final = named((K.ROOT_WRONG, K.CHECKPOINT_WRONG))
"""A signed root is not the root of what is stored."""
KEY_UNKNOWN: Final = named(K.KEY_UNKNOWN)
HEAD_FOLLOWS: Final = named((K.HEAD_WRONG, K.ROOT_WRONG), ANY, "log_head")
CHECKPOINTS_FOLLOW: Final = named((K.CHECKPOINT_WRONG, K.ROOT_WRONG), ANY, "checkpoints")
