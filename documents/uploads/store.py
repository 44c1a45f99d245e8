"""The table of uploads, and the statements on it. Operational: it may change without an entry.

- A row is made before the first byte is kept, and is forgotten some time after the upload has ended.
- `lease_until` says until when one process works on the checks of a received file; whoever takes an expired lease begins
  again, and the commit at the end is idempotent by the event id.
- `filing` is sealed under the upload's own id: it holds title and file name. It is empty while the file is in passing:
  then nothing of it outlives the call that brings it, and the row only counts it.

Times are microseconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, Text, delete, func, insert, select, update

from audit.event import time_of, time_us
from documents.model import Stage
from storage.schema import BigInt, operational_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.transaction import Operation

uploads: Final = operational_table(
    "uploads",
    Column("id", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("key_id", Text),
    Column("acting_for", Text),
    Column("event_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("size", BigInt),
    Column("filing", LargeBinary, nullable=False),
    Column("code", Text),
    Column("findings", Text),
    Column("entry_index", BigInt),
    Column("created_at", BigInt, nullable=False),
    Column("expires_at", BigInt, nullable=False),
    Column("lease_until", BigInt, nullable=False),
    Index(None, "principal", "stage"),
    Index(None, "stage", "lease_until"),
    Index(None, "expires_at"),
)

_LIVE: Final = (Stage.RECEIVING.value, Stage.RECEIVED.value, Stage.HELD.value)
_COLUMNS: Final = tuple(uploads.columns)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as it stands. `size`: as it was announced, or what it cannot exceed, until the last byte is there. `entry_index`: what it became."""

    id: UUID
    principal: str
    role: str
    key_id: str | None
    acting_for: str | None
    event_id: UUID
    document: UUID
    stage: Stage
    size: int | None
    filing: bytes
    code: str | None
    findings: str | None
    entry_index: int | None
    created_at: datetime
    expires_at: datetime
    lease_until: datetime


def _upload_of(row: Any) -> Upload:
    return Upload(
        id=UUID(row.id),
        principal=row.principal,
        role=row.role,
        key_id=row.key_id,
        acting_for=row.acting_for,
        event_id=UUID(row.event_id),
        document=UUID(row.document),
        stage=Stage(row.stage),
        size=row.size,
        filing=bytes(row.filing),
        code=row.code,
        findings=row.findings,
        entry_index=row.entry_index,
        created_at=time_of(row.created_at),
        expires_at=time_of(row.expires_at),
        lease_until=time_of(row.lease_until),
    )


def read_upload(connection: Connection, upload: UUID) -> Upload | None:
    """One upload."""
    row = connection.execute(select(*_COLUMNS).where(uploads.c.id == str(upload))).one_or_none()
    return None if row is None else _upload_of(row)


def read_live_count(connection: Connection, principal: str) -> int:
    """How many uploads of a principal are under way."""
    statement = select(func.count()).where(uploads.c.principal == principal, uploads.c.stage.in_(_LIVE))
    return int(connection.execute(statement).scalar_one())


def read_sent(connection: Connection, principal: str, since: datetime) -> tuple[int, datetime | None]:
    """How many bytes a principal has sent or announced in uploads begun since, and when the first of these was."""
    column = uploads.c
    statement = select(func.coalesce(func.sum(column.size), 0), func.min(column.created_at))
    row = connection.execute(statement.where(column.principal == principal, column.created_at > time_us(since))).one()
    return int(row[0]), None if row[1] is None else time_of(row[1])


def read_reserved(connection: Connection) -> int:
    """How many bytes the uploads under way have or announced."""
    statement = select(func.coalesce(func.sum(uploads.c.size), 0)).where(uploads.c.stage.in_(_LIVE))
    return int(connection.execute(statement).scalar_one())


def read_due(connection: Connection, now: datetime, limit: int) -> Sequence[Upload]:
    """Received files that nobody works on, the oldest first."""
    column = uploads.c
    statement = (
        select(*_COLUMNS)
        .where(column.stage.in_([Stage.RECEIVED.value, Stage.HELD.value]), column.lease_until <= time_us(now))
        .order_by(column.created_at, column.id)
        .limit(limit)
    )
    return [_upload_of(row) for row in connection.execute(statement)]


def read_expired(connection: Connection, now: datetime, limit: int) -> Sequence[Upload]:
    """Uploads whose time is over, the oldest first."""
    column = uploads.c
    statement = select(*_COLUMNS).where(column.expires_at <= time_us(now)).order_by(column.expires_at).limit(limit)
    return [_upload_of(row) for row in connection.execute(statement)]


def read_ids(connection: Connection) -> frozenset[str]:
    """The ids of all uploads there are."""
    return frozenset(row[0] for row in connection.execute(select(uploads.c.id)))


def add_upload(operation: Operation, upload: Upload) -> None:
    """Makes the row of a new upload."""
    operation.execute(
        insert(uploads).values(
            id=str(upload.id),
            principal=upload.principal,
            role=upload.role,
            key_id=upload.key_id,
            acting_for=upload.acting_for,
            event_id=str(upload.event_id),
            document=str(upload.document),
            stage=upload.stage.value,
            size=upload.size,
            filing=upload.filing,
            code=None,
            findings=None,
            entry_index=None,
            created_at=time_us(upload.created_at),
            expires_at=time_us(upload.expires_at),
            lease_until=time_us(upload.lease_until),
        )
    )


def touch(operation: Operation, upload: UUID, expires_at: datetime) -> None:
    """Lets an upload live longer: bytes came."""
    operation.execute(update(uploads).where(uploads.c.id == str(upload)).values(expires_at=time_us(expires_at)))


def complete(operation: Operation, upload: UUID, size: int, *, expires_at: datetime, lease_until: datetime) -> bool:
    """Records that the last byte is there, and takes the file in hand until `lease_until`; False: it was complete."""
    column = uploads.c
    statement = update(uploads).where(column.id == str(upload), column.stage == Stage.RECEIVING.value)
    values = {"expires_at": time_us(expires_at), "lease_until": time_us(lease_until)}
    done = operation.execute(statement.values(stage=Stage.RECEIVED.value, size=size, **values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def keep(operation: Operation, upload: Upload) -> None:
    """Lets a file in passing wait, as received: its spool is there, and `filing` sealed."""
    values = {"stage": upload.stage.value, "size": upload.size, "filing": upload.filing}
    leased = {"lease_until": time_us(upload.lease_until)}
    operation.execute(update(uploads).where(uploads.c.id == str(upload.id)).values(**values, **leased))


def take(operation: Operation, upload: UUID, now: datetime, lease_for: timedelta) -> bool:
    """Takes a received file in hand; False if somebody else has it, or there is nothing left to do."""
    column = uploads.c
    free = (
        column.id == str(upload),
        column.stage.in_([Stage.RECEIVED.value, Stage.HELD.value]),
        column.lease_until <= time_us(now),
    )
    taken = operation.execute(update(uploads).where(*free).values(lease_until=time_us(now + lease_for)))
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def settle(
    operation: Operation,
    upload: UUID,
    stage: Stage,
    *,
    expires_at: datetime,
    size: int | None,
    code: str | None = None,
    findings: str | None = None,
    entry_index: int | None = None,
) -> None:
    """Records what became of an upload, and lets go of it."""
    operation.execute(
        update(uploads)
        .where(uploads.c.id == str(upload))
        .values(
            stage=stage.value,
            size=size,
            code=code,
            findings=findings,
            entry_index=entry_index,
            expires_at=time_us(expires_at),
            lease_until=0,
        )
    )


def give_up(operation: Operation, upload: UUID, expires_at: datetime) -> None:
    """Ends an upload in passing of which nothing came; one that ended, or waits, stays as it is."""
    passing = (uploads.c.id == str(upload), uploads.c.stage == Stage.RECEIVING.value)
    ended = {"stage": Stage.ABANDONED.value, "expires_at": time_us(expires_at)}
    operation.execute(update(uploads).where(*passing).values(**ended))


def release(operation: Operation, upload: UUID) -> None:
    """Lets go of an upload without a word: something was away."""
    operation.execute(update(uploads).where(uploads.c.id == str(upload)).values(lease_until=0))


def forget(operation: Operation, upload: UUID) -> None:
    """Removes the row."""
    operation.execute(delete(uploads).where(uploads.c.id == str(upload)))
