"""Leaf hashes proved under a root, out of stored nodes that may be wrong: with tiles full on two levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, cast

import pytest

from audit.check import Suspect
from audit.event import ZERO_HASH
from audit.merkle import HASH_BYTES, Frontier
from audit.tile import TILE_NODES_BYTES, TILE_WIDTH, node_offset
from storage.authentic import READ_AHEAD_TILES, AuthenticTree
from storage.stored_log import StoredLog
from storage.stored_nodes import StoredNodes
from storage.tree import Tree

SIZE = TILE_WIDTH**2 + 3 * TILE_WIDTH + 77
LEAVES = [sha256(index.to_bytes(8)).digest() for index in range(SIZE)]
FULL = SIZE // TILE_WIDTH * TILE_WIDTH
PROBED = 5 * TILE_WIDTH + 130
AT_THE_EDGE = TILE_WIDTH**2 + 300
"""A leaf whose own tile is full, but not the tile above it."""


class HeldTiles:
    """The reads of a log that serve nodes, from memory; counts the tiles of leaves it hands out."""

    def __init__(self, tiles: dict[tuple[int, int], bytes]) -> None:
        self.held = dict(tiles)
        self.leaf_tiles_read = 0

    def tile(self, level: int, tile_index: int) -> bytes | None:
        self.leaf_tiles_read += level == 0
        return self.held.get((level, tile_index))

    def some_tiles(self, level: int, indexes: Sequence[int]) -> list[tuple[int, Any]]:
        found = [(index, self.held[level, index]) for index in indexes if (level, index) in self.held]
        self.leaf_tiles_read += len(found) if level == 0 else 0
        return found

    def tile_parts(self, level: int, start: int, stop: int, first: int, length: int) -> list[tuple[int, Any]]:
        held = ((index, self.held.get((level, index))) for index in range(start, stop))
        return [(index, blob[first : first + length]) for index, blob in held if blob is not None]

    def leaf_hashes(self, start: int, stop: int) -> list[tuple[int, Any]]:
        return list(enumerate(LEAVES[start:stop], start))


@pytest.fixture(scope="module")
def grown() -> tuple[dict[tuple[int, int], bytes], bytes]:
    """All tiles of a tree of `SIZE` leaves, and its root."""
    tree = Tree(Frontier(), {})
    tiles = {(level, index): nodes for level, index, nodes in tree.extend(LEAVES)}
    return tiles, tree.root()


Grown = tuple[dict[tuple[int, int], bytes], bytes]
Opened = tuple[HeldTiles, Callable[[], AuthenticTree]]


@pytest.fixture
def opened(grown: Grown) -> Opened:
    """The tiles, to be tampered with, and how to open the tree on them."""
    held = HeldTiles(grown[0])
    return held, lambda: AuthenticTree(StoredNodes(cast("StoredLog", held), SIZE), grown[1])


def asked(tree: AuthenticTree, index: int) -> bytes:
    return tree[index * HASH_BYTES : (index + 1) * HASH_BYTES]


def flip(held: HeldTiles, place: tuple[int, int], offset: int) -> None:
    blob = bytearray(held.held[place])
    blob[offset] ^= 1
    held.held[place] = bytes(blob)


@pytest.mark.parametrize("ahead", [False, True], ids=["one by one", "expected"])
def test_every_leaf_asked_for_is_given(opened: Opened, *, ahead: bool) -> None:
    tree = opened[1]()
    indexes = [*range(0, SIZE, 997), *range(FULL - 2, SIZE), PROBED, AT_THE_EDGE]
    if ahead:
        tree.expect(indexes)

    found = [asked(tree, index) for index in indexes]

    assert found == [LEAVES[index] for index in indexes]


def test_leaves_expected_cost_one_read_of_each_tile(opened: Opened) -> None:
    held, open_tree = opened
    tree = open_tree()
    indexes = [index for tile in range(READ_AHEAD_TILES + 9) for index in (tile * TILE_WIDTH, tile * TILE_WIDTH + 200)]
    before = held.leaf_tiles_read

    tree.expect(reversed(indexes))
    for index in indexes:
        asked(tree, index)

    assert held.leaf_tiles_read - before == READ_AHEAD_TILES + 9


def test_what_is_no_index_is_passed_over(opened: Opened) -> None:
    tree = opened[1]()

    tree.expect([None, "7", 1.5, b"", True, -1, SIZE, 2**70, 9])

    assert asked(tree, 9) == LEAVES[9]
    assert asked(tree, SIZE) == b""
    assert tree.leaf(-1) == ZERO_HASH


@pytest.mark.parametrize("ahead", [False, True], ids=["one by one", "expected"])
@pytest.mark.parametrize(
    ("place", "offset"),
    [
        pytest.param((0, 5), node_offset(0, 130), id="the leaf"),
        pytest.param((0, 5), node_offset(0, 131), id="its sibling"),
        *(pytest.param((0, 5), node_offset(height, 130 >> height), id=f"above it, {height}") for height in range(1, 9)),
        pytest.param((0, 5), node_offset(4, (130 >> 4) ^ 1), id="beside the way"),
        pytest.param((1, 0), node_offset(0, 5), id="the tile's root above"),
        pytest.param((1, 0), node_offset(0, 200), id="another root above"),
        pytest.param((1, 0), node_offset(3, 1), id="inside the tile above"),
    ],
)
def test_a_wrong_node_proves_nothing(opened: Opened, place: tuple[int, int], offset: int, *, ahead: bool) -> None:
    held, open_tree = opened
    flip(held, place, offset)
    tree = open_tree()

    with pytest.raises(Suspect, match=rf"tiles\[{place[0]}/{place[1]}\]"):
        tree.expect([PROBED]) if ahead else tree.leaf(PROBED)


def test_a_wrong_root_at_the_edge_proves_nothing(opened: Opened) -> None:
    held, open_tree = opened
    flip(held, (0, TILE_WIDTH + 2), TILE_NODES_BYTES - 1)

    with pytest.raises(Suspect):
        open_tree().leaf(AT_THE_EDGE)


@pytest.mark.parametrize("length", [0, 32, TILE_NODES_BYTES - 1, TILE_NODES_BYTES + 1])
def test_a_tile_of_another_length_proves_nothing(opened: Opened, length: int) -> None:
    held, open_tree = opened
    tree = open_tree()
    held.held[0, 5] = (held.held[0, 5] * 2)[:length]

    with pytest.raises(Suspect):
        tree.expect([PROBED])


def test_a_missing_tile_proves_nothing(opened: Opened) -> None:
    held, open_tree = opened
    tree = open_tree()
    del held.held[0, 5]

    with pytest.raises(Suspect):
        tree.expect([PROBED])


def test_no_node_outside_the_way_is_needed(opened: Opened) -> None:
    held, open_tree = opened
    flip(held, (0, 5), node_offset(0, 9))

    assert open_tree().leaf(PROBED) == LEAVES[PROBED]
