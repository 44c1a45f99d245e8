"""How often a caller may call: a bucket a minute in memory, and a ledger of calls by month that survives a crash.

- Rate: a token bucket for each key (for each person without one), filled evenly, holding at most a minute's calls.
  It is a process's own; several processes let through as many times more.
- Quota: months are those of Hong Kong (UTC+8). Calls are reserved in blocks, durably, before they are used: a crash
  counts too many, never too few, and several processes together never exceed a quota. A clean end gives back the rest.
- The next block is reserved in the background while the last quarter of this one is used; only a key's first call in a
  process, and bursts beyond a block, wait for a commit.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Final

from policies import store
from policies.errors import QuotaExceeded, RateLimited
from policies.model import ApiKey, Principal
from policies.rules import RATE_PER_MINUTE_DEFAULT
from policies.usage import Allowance
from storage.errors import StorageError

if TYPE_CHECKING:
    from storage.database import Database

HONG_KONG: Final = timezone(timedelta(hours=8), "HKT")
BLOCK_MIN: Final = 64
BLOCK_MAX: Final = 65_536
AHEAD_MIN: Final = 16
"""Blocks smaller than this are not reserved ahead: of a small quota nothing is hoarded."""
BLOCK_SECONDS: Final = 10.0
"""A block that lasted shorter is followed by one twice as large."""
USED_UP_SECONDS: Final = 10.0
"""So long a quota found used up is not asked for again; another process may have given some back by then."""
LAST_USED_EVERY: Final = timedelta(minutes=1)

_LOGGER = logging.getLogger(__name__)


def month_of(now: datetime) -> str:
    """The month in Hong Kong: `2026-11`."""
    return f"{now.astimezone(HONG_KONG):%Y-%m}"


def month_end(now: datetime) -> datetime:
    """When the month after begins in Hong Kong."""
    local = now.astimezone(HONG_KONG)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    return datetime(year, month, 1, tzinfo=HONG_KONG)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


@dataclass(slots=True)
class _Ledger:
    """What is reserved of one key's month and not used yet."""

    month: str
    ends: datetime
    left: int = 0
    reserved: int = 0
    block: int = BLOCK_MIN
    granted: int = 0
    since: float | None = None
    used_up_at: float | None = None
    pending: Future[None] | None = None
    filling: threading.Lock = field(default_factory=threading.Lock)


class Meter:
    """Counts and bounds calls; safe to share between threads."""

    def __init__(self, database: Database, *, stopwatch: Callable[[], float] = time.monotonic) -> None:
        """`stopwatch` measures how long a block lasted; it tells no time of day."""
        self._database: Final = database
        self._stopwatch: Final = stopwatch
        self._lock = threading.Lock()
        # One statement of ours at a time in any batch: two processes never wait for each other's rows in a circle.
        self._operating = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._ledgers: dict[str, _Ledger] = {}
        self._used: dict[str, datetime] = {}
        self._used_written: datetime | None = None
        self._background: ThreadPoolExecutor | None = None
        self._closed = False

    def admit(self, principal: Principal, key: ApiKey | None, now: datetime) -> Allowance:
        """Counts one call.

        Raises:
            RateLimited: the minute's calls are used up; the call is not counted.
            QuotaExceeded: the month's calls are used up.
            StorageError: a block could not be reserved.
        """
        rate = RATE_PER_MINUTE_DEFAULT if key is None else key.rate_per_minute
        remaining = self._draw(principal.id if key is None else key.id, rate, now)
        if key is None:
            return Allowance(rate, remaining, None, None, None)
        ledger = self._spend(key, now)
        if self._used_written is None or now - self._used_written >= LAST_USED_EVERY:
            self._used_written = now
            self._later(self.write_last_used)
        quota = key.quota_per_month
        if quota is None:
            return Allowance(rate, remaining, None, None, None)
        return Allowance(rate, remaining, quota, max(0, quota - ledger.reserved + ledger.left), ledger.ends)

    def write_last_used(self) -> None:
        """Writes when keys were last used.

        Raises:
            StorageError: not now; nothing is lost.
        """
        with self._lock:
            used, self._used = self._used, {}
        if not used:
            return
        dialect = self._database.dialect
        try:
            with self._operating:
                self._database.operate(lambda operation: store.write_last_used(operation, dialect, used))
        except StorageError:
            with self._lock:
                self._used = {**used, **self._used}
            raise

    def close(self) -> None:
        """Gives back what is reserved and not used, and writes when keys were last used.

        A call that comes later still is admitted and counted; what it reserves is not given back.
        """
        with self._lock:
            self._closed = True
            background, self._background = self._background, None
        if background is not None:
            background.shutdown(wait=True)
        for key_id, ledger in self._ledgers.items():
            if ledger.left:
                self._give_back(key_id, ledger)
        self.write_last_used()

    # ------------------------------------------------------------------------------------- the rate

    def _draw(self, name: str, rate: int, now: datetime) -> int:
        with self._lock:
            bucket = self._buckets.get(name)
            if bucket is None:
                # As many as there are keys and people: nobody else gets this far.
                bucket = self._buckets[name] = _Bucket(float(rate), now)
            elapsed_s = (now - bucket.at).total_seconds()
            if elapsed_s > 0:
                bucket.tokens += elapsed_s * rate / 60
                bucket.at = now
            bucket.tokens = min(float(rate), bucket.tokens)
            if bucket.tokens < 1:
                raise RateLimited(rate, max(1, math.ceil((1 - bucket.tokens) * 60 / rate)))
            bucket.tokens -= 1
            return int(bucket.tokens)

    # ------------------------------------------------------------------------------------ the quota

    def _spend(self, key: ApiKey, now: datetime) -> _Ledger:
        while True:
            with self._lock:
                ledger = self._ledgers.get(key.id)
                if ledger is None or now >= ledger.ends:
                    ledger = self._ledgers[key.id] = _Ledger(month_of(now), month_end(now))
                if ledger.left:
                    ledger.left -= 1
                    self._used[key.id] = now
                    if ledger.left * 4 < ledger.granted and ledger.granted >= AHEAD_MIN and ledger.pending is None:
                        ledger.pending = self._later(partial(self._fill, key, ledger))
                    return ledger
                pending = ledger.pending
            if pending is not None:
                # Whatever became of it is seen when we look again.
                pending.exception()
                continue
            if not self._refill(key, ledger):
                raise QuotaExceeded(key.quota_per_month or 0, ledger.ends)

    def _refill(self, key: ApiKey, ledger: _Ledger) -> bool:
        """Whether there are calls left, reserving some if there are none."""
        with ledger.filling:
            if not ledger.left and not self._is_used_up(ledger):
                self._reserve(key, ledger)
            return ledger.left > 0

    def _is_used_up(self, ledger: _Ledger) -> bool:
        """Whether the quota was found used up just now: a refused caller who persists costs no commit each time."""
        return ledger.used_up_at is not None and self._stopwatch() - ledger.used_up_at < USED_UP_SECONDS

    def _fill(self, key: ApiKey, ledger: _Ledger) -> None:
        try:
            with ledger.filling:
                self._reserve(key, ledger)
        finally:
            # Under the lock: it was set under it, perhaps after we began.
            with self._lock:
                ledger.pending = None

    def _reserve(self, key: ApiKey, ledger: _Ledger) -> None:
        block = self._block_of(key, ledger)
        dialect = self._database.dialect
        with self._operating:
            granted, reserved = self._database.operate(
                lambda operation: store.reserve_calls(
                    operation,
                    dialect,
                    key_id=key.id,
                    month=ledger.month,
                    wanted=block,
                    quota=key.quota_per_month,
                )
            )
        with self._lock:
            ledger.left += granted
            ledger.granted = granted
            ledger.reserved = reserved
            ledger.used_up_at = None if granted else self._stopwatch()

    def _block_of(self, key: ApiKey, ledger: _Ledger) -> int:
        moment = self._stopwatch()
        if ledger.since is not None and moment - ledger.since < BLOCK_SECONDS:
            ledger.block = min(BLOCK_MAX, ledger.block * 2)
        elif ledger.since is not None:
            ledger.block = max(BLOCK_MIN, ledger.block // 2)
        ledger.since = moment
        if key.quota_per_month is None:
            return ledger.block
        # A crash, and what other processes hold, should cost no more than a hundredth of the quota.
        return min(ledger.block, max(1, key.quota_per_month // 100))

    def _give_back(self, key_id: str, ledger: _Ledger) -> None:
        calls, ledger.left = ledger.left, 0
        with self._operating:
            self._database.operate(
                lambda operation: store.return_calls(operation, key_id=key_id, month=ledger.month, calls=calls)
            )

    def _later(self, task: Callable[[], None]) -> Future[None] | None:
        """Runs a task in the background; None when closing. Its failure is logged: the next call meets it itself."""
        if self._closed:
            return None
        if self._background is None:
            self._background = ThreadPoolExecutor(1, thread_name_prefix="chopbook-meter")

        def run() -> None:
            try:
                task()
            except StorageError:
                _LOGGER.warning("meter: the log is busy; tried again with the next call")

        return self._background.submit(run)
