"""Retention: the schedules with what stands behind them, what is due, and why one record is kept."""

from collections.abc import Mapping
from typing import Any, Final

from api.problems import Problem
from policies.model import Action, Resource
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit

PAGE: Final = "50"
FILTER: Final = ("outcome", "until", "class_code", "store", "schedule", "findings_only")
OUTCOMES: Final = ("due", "held", "kept", "permanent", "undetermined")
CHOSEN: Final = "record/"
"""What the names of the boxes begin with that choose records of a list; the record follows."""


def show_schedules(visit: Visit) -> Outcome:
    """The newest version of every rule; the others on request."""
    versions: list[dict[str, Any]] = visit.ask("list_retention_schedules")["items"]
    newest = {rule["code"]: rule for rule in versions}
    every = visit.query.get("versions") == "all"
    rules = versions if every else list(newest.values())
    return Shown(
        "schedules.html",
        {
            "rules": [_rule(rule) for rule in rules],
            "every": every,
            "earlier": len(versions) - len(newest),
        },
    )


def show_due(visit: Visit) -> Outcome:
    """What is due for disposal, or came out otherwise when it was last reviewed."""
    asked = {name: visit.query.get(name, "").strip() for name in FILTER}
    if not any(asked.values()):
        asked["outcome"] = "due"
    values: dict[str, object] = {
        "asked": asked,
        "outcomes": OUTCOMES,
        "may_propose": visit.may(Action.DISPOSAL_PROPOSE, Resource("disposal")),
        "is_first": "cursor" not in visit.query,
    }
    try:
        found = visit.ask("list_retention_due", limit=PAGE, cursor=visit.query.get("cursor"), **asked)
    except Problem as problem:
        if problem.status != 400:
            raise
        return Shown("due.html", {**values, "problem": visit.told(problem), "found": None}, 400)
    return Shown("due.html", {**values, "problem": None, "found": found, "following": visit.following(found)})


def show_record(visit: Visit) -> Outcome:
    """Why one record is kept, how long, and what says so."""
    kind, record = visit.one_of("kind"), visit.one_of("record")
    found = visit.ask("get_retention_of_record", kind=kind, record=record)
    return Shown(
        "record.html",
        {
            "found": found,
            "judgement": found["judgement"],
            "deciding": [_rule(rule) for rule in found["schedules"] if rule["id"] in found["judgement"]["deciding"]],
            "others": [_rule(rule) for rule in found["schedules"] if rule["id"] not in found["judgement"]["deciding"]],
        },
    )


def chosen(visit: Visit) -> list[str]:
    """The records whose boxes a form has ticked, in its order."""
    return [name.removeprefix(CHOSEN) for name in visit.form if name.startswith(CHOSEN)]


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    optional = dict.fromkeys(("minimum", "maximum", "in_force", "until", "note_zh", "note_en"))
    return {**optional, "only_if": [], **rule}


PAGES: Final = (
    Page("/retention", "page_schedules", show_schedules, query=("versions",)),
    Page("/retention/due", "page_due", show_due, query=(*FILTER, "cursor")),
    Page("/retention/records/{kind}/{record}", "page_record", show_record),
)
