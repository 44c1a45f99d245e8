"""How hard the locks of a class are: GOVERNANCE, or COMPLIANCE once two persons said so.

    modes.preview_mode(principal, "invoice")                            # until when it could not be undone
    log.commit(modes.propose_mode(principal, "invoice", request))
    log.commit(modes.approve_mode(other, "invoice", pending, request))  # the job that locks is asked for

- A lock in COMPLIANCE is lifted by nobody, whatever it turns out to be wrong about, so two persons decide on it, and the second names the
  day until which it cannot be undone, as they saw it: if that day moved further away meanwhile, they look again.
- It is never longer than the latest minimum by law. A class that no law keeps has no such lock, nor has a record whose clock is said to
  start so late that the day is more than `COMPLIANCE_DAYS_MAX` away: a typing error would stand for a lifetime.
- A class may go back to GOVERNANCE by the same two steps; what is locked by then stays locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from audit.event import Event, Subject
from policies.model import Action, Resource
from policies.pending.model import PendingKind
from retention import store as retention_rows
from retention.errors import Code, RetentionConflict
from retention.locks import store as rows
from retention.locks.model import COMPLIANCE_DAYS_MAX, MODE_KIND, MODE_SET, SUBJECT_LOCK_MODE, ClassMode, ModePreview
from retention.model import Rank
from retention.records import RecordKind, RecordState
from retention.rules import hong_kong_day, in_force
from storage.objects.model import LockMode
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audit.canonical import JSON
    from policies.model import Principal
    from policies.pending.model import PendingAction
    from policies.service import Policies
    from retention.disposal.ports import Judge
    from retention.records import Record, RecordSource
    from retention.requests import ModeApproval, ModeRequest
    from storage.database import Database
    from storage.either import Reader
    from storage.log import Log
    from storage.transaction import Transaction
    from workflow.service import Queue

PAGE: Final = 250


@dataclass(frozen=True, slots=True)
class ModeMeans:
    """What the modes of classes stand on."""

    database: Database
    log: Log
    policies: Policies
    queue: Queue
    judge: Judge
    records: RecordSource
    clock: Callable[[], datetime]


class Modes:
    """The lock modes of classes."""

    def __init__(self, means: ModeMeans) -> None:
        self._means: Final = means

    def modes(self, principal: Principal, connection: rows.Snapshot) -> list[ClassMode]:
        """The classes on which two persons decided, by code; every other one is locked in GOVERNANCE.

        Raises:
            Denied.
        """
        self._means.policies.require(principal, Action.RETENTION_READ, Resource("object_store"))
        return sorted(rows.read_modes(connection).values(), key=lambda one: one.class_code)

    def preview_mode(self, principal: Principal, class_code: str) -> ModePreview:
        """How a class is locked, and until when a lock in COMPLIANCE of what it holds today could not be undone.

        Raises:
            Denied.
        """
        self._means.policies.require(principal, Action.RETENTION_READ, Resource("object_store"))
        return self._preview(class_code)

    def propose_mode(self, principal: Principal, class_code: str, request: ModeRequest) -> Change[PendingAction]:
        """Proposes another mode for a class; nothing changes until another person approves.

        Raises:
            Denied.
            The change: RetentionConflict if the class has that mode, or no law keeps it; Denied.
        """
        means = self._means
        decision = means.policies.require(principal, Action.LOCK_COMPLIANCE, _resource(class_code))
        reason = means.log.personal(f"lock/{class_code}", "reason", request.reason)

        def run(tx: Transaction) -> PendingAction:
            self._require_change(tx, class_code, request.mode)
            return means.policies.propose(
                tx,
                decision,
                PendingKind.LOCK_COMPLIANCE,
                subject=_about(class_code),
                content=_content(class_code, request.mode),
                event_id=request.event_id,
                reason=reason,
            )

        return Change(run, event_ids=((decision.principal.id, request.event_id),))

    def approve_mode(
        self, principal: Principal, class_code: str, pending_id: str, request: ModeApproval
    ) -> Change[ClassMode]:
        """Approves what another person proposed; `request.until` is the day the approver was shown.

        Raises:
            Denied.
            The change: UnknownThing, PolicyConflict of what waits; RetentionConflict if the class has that mode, no law keeps it, or
                the day is further away by now; Denied, also for whoever proposed it.
        """
        means = self._means
        decision = means.policies.require(principal, Action.LOCK_COMPLIANCE, _resource(class_code))
        # Judging a whole class takes longer than the log's lock may be held; what comes meanwhile is locked from its own day.
        shown = self._preview(class_code)
        until = None if request.mode is LockMode.GOVERNANCE else shown.until
        content: dict[str, JSON] = {"class": class_code, "mode": request.mode.value, "pending": pending_id}
        digest = means.log.request_digest({"action": decision.action.value, **content})
        data = {**content, "documents": shown.documents}
        if until is not None:
            data["until"] = until.isoformat()

        def run(tx: Transaction) -> ClassMode:
            tx.refuse_known(decision.principal.actor.id, request.event_id, digest)
            self._require_change(tx, class_code, request.mode)
            if until is not None and (request.until is None or until > request.until):
                raise RetentionConflict(Code.LOCK_MODE_LATER, ("until",), {"until": until.isoformat()})
            means.policies.approve(
                tx,
                decision,
                pending_id,
                PendingKind.LOCK_COMPLIANCE,
                event_id=derived_event_id(request.event_id, 1),
                content=_content(class_code, request.mode),
            )
            event = Event(
                type=MODE_SET,
                subjects=(_about(class_code),),
                data=data,
                actor=decision.principal.actor,
                event_id=request.event_id,
                request=digest,
                decision=means.policies.confirm(tx, decision),
            )
            entry = tx.append(event)
            made = ClassMode(class_code, request.mode, until, entry.index)
            tx.put(entry, rows.MODES, (class_code,), rows.mode_row(made))
            means.queue.enqueue(tx, entry, MODE_KIND, {"class": class_code})
            return made

        return Change(run, event_ids=((decision.principal.actor.id, request.event_id),))

    # ------------------------------------------------------------------------------------------- steps

    def _preview(self, class_code: str) -> ModePreview:
        today = hong_kong_day(self._means.clock())
        latest = today + timedelta(days=COMPLIANCE_DAYS_MAX)
        days: list[date] = []
        documents = 0
        after = ""
        with self._means.database.read() as connection:
            mode = rows.read_modes(connection).get(class_code)
            while True:
                records = self._means.records.walk(connection, RecordKind.DOCUMENT, after=after, limit=PAGE)
                for day in self._lock_days(connection, records, class_code, today):
                    documents += 1
                    if day is not None and day <= latest:
                        days.append(day)
                if len(records) < PAGE:
                    break
                after = records[-1].id
        stands = LockMode.GOVERNANCE if mode is None else mode.mode
        return ModePreview(class_code, stands, documents, max(days, default=None))

    def _lock_days(
        self, connection: rows.Snapshot, records: Sequence[Record], class_code: str, today: date
    ) -> list[date | None]:
        described = self._means.records.describe(connection, records)
        wanted = [
            record
            for record, one in described.items()
            if one.class_code == class_code and one.state is RecordState.KEPT
        ]
        judged = self._means.judge.judge_records(connection, wanted, today) if wanted else {}
        return [one.judgement.lock_until for one in judged.values()]

    def _require_change(self, tx: Transaction, class_code: str, mode: LockMode) -> None:
        row = tx.get(rows.MODES, (class_code,))
        if mode.value == (LockMode.GOVERNANCE.value if row is None else row[0]):
            raise RetentionConflict(Code.RETENTION_UNCHANGED)
        if mode is LockMode.COMPLIANCE and not _is_kept_by_law(tx, class_code, hong_kong_day(tx.now)):
            raise RetentionConflict(Code.LOCK_MODE_WITHOUT_LAW, ("class",), {"class": class_code})


def _is_kept_by_law(reader: Reader, class_code: str, on: date) -> bool:
    classes = retention_rows.read_classes(reader)
    record_class = classes.get((RecordKind.DOCUMENT.value, class_code), class_code)
    return any(
        record_class in schedule.record_classes and schedule.minimum is not None and schedule.authority.rank is Rank.LAW
        for schedule in in_force((one for one, _ in retention_rows.read_schedules(reader)), on)
    )


def _resource(class_code: str) -> Resource:
    return Resource("lock_mode", class_code)


def _about(class_code: str) -> Subject:
    return Subject(SUBJECT_LOCK_MODE, class_code)


def _content(class_code: str, mode: LockMode) -> dict[str, JSON]:
    """What is approved."""
    return {"class": class_code, "mode": mode.value}
