"""Witnesses: what the database itself still tells of the leaf hashes that were logged, when it is not all of one mind.

Of each entry there are up to four witnesses: the `previous` of the entry after it; its own bytes, under the index they
claim; the leaf hash column; the level-0 tile. The first is the best: once the hash of an entry is known, and bytes with
that hash are there, what they say of the entry before is as good as the hash itself. So a block of 256 entries is read
backwards along the chain; where the chain is cut, the others are asked.

An election proposes readings of a block. Which is right is for a root to say that lies outside the block: in the tile
above, or in a signed checkpoint.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from audit.event import ZERO_HASH
from audit.merkle import node_hash

_INDEX: Final = re.compile(rb',"format":"chopbook-entry/1","index":(0|[1-9][0-9]{0,15}),')
_PREVIOUS: Final = re.compile(rb',"previous":"([0-9a-f]{64})","recorded_at":')


@dataclass(slots=True)
class Block:
    """The witnesses of up to 256 entries.

    Attributes:
        start: index of the first.
        width: how many there are.
        tile: their hashes as the tile has them; empty if there is none or it contradicts itself.
        by_link: by index, what entries that claim to be the next one say.
        by_bytes: by index, hashes of bytes that claim it.
        by_column: by index, the column.
        chain: for the hash of any bytes heard, the hash they name as that of the entry before.
    """

    start: int
    width: int
    tile: list[bytes] = field(default_factory=list)
    by_link: dict[int, list[bytes]] = field(default_factory=dict)
    by_bytes: dict[int, list[bytes]] = field(default_factory=dict)
    by_column: dict[int, list[bytes]] = field(default_factory=dict)
    chain: dict[bytes, bytes] = field(default_factory=dict)

    def readings(self, after: bytes | None) -> list[list[bytes]]:
        """What the hashes may have been, the likeliest first; zeros where nothing is known.

        `after` is the hash of the entry after the block, if that is known.
        """
        last = self.start + self.width - 1
        known = self.chain.get(after) if after is not None else None
        ends = [known] if known is not None else []
        ends += [digest for digest in self._votes(last) if digest != known]
        found = [self._walk(end) for end in ends or [ZERO_HASH]]
        if self.tile:
            found.append(self.tile)
        indexes = range(self.start, last + 1)
        # Whoever writes the chain anew may forget the columns: they are heard by themselves.
        found.append([next(iter(self.by_column.get(index, self._votes(index))), ZERO_HASH) for index in indexes])
        # Last, the chain not believed at all: whoever holds the key can seal a wrong link.
        found.append([next(iter(self._votes(index)), ZERO_HASH) for index in indexes])
        return [list(hashes) for hashes in dict.fromkeys(tuple(hashes) for hashes in found)]

    def _walk(self, end: bytes) -> list[bytes]:
        """Read the block backwards from the hash of its last entry."""
        hashes = [end]
        for index in range(self.start + self.width - 2, self.start - 1, -1):
            known = self.chain.get(hashes[-1])
            hashes.append(known if known is not None else next(iter(self._votes(index)), ZERO_HASH))
        hashes.reverse()
        return hashes

    def _votes(self, index: int) -> list[bytes]:
        """The hashes that are claimed for an index, the one with most witnesses first."""
        place = index - self.start
        tile = [self.tile[place]] if self.tile else []
        witnesses = (self.by_link.get(index, []), tile, self.by_column.get(index, []), self.by_bytes.get(index, []))
        votes = Counter(digest for claimed in witnesses for digest in set(claimed))
        # Equal votes stay in the order in which the witnesses were asked.
        order = list(dict.fromkeys(digest for claimed in witnesses for digest in claimed))
        return sorted(order, key=lambda digest: -votes[digest])


def claimed_index(data: bytes) -> int | None:
    """The index an entry's bytes claim, were they canonical or not."""
    found = _INDEX.search(data)
    return int(found[1]) if found else None


def claimed_previous(data: bytes) -> bytes | None:
    """The leaf hash of the entry before that an entry's bytes claim."""
    found = _PREVIOUS.search(data)
    return bytes.fromhex(found[1].decode()) if found else None


def claims_previous(data: bytes, previous: bytes) -> bool:
    """Whether an entry's bytes name this leaf hash as that of the entry before."""
    return b',"previous":"%s","recorded_at":' % previous.hex().encode() in data


def block_root(hashes: Sequence[bytes]) -> bytes:
    """The root over the 256 hashes of a full block."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
