"""What a change may do: append entries, and write subject rows that name them.

A batch gathers changes. Its writes stay in memory (rows by key, rows to insert) and reach the database in bulk at the
end, or before a `select` that must see them. Nothing here commits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sqlalchemy import Delete, Insert, Select, Update

from audit.entry import Entry, columns_of, seal
from audit.event import ZERO_HASH, Event, Link
from storage.errors import EventIdReused, Replayed, UnloggedWrite
from storage.rows import KeyedRows, driver_cursor, insert_rows
from storage.schema import entries, entry_subjects, is_operational, is_subject, personal_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import CursorResult, Result

    from storage.personal import PersonalField

T = TypeVar("T")

ENTRY_COLUMNS: Final = (
    "entry_index",
    "bytes",
    "leaf_hash",
    "recorded_at",
    "occurred_at",
    "type",
    "actor",
    "store",
    "event_id",
    "request",
)
SUBJECT_COLUMNS: Final = ("subject", "position", "entry_index", "previous_index")

Row = tuple[Any, ...]
Known = tuple[int, bytes, "bytes | None"]
"""What is kept of an event id: entry index, leaf hash, request digest."""
SubjectHead = tuple[int, int, bytes]
"""Where a subject's chain stands: position, entry index and leaf hash of its last entry."""


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """A function from a transaction to a result, with hints of what it will read.

    `run` may be called twice (a batch is tried again when one of its changes fails late): it does nothing but through
    its transaction. The hints only make it quick; a wrong or missing one changes no result.
    """

    run: Callable[[Transaction], T]
    reads: tuple[tuple[KeyedRows, Row], ...] = ()
    event_ids: tuple[tuple[str, UUID], ...] = ()
    subjects: tuple[str, ...] = ()


class Overlay:
    """What has been read and written so far, on top of what a parent knows."""

    __slots__ = ("entries", "events", "inserts", "links", "parent", "puts", "rows", "subjects")

    def __init__(self, parent: Overlay | None = None) -> None:
        self.parent = parent
        self.entries: list[Entry] = []
        self.links: list[Row] = []
        self.rows: dict[tuple[KeyedRows, Row], Row | None] = {}
        self.puts: dict[KeyedRows, dict[Row, Row]] = {}
        self.inserts: dict[Table, list[tuple[tuple[str, ...], Row]]] = {}
        self.subjects: dict[str, SubjectHead | None] = {}
        self.events: dict[tuple[str, bytes], Known | None] = {}

    def row(self, rows: KeyedRows, key: Row) -> tuple[bool, Row | None]:
        """Whether the row's state is known here, and its values."""
        layer: Overlay | None = self
        while layer is not None:
            if (rows, key) in layer.rows:
                return True, layer.rows[rows, key]
            layer = layer.parent
        return False, None

    def subject(self, key: str) -> tuple[bool, SubjectHead | None]:
        """Whether the subject's head is known here, and the head."""
        layer: Overlay | None = self
        while layer is not None:
            if key in layer.subjects:
                return True, layer.subjects[key]
            layer = layer.parent
        return False, None

    def event(self, key: tuple[str, bytes]) -> tuple[bool, Known | None]:
        """Whether the event id was looked up or used here, and by which entry."""
        layer: Overlay | None = self
        while layer is not None:
            if key in layer.events:
                return True, layer.events[key]
            layer = layer.parent
        return False, None

    def absorb(self, child: Overlay) -> None:
        """Takes over what a child learned and wrote; its inserts must have been flushed."""
        self.rows.update(child.rows)
        self.subjects.update(child.subjects)
        self.events.update(child.events)


@dataclass(slots=True)
class Position:
    """Where the next entry goes."""

    origin: str
    size: int
    last_leaf_hash: bytes
    now: datetime
    now_us: int


@dataclass(slots=True)
class Transaction:
    """One change at work inside a batch."""

    connection: Connection
    position: Position
    overlay: Overlay
    appended: list[Entry] = field(default_factory=list)
    replays: list[Replayed] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The batch's time: what `recorded_at` of its entries says, never before that of an earlier entry."""
        return self.position.now

    @property
    def size(self) -> int:
        """The index the next append gets."""
        return self.position.size

    def append(self, event: Event, personal: Sequence[PersonalField] = ()) -> Entry:
        """Seals the event as the next entry.

        `personal` supplies the clear values behind `event.personal`; they are kept encrypted beside the log.

        Raises:
            Replayed: this actor sent this event before; nothing is written.
            EventIdReused: this actor used the event id for other content; nothing is written.
        """
        position = self.position
        event_key = (event.actor.id, event.event_id.bytes)
        self.refuse_known(event.actor.id, event.event_id, event.request)
        index = position.size
        overlay = self.overlay
        links: list[Link] = []
        link_rows: list[Row] = []
        for subject in event.subjects:
            key = subject.key
            head = self._subject_head(key)
            if head is None:
                links.append(Link(subject, 0, ZERO_HASH))
                link_rows.append((key, 0, index, None))
            else:
                links.append(Link(subject, head[0] + 1, head[2]))
                link_rows.append((key, head[0] + 1, index, head[1]))
        entry = seal(
            event,
            origin=position.origin,
            index=index,
            previous=position.last_leaf_hash,
            recorded_at_us=position.now_us,
            links=links,
        )
        # Only now, with the event known to be good, does anything change.
        overlay.links.extend(link_rows)
        for link in links:
            overlay.subjects[link.subject.key] = (link.index, index, entry.leaf_hash)
        overlay.events[event_key] = (index, entry.leaf_hash, event.request)
        position.size = index + 1
        position.last_leaf_hash = entry.leaf_hash
        self.appended.append(entry)
        overlay.entries.append(entry)
        for value in personal:
            self.insert(
                entry, personal_values, field=value.field, person=value.person, ciphertext=value.ciphertext
            )
        return entry

    def refuse_known(self, actor: str, event_id: UUID, request: bytes | None) -> None:
        """Asks what `append` asks, before a change looks at things that its own first time has altered.

        Raises:
            Replayed: this actor sent this event before.
            EventIdReused: this actor used the event id for other content.
        """
        key = (actor, event_id.bytes)
        known, entry = self.overlay.event(key)
        if not known:
            entry = fetch_events(self.connection, [key]).get(key)
            self.overlay.events[key] = entry
        if entry is None:
            return
        if entry[2] == request:
            replay = Replayed(entry[0], entry[1])
            self.replays.append(replay)
            raise replay
        raise EventIdReused(str(event_id), entry[0])

    def get(self, rows: KeyedRows, key: Row) -> Row | None:
        """The values of a row, as the changes before this one in the batch left them."""
        known, values = self.overlay.row(rows, key)
        if known:
            return values
        values = rows.fetch(self.connection, [key]).get(key)
        self.overlay.rows[rows, key] = values
        return values

    def put(self, entry: Entry, rows: KeyedRows, key: Row, values: Row) -> None:
        """Writes a row under the entry that changes it.

        Raises:
            UnloggedWrite: the entry is not of this transaction.
        """
        self._require_own(entry)
        self.overlay.rows[rows, key] = values
        self.overlay.puts.setdefault(rows, {})[key] = (*key, *values, entry.index)

    def insert(self, entry: Entry, table: Table, **values: Any) -> None:
        """Adds a row to a subject table under the entry that makes it.

        Raises:
            UnloggedWrite: the entry is not of this transaction, or the table is no subject table.
        """
        self._require_own(entry)
        _require_subject(table)
        names = (*values, "entry_index")
        self.overlay.inserts.setdefault(table, []).append((names, (*values.values(), entry.index)))

    def update(self, entry: Entry, statement: Update) -> int:
        """Runs an UPDATE of a subject table under the entry; returns how many rows it changed.

        Raises:
            UnloggedWrite: the entry is not of this transaction, or the table is no subject table.
        """
        self._require_own(entry)
        _require_subject(statement.table)
        self.flush()
        self._forget_rows(statement.table)
        result: CursorResult[Any] = self.connection.execute(statement.values(entry_index=entry.index))
        return result.rowcount

    def select(self, statement: Select[Any]) -> Sequence[Any]:
        """Reads inside the transaction, this batch's writes included."""
        if not isinstance(statement, Select):
            msg = f"select: expected a SELECT, got {type(statement).__name__}"
            raise UnloggedWrite(msg)
        self.flush()
        return self.connection.execute(statement).all()

    def flush(self) -> None:
        """Sends what is buffered to the database: entries, their subjects, then subject rows."""
        connection = self.connection
        overlay = self.overlay
        if overlay.entries:
            insert_rows(connection, entries, ENTRY_COLUMNS, [(entry.index, entry.bytes, entry.leaf_hash, *columns_of(entry)) for entry in overlay.entries])
            insert_rows(connection, entry_subjects, SUBJECT_COLUMNS, overlay.links)
            overlay.entries = []
            overlay.links = []
        for rows, written in overlay.puts.items():
            rows.upsert(connection, list(written.values()))
        overlay.puts.clear()
        for table, pending in overlay.inserts.items():
            by_names: dict[tuple[str, ...], list[Row]] = {}
            for names, values in pending:
                by_names.setdefault(names, []).append(values)
            for names, values_list in by_names.items():
                insert_rows(connection, table, names, values_list)
        overlay.inserts.clear()

    def prefetch(self, changes: Iterable[Change[Any]]) -> None:
        """Reads what the changes said they will, one query a table."""
        wanted: dict[KeyedRows, dict[Row, None]] = {}
        subjects: dict[str, None] = {}
        events: dict[tuple[str, bytes], None] = {}
        overlay = self.overlay
        for change in changes:
            for rows, key in change.reads:
                if not overlay.row(rows, key)[0]:
                    wanted.setdefault(rows, {})[key] = None
            for key in change.subjects:
                if not overlay.subject(key)[0]:
                    subjects[key] = None
            for actor, event_id in change.event_ids:
                events[actor, event_id.bytes] = None
        for rows, keys in wanted.items():
            found = rows.fetch(self.connection, list(keys))
            overlay.rows.update({(rows, key): found.get(key) for key in keys})
        if subjects:
            overlay.subjects.update(dict.fromkeys(subjects) | fetch_subject_heads(self.connection, list(subjects)))
        if events:
            overlay.events.update(dict.fromkeys(events) | fetch_events(self.connection, list(events)))

    def _subject_head(self, key: str) -> SubjectHead | None:
        known, head = self.overlay.subject(key)
        if not known:
            head = fetch_subject_heads(self.connection, [key]).get(key)
            self.overlay.subjects[key] = head
        return head

    def _require_own(self, entry: Entry) -> None:
        if not self.appended or not self.appended[0].index <= entry.index <= self.appended[-1].index:
            msg = f"write under entry {entry.index}: expected an entry appended by this change"
            raise UnloggedWrite(msg)

    def _forget_rows(self, table: object) -> None:
        layer: Overlay | None = self.overlay
        while layer is not None:
            for rows, key in [known for known in layer.rows if known[0].table is table]:
                del layer.rows[rows, key]
            layer = layer.parent


class Operation:
    """What an operation may do: statements on operational tables, and reads."""

    __slots__ = ("_connection", "now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self.now: Final = now

    def execute(self, statement: Select[Any] | Insert | Update | Delete) -> Result[Any]:
        """Runs the statement.

        Raises:
            UnloggedWrite: it writes another table than an operational one, or is plain text.
        """
        if isinstance(statement, Insert | Update | Delete):
            if not is_operational(statement.table):
                msg = f"operate: expected an operational table, got {statement.table}"
                raise UnloggedWrite(msg)
        elif not isinstance(statement, Select):
            msg = f"operate: expected a statement, got {type(statement).__name__}"
            raise UnloggedWrite(msg)
        return self._connection.execute(statement)


def fetch_subject_heads(connection: Connection, keys: Sequence[str]) -> dict[str, SubjectHead]:
    """Where the chains of those subjects stand; absent if they have no entry."""
    cursor = driver_cursor(connection)
    found: dict[str, SubjectHead] = {}
    if connection.dialect.name == "sqlite":
        for key in keys:
            row = cursor.execute(_HEAD_SQLITE, (key,)).fetchone()
            if row is not None:
                found[key] = (row[0], row[1], row[2])
        return found
    cursor.execute(_HEAD_POSTGRESQL, [list(keys)])
    return {row[0]: (row[1], row[2], bytes(row[3])) for row in cursor.fetchall()}


def fetch_events(connection: Connection, keys: Sequence[tuple[str, bytes]]) -> Mapping[tuple[str, bytes], Known]:
    """Which of those (actor, event id) pairs are in the log."""
    cursor = driver_cursor(connection)
    found: dict[tuple[str, bytes], Known] = {}
    if connection.dialect.name == "sqlite":
        for key in keys:
            row = cursor.execute(_EVENT_SQLITE, key).fetchone()
            if row is not None:
                found[key] = (row[0], row[1], row[2])
        return found
    cursor.execute(_EVENT_POSTGRESQL, [[actor for actor, _ in keys], [event_id for _, event_id in keys]])
    for actor, event_id, index, leaf_hash, request in cursor.fetchall():
        found[actor, bytes(event_id)] = (index, bytes(leaf_hash), None if request is None else bytes(request))
    return found


_HEAD_SQLITE: Final = (
    "SELECT s.position, s.entry_index, e.leaf_hash FROM entry_subjects s JOIN entries e USING (entry_index) "
    "WHERE s.subject = ? ORDER BY s.position DESC LIMIT 1"
)
_HEAD_POSTGRESQL: Final = (
    "SELECT k.subject, h.position, h.entry_index, h.leaf_hash FROM unnest(%s::text[]) AS k(subject) "
    "CROSS JOIN LATERAL (SELECT s.position, s.entry_index, e.leaf_hash FROM entry_subjects s "
    "JOIN entries e USING (entry_index) WHERE s.subject = k.subject ORDER BY s.position DESC LIMIT 1) AS h"
)
_EVENT_SQLITE: Final = "SELECT entry_index, leaf_hash, request FROM entries WHERE actor = ? AND event_id = ?"
_EVENT_POSTGRESQL: Final = (
    "SELECT e.actor, e.event_id, e.entry_index, e.leaf_hash, e.request "
    "FROM unnest(%s::text[], %s::bytea[]) AS k(actor, event_id) JOIN entries e USING (actor, event_id)"
)


def _require_subject(table: object) -> None:
    if not is_subject(table):
        msg = f"write: expected a subject table, got {getattr(table, 'name', table)}"
        raise UnloggedWrite(msg)
