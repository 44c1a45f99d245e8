"""Every branch of a decision, held against a table written apart from the policies; and what is well formed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from policies import rules
from policies.codes import Code
from policies.engine import shipped
from policies.model import Action, Principal, PrincipalKind, Reach, Resource, Role, ScopeKind
from tests.policies.twin import table

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def principal(
    role: Role = Role.API_CLIENT,
    stores: set[str] | None = None,
    scopes: set[str] | None = None,
) -> Principal:
    return Principal(
        "p_x",
        PrincipalKind.API_CLIENT if role is Role.API_CLIENT else PrincipalKind.PERSON,
        role,
        None if stores is None else frozenset(stores),
        rules.scopes_of(role) if scopes is None else frozenset(scopes),
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_role_permits_what_the_table_says_and_nothing_else(role: Role, action: Action) -> None:
    expected = Code.ALLOWED if table()[role, action] else Code.ROLE_LACKS_ACTION

    assert rules.decide(shipped(), principal(role), action, Resource("thing"), version=0).code is expected


def test_the_table_speaks_of_every_role_and_action() -> None:
    assert set(table()) == {(role, action) for role in Role for action in Action}
    assert set(shipped().permits) == set(rules.REACH) == set(rules.ASSIGNABLE) == set(Role)


def test_only_those_who_look_after_the_whole_reach_all_of_it() -> None:
    everywhere = {role for role in Role if rules.REACH[role] is Reach.ALL}

    assert everywhere == {
        Role.COMPLIANCE_OFFICER,
        Role.DPO,
        Role.AUDITOR,
        Role.OPERATOR,
        Role.POLICY_ADMIN,
    }
    assert all(not rules.ASSIGNABLE[role] for role in everywhere)


def test_an_auditor_can_change_nothing() -> None:
    assert not shipped().permits[Role.AUDITOR] & rules.CONFIRMED


def test_whatever_is_not_confirmed_under_the_lock_is_a_read() -> None:
    assert {action for action in Action if action not in rules.CONFIRMED} == {
        Action.STOCK_READ,
        Action.CATALOG_READ,
        Action.DOCUMENT_READ,
        Action.DOCUMENT_READ_SENSITIVE,
        Action.LOG_READ,
        Action.LOG_READ_BUNDLES,
        Action.LOG_VERIFY,
        Action.LOG_EXPORT,
        Action.ORGANISATION_READ,
        Action.PEOPLE_READ,
        Action.PERSONAL_READ,
        Action.NOTICES_READ,
        Action.JOBS_READ,
        Action.PENDING_READ,
        Action.GRANT_READ,
        Action.RETENTION_READ,
        Action.BUNDLE_READ,
        Action.RESIDENCY_READ,
        Action.FINDING_READ,
        Action.CASE_READ,
        Action.BREACH_READ,
    }


@pytest.mark.parametrize(
    ("stores", "scopes", "action", "resource", "expected"),
    [
        (None, None, Action.STOCK_ADJUST, Resource.at("stock", ["A"]), Code.ALLOWED),
        (None, None, Action.STOCK_ADJUST, Resource("stock"), Code.ALLOWED),
        ({"A"}, None, Action.STOCK_ADJUST, Resource.at("stock", ["A"]), Code.ALLOWED),
        ({"A"}, None, Action.STOCK_ADJUST, Resource.at("stock", ["A", "B"]), Code.STORE_OUT_OF_REACH),
        (set(), None, Action.STOCK_ADJUST, Resource.at("stock", ["A"]), Code.STORE_OUT_OF_REACH),
        ({"A"}, None, Action.STOCK_ADJUST, Resource("stock"), Code.STORE_NOT_NAMED),
        ({"A"}, None, Action.STOCK_READ, Resource("stock"), Code.ALLOWED),
        (set(), None, Action.STOCK_READ, Resource("stock"), Code.ALLOWED),
        ({"A"}, None, Action.LOG_EXPORT, Resource("log", whole_log=True), Code.WHOLE_ORGANISATION_NEEDED),
        (None, None, Action.LOG_EXPORT, Resource("log", whole_log=True), Code.ALLOWED),
        (None, {"stock.read"}, Action.STOCK_ADJUST, Resource.at("stock", ["A"]), Code.SCOPE_MISSING),
        (None, {"keys.manage"}, Action.KEYS_MANAGE, Resource("api_key"), Code.ROLE_LACKS_ACTION),
    ],
)
def test_a_decision_names_the_first_condition_that_failed(
    stores: set[str] | None,
    scopes: set[str] | None,
    action: Action,
    resource: Resource,
    expected: Code,
) -> None:
    caller = principal(stores=stores, scopes=scopes)

    decision = rules.decide(shipped(), caller, action, resource, version=7)

    assert decision.code is expected
    assert decision.allowed is (expected is Code.ALLOWED)
    failed = rules.judge(shipped(), caller, action, resource).codes
    assert failed[:1] == (() if expected is Code.ALLOWED else (expected,))


def test_every_failed_condition_is_found_not_only_the_first() -> None:
    caller = principal(stores={"A"}, scopes={"stock.read"})

    failed = rules.judge(shipped(), caller, Action.STOCK_ADJUST, Resource.at("stock", ["C", "B"])).codes

    assert failed == (Code.SCOPE_MISSING, Code.STORE_OUT_OF_REACH)
    assert rules.lacking_stores(caller, Resource.at("stock", ["C", "A", "B"])) == ("B", "C")
    assert rules.lacking_stores(principal(), Resource.at("stock", ["C"])) == ()


def test_what_a_decision_rests_on_is_named_by_policy_and_version() -> None:
    assert rules.policy_at(shipped(), 57) == f"cedar-{shipped().digest[:16]}@57"


@pytest.mark.parametrize("code", ["MK01", "a", "0", "A-b_C", "x" * 32])
def test_a_code_is_letters_digits_hyphens_and_underscores(code: str) -> None:
    assert rules.is_code(code)


@pytest.mark.parametrize("code", ["", "-A", "_A", "A B", "A/B", "x" * 33, "旺角", "A\n", "\uff2dK01"])
def test_anything_else_is_no_code(code: str) -> None:
    assert not rules.is_code(code)


@pytest.mark.parametrize("name", ["旺角店", "Mong Kok", "x" * 80, "O'Neil & Co."])
def test_a_name_can_be_shown(name: str) -> None:
    assert rules.is_name(name)


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\0", "a\u202eb", "\ud800", "x" * 81, "\u3000旺角"])
def test_a_name_that_hides_something_is_none(name: str) -> None:
    assert not rules.is_name(name)


def test_a_keys_scopes_are_some_of_what_a_client_may_be_permitted() -> None:
    assert rules.are_scopes(["stock.adjust", "stock.adjust"], shipped())
    assert not rules.are_scopes([], shipped())
    assert not rules.are_scopes(["organisation.write"], shipped())
    assert not rules.are_scopes(["stock.*"], shipped())


def test_a_key_expires_in_the_future_and_within_two_years() -> None:
    assert rules.is_expiry(NOW + timedelta(microseconds=1), NOW)
    assert rules.is_expiry(NOW + rules.KEY_LIFETIME_MAX, NOW)
    assert not rules.is_expiry(NOW, NOW)
    assert not rules.is_expiry(NOW + rules.KEY_LIFETIME_MAX + timedelta(microseconds=1), NOW)


def test_area_managers_are_assigned_by_area_or_store_and_staff_by_store_only() -> None:
    assert rules.ASSIGNABLE[Role.AREA_MANAGER] == {ScopeKind.AREA, ScopeKind.STORE}
    assert rules.ASSIGNABLE[Role.STAFF] == rules.ASSIGNABLE[Role.STORE_MANAGER] == {ScopeKind.STORE}
    assert rules.ASSIGNABLE[Role.API_CLIENT] == set(ScopeKind)


@pytest.mark.parametrize("action", list(Action))
def test_the_roles_that_permit_an_action_are_those_whose_scopes_hold_it(action: Action) -> None:
    named = rules.roles_permitting(shipped(), action)

    assert named == tuple(role for role in Role if action.value in rules.scopes_of(role))
