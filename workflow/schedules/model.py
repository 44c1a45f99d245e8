"""Schedules: jobs that are asked for again and again.

- A schedule names kinds of jobs and a rhythm: every so often, or each day at a time of Hong Kong's clock.
- Each time it is due it is asked for once, by whichever process is first, in an entry; what was missed while nothing ran is made up
  once, not as often as it was missed.
- Paused, it asks for nothing. Resumed, it goes on with the next time: what fell into the pause is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

SCHEDULE_SET: Final = "job_schedule.set"
SCHEDULE_REQUESTED: Final = "job_schedule.requested"
SCHEDULE_PAUSED: Final = "job_schedule.paused"
SCHEDULE_RESUMED: Final = "job_schedule.resumed"
EVENT_TYPES: Final = frozenset({SCHEDULE_SET, SCHEDULE_REQUESTED, SCHEDULE_PAUSED, SCHEDULE_RESUMED})
SUBJECT_SCHEDULE: Final = "job_schedule"

EVERY_MIN: Final = timedelta(minutes=1)
EVERY_MAX: Final = timedelta(days=1)
KINDS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Every:
    """Again after this long, counted from midnight in Hong Kong; it divides a day."""

    interval: timedelta

    def __post_init__(self) -> None:
        """Raises ValueError if it does not divide a day, or is shorter than a minute."""
        if not EVERY_MIN <= self.interval <= EVERY_MAX or timedelta(days=1) % self.interval:
            msg = f"interval: expected one that divides a day, from {EVERY_MIN}, got {self.interval}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Daily:
    """Each day at this time in Hong Kong, to the minute."""

    at: time

    def __post_init__(self) -> None:
        """Raises ValueError if it has seconds or a zone of its own."""
        if self.at.second or self.at.microsecond or self.at.tzinfo is not None:
            msg = f"at: expected hours and minutes, got {self.at.isoformat()}"
            raise ValueError(msg)


Rhythm = Every | Daily


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule as this version of Chopbook wants it: its code, names, rhythm, and the kinds of jobs it asks for."""

    code: str
    name_zh: str
    name_en: str
    rhythm: Rhythm
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as it stands.

    Attributes:
        last_due: the newest moment it was asked for, or that fell into a pause; None: it never was.
        last_entry: the entry that asked; None: it never was.
        entry_index: the entry that changed it last.
    """

    plan: Plan
    paused: bool
    last_due: datetime | None
    last_entry: int | None
    entry_index: int
