"""The table of what waits for a second person, and the statements on it.

`pending_actions`: one row each, moved by its entries. `content` is canonical JSON as text; `steps` and `approvers` are words in
order, parted by spaces.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import Column, Connection, Index, Text, or_, select

from audit.canonical import encode
from audit.event import time_of, time_us
from policies.model import Action
from policies.pending.model import PendingAction, PendingKind, PendingState
from storage.either import select_in
from storage.rows import KeyedRows
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.either import Reader

Snapshot: TypeAlias = Connection
Values = tuple[Any, ...]

pending_actions: Final = subject_table(
    "pending_actions",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("store", Text),
    Column("steps", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("proposer", Text, nullable=False),
    Column("proposed_at", BigInt, nullable=False),
    Column("expires_at", BigInt, nullable=False),
    Column("approvers", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_index", BigInt, nullable=False),
    Index(None, "state", "proposed_index"),
)

PENDING_ROWS: Final = KeyedRows.of(pending_actions, "id")


def pending_of(pending_id: str, values: Values, entry_index: int = -1) -> PendingAction:
    """What waits, from its row; a transaction does not tell the entry that moved it last."""
    kind, subject, store, steps, content, digest, proposer, proposed, expires, approvers, state, index = values
    return PendingAction(
        id=pending_id,
        kind=PendingKind(kind),
        subject=subject,
        store=store,
        steps=tuple(map(Action, steps.split())),
        content=json.loads(content),
        digest=digest,
        proposer=proposer,
        proposed_at=time_of(proposed),
        expires_at=time_of(expires),
        approvers=tuple(approvers.split()),
        state=PendingState(state),
        entry_index=entry_index,
        proposed_index=index,
    )


def pending_values(pending: PendingAction) -> Values:
    """The row of what waits."""
    return (
        pending.kind.value,
        pending.subject,
        pending.store,
        " ".join(pending.steps),
        encode(pending.content).decode(),
        pending.digest,
        pending.proposer,
        time_us(pending.proposed_at),
        time_us(pending.expires_at),
        " ".join(pending.approvers),
        pending.state.value,
        pending.proposed_index,
    )


def read_waiting(reader: Reader, kind: PendingKind, subject: str, *, now: datetime) -> PendingAction | None:
    """The oldest of a kind that waits for a subject."""
    table = pending_actions.c
    names = PENDING_ROWS.values
    statement = (
        select(table.id, *(table[name] for name in names))
        .where(table.state == PendingState.OPEN.value, table.expires_at > time_us(now))
        .where(table.kind == kind.value, table.subject == subject)
    )
    found = select_in(reader, statement.order_by(table.proposed_index).limit(1))
    return pending_of(found[0][0], tuple(found[0])[1:]) if found else None


def read_pending(connection: Connection, pending_id: str) -> PendingAction | None:
    """One, if it is there."""
    row = connection.execute(select(pending_actions).where(pending_actions.c.id == pending_id)).one_or_none()
    return (
        None
        if row is None
        else pending_of(row.id, tuple(getattr(row, name) for name in PENDING_ROWS.values), row.entry_index)
    )


def list_pending(
    connection: Connection,
    *,
    stores: Collection[str] | None,
    proposer: str | None,
    now: datetime,
    state: PendingState | None = None,
    kind: PendingKind | None = None,
    before: int | None = None,
    limit: int,
) -> list[PendingAction]:
    """The newest first, those proposed before entry `before`.

    `stores`: only what is at one of these; None: everything. `proposer`: only what they proposed; None: whoever did.
    """
    table = pending_actions.c
    wanted = select(pending_actions).order_by(table.proposed_index.desc()).limit(limit)
    if stores is not None:
        wanted = wanted.where(table.store.in_(sorted(stores)))
    if proposer is not None:
        wanted = wanted.where(table.proposer == proposer)
    if kind is not None:
        wanted = wanted.where(table.kind == kind.value)
    if before is not None:
        wanted = wanted.where(table.proposed_index < before)
    if state is PendingState.EXPIRED:
        wanted = wanted.where(table.state == PendingState.OPEN.value, table.expires_at <= time_us(now))
    elif state is not None:
        wanted = wanted.where(table.state == state.value)
        wanted = wanted.where(or_(table.state != PendingState.OPEN.value, table.expires_at > time_us(now)))
    return [
        pending_of(row.id, tuple(getattr(row, name) for name in PENDING_ROWS.values), row.entry_index)
        for row in connection.execute(wanted)
    ]
