"""Disposals: proposed by one person, approved by another after seeing exactly what goes, and certified."""

from typing import Any, Final

from api.problems import Problem
from api.replies import Answer
from policies.model import Action, Resource
from web.outcomes import Moved, Outcome, Shown
from web.page import Page
from web.retention import chosen
from web.visits import Visit

PAGE: Final = "50"
DISPOSALS: Final = "/retention/disposals"
OPTIONAL: Final = ("approved_by", "approved_entry", "begun_entry", "ended_entry")
OBJECTS_SHOWN: Final = 200


def show_list(visit: Visit) -> Outcome:
    """Every disposal, the newest first."""
    found = visit.ask("list_disposals", limit=PAGE, cursor=visit.query.get("cursor"), state=visit.query.get("state"))
    return Shown(
        "disposals.html",
        {"found": found, "following": visit.following(found), "is_first": "cursor" not in visit.query},
    )


def propose(visit: Visit) -> Outcome:
    """Propose to dispose of the records that were chosen from the due list."""
    records = chosen(visit)
    try:
        made = visit.ask("propose_disposal", {"records": list[Any](records), "reason": visit.form.get("reason", "")})
    except Problem as problem:
        if problem.status not in {400, 409, 422}:
            raise
        values = {"problem": visit.told(problem), "records": records}
        return Shown("disposal_refused.html", values, problem.status)
    return Moved(f"{DISPOSALS}/{made['result']['id']}", "disposal_proposed")


def show_one(visit: Visit) -> Outcome:
    """One disposal: its plan, and on request exactly what would go now."""
    disposal = visit.one_of("disposal")
    found = visit.ask("get_disposal", disposal=disposal)
    simulation = None
    if visit.query.get("simulated") == "true" and found["state"] in {"proposed", "approved"}:
        simulation = visit.ask("simulate_disposal", disposal=disposal)
    resource = Resource("disposal", disposal)
    return Shown(
        "disposal.html",
        {
            "found": {**dict.fromkeys(OPTIONAL), **found},
            "simulation": simulation,
            "objects": [] if simulation is None else simulation["objects"][:OBJECTS_SHOWN],
            "is_own": visit.caller is not None and found["proposed_by"] == visit.caller.id,
            "may_approve": visit.may(Action.DISPOSAL_APPROVE, resource),
            "may_propose": visit.may(Action.DISPOSAL_PROPOSE, resource),
        },
    )


def approve(visit: Visit) -> Outcome:
    """Approve what another person proposed, as it was shown."""
    said = {"preview": visit.form.get("preview", ""), "reason": visit.form.get("reason", "")}
    return _said(visit, "approve_disposal", said, "disposal_approved")


def decline(visit: Visit) -> Outcome:
    """End a disposal that has not begun."""
    return _said(visit, "decline_disposal", {"reason": visit.form.get("reason", "")}, "disposal_declined")


def execute(visit: Visit) -> Outcome:
    """Begin the destruction of what was approved."""
    return _said(visit, "execute_disposal", {"preview": visit.form.get("preview", "")}, "disposal_begun")


def certificate(visit: Visit) -> Answer:
    """The certificate as the file that is verified offline."""
    disposal = visit.one_of("disposal")
    answer = visit.answer("get_disposal_certificate", disposal=disposal)
    named = ("Content-Disposition", f'attachment; filename="certificate-{disposal}.json"')
    return Answer(answer.body, media_type=answer.media_type, headers=(*answer.headers, named))


def printed(visit: Visit) -> Answer:
    """The certificate on paper."""
    return visit.answer("print_disposal_certificate", disposal=visit.one_of("disposal"))


def _said(visit: Visit, name: str, body: dict[str, Any], done: str) -> Outcome:
    """One person's word; empty members are not sent."""
    disposal = visit.one_of("disposal")
    visit.ask(name, {member: text for member, text in body.items() if text}, disposal=disposal)
    return Moved(f"{DISPOSALS}/{disposal}", done)


_ONE: Final = f"{DISPOSALS}/{{disposal}}"
PAGES: Final = (
    Page(DISPOSALS, "page_disposals", show_list, query=("state", "cursor")),
    Page(DISPOSALS, "page_propose_disposal", propose, method="POST"),
    Page(_ONE, "page_disposal", show_one, query=("simulated",)),
    Page(f"{_ONE}/approval", "page_approve_disposal", approve, method="POST"),
    Page(f"{_ONE}/refusal", "page_decline_disposal", decline, method="POST"),
    Page(f"{_ONE}/execution", "page_execute_disposal", execute, method="POST"),
    Page(f"{_ONE}/certificate", "page_certificate", certificate),
    Page(f"{_ONE}/certificate.pdf", "page_certificate_printed", printed),
)
