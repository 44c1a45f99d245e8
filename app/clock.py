"""The clock and the randomness of a real process; every other room gets them as arguments."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def system_clock() -> datetime:
    """Now: aware, UTC, whole microseconds."""
    return datetime.now(UTC)


def system_entropy(size_bytes: int) -> bytes:
    """Random bytes fit for keys."""
    return secrets.token_bytes(size_bytes)
