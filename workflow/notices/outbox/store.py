"""The operational tables of notices, and the statements on them.

- `notice_follower`: how far the log was followed; one row. It moves in the transaction that fills the outbox.
- `notice_outbox`: an entry to be told to a channel, once. `message_id` says by which message, once there is one.
- `notice_messages`: deliveries. `notice_lines`: by channel, who may send now, not before when, and the times of the latest
  attempts. `notice_ledger`: calls by month.

Times are microseconds since the Unix epoch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Column,
    Index,
    Integer,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from audit.entry import time_us
from storage.schema import BigInt, entries, operational_table
from workflow.notices.model import Message, MessageKind, MessageState, MonthlyUse, Taken, Waiting
from workflow.notices.store import notice_channels

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from storage.transaction import Operation

notice_follower: Final = operational_table(
    "notice_follower",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("next_index", BigInt, nullable=False),
)
notice_outbox: Final = operational_table(
    "notice_outbox",
    Column("channel", Text, primary_key=True),
    Column("entry_index", BigInt, primary_key=True, autoincrement=False),
    Column("rule", Text, nullable=False),
    Column("message_id", Text),
    Index(None, "message_id"),
)
notice_messages: Final = operational_table(
    "notice_messages",
    Column("message_id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("notices", Integer, nullable=False),
    Column("first_index", BigInt, nullable=False),
    Column("last_index", BigInt, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("started_at", BigInt, nullable=False),
    Column("finished_at", BigInt),
    Column("failure_code", Text),
    Index(None, "channel", "state"),
    Index(None, "started_at"),
)
notice_lines: Final = operational_table(
    "notice_lines",
    Column("channel", Text, primary_key=True),
    Column("token", Text),
    Column("lease_until", BigInt, nullable=False),
    Column("not_before", BigInt, nullable=False),
    Column("attempts", Text, nullable=False),
)
notice_ledger: Final = operational_table(
    "notice_ledger",
    Column("channel", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("calls", BigInt, nullable=False),
    Column("sent", BigInt, nullable=False),
    Column("failed", BigInt, nullable=False),
)

WAITING_MAX: Final = 10_000
"""Waiting notices are counted up to here: more make no difference to what is sent."""
ATTEMPTS_KEPT: Final = 700
_FOLLOWER: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SENDING: Final = MessageState.SENDING.value


# --- following the log ---------------------------------------------------------------------------------------------------


def read_follower(connection: Connection) -> int | None:
    """The index of the next entry to be looked at; None before the first time."""
    return connection.execute(select(notice_follower.c.next_index).where(notice_follower.c.id == _FOLLOWER)).scalar()


def read_candidates(
    connection: Connection, start: int, stop: int, events: Collection[str], limit: int
) -> list[tuple[int, str, str | None, bytes]]:
    """Index, type, store and bytes of at most `limit` entries from `start` to before `stop` whose type some rule names."""
    column = entries.c
    types = [event for event in events if not event.endswith(".*")]
    begins = [event[:-1] for event in events if event.endswith(".*")]
    wanted: list[ColumnElement[bool]] = [column.type.in_(types)] if types else []
    wanted += [column.type.startswith(begin, autoescape=True) for begin in begins]
    if not wanted:
        return []
    rows = connection.execute(
        select(column.entry_index, column.type, column.store, column.bytes)
        .where(column.entry_index >= start, column.entry_index < stop, or_(*wanted))
        .order_by(column.entry_index)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], bytes(row[3])) for row in rows]


def read_bytes(connection: Connection, indexes: Sequence[int]) -> dict[int, bytes]:
    """The bytes of entries."""
    column = entries.c
    rows = connection.execute(select(column.entry_index, column.bytes).where(column.entry_index.in_(indexes)))
    return {row[0]: bytes(row[1]) for row in rows}


def advance(
    operation: Operation, dialect: str, *, seen: int | None, until: int, told: Iterable[tuple[str, int, str]]
) -> bool:
    """Moves the cursor from `seen` to `until` and queues what is told (channel, entry, rule), together.

    False, and nothing is done: another process moved it meanwhile.
    """
    insert_or_not = postgresql.insert if dialect == "postgresql" else sqlite.insert
    cursor = select(notice_follower.c.next_index).where(notice_follower.c.id == _FOLLOWER).with_for_update()
    if operation.execute(cursor).scalar() != seen:
        return False
    values = {"id": _FOLLOWER, "next_index": until}
    if seen is None:
        statement = insert_or_not(notice_follower).values(values).on_conflict_do_nothing()
        # Asked for by name: a driver need not know how many rows an INSERT made.
        if operation.execute(statement.returning(notice_follower.c.next_index)).first() is None:
            return False
    else:
        operation.execute(update(notice_follower).where(notice_follower.c.id == _FOLLOWER).values(next_index=until))
    rows = [{"channel": channel, "entry_index": index, "rule": rule} for channel, index, rule in told]
    for start in range(0, len(rows), 200):
        chunk = rows[start : start + 200]
        # Two rules for one channel are one notice.
        operation.execute(insert_or_not(notice_outbox).values(chunk).on_conflict_do_nothing())
    return True


# --- sending -------------------------------------------------------------------------------------------------------------


def channels_with_work(connection: Connection, now: datetime) -> list[str]:
    """Channels for which something waits, and which nobody is sending to or keeps back."""
    open_message = exists().where(
        notice_messages.c.channel == notice_channels.c.code, notice_messages.c.state == _SENDING
    )
    fresh = exists().where(notice_outbox.c.channel == notice_channels.c.code, notice_outbox.c.message_id.is_(None))
    held = exists().where(
        notice_lines.c.channel == notice_channels.c.code,
        or_(notice_lines.c.lease_until > time_us(now), notice_lines.c.not_before > time_us(now)),
    )
    statement = select(notice_channels.c.code).where(notice_channels.c.active, or_(open_message, fresh), ~held)
    return [row[0] for row in connection.execute(statement.order_by(notice_channels.c.code))]


def take_line(operation: Operation, dialect: str, channel: str, now: datetime) -> list[datetime] | None:
    """Locks a channel's line; the times of its latest attempts, or None if it is held or kept back."""
    insert_or_not = postgresql.insert if dialect == "postgresql" else sqlite.insert
    blank = {"channel": channel, "lease_until": 0, "not_before": 0, "attempts": "[]"}
    operation.execute(insert_or_not(notice_lines).values(blank).on_conflict_do_nothing())
    row = operation.execute(select(notice_lines).where(notice_lines.c.channel == channel).with_for_update()).one()
    if max(row.lease_until, row.not_before) > time_us(now):
        return None
    return [_EPOCH + timedelta(microseconds=us) for us in json.loads(row.attempts)]


def open_message(operation: Operation, channel: str) -> Message | None:
    """The message of the channel that is not settled yet; there is at most one."""
    statement = select(notice_messages).where(notice_messages.c.channel == channel, notice_messages.c.state == _SENDING)
    row = operation.execute(statement).first()
    return None if row is None else _message(row)


def count_waiting(operation: Operation, channel: str) -> int:
    """How many notices of the channel are in no message yet, up to `WAITING_MAX`."""
    waiting = select(notice_outbox.c.entry_index).where(_waiting(channel)).limit(WAITING_MAX).subquery()
    return int(operation.execute(select(func.count()).select_from(waiting)).scalar_one())


def oldest_waiting(operation: Operation, channel: str, limit: int) -> tuple[int, ...]:
    """The oldest notices of the channel that are in no message yet."""
    statement = select(notice_outbox.c.entry_index).where(_waiting(channel)).order_by(notice_outbox.c.entry_index)
    return tuple(row[0] for row in operation.execute(statement.limit(limit)))


def make_message(operation: Operation, message: Message, indexes: Sequence[int]) -> None:
    """Adds a message, and puts its notices into it."""
    operation.execute(
        insert(notice_messages).values(
            message_id=message.id,
            channel=message.channel,
            kind=message.kind.value,
            state=message.state.value,
            notices=message.notices,
            first_index=message.first_index,
            last_index=message.last_index,
            attempts=message.attempts,
            started_at=time_us(message.started_at),
        )
    )
    mine = and_(notice_outbox.c.channel == message.channel, notice_outbox.c.entry_index.in_(indexes))
    operation.execute(update(notice_outbox).where(mine).values(message_id=message.id))


def notices_of(operation: Operation, message: Message) -> tuple[int, ...]:
    """The entries a message tells of."""
    statement = select(notice_outbox.c.entry_index).where(notice_outbox.c.message_id == message.id)
    return tuple(row[0] for row in operation.execute(statement.order_by(notice_outbox.c.entry_index)))


def begin_attempt(
    operation: Operation, dialect: str, taken: Taken, *, attempts: Sequence[datetime], lease_until: datetime, month: str
) -> None:
    """Counts an attempt before it is made, and gives the line to it."""
    channel = taken.message.channel
    kept = [time_us(moment) for moment in attempts[-ATTEMPTS_KEPT:]]
    operation.execute(
        update(notice_lines)
        .where(notice_lines.c.channel == channel)
        .values(token=taken.token, lease_until=time_us(lease_until), attempts=json.dumps(kept))
    )
    operation.execute(
        update(notice_messages)
        .where(notice_messages.c.message_id == taken.message.id)
        .values(attempts=taken.message.attempts)
    )
    _count_use(operation, dialect, channel, month, calls=1)


def settle(
    operation: Operation,
    dialect: str,
    taken: Taken,
    *,
    state: MessageState,
    now: datetime,
    not_before: datetime | None,
    attempts: int,
    failure_code: str | None,
    month: str,
) -> bool:
    """Records how an attempt went and gives the line back; False: the line is another's by now."""
    channel = taken.message.channel
    mine = and_(notice_lines.c.channel == channel, notice_lines.c.token == taken.token)
    values = {"token": None, "lease_until": 0, "not_before": 0 if not_before is None else time_us(not_before)}
    if _count(operation.execute(update(notice_lines).where(mine).values(values))) != 1:
        return False
    final = state is not MessageState.SENDING
    operation.execute(
        update(notice_messages)
        .where(notice_messages.c.message_id == taken.message.id)
        .values(
            state=state.value,
            attempts=attempts,
            finished_at=time_us(now) if final else None,
            failure_code=failure_code,
        )
    )
    if final:
        use = {"sent" if state is MessageState.SENT else "failed": 1}
        _count_use(operation, dialect, channel, month, **use)
    return True


def hold_line(operation: Operation, channel: str, until: datetime) -> None:
    """Keeps a channel back, so that nobody looks at it before."""
    operation.execute(update(notice_lines).where(notice_lines.c.channel == channel).values(not_before=time_us(until)))


def calls_in(operation: Operation, channel: str, month: str) -> int:
    """How many calls a channel made in a month."""
    statement = select(notice_ledger.c.calls).where(notice_ledger.c.channel == channel, notice_ledger.c.month == month)
    return int(operation.execute(statement).scalar() or 0)


def prune(operation: Operation, before: datetime) -> int:
    """Forgets settled messages that began before a moment, with their notices; returns how many."""
    old = and_(notice_messages.c.state != _SENDING, notice_messages.c.started_at < time_us(before))
    ids = [row[0] for row in operation.execute(select(notice_messages.c.message_id).where(old).limit(200))]
    if ids:
        operation.execute(delete(notice_outbox).where(notice_outbox.c.message_id.in_(ids)))
        operation.execute(delete(notice_messages).where(notice_messages.c.message_id.in_(ids)))
    return len(ids)


def _count_use(
    operation: Operation, dialect: str, channel: str, month: str, *, calls: int = 0, sent: int = 0, failed: int = 0
) -> None:
    insert_or_not = postgresql.insert if dialect == "postgresql" else sqlite.insert
    blank = {"channel": channel, "month": month, "calls": 0, "sent": 0, "failed": 0}
    operation.execute(insert_or_not(notice_ledger).values(blank).on_conflict_do_nothing())
    used = notice_ledger.c
    operation.execute(
        update(notice_ledger)
        .where(used.channel == channel, used.month == month)
        .values(calls=used.calls + calls, sent=used.sent + sent, failed=used.failed + failed)
    )


def _waiting(channel: str) -> ColumnElement[bool]:
    return and_(notice_outbox.c.channel == channel, notice_outbox.c.message_id.is_(None))


# --- what readers see ----------------------------------------------------------------------------------------------------


def read_messages(
    connection: Connection,
    *,
    channel: str | None,
    state: MessageState | None,
    before: tuple[int, str] | None,
    limit: int,
) -> list[Message]:
    """Messages, the newest first, behind (start, id)."""
    column = notice_messages.c
    statement = select(notice_messages).order_by(column.started_at.desc(), column.message_id.desc()).limit(limit)
    if channel is not None:
        statement = statement.where(column.channel == channel)
    if state is not None:
        statement = statement.where(column.state == state.value)
    if before is not None:
        started, last = before
        earlier = and_(column.started_at == started, column.message_id < last)
        statement = statement.where(or_(column.started_at < started, earlier))
    return [_message(row) for row in connection.execute(statement)]


def read_waiting(connection: Connection) -> list[Waiting]:
    """How many notices wait, by channel."""
    statement = (
        select(notice_outbox.c.channel, func.count())
        .where(notice_outbox.c.message_id.is_(None))
        .group_by(notice_outbox.c.channel)
        .order_by(notice_outbox.c.channel)
    )
    return [Waiting(row[0], row[1]) for row in connection.execute(statement)]


def read_ledger(connection: Connection, month: str) -> list[MonthlyUse]:
    """What channels used in a month."""
    statement = select(notice_ledger).where(notice_ledger.c.month == month).order_by(notice_ledger.c.channel)
    return [
        MonthlyUse(row.channel, row.month, row.calls, row.sent, row.failed) for row in connection.execute(statement)
    ]


def _message(row: Row[Any]) -> Message:
    return Message(
        row.message_id,
        row.channel,
        MessageKind(row.kind),
        MessageState(row.state),
        row.notices,
        row.first_index,
        row.last_index,
        row.attempts,
        _EPOCH + timedelta(microseconds=row.started_at),
        None if row.finished_at is None else _EPOCH + timedelta(microseconds=row.finished_at),
        row.failure_code,
    )


def _count(result: Any) -> int:
    return int(result.rowcount)
