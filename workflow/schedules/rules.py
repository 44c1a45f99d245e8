"""When schedules are due: pure decisions, in Hong Kong's time, which knows no summer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import assert_never

from policies.quota import HONG_KONG
from workflow.schedules.model import Daily, Every, Rhythm, Schedule

_DAY = timedelta(days=1)


def due_before(rhythm: Rhythm, now: datetime) -> datetime:
    """The newest moment not after `now` at which the rhythm is due."""
    local = now.astimezone(HONG_KONG)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match rhythm:
        case Every(interval):
            found = midnight + (local - midnight) // interval * interval
        case Daily(at):
            today = midnight.replace(hour=at.hour, minute=at.minute)
            found = today if today <= local else today - _DAY
        case _:
            assert_never(rhythm)
    return found.astimezone(UTC)


def due_after(rhythm: Rhythm, moment: datetime) -> datetime:
    """The first moment after this one at which the rhythm is due."""
    step = rhythm.interval if isinstance(rhythm, Every) else _DAY
    return due_before(rhythm, moment) + step


def is_asked_for(schedule: Schedule, now: datetime) -> datetime | None:
    """The moment for which the schedule is to be asked for now; None: it is not."""
    due = due_before(schedule.plan.rhythm, now)
    if schedule.paused or (schedule.last_due is not None and schedule.last_due >= due):
        return None
    return due


def next_due(schedule: Schedule, now: datetime) -> datetime | None:
    """When it is asked for next; None: it is paused."""
    if schedule.paused:
        return None
    return is_asked_for(schedule, now) or due_after(schedule.plan.rhythm, now)
