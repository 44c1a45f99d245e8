"""The queue: the front door of jobs.

    log.commit(Change(lambda tx: queue.enqueue(tx, tx.append(event), "log.verify", {"stop": 1000})))

- A job exists exactly if the change that asked for it is in the log.
- Asking again under the same kind and unique key yields the same job, for ever. Without a key, an entry asks for at
  most one job of a kind.
- Workers call `take`, then `renew` while they work, and one of `finish`, `fail`, `give_back`, `set_aside`, `end_cancelled`. Each
  of these raises LeaseLost once another worker may hold the job; what they say then is not recorded.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.canonical import JSON
from audit.entry import Entry
from audit.event import Actor, Decided, Event, Subject
from storage.transaction import Change
from workflow import rules, store
from workflow.errors import JobFinished, JobNotFound, LeaseLost
from workflow.model import (
    ATTEMPTS_DEFAULT,
    CANCELLED_TYPE,
    SUBJECT_KIND,
    Job,
    JobId,
    JobState,
    JobStatus,
    Lease,
    Progress,
    QueueDepth,
)
from workflow.rules import BackOff, Outcome
from workflow.standing import store as standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.database import Database
    from storage.transaction import Operation, Transaction

PAGE_MAX: Final = 1_001
"""The longest page of a list, and one job more that says whether another follows."""


class Queue:
    """Jobs of one database; safe to share between threads and processes."""

    def __init__(self, database: Database, *, back_off: BackOff | None = None) -> None:
        self._database: Final = database
        self._back_off: Final = back_off or BackOff()

    # ------------------------------------------------------------------------------ asking

    def enqueue(
        self,
        tx: Transaction,
        entry: Entry,
        kind: str,
        payload: JSON,
        *,
        unique_key: str | None = None,
        run_at: datetime | None = None,
        attempts_max: int = ATTEMPTS_DEFAULT,
        priority: int = 5,
    ) -> JobId:
        """Asks for a job inside the caller's change; returns its id, the earlier job's if the key was used before.

        Args:
            tx: the caller's transaction.
            entry: the entry that asks, appended in `tx`.
            kind: which handler runs it.
            payload: what the handler needs: ids and codes, no personal data; kept for ever.
            unique_key: names the work; by default the entry's index does.
            run_at: not before this moment.
            attempts_max: after so many attempts the job is poisoned.
            priority: 0 to 9, the higher goes first.

        Raises:
            InvalidJob: a member breaks its rule.
        """
        key = rules.parse_key(str(entry.index) if unique_key is None else unique_key)
        job_id = rules.job_id(rules.parse_kind(kind), key)
        if store.has_job(tx, job_id):
            return job_id
        text = rules.encode_payload(payload)
        attempts = rules.parse_attempts(attempts_max)
        job = Job(job_id, kind, key, payload, run_at, attempts, rules.parse_priority(priority), entry.index)
        store.put_job(tx, entry, job, text)
        return job_id

    def submit(self, event: Event, kind: str, payload: JSON) -> Change[JobId]:
        """A change that appends `event` and asks for one job.

        A replay of the event yields no result but the receipt of the first entry: `job_of` names the job.
        """

        def run(tx: Transaction) -> JobId:
            return self.enqueue(tx, tx.append(event), kind, payload)

        return Change(run, event_ids=((event.actor.id, event.event_id),))

    def job_of(self, kind: str, entry_index: int) -> JobId:
        """The id of the job of this kind that the entry asked for without a key."""
        return rules.job_id(kind, str(entry_index))

    def cancel(self, job_id: JobId, *, actor: Actor, event_id: UUID, decision: Decided | None = None) -> Change[JobId]:
        """A change that calls a job off; one that runs stops when it next reports.

        The change raises JobNotFound, or JobFinished if nothing is left to call off.
        """

        def run(tx: Transaction) -> JobId:
            event = Event(
                type=CANCELLED_TYPE,
                subjects=(Subject(SUBJECT_KIND, job_id),),
                data={"job": job_id},
                actor=actor,
                event_id=event_id,
                decision=decision,
            )
            # The append comes first, so that a repeated call is a replay and not "finished already".
            entry = tx.append(event)
            if not store.has_job(tx, job_id):
                raise JobNotFound(job_id)
            state = JobState.CANCELLED if store.is_cancelled(tx, job_id) else store.state_in(tx, job_id)
            if state.is_final:
                raise JobFinished(job_id, state)
            store.put_cancellation(tx, entry, job_id)
            return job_id

        return Change(run, event_ids=((actor.id, event_id),))

    # ----------------------------------------------------------------------------- reading

    def status(self, job_id: JobId) -> JobStatus:
        """The job and how it stands.

        Raises:
            JobNotFound: there is none.
        """
        with self._database.read() as connection:
            found = standing.status(connection, job_id)
        if found is None:
            raise JobNotFound(job_id)
        return found

    def page(
        self,
        *,
        kinds: Collection[str] | None = None,
        state: JobState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[JobStatus]:
        """Jobs, the newest first; `before` continues below an entry index; at most `PAGE_MAX`."""
        with self._database.read() as connection:
            return standing.page(connection, kinds=kinds, state=state, before=before, limit=min(limit, PAGE_MAX))

    def depths(self) -> list[QueueDepth]:
        """How many jobs wait, run or are poisoned, by kind."""
        with self._database.read() as connection:
            return standing.depths(connection)

    def workers_seen_since(self, moment: datetime) -> int:
        """How many workers showed themselves since `moment`."""
        with self._database.read() as connection:
            return standing.workers_seen_since(connection, moment)

    # ----------------------------------------------------------------------------- working

    def take(
        self, *, worker: str, kinds: Sequence[str], now: datetime, lease_for: timedelta, token: str
    ) -> Lease | None:
        """Leases the most urgent job of these kinds that is due, or None; `token` is fresh and random."""
        if not kinds or not self.any_waits(kinds, now=now):
            return None
        dialect = self._database.dialect

        def operation(operation: Operation) -> Lease | None:
            return store.take(operation, dialect, worker=worker, kinds=kinds, now=now, lease_for=lease_for, token=token)

        return self._database.operate(operation)

    def any_waits(self, kinds: Sequence[str], *, now: datetime) -> bool:
        """Whether a job of these kinds is due and nobody works on it."""
        with self._database.read() as connection:
            return store.any_work(connection, kinds, now)

    def renew(self, lease: Lease, *, until: datetime, progress: Progress | None = None) -> bool:
        """Extends a lease and records progress if given; returns whether the job was called off meanwhile.

        Raises:
            LeaseLost: another worker may hold the job.
        """

        def operation(operation: Operation) -> tuple[bool, bool]:
            held = store.renew(operation, lease.job.id, lease.token, until, progress)
            return held, held and store.cancel_requested(operation, lease.job.id)

        held, cancel_requested = self._database.operate(operation)
        if not held:
            raise LeaseLost(lease.job.id)
        return cancel_requested

    def finish(self, lease: Lease, result: JSON, *, now: datetime) -> None:
        """Records that the job is done.

        Raises:
            LeaseLost: another worker may hold the job.
            InvalidJob: the result cannot be kept.
        """
        self._settle(lease, rules.succeeded(lease.attempt, result), now)

    def fail(self, lease: Lease, error: Exception, *, now: datetime, entropy: bytes) -> JobState:
        """Records a failed attempt; returns whether the job waits for another or is poisoned.

        Raises:
            LeaseLost: another worker may hold the job.
        """
        outcome = rules.after_failure(
            error,
            attempt=lease.attempt,
            attempts_max=lease.job.attempts_max,
            now=now,
            back_off=self._back_off,
            entropy=entropy,
        )
        self._settle(lease, outcome, now)
        return outcome.state

    def give_back(self, lease: Lease, *, now: datetime) -> None:
        """Returns a job that the worker could not try after all; the attempt does not count.

        Raises:
            LeaseLost: another worker may hold the job.
        """
        self._settle(lease, rules.given_back(lease.attempt), now)

    def set_aside(self, lease: Lease, *, now: datetime) -> None:
        """Returns a job that gives way to those that wait; the attempt does not count.

        Raises:
            LeaseLost: another worker may hold the job.
        """
        self._settle(lease, rules.set_aside(lease.attempt, now), now)

    def end_cancelled(self, lease: Lease, *, now: datetime) -> None:
        """Records that a job which was called off has stopped.

        Raises:
            LeaseLost: another worker may hold the job.
        """
        self._settle(lease, rules.cancelled(lease.attempt), now)

    def beat(self, worker: str, *, started_at: datetime, now: datetime, running: int, stopping: bool) -> None:
        """Shows that the worker lives."""
        self._database.operate(
            lambda operation: store.beat(
                operation, worker, started_at=started_at, now=now, running=running, stopping=stopping
            )
        )

    def _settle(self, lease: Lease, outcome: Outcome, now: datetime) -> None:
        held = self._database.operate(
            lambda operation: store.settle(operation, lease.job.id, lease.token, outcome, now)
        )
        if not held:
            raise LeaseLost(lease.job.id)
