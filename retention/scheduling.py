"""Schedules, the classes they speak of, and what starts their clocks: changes.

- A version of a rule is never altered. A changed rule is the next version; the number is checked under the lock, so two people
  cannot both make it.
- A rule is proposed by one person and added when another approves it. One that is activated by a policy bundle is added in the bundle's own
  change (`adopt_schedules`): there the second person has approved it.
- What somebody recorded of a trigger can be recorded anew or withdrawn; the entries keep what was said before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar, cast

from audit.entry import derived_event_id
from audit.event import Subject
from policies.codes import Code as PolicyCode
from policies.errors import UnknownThing
from policies.model import Action
from policies.pending.model import PendingKind
from retention import store as rows
from retention.errors import Code, RetentionConflict
from retention.judging import Judging
from retention.model import Schedule
from retention.records import (
    CLASS_MAPPED,
    FACT_RECORDED,
    SCHEDULE_ADDED,
    SUBJECT_CLASS,
    SUBJECT_RETENTION,
    SUBJECT_SCHEDULE,
    TRIGGER_RECORDED,
    YEAR_END_SET,
    RecordKind,
)
from retention.row_values import schedule_json, schedule_of
from retention.seed import SEEDED, SEEDED_CLASSES
from retention.writing import event_ids_of
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from policies.model import Principal
    from policies.pending.model import PendingAction
    from retention.requests import FactRequest, MappingRequest, ScheduleRequest, TriggerRequest, YearEndRequest
    from storage.rows import KeyedRows, Row
    from storage.transaction import Transaction


_R = TypeVar("_R", bound="MappingRequest | YearEndRequest | TriggerRequest | FactRequest")


class Scheduling(Judging):
    """Rules and clocks."""

    def propose_schedule(self, principal: Principal, request: ScheduleRequest) -> Change[PendingAction]:
        """Proposes the next version of a rule, or a new one; it decides nothing before another person approves.

        Raises:
            Denied.
            The change: RetentionConflict if it is not the next version; Denied.
        """
        schedule = request.schedule
        content = schedule_json(schedule)
        asked = self._ask(principal, Action.RETENTION_WRITE, request.event_id, {"schedule": content})

        def run(tx: Transaction) -> PendingAction:
            self._begin(tx, asked)
            _require_next(tx, schedule)
            return self._means.policies.propose(
                tx,
                asked.decision,
                PendingKind.RETENTION_RULE,
                subject=_schedule_subject(schedule),
                content=content,
                event_id=request.event_id,
                request=asked.digest,
            )

        return Change(run, event_ids=event_ids_of(asked))

    def approve_schedule(self, principal: Principal, code: str, pending_id: str, *, event_id: UUID) -> Change[Schedule]:
        """Approves what another person proposed for a rule; from then on it is a version of it.

        Raises:
            Denied.
            The change: UnknownThing, PolicyConflict of what waits; RetentionConflict if it is not the next version any more; Denied,
                also for whoever proposed it.
        """
        said: dict[str, JSON] = {"code": code, "pending": pending_id}
        asked = self._ask(principal, Action.RETENTION_WRITE, event_id, said)

        def run(tx: Transaction) -> Schedule:
            self._begin(tx, asked)
            pending = self._means.policies.approve(
                tx, asked.decision, pending_id, PendingKind.RETENTION_RULE, event_id=derived_event_id(event_id, 1)
            )
            content = cast("dict[str, JSON]", pending.content)
            schedule = schedule_of(content)
            if schedule.code != code:
                raise UnknownThing(PolicyCode.PENDING_UNKNOWN, "pending")
            _require_next(tx, schedule)
            data = {**content, "pending": pending_id}
            entry = self._append(tx, asked, SCHEDULE_ADDED, (_schedule_subject(schedule),), data)
            _put_schedule(tx, entry, schedule)
            return schedule

        return Change(run, event_ids=event_ids_of(asked))

    def seed(self, principal: Principal, *, event_id: UUID) -> Change[int]:
        """The rules and classes a new Chopbook starts with, as far as they are not there; returns how many rules were added.

        Raises:
            Denied.
            The change: RetentionConflict if all are there; Denied.
        """
        asked = self._ask(principal, Action.RETENTION_WRITE, event_id, {"seed": "standard"})

        def run(tx: Transaction) -> int:
            self._begin(tx, asked)
            missing = [one for one in SEEDED if tx.get(rows.SCHEDULES, (one.code, one.version)) is None]
            unmapped = [key for key in SEEDED_CLASSES if tx.get(rows.CLASSES, (key[0].value, key[1])) is None]
            if not missing and not unmapped:
                raise RetentionConflict(Code.SCHEDULES_THERE)
            place = 0
            for schedule in missing:
                subjects = (_schedule_subject(schedule),)
                own = derived_event_id(event_id, place)
                entry = self._append(tx, asked, SCHEDULE_ADDED, subjects, schedule_json(schedule), event_id=own)
                _put_schedule(tx, entry, schedule)
                place += 1
            for kind, code in unmapped:
                mapped = SEEDED_CLASSES[kind, code]
                data = _mapping(kind, code, mapped)
                own = derived_event_id(event_id, place)
                entry = self._append(tx, asked, CLASS_MAPPED, (_class_subject(kind, code),), data, event_id=own)
                tx.put(entry, rows.CLASSES, (kind.value, code), (mapped,))
                place += 1
            return len(missing)

        return Change(run, event_ids=event_ids_of(asked))

    def is_seeded(self, connection: rows.Snapshot) -> bool:
        """Whether every rule and class to start with is there."""
        there = {schedule.id for schedule, _ in rows.read_schedules(connection)}
        classes = rows.read_classes(connection)
        return all(one.id in there for one in SEEDED) and all(
            (kind.value, code) in classes for kind, code in SEEDED_CLASSES
        )

    def map_class(self, principal: Principal, request: MappingRequest) -> Change[MappingRequest]:
        """Says under which record class a room's class is kept.

        Raises:
            Denied.
            The change: RetentionConflict if it is so already; Denied.
        """
        data = _mapping(request.kind, request.code, request.record_class)
        subjects = (_class_subject(request.kind, request.code),)
        key = (request.kind.value, request.code)
        return self._recording(
            principal, request, CLASS_MAPPED, subjects, data, rows.CLASSES, key, (request.record_class,)
        )

    def set_year_end(self, principal: Principal, request: YearEndRequest) -> Change[YearEndRequest]:
        """Says how the organisation's financial years end from a day on.

        Raises:
            Denied.
            The change: RetentionConflict if it is so already; Denied.
        """
        key = (request.valid_from.isoformat(),)
        data: dict[str, JSON] = {"month_day": request.month_day, "valid_from": key[0]}
        subjects = (Subject(SUBJECT_RETENTION, "year_end"),)
        return self._recording(
            principal, request, YEAR_END_SET, subjects, data, rows.YEAR_ENDS, key, (request.month_day,)
        )

    def record_trigger(self, principal: Principal, request: TriggerRequest) -> Change[TriggerRequest]:
        """Records what started a clock, or that it has not happened yet, or that what was recorded was wrong.

        Raises:
            Denied.
            The change: RetentionConflict if it is so already; Denied.
        """
        happened_on = None if request.happened_on is None else request.happened_on.isoformat()
        data: dict[str, JSON] = {
            "state": request.state.value,
            "subject": request.subject,
            "trigger": request.trigger.value,
        }
        if happened_on is not None:
            data["happened_on"] = happened_on
        key = (request.subject, request.trigger.value)
        values = (request.state.value, happened_on)
        subjects = (_subject_of(request.subject),)
        return self._recording(principal, request, TRIGGER_RECORDED, subjects, data, rows.TRIGGERS, key, values)

    def record_fact(self, principal: Principal, request: FactRequest) -> Change[FactRequest]:
        """Records whether a fact that rules ask for is true of a record, or of what records share.

        Raises:
            Denied.
            The change: RetentionConflict if it is so already; Denied.
        """
        data: dict[str, JSON] = {"fact": request.fact, "stands": request.stands, "subject": request.subject}
        key = (request.subject, request.fact)
        subjects = (_subject_of(request.subject),)
        return self._recording(principal, request, FACT_RECORDED, subjects, data, rows.FACTS, key, (request.stands,))

    def _recording(
        self,
        principal: Principal,
        request: _R,
        kind: str,
        subjects: tuple[Subject, ...],
        data: dict[str, JSON],
        table: KeyedRows,
        key: Row,
        values: Row,
    ) -> Change[_R]:
        """A change that sets one row, unless it stands so already."""
        asked = self._ask(principal, Action.RETENTION_WRITE, request.event_id, {"type": kind, **data})

        def run(tx: Transaction) -> _R:
            self._begin(tx, asked)
            if tx.get(table, key) == values:
                raise RetentionConflict(Code.RETENTION_UNCHANGED)
            entry = self._append(tx, asked, kind, subjects, data)
            tx.put(entry, table, key, values)
            return request

        return Change(run, reads=((table, key),), event_ids=event_ids_of(asked))


def adopt_schedules(
    tx: Transaction, schedules: Iterable[Schedule], append: Callable[[str, Subject, dict[str, JSON]], Entry]
) -> None:
    """Adds what a bundle brings that is not here yet, inside the change that activates it.

    `append` appends an entry (type, subject, data) of that change. A version that is here stays as it is.

    Raises:
        RetentionConflict: a version is here with another content, or is not the next one of its rule.
    """
    for schedule in sorted(schedules, key=lambda one: (one.code, one.version)):
        content = schedule_json(schedule)
        known = tx.get(rows.SCHEDULES, (schedule.code, schedule.version))
        if known is not None and json.loads(known[0]) == content:
            continue
        _require_next(tx, schedule)
        _put_schedule(tx, append(SCHEDULE_ADDED, _schedule_subject(schedule), content), schedule)


def _require_next(tx: Transaction, schedule: Schedule) -> None:
    expected = 1
    while tx.get(rows.SCHEDULES, (schedule.code, expected)) is not None:
        expected += 1
    if schedule.version != expected:
        values: dict[str, str | int] = {"schedule": schedule.code, "expected": expected}
        raise RetentionConflict(Code.SCHEDULE_VERSION_TAKEN, ("version",), values)


def _put_schedule(tx: Transaction, entry: Entry, schedule: Schedule) -> None:
    content = json.dumps(schedule_json(schedule), sort_keys=True, ensure_ascii=False)
    tx.put(entry, rows.SCHEDULES, (schedule.code, schedule.version), (content,))


def _schedule_subject(schedule: Schedule) -> Subject:
    return Subject(SUBJECT_SCHEDULE, schedule.code)


def _class_subject(kind: RecordKind, code: str) -> Subject:
    return Subject(SUBJECT_CLASS, f"{kind.value}/{code}")


def _subject_of(key: str) -> Subject:
    kind, _, found = key.partition(":")
    return Subject(kind, found)


def _mapping(kind: RecordKind, code: str, record_class: str) -> dict[str, JSON]:
    return {"class": code, "kind": kind.value, "record_class": record_class}
