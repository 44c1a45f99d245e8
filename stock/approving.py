"""Movements that wait for another person: what one store lets nobody move alone.

- A store says above how many whole units of a SKU a movement waits (`Store.approval_above`). `Stock.adjust` refuses it then
  (`ApprovalNeeded`); the same request is proposed here, and applied when another person who may (`stock.approve`) approves it.
- What is proposed is judged at once, so that nobody is asked to approve what cannot be done, and judged again when it is approved.
- Nobody approves their own, whichever client acts for them. Two smaller movements are two movements: the log shows them.
- A note is the proposer's, and stays with the entry that proposed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.entry import derived_event_id
from audit.event import Subject, format_time, time_us
from policies.codes import Code as PolicyCode
from policies.errors import UnknownThing
from policies.model import Action
from policies.pending.acting import resource_of
from policies.pending.model import PendingKind
from policies.pending.store import PENDING_ROWS
from stock.adjusting import Adjusting, event_ids_of, record, stock_at
from stock.model import SUBJECT_STOCK, Adjusted
from stock.parsing import parse_adjustment
from stock.writing import subjects_read
from storage import Change

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from audit.canonical import JSON
    from policies.model import Principal
    from policies.pending.model import PendingAction
    from stock.requests import AdjustmentRequest
    from storage import Transaction


class Approving(Adjusting):
    """Movements of stock that two people answer for."""

    def propose_adjustment(
        self, principal: Principal, request: AdjustmentRequest, *, now: datetime
    ) -> Change[PendingAction]:
        """Lets a movement of stock wait for another person.

        Raises:
            Denied, InvalidRequest: as `adjust`.
            The change: StockError, Denied.
        """
        decision = self._policies.require(principal, Action.STOCK_ADJUST, stock_at(request.store))
        draft = self._draft(request, decision, now)

        def run(tx: Transaction) -> PendingAction:
            self._judge(tx, draft, any_amount=True)
            return self._policies.propose(
                tx,
                decision,
                PendingKind.ADJUSTMENT,
                subject=Subject(SUBJECT_STOCK, f"{request.store}/{request.sku}"),
                content=_proposal(request),
                event_id=request.event_id,
                steps=(Action.STOCK_APPROVE,),
                store=request.store,
                reason=draft.asked.note,
                request=draft.asked.digest,
            )

        return Change(run, reads=(*self._policies.reads, *draft.reads), event_ids=event_ids_of(draft))

    def approve_adjustment(
        self, principal: Principal, pending_id: str, *, event_id: UUID, now: datetime
    ) -> Change[Adjusted]:
        """Approves a movement that waits, which applies it.

        Raises:
            UnknownThing: nothing of that name waits here. Denied.
            The change: PolicyConflict if it is settled or over; StockError if it can no longer be done; Denied, also for whoever
                proposed it.
        """
        pending = self._policies.pending_action(pending_id)
        if pending.kind is not PendingKind.ADJUSTMENT or pending.store is None:
            raise UnknownThing(PolicyCode.PENDING_UNKNOWN, "pending")
        decision = self._policies.require(principal, Action.STOCK_APPROVE, resource_of(pending))
        request = parse_adjustment(pending.content, event_id=event_id)
        asked = self._asked(decision, event_id, {"pending": pending_id}, None)
        draft = self._draft(request, decision, now)._replace(asked=asked, pending=pending_id)

        def run(tx: Transaction) -> Adjusted:
            judged = self._judge(tx, draft, any_amount=True)
            self._policies.approve(
                tx,
                decision,
                pending_id,
                PendingKind.ADJUSTMENT,
                event_id=derived_event_id(event_id, 2),
                content=pending.content,
            )
            return record(tx, judged)

        return Change(
            run,
            reads=(*self._policies.reads, (PENDING_ROWS, (pending_id,)), *draft.reads),
            event_ids=event_ids_of(draft),
            subjects=subjects_read(draft.subjects, request.document),
        )


def _proposal(request: AdjustmentRequest) -> JSON:
    """The request as it was made, less its id and its note, which is personal; `parse_adjustment` reads it."""
    members: dict[str, JSON] = {
        "store": request.store,
        "sku": request.sku,
        "reason": request.reason,
        "change": str(request.change),
        "batch": request.batch,
        "expiry": None if request.expiry is None else request.expiry.isoformat(),
        "reference": request.reference,
        "document": request.document,
        "occurred_at": None if request.occurred_at is None else format_time(time_us(request.occurred_at)),
    }
    if request.unit_price is not None:
        members["unit_price"] = {"amount": request.unit_price.amount, "currency": request.unit_price.currency}
    return {name: value for name, value in members.items() if value is not None}
