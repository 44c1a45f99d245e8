"""A policy bundle on its way: its steps, what a simulation found that it would change, and its approval by another person."""

from collections.abc import Mapping
from typing import Any

from api.problems import Problem
from policies.bundles.model import BundleState
from policies.model import Action
from policies.pending.acting import resource_of
from web.outcomes import Moved, Outcome, Shown
from web.page import Page
from web.visits import Visit


def show(visit: Visit) -> Outcome:
    """The bundle as it stands."""
    return _shown(visit, visit.ask("get_bundle", bundle=visit.one_of("bundle")))


def approve(visit: Visit) -> Outcome:
    """Approve it, having said how many things it newly allows."""
    found = visit.ask("get_bundle", bundle=visit.one_of("bundle"))
    body: dict[str, Any] = {}
    counted, statement = visit.form.get("newly_allowed", "").strip(), visit.form.get("statement", "").strip()
    if counted or statement:
        number: int | str = int(counted) if counted.isascii() and counted.isdigit() else counted
        body = {"acknowledgement": {"newly_allowed": number, "statement": statement}}
    try:
        visit.answer("approve_bundle", body, bundle=found["digest"], pending=_pending_of(found))
    except Problem as problem:
        if problem.status in {401, 403, 404}:
            raise
        return _shown(visit, found, problem)
    return Moved(f"/policies/bundles/{found['digest']}", "approved")


def _shown(visit: Visit, found: Mapping[str, Any], problem: Problem | None = None) -> Shown:
    steps = found["steps"]
    simulations = [step for step in steps if "questions" in step["detail"]]
    return Shown(
        "bundle.html",
        {
            "one": found,
            "simulation": simulations[-1] if simulations else None,
            "faults": next((step["detail"]["found"] for step in reversed(steps) if step["detail"].get("found")), []),
            "pending": _pending_of(found),
            "may_approve": _may_approve(visit, found),
            "problem": None if problem is None else visit.told(problem),
        },
        200 if problem is None else problem.status,
    )


def _pending_of(found: Mapping[str, Any]) -> str | None:
    """What waits for its approval."""
    if found["state"] != BundleState.PROPOSED.value:
        return None
    pending: str = found["steps"][-1]["detail"]["pending"]
    return pending


def _may_approve(visit: Visit, found: Mapping[str, Any]) -> bool:
    pending = _pending_of(found)
    if pending is None:
        return False
    waiting = visit.services.policies.pending_action(pending)
    is_mine = waiting.proposer == visit.call.principal.person
    return not is_mine and visit.may(Action.BUNDLE_APPROVE, resource_of(waiting))


PAGES = (
    Page("/policies/bundles/{bundle}", "page_bundle", show),
    Page("/policies/bundles/{bundle}/approval", "page_approve_bundle", approve, method="POST"),
)
