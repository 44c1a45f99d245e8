"""What is asked of documents for the retention of records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from documents.model import FolderKind, LinkKind, ReviewState
from documents.store import document_fields, document_folders, document_links, documents
from storage.either import select_in

if TYPE_CHECKING:
    from storage.either import Reader

_SURE = (ReviewState.CLEAR.value, ReviewState.CONFIRMED.value)
"""What was read stands without a question, or a person answered it."""


def read_described(reader: Reader, ids: Iterable[str]) -> Sequence[tuple[Any, ...]]:
    """Id, class, stage, store, supplier, when it was added, and the date on its newest version, if that is sure."""
    document, fields = documents.c, document_fields.c
    statement = (
        select(
            document.id,
            document.class_code,
            document.stage,
            document.store,
            document.supplier,
            document.added_at,
            fields.doc_date,
        )
        .select_from(documents)
        .outerjoin(
            document_fields,
            and_(fields.document == document.id, fields.version == document.version, fields.state.in_(_SURE)),
        )
        .where(document.id.in_(sorted(set(ids))))
    )
    return [tuple(row) for row in select_in(reader, statement)]


def read_skus(reader: Reader, ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """The SKUs in whose folders these documents lie."""
    column = document_folders.c
    statement = select(column.document, column.code).where(
        column.document.in_(sorted(set(ids))), column.kind == FolderKind.SKU.value, column.active
    )
    found: dict[str, frozenset[str]] = {}
    for document, sku in select_in(reader, statement):
        found[document] = found.get(document, frozenset()) | {sku}
    return found


def read_invoiced(reader: Reader, ids: Iterable[str]) -> dict[str, list[str | None]]:
    """Of these orders, the dates on the papers that invoice them; None: such a paper is there, and nobody is sure of its date."""
    link, fields, document = document_links.c, document_fields.c, documents.c
    statement = (
        select(link.target, fields.doc_date)
        .select_from(document_links)
        .join(documents, document.id == link.document)
        .outerjoin(
            document_fields,
            and_(fields.document == document.id, fields.version == document.version, fields.state.in_(_SURE)),
        )
        .where(link.target.in_(sorted(set(ids))), link.kind == LinkKind.INVOICES.value, link.active)
    )
    found: dict[str, list[str | None]] = {}
    for order, day in select_in(reader, statement):
        found.setdefault(order, []).append(day)
    return found


def read_ids(reader: Reader, *, after: str, limit: int) -> list[str]:
    """Ids of documents behind one, in order."""
    statement = select(documents.c.id).where(documents.c.id > after).order_by(documents.c.id).limit(limit)
    return [row[0] for row in select_in(reader, statement)]
