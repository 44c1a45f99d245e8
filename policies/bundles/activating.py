"""From approved to active, and back out of trouble.

- A bundle that is due becomes the active one by the clock: whichever process comes first makes the change, under the log's lock. From that
  entry on every decision rests on it, in every process, as with any other entry that moves the policy version.
- What was approved was compared with the bundle that was active then. When another becomes active, whatever waits, is approved or is
  scheduled goes back to validated, and is simulated anew.
- A bundle whose bytes were spoilt denies everything. Whoever has the bytes puts them back on the box itself: their digest is in the log, so
  no one has to be trusted for that, and nobody could be asked.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from audit.entry import derived_event_id
from audit.event import format_time, time_us
from policies.bundles import store as rows
from policies.bundles.acting import BundleActions
from policies.bundles.manifest import digest_of
from policies.bundles.model import (
    BUNDLE_ACTIVATED,
    BUNDLE_RESTORED,
    BUNDLE_RETIRED,
    BUNDLE_SCHEDULED,
    BUNDLE_SET_BACK,
    SCHEDULE_MAX,
    BundleRecord,
    BundleState,
)
from policies.bundles.steps import Course, active_in, content_in, manifest_in, record_in, require_state
from policies.codes import Code
from policies.errors import InvalidValue, PolicyConflict, PolicyError
from policies.model import Action
from policies.pending.model import PendingState
from policies.pending.store import PENDING_ROWS, pending_values
from policies.refusals import Refusal
from storage.either import select_in
from storage.errors import EmptyChange
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from datetime import datetime

    from audit.canonical import JSON
    from policies.model import Decision, Principal
    from policies.pending.model import PendingAction
    from storage.transaction import Transaction

_NAMESPACE: Final = UUID("5b0d6b0e-61b5-5c4f-8f2b-9a3f0c7d2e41")
SETTLED: Final = Code.PENDING_SETTLED.value
_WAITING: Final = frozenset({BundleState.PROPOSED, BundleState.APPROVED, BundleState.SCHEDULED})

_log = logging.getLogger("chopbook.policies")


class Bundles(BundleActions):
    """The whole life of bundles."""

    def schedule_bundle(
        self, principal: Principal, digest: str, at: datetime | None = None, *, event_id: UUID
    ) -> Change[BundleRecord]:
        """Sets when an approved bundle becomes the active one; without a time, it does so in this change.

        Raises:
            Denied, InvalidValue. The change: UnknownThing, PolicyConflict if it is not approved, another one became active
                since, or its parts cannot be adopted any more; Denied.
        """
        if at is not None and not self._clock() < at <= self._clock() + SCHEDULE_MAX:
            raise InvalidValue(Code.BUNDLE_DATE, "at", {"most": SCHEDULE_MAX.days})

        def run(course: Course, _current: Decision) -> BundleRecord:
            record = record_in(course.tx, digest)
            require_state(record, BundleState.APPROVED)
            self._require_base(course, record)
            due = course.tx.now if at is None else at
            scheduled = course.step(record, BundleState.SCHEDULED, BUNDLE_SCHEDULED, {"at": format_time(time_us(due))})
            return self._activate(course, scheduled) if at is None else scheduled

        said: dict[str, JSON] = {"step": "schedule"}
        if at is not None:
            said["at"] = format_time(time_us(at))
        return self._stepping(principal, Action.BUNDLE_APPROVE, digest, event_id, said, run)

    def activate_due(self, now: datetime) -> BundleRecord | None:
        """Makes the bundle active whose time has come, if there is one; for a timer of every process.

        One that cannot become active any more is set back, and the entry says why.

        Raises:
            StorageError: not now; it is tried again.
        """
        with self._database.read() as connection:
            scheduled = [record_in(connection, digest) for digest in rows.read_scheduled(connection)]
        due = [record for record in scheduled if record.due_at is not None and record.due_at <= now]
        if not due:
            return None
        record = min(due, key=lambda one: (str(one.due_at), one.digest))
        try:
            return self._come_due(record, None)
        except (PolicyError, Refusal) as refusal:
            code = str(refusal.code)
        _log.critical("a scheduled policy bundle cannot become active", extra={"bundle": record.digest, "code": code})
        return self._come_due(record, code)

    def restore_bundle(self, content: bytes) -> Change[BundleRecord]:
        """Puts the bytes of a bundle back where they were spoilt; for the box itself, since what decides may deny everyone.

        The change raises UnknownThing if there is no bundle with their digest, PolicyConflict if what is kept is sound.
        """
        digest = digest_of(content)
        request = self._log.request_digest({"restore": digest})
        event_id = UUID(bytes=self._entropy(16), version=4)

        def run(tx: Transaction) -> BundleRecord:
            record = record_in(tx, digest)
            if digest_of(content_in(tx, digest)) == digest:
                raise PolicyConflict(Code.BUNDLE_READABLE)
            course = Course(tx, SYSTEM, event_id, request, None)
            restored = course.step(record, record.state, BUNDLE_RESTORED, {})
            entry = tx.appended[-1]
            tx.put(entry, rows.BUNDLE_ROWS, (digest,), (content, record.drafted_by))
            self._move(tx, entry)
            return restored

        return Change(run, event_ids=((SYSTEM.id, event_id),))

    # ----------------------------------------------------------------------------------- helpers

    def _come_due(self, seen: BundleRecord, refused: str | None) -> BundleRecord | None:
        try:
            return self._log.commit(self._coming_due(seen, refused)).result
        except EmptyChange:
            # Another process was first.
            return None

    def _coming_due(self, seen: BundleRecord, refused: str | None) -> Change[BundleRecord]:
        """The change by which the clock makes it active, or sets it back; empty if it has moved meanwhile."""
        number = len(seen.steps)
        event_id = uuid5(_NAMESPACE, f"{seen.digest}/{number}/{refused or ''}")
        request = self._log.request_digest({"bundle": seen.digest, "step": number, "refused": refused or ""})

        def run(tx: Transaction) -> BundleRecord:
            record = record_in(tx, seen.digest)
            if len(record.steps) != number:
                return record
            course = Course(tx, SYSTEM, event_id, request, None)
            if refused is not None:
                return course.step(record, BundleState.VALIDATED, BUNDLE_SET_BACK, {"code": refused})
            self._require_base(course, record)
            return self._activate(course, record)

        return Change(run, event_ids=((SYSTEM.id, event_id),))

    def _set_back(self, course: Course, record: BundleRecord) -> None:
        """What another bundle overtook is simulated anew; if it waits for somebody, that ends with it."""
        data: dict[str, JSON] = {"code": Code.BUNDLE_BASE_MOVED.value}
        waiting = None
        if record.state is BundleState.PROPOSED:
            waiting = self.pending_in(course.tx, str(record.steps[-1].detail["pending"]))
            data["pending"] = waiting.id
        course.step(record, BundleState.VALIDATED, BUNDLE_SET_BACK, data)
        if waiting is not None and waiting.state is PendingState.OPEN:
            entry = course.tx.appended[-1]
            ended = replace(waiting, state=PendingState.WITHDRAWN, entry_index=entry.index)
            course.tx.put(entry, PENDING_ROWS, (waiting.id,), pending_values(ended))

    def _bundle_settled(self, tx: Transaction, decision: Decision, pending: PendingAction, event_id: UUID) -> None:
        """What waited was declined or taken back: the bundle stands where it stood before it was proposed."""
        record = record_in(tx, pending.subject.partition(":")[2])
        if record.state is not BundleState.PROPOSED or record.steps[-1].detail["pending"] != pending.id:
            return
        request = self._log.request_digest({"settled": pending.id})
        own = derived_event_id(event_id, 1)
        course = Course(tx, decision.principal.actor, own, request, self.basis(decision))
        course.step(record, BundleState.SIMULATED, BUNDLE_SET_BACK, {"code": SETTLED, "pending": pending.id})

    def _activate(self, course: Course, record: BundleRecord) -> BundleRecord:
        tx = course.tx
        after, before = self._sound(tx, record.digest), record_in(tx, active_in(tx))
        others = [
            one
            for one in rows.read_bundles(partial(select_in, tx))
            if one.state in _WAITING and one.digest != record.digest
        ]
        was, comes = manifest_in(tx, before.digest), manifest_in(tx, record.digest)
        activated = course.step(record, BundleState.ACTIVE, BUNDLE_ACTIVATED, {"before": before.digest})
        course.step(before, BundleState.RETIRED, BUNDLE_RETIRED, {"after": after.digest})
        if rows.read_content(partial(select_in, tx), before.digest) is None:
            # The shipped one: what decided until now is kept, whatever a later Chopbook ships.
            tx.put(tx.appended[-1], rows.BUNDLE_ROWS, (before.digest,), (was.content, before.drafted_by))
        for one in others:
            self._set_back(course, one)
        for part in self._parts:
            part.adopt(tx, was.parts[part.member], comes.parts[part.member], course.append)
        self._move(tx, tx.appended[-1])
        return activated
