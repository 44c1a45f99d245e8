"""What people put beside a document: tags, notes, and links to other papers and to movements of stock."""

import re
from collections.abc import Callable
from typing import Final

from api.body import JSON
from api.problems import Problem
from api.replies import Answer
from documents.errors import Code, InvalidDocument, UnknownDocument
from documents.model import LinkKind
from documents.requests import DOCUMENT_FORM
from web.documents import DOCUMENTS, shown
from web.outcomes import Moved, Outcome
from web.page import Page
from web.visits import Visit

OFF: Final = "off"
_ID: Final = re.compile(DOCUMENT_FORM)
_GROUPING: Final = str.maketrans("", "", "#,， ")


def tag(visit: Visit) -> Outcome:
    """Give the document a tag, or take one away."""
    name = "remove_tag" if visit.form.get("said") == OFF else "add_tag"
    return _done(
        visit, "tags", lambda: visit.answer(name, document=visit.one_of("document"), tag=visit.form.get("tag", ""))
    )


def note(visit: Visit) -> Outcome:
    """Add a note."""
    body: dict[str, JSON] = {"text": visit.form.get("text", "").replace("\r\n", "\n").strip()}
    return _done(visit, "notes", lambda: visit.answer("add_note", body, document=visit.one_of("document")))


def link(visit: Visit) -> Outcome:
    """Link the document to another, by its address or the number on it, or to a movement of stock; or take a link away."""
    kind, target = visit.form.get("kind", ""), visit.form.get("target", "").strip()
    if visit.form.get("said") == OFF:
        document = visit.form.get("document", "")
        return _done(visit, "links", lambda: visit.answer("remove_link", document=document, kind=kind, target=target))

    def linked() -> Answer:
        body: dict[str, JSON] = {"kind": kind, "target": _target(visit, kind, target)}
        return visit.answer("add_link", body, document=visit.one_of("document"))

    return _done(visit, "links", linked)


def _target(visit: Visit, kind: str, said: str) -> str:
    """The id or index that somebody means.

    Raises:
        Problem: no document bears that number, or several do.
    """
    named = _ID.search(said.lower())
    if named is not None:
        return named[0]
    if kind == LinkKind.EVIDENCE_OF or not said:
        return said.translate(_GROUPING)
    found = visit.ask("list_documents", number=said, superseded="hidden", limit="3")["items"]
    others = [one["id"] for one in found if one["id"] != visit.one_of("document")]
    if not others:
        raise visit.problem(UnknownDocument(Code.TARGET_UNKNOWN, ("target",)))
    if len(others) > 1:
        raise visit.problem(InvalidDocument(Code.NUMBER_AMBIGUOUS, ("target",)))
    return str(others[0])


def _done(visit: Visit, at: str, act: Callable[[], Answer]) -> Outcome:
    """Go on to the document; what was refused is told on it, beside what was typed."""
    document = visit.one_of("document")
    try:
        act()
    except Problem as problem:
        if problem.status not in {400, 404, 409, 422}:
            raise
        return shown(visit, document, problem)
    return Moved(f"{DOCUMENTS}/{document}?opened=true", "noted", f"#{at}")


_ONE: Final = f"{DOCUMENTS}/{{document}}"
PAGES: Final = (
    Page(f"{_ONE}/tags", "page_tag_document", tag, method="POST"),
    Page(f"{_ONE}/notes", "page_note_document", note, method="POST"),
    Page(f"{_ONE}/links", "page_link_document", link, method="POST"),
)
