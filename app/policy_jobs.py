"""What runs the jobs of the policies room; the worker is given these."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from policies.bundles.model import SIMULATE_KIND, BundleState
from policies.errors import UnknownThing
from workflow.errors import JobFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.canonical import JSON
    from policies.service import Policies
    from workflow.worker import Handler, JobContext


def policy_job_handlers(policies: Policies) -> Mapping[str, Handler]:
    """The handlers by kind of job. What a simulation found is kept under the job's id, so a repeated job is a replay."""

    def simulate(context: JobContext) -> JSON:
        match context.job.payload:
            case {"bundle": str(digest), "step": int(step)}:
                pass
            case _:
                raise JobFailed("payload_unknown", "the request is not one this version knows", retry=False)
        try:
            found = policies.run_simulation(digest, step, event_id=UUID(context.job.id), progress=context.report)
        except UnknownThing as error:
            raise JobFailed("unknown", "what the job is about is not there", retry=False) from error
        # The step that answers, if there is one: the bundle may have gone on, or been asked about anew.
        answer = found.steps[step + 1] if len(found.steps) > step + 1 else None
        if answer is None or answer.state is BundleState.SIMULATING:
            return {"bundle": digest, "state": "overtaken"}
        counted = {name: value for name, value in answer.detail.items() if name in COUNTED}
        return {"bundle": digest, "state": answer.state.value, **counted}

    return {SIMULATE_KIND: simulate}


COUNTED = frozenset({"base", "code", "days", "newly_allowed", "newly_denied", "moved", "disposable"})
"""What a job's result says of a simulation; the bundle's step has all of it."""
