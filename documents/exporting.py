"""A folder on its way out: which files it makes, what they are called, and the manifest that stands beside them.

A file is a version of a document. Its name is made of the document's id, the version and its own name, so that no two are
alike and nothing in it means anything to a file system. Identity card numbers are masked in names and titles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from documents.exported.model import FORMAT, LeftOut, Line, Manifest, items_root
from documents.shelves.store import Wanted
from policies.masking import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from documents.model import Folder
    from documents.service import Documents
    from documents.shown import Shown, ShownVersion
    from documents.stating import Statement
    from policies.model import Principal
    from storage import Database

PAGE: Final = 200
_UNFIT: Final = re.compile(r"[^\w .()#+,-]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One version of a document in a folder."""

    folder: Folder
    shown: Shown
    version: ShownVersion

    @property
    def document(self) -> str:
        """The document's id."""
        return self.shown.document.id

    @property
    def number(self) -> int:
        """The version's number."""
        return self.version.version.version

    @property
    def place(self) -> str:
        """Where the file stands: `KIND/CODE/CLASS/NAME`."""
        name = _fit(masked(self.version.file_name or ""))
        found = self.shown.document
        return f"{self.folder.kind.value}/{self.folder.code}/{found.class_code}/{found.id[:8]}-v{self.number}-{name}"

    def line(self, digest: bytes, stated: Statement) -> Line:
        """The manifest's line of the file with this SHA-256."""
        found, version = self.shown.document, self.version.version
        entry, proof = [*stated.files, None, None][:2]
        return Line(
            document=found.id,
            version=self.number,
            file=self.place,
            sha256=digest.hex(),
            size=version.size,
            commitment=stated.commitment,
            format=stated.format,
            origin=stated.origin,
            received_at=stated.received_at,
            recorded_at=stated.recorded_at,
            occurred_at=stated.occurred_at,
            destination=stated.destination,
            added_index=version.added_index,
            ciphertext_sha256=version.sha256.hex(),
            class_code=found.class_code,
            entry=entry,
            proof=proof,
            store=found.store,
            supplier=found.supplier,
            number=found.number,
            title=None if self.shown.title is None else masked(self.shown.title),
            tags=self.shown.tags,
            folders=tuple(str(one) for one in self.shown.folders),
            superseded_by=self.shown.superseded_by,
        )

    def left_out(self, why: str) -> LeftOut:
        """The manifest's line of a file that is not there."""
        return LeftOut(self.document, self.number, why)


@dataclass(slots=True)
class Export:
    """What was written, found there already, and left out with the reason; `log` and `vkey` name the log."""

    folder: Folder
    log: str
    vkey: str
    files: list[Line] = field(default_factory=list)
    known: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def manifest(self) -> bytes:
        """The manifest's bytes."""
        told = Manifest(
            format=FORMAT,
            folder=str(self.folder),
            log=self.log,
            vkey=self.vkey,
            items_root=items_root(self.files),
            files=tuple(self.files),
            left_out=tuple(self.left_out),
        )
        return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def leaves(documents: Documents, database: Database, principal: Principal, folder: Folder) -> Iterator[Leaf]:
    """Every version of every document in a folder that the caller may see, the newest document first.

    Raises:
        Denied: the caller may read no documents.
    """
    wanted, after = Wanted(folder=folder), None
    while True:
        with database.read() as connection:
            page = documents.documents(principal, connection, wanted, after=after, limit=PAGE)
        for shown in page.items:
            with database.read() as connection:
                versions = documents.versions(principal, connection, shown.document.id)
            for version in versions:
                yield Leaf(folder, shown, version)
        if page.next is None:
            return
        after = page.next


def _fit(file_name: str) -> str:
    return _UNFIT.sub("_", file_name.rpartition("/")[2]).strip(". ")[-120:] or "file"
