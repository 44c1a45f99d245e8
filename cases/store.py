"""The tables of requests: a projection of the log. Rows name the entry that wrote them last.

- `cases`: requests as they stand; `case_items`: what was held at receipt; `case_proposals`: refusals before a second person; `disclosures`: who was given what, and when.
- `case_recipients`: who is to be told of a correction; `case_corrections`: what was superseded, and by what;
  `dispute_notes`: what must travel with an item.
- The log book has no table: it is read from the entries themselves (`cases.log_book`).

Days are ISO 8601 text in Hong Kong's calendar, amounts are cents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Text, and_, false, func, or_, select

from audit.event import time_us
from cases.model import CaseKind, CaseState, ItemKind, RecipientTask
from cases.row_values import case_of, disclosure_of, item_of, proposal_of
from stock.model import Page
from storage import KeyedRows
from storage.either import select_in
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import ColumnElement, Connection

    from audit.entry import Entry
    from cases.model import Case, Disclosure, Item, Proposal
    from storage import Transaction
    from storage.either import Reader

T = TypeVar("T")

PAGE_MAX: Final = 1000
_OPEN: Final = (CaseState.OPEN.value, CaseState.INTERIM.value)

cases: Final = subject_table(
    "cases",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("requestor", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("received_on", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("items", Integer, nullable=False),
    Column("snapshot", LargeBinary),
    Column("fee", BigInt),
    Column("fee_paid", Boolean, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("refused_whole", Boolean, nullable=False),
    Column("interim_on", Text),
    Column("final_notice", BigInt),
    Column("reminded", Integer, nullable=False),
    Column("opened_index", BigInt, nullable=False),
    Index(None, "opened_index"),
    Index(None, "state", "received_on"),
    Index(None, "person"),
)
case_items: Final = subject_table(
    "case_items",
    Column("case_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("third_party", Boolean, nullable=False),
    Column("consented", Boolean, nullable=False),
    Column("handling", Text, nullable=False),
    Column("refusal", BigInt),
    Column("marked_index", BigInt),
    Column("gone", Boolean, nullable=False),
)
case_proposals: Final = subject_table(
    "case_proposals",
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("exemption", Text),
    Column("evidence", Text),
    Column("prejudice", Boolean, nullable=False),
    Column("items", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("expires_at", BigInt, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_index", BigInt, nullable=False),
    Index(None, "case_id"),
)
disclosures: Final = subject_table(
    "disclosures",
    Column("id", BigInt, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("disclosed_on", Text, nullable=False),
    Column("still_using", Boolean, nullable=False),
    Index(None, "kind", "ref"),
)
case_recipients: Final = subject_table(
    "case_recipients",
    Column("case_id", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("disclosure", BigInt, nullable=False),
    Column("told_index", BigInt),
)
case_corrections: Final = subject_table(
    "case_corrections",
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("superseded_by", Text, nullable=False),
    Column("corrected_on", Text, nullable=False),
    Index(None, "case_id"),
)
dispute_notes: Final = subject_table(
    "dispute_notes",
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("noted_index", BigInt, nullable=False),
    Index(None, "case_id"),
)


CASES: Final = KeyedRows.of(cases, "id")
ITEMS: Final = KeyedRows.of(case_items, "case_id", "number")
PROPOSALS: Final = KeyedRows.of(case_proposals, "id")
DISCLOSURES: Final = KeyedRows.of(disclosures, "id")
RECIPIENTS: Final = KeyedRows.of(case_recipients, "case_id", "recipient")
CORRECTIONS: Final = KeyedRows.of(case_corrections, "kind", "ref")
NOTES: Final = KeyedRows.of(dispute_notes, "kind", "ref")


# ------------------------------------------------------------------------------------ rows and values


def put_case(tx: Transaction, entry: Entry, case: Case) -> None:
    """Writes a case's row under the entry that changes it."""
    values = (
        case.kind.value,
        case.state.value,
        case.channel.value,
        case.language.value,
        case.requestor,
        case.person,
        case.received_on.isoformat(),
        case.identity.value,
        case.items,
        case.snapshot,
        case.fee,
        case.fee_paid,
        case.refusals,
        case.refused_whole,
        None if case.interim_on is None else case.interim_on.isoformat(),
        case.final_notice,
        case.reminded,
        case.opened_index,
    )
    tx.put(entry, CASES, (case.id,), values)


def put_item(tx: Transaction, entry: Entry, item: Item) -> None:
    """Writes an item's row under the entry that changes it."""
    values = (
        item.kind.value,
        item.ref,
        item.version,
        item.digest,
        item.third_party,
        item.consented,
        item.handling.value,
        item.refusal,
        item.marked_index,
        False,
    )
    tx.put(entry, ITEMS, (item.case, item.number), values)


def put_gone(tx: Transaction, entry: Entry, case: str, number: int) -> None:
    """Says that a later search found fewer items."""
    row = tx.get(ITEMS, (case, number))
    if row is not None:
        tx.put(entry, ITEMS, (case, number), (*row[:-1], True))


def put_proposal(tx: Transaction, entry: Entry, found: Proposal) -> None:
    """Writes a proposed refusal's row under the entry that changes it."""
    values = (
        found.case,
        found.ground,
        None if found.exemption is None else found.exemption.value,
        found.evidence,
        found.prejudice,
        " ".join(str(number) for number in found.items),
        found.proposed_by,
        time_us(found.expires_at),
        found.state.value,
        found.proposed_index,
    )
    tx.put(entry, PROPOSALS, (found.id,), values)


# ------------------------------------------------------------------------------------ inside a change


def items_in(tx: Transaction, case: str) -> list[Item]:
    """The items of a case, as the transaction sees them."""
    return _items(tx.select(_items_of(case)))


def earlier_in(tx: Transaction, case: Case) -> int:
    """How many requests of the same kind of the same person came before."""
    column = cases.c
    statement = select(func.count()).where(
        column.person == case.person, column.kind == case.kind.value, column.opened_index < case.opened_index
    )
    return int(tx.select(statement)[0][0])


def corrections_in(tx: Transaction, case: str) -> list[tuple[ItemKind, str]]:
    """What a case corrected."""
    column = case_corrections.c
    statement = select(column.kind, column.ref).where(column.case_id == case).order_by(column.kind, column.ref)
    return [(ItemKind(row[0]), row[1]) for row in tx.select(statement)]


def notes_in(tx: Transaction, case: str) -> int:
    """How many dispute notes a case attached."""
    return len(tx.select(select(dispute_notes.c.ref).where(dispute_notes.c.case_id == case)))


def disclosures_in(tx: Transaction, refs: Collection[tuple[ItemKind, str]]) -> list[Disclosure]:
    """Disclosures of some items, in the order of the log."""
    column = disclosures.c
    names = ("id", *DISCLOSURES.values)
    wanted = [and_(column.kind == kind.value, column.ref == ref) for kind, ref in refs]
    if not wanted:
        return []
    statement = select(*(column[name] for name in names)).where(or_(*wanted)).order_by(column.id)
    return [disclosure_of(tuple(row)) for row in tx.select(statement)]


# ------------------------------------------------------------------------------------------- reading


def read_case(connection: Connection, case: str) -> Case | None:
    """One case."""
    column = cases.c
    statement = select(*(column[name] for name in (*CASES.values, "entry_index"))).where(column.id == case)
    row = connection.execute(statement).one_or_none()
    return None if row is None else case_of(case, tuple(row)[:-1], row[-1])


def read_cases(
    connection: Connection,
    *,
    kind: CaseKind | None = None,
    state: CaseState | None = None,
    after: Sequence[str] | None = None,
    limit: int,
) -> Page[Case]:
    """Cases, the newest first."""
    column = cases.c
    conditions = [column.kind == kind.value] if kind is not None else []
    if state is not None:
        conditions.append(column.state == state.value)
    return read_newest(connection, CASES, case_of, conditions, after=after, limit=limit)


def read_newest(
    connection: Connection,
    rows: KeyedRows,
    make: Callable[[str, Sequence[Any], int], T],
    conditions: Sequence[ColumnElement[bool]] = (),
    *,
    after: Sequence[str] | None = None,
    limit: int,
) -> Page[T]:
    """One page of a table that knows by which entry each thing was opened, the newest first.

    Args:
        make: turns an id, the values of its row and its last entry into the thing.
        conditions: which rows; none is all of them.
    """
    column = rows.table.c
    statement = select(*(column[name] for name in ("id", *rows.values, "entry_index"))).where(*conditions)
    if after is not None:
        statement = statement.where(column.opened_index < int(after[0]))
    limit = max(1, min(limit, PAGE_MAX))
    found = connection.execute(statement.order_by(column.opened_index.desc()).limit(limit + 1)).all()
    page = tuple(make(row[0], tuple(row)[1:-1], row[-1]) for row in found[:limit])
    return Page(page, (str(found[limit - 1].opened_index),) if len(found) > limit else None)


def needing(reader: Reader, person: str) -> list[str]:
    """Ids of requests by or about a person that are not closed."""
    column = cases.c
    statement = select(column.id).where(
        column.state != CaseState.CLOSED.value, or_(column.person == person, column.requestor == person)
    )
    return [row[0] for row in select_in(reader, statement.order_by(column.id))]


def read_open(connection: Connection) -> list[Case]:
    """Every case that is still to be answered, the oldest first."""
    column = cases.c
    statement = select(*(column[name] for name in ("id", *CASES.values, "entry_index")))
    statement = statement.where(column.state.in_(_OPEN)).order_by(column.received_on, column.id)
    return [case_of(row[0], tuple(row)[1:-1], row[-1]) for row in connection.execute(statement)]


def read_items(connection: Connection, case: str) -> list[Item]:
    """The items of a case by number."""
    return _items(connection.execute(_items_of(case)).all())


def read_proposals(connection: Connection, case: str) -> list[Proposal]:
    """Refusals that were proposed for a case, in the order of the log."""
    column = case_proposals.c
    statement = select(column.id, *(column[name] for name in PROPOSALS.values)).where(column.case_id == case)
    rows = connection.execute(statement.order_by(column.proposed_index))
    return [proposal_of(row[0], tuple(row)[1:]) for row in rows]


def read_tasks(connection: Connection, case: str | None = None) -> list[RecipientTask]:
    """Who is to be told of corrections: of one case, or all that were not told."""
    column = case_recipients.c
    statement = select(column.case_id, column.recipient, column.disclosure, column.told_index)
    statement = statement.where(column.told_index.is_(None) if case is None else column.case_id == case)
    rows = connection.execute(statement.order_by(column.case_id, column.recipient))
    return [RecipientTask(*row) for row in rows]


def read_disclosures(connection: Connection, kind: ItemKind, ref: str) -> list[Disclosure]:
    """Disclosures of an item, in the order of the log."""
    column = disclosures.c
    statement = select(*(column[name] for name in ("id", *DISCLOSURES.values)))
    statement = statement.where(column.kind == kind.value, column.ref == ref).order_by(column.id)
    return [disclosure_of(tuple(row)) for row in connection.execute(statement)]


def read_superseded(connection: Connection, kind: ItemKind, refs: Collection[str]) -> dict[str, str]:
    """Which of these items were corrected, and what supersedes each."""
    column = case_corrections.c
    statement = select(column.ref, column.superseded_by).where(column.kind == kind.value, column.ref.in_(list(refs)))
    return {row[0]: row[1] for row in connection.execute(statement)}


def count_corrections(connection: Connection, case: str) -> int:
    """How many items a case corrected."""
    statement = select(func.count()).where(case_corrections.c.case_id == case)
    return int(connection.execute(statement).scalar_one())


def read_notes(connection: Connection, kind: ItemKind, stem: str) -> list[tuple[str, str, int]]:
    """Notes on an item and on what is inside it: its ref, the case, and the entry beside which the text lies."""
    column = dispute_notes.c
    within = or_(column.ref == stem, column.ref.startswith(f"{stem}/", autoescape=True))
    statement = select(column.ref, column.case_id, column.noted_index).where(column.kind == kind.value, within)
    return [(row[0], row[1], row[2]) for row in connection.execute(statement.order_by(column.ref))]


def _items_of(case: str) -> Any:
    column = case_items.c
    statement = select(*(column[name] for name in ("number", *ITEMS.values)), column.case_id)
    return statement.where(column.case_id == case, column.gone == false()).order_by(column.number)


def _items(rows: Sequence[Any]) -> list[Item]:
    return [item_of(row[-1], row[0], tuple(row)[1:-1]) for row in rows]
