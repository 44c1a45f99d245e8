"""What callers may look up: registers, folders, documents. Their content is handed out by `documents.opening`.

- Lists show the stores in the caller's reach; a document of no store needs somebody who reaches all. Classes marked
  sensitive need `document.read_sensitive`; others pass over them.
- What is in quarantine is for those who may release it, what a cessation notice blocks for who carries such notices out. What is withdrawn or destroyed keeps its entries and no content.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from documents import store as rows
from documents.adjusting import Adjusting
from documents.errors import Code, UnknownDocument
from documents.marks.store import read_blocked
from documents.model import FILE_NAME, NOTE, TITLE, FolderKind, LinkKind, Stage
from documents.row_values import class_of, supplier_of
from documents.rules import READABLE
from documents.shelves import store as shelves
from documents.shown import Named, Shown, ShownLink, ShownNote, ShownVersion
from documents.succession.store import Succession, has_succession, read_succession, read_superseded
from documents.writing import document_at, this_document
from policies.model import Action, Resource
from stock.model import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from documents.model import (
        Document,
        DocumentClass,
        Supplier,
    )
    from documents.shelves.store import Shelf, Wanted
    from documents.store import Snapshot
    from policies.model import Principal
    from storage.scope import Scope

PAGE_DEFAULT: Final = 100


class Browsing(Adjusting):
    """Looking things up."""

    # ------------------------------------------------------------------------------------ registers

    def classes(self, connection: Snapshot) -> tuple[DocumentClass, ...]:
        """Every class, retired ones too, by code; the caller has decided."""
        return shelves.read_classes(connection)

    def classes_of(self, connection: Snapshot, ids: Iterable[str]) -> dict[str, str]:
        """The classes of documents, whatever became of them: for decisions about entries that name them."""
        return shelves.read_classes_of(connection, ids)

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
        return Page(self._shown(principal, connection, kept), found.next)

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

    def titles(self, connection: Snapshot, ids: Iterable[str]) -> Mapping[str, str]:
        """The titles of documents that the caller may be told of, as far as their keys are there."""
        found = [one for one in (rows.read_document(connection, each) for each in ids) if one is not None]
        titles = {one.id: self._reveal(UUID(one.id), TITLE, one.title) for one in found}
        return {document: title for document, title in titles.items() if title is not None}

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

    def _shown(self, principal: Principal, connection: Snapshot, found: Sequence[Document]) -> tuple[Shown, ...]:
        succession = self.succession(principal, connection, [one.id for one in found])
        around = shelves.read_around(connection, [one.id for one in found])
        read = shelves.read_fields_of(connection, found)
        return tuple(
            Shown(
                one,
                self._reveal(UUID(one.id), TITLE, one.title),
                around.folders.get(one.id, ()),
                around.tags.get(one.id, ()),
                read.get(one.id),
                succession.by.get(one.id, ()),
                succession.of.get(one.id, ()),
            )
            for one in found
        )

    def succession(self, principal: Principal, connection: Snapshot, ids: Sequence[str]) -> Succession:
        """Which documents took the place of some, and whose place those took, as far as the caller may see both.

        Raises:
            Denied.
        """
        if not has_succession(connection, ids):
            return Succession()
        return read_succession(connection, self.scope(principal, connection), ids)

    def superseded(self, principal: Principal, connection: Snapshot, store: str | None = None) -> frozenset[int]:
        """The entries that added the documents which another took the place of, as far as the caller may see both.

        Raises:
            Denied.
        """
        return read_superseded(connection, self.scope(principal, connection, store))

    # -------------------------------------------------------------------------------- one document

    def document(self, principal: Principal, connection: Snapshot, document: str) -> Shown:
        """One document.

        Raises:
            UnknownDocument: there is none.
            Denied.
        """
        found, _ = self._readable(principal, connection, document)
        return self._shown(principal, connection, (found,))[0]

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

    def links(self, principal: Principal, connection: Snapshot, document: str) -> tuple[ShownLink, ...]:
        """Links from a document and to it, with what stands at their other ends.

        Raises:
            UnknownDocument, Denied.
        """
        self._readable(principal, connection, document)
        links = shelves.read_links(connection, self.scope(principal, connection), document)
        moves = [one for one in links if one.kind is LinkKind.EVIDENCE_OF]
        moved = self._stock.adjustments_at(principal, connection, [int(one.target) for one in moves])
        ends = {one: one.target if one.document == document else one.document for one in links if one not in moves}
        others = self.named(principal, connection, sorted(set(ends.values())))
        # A link whose other end may not leave says that there is one, so it does not leave either.
        return tuple(
            ShownLink(one, others.get(ends.get(one, "")), None if one in ends else moved.get(int(one.target)))
            for one in links
            if one not in ends or ends[one] in others
        )

    def named(self, principal: Principal, connection: Snapshot, ids: Iterable[str]) -> dict[str, Named]:
        """What documents are called, of those that the caller may see; none to who may see none."""
        if not self._policies.decide(principal, Action.DOCUMENT_READ, Resource("document")).allowed:
            return {}
        found = shelves.read_within(connection, self.scope(principal, connection), sorted(set(ids)))
        return {
            one.id: Named(one.class_code, one.number, self._reveal(UUID(one.id), TITLE, one.title))
            for one in self.leaving(principal, connection, found)
        }

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

    def newest(self, document: str) -> int:
        """The number of a document's newest version.

        Raises:
            UnknownDocument: there is no such document.
        """
        return self._document(document).version

    # ---------------------------------------------------------------------------------- the steps

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
