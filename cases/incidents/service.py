"""The Commissioner's notices: enforcement notices with their directions, and cessation notices against doxxing.

A cessation notice blocks its document in the change that records it, and keeps it as it is: no reading, no change, no deletion. The
hold it places is the same as one for legal proceedings, to disposal and to the object store.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from audit.event import Subject
from cases.errors import Code, UnknownCase
from cases.incidents import store as rows
from cases.incidents.breaches import BREACH, Breaches
from cases.incidents.model import (
    CESSATION_ANSWERED,
    CESSATION_LIFTED,
    CESSATION_SERVED,
    DIRECTION_MET,
    ENFORCEMENT_SERVED,
    SUBJECT_CESSATION,
    SUBJECT_ENFORCEMENT,
    Cessation,
    CessationState,
    Direction,
    Enforcement,
)
from cases.incidents.rules import (
    direction_findings,
    met,
    require_cessation,
    require_directions,
)
from cases.rules import hong_kong_day
from cases.writing import append
from documents.errors import UnknownDocument
from documents.marking import Mark
from documents.writing import about as about_document
from policies.model import Action, Resource
from retention.model import HoldKind

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from cases.incidents.requests import (
        CessationRequest,
        EnforcementRequest,
    )
    from cases.model import CaseFinding
    from cases.writing import Asked
    from documents.store import Snapshot
    from policies.model import Principal
    from storage import Change, Transaction

TIMELINE_MAX: Final = 1_000


class Incidents(Breaches):
    """Breaches and the Commissioner's notices."""

    # ------------------------------------------------------------------------- enforcement notices

    def serve_enforcement(self, principal: Principal, request: EnforcementRequest) -> Change[Enforcement]:
        """Records an enforcement notice with its directions and their days (s.50).

        Raises:
            InvalidCase: a direction is there twice. Denied.
            The change: Denied.
        """
        numbered = [(one.number, one.due_on) for one in request.directions]
        require_directions(numbered)
        directions: list[JSON] = [{"number": number, "due_on": due.isoformat()} for number, due in numbered]
        content: dict[str, JSON] = {"reference": request.reference, "served_on": request.served_on.isoformat()}
        asked = self._ask_breach(principal, request.event_id, {**content, "directions": directions})
        notice = str(self._new_id())
        personal = self._personal(notice, {f"direction_{one.number}": one.text for one in request.directions})

        def run(tx: Transaction) -> Enforcement:
            decided = self._confirm(tx, asked)
            data: dict[str, JSON] = {"notice": notice, **content, "directions": directions}
            subject = Subject(SUBJECT_ENFORCEMENT, notice)
            entry = append(tx, asked, ENFORCEMENT_SERVED, (subject,), data, decided, personal)
            served = (request.reference, request.served_on.isoformat(), entry.index)
            tx.put(entry, rows.ENFORCEMENTS, (notice,), served)
            made = tuple(Direction(notice, number, due, None, None) for number, due in numbered)
            for one in made:
                rows.put_direction(tx, entry, one)
            return Enforcement(notice, request.reference, request.served_on, made, entry.index)

        return self._change_of(asked, run)

    def meet_direction(
        self, principal: Principal, notice: str, number: int, *, event_id: UUID, evidence: str | None = None
    ) -> Change[Direction]:
        """Says that a direction was met; `evidence` is the id of a document.

        Raises:
            Denied.
            The change: UnknownCase; CaseConflict if it was met before; Denied.
        """
        content: dict[str, JSON] = {"notice": notice, "number": number}
        if evidence is not None:
            content["evidence"] = evidence
        asked = self._ask_breach(principal, event_id, content)

        def run(tx: Transaction) -> Direction:
            decided = self._confirm(tx, asked)
            found = rows.enforcement_in(tx, notice)
            if found is None:
                raise UnknownCase(Code.ENFORCEMENT_UNKNOWN, ("notice",))
            after = met(found, number, on=hong_kong_day(tx.now), index=tx.size)
            entry = append(tx, asked, DIRECTION_MET, (Subject(SUBJECT_ENFORCEMENT, notice),), content, decided)
            rows.put_direction(tx, entry, after)
            return after

        return self._change_of(asked, run)

    def enforcements(self, principal: Principal, connection: Snapshot) -> list[Enforcement]:
        """Every enforcement notice.

        Raises:
            Denied.
        """
        self._policies.require(principal, Action.BREACH_READ, BREACH)
        return rows.read_enforcements(connection)

    # ---------------------------------------------------------------------------------- cessation notices

    def serve_cessation(self, principal: Principal, request: CessationRequest) -> Change[Cessation]:
        """Blocks a document at once, keeps it as evidence, and records the notice (s.66M).

        Raises:
            Denied.
            The change: UnknownCase (document); Denied.
        """
        content: dict[str, JSON] = {
            "document": request.document,
            "reference": request.reference,
            "served_on": request.served_on.isoformat(),
        }
        asked = self._ask_cessation(principal, request.event_id, content)
        cessation = str(self._new_id())
        personal = self._personal(cessation, {"text": request.text})

        def run(tx: Transaction) -> Cessation:
            decided = self._confirm(tx, asked)
            self._keep(tx, asked, decided, _about_cessation(cessation), HoldKind.CESSATION, [request.document])
            data: dict[str, JSON] = {"cessation": cessation, **content}
            subjects = (_about_cessation(cessation), about_document(request.document))
            entry = append(tx, asked, CESSATION_SERVED, subjects, data, decided, personal)
            self._mark(tx, entry, request.document, cessation, active=True)
            made = Cessation(
                cessation, request.document, CessationState.BLOCKED, request.reference, request.served_on, entry.index
            )
            rows.put_cessation(tx, entry, made)
            return made

        return self._change_of(asked, run)

    def settle_cessation(
        self, principal: Principal, cessation: str, state: CessationState, *, event_id: UUID, text: str | None = None
    ) -> Change[Cessation]:
        """Records what was answered (`ANSWERED`: it stays blocked), or that the notice has ended (`LIFTED`).

        Raises:
            Denied.
            The change: UnknownCase; CaseConflict if it is so already, or has ended; Denied.
        """
        content: dict[str, JSON] = {"cessation": cessation, "state": state.value}
        asked = self._ask_cessation(principal, event_id, content)
        personal = self._personal(cessation, {"text": text})

        def run(tx: Transaction) -> Cessation:
            decided = self._confirm(tx, asked)
            row = tx.get(rows.CESSATIONS, (cessation,))
            if row is None:
                raise UnknownCase(Code.CESSATION_UNKNOWN, ("cessation",))
            found = require_cessation(rows.cessation_of(cessation, row), state)
            kind = CESSATION_LIFTED if state is CessationState.LIFTED else CESSATION_ANSWERED
            if state is CessationState.LIFTED:
                self._let_go(tx, asked, decided, _about_cessation(cessation))
            data: dict[str, JSON] = {"cessation": cessation, "document": found.document}
            subjects = (_about_cessation(cessation), about_document(found.document))
            entry = append(tx, asked, kind, subjects, data, decided, personal)
            if state is CessationState.LIFTED:
                self._mark(tx, entry, found.document, cessation, active=False)
            after = replace(found, state=state)
            rows.put_cessation(tx, entry, after)
            return after

        return self._change_of(asked, run)

    def cessations(self, principal: Principal, connection: Snapshot) -> list[Cessation]:
        """Every cessation notice.

        Raises:
            Denied.
        """
        self._policies.require(principal, Action.CESSATION_WRITE, Resource("cessation", whole_log=True))
        return rows.read_cessations(connection)

    def findings(self, principal: Principal, connection: Snapshot, today: date) -> list[CaseFinding]:
        """What an auditor would find in requests and enforcement notices on a day.

        Raises:
            Denied.
        """
        directions = [one for notice in self.enforcements(principal, connection) for one in notice.directions]
        return [*self.request_findings(principal, connection, today), *direction_findings(directions, today)]

    # ------------------------------------------------------------------------------------ the steps

    def _ask_cessation(self, principal: Principal, event_id: UUID, content: dict[str, JSON]) -> Asked:
        resource = Resource("cessation", whole_log=True)
        return self._ask(principal, Action.CESSATION_WRITE, resource, event_id=event_id, content=content)

    def _mark(self, tx: Transaction, entry: Entry, document: str, cessation: str, *, active: bool) -> None:
        try:
            for mark in (Mark.BLOCKED, Mark.KEPT):
                self._documents.mark(tx, entry, document, mark, cessation, active=active)
        except UnknownDocument as error:
            raise UnknownCase(Code.CESSATION_DOCUMENT_UNKNOWN, ("document",)) from error


def _about_cessation(cessation: str) -> Subject:
    return Subject(SUBJECT_CESSATION, cessation)
