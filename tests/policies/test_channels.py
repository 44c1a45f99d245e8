"""A decision says by which way it was asked, however often whoever asks is brought up to date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from policies.model import Action, Channel, Principal, Resource, Role, ScopeKind, SignIn
from policies.replaying import entries_to_replay, replay
from tests.policies.house import House
from tests.policies.test_replaying import ask, shipped_alone

MK01, TST1 = Resource.at("stock", ["MK01"]), Resource.at("stock", ["TST1"])


def by_session(house: House, person: str) -> Principal:
    """As the pages know somebody."""
    now = house.world.clock()
    one = house.policies.principal(person)
    secret, _ = house.policies.begin_session(one, SignIn(now), until=now + timedelta(hours=1), now=now)
    return house.policies.session_principal(secret, now)[0]


@pytest.mark.parametrize("way", ["web", "api", "cli", "device", "device for somebody", "job"])
def test_the_entry_of_what_was_decided_names_the_channel(house: House, way: str) -> None:
    house.tree()
    policies = house.policies
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    secret = house.key(house.client((ScopeKind.STORE, "MK01")).id).secret
    callers = {
        "web": lambda: by_session(house, clerk),
        "api": lambda: policies.principal(clerk, SignIn(house.world.clock()), Channel.API),
        "cli": lambda: policies.local_person(clerk),
        "device": lambda: house.caller(secret),
        "device for somebody": lambda: policies.acting_for(house.caller(secret), clerk),
        "job": lambda: policies.principal(clerk, channel=Channel.JOB),
    }
    caller = callers[way]()

    ask(house, caller, Action.STOCK_ADJUST, MK01)
    allowed = house.entry()["decision"]
    # The directory moves: whoever calls is brought up to its version.
    house.assign(clerk, ScopeKind.STORE, "ST01")
    ask(house, caller, Action.STOCK_ADJUST, TST1)
    denied = house.entry()["decision"]

    assert (allowed["code"], denied["code"]) == ("allowed", "store_out_of_reach")
    assert allowed["channel"] == denied["channel"] == way.partition(" ")[0]


def test_an_engagement_and_a_broken_glass_keep_it(sqlite_house: House) -> None:
    house = sqlite_house
    house.tree()
    auditor = by_session(house, house.person(Role.AUDITOR).id)
    manager = by_session(house, house.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")).id)
    told = house.person(Role.DPO).id
    house.do(
        house.policies.break_glass(manager, stores=["TST1"], minutes=9, reason="水浸", told=told, event_id=house.id())
    )

    found = [
        ask(house, auditor, Action.STOCK_READ, MK01).principal,
        ask(house, manager, Action.STOCK_READ, TST1).principal,
    ]

    assert [one.grant is not None for one in found] == [True, True]
    assert [one.channel for one in found] == [Channel.WEB, Channel.WEB]
    assert house.entry()["decision"]["channel"] == "web"


def test_a_minute_of_readings_is_counted_by_channel(sqlite_house: House) -> None:
    house = sqlite_house
    house.tree()
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    ways = (by_session(house, clerk), house.policies.principal(clerk, channel=Channel.API))
    for caller, times in zip(ways, (2, 3), strict=True):
        for _ in range(times):
            decision = house.policies.decide(caller, Action.STOCK_READ, MK01)
            house.policies.record_list(decision, now=house.world.clock())

    house.policies.write_summaries(house.world.clock(), everything=True)

    data: dict[str, Any] = house.entry()["data"]
    assert {row["channel"]: row["count"] for row in data["rows"]} == {"web": 2, "api": 3}


def test_decisions_with_a_channel_and_older_ones_without_are_taken_again_alike(sqlite_house: House) -> None:
    house = sqlite_house
    house.tree()
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    for caller in (house.policies.principal(clerk), by_session(house, clerk)):
        ask(house, caller, Action.STOCK_ADJUST, MK01)
    noted = [entry for entry in map(house.entry, range(house.size())) if entry["type"] == "test.noted"]

    with house.world.storage.database.read() as connection:
        found = replay(entries_to_replay(connection), bundles=shipped_alone)

    assert [entry["decision"].get("channel") for entry in noted] == [None, "web"]
    assert (found.differing, found.untaken) == ((), {})


def test_chopbooks_own_commands_say_so(sqlite_house: House) -> None:
    sqlite_house.tree()

    assert sqlite_house.entry()["decision"]["channel"] == "cli"
