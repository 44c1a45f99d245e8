"""What runs the jobs of disposal; the worker is given these."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from retention.disposal.errors import HoldStands, UnknownDisposal
from retention.disposal.model import DISPOSE_KIND, RESIDUE_KIND
from workflow.errors import JobFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.canonical import JSON
    from retention.disposal.service import Disposals
    from workflow.worker import Handler, JobContext


def disposal_job_handlers(disposals: Disposals) -> Mapping[str, Handler]:
    """The handlers by kind of job. Commit 2 is under the job's id, so a repeated job is a replay."""

    def dispose(context: JobContext) -> JSON:
        payload = context.job.payload
        disposal = payload.get("disposal") if isinstance(payload, dict) else None
        try:
            return disposals.destroy(str(disposal), event_id=UUID(context.job.id), progress=context.report)
        except HoldStands as error:
            raise JobFailed(
                "hold_stands", "the store shows a legal hold; nothing of that record was destroyed"
            ) from error
        except UnknownDisposal as error:
            raise JobFailed("unknown", "what the job is about is not there", retry=False) from error

    return {
        DISPOSE_KIND: dispose,
        RESIDUE_KIND: lambda context: disposals.remove_residues(event_id=UUID(context.job.id)),
    }
