"""Forgeries in every degree of thoroughness, from one row to the whole log, without and with the signing key.

The expectation of a forgery is not written down case by case but derived from the evidence that the forger left:

- *sources* of the true leaf hashes: the `leaf_hash` column, the tiles, the next entry's `previous`, the head;
- *authority*: a signature of the log's own key on a root that covers the entry (head, published checkpoints, anchor).

Authority and a source together name the entry. Authority alone tells that something is wrong, not where. Without either
there is nothing to be told: the forgery is a history that the log could have had.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Final, Literal

from tests.tamper import forge
from tests.tamper.case import (
    AFTER_PUBLISHED,
    ANCHOR,
    CHECKPOINTS_FOLLOW,
    HEAD_FOLLOWS,
    IN_TAIL,
    IN_TILE,
    LAST,
    PUBLISHED,
    SIZE,
    WRONG_SOMEWHERE,
    Anchor,
    Case,
    K,
    altered,
    same_entry,
    tile_wrong,
)
from tests.tamper.cases_bytes import forge_data
from tests.tamper.expect import UNDECIDABLE, Named, detects, each, named, tells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tamper.attacker import Attacker
    from tests.tamper.expect import Expectation

Signature = Literal["kept", "own key", "stolen key"]
TILED: Final = SIZE // 256 * 256
ANYWHERE_IN_TILES: Final = named(K.TILE_WRONG)


@dataclass(frozen=True, slots=True)
class Forgery:
    """Which of the stored evidence the forger rewrote after changing entry `index`."""

    index: int
    relink: bool
    """Every later entry is rewritten so that the chain holds again."""
    leaf: bool
    tiles: bool
    head: bool
    note: Signature
    checkpoints: bool
    """The published checkpoints above the entry are signed anew, with the key that signed the head."""

    @property
    def name(self) -> str:
        """The forgery in words."""
        rewritten = [word for word in ("relink", "leaf", "tiles", "head", "checkpoints") if getattr(self, word)]
        return f"forged entry {self.index}: rewrote {', '.join(rewritten) or 'nothing else'}; note {self.note}"

    def commit(self, attacker: Attacker) -> None:
        """Does it."""
        document = attacker.document(self.index)
        forge_data(document)
        data = forge.canonical(document)
        attacker.entry(self.index, bytes=data)
        if self.leaf:
            attacker.entry(self.index, leaf_hash=forge.leaf(data))
        if self.relink:
            attacker.relink(self.index, leaf=self.leaf)
        if self.tiles:
            attacker.rewrite_tiles()
        if self.head:
            attacker.rewrite_head()
        if self.note != "kept":
            key = attacker.key if self.note == "stolen key" else forge.own_key(attacker.key.name)
            attacker.sign_head(key)
            if self.checkpoints:
                attacker.sign_checkpoints(key, above=self.index)

    # ------------------------------------------------------------------------------- evidence

    def authority(self, anchor: Anchor) -> int:
        """Size of the largest tree that covers the entry and has a true signature on its true root; 0 if none."""
        sizes = [SIZE] if self.note == "kept" else []
        sizes += [] if self.checkpoints else [PUBLISHED[-1]]
        sizes += [] if anchor is Anchor.NONE else [ANCHOR]
        return max((size for size in sizes if size > self.index), default=0)

    @property
    def forged(self) -> range:
        """Indexes of the entries that hold other bytes than those logged."""
        return range(self.index, SIZE if self.relink else self.index + 1)

    @property
    def old_tile(self) -> bool:
        """A tile still holds the true leaf hash."""
        return self.index < TILED and not self.tiles

    @property
    def tile_indexes(self) -> range:
        """The tiles that the forger rewrote with other hashes."""
        return range(self.index // 256, self.forged[-1] // 256 + 1) if self.tiles else range(0)

    def _follows(self) -> tuple[Named, ...]:
        touched = [*self.forged, min(self.forged[-1] + 1, LAST)]
        return (
            *same_entry(touched),
            named((K.ALTERED, K.LINK_BROKEN), touched),
            named(K.SUBJECT_CHAIN_BROKEN),
            ANYWHERE_IN_TILES,
            HEAD_FOLLOWS,
            CHECKPOINTS_FOLLOW,
            WRONG_SOMEWHERE,
        )

    def _signatures(self) -> tuple[Named, ...]:
        if self.note != "own key":
            return ()
        resigned = [size for size in PUBLISHED if size > self.index and self.checkpoints]
        return (
            named(K.KEY_UNKNOWN, where="log_head"),
            *(named(K.KEY_UNKNOWN, where=f"checkpoints[{size}]") for size in resigned),
        )

    # ------------------------------------------------------------------------------- expected

    def expectation(self, anchor: Anchor) -> Expectation:
        """What must be told by a verifier with this anchor."""
        if anchor is Anchor.LEAVES and self.index < ANCHOR:
            known = [index for index in self.forged if index < ANCHOR]
            return tells(*altered(*known), *self._signatures(), may=self._follows())
        authority = self.authority(anchor)
        if self.note == "stolen key":
            return self._by_stolen_key(authority)
        if not authority:
            return self._without_authority()
        return self._relinked(authority) if self.relink else self._single()

    def _single(self) -> Expectation:
        """One entry forged, and a true signature covers it."""
        sources = not self.leaf or self.old_tile or self.index < LAST or not self.head
        if not sources:
            return detects(named((K.ROOT_WRONG, K.HEAD_WRONG)), *self._signatures(), may=[HEAD_FOLLOWS])
        must = (*altered(self.index), *tile_wrong(*self.tile_indexes), *self._signatures())
        if self.head and self.note == "kept":
            must += (HEAD_FOLLOWS,)
        may = (*same_entry([self.index]), HEAD_FOLLOWS)
        return tells(*must, may=may)

    def _relinked(self, authority: int) -> Expectation:
        """All entries from here on forged, and a true signature covers the first of them."""
        signatures = self._signatures()
        may = self._follows()
        if not self.leaf:
            known = [index for index in self.forged if index < authority]
            wrong_tiles = tile_wrong(*(index for index in self.tile_indexes if index < TILED // 256))
            return tells(*altered(*known), *wrong_tiles, *signatures, may=may)
        if self.old_tile and not self.checkpoints:
            # The checkpoint of 512 vouches for the tiles; of the tail only the root is left.
            tail = named((K.ROOT_WRONG, K.CHECKPOINT_WRONG, K.ALTERED), [None, *range(TILED, SIZE + 1)])
            return tells(*altered(*range(self.index, TILED)), tail, *signatures, may=may)
        # No entry may be accused: a forgery that began anywhere after the last good checkpoint would look the same.
        stale = (ANYWHERE_IN_TILES,) if self.old_tile else ()
        consequences = may if self.old_tile else (WRONG_SOMEWHERE, HEAD_FOLLOWS, CHECKPOINTS_FOLLOW)
        return detects(WRONG_SOMEWHERE, *signatures, may=(*stale, *consequences))

    def _without_authority(self) -> Expectation:
        """Nothing true is signed that covers the entry: what contradicts itself is named, near the entry."""
        must = (*self._signatures(), *self._contradictions())
        return tells(*must, may=self._follows())

    def _by_stolen_key(self, authority: int) -> Expectation:
        """The log's own key signed the forgery; another of its signatures may say the opposite."""
        must = self._contradictions()
        if authority:
            must += (WRONG_SOMEWHERE,)
        if not self.head:
            must += (HEAD_FOLLOWS,)
        if not must:
            return UNDECIDABLE
        return tells(*must, may=self._follows())

    def _contradictions(self) -> tuple[Named, ...]:
        """What does not fit the stored bytes, whoever is right."""
        must: tuple[Named, ...] = ()
        if not self.leaf:
            must += each((K.ALTERED, K.COLUMN_DISAGREES), self.forged)
        if self.old_tile:
            must += (named((K.TILE_WRONG, K.ALTERED)),)
        if not self.relink and self.index < LAST:
            must += (named((K.ALTERED, K.LINK_BROKEN), [self.index, self.index + 1]),)
        return must


SIGNATURES: Final[tuple[tuple[Signature, bool], ...]] = (
    ("kept", False),
    ("own key", False),
    ("own key", True),
    ("stolen key", False),
    ("stolen key", True),
)


def forgeries() -> Iterator[Forgery]:
    """Every degree of thoroughness, at four places."""
    for index, relink in product((IN_TILE, IN_TAIL, AFTER_PUBLISHED, LAST), (False, True)):
        if relink and index == LAST:
            continue
        for leaf, tiles, head in product((False, True), repeat=3):
            if tiles and index >= TILED:
                continue
            for note, checkpoints in SIGNATURES:
                if checkpoints and index >= PUBLISHED[-1]:
                    continue
                yield Forgery(index, relink, leaf, tiles, head, note, checkpoints)


def cases() -> Iterator[Case]:
    """All of this module."""
    for forgery in forgeries():
        yield Case(
            name=forgery.name,
            attack=partial(Forgery.commit, forgery),
            expect=forgery.expectation(Anchor.NONE),
            checkpoint=forgery.expectation(Anchor.CHECKPOINT),
            leaves=forgery.expectation(Anchor.LEAVES),
            touches=("entries:forge", "log_head:re-sign", "checkpoints:re-sign"),
        )
