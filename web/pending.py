"""What waits for a second person: the list, one thing with exactly what would be done, and approving, declining or taking it back."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.problems import Problem
from policies.pending.acting import resource_of
from policies.pending.model import PendingKind, PendingState
from web.entries import laid_out
from web.outcomes import Moved, Outcome, Shown
from web.page import Page
from web.visits import Visit

PAGE: Final = "50"
EVERY: Final = "every"

Approval = Callable[[Mapping[str, Any]], tuple[str, dict[str, str]]]
"""From what waits to the operation that approves it, with its parameters."""

APPROVALS: Final[Mapping[str, Approval]] = {
    PendingKind.ADJUSTMENT: lambda one: ("approve_adjustment", {"pending": one["id"]}),
    PendingKind.HOLD_RELEASE: lambda one: (
        "approve_hold_release",
        {"matter": one["content"]["matter"], "pending": one["id"]},
    ),
    PendingKind.RETENTION_RULE: lambda one: (
        "approve_retention_schedule",
        {"code": one["content"]["code"], "pending": one["id"]},
    ),
    PendingKind.CASE_DECISION: lambda one: (
        "approve_case_refusal",
        {"case": one["subject"].partition(":")[2], "proposal": one["id"]},
    ),
}
"""Kinds that are approved by saying so; others want more of the approver, where the thing itself is shown."""


def show_list(visit: Visit) -> Outcome:
    """What waits in reach, the newest first; what was settled, if it is asked for."""
    state = visit.query.get("state", PendingState.OPEN.value)
    found = visit.ask(
        "list_pending", state=None if state == EVERY else state, cursor=visit.query.get("cursor"), limit=PAGE
    )
    return Shown(
        "pendings.html",
        {
            "items": found["items"],
            "state": state,
            "following": visit.following(found),
            "is_first": "cursor" not in visit.query,
        },
    )


def show_one(visit: Visit) -> Outcome:
    """One that waits, or did, with what this reader may do about it."""
    return _shown(visit, visit.ask("get_pending", pending=visit.one_of("pending")))


def approve(visit: Visit) -> Outcome:
    """Give the approval, if it is given by saying so."""
    found = visit.ask("get_pending", pending=visit.one_of("pending"))
    operation, parameters = APPROVALS[found["kind"]](found)
    return _settled(visit, found, "approved", operation, {}, parameters)


def decline(visit: Visit) -> Outcome:
    """Refuse it."""
    return _by_itself(visit, "declined", "decline_pending")


def withdraw(visit: Visit) -> Outcome:
    """Take back what one proposed."""
    return _by_itself(visit, "withdrawn", "withdraw_pending")


def _by_itself(visit: Visit, said: str, operation: str) -> Outcome:
    found = visit.ask("get_pending", pending=visit.one_of("pending"))
    reason = visit.form.get("reason", "").strip()
    return _settled(visit, found, said, operation, {"reason": reason} if reason else {}, {"pending": found["id"]})


def _settled(
    visit: Visit, found: Mapping[str, Any], said: str, operation: str, body: dict[str, Any], parameters: dict[str, str]
) -> Outcome:
    """Go on to the thing as it stands then; what was refused is told beside it."""
    try:
        visit.answer(operation, body, **parameters)
    except Problem as problem:
        if problem.status in {401, 403, 404}:
            raise
        return _shown(visit, found, problem)
    return Moved(f"/pending/{found['id']}", said)


def _shown(visit: Visit, found: Mapping[str, Any], problem: Problem | None = None) -> Shown:
    is_mine = found["proposer"] == visit.call.principal.person
    is_open = found["state"] == PendingState.OPEN.value
    known = visit.services.policies.pending_action(found["id"])
    next_step = known.next_step
    may_settle = is_open and not is_mine and next_step is not None and visit.may(next_step, resource_of(known))
    return Shown(
        "pending.html",
        {
            "one": found,
            "content": laid_out(visit, found["content"]),
            "steps": list(zip(found["steps"], [*found["approvers"], *[None] * len(found["steps"])], strict=False)),
            "is_mine": is_mine,
            "may_withdraw": is_open and is_mine,
            "may_settle": may_settle,
            "is_plain": found["kind"] in APPROVALS,
            "elsewhere": _elsewhere(found),
            "problem": None if problem is None else visit.told(problem),
        },
        200 if problem is None else problem.status,
    )


def _elsewhere(found: Mapping[str, Any]) -> str | None:
    """Where the thing itself is shown, if approving it wants more than saying so."""
    subject = found["subject"].partition(":")[2]
    match found["kind"]:
        case PendingKind.BUNDLE:
            return f"/policies/bundles/{subject}"
        case PendingKind.DISPOSAL:
            return f"/retention/disposals/{subject}"
        case _:
            return None


PAGES: Final = (
    Page("/pending", "page_pendings", show_list, query=("state", "cursor")),
    Page("/pending/{pending}", "page_pending", show_one),
    Page("/pending/{pending}/approval", "page_approve_pending", approve, method="POST"),
    Page("/pending/{pending}/refusal", "page_decline_pending", decline, method="POST"),
    Page("/pending/{pending}/withdrawal", "page_withdraw_pending", withdraw, method="POST"),
)
