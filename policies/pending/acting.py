"""Proposing and approving, inside the change of the room whose act it is.

    def run(tx):                                        # of `retention.propose_release`
        return policies.propose(tx, decision, PendingKind.HOLD_RELEASE, subject=…, content=…, event_id=event_id)

    def run(tx):                                        # of `retention.approve_release`
        pending = policies.approve(tx, decision, pending_id, PendingKind.HOLD_RELEASE, event_id=event_id)
        if pending.next_step is None:                   # the last step: now it is done
            entry = tx.append(…)

    policies.follow_pending(PendingKind.DISPOSAL, self._declined)     # when the room opens

What waits can be declined or taken back where everything that waits is; the room whose act it is follows in the same change. Where the
room itself ends what something waits for, it closes it (`close_pending`).

The room decides (`policies.require`) before it makes the change, for the action that the step names. Whoever approves several
things in one change derives an event id for each (`audit.entry.derived_event_id`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from audit.canonical import encode
from audit.event import Event, Subject, format_time, time_us
from policies.codes import Code
from policies.errors import Denied, InvalidValue, PolicyConflict, UnknownThing
from policies.model import Action, Resource, Role
from policies.pending import store as rows
from policies.pending.model import (
    LIFETIME,
    LIFETIME_MAX,
    PENDING_APPROVED,
    PENDING_DECLINED,
    PENDING_PROPOSED,
    PENDING_STATES,
    PENDING_WITHDRAWN,
    REASON_CHARS_MAX,
    STEPS_MAX,
    PendingAction,
    PendingKind,
    PendingState,
)
from policies.writing import Writing
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from audit.canonical import JSON
    from policies.model import Decision, Principal
    from storage.either import Reader
    from storage.personal import PersonalField
    from storage.transaction import Transaction

    Follower = Callable[[Transaction, Decision, PendingAction, UUID], None]

ID_BYTES = 16
OWN_ALONE: Final = frozenset({Role.STAFF, Role.API_CLIENT})
"""Roles that see what they proposed, and of what others did nothing."""


def pending_id_of(actor: str, event_id: UUID) -> str:
    """The name of what an event proposes: known before it is logged."""
    return hashlib.sha256(f"pending\n{actor}\n{event_id}".encode()).digest()[:ID_BYTES].hex()


def content_digest(content: JSON) -> str:
    """SHA-256, in hex, of the canonical bytes of what is proposed."""
    return hashlib.sha256(encode(content)).hexdigest()


class PendingActions(Writing):
    """What waits for a second person."""

    _followers: dict[PendingKind, Follower]

    def follow_pending(self, kind: PendingKind, follower: Follower) -> None:
        """Has a room told of what it proposed being declined or taken back, inside that change, which it may write in.

        The follower gets the transaction, the decision of whoever settles it, what waits, and the change's event id, of which it derives
        its own. It may run twice.
        """
        self._followers[kind] = follower

    def propose(
        self,
        tx: Transaction,
        decision: Decision,
        kind: PendingKind,
        *,
        subject: Subject,
        content: JSON,
        event_id: UUID,
        steps: Sequence[Action] = (),
        store: str | None = None,
        lifetime: timedelta = LIFETIME,
        reason: PersonalField | None = None,
        request: bytes | None = None,
    ) -> PendingAction:
        """Let something wait for another person; `steps` are the approvals it needs, by default one for the decided action.

        `request` is the digest of the caller's request, if a repetition of it is told by more than the content.
        `content` holds codes, numbers and digests, no personal data; the entry has its digest, the row has it whole.

        Raises:
            Denied: not allowed any more.
            InvalidValue: more steps or a longer life than there may be.
            Replayed, EventIdReused: as `Transaction.append`.
        """
        if len(steps) > STEPS_MAX or lifetime > LIFETIME_MAX:
            raise InvalidValue(Code.NUMBER_OUT_OF_RANGE, "steps", {"least": 1, "most": STEPS_MAX})
        current = self._confirm(tx, decision)
        principal = current.principal
        needed = tuple(steps) or (decision.action,)
        pending = PendingAction(
            id=pending_id_of(principal.id, event_id),
            kind=kind,
            subject=subject.key,
            store=store,
            steps=needed,
            content=content,
            digest=content_digest(content),
            proposer=principal.person,
            proposed_at=tx.now,
            expires_at=tx.now + lifetime,
            approvers=(),
            state=PendingState.OPEN,
            entry_index=tx.size,
            proposed_index=tx.size,
        )
        data: dict[str, JSON] = {
            "pending": pending.id,
            "kind": kind.value,
            "content_sha256": pending.digest,
            "steps": [step.value for step in needed],
            "expires_at": format_time(time_us(pending.expires_at)),
        }
        if store is not None:
            data["store"] = store
        self._append(tx, current, PENDING_PROPOSED, pending, data, event_id, reason, subject, request=request)
        return pending

    def approve(
        self,
        tx: Transaction,
        decision: Decision,
        pending_id: str,
        kind: PendingKind,
        *,
        event_id: UUID,
        content: JSON = None,
    ) -> PendingAction:
        """Give the next approval; with the last one `next_step` is None, and the caller does what was approved.

        `content`, if given, is what the caller is about to do: it must be what was proposed.

        Raises:
            Denied: not allowed any more; the caller proposed it or gave an earlier step; the decision is on another action
                than the step needs.
            UnknownThing: there is none of that kind.
            PolicyConflict: it is settled, its time is over, or its content is another.
        """
        current = self._confirm(tx, decision)
        pending = self._open(tx, pending_id, kind)
        if content is not None and content_digest(content) != pending.digest:
            raise PolicyConflict(Code.PENDING_CHANGED)
        person = current.principal.person
        if person == pending.proposer or person in pending.approvers:
            raise Denied(replace(current, allowed=False, code=Code.OWN_APPROVAL))
        if current.action is not pending.next_step:
            raise Denied(replace(current, allowed=False, code=Code.ROLE_LACKS_ACTION))
        step = len(pending.approvers) + 1
        given = replace(pending, approvers=(*pending.approvers, person), entry_index=tx.size)
        if given.next_step is None:
            given = replace(given, state=PendingState.APPROVED)
        data: dict[str, JSON] = {
            "pending": pending.id,
            "kind": kind.value,
            "content_sha256": pending.digest,
            "step": step,
            "of": len(pending.steps),
        }
        self._append(tx, current, PENDING_APPROVED, given, data, event_id)
        return given

    def decline_pending(
        self, principal: Principal, pending_id: str, *, event_id: UUID, reason: str = ""
    ) -> Change[PendingAction]:
        """Refuse what waits, for who could approve it.

        Raises:
            InvalidValue, UnknownThing, Denied. The change: PolicyConflict, Denied.
        """
        pending = self.pending_action(pending_id)
        decision = self.require(principal, pending.next_step or pending.steps[-1], resource_of(pending))
        return self._settle(decision, pending_id, PENDING_DECLINED, PendingState.DECLINED, event_id, reason)

    def withdraw_pending(
        self, principal: Principal, pending_id: str, *, event_id: UUID, reason: str = ""
    ) -> Change[PendingAction]:
        """Take back what one proposed.

        Raises:
            InvalidValue, UnknownThing, Denied. The change: PolicyConflict.
        """
        pending = self.pending_action(pending_id)
        decision = self.require_pending(principal, pending)
        if principal.person != pending.proposer:
            raise Denied(replace(decision, allowed=False, code=Code.NOT_PROPOSER))
        return self._settle(decision, pending_id, PENDING_WITHDRAWN, PendingState.WITHDRAWN, event_id, reason)

    def close_pending(
        self, tx: Transaction, decision: Decision, pending_id: str, kind: PendingKind, *, event_id: UUID
    ) -> None:
        """Close what waits, in the change that ends what it was for: taken back by its proposer, declined by anybody else.

        What is settled already, or over, is passed over.

        Raises:
            Denied: not allowed any more.
            UnknownThing: there is none.
            Replayed, EventIdReused: as `Transaction.append`.
        """
        current = self._confirm(tx, decision)
        pending = self.pending_in(tx, pending_id)
        if pending.kind is not kind or pending.state_at(tx.now) is not PendingState.OPEN:
            return
        is_own = current.principal.person == pending.proposer
        state = PendingState.WITHDRAWN if is_own else PendingState.DECLINED
        closed = replace(pending, state=state, entry_index=tx.size)
        data: dict[str, JSON] = {"pending": pending_id, "kind": kind.value}
        self._append(tx, current, PENDING_WITHDRAWN if is_own else PENDING_DECLINED, closed, data, event_id)

    def waiting_for(
        self, reader: Reader, kind: PendingKind, subject: Subject, *, now: datetime
    ) -> PendingAction | None:
        """What of a kind waits for a subject, the oldest if there are several; None: nothing."""
        return rows.read_waiting(reader, kind, subject.key, now=now)

    def pending_action(self, pending_id: str) -> PendingAction:
        """One that waits, or did.

        Raises:
            UnknownThing: there is none.
        """
        with self._database.read() as connection:
            found = rows.read_pending(connection, pending_id)
        if found is None:
            raise UnknownThing(Code.PENDING_UNKNOWN, "pending")
        return found

    def require_pending(self, principal: Principal, pending: PendingAction) -> Decision:
        """Whether the principal may see one that waits, or did.

        Raises:
            Denied: not in their reach; or another proposed it, and their role sees its own alone.
        """
        decision = self.require(principal, Action.PENDING_READ, resource_of(pending))
        caller = decision.principal
        if caller.role in OWN_ALONE and caller.person != pending.proposer:
            raise Denied(replace(decision, allowed=False, code=Code.NOT_PROPOSER))
        return decision

    def pending_in(self, tx: Transaction, pending_id: str) -> PendingAction:
        """One that waits, or did, as a change sees it.

        Raises:
            UnknownThing: there is none.
        """
        values = tx.get(rows.PENDING_ROWS, (pending_id,))
        if values is None:
            raise UnknownThing(Code.PENDING_UNKNOWN, "pending")
        return rows.pending_of(pending_id, values)

    def pending_actions(
        self,
        principal: Principal,
        connection: rows.Snapshot,
        *,
        now: datetime,
        state: PendingState | None = None,
        kind: PendingKind | None = None,
        before: int | None = None,
        limit: int,
    ) -> list[PendingAction]:
        """What waits where the caller reaches, the newest first; staff and clients see what they proposed.

        Raises:
            Denied.
        """
        caller = self.require(principal, Action.PENDING_READ, Resource("pending")).principal
        return rows.list_pending(
            connection,
            stores=caller.stores,
            proposer=caller.person if caller.role in OWN_ALONE else None,
            now=now,
            state=state,
            kind=kind,
            before=before,
            limit=limit,
        )

    # ----------------------------------------------------------------------------------- the steps

    def _open(self, tx: Transaction, pending_id: str, kind: PendingKind | None) -> PendingAction:
        pending = self.pending_in(tx, pending_id)
        if kind is not None and pending.kind is not kind:
            raise UnknownThing(Code.PENDING_UNKNOWN, "pending")
        state = pending.state_at(tx.now)
        if state is PendingState.EXPIRED:
            raise PolicyConflict(Code.PENDING_EXPIRED)
        if state is not PendingState.OPEN:
            raise PolicyConflict(Code.PENDING_SETTLED, values={"state": PENDING_STATES[state]})
        return pending

    def _settle(
        self, decision: Decision, pending_id: str, event_type: str, state: PendingState, event_id: UUID, reason: str
    ) -> Change[PendingAction]:
        if len(reason) > REASON_CHARS_MAX:
            raise InvalidValue(Code.REASON_FORM, "reason", {"most": REASON_CHARS_MAX})
        person = decision.principal.person
        sealed = self._log.personal(person, "reason", reason) if reason else None
        request = self._log.request_digest({"pending": pending_id, "state": state.value})

        def run(tx: Transaction) -> PendingAction:
            current = self._confirm(tx, decision)
            tx.refuse_known(current.principal.id, event_id, request)
            waiting = self._open(tx, pending_id, None)
            follower = self._followers.get(waiting.kind)
            if follower is not None:
                # Before this change's own entry, which is the last one and the one its receipt is for.
                follower(tx, current, waiting, event_id)
            settled = replace(waiting, state=state, entry_index=tx.size)
            data: dict[str, JSON] = {"pending": pending_id, "kind": settled.kind.value}
            self._append(tx, current, event_type, settled, data, event_id, sealed, request=request)
            return settled

        return Change(run, reads=self.reads, event_ids=((decision.principal.id, event_id),))

    def _append(
        self,
        tx: Transaction,
        decision: Decision,
        event_type: str,
        pending: PendingAction,
        data: dict[str, JSON],
        event_id: UUID,
        reason: PersonalField | None = None,
        subject: Subject | None = None,
        *,
        request: bytes | None = None,
    ) -> None:
        event = Event(
            type=event_type,
            subjects=(Subject("pending", pending.id), *(() if subject is None else (subject,))),
            data=data,
            actor=decision.principal.actor,
            event_id=event_id,
            personal={} if reason is None else {reason.field: reason.digest},
            request=self._log.request_digest(data) if request is None else request,
            decision=self.confirm(tx, decision),
        )
        entry = tx.append(event, () if reason is None else (reason,))
        tx.put(entry, rows.PENDING_ROWS, (pending.id,), rows.pending_values(pending))


def resource_of(pending: PendingAction) -> Resource:
    """What waits, as decisions know it."""
    stores = frozenset(() if pending.store is None else (pending.store,))
    return Resource("pending", pending.id, stores, whole_log=pending.store is None)
