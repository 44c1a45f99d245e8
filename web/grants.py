"""Access for a time: auditors' engagements and broken glass; and the accounts that there are, with where their roles apply."""

from typing import Any, Final

from api.problems import Problem
from policies.grants.model import GrantKind, Review
from policies.model import Action, Resource
from web.outcomes import Moved, Outcome, Shown
from web.page import Page
from web.visits import Visit

PAGE: Final = "100"


def show(visit: Visit) -> Outcome:
    """Grants in reach, the newest first."""
    return _shown(visit)


def review(visit: Visit) -> Outcome:
    """Say whether a broken glass was justified."""
    body = {"review": visit.form.get("review", "")}
    return _done(visit, "reviewed", "review_break_glass", body)


def acknowledge(visit: Visit) -> Outcome:
    """Say, as the second person, that one knows of a broken glass."""
    return _done(visit, "acknowledged", "acknowledge_break_glass", {})


def show_people(visit: Visit) -> Outcome:
    """Accounts by pseudonym, with their roles and where these apply."""
    people = visit.ask("list_people", limit=PAGE, cursor=visit.query.get("cursor"))
    is_first = "cursor" not in visit.query
    return Shown(
        "people.html",
        {
            "people": people["items"],
            "clients": visit.ask("list_clients", limit=PAGE)["items"] if is_first else [],
            "following": visit.following(people),
            "is_first": is_first,
        },
    )


def _done(visit: Visit, said: str, operation: str, body: dict[str, Any]) -> Outcome:
    try:
        visit.answer(operation, body, grant=visit.one_of("grant"))
    except Problem as problem:
        if problem.status in {401, 403, 404}:
            raise
        return _shown(visit, problem)
    return Moved("/grants", said)


def _shown(visit: Visit, problem: Problem | None = None) -> Shown:
    kind = visit.query.get("kind")
    found = visit.ask("list_grants", kind=kind, cursor=visit.query.get("cursor"), limit=PAGE)
    me = visit.call.principal.person
    return Shown(
        "grants.html",
        {
            "grants": found["items"],
            "kind": kind or "",
            "kinds": [one.value for one in GrantKind],
            "reviews": [one.value for one in Review],
            "may_review": visit.may(Action.BREAK_GLASS_REVIEW, Resource("break_glass")),
            "me_id": me,
            "following": visit.following(found),
            "is_first": "cursor" not in visit.query,
            "problem": None if problem is None else visit.told(problem),
        },
        200 if problem is None else problem.status,
    )


def is_open(visit: Visit) -> bool:
    """Whether this reader may open the list of grants."""
    grant = Resource("grant")
    return visit.may(Action.GRANT_READ, grant) or visit.may(Action.BREAK_GLASS_OPEN, grant)


def shows_people(visit: Visit) -> bool:
    """Whether this reader may open the list of accounts."""
    return visit.may(Action.PEOPLE_READ, Resource("person"))


PAGES: Final = (
    Page("/grants", "page_grants", show, query=("kind", "cursor")),
    Page("/grants/{grant}/review", "page_review_glass", review, method="POST"),
    Page("/grants/{grant}/acknowledgement", "page_acknowledge_glass", acknowledge, method="POST"),
    Page("/people", "page_people", show_people, query=("cursor",)),
)
