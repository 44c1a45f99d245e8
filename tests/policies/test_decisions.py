"""Decisions stay true while others change what they rest on: in this process, in another, and under the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from policies.basis import scope_digest
from policies.codes import Code
from policies.deciding import decide_in
from policies.engine import shipped
from policies.errors import Denied, NotAuthenticated
from policies.model import Action, Decision, IssuedKey, Principal, Resource, Role, ScopeKind
from policies.service import Policies
from storage import Change, Storage, Transaction
from tests.policies.house import House

MK01 = Resource.at("stock", ["MK01"])


@pytest.fixture
def elsewhere(house: House) -> Iterator[Storage]:
    """The same database as another process has it open."""
    storage = house.world.open_another()
    yield storage
    storage.close()


def till(house: House) -> tuple[str, IssuedKey]:
    house.tree()
    client = house.client((ScopeKind.STORE, "MK01"))
    return client.id, house.key(client.id)


def test_a_write_names_the_policy_that_decided_it(house: House) -> None:
    _, issued = till(house)
    decision = house.policies.require(house.caller(issued.secret), Action.STOCK_ADJUST, MK01)

    house.do(house.noting(decision))

    version = house.policies.directory().version
    assert house.entry()["decision"] == {
        "action": "stock.adjust",
        "by": "role.api_client",
        "channel": "device",
        "code": "allowed",
        "key": issued.key.id,
        "policy": f"{shipped().name}@{version}",
        "resource": "stock",
        "scope": scope_digest(decision.principal),
        "stores": "MK01",
    }


def test_who_may_not_is_denied_with_the_decision(house: House) -> None:
    _, issued = till(house)

    with pytest.raises(Denied) as caught:
        house.policies.require(house.caller(issued.secret), Action.STOCK_ADJUST, Resource.at("stock", ["ST01"]))

    assert caught.value.decision.code is Code.STORE_OUT_OF_REACH
    assert not caught.value.decision.allowed


def test_a_denied_decision_confirms_nothing(house: House) -> None:
    _, issued = till(house)
    decision = house.policies.decide(house.caller(issued.secret), Action.STOCK_CORRECT, MK01)

    with pytest.raises(Denied):
        house.do(house.noting(decision))


Taking = Callable[[House, str, IssuedKey], None]


def revoke(house: House, _client: str, issued: IssuedKey) -> None:
    house.revoke(issued.key.id)


def unassign(house: House, client: str, _issued: IssuedKey) -> None:
    house.unassign(client, ScopeKind.STORE, "MK01")


def close(house: House, client: str, _issued: IssuedKey) -> None:
    house.do(house.policies.close_principal(house.admin, client, event_id=house.id()))


def erase(house: House, client: str, _issued: IssuedKey) -> None:
    house.committed(house.policies.erase_person(house.admin, client, event_id=house.id()))


TAKINGS = [
    (revoke, Code.KEY_REVOKED),
    (unassign, Code.STORE_OUT_OF_REACH),
    (close, Code.PRINCIPAL_CLOSED),
    (erase, Code.PRINCIPAL_ERASED),
]


@pytest.mark.parametrize(("take", "code"), TAKINGS)
def test_rights_taken_between_decision_and_commit_are_gone_under_the_lock(
    house: House, take: Taking, code: Code
) -> None:
    client, issued = till(house)
    decision = house.policies.require(house.caller(issued.secret), Action.STOCK_ADJUST, MK01)
    change = house.noting(decision)

    take(house, client, issued)

    with pytest.raises(Denied) as caught:
        house.do(change)
    assert caught.value.decision.code is code
    assert caught.value.decision.version == house.policies.directory().version


@pytest.mark.parametrize(("take", "code"), TAKINGS)
def test_rights_taken_by_another_process_are_gone_under_the_lock(
    house: House, elsewhere: Storage, take: Taking, code: Code
) -> None:
    client, issued = till(house)
    there = house.another(elsewhere)
    principal = there.authenticate_key(issued.secret, house.world.clock())
    elsewhere.log.commit(house.noting(there.require(principal, Action.STOCK_ADJUST, MK01), there))

    take(house, client, issued)

    # The other process has not looked: it decides as before, and its write is refused all the same.
    decision = there.require(principal, Action.STOCK_ADJUST, MK01)
    with pytest.raises(Denied) as caught:
        elsewhere.log.commit(house.noting(decision, there))
    assert caught.value.decision.code is code


def test_a_read_looks_before_it_decides(house: House, elsewhere: Storage) -> None:
    client, issued = till(house)
    there = house.another(elsewhere)
    principal = there.authenticate_key(issued.secret, house.world.clock())
    assert there.require(principal, Action.STOCK_READ, Resource("stock")).principal.stores == frozenset({"MK01"})

    house.unassign(client, ScopeKind.STORE, "MK01")
    house.assign(client, ScopeKind.AREA, "NT")

    assert there.require(principal, Action.STOCK_READ, Resource("stock")).principal.stores == frozenset({"ST01"})
    house.revoke(issued.key.id)
    with pytest.raises(Denied) as caught:
        there.require(principal, Action.STOCK_READ, Resource("stock"))
    assert caught.value.decision.code is Code.KEY_REVOKED


def test_a_key_or_person_made_by_another_process_is_known_at_once(house: House, elsewhere: Storage) -> None:
    there = house.another(elsewhere)

    person = house.person(Role.AUDITOR)
    assert there.principal(person.id).role is Role.AUDITOR

    issued = house.key(house.client().id)
    assert there.authenticate_key(issued.secret, house.world.clock()).key_id == issued.key.id


def test_rights_given_by_another_process_in_between_are_confirmed(house: House, elsewhere: Storage) -> None:
    _, issued = till(house)
    there = house.another(elsewhere)
    principal = there.authenticate_key(issued.secret, house.world.clock())
    decision = there.require(principal, Action.STOCK_ADJUST, MK01)

    house.area("HKI")
    entry = elsewhere.log.commit(house.noting(decision, there)).result

    assert entry is not None
    assert entry.event.decision is not None
    assert entry.event.decision.policy == f"{shipped().name}@{house.policies.directory().version}"


def test_a_write_is_not_denied_for_rights_that_another_process_has_given(house: House, elsewhere: Storage) -> None:
    client, issued = till(house)
    there = house.another(elsewhere)
    principal = there.authenticate_key(issued.secret, house.world.clock())
    tst = Resource.at("stock", ["TST1"])
    with pytest.raises(Denied):
        there.require(principal, Action.STOCK_ADJUST, tst)

    house.assign(client, ScopeKind.STORE, "TST1")

    decision = there.require(principal, Action.STOCK_ADJUST, tst)
    assert decision.principal.stores == frozenset({"MK01", "TST1"})
    elsewhere.log.commit(house.noting(decision, there))


def test_the_snapshot_costs_nothing_until_a_change_of_this_room(house: House) -> None:
    _, issued = till(house)
    before = house.policies.directory()

    house.world.append(3)

    assert house.policies.directory() is before
    assert house.policies.fresh_directory() is before
    house.revoke(issued.key.id)
    assert house.policies.directory() is not before


def test_a_failed_change_moves_nothing(house: House) -> None:
    house.tree()
    before = house.policies.directory()

    with pytest.raises(Exception, match="exists already"):
        house.area("KLN")
    house.world.append()

    assert house.policies.fresh_directory().version == before.version


def test_a_batch_sees_its_own_earlier_changes(house: House) -> None:
    """One change revokes, the next rests on what was revoked; both are in one transaction."""
    _, issued = till(house)
    policies = house.policies
    decision = policies.require(house.caller(issued.secret), Action.STOCK_ADJUST, MK01)
    revoking = policies.revoke_key(house.admin, issued.key.id, event_id=house.id())
    seen: list[Decision] = []

    def run(tx: Transaction) -> None:
        policies.confirm(tx, decision)
        revoking.run(tx)
        directory = policies.directory_in(tx)
        assert directory is policies.directory_in(tx)
        seen.append(decide_in(directory, decision.principal, decision.action, decision.resource, now=tx.now))

    house.committed(Change(run))

    assert [found.code for found in seen] == [Code.KEY_REVOKED]


def test_a_rolled_back_version_is_not_taken_for_the_one_that_came_to_be(house: House) -> None:
    house.tree()
    policies = house.policies

    def create(code: str) -> Change[object]:
        return policies.create_area(  # type: ignore[return-value]
            house.admin, code=code, name_zh=code, name_en=code, event_id=house.id()
        )

    doomed = create("GONE")

    def fail(tx: Transaction) -> None:
        doomed.run(tx)
        assert "GONE" in policies.directory_in(tx).areas
        raise RuntimeError("after all, no")

    with pytest.raises(RuntimeError):
        house.committed(Change(fail))
    kept = create("KEPT")

    def look(tx: Transaction) -> None:
        kept.run(tx)
        areas = policies.directory_in(tx).areas
        assert "KEPT" in areas
        assert "GONE" not in areas

    house.committed(Change(look))

    assert "KEPT" in policies.directory().areas


def test_a_client_acts_for_a_person_only_as_far_as_both_go(house: House) -> None:
    client, issued = till(house)
    house.assign(client, ScopeKind.STORE, "ST01")
    person = house.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    both = house.policies.acting_for(house.caller(issued.secret), person.id)

    decision = house.policies.require(both, Action.STOCK_ADJUST, MK01)
    house.do(house.noting(decision))

    assert house.entry()["actor"] == {"id": client, "role": "api_client", "for": person.id}
    assert not house.policies.decide(both, Action.STOCK_ADJUST, Resource.at("stock", ["ST01"])).allowed
    house.unassign(person.id, ScopeKind.STORE, "MK01")
    assert not house.policies.decide(both, Action.STOCK_ADJUST, MK01).allowed
    with pytest.raises(NotAuthenticated):
        house.policies.acting_for(house.caller(issued.secret), client)


def test_the_box_itself_acts_in_a_role_and_no_other(house: House) -> None:
    importing: Principal = house.policies.local_principal(Role.API_CLIENT)

    assert house.policies.decide(importing, Action.STOCK_ADJUST, MK01).allowed
    assert not house.policies.decide(importing, Action.KEYS_MANAGE, Resource("api_key")).allowed
    assert not house.policies.decide(house.admin, Action.STOCK_ADJUST, MK01).allowed


def test_a_snapshot_that_cannot_be_read_is_read_again(house: House) -> None:
    """The database goes away just as a change made the snapshot stale."""
    from contextlib import contextmanager

    from storage.errors import StorageFailed

    database = house.world.storage.database

    class Away:
        gone = True

        def __getattr__(self, name: str) -> object:
            return getattr(database, name)

        @contextmanager
        def read(self) -> Iterator[object]:
            if self.gone:
                raise StorageFailed("away")
            with database.read() as connection:
                yield connection

    away = Away()
    away.gone = False
    policies = Policies(
        away,  # type: ignore[arg-type]
        house.world.storage.log,
        house.world.storage.keys,
        clock=house.world.clock,
        entropy=house.world.entropy,
    )
    change = policies.create_area(house.admin, code="KLN", name_zh="九龍", name_en="Kowloon", event_id=house.id())
    away.gone = True
    house.do(change)
    with pytest.raises(StorageFailed):
        policies.directory()

    away.gone = False

    assert "KLN" in policies.directory().areas
