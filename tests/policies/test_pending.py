"""What waits for a second person: nobody approves their own, and nothing but what was proposed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from audit.canonical import JSON
from audit.event import Event, Subject
from policies.codes import Code
from policies.errors import Denied, PolicyConflict, PolicyError, UnknownThing
from policies.model import Action, Principal, Resource, Role, ScopeKind
from policies.pending.acting import content_digest, pending_id_of
from policies.pending.model import KINDS, LIFETIME, PendingAction, PendingKind, PendingState
from policies.rules import scopes_of
from storage.transaction import Change, Transaction
from tests.policies.house import House

RELEASE = PendingKind.HOLD_RELEASE
HOLD = Subject("hold", "HC-2026-01")
CONTENT: JSON = {"hold": "HC-2026-01", "records": 3}


class Office:
    """Officers of a house, and the shortest room that lets something wait."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.first, self.second = self.officer(), self.officer()

    def officer(self, role: Role = Role.COMPLIANCE_OFFICER) -> Principal:
        return self.house.policies.principal(self.house.person(role).id)

    def propose(self, by: Principal, *, event_id: UUID | None = None, **options: Any) -> PendingAction:
        policies, chosen = self.house.policies, event_id or self.house.id()
        decision = policies.require(by, Action.HOLD_RELEASE, Resource("hold"))

        def run(tx: Transaction) -> PendingAction:
            return policies.propose(tx, decision, RELEASE, subject=HOLD, content=CONTENT, event_id=chosen, **options)

        return self.house.do(Change(run))

    def approve(
        self, by: Principal, pending: PendingAction, *, action: Action = Action.HOLD_RELEASE, **options: Any
    ) -> PendingAction:
        policies, chosen = self.house.policies, self.house.id()
        decision = policies.require(by, action, Resource("hold"))

        def run(tx: Transaction) -> PendingAction:
            given = policies.approve(tx, decision, pending.id, options.pop("kind", RELEASE), event_id=chosen, **options)
            if given.next_step is None:
                tx.append(_released(decision.principal, self.house.id()))
            return given

        return self.house.do(Change(run))

    def state(self, pending: PendingAction) -> PendingState:
        return self.house.policies.pending_action(pending.id).state_at(self.house.world.clock())


def _released(principal: Principal, event_id: UUID) -> Event:
    return Event(type="test.released", subjects=(HOLD,), data={}, actor=principal.actor, event_id=event_id)


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


@pytest.fixture
def small_office(sqlite_house: House) -> Office:
    return Office(sqlite_house)


def test_what_one_proposed_another_approves_and_the_act_follows_in_the_same_change(office: Office) -> None:
    pending = office.propose(office.first)

    given = office.approve(office.second, pending, content=CONTENT)

    assert given.next_step is None
    assert office.state(pending) is PendingState.APPROVED
    proposed, approved, released = (office.house.entry(-place) for place in (3, 2, 1))
    assert [entry["type"] for entry in (proposed, approved, released)] == [
        "pending.proposed",
        "pending.approved",
        "test.released",
    ]
    assert proposed["data"]["content_sha256"] == approved["data"]["content_sha256"] == content_digest(CONTENT)
    assert approved["actor"]["id"] == office.second.id
    stored = office.house.policies.pending_action(pending.id)
    assert (stored.content, stored.approvers, stored.proposer) == (CONTENT, (office.second.id,), office.first.id)


def test_nobody_approves_their_own(office: Office) -> None:
    pending = office.propose(office.first)

    with pytest.raises(Denied) as caught:
        office.approve(office.first, pending)

    assert caught.value.code is Code.OWN_APPROVAL
    assert office.state(pending) is PendingState.OPEN


def test_a_client_acting_for_the_proposer_is_the_proposer(small_office: Office) -> None:
    house = small_office.house
    person = house.person(Role.STORE_MANAGER)
    house.tree()
    house.assign(person.id, ScopeKind.STORE, "MK01")
    client = house.client((ScopeKind.ALL, ""))
    caller = house.caller(house.key(client.id, tuple(sorted(scopes_of(Role.API_CLIENT)))).secret)
    acting = house.policies.acting_for(caller, person.id)
    action, at = Action.STOCK_APPROVE, Resource.at("stock", ["MK01"])
    own = house.policies.require(house.policies.principal(person.id), action, at)
    theirs = house.policies.require(acting, action, at)
    kind, subject = PendingKind.ADJUSTMENT, Subject("stock", "MK01/TEA")
    ids = house.id(), house.id()
    pending = house.do(
        Change(
            lambda tx: house.policies.propose(tx, own, kind, subject=subject, content={}, event_id=ids[0], store="MK01")
        )
    )

    with pytest.raises(Denied) as caught:
        house.do(Change(lambda tx: house.policies.approve(tx, theirs, pending.id, kind, event_id=ids[1])))

    assert caught.value.code is Code.OWN_APPROVAL


def test_two_steps_want_two_people_each_allowed_their_own(small_office: Office) -> None:
    steps = (Action.HOLD_RELEASE, Action.CASE_DECIDE)
    pending = small_office.propose(small_office.first, steps=steps)
    officer = small_office.officer(Role.DPO)

    assert small_office.approve(small_office.second, pending).next_step is Action.CASE_DECIDE
    for by, action, code in (
        (small_office.second, Action.CASE_DECIDE, Code.OWN_APPROVAL),
        (officer, Action.HOLD_RELEASE, Code.ROLE_LACKS_ACTION),
    ):
        with pytest.raises(Denied) as caught:
            small_office.approve(by, pending, action=action)
        assert caught.value.code is code
    assert small_office.approve(officer, pending, action=Action.CASE_DECIDE).next_step is None
    assert small_office.state(pending) is PendingState.APPROVED


def test_what_is_over_is_over(small_office: Office) -> None:
    pending = small_office.propose(small_office.first)
    small_office.house.world.clock.advance(seconds=LIFETIME.total_seconds())

    with pytest.raises(PolicyConflict) as caught:
        small_office.approve(small_office.second, pending)

    assert caught.value.code is Code.PENDING_EXPIRED
    assert small_office.state(pending) is PendingState.EXPIRED


def test_until_the_last_instant_it_can_be_approved(small_office: Office) -> None:
    pending = small_office.propose(small_office.first)
    small_office.house.world.clock.advance(seconds=LIFETIME.total_seconds() - 1)

    assert small_office.approve(small_office.second, pending).state is PendingState.APPROVED


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"content": {"hold": "HC-2026-01", "records": 4}}, Code.PENDING_CHANGED),
        ({"kind": PendingKind.DISPOSAL}, Code.PENDING_UNKNOWN),
    ],
)
def test_only_what_was_proposed_can_be_approved(small_office: Office, options: dict[str, Any], code: Code) -> None:
    pending = small_office.propose(small_office.first)

    with pytest.raises(PolicyError) as caught:
        small_office.approve(small_office.second, pending, **options)

    assert caught.value.code is code


def test_the_proposer_withdraws_and_others_decline(small_office: Office) -> None:
    house = small_office.house
    mine, theirs = small_office.propose(small_office.first), small_office.propose(small_office.first)

    with pytest.raises(Denied) as caught:
        house.policies.withdraw_pending(small_office.second, mine.id, event_id=house.id())
    house.do(
        house.policies.withdraw_pending(small_office.first, mine.id, event_id=house.id(), reason="陳先生已撤回申索")
    )
    house.do(house.policies.decline_pending(small_office.second, theirs.id, event_id=house.id()))

    assert caught.value.code is Code.NOT_PROPOSER
    assert (small_office.state(mine), small_office.state(theirs)) == (PendingState.WITHDRAWN, PendingState.DECLINED)
    assert "陳先生".encode() not in house.everything()
    with pytest.raises(PolicyConflict) as settled:
        small_office.approve(small_office.second, mine)
    assert settled.value.code is Code.PENDING_SETTLED


def test_a_list_shows_what_is_at_the_callers_stores_by_state(small_office: Office) -> None:
    house = small_office.house
    house.tree()
    manager = house.policies.principal(house.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")).id)
    mine = small_office.propose(small_office.first, store="MK01")
    small_office.propose(small_office.first, store="ST01")
    small_office.propose(small_office.first)

    def found(by: Principal, **options: Any) -> list[str]:
        with house.world.storage.database.read() as connection:
            now = house.world.clock()
            return [one.id for one in house.policies.pending_actions(by, connection, now=now, limit=10, **options)]

    assert found(manager) == [mine.id]
    assert len(found(small_office.first)) == 3
    assert found(small_office.first, state=PendingState.APPROVED) == []
    house.world.clock.advance(seconds=LIFETIME.total_seconds())
    assert len(found(small_office.first, state=PendingState.EXPIRED)) == 3
    assert found(small_office.first, state=PendingState.OPEN) == []


def test_an_unknown_one_is_not_there(small_office: Office) -> None:
    with pytest.raises(UnknownThing):
        small_office.house.policies.pending_action(pending_id_of("p_x", UUID(int=1)))


def test_every_kind_has_words() -> None:
    assert set(KINDS) == set(PendingKind)
