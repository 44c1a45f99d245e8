"""Leaf hashes proved to lie under a root: for looking at part of a log without reading all of it."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from audit.check import Suspect
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind
from audit.judge import shown
from audit.merkle import HASH_BYTES
from audit.tile import TILE_HEIGHT, TILE_NODES_BYTES, TILE_WIDTH, node_offset, tile_nodes
from storage.stored_nodes import TILE_HASHES_BYTES, edge_frontier, split
from storage.tree import frontier_nodes
from storage.verification_faults import tile_fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.stored_nodes import StoredNodes

_ROWS: Final = tuple(node_offset(height, 0) for height in range(TILE_HEIGHT + 1))
_NODE_HASHER: Final = sha256(b"\x01")
PROVED_TILES_MAX: Final = 256
READ_AHEAD_TILES: Final = 64


class AuthenticTree:
    """The tree under a root, as far as the stored nodes prove it.

    Tiles above the leaves are proved as a whole, once, since many leaves lie under each; of a tile of leaves only the
    nodes on the way from those that are asked for. It can stand in for joined leaf hashes (`audit.judge.LeafHashes`),
    one at a time.
    """

    def __init__(self, nodes: StoredNodes, root: bytes) -> None:
        """Start from the frontier.

        Raises:
            Suspect: the stored nodes do not give this root.
        """
        self.size = nodes.size
        self._nodes = nodes
        found = nodes.root(nodes.size)
        if found != root:
            raise Suspect(Fault(FaultKind.ROOT_WRONG, None, "log_head.root", found.hex() or "a root", shown(root)))
        self._frontier = dict(zip(frontier_nodes(nodes.size), nodes.frontier(nodes.size), strict=True))
        self._tiles: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._edges: dict[int, list[bytes]] = {}
        self._expected: dict[int, bytes] = {}

    def expect(self, indexes: Iterable[object]) -> None:
        """Prove leaves that will be asked for, each of their tiles read once; what is no index is passed over.

        Raises:
            Suspect: the stored nodes do not prove one.
        """
        self._expected.clear()
        full = self.size // TILE_WIDTH * TILE_WIDTH
        wanted = sorted({index for index in indexes if type(index) is int and 0 <= index < full})
        by_tile = [(tile, list(group)) for tile, group in groupby(wanted, lambda index: index // TILE_WIDTH)]
        for start in range(0, len(by_tile), READ_AHEAD_TILES):
            part = by_tile[start : start + READ_AHEAD_TILES]
            blobs = self._nodes.tiles(0, [tile for tile, _ in part])
            for tile, group in part:
                blob = blobs.get(tile, b"")
                self._prove_leaves(tile, blob, {index % TILE_WIDTH for index in group})
                self._expected.update((index, _hash_in(blob, index % TILE_WIDTH)) for index in group)

    def leaf(self, index: int) -> bytes:
        """The leaf hash of an entry, zeros for the one before the first.

        Raises:
            Suspect: the stored nodes do not prove one.
        """
        if index < 0:
            return ZERO_HASH
        tile_index, place = divmod(index, TILE_WIDTH)
        if (tile_index + 1) * TILE_WIDTH > self.size:
            return self._edge(0)[place]
        blob = self._nodes.tile(0, tile_index)
        self._prove_leaves(tile_index, blob, {place})
        return _hash_in(blob, place)

    def __getitem__(self, place: slice) -> bytes:
        """One leaf hash, by byte offset; nothing beyond the end."""
        index = place.start // HASH_BYTES
        known = self._expected.get(index)
        if known is not None:
            return known
        return self.leaf(index) if 0 <= index < self.size else b""

    def _prove_leaves(self, tile_index: int, blob: bytes, places: set[int]) -> None:
        """Hash from some leaves of a full tile up to its root.

        Raises:
            Suspect: a node on the way, or the root, is another.
        """
        if len(blob) != TILE_NODES_BYTES or blob[-HASH_BYTES:] != self._hash(1, tile_index):
            raise Suspect(tile_fault(0, tile_index))
        fresh = _NODE_HASHER.copy
        for lower, upper in pairwise(_ROWS):
            places = {place >> 1 for place in places}
            for place in places:
                # Two children stand side by side, as they are hashed.
                pair = lower + place * 2 * HASH_BYTES
                parent = upper + place * HASH_BYTES
                node = fresh()
                node.update(blob[pair : pair + 2 * HASH_BYTES])
                if node.digest() != blob[parent : parent + HASH_BYTES]:
                    raise Suspect(tile_fault(0, tile_index))

    def _hash(self, level: int, index: int) -> bytes:
        """A hash of the tiles of a level above the leaves: the root of a full tile of the level below."""
        tile_index, place = divmod(index, TILE_WIDTH)
        if (tile_index + 1) << (TILE_HEIGHT * (level + 1)) > self.size:
            return self._edge(level)[place]
        return _hash_in(self._tile(level, tile_index), place)

    def _tile(self, level: int, tile_index: int) -> bytes:
        """A full tile above the leaves, each of its nodes recomputed from its hashes.

        Raises:
            Suspect: it is not the one under the root.
        """
        known = self._tiles.get((level, tile_index))
        if known is not None:
            return known
        blob = self._nodes.tile(level, tile_index)
        root = self._hash(level + 1, tile_index)
        if blob[-HASH_BYTES:] != root or tile_nodes(split(blob[:TILE_HASHES_BYTES])) != blob:
            raise Suspect(tile_fault(level, tile_index))
        self._tiles[level, tile_index] = blob
        if len(self._tiles) > PROVED_TILES_MAX:
            self._tiles.popitem(last=False)
        return blob

    def _edge(self, level: int) -> list[bytes]:
        """The hashes of the tile of a level that is not full yet.

        Raises:
            Suspect: they do not give the frontier.
        """
        known = self._edges.get(level)
        if known is not None:
            return known
        edge = self._nodes.edge_hashes(level)
        wanted = [digest for (height, _), digest in self._frontier.items() if height // TILE_HEIGHT == level]
        if list(edge_frontier([edge]).hashes) != wanted:
            where = "tiles.nodes" if level else "entries.leaf_hash"
            raise Suspect(Fault(FaultKind.ROOT_WRONG, None, where, "hashes under the root", "others"))
        self._edges[level] = edge
        return edge


def _hash_in(blob: bytes, place: int) -> bytes:
    return blob[place * HASH_BYTES : (place + 1) * HASH_BYTES]
