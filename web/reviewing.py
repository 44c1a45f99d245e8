"""A person's word on what the machine read: field by field, on the whole, and stock moved by the paper."""

from typing import Any, Final
from urllib.parse import quote

from api.body import JSON
from api.problems import Problem
from web.documents import DOCUMENTS, shown
from web.outcomes import Moved, Outcome
from web.page import Page
from web.visits import Visit

FATES: Final = frozenset({"release", "quarantine", "clear", "withdraw"})


def say_field(visit: Visit) -> Outcome:
    """Say what a field should say, that nothing stands there, or that it is right."""
    said, path = visit.form.get("said", ""), visit.form.get("path", "")
    body: dict[str, JSON] = {"path": path}
    if said == "right":
        body["is_right"] = True
    else:
        value = visit.form.get("value", "").strip()
        body["value"] = None if said == "nothing" or not value else value
    # On to the next question, if there is one.
    at = visit.form.get("next") or path
    return _done(visit, "correct_field", body, "field_said", f"#{quote(at.replace('/', '-'))}", version=_version(visit))


def confirm(visit: Visit) -> Outcome:
    """Say that what was read is right as it stands."""
    return _done(visit, "confirm_document", {}, "document_confirmed")


def adjust(visit: Visit) -> Outcome:
    """Move stock by what the paper says."""
    store = visit.form.get("store", "")
    return _done(visit, "adjust_from", {"store": store} if store else {}, "stock_moved")


def decide(visit: Visit) -> Outcome:
    """Release, quarantine, clear or withdraw a version."""
    fate = visit.form.get("fate", "")
    return _done(visit, "decide_fate", {}, "fate_decided", version=_version(visit), fate=fate)


def _version(visit: Visit) -> str:
    return visit.form.get("version", "")


def _done(visit: Visit, name: str, body: dict[str, Any], said: str, at: str = "", **parts: str) -> Outcome:
    """Go on to the document; what was refused is told on it."""
    document = visit.one_of("document")
    try:
        visit.answer(name, body, document=document, **parts)
    except Problem as problem:
        if problem.status not in {400, 409, 422}:
            raise
        return shown(visit, document, problem)
    return Moved(f"{DOCUMENTS}/{document}?opened=true", said, at)


_ONE: Final = f"{DOCUMENTS}/{{document}}"
PAGES: Final = (
    Page(f"{_ONE}/fields", "page_say_field", say_field, method="POST"),
    Page(f"{_ONE}/confirmation", "page_confirm_document", confirm, method="POST"),
    Page(f"{_ONE}/adjustments", "page_adjust_from", adjust, method="POST"),
    Page(f"{_ONE}/fate", "page_decide_fate", decide, method="POST"),
)
