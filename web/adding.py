"""Adding a document: a form that a phone fills from its camera, and the file as it comes."""

from typing import Any, Final

import anyio.to_thread
import orjson

from api.calls import Call
from api.document_uploads import take_form
from api.problems import Problem
from web.documents import DOCUMENTS, classes_of
from web.outcomes import Moved, Outcome, Shown
from web.page import FilePage, Page
from web.serving import require_ours
from web.visits import Visit

ADD: Final = f"{DOCUMENTS}/add"
FIELDS: Final = ("class", "store", "title", "number")
ACCEPTED: Final = "image/*,.heic,.pdf,.docx,.xlsx,.txt,.csv,.tif,.tiff"


def show_form(visit: Visit) -> Outcome:
    """The form."""
    return _form(visit, {name: visit.query.get(name, "") for name in FIELDS}, None)


async def take(visit: Visit, call: Call[Any, None]) -> Outcome:
    """Take the file in; what is refused is told beside the form, with what was typed."""
    typed: dict[str, str] = {}

    def admit(fields: dict[str, Any]) -> None:
        require_ours(visit, fields)
        typed.update({name: str(fields.get(name, "")) for name in FIELDS})
        for name in [name for name in FIELDS if fields.get(name) == ""]:
            del fields[name]

    try:
        answer = await take_form(call, None, admit)
    except Exception as error:
        problem = await anyio.to_thread.run_sync(visit.problem, error)
        if problem.status not in {400, 409, 413, 415, 422} or not typed:
            raise problem from error
        return await anyio.to_thread.run_sync(_form, visit, typed, problem)
    found = orjson.loads(answer.body)
    if answer.status == 202:
        return Moved(DOCUMENTS, "document_waits")
    return Moved(f"{DOCUMENTS}/{found['document']}", "document_twice" if found["duplicates"] else "document_added")


def _form(visit: Visit, typed: dict[str, str], problem: Problem | None) -> Outcome:
    return Shown(
        "adding.html",
        {
            "typed": typed,
            "classes": [one for one in classes_of(visit).values() if one["active"]],
            "stores": visit.stores(),
            "accepted": ACCEPTED,
            "problem": None if problem is None else visit.told(problem),
        },
        200 if problem is None else problem.status,
    )


PAGES: Final = (Page(ADD, "page_add", show_form, query=FIELDS), FilePage(ADD, "page_take", take))
