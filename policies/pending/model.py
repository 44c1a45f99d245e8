"""The values of what waits for a second person.

- Who proposes never approves, whichever client acts for them; and nobody approves two steps of the same thing.
- Every step is an entry. What was approved is the content that was proposed: its digest is in the log.
- A thing that nobody settled in time is over; no clockwork is needed for it to be so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from policies.model import Action, Words

if TYPE_CHECKING:
    from audit.canonical import JSON

PENDING_PROPOSED: Final = "pending.proposed"
PENDING_APPROVED: Final = "pending.approved"
PENDING_DECLINED: Final = "pending.declined"
PENDING_WITHDRAWN: Final = "pending.withdrawn"

PENDING_EVENT_TYPES: Final = frozenset({PENDING_PROPOSED, PENDING_APPROVED, PENDING_DECLINED, PENDING_WITHDRAWN})
"""Every type of entry about what waits."""

LIFETIME: Final = timedelta(days=7)
LIFETIME_MAX: Final = timedelta(days=90)
STEPS_MAX: Final = 4
REASON_CHARS_MAX: Final = 500


class PendingKind(StrEnum):
    """What would be done."""

    ADJUSTMENT = "stock.adjustment"
    HOLD_RELEASE = "hold.release"
    DISPOSAL = "disposal"
    BUNDLE = "bundle.activation"
    UNMASK = "personal.unmask"
    LOCK_COMPLIANCE = "lock.compliance"
    CASE_DECISION = "case.decision"
    RETENTION_RULE = "retention.schedule"


class PendingState(StrEnum):
    """How it stands."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """Never stored: an open one whose time is over."""


PENDING_STATES: Final[Mapping[PendingState, Words]] = {
    PendingState.OPEN: Words("待批", "waits"),
    PendingState.APPROVED: Words("已批核", "approved"),
    PendingState.DECLINED: Words("不獲批准", "declined"),
    PendingState.WITHDRAWN: Words("已撤回", "taken back"),
    PendingState.EXPIRED: Words("已逾期", "expired"),
}


@dataclass(frozen=True, slots=True)
class PendingAction:
    """Something that waits for approval, or did.

    Attributes:
        id: 32 hex digits.
        kind: what would be done.
        subject: what it would be done to, as the log names it: `hold/HC-2026-01`.
        store: where that is; None: it is the organisation's.
        steps: for each approval that is needed, in order, the action whoever gives it must be allowed.
        content: what was proposed, exactly.
        digest: SHA-256 of the canonical bytes of `content`, as the entries have it.
        proposer: the person, or the client that acts for nobody.
        proposed_at, expires_at: from when on, and until when, it can be approved.
        approvers: who gave which step, in order.
        state: as stored; ask `state_at` for what it is now.
        entry_index: the entry that moved it last.
        proposed_index: the entry that proposed it.
    """

    id: str
    kind: PendingKind
    subject: str
    store: str | None
    steps: tuple[Action, ...]
    content: JSON
    digest: str
    proposer: str
    proposed_at: datetime
    expires_at: datetime
    approvers: tuple[str, ...]
    state: PendingState
    entry_index: int
    proposed_index: int

    @property
    def next_step(self) -> Action | None:
        """What whoever approves next must be allowed; None: nothing is missing."""
        return self.steps[len(self.approvers)] if len(self.approvers) < len(self.steps) else None

    def state_at(self, now: datetime) -> PendingState:
        """How it stands at a moment."""
        return PendingState.EXPIRED if self.state is PendingState.OPEN and now >= self.expires_at else self.state


KINDS: Final = {
    PendingKind.ADJUSTMENT: Words("倉存調整", "stock adjustment"),
    PendingKind.HOLD_RELEASE: Words("解除法律保全", "release of a legal hold"),
    PendingKind.DISPOSAL: Words("處置", "disposal"),
    PendingKind.BUNDLE: Words("啟用政策版本", "activation of a policy bundle"),
    PendingKind.UNMASK: Words("大量查看未遮蓋的個人資料", "seeing personal data unmasked in bulk"),
    PendingKind.LOCK_COMPLIANCE: Words("合規模式鎖定", "lock in compliance mode"),
    PendingKind.CASE_DECISION: Words("個案決定", "decision of a case"),
    PendingKind.RETENTION_RULE: Words("保留規則", "retention schedule"),
}
