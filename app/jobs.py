"""Which function runs which kind of job."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from api.job_handlers import api_job_handlers
from app.disposal_jobs import disposal_job_handlers
from app.document_jobs import document_job_handlers
from app.key_jobs import FOLDER, roll_keys
from app.policy_jobs import policy_job_handlers
from app.schedules import GLASS_KIND, RETRY_KIND, retry_disposals, review_glass
from audit.verify import Trust
from cases.model import CHECK_KIND
from documents.retaining.sources import DocumentRecords
from retention.disposal.model import ROLL_KIND
from retention.errors import UnknownRetention
from retention.locks.model import HOLD_KIND, MODE_KIND, PROBE_KIND, RECONCILE_KIND
from retention.locks.reconciling import LockKeeper
from retention.records import REVIEW_KIND
from stock.lots.model import EXPIRY_KIND
from workflow.errors import JobFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.wiring import House
    from audit.canonical import JSON
    from workflow.worker import Handler, JobContext


def job_handlers(house: House) -> Mapping[str, Handler]:
    """Every kind of job there is, and what runs it."""
    trust = Trust(vkeys=house.settings.pinned_verifier_keys)
    return {
        **api_job_handlers(house.storage.database, house.stock, trust=trust),
        **policy_job_handlers(house.policies),
        **document_job_handlers(house.documents),
        **disposal_job_handlers(house.disposals),
        ROLL_KIND: partial(roll_keys, house.storage, house.settings.data_dir / FOLDER),
        EXPIRY_KIND: partial(_warn_of_expiry, house),
        RECONCILE_KIND: lambda context: lock_keeper_of(house).reconcile(
            event_id=UUID(context.job.id), progress=context.report
        ),
        HOLD_KIND: partial(_apply_hold, house),
        MODE_KIND: partial(_apply_mode, house),
        CHECK_KIND: lambda context: house.cases.remind(
            now=context.now(), new_event_id=lambda: UUID(bytes=house.entropy(16), version=4)
        ),
        PROBE_KIND: lambda context: house.locks.probe(event_id=UUID(context.job.id)),
        REVIEW_KIND: partial(_review_retention, house),
        RETRY_KIND: partial(retry_disposals, house),
        GLASS_KIND: partial(review_glass, house),
    }


def lock_keeper_of(house: House) -> LockKeeper:
    """What keeps the store's locks as schedules and holds would have them."""
    storage = house.storage
    return LockKeeper(
        storage.database,
        storage.log,
        house.retention,
        DocumentRecords(),
        house.documents,
        house.vault.store,
        clock=house.clock,
    )


def _apply_hold(house: House, context: JobContext) -> JSON:
    """Takes a hold, or its release, to the object store."""
    payload = context.job.payload
    matter = payload.get("matter") if isinstance(payload, dict) else None
    job = UUID(context.job.id)
    try:
        found = lock_keeper_of(house).apply_hold(str(matter), event_id=job, progress=context.report)
    except UnknownRetention as error:
        raise JobFailed("unknown", "what the job is about is not there", retry=False) from error
    # What was withdrawn while a matter held it goes once none does.
    ended = house.documents.destroy_waiting(new_event_id=lambda name: uuid5(job, name))
    return {**found, "withdrawn_destroyed": ended}


def _apply_mode(house: House, context: JobContext) -> JSON:
    """Locks what a class holds as hard as two persons decided."""
    payload = context.job.payload
    class_code = payload.get("class") if isinstance(payload, dict) else None
    return lock_keeper_of(house).apply_mode(str(class_code), event_id=UUID(context.job.id), progress=context.report)


def _warn_of_expiry(house: House, context: JobContext) -> JSON:
    """Warns stores of lots that have come within a horizon."""
    return house.stock.warn_of_expiry(
        now=context.now(),
        new_event_id=lambda: UUID(bytes=house.entropy(16), version=4),
        horizons=house.settings.expiry_horizons_days,
        progress=context.report,
    )


def _review_retention(house: House, context: JobContext) -> JSON:
    """Judges what may be disposed of, and makes the due list anew."""
    return house.retention.review(now=context.now(), event_id=UUID(context.job.id), progress=context.report)
