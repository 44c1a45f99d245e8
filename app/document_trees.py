"""Folders of files on a disk, in and out: `KIND/CODE/[CLASS/]FILE`, such as `sku/TEA-001/delivery_note/dn-0042.jpg`.

- Coming in, each file has an event id made of its place and its content: run again, what is in is recognised by the log, and
  neither sent nor sealed again. One that looks as it did is not even read (`app.import_journal`).
- Going out, a manifest stands beside the files: which document and version each is, its digests, and what was left out and why.
  Stopped and run again, an export goes on where it was.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from uuid import UUID, uuid5

from documents.errors import ContentGone, DocumentError
from documents.exported.model import MANIFEST
from documents.exported.words import READMES
from documents.exporting import Export, leaves
from documents.inspecting import PartsAway
from documents.model import Added, Folder, FolderKind
from documents.parsing import parse_filing
from documents.requests import FOLDER_FORM
from documents.uploading import Held
from policies.errors import Denied
from stock.errors import StockError
from storage.errors import EventIdReused, KeyMissing
from storage.objects.errors import ObjectMissing, SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.import_journal import Journal
    from app.wiring import House
    from documents.exporting import Leaf
    from documents.requests import Filing
    from documents.shown import ShownVersion
    from policies.model import Principal
    from policies.using.rules import Use

NAMESPACE: Final = UUID("5e0fd0a2-27a3-4d0c-9c2a-0c7a2e8f4b11")
READ_BYTES: Final = 1024 * 1024
UNFINISHED: Final = ".unfinished"
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
    unread: int = 0
    """Of those known: how many looked as they did, and were not read."""
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


def bring_in(
    house: House, principal: Principal, found: Found, store: str | None, tally: Tally, journal: Journal | None = None
) -> None:
    """Takes one file in, or recognises it; without a journal every file is read.

    Raises:
        StorageError, Denied: the rest would end the same way.
    """
    what = "\0".join((principal.actor.id, found.class_code, store or "", found.place))
    noted = None if journal is None else journal.event_of(found.path, what)
    if noted is not None and house.documents.is_known(principal, noted):
        tally.known += 1
        tally.unread += 1
        return
    digest = _digest_of(found.path)
    event_id = uuid5(NAMESPACE, f"{found.place}\0{digest.hex()}")
    filing: dict[str, object] = {"class": found.class_code, "store": store, "folders": [str(found.folder)]}
    try:
        if house.documents.recognised(principal, _filing_of(filing, event_id), digest) is not None:
            tally.known += 1
        elif isinstance(add_file(house, principal, found.path, filing, event_id), Held):
            tally.held += 1
            return
        else:
            tally.added += 1
    except (DocumentError, PartsAway, EventIdReused, StockError) as error:
        tally.refused.append((found.place, str(error)))
        return
    if journal is not None:
        journal.note(found.path, what, event_id)


def _filing_of(filing: dict[str, object], event_id: UUID) -> Filing:
    return parse_filing({name: value for name, value in filing.items() if value}, event_id=event_id)


def add_file(house: House, principal: Principal, path: Path, filing: dict[str, object], event_id: UUID) -> Added | Held:
    """Takes a file from the disk in, as an upload of any caller."""
    with path.open("rb") as file:
        return take_in(house, principal, path.name, path.stat().st_size, file, filing, event_id)


def take_in(
    house: House,
    principal: Principal,
    name: str,
    size: int,
    file: BinaryIO,
    filing: dict[str, object],
    event_id: UUID,
) -> Added | Held:
    """Takes a file of `size` bytes in, as an upload of any caller."""
    documents = house.documents
    passing = documents.begin_passing(principal, _filing_of(filing, event_id), name, size, now=house.clock())
    try:
        with passing.spool.writer() as writer:
            while chunk := file.read(READ_BYTES):
                writer.write(chunk)
        return documents.finish_passing(passing)
    except BaseException:
        documents.drop_passing(passing)
        raise


def take_out(
    house: House, principal: Principal, folder: Folder, target: Path, step: Callable[[int], None], use: Use
) -> Export:
    """Writes every version of every document in a folder below `target`, and a manifest beside them.

    A file has its name once it is whole; until then it has another. So an export that was stopped goes on where it was: what
    stands there already is checked against the log's commitment, and not opened again. What may not be opened, is not kept for this
    use, or is gone, is left out and named.

    Raises:
        FileExistsError: something else lies there already under a name.
    """
    export = Export(folder, *house.documents.log_named())
    for leaf in leaves(house.documents, house.storage.database, principal, folder):
        _take_version(house, principal, leaf, target, export, use)
        step(len(export.files))
    target.mkdir(parents=True, exist_ok=True)
    for name, text in READMES.items():
        (target / name).write_text(text, "utf-8")
    (target / MANIFEST).write_bytes(export.manifest())
    return export


def _take_version(house: House, principal: Principal, leaf: Leaf, target: Path, export: Export, use: Use) -> None:
    place = target / leaf.place
    try:
        if place.exists():
            digest = _digest_of(place)
            _require_same(house, leaf.version, place, digest)
            export.known += 1
        else:
            digest = _write(house, principal, leaf, place, use)
        stated = house.documents.state(principal, leaf.version.version)
    except DocumentError as refusal:
        export.left_out.append(leaf.left_out(refusal.code.value))
    except Denied as denied:
        denial = house.policies.record_denial(denied.decision, now=house.clock())
        if denial is not None:
            house.storage.log.commit(denial)
        export.left_out.append(leaf.left_out(denied.decision.code.value))
    else:
        for name, content in stated.files.items():
            (target / name).parent.mkdir(exist_ok=True)
            (target / name).write_bytes(content)
        export.files.append(leaf.line(digest, stated))


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


def _write(house: House, principal: Principal, leaf: Leaf, place: Path, use: Use) -> bytes:
    event_id = UUID(bytes=house.entropy(16), version=4)
    opened = house.documents.open_content(principal, leaf.document, leaf.number, event_id=event_id, use=use)
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
