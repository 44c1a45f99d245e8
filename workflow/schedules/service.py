"""The front door of schedules.

    schedules.keep(PLANS)                      # at the start of a process: what is new or was changed is set
    schedules.ask_for_due(clock())             # every few seconds, in every process

- A schedule's row, the entry that asks and its jobs are one change, judged under the log's lock: of several processes one asks, and a
  process that is killed has asked or has not.
- An entry's id follows from the schedule and the moment that was due, and so does a job's key: neither can be there twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from audit.event import Event, Subject, format_time, time_us
from storage.errors import EmptyChange
from storage.opening import SYSTEM
from storage.transaction import Change
from workflow.errors import ScheduleNotFound, ScheduleUnchanged
from workflow.schedules import rules
from workflow.schedules import store as rows
from workflow.schedules.model import (
    KINDS_MAX,
    SCHEDULE_PAUSED,
    SCHEDULE_REQUESTED,
    SCHEDULE_RESUMED,
    SCHEDULE_SET,
    SUBJECT_SCHEDULE,
    Daily,
    Plan,
    Schedule,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Actor, Decided
    from storage import Log
    from storage.database import Database
    from storage.transaction import Transaction
    from workflow.service import Queue

_NAMESPACE: Final = UUID("2a0d6b0b-7c1e-5b7c-9d0a-58a1d7d2c5e4")
"""Of the ids of the system's own entries about schedules."""


class Schedules:
    """Recurring jobs of one log; safe to share between threads and processes."""

    def __init__(self, database: Database, log: Log, queue: Queue) -> None:
        self._database: Final = database
        self._log: Final = log
        self._queue: Final = queue

    # ------------------------------------------------------------------------------ reading

    def all(self) -> tuple[Schedule, ...]:
        """Every schedule, by code."""
        with self._database.read() as connection:
            return rows.read_schedules(connection)

    def one(self, code: str) -> Schedule:
        """One schedule.

        Raises:
            ScheduleNotFound: there is none.
        """
        found = next((schedule for schedule in self.all() if schedule.plan.code == code), None)
        if found is None:
            raise ScheduleNotFound(code)
        return found

    # ------------------------------------------------------------------------------ keeping

    def keep(self, plans: Iterable[Plan]) -> int:
        """Sets what is missing or otherwise than planned; returns how many that were. Pauses and last times stay."""
        known = {schedule.plan.code: schedule for schedule in self.all()}
        changed = [plan for plan in plans if plan.code not in known or known[plan.code].plan != plan]
        return sum(self._commit(self._setting(plan)) for plan in changed)

    def ask_for_due(self, now: datetime) -> int:
        """Asks for what is due; returns how many schedules this process asked for."""
        asked = 0
        for schedule in self.all():
            due = rules.is_asked_for(schedule, now)
            if due is not None:
                asked += self._commit(self._asking(schedule.plan.code, due))
        return asked

    # ------------------------------------------------------------------------------ people

    def pause(self, code: str, *, actor: Actor, event_id: UUID, decision: Decided | None = None) -> Change[Schedule]:
        """A change that lets a schedule ask for nothing.

        The change raises ScheduleNotFound, or ScheduleUnchanged if it is paused.
        """
        return self._turned(code, SCHEDULE_PAUSED, actor, event_id, decision)

    def resume(self, code: str, *, actor: Actor, event_id: UUID, decision: Decided | None = None) -> Change[Schedule]:
        """A change that lets a schedule go on with its next time.

        The change raises ScheduleNotFound, or ScheduleUnchanged if it is not paused.
        """
        return self._turned(code, SCHEDULE_RESUMED, actor, event_id, decision)

    # ------------------------------------------------------------------------------ the changes

    def _setting(self, plan: Plan) -> Change[bool]:
        if not 1 <= len(plan.kinds) <= KINDS_MAX:
            msg = f"kinds: expected 1 to {KINDS_MAX}, got {len(plan.kinds)}"
            raise ValueError(msg)

        def run(tx: Transaction) -> bool:
            found = rows.schedule_in(tx, plan.code)
            if found is not None and found.plan == plan:
                return False
            # Named by its place in the log: a plan that comes back later is another event.
            event = _event(SCHEDULE_SET, plan.code, _told(plan), uuid5(_NAMESPACE, f"{plan.code} set {tx.size}"))
            entry = tx.append(event)
            kept = Schedule(plan, False, None, None, -1) if found is None else replace(found, plan=plan)
            _put(tx, entry, kept)
            return True

        return Change(run)

    def _asking(self, code: str, due: datetime) -> Change[bool]:
        moment = format_time(time_us(due))
        event_id = uuid5(_NAMESPACE, f"{code} due {moment}")

        def run(tx: Transaction) -> bool:
            found = rows.schedule_in(tx, code)
            if found is None or found.paused or (found.last_due is not None and found.last_due >= due):
                # Another process was first, or somebody paused it.
                return False
            kinds: list[JSON] = [*found.plan.kinds]
            data: dict[str, JSON] = {"schedule": code, "due": moment, "jobs": kinds}
            entry = tx.append(_event(SCHEDULE_REQUESTED, code, data, event_id))
            for kind in found.plan.kinds:
                payload: dict[str, JSON] = {"schedule": code, "due": moment}
                self._queue.enqueue(tx, entry, kind, payload, unique_key=f"{code} {moment}")
            _put(tx, entry, replace(found, last_due=due, last_entry=entry.index))
            return True

        return Change(run, event_ids=((SYSTEM.id, event_id),))

    def _turned(self, code: str, kind: str, actor: Actor, event_id: UUID, decision: Decided | None) -> Change[Schedule]:
        pauses = kind == SCHEDULE_PAUSED

        def run(tx: Transaction) -> Schedule:
            event = Event(
                type=kind,
                subjects=(Subject(SUBJECT_SCHEDULE, code),),
                data={"schedule": code},
                actor=actor,
                event_id=event_id,
                decision=decision,
            )
            # The append comes first, so that a repeated call is a replay and not "paused already".
            entry = tx.append(event)
            found = rows.schedule_in(tx, code)
            if found is None:
                raise ScheduleNotFound(code)
            if found.paused is pauses:
                raise ScheduleUnchanged(code, paused=pauses)
            missed = found.last_due if pauses else rules.due_before(found.plan.rhythm, tx.now)
            return _put(tx, entry, replace(found, paused=pauses, last_due=missed))

        return Change(run, event_ids=((actor.id, event_id),))

    def _commit(self, change: Change[bool]) -> bool:
        try:
            return self._log.commit(change).result or False
        except EmptyChange:
            return False


def _event(kind: str, code: str, data: dict[str, JSON], event_id: UUID) -> Event:
    return Event(type=kind, subjects=(Subject(SUBJECT_SCHEDULE, code),), data=data, actor=SYSTEM, event_id=event_id)


def _told(plan: Plan) -> dict[str, JSON]:
    kinds: list[JSON] = [*plan.kinds]
    told: dict[str, JSON] = {"schedule": plan.code, "jobs": kinds}
    if isinstance(plan.rhythm, Daily):
        return {**told, "at": plan.rhythm.at.strftime("%H:%M")}
    return {**told, "every_s": int(plan.rhythm.interval.total_seconds())}


def _put(tx: Transaction, entry: Entry, schedule: Schedule) -> Schedule:
    tx.put(entry, rows.SCHEDULES, (schedule.plan.code,), rows.schedule_row(schedule))
    return replace(schedule, entry_index=entry.index)
