"""Folders of files on a disk, in and out: `KIND/CODE/[CLASS/]FILE`, such as `sku/TEA-001/delivery_note/dn-0042.jpg`.

- Coming in, each file has an event id made of its place and its content: run again, what is in is recognised by the log and
  nothing is sealed twice.
- Going out, a manifest stands beside the files: which document and version each is, its digests, and what was left out and why.
  Stopped and run again, an export goes on where it was.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from documents.errors import ContentGone, DocumentError
from documents.inspecting import PartsAway
from documents.model import Added, Folder, FolderKind
from documents.parsing import parse_filing
from documents.requests import FOLDER_FORM
from documents.shelves.store import Wanted
from documents.uploading import Held
from policies.errors import Denied
from policies.masking import masked
from stock.errors import StockError
from storage.errors import EventIdReused, KeyMissing
from storage.objects.errors import ObjectMissing, SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.wiring import House
    from documents.shown import Shown, ShownVersion
    from documents.uploads.store import Upload
    from policies.model import Principal

NAMESPACE: Final = UUID("5e0fd0a2-27a3-4d0c-9c2a-0c7a2e8f4b11")
READ_BYTES: Final = 1024 * 1024
MANIFEST: Final = "chopbook-manifest.json"
UNFINISHED: Final = ".unfinished"
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
        if not path.is_file() or path.name == MANIFEST or path.name.startswith(".") or path.suffix == UNFINISHED:
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
    event_id = uuid5(NAMESPACE, f"{found.place}\0{_digest_of(found.path).hex()}")
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


@dataclass(slots=True)
class Export:
    """What an export wrote, found there already, and left out with the reason."""

    files: list[dict[str, object]] = field(default_factory=list)
    known: int = 0
    left_out: list[dict[str, object]] = field(default_factory=list)


def take_out(house: House, principal: Principal, folder: Folder, target: Path, step: Callable[[int], None]) -> Export:
    """Writes every version of every document in a folder below `target`, and a manifest beside them.

    A file has its name once it is whole; until then it has another. So an export that was stopped goes on where it was: what
    stands there already is checked against the log's commitment, and not opened again. What may not be opened, or is gone, is
    left out and named.

    Raises:
        FileExistsError: something else lies there already under a name.
    """
    export = Export()
    wanted, after = Wanted(folder=folder), None
    while True:
        with house.storage.database.read() as connection:
            page = house.documents.documents(principal, connection, wanted, after=after, limit=200)
        for shown in page.items:
            with house.storage.database.read() as connection:
                versions = house.documents.versions(principal, connection, shown.document.id)
            for version in versions:
                _take_version(house, principal, shown, version, folder, target, export)
                step(len(export.files))
        if page.next is None:
            break
        after = page.next
    manifest: dict[str, object] = {"folder": str(folder), "files": export.files, "left_out": export.left_out}
    target.mkdir(parents=True, exist_ok=True)
    (target / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return export


def _take_version(
    house: House,
    principal: Principal,
    shown: Shown,
    version: ShownVersion,
    folder: Folder,
    target: Path,
    export: Export,
) -> None:
    document, number = shown.document, version.version.version
    said: dict[str, object] = {"document": document.id, "version": number}
    name = f"{document.id[:8]}-v{number}-{_fit(version.file_name or '')}"
    place = target / folder.kind.value / folder.code / document.class_code / name
    try:
        if place.exists():
            digest = _digest_of(place)
            _require_same(house, version, place, digest)
            export.known += 1
        else:
            digest = _write(house, principal, document.id, number, place)
    except DocumentError as refusal:
        export.left_out.append({**said, "why": refusal.code.value})
        return
    except Denied as denied:
        export.left_out.append({**said, "why": denied.decision.code.value})
        return
    told: dict[str, object] = {
        **said,
        "file": place.relative_to(target).as_posix(),
        "sha256": digest.hex(),
        "media_type": version.version.media_type,
        "class": document.class_code,
        "store": document.store,
        "supplier": document.supplier,
        "number": document.number,
        "title": None if shown.title is None else masked(shown.title),
        "tags": list(shown.tags),
        "folders": [str(one) for one in shown.folders],
        "added_index": version.version.added_index,
        "ciphertext_sha256": version.version.sha256.hex(),
    }
    export.files.append({member: value for member, value in told.items() if value is not None})


def _require_same(house: House, version: ShownVersion, place: Path, digest: bytes) -> None:
    """Check that a file is the content that the log committed to.

    Raises:
        FileExistsError: it is not.
        ContentGone: nobody can tell any more.
    """
    found = version.version
    try:
        house.vault.verify_commitment(found.ref, UUID(found.document), digest, found.commitment)
    except SealBroken as error:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place)) from error
    except (KeyMissing, ObjectMissing) as error:
        raise ContentGone from error


def _write(house: House, principal: Principal, document: str, version: int, place: Path) -> bytes:
    event_id = UUID(bytes=house.entropy(16), version=4)
    opened = house.documents.open_content(principal, document, version, event_id=event_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    digest, unfinished = hashlib.sha256(), place.with_name(f"{place.name}{UNFINISHED}")
    with unfinished.open("wb") as file:
        for piece in house.documents.stream(opened):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(place)
    return digest.digest()


def _digest_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _fit(file_name: str) -> str:
    """A file name that means nothing to any file system: no path, no hidden or control characters."""
    return _UNFIT.sub("_", file_name.rpartition("/")[2]).strip(". ")[-120:] or "file"
