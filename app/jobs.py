"""Which function runs which kind of job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.job_handlers import api_job_handlers
from app.document_jobs import document_job_handlers
from audit.verify import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.wiring import House
    from workflow.worker import Handler


def job_handlers(house: House) -> Mapping[str, Handler]:
    """Every kind of job there is, and what runs it."""
    trust = Trust(vkeys=house.settings.pinned_verifier_keys)
    return {
        **api_job_handlers(house.storage.database, house.stock, trust=trust),
        **document_job_handlers(house.documents),
    }
