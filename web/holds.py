"""Legal holds: the matters, placing one, and proposing that one be released."""

import re
from typing import Any, Final

from api.problems import Problem
from policies.model import Action, Resource
from web.outcomes import Moved, Outcome, Shown
from web.page import Page
from web.visits import Visit

PAGE: Final = "50"
RECORDS_SHOWN: Final = "200"
HOLDS: Final = "/retention/holds"
FIELDS: Final = ("matter", "kind", "reason", "counsel", "contemplated_on", "review_on", "records")
QUERY_LISTS: Final = ("skus", "stores", "suppliers", "classes")
QUERY_DAYS: Final = ("since", "until")
KINDS: Final = ("legal", "regulator")
"""What a person places; the others are placed by the case they belong to."""
_PARTED: Final = re.compile(r"[\s,、，]+")


def show_list(visit: Visit) -> Outcome:
    """The matters, and the form that places one."""
    return _list(visit, dict.fromkeys((*FIELDS, *QUERY_LISTS, *QUERY_DAYS), ""), None)


def place(visit: Visit) -> Outcome:
    """Place a hold."""
    asked = {name: visit.form.get(name, "").strip() for name in (*FIELDS, *QUERY_LISTS, *QUERY_DAYS)}
    try:
        placed = visit.ask("place_hold", hold_of(asked))
    except Problem as problem:
        if problem.status not in {400, 409, 422}:
            raise
        return _list(visit, asked, problem)
    return Moved(f"{HOLDS}/{placed['result']['matter']}", "hold_placed")


def show_one(visit: Visit) -> Outcome:
    """One matter: what it holds, and who must still say yes before it is released."""
    matter = visit.one_of("matter")
    found = visit.ask("get_hold", matter=matter)
    records = visit.ask("list_hold_records", matter=matter, limit=RECORDS_SHOWN)
    prose = visit.ask("get_hold_reason", matter=matter) if visit.query.get("reason") == "shown" else None
    release = None
    if found["standing"] and visit.may(Action.PENDING_READ, Resource("pending")):
        waiting = visit.ask("list_pending", state="open", kind="hold.release", limit="200")["items"]
        release = next((one for one in waiting if one["content"]["matter"] == matter), None)
    return Shown(
        "hold.html",
        {
            "found": {**dict.fromkeys(("owner", "query", "review_on", "contemplated_on", "released_on")), **found},
            "records": records["items"],
            "more": records["next_cursor"] is not None,
            "prose": prose,
            "release": release,
            "may_release": visit.may(Action.HOLD_RELEASE, Resource("hold", matter)),
            "may_read_reason": visit.may(Action.PERSONAL_READ, Resource("hold", matter)),
        },
    )


def propose_release(visit: Visit) -> Outcome:
    """Propose that a matter be released."""
    matter = visit.one_of("matter")
    visit.ask("propose_hold_release", {"reason": visit.form.get("reason", "")}, matter=matter)
    return Moved(f"{HOLDS}/{matter}", "release_proposed")


def hold_of(asked: dict[str, str]) -> dict[str, Any]:
    """The request that the form asks for: fields left empty are not given."""
    given: dict[str, Any] = {name: asked[name] for name in FIELDS[:-1] if asked[name]}
    records = [_record(text) for text in _PARTED.split(asked["records"]) if text]
    query: dict[str, Any] = {name: _PARTED.split(asked[name]) for name in QUERY_LISTS if asked[name]}
    query |= {name: asked[name] for name in QUERY_DAYS if asked[name]}
    return {**given, **({"records": records} if records else {}), **({"query": query} if query else {})}


def _record(text: str) -> dict[str, str]:
    """A record as people write it: `document:ID`, or the id of a document alone."""
    kind, parted, id_ = text.rpartition(":")
    return {"kind": kind if parted else "document", "id": id_}


def _list(visit: Visit, asked: dict[str, str], problem: Problem | None) -> Outcome:
    standing = "" if visit.query.get("released") == "true" else "true"
    found = visit.ask("list_holds", standing=standing, limit=PAGE, cursor=visit.query.get("cursor"))
    return Shown(
        "holds.html",
        {
            "found": found,
            "following": visit.following(found),
            "is_first": "cursor" not in visit.query,
            "with_released": not standing,
            "may_place": visit.may(Action.HOLD_PLACE, Resource("hold")),
            "kinds": KINDS,
            "asked": asked,
            "problem": None if problem is None else visit.told(problem),
        },
        200 if problem is None else problem.status,
    )


PAGES: Final = (
    Page(HOLDS, "page_holds", show_list, query=("released", "cursor")),
    Page(HOLDS, "page_place_hold", place, method="POST"),
    Page(f"{HOLDS}/{{matter}}", "page_hold", show_one, query=("reason",)),
    Page(f"{HOLDS}/{{matter}}/release", "page_propose_release", propose_release, method="POST"),
)
