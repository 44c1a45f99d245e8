"""Documents: finding them, one with its pages, what was read and what stands round it, and handing out the original."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from api.problems import Problem
from api.replies import Answer
from documents.extraction.model import ROW_FIELDS
from documents.rules import reading_job
from policies.model import Action, Resource
from web.around import around
from web.names import called
from web.outcomes import Outcome, Shown
from web.page import Page
from web.sayable import sayable
from web.visits import Visit

PAGE: Final = "30"
DOCUMENTS: Final = "/documents"
FILTER: Final = ("class", "store", "folder", "tag", "review")
PAGES_SHOWN: Final = 20
TEXT_SHOWN: Final = 20_000
SEARCHED: Final = ("sku", "supplier", "store")
"""Kinds of folders that a search for words can be limited to."""
TYPED: Final = ("tag", "text", "kind", "target", "path", "value")
"""Fields of forms on a document whose text is kept when it is refused."""
FIGURES: Final = frozenset({"quantity", "unit_price", "amount"})
READING: Final = frozenset({"sealed"})
"""Stages in which the machine has not read it yet."""
GIVEN_UP: Final = frozenset({"poisoned", "cancelled"})
"""States of the reading job after which the machine tries no more."""


def show_list(visit: Visit) -> Outcome:
    """What the words of the search find, or every document, the newest first."""
    asked = {name: visit.query.get(name, "").strip() for name in ("q", *FILTER)}
    classes = classes_of(visit)
    values: dict[str, object] = {
        "asked": asked,
        "classes": [one for one in classes.values() if one["active"]],
        "stores": visit.stores(),
        "unsearched": _unsearched(asked),
        "may_add": visit.may(Action.DOCUMENT_WRITE, Resource("document", stores=visit.own_stores)),
        "is_first": "cursor" not in visit.query,
    }
    try:
        found = _found(visit, asked, {code: visit.both(one, "name") for code, one in classes.items()})
    except Problem as problem:
        if problem.status not in {400, 422}:
            raise
        nothing: dict[str, object] = {"lines": [], "total": None, "following": None, "complete": True}
        return Shown("documents.html", {**values, **nothing, "problem": visit.told(problem)}, problem.status)
    return Shown("documents.html", {**values, **found, "problem": None})


def show_one(visit: Visit) -> Outcome:
    """One document: its pages, what was read, the questions, and what may be done."""
    return shown(visit, visit.one_of("document"), None)


def shown(visit: Visit, document: str, problem: Problem | None) -> Shown:
    """The page of a document; `problem` is what went wrong with a form on it."""
    found = visit.ask("get_document", document=document)
    version = str(found["version"])
    resource = Resource("document", document, frozenset(() if "store" not in found else (found["store"],)))
    # A class stays what it is when it is no longer in use.
    classes = classes_of(visit)
    document_class = classes[found["class"]]
    class_names = {code: visit.both(one, "name") for code, one in classes.items()}
    # Forms stand on an opened document.
    opened = visit.query.get("opened") == "true" or problem is not None or not document_class["sensitive"]
    fields = _fields(visit, document, version) if opened and "review" in found else None
    waiting = [] if fields is None else _waiting(fields)
    is_read = opened and found["stage"] not in READING
    names = visit.ask("list_renditions", document=document, version=version)["items"] if is_read else []
    pictures = [name for name in names if name.startswith("page-")][:PAGES_SHOWN]
    return Shown(
        "document.html",
        {
            "found": {**dict.fromkeys(("title", "store", "supplier", "number", "review")), **found},
            "called": called(found, class_names[found["class"]], document),
            "class_name": class_names[found["class"]],
            **_reading(visit, document, found),
            "opened": opened,
            "pictures": pictures,
            "text": _text(visit, document, version) if is_read and not pictures else "",
            "fields": fields,
            **({} if fields is None else _table(fields)),
            # The kinds of paper that are told apart are called as the classes are.
            "kinds": class_names,
            "asked": {} if fields is None else {one["path"]: one for one in fields["questions"]},
            "sayable": [] if fields is None else sayable(visit, fields),
            "waiting": waiting,
            "next_of": dict(pairwise(waiting)),
            "versions": range(found["version"], 0, -1),
            **around(visit, found, class_names, opened=opened),
            "typed": {name: visit.form.get(name, "") if problem is not None else "" for name in TYPED},
            "may_write": opened and visit.may(Action.DOCUMENT_WRITE, resource),
            "may_review": visit.may(Action.DOCUMENT_REVIEW, resource),
            "may_release": visit.may(Action.DOCUMENT_RELEASE, resource),
            "may_retain": visit.may(Action.RETENTION_READ, Resource("retention")),
            "problem": None if problem is None else visit.told(problem),
        },
        200 if problem is None else problem.status,
    )


def picture(visit: Visit) -> Answer:
    """One picture of a version."""
    parts = {name: visit.one_of(name) for name in ("document", "version", "name")}
    return _inline(visit.answer("get_rendition", **parts))


def crop(visit: Visit) -> Answer:
    """The part of a page on which a field stands."""
    parts = {name: visit.one_of(name) for name in ("document", "version")}
    return _inline(visit.answer("get_crop", **parts, path=visit.query.get("path")))


def original(visit: Visit) -> Answer:
    """A version as it came in."""
    return visit.answer("get_content", document=visit.one_of("document"), version=visit.one_of("version"))


def classes_of(visit: Visit) -> dict[str, Mapping[str, Any]]:
    """Every document class by its code, those no longer in use too."""
    return {one["code"]: one for one in visit.ask("list_document_classes")["items"]}


def _searched(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters that a search for words takes: the folder of a SKU, supplier or store, too."""
    kind, _, code = asked["folder"].partition("/")
    parts = {"class": asked["class"], "store": asked["store"]}
    return parts if kind not in SEARCHED else {**parts, kind: code}


def _unsearched(asked: Mapping[str, str]) -> bool:
    """Whether something was asked for that a search for words does not look at."""
    is_general = bool(asked["folder"]) and asked["folder"].partition("/")[0] not in SEARCHED
    return bool(asked["q"]) and (is_general or bool(asked["tag"] or asked["review"]))


def line_of(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A line of a list of documents; `names` are those of classes by code."""
    review = one.get("review") or {"state": "none"}
    return {
        "id": one["id"],
        "title": called(one, names.get(one["class"], one["class"]), one["id"]),
        "number": one.get("number"),
        "class_name": names.get(one["class"], one["class"]),
        "store": one.get("store"),
        "dated": review.get("date"),
        "added_at": one["added_at"],
        "stage": one["stage"],
        "open_items": review["open_items"] if review["state"] == "open" else 0,
        "snippets": [],
        "is_superseded": "superseded_by" in one,
    }


def _found(visit: Visit, asked: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    cursor = visit.query.get("cursor")
    if asked["q"]:
        found = visit.ask("search", q=asked["q"], limit=PAGE, cursor=cursor, **_searched(asked))
        lines = [_hit(one, names) for one in found["items"]]
        rest = {"total": found["total"], "complete": found["complete"]}
    else:
        found = visit.ask("list_documents", limit=PAGE, cursor=cursor, **{name: asked[name] for name in FILTER})
        lines = [line_of(one, names) for one in found["items"]]
        rest = {"total": None, "complete": True}
    return {"lines": lines, "following": visit.following(found), **rest}


def _hit(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": one["document"],
        "title": one.get("title") or one["document"][:8],
        "number": None,
        "class_name": names.get(one["class"], one["class"]),
        "store": one.get("store"),
        "dated": one.get("dated"),
        "added_at": None,
        "stage": one["state"],
        "open_items": 0,
        "snippets": [_marked(part) for part in one["snippets"]],
        "is_superseded": "superseded_by" in one,
    }


def _marked(part: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """A snippet as runs of text, each with whether it is what was looked for."""
    text, runs, done = part["text"], [], 0
    for start, stop in part["marks"]:
        runs += [(text[done:start], False), (text[start:stop], True)]
        done = stop
    return [run for run in [*runs, (text[done:], False)] if run[0]]


def _fields(visit: Visit, document: str, version: str) -> dict[str, Any] | None:
    try:
        return visit.ask("get_fields", document=document, version=version)
    except Problem as problem:
        if problem.status in {404, 409}:
            return None
        raise


def _reading(visit: Visit, document: str, found: Mapping[str, Any]) -> dict[str, object]:
    """Whether it is being read, how many pages of how many were, if that was said, and whether reading was given up."""
    if found["stage"] not in READING:
        return {"is_reading": False, "pages_read": None, "given_up": False}
    job = visit.ask("get_job", job=reading_job(document, found["version"]))
    given_up = job["state"] in GIVEN_UP
    told = job.get("progress")
    return {"is_reading": not given_up, "pages_read": told if told and told["total"] else None, "given_up": given_up}


def _table(fields: Mapping[str, Any]) -> dict[str, object]:
    """The columns that any row has, which of them are figures, and the rows that are asked about."""
    return {
        "columns": [name for name in ROW_FIELDS if any(name in row["fields"] for row in fields["rows"])],
        "figures": FIGURES,
        "rows_asked": {
            int(one["path"].split("/")[1]) for one in fields["questions"] if one["path"].startswith("rows/")
        },
    }


def _waiting(fields: Mapping[str, Any]) -> list[str]:
    """The open questions in the order in which they stand on the page."""
    known = list(fields["fields"])

    def place(path: str) -> tuple[int, int]:
        if not path.startswith("rows/"):
            return 0, known.index(path) if path in known else len(known)
        return 1, int(path.split("/")[1])

    return sorted((one["path"] for one in fields["questions"] if one["state"] == "open"), key=place)


def _text(visit: Visit, document: str, version: str) -> str:
    """The beginning of what is written in a file that has no pictures of pages: a text, a sheet, a letter."""
    try:
        found = visit.answer("get_text", document=document, version=version).body.decode()
    except Problem as problem:
        if problem.status not in {404, 409, 410}:
            raise
        return ""
    return found[:TEXT_SHOWN].replace("\f", "\n")


def _inline(answer: Answer) -> Answer:
    """A picture for a page of ours rather than a file to keep."""
    headers = tuple((name, text) for name, text in answer.headers if name.lower() != "content-disposition")
    return Answer(answer.body, answer.status, media_type=answer.media_type, headers=headers, stream=answer.stream)


_V: Final = f"{DOCUMENTS}/{{document}}/versions/{{version}}"
PAGES: Final = (
    Page(DOCUMENTS, "page_documents", show_list, query=("q", *FILTER, "cursor")),
    Page(f"{DOCUMENTS}/{{document}}", "page_document", show_one, query=("opened",)),
    Page(f"{_V}/pictures/{{name}}", "page_picture", picture),
    Page(f"{_V}/crop", "page_crop", crop, query=("path",)),
    Page(f"{_V}/original", "page_original", original),
)
