"""Who reaches what, as of one version."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from policies.codes import Code
from policies.directory import Directory, acting, build_directory
from policies.model import (
    ApiKey,
    Area,
    Assignment,
    NegativeStockRule,
    Principal,
    PrincipalKind,
    PrincipalRecord,
    PrincipalState,
    Role,
    ScopeKind,
    Store,
)
from policies.rules import scopes_of

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
AREAS = [Area("KLN", "九龍", "Kowloon"), Area("NT", "新界", "New Territories")]
STORES = [
    Store("MK01", "KLN", "旺角", "Mong Kok", NegativeStockRule.REFUSE),
    Store("TST1", "KLN", "尖沙咀", "Tsim Sha Tsui", NegativeStockRule.REFUSE),
    Store("ST01", "NT", "沙田", "Sha Tin", NegativeStockRule.ALLOW),
]


def person(name: str, role: Role, state: PrincipalState = PrincipalState.ACTIVE) -> PrincipalRecord:
    return PrincipalRecord(name, PrincipalKind.PERSON, role, "", state, 1)


def client(name: str) -> PrincipalRecord:
    return PrincipalRecord(name, PrincipalKind.API_CLIENT, Role.API_CLIENT, "POS", PrincipalState.ACTIVE, None)


def key(key_id: str, principal: str, *, revoked: bool = False, scopes: tuple[str, ...] = ("stock.adjust",)) -> ApiKey:
    revoked_at = NOW if revoked else None
    return ApiKey(key_id, principal, bytes(32), frozenset(scopes), NOW, NOW + timedelta(days=1), revoked_at, 60, None)


def directory(
    records: list[PrincipalRecord],
    assignments: list[Assignment] | None = None,
    keys: list[ApiKey] | None = None,
    *,
    version: int = 1,
    erased: tuple[str, ...] = (),
    stores: list[Store] | None = None,
) -> Directory:
    return build_directory(
        version=version,
        mark=bytes(32),
        areas=AREAS,
        stores=STORES if stores is None else stores,
        records=records,
        assignments=assignments or [],
        keys=keys or [],
        erased=erased,
    )


def test_a_store_manager_reaches_the_stores_assigned_and_no_other() -> None:
    made = directory([person("p_a", Role.STORE_MANAGER)], [Assignment("p_a", ScopeKind.STORE, "MK01")])

    assert made.people["p_a"].stores == frozenset({"MK01"})
    assert made.visible_stores(made.people["p_a"]) == frozenset({"MK01"})


def test_who_is_assigned_to_nothing_reaches_nothing() -> None:
    assert directory([person("p_a", Role.STAFF)]).people["p_a"].stores == frozenset()


def test_an_area_manager_reaches_the_stores_that_are_in_the_area_now() -> None:
    records = [person("p_a", Role.AREA_MANAGER)]
    assigned = [Assignment("p_a", ScopeKind.AREA, "KLN")]
    moved = [replace(store, area="NT") if store.code == "TST1" else store for store in STORES]

    before = directory(records, assigned)
    after = directory(records, assigned, version=2, stores=moved)

    assert before.people["p_a"].stores == frozenset({"MK01", "TST1"})
    assert after.people["p_a"].stores == frozenset({"MK01"})
    assert after.visible_stores(before.people["p_a"]) == frozenset({"MK01"})


def test_an_empty_area_is_no_store_and_areas_and_stores_add_up() -> None:
    made = directory(
        [person("p_a", Role.AREA_MANAGER), person("p_b", Role.AREA_MANAGER)],
        [
            Assignment("p_a", ScopeKind.AREA, "HKI"),
            Assignment("p_b", ScopeKind.AREA, "NT"),
            Assignment("p_b", ScopeKind.STORE, "MK01"),
        ],
    )

    assert made.people["p_a"].stores == frozenset()
    assert made.people["p_b"].stores == frozenset({"ST01", "MK01"})


def test_those_who_look_after_the_whole_reach_all_of_it_unassigned() -> None:
    made = directory([person("p_a", Role.AUDITOR)])

    assert made.people["p_a"].stores is None
    assert made.visible_stores(made.people["p_a"]) is None


def test_an_assignment_that_does_not_fit_the_role_gives_nothing() -> None:
    made = directory(
        [person("p_a", Role.STAFF)], [Assignment("p_a", ScopeKind.AREA, "KLN"), Assignment("p_a", ScopeKind.ALL, "")]
    )

    assert made.people["p_a"].stores == frozenset()


def test_a_client_may_be_assigned_to_everything() -> None:
    made = directory([client("p_c")], [Assignment("p_c", ScopeKind.ALL, "")], [key("k", "p_c")])

    assert made.by_key["k"].stores is None
    assert made.by_key["k"].scopes == {"stock.adjust"}


def test_nobody_closed_or_erased_is_among_the_people() -> None:
    made = directory(
        [person("p_a", Role.DPO, PrincipalState.CLOSED), person("p_b", Role.DPO), client("p_c")], erased=("p_b",)
    )

    assert dict(made.people) == {}
    assert made.standing("p_a") is Code.PRINCIPAL_CLOSED
    assert made.standing("p_b") is Code.PRINCIPAL_ERASED
    assert made.standing("p_c") is Code.ALLOWED
    assert made.standing("p_z") is Code.PRINCIPAL_UNKNOWN


def test_a_principal_of_an_older_version_is_brought_up_to_this_one() -> None:
    records = [person("p_a", Role.STAFF), client("p_c")]
    old = directory(records, [Assignment("p_a", ScopeKind.STORE, "MK01")], [key("k", "p_c")])
    new = directory(records, [Assignment("p_a", ScopeKind.STORE, "ST01")], [key("k", "p_c")], version=2)

    renewed, code = new.renew(old.people["p_a"])
    by_key, key_code = new.renew(old.by_key["k"])

    assert (code, renewed.stores) == (Code.ALLOWED, frozenset({"ST01"}))
    assert (key_code, by_key) == (Code.ALLOWED, new.by_key["k"])
    assert new.renew(renewed) == (renewed, Code.ALLOWED)


def test_a_principal_that_lost_its_standing_is_told_how() -> None:
    old = directory([person("p_a", Role.STAFF), client("p_c"), client("p_d")], None, [key("k", "p_c"), key("l", "p_d")])
    new = directory(
        [person("p_a", Role.STAFF, PrincipalState.CLOSED), client("p_c"), client("p_d")],
        None,
        [key("k", "p_c", revoked=True)],
        version=2,
    )

    assert new.renew(old.people["p_a"])[1] is Code.PRINCIPAL_CLOSED
    assert new.renew(old.by_key["k"])[1] is Code.KEY_REVOKED
    assert new.renew(old.by_key["l"])[1] is Code.KEY_REVOKED
    assert new.visible_stores(old.people["p_a"]) == frozenset()


def test_a_client_is_no_person_however_it_calls_itself() -> None:
    posing = Principal("p_c", PrincipalKind.PERSON, Role.OPERATOR, None, scopes_of(Role.OPERATOR))

    assert directory([client("p_c")]).renew(posing)[1] is Code.PRINCIPAL_UNKNOWN


def test_the_system_is_of_every_version() -> None:
    system = Principal("system", PrincipalKind.SYSTEM, Role.OPERATOR, None, scopes_of(Role.OPERATOR))

    assert directory([], version=9).renew(system) == (system, Code.ALLOWED)


def test_a_client_that_acts_for_a_person_may_only_what_both_may_where_both_may() -> None:
    made = directory(
        [person("p_a", Role.STAFF), person("p_b", Role.AUDITOR), client("p_c"), client("p_d")],
        [
            Assignment("p_a", ScopeKind.STORE, "MK01"),
            Assignment("p_c", ScopeKind.AREA, "KLN"),
            Assignment("p_d", ScopeKind.ALL, ""),
        ],
        [
            key("k", "p_c", scopes=("stock.adjust", "stock.correct", "log.read")),
            key("l", "p_d", scopes=("log.read", "log.export")),
        ],
    )

    assert acting(made.by_key["k"], made.people["p_a"]).stores == frozenset({"MK01"})
    assert acting(made.by_key["k"], made.people["p_a"]).scopes == {"stock.adjust", "log.read"}
    assert acting(made.by_key["k"], made.people["p_b"]).stores == frozenset({"MK01", "TST1"})
    assert acting(made.by_key["l"], made.people["p_a"]).stores == frozenset({"MK01"})
    assert acting(made.by_key["l"], made.people["p_b"]).stores is None
    both = acting(made.by_key["k"], made.people["p_a"])
    assert (both.id, both.acting_for, both.person, both.actor.acting_for) == ("p_c", "p_a", "p_a", "p_a")


def test_acting_for_somebody_ends_when_they_do() -> None:
    records = [person("p_a", Role.STAFF), client("p_c")]
    old = directory(records, [Assignment("p_a", ScopeKind.STORE, "MK01")], [key("k", "p_c")])
    both = acting(old.by_key["k"], old.people["p_a"])

    still, code = directory(records, None, [key("k", "p_c")], version=2).renew(both)
    gone = directory(records, None, [key("k", "p_c")], version=3, erased=("p_a",)).renew(both)

    assert (code, still.acting_for, still.stores) == (Code.ALLOWED, "p_a", frozenset())
    assert gone[1] is Code.ACTING_FOR_NOT_A_PERSON


def test_a_snapshot_cannot_be_changed_and_shows_no_hash() -> None:
    made = directory([client("p_c")], None, [key("k", "p_c")])

    assert not hasattr(made.stores, "__setitem__")
    assert "secret_hash" not in repr(made.keys["k"])
