"""Every room that declares tables, so that migrations see them all."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from storage.schema import metadata

if TYPE_CHECKING:
    from sqlalchemy import MetaData

STORES: Final = (
    "storage.schema",
    "policies.store",
    "policies.bundles.store",
    "policies.grants.store",
    "policies.residency.store",
    "policies.pending.store",
    "policies.sessions.store",
    "workflow.store",
    "workflow.schedules.store",
    "workflow.notices.store",
    "workflow.notices.outbox.store",
    "retention.disposal.store",
    "retention.locks.store",
    "retention.store",
    "retention.due.store",
    "stock.store",
    "stock.lots.store",
    "stock.transfers.store",
    "documents.store",
    "documents.uploads.store",
    "documents.marks.store",
    "cases.store",
    "cases.incidents.store",
)


def load_metadata() -> MetaData:
    """The schema as the rooms declare it."""
    for module in STORES:
        import_module(module)
    return metadata
