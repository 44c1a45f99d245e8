"""The front door of disposal.

    log.commit(disposals.propose(principal, records, "keep no longer", event_id=event_id))
    disposals.simulate(disposal)                                        # exactly what would go
    log.commit(disposals.approve(other, disposal, preview, "seen", event_id=event_id))
    log.commit(disposals.execute(principal, disposal, preview, event_id=event_id))     # commit 1; the job is asked for
    disposals.destroy(disposal, event_id=job_id)                        # the job, and commit 2

- Two persons: whoever proposed may not approve. What both saw has a digest; nothing else is ever destroyed.
- Commit 1 judges every record again under the log's lock, holds included, and compares the digest. From then on the records are
  "destroying": no hold is placed on them, nobody reads them.
- Whatever fails after that is repeated, daily, until everything that can go is gone; only then there is a certificate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID, uuid5

from audit.entry import derived_event_id
from audit.event import Event, format_time, time_us
from policies.model import Action, PrincipalKind, Resource
from policies.pending.model import PendingKind
from retention.disposal import store as rows
from retention.disposal.errors import Code, DisposalConflict, InvalidDisposal
from retention.disposal.executing import about
from retention.disposal.model import (
    APPROVED,
    BEGUN,
    DECLINED,
    DISPOSAL_STATES,
    DISPOSE_KIND,
    LIFETIME,
    OPEN,
    PROPOSED,
    REASON_CHARS_MAX,
    RECORDS_MAX,
    Disposal,
    DisposalState,
    Planned,
)
from retention.disposal.planning import Planning
from retention.disposal.plans import parse_plan, plan_bytes, preview_of
from retention.records import RecordKind
from retention.rules import hong_kong_day
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import Entry
    from policies.model import Decision, Principal
    from policies.pending.model import PendingAction
    from policies.service import Policies
    from retention.disposal.ports import Destroyer, Judge
    from retention.records import Record
    from storage.database import Database
    from storage.log import Log
    from storage.personal import PersonalField
    from storage.transaction import Transaction
    from workflow.service import Queue

REASON: Final = "reason"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that was allowed, ready to be tried."""

    decision: Decision
    event_id: UUID
    digest: bytes
    reason: PersonalField | None = None


class Disposals(Planning):
    """Disposals of one log; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        log: Log,
        policies: Policies,
        queue: Queue,
        judge: Judge,
        destroyer: Destroyer,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._policies = policies
        self._queue = queue
        self._judge = judge
        self._destroyer = destroyer
        self._clock = clock
        policies.follow_pending(PendingKind.DISPOSAL, self._pending_settled)

    # ----------------------------------------------------------------------------------------- deciding

    def propose(
        self, principal: Principal, records: Sequence[Record], reason: str, *, event_id: UUID
    ) -> Change[Disposal]:
        """A change that proposes to dispose of records that are due; one person's half of the decision.

        Raises:
            Denied: the principal may not; so does the change.
            InvalidDisposal: too few or many, one twice, one that is part of the log, no reason.
            DisposalConflict, HoldStands: the change: one is not due, is held, or is part of another disposal.
        """
        _require_person(principal)
        if not 0 < len(records) <= RECORDS_MAX or len(set(records)) != len(records):
            raise InvalidDisposal(Code.DISPOSAL_RECORDS, ("records",), {"max": RECORDS_MAX})
        wanted = sorted(records)
        _require_documents(wanted)
        content: dict[str, JSON] = {"records": [one.key for one in wanted]}
        decision = self._policies.require(principal, Action.DISPOSAL_PROPOSE, Resource("disposal"))
        digest = self._log.request_digest({"action": decision.action.value, **content})
        asked = _Asked(decision, event_id, digest, self._reason(principal, reason))
        disposal_id = str(uuid5(event_id, decision.principal.id))

        def run(tx: Transaction) -> Disposal:
            tx.refuse_known(decision.principal.actor.id, event_id, asked.digest)
            self._policies.confirm(tx, decision)
            self._require_free(tx, wanted)
            plan = self.plan(tx, wanted)
            objects, size = _weight(plan)
            content_pending: dict[str, JSON] = {"disposal": disposal_id, "preview": preview_of(plan)}
            pending = self._policies.propose(
                tx,
                decision,
                PendingKind.DISPOSAL,
                subject=about(disposal_id),
                content=content_pending,
                event_id=derived_event_id(event_id, 1),
                steps=(Action.DISPOSAL_APPROVE,),
                lifetime=LIFETIME,
            )
            made = Disposal(
                id=disposal_id,
                state=DisposalState.PROPOSED,
                preview=preview_of(plan),
                records=len(plan),
                objects=objects,
                size=size,
                proposed_by=decision.principal.person,
                proposed_at=tx.now,
                proposed_index=tx.size,
                pending=pending.id,
            )
            weight: dict[str, JSON] = {"objects": objects, "size": size}
            until = format_time(time_us(tx.now + LIFETIME))
            data = {"disposal": made.id, **content, "preview": made.preview, **weight, "expires_at": until}
            entry = self._append(tx, asked, PROPOSED, made.id, data)
            for one in wanted:
                tx.put(entry, rows.CLAIMS, (one.key,), (made.id,))
            return self._put(tx, entry, made, plan_bytes(plan))

        return Change(run, event_ids=((decision.principal.actor.id, event_id),))

    def approve(
        self, principal: Principal, disposal: str, preview: str, reason: str, *, event_id: UUID
    ) -> Change[Disposal]:
        """A change that approves what another person proposed; `preview` is the digest of what the approver saw.

        Raises:
            Denied, InvalidDisposal, DisposalConflict: so does the change; Denied also for who proposed it.
            UnknownDisposal, PolicyConflict: the change.
        """

        def checked(tx: Transaction, found: Disposal, decision: Decision) -> Disposal:
            _require_state(found, DisposalState.PROPOSED)
            _require_time(found, tx)
            if preview != found.preview:
                raise DisposalConflict(Code.DISPOSAL_PREVIEW)
            content: dict[str, JSON] = {"disposal": disposal, "preview": preview}
            approving = derived_event_id(event_id, 1)
            self._policies.approve(
                tx, decision, found.pending, PendingKind.DISPOSAL, event_id=approving, content=content
            )
            by = decision.principal.person
            return replace(found, state=DisposalState.APPROVED, approved_by=by, approved_index=tx.size)

        return self._settle(principal, APPROVED, disposal, checked, reason, event_id=event_id, preview=preview)

    def decline(self, principal: Principal, disposal: str, reason: str, *, event_id: UUID) -> Change[Disposal]:
        """A change that ends a disposal that has not begun, and what waits for it; its records are free again.

        Raises:
            Denied, InvalidDisposal, DisposalConflict: so does the change.
            UnknownDisposal: the change.
        """

        def checked(tx: Transaction, found: Disposal, decision: Decision) -> Disposal:
            _require_state(found, DisposalState.PROPOSED, DisposalState.APPROVED)
            closing = derived_event_id(event_id, 1)
            self._policies.close_pending(tx, decision, found.pending, PendingKind.DISPOSAL, event_id=closing)
            return replace(found, state=DisposalState.DECLINED, ended_index=tx.size)

        return self._settle(principal, DECLINED, disposal, checked, reason, event_id=event_id)

    def execute(self, principal: Principal, disposal: str, preview: str, *, event_id: UUID) -> Change[Disposal]:
        """Commit 1: judges everything again under the log's lock, moves it to "destroying", asks for the job.

        Raises:
            Denied: so does the change.
            UnknownDisposal, DisposalConflict, HoldStands: the change: nothing has happened.
        """
        _require_person(principal)
        decision = self._policies.require(principal, Action.DISPOSAL_APPROVE, Resource("disposal", disposal))
        content: dict[str, JSON] = {"disposal": disposal, "preview": preview}
        digest = self._log.request_digest({"action": decision.action.value, "step": BEGUN, **content})
        asked = _Asked(decision, event_id, digest)

        def run(tx: Transaction) -> Disposal:
            tx.refuse_known(decision.principal.actor.id, event_id, asked.digest)
            found, plan, _certificate = self._found(tx, disposal)
            _require_state(found, DisposalState.APPROVED)
            _require_time(found, tx)
            planned = self.plan(tx, [one.record for one in parse_plan(plan)])
            if not preview == found.preview == preview_of(planned):
                raise DisposalConflict(Code.DISPOSAL_PREVIEW)
            on = hong_kong_day(tx.now)
            data: dict[str, JSON] = {
                **content,
                "judged_on": on.isoformat(),
                "schedules": sorted({one for planned_one in planned for one in planned_one.schedules}),
                "records": len(planned),
            }
            entry = self._append(tx, asked, BEGUN, disposal, data)
            for one in planned:
                self._destroyer.begin(tx, one, disposal=disposal, event_id=uuid5(event_id, one.record.key))
            self._queue.enqueue(tx, entry, DISPOSE_KIND, {"disposal": disposal}, unique_key=disposal)
            begun = replace(found, state=DisposalState.DESTROYING, begun_index=entry.index)
            return self._put(tx, entry, begun, plan)

        return Change(run, event_ids=((decision.principal.actor.id, event_id),))

    # ------------------------------------------------------------------------------------------- steps

    def _pending_settled(self, tx: Transaction, decision: Decision, pending: PendingAction, event_id: UUID) -> None:
        """What waited was declined or taken back where all that waits is: the disposal ends in the same change."""
        disposal = cast("dict[str, str]", pending.content)["disposal"]
        found, plan, _certificate = self._found(tx, disposal)
        if found.state is not DisposalState.PROPOSED:
            return
        digest = self._log.request_digest({"step": DECLINED, "pending": pending.id})
        asked = _Asked(decision, derived_event_id(event_id, 1), digest)
        entry = self._append(tx, asked, DECLINED, disposal, {"disposal": disposal})
        self._put(tx, entry, replace(found, state=DisposalState.DECLINED, ended_index=entry.index), plan)

    def _settle(
        self,
        principal: Principal,
        kind: str,
        disposal: str,
        checked: Callable[[Transaction, Disposal, Decision], Disposal],
        reason: str,
        *,
        event_id: UUID,
        **more: JSON,
    ) -> Change[Disposal]:
        """A change by which a person takes a disposal a step further."""
        _require_person(principal)
        decision = self._policies.require(principal, Action.DISPOSAL_APPROVE, Resource("disposal", disposal))
        data: dict[str, JSON] = {"disposal": disposal, **more}
        digest = self._log.request_digest({"action": decision.action.value, "step": kind, **data})
        asked = _Asked(decision, event_id, digest, self._reason(principal, reason))

        def run(tx: Transaction) -> Disposal:
            tx.refuse_known(decision.principal.actor.id, event_id, asked.digest)
            found, plan, _certificate = self._found(tx, disposal)
            after = checked(tx, found, decision)
            return self._put(tx, self._append(tx, asked, kind, disposal, data), after, plan)

        return Change(run, event_ids=((decision.principal.actor.id, event_id),))

    def _append(self, tx: Transaction, asked: _Asked, kind: str, disposal: str, data: Mapping[str, JSON]) -> Entry:
        """Appends an entry of this request, once its decision is confirmed under the lock."""
        personal = () if asked.reason is None else (asked.reason,)
        event = Event(
            type=kind,
            subjects=(about(disposal),),
            data=data,
            actor=asked.decision.principal.actor,
            event_id=asked.event_id,
            personal={one.field: one.digest for one in personal},
            request=asked.digest,
            decision=self._policies.confirm(tx, asked.decision),
        )
        return tx.append(event, personal)

    def _require_free(self, tx: Transaction, records: Sequence[Record]) -> None:
        """Check that no other disposal that may still be executed, or was, lists one of them."""
        for record, other in rows.claims_in(tx, records).items():
            found, _plan, _certificate = self._found(tx, other)
            if found.state in OPEN | {DisposalState.CERTIFIED} and not found.is_over(tx.now):
                values = {"record": record.key, "disposal": other}
                raise DisposalConflict(Code.DISPOSAL_CLAIMED, ("records",), values)

    def _reason(self, principal: Principal, reason: str) -> PersonalField:
        text = reason.strip()
        if not 0 < len(text) <= REASON_CHARS_MAX:
            raise InvalidDisposal(Code.DISPOSAL_REASON, ("reason",), {"max": REASON_CHARS_MAX})
        return self._log.personal(principal.person, REASON, text)


def _require_person(principal: Principal) -> None:
    if principal.kind is not PrincipalKind.PERSON:
        raise DisposalConflict(Code.DISPOSAL_PERSONS)


def _require_documents(records: Sequence[Record]) -> None:
    """Check that nothing of the log itself is asked for."""
    for number, one in enumerate(records):
        if one.kind is not RecordKind.DOCUMENT:
            raise InvalidDisposal(Code.DISPOSAL_OF_LOG, ("records", number), {"record": one.key})


def _require_state(found: Disposal, *states: DisposalState) -> None:
    if found.state not in states:
        raise DisposalConflict(Code.DISPOSAL_STATE, (), {"state": DISPOSAL_STATES[found.state]})


def _require_time(found: Disposal, tx: Transaction) -> None:
    if found.is_over(tx.now):
        raise DisposalConflict(Code.DISPOSAL_EXPIRED, (), {"days": LIFETIME.days})


def _weight(plan: Sequence[Planned]) -> tuple[int, int]:
    """How many objects, and how many bytes as far as that is known."""
    targets = [target for one in plan for target in one.targets]
    return len(targets), sum(target.size or 0 for target in targets)
