"""The writer's tree proves what the plan of RFC 9162 proves, and fills the tiles a mirror would."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.merkle import Frontier, NodeId, root_of
from audit.proof import plan_inclusion, verify_inclusion
from audit.tile import tile_nodes
from storage.tree import Tree, frontier_nodes

LEAVES = [sha256(str(n).encode()).digest() for n in range(1200)]


def grown(sizes: list[int]) -> Tree:
    tree = Tree(Frontier(), {})
    done = 0
    for size in sizes:
        tree.extend(LEAVES[done:size])
        done = size
    return tree


def slow_node(node: NodeId) -> bytes:
    level, index = node
    return root_of(LEAVES[index << level : (index + 1) << level])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 1200), st.data())
def test_a_proof_is_that_of_the_plan(size: int, data: st.DataObject) -> None:
    steps = sorted({*data.draw(st.lists(st.integers(1, size), max_size=4)), size})
    index = data.draw(st.integers(0, size - 1))

    proof = grown(steps).prove(index, slow_node)

    plan = plan_inclusion(index, size)
    assert list(proof) == plan.assemble([slow_node(node) for node in plan.nodes])
    verify_inclusion(leaf_hash=LEAVES[index], index=index, size=size, proof=proof, root=root_of(LEAVES[:size]))


@pytest.mark.parametrize("step", [1, 7, 256, 300, 1200])
def test_tiles_are_filled_once_each_in_order(step: int) -> None:
    tree = Tree(Frontier(), {})

    filled = [tile for start in range(0, 1200, step) for tile in tree.extend(LEAVES[start : start + step])]

    assert filled == [(0, n, tile_nodes(LEAVES[n * 256 : n * 256 + 256])) for n in range(4)]


@given(st.integers(0, 1200))
def test_frontier_nodes_are_the_complete_subtrees(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)

    assert [slow_node(node) for node in frontier_nodes(size)] == list(frontier.hashes)
