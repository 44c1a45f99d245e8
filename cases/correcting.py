"""Corrections (PDPO s.22 to s.25), and who has to hear of them.

- A correction supersedes: the old value stays under its entry, marked and out of ordinary use; the new one is sealed beside the entry
  that corrects, or is another version of a document.
- The register of disclosures says who was given an item. Who got it in the twelve months before and still uses it is to be told.
- A disputed opinion is not changed: a note is attached to it, and no answer has the opinion without its note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from audit.entry import parse_members
from audit.event import Subject
from cases import store as rows
from cases.answering import Answering
from cases.errors import CaseConflict, Code, InvalidCase, UnknownCase
from cases.model import (
    CORRECTED,
    DISCLOSED,
    DISPUTE_NOTED,
    RECIPIENT_TOLD,
    CaseKind,
    Disclosure,
    DisputeNote,
    Identity,
    ItemKind,
    RecipientTask,
)
from cases.rules import hong_kong_day, recipients_to_tell, require_kind, require_open
from cases.writing import about, append, case_at, case_in
from documents.store import read_document
from documents.writing import about as about_document
from policies.model import Action
from storage.errors import NotFound
from storage.reading import read_entry

if TYPE_CHECKING:
    from collections.abc import Collection

    from audit.canonical import JSON
    from cases.model import Case
    from cases.requests import CorrectRequest, DisclosureRequest, DisputeRequest
    from documents.store import Snapshot
    from policies.model import Principal
    from storage import Change, Transaction


class Correcting(Answering):
    """Corrections, disclosures, notes."""

    def correct(self, principal: Principal, case: str, request: CorrectRequest) -> Change[tuple[RecipientTask, ...]]:
        """Supersedes an item, and returns who is to be told.

        Raises:
            InvalidCase: neither a value nor a version. UnknownCase: no such item. Denied.
            The change: CaseConflict if it is no open correction request, or identity is not shown; Denied.
        """
        if request.value is None and request.superseded_by is None:
            raise InvalidCase(Code.CORRECTION_EMPTY, ("value",))
        content: dict[str, JSON] = {"kind": request.kind.value, "ref": request.ref}
        stands, asked = self._ask_case(principal, case, request.event_id, {**content, "by": request.superseded_by})
        self._require_there(request.kind, request.ref)
        personal = self._personal(stands.case.person, {"value": request.value})

        def run(tx: Transaction) -> tuple[RecipientTask, ...]:
            decided = self._confirm(tx, asked)
            _require_correctable(case_in(tx, case))
            by = request.superseded_by or f"{tx.size}/value"
            today = hong_kong_day(tx.now)
            found = recipients_to_tell(rows.disclosures_in(tx, [(request.kind, request.ref)]), today)
            recipients: list[JSON] = [one.recipient for one in found]
            data: dict[str, JSON] = {"case": case, **content, "superseded_by": by, "recipients": recipients}
            subjects = (about(case), *_item_subjects(request.kind, request.ref))
            entry = append(tx, asked, CORRECTED, subjects, data, decided, personal)
            row = (case, by, today.isoformat())
            tx.put(entry, rows.CORRECTIONS, (request.kind.value, request.ref), row)
            for one in found:
                tx.put(entry, rows.RECIPIENTS, (case, one.recipient), (one.index, None))
            return tuple(RecipientTask(case, one.recipient, one.index, None) for one in found)

        return self._change_of(asked, run)

    def tell_recipient(
        self, principal: Principal, case: str, recipient: str, *, event_id: UUID
    ) -> Change[RecipientTask]:
        """Says that a recipient was told of the correction (s.23(1)(c)).

        Raises:
            UnknownCase, Denied.
            The change: UnknownCase (recipient); CaseConflict if they were told before; Denied.
        """
        _, asked = self._ask_case(principal, case, event_id, {"told": recipient})

        def run(tx: Transaction) -> RecipientTask:
            decided = self._confirm(tx, asked)
            row = tx.get(rows.RECIPIENTS, (case, recipient))
            if row is None:
                raise UnknownCase(Code.CASE_RECIPIENT_UNKNOWN, ("recipient",))
            if row[1] is not None:
                raise CaseConflict(Code.RECIPIENT_TOLD)
            data: dict[str, JSON] = {"case": case, "recipient": recipient, "disclosure": row[0]}
            entry = append(tx, asked, RECIPIENT_TOLD, (about(case),), data, decided)
            tx.put(entry, rows.RECIPIENTS, (case, recipient), (row[0], entry.index))
            return RecipientTask(case, recipient, row[0], entry.index)

        return self._change_of(asked, run)

    def note_dispute(self, principal: Principal, case: str, request: DisputeRequest) -> Change[DisputeNote]:
        """Attaches a note of what is disputed to an opinion (s.25(2)).

        Raises:
            UnknownCase, Denied.
            The change: CaseConflict if it is no open correction request; Denied.
        """
        content: dict[str, JSON] = {"kind": request.kind.value, "ref": request.ref}
        stands, asked = self._ask_case(principal, case, request.event_id, {"dispute": True, **content})
        self._require_there(request.kind, request.ref)
        personal = self._personal(stands.case.person, {"dispute_note": request.text})

        def run(tx: Transaction) -> DisputeNote:
            decided = self._confirm(tx, asked)
            require_kind(require_open(case_in(tx, case)), CaseKind.CORRECTION)
            subjects = (about(case), *_item_subjects(request.kind, request.ref))
            entry = append(tx, asked, DISPUTE_NOTED, subjects, {"case": case, **content}, decided, personal)
            tx.put(entry, rows.NOTES, (request.kind.value, request.ref), (case, entry.index))
            return DisputeNote(request.kind, request.ref, case, entry.index, request.text)

        return self._change_of(asked, run)

    def record_disclosure(self, principal: Principal, request: DisclosureRequest) -> Change[Disclosure]:
        """Says that a recipient was given an item, so that they can be told if it is corrected.

        Raises:
            UnknownCase: no such item. Denied.
            The change: Denied.
        """
        content: dict[str, JSON] = {
            "kind": request.kind.value,
            "ref": request.ref,
            "recipient": request.recipient,
            "purpose": request.purpose,
            "disclosed_on": request.disclosed_on.isoformat(),
            "still_using": request.still_using,
        }
        asked = self._ask(principal, Action.CASE_WRITE, case_at(), event_id=request.event_id, content=content)
        self._require_there(request.kind, request.ref)

        def run(tx: Transaction) -> Disclosure:
            decided = self._confirm(tx, asked)
            subjects = (Subject("recipient", request.recipient), *_item_subjects(request.kind, request.ref))
            entry = append(tx, asked, DISCLOSED, subjects, content, decided)
            tx.put(entry, rows.DISCLOSURES, (entry.index,), tuple(content[name] for name in rows.DISCLOSURES.values))
            return Disclosure(
                entry.index,
                request.kind,
                request.ref,
                request.recipient,
                request.purpose,
                request.disclosed_on,
                request.still_using,
            )

        return self._change_of(asked, run)

    # ------------------------------------------------------------------------------- what travels with items

    def dispute_notes(self, connection: Snapshot, kind: ItemKind, stem: str) -> dict[str, str]:
        """The notes on an item and on what is inside it, by ref; the caller has decided on the item."""
        found: dict[str, str] = {}
        for ref, _, index in rows.read_notes(connection, kind, stem):
            found[ref] = self._clear(connection, index).get("dispute_note") or ""
        return found

    def superseded(self, connection: Snapshot, kind: ItemKind, refs: Collection[str]) -> dict[str, str]:
        """Which of these items were corrected, and what supersedes each; the caller has decided on the items."""
        return rows.read_superseded(connection, kind, refs)

    def _require_there(self, kind: ItemKind, ref: str) -> None:
        """Check that an item is there.

        Raises:
            UnknownCase: it is not.
        """
        stem, _, field = ref.partition("/")
        with self._database.read() as connection:
            if kind is ItemKind.DOCUMENT:
                there = read_document(connection, stem) is not None
            else:
                there = stem.isdecimal() and _has_field(connection, int(stem), field, kind)
        if not there:
            raise UnknownCase(Code.DISCLOSURE_TARGET_UNKNOWN, ("ref",))


def _require_correctable(case: Case) -> Case:
    require_kind(require_open(case), CaseKind.CORRECTION)
    if case.identity is not Identity.SHOWN:
        raise CaseConflict(Code.IDENTITY_NOT_SHOWN)
    return case


def _has_field(connection: Snapshot, index: int, field: str, kind: ItemKind) -> bool:
    try:
        members = parse_members(read_entry(connection, index).bytes)
    except NotFound:
        return False
    return not field if kind is ItemKind.ENTRY else field in members.get("personal", {})


def _item_subjects(kind: ItemKind, ref: str) -> tuple[Subject, ...]:
    """The document's own chain tells of it too."""
    return (about_document(str(UUID(ref.partition("/")[0]))),) if kind is ItemKind.DOCUMENT else ()
