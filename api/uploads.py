"""Resumable uploads: tus 1.0.0 (tus.io/protocols/resumable-upload).

- Core, with the extensions creation, termination, checksum and expiration.
- `Upload-Metadata` carries where the file goes: `filename`, and the members of a filing (`class`, `store`, `supplier`,
  `title`, `number`, `event_id`, `document`, `pics_id`; `folders` and `tags` as JSON lists).
- The last byte's PATCH is answered once the file is checked, sealed and in the log; `GET` says what became of it.
- An upload is its caller's own: to anybody else it is not there.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import anyio.to_thread
import orjson

from api.calls import Call
from api.document_shapes import upload_json
from api.members import Uuid
from api.operations import Documented, Incoming, Operation, Parameters, Public, Runs, Tag
from api.problem_codes import Code
from api.problems import Problem
from api.receiving import SpoolSink, chunks_of
from api.replies import Answer, json_answer
from api.schemas import ref
from documents.errors import (
    ChecksumDiffers,
    FileTooLarge,
    InvalidDocument,
    TusVersion,
    UploadExpired,
)
from documents.errors import Code as DocumentCode
from documents.model import Added, Stage
from documents.parsing import FILING_LISTS, parse_filing
from documents.uploading import Held
from documents.uploads.store import Upload

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,termination,checksum,expiration"
PATCH_TYPE: Final = "application/offset+octet-stream"
ALGORITHMS: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
METADATA_BYTES_MAX: Final = 16_384
CHECKED_BYTES_MAX: Final = 16 * 1024 * 1024
"""The largest part with a checksum: it is held in memory until it is known to be whole."""
_TUS: Final = ("Tus-Resumable", VERSION)


@dataclass(frozen=True, slots=True)
class UploadParameters:
    """Which upload."""

    upload: UUID


def discover(call: Call[None, None]) -> Answer:
    """Say what of tus is spoken here."""
    headers = (
        _TUS,
        ("Tus-Version", VERSION),
        ("Tus-Extension", EXTENSIONS),
        ("Tus-Max-Size", str(call.services.documents.limits.bytes_max)),
        ("Tus-Checksum-Algorithm", ",".join(ALGORITHMS)),
    )
    return Answer(status=204, headers=headers)


def create_upload(call: Call[None, None]) -> Answer:
    """Make a place for a file."""
    _require_tus(call)
    documents = call.services.documents
    text = _header(call, b"upload-length")
    if not text.isdecimal() or not 1 <= len(text) <= 15 or int(text) == 0:
        raise InvalidDocument(DocumentCode.UPLOAD_LENGTH, (), {"max": documents.limits.bytes_max})
    metadata = _metadata(_header(call, b"upload-metadata"))
    file_name = str(metadata.pop("filename", "") or "file").replace("\0", "")[-255:]
    metadata.pop("filetype", None)
    filing = parse_filing(metadata, event_id=call.new_event_id())
    upload = documents.begin_upload(call.principal, filing, file_name, int(text), now=call.now)
    headers = (_TUS, ("Location", f"/api/v1/uploads/{upload.id}"), ("Upload-Offset", "0"), _expires(upload))
    return json_answer(upload_json(upload, 0), 201, headers)


def head_upload(call: Call[UploadParameters, None]) -> Answer:
    """Say where the next byte belongs; of an upload that was given up, that it is gone."""
    _require_tus(call)
    upload, offset = _found(call)
    if upload.stage is Stage.ABANDONED:
        raise UploadExpired
    headers = [_TUS, ("Upload-Offset", str(offset)), ("Cache-Control", "no-store")]
    if upload.size is not None:
        headers.append(("Upload-Length", str(upload.size)))
    if upload.stage is Stage.RECEIVING:
        headers.append(_expires(upload))
    return Answer(status=200, headers=tuple(headers))


def get_upload(call: Call[UploadParameters, None]) -> Answer:
    """Return how an upload stands, and what became of it."""
    upload, offset = _found(call)
    added = None
    if upload.stage is Stage.SEALED and upload.entry_index is not None:
        added = call.services.documents.added_at(upload.entry_index)
    return json_answer(upload_json(upload, offset, added))


def delete_upload(call: Call[UploadParameters, None]) -> Answer:
    """Give an upload up."""
    _require_tus(call)
    upload, _ = _found(call)
    call.services.documents.abandon_upload(upload)
    return Answer(status=204, headers=(_TUS,))


async def patch_upload(call: Call[UploadParameters, None]) -> Answer:
    """Take bytes at the end of an upload; with the last one, take the file in."""
    _require_tus(call)
    if _header(call, b"content-type").partition(";")[0].strip().lower() != PATCH_TYPE:
        raise Problem.of(Code.MEDIA_TYPE_UNSUPPORTED, expected=PATCH_TYPE)
    text = _header(call, b"upload-offset")
    if not text.isdecimal() or len(text) > 15:
        raise Problem.of(Code.HEADER_FORM, name="Upload-Offset")
    upload, _ = await anyio.to_thread.run_sync(_found, call)
    documents, offset = call.services.documents, int(text)
    most = (upload.size or 0) - offset
    checksum = _checksum(call)
    async with SpoolSink(lambda: documents.receiving(upload, offset), max(0, most)) as sink:
        if checksum is None:
            async for chunk in chunks_of(call):
                await sink.write(chunk)
        else:
            await sink.write(await _checked(call, *checksum))
    reached = offset + sink.received
    headers = [_TUS, ("Upload-Offset", str(reached))]
    if reached == upload.size:
        became = await anyio.to_thread.run_sync(documents.finish_upload, upload)
        headers += _became(became)
    else:
        headers.append(_expires(upload))
    return Answer(status=204, headers=tuple(headers))


def _became(became: Added | Held) -> list[tuple[str, str]]:
    if isinstance(became, Held):
        return [("Chopbook-Stage", Stage.HELD.value)]
    return [
        ("Chopbook-Stage", Stage.SEALED.value),
        ("Chopbook-Document", became.document),
        ("Chopbook-Version", str(became.version)),
    ]


def _found(call: Call[UploadParameters, None]) -> tuple[Upload, int]:
    documents = call.services.documents
    upload = documents.upload(call.principal, call.parameters.upload, now=call.now)
    return upload, documents.received(upload)


def _require_tus(call: Call[Any, Any]) -> None:
    if _header(call, b"tus-resumable") != VERSION:
        raise TusVersion(VERSION)


def _header(call: Call[Any, Any], name: bytes) -> str:
    return call.headers.get(name, b"").decode("latin-1").strip()


def _expires(upload: Upload) -> tuple[str, str]:
    return "Upload-Expires", f"{upload.expires_at:%a, %d %b %Y %H:%M:%S} GMT"


def _metadata(text: str) -> dict[str, Any]:
    """Return the pairs of Upload-Metadata; those that are lists are JSON."""
    if len(text) > METADATA_BYTES_MAX:
        raise InvalidDocument(DocumentCode.UPLOAD_METADATA)
    found: dict[str, Any] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            clear = base64.b64decode(value.strip(), validate=True).decode("utf-8")
            read = orjson.loads(clear) if name in FILING_LISTS and clear else clear
        except (binascii.Error, ValueError) as error:
            raise InvalidDocument(DocumentCode.UPLOAD_METADATA) from error
        if name in found:
            raise InvalidDocument(DocumentCode.UPLOAD_METADATA)
        found[name] = read or None
    return found


def _checksum(call: Call[Any, Any]) -> tuple[str, bytes] | None:
    text = _header(call, b"upload-checksum")
    if not text:
        return None
    name, _, value = text.partition(" ")
    try:
        wanted = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        wanted = b""
    if name not in ALGORITHMS or not wanted:
        raise InvalidDocument(DocumentCode.CHECKSUM_ALGORITHM, (), {"expected": ", ".join(ALGORITHMS)})
    return name, wanted


async def _checked(call: Call[Any, Any], name: str, wanted: bytes) -> bytes:
    """Return the whole part once its checksum is right; nothing of it was kept before."""
    gathered = bytearray()
    async for chunk in chunks_of(call):
        gathered += chunk
        if len(gathered) > CHECKED_BYTES_MAX:
            raise FileTooLarge(CHECKED_BYTES_MAX)
    content = bytes(gathered)
    if not hmac.compare_digest(ALGORITHMS[name](content).digest(), wanted):
        raise ChecksumDiffers
    return content


_ONE: Final = Parameters(UploadParameters, {"upload": Uuid("Id of the upload.")}, ("upload",))
_HEADERS: Final = {"Tus-Resumable": VERSION, "Upload-Offset": "Where the next byte belongs."}
_PATH: Final = "/api/v1/uploads"

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="OPTIONS",
        path=_PATH,
        name="discover_uploads",
        tag=Tag.UPLOADS,
        summary="What of tus is spoken here",
        run=discover,
        runs=Runs.ON_LOOP,
        answers=(Documented(204, "In headers.", headers={"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS}),),
        public=Public.ANYBODY,
    ),
    Operation(
        method="POST",
        path=_PATH,
        name="create_upload",
        tag=Tag.UPLOADS,
        summary="Begin a resumable upload",
        description=(
            "Send `Tus-Resumable`, `Upload-Length` and `Upload-Metadata` (`filename`, `class`, `store`, …; base64 each, "
            "lists as JSON)."
        ),
        run=create_upload,
        runs=Runs.IN_THREAD,
        answers=(Documented(201, "Begun.", ref("Upload"), headers={**_HEADERS, "Location": "Where to send bytes."}),),
        refusals=(404, 409, 412, 413, 422),
    ),
    Operation(
        method="HEAD",
        path=f"{_PATH}/{{upload}}",
        name="head_upload",
        tag=Tag.UPLOADS,
        summary="Where the next byte belongs",
        run=head_upload,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "In headers.", headers=_HEADERS),),
        refusals=(404, 410, 412),
    ),
    Operation(
        method="GET",
        path=f"{_PATH}/{{upload}}",
        name="get_upload",
        tag=Tag.UPLOADS,
        summary="How an upload stands, and what became of it",
        run=get_upload,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The upload.", ref("Upload")),),
        refusals=(404, 410),
    ),
    Operation(
        method="PATCH",
        path=f"{_PATH}/{{upload}}",
        name="patch_upload",
        tag=Tag.UPLOADS,
        summary="Send bytes; with the last one the file is taken in",
        run=patch_upload,
        runs=Runs.ON_LOOP,
        parameters=_ONE,
        incoming=Incoming({PATCH_TYPE: {"type": "string", "format": "binary"}}, "Bytes from `Upload-Offset` on."),
        answers=(Documented(204, "Kept; with the last byte, accepted.", headers=_HEADERS),),
        refusals=(404, 408, 409, 410, 412, 423, 460),
    ),
    Operation(
        method="DELETE",
        path=f"{_PATH}/{{upload}}",
        name="delete_upload",
        tag=Tag.UPLOADS,
        summary="Give an upload up",
        run=delete_upload,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(204, "Given up; its bytes are destroyed."),),
        refusals=(404, 409, 410, 412, 423),
    ),
)
