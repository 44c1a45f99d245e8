"""Wrong proofs, each named by what was done to a right one.

The table is committed as `docs/formats/vectors/proof.json`; a test builds it again and compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.merkle import EMPTY_ROOT, leaf_hash, node_hash
from tests.audit.trees import Tree

Case = dict[str, Any]

INCLUSIONS = ((0, 1), (1, 2), (2, 3), (1, 5), (4, 5), (5, 8), (6, 7), (3, 13))
CONSISTENCIES = ((0, 5), (1, 1), (8, 8), (1, 2), (2, 5), (4, 8), (6, 8), (3, 7), (12, 13))


def inclusion_cases(tree: Tree) -> Iterator[Case]:
    """Right inclusion proofs and their mutations."""
    for index, size in INCLUSIONS:
        case: Case = {
            "kind": "inclusion",
            "leaf_hash": leaf_hash(tree.entries[index]),
            "index": index,
            "size": size,
            "proof": tree.inclusion(index, size),
            "root": tree.roots[size],
        }
        yield from _named(f"inclusion of {index} in {size}", case, _inclusion_mutations(case, tree))


def consistency_cases(tree: Tree) -> Iterator[Case]:
    """Right consistency proofs and their mutations."""
    for first, second in CONSISTENCIES:
        case: Case = {
            "kind": "consistency",
            "first": first,
            "second": second,
            "first_root": tree.roots[first],
            "second_root": tree.roots[second],
            "proof": tree.consistency(first, second),
        }
        yield from _named(f"consistency of {first} and {second}", case, _consistency_mutations(case, tree))


def _named(name: str, right: Case, wrong: Iterator[tuple[str, Case]]) -> Iterator[Case]:
    yield {"name": name, "valid": True, **right}
    for mutation, changes in wrong:
        yield {"name": f"{name}: {mutation}", "valid": False, **right, **changes}


def _inclusion_mutations(case: Case, tree: Tree) -> Iterator[tuple[str, Case]]:
    index, size, proof, root = case["index"], case["size"], case["proof"], case["root"]
    other = leaf_hash(b"another entry")
    yield "another leaf", {"leaf_hash": other}
    yield "bit flipped in leaf", {"leaf_hash": _flip(case["leaf_hash"])}
    yield "leaf one byte short", {"leaf_hash": case["leaf_hash"][:-1]}
    yield "another root", {"root": other}
    yield "bit flipped in root", {"root": _flip(root)}
    yield "root one byte short", {"root": root[:-1]}
    yield "root of the empty tree", {"root": EMPTY_ROOT}
    yield "root of the tree one larger", {"root": tree.roots[size + 1]}
    yield "index minus one", {"index": index - 1}
    yield "index plus one", {"index": index + 1}
    yield "index is the size", {"index": size}
    yield "index beyond 64 bits", {"index": index + 2**64}
    yield "size doubled", {"size": size * 2}
    yield "size zero", {"size": 0}
    yield "size negative", {"size": -size}
    yield "size beyond 63 bits", {"size": size + 2**63}
    if size > 1:
        yield "index on the other side", {"index": size - 1 - index if 2 * index != size - 1 else (index + 1) % size}
        yield "size of another depth", {"size": 1 << (size - 1).bit_length() + 1}
    yield from _proof_mutations(proof, root, case["leaf_hash"])


def _consistency_mutations(case: Case, tree: Tree) -> Iterator[tuple[str, Case]]:
    first, second, proof = case["first"], case["second"], case["proof"]
    first_root, second_root = case["first_root"], case["second_root"]
    other = leaf_hash(b"another entry")
    yield "another first root", {"first_root": other}
    yield "bit flipped in first root", {"first_root": _flip(first_root)}
    yield "first root one byte short", {"first_root": first_root[:-1]}
    yield "second root one byte short", {"second_root": second_root[:-1]}
    yield "first size negative", {"first": -1}
    yield "second size beyond 63 bits", {"second": 2**63}
    yield "hash added to the end", {"proof": [*proof, other]}
    if first == 0:
        return
    yield "another second root", {"second_root": other}
    yield "bit flipped in second root", {"second_root": _flip(second_root)}
    yield "first size zero", {"first": 0}
    yield "second root is that of the tree one larger", {"second_root": tree.roots[second + 1]}
    if first == second:
        yield "first root is that of the empty tree", {"first_root": EMPTY_ROOT}
        return
    yield "sizes swapped", {"first": second, "second": first}
    yield "roots swapped", {"first_root": second_root, "second_root": first_root}
    yield "first size plus one", {"first": first + 1}
    yield "first size minus one", {"first": first - 1}
    yield "second size doubled", {"second": second * 2}
    yield "second size is the first", {"second": first}
    yield "first root given as proof", {"proof": [first_root]}
    yield from _proof_mutations(proof, second_root, first_root)


def _proof_mutations(proof: list[bytes], root: bytes, seed: bytes) -> Iterator[tuple[str, Case]]:
    other = leaf_hash(b"another entry")
    yield "leaf or first root before the proof", {"proof": [seed, *proof]}
    yield "root after the proof", {"proof": [*proof, root]}
    yield "another hash after the proof", {"proof": [*proof, other]}
    yield "empty hash after the proof", {"proof": [*proof, b""]}
    if proof:
        yield "proof emptied", {"proof": []}
        yield "first hash removed", {"proof": proof[1:]}
        yield "last hash removed", {"proof": proof[:-1]}
        yield "last hash twice", {"proof": [*proof, proof[-1]]}
        yield "all hashes folded", {"proof": [node_hash(proof[0], proof[-1])]}
    if len(proof) > 1:
        yield "order reversed", {"proof": proof[::-1]}
    for position in range(len(proof)):
        before, digest, after = proof[:position], proof[position], proof[position + 1 :]
        yield f"bit flipped in hash {position}", {"proof": [*before, _flip(digest), *after]}
        yield f"hash {position} replaced", {"proof": [*before, other, *after]}
        yield f"hash {position} one byte short", {"proof": [*before, digest[:-1], *after]}
        yield f"hash {position} one byte long", {"proof": [*before, digest + b"\0", *after]}


def _flip(digest: bytes) -> bytes:
    return bytes((digest[0] ^ 1,)) + digest[1:]
