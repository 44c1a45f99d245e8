"""What happens to a job next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import JSON
from workflow import rules
from workflow.errors import InvalidJob, JobFailed
from workflow.model import ATTEMPTS_MAX, PROGRESS_MAX, Failure, JobState, Progress
from workflow.rules import JITTER_BYTES, BackOff, Taking, decide_taking

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)
PAST = NOW - timedelta(seconds=1)
NO_CHANCE = bytes(JITTER_BYTES)
FULL_CHANCE = b"\xff" * JITTER_BYTES


def taking(
    state: JobState = JobState.WAITING,
    *,
    due: datetime | None = None,
    lease_until: datetime | None = None,
    attempts: int = 0,
    attempts_max: int = 3,
    cancel_requested: bool = False,
) -> Taking:
    return decide_taking(
        state=state,
        due=due,
        lease_until=lease_until,
        attempts=attempts,
        attempts_max=attempts_max,
        cancel_requested=cancel_requested,
        now=NOW,
    )


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.POISONED, JobState.CANCELLED])
def test_a_job_that_has_ended_is_left(state: JobState) -> None:
    assert state.is_final
    assert taking(state, cancel_requested=True) is Taking.LEAVE


def test_a_waiting_job_is_leased() -> None:
    assert not JobState.WAITING.is_final
    assert taking() is Taking.LEASE
    assert taking(due=NOW) is Taking.LEASE
    assert taking(due=PAST) is Taking.LEASE


def test_a_job_is_left_until_its_time() -> None:
    assert taking(due=SOON) is Taking.LEAVE


def test_a_job_whose_lease_holds_is_left_even_if_it_was_called_off() -> None:
    assert taking(JobState.RUNNING, lease_until=SOON, cancel_requested=True) is Taking.LEAVE


def test_a_job_whose_lease_ran_out_is_leased_again() -> None:
    assert taking(JobState.RUNNING, lease_until=NOW, attempts=2) is Taking.LEASE
    assert taking(JobState.RUNNING, lease_until=None, attempts=2) is Taking.LEASE


def test_a_job_that_lost_its_worker_on_the_last_attempt_is_poisoned() -> None:
    assert taking(JobState.RUNNING, lease_until=PAST, attempts=3) is Taking.POISON


def test_a_job_that_was_called_off_is_cancelled() -> None:
    assert taking(cancel_requested=True) is Taking.CANCEL
    assert taking(JobState.RUNNING, lease_until=PAST, attempts=3, cancel_requested=True) is Taking.CANCEL


@given(st.integers(1, ATTEMPTS_MAX), st.binary(min_size=JITTER_BYTES, max_size=JITTER_BYTES))
def test_a_delay_lies_between_half_and_all_of_the_back_off(attempt: int, entropy: bytes) -> None:
    back_off = BackOff(timedelta(seconds=2), timedelta(minutes=10))
    whole = min(2.0 * 2.0 ** (attempt - 1), 600.0)

    waited = rules.delay(attempt, back_off, entropy).total_seconds()

    assert whole / 2 <= waited <= whole


def test_the_delay_doubles_up_to_its_cap() -> None:
    back_off = BackOff(timedelta(seconds=2), timedelta(seconds=10))

    delays = [rules.delay(attempt, back_off, NO_CHANCE).total_seconds() for attempt in (1, 2, 3, 4, 100)]

    assert delays == [1, 2, 4, 5, 5]


def fails(error: Exception, attempt: int) -> rules.Outcome:
    return rules.after_failure(error, attempt=attempt, attempts_max=3, now=NOW, back_off=BackOff(), entropy=FULL_CHANCE)


def test_a_failed_attempt_waits_for_the_next() -> None:
    outcome = fails(JobFailed("mail.refused", "the server is busy"), 1)

    assert outcome.state is JobState.WAITING
    assert outcome.attempts == 1
    assert outcome.due is not None
    assert outcome.due - NOW == pytest.approx(timedelta(seconds=2), abs=timedelta(milliseconds=1))
    assert outcome.failure == Failure("mail.refused", "the server is busy")


def test_the_last_failed_attempt_poisons() -> None:
    outcome = fails(JobFailed("mail.refused", "the server is busy"), 3)

    assert outcome.state is JobState.POISONED
    assert outcome.due is None


def test_a_failure_that_no_retry_can_mend_poisons_at_once() -> None:
    assert fails(JobFailed("mail.address", "no such address", retry=False), 1).state is JobState.POISONED


def test_the_message_of_a_foreign_error_is_not_kept() -> None:
    outcome = fails(ValueError("陳大文 6123 4567"), 1)

    assert outcome.failure == Failure("error", "the handler raised ValueError")


def test_an_endless_reason_is_cut() -> None:
    outcome = fails(JobFailed("long", "x" * 5000), 1)

    assert outcome.failure is not None
    assert len(outcome.failure.reason) == 1000


def test_a_job_given_back_has_not_been_tried() -> None:
    assert rules.given_back(1) == rules.Outcome(JobState.WAITING, 0)


def test_a_cancelled_and_a_lost_job_keep_their_attempts() -> None:
    assert rules.cancelled(2) == rules.Outcome(JobState.CANCELLED, 2)
    lost = rules.worker_lost(3)
    assert lost.state is JobState.POISONED
    assert lost.failure is not None
    assert lost.failure.code == "worker_lost"


def test_a_result_is_kept_in_canonical_form() -> None:
    assert rules.succeeded(1, {"b": 1, "a": [None, "盤點"]}).result_text == '{"a":[null,"盤點"],"b":1}'


@pytest.mark.parametrize("result", [1.5, {"A": 1}, {"a": 2**53}, "x" * 65_536])
def test_a_result_that_cannot_be_kept_is_refused(result: JSON) -> None:
    with pytest.raises(InvalidJob, match=r"^result: "):
        rules.succeeded(1, result)


def test_a_payload_has_a_bound() -> None:
    assert rules.encode_payload({"n": 1}) == '{"n":1}'
    with pytest.raises(InvalidJob, match="payload: expected at most 16384 bytes, got 16387"):
        rules.encode_payload("x" * 16_385)


def test_the_same_kind_and_key_name_the_same_job() -> None:
    assert rules.job_id("log.verify", "7") == rules.job_id("log.verify", "7")
    assert rules.job_id("log.verify", "7") != rules.job_id("log.verif", "y7")
    assert len(rules.job_id("log.verify", "7")) == 32


@pytest.mark.parametrize("kind", ["log", "log.verify", "a_b.c_d.e"])
def test_a_kind_is_words_joined_by_dots(kind: str) -> None:
    assert rules.parse_kind(kind) == kind


@pytest.mark.parametrize("kind", ["", ".", "log.", "Log", "log.verify2", "a" * 65, "log\n"])
def test_another_kind_is_refused(kind: str) -> None:
    with pytest.raises(InvalidJob, match=r"^kind: "):
        rules.parse_kind(kind)


@pytest.mark.parametrize("key", ["", "x" * 257, "a\nb"])
def test_a_key_outside_its_bounds_is_refused(key: str) -> None:
    with pytest.raises(InvalidJob, match=r"^unique_key: "):
        rules.parse_key(key)


def test_a_key_is_printable_text() -> None:
    assert rules.parse_key("日結/2026-11-22") == "日結/2026-11-22"


@pytest.mark.parametrize("attempts", [0, 101])
def test_attempts_have_bounds(attempts: int) -> None:
    assert rules.parse_attempts(100) == 100
    with pytest.raises(InvalidJob, match="attempts_max: expected 1 to 100"):
        rules.parse_attempts(attempts)


@pytest.mark.parametrize("priority", [-1, 10])
def test_priorities_have_bounds(priority: int) -> None:
    assert rules.parse_priority(9) == 9
    with pytest.raises(InvalidJob, match="priority: expected 0 to 9"):
        rules.parse_priority(priority)


def test_progress_of_an_unknown_total_is_progress() -> None:
    assert rules.parse_progress(7, 0) == Progress(7, 0)
    assert rules.parse_progress(7, 7) == Progress(7, 7)


@pytest.mark.parametrize(("done", "total"), [(-1, 0), (8, 7), (0, -1), (1, PROGRESS_MAX + 1), (PROGRESS_MAX + 1, 0)])
def test_progress_has_bounds(done: int, total: int) -> None:
    with pytest.raises(InvalidJob, match=r"^progress: "):
        rules.parse_progress(done, total)
