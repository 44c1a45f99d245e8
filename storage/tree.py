"""The growing tree of the writer: frontier, the nodes of tiles not yet full, and the tiles that become so.

A tile of level L holds the 511 nodes of levels 8L to 8L+8 over 256 hashes of level 8L. It is written once, when full;
until then its nodes live here, and are rebuilt from `entries` (level 0) or from the roots of the tiles below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select

from audit.merkle import HASH_BYTES, Frontier, NodeId, node_hash
from audit.tile import TILE_HEIGHT, TILE_WIDTH
from storage.schema import entries, tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

LEVELS_MAX = 8
"""Tile levels: 256**8 leaves, more than any index."""

# Built once: to build a statement costs more than to run it.
_LEAF_HASHES: Final = (
    select(entries.c.leaf_hash)
    .where(entries.c.entry_index >= bindparam("start"), entries.c.entry_index < bindparam("stop"))
    .order_by(entries.c.entry_index)
)
_TILE_ROOTS: Final = (
    select(func.substr(tiles.c.nodes, 510 * HASH_BYTES + 1, HASH_BYTES))
    .where(
        tiles.c.level == bindparam("level"),
        tiles.c.tile_index >= bindparam("start"),
        tiles.c.tile_index < bindparam("stop"),
    )
    .order_by(tiles.c.tile_index)
)


class Tree:
    """The Merkle tree up to `size`, able to grow and to prove its newest leaves from memory."""

    def __init__(self, frontier: Frontier, nodes: dict[NodeId, bytes], full: Sequence[tuple[int, int]] = ()) -> None:
        """Takes both over: they are changed as the tree grows. `full` are the tiles in `nodes` that have been written."""
        self._frontier = frontier
        self._nodes = nodes
        self._edge: list[bytes] = []
        self._edge_size = -1
        self._upper: dict[int, list[bytes]] = {}
        self._full = list(full)

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._frontier.size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The frontier, largest subtree first."""
        return tuple(self._frontier.hashes)

    def root(self) -> bytes:
        """Root hash of all leaves."""
        return self._frontier.root()

    def extend(self, leaf_hashes: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Appends leaves; returns the tiles they filled as (level, tile index, 511 nodes)."""
        self._forget_full_tiles()
        filled: list[tuple[int, int, bytes]] = []
        start = 0
        while start < len(leaf_hashes):
            stop = start + TILE_WIDTH - self._frontier.size % TILE_WIDTH
            self._frontier.extend(leaf_hashes[start:stop], self._nodes)
            if self._frontier.size % TILE_WIDTH == 0:
                filled.extend(self._take_full_tiles())
            start = stop
        return filled

    def prove(self, index: int, read: Callable[[NodeId], bytes]) -> tuple[bytes, ...]:
        """Inclusion proof of a leaf in the tree as it is (RFC 9162 §2.1.3.1).

        `read` supplies nodes that are no longer in memory. Quicker than a plan, since the proofs of one batch share
        the right edge of the tree, and those of one tile all but their lowest hashes.
        """
        last = self.size - 1
        edge = self._right_edge()
        tile = index >> TILE_HEIGHT
        upper = self._upper.get(tile)
        if upper is None:
            upper = self._upper[tile] = self._path(tile, range(TILE_HEIGHT, last.bit_length()), edge, read)
        lower = range(min(TILE_HEIGHT, last.bit_length()))
        return (*self._path(index, lower, edge, read), *upper)

    def _path(self, node: int, levels: range, edge: Sequence[bytes], read: Callable[[NodeId], bytes]) -> list[bytes]:
        """The siblings on the way up through those levels, from the node at the lowest of them."""
        nodes = self._nodes
        last = self.size - 1
        path: list[bytes] = []
        for level in levels:
            sibling = node ^ 1
            rightmost = last >> level
            if sibling < rightmost:
                path.append(nodes.get((level, sibling)) or read((level, sibling)))
            elif sibling == rightmost:
                path.append(edge[level])
            node >>= 1
        return path

    def _right_edge(self) -> list[bytes]:
        """For each level the hash of its rightmost subtree, which may be incomplete; made once a size."""
        last = self.size - 1
        if self._edge_size != self.size:
            edge = [self._nodes[0, last]]
            for level in range(last.bit_length()):
                at = last >> level
                edge.append(node_hash(self._nodes[level, at - 1], edge[-1]) if at & 1 else edge[-1])
            self._edge, self._edge_size = edge, self.size
            self._upper.clear()
        return self._edge

    def _take_full_tiles(self) -> list[tuple[int, int, bytes]]:
        filled: list[tuple[int, int, bytes]] = []
        size = self._frontier.size
        for level in range(LEVELS_MAX):
            width = TILE_WIDTH ** (level + 1)
            if size % width:
                break
            tile_index = size // width - 1
            filled.append((level, tile_index, b"".join([self._nodes[node] for node in _nodes_of(level, tile_index)])))
            self._full.append((level, tile_index))
        return filled

    def _forget_full_tiles(self) -> None:
        """Drops the nodes of tiles filled by the last `extend`: until now its leaves may have wanted proofs."""
        for level, tile_index in self._full:
            for node in _nodes_of(level, tile_index):
                # The topmost belongs to the tile above, which may not be full yet.
                if node[0] % TILE_HEIGHT or node[0] == level * TILE_HEIGHT:
                    self._nodes.pop(node, None)
        self._full.clear()


def _nodes_of(level: int, tile_index: int) -> Iterator[NodeId]:
    """The 511 nodes of a tile, in the order it is stored in."""
    for height in range(TILE_HEIGHT + 1):
        width = TILE_WIDTH >> height
        for index in range(tile_index * width, (tile_index + 1) * width):
            yield level * TILE_HEIGHT + height, index


def load_tree(connection: Connection, size: int, frontier: Sequence[bytes]) -> Tree:
    """The tree of `size` leaves with the nodes of its last tiles, read back from the database.

    A last tile that is full is among them, as after an `extend` that filled it: its leaves may want proofs.
    """
    nodes: dict[NodeId, bytes] = {}
    full: list[tuple[int, int]] = []
    for level in range(LEVELS_MAX):
        count = size >> (level * TILE_HEIGHT)
        if count == 0:
            break
        last = (count - 1) // TILE_WIDTH
        start = last * TILE_WIDTH
        fill_nodes(nodes, level, start, read_hashes(connection, level, start, count))
        if count % TILE_WIDTH == 0:
            full.append((level, last))
    nodes.update(zip(frontier_nodes(size), frontier, strict=True))
    return Tree(Frontier(size, frontier), nodes, full)


def read_hashes(connection: Connection, level: int, start: int, stop: int) -> list[bytes]:
    """Hashes `start` to `stop` of tile level `level`: leaf hashes, or roots of the full tiles below."""
    if stop <= start:
        return []
    statement = _LEAF_HASHES if level == 0 else _TILE_ROOTS
    return [bytes(row[0]) for row in connection.execute(statement, {"level": level - 1, "start": start, "stop": stop})]


def fill_nodes(nodes: dict[NodeId, bytes], level: int, start: int, hashes: Sequence[bytes]) -> None:
    """Adds `hashes` (tile level `level`, from index `start`, a multiple of 256) and every complete node above them."""
    base = level * TILE_HEIGHT
    for i, hash_ in enumerate(hashes):
        nodes[base, start + i] = hash_
    row = list(hashes)
    for height in range(1, TILE_HEIGHT + 1):
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        for i, hash_ in enumerate(row):
            nodes[base + height, (start >> height) + i] = hash_


def frontier_nodes(size: int) -> list[NodeId]:
    """Where the frontier's hashes stand in the tree, largest subtree first."""
    found: list[NodeId] = []
    start = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def split_hashes(joined: bytes) -> list[bytes]:
    """The 32-byte hashes of a joined run."""
    data = bytes(joined)
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]
