"""What is told to whom, and when: pure decisions.

Burst control of a channel that bears `most` messages in a minute:
- In any `window` (a little more than a minute, for the time a message is under way) there are never more than `most` attempts,
  failed ones included.
- While fewer than `singly` were made, and no more notices wait than are left of those, each notice is a message.
- Otherwise what waits is gathered into one digest, at the earliest `gather` after the attempt before. A digest tells all.

An attempt is counted before it is made, so that a crash never makes it two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from workflow.notices.model import DIGEST_MAX, NOTICE_FAILED, ChannelKind, Rule
from workflow.rules import BackOff, delay

if TYPE_CHECKING:
    from workflow.notices.errors import DeliveryFailed

BACK_OFF: Final = BackOff(base=timedelta(seconds=5), cap=timedelta(hours=1))
THROTTLED_FOR: Final = timedelta(minutes=10)
"""So long a robot that came too fast is not heard."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many messages a channel bears."""

    most: int
    singly: int
    window: timedelta = timedelta(seconds=62)
    gather: timedelta = timedelta(seconds=12)
    digests: bool = True


PACES: Final = {
    ChannelKind.DINGTALK: Pace(most=20, singly=15),
    ChannelKind.MAIL: Pace(most=20, singly=10),
    # A program reads each event by itself.
    ChannelKind.WEBHOOK: Pace(most=600, singly=600, digests=False),
}


@dataclass(frozen=True, slots=True)
class Send:
    """Send the oldest `notices` that wait, as one message."""

    notices: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Send nothing before `until`; None: until something comes."""

    until: datetime | None


def decide(pace: Pace, *, now: datetime, attempts: Sequence[datetime], waiting: int) -> Send | Hold:
    """What to do with `waiting` notices; `attempts` are the times of the latest attempts, in order."""
    if waiting == 0:
        return Hold(None)
    recent = recent_attempts(pace, attempts, now)
    if len(recent) >= pace.most:
        return Hold(recent[-pace.most] + pace.window)
    if not pace.digests or waiting <= pace.singly - len(recent):
        return Send(1)
    if recent and now < recent[-1] + pace.gather:
        return Hold(recent[-1] + pace.gather)
    return Send(min(waiting, DIGEST_MAX))


def recent_attempts(pace: Pace, attempts: Sequence[datetime], now: datetime) -> list[datetime]:
    """The attempts that count against the pace at `now`; one in the future (a clock was set back) counts."""
    return [moment for moment in attempts if moment > now - pace.window]


def next_attempt(failed: DeliveryFailed, *, attempt: int, now: datetime, entropy: bytes) -> datetime:
    """When to try again after attempt `attempt` (1 for the first)."""
    wait = delay(attempt, BACK_OFF, entropy)
    return now + max(wait, failed.wait or wait)


def matches(
    rule: Rule,
    *,
    index: int,
    event_type: str,
    store: str | None,
    document_class: str | None,
    told: str | None,
    failed_channel: str | None,
) -> bool:
    """Whether a rule wants an entry told. `told` is the person whom the entry says is to be told. `failed_channel` is that of a `notice.failed`, "" if it is about another one.

    A channel is not told that it failed itself, and nobody is told that telling of a failure failed: it would never end.
    """
    if not rule.active or index <= rule.created_index or not wants(rule.events, event_type):
        return False
    if event_type == NOTICE_FAILED and failed_channel in {"", rule.channel}:
        return False
    if rule.stores is not None and store not in rule.stores:
        return False
    if rule.told is not None and told not in rule.told:
        return False
    return rule.classes is None or document_class in rule.classes


def wants(events: Iterable[str], event_type: str) -> bool:
    """Whether an event type is one of those, or begins like one that ends in `.*`."""
    return any(
        event_type == wanted or (wanted.endswith(".*") and event_type.startswith(wanted[:-1])) for wanted in events
    )


def tells_person(rule: Rule, event_type: str, person: str) -> bool:
    """Whether a rule is for a person's own channel and tells of every entry of a type that names them as the one to be told."""
    whole = rule.stores is None and rule.classes is None
    return whole and rule.told is not None and person in rule.told and wants(rule.events, event_type)
