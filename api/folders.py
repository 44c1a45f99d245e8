"""Folders: which there are, and what lies in them."""

from dataclasses import dataclass
from typing import Any, Final

from api import document_schemas as bodies
from api.bodies import json_body
from api.calls import Call
from api.document_shapes import shelf_json
from api.documents import DOCUMENT, act, acted
from api.members import Choice, Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer
from api.schemas import page, ref
from documents.model import Folder, FolderKind
from documents.parsing import parse_folder
from documents.requests import FOLDER_CHARS_MAX
from policies.model import Action, Resource
from stock.members import Members


@dataclass(frozen=True, slots=True)
class FilingParameters:
    """Which folder of which document."""

    document: str
    kind: FolderKind
    code: str


def file_document(call: Call[FilingParameters, Any]) -> Answer:
    """Put a document into a folder; with `moved_from`, take it out of that one."""
    asked, documents = call.parameters, call.services.documents
    members = Members(call.body, ("event_id", "moved_from"))
    event_id = members.event_id(call.event_id(call.body))
    moved_from = members.optional("moved_from", parse_folder)
    folder = Folder(asked.kind, asked.code)
    return acted(call, documents.file(call.principal, asked.document, folder, event_id=event_id, moved_from=moved_from))


def unfile_document(call: Call[FilingParameters, None]) -> Answer:
    """Take a document out of a folder."""
    asked, documents = call.parameters, call.services.documents
    folder = Folder(asked.kind, asked.code)
    return acted(call, documents.unfile(call.principal, asked.document, folder, event_id=call.new_event_id()))


@dataclass(frozen=True, slots=True)
class FoldersParameters:
    """A page of folders."""

    kind: FolderKind
    text: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_folders(call: Call[FoldersParameters, None]) -> Answer:
    """Return a page of folders."""
    asked = call.parameters
    call.require_reading(Action.DOCUMENT_READ, Resource("document"))
    of = ("folders", asked.kind, asked.text)
    with call.services.storage.database.read() as connection:
        found = call.services.documents.folders(
            call.principal,
            connection,
            asked.kind,
            text=asked.text,
            after=place_of(of, asked.cursor, 1),
            limit=asked.limit,
        )
    return page_answer(of, found, shelf_json)


_KIND: Final = Choice(FolderKind, "What the folder belongs to.")
_CODE: Final = Text(FOLDER_CHARS_MAX, form="[A-Za-z0-9][A-Za-z0-9 ._+#-]{0,63}", description="Code of the folder.")
_FOLDER: Final = Parameters(
    FilingParameters, {"document": DOCUMENT, "kind": _KIND, "code": _CODE}, ("document", "kind", "code")
)
_D: Final = "/api/v1/documents/{document}"

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/folders",
        name="list_folders",
        tag=Tag.DOCUMENTS,
        summary="Folders of a kind",
        description="A folder is there because its SKU, supplier or store is.",
        run=list_folders,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            FoldersParameters, {"kind": _KIND, "text": Text(120, description="In code or name."), **PAGING}, ("kind",)
        ),
        answers=(Documented(200, "A page, by code.", page(ref("Folder"))),),
    ),
    act(
        "PUT",
        f"{_D}/folders/{{kind}}/{{code}}",
        "file_document",
        "Put a document into a folder",
        file_document,
        _FOLDER,
        json_body(bodies.MOVE, bodies.MOVE_EXAMPLE, optional=True),
    ),
    act(
        "DELETE", f"{_D}/folders/{{kind}}/{{code}}", "unfile_document", "Take a document out", unfile_document, _FOLDER
    ),
)
