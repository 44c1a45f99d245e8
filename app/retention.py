"""Retention as the settings have it, with the rooms above filling its ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.retaining.sources import DocumentRecords
from policies.model import Role
from retention.bundling import RetentionPart
from retention.records import Record, RecordKind
from retention.service import Retention
from retention.writing import Means
from stock.retaining.sources import StockRecords, StockTriggers

if TYPE_CHECKING:
    from uuid import UUID

    from policies.service import Policies
    from storage import Storage
    from storage.either import Reader
    from workflow.service import Queue


def retention_of(storage: Storage, policies: Policies, queue: Queue, *, grace_days: int) -> Retention:
    """The room, with documents and stock as what it judges; policy bundles may bring its schedules."""
    means = Means(
        database=storage.database,
        log=storage.log,
        policies=policies,
        queue=queue,
        keys=storage.keys,
        records=(DocumentRecords(), StockRecords()),
        triggers=(StockTriggers(),),
        grace_days=grace_days,
    )
    retention = Retention(means)
    policies.join(RetentionPart(retention))
    return retention


def matters_of(retention: Retention, reader: Reader, document: str) -> tuple[str, ...]:
    """The matters that hold a document, as the document room asks."""
    record = Record(RecordKind.DOCUMENT, document)
    return tuple(hold.matter for hold in retention.holds_standing(reader, [record]).get(record, ()))


def seed_retention(storage: Storage, policies: Policies, retention: Retention, *, event_id: UUID) -> int:
    """Adds the schedules to start with, as far as they are missing; returns how many."""
    with storage.database.read() as connection:
        if retention.is_seeded(connection):
            return 0
    officer = policies.local_principal(Role.COMPLIANCE_OFFICER)
    return storage.log.commit(retention.seed(officer, event_id=event_id)).result or 0
