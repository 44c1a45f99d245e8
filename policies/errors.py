"""What the policies room refuses, as one tree; each can be told in two languages.

    PolicyError                code and values; `words` renders them
    ├── NotAuthenticated       who calls is not known, or no longer welcome          (401)
    ├── Denied                 who calls is known and may not; carries the decision  (403)
    │   ├── StepUpRequired     they signed in too long ago, or too weakly            (401)
    │   └── UseRefused         personal data is not kept for what they use it for    (403)
    ├── RateLimited            too often; carries when to come back                  (429)
    ├── QuotaExceeded          the month's calls are used; carries when it begins anew (429)
    ├── InvalidValue           a member is wrong whatever the state of things        (422)
    ├── UnknownThing           an area, store, principal or key that is not          (404)
    └── PolicyConflict         well formed, but not as things stand                  (409)

`member` names the argument at fault, empty for the whole. Values hold codes, bounds and counts, never a secret, a name
or free text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from policies.codes import Code
from policies.reasons import explain, explain_use, words_for, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime, timedelta

    from policies.explanations import Explanation
    from policies.model import Decision, Words

__all__ = [
    "Code",
    "Denied",
    "InvalidValue",
    "NotAuthenticated",
    "PolicyConflict",
    "PolicyError",
    "QuotaExceeded",
    "RateLimited",
    "StepUpRequired",
    "UnknownThing",
    "UseRefused",
]


class PolicyError(Exception):
    """Base of everything this room refuses.

    Attributes:
        code: stable name of the reason.
        member: the argument at fault, empty for the whole.
        values: what the text names.
    """

    def __init__(self, code: Code, member: str = "", values: Mapping[str, str | int | Words] | None = None) -> None:
        self.code: Final = code
        self.member: Final = member
        self.values: Final[Mapping[str, str | int | Words]] = values or {}
        super().__init__(code, member, self.values)

    def __str__(self) -> str:
        """The English text, behind the member it is about."""
        return f"{self.member}: {self.words().en}" if self.member else self.words().en

    def words(self) -> Words:
        """What to tell the caller, in both languages."""
        return words_of(self.code, self.values)


class NotAuthenticated(PolicyError):
    """Nobody we know, or nobody who may still call.

    `tried` is the public part of what was shown (a key's prefix, a principal's id): for counting, salted, never for
    showing.
    """

    def __init__(self, code: Code, tried: str = "") -> None:
        self.tried: Final = tried
        super().__init__(code)


class Denied(PolicyError):
    """The principal may not do this; `decision` says on what that rests."""

    def __init__(self, decision: Decision) -> None:
        self.decision: Final = decision
        super().__init__(decision.code)

    def words(self) -> Words:
        """What to tell the caller, in the words of the bundle that decided."""
        return words_for(self.decision)

    def explain(self) -> Explanation:
        """What would be needed, in both languages."""
        return explain(self.decision)


class StepUpRequired(Denied):
    """The principal may do this once they have signed in again: a sign-in may be `age_max` old."""

    def __init__(self, decision: Decision, age_max: timedelta) -> None:
        self.age_max: Final = age_max
        super().__init__(replace(decision, allowed=False, code=Code.STEP_UP_REQUIRED))


class UseRefused(Denied):
    """The principal may see it, but not for this purpose; `listed` are those it is kept for."""

    def __init__(self, decision: Decision, code: Code, listed: Collection[str]) -> None:
        self.listed: Final = tuple(sorted(listed))
        super().__init__(replace(decision, allowed=False, code=code))

    def explain(self) -> Explanation:
        """Which purposes would do, and what another takes."""
        return explain_use(self.code, self.listed)


class RateLimited(PolicyError):
    """The key's calls of the last minute are used up; one more is free after `retry_after_s` seconds."""

    def __init__(self, rate_per_minute: int, retry_after_s: int) -> None:
        self.rate_per_minute: Final = rate_per_minute
        self.retry_after_s: Final = retry_after_s
        super().__init__(Code.RATE_LIMITED, values={"rate": rate_per_minute, "seconds": retry_after_s})


class QuotaExceeded(PolicyError):
    """The key's calls of this month are used up; a new month begins at `resets_at`."""

    def __init__(self, quota_per_month: int, resets_at: datetime) -> None:
        self.quota_per_month: Final = quota_per_month
        self.resets_at: Final = resets_at
        day = f"{resets_at:%Y-%m-%d}"
        super().__init__(Code.QUOTA_EXCEEDED, values={"quota": quota_per_month, "day": day})


class InvalidValue(PolicyError):
    """An argument is wrong, whatever the state of things."""


class UnknownThing(PolicyError):
    """An argument names something that does not exist."""


class PolicyConflict(PolicyError):
    """Well formed, but not possible as things stand."""
