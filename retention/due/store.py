"""The table of the due list.

`retention_items` is no projection of the log but of a day: what everything was judged to be when it was last looked at. It may be
thrown away and made anew, and decides nothing: whoever acts on a row judges the record again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Index, Text, and_, delete, func, insert, select, tuple_

from retention.due.model import Page
from retention.records import Record, RecordKind
from storage.schema import operational_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from retention.due.model import Item, Wanted
    from storage.database import Database
    from storage.scope import Scope
    from storage.transaction import Operation

NEVER: Final = "9999-12-31"
"""How "nobody can tell" and "never" are written, so that they come last."""
NOWHERE: Final = ""
PAGE_MAX: Final = 1_000

retention_items: Final = operational_table(
    "retention_items",
    Column("record_kind", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("class_code", Text, nullable=False),
    Column("record_class", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("next_on", Text, nullable=False),
    Column("schedules", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("judged_on", Text, nullable=False),
    Index(None, "next_on", "record_kind", "record_id"),
    Index(None, "outcome", "next_on", "record_kind", "record_id"),
    Index(None, "class_code", "next_on", "record_kind", "record_id"),
    Index(None, "store", "next_on", "record_kind", "record_id"),
)


def replace_items(database: Database, records: Sequence[Record], items: Sequence[Item]) -> None:
    """Puts `items` in the place of whatever is listed of these records."""
    column = retention_items.c
    ids = [(record.kind.value, record.id) for record in records]

    def run(operation: Operation) -> None:
        operation.execute(delete(retention_items).where(tuple_(column.record_kind, column.record_id).in_(ids)))
        if items:
            operation.execute(insert(retention_items).values([_row(item) for item in items]))

    database.operate(run)


def read_page(connection: Connection, scope: Scope, wanted: Wanted, *, after: Sequence[str] | None, limit: int) -> Page:
    """A page of the list by date, kind and id, behind `after`."""
    column = retention_items.c
    where = and_(*_conditions(scope, wanted))
    key = (column.next_on, column.record_kind, column.record_id)
    statement = select(*key).where(where).order_by(*key)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple(after))
    limit = max(1, min(limit, PAGE_MAX))
    found = [tuple(row) for row in connection.execute(statement.limit(limit + 1))]
    following = found[limit - 1] if len(found) > limit else None
    total = connection.execute(select(func.count()).select_from(retention_items).where(where)).scalar_one()
    records = tuple(Record(RecordKind(kind), record_id) for _, kind, record_id in found[:limit])
    return Page(records, following, total)


def _conditions(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    column = retention_items.c
    found = [scope.store_in(column.store), scope.class_in(column.class_code)]
    if wanted.outcome is not None:
        found.append(column.outcome == wanted.outcome.value)
    if wanted.until is not None:
        found.append(column.next_on <= wanted.until.isoformat())
    if wanted.class_code is not None:
        found.append(column.class_code == wanted.class_code)
    if wanted.store is not None:
        found.append(column.store == wanted.store)
    if wanted.schedule is not None:
        found.append(column.schedules.contains(f" {wanted.schedule}/", autoescape=True))
    if wanted.finding is not None:
        found.append(column.findings.contains(f" {wanted.finding.value}/", autoescape=True))
    if wanted.with_findings:
        found.append(column.findings != " ")
    return found


def _row(item: Item) -> dict[str, Any]:
    return {
        "record_kind": item.record.kind.value,
        "record_id": item.record.id,
        "class_code": item.class_code,
        "record_class": item.record_class,
        "store": item.store or NOWHERE,
        "outcome": item.outcome.value,
        "next_on": NEVER if item.next_on is None else item.next_on.isoformat(),
        "schedules": _spaced(item.schedules),
        "findings": _spaced(item.findings),
        "judged_on": item.judged_on.isoformat(),
    }


def _spaced(words: Sequence[str]) -> str:
    """Words between spaces, so that one is found whole."""
    return " " + "".join(f"{word} " for word in words)
