"""Recorded decisions come out as they did, and each that does not is named."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace as changed
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from audit.entry import EntryMembers
from policies.bundles.store import read_named
from policies.codes import Code
from policies.engine import Bundle, make_bundle, shipped
from policies.model import Action, Decision, Principal, Resource, Role, ScopeKind
from policies.replaying import Replay, TooMany, Untaken, entries_to_replay, replay
from tests.policies.bundles.office import Office, manifest, narrower
from tests.policies.house import House

MK01 = Resource.at("stock", ["MK01"])
TST1 = Resource.at("stock", ["TST1"])


@pytest.fixture
def house(sqlite_house: House) -> House:
    """What is tested here is the same on every database."""
    return sqlite_house


def ask(house: House, principal: Principal, action: Action, resource: Resource) -> Decision:
    """A decision that reaches the log: a write, or a denial."""
    decision = house.policies.decide(principal, action, resource)
    if decision.allowed:
        house.do(house.noting(decision))
    elif (change := house.policies.record_denial(decision, now=house.world.clock())) is not None:
        house.do(change)
    return decision


def entries(house: House, **period: Any) -> list[EntryMembers]:
    with house.world.storage.database.read() as connection:
        return list(entries_to_replay(connection, **period))


def shipped_alone(name: str) -> Bundle | None:
    return shipped() if name == shipped().name else None


def taken(
    found: list[EntryMembers], *, bundles: Callable[[str], Bundle | None] = shipped_alone, **period: Any
) -> Replay:
    return replay(found, bundles=bundles, **period)


@pytest.fixture
def busy(house: House) -> House:
    """A house in which everything that a decision can rest on has moved, with decisions before and after."""
    policies = house.policies
    house.tree()
    manager, clerk = (house.person(role, (ScopeKind.STORE, "MK01")) for role in (Role.STORE_MANAGER, Role.STAFF))
    area = house.person(Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))
    client = house.client((ScopeKind.ALL, ""))
    key = house.key(client.id)
    auditor = house.person(Role.AUDITOR, engaged=False)

    def everybody() -> None:
        for person in (manager, clerk, area, auditor):
            principal = policies.principal(person.id)
            for resource in (MK01, TST1, Resource("stock"), Resource("log", whole_log=True)):
                ask(house, principal, Action.STOCK_READ, resource)
                ask(house, principal, Action.STOCK_ADJUST, resource)
                house.world.clock.advance(seconds=30)
        machine = house.caller(key.secret)
        for caller in (machine, policies.acting_for(machine, clerk.id)):
            ask(house, caller, Action.STOCK_ADJUST, TST1)
            ask(house, caller, Action.KEYS_MANAGE, Resource("api_key"))
            policies.record_list(policies.decide(caller, Action.STOCK_READ, MK01), now=house.world.clock())
        ask(house, house.admin, Action.PEOPLE_WRITE, Resource("person"))

    everybody()
    now = house.world.clock()
    house.engage(auditor.id, stores=["MK01"], classes=["photo"], dates_from=now, dates_until=now + timedelta(days=1))
    house.unassign(manager.id, ScopeKind.STORE, "MK01")
    house.assign(manager.id, ScopeKind.STORE, "TST1")
    house.do(policies.change_store(house.admin, "MK01", area="NT", event_id=house.id()))
    house.do(policies.change_role(house.admin, clerk.id, Role.STORE_MANAGER, event_id=house.id()))
    everybody()
    told = house.person(Role.DPO)
    glass = policies.break_glass(
        policies.principal(manager.id),
        stores=["MK01"],
        minutes=15,
        reason="水浸",
        told=told.id,
        event_id=house.id(),
    )
    glass_id = house.do(glass).id
    everybody()
    house.do(policies.end_grant(policies.principal(manager.id), glass_id, event_id=house.id()))
    everybody()
    [engagement] = policies.directory().grants[auditor.id]
    officer = policies.local_principal(Role.COMPLIANCE_OFFICER)
    house.do(policies.end_grant(officer, engagement.id, event_id=house.id()))
    everybody()
    house.world.clock.advance(minutes=10)
    house.do(policies.close_principal(house.admin, area.id, event_id=house.id()))
    stale = policies.acting_for(house.caller(key.secret), clerk.id)
    house.revoke(key.key.id)
    ask(house, stale, Action.STOCK_ADJUST, MK01)
    house.do(policies.reopen_principal(house.admin, area.id, event_id=house.id()))
    ask(house, policies.principal(area.id), Action.STOCK_ADJUST, TST1)
    policies.write_summaries(house.world.clock(), everything=True)
    return house


def test_everything_comes_out_as_it_did(busy: House) -> None:
    found = taken(entries(busy))

    assert found.differing == ()
    assert found.untaken == {}
    assert found.decisions > 100


def forge(found: list[EntryMembers], **members: str) -> list[EntryMembers]:
    """The log, but with other words in the last decision on an adjustment."""
    forged = deepcopy(found)
    entry = next(
        one
        for one in reversed(forged)
        if one.get("decision", {}).get("action") == "stock.adjust" and one["decision"]["code"] == "allowed"
    )
    entry["decision"] = {**entry["decision"], **members}
    return forged


@pytest.mark.parametrize(
    "members",
    [
        {"stores": "ST01"},
        {"action": "keys.manage"},
        {"by": "role.operator"},
        {"scope": "0" * 16},
        {"code": "store_out_of_reach", "by": "limit.store"},
        {"stores": "TST1 ?"},
        {"code": "store_out_of_reach"},
    ],
    ids=[
        "other store",
        "other action",
        "other policy",
        "other reach",
        "denied",
        "another store, too",
        "denied by a limit",
    ],
)
def test_a_decision_that_was_never_made_is_named(busy: House, members: dict[str, str]) -> None:
    found = taken(forge(entries(busy), **members))

    [differing] = found.differing
    assert differing.count == 1
    assert len(differing.entries) == 1
    assert differing.recorded.decided.members.items() >= members.items()
    assert differing.again != differing.recorded.decided


def test_tables_that_were_not_what_the_log_made_them_show_in_the_reach(busy: House) -> None:
    unmade = [
        entry
        for entry in entries(busy)
        if not (entry["type"] == "assignment.added" and entry["data"].get("store") == "TST1")
    ]

    differing = taken(unmade).differing

    assert differing
    assert all(one.recorded.decided.scope != one.again.scope for one in differing)


def test_other_policies_come_out_otherwise(busy: House) -> None:
    text = shipped().text.replace(
        'Chopbook::Action::"stock.adjust", Chopbook::Action::"stock.read", Chopbook::Action::"stocktake.count",',
        'Chopbook::Action::"stock.read", Chopbook::Action::"stocktake.count",',
        1,
    )
    assert text != shipped().text
    weaker = changed(make_bundle([text], shipped().schema), digest=shipped().digest)

    differing = taken(entries(busy), bundles=lambda _name: weaker).differing

    assert {one.recorded.role for one in differing} >= {"staff"}
    assert "stock.adjust" in {one.recorded.decided.action for one in differing}


def test_a_bundle_that_the_log_did_not_activate_is_none_to_decide_by(busy: House) -> None:
    named = forge(entries(busy), policy=f"cedar-{'0' * 16}@{busy.policies.directory().version}")

    assert taken(named).untaken == {Untaken.BUNDLE_MISSING: 1}


def test_the_bundle_is_the_one_that_the_log_says_was_active(house: House) -> None:
    house.tree()
    office = Office(house)
    clerk = house.policies.principal(house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id)
    counting = Resource.at("stocktake", ["MK01"])
    ask(house, clerk, Action.STOCKTAKE_COUNT, counting)
    made = manifest(narrower)
    office.activated(made)
    ask(house, clerk, Action.STOCKTAKE_COUNT, counting)

    def kept(name: str) -> Bundle | None:
        with house.world.storage.database.read() as connection:
            return read_named(lambda statement: connection.execute(statement).all(), name)

    found = taken(entries(house), bundles=kept)
    forged = entries(house)
    forged[-1]["decision"] = {
        **forged[-1]["decision"],
        "policy": f"{shipped().name}@{house.policies.directory().version}",
        "by": "role.staff",
        "code": "allowed",
    }

    assert (found.differing, found.untaken) == ((), {})
    assert [one.recorded.bundle for one in taken(forged, bundles=kept).differing] == [shipped().name]
    assert kept(f"cedar-{'0' * 16}") is None
    assert kept(f"cedar-{made.digest[:16]}") is not None


def test_a_period_takes_what_was_decided_in_it_and_all_that_moved_before(busy: House) -> None:
    begin = busy.world.clock()
    busy.world.clock.advance(minutes=1)
    ask(busy, busy.policies.local_principal(), Action.PEOPLE_WRITE, Resource("person"))
    end = busy.world.clock() + timedelta(seconds=1)
    period: dict[str, Any] = {"begin": begin + timedelta(seconds=1), "end": end}

    found = taken(entries(busy, **period), **period)

    assert (found.decisions, found.differing) == (1, ())


def test_what_cannot_be_taken_again_is_counted_by_its_reason(house: House) -> None:
    house.tree()
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    principal = house.policies.principal(clerk.id)
    ask(house, principal, Action.STOCK_ADJUST, MK01)
    old = deepcopy(entries(house)[-1])
    old["decision"] = {"code": "allowed", "policy": old["decision"]["policy"]}
    many = deepcopy(entries(house)[-1])
    many["decision"]["stores"] = "MK01 ~"
    erased = deepcopy(entries(house)[-1])
    erased["decision"]["code"] = "principal_erased"
    house.policies.record_list(house.policies.decide(principal, Action.STOCK_READ, MK01), now=house.world.clock())
    house.policies.write_summaries(house.world.clock(), everything=True)
    summary = deepcopy(entries(house)[-1])
    data: dict[str, Any] = summary["data"]
    rows = [
        {"principal": clerk.id, "action": "log.read", "count": 2},
        {"principal": "others", "action": "others", "count": 4},
    ]
    data |= {"count": 12, "rows": [*rows, *data["rows"]]}

    found = taken([*entries(house), old, many, erased, summary])

    assert found.differing == ()
    assert found.untaken == {
        Untaken.OLD_RECORD: 3,
        Untaken.NOT_ALL_NAMED: 1,
        Untaken.ERASED: 1,
        Untaken.COUNTED_ONLY: 9,
    }


def test_what_a_room_refused_beyond_the_policies_must_be_what_they_permit(house: House) -> None:
    house.tree()
    manager = house.policies.principal(house.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")).id)
    decision = house.policies.decide(manager, Action.PENDING_READ, MK01)
    refused = house.policies.record_denial(
        changed(decision, allowed=False, code=Code.NOT_PROPOSER), now=house.world.clock()
    )
    assert refused is not None
    house.do(refused)

    assert taken(entries(house)).differing == ()
    forged = entries(house)
    forged[-1]["decision"] = {**forged[-1]["decision"], "stores": "TST1"}
    assert len(taken(forged).differing) == 1


def test_however_few_decisions_are_held_at_once_the_same_comes_out(busy: House) -> None:
    forged = forge(entries(busy), stores="ST01")
    whole = taken(forged)

    for held_max in (1, 7):
        assert taken(forged, held_max=held_max) == whole


def test_what_differs_again_later_is_told_once_with_how_often(busy: House) -> None:
    text = shipped().text.replace('Chopbook::Action::"stock.read",', "")
    weaker = changed(make_bundle([text], shipped().schema), digest=shipped().digest)
    whole = taken(entries(busy), bundles=lambda _name: weaker).differing

    in_turns = taken(entries(busy), bundles=lambda _name: weaker, held_max=1).differing

    assert [(one.recorded, one.count) for one in in_turns] == [(one.recorded, one.count) for one in whole]
    assert max(one.count for one in whole) > 1


def test_more_that_comes_out_otherwise_than_is_told_asks_for_a_shorter_period(busy: House) -> None:
    weaker = changed(make_bundle([MINIMAL], shipped().schema), digest=shipped().digest)

    with pytest.raises(TooMany):
        taken(entries(busy), bundles=lambda _name: weaker, differing_max=1)


MINIMAL = """
@id("role.operator")
@title_zh("操作員")
@title_en("Operators")
permit (principal in Chopbook::Role::"operator", action in [Chopbook::Action::"log.verify"], resource);
"""


LETTERS = str.maketrans("0123456789", "abcdefghij")


def test_memory_is_bounded_by_what_is_held_and_not_by_what_is_taken(house: House) -> None:
    house.tree()
    clerk = house.policies.principal(house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id)
    ask(house, clerk, Action.STOCK_ADJUST, MK01)
    moved, asked = entries(house)[:-1], entries(house)[-1]

    def peak(count: int, held_max: int) -> int:
        """Of so many decisions, each on another thing."""
        made = (
            {
                **asked,
                "decision": {**asked["decision"], "resource": "stock_" + str(n).translate(LETTERS)},
                "index": asked["index"] + n,
            }
            for n in range(count)
        )
        tracemalloc.start()
        found = replay(chain(moved, made), bundles=shipped_alone, held_max=held_max)  # type: ignore[arg-type]
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (found.decisions - count, len(found.differing)) == (len(recorded_before), 0)
        return used

    recorded_before = [one for one in moved if "action" in one.get("decision", {})]
    peak(3_000, 100)  # what is remembered for the life of a process is there then

    assert 3 * peak(3_000, 100) < peak(3_000, 3_000)
