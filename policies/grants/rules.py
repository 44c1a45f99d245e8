"""What somebody should look at about broken glass. Pure.

A broken glass is reviewed by the end of the second working day after the day on which it was broken, in Hong Kong's calendar: one broken on
a Friday night by the end of Tuesday. From the next midnight on, as long as nobody reviews it, it is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.codes import Code
from policies.grants.model import REVIEW_WORKING_DAYS, GrantKind
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
    return calendar.working_days_after(grant.starts_at.astimezone(HONG_KONG).date(), REVIEW_WORKING_DAYS)


def glass_findings(grants: Iterable[Grant], now: datetime, calendar: Calendar) -> tuple[GlassFinding, ...]:
    """Broken glass that nobody reviewed in time, the longest overdue first."""
    today: Final = now.astimezone(HONG_KONG).date()
    found = [
        GlassFinding(Code.REVIEW_OVERDUE, grant, due_on)
        for grant in grants
        if grant.kind is GrantKind.BREAK_GLASS
        and grant.review is None
        and (due_on := review_due(grant, calendar)) < today
    ]
    return tuple(sorted(found, key=lambda finding: (finding.due_on, finding.grant.id)))
