"""When a channel is told: never too much in a minute, one by one while few wait, gathered when many do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workflow.notices.model import DIGEST_MAX, ChannelKind
from workflow.notices.rules import PACES, Hold, Send, decide

NOW = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
ROBOT = PACES[ChannelKind.DINGTALK]
PROGRAM = PACES[ChannelKind.WEBHOOK]


def ago(*seconds: float) -> list[datetime]:
    """Moments before now, the earliest first."""
    return [NOW - timedelta(seconds=one) for one in sorted(seconds, reverse=True)]


def test_nothing_is_sent_where_nothing_waits() -> None:
    assert decide(ROBOT, now=NOW, attempts=ago(1), waiting=0) == Hold(None)


@pytest.mark.parametrize("made", range(ROBOT.singly))
def test_few_are_told_one_by_one(made: int) -> None:
    attempts = ago(*[20 + one for one in range(made)])

    assert decide(ROBOT, now=NOW, attempts=attempts, waiting=1) == Send(1)


def test_many_are_gathered_and_none_is_left_out() -> None:
    assert decide(ROBOT, now=NOW, attempts=[], waiting=ROBOT.singly + 1) == Send(ROBOT.singly + 1)
    assert decide(ROBOT, now=NOW, attempts=[], waiting=DIGEST_MAX + 1) == Send(DIGEST_MAX)


def test_a_digest_waits_until_more_could_have_come() -> None:
    assert decide(ROBOT, now=NOW, attempts=ago(2), waiting=100) == Hold(NOW - timedelta(seconds=2) + ROBOT.gather)


@pytest.mark.parametrize("waiting", [1, 1_000])
def test_a_full_minute_holds_everything_until_its_first_attempt_is_past(waiting: int) -> None:
    attempts = ago(*range(1, ROBOT.most + 1))

    assert decide(ROBOT, now=NOW, attempts=attempts, waiting=waiting) == Hold(attempts[0] + ROBOT.window)


def test_a_program_reads_each_event_by_itself_however_many_wait() -> None:
    assert decide(PROGRAM, now=NOW, attempts=ago(1, 2, 3), waiting=10_000) == Send(1)
