"""What every change of this room has in common: decide, then under the log's lock judge, append, write rows.

- As in the stock room: a repeated event is recognised before anything is judged, the decision is confirmed under the
  lock, and nothing is written until nothing can be refused any more.
- What could be personal enters an entry as a salted digest only; salt and value are sealed under the document's key.
- Every act on a document writes its row again, so that the row names the last entry about it: that is its ETag.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.commitment import SALT_BYTES, commit, verify_commitment
from audit.event import Event, Subject, time_us
from documents import store as rows
from documents.errors import Code, ContentGone, DocumentConflict, UnknownDocument
from documents.marks.store import Mark, marks_in
from documents.model import SUBJECT_CLASS, SUBJECT_SUPPLIER, Folder, FolderKind
from documents.row_values import class_of, document_of, document_row, supplier_of, version_of, version_row
from policies.model import Resource
from stock.model import SUBJECT_DOCUMENT, SUBJECT_SKU
from storage.errors import KeyMissing
from storage.opening import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Actor, Decided
    from documents.exported.model import Place
    from documents.model import Document, DocumentClass, Supplier, Version
    from policies.model import Action, Decision, Principal
    from policies.refusals import Path
    from policies.service import Policies
    from retention.locks.model import LockTerm
    from stock.service import Stock
    from storage import Database, Log, Transaction
    from storage.either import Reader
    from storage.objects import Vault
    from storage.objects.model import Bucket
    from storage.objects.vault import DocumentKey
    from workflow.service import Queue


@dataclass(frozen=True, slots=True)
class SealedField:
    """A personal value ready to be logged: `digest` goes into the entry, `sealed` (salt and value) into its row."""

    name: str
    digest: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was allowed, ready to be tried. `decision` None: the system's own work, on an entry's behalf."""

    actor: Actor
    decision: Decision | None
    event_id: UUID
    digest: bytes

    def event(
        self,
        kind: str,
        subjects: tuple[Subject, ...],
        data: Mapping[str, JSON],
        decided: Decided | None,
        *,
        event_id: UUID | None = None,
        personal: Sequence[SealedField] = (),
    ) -> Event:
        """An event of this request; `event_id` if it is not the request's own."""
        return Event(
            type=kind,
            subjects=subjects,
            data=data,
            actor=self.actor,
            event_id=event_id or self.event_id,
            personal={field.name: field.digest for field in personal},
            request=self.digest,
            decision=decided,
        )


@dataclass(frozen=True, slots=True)
class Means:
    """What the room stands on."""

    database: Database
    log: Log
    policies: Policies
    stock: Stock
    queue: Queue
    vault: Vault
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    lock_term: Callable[[str], LockTerm | None] | None = None
    """How a document's lock is to stand, as schedules and holds say; None: nobody judges, and its class's days count."""
    matters: Callable[[Reader, str], Sequence[str]] | None = None
    """The matters that hold a document; None: nobody holds anything."""
    bucket_place: Callable[[Bucket], Place] | None = None
    """Where a bucket is, as declared; None: nobody says."""


class Writing:
    """The room's means, and the steps its changes share."""

    def __init__(self, means: Means) -> None:
        self._database: Final = means.database
        self._log: Final = means.log
        self._policies: Final = means.policies
        self._stock: Final = means.stock
        self._queue: Final = means.queue
        self._vault: Final = means.vault
        self._clock: Final = means.clock
        self._entropy: Final = means.entropy
        self._lock_term: Final = means.lock_term
        self._matters: Final = means.matters
        self._bucket_place: Final = means.bucket_place

    def _ask(
        self, principal: Principal, action: Action, resource: Resource, *, event_id: UUID, content: Mapping[str, JSON]
    ) -> Asked:
        """Decides, and prepares what needs no lock.

        Raises:
            Denied: the principal may not do this.
        """
        return self._asked(self._policies.require(principal, action, resource), event_id, content)

    def _asked(self, decision: Decision, event_id: UUID, content: Mapping[str, JSON]) -> Asked:
        """What was allowed, with the digest of what was asked for; personal members are no part of it."""
        digest = self._log.request_digest({"action": decision.action.value, **content})
        return Asked(decision.principal.actor, decision, event_id, digest)

    def _own(self, event_id: UUID, content: Mapping[str, JSON]) -> Asked:
        """The system's own step, repeated under the same `event_id` if it was interrupted."""
        return Asked(SYSTEM, None, event_id, self._log.request_digest(dict(content)))

    def _confirm(self, tx: Transaction, asked: Asked) -> Decided | None:
        """What to record as the decision.

        Raises:
            Replayed, EventIdReused: the event is in the log already.
            Denied: it is not allowed any more.
        """
        tx.refuse_known(asked.actor.id, asked.event_id, asked.digest)
        return None if asked.decision is None else self._policies.confirm(tx, asked.decision)

    def _held_for(self, reader: Reader, document: str) -> Sequence[str]:
        """The matters that hold a document; inside a change, as that sees it."""
        return () if self._matters is None else self._matters(reader, document)

    def _require_free(self, tx: Transaction, document: str) -> None:
        """Check that no hold stands on a document.

        Raises:
            DocumentConflict: one does.
        """
        matters = self._held_for(tx, document)
        if matters:
            raise DocumentConflict(Code.DOCUMENT_HELD, (), {"matters": ", ".join(matters)})

    def _new_id(self) -> UUID:
        return UUID(bytes=self._entropy(16), version=4)

    # ------------------------------------------------------------------------------ sealed values

    def _seal(self, document: UUID, name: str, value: str, key: DocumentKey | None = None) -> SealedField:
        """Seals a value under the document's key (`key`, if the caller has it), with the salted digest that the log gets.

        Raises:
            ContentGone: the document's key is destroyed.
        """
        salt = self._entropy(SALT_BYTES)
        try:
            sealed = self._vault.seal_text(document, name, salt + value.encode(), key)
        except KeyMissing as error:
            raise ContentGone from error
        return SealedField(name, commit(salt, name, value), sealed)

    def _reveal(self, document: UUID, name: str, sealed: bytes) -> str | None:
        """What was sealed; None if the document's key is destroyed."""
        try:
            clear = self._vault.open_text(document, name, sealed)
        except KeyMissing:
            return None
        return clear[SALT_BYTES:].decode()

    def _matches(self, document: UUID, name: str, sealed: bytes, digest: str) -> bool:
        """Whether a row's sealed value is what an entry's digest stands for; raises InvalidProof if not."""
        clear = self._vault.open_text(document, name, sealed)
        verify_commitment(digest=digest, salt=clear[:SALT_BYTES], field=name, value=clear[SALT_BYTES:].decode())
        return True

    # --------------------------------------------------------------------------- reading for a decision

    def _document(self, document: str) -> Document:
        """A document as it stands now.

        Raises:
            UnknownDocument: there is none.
        """
        with self._database.read() as connection:
            found = rows.read_document(connection, document)
        if found is None:
            raise UnknownDocument(Code.DOCUMENT_UNKNOWN, ("document",))
        return found


def this_document(found: Document) -> Resource:
    """One document as policies see it: at its store, of its class, as of when it was added."""
    at = document_at(found.store, found.id)
    return replace(at, classes=frozenset((found.class_code,)), at_us=time_us(found.added_at))


@lru_cache(maxsize=4096)
def document_at(store: str | None, document: str = "") -> Resource:
    """A document (or documents) as policies see it: at its store, or the whole organisation's."""
    if store is None:
        return Resource("document", document, whole_log=True)
    return Resource("document", document, stores=frozenset((store,)))


def about(document: str) -> Subject:
    """A document as the subject of an entry."""
    return Subject(SUBJECT_DOCUMENT, document)


def folder_subject(folder: Folder) -> Subject:
    """What a folder belongs to, as the subject of an entry: the SKU's own chain tells its papers too."""
    kinds = {FolderKind.SKU: SUBJECT_SKU, FolderKind.SUPPLIER: SUBJECT_SUPPLIER, FolderKind.STORE: "store"}
    return Subject(kinds.get(folder.kind, "folder"), folder.code)


def class_subject(code: str) -> Subject:
    """A document class as the subject of an entry."""
    return Subject(SUBJECT_CLASS, code)


def supplier_subject(code: str) -> Subject:
    """A supplier as the subject of an entry."""
    return Subject(SUBJECT_SUPPLIER, code)


def document_in(tx: Transaction, document: str) -> Document:
    """A document.

    Raises:
        UnknownDocument: there is none.
    """
    row = tx.get(rows.DOCUMENTS, (document,))
    if row is None:
        raise UnknownDocument(Code.DOCUMENT_UNKNOWN, ("document",))
    return document_of(document, row)


def require_changeable(tx: Transaction, document: str) -> None:
    """Check that no data access request keeps a document as it is (PDPO s.19(3)(a)).

    Raises:
        DocumentConflict: one does.
    """
    if Mark.KEPT in marks_in(tx, document):
        raise DocumentConflict(Code.DAR_HOLD)


def version_in(tx: Transaction, document: str, version: int) -> Version:
    """A version.

    Raises:
        UnknownDocument: there is none.
    """
    row = tx.get(rows.VERSIONS, (document, version))
    if row is None:
        raise UnknownDocument(Code.VERSION_UNKNOWN, ("version",), {"version": version})
    return version_of(document, version, row)


def class_in(tx: Transaction, code: str, path: Path = ("class",)) -> DocumentClass:
    """A document class.

    Raises:
        UnknownDocument: there is none.
    """
    row = tx.get(rows.CLASSES, (code,))
    if row is None:
        raise UnknownDocument(Code.CLASS_UNKNOWN, path, {"class": code})
    return class_of(code, row)


def supplier_in(tx: Transaction, code: str, path: Path = ("supplier",)) -> Supplier:
    """A supplier.

    Raises:
        UnknownDocument: there is none.
    """
    row = tx.get(rows.SUPPLIERS, (code,))
    if row is None:
        raise UnknownDocument(Code.SUPPLIER_UNKNOWN, path, {"supplier": code})
    return supplier_of(code, row)


def put_document(tx: Transaction, entry: Entry, document: Document) -> Document:
    """Writes a document's row under the entry that changes it; returns it as it stands."""
    tx.put(entry, rows.DOCUMENTS, (document.id,), document_row(document))
    return replace(document, entry_index=entry.index)


def put_version(tx: Transaction, entry: Entry, version: Version) -> None:
    """Writes a version's row under the entry that changes it."""
    tx.put(entry, rows.VERSIONS, (version.document, version.version), version_row(version))
