"""Documents: lists, single ones, and what is done with them: titles, links, tags, notes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api import document_schemas as bodies
from api.bodies import changed_as, json_body
from api.calls import Call
from api.document_schemas import TAG_WORDS
from api.document_shapes import changed_json, document_json, link_json, note_json, version_json
from api.members import Choice, Instant, Text, Whole
from api.operations import LOCATION, Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer, json_answer
from api.schemas import change_of, listed, page, record, ref
from api.shapes import change_answer
from audit.event import time_us
from documents.model import Document, LinkKind, ReviewState, Stage
from documents.parsing import parse_document_change, parse_event, parse_folder, parse_link, parse_note
from documents.requests import (
    CODE_CHARS_MAX,
    CODE_FORM,
    DOCUMENT_FORM,
    NUMBER_CHARS_MAX,
    NUMBER_FORM,
    SUPPLIER_FORM,
    TAG_CHARS_MAX,
    TARGET_FORM,
    VERSION_MAX,
    LinkRequest,
)
from documents.rules import READABLE
from documents.shelves.store import Wanted
from documents.shown import Shown
from documents.succession.store import Superseded
from documents.tagging import parse_tag
from policies.model import Action, Resource
from storage.transaction import Change


@dataclass(frozen=True, slots=True)
class DocumentsParameters:
    """A page of documents."""

    store: str | None = None
    class_code: str | None = None
    supplier: str | None = None
    stage: Stage | None = None
    number: str | None = None
    folder: str | None = None
    tag: str | None = None
    review: ReviewState | None = None
    linked_to: str | None = None
    added_from: datetime | None = None
    added_until: datetime | None = None
    superseded: Superseded | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def _documents_parameters(**given: Any) -> DocumentsParameters:
    given["class_code"] = given.pop("class", None)
    return DocumentsParameters(**given)


def list_documents(call: Call[DocumentsParameters, None]) -> Answer:
    """Return a page of documents."""
    asked = call.parameters
    wanted = Wanted(
        store=asked.store,
        class_code=asked.class_code,
        supplier=asked.supplier,
        stage=asked.stage,
        number=asked.number,
        folder=None if asked.folder is None else parse_folder(asked.folder, ("folder",)),
        tag=None if asked.tag is None else parse_tag(asked.tag, ("tag",)),
        review=asked.review,
        linked_to=asked.linked_to,
        added_from=None if asked.added_from is None else time_us(asked.added_from),
        added_until=None if asked.added_until is None else time_us(asked.added_until),
        superseded=asked.superseded or _by_default(asked),
    )
    stores = frozenset(() if asked.store is None else (asked.store,))
    call.require_reading(Action.DOCUMENT_READ, Resource("document", stores=stores))
    of = ("documents", wanted)
    with call.services.storage.database.read() as connection:
        found = call.services.documents.documents(
            call.principal, connection, wanted, after=_index_place(of, asked.cursor), limit=asked.limit
        )
    return page_answer(of, found, document_json)


def _by_default(asked: DocumentsParameters) -> Superseded:
    """A folder and the queue are worked through: what is old stands in the way there, and nowhere else."""
    is_worked_through = asked.folder is not None or asked.review is not None
    return Superseded.HIDDEN if is_worked_through else Superseded.SHOWN


def _index_place(of: tuple[object, ...], cursor: str | None) -> tuple[str, ...] | None:
    place = place_of(of, cursor, 1)
    return place if place is None or place[0].isdecimal() else ("0",)


@dataclass(frozen=True, slots=True)
class DocumentParameters:
    """Which document."""

    document: str


def get_document(call: Call[DocumentParameters, None]) -> Answer:
    """Return one document; its ETag moves with every act on it."""
    with call.services.storage.database.read() as connection:
        found = call.services.documents.document(call.principal, connection, call.parameters.document)
    tag = _tag_of(found)
    headers = (("ETag", tag), ("Cache-Control", "private, no-cache"))
    if call.headers.get(b"if-none-match", b"").decode("latin-1") in {tag, f"W/{tag}"}:
        return Answer(status=304, headers=headers)
    return json_answer(document_json(found), 200, headers)


def _tag_of(found: Shown) -> str:
    """The newest entry about it; what took its place may be seen or not without an act on the document itself."""
    around = " ".join((*found.superseded_by, "/", *found.supersedes))
    mark = "" if around == "/" else f"-{hashlib.sha256(around.encode()).hexdigest()[:16]}"
    return f'"{found.document.entry_index}{mark}"'


def change_document(call: Call[DocumentParameters, Any]) -> Answer:
    """Change a document's title, class, supplier or number."""
    document = call.parameters.document
    request = parse_document_change(call.body, document=document, event_id=call.event_id(call.body))
    return acted(call, call.services.documents.change_document(call.principal, request))


def list_versions(call: Call[DocumentParameters, None]) -> Answer:
    """Return every version of a document."""
    with call.services.storage.database.read() as connection:
        found = call.services.documents.versions(call.principal, connection, call.parameters.document)
    return json_answer({"items": [version_json(one) for one in found]})


def list_links(call: Call[DocumentParameters, None]) -> Answer:
    """Return links from a document and to it."""
    with call.services.storage.database.read() as connection:
        found = call.services.documents.links(call.principal, connection, call.parameters.document)
    return json_answer({"items": [link_json(one) for one in found]})


def list_notes(call: Call[DocumentParameters, None]) -> Answer:
    """Return the notes on a document."""
    with call.services.storage.database.read() as connection:
        found = call.services.documents.notes(call.principal, connection, call.parameters.document)
    return json_answer({"items": [note_json(one) for one in found]})


def add_note(call: Call[DocumentParameters, Any]) -> Answer:
    """Add a note."""
    event_id, text = parse_note(call.body, event_id=call.event_id(call.body))
    documents = call.services.documents
    return acted(call, documents.note(call.principal, call.parameters.document, text, event_id=event_id), status=201)


def add_link(call: Call[DocumentParameters, Any]) -> Answer:
    """Link a document to another, or to an adjustment."""
    request = parse_link(call.body, document=call.parameters.document, event_id=call.event_id(call.body))
    return acted(call, call.services.documents.link(call.principal, request), status=201)


@dataclass(frozen=True, slots=True)
class LinkParameters:
    """Which link."""

    document: str
    kind: LinkKind
    target: str


def remove_link(call: Call[LinkParameters, None]) -> Answer:
    """Take a link away."""
    asked = call.parameters
    request = LinkRequest(call.new_event_id(), asked.document, asked.kind, asked.target)
    return acted(call, call.services.documents.link(call.principal, request, on=False))


@dataclass(frozen=True, slots=True)
class TagParameters:
    """Which tag of which document."""

    document: str
    tag: str


def add_tag(call: Call[TagParameters, Any]) -> Answer:
    """Give a document a tag."""
    event_id = parse_event(call.body, event_id=call.event_id(call.body))
    return _tagged(call, event_id, on=True)


def remove_tag(call: Call[TagParameters, None]) -> Answer:
    """Take a tag away."""
    return _tagged(call, call.new_event_id(), on=False)


def _tagged(call: Call[TagParameters, Any], event_id: Any, *, on: bool) -> Answer:
    asked, documents = call.parameters, call.services.documents
    tag = parse_tag(asked.tag, ("tag",))
    return acted(call, documents.tag(call.principal, asked.document, tag, on=on, event_id=event_id))


def acted(call: Call[Any, Any], change: Change[Document], *, status: int = 200) -> Answer:
    """Commit an act on a document."""
    committed = call.services.storage.log.commit(change)
    shape: Callable[[Document], dict[str, Any]] = changed_json
    return change_answer(committed, shape, status=status)


DOCUMENT: Final = Text(
    36, form=DOCUMENT_FORM, description="Id of the document.", example="01890a5d-ac96-774b-bcce-b302099a8057"
)
VERSION: Final = Whole(1, VERSION_MAX, "Number of the version, from 1.")
ONE: Final = Parameters(DocumentParameters, {"document": DOCUMENT}, ("document",))
_STORE: Final = Text(32, description="Code of the store.", example="MK01")
_TAG: Final = Parameters(
    TagParameters,
    {"document": DOCUMENT, "tag": Text(TAG_CHARS_MAX, description=TAG_WORDS, example="月結")},
    ("document", "tag"),
)
_LINK: Final = Parameters(
    LinkParameters,
    {
        "document": DOCUMENT,
        "kind": Choice(LinkKind, "What it is to the target."),
        "target": Text(36, form=TARGET_FORM, description="A document, or the index of an entry."),
    },
    ("document", "kind", "target"),
)
_LIST: Final = Parameters(
    _documents_parameters,
    {
        "store": _STORE,
        "class": Text(CODE_CHARS_MAX, form=CODE_FORM, description="Code of the class."),
        "supplier": Text(CODE_CHARS_MAX, form=SUPPLIER_FORM, description="Code of the supplier."),
        "stage": Choice(Stage, f"How the newest version stands; seen are {', '.join(sorted(READABLE))}."),
        "number": Text(NUMBER_CHARS_MAX, form=NUMBER_FORM, description="Number on the paper."),
        "folder": Text(72, description="`kind/code`.", example="sku/TEA-001"),
        "tag": Text(TAG_CHARS_MAX, description=TAG_WORDS),
        "review": Choice(ReviewState, "How far people have looked at what was read: `open` is the review queue."),
        "linked_to": Text(36, form=TARGET_FORM, description="A document, or the index of an adjustment's entry."),
        "added_from": Instant("Added then or later."),
        "added_until": Instant("Added before then."),
        "superseded": Choice(
            Superseded,
            "Documents that another took the place of; without a word they are `hidden` with `folder` or `review`, else `shown`.",
        ),
        **PAGING,
    },
)
_CHANGED: Final = (
    Documented(201, "Done.", change_of(ref("Changed")), headers=LOCATION),
    Documented(200, "It was done before, by this event.", change_of(ref("Changed")), headers=LOCATION),
)


def _get(path: str, name: str, summary: str, run: Any, item: str, parameters: Parameters[Any]) -> Operation[Any, Any]:
    return Operation(
        method="GET",
        path=path,
        name=name,
        tag=Tag.DOCUMENTS,
        summary=summary,
        run=run,
        runs=Runs.IN_THREAD,
        parameters=parameters,
        answers=(Documented(200, "All of them.", record({"items": listed(ref(item))})),),
        refusals=(404,),
    )


def act(
    method: str, path: str, name: str, summary: str, run: Any, parameters: Parameters[Any], body: Any = None
) -> Operation[Any, Any]:
    """Declare an act on a document."""
    return Operation(
        method=method,
        path=path,
        name=name,
        tag=Tag.DOCUMENTS,
        summary=summary,
        run=run,
        runs=Runs.IN_THREAD,
        parameters=parameters,
        body=body,
        answers=_CHANGED if method == "POST" else changed_as("Changed"),
        refusals=(404, 409, 410, 422),
        also_addressed=("folder",),
    )


_D: Final = "/api/v1/documents/{document}"

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/documents",
        name="list_documents",
        tag=Tag.DOCUMENTS,
        summary="Documents",
        run=list_documents,
        runs=Runs.IN_THREAD,
        parameters=_LIST,
        answers=(Documented(200, "A page, newest first.", page(ref("Document"))),),
    ),
    Operation(
        method="GET",
        path=_D,
        name="get_document",
        tag=Tag.DOCUMENTS,
        summary="One document",
        run=get_document,
        runs=Runs.IN_THREAD,
        parameters=ONE,
        answers=(
            Documented(200, "The document.", ref("Document"), headers={"ETag": "Moves with every act on it."}),
            Documented(304, "As you have it (If-None-Match)."),
        ),
        refusals=(404,),
    ),
    act(
        "PATCH",
        _D,
        "change_document",
        "Change a document",
        change_document,
        ONE,
        json_body(bodies.DOCUMENT_CHANGE, bodies.DOCUMENT_CHANGE_EXAMPLE),
    ),
    _get(f"{_D}/versions", "list_versions", "Versions of a document", list_versions, "Version", ONE),
    _get(f"{_D}/links", "list_links", "Links of a document", list_links, "Link", ONE),
    act(
        "POST", f"{_D}/links", "add_link", "Link a document", add_link, ONE, json_body(bodies.LINK, bodies.LINK_EXAMPLE)
    ),
    act("DELETE", f"{_D}/links/{{kind}}/{{target}}", "remove_link", "Take a link away", remove_link, _LINK),
    _get(f"{_D}/notes", "list_notes", "Notes on a document", list_notes, "Note", ONE),
    act("POST", f"{_D}/notes", "add_note", "Add a note", add_note, ONE, json_body(bodies.NOTE, bodies.NOTE_EXAMPLE)),
    act(
        "PUT",
        f"{_D}/tags/{{tag}}",
        "add_tag",
        "Give a document a tag",
        add_tag,
        _TAG,
        json_body(bodies.EVENT, bodies.EVENT_EXAMPLE, optional=True),
    ),
    act("DELETE", f"{_D}/tags/{{tag}}", "remove_tag", "Take a tag away", remove_tag, _TAG),
)
