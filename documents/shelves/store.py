"""Lists as callers see them: documents, folders, questions. Reading only; every list is limited to what may be seen.

Documents come newest first, by the entry that added them; folders by kind and code. A page stays where it is while rows are
added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, assert_never

from sqlalchemy import and_, false, func, literal, not_, or_, select, union_all

from audit.event import time_of
from documents.classes import PURCHASE_ORDER
from documents.model import Folder, FolderKind, Link, LinkKind, ReviewState, Stage
from documents.row_values import class_of, document_of, fields_of, supplier_of
from documents.rules import VISIBLE
from documents.store import (
    CLASSES,
    DOCUMENTS,
    FIELDS,
    NOWHERE,
    SUPPLIERS,
    document_classes,
    document_fields,
    document_folders,
    document_links,
    document_notes,
    document_tags,
    document_versions,
    documents,
    suppliers,
)
from documents.succession.store import Superseded, is_superseded, seen
from stock.model import Page
from stock.store import skus
from storage.row_security import narrowed
from storage.scope import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from documents.model import Document, DocumentClass, FieldsRow, Supplier
    from storage import Transaction
    from storage.scope import Scope

PAGE_MAX: Final = 1000
TARGETS: Final = 500
"""Links that are looked for in one statement."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of documents is limited to; None: not by this."""

    store: str | None = None
    class_code: str | None = None
    supplier: str | None = None
    stage: Stage | None = None
    number: str | None = None
    folder: Folder | None = None
    tag: str | None = None
    review: ReviewState | None = None
    linked_to: str | None = None
    added_from: int | None = None
    added_until: int | None = None
    superseded: Superseded = Superseded.SHOWN


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it is kept; `text` is sealed."""

    index: int
    text: bytes
    author: str
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder with how many documents lie in it that the caller may see and that no other took the place of."""

    folder: Folder
    names: tuple[str, str]
    documents: int


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around some documents."""

    folders: dict[str, tuple[Folder, ...]] = field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_classes(connection: Connection) -> tuple[DocumentClass, ...]:
    """Every class, retired ones too, by code."""
    names = ("code", *CLASSES.values)
    found = connection.execute(select(*(document_classes.c[name] for name in names)).order_by(document_classes.c.code))
    return tuple(class_of(row[0], tuple(row)[1:]) for row in found)


def read_suppliers(
    connection: Connection, *, text: str | None, after: Sequence[str] | None, limit: int
) -> Page[Supplier]:
    """Suppliers by code; with `text`, those that have it in code or name, in any case."""
    column = suppliers.c
    statement = select(*(column[name] for name in ("code", *SUPPLIERS.values))).order_by(column.code)
    if text:
        searched = (column.code, column.name_zh, column.name_en)
        statement = statement.where(or_(*(one.icontains(text, autoescape=True) for one in searched)))
    if after is not None:
        statement = statement.where(column.code > after[0])
    limit = max(1, min(limit, PAGE_MAX))
    found = [tuple(row) for row in connection.execute(statement.limit(limit + 1))]
    following = (found[limit - 1][0],) if len(found) > limit else None
    return Page(tuple(supplier_of(row[0], row[1:]) for row in found[:limit]), following)


def read_documents(
    connection: Connection, scope: Scope, wanted: Wanted, *, after: Sequence[str] | None, limit: int
) -> Page[Document]:
    """Documents, the newest first."""
    column = documents.c
    statement = (
        select(*(column[name] for name in ("id", *DOCUMENTS.values, "entry_index")))
        .where(seen(scope), *_conditions(scope, wanted))
        .order_by(column.added_index.desc())
    )
    if after is not None:
        statement = statement.where(column.added_index < int(after[0]))
    limit = max(1, min(limit, PAGE_MAX))
    with narrowed(connection, scope):
        found = [tuple(row) for row in connection.execute(statement.limit(limit + 1))]
    items = tuple(document_of(row[0], row[1:-1], row[-1]) for row in found[:limit])
    return Page(items, (str(items[-1].added_index),) if len(found) > limit else None)


def read_within(connection: Connection, scope: Scope, ids: Sequence[str]) -> tuple[Document, ...]:
    """Those of the documents that are within a scope."""
    column = documents.c
    names = ("id", *DOCUMENTS.values, "entry_index")
    found: list[Document] = []
    with narrowed(connection, scope):
        for start in range(0, len(ids), TARGETS):
            wanted = column.id.in_(ids[start : start + TARGETS])
            statement = select(*(column[name] for name in names)).where(wanted, seen(scope))
            found += [document_of(row[0], tuple(row)[1:-1], row[-1]) for row in connection.execute(statement)]
    return tuple(found)


def _conditions(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    column = documents.c
    equal = {
        column.store: wanted.store,
        column.class_code: wanted.class_code,
        column.supplier: wanted.supplier,
        column.stage: None if wanted.stage is None else wanted.stage.value,
        column.number: wanted.number,
    }
    found: list[ColumnElement[bool]] = [one == value for one, value in equal.items() if value is not None]
    if wanted.superseded is not Superseded.SHOWN:
        is_old = is_superseded(scope)
        found.append(is_old if wanted.superseded is Superseded.ONLY else not_(is_old))
    if wanted.added_from is not None:
        found.append(column.added_at >= wanted.added_from)
    if wanted.added_until is not None:
        found.append(column.added_at < wanted.added_until)
    if wanted.folder is not None:
        line = document_folders.c
        lies = select(line.document).where(
            line.document == column.id,
            line.kind == wanted.folder.kind.value,
            line.code == wanted.folder.code,
            line.active,
        )
        found.append(lies.exists())
    if wanted.tag is not None:
        tags = document_tags.c
        found.append(select(tags.tag).where(tags.document == column.id, tags.tag == wanted.tag, tags.active).exists())
    if wanted.linked_to is not None:
        link = document_links.c
        linked = select(link.target).where(link.document == column.id, link.target == wanted.linked_to, link.active)
        found.append(linked.exists())
    if wanted.review is not None:
        read = document_fields.c
        current = and_(read.document == column.id, read.version == column.version)
        found.append(select(read.state).where(current, read.state == wanted.review.value).exists())
    return found


def read_around(connection: Connection, ids: Collection[str]) -> Around:
    """Folders and tags of some documents."""
    if not ids:
        return Around()
    folder, tag = document_folders.c, document_tags.c
    folders: dict[str, list[Folder]] = {}
    statement = select(folder.document, folder.kind, folder.code).where(folder.document.in_(ids), folder.active)
    for document, kind, code in connection.execute(statement.order_by(folder.kind, folder.code)):
        folders.setdefault(document, []).append(Folder(FolderKind(kind), code))
    tags: dict[str, list[str]] = {}
    found = select(tag.document, tag.tag).where(tag.document.in_(ids), tag.active).order_by(tag.tag)
    for document, name in connection.execute(found):
        tags.setdefault(document, []).append(name)
    return Around(
        {document: tuple(items) for document, items in folders.items()},
        {document: tuple(items) for document, items in tags.items()},
    )


def read_links(connection: Connection, scope: Scope, document: str) -> tuple[Link, ...]:
    """Links from a document and to it, but for those whose other end is a document out of the scope."""
    column = document_links.c
    known = select(documents.c.id)
    statement = select(column.document, column.kind, column.target).where(
        or_(column.document == document, column.target == document),
        column.active,
        or_(column.document == document, known.where(documents.c.id == column.document, seen(scope)).exists()),
        or_(
            column.target == document,
            column.kind == LinkKind.EVIDENCE_OF.value,
            known.where(documents.c.id == column.target, seen(scope)).exists(),
        ),
    )
    ordered = statement.order_by(column.kind, column.document, column.target)
    with narrowed(connection, scope):
        return tuple(Link(row[0], LinkKind(row[1]), row[2]) for row in connection.execute(ordered))


def orders_in(tx: Transaction, number: str, store: str | None) -> list[str]:
    """The purchase orders with this number, of this store or of the whole organisation, as the transaction sees them; at most two."""
    column = documents.c
    statement = select(column.id).where(column.class_code == PURCHASE_ORDER, column.number == number)
    statement = statement.where(column.store.in_({NOWHERE, store or NOWHERE}))
    statement = statement.where(column.stage.in_(sorted(stage.value for stage in VISIBLE)))
    return [row[0] for row in tx.select(statement.order_by(column.added_index).limit(2))]


def read_evidence_for(connection: Connection, scope: Scope, indexes: Sequence[int]) -> tuple[str, ...]:
    """Documents within the scope that are linked as evidence of any of these entries."""
    link = document_links.c
    found: set[str] = set()
    with narrowed(connection, scope):
        for start in range(0, len(indexes), TARGETS):
            targets = [str(index) for index in indexes[start : start + TARGETS]]
            statement = select(documents.c.id).join_from(documents, document_links, link.document == documents.c.id)
            statement = statement.where(link.kind == LinkKind.EVIDENCE_OF.value, link.target.in_(targets), link.active)
            found |= {row[0] for row in connection.execute(statement.where(seen(scope)))}
    return tuple(sorted(found))


def class_code_of(dialect: str, document: ColumnElement[Any]) -> ColumnElement[Any]:
    """The class of a document by its id, whatever may be seen of it: entries about it are limited by it."""
    if dialect == "postgresql":
        # Above row security: the entry may be in reach where the document is not any more, being withdrawn, say.
        return func.chopbook_class_of(document)
    return select(documents.c.class_code).where(documents.c.id == document).scalar_subquery()


def read_classes_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The classes of documents, those that are gone too; absent where there is none."""
    wanted, found = sorted(set(ids)), dict[str, str]()
    for start in range(0, len(wanted), TARGETS):
        statement = select(documents.c.id, documents.c.class_code)
        rows = connection.execute(statement.where(documents.c.id.in_(wanted[start : start + TARGETS])))
        found |= {row[0]: row[1] for row in rows}
    return found


def read_notes(connection: Connection, document: str) -> tuple[Note, ...]:
    """Notes on a document, the first one first."""
    column = document_notes.c
    statement = select(column.note, column.text, column.author, column.noted_at).where(column.document == document)
    found = connection.execute(statement.order_by(column.note))
    return tuple(Note(row[0], bytes(row[1]), row[2], time_of(row[3])) for row in found)


def read_fields_of(connection: Connection, found: Sequence[Document]) -> dict[str, FieldsRow]:
    """What was read from the newest version of some documents."""
    keys = [(one.id, one.version) for one in found]
    rows = FIELDS.fetch(connection, keys) if keys else {}
    return {key[0]: fields_of(key[0], key[1], row) for key, row in rows.items()}


def read_folders(
    connection: Connection,
    scope: Scope,
    kind: FolderKind,
    *,
    text: str | None,
    names: Sequence[tuple[str, str, str]],
    after: Sequence[str] | None,
    limit: int,
) -> Page[Shelf]:
    """Folders of a kind by code; `names` are the stores (code and both names) for folders of that kind."""
    limit = max(1, min(limit, PAGE_MAX))
    with narrowed(connection, scope):
        found = [tuple(row) for row in connection.execute(_codes(scope, kind, names, text, after).limit(limit + 1))]
        shown = found[:limit]
        counts = _counts(connection, scope, kind, [row[0] for row in shown])
    shelves = tuple(Shelf(Folder(kind, row[0]), (row[1], row[2]), counts.get(row[0], 0)) for row in shown)
    return Page(shelves, (shown[-1][0],) if len(found) > limit else None)


def _codes(
    scope: Scope,
    kind: FolderKind,
    names: Sequence[tuple[str, str, str]],
    text: str | None,
    after: Sequence[str] | None,
) -> Select[Any]:
    line = document_folders.c
    match kind:
        case FolderKind.SKU:
            source = select(skus.c.code, skus.c.name_zh, skus.c.name_en).subquery()
        case FolderKind.SUPPLIER:
            source = select(suppliers.c.code, suppliers.c.name_zh, suppliers.c.name_en).subquery()
        case FolderKind.GENERAL:
            used = select(line.code, line.code.label("name_zh"), line.code.label("name_en"))
            lying = used.join_from(document_folders, documents, documents.c.id == line.document)
            source = lying.where(line.kind == kind.value, line.active, seen(scope)).distinct().subquery()
        case FolderKind.STORE:
            lines = [
                select(literal(code).label("code"), literal(zh).label("name_zh"), literal(en).label("name_en"))
                for code, zh, en in names
            ]
            nothing = select(
                literal(NOWHERE).label("code"), literal("").label("name_zh"), literal("").label("name_en")
            ).where(false())
            source = union_all(nothing, *lines).subquery()
        case _:
            assert_never(kind)
    column = source.c
    statement = select(column.code, column.name_zh, column.name_en).order_by(column.code)
    if text:
        searched = (column.code, column.name_zh, column.name_en)
        statement = statement.where(or_(*(one.icontains(text, autoescape=True) for one in searched)))
    return statement if after is None else statement.where(column.code > after[0])


def _counts(connection: Connection, scope: Scope, kind: FolderKind, codes: Sequence[str]) -> dict[str, int]:
    line = document_folders.c
    statement = (
        select(line.code, func.count())
        .join_from(document_folders, documents, documents.c.id == line.document)
        .where(line.kind == kind.value, line.active, line.code.in_(codes) if codes else false())
        .where(seen(scope), not_(is_superseded(scope)))
        .group_by(line.code)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def read_visible_ids(connection: Connection, *, after: str, limit: int) -> tuple[str, ...]:
    """Ids of visible documents in order, behind `after`: for making the index anew."""
    column = documents.c
    statement = select(column.id).where(column.id > after, seen(EVERYTHING)).order_by(column.id).limit(limit)
    return tuple(row[0] for row in connection.execute(statement))


def read_document_ids(connection: Connection, *, after: str, limit: int) -> tuple[str, ...]:
    """Ids of all documents in order, whatever became of them, behind `after`: for moving their objects."""
    column = documents.c
    statement = select(column.id).where(column.id > after).order_by(column.id).limit(limit)
    return tuple(row[0] for row in connection.execute(statement))


def read_stored_bytes(connection: Connection) -> tuple[int, int]:
    """How many versions there are, and how many bytes of content they hold."""
    version = document_versions.c
    row = connection.execute(select(func.count(), func.coalesce(func.sum(version.size), 0))).one()
    return int(row[0]), int(row[1])
