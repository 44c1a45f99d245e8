"""Nodes of the tree as the tables hold them: from full tiles, and at the edge from what tiles will be made of.

Nothing here is checked; who uses a node shows that it gives the root.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from audit.merkle import HASH_BYTES, Frontier, NodeId, node_hash
from audit.tile import TILE_HEIGHT, TILE_NODES_BYTES, TILE_WIDTH, node_place
from storage.tree import fill_nodes, frontier_nodes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.stored_log import StoredLog

TILE_HASHES_BYTES: Final = TILE_WIDTH * HASH_BYTES
TILES_KEPT: Final = 256


class StoredNodes:
    """Nodes of the tree of `size` leaves, from full tiles and, at the edge, from what tiles will be made of.

    Nothing here is checked: a missing tile gives a node of no bytes.
    """

    def __init__(self, log: StoredLog, size: int) -> None:
        self.size = size
        self._log = log
        self._tiles: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._edges: dict[int, dict[NodeId, bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """A complete node."""
        tile_level, tile_index, offset = node_place(level, index)
        if (tile_index + 1) << (TILE_HEIGHT * (tile_level + 1)) <= self.size:
            return self.tile(tile_level, tile_index)[offset : offset + HASH_BYTES]
        if tile_level not in self._edges:
            self._edges[tile_level] = self._read_edge(tile_level)
        return self._edges[tile_level].get((level, index), b"")

    def tile(self, tile_level: int, tile_index: int) -> bytes:
        """A full tile's nodes; no bytes if it is missing or not of its length."""
        place = (tile_level, tile_index)
        blob = self._tiles.get(place)
        if blob is None:
            blob = self._tiles[place] = _whole(self._log.tile(tile_level, tile_index))
            if len(self._tiles) > TILES_KEPT:
                self._tiles.popitem(last=False)
        else:
            self._tiles.move_to_end(place)
        return blob

    def tiles(self, tile_level: int, indexes: Sequence[int]) -> dict[int, bytes]:
        """Full tiles by their index, in one read and not kept; no bytes for one that is not of its length."""
        return {index: _whole(blob) for index, blob in self._log.some_tiles(tile_level, indexes)}

    def frontier(self, size: int) -> list[bytes]:
        """The nodes that cover the first `size` leaves, largest first."""
        return [self.node(level, index) for level, index in frontier_nodes(size)]

    def root(self, size: int) -> bytes:
        """The root at an earlier size; no bytes if a node is missing."""
        hashes = self.frontier(size)
        if any(len(digest) != HASH_BYTES for digest in hashes):
            return b""
        return Frontier(size, hashes).root()

    def edge_hashes(self, tile_level: int) -> list[bytes]:
        """The hashes of the tile of a level that is not full yet; none if one of them is missing."""
        stop = self.size >> (TILE_HEIGHT * tile_level)
        start = stop // TILE_WIDTH * TILE_WIDTH
        if tile_level == 0:
            rows = self._log.leaf_hashes(start, stop)
        else:
            last = TILE_NODES_BYTES - HASH_BYTES
            rows = self._log.tile_parts(tile_level - 1, start, stop, last, HASH_BYTES)
        hashes = [digest for _, digest in rows]
        whole = [index for index, _ in rows] == list(range(start, stop))
        return hashes if whole and all(_is_hash(digest) for digest in hashes) else []

    def _read_edge(self, tile_level: int) -> dict[NodeId, bytes]:
        nodes: dict[NodeId, bytes] = {}
        start = (self.size >> (TILE_HEIGHT * tile_level)) // TILE_WIDTH * TILE_WIDTH
        fill_nodes(nodes, tile_level, start, self.edge_hashes(tile_level))
        return nodes


def _whole(blob: object) -> bytes:
    return blob if isinstance(blob, bytes) and len(blob) == TILE_NODES_BYTES else b""


def _is_hash(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == HASH_BYTES


def edge_frontier(edges: Sequence[Sequence[bytes]]) -> Frontier:
    """The frontier of a tree, given for each tile level the hashes of its tile that is not full yet."""
    hashes: list[bytes] = []
    size = 0
    for level in range(len(edges) - 1, -1, -1):
        edge = edges[level]
        size += len(edge) << (TILE_HEIGHT * level)
        start = 0
        for height in range(TILE_HEIGHT - 1, -1, -1):
            if len(edge) >> height & 1:
                hashes.append(_subtree(edge[start : start + (1 << height)]))
                start += 1 << height
    return Frontier(size, hashes)


def _subtree(row: Sequence[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def read_leaves(leaf_file: Path, start: int, stop: int) -> bytes:
    """Joined leaf hashes of a range, from a file of them."""
    with leaf_file.open("rb") as file:
        file.seek(start * HASH_BYTES)
        return file.read((stop - start) * HASH_BYTES)


def split(joined: Sequence[int] | bytes) -> list[bytes]:
    """The 32-byte hashes of a joined run; a shorter rest is left out."""
    data = bytes(joined)
    return [data[at : at + HASH_BYTES] for at in range(0, len(data) - HASH_BYTES + 1, HASH_BYTES)]
