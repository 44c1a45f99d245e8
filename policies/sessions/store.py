"""The table of page sessions, and the statements on it. Operational: it may change without an entry.

A session is known by the SHA-256 of its secret, so that nobody can use what lies here. Times are microseconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Index, LargeBinary, Text, delete, func, insert, select

from audit.event import time_of, time_us
from policies.model import SignIn
from storage.schema import BigInt, operational_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.transaction import Operation

page_sessions: Final = operational_table(
    "page_sessions",
    Column("digest", LargeBinary, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("begun_at", BigInt, nullable=False),
    Column("ends_at", BigInt, nullable=False),
    Column("signed_in_at", BigInt, nullable=False),
    Column("methods", Text, nullable=False),
    Column("context", Text, nullable=False),
    Index(None, "principal", "begun_at"),
    Index(None, "ends_at"),
)


@dataclass(frozen=True, slots=True)
class Session:
    """Whose it is, from when until when, and when and how its person proved who they are."""

    principal: str
    begun_at: datetime
    ends_at: datetime
    signed_in: SignIn


def read_session(connection: Connection, digest: bytes) -> Session | None:
    """The session of that digest."""
    row = connection.execute(select(page_sessions).where(page_sessions.c.digest == digest)).one_or_none()
    if row is None:
        return None
    signed_in = SignIn(time_of(row.signed_in_at), frozenset(row.methods.split()), row.context)
    return Session(row.principal, time_of(row.begun_at), time_of(row.ends_at), signed_in)


def add_session(operation: Operation, digest: bytes, session: Session, *, most: int) -> None:
    """Keeps a session, and forgets those that are over by its beginning; of one person's, the `most` newest stay."""
    column = page_sessions.c
    operation.execute(delete(page_sessions).where(column.ends_at <= time_us(session.begun_at)))
    operation.execute(
        insert(page_sessions).values(
            digest=digest,
            principal=session.principal,
            begun_at=time_us(session.begun_at),
            ends_at=time_us(session.ends_at),
            signed_in_at=time_us(session.signed_in.at),
            methods=" ".join(sorted(session.signed_in.methods)),
            context=session.signed_in.context,
        )
    )
    mine = column.principal == session.principal
    count = operation.execute(select(func.count()).where(mine)).scalar_one()
    if count > most:
        oldest = select(column.digest).where(mine).order_by(column.begun_at, column.digest).limit(count - most)
        gone = [row.digest for row in operation.execute(oldest)]
        operation.execute(delete(page_sessions).where(column.digest.in_(gone)))


def forget_session(operation: Operation, digest: bytes) -> None:
    """Ends a session."""
    operation.execute(delete(page_sessions).where(page_sessions.c.digest == digest))
