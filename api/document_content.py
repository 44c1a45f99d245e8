"""Content: a version's bytes, its pictures, its text and words.

- Always an attachment, never run: `nosniff`, a sandboxing Content-Security-Policy, no script anywhere (pictures of pages
  are made by us from pixels, and are still served so).
- Content never changes, so its ETag (the sealed bytes' digest) is strong and ranges of it can be asked for (RFC 9110 §14).
- Opening anything of a sensitive document is in the log before the first byte leaves.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import anyio.to_thread

from api import document_schemas as bodies
from api.calls import Call
from api.documents import DOCUMENT, VERSION
from api.masking import masked_reading
from api.members import Text
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.replies import TEXT_TYPE, Answer, Headers, json_answer
from api.schemas import TEXT as TEXT_SCHEMA
from api.schemas import listed, record
from api.using import stated_use
from documents.errors import Code as DocumentCode
from documents.errors import DocumentError
from documents.reading.model import DocumentReading
from documents.requests import FIELD_PATH_CHARS_MAX, PATH_FORM
from documents.shown import Opened
from policies.masking import masked

CSP: Final = "sandbox; default-src 'none'"
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_ASCII: Final = re.compile(r'[^A-Za-z0-9._ -]|["\\]')


@dataclass(frozen=True, slots=True)
class VersionParameters:
    """Which version of which document."""

    document: str
    version: int


@dataclass(frozen=True, slots=True)
class RenditionParameters:
    """Which picture or copy of which version."""

    document: str
    version: int
    name: str


async def get_content(call: Call[VersionParameters, None]) -> Answer:
    """Hand out a version's content, or a range of it."""
    asked = call.parameters

    def opened() -> Opened:
        return call.services.documents.open_content(
            call.principal,
            asked.document,
            asked.version,
            event_id=call.new_event_id(),
            unmasked=call.unmasked,
            use=stated_use(call),
        )

    return await _hand_out(call, await anyio.to_thread.run_sync(opened))


async def get_rendition(call: Call[RenditionParameters, None]) -> Answer:
    """Hand out a page's picture, the thumbnail or the searchable PDF."""
    asked = call.parameters

    def opened() -> Opened:
        return call.services.documents.open_rendition(
            call.principal,
            asked.document,
            asked.version,
            asked.name,
            event_id=call.new_event_id(),
            unmasked=call.unmasked,
            use=stated_use(call),
        )

    return await _hand_out(call, await anyio.to_thread.run_sync(opened))


@dataclass(frozen=True, slots=True)
class CropParameters:
    """Which field of which version."""

    document: str
    version: int
    path: str


def get_crop(call: Call[CropParameters, None]) -> Answer:
    """Hand out the part of the page on which a field stands."""
    asked, documents = call.parameters, call.services.documents
    found = documents.field_cut(
        call.principal,
        asked.document,
        asked.version,
        asked.path,
        event_id=call.new_event_id(),
        unmasked=call.unmasked,
    )
    tag = f'"{found.etag}"'
    name = f"{asked.document}-{asked.version:06}-{asked.path.replace('/', '-')}.png"
    headers = _headers(tag, name)
    if _header(call, b"if-none-match") in {tag, f"W/{tag}"}:
        return Answer(status=304, headers=headers)
    made = documents.draw_cut(found)
    return Answer(made.content, media_type=made.media_type, headers=headers)


def list_renditions(call: Call[VersionParameters, None]) -> Answer:
    """Return which pictures and copies a version has."""
    asked = call.parameters
    with call.services.storage.database.read() as connection:
        names = call.services.documents.rendition_names(call.principal, connection, asked.document, asked.version)
    return json_answer({"items": list(names)})


def get_text(call: Call[VersionParameters, None]) -> Answer:
    """Return the text of a version, pages parted by a form feed."""
    found = _reading(call)
    headers = (("Content-Disposition", "attachment"), ("Content-Security-Policy", CSP))
    return Answer(found.text.encode(), media_type=TEXT_TYPE, headers=headers)


def get_reading(call: Call[VersionParameters, None]) -> Answer:
    """Return the words of a version with their places."""
    found = _reading(call)
    return Answer(found.to_json())


def _reading(call: Call[VersionParameters, None]) -> DocumentReading:
    asked = call.parameters
    found = call.services.documents.reading(
        call.principal,
        asked.document,
        asked.version,
        event_id=call.new_event_id(),
        unmasked=call.unmasked,
        use=stated_use(call),
    )
    # A number may reach over several words, which only the reading knows of.
    return found if call.unmasked else masked_reading(found)


# --------------------------------------------------------------------------------------- handing out


async def _hand_out(call: Call[Any, None], opened: Opened) -> Answer:
    tag = f'"{opened.etag}"'
    file_name = opened.file_name if call.unmasked else masked(opened.file_name)
    headers = [*_headers(tag, file_name), ("Accept-Ranges", "bytes")]
    if _header(call, b"if-none-match") in {tag, f"W/{tag}"}:
        return Answer(status=304, headers=tuple(headers))
    start, stop, status = 0, opened.size, 200
    if _header(call, b"if-range") in {"", tag}:
        found = parse_range(_header(call, b"range"), opened.size)
        if found is not None:
            (start, stop), status = found, 206
            headers.append(("Content-Range", f"bytes {start}-{stop - 1}/{opened.size}"))
    headers.append(("Content-Length", str(stop - start)))
    # The first piece is opened before the answer begins: what is missing is told as a problem.
    pieces = await anyio.to_thread.run_sync(call.services.documents.stream, opened, start, stop)
    return Answer(status=status, media_type=opened.media_type, headers=tuple(headers), stream=_streamed(pieces))


def _headers(tag: str, file_name: str) -> Headers:
    return (
        ("ETag", tag),
        ("Cache-Control", "private, no-cache"),
        ("Content-Disposition", disposition(file_name)),
        ("Content-Security-Policy", CSP),
    )


async def _streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        piece = await anyio.to_thread.run_sync(next, pieces, None)
        if piece is None:
            return
        yield piece


def parse_range(text: str, size: int) -> tuple[int, int] | None:
    """Return the one range that is asked for (`stop` exclusive); None: the whole. What cannot be read is passed over.

    Raises:
        DocumentError: the range lies outside.
    """
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
        if int(last) == 0:
            raise _outside(size)
        return start, stop
    start, stop = int(first), size if not last else min(size, int(last) + 1)
    if last and int(last) < start:
        return None
    if start >= size:
        raise _outside(size)
    return start, stop


def _outside(size: int) -> DocumentError:
    return DocumentError(DocumentCode.RANGE_NOT_SATISFIABLE, (), {"size": size})


def disposition(file_name: str) -> str:
    """Return a Content-Disposition that offers the name, in RFC 6266's two spellings."""
    plain = _ASCII.sub("_", file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def _header(call: Call[Any, Any], name: bytes) -> str:
    return call.headers.get(name, b"").decode("latin-1").strip()


_ONE: Final = Parameters(VersionParameters, {"document": DOCUMENT, "version": VERSION}, ("document", "version"))
_NAME: Final = Text(
    32, form="thumbnail|searchable|page-[0-9]{4}", description="Which picture or copy.", example="page-0001"
)
_V: Final = "/api/v1/documents/{document}/versions/{version}"
_PICTURE_HEADERS: Final = {
    "ETag": "A digest of the sealed bytes and the place.",
    "Content-Disposition": "Always an attachment.",
    "Content-Security-Policy": "Always a sandbox.",
}
_HEADERS: Final = {
    **_PICTURE_HEADERS,
    "ETag": "The sealed bytes' digest; content never changes.",
    "Accept-Ranges": "`bytes`.",
}
_BINARY: Final = {"type": "string", "format": "binary"}
_ANSWERS: Final = (
    Documented(200, "The content.", _BINARY, media_type="*/*", headers=_HEADERS),
    Documented(206, "The range asked for.", _BINARY, media_type="*/*", headers={**_HEADERS, "Content-Range": "Which."}),
    Documented(304, "As you have it (If-None-Match)."),
)
_GONE: Final = (404, 409, 410)
_PATH: Final = Text(
    FIELD_PATH_CHARS_MAX, form=PATH_FORM, description="Which field, as its question says.", example="rows/0/expiry"
)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=f"{_V}/content",
        name="get_content",
        uses=Stated.MAYBE,
        tag=Tag.DOCUMENTS,
        summary="The content of a version",
        run=get_content,
        runs=Runs.ON_LOOP,
        parameters=_ONE,
        answers=_ANSWERS,
        refusals=(*_GONE, 416),
    ),
    Operation(
        method="GET",
        path=f"{_V}/renditions",
        name="list_renditions",
        tag=Tag.DOCUMENTS,
        summary="Pictures and copies of a version",
        run=list_renditions,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "Their names.", record({"items": listed(TEXT_SCHEMA)})),),
        refusals=_GONE,
    ),
    Operation(
        method="GET",
        path=f"{_V}/renditions/{{name}}",
        name="get_rendition",
        uses=Stated.MAYBE,
        tag=Tag.DOCUMENTS,
        summary="A picture of a page, the thumbnail, or the searchable PDF/A",
        run=get_rendition,
        runs=Runs.ON_LOOP,
        parameters=Parameters(
            RenditionParameters,
            {"document": DOCUMENT, "version": VERSION, "name": _NAME},
            ("document", "version", "name"),
        ),
        answers=_ANSWERS,
        refusals=(*_GONE, 416),
    ),
    Operation(
        method="GET",
        path=f"{_V}/crop",
        name="get_crop",
        tag=Tag.REVIEWS,
        summary="The part of the page where a field stands",
        description=(
            "With a margin, upright, at most 1,600 pixels long. A field that was not found is shown by its row, or else by the "
            "whole first page. Opened under the rules of a page's picture."
        ),
        run=get_crop,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            CropParameters,
            {"document": DOCUMENT, "version": VERSION, "path": _PATH},
            ("document", "version", "path"),
        ),
        answers=(
            Documented(200, "The picture.", _BINARY, media_type="image/png", headers=_PICTURE_HEADERS),
            Documented(304, "As you have it (If-None-Match)."),
        ),
        refusals=(*_GONE, 422, 503),
        also_addressed=("path",),
    ),
    Operation(
        method="GET",
        path=f"{_V}/text",
        name="get_text",
        uses=Stated.MAYBE,
        tag=Tag.DOCUMENTS,
        summary="The text of a version",
        run=get_text,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The text, pages parted by a form feed.", TEXT_SCHEMA, media_type=TEXT_TYPE),),
        refusals=_GONE,
    ),
    Operation(
        method="GET",
        path=f"{_V}/reading",
        name="get_reading",
        uses=Stated.MAYBE,
        tag=Tag.DOCUMENTS,
        summary="The words of a version with their places",
        run=get_reading,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The reading.", bodies.READING),),
        refusals=_GONE,
    ),
)
