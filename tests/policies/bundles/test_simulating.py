"""What a bundle would change of what was really decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from policies.codes import Code
from policies.model import Action, Principal, Resource, Role, ScopeKind
from tests.policies.bundles.office import Office, manifest, narrower, wider
from tests.policies.house import House

MK01, TST1 = Resource.at("stock", ["MK01"]), Resource.at("stock", ["TST1"])


@pytest.fixture
def office(house: House) -> Office:
    house.tree()
    return Office(house)


def found_by(office: Office, change: Callable[[str], str], days: int = 30) -> dict[str, Any]:
    made = manifest(lambda text: change(text) + f"\n// {office.house.size()}\n")
    office.draft(made)
    office.validate(made.digest)
    found: dict[str, Any] = dict(office.simulate(made.digest, days).steps[-1].detail)
    return found


class Past:
    """Decisions that were made, and recorded as the API records them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.manager = self.person(Role.STORE_MANAGER)
        self.clerk = self.person(Role.STAFF)

    def person(self, role: Role) -> Principal:
        return self.house.policies.principal(self.house.person(role, (ScopeKind.STORE, "MK01")).id)

    def ask(self, caller: Principal, action: Action, resource: Resource) -> Code:
        house, policies = self.house, self.house.policies
        decision = policies.decide(caller, action, resource)
        if decision.allowed:
            house.do(policies.record_read(decision, event_id=house.id()))
        elif (change := policies.record_denial(decision, now=house.world.clock())) is not None:
            house.do(change)
        return decision.code


def test_denials_that_a_lifted_limit_would_allow_are_counted_by_role_store_and_action(office: Office) -> None:
    past = Past(office.house)
    codes = [past.ask(past.manager, Action.STOCK_READ, TST1), past.ask(past.clerk, Action.STOCK_READ, MK01)]

    found = found_by(office, wider)["decisions"]

    assert codes == [Code.STORE_OUT_OF_REACH, Code.ALLOWED]
    assert found["newly_allowed"] == [
        {"role": "store_manager", "action": "stock.read", "stores": "TST1", "count": 1},
    ]
    assert found["newly_denied"] == []
    assert found["taken"] >= 2


def test_what_was_allowed_and_would_not_be_is_counted_as_often_as_it_was_made(office: Office) -> None:
    past = Past(office.house)
    for _ in range(3):
        past.ask(past.clerk, Action.STOCKTAKE_COUNT, MK01)
    past.ask(past.manager, Action.STOCKTAKE_COUNT, MK01)

    detail = found_by(office, narrower)

    assert detail["decisions"]["newly_denied"] == [
        {"role": "staff", "action": "stocktake.count", "stores": "MK01", "count": 3},
    ]
    assert detail["decisions"]["newly_allowed"] == []
    assert detail["newly_denied"] == len(detail["questions"]["newly_denied"]) + 1


def test_a_decision_is_taken_again_with_what_was_assigned_then(office: Office) -> None:
    house, past = office.house, Past(office.house)
    past.ask(past.clerk, Action.STOCKTAKE_COUNT, MK01)
    house.unassign(past.clerk.id, ScopeKind.STORE, "MK01")

    same = found_by(office, lambda text: text)["decisions"]

    assert (same["newly_allowed"], same["newly_denied"]) == ([], [])


def test_older_decisions_than_asked_for_are_left_out(sqlite_house: House) -> None:
    sqlite_house.tree()
    office, past = Office(sqlite_house), Past(sqlite_house)
    past.ask(past.clerk, Action.STOCKTAKE_COUNT, MK01)
    sqlite_house.world.clock.advance(days=8)

    recent, all_of_it = (found_by(office, narrower, days)["decisions"] for days in (7, 9))

    assert recent["newly_denied"] == []
    assert [one["count"] for one in all_of_it["newly_denied"]] == [1]
    assert recent["since"] > all_of_it["since"]


def test_what_a_room_refused_beyond_the_policies_is_no_difference(sqlite_house: House) -> None:
    office = Office(sqlite_house)
    pending = office.proposed(manifest(narrower))
    decision = office.policies.decide(office.admin, Action.BUNDLE_APPROVE, Resource("bundle", whole_log=True))
    refused = type(decision)(
        allowed=False,
        code=Code.OWN_APPROVAL,
        policy=decision.policy,
        version=decision.version,
        principal=decision.principal,
        action=decision.action,
        resource=decision.resource,
        bundle=decision.bundle,
        policies=decision.policies,
    )
    change = office.policies.record_denial(refused, now=sqlite_house.world.clock() + timedelta(seconds=1))
    assert change is not None
    sqlite_house.do(change)

    found = found_by(office, lambda text: text)["decisions"]

    assert pending.kind.value == "bundle.activation"
    assert (found["newly_allowed"], found["newly_denied"]) == ([], [])
