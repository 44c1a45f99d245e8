"""Going once along the leaf hashes that were logged: the roots and frontiers they give, and the tiles they should be in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind
from audit.judge import shown
from audit.merkle import HASH_BYTES, Frontier
from audit.tile import TILE_WIDTH, tile_nodes
from storage.leaf_search import fold
from storage.verification_faults import tile_fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audit.localise import Hashes
    from storage.stored_log import StoredLog


class Survey:
    """What leaf hashes give.

    Attributes:
        roots: the root at each size asked for, as far as all hashes below it are known.
        frontiers: likewise the frontier, joined.
        known: how many of the first hashes are known.
    """

    def __init__(self, leaves: Hashes, sizes: Sequence[int], log: StoredLog | None = None) -> None:
        """Go along the leaves; with a log, compare its tiles on the way (`tile_faults`)."""
        self.roots: dict[int, bytes] = {}
        self.frontiers: dict[int, bytes] = {}
        self.known = leaves.count
        self.tile_faults: list[Fault] = []
        self._log = log
        self._waiting = sorted(set(sizes), reverse=True)
        self._blocks = Frontier()
        self._rows: dict[int, list[bytes]] = {}
        self._walk(leaves)
        if log is not None:
            self.tile_faults += _extra_tiles(log, leaves.count)

    def _walk(self, leaves: Hashes) -> None:
        for start in range(0, leaves.count + 1, TILE_WIDTH):
            hashes = leaves.list(start, min(start + TILE_WIDTH, leaves.count))
            if ZERO_HASH in hashes and self.known == leaves.count:
                self.known = start + hashes.index(ZERO_HASH)
            self._answer(start, hashes)
            if len(hashes) == TILE_WIDTH:
                self._fill(0, start // TILE_WIDTH, hashes)

    def _answer(self, start: int, hashes: Sequence[bytes]) -> None:
        """Give root and frontier for the sizes wanted within a block."""
        block: Frontier | None = None
        while self._waiting and self._waiting[-1] < start + TILE_WIDTH:
            size = self._waiting.pop()
            if size > min(self.known, start + len(hashes)):
                continue
            if block is None:
                block = Frontier()
            for leaf in hashes[block.size : size - start]:
                block.append(leaf)
            joined = (*self._blocks.hashes, *block.hashes)
            self.roots[size] = fold(joined)
            self.frontiers[size] = b"".join(joined)

    def _fill(self, level: int, tile_index: int, hashes: Sequence[bytes]) -> None:
        """A tile is full: compare it, and hand its root on to the tile above."""
        nodes = tile_nodes(hashes)
        unknown = level == 0 and ZERO_HASH in hashes
        if self._log is not None and not unknown and self._log.tile(level, tile_index) != nodes:
            self.tile_faults.append(tile_fault(level, tile_index))
        root = nodes[-HASH_BYTES:]
        if level == 0:
            self._blocks.append(root)
        above = self._rows.setdefault(level + 1, [])
        above.append(root)
        if len(above) == TILE_WIDTH:
            self._rows[level + 1] = []
            self._fill(level + 1, tile_index // TILE_WIDTH, above)


def _extra_tiles(log: StoredLog, size: int) -> Iterator[Fault]:
    for level, tile_index, count in log.extra_tiles(size):
        where = f"tiles[{shown(level)}/{shown(tile_index)}]"
        wanted = f"no such tile at size {size}" if count == 1 else "one tile"
        yield Fault(FaultKind.TILE_WRONG, None, where, wanted, str(count))
