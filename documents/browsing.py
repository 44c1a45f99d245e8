"""What callers may look up: registers, folders, documents, their content and what was read of it.

- Lists show the stores in the caller's reach; a document of no store needs somebody who reaches all. Classes marked
  sensitive need `document.read_sensitive`; others pass over them.
- Opening or downloading anything of a sensitive document is an entry, committed before the first byte is handed out, on
  the document's own chain.
- What is in quarantine is for those who may release it, what a cessation notice blocks for who carries such notices out. What is withdrawn or destroyed keeps its entries and no content.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from documents import store as rows
from documents.adjusting import Adjusting
from documents.classes import PAPER
from documents.errors import Code, ContentGone, DocumentConflict, UnknownDocument
from documents.marks.store import read_blocked
from documents.model import FILE_NAME, NOTE, TITLE, FolderKind, Stage
from documents.personal import READ_FIELDS, READING, shows_in_clear
from documents.reading.model import DocumentReading
from documents.row_values import class_of, supplier_of
from documents.rules import READABLE
from documents.shelves import store as shelves
from documents.shown import Opened, ReadOut, Shown, ShownNote, ShownVersion
from documents.writing import about, document_at, this_document
from policies.model import Action, Resource
from stock.model import Page
from storage.errors import KeyMissing
from storage.objects.errors import ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from audit.canonical import JSON
    from documents.model import (
        Document,
        DocumentClass,
        Link,
        Rendition,
        Supplier,
        Version,
    )
    from documents.shelves.store import Shelf, Wanted
    from documents.store import Snapshot
    from policies.model import Principal
    from storage.scope import Scope

PAGE_DEFAULT: Final = 100
CONTENT: Final = "content"


class Browsing(Adjusting):
    """Looking things up."""

    # ------------------------------------------------------------------------------------ registers

    def classes(self, connection: Snapshot) -> tuple[DocumentClass, ...]:
        """Every class, retired ones too, by code; the caller has decided."""
        return shelves.read_classes(connection)

    def suppliers(
        self, connection: Snapshot, *, text: str | None, after: Sequence[str] | None, limit: int
    ) -> Page[Supplier]:
        """Suppliers by code; the caller has decided."""
        return shelves.read_suppliers(connection, text=text, after=after, limit=limit)

    def supplier(self, connection: Snapshot, code: str) -> Supplier:
        """One supplier.

        Raises:
            UnknownDocument: there is none.
        """
        row = rows.SUPPLIERS.fetch(connection, [(code,)]).get((code,))
        if row is None:
            raise UnknownDocument(Code.SUPPLIER_UNKNOWN, (), {"supplier": code})
        return supplier_of(code, row)

    # ---------------------------------------------------------------------------------------- lists

    def scope(self, principal: Principal, connection: Snapshot, store: str | None = None) -> Scope:
        """What the caller may see of documents; naming a store outside is a denial.

        Raises:
            Denied.
        """
        resource = Resource("document") if store is None else document_at(store)
        decision = self._policies.require(principal, Action.DOCUMENT_READ, resource)
        decide, caller = self._policies.decide, decision.principal
        hidden: frozenset[str] = frozenset()
        if not decide(caller, Action.DOCUMENT_READ_SENSITIVE, resource).allowed:
            hidden = frozenset(found.code for found in shelves.read_classes(connection) if found.sensitive)
        may_release = decide(caller, Action.DOCUMENT_RELEASE, document_at(store) if store else Resource("document"))
        may_block = decide(caller, Action.CESSATION_WRITE, document_at(None))
        return replace(
            self._policies.scope(decision),
            hidden_classes=hidden,
            quarantined=may_release.allowed,
            blocked=may_block.allowed,
        )

    def documents(
        self, principal: Principal, connection: Snapshot, wanted: Wanted, *, after: Sequence[str] | None, limit: int
    ) -> Page[Shown]:
        """Documents the caller may see, the newest first.

        Raises:
            Denied.
        """
        scope = self.scope(principal, connection, wanted.store)
        found = shelves.read_documents(connection, scope, wanted, after=after, limit=limit)
        kept = self.leaving(principal, connection, found.items)
        return Page(self._shown(connection, kept), found.next)

    def leaving(self, principal: Principal, connection: Snapshot, found: Iterable[Document]) -> tuple[Document, ...]:
        """Those of the documents that may leave, each decided again from its own row."""
        found = list(found)
        sensitive = {one.code for one in shelves.read_classes(connection) if one.sensitive}
        blocked = read_blocked(connection, [one.id for one in found])

        def asked(one: Document) -> Iterator[tuple[Action, Resource]]:
            at = this_document(one)
            yield Action.DOCUMENT_READ, at
            if one.class_code in sensitive:
                yield Action.DOCUMENT_READ_SENSITIVE, at
            if one.stage is Stage.QUARANTINED:
                yield Action.DOCUMENT_RELEASE, at
            if one.id in blocked:
                yield Action.CESSATION_WRITE, at

        return self._policies.leaving(principal, found, asked)

    def withheld(self, principal: Principal, connection: Snapshot, ids: Iterable[str]) -> frozenset[str]:
        """Which of these documents may not be told of, by their own rows: the index may lag behind them."""
        found = [one for one in (rows.read_document(connection, each) for each in ids) if one is not None]
        blocked = read_blocked(connection, [one.id for one in found])
        listed = [one for one in found if one.stage in READABLE and one.id not in blocked]
        kept = self.leaving(principal, connection, listed)
        return frozenset(one.id for one in found) - {one.id for one in kept}

    def folders(
        self,
        principal: Principal,
        connection: Snapshot,
        kind: FolderKind,
        *,
        text: str | None = None,
        after: Sequence[str] | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[Shelf]:
        """Folders of a kind by code, with how many documents in them the caller may see.

        Raises:
            Denied.
        """
        scope = self.scope(principal, connection)
        stores = self._policies.directory().stores
        mine = sorted(stores) if scope.stores is None else sorted(scope.stores & stores.keys())
        names = [(code, stores[code].name_zh, stores[code].name_en) for code in mine]
        return shelves.read_folders(connection, scope, kind, text=text, names=names, after=after, limit=limit)

    def _shown(self, connection: Snapshot, found: Sequence[Document]) -> tuple[Shown, ...]:
        around = shelves.read_around(connection, [one.id for one in found])
        read = shelves.read_fields_of(connection, found)
        return tuple(
            Shown(
                one,
                self._reveal(UUID(one.id), TITLE, one.title),
                around.folders.get(one.id, ()),
                around.tags.get(one.id, ()),
                read.get(one.id),
            )
            for one in found
        )

    # -------------------------------------------------------------------------------- one document

    def document(self, principal: Principal, connection: Snapshot, document: str) -> Shown:
        """One document.

        Raises:
            UnknownDocument: there is none.
            Denied.
        """
        found, _ = self._readable(principal, connection, document)
        return self._shown(connection, (found,))[0]

    def versions(self, principal: Principal, connection: Snapshot, document: str) -> tuple[ShownVersion, ...]:
        """Every version of a document, the first one first.

        Raises:
            UnknownDocument, Denied.
        """
        self._readable(principal, connection, document)
        return tuple(
            ShownVersion(one, self._reveal(UUID(document), FILE_NAME, one.file_name))
            for one in rows.read_versions(connection, document)
        )

    def links(self, principal: Principal, connection: Snapshot, document: str) -> tuple[Link, ...]:
        """Links from a document and to it.

        Raises:
            UnknownDocument, Denied.
        """
        self._readable(principal, connection, document)
        return shelves.read_links(connection, self.scope(principal, connection), document)

    def evidence_for(self, principal: Principal, connection: Snapshot, indexes: Sequence[int]) -> tuple[str, ...]:
        """Documents linked as evidence of any of these entries, as far as the caller may see them; none to who may see none."""
        if not self._policies.decide(principal, Action.DOCUMENT_READ, Resource("document")).allowed:
            return ()
        ids = shelves.read_evidence_for(connection, self.scope(principal, connection), indexes)
        found = [one for one in (rows.read_document(connection, each) for each in ids) if one is not None]
        return tuple(one.id for one in self.leaving(principal, connection, found))

    def notes(self, principal: Principal, connection: Snapshot, document: str) -> tuple[ShownNote, ...]:
        """Notes on a document, the first one first.

        Raises:
            UnknownDocument, Denied.
        """
        self._readable(principal, connection, document)
        return tuple(
            ShownNote(one.index, self._reveal(UUID(document), NOTE, one.text), one.author, one.noted_at)
            for one in shelves.read_notes(connection, document)
        )

    # ------------------------------------------------------------------------------------- content

    def open_content(
        self, principal: Principal, document: str, version: int, *, event_id: UUID, unmasked: bool = False
    ) -> Opened:
        """What is needed to hand out a version's content; `unmasked`: the log has a purpose for which.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: an identity card number stands in it, and no purpose was stated.
        """
        found = self._openable(principal, document, version, CONTENT, event_id, unmasked=unmasked)
        name = self._reveal(UUID(document), FILE_NAME, found.file_name)
        if name is None:
            raise ContentGone
        return Opened(found.ref, document, version, found.size, found.media_type, name, found.sha256.hex())

    def open_rendition(
        self, principal: Principal, document: str, version: int, name: str, *, event_id: UUID, unmasked: bool = False
    ) -> Opened:
        """What is needed to hand out a rendition: a page's picture, the thumbnail, the searchable PDF.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: an identity card number stands in it, and no purpose was stated.
        """
        self._openable(principal, document, version, name, event_id, unmasked=unmasked)
        with self._database.read() as connection:
            found: Rendition | None = rows.read_renditions(connection, document, version).get(name)
        if found is None:
            raise UnknownDocument(Code.RENDITION_UNKNOWN)
        extension = found.media_type.rpartition("/")[2]
        file_name = f"{document}-{version:06}-{name}.{extension}"
        return Opened(found.ref, document, version, found.size, found.media_type, file_name, found.sha256.hex())

    def stream(self, opened: Opened, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The content from `start` to `stop` (exclusive), each piece checked before it is given.

        Raises:
            ContentGone: the key or the object is gone.
        """
        try:
            return self._vault.open(opened.ref, UUID(opened.document), opened.version, start, stop)
        except (KeyMissing, ObjectMissing) as error:
            raise ContentGone from error

    def rendition_names(
        self, principal: Principal, connection: Snapshot, document: str, version: int
    ) -> tuple[str, ...]:
        """Which renditions a version has.

        Raises:
            UnknownDocument, Denied.
        """
        self._readable(principal, connection, document)
        return tuple(rows.read_renditions(connection, document, version))

    def reading(
        self, principal: Principal, document: str, version: int, *, event_id: UUID, unmasked: bool = False
    ) -> DocumentReading:
        """The reading of a version: words with their places.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: it was not read.
        """
        self._openable(principal, document, version, READING, event_id, unmasked=unmasked)
        return self._reading_of(document, version)

    def fields(
        self, principal: Principal, document: str, version: int, *, event_id: UUID, unmasked: bool = False
    ) -> ReadOut:
        """What was read from a version as fields, and the questions about it.

        Raises:
            UnknownDocument, Denied, ContentGone.
            DocumentConflict: it was not read.
        """
        found = self._openable(principal, document, version, READ_FIELDS, event_id, unmasked=unmasked)
        try:
            row, extraction = self.fields_now(self._document(document), version)
        except KeyMissing as error:
            raise ContentGone from error
        with self._database.read() as connection:
            return ReadOut(row, extraction, rows.read_items(connection, document, version), found.media_type in PAPER)

    def newest(self, document: str) -> int:
        """The number of a document's newest version.

        Raises:
            UnknownDocument: there is no such document.
        """
        return self._document(document).version

    # ---------------------------------------------------------------------------------- the steps

    def _reading_of(self, document: str, version: int) -> DocumentReading:
        """The reading of a version that the caller may have.

        Raises:
            ContentGone; DocumentConflict: it was not read.
        """
        with self._database.read() as connection:
            kept = rows.read_reading(connection, document, version)
        if kept is None:
            raise DocumentConflict(Code.NOT_READ_YET)
        try:
            return self._open_reading(kept)
        except (KeyMissing, ObjectMissing) as error:
            raise ContentGone from error

    def _readable(self, principal: Principal, connection: Snapshot, document: str) -> tuple[Document, DocumentClass]:
        """A document the caller may see.

        Raises:
            UnknownDocument, Denied.
        """
        found = rows.read_document(connection, document)
        if found is None:
            self._policies.require(principal, Action.DOCUMENT_READ, Resource("document"))
            raise UnknownDocument(Code.DOCUMENT_UNKNOWN, ("document",))
        resource = this_document(found)
        self._policies.require(principal, Action.DOCUMENT_READ, resource)
        document_class = class_of(
            found.class_code, rows.CLASSES.fetch(connection, [(found.class_code,)])[(found.class_code,)]
        )
        if document_class.sensitive:
            self._policies.require(principal, Action.DOCUMENT_READ_SENSITIVE, resource)
        if found.stage is Stage.QUARANTINED:
            self._policies.require(principal, Action.DOCUMENT_RELEASE, replace(resource, kind="quarantined_document"))
        if read_blocked(connection, (document,)):
            # A cessation notice (PDPO s.66M): only who carries such notices out may look.
            self._policies.require(principal, Action.CESSATION_WRITE, resource)
        return found, document_class

    def _openable(
        self, principal: Principal, document: str, version: int, what: str, event_id: UUID, *, unmasked: bool
    ) -> Version:
        """A version whose content the caller may have; of a sensitive class, the log says so first.

        Raises:
            UnknownDocument, Denied, ContentGone.
        """
        with self._database.read() as connection:
            found, document_class = self._readable(principal, connection, document)
            opened = rows.read_version(connection, document, version)
            finding = rows.read_finding(connection, document, version)
        if opened is None:
            raise UnknownDocument(Code.VERSION_UNKNOWN, ("version",), {"version": version})
        resource = this_document(found)
        if opened.stage is Stage.QUARANTINED:
            self._policies.require(principal, Action.DOCUMENT_RELEASE, resource)
        if opened.stage not in READABLE:
            raise ContentGone
        if not unmasked and shows_in_clear(what, document_class, finding):
            self._policies.require(principal, Action.PERSONAL_UNMASK, resource)
            raise DocumentConflict(Code.PURPOSE_REQUIRED)
        self._policies.require_recent(
            self._policies.require(principal, Action.DOCUMENT_READ, resource), document_class.level
        )
        if document_class.sensitive:
            decision = self._policies.require(principal, Action.DOCUMENT_READ_SENSITIVE, resource)
            detail: dict[str, JSON] = {"document": document, "version": version, "what": what}
            read = self._policies.record_read(decision, event_id=event_id, detail=detail, about=(about(document),))
            self._log.commit(read)
        return opened
