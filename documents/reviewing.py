"""The review queue: what a person says of what the machine read, and what a version's fate is.

- One entry a field: confirmed, or corrected. Codes, numbers and dates stand in it in clear; names and prose as digests.
- Fields carry a revision. Who works on an older one is refused and looks again; nothing is lost between two people.
- A document is confirmed when no question is open. Confirming does not move stock; `documents.adjusting` does.
- Releasing by hand, quarantine, clearing and withdrawal are acts of people who may (`document.release`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import time_us
from documents import store as rows
from documents.correcting import corrected, require_path
from documents.digesting import NUMBER, columns_of
from documents.errors import Code, DocumentConflict, UnknownDocument, VersionOvertaken
from documents.model import (
    CLEARED,
    DOCUMENT_CONFIRMED,
    FIELD_CONFIRMED,
    FIELD_CORRECTED,
    FIELDS,
    INDEX_KIND,
    QUARANTINED,
    RELEASE_KIND,
    WITHDRAW_KIND,
    WITHDRAWN,
    Document,
    FieldsRow,
    FindingState,
    Folder,
    ItemState,
    ReviewState,
    Stage,
    Step,
)
from documents.personal import settle_finding
from documents.placing import all_folders, folders_at, place
from documents.row_values import fields_of, fields_row
from documents.rules import READABLE, advance, field_name, is_clear, require_settled
from documents.working import Working
from documents.writing import SealedField, about, document_at, document_in, put_document, require_changeable, version_in
from policies.model import Action, Resource
from stock import store as stock_rows
from storage import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from audit.canonical import JSON
    from audit.entry import Entry
    from documents.correcting import Corrected
    from documents.extraction.model import Extraction
    from documents.requests import FieldRequest
    from documents.writing import Asked
    from policies.model import Principal
    from storage import Transaction

CORRECTION_PURPOSE: Final = "correction"
ROWS: Final = "rows"
"""The question that is asked where no row was found."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How the fields of a version stand after somebody looked at one."""

    document: str
    version: int
    revision: int
    open_items: int
    state: ReviewState


class Reviewing(Working):
    """People's words on what was read."""

    def correct_field(self, principal: Principal, request: FieldRequest) -> Change[Reviewed]:
        """What a field should say, or that it is right.

        Raises:
            UnknownDocument, DocumentConflict (not read yet), InvalidDocument, ContentGone, Denied.
            The change: VersionOvertaken if somebody else corrected meanwhile; UnknownDocument (SKU); Denied.
        """
        content: dict[str, JSON] = {"path": request.path, "version": request.version, "is_right": request.is_right}
        if is_clear(request.path, request.value):
            content["value"] = request.value
        document, asked = self._ask_reviewing(principal, request.document, request.event_id, content)
        row, extraction = self.fields_now(document, request.version)
        if request.is_right:
            require_path(extraction, request.path)
            return self._confirming(asked, row, request.path, folders_at(extraction, [request.path]))
        code = self._code_of(request)
        change = corrected(extraction, request.path, request.value, code)
        return self._correcting(asked, row, request.path, change)

    def confirm_document(self, principal: Principal, document: str, *, event_id: UUID) -> Change[Reviewed]:
        """Says that what was read of a document's newest version is right as it stands.

        Raises:
            UnknownDocument, DocumentConflict, Denied.
            The change: DocumentConflict if a question is open, or it was confirmed before; Denied.
        """
        found, asked = self._ask_reviewing(principal, document, event_id, {"confirm": document})
        _, extraction = self.fields_now(found, found.version)

        def run(tx: Transaction) -> Reviewed:
            decided = self._confirm(tx, asked)
            current = fields_in(tx, document, found.version)
            require_settled(current)
            if current.state is ReviewState.CONFIRMED:
                raise DocumentConflict(Code.ALREADY_CONFIRMED)
            data: dict[str, JSON] = {"document": document, "version": found.version, "revision": current.revision}
            entry = tx.append(asked.event(DOCUMENT_CONFIRMED, (about(document),), data, decided))
            place(tx, asked, decided, document, all_folders(extraction))
            return self._put_reviewed(tx, entry, replace(current, state=ReviewState.CONFIRMED))

        return self._change_on(asked, run)

    # --------------------------------------------------------------------------- a version's fate

    def decide_stage(
        self, principal: Principal, document: str, version: int, step: Step, *, event_id: UUID
    ) -> Change[Document]:
        """Releases a version that waits for a person (`RELEASE`), or quarantines, clears or withdraws it.

        Raises:
            UnknownDocument, Denied.
            The change: DocumentConflict if its stage forbids it, or a hold stands on what would be withdrawn; UnknownDocument; Denied.
        """
        found = self._document(document)
        content: dict[str, JSON] = {"document": document, "step": step.value, "version": version}
        asked = self._ask_fate(principal, found, version, step, event_id, content)

        def run(tx: Transaction) -> Document:
            decided = self._confirm(tx, asked)
            if step is Step.WITHDRAW:
                require_changeable(tx, document)
                self._require_free(tx, document)
            current = version_in(tx, document, version)
            # A release by hand only asks: the job sets the lock, and then the stage.
            following = advance(current.stage, step)
            stage = current.stage if step is Step.RELEASE else following
            kind = {Step.QUARANTINE: QUARANTINED, Step.WITHDRAW: WITHDRAWN}.get(step, CLEARED)
            data: dict[str, JSON] = {"document": document, "version": version, "stage": stage.value}
            entry = tx.append(asked.event(kind, (about(document),), data, decided))
            settle_finding(tx, entry, document, version, step)
            payload: dict[str, JSON] = {"document": document, "version": version}
            if step in {Step.RELEASE, Step.CLEAR}:
                self._queue.enqueue(tx, entry, RELEASE_KIND, payload)
            if step is Step.WITHDRAW:
                self._queue.enqueue(tx, entry, WITHDRAW_KIND, payload)
            return self.put_stage(tx, entry, replace(current, stage=stage))

        return self._change_on(asked, run)

    # ---------------------------------------------------------------------------------- the steps

    def fields_now(self, document: Document, version: int) -> tuple[FieldsRow, Extraction]:
        """What was read from a version, as it stands.

        Raises:
            UnknownDocument: there is no such version.
            DocumentConflict: it was not read yet, or nothing of it is read.
        """
        with self._database.read() as connection:
            found = rows.read_version(connection, document.id, version)
            row = rows.read_fields(connection, document.id, version)
        if found is None:
            raise UnknownDocument(Code.VERSION_UNKNOWN, ("version",), {"version": version})
        if row is None or found.stage not in READABLE:
            raise DocumentConflict(Code.NOT_READ_YET)
        return row, self._open_fields(row)

    def _ask_fate(
        self,
        principal: Principal,
        document: Document,
        version: int,
        step: Step,
        event_id: UUID,
        content: dict[str, JSON],
    ) -> Asked:
        """Who may release decides; a quarantine for personal data is lifted by an officer who settles findings."""
        resource = document_at(document.store, document.id)
        if step is Step.CLEAR:
            with self._database.read() as connection:
                finding = rows.read_finding(connection, document.id, version)
            if finding is not None and finding.state is FindingState.OPEN:
                self._policies.require(principal, Action.DOCUMENT_RELEASE, resource)
                task = Resource("finding", document.id)
                return self._ask(principal, Action.FINDING_SETTLE, task, event_id=event_id, content=content)
        return self._ask(principal, Action.DOCUMENT_RELEASE, resource, event_id=event_id, content=content)

    def _ask_reviewing(
        self, principal: Principal, document: str, event_id: UUID, content: dict[str, JSON]
    ) -> tuple[Document, Asked]:
        found = self._document(document)
        resource = document_at(found.store, document)
        content = {"document": document, **content}
        return found, self._ask(principal, Action.DOCUMENT_REVIEW, resource, event_id=event_id, content=content)

    def _code_of(self, request: FieldRequest) -> str | None:
        """The register's code behind a value a person gave; a SKU must be one.

        Raises:
            UnknownDocument: there is no such SKU.
        """
        name, value = field_name(request.path), request.value
        if not isinstance(value, str) or name not in {"sku", "supplier"}:
            return None
        with self._database.read() as connection:
            if name == "supplier":
                return value if rows.SUPPLIERS.fetch(connection, [(value,)]) else None
            if stock_rows.read_sku(connection, value) is None:
                raise UnknownDocument(Code.TARGET_UNKNOWN, ("value",))
        return value

    def _confirming(self, asked: Asked, seen: FieldsRow, path: str, folders: Sequence[Folder]) -> Change[Reviewed]:
        def run(tx: Transaction) -> Reviewed:
            decided = self._confirm(tx, asked)
            current = fields_in(tx, seen.document, seen.version)
            if current.revision != seen.revision:
                raise VersionOvertaken
            data: dict[str, JSON] = {"document": seen.document, "version": seen.version, "path": path}
            event = asked.event(FIELD_CONFIRMED, (about(seen.document),), data, decided)
            settled = _settled_by(tx, seen, path)
            entry = tx.append(event)
            _settle(tx, entry, seen, settled, ItemState.CONFIRMED)
            place(tx, asked, decided, seen.document, folders)
            return self._put_reviewed(tx, entry, _fewer(current, len(settled)))

        return self._change_on(asked, run)

    def _correcting(self, asked: Asked, seen: FieldsRow, path: str, change: Corrected) -> Change[Reviewed]:
        owner = UUID(seen.document)
        fields = self._seal_fields(owner, change.extraction)
        said = json.dumps({"before": change.before, "after": change.after}, ensure_ascii=False)
        sealed = self._vault.seal_text(owner, CORRECTION_PURPOSE, said.encode())
        data: dict[str, JSON] = {"document": seen.document, "version": seen.version, "path": path}
        personal = [SealedField(FIELDS, fields.digest, b"")]
        for name, value in (("before", change.before), ("after", change.after)):
            if is_clear(path, value):
                data[name] = value
            else:
                personal.append(self._seal(owner, name, str(value)))

        def run(tx: Transaction) -> Reviewed:
            decided = self._confirm(tx, asked)
            current = fields_in(tx, seen.document, seen.version)
            if current.revision != seen.revision:
                raise VersionOvertaken
            require_changeable(tx, seen.document)
            revision = current.revision + 1
            settled = _settled_by(tx, seen, path)
            event = asked.event(
                FIELD_CORRECTED, (about(seen.document),), {**data, "revision": revision}, decided, personal=personal
            )
            entry = tx.append(event)
            values = (path, sealed, asked.actor.acting_for or asked.actor.id, time_us(tx.now))
            tx.put(entry, rows.CORRECTIONS, (seen.document, seen.version, revision), values)
            _settle(tx, entry, seen, settled, ItemState.CORRECTED)
            place(tx, asked, decided, seen.document, folders_at(change.extraction, [path]))
            columns = columns_of(change.extraction)
            after = replace(_fewer(current, len(settled)), revision=revision, sealed=fields.sealed, **columns)
            return self._put_reviewed(tx, entry, after, **_known_from(path, change.extraction))

        return self._change_on(asked, run)

    def _put_reviewed(self, tx: Transaction, entry: Entry, after: FieldsRow, **known: Any) -> Reviewed:
        tx.put(entry, rows.FIELDS, (after.document, after.version), fields_row(after))
        self._queue.enqueue(tx, entry, INDEX_KIND, {"document": after.document})
        put_document(tx, entry, replace(document_in(tx, after.document), **known))
        return Reviewed(after.document, after.version, after.revision, after.open_items, after.state)

    def _change_on(self, asked: Asked, run: Callable[[Transaction], Any]) -> Change[Any]:
        return Change(run, reads=self._policies.reads, event_ids=((asked.actor.id, asked.event_id),))


def fields_in(tx: Transaction, document: str, version: int) -> FieldsRow:
    """What was read from a version.

    Raises:
        DocumentConflict: nothing was, yet, or it is gone.
    """
    row = tx.get(rows.FIELDS, (document, version))
    if row is None or version_in(tx, document, version).stage not in {Stage.READ, Stage.RELEASED, Stage.QUARANTINED}:
        raise DocumentConflict(Code.NOT_READ_YET)
    return fields_of(document, version, row)


def _settled_by(tx: Transaction, fields: FieldsRow, path: str) -> list[str]:
    """The open questions that a word on this path answers: the path's own, and that no row was found if it is of a row."""
    asked = [path, ROWS] if path.startswith(f"{ROWS}/") else [path]
    found = {question: tx.get(rows.REVIEWS, (fields.document, fields.version, question)) for question in asked}
    return [question for question, row in found.items() if row is not None and row[1] == ItemState.OPEN.value]


def _settle(tx: Transaction, entry: Entry, fields: FieldsRow, questions: Sequence[str], state: ItemState) -> None:
    for question in questions:
        key = (fields.document, fields.version, question)
        row = tx.get(rows.REVIEWS, key)
        if row is not None:
            tx.put(entry, rows.REVIEWS, key, (row[0], state.value))


def _fewer(fields: FieldsRow, settled: int) -> FieldsRow:
    if not settled:
        return fields
    left = fields.open_items - settled
    state = ReviewState.CLEAR if left == 0 and fields.state is ReviewState.OPEN else fields.state
    return replace(fields, open_items=left, state=state)


def _known_from(path: str, extraction: Extraction) -> dict[str, Any]:
    """Number and supplier of the document, where a person just said them."""
    field = extraction.fields.get(path)
    if field is None or not isinstance(field.value, str):
        return {}
    if path == "doc_no" and NUMBER.fullmatch(field.value):
        return {"number": field.value}
    return {"supplier": field.code} if path == "supplier" and field.code is not None else {}
