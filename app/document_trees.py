"""Folders of files on a disk, in and out: `KIND/CODE/[CLASS/]FILE`, such as `sku/TEA-001/delivery_note/dn-0042.jpg`.

- Coming in, each file has an event id made of its place and its content: run again, what is in is recognised by the log and
  nothing is sealed twice.
- Going out, a manifest stands beside the files: which document and version each is, and the digest the log has of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from documents.errors import DocumentError
from documents.inspecting import PartsAway
from documents.model import Added, Folder, FolderKind
from documents.parsing import parse_filing
from documents.requests import FOLDER_FORM
from documents.shelves.store import Wanted
from documents.uploading import Held
from stock.errors import StockError
from storage.errors import EventIdReused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.wiring import House
    from documents.uploads.store import Upload
    from policies.model import Principal

NAMESPACE: Final = UUID("5e0fd0a2-27a3-4d0c-9c2a-0c7a2e8f4b11")
READ_BYTES: Final = 1024 * 1024
MANIFEST: Final = "chopbook-manifest.json"
FILES_MAX: Final = 1_000_000
_UNFIT: Final = re.compile(r"[^\w .()#+,-]", re.UNICODE)
_FOLDER: Final = re.compile(FOLDER_FORM)


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a tree, and where it goes."""

    path: Path
    place: str
    folder: Folder
    class_code: str


@dataclass(slots=True)
class Tally:
    """What became of the files of a tree."""

    added: int = 0
    known: int = 0
    held: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many were looked at."""
        return self.added + self.known + self.held + len(self.refused)


def files_of(root: Path, classes: frozenset[str], default_class: str) -> Iterator[Found | tuple[str, str]]:
    """The files of a tree in order; one whose place says nothing comes as (place, why)."""
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.name == MANIFEST or path.name.startswith("."):
            continue
        place = path.relative_to(root).as_posix()
        parts = place.split("/")
        if len(parts) < 3 or _FOLDER.fullmatch("/".join(parts[:2])) is None:
            yield place, "expected KIND/CODE/FILE, where KIND is sku, supplier, store or general"
            continue
        class_code = parts[2] if len(parts) > 3 and parts[2] in classes else default_class
        yield Found(path, place, Folder(FolderKind(parts[0]), parts[1]), class_code)


def bring_in(house: House, principal: Principal, found: Found, store: str | None, tally: Tally) -> None:
    """Takes one file in, or recognises it.

    Raises:
        StorageError, Denied: the rest would end the same way.
    """
    digest = hashlib.sha256()
    with found.path.open("rb") as file:
        while chunk := file.read(READ_BYTES):
            digest.update(chunk)
    event_id = uuid5(NAMESPACE, f"{found.place}\0{digest.hexdigest()}")
    before = house.storage.log.head().size
    try:
        became = add_file(
            house,
            principal,
            found.path,
            {"class": found.class_code, "store": store, "folders": [str(found.folder)]},
            event_id,
        )
    except (DocumentError, PartsAway, EventIdReused, StockError) as error:
        tally.refused.append((found.place, str(error)))
    else:
        if isinstance(became, Held):
            tally.held += 1
        elif became.index < before:
            tally.known += 1
        else:
            tally.added += 1


def add_file(house: House, principal: Principal, path: Path, filing: dict[str, object], event_id: UUID) -> Added | Held:
    """Takes a file from the disk in, as an upload of any caller."""
    documents = house.documents
    request = parse_filing({name: value for name, value in filing.items() if value}, event_id=event_id)
    upload: Upload = documents.begin_upload(principal, request, path.name, path.stat().st_size, now=house.clock())
    try:
        with documents.receiving(upload, 0) as writer, path.open("rb") as file:
            while chunk := file.read(READ_BYTES):
                writer.write(chunk)
        return documents.finish_upload(upload)
    except BaseException:
        documents.drop_upload(upload.id)
        raise


def take_out(
    house: House, principal: Principal, folder: Folder, target: Path, step: Callable[[int], None]
) -> list[dict[str, object]]:
    """Writes every version of every document in a folder below `target`; returns the manifest's lines.

    Raises:
        FileExistsError: something lies there already under a name.
        Denied: the caller may not read one of them.
    """
    lines: list[dict[str, object]] = []
    wanted, after = Wanted(folder=folder), None
    while True:
        with house.storage.database.read() as connection:
            page = house.documents.documents(principal, connection, wanted, after=after, limit=200)
        for shown in page.items:
            document = shown.document
            with house.storage.database.read() as connection:
                versions = house.documents.versions(principal, connection, document.id)
            for version in versions:
                if version.file_name is None:
                    continue
                name = f"{document.id[:8]}-v{version.version.version}-{_fit(version.file_name)}"
                place = target / folder.kind.value / folder.code / document.class_code / name
                _write(house, principal, document.id, version.version.version, place)
                lines.append(
                    {
                        "file": place.relative_to(target).as_posix(),
                        "document": document.id,
                        "version": version.version.version,
                        "added_index": version.version.added_index,
                        "ciphertext_sha256": version.version.sha256.hex(),
                    }
                )
                step(len(lines))
        if page.next is None:
            break
        after = page.next
    manifest = json.dumps({"folder": str(folder), "files": lines}, ensure_ascii=False, indent=1)
    target.mkdir(parents=True, exist_ok=True)
    (target / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
    return lines


def _write(house: House, principal: Principal, document: str, version: int, place: Path) -> None:
    event_id = UUID(bytes=house.entropy(16), version=4)
    opened = house.documents.open_content(principal, document, version, event_id=event_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as file:
        for piece in house.documents.stream(opened):
            file.write(piece)


def _fit(file_name: str) -> str:
    """A file name that means nothing to any file system: no path, no hidden or control characters."""
    return _UNFIT.sub("_", file_name.rpartition("/")[2]).strip(". ")[-120:] or "file"
