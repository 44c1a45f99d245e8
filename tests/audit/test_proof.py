from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import AuditError, InvalidProof, MalformedProof
from audit.merkle import EMPTY_ROOT, SIZE_MAX
from audit.proof import (
    ProofPlan,
    plan_consistency,
    plan_inclusion,
    verify_consistency,
    verify_inclusion,
)
from tests.audit import oracle
from tests.audit.trees import tree_of

TREE = tree_of(130)
ROOTS = TREE.roots
SIZES = st.integers(1, 130)


def check(case: dict[str, Any]) -> None:
    arguments = {name: value for name, value in case.items() if name not in ("name", "valid", "kind")}
    if case["kind"] == "inclusion":
        verify_inclusion(**arguments)
    else:
        verify_consistency(**arguments)


@given(SIZES.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_an_inclusion_proof_is_that_of_the_recursion(case: tuple[int, int]) -> None:
    index, size = case

    assert TREE.inclusion(index, size) == oracle.path(index, TREE.entries[:size])


@given(SIZES.flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size))))
def test_a_consistency_proof_is_that_of_the_recursion(case: tuple[int, int]) -> None:
    first, second = case

    assert TREE.consistency(first, second) == oracle.proof(first, TREE.entries[:second])


def test_every_inclusion_in_small_trees_verifies() -> None:
    for size in range(1, 40):
        for index in range(size):
            verify_inclusion(
                leaf_hash=TREE.nodes[0, index],
                index=index,
                size=size,
                proof=TREE.inclusion(index, size),
                root=ROOTS[size],
            )


def test_every_consistency_of_small_trees_verifies() -> None:
    for second in range(40):
        for first in range(second + 1):
            verify_consistency(
                first=first,
                second=second,
                first_root=ROOTS[first],
                second_root=ROOTS[second],
                proof=TREE.consistency(first, second),
            )


@given(
    index=st.integers(-1, 2**64),
    size=st.integers(-1, 2**64),
    proof=st.lists(st.binary(min_size=32, max_size=32) | st.binary(max_size=40), max_size=70),
    digest=st.binary(min_size=32, max_size=32),
)
def test_any_numbers_and_hashes_are_judged_without_a_crash(
    index: int, size: int, proof: list[bytes], digest: bytes
) -> None:
    for claim in (
        {"kind": "inclusion", "leaf_hash": digest, "index": index, "size": size, "proof": proof, "root": digest},
        {
            "kind": "consistency",
            "first": index,
            "second": size,
            "first_root": digest,
            "second_root": digest,
            "proof": proof,
        },
    ):
        try:
            check(claim)
        except (InvalidProof, MalformedProof):
            continue


@given(
    st.integers(1, SIZE_MAX).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))),
)
def test_a_plan_names_few_complete_subtrees_even_in_the_largest_tree(case: tuple[int, int]) -> None:
    index, size = case

    for plan in (plan_inclusion(index, size), plan_consistency(index, size)):
        assert len(plan.nodes) <= 2 * 63
        assert all((position + 1) << level <= size for level, position in plan.nodes)


def test_the_fold_is_the_incomplete_subtree_on_the_right() -> None:
    plan = plan_inclusion(1, 7)

    assert plan == ProofPlan(nodes=((0, 0), (1, 1), (1, 2), (0, 6)), fold=(2, 4))


def test_a_plan_without_incomplete_subtree_folds_nothing() -> None:
    assert plan_inclusion(5, 8).fold == (0, 0)
    assert plan_consistency(4, 8) == ProofPlan(nodes=((2, 1),), fold=(0, 0))


def test_nothing_is_needed_to_be_consistent_with_the_empty_tree() -> None:
    assert plan_consistency(0, 9) == ProofPlan((), (0, 0))
    verify_consistency(first=0, second=9, first_root=EMPTY_ROOT, second_root=ROOTS[9], proof=[])


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (0, 0), (1, 1), (5, 4), (0, SIZE_MAX + 1)])
def test_no_inclusion_proof_is_planned_for_an_index_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(MalformedProof) as caught:
        plan_inclusion(index, size)

    assert str(caught.value) == f"leaf index: expected 0 <= index < size <= 2^63-1, got index {index}, size {size}"


@pytest.mark.parametrize(("first", "second"), [(-1, 1), (2, 1), (0, SIZE_MAX + 1)])
def test_no_consistency_proof_is_planned_for_sizes_out_of_order(first: int, second: int) -> None:
    with pytest.raises(MalformedProof) as caught:
        plan_consistency(first, second)

    message = f"sizes: expected 0 <= first <= second <= 2^63-1, got first {first}, second {second}"
    assert str(caught.value) == message


def test_a_plan_wants_one_hash_for_each_node() -> None:
    with pytest.raises(MalformedProof, match=r"^hashes: expected 4, got 3$"):
        plan_inclusion(1, 7).assemble([bytes(32)] * 3)


A, B = bytes(31) + b"\x0a", bytes(31) + b"\x0b"
MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "inclusion too long": (
        {"kind": "inclusion", "leaf_hash": A, "index": 0, "size": 2, "proof": [A, A], "root": B},
        "inclusion proof: expected fewer hashes for size 2, got 2",
    ),
    "inclusion too short": (
        {"kind": "inclusion", "leaf_hash": A, "index": 0, "size": 2, "proof": [], "root": A},
        "inclusion proof: expected more hashes for size 2, got 0",
    ),
    "inclusion of another root": (
        {"kind": "inclusion", "leaf_hash": A, "index": 0, "size": 1, "proof": [], "root": B},
        f"inclusion proof of leaf 0: expected root {B.hex()}, got {A.hex()}",
    ),
    "inclusion with a short hash": (
        {"kind": "inclusion", "leaf_hash": A[1:], "index": 0, "size": 1, "proof": [], "root": B},
        "hash: expected 32 bytes, got 31",
    ),
    "inclusion with too many hashes": (
        {"kind": "inclusion", "leaf_hash": A, "index": 0, "size": 1, "proof": [A] * 127, "root": B},
        "proof: expected at most 126 hashes, got 127",
    ),
    "consistency with an empty proof": (
        {"kind": "consistency", "first": 1, "second": 2, "first_root": A, "second_root": B, "proof": []},
        "consistency proof: expected hashes from size 1 to 2, got none",
    ),
    "consistency too long": (
        {"kind": "consistency", "first": 1, "second": 2, "first_root": A, "second_root": B, "proof": [A, A]},
        "consistency proof: expected fewer hashes, got 2",
    ),
    "consistency too short": (
        {"kind": "consistency", "first": 3, "second": 8, "first_root": A, "second_root": B, "proof": [A]},
        "consistency proof: expected more hashes, got 1",
    ),
    "consistency of one size with hashes": (
        {"kind": "consistency", "first": 2, "second": 2, "first_root": A, "second_root": A, "proof": [A]},
        "consistency proof from size 2 to 2: expected no hashes, got 1",
    ),
    "consistency of one size and two roots": (
        {"kind": "consistency", "first": 2, "second": 2, "first_root": A, "second_root": B, "proof": []},
        f"consistency proof: expected root {B.hex()} at size 2, got {A.hex()}",
    ),
    "consistency with a false empty root": (
        {"kind": "consistency", "first": 0, "second": 2, "first_root": A, "second_root": B, "proof": []},
        f"consistency proof: expected root {A.hex()} at size 0, got {EMPTY_ROOT.hex()}",
    ),
}


@pytest.mark.parametrize(("case", "message"), MESSAGES.values(), ids=MESSAGES.keys())
def test_a_refusal_says_what_was_expected_and_what_came(case: dict[str, Any], message: str) -> None:
    with pytest.raises(AuditError) as caught:
        check(case)

    assert str(caught.value) == message
