"""Tiles and entry bundles: C2SP tlog-tiles addresses, and the bytes behind them.

- A tile of level L holds 256 consecutive nodes of tree level 8·L. A partial one, at the right edge,
  holds 1 to 255; its path ends in `.p/<width>`.
- Only full tiles are stored, with all 511 nodes of their subtree: 256 of tree level 8·L, then 128 of
  8·L+1, up to the 1 of 8·L+8; 16,352 bytes. Their first 8,192 bytes are the tile as it is served.
- An entry bundle is the entries of a level-0 tile, each behind its length as a big-endian uint16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.canonical import ENTRY_BYTES_MAX
from audit.errors import MalformedTile
from audit.merkle import HASH_BYTES, SIZE_MAX

TILE_WIDTH = 256
TILE_HEIGHT = 8
TILE_BYTES = TILE_WIDTH * HASH_BYTES
TILE_NODES = 2 * TILE_WIDTH - 1
TILE_NODES_BYTES = TILE_NODES * HASH_BYTES
LEVEL_MAX = 63

_NODE_HASHER = sha256(b"\x01")
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class TilePath:
    """Which tile or entry bundle a path names.

    Attributes:
        level: of the tile, 0 to 63; None for an entry bundle.
        index: of the tile within its level, from 0.
        width: how many hashes or entries, 1 to 256.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= LEVEL_MAX:
            raise MalformedTile(f"tile level: expected 0 to {LEVEL_MAX}, got {self.level}")
        if not 0 <= self.index <= SIZE_MAX:
            raise MalformedTile(f"tile index: expected 0 to 2^63-1, got {self.index}")
        if not 1 <= self.width <= TILE_WIDTH:
            raise MalformedTile(f"tile width: expected 1 to {TILE_WIDTH}, got {self.width}")

    def __str__(self) -> str:
        """Return the path below the log's prefix, without a leading slash."""
        groups = f"{self.index:,}".split(",")
        groups[0] = groups[0].zfill(3)
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level is None else str(self.level)
        suffix = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number}{suffix}"


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a hash tile, such as `tile/0/x001/067.p/5`.

    Raises:
        MalformedTile: there is no such tile.
    """
    return str(TilePath(level, index, width))


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of an entry bundle, such as `tile/entries/x001/067`.

    Raises:
        MalformedTile: there is no such bundle.
    """
    return str(TilePath(None, index, width))


def parse_tile_path(path: str) -> TilePath:
    """Return what a path names; the one spelling that `tile_path` and `bundle_path` write.

    Raises:
        MalformedTile: any other path.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise MalformedTile("tile path: expected tile/<level>/<index>[.p/<width>], got another")
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("/", "").replace("x", ""))
    width = TILE_WIDTH if match["width"] is None else int(match["width"])
    parsed = TilePath(level, index, width)
    if str(parsed) != path:
        raise MalformedTile("tile path: expected the shortest form, got another")
    return parsed


def tile_width(level: int, index: int, size: int) -> int:
    """Return how many hashes a tile has in a tree of `size` leaves: 0 if the tile is beyond it."""
    return max(0, min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH))


def tile_nodes(hashes: Sequence[bytes]) -> bytes:
    """Return all 511 nodes of a full tile, given its 256 hashes.

    Raises:
        MalformedTile: not 256 hashes of 32 bytes.
    """
    if len(hashes) != TILE_WIDTH or any(len(digest) != HASH_BYTES for digest in hashes):
        raise MalformedTile(f"tile: expected {TILE_WIDTH} hashes of {HASH_BYTES} bytes, got another")
    nodes: list[bytes] = list(hashes)
    row: Sequence[bytes] = hashes
    fresh = _NODE_HASHER.copy
    while len(row) > 1:
        # `node_hash` written out, from a copied state: this runs over every pair of a log that is verified.
        parents: list[bytes] = []
        for left, right in zip(row[::2], row[1::2], strict=True):
            parent = fresh()
            parent.update(left + right)
            parents.append(parent.digest())
        nodes.extend(parents)
        row = parents
    return b"".join(nodes)


def full_tiles(size: int) -> Iterator[tuple[int, int]]:
    """For each tile level that has full tiles in a tree of `size` leaves: the level, and how many."""
    level = 0
    while count := size >> (TILE_HEIGHT * (level + 1)):
        yield level, count
        level += 1


def parse_tile(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """Return the hashes of a tile as it is served.

    Raises:
        MalformedTile: the bytes are not `width` hashes.
    """
    if len(data) != width * HASH_BYTES:
        raise MalformedTile(f"tile: expected {width * HASH_BYTES} bytes, got {len(data)}")
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def node_offset(height: int, position: int) -> int:
    """Return the byte offset of a node in the stored form of a full tile.

    Args:
        height: above the tile's hashes, 0 to 8.
        position: within that row, from the left, 0 to 2^(8-height)-1.

    Raises:
        MalformedTile: a tile has no such node.
    """
    if not 0 <= height <= TILE_HEIGHT or not 0 <= position < 1 << (TILE_HEIGHT - height):
        raise MalformedTile(f"tile node: expected height 0 to 8 and a position in its row, got {height}, {position}")
    return ((2 * TILE_WIDTH) - (1 << (TILE_HEIGHT + 1 - height)) + position) * HASH_BYTES


def node_place(level: int, index: int) -> tuple[int, int, int]:
    """Return (tile level, tile index, byte offset) of a tree node in the lowest tile that has it.

    The lowest: a node of tree level 8 is the last of its level-0 tile, which is full as soon as the
    node exists, while the level-1 tile it begins is not.
    """
    tile_level = max(0, level - 1) // TILE_HEIGHT
    height = level - tile_level * TILE_HEIGHT
    row = TILE_HEIGHT - height
    return tile_level, index >> row, node_offset(height, index & ((1 << row) - 1))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the bundle of 1 to 256 entries.

    Raises:
        MalformedTile: too few, too many, or one longer than 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise MalformedTile(f"entry bundle: expected 1 to {TILE_WIDTH} entries, got {len(entries)}")
    parts: list[bytes] = []
    for position, entry in enumerate(entries):
        if len(entry) > ENTRY_BYTES_MAX:
            raise MalformedTile(f"entry {position}: expected at most {ENTRY_BYTES_MAX} bytes, got {len(entry)}")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def parse_bundle(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        MalformedTile: the bytes are not exactly `width` entries.
    """
    entries: list[bytes] = []
    start, end = 0, len(data)
    while start < end:
        stop = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if stop > end or len(entries) == width:
            break
        entries.append(data[start + 2 : stop])
        start = stop
    if start != end or len(entries) != width:
        raise MalformedTile(
            f"entry bundle: expected exactly {width} entries, got {len(entries)} and {end - start} bytes over"
        )
    return entries
