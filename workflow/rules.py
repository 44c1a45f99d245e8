"""What happens to a job next: pure decisions.

Rules:
- A job has `attempts_max` attempts. Taking it counts as one, before anything runs: a job that kills its worker
  each time is poisoned too, not tried for ever.
- Between attempts it waits `base * 2^(n-1)`, at most `cap`, of which half is fixed and half is chance, so that jobs
  that failed together do not return together.
- A job whose handler gives way is taken again behind those that wait; that it was taken does not count.
- A lease that ran out belongs to nobody: the job may be taken again, or is poisoned if that was its last attempt.
- A cancelled job is not taken; one that runs is told so when it next reports or renews.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from audit.canonical import JSON, encode
from audit.errors import NotCanonical
from workflow.errors import InvalidJob, JobFailed
from workflow.model import (
    ATTEMPTS_MAX,
    KEY_CHARS_MAX,
    KIND_CHARS_MAX,
    PAYLOAD_BYTES_MAX,
    PRIORITY_MAX,
    PROGRESS_MAX,
    REASON_CHARS_MAX,
    RESULT_BYTES_MAX,
    Failure,
    JobId,
    JobState,
    Progress,
)

JITTER_BYTES: Final = 8
WORKER_LOST: Final = Failure("worker_lost", "the worker stopped without a word, and that was the last attempt")

_KIND = re.compile(r"[a-z_]+(\.[a-z_]+)*")


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait between attempts."""

    base: timedelta = timedelta(seconds=2)
    cap: timedelta = timedelta(minutes=10)


class Taking(StrEnum):
    """What a worker that looks at a job does with it."""

    LEAVE = "leave"
    LEASE = "lease"
    POISON = "poison"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a job stands after an attempt."""

    state: JobState
    attempts: int
    due: datetime | None = None
    failure: Failure | None = None
    result_text: str | None = None


def job_id(kind: str, unique_key: str) -> JobId:
    """The id of the job of this kind and key: 128 bits of SHA-256 over `kind NUL unique_key`."""
    return JobId(hashlib.sha256(f"{kind}\0{unique_key}".encode()).hexdigest()[:32])


def parse_kind(kind: str) -> str:
    """Returns `kind` if it is one: words of a-z and _, joined by dots, at most 64 characters.

    Raises:
        InvalidJob: it is not.
    """
    if len(kind) > KIND_CHARS_MAX or _KIND.fullmatch(kind) is None:
        raise InvalidJob("kind", f"expected words of a-z and _ joined by dots, at most {KIND_CHARS_MAX}, got {kind!r}")
    return kind


def parse_key(key: str) -> str:
    """Returns `key` if it can be a unique key: 1 to 256 printable characters.

    Raises:
        InvalidJob: it cannot.
    """
    if not 1 <= len(key) <= KEY_CHARS_MAX or not key.isprintable():
        raise InvalidJob("unique_key", f"expected 1 to {KEY_CHARS_MAX} printable characters, got {len(key)}")
    return key


def encode_payload(payload: JSON) -> str:
    """The canonical text of a payload.

    Raises:
        InvalidJob: outside the canonical profile, or above `PAYLOAD_BYTES_MAX`.
    """
    return _encode("payload", payload, PAYLOAD_BYTES_MAX)


def _encode(member: str, value: JSON, bytes_max: int) -> str:
    try:
        text = encode(value)
    except NotCanonical as error:
        raise InvalidJob(member, str(error)) from error
    if len(text) > bytes_max:
        raise InvalidJob(member, f"expected at most {bytes_max} bytes, got {len(text)}")
    return text.decode()


def parse_attempts(attempts_max: int) -> int:
    """Returns `attempts_max` if it is 1 to `ATTEMPTS_MAX`.

    Raises:
        InvalidJob: it is not.
    """
    if not 1 <= attempts_max <= ATTEMPTS_MAX:
        raise InvalidJob("attempts_max", f"expected 1 to {ATTEMPTS_MAX}, got {attempts_max}")
    return attempts_max


def parse_priority(priority: int) -> int:
    """Returns `priority` if it is 0 to 9.

    Raises:
        InvalidJob: it is not.
    """
    if not 0 <= priority <= PRIORITY_MAX:
        raise InvalidJob("priority", f"expected 0 to {PRIORITY_MAX}, got {priority}")
    return priority


def parse_progress(done: int, total: int) -> Progress:
    """The progress `done` of `total`; a total of 0 means that it is not known.

    Raises:
        InvalidJob: a number is negative or too large, or `done` exceeds a known total.
    """
    if not 0 <= total <= PROGRESS_MAX or not 0 <= done <= (total or PROGRESS_MAX):
        raise InvalidJob("progress", f"expected 0 <= done <= total <= {PROGRESS_MAX}, got {done} of {total}")
    return Progress(done, total)


def delay(attempt: int, back_off: BackOff, entropy: bytes) -> timedelta:
    """How long to wait after attempt `attempt` (1 for the first) failed; `entropy` is `JITTER_BYTES` random bytes."""
    # Beyond 2^30 any cap is long exceeded; the bound keeps the product inside a timedelta.
    whole = min(back_off.base * (1 << min(attempt - 1, 30)), back_off.cap)
    chance = int.from_bytes(entropy[:JITTER_BYTES]) / (1 << (8 * JITTER_BYTES))
    return whole / 2 + whole / 2 * chance


def succeeded(attempt: int, result: JSON) -> Outcome:
    """Where a job stands after an attempt that worked.

    Raises:
        InvalidJob: the result is outside the canonical profile, or above `RESULT_BYTES_MAX`.
    """
    return Outcome(JobState.SUCCEEDED, attempt, result_text=_encode("result", result, RESULT_BYTES_MAX))


def after_failure(
    error: Exception, *, attempt: int, attempts_max: int, now: datetime, back_off: BackOff, entropy: bytes
) -> Outcome:
    """Where a job stands after attempt `attempt` raised `error`."""
    failure = describe(error)
    permanent = isinstance(error, JobFailed) and not error.retry
    if permanent or attempt >= attempts_max:
        return Outcome(JobState.POISONED, attempt, failure=failure)
    return Outcome(JobState.WAITING, attempt, now + delay(attempt, back_off, entropy), failure)


def given_back(attempt: int) -> Outcome:
    """Where a job stands that its worker could not try after all: as before it was taken."""
    return Outcome(JobState.WAITING, attempt - 1)


def set_aside(attempt: int, now: datetime) -> Outcome:
    """Where a job stands that gave way at `now`: behind those that are due already, and behind new ones."""
    return Outcome(JobState.WAITING, attempt - 1, now)


def cancelled(attempts: int) -> Outcome:
    """Where a job stands that was called off."""
    return Outcome(JobState.CANCELLED, attempts)


def worker_lost(attempts: int) -> Outcome:
    """Where a job stands whose last worker stopped without a word."""
    return Outcome(JobState.POISONED, attempts, failure=WORKER_LOST)


def describe(error: Exception) -> Failure:
    """What a reader of the queue may know of `error`: a foreign error's message could quote personal data."""
    if isinstance(error, JobFailed):
        return Failure(error.code, error.reason[:REASON_CHARS_MAX])
    return Failure("error", f"the handler raised {type(error).__name__}")


def decide_taking(
    *,
    state: JobState,
    due: datetime | None,
    lease_until: datetime | None,
    attempts: int,
    attempts_max: int,
    cancel_requested: bool,
    now: datetime,
) -> Taking:
    """What a worker that looks at a job at `now` does with it."""
    if state.is_final:
        return Taking.LEAVE
    if state is JobState.RUNNING and lease_until is not None and now < lease_until:
        return Taking.LEAVE
    if cancel_requested:
        return Taking.CANCEL
    if attempts >= attempts_max:
        return Taking.POISON
    if state is JobState.WAITING and due is not None and now < due:
        return Taking.LEAVE
    return Taking.LEASE
