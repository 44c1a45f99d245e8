"""What callers used of what they may: calls a minute and a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller has left, after this call. Quota members are None where there is no quota."""

    rate_per_minute: int
    rate_remaining: int
    quota_per_month: int | None
    quota_remaining: int | None
    quota_resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """How a key was used: calls reserved in a month (Hong Kong time, `2026-11`), and when last."""

    key_id: str
    month: str
    calls: int
    last_used_at: datetime | None
