"""Findings of personal data as an officer's list: the oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from documents.row_values import finding_of
from documents.shelves.store import PAGE_MAX
from documents.store import FINDINGS, document_findings
from stock.model import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from documents.model import FindingState, PersonalFinding


def read_findings(
    connection: Connection,
    *,
    state: FindingState | None,
    owner: str | None,
    after: Sequence[str] | None,
    limit: int,
) -> Page[PersonalFinding]:
    """Findings in a state, or of what one person uploaded; the caller has decided."""
    column = document_findings.c
    names = ("document", "version", *FINDINGS.values)
    statement = select(*(column[name] for name in names)).order_by(column.found_at, column.document, column.version)
    if state is not None:
        statement = statement.where(column.state == state.value)
    if owner is not None:
        statement = statement.where(column.owner == owner)
    if after is not None:
        found_at, document, version = int(after[0]), after[1], int(after[2])
        statement = statement.where(
            or_(
                column.found_at > found_at,
                (column.found_at == found_at) & (column.document > document),
                (column.found_at == found_at) & (column.document == document) & (column.version > version),
            )
        )
    limit = max(1, min(limit, PAGE_MAX))
    found = [tuple(row) for row in connection.execute(statement.limit(limit + 1))]
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else (str(last[6]), str(last[0]), str(last[1]))
    return Page(tuple(finding_of(row[0], row[1], row[2:]) for row in found[:limit]), following)


def read_naming(connection: Connection, digests: Sequence[str]) -> tuple[str, ...]:
    """Documents of which a version holds an identity card number with one of these digests; the caller has decided."""
    column = document_findings.c
    held = [column.identities.contains(digest, autoescape=True) for digest in digests]
    if not held:
        return ()
    statement = select(column.document).where(or_(*held)).distinct().order_by(column.document)
    return tuple(row[0] for row in connection.execute(statement))
