"""The tables of locks, projections of the log.

- `lock_probes`: what became of each attack when a bucket's locks were probed last.
- `lock_modes`: how hard two persons decided that a class is locked.
- `lock_drifts`: how the objects of a record differed when the nightly reconciliation last looked at them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import Boolean, Column, Connection, Text, select

from audit.event import time_of
from retention.locks.model import ClassMode, Drift, DriftFound, ProbeResult
from retention.records import Record, RecordKind
from storage import KeyedRows
from storage.either import select_in
from storage.objects.model import LockMode
from storage.objects.probe import Attack, Strength
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.either import Reader

Snapshot: TypeAlias = Connection
"""A connection on which a read-only transaction is open (`Database.read`)."""

lock_probes: Final = subject_table(
    "lock_probes",
    Column("bucket", Text, primary_key=True),
    Column("attack", Text, primary_key=True),
    Column("strength", Text, nullable=False),
    Column("probed_at", BigInt, nullable=False),
)
PROBES: Final = KeyedRows(lock_probes, ("bucket", "attack"), ("strength", "probed_at"))

lock_modes: Final = subject_table(
    "lock_modes",
    Column("class_code", Text, primary_key=True),
    Column("mode", Text, nullable=False),
    Column("until", Text),
)
MODES: Final = KeyedRows(lock_modes, ("class_code",), ("mode", "until"))

lock_drifts: Final = subject_table(
    "lock_drifts",
    Column("record_kind", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("drift", Text, primary_key=True),
    Column("since", Text, nullable=False),
    Column("stands", Boolean, nullable=False),
)
DRIFTS: Final = KeyedRows(lock_drifts, ("record_kind", "record_id", "drift"), ("since", "stands"))
CHUNK: Final = 500


def read_probes(connection: Snapshot) -> list[ProbeResult]:
    """The last probe of each bucket, attack by attack."""
    column = lock_probes.c
    statement = select(column.bucket, column.attack, column.strength, column.probed_at, column.entry_index)
    return [
        ProbeResult(bucket, Attack(attack), Strength(strength), time_of(probed_at), index)
        for bucket, attack, strength, probed_at, index in connection.execute(
            statement.order_by(column.bucket, column.attack)
        )
    ]


def read_drifts(reader: Reader, records: Iterable[Record]) -> dict[Record, tuple[DriftFound, ...]]:
    """How the objects of each of these records differed when they were last compared; those in order are absent."""
    column = lock_drifts.c
    ids = sorted({record.id for record in records if record.kind is RecordKind.DOCUMENT})
    found: dict[Record, tuple[DriftFound, ...]] = {}
    for start in range(0, len(ids), CHUNK):
        statement = select(column.record_id, column.drift, column.since).where(
            column.record_kind == RecordKind.DOCUMENT.value,
            column.record_id.in_(ids[start : start + CHUNK]),
            column.stands,
        )
        for record_id, drift, since in select_in(reader, statement.order_by(column.drift)):
            record = Record(RecordKind.DOCUMENT, record_id)
            one = DriftFound(Drift(drift), date.fromisoformat(since))
            found[record] = (*found.get(record, ()), one)
    return found


def mode_row(found: ClassMode) -> tuple[str, str | None]:
    """The values in `MODES` of a class."""
    return found.mode.value, None if found.until is None else found.until.isoformat()


def read_modes(reader: Reader) -> dict[str, ClassMode]:
    """The classes on which two persons decided."""
    column = lock_modes.c
    statement = select(column.class_code, column.mode, column.until, column.entry_index)
    return {
        code: ClassMode(code, LockMode(mode), None if until is None else date.fromisoformat(until), index)
        for code, mode, until, index in select_in(reader, statement)
    }
