"""Where data goes: the rule in force, every rule with its authority, status and day of checking, and the registers."""

from typing import Final

from policies.model import Action, Resource
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit

RESIDENCY: Final = Resource("residency")


def show(visit: Visit) -> Outcome:
    """Everything that is declared, and what somebody should look at."""
    state = visit.ask("get_residency")
    found = visit.ask("list_residency_findings")
    return Shown(
        "residency.html",
        {
            "mode": state["mode"],
            "rules": state["rules"],
            "rehearsal": state.get("s33_conditions"),
            "findings": found["items"],
            "buckets": found["buckets"],
            "origins": found["origins"],
            "destinations": visit.ask("list_destinations")["items"],
            "processors": visit.ask("list_processors")["items"],
            "transfers": visit.ask("list_transfers")["items"],
        },
    )


def is_open(visit: Visit) -> bool:
    """Whether this reader may open it."""
    return visit.may(Action.RESIDENCY_READ, RESIDENCY)


PAGES: Final = (Page("/residency", "page_residency", show),)
