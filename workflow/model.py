"""Jobs and their runs.

- A `Job` is what was asked for: kind, payload, key, when. It is bound to the entry that asked, and never changes.
- A `Run` is how it stands: state, attempts, lease, progress, result. It is operational, and changes without an entry.
- A cancellation is an entry of its own.

A job's id follows from its kind and its unique key, so asking twice for the same thing yields the same job.
Payloads and results carry ids, codes and counts; no personal data (the log keeps a payload for ever).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from audit.canonical import JSON
from audit.words import Words

JobId = NewType("JobId", str)
"""32 lower-case hex digits."""

CANCELLED_TYPE: Final = "job.cancelled"
SUBJECT_KIND: Final = "job"

KIND_CHARS_MAX: Final = 64
KEY_CHARS_MAX: Final = 256
PAYLOAD_BYTES_MAX: Final = 16_384
RESULT_BYTES_MAX: Final = 65_536
ATTEMPTS_MAX: Final = 100
ATTEMPTS_DEFAULT: Final = 5
PRIORITY_MAX: Final = 9
PROGRESS_MAX: Final = 2**53 - 1
REASON_CHARS_MAX: Final = 1_000


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    """For its time, for a worker, or for its next attempt."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    POISONED = "poisoned"
    """It failed for good: too often, or in a way no retry can mend. Nobody takes it again."""
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen to the job."""
        return self in {JobState.SUCCEEDED, JobState.POISONED, JobState.CANCELLED}


JOB_STATES: Final[Mapping[JobState, Words]] = {
    JobState.WAITING: Words("等候中", "waiting"),
    JobState.RUNNING: Words("進行中", "running"),
    JobState.SUCCEEDED: Words("已成功", "succeeded"),
    JobState.POISONED: Words("已失敗", "failed for good"),
    JobState.CANCELLED: Words("已取消", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for."""

    id: JobId
    kind: str
    unique_key: str
    payload: JSON
    run_at: datetime | None
    """Not before this moment; None: at once."""
    attempts_max: int
    priority: int
    """0 to 9; the higher goes first."""
    entry_index: int
    """The entry that asked."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running job is: `done` of `total` units; `total` 0 means it is not known."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the latest attempt failed."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """How a job stands."""

    state: JobState
    attempts: int
    """How many times a worker has taken it."""
    due: datetime | None
    """When it may be taken next; None: at once."""
    lease_until: datetime | None
    worker: str | None
    progress: Progress | None
    """As it was last reported, by whichever attempt."""
    result: JSON
    failure: Failure | None
    started_at: datetime | None
    """When the latest attempt began."""
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job with its run, as a reader sees it."""

    job: Job
    run: Run
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run a job until `until`, unless renewed.

    `token` fences: only the holder of the latest lease can record anything for the job.
    """

    job: Job
    token: str
    attempt: int
    """1 for the first."""
    until: datetime


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many jobs of a kind are in a state."""

    kind: str
    state: JobState
    jobs: int
