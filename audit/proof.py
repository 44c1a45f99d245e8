"""Inclusion and consistency proofs: what to fetch for them, and how to check them.

RFC 6962 §2.1.1 and §2.1.2, in the words of RFC 9162 §2.1.3 and §2.1.4.

- `plan_*` names the stored nodes a proof is made of. At most one hash of a proof is of an
  incomplete subtree, which is not stored: a run of fetched nodes, the plan's `fold`, is hashed
  into it.
- `verify_*` take plain values, return None when the proof proves its claim, and raise otherwise.
- An empty tree is consistent with every tree; the proof is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.errors import InvalidProof, MalformedProof
from audit.merkle import EMPTY_ROOT, HASH_BYTES, SIZE_MAX, NodeId, node_hash

PROOF_HASHES_MAX = 2 * 63


@dataclass(frozen=True, slots=True)
class ProofPlan:
    """Which stored nodes make a proof.

    Attributes:
        nodes: complete subtrees, in the order `assemble` wants their hashes: the order of the
            proof, and within the fold from left to right.
        fold: the slice [start, stop) of `nodes` that is hashed into one; (0, 0) for none.
    """

    nodes: tuple[NodeId, ...]
    fold: tuple[int, int]

    def assemble(self, hashes: Sequence[bytes]) -> list[bytes]:
        """Return the proof, given the hash of each node of the plan in order.

        Raises:
            MalformedProof: the number of hashes is not that of the nodes.
        """
        if len(hashes) != len(self.nodes):
            raise MalformedProof(f"hashes: expected {len(self.nodes)}, got {len(hashes)}")
        start, stop = self.fold
        if start == stop:
            return list(hashes)
        folded = hashes[stop - 1]
        for left in reversed(hashes[start : stop - 1]):
            folded = node_hash(left, folded)
        return [*hashes[:start], folded, *hashes[stop:]]


def plan_inclusion(index: int, size: int) -> ProofPlan:
    """Return what proves that the tree of `size` leaves holds leaf `index`.

    Raises:
        MalformedProof: not 0 <= index < size <= 2^63-1.
    """
    _check_index(index, size)
    start, stop = 0, size
    siblings: list[tuple[int, int]] = []
    while stop - start > 1:
        middle = _split(start, stop)
        if index < middle:
            siblings.append((middle, stop))
            stop = middle
        else:
            siblings.append((start, middle))
            start = middle
    return _plan(siblings)


def plan_consistency(first: int, second: int) -> ProofPlan:
    """Return what proves that the tree of `second` leaves begins with that of `first` leaves.

    Raises:
        MalformedProof: not 0 <= first <= second <= 2^63-1.
    """
    _check_sizes(first, second)
    if first in (0, second):
        return ProofPlan((), (0, 0))
    start, stop = 0, second
    siblings: list[tuple[int, int]] = []
    while stop != first:
        middle = _split(start, stop)
        if first <= middle:
            siblings.append((middle, stop))
            stop = middle
        else:
            siblings.append((start, middle))
            start = middle
    if start:
        # The subtree is not the whole first tree, so whoever checks cannot know its hash yet.
        siblings.append((start, stop))
    return _plan(siblings)


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the tree with this size and root holds this leaf at this index.

    Raises:
        MalformedProof: the numbers cannot be, or a hash is not 32 bytes.
        InvalidProof: the proof does not prove it.
    """
    _check_index(index, size)
    _check_hashes(proof, leaf_hash, root)
    node, last = index, size - 1
    digest = leaf_hash
    for sibling in proof:
        if last == 0:
            raise InvalidProof(f"inclusion proof: expected fewer hashes for size {size}, got {len(proof)}")
        if node & 1 or node == last:
            digest = node_hash(sibling, digest)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            digest = node_hash(digest, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise InvalidProof(f"inclusion proof: expected more hashes for size {size}, got {len(proof)}")
    if digest != root:
        raise InvalidProof(f"inclusion proof of leaf {index}: expected root {root.hex()}, got {digest.hex()}")


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the second tree begins with all leaves of the first, in the same order.

    Raises:
        MalformedProof: the sizes cannot be, or a hash is not 32 bytes.
        InvalidProof: the proof does not prove it.
    """
    _check_sizes(first, second)
    _check_hashes(proof, first_root, second_root)
    if first in (0, second):
        _verify_trivial(first, second, first_root, second_root, proof)
        return
    if not proof:
        raise InvalidProof(f"consistency proof: expected hashes from size {first} to {second}, got none")
    path = list(proof)
    if first.bit_count() == 1:
        path.insert(0, first_root)
    node, last = first - 1, second - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise InvalidProof(f"consistency proof: expected fewer hashes, got {len(proof)}")
        if node & 1 or node == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise InvalidProof(f"consistency proof: expected more hashes, got {len(proof)}")
    _compare_root(first, first_root, old)
    _compare_root(second, second_root, new)


def _verify_trivial(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise InvalidProof(f"consistency proof from size {first} to {second}: expected no hashes, got {len(proof)}")
    if first == 0:
        _compare_root(0, first_root, EMPTY_ROOT)
    if first == second:
        _compare_root(second, second_root, first_root)


def _compare_root(size: int, claimed: bytes, computed: bytes) -> None:
    if claimed != computed:
        raise InvalidProof(f"consistency proof: expected root {claimed.hex()} at size {size}, got {computed.hex()}")


def _split(start: int, stop: int) -> int:
    # RFC 6962 §2.1: the left subtree has the largest power of two smaller than the count.
    return start + (1 << ((stop - start - 1).bit_length() - 1))


def _plan(siblings: Sequence[tuple[int, int]]) -> ProofPlan:
    """Turn leaf ranges, top of the tree first, into the nodes that cover them, bottom first."""
    nodes: list[NodeId] = []
    fold = (0, 0)
    for start, stop in reversed(siblings):
        cover = _cover(start, stop)
        if len(cover) > 1:
            fold = (len(nodes), len(nodes) + len(cover))
        nodes.extend(cover)
    return ProofPlan(tuple(nodes), fold)


def _cover(start: int, stop: int) -> list[NodeId]:
    """Return the complete subtrees of a range that starts where a subtree of its length may."""
    nodes: list[NodeId] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size <= SIZE_MAX:
        raise MalformedProof(f"leaf index: expected 0 <= index < size <= 2^63-1, got index {index}, size {size}")


def _check_sizes(first: int, second: int) -> None:
    if not 0 <= first <= second <= SIZE_MAX:
        raise MalformedProof(f"sizes: expected 0 <= first <= second <= 2^63-1, got first {first}, second {second}")


def _check_hashes(proof: Sequence[bytes], *others: bytes) -> None:
    if len(proof) > PROOF_HASHES_MAX:
        raise MalformedProof(f"proof: expected at most {PROOF_HASHES_MAX} hashes, got {len(proof)}")
    for digest in (*proof, *others):
        if len(digest) != HASH_BYTES:
            raise MalformedProof(f"hash: expected {HASH_BYTES} bytes, got {len(digest)}")
