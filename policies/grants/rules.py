"""What somebody should look at about broken glass. Pure.

A broken glass is reviewed by the end of the second working day after the day on which it was broken, in Hong Kong's calendar: one broken on
a Friday night by the end of Tuesday. From the next midnight on, as long as nobody reviews it, it is a finding.

The second person acknowledges it within `ACKNOWLEDGE_WITHIN`, by night too. From then on, as long as they do not and nobody reviews it, that is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.codes import Code
from policies.grants.model import ACKNOWLEDGE_WITHIN, REVIEW_WORKING_DAYS, GrantKind
from policies.quota import HONG_KONG

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from policies.calendar import Calendar
    from policies.grants.model import Grant


@dataclass(frozen=True, slots=True)
class GlassFinding:
    """Something that somebody should look at: its code, which grant it is about, and the last day on which it would have been in time."""

    code: Code
    grant: Grant
    due_on: date


def review_due(grant: Grant, calendar: Calendar) -> date:
    """The last day on which the review of a broken glass is in time."""
    return calendar.working_days_after(_day(grant.starts_at), REVIEW_WORKING_DAYS)


def acknowledge_by(grant: Grant) -> datetime:
    """The moment before which the second person acknowledges a broken glass."""
    return grant.starts_at + ACKNOWLEDGE_WITHIN


def is_unheard(grant: Grant) -> bool:
    """Whether the second person has not yet said that they heard of a broken glass; a review says that somebody did."""
    return grant.kind is GrantKind.BREAK_GLASS and grant.acknowledged_at is None and grant.review is None


def glass_findings(grants: Iterable[Grant], now: datetime, calendar: Calendar) -> tuple[GlassFinding, ...]:
    """Broken glass that nobody reviewed, or the second person did not acknowledge, in time; the longest overdue first."""
    broken = [grant for grant in grants if grant.kind is GrantKind.BREAK_GLASS and grant.review is None]
    found = [
        GlassFinding(Code.REVIEW_OVERDUE, grant, due_on)
        for grant in broken
        if (due_on := review_due(grant, calendar)) < _day(now)
    ]
    found += [
        GlassFinding(Code.GLASS_UNACKNOWLEDGED, grant, _day(acknowledge_by(grant)))
        for grant in broken
        if is_unheard(grant) and acknowledge_by(grant) <= now
    ]
    return tuple(sorted(found, key=lambda finding: (finding.due_on, finding.grant.starts_at, finding.grant.id)))


def _day(moment: datetime) -> date:
    return moment.astimezone(HONG_KONG).date()
