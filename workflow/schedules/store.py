"""The table of schedules; each row names the entry that wrote it last."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, Integer, Text, select

from audit.event import time_of, time_us
from storage.rows import KeyedRows
from storage.schema import BigInt, subject_table
from workflow.schedules.model import Daily, Every, Plan, Schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.transaction import Transaction

job_schedules: Final = subject_table(
    "job_schedules",
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("every_s", Integer),
    Column("at", Text),
    Column("kinds", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("last_due", BigInt),
    Column("last_entry", BigInt),
)

SCHEDULES: Final = KeyedRows.of(job_schedules, "code")


def schedule_row(schedule: Schedule) -> tuple[Any, ...]:
    """The values of a schedule's row."""
    plan = schedule.plan
    rhythm = plan.rhythm
    return (
        plan.name_zh,
        plan.name_en,
        int(rhythm.interval.total_seconds()) if isinstance(rhythm, Every) else None,
        rhythm.at.strftime("%H:%M") if isinstance(rhythm, Daily) else None,
        " ".join(plan.kinds),
        schedule.paused,
        None if schedule.last_due is None else time_us(schedule.last_due),
        schedule.last_entry,
    )


def read_schedules(connection: Connection) -> tuple[Schedule, ...]:
    """Every schedule, by code."""
    column = job_schedules.c
    statement = select(column.code, *(column[name] for name in SCHEDULES.values), column.entry_index)
    found = connection.execute(statement.order_by(column.code))
    return tuple(_schedule_of(row[0], tuple(row)[1:-1], row[-1]) for row in found)


def schedule_in(tx: Transaction, code: str) -> Schedule | None:
    """One schedule, as the transaction sees it. Its `entry_index` is not known there."""
    row = tx.get(SCHEDULES, (code,))
    return None if row is None else _schedule_of(code, row, -1)


def _schedule_of(code: str, row: Sequence[Any], entry_index: int) -> Schedule:
    name_zh, name_en, every_s, at, kinds, paused, last_due, last_entry = row
    rhythm = Daily(time.fromisoformat(at)) if every_s is None else Every(timedelta(seconds=every_s))
    plan = Plan(code, name_zh, name_en, rhythm, tuple(kinds.split()))
    return Schedule(plan, bool(paused), None if last_due is None else time_of(last_due), last_entry, entry_index)
