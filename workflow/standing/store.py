"""How jobs stand, for who looks: one, a page of them, how many wait. Reading only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from audit.canonical import parse
from audit.entry import time_us
from workflow.model import Failure, JobId, JobState, JobStatus, Progress, QueueDepth, Run
from workflow.store import (
    JOB_COLUMNS,
    admitted,
    from_us,
    job_cancellations,
    job_of,
    job_runs,
    jobs,
    worker_heartbeats,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, Row

_WAITING: Final = JobState.WAITING.value
_RUNNING: Final = JobState.RUNNING.value


def status(connection: Connection, job_id: JobId) -> JobStatus | None:
    """The job and how it stands."""
    row = connection.execute(_status_select().where(jobs.c.job_id == job_id)).first()
    return None if row is None else _status(row)


def page(
    connection: Connection, *, kinds: Collection[str] | None, state: JobState | None, before: int | None, limit: int
) -> list[JobStatus]:
    """Jobs, the newest first; `before` is an entry index."""
    statement = _status_select().order_by(jobs.c.entry_index.desc(), jobs.c.job_id).limit(limit)
    if kinds is not None:
        statement = statement.where(jobs.c.kind.in_(sorted(kinds)))
    if state is not None:
        statement = statement.where(_state() == state.value)
    if before is not None:
        statement = statement.where(jobs.c.entry_index < before)
    return [_status(row) for row in connection.execute(statement)]


def depths(connection: Connection) -> list[QueueDepth]:
    """How many jobs there are of each kind and state that is not final, and how many are poisoned."""
    watched = (_WAITING, _RUNNING, JobState.POISONED.value)
    counted = (
        select(job_runs.c.kind, job_runs.c.state, func.count().label("jobs"))
        .where(job_runs.c.state.in_(watched))
        .group_by(job_runs.c.kind, job_runs.c.state)
    )
    found = [QueueDepth(row.kind, JobState(row.state), row.jobs) for row in connection.execute(counted)]
    fresh = select(jobs.c.kind, func.count().label("jobs")).where(jobs.c.entry_index > admitted()).group_by(jobs.c.kind)
    return found + [QueueDepth(row.kind, JobState.WAITING, row.jobs) for row in connection.execute(fresh)]


def workers_seen_since(connection: Connection, moment: datetime) -> int:
    """How many workers showed themselves since then."""
    seen = select(func.count()).select_from(worker_heartbeats).where(worker_heartbeats.c.seen_at >= time_us(moment))
    return int(connection.execute(seen).scalar_one())


def _status_select() -> Select[Any]:
    runs = [column for column in job_runs.c if column.name not in {"job_id", "kind"}]
    joined = jobs.outerjoin(job_runs, job_runs.c.job_id == jobs.c.job_id).outerjoin(
        job_cancellations, job_cancellations.c.job_id == jobs.c.job_id
    )
    return select(*JOB_COLUMNS, *runs, job_cancellations.c.job_id.label("cancelled")).select_from(joined)


def _state() -> ColumnElement[str]:
    """As `_status` tells it: no worker starts what waits and was called off."""
    state = func.coalesce(job_runs.c.state, _WAITING)
    is_off = and_(state == _WAITING, job_cancellations.c.job_id.is_not(None))
    return case((is_off, JobState.CANCELLED.value), else_=state)


def _status(row: Row[Any]) -> JobStatus:
    cancelled = row.cancelled is not None
    state = JobState.WAITING if row.state is None else JobState(row.state)
    if cancelled and state is JobState.WAITING:
        # No worker will start it; its row says so when one next looks.
        state = JobState.CANCELLED
    due_us = row.due if row.due is not None else row.run_at
    run = Run(
        state=state,
        attempts=row.attempts or 0,
        due=from_us(due_us or None),
        lease_until=from_us(row.lease_until),
        worker=row.worker,
        progress=None if row.progress_done is None else Progress(row.progress_done, row.progress_total),
        result=None if row.result is None else parse(row.result.encode()),
        failure=None if row.failure_code is None else Failure(row.failure_code, row.failure_reason),
        started_at=from_us(row.started_at),
        finished_at=from_us(row.finished_at),
    )
    return JobStatus(job_of(row), run, cancelled)
