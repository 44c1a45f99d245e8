"""Taking a checked file in: seal it, put it, and commit what makes it visible.

The commit is one change: the entry, the document's and version's rows, its folders and tags, and the jobs that read and
index it. Up to three folders are subjects of the entry that adds the document; each further one has an entry of its own.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id, parse_members
from documents import store as rows
from documents.errors import (
    Code,
    ContentGone,
    DocumentConflict,
    DocumentError,
    UnknownDocument,
    VersionOvertaken,
)
from documents.filing import Filing, append_filed
from documents.model import (
    DOCUMENT_ADDED,
    FILE_NAME,
    INDEX_KIND,
    ORIGINAL,
    READ_KIND,
    TITLE,
    VERSION_ADDED,
    Added,
    Document,
    Stage,
    Version,
)
from documents.requests import content_of
from documents.rules import GOING, reading_key, require_statement_of
from documents.sealing import SealAhead, digest_of
from documents.writing import (
    about,
    class_in,
    document_at,
    document_in,
    folder_subject,
    put_document,
    put_version,
    supplier_in,
)
from policies.deciding import decide_in
from policies.model import Action
from storage import Change
from storage.errors import EventIdReused, KeyMissing
from storage.objects.errors import ObjectError
from storage.overlay import fetch_events
from storage.reading import read_entry

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Decided, Subject
    from documents.inspecting import Inspected, Inspector
    from documents.model import DocumentClass
    from documents.receiving import UploadLimits
    from documents.requests import Filing as FilingRequest
    from documents.writing import Asked, SealedField
    from policies.model import Decision, Principal, Resource
    from storage import Transaction
    from storage.objects import Sealed, Spool
    from storage.objects.spool import SpoolFile
    from storage.objects.vault import DocumentKey

FOLDERS_WITH_ENTRY: Final = 3
FINDINGS_MAX: Final = 20

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that is about to be taken in, as `version` of `document`."""

    decision: Decision
    event_id: UUID
    document: UUID
    version: int
    filing: FilingRequest
    file_name: str
    inspected: Inspected


@dataclass(frozen=True, slots=True)
class _Texts:
    """What stands sealed in rows: title, name of the file, and, of one that was cleaned, the digest of what came."""

    title: SealedField
    file_name: SealedField
    original: SealedField | None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Everything the commit writes that needs no lock."""

    intake: Intake
    asked: Asked
    sealed: Sealed
    texts: _Texts
    duplicate: bytes

    @property
    def personal(self) -> tuple[SealedField, ...]:
        texts = self.texts
        found = (texts.title, texts.file_name) if self.intake.version == 1 else (texts.file_name,)
        return found if texts.original is None else (*found, texts.original)


class Accepting(Filing):
    """Sealing and committing."""

    _spool: Spool
    _inspector: Inspector
    _sealers: Executor
    limits: UploadLimits

    def take_in(self, intake: Intake, file: SpoolFile, ahead: SealAhead) -> Added:
        """Seals the content under the version's number, unless that was done ahead, and commits it.

        Raises:
            VersionOvertaken: the number was taken meanwhile; nothing is visible of this try.
            ContentGone: the document's key is destroyed.
            EventIdReused, Denied, UnknownDocument, DocumentConflict, StorageError.
        """
        clean = intake.inspected.clean
        try:
            key = ahead.confirm(intake.version, clean)
            # While the object is on its way.
            original = None if clean is None else digest_of(file)
            texts = self._texts(intake, original, key)
            duplicates = self._vault.duplicate_digests()
            sealed = ahead.take()
        except KeyMissing as error:
            raise ContentGone from error
        prepared = self._prepare(intake, sealed, texts, duplicates(original or sealed.plaintext_sha256))
        try:
            committed = self._log.commit(self._adding(prepared))
        except (DocumentError, EventIdReused):
            self._drop(sealed)
            raise
        if committed.result is None:
            self._drop(sealed)
            return self.added_at(committed.receipt.index)
        return replace(committed.result, duplicates=self._duplicates(prepared))

    def ahead_of(self, document: UUID, version: int, file: SpoolFile, *, is_fresh: bool) -> SealAhead:
        """A seal of the file as this version, for whoever looks at it to begin; `is_fresh`: the id was made in this call."""
        return SealAhead(self._vault, self._sealers, document, version, file, self._drop, is_fresh=is_fresh)

    def taken_in_before(
        self, decision: Decision, event_id: UUID, filing: FilingRequest, file: SpoolFile
    ) -> Added | None:
        """What became of the same event before, if it is in the log already: nothing is sealed twice.

        Raises:
            EventIdReused: the event was another file, or went elsewhere.
        """
        if not self.is_known(decision.principal, event_id):
            return None
        return self._recognised(decision, event_id, filing, digest_of(file))

    def is_known(self, principal: Principal, event_id: UUID) -> bool:
        """Whether the log has this event of the caller's."""
        with self._database.read() as connection:
            return bool(fetch_events(connection, [(principal.actor.id, event_id.bytes)]))

    def recognised(self, principal: Principal, filing: FilingRequest, sha256: bytes) -> Added | None:
        """What became of a new document's file, by its digest, if the log has it already: nothing of it need be sent.

        Raises:
            EventIdReused: the event was another file, or went elsewhere.
            Denied.
        """
        if not self.is_known(principal, filing.event_id):
            return None
        decision = self._policies.require(principal, Action.DOCUMENT_WRITE, document_at(filing.store))
        return self._recognised(decision, filing.event_id, filing, sha256)

    def _recognised(self, decision: Decision, event_id: UUID, filing: FilingRequest, sha256: bytes) -> Added:
        asked = self._asked(decision, event_id, self._content(filing, self._vault.duplicate_digest(sha256)))
        # The log knows the event, so this can only be answered with its first entry, or refused.
        committed = self._log.commit(Change(lambda tx: self._confirm(tx, asked)))
        return self.added_at(committed.receipt.index)

    def added_at(self, index: int) -> Added:
        """What an entry says was added."""
        with self._database.read() as connection:
            stored = read_entry(connection, index)
        data = parse_members(stored.bytes)["data"]
        version = data.get("version")
        if not isinstance(version, int):
            raise UnknownDocument(Code.DOCUMENT_UNKNOWN)
        return Added(str(data["document"]), version, stored.index, stored.leaf_hash)

    def _content(self, filing: FilingRequest, duplicate: bytes) -> dict[str, JSON]:
        """What makes the request this one: where the file goes, and what is in it."""
        return {**content_of(filing), "content": duplicate.hex()}

    def _texts(self, intake: Intake, original: bytes | None, key: DocumentKey) -> _Texts:
        document = intake.document
        return _Texts(
            title=self._seal(document, TITLE, intake.filing.title or intake.file_name, key),
            file_name=self._seal(document, FILE_NAME, intake.file_name, key),
            original=None if original is None else self._seal(document, ORIGINAL, original.hex(), key),
        )

    def _prepare(self, intake: Intake, sealed: Sealed, texts: _Texts, duplicate: bytes) -> _Prepared:
        return _Prepared(
            intake=intake,
            asked=self._asked(intake.decision, intake.event_id, self._content(intake.filing, duplicate)),
            sealed=sealed,
            texts=texts,
            duplicate=duplicate,
        )

    def _drop(self, sealed: Sealed) -> None:
        """Removes an object that no row will ever name; if that fails, the sweeper finds it."""
        try:
            self._vault.store.delete_version(sealed.ref)
        except ObjectError as error:
            _LOGGER.warning("object left for the sweeper", extra={"error": type(error).__name__})

    def _duplicates(self, prepared: _Prepared) -> tuple[str, ...]:
        """Other documents with this content, as far as the caller may see them."""
        principal, own = prepared.intake.decision.principal, str(prepared.intake.document)
        with self._database.read() as connection:
            found = rows.read_duplicates(connection, prepared.duplicate)
        others = [(document, document_at(store or None, document)) for document, store in found if document != own]
        if not others:
            return ()
        directory, now = self._policies.fresh_directory(), self._clock()

        def may_see(at: Resource) -> bool:
            return decide_in(directory, principal, Action.DOCUMENT_READ, at, now=now).allowed

        return tuple(document for document, at in others if may_see(at))

    # --------------------------------------------------------------------------------- the change

    def _adding(self, prepared: _Prepared) -> Change[Added]:
        asked = prepared.asked

        def run(tx: Transaction) -> Added:
            decided = self._confirm(tx, asked)
            if prepared.intake.filing.document is None:
                document = self._new_document(tx, prepared)
                return self._append_new(tx, prepared, document, decided)
            document = document_in(tx, prepared.intake.filing.document)
            if document.version + 1 != prepared.intake.version:
                raise VersionOvertaken
            if document.stage in GOING:
                raise ContentGone
            self._require_statement(prepared, class_in(tx, document.class_code))
            return self._append_version(tx, prepared, document, decided)

        return Change(run, reads=self._policies.reads, event_ids=((asked.actor.id, asked.event_id),))

    def _new_document(self, tx: Transaction, prepared: _Prepared) -> Document:
        """Check everything the filing names, under the lock.

        Raises:
            UnknownDocument, DocumentConflict: something is not there, or retired.
        """
        filing = prepared.intake.filing
        found = class_in(tx, filing.class_code or "")
        if not found.active:
            raise DocumentConflict(Code.CLASS_RETIRED, ("class",), {"class": found.code})
        self._require_statement(prepared, found)
        if filing.supplier is not None and not supplier_in(tx, filing.supplier).active:
            raise DocumentConflict(Code.SUPPLIER_RETIRED, ("supplier",), {"supplier": filing.supplier})
        if filing.store is not None and filing.store not in self._policies.directory_in(tx).stores:
            raise UnknownDocument(Code.FOLDER_UNKNOWN, ("store",), {"folder": f"store/{filing.store}"})
        for folder in filing.folders:
            self._require_folder(tx, folder)
        return Document(
            id=str(prepared.intake.document),
            class_code=found.code,
            store=filing.store,
            supplier=filing.supplier,
            stage=Stage.SEALED,
            version=1,
            owner=prepared.intake.decision.principal.person,
            number=filing.number,
            title=prepared.texts.title.sealed,
            added_at=tx.now,
            added_index=tx.size,
        )

    def _require_statement(self, prepared: _Prepared, found: DocumentClass) -> None:
        intake = prepared.intake
        require_statement_of(found, intake.decision.principal.kind, intake.filing.statement)

    def _append_new(self, tx: Transaction, prepared: _Prepared, document: Document, decided: Decided | None) -> Added:
        filing, asked = prepared.intake.filing, prepared.asked
        first, further = filing.folders[:FOLDERS_WITH_ENTRY], filing.folders[FOLDERS_WITH_ENTRY:]
        data: dict[str, JSON] = {"class": document.class_code, **_content_data(document, prepared)}
        optional: dict[str, JSON] = {
            "store": document.store,
            "supplier": document.supplier,
            "number": document.number,
            "folders": [str(folder) for folder in first],
            "tags": list(filing.tags),
        }
        data.update({name: value for name, value in optional.items() if value})
        subjects: tuple[Subject, ...] = (about(document.id), *[folder_subject(folder) for folder in first])
        entry = tx.append(asked.event(DOCUMENT_ADDED, subjects, data, decided, personal=prepared.personal))
        for folder in first:
            tx.put(entry, rows.FOLDERS, (document.id, folder.kind.value, folder.code), (True,))
        for tag in filing.tags:
            tx.put(entry, rows.TAGS, (document.id, tag), (True,))
        added = self._write(tx, entry, prepared, document)
        for place, folder in enumerate(further, start=1):
            append_filed(tx, asked, decided, document.id, folder, derived_event_id(asked.event_id, place))
        return added

    def _append_version(
        self, tx: Transaction, prepared: _Prepared, document: Document, decided: Decided | None
    ) -> Added:
        asked = prepared.asked
        grown = replace(document, version=prepared.intake.version, stage=Stage.SEALED)
        data = _content_data(grown, prepared)
        if document.store is not None:
            data["store"] = document.store
        event = asked.event(VERSION_ADDED, (about(document.id),), data, decided, personal=prepared.personal)
        return self._write(tx, tx.append(event), prepared, grown)

    def _write(self, tx: Transaction, entry: Entry, prepared: _Prepared, document: Document) -> Added:
        intake, sealed = prepared.intake, prepared.sealed
        put_document(tx, entry, document)
        version = Version(
            document=document.id,
            version=intake.version,
            stage=Stage.SEALED,
            ref=sealed.ref,
            media_type=intake.inspected.media_type,
            extension=intake.inspected.extension,
            size=sealed.plaintext_size,
            stored_size=sealed.ciphertext_size,
            sha256=sealed.ciphertext_sha256,
            commitment=sealed.commitment,
            duplicate=prepared.duplicate,
            file_name=prepared.texts.file_name.sealed,
            original=None if prepared.texts.original is None else prepared.texts.original.sealed,
            pages=intake.inspected.pages,
            key_epoch=sealed.key_epoch,
            findings=json.dumps(intake.inspected.findings[:FINDINGS_MAX]),
            scan=intake.inspected.scan,
            added_by=intake.decision.principal.person,
            added_at=tx.now,
            added_index=entry.index,
        )
        put_version(tx, entry, version)
        payload: dict[str, JSON] = {"document": document.id, "version": intake.version}
        self._queue.enqueue(tx, entry, READ_KIND, payload, unique_key=reading_key(document.id, intake.version))
        self._queue.enqueue(tx, entry, INDEX_KIND, {"document": document.id})
        return Added(document.id, intake.version, entry.index, entry.leaf_hash)


def _content_data(document: Document, prepared: _Prepared) -> dict[str, JSON]:
    """What an entry says of a version's content; none of it tells what is in it."""
    inspected, sealed = prepared.intake.inspected, prepared.sealed
    data: dict[str, JSON] = {
        "document": document.id,
        "version": prepared.intake.version,
        "media_type": inspected.media_type,
        "size": sealed.plaintext_size,
        "object": {"bucket": sealed.ref.bucket.value, "key": sealed.ref.key, "version": sealed.ref.version_id},
        "ciphertext_sha256": sealed.ciphertext_sha256.hex(),
        "ciphertext_size": sealed.ciphertext_size,
        "commitment": sealed.commitment.hex(),
        "key_epoch": sealed.key_epoch,
    }
    if prepared.intake.filing.statement is not None:
        data["statement"] = prepared.intake.filing.statement
    if inspected.findings:
        data["findings"] = [code for code, _ in inspected.findings[:FINDINGS_MAX]]
    if inspected.stripped:
        data["stripped"] = list(inspected.stripped[:FINDINGS_MAX])
    if inspected.scan is not None:
        data["scan"] = inspected.scan
    if inspected.pages is not None:
        data["pages"] = inspected.pages
    return data
