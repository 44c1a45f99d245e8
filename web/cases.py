"""Requests of people about their own data, the log book of refusals, and breaches: for the data protection officer."""

from datetime import date
from typing import Any, Final

from api.replies import Answer
from cases.clock import DAYS
from policies.model import Action, Resource
from retention.rules import hong_kong_day
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit

PAGE: Final = "50"
CASES: Final = Resource("case", whole_log=True)
ENDED: Final = frozenset({"answered", "closed"})
WARN_DAYS: Final = 10
"""Days before the target from which a case stands out; the reminder of day 30 comes then."""


def show_list(visit: Visit) -> Outcome:
    """Requests with their clocks, and what an auditor would find today."""
    found = visit.ask(
        "list_cases",
        kind=visit.query.get("kind"),
        state=visit.query.get("state"),
        cursor=visit.query.get("cursor"),
        limit=PAGE,
    )
    return Shown(
        "cases.html",
        {
            "cases": [_with_clock(visit, one) for one in found["items"]],
            "findings": visit.ask("list_case_findings")["items"],
            "following": visit.following(found),
            "is_first": "cursor" not in visit.query,
            "state": visit.query.get("state", ""),
        },
    )


def show_case(visit: Visit) -> Outcome:
    """One request: its clock, what was held at receipt, proposed refusals, who is to be told. Who asks is not shown here."""
    return _case(visit, None)


def show_particulars(visit: Visit) -> Outcome:
    """The same with who asks and for what, once the log says who read it."""
    return _case(visit, visit.ask("get_case_particulars", case=visit.one_of("case"))["values"])


def show_log_book(visit: Visit) -> Outcome:
    """The log book of refusals (PDPO s.27), and the closed list of grounds."""
    found = visit.ask("list_log_book", cursor=visit.query.get("cursor"), limit=PAGE)
    grounds = visit.ask("list_case_grounds")
    worded = {one["code"]: one for kind in ("access", "correction", "exemptions") for one in grounds[kind]}
    return Shown(
        "log_book.html",
        {
            "lines": found["items"],
            "grounds": grounds,
            "worded": worded,
            "following": visit.following(found),
            "is_first": "cursor" not in visit.query,
        },
    )


def export_log_book(visit: Visit) -> Answer:
    """The whole log book to take away; the log says who took it."""
    return visit.answer("export_log_book_csv")


def show_breaches(visit: Visit) -> Outcome:
    """The breach register with the clock of each regime, and notices of the Commissioner."""
    found = visit.ask("list_breaches", cursor=visit.query.get("cursor"), limit=PAGE)
    return Shown(
        "breaches.html",
        {
            "breaches": found["items"],
            "notices": visit.ask("list_enforcement_notices")["items"],
            "cessations": visit.ask("list_cessations")["items"],
            "following": visit.following(found),
            "today": hong_kong_day(visit.now).isoformat(),
        },
    )


def _case(visit: Visit, particulars: dict[str, Any] | None) -> Shown:
    case = visit.one_of("case")
    found = visit.ask("get_case", case=case)
    return Shown(
        "case.html",
        {
            "one": _with_clock(visit, found),
            "items": visit.ask("list_case_items", case=case)["items"],
            "refusals": visit.ask("list_case_refusals", case=case)["items"],
            "recipients": visit.ask("list_case_recipients", case=case)["items"]
            if found["kind"] == "correction"
            else [],
            "particulars": particulars,
        },
    )


def _with_clock(visit: Visit, case: dict[str, Any]) -> dict[str, Any]:
    """A case with how many days are left until its target, as long as it is to be answered."""
    left = (date.fromisoformat(case["target"]) - hong_kong_day(visit.now)).days
    runs = case["state"] not in ENDED
    tone = "bad" if left < 0 else "warn" if left <= WARN_DAYS else "good"
    return {**case, "days": DAYS, "left": left, "late": -left, "runs": runs, "tone": tone if runs else ""}


def is_open(visit: Visit) -> bool:
    """Whether this reader may open them."""
    return visit.may(Action.CASE_READ, CASES)


PAGES: Final = (
    Page("/cases", "page_cases", show_list, query=("kind", "state", "cursor")),
    Page("/cases/log-book", "page_log_book", show_log_book, query=("cursor",)),
    Page("/cases/log-book/export", "page_export_log_book", export_log_book, method="POST"),
    Page("/cases/breaches", "page_breaches", show_breaches, query=("cursor",)),
    Page("/cases/{case}", "page_case", show_case),
    Page("/cases/{case}/particulars", "page_case_particulars", show_particulars, method="POST"),
)
