"""Reading the log: entries by filter, proofs, tiles, checkpoints. Every function takes one read snapshot.

- Order is the order of the log; a cursor is an entry index, so pages stay stable while the log grows.
- `recorded_at` never goes backwards, so a range of time is a range of indexes, found by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, LargeBinary, and_, cast, func, literal, or_, select

from audit.merkle import EMPTY_ROOT, HASH_BYTES, Frontier
from audit.proof import plan_consistency, plan_inclusion
from audit.tile import TILE_HEIGHT, TILE_WIDTH
from storage.errors import NoLog, NotFound
from storage.model import Head
from storage.nodes import read_nodes
from storage.row_security import narrowed
from storage.schema import checkpoints, entries, entry_subjects, log_head, tiles
from storage.tree import frontier_nodes, read_hashes

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from storage.scope import Scope

PAGE_MAX: Final = 1000
STREAM_CHUNK: Final = 2000
DOCUMENTS_FROM: Final = "document:"
DOCUMENTS_UNTIL: Final = "document;"
"""Between them lie the subjects that are documents."""
OF_DOCUMENTS: Final = "document.%"
TEXT_SCAN_MAX: Final = 250_000
"""A text filter looks at this many entries of a page's range at the most."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it lies in the database."""

    index: int
    bytes: builtins.bytes
    leaf_hash: builtins.bytes


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries; conditions that are set must all hold.

    `recorded_from_us` is inclusive, `recorded_until_us` exclusive; so are those of `occurred`. `text` is matched,
    case and all, anywhere in the canonical bytes.
    """

    subject: str | None = None
    type: str | None = None
    actor: str | None = None
    store: str | None = None
    recorded_from_us: int | None = None
    recorded_until_us: int | None = None
    occurred_from_us: int | None = None
    occurred_until_us: int | None = None
    text: str | None = None
    indexes: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and where the next page starts (None: there is none).

    `scanned_all` is False when a text filter stopped at its bound before the page was full; `next_cursor` goes on.
    """

    entries: tuple[StoredEntry, ...]
    next_cursor: int | None
    scanned_all: bool = True


# Built once: nearly every read begins with it.
_HEAD: Final = select(log_head).where(log_head.c.id == 1)


def read_head(connection: Connection) -> Head:
    """Where the log stands in this snapshot.

    Raises:
        NoLog: the database holds none.
    """
    row = connection.execute(_HEAD).one_or_none()
    if row is None:
        require_begun(connection)
        msg = "database: expected the head of the log, got none though it has entries; `chopbook log verify` says what is there"
        raise NoLog(msg, "資料庫：有紀錄但沒有日誌的樹頭；請以 chopbook log verify 查看現況")
    return Head(row.origin, row.size, bytes(row.root), row.note, row.last_recorded_at)


def require_begun(connection: Connection) -> None:
    """There is a log, or what somebody left of one.

    Raises:
        NoLog: the database holds neither a head nor an entry.
    """
    left = (select(table).limit(1) for table in (log_head, entries))
    if not any(connection.execute(row).first() for row in left):
        msg = "database: expected a log, got none; create it with `chopbook log create`"
        raise NoLog(msg, "資料庫：沒有日誌；請以 chopbook log create 建立")


def read_entry(connection: Connection, index: int) -> StoredEntry:
    """One entry.

    Raises:
        NotFound: the log is not that long.
    """
    row = connection.execute(
        select(entries.c.bytes, entries.c.leaf_hash).where(entries.c.entry_index == index)
    ).one_or_none()
    if row is None:
        msg = f"entry {index}: expected an index below the log's size, got one beyond it"
        raise NotFound(msg, f"日誌沒有第 {index} 項")
    return StoredEntry(index, bytes(row.bytes), bytes(row.leaf_hash))


def read_entries(
    connection: Connection,
    scope: Scope,
    wanted: EntryFilter,
    *,
    cursor: int | None,
    limit: int,
    newest_first: bool = True,
) -> Page:
    """A page of entries within a scope from `cursor` (an index, inclusive; None: from the end that comes first).

    Bounds: 1 ≤ limit ≤ 1,000 (clamped).
    """
    limit = max(1, min(limit, PAGE_MAX))
    low, high = _index_range(connection, scope, wanted)
    if cursor is not None and newest_first:
        high = min(high, cursor + 1)
    elif cursor is not None:
        low = max(low, cursor)
    bounded = False
    if wanted.text is not None and high - low > TEXT_SCAN_MAX:
        bounded = True
        low, high = (high - TEXT_SCAN_MAX, high) if newest_first else (low, low + TEXT_SCAN_MAX)
    index = entries.c.entry_index
    statement = (
        select(index, entries.c.bytes, entries.c.leaf_hash)
        .where(index >= low, index < high, *_conditions(connection, scope, wanted))
        .order_by(index.desc() if newest_first else index.asc())
        .limit(limit + 1)
    )
    with narrowed(connection, scope):
        rows = connection.execute(statement).all()
    found = tuple(StoredEntry(row[0], bytes(row[1]), bytes(row[2])) for row in rows[:limit])
    if len(rows) > limit:
        return Page(found, rows[limit][0])
    if bounded:
        return Page(found, low - 1 if newest_first else high, scanned_all=False)
    return Page(found, None)


def count_entries(connection: Connection, scope: Scope, wanted: EntryFilter) -> int:
    """How many entries within a scope match, in the whole log of this snapshot."""
    low, high = _index_range(connection, scope, wanted)
    conditions = _conditions(connection, scope, wanted)
    if not conditions:
        return max(0, high - low)
    index = entries.c.entry_index
    with narrowed(connection, scope):
        return int(connection.execute(select(func.count()).where(index >= low, index < high, *conditions)).scalar_one())


def stream_entries(connection: Connection, start: int, stop: int) -> Iterator[StoredEntry]:
    """Entries `start` to `stop` in order, a bounded number in memory."""
    index = entries.c.entry_index
    while start < stop:
        until = min(stop, start + STREAM_CHUNK)
        rows = connection.execute(
            select(index, entries.c.bytes, entries.c.leaf_hash).where(index >= start, index < until).order_by(index)
        )
        for row in rows:
            yield StoredEntry(row[0], bytes(row[1]), bytes(row[2]))
        start = until


def subject_entries(connection: Connection, subject: str) -> int:
    """How many entries a subject's chain has."""
    return int(
        connection.execute(
            select(func.count()).select_from(entry_subjects).where(entry_subjects.c.subject == subject)
        ).scalar_one()
    )


def inclusion_proof(connection: Connection, index: int, size: int) -> list[bytes]:
    """RFC 9162 §2.1.3.1 proof that entry `index` is in the tree of `size` entries.

    Raises:
        NotFound: `index` or `size` is beyond the log.
    """
    _require_size(connection, size)
    if not 0 <= index < size:
        msg = f"entry {index}: expected an index below the tree size {size}"
        raise NotFound(msg, f"大小為 {size} 的樹沒有第 {index} 項")
    plan = plan_inclusion(index, size)
    return plan.assemble(read_nodes(connection, plan.nodes, size))


def consistency_proof(connection: Connection, first: int, second: int) -> list[bytes]:
    """RFC 9162 §2.1.4.1 proof that the tree of `second` entries extends that of `first`.

    Raises:
        NotFound: a size is beyond the log, or first > second.
    """
    _require_size(connection, second)
    if not 0 <= first <= second:
        msg = f"sizes: expected 0 <= first <= second, got {first} and {second}"
        raise NotFound(msg, f"大小：須為 0 <= first <= second，現為 {first} 及 {second}")
    plan = plan_consistency(first, second)
    return plan.assemble(read_nodes(connection, plan.nodes, second))


def root_at(connection: Connection, size: int) -> bytes:
    """The root when the log had `size` entries.

    Raises:
        NotFound: the log is not that long.
    """
    _require_size(connection, size)
    if size == 0:
        return EMPTY_ROOT
    return Frontier(size, read_nodes(connection, frontier_nodes(size), size)).root()


def published_checkpoint(connection: Connection, size: int | None = None) -> str:
    """The newest published checkpoint, or the one of exactly `size` entries, as a signed note.

    Raises:
        NotFound: none was published (of that size).
    """
    statement = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    if size is not None:
        statement = statement.where(checkpoints.c.size == size)
    note = connection.execute(statement).scalar()
    if note is None:
        what = "any size" if size is None else f"size {size}"
        msg = f"checkpoint: expected one published for {what}, got none"
        raise NotFound(msg, "沒有已公布的檢查點" if size is None else f"大小 {size} 沒有已公布的檢查點")
    return str(note)


def published_sizes(connection: Connection, *, below: int | None = None, limit: int = 100) -> list[tuple[int, int]]:
    """Sizes and publishing times (microseconds) of checkpoints, newest first."""
    statement = select(checkpoints.c.size, checkpoints.c.published_at).order_by(checkpoints.c.size.desc()).limit(limit)
    if below is not None:
        statement = statement.where(checkpoints.c.size < below)
    return [(row[0], row[1]) for row in connection.execute(statement)]


def hash_tile(connection: Connection, level: int, tile_index: int, width: int) -> bytes:
    """The first `width` hashes of a C2SP tile: 1 ≤ width ≤ 256.

    Raises:
        NotFound: the log has fewer.
    """
    if width == TILE_WIDTH:
        blob = connection.execute(
            select(func.substr(tiles.c.nodes, 1, TILE_WIDTH * HASH_BYTES)).where(
                tiles.c.level == level, tiles.c.tile_index == tile_index
            )
        ).scalar()
        if blob is not None:
            return bytes(blob)
    available = read_head(connection).size >> (level * TILE_HEIGHT)
    start = tile_index * TILE_WIDTH
    if start + width > available:
        msg = f"tile {level}/{tile_index}: expected at most {max(0, available - start)} hashes, got {width} asked"
        raise NotFound(msg)
    return b"".join(read_hashes(connection, level, start, start + width))


def bundle_entries(connection: Connection, tile_index: int, width: int) -> list[bytes]:
    """Canonical bytes of the `width` entries of a C2SP entry bundle.

    Raises:
        NotFound: the log has fewer.
    """
    start = tile_index * TILE_WIDTH
    found = [entry.bytes for entry in stream_entries(connection, start, start + width)]
    if len(found) < width:
        msg = f"bundle {tile_index}: expected at most {len(found)} entries, got {width} asked"
        raise NotFound(msg)
    return found


def first_index_at(connection: Connection, recorded_us: int, size: int) -> int:
    """The lowest index whose `recorded_at` is at or after the time; `size` if there is none."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        recorded = connection.execute(select(entries.c.recorded_at).where(entries.c.entry_index == middle)).scalar_one()
        if recorded < recorded_us:
            low = middle + 1
        else:
            high = middle
    return low


def indexes_in(connection: Connection, scope: Scope) -> tuple[int, int] | None:
    """The index of the first entry within the scope's times, and of the first behind them; None: it limits none."""
    return _index_range(connection, scope, EntryFilter()) if scope.timed else None


def _index_range(connection: Connection, scope: Scope, wanted: EntryFilter) -> tuple[int, int]:
    size = read_head(connection).size
    begins = [us for us in (wanted.recorded_from_us, scope.from_us) if us is not None]
    ends = [us for us in (wanted.recorded_until_us, scope.until_us) if us is not None]
    low = first_index_at(connection, max(begins), size) if begins else 0
    high = first_index_at(connection, min(ends), size) if ends else size
    return low, high


def _conditions(connection: Connection, scope: Scope, wanted: EntryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if scope.stores is not None:
        found.append(scope.store_in(entries.c.store))
    if scope.classed:
        found.append(_of_classes(connection, scope))
    index = entries.c.entry_index
    for column, value in (
        (entries.c.type, wanted.type),
        (entries.c.actor, wanted.actor),
        (entries.c.store, wanted.store),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.indexes is not None:
        found.append(index.in_(wanted.indexes))
    if wanted.subject is not None:
        about = select(entry_subjects.c.entry_index).where(entry_subjects.c.subject == wanted.subject)
        found.append(index.in_(about))
    if wanted.occurred_from_us is not None:
        found.append(entries.c.occurred_at >= wanted.occurred_from_us)
    if wanted.occurred_until_us is not None:
        found.append(entries.c.occurred_at < wanted.occurred_until_us)
    if wanted.text is not None:
        found.append(_contains(connection, wanted.text))
    return [and_(*found)] if found else []


def _of_classes(connection: Connection, scope: Scope) -> ColumnElement[bool]:
    """Entries about no document, or about documents of the scope's classes alone; of the document room's, those about a document."""
    subject = entry_subjects.c.subject
    about = select(entry_subjects.c.entry_index).where(
        entry_subjects.c.entry_index == entries.c.entry_index, subject >= DOCUMENTS_FROM, subject < DOCUMENTS_UNTIL
    )
    if scope.class_of is None:
        return and_(~about.exists(), entries.c.type.not_like(OF_DOCUMENTS))
    found = scope.class_of(connection.dialect.name, func.substr(subject, len(DOCUMENTS_FROM) + 1))
    outside = about.where(func.coalesce(found, "").not_in(sorted(scope.classes or ())))
    return and_(~outside.exists(), or_(entries.c.type.not_like(OF_DOCUMENTS), about.exists()))


def _contains(connection: Connection, text: str) -> ColumnElement[bool]:
    """Substring of the bytes: they are UTF-8, so a whole character never matches inside another."""
    needle: ColumnElement[Any] = literal(text.encode(), LargeBinary)
    if connection.dialect.name == "sqlite":
        return func.instr(entries.c.bytes, needle) > 0
    return func.position(needle.op("IN")(cast(entries.c.bytes, LargeBinary))) > 0


def _require_size(connection: Connection, size: int) -> None:
    available = read_head(connection).size
    if not 0 <= size <= available:
        msg = f"tree size: expected 0 to {available}, got {size}"
        raise NotFound(msg, f"樹的大小：須為 0 至 {available}，現為 {size}")
