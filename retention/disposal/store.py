"""The tables of disposal, projections of the log.

- `disposals`: each disposal with its plan and, once it is there, its certificate.
- `disposal_claims`: which disposal a record is part of now.
- `disposal_residues`: objects that a lock kept when everything else went, and whether they are gone meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Text, select

from audit.event import time_of, time_us
from retention.disposal.model import Disposal, DisposalState, Part, Target
from retention.disposal.plans import record_of
from storage import KeyedRows
from storage.either import select_in
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retention.records import Record
    from storage.either import Reader
    from storage.transaction import Transaction

disposals: Final = subject_table(
    "disposals",
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("preview", Text, nullable=False),
    Column("plan", LargeBinary, nullable=False),
    Column("objects", BigInt, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("records", Integer, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", BigInt, nullable=False),
    Column("proposed_index", BigInt, nullable=False),
    Column("pending", Text, nullable=False),
    Column("approved_by", Text),
    Column("approved_index", BigInt),
    Column("begun_index", BigInt),
    Column("ended_index", BigInt),
    Column("certificate", LargeBinary),
    Index(None, "state", "proposed_index"),
    Index(None, "proposed_index"),
)
disposal_claims: Final = subject_table(
    "disposal_claims",
    Column("record", Text, primary_key=True),
    Column("disposal", Text, nullable=False),
    Index(None, "disposal"),
)
disposal_residues: Final = subject_table(
    "disposal_residues",
    Column("bucket", Text, primary_key=True),
    Column("object_key", Text, primary_key=True),
    Column("object_version", Text, primary_key=True),
    Column("disposal", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("size", BigInt),
    Column("sha256", Text, nullable=False),
    Column("gone", Boolean, nullable=False),
    Index(None, "disposal"),
    Index(None, "gone", "disposal"),
)


DISPOSALS: Final = KeyedRows.of(disposals, "id")
CLAIMS: Final = KeyedRows.of(disposal_claims, "record")
RESIDUES: Final = KeyedRows.of(disposal_residues, "bucket", "object_key", "object_version")

PAGE_MAX: Final = 200


def disposal_row(found: Disposal, plan: bytes, certificate: bytes | None) -> tuple[Any, ...]:
    """The row of a disposal."""
    return (
        found.state.value,
        found.preview,
        plan,
        found.objects,
        found.size,
        found.records,
        found.proposed_by,
        time_us(found.proposed_at),
        found.proposed_index,
        found.pending,
        found.approved_by,
        found.approved_index,
        found.begun_index,
        found.ended_index,
        certificate,
    )


def disposal_of(disposal: str, row: Sequence[Any], entry_index: int = -1) -> tuple[Disposal, bytes, bytes | None]:
    """A disposal from its row, with its plan and its certificate."""
    state, preview, plan, objects, size, records, by, at, index, pending = row[:10]
    approved_by, approved, begun, ended, certificate = row[10:]
    found = Disposal(
        id=disposal,
        state=DisposalState(state),
        preview=preview,
        records=records,
        objects=objects,
        size=size,
        proposed_by=by,
        proposed_at=time_of(at),
        proposed_index=index,
        pending=pending,
        approved_by=approved_by,
        approved_index=approved,
        begun_index=begun,
        ended_index=ended,
        entry_index=entry_index,
    )
    return found, bytes(plan), None if certificate is None else bytes(certificate)


def read_disposal(reader: Reader, disposal: str) -> tuple[Disposal, bytes, bytes | None] | None:
    """One disposal, with its plan and its certificate."""
    column = disposals.c
    statement = select(*(column[name] for name in DISPOSALS.values), column.entry_index).where(column.id == disposal)
    rows = select_in(reader, statement)
    return disposal_of(disposal, tuple(rows[0])[:-1], rows[0][-1]) if rows else None


def read_disposals(reader: Reader, *, state: DisposalState | None, before: int | None, limit: int) -> list[Disposal]:
    """A page of disposals, the newest first; `before` continues below an entry index."""
    column = disposals.c
    statement = select(column.id, *(column[name] for name in DISPOSALS.values), column.entry_index)
    if state is not None:
        statement = statement.where(column.state == state.value)
    if before is not None:
        statement = statement.where(column.proposed_index < before)
    rows = select_in(reader, statement.order_by(column.proposed_index.desc()).limit(min(limit, PAGE_MAX)))
    return [disposal_of(row[0], tuple(row)[1:-1], row[-1])[0] for row in rows]


def claims_in(tx: Transaction, records: Iterable[Record]) -> dict[Record, str]:
    """Which disposal each of these records is part of."""
    found: dict[Record, str] = {}
    for record in records:
        row = tx.get(CLAIMS, (record.key,))
        if row is not None:
            found[record] = row[0]
    return found


def residue_row(disposal: str, record: Record, target: Target, *, gone: bool) -> tuple[Any, ...]:
    """The row of an object that stays."""
    return (disposal, record.key, target.part.value, target.version, target.size, target.sha256, gone)


def read_residues(reader: Reader, *, disposal: str | None = None) -> list[tuple[str, Record, Target]]:
    """Disposal, record and object of everything that is still there."""
    column = disposal_residues.c
    names = ("disposal", "record", "bucket", "object_key", "object_version", "part", "version", "size", "sha256")
    statement = select(*(column[name] for name in names)).where(column.gone.is_(False))
    if disposal is not None:
        statement = statement.where(column.disposal == disposal)
    return [
        (row[0], record_of(row[1]), Target(row[2], row[3], row[4], Part(row[5]), row[6], row[7], row[8]))
        for row in select_in(reader, statement.order_by(column.disposal, column.object_key))
    ]
