"""The tables of locks, projections of the log.

`lock_probes`: what became of each attack when a bucket's locks were probed last.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from sqlalchemy import Column, Connection, Text, select

from audit.event import time_of
from retention.locks.model import ProbeResult
from storage import KeyedRows
from storage.objects.probe import Attack, Strength
from storage.schema import BigInt, subject_table

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
