"""What an auditor reaches: what their engagement says, while it runs, to the microsecond; and the stores of today's areas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.event import time_us
from policies.codes import Code
from policies.deciding import decide_in
from policies.directory import Directory, build_directory
from policies.errors import Denied, PolicyConflict, PolicyError
from policies.explanations import NeedKind
from policies.grants.model import ENGAGEMENT_MAX, Grant, GrantKind, GrantState
from policies.model import Action, Principal, Resource, Role, ScopeKind
from policies.reasons import explain
from policies.scope import Scope, scope_of
from tests.policies.house import House
from tests.policies.test_directory import AREAS, STORES, person

STARTS = datetime(2026, 11, 22, 16, tzinfo=UTC)
"""Midnight in Hong Kong."""
ENDS = STARTS + timedelta(days=30)
TICK = timedelta(microseconds=1)
LOG = Resource("log")


def engagement(**limits: Any) -> Grant:
    none = dict.fromkeys(("stores", "classes", "dates_from", "dates_until"))
    found: dict[str, Any] = {**none, "starts_at": STARTS, "ends_at": ENDS, **limits}
    return Grant(id="g", kind=GrantKind.ENGAGEMENT, principal="p_a", given_by="p_o", **found)


def directory(*grants: Grant) -> Directory:
    return build_directory(
        version=1,
        mark=bytes(32),
        areas=AREAS,
        stores=STORES,
        records=[person("p_a", Role.AUDITOR)],
        assignments=[],
        keys=[],
        erased=[],
        grants=grants,
    )


def code(made: Directory, action: Action, resource: Resource, now: datetime = STARTS) -> Code:
    return decide_in(made, made.people["p_a"], action, resource, now=now).code


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (STARTS - TICK, Code.ENGAGEMENT_OVER),
        (STARTS, Code.ALLOWED),
        (ENDS - TICK, Code.ALLOWED),
        (ENDS, Code.ENGAGEMENT_OVER),
        (ENDS + timedelta(days=365), Code.ENGAGEMENT_OVER),
    ],
)
def test_an_engagement_holds_from_its_first_instant_to_before_its_last(now: datetime, expected: Code) -> None:
    assert code(directory(engagement()), Action.LOG_READ, LOG, now) is expected


def test_one_that_was_ended_early_is_over_from_that_instant() -> None:
    ended = STARTS + timedelta(hours=1)
    made = directory(engagement(ended_at=ended))

    assert code(made, Action.LOG_READ, LOG, ended - TICK) is Code.ALLOWED
    assert code(made, Action.LOG_READ, LOG, ended) is Code.ENGAGEMENT_OVER


@pytest.mark.parametrize(
    "action", [action for action in Action if "read" in action.value or action is Action.LOG_EXPORT]
)
def test_without_an_engagement_an_auditor_reaches_nothing(action: Action) -> None:
    made = directory()
    decision = decide_in(made, made.people["p_a"], action, LOG, now=STARTS)

    assert not decision.allowed
    assert decision.principal.stores == frozenset()


A, B, C = (frozenset({code}) for code in ("MK01", "TST1", "ST01"))
NOTE, CONTRACT = frozenset({"delivery_note"}), frozenset({"contract"})
DAY = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("limits", "action", "resource", "expected"),
    [
        ({}, Action.LOG_EXPORT, Resource("log", whole_log=True), Code.ALLOWED),
        ({"stores": A}, Action.STOCK_READ, Resource("stock", stores=A), Code.ALLOWED),
        ({"stores": A}, Action.STOCK_READ, Resource("stock", stores=B), Code.STORE_OUT_OF_REACH),
        ({"stores": A}, Action.LOG_EXPORT, Resource("log", whole_log=True), Code.WHOLE_ORGANISATION_NEEDED),
        ({"classes": NOTE}, Action.DOCUMENT_READ, Resource("document", stores=A, classes=NOTE), Code.ALLOWED),
        (
            {"classes": NOTE},
            Action.DOCUMENT_READ,
            Resource("document", stores=A, classes=CONTRACT),
            Code.CLASS_OUT_OF_REACH,
        ),
        ({"classes": NOTE}, Action.LOG_READ_BUNDLES, Resource("log", whole_log=True), Code.WHOLE_ORGANISATION_NEEDED),
        ({"dates_from": DAY}, Action.LOG_READ, Resource("entry", stores=A, at_us=time_us(DAY)), Code.ALLOWED),
        (
            {"dates_from": DAY},
            Action.LOG_READ,
            Resource("entry", stores=A, at_us=time_us(DAY) - 1),
            Code.TIME_OUT_OF_REACH,
        ),
        ({"dates_until": DAY}, Action.LOG_READ, Resource("entry", stores=A, at_us=time_us(DAY) - 1), Code.ALLOWED),
        (
            {"dates_until": DAY},
            Action.LOG_READ,
            Resource("entry", stores=A, at_us=time_us(DAY)),
            Code.TIME_OUT_OF_REACH,
        ),
        ({"dates_until": DAY}, Action.LOG_EXPORT, Resource("log", whole_log=True), Code.WHOLE_ORGANISATION_NEEDED),
        ({}, Action.STOCK_ADJUST, Resource("stock", stores=A), Code.ROLE_LACKS_ACTION),
    ],
)
def test_an_engagement_is_stores_by_dates_by_classes_and_never_a_write(
    limits: dict[str, Any], action: Action, resource: Resource, expected: Code
) -> None:
    assert code(directory(engagement(**limits)), action, resource) is expected


def test_its_limits_are_the_scope_that_lists_are_filtered_by() -> None:
    made = directory(engagement(stores=A, classes=NOTE, dates_from=DAY, dates_until=STARTS))
    decision = decide_in(made, made.people["p_a"], Action.LOG_READ, LOG, now=STARTS)

    assert scope_of(decision) == Scope(A, classes=NOTE, from_us=time_us(DAY), until_us=time_us(STARTS))
    assert decision.principal.grant == "g"


def test_a_decision_is_taken_again_for_who_it_was_made_for() -> None:
    made = directory(engagement(stores=A))
    engaged = decide_in(made, made.people["p_a"], Action.LOG_READ, LOG, now=STARTS).principal

    assert decide_in(made, engaged, Action.LOG_READ, LOG, now=ENDS).code is Code.ENGAGEMENT_OVER


def test_who_has_none_is_told_that_one_is_needed_and_not_which_store() -> None:
    made = directory()
    decision = decide_in(made, made.people["p_a"], Action.STOCK_READ, Resource("stock", stores=A), now=STARTS)

    [need] = explain(decision).needs
    assert need.kind is NeedKind.ENGAGEMENT
    assert "審計委聘" in need.words.zh
    of_class = decide_in(
        directory(engagement(classes=NOTE)),
        made.people["p_a"],
        Action.DOCUMENT_READ,
        Resource("document", stores=A, classes=CONTRACT),
        now=STARTS,
    )
    assert [(one.kind, one.options) for one in explain(of_class).needs] == [(NeedKind.CLASS, ("contract",))]


# -------------------------------------------------------------------------------- a store that moves


@pytest.mark.parametrize(
    ("manager", "before", "after"),
    [("p_old", Code.ALLOWED, Code.STORE_OUT_OF_REACH), ("p_new", Code.STORE_OUT_OF_REACH, Code.ALLOWED)],
)
def test_a_store_that_moves_at_midnight_takes_its_history_along(
    sqlite_house: House, manager: str, before: Code, after: Code
) -> None:
    house = sqlite_house
    house.tree()
    people = {
        "p_old": house.person(Role.AREA_MANAGER, (ScopeKind.AREA, "KLN")),
        "p_new": house.person(Role.AREA_MANAGER, (ScopeKind.AREA, "NT")),
    }
    caller = house.policies.principal(people[manager].id)
    old_entry = Resource("entry", "1", frozenset({"TST1"}), at_us=1)
    midnight = datetime(2026, 12, 31, 16, tzinfo=UTC)
    clock = house.world.clock
    clock.advance(seconds=(midnight - TICK - clock()).total_seconds())
    last = house.policies.decide(caller, Action.LOG_READ, old_entry).code

    clock.advance(seconds=TICK.total_seconds())
    house.do(house.policies.change_store(house.admin, "TST1", area="NT", event_id=house.id()))

    assert (last, house.policies.decide(caller, Action.LOG_READ, old_entry).code) == (before, after)


# ---------------------------------------------------------------------------------- giving and ending


def auditor(house: House) -> Principal:
    return house.policies.principal(house.person(Role.AUDITOR, engaged=False).id)


def test_an_engagement_is_an_entry_and_ends_by_the_clock(house: House) -> None:
    house.tree()
    caller = auditor(house)
    denied = house.policies.decide(caller, Action.LOG_READ, LOG)
    grant = house.engage(caller.id, days=1, stores=["MK01"], classes=["delivery_note"])

    entry = house.entry()
    allowed = house.policies.decide(caller, Action.LOG_READ, LOG)
    house.world.clock.advance(seconds=86_400)

    assert (denied.code, allowed.code) == (Code.ENGAGEMENT_OVER, Code.ALLOWED)
    assert (entry["type"], entry["data"]["grant"], entry["data"]["nda_on_file"]) == ("grant.given", grant.id, True)
    assert (entry["data"]["stores"], entry["data"]["classes"]) == (["MK01"], ["delivery_note"])
    assert allowed.principal.stores == frozenset({"MK01"})
    assert house.policies.decide(caller, Action.LOG_READ, LOG).code is Code.ENGAGEMENT_OVER
    assert house.another(house.world.storage).grants() == [grant]


def test_one_can_be_ended_early_and_another_given_after(sqlite_house: House) -> None:
    house = sqlite_house
    caller, officer = auditor(house), house.policies.local_principal(Role.COMPLIANCE_OFFICER)
    grant = house.engage(caller.id)

    ended = house.do(house.policies.end_grant(officer, grant.id, event_id=house.id()))

    assert ended.state_at(house.world.clock()) is GrantState.OVER
    assert house.policies.decide(caller, Action.LOG_READ, LOG).code is Code.ENGAGEMENT_OVER
    assert house.engage(caller.id).id != grant.id
    with pytest.raises(PolicyConflict) as caught:
        house.do(house.policies.end_grant(officer, grant.id, event_id=house.id()))
    assert caught.value.code is Code.GRANT_OVER


def test_an_auditor_renews_nothing(sqlite_house: House) -> None:
    house = sqlite_house
    caller = auditor(house)
    house.engage(caller.id)
    now = house.world.clock()

    with pytest.raises(Denied) as caught:
        house.policies.engage(
            caller, caller.id, starts_at=now, ends_at=now + ENGAGEMENT_MAX, nda_on_file=True, event_id=house.id()
        )

    assert caught.value.code is Code.ROLE_LACKS_ACTION


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"days": 91}, Code.GRANT_PERIOD),
        ({"days": -1}, Code.GRANT_PERIOD),
        ({"nda_on_file": False}, Code.NDA_MISSING),
        ({"stores": []}, Code.CODES_UNFIT),
        ({"classes": ["no such thing"]}, Code.CODES_UNFIT),
        ({"stores": ["XX99"]}, Code.STORE_UNKNOWN),
        ({"dates_from": ENDS, "dates_until": ENDS}, Code.GRANT_DATES),
        ({"auditor": "p_nobody"}, Code.PERSON_UNKNOWN),
        ({"auditor": Role.DPO}, Code.NOT_AN_AUDITOR),
        ({"twice": True}, Code.GRANT_OVERLAPS),
    ],
)
def test_what_is_no_engagement_is_refused(sqlite_house: House, wrong: dict[str, Any], expected: Code) -> None:
    house = sqlite_house
    named = wrong.pop("auditor", None)
    by_role = isinstance(named, Role)
    target = house.person(named).id if by_role else named or auditor(house).id
    if wrong.pop("twice", False):
        house.engage(target)
    now = house.world.clock()
    wanted = {"nda_on_file": True, "starts_at": now, "ends_at": now + timedelta(days=wrong.pop("days", 30)), **wrong}

    officer = house.policies.local_principal(Role.COMPLIANCE_OFFICER)

    with pytest.raises(PolicyError) as caught:
        house.do(house.policies.engage(officer, target, event_id=house.id(), **wanted))

    assert caught.value.code is expected


def test_a_role_that_is_taken_away_takes_the_engagement_along(sqlite_house: House) -> None:
    house = sqlite_house
    caller = auditor(house)
    house.engage(caller.id)
    house.do(house.policies.change_role(house.admin, caller.id, Role.STAFF, event_id=house.id()))

    renewed = house.policies.decide(caller, Action.LOG_READ, LOG).principal
    assert (renewed.role, renewed.stores, renewed.grant) == (Role.STAFF, frozenset(), None)
