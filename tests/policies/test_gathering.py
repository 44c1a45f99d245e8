"""Counting by the minute, within bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from audit.canonical import ENTRY_BYTES_MAX, encode
from audit.event import Actor, Decided
from policies import gathering
from policies.gathering import Gathered, Gatherer, sort_of
from tests.worlds import seeded

NOW = datetime(2026, 11, 22, 4, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BASIS = Decided("cedar-0@7", "allowed", action="log.read", resource="log", scope="0" * 16)
READ = sort_of(Actor("p", "staff"), BASIS)


def gatherer() -> Gatherer:
    return Gatherer(seeded())


def test_a_window_is_a_minute_of_the_clock() -> None:
    counting = gatherer()
    counting.count(Gathered.SIGN_IN, ("a", ""), NOW)
    counting.count(Gathered.SIGN_IN, ("a", ""), NOW + timedelta(seconds=29))

    waits = counting.count(Gathered.SIGN_IN, ("a", ""), NOW + timedelta(seconds=30))

    assert waits
    [window] = counting.take(NOW + timedelta(seconds=31))
    assert window.begin == NOW.replace(second=0)
    assert window.counts == ((("a", ""), 2),)


def test_a_clock_that_goes_back_opens_no_old_window() -> None:
    counting = gatherer()
    counting.count(Gathered.READ, READ, NOW)

    counting.count(Gathered.READ, READ, NOW - MINUTE)

    [window] = counting.take(NOW, everything=True)
    assert window.counts == ((READ, 2),)


def test_the_same_window_is_the_same_event() -> None:
    counting = gatherer()
    counting.count(Gathered.SIGN_IN, ("a", ""), NOW)
    windows = counting.take(NOW + MINUTE)
    counting.put_back(windows)

    again = counting.take(NOW + MINUTE)

    assert [window.event() for window in again] == [window.event() for window in windows]


def test_sorts_beyond_the_bound_are_counted_together() -> None:
    counting = gatherer()
    for n in range(gathering.SORTS_MAX + 10):
        counting.count(Gathered.SIGN_IN, ("key_unknown", f"{n:016x}"), NOW)

    [window] = counting.take(NOW + MINUTE)

    event = window.event()
    assert dict(window.counts)["others", "others"] == 10
    assert event.data["count"] == gathering.SORTS_MAX + 10
    assert event.data["sorts"] == gathering.SORTS_MAX + 1
    rows = event.data["rows"]
    assert isinstance(rows, list)
    assert len(rows) == gathering.ROWS_MAX
    assert rows[0] == {"code": "others", "tried": "others", "count": 10}
    assert len(encode(dict(event.data))) < ENTRY_BYTES_MAX / 4


def test_the_digest_covers_what_the_rows_leave_out() -> None:
    digests = set()
    for extra in range(2):
        counting = gatherer()
        for n in range(gathering.ROWS_MAX + extra):
            counting.count(Gathered.SIGN_IN, ("key_unknown", f"{n:016x}"), NOW)
        digests.add(counting.take(NOW + MINUTE)[0].event().data["digest"])

    assert len(digests) == 2


def test_rows_that_name_many_stores_are_fewer() -> None:
    counting = gatherer()
    bases = [
        replace(BASIS, stores=" ".join(f"{n:03}xxxxxxxxxxxx{store:03}" for store in range(100)))
        for n in range(gathering.ROWS_MAX)
    ]
    for basis in bases:
        counting.count(Gathered.READ, sort_of(Actor("p", "staff", "q"), basis), NOW)

    [window] = counting.take(NOW + MINUTE)

    event = window.event()
    rows = event.data["rows"]
    assert isinstance(rows, list)
    assert 20 < len(rows) < gathering.ROWS_MAX
    assert rows[0] == {"principal": "p", "role": "staff", "for": "q", **bases[0].members, "count": 1}
    assert event.data["sorts"] == gathering.ROWS_MAX
    assert len(encode(dict(event.data))) < ENTRY_BYTES_MAX


def test_unwritten_windows_are_bounded() -> None:
    counting = gatherer()
    for minute in range(gathering.UNWRITTEN_MAX + 5):
        counting.count(Gathered.READ, READ, NOW + minute * MINUTE)

    windows = counting.take(NOW + (gathering.UNWRITTEN_MAX + 5) * MINUTE)
    counting.put_back([*windows, *windows])

    assert len(windows) == gathering.UNWRITTEN_MAX
    assert len(counting.take(NOW + timedelta(days=1))) == gathering.UNWRITTEN_MAX


def test_who_is_first_is_forgotten_with_the_minute_and_bounded() -> None:
    counting = gatherer()

    assert counting.is_first(("p", "a", "c"), NOW, most=2)
    assert not counting.is_first(("p", "a", "c"), NOW, most=2)
    assert counting.is_first(("p", "b", "c"), NOW, most=2)
    assert not counting.is_first(("p", "d", "c"), NOW, most=2)
    assert counting.is_first(("q", "a", "c"), NOW, most=2)
    assert counting.is_first(("p", "a", "c"), NOW + MINUTE, most=2)
    for n in range(gathering.SORTS_MAX):
        counting.is_first((f"r{n}", "a", "c"), NOW + MINUTE, most=2)
    assert not counting.is_first(("z", "a", "c"), NOW + MINUTE, most=2)
