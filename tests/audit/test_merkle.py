from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import MalformedTree
from audit.merkle import EMPTY_ROOT, SIZE_MAX, Frontier, leaf_hash, node_hash, root_of
from tests.audit import oracle
from tests.audit.trees import tree_of

ENTRIES = st.lists(st.binary(max_size=8), max_size=70)


@given(ENTRIES)
def test_the_root_is_that_of_the_recursion(entries: list[bytes]) -> None:
    assert root_of(map(leaf_hash, entries)) == oracle.root(entries)


@given(ENTRIES)
def test_each_append_completes_exactly_the_subtrees_that_end_there(entries: list[bytes]) -> None:
    frontier = Frontier()

    for index, entry in enumerate(entries):
        nodes = frontier.append(leaf_hash(entry))

        assert nodes[0] == ((0, index), leaf_hash(entry))
        assert [level for (level, _), _ in nodes] == list(range(len(nodes)))
        assert (index + 1) % (1 << (len(nodes) - 1)) == 0
        assert (index + 1) % (1 << len(nodes)) != 0
        for (level, position), digest in nodes:
            start = position << level
            assert start + (1 << level) == index + 1
            assert digest == oracle.root(entries[start : index + 1])


@given(ENTRIES, st.data())
def test_a_frontier_continues_where_another_stopped(entries: list[bytes], draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(entries)))
    first = Frontier()
    for entry in entries[:cut]:
        first.append(leaf_hash(entry))

    second = Frontier(first.size, first.hashes)
    for entry in entries[cut:]:
        second.append(leaf_hash(entry))

    assert second.size == len(entries)
    assert second.root() == oracle.root(entries)


def test_the_empty_tree_has_the_hash_of_nothing_as_root() -> None:
    assert Frontier().root() == EMPTY_ROOT == oracle.root([])


def test_a_leaf_is_never_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")

    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_copy_goes_its_own_way() -> None:
    frontier = Frontier()
    frontier.append(leaf_hash(b"a"))

    twin = frontier.copy()
    twin.append(leaf_hash(b"b"))

    assert (frontier.size, twin.size) == (1, 2)
    assert frontier.root() == leaf_hash(b"a")
    assert twin.root() == node_hash(leaf_hash(b"a"), leaf_hash(b"b"))


def test_the_hashes_come_largest_subtree_first() -> None:
    tree = tree_of(7)
    frontier = Frontier()

    for entry in tree.entries:
        frontier.append(leaf_hash(entry))

    assert frontier.hashes == (tree.nodes[2, 0], tree.nodes[1, 2], tree.nodes[0, 6])


@pytest.mark.parametrize(
    ("size", "hashes", "message"),
    [
        (-1, (), "tree size: expected 0 to 2^63-1, got -1"),
        (SIZE_MAX + 1, (), f"tree size: expected 0 to 2^63-1, got {SIZE_MAX + 1}"),
        (3, (bytes(32),), "frontier of size 3: expected 2 hashes, got 1"),
        (0, (bytes(32),), "frontier of size 0: expected 0 hashes, got 1"),
        (3, (bytes(32), bytes(31)), "frontier hash 1: expected 32 bytes, got 31"),
    ],
)
def test_a_frontier_no_tree_can_have_is_refused(size: int, hashes: tuple[bytes, ...], message: str) -> None:
    with pytest.raises(MalformedTree) as caught:
        Frontier(size, hashes)

    assert str(caught.value) == message
