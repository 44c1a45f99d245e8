"""Nodes of the tree, read back from full tiles and, at the growing edge, from what the tiles will be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from audit.merkle import HASH_BYTES, NodeId
from audit.tile import TILE_HEIGHT, TILE_WIDTH, node_offset
from storage.errors import NotFound
from storage.schema import tiles
from storage.tree import fill_nodes, read_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


# Built once: to build a statement costs more than to run it.
_TILE: Final = select(tiles.c.nodes).where(
    tiles.c.level == bindparam("level"), tiles.c.tile_index == bindparam("tile_index")
)


def read_nodes(connection: Connection, nodes: Sequence[NodeId], size: int) -> list[bytes]:
    """Hashes of complete nodes of the tree of `size` leaves, in the order asked; one read a tile.

    Raises:
        NotFound: a node is not complete at that size.
    """
    by_tile: dict[tuple[int, int], list[NodeId]] = {}
    for node in nodes:
        by_tile.setdefault(_tile_of(node), []).append(node)
    found: dict[NodeId, bytes] = {}
    for (level, tile_index), wanted in by_tile.items():
        blob = connection.execute(_TILE, {"level": level, "tile_index": tile_index}).scalar()
        if blob is not None:
            for node in wanted:
                offset = _offset(node)
                found[node] = bytes(blob[offset : offset + HASH_BYTES])
        else:
            found.update(_partial_tile(connection, level, tile_index, size))
    try:
        return [found[node] for node in nodes]
    except KeyError as error:
        msg = f"node {error.args[0]}: expected a complete subtree of {size} leaves, got none"
        raise NotFound(msg) from error


def read_node(connection: Connection, node: NodeId, size: int) -> bytes:
    """As `read_nodes`, for one."""
    return read_nodes(connection, [node], size)[0]


def _partial_tile(connection: Connection, level: int, tile_index: int, size: int) -> dict[NodeId, bytes]:
    start = tile_index * TILE_WIDTH
    stop = min(start + TILE_WIDTH, size >> (level * TILE_HEIGHT))
    nodes: dict[NodeId, bytes] = {}
    fill_nodes(nodes, level, start, read_hashes(connection, level, start, stop))
    return nodes


def _tile_of(node: NodeId) -> tuple[int, int]:
    level, index = node
    height = level % TILE_HEIGHT
    return level // TILE_HEIGHT, index >> (TILE_HEIGHT - height)


def _offset(node: NodeId) -> int:
    level, index = node
    height = level % TILE_HEIGHT
    return node_offset(height, index & ((TILE_WIDTH >> height) - 1))
