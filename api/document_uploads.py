"""A file in one request: a multipart form with its fields first and its file last; for browsers without script, and scripts.

Large files from phones come by `api.uploads`, which can go on after a break.
"""

from collections.abc import Callable
from typing import Any, Final

import anyio.to_thread

from api import document_schemas as bodies
from api.calls import Call
from api.document_shapes import added_json, upload_json
from api.documents import ONE, DocumentParameters
from api.operations import LOCATION, Documented, Incoming, Operation, Runs, Tag
from api.receiving import FORM_TYPE, FormFile, SpoolSink
from api.replies import Answer, json_answer
from api.schemas import ref
from documents.model import Added
from documents.parsing import parse_filing
from documents.passing import Passing
from documents.requests import Filing
from documents.uploading import Held
from documents.uploads.store import Upload


async def add_document(call: Call[None, None]) -> Answer:
    """Take a file in as a new document."""
    return await take_form(call, None)


async def add_version(call: Call[DocumentParameters, None]) -> Answer:
    """Take a file in as the next version of a document."""
    return await take_form(call, call.parameters.document)


async def take_form(
    call: Call[Any, None], document: str | None, admit: Callable[[dict[str, Any]], None] = lambda fields: None
) -> Answer:
    """Take in the file of a form; `admit` looks at its fields first, and takes out those that are not of the filing."""
    documents = call.services.documents
    form = FormFile(call)
    fields = await form.fields()
    admit(fields)
    filing = parse_filing(fields, event_id=call.new_event_id(), document=document)
    passing = await anyio.to_thread.run_sync(_begun, call, filing, form.file_name)
    try:
        async with SpoolSink(passing.spool.writer, documents.limits.bytes_max) as sink:
            async for chunk in form.file():
                await sink.write(chunk)
        became = await anyio.to_thread.run_sync(documents.finish_passing, passing)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(documents.drop_passing, passing)
        raise
    return await anyio.to_thread.run_sync(answered, call, passing.upload, became)


def _begun(call: Call[Any, Any], filing: Filing, file_name: str) -> Passing:
    announced = call.headers.get(b"content-length", b"")
    at_most = int(announced) if announced.isdigit() and len(announced) <= 15 else None
    begin = call.services.documents.begin_passing
    return begin(call.principal, filing, file_name or "file", None, now=call.now, at_most=at_most)


def answered(call: Call[Any, Any], upload: Upload, became: Added | Held) -> Answer:
    """Return the answer to a file that came in whole: what it is now, or that it waits for the scanner."""
    documents = call.services.documents
    if isinstance(became, Held):
        held = documents.upload(call.principal, upload.id, now=call.now)
        address = (("Location", f"/api/v1/uploads/{upload.id}"),)
        return json_answer(upload_json(held, documents.received(held)), 202, address)
    return json_answer(added_json(became), 201, (("Location", f"/api/v1/documents/{became.document}"),))


_ANSWERS: Final = (
    Documented(201, "Accepted: sealed, in the log, and visible.", ref("Added"), headers=LOCATION),
    Documented(202, "Held: the virus scanner gives no answer; it is tried again.", ref("Upload"), headers=LOCATION),
)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="POST",
        path="/api/v1/documents",
        name="add_document",
        tag=Tag.DOCUMENTS,
        summary="Add a document",
        description=(
            "A form whose fields stand before its file. Durable, sealed and checked when it is answered. Sent again with "
            "the same `event_id` and content it is the same document."
        ),
        run=add_document,
        runs=Runs.ON_LOOP,
        incoming=Incoming({FORM_TYPE: bodies.FORM}, "Fields first, then `file`."),
        answers=_ANSWERS,
        refusals=(404, 408, 409, 410, 423),
    ),
    Operation(
        method="POST",
        path="/api/v1/documents/{document}/versions",
        name="add_version",
        tag=Tag.DOCUMENTS,
        summary="Add a version of a document",
        run=add_version,
        runs=Runs.ON_LOOP,
        parameters=ONE,
        incoming=Incoming({FORM_TYPE: bodies.VERSION_FORM}, "Fields first, then `file`."),
        answers=_ANSWERS,
        refusals=(404, 408, 409, 410, 423),
    ),
)
