"""A folder as one file: a ZIP of every version of every document in it, with its manifest last, streamed.

- The log says who took which folder, and for what, before the first byte leaves; of sensitive classes it says each document besides. A document
  whose class is not kept for that purpose is left out.
- Memory is bounded whatever the folder holds: files are stored as they are, one after the other, with their sizes behind them.
- Rights are looked at again for each document. What may not be opened, or is gone, is left out, and the manifest says so. A failure
  breaks the connection before the ZIP's directory: a file that is not whole does not open.
"""

import hashlib
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import anyio.to_thread

from api.calls import Call
from api.members import Choice, Text, Uuid
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.replies import Answer
from api.using import stated_use
from documents.errors import Code, DocumentError, UnknownDocument
from documents.exported.model import MANIFEST
from documents.exported.words import READMES
from documents.exporting import Export, Leaf, leaves
from documents.model import Folder, FolderKind
from documents.parsing import parse_folder
from policies.errors import Denied
from policies.model import Action, Resource
from policies.using.rules import Use

ZIP_TYPE: Final = "application/zip"
GATHER_BYTES: Final = 262_144
FOLDERS: Final = 500


@dataclass(frozen=True, slots=True)
class FolderExportParameters:
    """Which folder."""

    kind: FolderKind
    code: str
    event_id: UUID | None = None


class _Sink:
    """Takes what the ZIP writes and hands it on; it cannot go back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, content: bytes, /) -> int:
        self._held += content
        return len(content)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self, at_least: int = 1) -> bytes:
        if len(self._held) < at_least:
            return b""
        content, self._held = bytes(self._held), bytearray()
        return content


async def export_folder(call: Call[FolderExportParameters, None]) -> Answer:
    """Stream a folder."""
    folder = parse_folder(f"{call.parameters.kind.value}/{call.parameters.code}", ("code",))
    use = await anyio.to_thread.run_sync(_record, call, folder)
    name = f'attachment; filename="{folder.kind.value}-{folder.code.replace(" ", "_")}.zip"'
    return Answer(media_type=ZIP_TYPE, headers=(("Content-Disposition", name),), stream=_pieces(call, folder, use))


def _record(call: Call[FolderExportParameters, None], folder: Folder) -> Use:
    use = stated_use(call) or Use(None)
    call.require(Action.DOCUMENT_READ, Resource("document"))
    _require_there(call, folder)
    event_id = call.parameters.event_id or call.new_event_id()
    call.services.documents.record_export(call.principal, folder, use, event_id=event_id)
    return use


def _require_there(call: Call[FolderExportParameters, None], folder: Folder) -> None:
    """Check that the caller sees this folder among those of its kind.

    Raises:
        UnknownDocument: there is none for them.
    """
    after = None
    while True:
        with call.services.storage.database.read() as connection:
            list_folders = call.services.documents.folders
            page = list_folders(call.principal, connection, folder.kind, text=folder.code, after=after, limit=FOLDERS)
        if any(shelf.folder == folder for shelf in page.items):
            return
        if page.next is None:
            raise UnknownDocument(Code.FOLDER_UNKNOWN, ("code",), {"folder": str(folder)})
        after = page.next


async def _pieces(call: Call[FolderExportParameters, None], folder: Folder, use: Use) -> AsyncIterator[bytes]:
    zipped = _zipped(call, folder, use)
    while (piece := await anyio.to_thread.run_sync(next, zipped, None)) is not None:
        yield piece


def _zipped(call: Call[FolderExportParameters, None], folder: Folder, use: Use) -> Iterator[bytes]:
    services, sink = call.services, _Sink()
    export = Export(folder, *services.documents.log_named())
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for leaf in leaves(services.documents, services.storage.database, call.principal, folder):
            try:
                yield from _file(call, archive, sink, leaf, export, use)
            except DocumentError as refusal:
                export.left_out.append(leaf.left_out(refusal.code.value))
            except Denied as denied:
                call.record_denial(denied)
                export.left_out.append(leaf.left_out(denied.decision.code.value))
        for name, text in READMES.items():
            archive.writestr(_named(name, call.now.timetuple()), text)
        archive.writestr(_named(MANIFEST, call.now.timetuple()), export.manifest())
    yield sink.taken()


def _file(
    call: Call[Any, Any], archive: zipfile.ZipFile, sink: _Sink, leaf: Leaf, export: Export, use: Use
) -> Iterator[bytes]:
    documents, digest = call.services.documents, hashlib.sha256()
    opened = documents.open_content(call.principal, leaf.document, leaf.number, event_id=call.new_event_id(), use=use)
    stated = documents.state(call.principal, leaf.version.version)
    pieces = documents.stream(opened)
    entry = _named(leaf.place, leaf.version.version.added_at.timetuple())
    entry.file_size = opened.size
    with archive.open(entry, "w") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
            if ready := sink.taken(GATHER_BYTES):
                yield ready
    for name, content in stated.files.items():
        archive.writestr(_named(name, leaf.version.version.added_at.timetuple()), content)
    export.files.append(leaf.line(digest.digest(), stated))


def _named(name: str, at: Any) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, at[:6])


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/folders/{kind}/{code}/export",
        name="export_folder",
        tag=Tag.DOCUMENTS,
        summary="Export a folder as it is",
        description=(
            "A ZIP of every version of every document in the folder that you may see. `chopbook-manifest.json`, its last file, states "
            "of each its digest, commitment, format, origin, times and place, and what was left out and why; the log's entries and "
            "their proofs lie beside them for who may read the log. `chopbook documents check FILE.zip` checks it without a database."
        ),
        run=export_folder,
        runs=Runs.ON_LOOP,
        uses=Stated.ALWAYS,
        parameters=Parameters(
            FolderExportParameters,
            {
                "kind": Choice(FolderKind, "What the folder belongs to."),
                "code": Text(64, description="Its code."),
                "event_id": Uuid("Names this export for ever."),
            },
            ("kind", "code"),
        ),
        answers=(
            Documented(
                200,
                "The folder.",
                {"type": "string", "format": "binary"},
                media_type=ZIP_TYPE,
                headers={"Content-Disposition": "A name to keep it under."},
            ),
        ),
        refusals=(404, 409),
    ),
)
