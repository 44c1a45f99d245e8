"""What a caller has left, in headers (draft-ietf-httpapi-ratelimit-headers): calls a minute, calls a month."""

from datetime import datetime
from typing import Final

from policies.errors import PolicyError, QuotaExceeded, RateLimited
from policies.usage import Allowance

MINUTE_S: Final = 60
MONTH_S: Final = 31 * 86_400

Headers = list[tuple[bytes, bytes]]


def allowance_headers(allowance: Allowance, now: datetime) -> Headers:
    """Return the headers for a call that was admitted."""
    rate, left = allowance.rate_per_minute, allowance.rate_remaining
    policy = f'"minute";q={rate};w={MINUTE_S}'
    state = f'"minute";r={left};t={-(-(rate - left) * MINUTE_S // rate)}'
    if allowance.quota_per_month is not None and allowance.quota_resets_at is not None:
        policy += f', "month";q={allowance.quota_per_month};w={MONTH_S}'
        state += f', "month";r={allowance.quota_remaining};t={seconds_until(allowance.quota_resets_at, now)}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]


def refusal_headers(error: PolicyError, now: datetime) -> Headers:
    """Return the headers for a call that was not admitted; none for another error."""
    if isinstance(error, RateLimited):
        policy = f'"minute";q={error.rate_per_minute};w={MINUTE_S}'
        state = f'"minute";r=0;t={error.retry_after_s}'
    elif isinstance(error, QuotaExceeded):
        policy = f'"month";q={error.quota_per_month};w={MONTH_S}'
        state = f'"month";r=0;t={seconds_until(error.resets_at, now)}'
    else:
        return []
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]


def seconds_until(moment: datetime, now: datetime) -> int:
    """Return the whole seconds until a moment, rounded up, at least 1."""
    return max(1, int((moment - now).total_seconds()) + 1)
