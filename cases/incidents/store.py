"""The tables of incidents and of the Commissioner's notices: a projection of the log.

`breaches`, `enforcement_notices` with `enforcement_directions`, and `cessations`. A breach's timeline has no table: it is the
breach's own chain of entries. Days are ISO 8601 text, times microseconds since 1970.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, Index, Integer, Text, select

from audit.event import time_of, time_us
from cases.incidents.model import (
    Breach,
    BreachKind,
    BreachState,
    Cessation,
    CessationState,
    Direction,
    Enforcement,
    Regime,
)
from cases.store import PAGE_MAX, read_newest
from storage import KeyedRows
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from audit.entry import Entry
    from stock.model import Page
    from storage import Transaction

breaches: Final = subject_table(
    "breaches",
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("regimes", Text, nullable=False),
    Column("designated", Boolean, nullable=False),
    Column("known_at", BigInt, nullable=False),
    Column("people", BigInt),
    Column("data_kinds", Text, nullable=False),
    Column("processor", Text),
    Column("reference", Text),
    Column("notify_authority", Boolean),
    Column("notify_people", Boolean),
    Column("opened_index", BigInt, nullable=False),
    Index(None, "opened_index"),
)
enforcement_notices: Final = subject_table(
    "enforcement_notices",
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("served_on", Text, nullable=False),
    Column("opened_index", BigInt, nullable=False),
)
enforcement_directions: Final = subject_table(
    "enforcement_directions",
    Column("notice", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("due_on", Text, nullable=False),
    Column("met_on", Text),
    Column("met_index", BigInt),
)
cessations: Final = subject_table(
    "cessations",
    Column("id", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("served_on", Text, nullable=False),
    Column("opened_index", BigInt, nullable=False),
    Index(None, "document"),
)


BREACHES: Final = KeyedRows.of(breaches, "id")
ENFORCEMENTS: Final = KeyedRows.of(enforcement_notices, "id")
DIRECTIONS: Final = KeyedRows.of(enforcement_directions, "notice", "number")
CESSATIONS: Final = KeyedRows.of(cessations, "id")


def breach_of(breach: str, row: Sequence[Any], entry_index: int = -1) -> Breach:
    """A breach from its row."""
    state, kind, regimes, designated, known_at, people, data_kinds, *rest = row
    processor, reference, authority, told, opened = rest
    return Breach(
        breach,
        BreachState(state),
        BreachKind(kind),
        frozenset(map(Regime, regimes.split())),
        bool(designated),
        time_of(known_at),
        people,
        frozenset(data_kinds.split()),
        processor,
        reference,
        None if authority is None else bool(authority),
        None if told is None else bool(told),
        opened,
        entry_index,
    )


def put_breach(tx: Transaction, entry: Entry, breach: Breach) -> None:
    """Writes a breach's row under the entry that changes it."""
    values = (
        breach.state.value,
        breach.kind.value,
        " ".join(sorted(breach.regimes)),
        breach.designated,
        time_us(breach.known_at),
        breach.people,
        " ".join(sorted(breach.data_kinds)),
        breach.processor,
        breach.reference,
        breach.notify_authority,
        breach.notify_people,
        breach.opened_index,
    )
    tx.put(entry, BREACHES, (breach.id,), values)


def put_direction(tx: Transaction, entry: Entry, direction: Direction) -> None:
    """Writes a direction's row."""
    met = None if direction.met_on is None else direction.met_on.isoformat()
    values = (direction.due_on.isoformat(), met, direction.met_index)
    tx.put(entry, DIRECTIONS, (direction.notice, direction.number), values)


def direction_of(notice: str, number: int, row: Sequence[Any]) -> Direction:
    """A direction from its row."""
    due, met, index = row
    return Direction(notice, number, date.fromisoformat(due), None if met is None else date.fromisoformat(met), index)


def cessation_of(cessation: str, row: Sequence[Any], entry_index: int = -1) -> Cessation:
    """A cessation from its row."""
    document, state, reference, served, opened = row
    served_on = date.fromisoformat(served)
    return Cessation(cessation, document, CessationState(state), reference, served_on, opened, entry_index)


def put_cessation(tx: Transaction, entry: Entry, found: Cessation) -> None:
    """Writes a cessation's row."""
    values = (found.document, found.state.value, found.reference, found.served_on.isoformat(), found.opened_index)
    tx.put(entry, CESSATIONS, (found.id,), values)


def enforcement_in(tx: Transaction, notice: str) -> Enforcement | None:
    """An enforcement notice, as the transaction sees it."""
    row = tx.get(ENFORCEMENTS, (notice,))
    return None if row is None else _enforcement(notice, row, tx.select(_directions_of(notice)))


def is_reported(tx: Transaction, processor: str, reference: str | None) -> bool:
    """Whether a processor's incident is in the register."""
    column = breaches.c
    statement = select(column.id).where(column.processor == processor, column.reference == reference)
    return reference is not None and bool(tx.select(statement))


def read_breach(connection: Connection, breach: str) -> Breach | None:
    """One breach."""
    column = breaches.c
    statement = select(*(column[name] for name in (*BREACHES.values, "entry_index"))).where(column.id == breach)
    row = connection.execute(statement).one_or_none()
    return None if row is None else breach_of(breach, tuple(row)[:-1], row[-1])


def read_breaches(
    connection: Connection, *, state: BreachState | None, after: Sequence[str] | None, limit: int
) -> Page[Breach]:
    """Breaches, the newest first."""
    conditions = () if state is None else (breaches.c.state == state.value,)
    return read_newest(connection, BREACHES, breach_of, conditions, after=after, limit=limit)


def read_enforcements(connection: Connection) -> list[Enforcement]:
    """Every enforcement notice, the newest first."""
    column = enforcement_notices.c
    statement = select(column.id, *(column[name] for name in ENFORCEMENTS.values)).order_by(column.opened_index.desc())
    return [
        _enforcement(row[0], tuple(row)[1:], connection.execute(_directions_of(row[0])).all())
        for row in connection.execute(statement.limit(PAGE_MAX)).all()
    ]


def read_cessations(connection: Connection) -> list[Cessation]:
    """Every cessation notice, the newest first."""
    return list(read_newest(connection, CESSATIONS, cessation_of, limit=PAGE_MAX).items)


def _directions_of(notice: str) -> Any:
    column = enforcement_directions.c
    statement = select(column.number, *(column[name] for name in DIRECTIONS.values))
    return statement.where(column.notice == notice).order_by(column.number)


def _enforcement(notice: str, row: Sequence[Any], directions: Sequence[Any]) -> Enforcement:
    reference, served, opened = row
    found = tuple(direction_of(notice, one[0], tuple(one)[1:]) for one in directions)
    return Enforcement(notice, reference, date.fromisoformat(served), found, opened)
