"""Which documents took the place of others, as callers see it.

- A document is superseded while a document that the caller may see says so with a link. Of one that is out of reach, withdrawn or
  destroyed nothing follows: whoever cannot open the new one still has the old one.
- A superseded document stays where it is and can be opened; lists of a folder pass over it unless they are asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select, true

from documents.marks.store import blocked
from documents.model import LinkKind, Stage
from documents.rules import VISIBLE
from documents.store import document_links, documents
from storage.row_security import narrowed

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection, FromClause

    from storage import Transaction
    from storage.scope import Scope

SUPERSEDED_MAX: Final = 100_000


class Superseded(StrEnum):
    """What a list does with documents that another took the place of."""

    HIDDEN = "hidden"
    SHOWN = "shown"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Succession:
    """Which documents took the place of which, both of them within a scope: by the one that is old, and by the new one."""

    by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    of: dict[str, tuple[str, ...]] = field(default_factory=dict)


def seen(scope: Scope, table: FromClause = documents) -> ColumnElement[bool]:
    """What of documents is within a scope."""
    column = table.c
    stages = {stage.value for stage in VISIBLE} | ({Stage.QUARANTINED.value} if scope.shows_quarantine() else set())
    return and_(
        column.stage.in_(sorted(stages)),
        true() if scope.blocked else column.id.not_in(blocked()),
        scope.store_in(column.store),
        scope.class_in(column.class_code),
        scope.time_in(column.added_at),
    )


def is_superseded(scope: Scope) -> ColumnElement[bool]:
    """Whether a document within the scope took this one's place: of one that nobody may see, nothing follows."""
    link, successor = document_links.c, documents.alias("successors")
    found = select(link.document).join_from(document_links, successor, successor.c.id == link.document)
    found = found.where(link.target == documents.c.id, link.kind == LinkKind.SUPERSEDES.value, link.active)
    return found.where(seen(scope, successor)).correlate(documents).exists()


def has_succession(connection: Connection, ids: Collection[str]) -> bool:
    """Whether any of these documents took another's place, or lost its own: mostly none did, and nobody need look closer."""
    column = document_links.c
    either = or_(column.document.in_(ids), column.target.in_(ids))
    statement = select(column.kind).where(either, column.kind == LinkKind.SUPERSEDES.value, column.active)
    return connection.execute(statement.limit(1)).first() is not None


def read_succession(connection: Connection, scope: Scope, ids: Collection[str]) -> Succession:
    """Which documents took the place of some documents, and whose place those took."""
    link, old, new = document_links.c, documents.alias("old"), documents.alias("new")
    statement = (
        select(link.document, link.target)
        .join_from(document_links, new, new.c.id == link.document)
        .join(old, old.c.id == link.target)
        .where(link.kind == LinkKind.SUPERSEDES.value, link.active, seen(scope, new), seen(scope, old))
        .where(or_(link.document.in_(ids), link.target.in_(ids)))
        .order_by(new.c.added_index, old.c.added_index)
    )
    found = Succession()
    with narrowed(connection, scope):
        for document, target in connection.execute(statement):
            found.by[target] = (*found.by.get(target, ()), document)
            found.of[document] = (*found.of.get(document, ()), target)
    return found


def read_superseded(connection: Connection, scope: Scope) -> frozenset[int]:
    """The entries that added the documents which lost their place, at most the newest `SUPERSEDED_MAX`."""
    column = documents.c
    statement = select(column.added_index).where(seen(scope), is_superseded(scope)).order_by(column.added_index.desc())
    with narrowed(connection, scope):
        return frozenset(row[0] for row in connection.execute(statement.limit(SUPERSEDED_MAX)))


def superseded_in(tx: Transaction, document: str) -> list[str]:
    """The documents whose place this one took, as the transaction sees them."""
    column = document_links.c
    statement = select(column.target).where(
        column.document == document, column.kind == LinkKind.SUPERSEDES.value, column.active
    )
    return [row[0] for row in tx.select(statement.order_by(column.target))]
