"""The log's tables as verification reads them: rows straight from the driver, in bulk, nothing believed.

- Everything comes as plain tuples; who reads them must expect any value in any column.
- Ranges are half open. Every read is bounded by the range asked for.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import psycopg

from audit.checkpoint import parse_checkpoint
from audit.errors import AuditError
from audit.members import parse_members
from audit.merkle import HASH_BYTES, SIZE_MAX, Frontier, NodeId, node_hash
from audit.note import parse_note
from audit.seals import KEY_TYPES, KeyRing
from audit.tile import TILE_HEIGHT, TILE_NODES_BYTES, TILE_WIDTH, node_place
from storage.errors import StorageFailed
from storage.tree import fill_nodes, frontier_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from audit.judge import EntryRow, LinkRow

TILE_HASHES_BYTES: Final = TILE_WIDTH * HASH_BYTES
TILES_KEPT: Final = 256
TILE_LEVELS: Final = 8
PAGE_ROWS: Final = 20_000
PAGE_ENTRIES: Final = 2_048

ENTRY_COLUMNS: Final = "entry_index, bytes, leaf_hash, recorded_at, occurred_at, type, actor, store, event_id, request"

AnyRow = tuple[Any, ...]
"""A row whose columns may hold anything."""
ChainRow = tuple[str, int, int, int | None]
"""subject, position, entry_index, previous_index."""


class HeadRow(NamedTuple):
    """The one row of `log_head`."""

    origin: Any
    size: Any
    root: Any
    frontier: Any
    last_leaf_hash: Any
    last_recorded_at: Any
    note: Any


class StoredLog:
    """Reads of one snapshot. Not safe for use by several threads at once."""

    def __init__(self, connection: Connection) -> None:
        self._is_sqlite = connection.dialect.name == "sqlite"
        driver = connection.connection
        self._cursor: Any = driver.cursor() if self._is_sqlite else driver.cursor(binary=True)
        if self._is_sqlite:
            # Mapped pages would count as this process's memory, as many as the file has.
            self._cursor.execute("PRAGMA mmap_size=0")

    def head(self) -> HeadRow | None:
        """The head row; None if there is none, or more than one."""
        rows = self._fetch(
            "SELECT origin, size, root, frontier, last_leaf_hash, last_recorded_at, note FROM log_head LIMIT 2"
        )
        return HeadRow(*rows[0]) if len(rows) == 1 else None

    def entries(self, start: int, stop: int) -> list[EntryRow]:
        """Rows of `entries` in the order of their index."""
        sql = f"SELECT {ENTRY_COLUMNS} FROM entries WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index"
        return self._fetch(sql, start, stop)

    def all_entries(self) -> Iterator[list[AnyRow]]:
        """All rows of `entries`, whatever their index, in its order, in pages."""
        columns, order = f"SELECT {ENTRY_COLUMNS} FROM entries", f"ORDER BY entry_index LIMIT {PAGE_ENTRIES}"
        rows: list[AnyRow] = self._fetch(f"{columns} {order}")
        while rows:
            yield rows
            rows = self._fetch(f"{columns} WHERE entry_index > ? {order}", rows[-1][0])

    def links(self, start: int, stop: int) -> list[LinkRow]:
        """Rows of `entry_subjects` of a range of entries, in the order of entry and subject."""
        return self._fetch(
            "SELECT entry_index, subject, position, previous_index FROM entry_subjects "
            "WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index, subject",
            start,
            stop,
        )

    def chains(self) -> Iterator[list[ChainRow]]:
        """All rows of `entry_subjects` in the order of subject and position, in pages."""
        columns = "SELECT subject, position, entry_index, previous_index FROM entry_subjects"
        order = f"ORDER BY subject, position LIMIT {PAGE_ROWS}"
        rows: list[ChainRow] = self._fetch(f"{columns} {order}")
        while rows:
            yield rows
            rows = self._fetch(f"{columns} WHERE (subject, position) > (?, ?) {order}", *rows[-1][:2])

    def subject_rows(self, subject: str, start: int, limit: int) -> list[ChainRow]:
        """Rows of one subject from position `start` on."""
        return self._fetch(
            "SELECT subject, position, entry_index, previous_index FROM entry_subjects "
            f"WHERE subject = ? AND position >= ? ORDER BY position LIMIT {int(limit)}",
            subject,
            start,
        )

    def unlinked(self, start: int, stop: int) -> list[tuple[int, str]]:
        """Links of a range of entries (entry_index, subject) without the row they follow; the first of them."""
        return self._fetch(
            "SELECT n.entry_index, n.subject FROM entry_subjects n LEFT JOIN entry_subjects o "
            "ON o.subject = n.subject AND o.position = n.position - 1 AND o.entry_index = n.previous_index "
            "WHERE n.entry_index >= ? AND n.entry_index < ? AND n.position <> 0 AND o.entry_index IS NULL "
            "ORDER BY n.entry_index LIMIT 1",
            start,
            stop,
        )

    def recorded_at(self, index: int) -> int:
        """The column of one entry; 0 if there is no such row."""
        rows = self._fetch("SELECT recorded_at FROM entries WHERE entry_index = ?", index)
        return rows[0][0] if rows and isinstance(rows[0][0], int) else 0

    def count(self, table: str, where: str, *values: int) -> int:
        """How many rows of one of the log's tables."""
        return int(self._fetch(f"SELECT count(*) FROM {table} WHERE {where}", *values)[0][0])

    def bounds(self) -> tuple[int, int, int]:
        """How many rows `entries` has, their lowest index and the one after their highest; zeros if there are none."""
        count, low, high = self._fetch("SELECT count(*), min(entry_index), max(entry_index) FROM entries")[0]
        return (count, low, high + 1) if count else (0, 0, 0)

    def tile(self, level: int, tile_index: int) -> bytes | None:
        """The stored nodes of a tile, whatever they are."""
        rows = self._fetch("SELECT nodes FROM tiles WHERE level = ? AND tile_index = ?", level, tile_index)
        return rows[0][0] if rows else None

    def tiles(self, level: int, start: int, stop: int) -> list[tuple[int, bytes]]:
        """Stored tiles of a level (tile_index, nodes) in order."""
        return self._fetch(
            "SELECT tile_index, nodes FROM tiles WHERE level = ? AND tile_index >= ? AND tile_index < ? ORDER BY tile_index",
            level,
            start,
            stop,
        )

    def tile_parts(self, level: int, start: int, stop: int, first: int, length: int) -> list[tuple[int, Any]]:
        """As `tiles`, of the nodes only `length` bytes from byte `first` (from 0) on."""
        return self._fetch(
            f"SELECT tile_index, substr(nodes, {int(first) + 1}, {int(length)}) FROM tiles "
            "WHERE level = ? AND tile_index >= ? AND tile_index < ? ORDER BY tile_index",
            level,
            start,
            stop,
        )

    def tile_names(self) -> list[tuple[int, int, int, int]]:
        """For each level: level, how many tiles, lowest and highest index."""
        return self._fetch("SELECT level, count(*), min(tile_index), max(tile_index) FROM tiles GROUP BY level")

    def tiles_beyond(self, size: int) -> list[tuple[Any, Any]]:
        """Names (level, tile_index) of stored tiles that are not full at a size; the first of them."""
        found = []
        for level, _, _, high in self.tile_names():
            full = size >> (TILE_HEIGHT * (level + 1)) if 0 <= level < TILE_LEVELS else 0
            if high >= full:
                found += self._fetch(
                    f"SELECT level, tile_index FROM tiles WHERE level = ? AND tile_index >= ? LIMIT {TILES_KEPT}",
                    level,
                    full,
                )
        below = self._fetch(f"SELECT level, tile_index FROM tiles WHERE tile_index < 0 LIMIT {TILES_KEPT}")
        return found + below

    def leaf_hashes(self, start: int, stop: int) -> list[tuple[int, Any]]:
        """The column (entry_index, leaf_hash) of a range of entries."""
        return self._fetch(
            "SELECT entry_index, leaf_hash FROM entries WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index",
            start,
            stop,
        )

    def checkpoints(self, start: int, stop: int, limit: int) -> list[tuple[int, Any]]:
        """Published checkpoints (size, note) of a range of sizes, in order."""
        return self._fetch(
            f"SELECT size, note FROM checkpoints WHERE size >= ? AND size < ? ORDER BY size LIMIT {int(limit)}",
            start,
            stop,
        )

    def key_entries(self, size: int) -> list[tuple[int, bytes]]:
        """Entries (entry_index, bytes) that name keys, by their type column."""
        marks = ", ".join("?" for _ in KEY_TYPES)
        sql = f"SELECT entry_index, bytes FROM entries WHERE type IN ({marks}) AND entry_index < ? ORDER BY entry_index"
        return self._fetch(sql, *KEY_TYPES, size)

    def entry(self, index: int) -> EntryRow | None:
        """One row of `entries`."""
        rows = self.entries(index, index + 1)
        return rows[0] if rows else None

    def _fetch(self, sql: str, *values: object) -> list[Any]:
        """All rows of a query.

        Raises:
            StorageFailed: the database could not be read.
        """
        if not self._is_sqlite:
            try:
                self._cursor.execute(sql.replace("?", "%s"), values)
                rows: list[Any] = self._cursor.fetchall()
            except psycopg.Error as error:
                raise _failed(error) from error
            return rows
        for _ in range(2):
            try:
                found: list[Any] = self._cursor.execute(sql, values).fetchall()
                return found
            except sqlite3.OperationalError as error:
                if "decode" not in str(error):
                    raise _failed(error) from error
                # Text that is not UTF-8: somebody put it there, so it is to be read and not to be refused.
                self._cursor.connection.text_factory = _decode
            except sqlite3.Error as error:
                raise _failed(error) from error
        msg = "database: expected text that can be decoded, got another"
        raise StorageFailed(msg)


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _failed(error: Exception) -> StorageFailed:
    return StorageFailed(f"database: expected to read the log, got {type(error).__name__}: {error}")


class StoredNodes:
    """Nodes of the tree of `size` leaves, from full tiles and, at the edge, from what tiles will be made of.

    Nothing here is checked: a missing tile gives a node of no bytes.
    """

    def __init__(self, log: StoredLog, size: int) -> None:
        self.size = size
        self._log = log
        self._tiles: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._edges: dict[int, dict[NodeId, bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """A complete node."""
        tile_level, tile_index, offset = node_place(level, index)
        if (tile_index + 1) << (TILE_HEIGHT * (tile_level + 1)) <= self.size:
            return self.tile(tile_level, tile_index)[offset : offset + HASH_BYTES]
        if tile_level not in self._edges:
            self._edges[tile_level] = self._read_edge(tile_level)
        return self._edges[tile_level].get((level, index), b"")

    def tile(self, tile_level: int, tile_index: int) -> bytes:
        """A full tile's nodes; no bytes if it is missing or not of its length."""
        place = (tile_level, tile_index)
        blob = self._tiles.get(place)
        if blob is None:
            found = self._log.tile(tile_level, tile_index)
            blob = found if isinstance(found, bytes) and len(found) == TILE_NODES_BYTES else b""
            self._tiles[place] = blob
            if len(self._tiles) > TILES_KEPT:
                self._tiles.popitem(last=False)
        else:
            self._tiles.move_to_end(place)
        return blob

    def leaf(self, index: int) -> bytes:
        """A leaf hash: of a full tile if it lies in one, else the column."""
        return self.node(0, index)

    def frontier(self, size: int) -> list[bytes]:
        """The nodes that cover the first `size` leaves, largest first."""
        return [self.node(level, index) for level, index in frontier_nodes(size)]

    def root(self, size: int) -> bytes:
        """The root at an earlier size; no bytes if a node is missing."""
        hashes = self.frontier(size)
        if any(len(digest) != HASH_BYTES for digest in hashes):
            return b""
        return Frontier(size, hashes).root()

    def edge_hashes(self, tile_level: int) -> list[bytes]:
        """The hashes of the tile of a level that is not full yet; none if one of them is missing."""
        stop = self.size >> (TILE_HEIGHT * tile_level)
        start = stop // TILE_WIDTH * TILE_WIDTH
        if tile_level == 0:
            rows = self._log.leaf_hashes(start, stop)
        else:
            last = TILE_NODES_BYTES - HASH_BYTES
            rows = self._log.tile_parts(tile_level - 1, start, stop, last, HASH_BYTES)
        hashes = [digest for _, digest in rows]
        whole = [index for index, _ in rows] == list(range(start, stop))
        return hashes if whole and all(_is_hash(digest) for digest in hashes) else []

    def _read_edge(self, tile_level: int) -> dict[NodeId, bytes]:
        nodes: dict[NodeId, bytes] = {}
        start = (self.size >> (TILE_HEIGHT * tile_level)) // TILE_WIDTH * TILE_WIDTH
        fill_nodes(nodes, tile_level, start, self.edge_hashes(tile_level))
        return nodes


def _is_hash(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == HASH_BYTES


def full_tiles(size: int) -> Iterator[tuple[int, int]]:
    """For each tile level that has full tiles in a tree of `size` leaves: the level, and how many."""
    level = 0
    while count := size >> (TILE_HEIGHT * (level + 1)):
        yield level, count
        level += 1


def edge_frontier(edges: Sequence[Sequence[bytes]]) -> Frontier:
    """The frontier of a tree, given for each tile level the hashes of its tile that is not full yet."""
    hashes: list[bytes] = []
    size = 0
    for level in range(len(edges) - 1, -1, -1):
        edge = edges[level]
        size += len(edge) << (TILE_HEIGHT * level)
        start = 0
        for height in range(TILE_HEIGHT - 1, -1, -1):
            if len(edge) >> height & 1:
                hashes.append(_subtree(edge[start : start + (1 << height)]))
                start += 1 << height
    return Frontier(size, hashes)


def _subtree(row: Sequence[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def read_leaves(leaf_file: Path, start: int, stop: int) -> bytes:
    """Joined leaf hashes of a range, from a file of them."""
    with leaf_file.open("rb") as file:
        file.seek(start * HASH_BYTES)
        return file.read((stop - start) * HASH_BYTES)


def split(joined: Sequence[int] | bytes) -> list[bytes]:
    """The 32-byte hashes of a joined run; a shorter rest is left out."""
    data = bytes(joined)
    return [data[at : at + HASH_BYTES] for at in range(0, len(data) - HASH_BYTES + 1, HASH_BYTES)]


def read_ring(log: StoredLog, origin: str, size: int, pinned: Sequence[str]) -> KeyRing:
    """The log's keys, from the entries that its type column says name them; those that cannot be read are left out."""
    ring = KeyRing(origin, tuple(pinned))
    for _, data in log.key_entries(size):
        try:
            ring.add_entry(parse_members(data))
        except (AuditError, TypeError, AttributeError):
            continue
    return ring


def likely_origin(log: StoredLog, head: HeadRow) -> str:
    """The log's name: what most of the head row, its checkpoint, the first entry and the first checkpoint say."""
    votes: Counter[str] = Counter()
    entry = log.entry(0)
    notes = [head.note, *(note for _, note in log.checkpoints(0, SIZE_MAX, 1))]
    try:
        votes[parse_members(entry[1] if entry else b"")["origin"]] += 1
    except (AuditError, TypeError, AttributeError):
        votes.clear()
    for note in notes:
        try:
            votes[parse_checkpoint(parse_note(note).text).origin] += 1
        except (AuditError, TypeError, AttributeError):
            continue
    if isinstance(head.origin, str):
        votes[head.origin] += 1
    return max(votes, key=lambda origin: votes[origin], default="")
