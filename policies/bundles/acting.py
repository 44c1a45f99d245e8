"""From a draft to what another person has approved; each step is a change, and an entry.

    log.commit(policies.draft_bundle(admin, manifest, event_id=…))
    log.commit(policies.validate_bundle(admin, digest, event_id=…))
    log.commit(policies.simulate_bundle(admin, digest, days=30, queue=queue, event_id=…))       # a job
    log.commit(policies.propose_bundle(admin, digest, event_id=…))
    log.commit(policies.approve_bundle(officer, digest, pending_id, acknowledgement, event_id=…))

What was simulated is what is approved: a bundle is compared with the one that is active, and if another becomes active meanwhile, it
is simulated again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from audit.entry import derived_event_id
from audit.event import Subject
from policies.bundles import store as rows
from policies.bundles.checking import faults_of
from policies.bundles.manifest import BundleInvalid
from policies.bundles.model import (
    BUNDLE_APPROVED,
    BUNDLE_DRAFTED,
    BUNDLE_PROPOSED,
    BUNDLE_STATES,
    BUNDLE_VALIDATED,
    STATEMENT_CHARS_MAX,
    SUBJECT_BUNDLE,
    Acknowledgement,
    BundleRecord,
    BundleState,
)
from policies.bundles.simulations import Simulations
from policies.bundles.steps import (
    PENDING_PLACE,
    Course,
    active_in,
    bundle_at,
    content_in,
    manifest_in,
    record_in,
    refused_member,
    require_state,
)
from policies.codes import Code
from policies.errors import Denied, InvalidValue, PolicyConflict, UnknownThing
from policies.model import Action, PrincipalKind
from policies.pending.model import PendingKind, PendingState
from policies.residency.writes import day_of
from storage.either import select_in

if TYPE_CHECKING:
    from uuid import UUID

    from audit.canonical import JSON
    from policies.bundles.manifest import Manifest
    from policies.model import Decision, Principal
    from policies.pending.model import PendingAction
    from storage.transaction import Change


class BundleActions(Simulations):
    """Drafting, checking, proposing and approving, around the simulation."""

    # ------------------------------------------------------------------------------------- reads

    def bundles(self, principal: Principal) -> list[BundleRecord]:
        """Every bundle, the one that moved last first.

        Raises:
            Denied.
        """
        self.require(principal, Action.BUNDLE_READ, bundle_at())
        with self._database.read() as connection:
            return rows.read_bundles(partial(select_in, connection))

    def bundle(self, principal: Principal, digest: str) -> tuple[BundleRecord, bytes]:
        """One bundle with its bytes, as they are kept; empty if they are gone.

        Raises:
            Denied, UnknownThing.
        """
        self.require(principal, Action.BUNDLE_READ, bundle_at(digest))
        with self._database.read() as connection:
            return record_in(connection, digest), content_in(connection, digest)

    # ------------------------------------------------------------------------------------- steps

    def draft_bundle(self, principal: Principal, manifest: Manifest, *, event_id: UUID) -> Change[BundleRecord]:
        """Keeps a bundle under its digest. That its form is right has been seen; whether it can be used, validation says.

        Raises:
            Denied, InvalidValue. The change: PolicyConflict if it is there already, Denied.
        """
        try:
            content, digest = manifest.content, manifest.digest
        except BundleInvalid as error:
            raise refused_member(error) from error

        def run(course: Course, current: Decision) -> BundleRecord:
            if rows.read_bundle(partial(select_in, course.tx), digest) is not None:
                raise PolicyConflict(Code.BUNDLE_EXISTS)
            by = current.principal.person
            blank = BundleRecord(digest, manifest.title, by, (), BundleState.DRAFT)
            made = course.step(blank, BundleState.DRAFT, BUNDLE_DRAFTED, {"size": len(content)})
            course.tx.put(course.tx.appended[-1], rows.BUNDLE_ROWS, (digest,), (content, by))
            return made

        return self._stepping(principal, Action.BUNDLE_DRAFT, digest, event_id, {"step": "draft"}, run)

    def validate_bundle(self, principal: Principal, digest: str, *, event_id: UUID) -> Change[BundleRecord]:
        """Checks everything; without faults it is validated, with any it stays a draft that says what they are.

        Raises:
            Denied. The change: UnknownThing, PolicyConflict, Denied.
        """

        def run(course: Course, _current: Decision) -> BundleRecord:
            record = record_in(course.tx, digest)
            require_state(record, BundleState.DRAFT, BundleState.VALIDATED)
            manifest = manifest_in(course.tx, digest)
            found = faults_of(manifest, self._parts, course.tx, day_of(course.tx.now))
            state = BundleState.DRAFT if found else BundleState.VALIDATED
            data: dict[str, JSON] = {"faults": len(found), "codes": sorted({fault.code.value for fault in found})}
            detail = {**data, "found": [fault.json() for fault in found]}
            return course.step(record, state, BUNDLE_VALIDATED, data, detail=detail)

        return self._stepping(principal, Action.BUNDLE_DRAFT, digest, event_id, {"step": "validate"}, run)

    def propose_bundle(self, principal: Principal, digest: str, *, event_id: UUID) -> Change[PendingAction]:
        """Lets a simulated bundle wait for another person.

        Raises:
            Denied. The change: UnknownThing, PolicyConflict if it was not simulated, or against another active one; Denied.
        """

        def run(course: Course, current: Decision) -> PendingAction:
            record = record_in(course.tx, digest)
            self._require_proposable(course, record)
            return self._propose(course, current, record)

        return self._stepping(principal, Action.BUNDLE_DRAFT, digest, event_id, {"step": "propose"}, run)

    def approve_bundle(
        self,
        principal: Principal,
        digest: str,
        pending_id: str,
        acknowledgement: Acknowledgement | None = None,
        *,
        event_id: UUID,
    ) -> Change[BundleRecord]:
        """Approves, as a person, what others drafted and proposed; what it newly allows must be acknowledged by name.

        The entry holds who acknowledged how many; their words are kept as personal data.

        Raises:
            UnknownThing, InvalidValue; Denied if it is no person, but a client or the box itself.
            The change: PolicyConflict; Denied if they proposed or drafted it.
        """
        decision = self.require(principal, Action.BUNDLE_APPROVE, bundle_at(digest))
        if principal.kind is not PrincipalKind.PERSON:
            raise Denied(replace(decision, allowed=False, code=Code.APPROVER_NOT_A_PERSON))
        self._require_proposed(digest, pending_id)
        said = () if acknowledgement is None else (acknowledgement.statement,)
        if any(not 1 <= len(text) <= STATEMENT_CHARS_MAX for text in said):
            raise InvalidValue(Code.REASON_FORM, "statement", {"most": STATEMENT_CHARS_MAX})
        sealed = [self._log.personal(principal.person, "statement", text) for text in said]

        def run(course: Course, current: Decision) -> BundleRecord:
            record = record_in(course.tx, digest)
            require_state(record, BundleState.PROPOSED)
            if record.steps[-1].detail["pending"] != pending_id:
                raise PolicyConflict(Code.PENDING_CHANGED)
            if current.principal.person == record.drafted_by:
                raise Denied(replace(current, allowed=False, code=Code.OWN_APPROVAL))
            self._require_base(course, record)
            own = derived_event_id(event_id, PENDING_PLACE)
            self.approve(course.tx, current, pending_id, PendingKind.BUNDLE, event_id=own)
            allowed = newly_allowed(record)
            if allowed and (acknowledgement is None or acknowledgement.newly_allowed != allowed):
                raise PolicyConflict(Code.ACKNOWLEDGEMENT_NEEDED, values={"newly_allowed": allowed})
            data: dict[str, JSON] = {"pending": pending_id, "newly_allowed": allowed}
            if acknowledgement is not None:
                data["acknowledged_by"] = current.principal.person
            return course.step(record, BundleState.APPROVED, BUNDLE_APPROVED, data, personal=sealed)

        content: dict[str, JSON] = {"step": "approve", "pending": pending_id}
        return self._stepping(principal, Action.BUNDLE_APPROVE, digest, event_id, content, run)

    # ----------------------------------------------------------------------------------- helpers

    def _require_proposed(self, digest: str, pending_id: str) -> None:
        pending = self.pending_action(pending_id)
        if pending.kind is not PendingKind.BUNDLE or pending.subject != Subject(SUBJECT_BUNDLE, digest).key:
            raise UnknownThing(Code.PENDING_UNKNOWN, "pending")

    def _require_base(self, course: Course, record: BundleRecord) -> None:
        simulated = record.simulation
        if simulated is None or simulated.detail["base"] != active_in(course.tx):
            raise PolicyConflict(Code.BUNDLE_BASE_MOVED)

    def _require_proposable(self, course: Course, record: BundleRecord) -> None:
        if record.state is BundleState.PROPOSED:
            # What waited was declined, taken back, or its time is over: it may be proposed again.
            waiting = self.pending_in(course.tx, str(record.steps[-1].detail["pending"]))
            if waiting.state_at(course.tx.now) is PendingState.OPEN:
                raise PolicyConflict(Code.BUNDLE_STATE, values={"state": BUNDLE_STATES[record.state]})
        else:
            require_state(record, BundleState.SIMULATED)
        self._require_base(course, record)

    def _propose(self, course: Course, current: Decision, record: BundleRecord) -> PendingAction:
        simulated = record.simulation
        detail = {} if simulated is None else simulated.detail
        content: dict[str, JSON] = {
            "bundle": record.digest,
            "base": detail["base"],
            "newly_allowed": detail["newly_allowed"],
            "newly_denied": detail["newly_denied"],
            "disposable": detail["disposable"],
        }
        waits = self.propose(
            course.tx,
            current,
            PendingKind.BUNDLE,
            subject=Subject(SUBJECT_BUNDLE, record.digest),
            content=content,
            event_id=derived_event_id(course.event_id, PENDING_PLACE),
            steps=(Action.BUNDLE_APPROVE,),
        )
        course.step(record, BundleState.PROPOSED, BUNDLE_PROPOSED, {"pending": waits.id})
        return waits


def newly_allowed(record: BundleRecord) -> int:
    """How many things the bundle would newly allow, by its last simulation."""
    simulated = record.simulation
    return 0 if simulated is None else int(simulated.detail["newly_allowed"])
