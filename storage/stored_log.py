"""The log's tables as verification reads them: rows straight from the driver, in bulk, nothing believed.

- Everything comes as plain tuples; who reads them must expect any value in any column.
- Ranges are half open. Every read is bounded by the range asked for.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
import psycopg

from audit.checkpoint import parse_checkpoint
from audit.errors import AuditError
from audit.members import parse_members
from audit.merkle import SIZE_MAX
from audit.note import parse_note
from audit.seals import KEY_TYPES, KeyRing
from audit.tile import full_tiles
from audit.verify import RUN_ROWS_MAX
from storage.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from audit.judge import EntryRow, LinkRow
    from audit.verify import ChainRun

CACHE_KIB: Final = 256
NAMES_MAX: Final = 256
"""How many things that should not be there are looked for by name."""
PAGE_ENTRIES: Final = 2_048
INTEGER_LOW, INTEGER_HIGH = -(2**63) + 1, 2**63 - 1
"""Bounds of the integers that are looked for, well beyond any that a log can have."""

ENTRY_COLUMNS: Final = "entry_index, bytes, leaf_hash, recorded_at, occurred_at, type, actor, store, event_id, request"
LINK_COLUMNS: Final = ("entry_index", "subject", "position", "previous_index")

AnyRow = tuple[Any, ...]
"""A row whose columns may hold anything."""
ChainRow = tuple[str, int, int, int | None]
"""subject, position, entry_index, previous_index."""


class HeadRow(NamedTuple):
    """The one row of `log_head`."""

    id: Any
    origin: Any
    size: Any
    root: Any
    frontier: Any
    last_leaf_hash: Any
    last_recorded_at: Any
    note: Any


class CheckpointRow(NamedTuple):
    """A row of `checkpoints`, and when the last entry it covers was recorded, by that entry's column."""

    size: Any
    note: Any
    published_at: Any
    recorded_at: Any


class NotPlain(Exception):
    """A column holds a value of a kind that was never written there."""


class StoredLog:
    """Reads of one snapshot. Not safe for use by several threads at once."""

    def __init__(self, connection: Connection) -> None:
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._streams = 0
        driver = connection.connection
        self._cursor: Any = driver.cursor() if self._is_sqlite else driver.cursor(binary=True)
        if self._is_sqlite:
            # Mapped pages would count as this process's memory, as many as the file has.
            self._cursor.execute("PRAGMA mmap_size=0")

    def read_in_order(self) -> None:
        """From here on nearly all is read once, in order: few pages are kept, and those in the processor's cache."""
        if self._is_sqlite:
            self._cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")

    def head(self) -> HeadRow | None:
        """The head row; None if there is none, or more than one."""
        rows = self._fetch(
            "SELECT id, origin, size, root, frontier, last_leaf_hash, last_recorded_at, note FROM log_head LIMIT 2"
        )
        return HeadRow(*rows[0]) if len(rows) == 1 else None

    def entries(self, start: int, stop: int) -> list[EntryRow]:
        """Rows of `entries` in the order of their index."""
        sql = f"SELECT {ENTRY_COLUMNS} FROM entries WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index"
        return self._fetch(sql, start, stop)

    def all_entries(self) -> Iterator[list[AnyRow]]:
        """All rows of `entries`, whatever they hold, in pages: in the order of their index, then those without one."""
        # Rows that are there twice stay in the same order, however often they are read.
        yield from self._stream(
            f"SELECT {ENTRY_COLUMNS} FROM entries WHERE {self._numbered} ORDER BY entry_index, bytes"
        )
        yield from self._stream(f"SELECT {ENTRY_COLUMNS} FROM entries WHERE NOT ({self._numbered}) ORDER BY bytes")

    def same_index(self, index: object) -> list[AnyRow]:
        """All rows of `entries` with this value, whatever it is, as their index."""
        if index is None:
            return self._fetch(f"SELECT {ENTRY_COLUMNS} FROM entries WHERE entry_index IS NULL")
        return self._fetch(f"SELECT {ENTRY_COLUMNS} FROM entries WHERE entry_index = ?", index)

    def links(self, start: int, stop: int) -> list[LinkRow]:
        """Rows of `entry_subjects` of a range of entries, in the order of entry and subject."""
        return self._fetch(
            f"SELECT {', '.join(LINK_COLUMNS)} FROM entry_subjects "
            "WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index, subject",
            start,
            stop,
        )

    def plain_links(self, start: int, stop: int) -> list[LinkRow]:
        """As `links`, in less time if the columns hold only what JSON can: one row of arrays is quicker than many.

        SQLite goes along the index on `entry_index`, so the arrays have its order.
        """
        if not self._is_sqlite:
            return self.links(start, stop)
        arrays = ", ".join(f"json_group_array({column})" for column in LINK_COLUMNS)
        sql = f"SELECT {arrays} FROM entry_subjects WHERE entry_index >= ? AND entry_index < ?"
        try:
            columns = [orjson.loads(array) for array in self._fetch(sql, start, stop)[0]]
        except (NotPlain, orjson.JSONDecodeError):
            return self.links(start, stop)
        return list(zip(*columns, strict=True))

    def chains(self) -> Iterator[list[ChainRun]]:
        """All rows of `entry_subjects` in the order of subject and position, as runs of one subject, in pages.

        Raises:
            NotPlain: a column holds what JSON cannot.
        """
        start: tuple[Any, ...] = ()
        while True:
            after = "(subject, position) > (?, ?)" if start else "1 = 1"
            last = self._fetch(
                f"SELECT subject, position FROM entry_subjects WHERE {after} "
                f"ORDER BY subject, position LIMIT 1 OFFSET {RUN_ROWS_MAX - 1}",
                *start,
            )
            until = "(subject, position) <= (?, ?)" if last else "1 = 1"
            stop = last[0] if last else ()
            arrays = ", ".join(self._array(column) for column in ("position", "entry_index", "previous_index"))
            yield self._fetch(
                f"SELECT subject, {arrays} FROM entry_subjects WHERE {after} AND {until} "
                "GROUP BY subject ORDER BY subject",
                *start,
                *stop,
            )
            if not last:
                return
            start = stop

    def all_links(self) -> Iterator[list[AnyRow]]:
        """As `chains`, whatever the rows hold and however often they are there."""
        yield from self._stream(
            "SELECT subject, position, entry_index, previous_index FROM entry_subjects "
            "ORDER BY subject, position, entry_index"
        )

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

    def some_tiles(self, level: int, indexes: Sequence[int]) -> list[tuple[int, Any]]:
        """Stored tiles of a level (tile_index, nodes), whatever they are, in any order."""
        marks = ", ".join("?" for _ in indexes)
        sql = f"SELECT tile_index, nodes FROM tiles WHERE level = ? AND tile_index IN ({marks})"
        return self._fetch(sql, level, *indexes)

    def tile_parts(self, level: int, start: int, stop: int, first: int, length: int) -> list[tuple[int, Any]]:
        """As `tiles`, of the nodes only `length` bytes from byte `first` (from 0) on."""
        return self._fetch(
            f"SELECT tile_index, substr(nodes, {int(first) + 1}, {int(length)}) FROM tiles "
            "WHERE level = ? AND tile_index >= ? AND tile_index < ? ORDER BY tile_index",
            level,
            start,
            stop,
        )

    def tile_names(self) -> list[tuple[Any, int, Any, Any]]:
        """For each level in order: level, how many tiles, lowest and highest index."""
        return self._fetch(
            "SELECT level, count(*), min(tile_index), max(tile_index) FROM tiles GROUP BY level ORDER BY level"
        )

    def extra_tiles(self, size: int) -> list[tuple[Any, Any, int]]:
        """Names of stored tiles that are not full at a size or are there more than once, and how often; the first."""
        full = list(full_tiles(size))
        inside = " OR ".join("level = ? AND tile_index >= 0 AND tile_index < ?" for _ in full) or "1 = 0"
        return self._fetch(
            "SELECT level, tile_index, count(*) FROM tiles GROUP BY level, tile_index "
            f"HAVING count(*) > 1 OR ({inside}) IS NOT TRUE ORDER BY level, tile_index LIMIT {NAMES_MAX}",
            *(number for place in full for number in place),
        )

    def leaf_hashes(self, start: int, stop: int) -> list[tuple[int, Any]]:
        """The column (entry_index, leaf_hash) of a range of entries."""
        return self._fetch(
            "SELECT entry_index, leaf_hash FROM entries WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index",
            start,
            stop,
        )

    def checkpoints(self, start: int, stop: int, limit: int) -> list[CheckpointRow]:
        """Published checkpoints of a range of sizes, in order; `start` is above the lowest integer."""
        rows = self._fetch(
            "SELECT c.size, c.note, c.published_at, e.recorded_at FROM checkpoints c "
            "LEFT JOIN entries e ON e.entry_index = c.size - 1 "
            f"WHERE c.size >= ? AND c.size < ? ORDER BY c.size LIMIT {int(limit)}",
            start,
            stop,
        )
        return [CheckpointRow(*row) for row in rows]

    def unsized_checkpoints(self) -> list[tuple[Any, Any]]:
        """Published checkpoints (size, note) whose size is no number, or beyond all bounds; the first of them."""
        return self._fetch(
            "SELECT size, note FROM checkpoints WHERE size IS NULL OR size < ? OR size >= ? "
            f"ORDER BY size LIMIT {NAMES_MAX}",
            INTEGER_LOW,
            INTEGER_HIGH,
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

    def _array(self, column: str) -> str:
        """An aggregate: the values of a column as a JSON array without spaces, in the order of `position`."""
        if self._is_sqlite:
            # It goes along the primary key, and so takes the rows in its order.
            return f"json_group_array({column})"
        return f"array_to_json(array_agg({column} ORDER BY position))::text"

    @property
    def _numbered(self) -> str:
        """Whether the index is a number at all; PostgreSQL's column takes nothing else, but for nothing."""
        return "typeof(entry_index) = 'integer'" if self._is_sqlite else "entry_index IS NOT NULL"

    def _stream(self, sql: str) -> Iterator[list[Any]]:
        """All rows of a query in pages, however many they are.

        Raises:
            StorageFailed: the database could not be read.
        """
        driver = self._cursor.connection
        if self._is_sqlite:
            driver.text_factory = _decode
            cursor = driver.cursor()
        else:
            self._streams += 1
            cursor = driver.cursor(f"chopbook_{self._streams}", binary=True)
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(PAGE_ENTRIES):
                yield rows
        except (psycopg.Error, sqlite3.Error) as error:
            raise _failed(error) from error
        finally:
            cursor.close()

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
                if "BLOB" in str(error):
                    raise NotPlain(str(error)) from error
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
    notes = [head.note, *(row.note for row in log.checkpoints(0, SIZE_MAX, 1))]
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
