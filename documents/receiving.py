"""The first half of an upload: a place is made for a file, and its bytes come in.

- Clear bytes are never on disk: the spool is encrypted under a key of the upload, destroyed at the end.
- What was received stays and is durable, so a phone that lost its connection goes on where it was. A file that comes in
  one call is in passing: what breaks the call ends it, and the caller sends it again.
- What the filing names is checked before the first byte, so that nobody sends 2 GB to a retired class; the commit checks it
  again.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from documents import store as rows
from documents.accepting import Accepting
from documents.errors import (
    Code,
    DocumentConflict,
    FileTooLarge,
    InvalidDocument,
    OffsetDiffers,
    SpoolFull,
    UnknownDocument,
    UploadBusy,
    UploadDayFull,
    UploadEnded,
    UploadExpired,
    UploadsTooMany,
)
from documents.model import (
    Folder,
    FolderKind,
    Stage,
    Step,
)
from documents.requests import Filing as FilingRequest
from documents.row_values import class_of, supplier_of
from documents.rules import ENDED, GOING, UPLOAD_LIFETIME, advance, require_statement_of
from documents.uploads import store as upload_rows
from documents.uploads.store import Upload
from documents.writing import document_at
from policies.model import SYSTEM_ID, Action
from stock.store import read_sku
from storage.errors import LogBusy, LogClosed
from storage.objects.errors import SpoolMissing, SpoolOffsetConflict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from documents.model import DocumentClass
    from policies.model import Principal
    from storage.objects import SpoolWriter
    from storage.transaction import Operation

DAY: Final = timedelta(days=1)
ENDED_KEPT_FOR: Final = timedelta(days=2)
"""How long the row of an upload that has ended still tells what became of it; longer than a day's sum looks back."""
FILING_PURPOSE: Final = "upload"


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Bounds of uploads."""

    bytes_max: int = 2 * 1024**3
    live_max: int = 64
    """Uploads of one principal under way at once."""
    day_bytes_max: int = 50 * 1024**3
    """Bytes that one principal may send within 24 hours; the system itself, which imports trees, any number."""
    spool_bytes_max: int = 20 * 1024**3
    """Bytes of all uploads under way; one that does not say its size counts as what it cannot exceed."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a caller said of a file: where it goes, and its name."""

    filing: FilingRequest
    file_name: str


class Receiving(Accepting):
    """Beginning and receiving."""

    # --------------------------------------------------------------------------------- beginning

    def begin_upload(
        self,
        principal: Principal,
        filing: FilingRequest,
        file_name: str,
        size: int | None,
        *,
        now: datetime,
        at_most: int | None = None,
    ) -> Upload:
        """Makes a place for a file; `size` None if it is known only at the end, `at_most` what it cannot exceed then.

        Raises:
            FileTooLarge, UploadsTooMany, UploadDayFull, SpoolFull, Denied.
            UnknownDocument, DocumentConflict: what the filing names is not there, or retired.
            InvalidValue: a machine sends what people were asked for, and names no collection statement.
        """
        begun = self._placed(principal, filing, size, now, at_most)
        upload = replace(begun, filing=self._sealed_filing(begun.id, Brought(filing, file_name)))
        self._database.operate(lambda operation: upload_rows.add_upload(operation, upload))
        self._spool.create(upload.id)
        return upload

    def _placed(
        self, principal: Principal, filing: FilingRequest, size: int | None, now: datetime, at_most: int | None
    ) -> Upload:
        """The row of an upload that may begin."""
        if size is not None and size > self.limits.bytes_max:
            raise FileTooLarge(self.limits.bytes_max)
        if size == 0:
            raise InvalidDocument(Code.FILE_EMPTY)
        store = self._require_place(principal, filing)
        decision = self._policies.require(principal, Action.DOCUMENT_WRITE, document_at(store, filing.document or ""))
        caller = decision.principal
        require_statement_of(self._class_filed(filing), caller.kind, filing.statement)
        reserved = min(at_most or self.limits.bytes_max, self.limits.bytes_max) if size is None else size
        self._require_room(caller, reserved, now)
        return Upload(
            id=self._new_id(),
            principal=caller.id,
            role=caller.role.value,
            key_id=caller.key_id,
            acting_for=caller.acting_for,
            event_id=filing.event_id,
            document=self._new_id() if filing.document is None else UUID(filing.document),
            stage=Stage.RECEIVING,
            size=reserved,
            filing=b"",
            code=None,
            findings=None,
            entry_index=None,
            created_at=now,
            expires_at=now + UPLOAD_LIFETIME,
            lease_until=now,
        )

    def _require_room(self, caller: Principal, size: int, now: datetime) -> None:
        """Check that neither one caller nor all of them together fill the place that uploads have.

        Raises:
            UploadsTooMany, UploadDayFull, SpoolFull.
        """
        limits = self.limits
        with self._database.read() as connection:
            live = upload_rows.read_live_count(connection, caller.id)
            sent, first = upload_rows.read_sent(connection, caller.id, now - DAY)
            reserved = upload_rows.read_reserved(connection)
        if live >= limits.live_max:
            raise UploadsTooMany(limits.live_max)
        if caller.id != SYSTEM_ID and sent + size > limits.day_bytes_max:
            frees_at = (first or now) + DAY
            raise UploadDayFull(limits.day_bytes_max, max(1, int((frees_at - now).total_seconds())))
        if reserved + size > limits.spool_bytes_max:
            raise SpoolFull

    def _class_filed(self, filing: FilingRequest) -> DocumentClass:
        code = filing.class_code if filing.document is None else self._document(filing.document).class_code
        with self._database.read() as connection:
            return class_of(str(code), rows.CLASSES.fetch(connection, [(str(code),)])[(str(code),)])

    def _require_place(self, principal: Principal, filing: FilingRequest) -> str | None:
        """Check early what the commit checks again; returns the store the document is of."""
        if filing.document is not None:
            found = self._document(filing.document)
            if found.stage in GOING:
                raise DocumentConflict(Code.STAGE_FORBIDS, (), {"stage": found.stage.value, "step": Step.SEAL.value})
            return found.store
        stores = self._policies.directory().stores
        with self._database.read() as connection:
            code = filing.class_code or ""
            class_row = rows.CLASSES.fetch(connection, [(code,)]).get((code,))
            wanted = {filing.supplier} - {None} | {f.code for f in filing.folders if f.kind is FolderKind.SUPPLIER}
            known = rows.SUPPLIERS.fetch(connection, [(one,) for one in wanted]) if wanted else {}
            skus = {f.code for f in filing.folders if f.kind is FolderKind.SKU}
            missing = {sku for sku in skus if read_sku(connection, sku) is None}
        if class_row is None:
            raise UnknownDocument(Code.CLASS_UNKNOWN, ("class",), {"class": code})
        if not class_of(code, class_row).active:
            raise DocumentConflict(Code.CLASS_RETIRED, ("class",), {"class": code})
        if filing.store is not None and filing.store not in stores:
            raise UnknownDocument(Code.FOLDER_UNKNOWN, ("store",), {"folder": f"store/{filing.store}"})
        if filing.supplier is not None:
            row = known.get((filing.supplier,))
            if row is None:
                raise UnknownDocument(Code.SUPPLIER_UNKNOWN, ("supplier",), {"supplier": filing.supplier})
            if not supplier_of(filing.supplier, row).active:
                raise DocumentConflict(Code.SUPPLIER_RETIRED, ("supplier",), {"supplier": filing.supplier})
        for place, folder in enumerate(filing.folders):
            is_missing = {
                FolderKind.SKU: folder.code in missing,
                FolderKind.SUPPLIER: (folder.code,) not in known,
                FolderKind.STORE: folder.code not in stores,
                FolderKind.GENERAL: False,
            }[folder.kind]
            if is_missing:
                raise UnknownDocument(Code.FOLDER_UNKNOWN, ("folders", place), {"folder": str(folder)})
        return filing.store

    # --------------------------------------------------------------------------------- receiving

    def upload(self, principal: Principal, upload_id: UUID, *, now: datetime) -> Upload:
        """An upload of the caller's own.

        Raises:
            UnknownDocument: there is none, or it is somebody else's.
            UploadExpired.
        """
        with self._database.read() as connection:
            found = upload_rows.read_upload(connection, upload_id)
        mine = found is not None and (found.principal, found.acting_for) == (principal.id, principal.acting_for)
        if found is None or not mine:
            raise UnknownDocument(Code.UPLOAD_UNKNOWN, ("upload",))
        if found.expires_at <= now and found.stage is Stage.RECEIVING:
            raise UploadExpired
        return found

    def received(self, upload: Upload) -> int:
        """How many bytes of it are kept, durably."""
        if upload.stage is not Stage.RECEIVING:
            return upload.size or 0
        try:
            return self._spool.offset(upload.id)
        except SpoolMissing:
            raise UploadExpired from None

    @contextmanager
    def receiving(self, upload: Upload, offset: int) -> Iterator[SpoolWriter]:
        """Takes bytes at the end of what is there; what was written stays, also if the block raises.

        Raises:
            OffsetDiffers, UploadBusy, UploadEnded, UploadExpired.
        """
        if upload.stage is not Stage.RECEIVING:
            raise UploadEnded(upload.stage.value)
        try:
            with self._spool.writer(upload.id, offset) as writer:
                yield writer
        except SpoolOffsetConflict as error:
            raise OffsetDiffers(error.offset) from error
        except BlockingIOError as error:
            raise UploadBusy from error
        except SpoolMissing as error:
            raise UploadExpired from error
        until = self._clock() + UPLOAD_LIFETIME
        self._database.operate(lambda operation: upload_rows.touch(operation, upload.id, until))

    def complete_upload(self, upload: Upload, *, lease_for: timedelta = timedelta(0)) -> Upload:
        """Records that the last byte is there; from here on the upload goes its way without the caller.

        With `lease_for`, nobody else takes it in hand for so long.

        Raises:
            InvalidDocument: there is no byte at all.
            UploadBusy: somebody else completed it.
        """
        try:
            size = self._spool.offset(upload.id)
        except SpoolMissing:
            raise UploadExpired from None
        if size == 0:
            raise InvalidDocument(Code.FILE_EMPTY)
        now = self._clock()
        until, lease = now + UPLOAD_LIFETIME, now + lease_for
        done = self._database.operate(
            lambda operation: upload_rows.complete(operation, upload.id, size, expires_at=until, lease_until=lease)
        )
        if not done:
            raise UploadBusy
        return replace(upload, stage=advance(Stage.RECEIVING, Step.COMPLETE), size=size)

    def abandon_upload(self, upload: Upload) -> None:
        """Ends an upload the caller does not want any more.

        Raises:
            UploadEnded: it has ended already.
            UploadBusy: it is just being accepted.
        """
        if upload.stage in ENDED or upload.stage is Stage.ABANDONED:
            raise UploadEnded(upload.stage.value)
        if upload.lease_until > self._clock():
            raise UploadBusy
        self._end(upload, advance(upload.stage, Step.ABANDON))

    # --------------------------------------------------------------------------------- the steps

    def _sealed_filing(self, upload_id: UUID, brought: Brought) -> bytes:
        said = {"filing": _filing_json(brought.filing), "file_name": brought.file_name}
        return self._vault.seal_text(upload_id, FILING_PURPOSE, json.dumps(said).encode())

    def _brought(self, upload: Upload) -> Brought:
        content = json.loads(self._vault.open_text(upload.id, FILING_PURPOSE, upload.filing))
        members = content["filing"]
        folders = tuple(Folder(FolderKind(kind), code) for kind, code in members.pop("folders"))
        tags = tuple(members.pop("tags"))
        return Brought(
            FilingRequest(event_id=upload.event_id, folders=folders, tags=tags, **members), content["file_name"]
        )

    def _end(
        self,
        upload: Upload,
        stage: Stage,
        *,
        code: str | None = None,
        findings: str | None = None,
        entry_index: int | None = None,
    ) -> None:
        """Records what became of an upload, then destroys the bytes that were spooled for it."""
        until = self._clock() + ENDED_KEPT_FOR
        told = {"code": code, "findings": findings}

        def settle(operation: Operation) -> None:
            upload_rows.settle(
                operation, upload.id, stage, expires_at=until, size=upload.size, entry_index=entry_index, **told
            )

        if not upload.filing:
            # The log and the answer say what became of a file in passing. Its row only counts it, and expires by itself.
            with suppress(LogBusy, LogClosed):
                self._database.operate_later(settle)
            return
        self._database.operate(settle)
        self._forget_bytes(upload.id)

    def _forget_bytes(self, upload_id: UUID) -> None:
        self._spool.destroy(upload_id)
        self._vault.destroy_key(upload_id)


def _filing_json(filing: FilingRequest) -> dict[str, object]:
    return {
        "class_code": filing.class_code,
        "document": filing.document,
        "store": filing.store,
        "supplier": filing.supplier,
        "title": filing.title,
        "number": filing.number,
        "folders": [(folder.kind.value, folder.code) for folder in filing.folders],
        "tags": list(filing.tags),
        "statement": filing.statement,
    }
