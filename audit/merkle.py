"""The Merkle tree of RFC 6962 §2.1 and RFC 9162 §2.1.1, built by appending.

- leaf hash = SHA-256(0x00 ‖ entry bytes), node hash = SHA-256(0x01 ‖ left ‖ right).
- The root of no leaves is SHA-256 of the empty string.
- A `NodeId` (level, index) is the root of the complete subtree of 2^level leaves which starts at
  leaf index·2^level. Once complete it never changes, so it may be stored.
- A `Frontier` is what must be kept to go on appending: the roots of the largest complete subtrees
  that cover [0, size), one for each 1 bit of the size, largest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

from audit.errors import MalformedTree

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
SIZE_MAX = 2**63 - 1

# Copying a state that has taken in the first byte is quicker than joining the byte and the hashes.
_NODE_HASHER = sha256(b"\x01")

NodeId: TypeAlias = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of an entry's bytes as a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the parent of two nodes."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: enough to append and to know the root.

    Not safe for use by several threads at once.
    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Continue a tree of `size` leaves.

        Args:
            size: how many leaves the tree has, 0 to 2^63-1.
            hashes: the roots of its complete subtrees, largest first; one for each 1 bit of `size`.

        Raises:
            MalformedTree: the hashes cannot be those of a tree of that size.
        """
        if not 0 <= size <= SIZE_MAX:
            raise MalformedTree(f"tree size: expected 0 to 2^63-1, got {size}")
        if len(hashes) != size.bit_count():
            wanted = size.bit_count()
            raise MalformedTree(f"frontier of size {size}: expected {wanted} hashes, got {len(hashes)}")
        for position, digest in enumerate(hashes):
            if len(digest) != HASH_BYTES:
                raise MalformedTree(f"frontier hash {position}: expected {HASH_BYTES} bytes, got {len(digest)}")
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, largest first."""
        return tuple(self._hashes)

    def append(self, leaf_hash: bytes) -> list[tuple[NodeId, bytes]]:
        """Add one leaf and return the nodes it completed, lowest first: the leaf is (0, index)."""
        nodes: dict[NodeId, bytes] = {}
        self.extend([leaf_hash], nodes)
        return list(nodes.items())

    def extend(self, leaf_hashes: Iterable[bytes], nodes: dict[NodeId, bytes]) -> None:
        """Add leaves, and to `nodes` the nodes they completed, each leaf before those above it."""
        index = self._size
        hashes = self._hashes
        fresh = _NODE_HASHER.copy
        for leaf_hash in leaf_hashes:
            nodes[0, index] = digest = leaf_hash
            level, at = 0, index
            while at & 1:
                parent = fresh()
                parent.update(hashes.pop() + digest)
                digest = parent.digest()
                level, at = level + 1, at >> 1
                nodes[level, at] = digest
            hashes.append(digest)
            index += 1
        self._size = index

    def root(self) -> bytes:
        """Return the root hash of the tree as it stands."""
        if not self._hashes:
            return EMPTY_ROOT
        digest = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            digest = sha256(b"\x01" + left + digest).digest()
        return digest

    def copy(self) -> Frontier:
        """Return an independent frontier of the same tree."""
        twin = Frontier()
        twin._size = self._size
        twin._hashes = self._hashes.copy()
        return twin


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root hash of the tree with these leaves."""
    frontier = Frontier()
    for digest in leaf_hashes:
        frontier.append(digest)
    return frontier.root()
