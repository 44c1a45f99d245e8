"""The table of access for a time: one row for each engagement and each broken glass, moved by its entries.

Stores and classes are codes parted by spaces, NULL for every one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Index, Text

from audit.event import time_of, time_us
from policies.grants.model import Grant, GrantKind, Review
from storage.rows import KeyedRows
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from datetime import datetime

Values = tuple[Any, ...]

grants: Final = subject_table(
    "access_grants",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("stores", Text),
    Column("classes", Text),
    Column("dates_from", BigInt),
    Column("dates_until", BigInt),
    Column("starts_at", BigInt, nullable=False),
    Column("ends_at", BigInt, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("ended_at", BigInt),
    Column("told", Text),
    Column("review", Text),
    Column("reviewed_by", Text),
    Column("acknowledged_at", BigInt),
    Index(None, "principal"),
)

GRANT_ROWS: Final = KeyedRows.of(grants, "id")


def grant_of(grant_id: str, values: Values) -> Grant:
    """Access for a time, from its row."""
    kind, principal, stores, classes, since, until, starts, ends, given_by, ended, told, review, reviewed_by, heard = (
        values
    )
    return Grant(
        id=grant_id,
        kind=GrantKind(kind),
        principal=principal,
        stores=_codes(stores),
        classes=_codes(classes),
        dates_from=_time(since),
        dates_until=_time(until),
        starts_at=time_of(starts),
        ends_at=time_of(ends),
        given_by=given_by,
        ended_at=_time(ended),
        told=told,
        review=None if review is None else Review(review),
        reviewed_by=reviewed_by,
        acknowledged_at=_time(heard),
    )


def grant_values(grant: Grant) -> Values:
    """The row of access for a time."""
    return (
        grant.kind.value,
        grant.principal,
        _text(grant.stores),
        _text(grant.classes),
        _us(grant.dates_from),
        _us(grant.dates_until),
        time_us(grant.starts_at),
        time_us(grant.ends_at),
        grant.given_by,
        _us(grant.ended_at),
        grant.told,
        None if grant.review is None else grant.review.value,
        grant.reviewed_by,
        _us(grant.acknowledged_at),
    )


def row_values(row: Any) -> Values:
    """The values of a row that was selected."""
    return tuple(getattr(row, name) for name in GRANT_ROWS.values)


def _codes(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(text.split())


def _text(codes: frozenset[str] | None) -> str | None:
    return None if codes is None else " ".join(sorted(codes))


def _time(us: int | None) -> datetime | None:
    return None if us is None else time_of(us)


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else time_us(moment)
