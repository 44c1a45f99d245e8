"""Leaf hashes proved, one by one, to lie under a root: for looking at part of a log without reading all of it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from audit.check import Suspect
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind
from audit.judge import shown
from audit.merkle import HASH_BYTES, NodeId, node_hash
from audit.tile import TILE_HEIGHT, TILE_NODES_BYTES, TILE_WIDTH, node_offset
from storage.stored_nodes import edge_frontier
from storage.tree import frontier_nodes
from storage.verification_faults import tile_fault

if TYPE_CHECKING:
    from storage.stored_nodes import StoredNodes

_ROWS: Final = tuple(node_offset(height, 0) for height in range(TILE_HEIGHT))
_TILE_ROOT: Final = TILE_NODES_BYTES - HASH_BYTES
PROVED_MAX: Final = 200_000


class AuthenticTree:
    """The tree under a root, as far as the stored nodes prove it.

    Every answer has been hashed up to the root, except where a node on the way was proved before.
    It can stand in for joined leaf hashes (`audit.judge.LeafHashes`), one at a time.
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
        self._proved: dict[NodeId, bytes] = dict(self._frontier)
        self._edge: list[bytes] | None = None

    def leaf(self, index: int) -> bytes:
        """The leaf hash of an entry, zeros for the one before the first.

        Raises:
            Suspect: the stored nodes do not prove one.
        """
        if index < 0:
            return ZERO_HASH
        tile_index, place = divmod(index, TILE_WIDTH)
        if (tile_index + 1) * TILE_WIDTH > self.size:
            return self._edge_leaf(place)
        root = self.prove(TILE_HEIGHT, tile_index)
        blob = self._nodes.tile(0, tile_index)
        leaf = digest = blob[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        for row in _ROWS:
            start = row + (place ^ 1) * HASH_BYTES
            sibling = blob[start : start + HASH_BYTES]
            digest = sha256(b"\x01" + sibling + digest if place & 1 else b"\x01" + digest + sibling).digest()
            place >>= 1
        if digest != root:
            raise Suspect(tile_fault(0, tile_index))
        return leaf

    def prove(self, level: int, index: int) -> bytes:
        """The hash of a node that is no leaf and lies in a full tile, proved.

        Raises:
            Suspect: the stored nodes do not prove one.
        """
        proved = self._proved
        known = proved.get((level, index))
        if known is not None:
            return known
        found = digest = self._nodes.node(level, index)
        way: list[tuple[NodeId, bytes]] = []
        while (level, index) not in proved:
            sibling = self._nodes.node(level, index ^ 1)
            way += (((level, index), digest), ((level, index ^ 1), sibling))
            digest = node_hash(sibling, digest) if index & 1 else node_hash(digest, sibling)
            level, index = level + 1, index >> 1
        if digest != proved[level, index]:
            lowest = way[0][0]
            raise Suspect(Fault(FaultKind.TILE_WRONG, None, f"tree node {lowest}", "a node under the root", "another"))
        if len(proved) > PROVED_MAX:
            proved.clear()
            proved.update(self._frontier)
        proved.update(way)
        return found

    def __getitem__(self, place: slice) -> bytes:
        """One leaf hash, by byte offset; nothing beyond the end."""
        index = place.start // HASH_BYTES
        return self.leaf(index) if 0 <= index < self.size else b""

    def _edge_leaf(self, place: int) -> bytes:
        if self._edge is None:
            edge = self._nodes.edge_hashes(0)
            count = self.size % TILE_WIDTH
            hashes = edge_frontier([edge]).hashes
            known = [digest for (level, _), digest in self._frontier.items() if level < TILE_HEIGHT]
            if len(edge) != count or list(hashes) != known:
                raise Suspect(Fault(FaultKind.ROOT_WRONG, None, "entries.leaf_hash", "hashes under the root", "others"))
            self._edge = edge
        return self._edge[place]
