"""People and machine clients: pseudonyms in the log, names beside it, rights that others give."""

from __future__ import annotations

import pytest

from policies.codes import Code
from policies.errors import InvalidValue, NotAuthenticated, PolicyConflict, PolicyError, UnknownThing
from policies.model import PrincipalState, Role, ScopeKind
from tests.policies.house import House

NAME = "歐陽小鳳 Phoebe"


@pytest.fixture
def house(sqlite_house: House) -> House:
    """What is tested here is the same on every database."""
    return sqlite_house


def code_of(caught: pytest.ExceptionInfo[PolicyError]) -> Code:
    return caught.value.code


def test_a_person_is_a_pseudonym_in_the_log_and_a_name_beside_it(house: House) -> None:
    record = house.person(Role.STAFF, name=NAME)

    entry = house.entry()
    assert entry["type"] == "person.created"
    assert entry["data"] == {"principal": record.id, "role": "staff"}
    assert set(entry["personal"]) == {"display_name"}
    assert house.policies.display_names([record.id, "p_unknown"]) == {record.id: NAME}
    log = house.everything()
    assert NAME.encode() not in log
    assert b"Phoebe" not in log


def test_a_person_can_be_renamed(house: House) -> None:
    record = house.person(Role.STAFF, name="陳大文")

    house.do(house.policies.rename_person(house.admin, record.id, display_name=NAME, event_id=house.id()))

    assert house.policies.display_names([record.id]) == {record.id: NAME}
    assert house.entry()["data"] == {"principal": record.id}


def test_a_client_has_a_label_and_no_name(house: House) -> None:
    record = house.client(label="POS 旺角 1")

    assert house.entry()["data"] == {"principal": record.id, "role": "api_client", "label": "POS 旺角 1"}
    assert house.policies.display_names([record.id]) == {}
    with pytest.raises(NotAuthenticated) as caught:
        house.policies.principal(record.id)
    assert code_of(caught) is Code.PRINCIPAL_UNKNOWN


def test_an_assignment_gives_a_store_and_its_removal_takes_it(house: House) -> None:
    house.tree()
    record = house.person(Role.STAFF)
    assert house.policies.principal(record.id).stores == frozenset()

    house.assign(record.id, ScopeKind.STORE, "MK01")

    entry = house.entry()
    assert entry["type"] == "assignment.added"
    assert entry["data"] == {"principal": record.id, "scope": "store", "store": "MK01"}
    assert house.policies.principal(record.id).stores == frozenset({"MK01"})
    house.unassign(record.id, ScopeKind.STORE, "MK01")
    assert house.entry()["type"] == "assignment.removed"
    assert house.policies.principal(record.id).stores == frozenset()
    house.assign(record.id, ScopeKind.STORE, "MK01")
    assert house.policies.principal(record.id).stores == frozenset({"MK01"})


def test_an_assignment_to_everything_names_no_target(house: House) -> None:
    client = house.client((ScopeKind.ALL, ""))

    assert house.entry()["data"] == {"principal": client.id, "scope": "all"}
    with pytest.raises(InvalidValue) as caught:
        house.assign(client.id, ScopeKind.ALL, "MK01")
    assert code_of(caught) is Code.TARGET_NOT_EMPTY


def test_what_cannot_be_assigned_is_refused(house: House) -> None:
    house.tree()
    staff = house.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    auditor = house.person(Role.AUDITOR)
    refusals = [
        (staff.id, ScopeKind.AREA, "KLN", Code.TARGET_UNFIT),
        (staff.id, ScopeKind.STORE, "X1", Code.STORE_UNKNOWN),
        (staff.id, ScopeKind.AREA, "HKI", Code.AREA_UNKNOWN),
        (staff.id, ScopeKind.STORE, "MK01", Code.ALREADY_ASSIGNED),
        (auditor.id, ScopeKind.STORE, "MK01", Code.TARGET_UNFIT),
        ("p_nobody", ScopeKind.STORE, "MK01", Code.PERSON_UNKNOWN),
    ]

    for principal_id, kind, target, code in refusals:
        with pytest.raises(PolicyError) as caught:
            house.assign(principal_id, kind, target)
        assert code_of(caught) is code

    with pytest.raises(PolicyConflict) as caught_removal:
        house.unassign(staff.id, ScopeKind.STORE, "ST01")
    assert code_of(caught_removal) is Code.NOT_ASSIGNED


def test_a_role_can_change_when_the_assignments_fit(house: House) -> None:
    house.tree()
    record = house.person(Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))
    change = house.policies.change_role

    with pytest.raises(PolicyConflict) as unfit:
        house.do(change(house.admin, record.id, Role.STAFF, event_id=house.id()))
    with pytest.raises(PolicyConflict) as same:
        house.do(change(house.admin, record.id, Role.AREA_MANAGER, event_id=house.id()))
    house.unassign(record.id, ScopeKind.AREA, "KLN")
    house.do(change(house.admin, record.id, Role.STAFF, event_id=house.id()))

    assert code_of(unfit) is Code.ASSIGNMENTS_UNFIT
    assert code_of(same) is Code.ALREADY_SO
    assert house.entry()["data"] == {
        "principal": record.id,
        "before": {"role": "area_manager"},
        "after": {"role": "staff"},
    }
    assert house.policies.principal(record.id).role is Role.STAFF


def test_a_client_has_the_role_of_clients_for_ever(house: House) -> None:
    client = house.client()

    with pytest.raises(InvalidValue) as created:
        house.person(Role.API_CLIENT)
    with pytest.raises(InvalidValue) as changed:
        house.policies.change_role(house.admin, client.id, Role.API_CLIENT, event_id=house.id())
    with pytest.raises(UnknownThing):
        house.do(house.policies.change_role(house.admin, client.id, Role.STAFF, event_id=house.id()))
    with pytest.raises(UnknownThing):
        house.do(house.policies.rename_person(house.admin, client.id, display_name="x", event_id=house.id()))

    assert code_of(created) is code_of(changed) is Code.ROLE_UNFIT


def test_a_closed_account_signs_in_no_more_until_it_is_reopened(house: House) -> None:
    record = house.person(Role.AUDITOR)
    close, reopen = house.policies.close_principal, house.policies.reopen_principal

    house.do(close(house.admin, record.id, event_id=house.id()))

    assert house.entry()["type"] == "person.closed"
    assert house.policies.directory().records[record.id].state is PrincipalState.CLOSED
    with pytest.raises(NotAuthenticated) as caught:
        house.policies.principal(record.id)
    assert code_of(caught) is Code.PRINCIPAL_CLOSED
    with pytest.raises(PolicyConflict):
        house.do(close(house.admin, record.id, event_id=house.id()))
    house.do(reopen(house.admin, record.id, event_id=house.id()))
    assert house.policies.principal(record.id).id == record.id


def test_nobody_changes_the_rights_of_their_own_account(house: House) -> None:
    admin = house.policies.principal(house.person(Role.POLICY_ADMIN).id)
    policies, own = house.policies, admin.id

    for attempt in (
        lambda: policies.change_role(admin, own, Role.OPERATOR, event_id=house.id()),
        lambda: policies.assign(admin, own, ScopeKind.ALL, event_id=house.id()),
        lambda: policies.unassign(admin, own, ScopeKind.ALL, event_id=house.id()),
        lambda: policies.close_principal(admin, own, event_id=house.id()),
        lambda: policies.reopen_principal(admin, own, event_id=house.id()),
    ):
        with pytest.raises(PolicyConflict) as caught:
            attempt()
        assert code_of(caught) is Code.OWN_ACCOUNT


@pytest.mark.parametrize("label", ["陳先生的收銀機", "Till of Mr Chan", "till 9876 5432", "POS TEL98765432"])
def test_the_label_of_a_machine_holds_no_personal_data(house: House, label: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        house.policies.create_api_client(house.admin, label=label, event_id=house.id())

    assert refused.value.code is Code.CODE_PERSONAL


def test_a_change_of_nobody_is_refused(house: House) -> None:
    policies, admin = house.policies, house.admin

    with pytest.raises(UnknownThing):
        policies.rename_person(admin, "p_nobody", display_name="x", event_id=house.id())
    with pytest.raises(UnknownThing):
        house.do(policies.close_principal(admin, "p_nobody", event_id=house.id()))
    with pytest.raises(InvalidValue):
        policies.create_person(admin, role=Role.STAFF, display_name=" ", event_id=house.id())
    with pytest.raises(InvalidValue):
        policies.create_api_client(admin, label="", event_id=house.id())


def test_a_repeated_creation_makes_no_second_person(house: House) -> None:
    event_id = house.id()
    create = house.policies.create_person
    house.do(create(house.admin, role=Role.STAFF, display_name="甲", event_id=event_id))

    again = house.committed(create(house.admin, role=Role.STAFF, display_name="甲", event_id=event_id))

    assert again.replayed
    assert len(house.policies.directory().records) == 1


def test_a_pseudonym_that_is_taken_is_drawn_again_by_the_caller(house: House) -> None:
    from tests.worlds import seeded

    storage = house.world.storage
    twin = [
        type(house.policies)(storage.database, storage.log, storage.keys, clock=house.world.clock, entropy=seeded(5))
        for _ in range(2)
    ]
    house.do(twin[0].create_api_client(house.admin, label="one", event_id=house.id()))

    with pytest.raises(PolicyConflict) as caught:
        house.do(twin[1].create_api_client(house.admin, label="two", event_id=house.id()))

    assert code_of(caught) is Code.ID_TAKEN
