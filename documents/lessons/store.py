"""Which papers of a supplier people have looked at: the rows that lessons are made from.

Only papers that anybody of their store may read teach: none that is sensitive, in quarantine, blocked or gone. So what was
destroyed teaches nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from documents.marks.store import blocked
from documents.model import ReviewState
from documents.rules import VISIBLE
from documents.store import document_classes, document_corrections, document_fields, documents

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A paper that a person looked at; `paths` are the fields among those asked for that were corrected on it."""

    document: str
    version: int
    paths: frozenset[str]


def read_mark(connection: Connection, supplier: str, paths: Collection[str]) -> tuple[int, int]:
    """How many corrections of these fields stand on the supplier's papers, and the entry of the newest; (0, -1): none."""
    wrote = document_corrections.c
    statement = select(func.count(), func.coalesce(func.max(wrote.entry_index), -1))
    statement = statement.join_from(document_corrections, documents, _is_of_newest_version())
    found = connection.execute(statement.where(wrote.path.in_(paths), _teaches(supplier))).one()
    return int(found[0]), int(found[1])


def read_looked_at(connection: Connection, supplier: str, paths: Collection[str], limit: int) -> tuple[LookedAt, ...]:
    """The supplier's newest papers on which one of these fields was corrected, and those confirmed as they were read."""
    column, wrote = documents.c, document_corrections.c
    corrected = (
        select(column.id, column.version, wrote.path)
        .join_from(document_corrections, documents, _is_of_newest_version())
        .where(wrote.path.in_(paths), _teaches(supplier))
        .order_by(column.added_index.desc())
        .limit(limit * len(paths))
    )
    found: dict[tuple[str, int], set[str]] = {}
    for document, version, path in connection.execute(corrected):
        if (document, version) in found or len(found) < limit:
            found.setdefault((document, version), set()).add(path)
    kept = document_fields.c
    confirmed = (
        select(column.id, column.version)
        .join_from(documents, document_fields, and_(kept.document == column.id, kept.version == column.version))
        .where(kept.state == ReviewState.CONFIRMED.value, _teaches(supplier))
        .order_by(column.added_index.desc())
        .limit(limit)
    )
    for document, version in connection.execute(confirmed):
        found.setdefault((document, version), set())
    return tuple(LookedAt(document, version, frozenset(paths)) for (document, version), paths in found.items())


def _is_of_newest_version() -> ColumnElement[bool]:
    wrote = document_corrections.c
    return and_(wrote.document == documents.c.id, wrote.version == documents.c.version)


def _teaches(supplier: str) -> ColumnElement[bool]:
    column = documents.c
    sensitive = select(document_classes.c.code).where(document_classes.c.sensitive)
    return and_(
        column.supplier == supplier,
        column.stage.in_([stage.value for stage in VISIBLE]),
        column.class_code.not_in(sensitive),
        column.id.not_in(blocked()),
    )
