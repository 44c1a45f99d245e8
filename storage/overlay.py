"""What a batch has read and written so far, kept in memory until it is flushed in bulk.

Entries go first, then their subjects, then subject rows: foreign keys and guards want that order.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from audit.entry import columns_of
from storage.rows import KeyedRows, ask, insert_rows
from storage.schema import entries, entry_subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from sqlalchemy import Connection, Table

    from audit.entry import Entry

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


class Unknown(Enum):
    """That nothing is known here, which is something else than that there is nothing."""

    UNKNOWN = 0


UNKNOWN: Final = Unknown.UNKNOWN


class Learned(NamedTuple):
    """What the database said of rows, subjects and event ids; None where there is nothing."""

    rows: dict[tuple[KeyedRows, Row], Row | None]
    subjects: dict[str, SubjectHead | None]
    events: dict[tuple[str, bytes], Known | None]


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

    def row(self, rows: KeyedRows, key: Row) -> Row | Unknown | None:
        """The row's values as known here; None if there is no such row."""
        found = self.rows.get((rows, key), UNKNOWN)
        return self.parent.row(rows, key) if found is UNKNOWN and self.parent is not None else found

    def subject(self, key: str) -> SubjectHead | Unknown | None:
        """The subject's head as known here; None if it has no entry."""
        found = self.subjects.get(key, UNKNOWN)
        return self.parent.subject(key) if found is UNKNOWN and self.parent is not None else found

    def event(self, key: tuple[str, bytes]) -> Known | Unknown | None:
        """Which entry uses the event id, as known here; None if none does."""
        found = self.events.get(key, UNKNOWN)
        return self.parent.event(key) if found is UNKNOWN and self.parent is not None else found

    def absorb(self, child: Overlay) -> None:
        """Takes over what a child learned and wrote; its inserts must have been flushed."""
        self.rows.update(child.rows)
        self.subjects.update(child.subjects)
        self.events.update(child.events)

    def flush(self, connection: Connection) -> None:
        """Sends what is buffered here to the database."""
        if self.entries:
            rows = [(entry.index, entry.bytes, entry.leaf_hash, *columns_of(entry)) for entry in self.entries]
            insert_rows(connection, entries, ENTRY_COLUMNS, rows)
            insert_rows(connection, entry_subjects, SUBJECT_COLUMNS, self.links)
            self.entries = []
            self.links = []
        for keyed, written in self.puts.items():
            keyed.upsert(connection, list(written.values()))
        self.puts.clear()
        for table, pending in self.inserts.items():
            by_names: dict[tuple[str, ...], list[Row]] = {}
            for names, values in pending:
                by_names.setdefault(names, []).append(values)
            for names, values_list in by_names.items():
                insert_rows(connection, table, names, values_list)
        self.inserts.clear()

    def ask(
        self,
        connection: Connection,
        *,
        reads: Iterable[tuple[KeyedRows, Row]],
        subjects: Iterable[str],
        event_ids: Iterable[tuple[str, UUID]],
    ) -> Callable[[], Learned]:
        """Asks for those rows, subject heads and event ids that are not known here, one query a table.

        A parent is not asked. What is returned gives what there is, None where there is nothing.
        """
        wanted: dict[KeyedRows, dict[Row, None]] = {}
        known = self.rows
        for read in reads:
            if read not in known:
                wanted.setdefault(read[0], {})[read[1]] = None
        rows = [(keyed, keys, keyed.ask(connection, list(keys))) for keyed, keys in wanted.items()]
        unknown = dict.fromkeys([subject for subject in subjects if subject not in self.subjects])
        heads = ask_subject_heads(connection, list(unknown)) if unknown else dict
        asked = dict.fromkeys([(actor, event_id.bytes) for actor, event_id in event_ids])
        if self.events:
            asked = {key: None for key in asked if key not in self.events}
        events = ask_events(connection, list(asked)) if asked else dict

        def learned() -> Learned:
            found = {
                (keyed, key): values.get(key) for keyed, keys, given in rows for values in (given(),) for key in keys
            }
            return Learned(found, {**unknown, **heads()}, {**asked, **events()})

        return learned

    def learn(self, learned: Learned) -> None:
        """Keeps what was found."""
        self.rows.update(learned.rows)
        self.subjects.update(learned.subjects)
        self.events.update(learned.events)


def fetch_subject_heads(connection: Connection, keys: Sequence[str]) -> dict[str, SubjectHead]:
    """Where the chains of those subjects stand; absent if they have no entry."""
    return ask_subject_heads(connection, keys)()


def ask_subject_heads(connection: Connection, keys: Sequence[str]) -> Callable[[], dict[str, SubjectHead]]:
    """As `fetch_subject_heads`; what is returned gives them."""
    rows = ask(connection, (("subject", "text"),), [(key,) for key in keys], _HEADS)
    return lambda: {row[0]: (row[1], row[2], bytes(row[3])) for row in rows()}


def fetch_events(connection: Connection, keys: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], Known]:
    """Which of those (actor, event id) pairs are in the log."""
    return ask_events(connection, keys)()


def ask_events(
    connection: Connection, keys: Sequence[tuple[str, bytes]]
) -> Callable[[], dict[tuple[str, bytes], Known]]:
    """As `fetch_events`; what is returned gives them."""
    rows = ask(connection, (("actor", "text"), ("event_id", "bytea")), keys, _EVENTS)
    return lambda: {
        (actor, bytes(event_id)): (index, bytes(leaf_hash), None if request is None else bytes(request))
        for actor, event_id, index, leaf_hash, request in rows()
    }


_HEADS: Final = (
    "SELECT s.subject, s.position, s.entry_index, e.leaf_hash FROM k "
    "JOIN entry_subjects s ON s.subject = k.subject "
    "AND s.position = (SELECT max(t.position) FROM entry_subjects t WHERE t.subject = k.subject) "
    "JOIN entries e ON e.entry_index = s.entry_index"
)
_EVENTS: Final = (
    "SELECT e.actor, e.event_id, e.entry_index, e.leaf_hash, e.request FROM k "
    "JOIN entries e ON e.actor = k.actor AND e.event_id = k.event_id"
)
