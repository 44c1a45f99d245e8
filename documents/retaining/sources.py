"""Documents as the retention room sees them, through its ports.

- The date on a paper counts only where nothing in it is open to question (PDPO DPP2(1): no doubtful data is used), and only if it
  is not after the day it was added: a paper from the future was misread.
- A transaction is completed on the date of its paper; an order, on the date of the last paper that invoices it. Without that date
  nobody knows, and the retention room asks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from audit.event import time_of
from documents.classes import PURCHASE_ORDER
from documents.model import Stage
from documents.retaining import store as rows
from retention.model import Trigger
from retention.records import Described, Record, RecordKind, RecordState
from retention.rules import hong_kong_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.either import Reader

_STATES: Final = {
    "destroying": RecordState.DESTROYING,
    Stage.WITHDRAWN.value: RecordState.DESTROYING,
    Stage.DESTROYED.value: RecordState.DESTROYED,
}


class DocumentRecords:
    """Documents."""

    @property
    def kinds(self) -> frozenset[RecordKind]:
        """The kinds of this room."""
        return frozenset({RecordKind.DOCUMENT})

    def describe(self, reader: Reader, records: Sequence[Record]) -> dict[Record, Described]:
        """What these documents are; those that are not there are absent."""
        ids = [record.id for record in records]
        skus = rows.read_skus(reader, ids)
        found: dict[Record, Described] = {}
        orders: list[str] = []
        for document, class_code, stage, store, supplier, added_at, doc_date in rows.read_described(reader, ids):
            created_on = hong_kong_day(time_of(added_at))
            dated_on = _sure(doc_date, created_on)
            record = Record(RecordKind.DOCUMENT, document)
            if class_code == PURCHASE_ORDER:
                orders.append(document)
            found[record] = Described(
                record,
                class_code=class_code,
                created_on=created_on,
                state=_STATES.get(stage, RecordState.KEPT),
                store=store or None,
                supplier=supplier or None,
                skus=skus.get(document, frozenset()),
                dated_on=dated_on,
                triggers=_dated(dated_on),
            )
        for document, days in rows.read_invoiced(reader, orders).items() if orders else ():
            record = Record(RecordKind.DOCUMENT, document)
            found[record] = _closed(found[record], days)
        return found

    def walk(self, reader: Reader, kind: RecordKind, *, after: str, limit: int) -> Sequence[Record]:
        """Documents by id, behind `after`."""
        return [Record(kind, document) for document in rows.read_ids(reader, after=after, limit=limit)]


def _dated(day: date | None) -> dict[Trigger, date | None]:
    """What the date on a paper starts."""
    if day is None:
        return {}
    return {Trigger.TRANSACTION_COMPLETED: day, Trigger.ACQUIRED: day}


def _closed(described: Described, days: Iterable[str | None]) -> Described:
    """An order with what invoices say of when it was closed; one invoice of unsure date leaves it unknown."""
    sure = [None if day is None else date.fromisoformat(day) for day in days]
    if None in sure:
        return described
    last = max(day for day in sure if day is not None)
    completed = max(last, described.dated_on or last)
    return replace(
        described,
        triggers={**described.triggers, Trigger.PO_CLOSED: last, Trigger.TRANSACTION_COMPLETED: completed},
    )


def _sure(text: str | None, added_on: date) -> date | None:
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found <= added_on else None
