"""Work on a request: what becomes of each item, what is charged, what is refused.

- Others' names in an item are sealed beside the entry that marks it; the copy masks them.
- A refusal is proposed with its ground and reasons and waits for another person, as everything does that two persons decide on
  (`policies.pending`): a wrong ground is itself a contravention in the Commissioner's view. The entry `case.refused` is its line in the
  log book (s.27).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from audit.entry import derived_event_id
from cases import store as rows
from cases.errors import CaseConflict, Code, UnknownCase
from cases.fees import Fee, fee_of
from cases.model import (
    FEE_IMPOSED,
    FEE_PAID,
    ITEM_MARKED,
    REFUSAL_DECLINED,
    REFUSAL_PROPOSED,
    REFUSED,
    Case,
    Handling,
    Item,
    Proposal,
    ProposalState,
)
from cases.opening import Opening, require_access
from cases.row_values import proposal_of
from cases.rules import (
    parse_ground,
    require_ground,
    require_maskable,
    require_not_contradicted,
    require_open,
)
from cases.writing import about, append, case_in, decision_of
from policies.model import Action
from policies.pending.acting import pending_id_of
from policies.pending.model import PendingKind

if TYPE_CHECKING:
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from cases.requests import FeeRequest, ItemRequest, RefusalRequest
    from policies.model import Decision, Principal
    from policies.pending.model import PendingAction
    from storage import Change, Transaction

PROPOSAL_LIFETIME: Final = timedelta(days=7)


class HandlingItems(Opening):
    """Items, fees, refusals."""

    def mark_item(self, principal: Principal, case: str, number: int, request: ItemRequest) -> Change[Item]:
        """Says what becomes of an item, and whether it tells of others.

        Raises:
            UnknownCase, Denied.
            The change: UnknownCase (item); CaseConflict if the request is answered; Denied.
        """
        content: dict[str, JSON] = {
            "item": number,
            "handling": request.handling.value,
            "third_party": request.third_party,
            "consented": request.consented,
            "masks": len(request.masks),
        }
        _, asked = self._ask_case(principal, case, request.event_id, content)
        require_maskable(request.handling, request.masks)
        masks = json.dumps(request.masks, ensure_ascii=False) if request.masks else None
        personal = self._personal(case, {"masks": masks})

        def run(tx: Transaction) -> Item:
            decided = self._confirm(tx, asked)
            require_access(case_in(tx, case))
            found = next((one for one in rows.items_in(tx, case) if one.number == number), None)
            if found is None:
                raise UnknownCase(Code.CASE_ITEM_UNKNOWN, ("item",), {"item": number})
            entry = append(tx, asked, ITEM_MARKED, (about(case),), {"case": case, **content}, decided, personal)
            after = replace(
                found,
                handling=request.handling,
                third_party=request.third_party,
                consented=request.consented,
                # Supplied after all: the line of the log book stays, and is about it no more.
                refusal=None if request.handling is Handling.SUPPLY else found.refusal,
                marked_index=entry.index,
            )
            rows.put_item(tx, entry, after)
            return after

        return self._change_of(asked, run)

    # --------------------------------------------------------------------------------------------- fees

    def impose_fee(self, principal: Principal, case: str, request: FeeRequest) -> Change[Fee]:
        """Charges what may be charged; lines that may not are named as refused.

        Raises:
            InvalidCase: the request is for a correction. UnknownCase, Denied.
            The change: CaseConflict if it is answered; Denied.
        """
        lines: list[JSON] = [{"kind": line.kind.value, "amount": line.amount} for line in request.lines]
        content: dict[str, JSON] = {"lines": lines, "cheapest_form": request.cheapest_form}
        stands, asked = self._ask_case(principal, case, request.event_id, content)
        fee = fee_of(stands.case.kind, request.lines, cheapest_form=request.cheapest_form)
        reasons = {f"reason_{place}": line.reason for place, line in enumerate(request.lines)}
        personal = self._personal(case, reasons)

        def run(tx: Transaction) -> Fee:
            decided = self._confirm(tx, asked)
            found = require_access(case_in(tx, case))
            refused: list[JSON] = [{"kind": line.kind.value, "why": why.value} for line, why in fee.refused]
            data: dict[str, JSON] = {"case": case, "total": fee.total, "currency": "HKD", "lines": lines}
            data |= {"refused": refused, "capped": fee.capped}
            entry = append(tx, asked, FEE_IMPOSED, (about(case),), data, decided, personal)
            rows.put_case(tx, entry, replace(found, fee=fee.total, fee_paid=fee.total == 0))
            return fee

        return self._change_of(asked, run)

    def record_payment(self, principal: Principal, case: str, *, event_id: UUID) -> Change[Case]:
        """Says that the fee was paid.

        Raises:
            UnknownCase, Denied.
            The change: CaseConflict if none is due; Denied.
        """
        _, asked = self._ask_case(principal, case, event_id, {"paid": True})

        def run(tx: Transaction) -> Case:
            decided = self._confirm(tx, asked)
            found = require_access(case_in(tx, case))
            if found.fee is None or found.fee_paid:
                raise CaseConflict(Code.FEE_NONE)
            data: dict[str, JSON] = {"case": case, "total": found.fee, "currency": "HKD"}
            entry = append(tx, asked, FEE_PAID, (about(case),), data, decided)
            after = replace(found, fee_paid=True)
            rows.put_case(tx, entry, after)
            return after

        return self._change_of(asked, run)

    # ----------------------------------------------------------------------------------------- refusals

    def propose_refusal(self, principal: Principal, case: str, request: RefusalRequest) -> Change[Proposal]:
        """Proposes to refuse items, or all of the request, for a second person to review.

        Raises:
            InvalidCase: no such ground, or it lacks what it needs. UnknownCase, Denied.
            The change: CaseConflict if it is answered, or the record contradicts the ground; UnknownCase (item); Denied.
        """
        content: dict[str, JSON] = {
            "ground": request.ground,
            "items": list(request.items),
            "exemption": None if request.exemption is None else request.exemption.value,
            "evidence": request.evidence,
        }
        stands, asked = self._ask_case(principal, case, request.event_id, content)
        ground = parse_ground(stands.case.kind, request.ground)
        require_ground(
            ground,
            exemption=request.exemption,
            evidence=request.evidence,
            other_user=request.other_user is not None,
            items=request.items,
        )
        proposal = pending_id_of(asked.actor.id, derived_event_id(request.event_id, 1))
        values = {"reason": request.reason, "other_user": request.other_user, "prejudice": request.prejudice}
        personal = self._personal(case, values)

        def run(tx: Transaction) -> Proposal:
            decided = self._confirm(tx, asked)
            found = require_open(case_in(tx, case))
            self._require_items(tx, case, request.items)
            earlier = rows.earlier_in(tx, found)
            require_not_contradicted(found, ground, earlier=earlier, has_note=bool(rows.notes_in(tx, case)))
            made = Proposal(
                id=proposal,
                case=case,
                ground=ground.value,
                exemption=request.exemption,
                evidence=request.evidence,
                prejudice=request.prejudice is not None,
                items=request.items,
                proposed_by=asked.actor.acting_for or asked.actor.id,
                expires_at=tx.now + PROPOSAL_LIFETIME,
                state=ProposalState.WAITING,
                proposed_index=tx.size + 1,
            )
            self._policies.propose(
                tx,
                decision_of(asked),
                PendingKind.CASE_DECISION,
                subject=about(case),
                content=_proposal_data(made),
                event_id=derived_event_id(request.event_id, 1),
                steps=(Action.CASE_DECIDE,),
                lifetime=PROPOSAL_LIFETIME,
            )
            entry = append(tx, asked, REFUSAL_PROPOSED, (about(case),), _proposal_data(made), decided, personal)
            rows.put_proposal(tx, entry, made)
            return made

        return self._change_of(asked, run)

    def settle_refusal(
        self, principal: Principal, case: str, proposal: str, *, approve: bool, event_id: UUID
    ) -> Change[Proposal]:
        """Enters a proposed refusal in the log book, which whoever proposed it may not; or declines it, or takes it back.

        Raises:
            UnknownCase, Denied.
            The change: UnknownCase (proposal); PolicyConflict if it is settled or expired; CaseConflict if it is settled, or the case is
                answered; Denied, also for whoever proposed it and approves.
        """
        content: dict[str, JSON] = {"proposal": proposal, "approve": approve}
        _, asked = self._ask_case(principal, case, event_id, content, decide=True)

        def run(tx: Transaction) -> Proposal:
            decided = self._confirm(tx, asked)
            found = require_open(case_in(tx, case))
            waiting = self._waiting(tx, case, proposal)
            decision, settling = decision_of(asked), derived_event_id(event_id, 1)
            if approve:
                content = _proposal_data(waiting)
                self._policies.approve(
                    tx, decision, proposal, PendingKind.CASE_DECISION, event_id=settling, content=content
                )
            else:
                self._policies.close_pending(tx, decision, proposal, PendingKind.CASE_DECISION, event_id=settling)
            after = replace(waiting, state=ProposalState.APPROVED if approve else ProposalState.DECLINED)
            kind = REFUSED if approve else REFUSAL_DECLINED
            data = _settled_data(found, after)
            entry = append(tx, asked, kind, (about(case),), data, decided)
            rows.put_proposal(tx, entry, after)
            if approve:
                self._enter(tx, found, after, entry)
            return after

        return self._change_of(asked, run)

    def proposals(self, principal: Principal, case: str) -> list[Proposal]:
        """Refusals that were proposed for a case.

        Raises:
            Denied.
        """
        self._require_reading(principal, Action.CASE_READ, case)
        with self._database.read() as connection:
            return rows.read_proposals(connection, case)

    def _refusal_settled(self, tx: Transaction, decision: Decision, pending: PendingAction, event_id: UUID) -> None:
        """A proposal was declined or taken back where all that waits is: it is so here in the same change."""
        content = cast("dict[str, str]", pending.content)
        case = content["case"]
        waiting = self._waiting(tx, case, pending.id)
        after = replace(waiting, state=ProposalState.DECLINED)
        asked = self._asked(decision, derived_event_id(event_id, 1), {"refusal": pending.id, "declined": True})
        data = _settled_data(case_in(tx, case), after)
        entry = append(tx, asked, REFUSAL_DECLINED, (about(case),), data, self._policies.confirm(tx, decision))
        rows.put_proposal(tx, entry, after)

    def _waiting(self, tx: Transaction, case: str, proposal: str) -> Proposal:
        row = tx.get(rows.PROPOSALS, (proposal,))
        found = None if row is None else proposal_of(proposal, row)
        if found is None or found.case != case:
            raise UnknownCase(Code.PROPOSAL_UNKNOWN, ("proposal",))
        if found.state is not ProposalState.WAITING:
            raise CaseConflict(Code.PROPOSAL_SETTLED)
        return found

    def _enter(self, tx: Transaction, found: Case, proposal: Proposal, entry: Entry) -> None:
        whole = not proposal.items
        for item in rows.items_in(tx, found.id):
            if item.number in proposal.items:
                handling = item.handling if item.handling is Handling.REDACT else Handling.WITHHOLD
                rows.put_item(tx, entry, replace(item, handling=handling, refusal=entry.index))
        refused_whole = found.refused_whole or whole
        rows.put_case(tx, entry, replace(found, refusals=found.refusals + 1, refused_whole=refused_whole))

    def _require_items(self, tx: Transaction, case: str, numbers: tuple[int, ...]) -> None:
        there = {item.number for item in rows.items_in(tx, case)}
        for number in numbers:
            if number not in there:
                raise UnknownCase(Code.CASE_ITEM_UNKNOWN, ("items",), {"item": number})


def _settled_data(case: Case, proposal: Proposal) -> dict[str, JSON]:
    data: dict[str, JSON] = {**_proposal_data(proposal), "kind": case.kind.value}
    return {**data, "proposed_by": proposal.proposed_by, "proposed_index": proposal.proposed_index}


def _proposal_data(found: Proposal) -> dict[str, JSON]:
    optional: dict[str, JSON] = {
        "exemption": None if found.exemption is None else found.exemption.value,
        "evidence": found.evidence,
        "items": list(found.items) or None,
    }
    data: dict[str, JSON] = {
        "case": found.case,
        "proposal": found.id,
        "ground": found.ground,
        "prejudice": found.prejudice,
    }
    return {**data, **{name: value for name, value in optional.items() if value is not None}}
