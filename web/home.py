"""The front page for who has not signed in, and the home page for who has: what awaits them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from audit.event import time_of
from policies.model import Action, Resource
from storage.errors import NotFound
from storage.reading import published_checkpoint, read_head
from web.documents import classes_of
from web.documents import line_of as line_of_document
from web.entries import line_of
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit

SHOWN_MAX: Final = 5
OWN_MAX: Final = "200"
TOLD_FOR: Final = timedelta(days=30)
"""For how long somebody is told that what they uploaded was destroyed."""
GLASS: Final = Resource("break_glass")


def show(visit: Visit) -> Outcome:
    """The front page or the home page, at `/`."""
    if visit.caller is None:
        return Shown("front.html", {"head": _public_head(visit), "public_url": visit.services.settings.public_url})
    lists = [
        found
        for found in (
            _to_check(visit),
            _pending(visit),
            _findings(visit),
            *_own(visit),
            _case_findings(visit),
            _awaiting(visit),
            _glass(visit),
        )
        if found
    ]
    newest = []
    if visit.may(Action.LOG_READ, Resource("log")):
        found = visit.ask("list_entries", limit=str(SHOWN_MAX), total="false")
        newest = [line_of(visit, item) for item in found["items"]]
    may_add = visit.may(Action.DOCUMENT_WRITE, Resource("document", stores=visit.own_stores))
    return Shown("home.html", {"lists": lists, "newest": newest, "may_add": may_add})


def _public_head(visit: Visit) -> Mapping[str, Any] | None:
    """Where the log stands, if the operator made checkpoints public."""
    if not visit.services.settings.public_checkpoints:
        return None
    with visit.services.storage.database.read() as connection:
        head = read_head(connection)
        try:
            checkpoint = published_checkpoint(connection)
        except NotFound:
            checkpoint = ""
    return {"size": head.size, "recorded": time_of(head.recorded_at), "root": head.root.hex(), "checkpoint": checkpoint}


def _to_check(visit: Visit) -> Mapping[str, Any] | None:
    """Papers that the machine is not sure of, for who may answer."""
    if not visit.may(Action.DOCUMENT_REVIEW, Resource("document", stores=visit.own_stores)):
        return None
    found = visit.ask("list_documents", review="open", limit=str(SHOWN_MAX))
    names = {code: visit.both(one, "name") for code, one in classes_of(visit).items()} if found["items"] else {}
    lines = [line_of_document(one, names) for one in found["items"]]
    return _list("home.to_check", "document", lines)


def _pending(visit: Visit) -> Mapping[str, Any] | None:
    """What waits for a second person, in reach."""
    if not visit.may(Action.PENDING_READ, Resource("pending")):
        return None
    items = visit.ask("list_pending", state="open", limit=str(SHOWN_MAX + 1))["items"]
    return _list("home.pending", "pending", items)


def _findings(visit: Visit) -> Mapping[str, Any] | None:
    if not visit.may(Action.FINDING_READ, Resource("finding")):
        return None
    items = visit.ask("list_personal_findings", state="open", limit=str(SHOWN_MAX + 1))["items"]
    return _list("home.findings", "finding", items)


def _own(visit: Visit) -> list[Mapping[str, Any] | None]:
    """What was found in what the reader uploaded: what an officer looks at, and what was destroyed of late."""
    if visit.may(Action.FINDING_READ, Resource("finding")) or not visit.may(Action.DOCUMENT_READ, Resource("document")):
        return []
    waiting = visit.ask("list_personal_findings", mine="true", state="open", limit=OWN_MAX)["items"]
    withdrawn = visit.ask("list_personal_findings", mine="true", state="withdrawn", limit=OWN_MAX)["items"]
    since = visit.now - TOLD_FOR
    late = [one for one in withdrawn if datetime.fromisoformat(one["found_at"]) >= since]
    return [_list("home.own_waiting", "finding", waiting), _list("home.own_withdrawn", "finding", late[::-1])]


def _case_findings(visit: Visit) -> Mapping[str, Any] | None:
    if not visit.may(Action.CASE_READ, Resource("case", whole_log=True)):
        return None
    return _list("home.case_findings", "case_finding", visit.ask("list_case_findings")["items"])


def _awaiting(visit: Visit) -> Mapping[str, Any] | None:
    """Broken glass of which this reader was told, and which they have not acknowledged."""
    if not visit.may(Action.BREAK_GLASS_REVIEW, GLASS):
        return None
    return _list("home.awaiting", "awaiting", visit.ask("list_break_glass_awaiting")["items"])


def _glass(visit: Visit) -> Mapping[str, Any] | None:
    if not visit.may(Action.BREAK_GLASS_REVIEW, GLASS):
        return None
    return _list("home.glass", "glass", visit.ask("list_break_glass_findings")["items"])


def _list(title: str, kind: str, items: list[Any]) -> Mapping[str, Any] | None:
    if not items:
        return None
    return {"title": title, "kind": kind, "items": items[:SHOWN_MAX], "more": max(0, len(items) - SHOWN_MAX)}


PAGES: Final = (Page("/", "page_home", show, open_to_all=True),)
