"""Rates in memory, months in a ledger that never counts too few."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from policies.errors import QuotaExceeded, RateLimited
from policies.model import ApiKey, Principal, Role, ScopeKind
from policies.quota import BLOCK_MIN, USED_UP_SECONDS, Meter, month_end, month_of
from policies.rules import RATE_PER_MINUTE_DEFAULT
from policies.store import return_calls
from storage.errors import LogClosed
from tests.policies.house import House


class Stopwatch:
    """Measures nothing until told to."""

    def __init__(self) -> None:
        self.at = 1.0

    def __call__(self) -> float:
        return self.at


def caller(house: House, *, rate: int = 1_000_000, quota: int | None = None) -> tuple[Principal, ApiKey]:
    issued = house.key(house.client().id, rate_per_minute=rate, quota_per_month=quota)
    return house.caller(issued.secret), issued.key


def counted(house: House, key: ApiKey) -> int:
    found = house.policies.key_usage([key.id], house.world.clock())
    return found[key.id].calls if found else 0


@pytest.mark.parametrize(
    ("moment", "month", "end"),
    [
        ("2026-11-22T04:00", "2026-11", "2026-11-30T16:00"),
        ("2026-11-30T15:59", "2026-11", "2026-11-30T16:00"),
        ("2026-11-30T16:00", "2026-12", "2026-12-31T16:00"),
        ("2026-12-31T16:00", "2027-01", "2027-01-31T16:00"),
    ],
)
def test_a_month_is_hong_kongs(moment: str, month: str, end: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert month_of(now) == month
    assert month_end(now) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_a_minutes_calls_are_let_through_and_one_more_is_not(sqlite_house: House) -> None:
    house = sqlite_house
    principal, _ = caller(house, rate=3)

    left = [house.policies.admit(principal, house.world.clock()).rate_remaining for _ in range(3)]

    assert left == [2, 1, 0]
    with pytest.raises(RateLimited) as caught:
        house.policies.admit(principal, house.world.clock())
    assert caught.value.retry_after_s == 20
    house.world.clock.advance(seconds=20)
    assert house.policies.admit(principal, house.world.clock()).rate_remaining == 0
    house.world.clock.advance(hours=1)
    assert house.policies.admit(principal, house.world.clock()).rate_remaining == 2
    house.policies.close(house.world.clock())


def test_people_have_a_rate_and_no_quota(sqlite_house: House) -> None:
    house = sqlite_house
    auditor = house.policies.principal(house.person(Role.AUDITOR).id)

    allowance = house.policies.admit(auditor, house.world.clock())

    assert allowance.rate_per_minute == RATE_PER_MINUTE_DEFAULT
    assert allowance.quota_per_month is None
    assert allowance.quota_remaining is None


def test_a_months_calls_are_let_through_and_one_more_is_not(house: House) -> None:
    principal, key = caller(house, quota=5)
    now = house.world.clock()

    left = [house.policies.admit(principal, now).quota_remaining for _ in range(5)]

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(QuotaExceeded) as caught:
        house.policies.admit(principal, now)
    assert caught.value.resets_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert counted(house, key) == 5
    house.world.clock.now = caught.value.resets_at
    assert house.policies.admit(principal, house.world.clock()).quota_remaining == 4
    house.policies.close(house.world.clock())


def test_calls_are_reserved_before_they_are_used_so_that_a_crash_counts_too_many(house: House) -> None:
    principal, key = caller(house)

    house.policies.admit(principal, house.world.clock())

    # What a crash would leave behind.
    assert counted(house, key) == BLOCK_MIN
    house.policies.close(house.world.clock())
    assert counted(house, key) == 1


def test_two_processes_together_never_exceed_a_quota(house: House) -> None:
    principal, key = caller(house, quota=300)
    elsewhere = house.world.open_another()
    meters = [Meter(house.world.storage.database), Meter(elsewhere.database)]
    now, through = house.world.clock(), [0, 0]

    def spend(n: int) -> None:
        try:
            while True:
                meters[n].admit(principal, key, now)
                through[n] += 1
        except QuotaExceeded:
            return

    threads = [threading.Thread(target=spend, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # What one gave back at the end the other could not know of; together they never pass the quota.
    assert sum(through) == 300
    for meter in meters:
        meter.close()
    assert counted(house, key) == 300
    elsewhere.close()


def test_the_next_block_is_reserved_while_this_one_is_used(house: House) -> None:
    principal, key = caller(house)
    meter = Meter(house.world.storage.database)

    for _ in range(BLOCK_MIN * 10):
        meter.admit(principal, key, house.world.clock())

    meter.close()
    assert counted(house, key) == BLOCK_MIN * 10


def test_a_call_that_comes_after_the_end_is_counted_too_many_not_too_few(sqlite_house: House) -> None:
    house = sqlite_house
    principal, key = caller(house)
    meter = Meter(house.world.storage.database)
    meter.close()

    meter.admit(principal, key, house.world.clock())

    assert counted(house, key) == BLOCK_MIN


def test_blocks_grow_with_the_traffic_and_shrink_with_it(sqlite_house: House) -> None:
    house = sqlite_house
    principal, key = caller(house)
    watch = Stopwatch()
    meter = Meter(house.world.storage.database, stopwatch=watch)

    def use_up() -> int:
        before = counted(house, key)
        for _ in range(before - used[0] + 1):
            meter.admit(principal, key, house.world.clock())
            used[0] += 1
        # Whether it is the call or the background that reserves next makes no difference to the sum.
        while counted(house, key) == before:
            pass
        return counted(house, key)

    used = [1]
    meter.admit(principal, key, house.world.clock())
    after_a_burst = use_up()
    watch.at += 1000
    after_a_pause = use_up()

    assert after_a_burst >= BLOCK_MIN * 3
    assert after_a_pause - after_a_burst >= BLOCK_MIN
    meter.close()


def test_a_refused_caller_who_persists_costs_no_commit(sqlite_house: House) -> None:
    house = sqlite_house
    principal, key = caller(house, quota=2)
    watch, now = Stopwatch(), house.world.clock()
    meter = Meter(house.world.storage.database, stopwatch=watch)
    other = Meter(house.world.storage.database, stopwatch=watch)
    other.admit(principal, key, now)
    meter.admit(principal, key, now)
    with pytest.raises(QuotaExceeded):
        meter.admit(principal, key, now)
    house.world.storage.database.operate(partial(return_calls, key_id=key.id, month="2026-11", calls=1))

    with pytest.raises(QuotaExceeded):
        meter.admit(principal, key, now)
    watch.at += USED_UP_SECONDS

    assert meter.admit(principal, key, now).quota_remaining == 0
    meter.close()
    other.close()


def test_when_a_key_was_last_used_is_known_and_never_goes_back(house: House) -> None:
    principal, key = caller(house)
    house.world.clock.advance(seconds=5)
    latest = house.world.clock()
    house.policies.admit(principal, latest)
    house.policies.housekeeping(latest)
    late = Meter(house.world.storage.database)
    late.admit(principal, key, latest - timedelta(hours=1))
    late.close()

    found = house.policies.key_usage([key.id, "aaaaaaaa"], latest)

    assert found[key.id].last_used_at == latest
    assert list(found) == [key.id]
    house.policies.close(latest)


def test_a_meter_without_a_log_refuses_and_forgets_nothing(sqlite_house: House) -> None:
    house = sqlite_house
    principal, key = caller(house)
    elsewhere = house.world.open_another()
    meter = Meter(elsewhere.database)
    meter.admit(principal, key, house.world.clock())
    elsewhere.log.close()

    def use_up() -> None:
        for _ in range(BLOCK_MIN * 8):
            meter.admit(principal, key, house.world.clock())

    with pytest.raises(LogClosed):
        use_up()
    with pytest.raises(LogClosed):
        meter.write_last_used()

    elsewhere.close()
    assert house.policies.key_usage([key.id], house.world.clock())[key.id].calls >= BLOCK_MIN


def test_a_removed_assignment_does_not_reset_the_rate(sqlite_house: House) -> None:
    house = sqlite_house
    house.tree()
    client = house.client((ScopeKind.STORE, "MK01"))
    issued = house.key(client.id, rate_per_minute=2)
    principal = house.caller(issued.secret)
    house.policies.admit(principal, house.world.clock())
    house.unassign(client.id, ScopeKind.STORE, "MK01")

    again = house.caller(issued.secret)

    assert house.policies.admit(again, house.world.clock()).rate_remaining == 0
    house.policies.close(house.world.clock())
