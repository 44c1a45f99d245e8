"""The table of marks: which documents are blocked or kept as they are, and for which matter.

A mark stands as long as one matter wants it. `blocked`: a cessation notice (PDPO s.66M); nobody reads the document but who carries
such notices out. `kept`: a data access request found it (s.19(3)(a)); nobody changes or withdraws it until the request is answered.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, Index, Text, select

from storage import KeyedRows
from storage.schema import subject_table

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Select

    from audit.entry import Entry
    from storage import Transaction

document_marks: Final = subject_table(
    "document_marks",
    Column("document", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("matter", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Index(None, "kind", "active"),
)
MARKS: Final = KeyedRows(document_marks, ("document", "kind", "matter"), ("active",))


class Mark(StrEnum):
    """What a document is marked as."""

    BLOCKED = "blocked"
    KEPT = "kept"


def put_mark(tx: Transaction, entry: Entry, document: str, mark: Mark, matter: str, *, active: bool) -> None:
    """Marks a document for a matter, or takes that matter's mark off, under the entry that says so."""
    tx.put(entry, MARKS, (document, mark.value, matter), (active,))


def marks_in(tx: Transaction, document: str) -> frozenset[Mark]:
    """The marks a document bears, as the transaction sees it."""
    column = document_marks.c
    statement = select(column.kind).where(column.document == document, column.active)
    return frozenset(Mark(row[0]) for row in tx.select(statement))


def read_marks(connection: Connection, document: str) -> frozenset[Mark]:
    """The marks a document bears."""
    column = document_marks.c
    statement = select(column.kind).where(column.document == document, column.active)
    return frozenset(Mark(row[0]) for row in connection.execute(statement))


def read_blocked(connection: Connection, documents: Collection[str]) -> frozenset[str]:
    """Which of these documents are blocked."""
    wanted = sorted(documents)
    if not wanted:
        return frozenset()
    return frozenset(row[0] for row in connection.execute(blocked().where(document_marks.c.document.in_(wanted))))


def blocked() -> Select[Any]:
    """The ids of all blocked documents."""
    column = document_marks.c
    return select(column.document).where(column.kind == Mark.BLOCKED.value, column.active)
