"""The values of access for a time.

- An *engagement* is all that an auditor reaches: some stores or all, classes of documents, dates; at most 90 days, read-only, with an
  agreement on confidentiality on file. Without one that runs, an auditor reaches nothing.
- *Breaking the glass* widens for at most an hour where somebody's role applies: to the stores named, for a reason, with a second person
  told at once, and reviewed afterwards. What it never widens is in `policies/cedar/limits.cedar`.
- The second person acknowledges that they heard of it, within hours; what they do not is a finding, whatever told them.
- Both end by the clock; no clockwork is needed for them to end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GRANT_GIVEN: Final = "grant.given"
GRANT_ENDED: Final = "grant.ended"
GLASS_BROKEN: Final = "break_glass.opened"
GLASS_CLOSED: Final = "break_glass.closed"
GLASS_ACKNOWLEDGED: Final = "break_glass.acknowledged"
GLASS_REVIEWED: Final = "break_glass.reviewed"
GLASS_OVERDUE: Final = "break_glass.review_overdue"
GLASS_UNACKNOWLEDGED: Final = "break_glass.unacknowledged"

GRANT_EVENT_TYPES: Final = frozenset(
    {GRANT_GIVEN, GRANT_ENDED, GLASS_BROKEN, GLASS_CLOSED, GLASS_ACKNOWLEDGED, GLASS_REVIEWED}
)
"""Every type of entry that changes access for a time. Each moves the policy version; that something is overdue moves nothing."""

ENGAGEMENT_MAX: Final = timedelta(days=90)
BREAK_GLASS_MAX: Final = timedelta(minutes=60)
STORES_MAX: Final = 200
CLASSES_MAX: Final = 64
REVIEW_WORKING_DAYS: Final = 2
ACKNOWLEDGE_WITHIN: Final = timedelta(hours=4)
"""Of the moment in which the glass was broken."""


class GrantKind(StrEnum):
    """What sort of access."""

    ENGAGEMENT = "engagement"
    BREAK_GLASS = "break_glass"


class GrantState(StrEnum):
    """How it stands at a moment."""

    COMING = "coming"
    RUNNING = "running"
    OVER = "over"


class Review(StrEnum):
    """What a review of a broken glass came to."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True, slots=True)
class Grant:
    """Access for a time.

    Attributes:
        id: 32 hex digits.
        kind: engagement, or a broken glass.
        principal: whose.
        stores: which; None: every store (an engagement alone).
        classes: documents of which classes; None: any.
        dates_from, dates_until: what was recorded at or after, and before; None: no such limit.
        starts_at, ends_at: from when on, and until when.
        ended_at: when it was ended before its time.
        given_by: who gave it; who broke the glass.
        told: the second person, who was told of the broken glass.
        acknowledged_at: when the second person said that they heard of it.
        review, reviewed_by: what the review came to, and whose it was.
    """

    id: str
    kind: GrantKind
    principal: str
    stores: frozenset[str] | None
    classes: frozenset[str] | None
    dates_from: datetime | None
    dates_until: datetime | None
    starts_at: datetime
    ends_at: datetime
    given_by: str
    ended_at: datetime | None = None
    told: str | None = None
    review: Review | None = None
    reviewed_by: str | None = None
    acknowledged_at: datetime | None = None

    def state_at(self, now: datetime) -> GrantState:
        """How it stands at a moment: the first instant is in it, the last is not."""
        if now >= self.ends_at or (self.ended_at is not None and now >= self.ended_at):
            return GrantState.OVER
        return GrantState.RUNNING if now >= self.starts_at else GrantState.COMING

    @property
    def whole(self) -> bool:
        """Whether it limits neither stores, nor classes, nor dates."""
        return (self.stores, self.classes, self.dates_from, self.dates_until) == (None, None, None, None)
