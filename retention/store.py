"""The tables of the retention room, and the statements on them.

Projections of the log:
- `retention_schedules`: each version of each rule, never altered; `retention_classes`: under which record class a room's class
  is kept; `retention_year_ends`: how financial years end.
- `retention_triggers`, `retention_facts`: what people recorded of records and of what records share.
- `legal_holds`, `legal_hold_items`: matters, and the records they name; a live query stands in its matter's row.
- `retention_settlements`: findings that somebody dealt with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import Boolean, Column, Connection, Index, Text, and_, select, tuple_

from retention.model import HoldKind, Schedule, Trigger
from retention.records import Matter, Record, RecordedTrigger, RecordKind, TriggerState, YearEnd
from retention.row_values import query_json, query_of, schedule_of
from storage import KeyedRows
from storage.either import select_in
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from storage.either import Reader

Snapshot: TypeAlias = Connection
"""A connection on which a read-only transaction is open (`Database.read`)."""

retention_schedules: Final = subject_table(
    "retention_schedules",
    Column("code", Text, primary_key=True),
    Column("version", BigInt, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
)
retention_classes: Final = subject_table(
    "retention_classes",
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("record_class", Text, nullable=False),
)
retention_year_ends: Final = subject_table(
    "retention_year_ends",
    Column("valid_from", Text, primary_key=True),
    Column("month_day", Text, nullable=False),
)
retention_triggers: Final = subject_table(
    "retention_triggers",
    Column("subject", Text, primary_key=True),
    Column("trigger_kind", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("happened_on", Text),
)
retention_facts: Final = subject_table(
    "retention_facts",
    Column("subject", Text, primary_key=True),
    Column("fact", Text, primary_key=True),
    Column("stands", Boolean, nullable=False),
)
legal_holds: Final = subject_table(
    "legal_holds",
    Column("matter", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("placed_on", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_index", BigInt, nullable=False),
    Column("contemplated_on", Text),
    Column("review_on", Text),
    Column("query", Text),
    Column("released_on", Text),
    Column("released_by", Text),
    Column("owner", Text),
)
legal_hold_items: Final = subject_table(
    "legal_hold_items",
    Column("matter", Text, primary_key=True),
    Column("record_kind", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Index(None, "record_kind", "record_id"),
)
retention_settlements: Final = subject_table(
    "retention_settlements",
    Column("record_kind", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("finding", Text, primary_key=True),
    Column("basis", Text, nullable=False),
    Column("settled_by", Text, nullable=False),
)

SCHEDULES: Final = KeyedRows(retention_schedules, ("code", "version"), ("content",))
CLASSES: Final = KeyedRows(retention_classes, ("kind", "code"), ("record_class",))
YEAR_ENDS: Final = KeyedRows(retention_year_ends, ("valid_from",), ("month_day",))
TRIGGERS: Final = KeyedRows(retention_triggers, ("subject", "trigger_kind"), ("state", "happened_on"))
FACTS: Final = KeyedRows(retention_facts, ("subject", "fact"), ("stands",))
HOLDS: Final = KeyedRows(
    legal_holds,
    ("matter",),
    (
        "kind",
        "placed_on",
        "placed_by",
        "placed_index",
        "contemplated_on",
        "review_on",
        "query",
        "released_on",
        "released_by",
        "owner",
    ),
)
HOLD_ITEMS: Final = KeyedRows(legal_hold_items, ("matter", "record_kind", "record_id"), ())
SETTLEMENTS: Final = KeyedRows(retention_settlements, ("record_kind", "record_id", "finding"), ("basis", "settled_by"))

CHUNK: Final = 500


def read_schedules(reader: Reader) -> list[tuple[Schedule, int]]:
    """Every version of every rule with the entry that added it, by code and version."""
    column = retention_schedules.c
    statement = select(column.content, column.entry_index).order_by(column.code, column.version)
    return [(schedule_of(json.loads(row[0])), row[1]) for row in select_in(reader, statement)]


def read_classes(reader: Reader) -> dict[tuple[str, str], str]:
    """Record classes by kind of record and its room's class."""
    column = retention_classes.c
    return {
        (row[0], row[1]): row[2] for row in select_in(reader, select(column.kind, column.code, column.record_class))
    }


def read_year_ends(reader: Reader) -> list[YearEnd]:
    """How financial years end, the newest first."""
    column = retention_year_ends.c
    rows = select_in(reader, select(column.valid_from, column.month_day).order_by(column.valid_from.desc()))
    return [YearEnd(date.fromisoformat(row[0]), *map(int, row[1].split("-"))) for row in rows]


def read_triggers(reader: Reader, subjects: Iterable[str]) -> dict[str, list[RecordedTrigger]]:
    """What was recorded of each of these subjects."""
    column = retention_triggers.c
    found: dict[str, list[RecordedTrigger]] = {}
    for chunk in _chunks(subjects):
        statement = select(
            column.subject, column.trigger_kind, column.state, column.happened_on, column.entry_index
        ).where(column.subject.in_(chunk))
        for subject, trigger, state, happened_on, index in select_in(reader, statement):
            made = RecordedTrigger(subject, Trigger(trigger), TriggerState(state), _day(happened_on), index)
            found.setdefault(subject, []).append(made)
    return found


def read_facts(reader: Reader, subjects: Iterable[str]) -> dict[str, frozenset[str]]:
    """The facts that stand of each of these subjects."""
    column = retention_facts.c
    found: dict[str, frozenset[str]] = {}
    for chunk in _chunks(subjects):
        statement = select(column.subject, column.fact).where(column.subject.in_(chunk), column.stands)
        for subject, fact in select_in(reader, statement):
            found[subject] = found.get(subject, frozenset()) | {fact}
    return found


def read_live_matters(reader: Reader) -> list[Matter]:
    """Matters that were not released and hold by a query."""
    column = legal_holds.c
    return _matters(reader, and_(column.released_on.is_(None), column.query.is_not(None)))


def read_named_matters(reader: Reader, records: Iterable[Record]) -> dict[Record, list[Matter]]:
    """Matters that were not released and name one of these records."""
    item, hold = legal_hold_items.c, legal_holds.c
    found: dict[Record, list[Matter]] = {}
    columns = [hold[name] for name in ("matter", *HOLDS.values, "entry_index")]
    for kind, ids in _by_kind(records).items():
        for chunk in _chunks(ids):
            statement = (
                select(item.record_id, *columns)
                .select_from(legal_hold_items.join(legal_holds, hold.matter == item.matter))
                .where(item.record_kind == kind.value, item.record_id.in_(chunk), hold.released_on.is_(None))
            )
            for row in select_in(reader, statement):
                found.setdefault(Record(kind, row[0]), []).append(matter_of(tuple(row)[1:]))
    return found


def read_held_entries(reader: Reader) -> list[tuple[int, str]]:
    """Adjustments that standing matters name, with the matter."""
    item, hold = legal_hold_items.c, legal_holds.c
    statement = (
        select(item.record_id, item.matter)
        .select_from(legal_hold_items.join(legal_holds, hold.matter == item.matter))
        .where(item.record_kind == RecordKind.ADJUSTMENT.value, hold.released_on.is_(None))
    )
    return [(int(index), matter) for index, matter in select_in(reader, statement)]


def read_matters(reader: Reader, *, standing: bool | None, after: str, limit: int) -> list[Matter]:
    """A page of matters by number; `standing` None: released ones too."""
    column = legal_holds.c
    where = column.matter > after
    if standing is not None:
        where = and_(where, column.released_on.is_(None) if standing else column.released_on.is_not(None))
    return _matters(reader, where, limit=limit)


def read_matter(reader: Reader, number: str) -> Matter | None:
    """A matter by its number."""
    found = _matters(reader, legal_holds.c.matter == number)
    return found[0] if found else None


def read_hold_items(reader: Reader, matter: str, *, after: Record | None, limit: int) -> list[Record]:
    """A page of the records that a matter names."""
    item = legal_hold_items.c
    statement = select(item.record_kind, item.record_id).where(item.matter == matter)
    if after is not None:
        statement = statement.where(tuple_(item.record_kind, item.record_id) > (after.kind.value, after.id))
    rows = select_in(reader, statement.order_by(item.record_kind, item.record_id).limit(limit))
    return [Record(RecordKind(row[0]), row[1]) for row in rows]


def read_settlements(reader: Reader, records: Iterable[Record]) -> dict[Record, dict[str, str]]:
    """By finding, on what basis somebody dealt with it."""
    column = retention_settlements.c
    found: dict[Record, dict[str, str]] = {}
    for kind, ids in _by_kind(records).items():
        for chunk in _chunks(ids):
            statement = select(column.record_id, column.finding, column.basis).where(
                column.record_kind == kind.value, column.record_id.in_(chunk)
            )
            for record_id, finding, basis in select_in(reader, statement):
                found.setdefault(Record(kind, record_id), {})[finding] = basis
    return found


def matter_of(row: Sequence[Any]) -> Matter:
    """A matter from its row: number, the values of `HOLDS`, the entry."""
    (
        number,
        kind,
        placed_on,
        placed_by,
        placed_index,
        contemplated,
        review,
        query,
        released_on,
        released_by,
        owner,
        index,
    ) = row
    return Matter(
        number=number,
        kind=HoldKind(kind),
        placed_on=date.fromisoformat(placed_on),
        placed_by=placed_by,
        placed_index=placed_index,
        contemplated_on=_day(contemplated),
        review_on=_day(review),
        query=None if query is None else query_of(json.loads(query)),
        released_on=_day(released_on),
        released_by=released_by,
        owner=owner,
        entry_index=index,
    )


def matter_row(matter: Matter) -> tuple[Any, ...]:
    """The values in `HOLDS` of a matter."""
    return (
        matter.kind.value,
        matter.placed_on.isoformat(),
        matter.placed_by,
        matter.placed_index,
        _text(matter.contemplated_on),
        _text(matter.review_on),
        None if matter.query is None else json.dumps(query_json(matter.query), sort_keys=True, ensure_ascii=False),
        _text(matter.released_on),
        matter.released_by,
        matter.owner,
    )


def _matters(reader: Reader, where: Any, *, limit: int | None = None) -> list[Matter]:
    columns = [legal_holds.c[name] for name in ("matter", *HOLDS.values, "entry_index")]
    statement = select(*columns).where(where).order_by(legal_holds.c.matter)
    if limit is not None:
        statement = statement.limit(limit)
    return [matter_of(tuple(row)) for row in select_in(reader, statement)]


def _by_kind(records: Iterable[Record]) -> Mapping[RecordKind, list[str]]:
    found: dict[RecordKind, list[str]] = {}
    for record in records:
        found.setdefault(record.kind, []).append(record.id)
    return found


def _chunks(values: Iterable[str]) -> list[list[str]]:
    wanted = sorted(set(values))
    return [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
