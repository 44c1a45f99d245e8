"""Uploads: from the first byte received to the commit that makes a version visible.

    begin → receive (tus: many times) → accept: check, scan, strip → seal and put → commit {entry, rows, jobs} → forget

A file that comes in one call goes the same way in passing: its spool and key are of that call, and are gone with it.

- Clear bytes are never on disk: the spool is encrypted under a key of the upload, destroyed at the end.
- Nothing is visible before the commit; nothing is committed whose bytes are not sealed and confirmed by the store, or read back.
- Every step can be begun again. What was committed is recognised by its event id before anything is sealed a second time;
  what was sealed and not committed is an orphan for the sweeper.
- The scanner being away holds an upload; a job tries again. What is refused, and what is held, is an entry.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.entry import derived_event_id
from audit.event import Subject
from documents import store as rows
from documents.accepting import Intake
from documents.errors import (
    Code,
    DocumentConflict,
    DocumentError,
    FileRefused,
    UnknownDocument,
    UploadBusy,
    UploadEnded,
    VersionOvertaken,
)
from documents.inspecting import PartsAway, ScannerAway
from documents.model import (
    ACCEPT_KIND,
    SUBJECT_UPLOAD,
    UPLOAD_HELD,
    UPLOAD_REFUSED,
    Added,
    Stage,
    Step,
)
from documents.receiving import Brought, Receiving
from documents.requests import Filing as FilingRequest
from documents.row_values import class_of
from documents.rules import ENDED, UPLOAD_LIFETIME, advance
from documents.uploads import store as upload_rows
from documents.uploads.store import Upload
from documents.writing import about, document_at
from policies.errors import Denied, NotAuthenticated
from policies.model import SYSTEM_ID, Action, Channel, Role
from storage import Change
from storage.errors import EventIdReused, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import Entry
    from documents.model import DocumentClass
    from documents.sealing import SealAhead
    from policies.model import Decision, Principal
    from storage import Transaction
    from storage.objects.spool import SpoolFile

LEASE_FOR: Final = timedelta(minutes=10)
"""How long one process may take over checks and sealing of a file; then another begins again."""
SEAL_TRIES: Final = 3
SWEEP_BATCH: Final = 100
FINDINGS_MAX: Final = 20

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """An upload that waits for the scanner."""

    upload: UUID


@dataclass(frozen=True, slots=True)
class Keep:
    """What a file that is not spooled durably needs: `counted` waits until its row is there, `now` makes that the file can wait."""

    counted: Callable[[], None]
    now: Callable[[], None]


class Uploading(Receiving):
    """What becomes of a file that was received whole."""

    # --------------------------------------------------------------------------------- accepting

    def finish_upload(self, upload: Upload, channel: Channel = Channel.API) -> Added | Held:
        """Completes and accepts a file whose last byte just came.

        Raises:
            As `complete_upload` and `accept_upload`.
        """
        return self._accept_in_hand(self.complete_upload(upload, lease_for=LEASE_FOR), channel)

    def accept_upload(self, upload_id: UUID) -> Added | Held:
        """Checks, seals and commits a file that was received whole; the same answer however often it is asked.

        Raises:
            FileRefused: now or before.
            UploadBusy: another process is at it.
            UploadEnded: it was given up.
            Denied, UnknownDocument, DocumentConflict: things changed since it was begun.
            PartsAway, StorageError: not now; it is tried again.
        """
        upload = self._any_upload(upload_id)
        if upload.stage in ENDED:
            return self._what_became_of(upload)
        if upload.stage not in {Stage.RECEIVED, Stage.HELD}:
            raise UploadEnded(upload.stage.value)
        now = self._clock()
        if not self._database.operate(lambda operation: upload_rows.take(operation, upload_id, now, LEASE_FOR)):
            raise UploadBusy
        return self._accept_in_hand(upload, Channel.JOB)

    def _accept_in_hand(self, upload: Upload, channel: Channel) -> Added | Held:
        try:
            file = replace(self._spool.file(upload.id), size=upload.size)
            return self._accept(upload, self._brought(upload), file, channel)
        except (StorageError, PartsAway):
            self._let_go(upload.id)
            raise

    def _accept(
        self,
        upload: Upload,
        brought: Brought,
        file: SpoolFile,
        channel: Channel,
        keep: Keep | None = None,
    ) -> Added | Held:
        """`keep` is of a file that is not spooled durably."""
        try:
            decision, document_class, version = self._decided_again(upload, brought.filing, channel)
        except (Denied, NotAuthenticated, DocumentError) as error:
            self._give_up(upload, error)
            raise
        try:
            added = self.taken_in_before(decision, upload.event_id, brought.filing, file)
            if added is None:
                # One that can be begun again may have been, and stored a key.
                is_fresh = keep is not None and brought.filing.document is None
                with self.ahead_of(upload.document, version, file, is_fresh=is_fresh) as ahead:
                    begin = ahead.begin if keep is None else _after(keep.counted, ahead.begin)
                    inspected = self._inspector.inspect(file, brought.file_name, document_class, begin)
                    if keep is not None:
                        keep.counted()
                    named = upload.event_id, upload.document, version, brought.filing, brought.file_name
                    added = self._take_in(Intake(decision, *named, inspected), file, ahead)
        except FileRefused as refused:
            self._refuse(upload, decision, brought, refused)
            raise
        except ScannerAway:
            if keep is not None:
                keep.now()
            return self._hold(upload, decision, brought)
        except (Denied, DocumentError, EventIdReused) as error:
            self._give_up(upload, error)
            raise
        self._end(upload, advance(upload.stage, Step.SEAL), entry_index=added.index)
        return added

    def _give_up(self, upload: Upload, error: Denied | NotAuthenticated | DocumentError | EventIdReused) -> None:
        """Ends an upload that cannot become anything as things stand; nothing was committed of it."""
        if isinstance(error, Denied):
            self._record_denial(error)
        code = "event_id_reused" if isinstance(error, EventIdReused) else error.code.value
        self._end(upload, advance(upload.stage, Step.REFUSE), code=code)

    def _take_in(self, intake: Intake, file: SpoolFile, ahead: SealAhead) -> Added:
        for _ in range(SEAL_TRIES - 1):
            try:
                return self.take_in(intake, file, ahead)
            except VersionOvertaken:
                intake = replace(intake, version=self._document(str(intake.document)).version + 1)
        return self.take_in(intake, file, ahead)

    def _decided_again(
        self, upload: Upload, filing: FilingRequest, channel: Channel
    ) -> tuple[Decision, DocumentClass, int]:
        """The decision as things stand now, with the document's class and the version's number.

        Raises:
            Denied, NotAuthenticated, UnknownDocument.
        """
        store, class_code, version = filing.store, filing.class_code or "", 1
        if filing.document is not None:
            found = self._document(filing.document)
            store, class_code, version = found.store, found.class_code, found.version + 1
        resource = document_at(store, filing.document or "")
        decision = self._policies.require(self._principal_of(upload, channel), Action.DOCUMENT_WRITE, resource)
        with self._database.read() as connection:
            row = rows.CLASSES.fetch(connection, [(class_code,)]).get((class_code,))
        if row is None:
            raise UnknownDocument(Code.CLASS_UNKNOWN, ("class",), {"class": class_code})
        return decision, class_of(class_code, row), version

    # -------------------------------------------------------------------------- what is not accepted

    def _hold(self, upload: Upload, decision: Decision, brought: Brought) -> Held:
        """Says once that the upload waits, and asks for a job that tries again."""
        if upload.stage is not Stage.HELD:
            asked = self._asked(decision, derived_event_id(upload.id, 2), {"hold": str(upload.id)})

            def run(tx: Transaction) -> Entry:
                decided = self._confirm(tx, asked)
                data = _upload_data(upload, brought)
                entry = tx.append(asked.event(UPLOAD_HELD, _upload_subjects(upload, brought), data, decided))
                key = str(upload.id)
                self._queue.enqueue(tx, entry, ACCEPT_KIND, {"upload": key}, unique_key=key, attempts_max=100)
                return entry

            self._log.commit(Change(run, reads=self._policies.reads))
        until = self._clock() + UPLOAD_LIFETIME
        stage = advance(upload.stage, Step.HOLD)
        self._database.operate(
            lambda operation: upload_rows.settle(operation, upload.id, stage, expires_at=until, size=upload.size)
        )
        return Held(upload.id)

    def _refuse(self, upload: Upload, decision: Decision, brought: Brought, refused: FileRefused) -> None:
        codes = [code for code, _ in refused.findings][:FINDINGS_MAX]
        data: dict[str, JSON] = {**_upload_data(upload, brought), "code": refused.code.value, "findings": [*codes]}
        asked = self._asked(decision, derived_event_id(upload.id, 1), {"refuse": str(upload.id)})

        def run(tx: Transaction) -> Entry:
            decided = self._confirm(tx, asked)
            return tx.append(asked.event(UPLOAD_REFUSED, _upload_subjects(upload, brought), data, decided))

        index = self._log.commit(Change(run, reads=self._policies.reads)).receipt.index
        found = json.dumps(refused.findings[:FINDINGS_MAX])
        self._end(
            upload, advance(upload.stage, Step.REFUSE), code=refused.code.value, findings=found, entry_index=index
        )

    def _record_denial(self, denied: Denied) -> None:
        change = self._policies.record_denial(denied.decision, now=self._clock())
        if change is not None:
            self._log.commit(change)

    # --------------------------------------------------------------------------------- the steps

    def _any_upload(self, upload_id: UUID) -> Upload:
        with self._database.read() as connection:
            found = upload_rows.read_upload(connection, upload_id)
        if found is None:
            raise UnknownDocument(Code.UPLOAD_UNKNOWN, ("upload",))
        return found

    def _what_became_of(self, upload: Upload) -> Added:
        if upload.stage is Stage.SEALED and upload.entry_index is not None:
            return self.added_at(upload.entry_index)
        findings = [(str(code), str(detail)) for code, detail in json.loads(upload.findings or "[]")]
        if upload.code == Code.FILE_INFECTED.value:
            raise FileRefused.infected(*(detail for _, detail in findings[:1]))
        if upload.code == Code.FILE_REFUSED.value:
            raise FileRefused.of(findings)
        raise UploadEnded(upload.stage.value)

    def _principal_of(self, upload: Upload, channel: Channel) -> Principal:
        """Who began the upload, as things stand now.

        Raises:
            NotAuthenticated: nobody who may still call.
        """
        policies = self._policies
        if upload.principal == SYSTEM_ID:
            return policies.local_principal(Role(upload.role))
        if upload.key_id is None:
            return policies.principal(upload.principal, channel=channel)
        client = policies.fresh_directory().by_key.get(upload.key_id)
        if client is None:
            raise UnknownDocument(Code.UPLOAD_UNKNOWN, ("upload",))
        return client if upload.acting_for is None else policies.acting_for(client, upload.acting_for)

    def _let_go(self, upload_id: UUID) -> None:
        try:
            self._database.operate(lambda operation: upload_rows.release(operation, upload_id))
        except StorageError:
            # The lease runs out by itself.
            _LOGGER.warning("upload not released", extra={"upload": str(upload_id)})

    # --------------------------------------------------------------------------------- sweeping

    def sweep_uploads(self, now: datetime) -> int:
        """Goes on with received files nobody works on, and clears away what is over; returns how many it looked at."""
        with self._database.read() as connection:
            due = upload_rows.read_due(connection, now, SWEEP_BATCH)
            expired = upload_rows.read_expired(connection, now, SWEEP_BATCH)
        for upload in due:
            if upload.expires_at > now:
                self._go_on(upload)
        for upload in expired:
            if upload.stage in {Stage.RECEIVING, Stage.RECEIVED, Stage.HELD}:
                self._end(upload, advance(upload.stage, Step.ABANDON))
            else:
                self._forget_bytes(upload.id)
                self._database.operate(lambda operation, gone=upload.id: upload_rows.forget(operation, gone))  # type: ignore[misc]
        # Read before the rows: a spool is begun after its row.
        spooled = self._spool.uploads()
        with self._database.read() as connection:
            known = upload_rows.read_ids(connection)
        for upload_id in spooled:
            if upload_id not in known:
                self._forget_bytes(UUID(upload_id))
        return len(due) + len(expired)

    def _go_on(self, upload: Upload) -> None:
        try:
            self.accept_upload(upload.id)
        except (StorageError, PartsAway, Denied, NotAuthenticated) as error:
            _LOGGER.warning("upload not accepted yet", extra={"upload": str(upload.id), "error": type(error).__name__})
        except (UploadBusy, UploadEnded, FileRefused, UnknownDocument, DocumentConflict) as error:
            _LOGGER.info("upload settled", extra={"upload": str(upload.id), "code": error.code.value})


def _after(first: Callable[[], None], then: Callable[[bytes | None], None]) -> Callable[[bytes | None], None]:
    def both(clean: bytes | None) -> None:
        first()
        then(clean)

    return both


def _upload_subjects(upload: Upload, brought: Brought) -> tuple[Subject, ...]:
    subjects = (Subject(SUBJECT_UPLOAD, str(upload.id)),)
    return subjects if brought.filing.document is None else (*subjects, about(brought.filing.document))


def _upload_data(upload: Upload, brought: Brought) -> dict[str, JSON]:
    filing = brought.filing
    members: dict[str, JSON] = {
        "upload": str(upload.id),
        "size": upload.size,
        "class": filing.class_code,
        "store": filing.store,
        "document": filing.document,
    }
    return {name: value for name, value in members.items() if value is not None}
