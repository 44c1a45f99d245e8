"""The tables of jobs, and the statements on them.

- `jobs`: what was asked for; a row is written once, under the entry that asked.
- `job_cancellations`: which jobs were called off, under the entry that says so.
- `job_runs`: how jobs stand; operational. Workers add rows for new jobs themselves ("admit"): entries take their
  places in order, so every job above the highest admitted entry is new, and none below it can appear later.

A worker takes a job by writing a fresh token into the row; whatever it records later names that token, so a worker
whose lease was taken over changes nothing. Times are microseconds since the Unix epoch; `due` 0 means at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from audit.canonical import parse
from audit.entry import time_us
from storage.rows import KeyedRows
from storage.schema import BigInt, operational_table, subject_table
from workflow.model import Job, JobId, JobState, Lease, Progress
from workflow.rules import Outcome, Taking, cancelled, decide_taking, worker_lost

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from audit.entry import Entry
    from storage.transaction import Operation, Transaction

jobs: Final = subject_table(
    "jobs",
    Column("job_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unique_key", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("run_at", BigInt),
    Column("attempts_max", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Index(None, "entry_index"),
)

job_cancellations: Final = subject_table(
    "job_cancellations",
    Column("job_id", Text, primary_key=True),
    Column("actor", Text, nullable=False),
)

job_runs: Final = operational_table(
    "job_runs",
    Column("job_id", Text, ForeignKey("jobs.job_id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("job_entry", BigInt, nullable=False),
    Column("state", Text, nullable=False),
    Column("due", BigInt, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_token", Text),
    Column("lease_until", BigInt),
    Column("worker", Text),
    Column("progress_done", BigInt),
    Column("progress_total", BigInt),
    Column("result", Text),
    Column("failure_code", Text),
    Column("failure_reason", Text),
    Column("started_at", BigInt),
    Column("finished_at", BigInt),
    Index(None, "state", "due"),
    Index(None, "job_entry"),
)

worker_heartbeats: Final = operational_table(
    "worker_heartbeats",
    Column("worker", Text, primary_key=True),
    Column("started_at", BigInt, nullable=False),
    Column("seen_at", BigInt, nullable=False),
    Column("running", Integer, nullable=False),
    Column("stopping", Boolean, nullable=False),
)

JOB_ROWS: Final = KeyedRows(jobs, ("job_id",), ("kind", "unique_key", "payload", "run_at", "attempts_max", "priority"))
CANCELLATION_ROWS: Final = KeyedRows(job_cancellations, ("job_id",), ("actor",))

TAKE_LIMIT: Final = 16
HEARTBEATS_KEPT_FOR: Final = timedelta(days=1)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WAITING: Final = JobState.WAITING.value
_RUNNING: Final = JobState.RUNNING.value
JOB_COLUMNS: Final = tuple(
    jobs.c[name]
    for name in ("job_id", "kind", "unique_key", "payload", "run_at", "attempts_max", "priority", "entry_index")
)
JOB_WIDTH: Final = len(JOB_COLUMNS)


def from_us(us: int | None) -> datetime | None:
    """The moment, or None."""
    return None if us is None else _EPOCH + timedelta(microseconds=us)


def has_job(tx: Transaction, job_id: JobId) -> bool:
    """Whether the job exists, as this transaction sees it."""
    return tx.get(JOB_ROWS, (job_id,)) is not None


def put_job(tx: Transaction, entry: Entry, job: Job, payload_text: str) -> None:
    """Adds the job under the entry that asks for it."""
    run_at = None if job.run_at is None else time_us(job.run_at)
    values = (job.kind, job.unique_key, payload_text, run_at, job.attempts_max, job.priority)
    tx.put(entry, JOB_ROWS, (job.id,), values)


def is_cancelled(tx: Transaction, job_id: JobId) -> bool:
    """Whether the job was called off, as this transaction sees it."""
    return tx.get(CANCELLATION_ROWS, (job_id,)) is not None


def put_cancellation(tx: Transaction, entry: Entry, job_id: JobId) -> None:
    """Calls the job off under the entry that says so."""
    tx.put(entry, CANCELLATION_ROWS, (job_id,), (entry.event.actor.id,))


def state_in(tx: Transaction, job_id: JobId) -> JobState:
    """How the job stands; workers may change it at the same moment."""
    rows = tx.select(select(job_runs.c.state).where(job_runs.c.job_id == job_id))
    return JobState(rows[0].state) if rows else JobState.WAITING


def any_work(connection: Connection, kinds: Sequence[str], now: datetime) -> bool:
    """Whether `take` might find one of these kinds: a cheap look, so that idle workers write nothing."""
    if connection.execute(_fresh(tuple(kinds))).first() is not None:
        return True
    return connection.execute(_due(tuple(kinds)), {"now": time_us(now)}).first() is not None


# Built once: every idle worker asks these several times a second, and to build them costs more than to ask.
@lru_cache(maxsize=16)
def _fresh(kinds: tuple[str, ...]) -> Select[tuple[str]]:
    return select(jobs.c.job_id).where(jobs.c.entry_index > admitted(), jobs.c.kind.in_(kinds)).limit(1)


@lru_cache(maxsize=16)
def _due(kinds: tuple[str, ...]) -> Select[tuple[str]]:
    return select(job_runs.c.job_id).where(_takeable(kinds, bindparam("now", type_=BigInteger))).limit(1)


def take(
    operation: Operation,
    dialect: str,
    *,
    worker: str,
    kinds: Sequence[str],
    now: datetime,
    lease_for: timedelta,
    token: str,
) -> Lease | None:
    """Leases the most urgent job of these kinds, and settles those that are cancelled or spent on the way."""
    _admit(operation, dialect)
    for row in operation.execute(_candidates(kinds, time_us(now))).all():
        taking = decide_taking(
            state=JobState(row.state),
            due=from_us(row.due),
            lease_until=from_us(row.lease_until),
            attempts=row.attempts,
            attempts_max=row.attempts_max,
            cancel_requested=row.cancelled is not None,
            now=now,
        )
        if taking is Taking.LEASE:
            until = now + lease_for
            _set(
                operation,
                row.job_id,
                state=_RUNNING,
                attempts=row.attempts + 1,
                lease_token=token,
                lease_until=time_us(until),
                worker=worker,
                started_at=time_us(now),
            )
            return Lease(job_of(row), token, row.attempts + 1, until)
        if taking is Taking.POISON:
            _set(operation, row.job_id, **_settled(worker_lost(row.attempts), now))
        elif taking is Taking.CANCEL:
            _set(operation, row.job_id, **_settled(cancelled(row.attempts), now))
    return None


def renew(operation: Operation, job_id: JobId, token: str, until: datetime, progress: Progress | None) -> bool:
    """Extends a lease, and records progress if given; False: the lease is no longer this token's."""
    values: dict[str, Any] = {"lease_until": time_us(until)}
    if progress is not None:
        values |= {"progress_done": progress.done, "progress_total": progress.total}
    return _set_held(operation, job_id, token, **values)


def cancel_requested(operation: Operation, job_id: JobId) -> bool:
    """Whether someone called the job off."""
    found = select(job_cancellations.c.job_id).where(job_cancellations.c.job_id == job_id)
    return operation.execute(found).first() is not None


def settle(operation: Operation, job_id: JobId, token: str, outcome: Outcome, now: datetime) -> bool:
    """Ends an attempt; False: the lease is no longer this token's."""
    return _set_held(operation, job_id, token, **_settled(outcome, now))


def beat(
    operation: Operation, worker: str, *, started_at: datetime, now: datetime, running: int, stopping: bool
) -> None:
    """Shows that the worker lives; forgets those not seen for a day."""
    values = {"seen_at": time_us(now), "running": running, "stopping": stopping, "started_at": time_us(started_at)}
    changed = operation.execute(update(worker_heartbeats).where(worker_heartbeats.c.worker == worker).values(values))
    if _count(changed) == 0:
        operation.execute(worker_heartbeats.insert().values(worker=worker, **values))
        old = worker_heartbeats.c.seen_at < time_us(now - HEARTBEATS_KEPT_FOR)
        operation.execute(delete(worker_heartbeats).where(old))


def admitted() -> ColumnElement[int]:
    """The entry of the newest job that workers have a row for; every job above it waits."""
    return func.coalesce(select(func.max(job_runs.c.job_entry)).scalar_subquery(), -1)


def _admit(operation: Operation, dialect: str) -> None:
    source = select(
        jobs.c.job_id,
        jobs.c.kind,
        jobs.c.entry_index,
        literal(_WAITING),
        func.coalesce(jobs.c.run_at, 0),
        literal(0, Integer),
    ).where(jobs.c.entry_index > admitted())
    columns = ["job_id", "kind", "job_entry", "state", "due", "attempts"]
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    # Another process may admit the same jobs at the same moment; the first one wins and nothing is lost.
    operation.execute(insert(job_runs).from_select(columns, source).on_conflict_do_nothing())


def _takeable(kinds: Sequence[str], now_us: int | BindParameter[int]) -> ColumnElement[bool]:
    return and_(
        job_runs.c.kind.in_(kinds),
        or_(
            and_(job_runs.c.state == _WAITING, job_runs.c.due <= now_us),
            and_(job_runs.c.state == _RUNNING, job_runs.c.lease_until <= now_us),
        ),
    )


def _candidates(kinds: Sequence[str], now_us: int) -> Select[Any]:
    return (
        select(
            *JOB_COLUMNS,
            job_runs.c.state,
            job_runs.c.due,
            job_runs.c.lease_until,
            job_runs.c.attempts,
            job_cancellations.c.job_id.label("cancelled"),
        )
        .select_from(
            job_runs.join(jobs, jobs.c.job_id == job_runs.c.job_id).outerjoin(
                job_cancellations, job_cancellations.c.job_id == job_runs.c.job_id
            )
        )
        .where(_takeable(kinds, now_us))
        .order_by(jobs.c.priority.desc(), job_runs.c.due, job_runs.c.job_entry, job_runs.c.job_id)
        .limit(TAKE_LIMIT)
        # On PostgreSQL, workers at the same moment each see other rows; SQLite has one writer anyway.
        .with_for_update(of=job_runs, skip_locked=True)
    )


def _set(operation: Operation, job_id: str, **values: Any) -> None:
    operation.execute(update(job_runs).where(job_runs.c.job_id == job_id).values(values))


def _set_held(operation: Operation, job_id: str, token: str, **values: Any) -> bool:
    held = and_(job_runs.c.job_id == job_id, job_runs.c.lease_token == token, job_runs.c.state == _RUNNING)
    return _count(operation.execute(update(job_runs).where(held).values(values))) == 1


def _settled(outcome: Outcome, now: datetime) -> dict[str, Any]:
    failure = outcome.failure
    return {
        "state": outcome.state.value,
        "attempts": outcome.attempts,
        "due": 0 if outcome.due is None else time_us(outcome.due),
        "result": outcome.result_text,
        "failure_code": None if failure is None else failure.code,
        "failure_reason": None if failure is None else failure.reason,
        "lease_token": None,
        "lease_until": None,
        "finished_at": time_us(now) if outcome.state.is_final else None,
    }


def _count(result: Any) -> int:
    return int(result.rowcount)


def job_of(row: Row[Any]) -> Job:
    """The job in a row that begins with `JOB_COLUMNS`."""
    job_id, kind, key, payload, run_at, attempts_max, priority, entry_index = row[:JOB_WIDTH]
    wanted = parse(payload.encode())
    return Job(JobId(job_id), kind, key, wanted, from_us(run_at), attempts_max, priority, entry_index)
