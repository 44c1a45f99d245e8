"""Where documents belong: folders, links, tags, notes, titles.

- Nothing is overwritten or deleted: what does not hold any more is marked so, and the entries tell both.
- Moving is filing in one folder and unfiling from another, in one change.
- Whoever may write at the document's store may do all of this; a link between two documents needs both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from audit.entry import derived_event_id
from audit.event import time_us
from documents import store as rows
from documents.errors import Code, DocumentConflict, UnknownDocument
from documents.model import (
    DOCUMENT_CHANGED,
    DOCUMENT_FILED,
    DOCUMENT_LINKED,
    DOCUMENT_NOTED,
    DOCUMENT_TAGGED,
    DOCUMENT_UNFILED,
    DOCUMENT_UNLINKED,
    DOCUMENT_UNTAGGED,
    INDEX_KIND,
    NOTE,
    TITLE,
    Folder,
    FolderKind,
    LinkKind,
)
from documents.registering import Registering
from documents.succession.store import superseded_in
from documents.writing import (
    Asked,
    about,
    class_in,
    document_at,
    document_in,
    folder_subject,
    put_document,
    require_changeable,
    supplier_in,
)
from policies.model import Action
from stock import store as stock_rows
from stock.errors import Code as StockCode
from stock.errors import StockConflict
from storage import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Decided, Event
    from documents.model import Document
    from documents.requests import DocumentChangeRequest, LinkRequest
    from documents.writing import SealedField
    from policies.model import Principal
    from storage import Transaction


SUCCESSION_MAX: Final = 1_000
"""How many documents are followed back to see whether two would take each other's place."""


class Filing(Registering):
    """What is done with documents once they are there."""

    def change_document(self, principal: Principal, request: DocumentChangeRequest) -> Change[Document]:
        """Another title, class, supplier or number.

        Raises:
            UnknownDocument, Denied.
            The change: UnknownDocument; DocumentConflict if a class is retired; StockConflict if nothing would change.
        """
        content: dict[str, JSON] = {"class": request.class_code, "supplier": request.supplier, "number": request.number}
        content["title"] = request.title is not None
        before, asked = self._ask_writing(principal, request.document, request.event_id, content)
        title = None
        if request.title is not None and request.title != self._reveal(UUID(before.id), TITLE, before.title):
            title = self._seal(UUID(before.id), TITLE, request.title)

        def run(tx: Transaction) -> Document:
            decided = self._confirm(tx, asked)
            found = document_in(tx, request.document)
            require_changeable(tx, request.document)
            changed = self._changed(tx, found, request, title)
            names = {"class": "class_code", "supplier": "supplier", "number": "number"}
            moved = {name: field for name, field in names.items() if getattr(found, field) != getattr(changed, field)}
            if not moved and title is None:
                raise StockConflict(StockCode.NOTHING_CHANGED)
            data: dict[str, JSON] = {"document": found.id}
            if moved:
                data["before"] = {name: getattr(found, field) for name, field in moved.items()}
                data["after"] = {name: getattr(changed, field) for name, field in moved.items()}
            personal = () if title is None else (title,)
            event = asked.event(DOCUMENT_CHANGED, (about(found.id),), data, decided, personal=personal)
            return self._written(tx, tx.append(event), changed)

        return self._change_on(asked, run)

    def _changed(
        self, tx: Transaction, found: Document, request: DocumentChangeRequest, title: SealedField | None
    ) -> Document:
        if request.class_code is not None and request.class_code != found.class_code:
            wanted = class_in(tx, request.class_code)
            if not wanted.active:
                raise DocumentConflict(Code.CLASS_RETIRED, ("class",), {"class": wanted.code})
        if request.supplier is not None:
            supplier_in(tx, request.supplier)
        return replace(
            found,
            class_code=request.class_code or found.class_code,
            supplier=request.supplier or found.supplier,
            number=request.number or found.number,
            title=found.title if title is None else title.sealed,
        )

    def file(
        self, principal: Principal, document: str, folder: Folder, *, event_id: UUID, moved_from: Folder | None = None
    ) -> Change[Document]:
        """Puts a document into a folder; with `moved_from`, takes it out of that one in the same change.

        Raises:
            UnknownDocument, Denied.
            The change: UnknownDocument (folder); DocumentConflict if it lies there, or not in `moved_from`; Denied.
        """
        content: dict[str, JSON] = {"file": str(folder), "from": None if moved_from is None else str(moved_from)}
        _, asked = self._ask_writing(principal, document, event_id, content)

        def run(tx: Transaction) -> Document:
            decided = self._confirm(tx, asked)
            found = document_in(tx, document)
            self._require_folder(tx, folder)
            if _is_active(tx, rows.FOLDERS, (document, *_key(folder))):
                raise DocumentConflict(Code.ALREADY_FILED, ("folder",), {"folder": str(folder)})
            if moved_from is not None and not _is_active(tx, rows.FOLDERS, (document, *_key(moved_from))):
                raise DocumentConflict(Code.NOT_FILED, ("moved_from",), {"folder": str(moved_from)})
            entry = append_filed(tx, asked, decided, document, folder, asked.event_id)
            if moved_from is not None:
                entry = _append_unfiled(tx, asked, decided, document, moved_from, derived_event_id(asked.event_id, 1))
            return self._written(tx, entry, found)

        return self._change_on(asked, run)

    def unfile(self, principal: Principal, document: str, folder: Folder, *, event_id: UUID) -> Change[Document]:
        """Takes a document out of a folder.

        Raises:
            UnknownDocument, Denied.
            The change: DocumentConflict if it does not lie there; Denied.
        """
        _, asked = self._ask_writing(principal, document, event_id, {"unfile": str(folder)})

        def run(tx: Transaction) -> Document:
            decided = self._confirm(tx, asked)
            found = document_in(tx, document)
            if not _is_active(tx, rows.FOLDERS, (document, *_key(folder))):
                raise DocumentConflict(Code.NOT_FILED, ("folder",), {"folder": str(folder)})
            return self._written(tx, _append_unfiled(tx, asked, decided, document, folder, asked.event_id), found)

        return self._change_on(asked, run)

    def tag(self, principal: Principal, document: str, tag: str, *, on: bool, event_id: UUID) -> Change[Document]:
        """Gives a document a tag, or takes it away.

        Raises:
            UnknownDocument, Denied.
            The change: DocumentConflict if it is so already; Denied.
        """
        _, asked = self._ask_writing(principal, document, event_id, {"tag": tag, "on": on})

        def run(tx: Transaction) -> Document:
            decided = self._confirm(tx, asked)
            found = document_in(tx, document)
            if _is_active(tx, rows.TAGS, (document, tag)) is on:
                raise DocumentConflict(Code.ALREADY_TAGGED if on else Code.NOT_TAGGED, ("tag",))
            kind = DOCUMENT_TAGGED if on else DOCUMENT_UNTAGGED
            data: dict[str, JSON] = {"document": document, "tag": tag}
            entry = tx.append(asked.event(kind, (about(document),), data, decided))
            tx.put(entry, rows.TAGS, (document, tag), (on,))
            return self._written(tx, entry, found)

        return self._change_on(asked, run)

    def link(self, principal: Principal, request: LinkRequest, *, on: bool = True) -> Change[Document]:
        """Links a document to another or to an adjustment, or takes the link away.

        Raises:
            UnknownDocument: the document, or the target.
            DocumentConflict: a link to itself.
            Denied: the caller may not write one of the two.
            The change: DocumentConflict if it is so already, or two would supersede each other; UnknownDocument; Denied.
        """
        target, is_entry = request.target, request.kind is LinkKind.EVIDENCE_OF
        if target == request.document:
            raise DocumentConflict(Code.LINK_TO_ITSELF, ("target",))
        content: dict[str, JSON] = {"link": request.kind.value, "target": target, "on": on}
        _, asked = self._ask_writing(principal, request.document, request.event_id, content)
        if not is_entry:
            self._require_other(principal, target)

        def run(tx: Transaction) -> Document:
            decided = self._confirm(tx, asked)
            found = document_in(tx, request.document)
            key = (request.document, request.kind.value, target)
            if _is_active(tx, rows.LINKS, key) is on:
                raise DocumentConflict(Code.ALREADY_LINKED if on else Code.NOT_LINKED, ("target",))
            if is_entry and int(target) >= tx.size:
                raise UnknownDocument(Code.TARGET_UNKNOWN, ("target",))
            if on and request.kind is LinkKind.SUPERSEDES:
                _require_no_circle(tx, request.document, target)
            subjects = (about(request.document),) if is_entry else (about(request.document), about(target))
            data: dict[str, JSON] = {"document": request.document, "kind": request.kind.value}
            data["target"] = int(target) if is_entry else target
            entry = tx.append(asked.event(DOCUMENT_LINKED if on else DOCUMENT_UNLINKED, subjects, data, decided))
            tx.put(entry, rows.LINKS, key, (on,))
            if not is_entry:
                put_document(tx, entry, document_in(tx, target))
            return self._written(tx, entry, found)

        return self._change_on(asked, run)

    def note(self, principal: Principal, document: str, text: str, *, event_id: UUID) -> Change[Document]:
        """Adds a note.

        Raises:
            UnknownDocument, Denied, ContentGone.
            The change: Denied.
        """
        _, asked = self._ask_writing(principal, document, event_id, {"note": document})
        field = self._seal(UUID(document), NOTE, text)

        def run(tx: Transaction) -> Document:
            decided = self._confirm(tx, asked)
            found = document_in(tx, document)
            event = asked.event(DOCUMENT_NOTED, (about(document),), {"document": document}, decided, personal=(field,))
            entry = tx.append(event)
            values = (field.sealed, asked.actor.acting_for or asked.actor.id, time_us(tx.now))
            tx.put(entry, rows.NOTES, (document, entry.index), values)
            return self._written(tx, entry, found)

        return self._change_on(asked, run)

    # ------------------------------------------------------------------------------------ the steps

    def _ask_writing(
        self, principal: Principal, document: str, event_id: UUID, content: dict[str, JSON]
    ) -> tuple[Document, Asked]:
        found = self._document(document)
        resource = document_at(found.store, document)
        content = {"document": document, **content}
        return found, self._ask(principal, Action.DOCUMENT_WRITE, resource, event_id=event_id, content=content)

    def _require_other(self, principal: Principal, target: str) -> None:
        with self._database.read() as connection:
            other = rows.read_document(connection, target)
        if other is None:
            raise UnknownDocument(Code.TARGET_UNKNOWN, ("target",))
        self._policies.require(principal, Action.DOCUMENT_WRITE, document_at(other.store, target))

    def _require_folder(self, tx: Transaction, folder: Folder) -> None:
        """Check that what the folder belongs to is there; a general folder is there when something lies in it.

        Raises:
            UnknownDocument: it is not.
        """
        match folder.kind:
            case FolderKind.SKU:
                is_there = tx.get(stock_rows.SKUS, (folder.code,)) is not None
            case FolderKind.SUPPLIER:
                is_there = tx.get(rows.SUPPLIERS, (folder.code,)) is not None
            case FolderKind.STORE:
                is_there = folder.code in self._policies.directory_in(tx).stores
            case _:
                is_there = True
        if not is_there:
            raise UnknownDocument(Code.FOLDER_UNKNOWN, ("folder",), {"folder": str(folder)})

    def _written(self, tx: Transaction, entry: Entry, document: Document) -> Document:
        """Writes the document's row, and asks for its place in the index to be made anew."""
        self._queue.enqueue(tx, entry, INDEX_KIND, {"document": document.id})
        return put_document(tx, entry, document)

    def _change_on(self, asked: Asked, run: Callable[[Transaction], Any]) -> Change[Any]:
        return Change(run, reads=self._policies.reads, event_ids=((asked.actor.id, asked.event_id),))


def append_filed(
    tx: Transaction, asked: Asked, decided: Decided | None, document: str, folder: Folder, event_id: UUID
) -> Entry:
    """Appends that a document lies in a folder, and writes so."""
    entry = tx.append(_filing_event(DOCUMENT_FILED, asked, decided, document, folder, event_id))
    tx.put(entry, rows.FOLDERS, (document, *_key(folder)), (True,))
    return entry


def _append_unfiled(
    tx: Transaction, asked: Asked, decided: Decided | None, document: str, folder: Folder, event_id: UUID
) -> Entry:
    entry = tx.append(_filing_event(DOCUMENT_UNFILED, asked, decided, document, folder, event_id))
    tx.put(entry, rows.FOLDERS, (document, *_key(folder)), (False,))
    return entry


def _require_no_circle(tx: Transaction, document: str, target: str) -> None:
    """Check that a document does not take the place of one that took its own, however many lie between.

    Raises:
        DocumentConflict: it would.
    """
    looked: set[str] = set()
    waiting = [target]
    while waiting and len(looked) < SUCCESSION_MAX:
        one = waiting.pop()
        if one == document:
            raise DocumentConflict(Code.SUPERSEDES_IN_CIRCLE, ("target",))
        if one not in looked:
            looked.add(one)
            waiting += superseded_in(tx, one)


def _filing_event(
    kind: str, asked: Asked, decided: Decided | None, document: str, folder: Folder, event_id: UUID
) -> Event:
    data: dict[str, JSON] = {"document": document, "folder": str(folder)}
    return asked.event(kind, (about(document), folder_subject(folder)), data, decided, event_id=event_id)


def _key(folder: Folder) -> tuple[str, str]:
    return folder.kind.value, folder.code


def _is_active(tx: Transaction, keyed: Any, key: tuple[str, ...]) -> bool:
    row = tx.get(keyed, key)
    return row is not None and bool(row[-1])
