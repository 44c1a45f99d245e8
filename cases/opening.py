"""A request from receipt to the identity gate: opened with what is held that day, searched again, identity judged.

At receipt, in one change: the entry with the digest of the manifest, an item for each thing held, the mark that keeps the
documents among them as they are until the request is answered (s.19(3)(a)), and the hold that keeps them from disposal. A later search
adds to the hold and takes nothing from it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from audit.event import Subject
from cases import store as rows
from cases.clock import answer_clock
from cases.errors import Code, UnknownCase
from cases.model import (
    CASE_OPENED,
    CASE_SEARCHED,
    IDENTITY_JUDGED,
    Case,
    CaseKind,
    CaseState,
    Identity,
    Opened,
)
from cases.rules import hong_kong_day, require_authority, require_kind, require_open, require_received
from cases.searching import Searching, documents_of, manifest_digest
from cases.writing import about, append, case_at, case_in
from documents.marking import Mark
from policies.keys import new_principal_id
from policies.model import Action
from retention.model import HoldKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from audit.canonical import JSON
    from audit.entry import Entry
    from cases.model import Item
    from cases.requests import IdentityRequest, OpenRequest, SearchAgain
    from policies.calendar import Calendar
    from policies.model import Principal
    from storage import Change, Transaction


class Opening(Searching):
    """Receipt, search, identity."""

    def open_case(self, principal: Principal, request: OpenRequest) -> Change[Opened]:
        """Opens a case with what is held at receipt; its clock starts on the day of receipt.

        Raises:
            InvalidCase: the day of receipt cannot be. UnknownCase: no such person.
            CaseConflict: the search finds too much. Denied, IndexUnavailable.
            The change: Denied.
        """
        today = hong_kong_day(self._clock())
        received = require_received(request.received_on or today, today)
        content: dict[str, JSON] = {"open": request.kind.value, "received_on": received.isoformat()}
        content |= {"channel": request.channel.value, "language": request.language.value, "person": request.person}
        asked = self._ask(principal, Action.CASE_WRITE, case_at(), event_id=request.event_id, content=content)
        case = self._new_case(request, received)
        items, size = self._find(principal, case.id, case.person, request.terms)
        personal = self._personal(
            case.requestor,
            {
                "requestor_name": request.requestor_name,
                "requestor_contact": request.requestor_contact,
                "asked": request.asked,
            },
        )
        about_person = {"person_name": request.person_name, "terms": json.dumps(request.terms, ensure_ascii=False)}
        personal += self._personal(case.person, about_person)

        def run(tx: Transaction) -> Opened:
            decided = self._confirm(tx, asked)
            self._keep(tx, asked, decided, about(case.id), HoldKind.DATA_ACCESS_REQUEST, documents_of(items))
            opened = replace(case, items=len(items), snapshot=manifest_digest(items), opened_index=tx.size)
            data = {
                **_opened_data(opened, self._policies.calendar),
                **_snapshot_data(opened, items, size),
            }
            entry = append(tx, asked, CASE_OPENED, _people(opened), data, decided, personal)
            rows.put_case(tx, entry, opened)
            self._put_items(tx, entry, opened.id, items, 0)
            return Opened(opened, items)

        return self._change_of(asked, run)

    def search_again(self, principal: Principal, case: str, request: SearchAgain) -> Change[Opened]:
        """Searches with other terms, once the requestor said more; what was decided of items begins anew.

        Raises:
            UnknownCase, CaseConflict, Denied, IndexUnavailable.
            The change: CaseConflict if it is answered; Denied.
        """
        stands, asked = self._ask_case(principal, case, request.event_id, {"search": len(request.terms)})
        items, size = self._find(principal, case, stands.case.person, request.terms)
        personal = self._personal(stands.case.person, {"terms": json.dumps(request.terms, ensure_ascii=False)})

        def run(tx: Transaction) -> Opened:
            decided = self._confirm(tx, asked)
            found = require_open(case_in(tx, case))
            before = rows.items_in(tx, case)
            self._keep(tx, asked, decided, about(case), HoldKind.DATA_ACCESS_REQUEST, documents_of(items))
            after = replace(found, items=len(items), snapshot=manifest_digest(items))
            data: dict[str, JSON] = {"case": case, **_snapshot_data(after, items, size)}
            entry = append(tx, asked, CASE_SEARCHED, (about(case),), data, decided, personal)
            rows.put_case(tx, entry, after)
            for gone in set(documents_of(before)) - set(documents_of(items)):
                self._documents.mark(tx, entry, gone, Mark.KEPT, case, active=False)
            self._put_items(tx, entry, case, items, len(before))
            return Opened(after, items)

        return self._change_of(asked, run)

    def judge_identity(self, principal: Principal, case: str, request: IdentityRequest) -> Change[Case]:
        """Says whether identity, and authority where somebody asks for another, were shown, and by what.

        Raises:
            UnknownCase, Denied.
            The change: InvalidCase if authority is not shown; CaseConflict if it is answered; Denied.
        """
        evidence: list[JSON] = [one.value for one in request.evidence]
        content: dict[str, JSON] = {"identity": request.identity.value, "evidence": evidence}
        _, asked = self._ask_case(principal, case, request.event_id, content)
        personal = self._personal(case, {"note": request.note})

        def run(tx: Transaction) -> Case:
            decided = self._confirm(tx, asked)
            found = require_open(case_in(tx, case))
            require_authority(found, request.identity, request.evidence)
            data: dict[str, JSON] = {"case": case, **content}
            entry = append(tx, asked, IDENTITY_JUDGED, (about(case),), data, decided, personal)
            after = replace(found, identity=request.identity)
            rows.put_case(tx, entry, after)
            return after

        return self._change_of(asked, run)

    # ------------------------------------------------------------------------------------ the steps

    def _new_case(self, request: OpenRequest, received: date) -> Case:
        if request.person is not None and request.person not in self._policies.directory().records:
            raise UnknownCase(Code.CASE_PERSON_UNKNOWN, ("person",))
        person = request.person or new_principal_id(self._entropy)
        requestor = new_principal_id(self._entropy) if request.on_behalf else person
        return Case(
            id=str(self._new_id()),
            kind=request.kind,
            state=CaseState.OPEN,
            channel=request.channel,
            language=request.language,
            requestor=requestor,
            person=person,
            received_on=received,
            identity=Identity.UNSHOWN,
            items=0,
            snapshot=None,
            fee=None,
            fee_paid=False,
            refusals=0,
            refused_whole=False,
            interim_on=None,
            final_notice=None,
            reminded=0,
            opened_index=0,
        )

    def _put_items(self, tx: Transaction, entry: Entry, case: str, items: Sequence[Item], before: int) -> None:
        for item in items:
            rows.put_item(tx, entry, item)
        # Rows are never deleted: those beyond the new search's end are passed over by their number.
        for number in range(len(items) + 1, before + 1):
            rows.put_gone(tx, entry, case, number)
        for document in documents_of(items):
            self._documents.mark(tx, entry, document, Mark.KEPT, case)


def require_access(case: Case) -> Case:
    """Check that an access request is still to be answered.

    Raises:
        CaseConflict: it is not, or is another kind of request.
    """
    return require_kind(require_open(case), CaseKind.ACCESS)


def _people(case: Case) -> tuple[Subject, ...]:
    people = dict.fromkeys((case.person, case.requestor))
    return (about(case.id), *(Subject("person", one) for one in people))


def _opened_data(case: Case, calendar: Calendar) -> dict[str, JSON]:
    clock = answer_clock(case.received_on, calendar)
    return {
        "case": case.id,
        "kind": case.kind.value,
        "channel": case.channel.value,
        "language": case.language.value,
        "received_on": case.received_on.isoformat(),
        "day_40": clock.day_40.isoformat(),
        "target": clock.target.isoformat(),
        "on_behalf": case.requestor != case.person,
    }


def _snapshot_data(case: Case, items: Sequence[Item], size: int) -> dict[str, JSON]:
    return {
        "items": len(items),
        "documents": len(documents_of(items)),
        "snapshot": (case.snapshot or b"").hex(),
        "log_size": size,
    }
