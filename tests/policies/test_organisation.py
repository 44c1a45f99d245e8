"""Areas and stores: every change is an entry, and none can be done twice or to what is not there."""

from __future__ import annotations

import pytest

from policies.codes import Code
from policies.errors import Denied, InvalidValue, PolicyConflict, UnknownThing
from policies.model import Action, NegativeStockRule, Resource, Role, ScopeKind
from storage.errors import EventIdReused
from tests.policies.house import House


def test_a_new_store_is_an_entry_and_in_the_directory(house: House) -> None:
    house.area("KLN")

    house.store("MK01", "KLN", NegativeStockRule.ALLOW)

    entry = house.entry()
    assert entry["type"] == "store.created"
    assert [(item["kind"], item["id"]) for item in entry["subjects"]] == [("store", "MK01"), ("area", "KLN")]
    assert entry["data"] == {
        "store": "MK01",
        "area": "KLN",
        "name_zh": "分店 MK01",
        "name_en": "Store MK01",
        "negative_stock": "allow",
    }
    assert entry["actor"] == {"id": "system", "role": "operator"}
    assert entry["decision"]["code"] == "allowed"
    store = house.policies.directory().stores["MK01"]
    assert (store.area, store.negative_stock) == ("KLN", NegativeStockRule.ALLOW)
    assert house.policies.directory().version == entry["index"]


def test_the_decision_in_an_entry_names_the_version_it_rests_on(house: House) -> None:
    house.area("KLN")
    before = house.policies.directory().policy

    house.area("NT")

    assert house.entry()["decision"]["policy"] == before


def test_a_change_says_what_was_and_what_is(house: House) -> None:
    house.tree()

    house.do(
        house.policies.change_store(
            house.admin,
            "TST1",
            area="NT",
            name_en="Tsim Sha Tsui",
            negative_stock=NegativeStockRule.REFUSE,
            event_id=house.id(),
        )
    )

    entry = house.entry()
    assert entry["type"] == "store.changed"
    assert entry["data"] == {
        "store": "TST1",
        "before": {"area": "KLN", "name_en": "Store TST1"},
        "after": {"area": "NT", "name_en": "Tsim Sha Tsui"},
    }
    assert [item["id"] for item in entry["subjects"]] == ["TST1", "KLN", "NT"]


def test_a_store_can_be_renamed_where_it_is(house: House) -> None:
    house.tree()

    store = house.do(house.policies.change_store(house.admin, "MK01", name_en="Mong Kok", event_id=house.id()))

    assert (store.name_en, store.area, store.negative_stock) == ("Mong Kok", "KLN", NegativeStockRule.REFUSE)
    assert [item["id"] for item in house.entry()["subjects"]] == ["MK01", "KLN"]


def test_an_area_can_be_renamed(house: House) -> None:
    house.area("KLN")

    area = house.do(house.policies.change_area(house.admin, "KLN", name_zh="九龍", event_id=house.id()))

    assert (area.name_zh, area.name_en) == ("九龍", "Area KLN")
    assert house.entry()["data"]["after"] == {"name_zh": "九龍"}
    assert house.policies.directory().areas["KLN"] == area


def test_a_store_that_moves_is_lost_to_the_old_areas_manager_at_once(house: House) -> None:
    house.tree()
    kowloon = house.person(Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))
    territories = house.person(Role.AREA_MANAGER, (ScopeKind.AREA, "NT"))
    old, new = (house.policies.principal(person.id) for person in (kowloon, territories))
    assert old.stores == frozenset({"MK01", "TST1"})

    house.do(house.policies.change_store(house.admin, "TST1", area="NT", event_id=house.id()))

    resource = Resource.at("stock", ["TST1"])
    assert house.policies.decide(old, Action.STOCK_READ, resource).code is Code.STORE_OUT_OF_REACH
    assert house.policies.decide(new, Action.STOCK_READ, resource).allowed


@pytest.mark.parametrize("code", ["A1234563", "MK_A1234563", "TEL-98765432"])
def test_no_area_or_store_is_coded_by_a_number_of_a_person(sqlite_house: House, code: str) -> None:
    policies, admin = sqlite_house.policies, sqlite_house.admin

    with pytest.raises(InvalidValue) as of_area:
        policies.create_area(admin, code=code, name_zh="x", name_en="x", event_id=sqlite_house.id())
    with pytest.raises(InvalidValue) as of_store:
        policies.create_store(admin, code=code, area="KLN", name_zh="x", name_en="x", event_id=sqlite_house.id())

    assert of_area.value.code is of_store.value.code is Code.CODE_PERSONAL


@pytest.mark.parametrize(
    ("code", "area", "name", "member"),
    [("MK 1", "KLN", "x", "code"), ("MK1", "KLN", "", "name_zh"), ("MK1", "KLN", "a\nb", "name_zh")],
)
def test_a_wrong_member_is_named_before_anything_is_tried(
    sqlite_house: House, code: str, area: str, name: str, member: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        sqlite_house.policies.create_store(
            sqlite_house.admin, code=code, area=area, name_zh=name, name_en="x", event_id=sqlite_house.id()
        )

    assert caught.value.member == member
    assert sqlite_house.size() == 1


def test_a_code_is_used_once(house: House) -> None:
    house.tree()
    size = house.size()

    with pytest.raises(PolicyConflict) as area:
        house.area("KLN")
    with pytest.raises(PolicyConflict) as store:
        house.store("MK01", "NT")

    assert (area.value.code, store.value.code) == (Code.AREA_EXISTS, Code.STORE_EXISTS)
    assert house.size() == size


def test_a_change_of_nothing_and_of_nobody_is_refused(house: House) -> None:
    house.tree()
    policies, admin = house.policies, house.admin

    with pytest.raises(UnknownThing, match="no such area"):
        house.store("X1", "HKI")
    with pytest.raises(UnknownThing, match="no such area"):
        house.do(policies.change_area(admin, "HKI", name_en="x", event_id=house.id()))
    with pytest.raises(UnknownThing, match="no such store"):
        house.do(policies.change_store(admin, "X1", name_en="x", event_id=house.id()))
    with pytest.raises(UnknownThing, match="no such area"):
        house.do(policies.change_store(admin, "MK01", area="HKI", event_id=house.id()))
    with pytest.raises(InvalidValue, match="nothing to change"):
        house.do(policies.change_store(admin, "MK01", area="KLN", event_id=house.id()))
    with pytest.raises(InvalidValue, match="nothing to change"):
        house.do(policies.change_area(admin, "KLN", event_id=house.id()))


def test_a_repeated_call_is_answered_with_the_first_receipt(house: House) -> None:
    event_id = house.id()
    create = {"code": "KLN", "name_zh": "九龍", "name_en": "Kowloon"}
    first = house.committed(house.policies.create_area(house.admin, **create, event_id=event_id))

    again = house.committed(house.policies.create_area(house.admin, **create, event_id=event_id))

    assert again.replayed
    assert again.result is None
    assert again.receipt.index == first.receipt.index


def test_a_repeated_change_is_a_replay_though_it_would_change_nothing_now(house: House) -> None:
    house.area("KLN")
    event_id = house.id()
    house.do(house.policies.change_area(house.admin, "KLN", name_en="Kowloon", event_id=event_id))

    again = house.committed(house.policies.change_area(house.admin, "KLN", name_en="Kowloon", event_id=event_id))

    assert again.replayed


def test_an_event_id_is_not_used_for_two_things(house: House) -> None:
    event_id = house.id()
    house.do(house.policies.create_area(house.admin, code="A", name_zh="甲", name_en="A", event_id=event_id))

    with pytest.raises(EventIdReused):
        house.do(house.policies.create_area(house.admin, code="B", name_zh="乙", name_en="B", event_id=event_id))


def test_who_may_not_is_refused_before_there_is_a_change(house: House) -> None:
    auditor = house.policies.principal(house.person(Role.AUDITOR).id)

    with pytest.raises(Denied) as caught:
        house.policies.create_area(auditor, code="A", name_zh="甲", name_en="A", event_id=house.id())

    assert caught.value.decision.code is Code.ROLE_LACKS_ACTION


def test_many_changes_at_once_are_isolated_from_each_other(house: House) -> None:
    """One batch: areas, stores in them, and a conflict in the middle."""
    import asyncio

    async def at_once() -> list[object]:
        log, policies, admin = house.world.storage.log, house.policies, house.admin
        areas = [
            policies.create_area(admin, code=code, name_zh=code, name_en=code, event_id=house.id())
            for code in ("A", "B", "A", "C")
        ]
        stores = [
            policies.create_store(admin, code=f"S{area}", area=area, name_zh="x", name_en="x", event_id=house.id())
            for area in ("A", "Z", "C")
        ]
        waiting = [*map(log.commit_async, areas), *map(log.commit_async, stores)]
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    outcomes = asyncio.run(at_once())

    failed = [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    assert failed == [PolicyConflict, UnknownThing]
    directory = house.policies.fresh_directory()
    assert set(directory.areas) == {"A", "B", "C"}
    assert set(directory.stores) == {"SA", "SC"}
