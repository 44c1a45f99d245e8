"""The day's look at open cases: who is in charge is reminded 20, 30 and 35 days after receipt, through notices.

A job asked for once a day. What was sent is a row of the reminder's entry, looked at again under the log's lock: the job may run
twice, be killed, or miss a day; nothing is sent twice, and what is late is sent late.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from audit.event import Event
from cases import store as rows
from cases.clock import answer_clock
from cases.correcting import Correcting
from cases.model import CASE_REMINDED, CaseFinding, FindingCode, Grade
from cases.rules import case_findings, hong_kong_day, reminder_due
from cases.writing import about, case_in
from storage import Change
from storage.errors import EmptyChange
from storage.opening import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from audit.canonical import JSON
    from documents.store import Snapshot
    from policies.model import Principal
    from storage import Transaction


class Reminding(Correcting):
    """Reminders and findings."""

    def remind(self, *, now: datetime, new_event_id: Callable[[], UUID]) -> dict[str, JSON]:
        """Sends the reminders that are due; returns how many."""
        today = hong_kong_day(now)
        with self._database.read() as connection:
            due = [case.id for case in rows.read_open(connection) if reminder_due(case, today) is not None]
        sent = 0
        for case in due:
            try:
                self._log.commit(self._reminder(case, today, new_event_id()))
            except EmptyChange:
                # Another worker sent it, or the case was answered meanwhile.
                continue
            sent += 1
        return {"day": today.isoformat(), "reminders": sent}

    def _reminder(self, case: str, today: date, event_id: UUID) -> Change[int]:
        def run(tx: Transaction) -> int:
            found = case_in(tx, case)
            days = reminder_due(found, today)
            if days is None:
                return 0
            clock = answer_clock(found.received_on, self._policies.calendar)
            data: dict[str, JSON] = {
                "case": case,
                "kind": found.kind.value,
                "days": days,
                "target": clock.target.isoformat(),
                "days_left": clock.days_left(today),
            }
            event = Event(type=CASE_REMINDED, subjects=(about(case),), data=data, actor=SYSTEM, event_id=event_id)
            rows.put_case(tx, tx.append(event), replace(found, reminded=days))
            return days

        return Change(run, event_ids=((SYSTEM.id, event_id),))

    def request_findings(self, principal: Principal, connection: Snapshot, today: date) -> list[CaseFinding]:
        """What an auditor would find in the requests on a day: late ones, and recipients who were not told.

        Raises:
            Denied.
        """
        self._require_reading(principal)
        calendar = self._policies.calendar
        found = [one for case in rows.read_open(connection) for one in case_findings(case, today, calendar)]
        for task in rows.read_tasks(connection):
            subject = f"{task.case}/{task.recipient}"
            found.append(CaseFinding(FindingCode.RECIPIENT_NOT_TOLD, Grade.MINOR, subject, 0))
        return found
