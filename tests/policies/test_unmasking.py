"""Personal data in clear: a purpose of the list, somebody who may, and an entry first."""

from __future__ import annotations

import pytest

from audit.event import Subject
from policies.codes import Code
from policies.errors import Denied
from policies.model import Principal, Resource, Role, ScopeKind, SignIn
from policies.unmasking.purposes import PURPOSES, Purpose
from tests.policies.house import House

PAPER = Resource("document", "d_1")


def person(house: House, role: Role, *targets: tuple[ScopeKind, str]) -> Principal:
    return house.policies.principal(house.person(role, *targets).id, SignIn(house.world.clock()))


@pytest.mark.parametrize("role", [Role.COMPLIANCE_OFFICER, Role.DPO])
def test_an_officer_unmasks_for_a_purpose_and_it_is_an_entry(sqlite_house: House, role: Role) -> None:
    officer = person(sqlite_house, role)
    change = sqlite_house.policies.require_unmasked(
        officer,
        Purpose.ACCESS_REQUEST,
        PAPER,
        event_id=sqlite_house.id(),
        detail={"kinds": ["hkid"], "count": 2},
        about=(Subject("document", "d_1"),),
    )

    sqlite_house.do(change)

    entry = sqlite_house.entry()
    assert (entry["type"], entry["actor"]["id"]) == ("access.unmasked", officer.id)
    assert entry["data"]["purpose"] == "access_request"
    assert entry["data"]["detail"] == {"kinds": ["hkid"], "count": 2}
    assert {subject["kind"] for subject in entry["subjects"]} == {"person", "document"}
    assert entry["decision"]["code"] == "allowed"


@pytest.mark.parametrize("purpose", [None, "", "marketing", "ACCESS_REQUEST"])
def test_no_purpose_of_the_list_no_personal_data(sqlite_house: House, purpose: str | None) -> None:
    officer = person(sqlite_house, Role.COMPLIANCE_OFFICER)
    size = sqlite_house.size()

    with pytest.raises(Denied) as caught:
        sqlite_house.policies.require_unmasked(officer, purpose, PAPER, event_id=sqlite_house.id())

    assert caught.value.code is Code.PURPOSE_NEEDED
    [need] = caught.value.explain().needs
    assert need.options == tuple(Purpose)
    assert "處理查閱資料要求" in need.words.zh
    assert sqlite_house.size() == size


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.POLICY_ADMIN])
def test_others_see_it_masked_whatever_they_say(sqlite_house: House, role: Role) -> None:
    with pytest.raises(Denied) as caught:
        sqlite_house.policies.require_unmasked(
            person(sqlite_house, role), Purpose.FRAUD_INVESTIGATION, PAPER, event_id=sqlite_house.id()
        )

    assert caught.value.code is Code.ROLE_LACKS_ACTION


def test_every_purpose_has_words_in_both_languages() -> None:
    assert set(PURPOSES) == set(Purpose)
    assert all(words.zh and words.en for words in PURPOSES.values())
