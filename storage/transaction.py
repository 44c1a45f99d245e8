"""What a change may do: append entries, and write subject rows that name them.

A batch gathers changes. Its writes stay in memory (rows by key, rows to insert) and reach the database in bulk at the
end, or before a `select` that must see them. Nothing here commits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from sqlalchemy import Delete, Insert, Select, TextClause, Update
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.visitors import iterate

from audit.entry import Entry, seal
from audit.event import ZERO_HASH, Event, Link
from storage.errors import EventIdReused, Replayed, UnloggedWrite
from storage.overlay import UNKNOWN, Overlay, Row, SubjectHead, fetch_events, fetch_subject_heads
from storage.schema import is_operational, is_subject, personal_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ClauseElement, Connection, Executable, Table
    from sqlalchemy.engine import CursorResult, Result

    from audit.event import Subject
    from storage.personal import PersonalField
    from storage.rows import KeyedRows

T = TypeVar("T")


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Change(Generic[T]):
    """A function from a transaction to a result, with hints of what it will read.

    `run` may be called twice (a batch is tried again when one of its changes fails late): it does nothing but through
    its transaction. The hints only make it quick; a wrong or missing one changes no result.
    """

    run: Callable[[Transaction], T]
    reads: Final[tuple[tuple[KeyedRows, Row], ...]] = ()
    event_ids: Final[tuple[tuple[str, UUID], ...]] = ()
    subjects: Final[tuple[str, ...]] = ()


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
        self._refuse_known(event_key, event.event_id, event.request)
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
        for row in link_rows:
            overlay.subjects[row[0]] = (row[1], index, entry.leaf_hash)
        overlay.events[event_key] = (index, entry.leaf_hash, event.request)
        position.size = index + 1
        position.last_leaf_hash = entry.leaf_hash
        self.appended.append(entry)
        overlay.entries.append(entry)
        for value in personal:
            self.insert(entry, personal_values, field=value.field, person=value.person, ciphertext=value.ciphertext)
        return entry

    def refuse_known(self, actor: str, event_id: UUID, request: bytes | None) -> None:
        """Asks what `append` asks, before a change looks at things that its own first time has altered.

        Raises:
            Replayed: this actor sent this event before.
            EventIdReused: this actor used the event id for other content.
        """
        self._refuse_known((actor, event_id.bytes), event_id, request)

    def get(self, rows: KeyedRows, key: Row) -> Row | None:
        """The values of a row, as the changes before this one in the batch left them."""
        known = self.overlay.row(rows, key)
        if known is not UNKNOWN:
            return known
        values = rows.fetch(self.connection, [key]).get(key)
        self.overlay.rows[rows, key] = values
        return values

    def has_entries(self, subject: Subject) -> bool:
        """Whether any entry is about the subject, those before this change in the batch included."""
        return self._subject_head(subject.key) is not None

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
        _require_nothing_hidden(statement)
        self.flush()
        self._forget_rows(statement.table)
        result: CursorResult[Any] = self.connection.execute(statement.values(entry_index=entry.index))
        return result.rowcount

    def select(self, statement: Executable) -> Sequence[Any]:
        """Reads inside the transaction, this batch's writes included."""
        if not isinstance(statement, Select):
            msg = f"select: expected a SELECT, got {type(statement).__name__}"
            raise UnloggedWrite(msg)
        _require_nothing_hidden(statement)
        self.flush()
        return self.connection.execute(statement).all()

    def flush(self) -> None:
        """Sends what is buffered to the database."""
        self.overlay.flush(self.connection)

    def _refuse_known(self, key: tuple[str, bytes], event_id: UUID, request: bytes | None) -> None:
        entry = self.overlay.event(key)
        if entry is UNKNOWN:
            entry = fetch_events(self.connection, [key]).get(key)
            self.overlay.events[key] = entry
        if entry is None:
            return
        if entry[2] == request:
            replay = Replayed(entry[0], entry[1])
            self.replays.append(replay)
            raise replay
        raise EventIdReused(str(event_id), entry[0])

    def _subject_head(self, key: str) -> SubjectHead | None:
        head = self.overlay.subject(key)
        if head is UNKNOWN:
            head = fetch_subject_heads(self.connection, [key]).get(key)
            self.overlay.subjects[key] = head
        return head

    def _require_own(self, entry: Entry) -> None:
        # By identity: an entry of another change, or of an attempt that was rolled back, may have the same index.
        place = entry.index - self.appended[0].index if self.appended else -1
        if not 0 <= place < len(self.appended) or self.appended[place] is not entry:
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

    def execute(self, statement: Executable) -> Result[Any]:
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
        _require_nothing_hidden(statement)
        return self._connection.execute(statement)


def _require_subject(table: object) -> None:
    if not is_subject(table):
        msg = f"write: expected a subject table, got {getattr(table, 'name', table)}"
        raise UnloggedWrite(msg)


def _require_nothing_hidden(statement: Executable) -> None:
    """Refuses a statement with another write inside it (PostgreSQL runs those in a WITH), or with text as SQL."""
    for element in iterate(cast("ClauseElement", statement)):
        if isinstance(element, UpdateBase | TextClause) and element is not statement:
            msg = f"statement: expected one that only reads beside its own table, got {type(element).__name__} inside"
            raise UnloggedWrite(msg)
