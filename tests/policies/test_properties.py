"""What holds of every decision, whatever the principal, the action and the resource."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policies.codes import Code
from policies.directory import acting
from policies.engine import shipped
from policies.model import Action, Principal, PrincipalKind, Resource, Role
from policies.reasons import explain
from policies.rules import decide, judge, scopes_of
from tests.policies.twin import AT_A_STORE, PERMITTED

STORES = ("A", "B", "C")
some_stores = st.frozensets(st.sampled_from(STORES))
reaches = st.one_of(st.none(), some_stores)
resources = st.builds(Resource, st.just("thing"), st.just(""), some_stores, st.booleans())
actions = st.sampled_from(Action)


def people(role: Role, stores: frozenset[str] | None) -> Principal:
    return Principal("p_person", PrincipalKind.PERSON, role, stores, scopes_of(role))


def clients(stores: frozenset[str] | None, scopes: frozenset[str]) -> Principal:
    return Principal("p_client", PrincipalKind.API_CLIENT, Role.API_CLIENT, stores, scopes, "k")


persons = st.builds(people, st.sampled_from(Role), reaches)
machines = st.builds(clients, reaches, st.frozensets(st.sampled_from([action.value for action in Action])))


def is_allowed(principal: Principal, action: Action, resource: Resource) -> bool:
    """The rule once more, as one sentence: all four conditions hold."""
    reaches_all = principal.stores is None
    reached = frozenset(STORES) if principal.stores is None else principal.stores
    return all(
        (
            PERMITTED[principal.role, action],
            action.value in principal.scopes,
            reaches_all or not resource.whole_log,
            reaches_all or bool(resource.stores) or action not in AT_A_STORE,
            resource.stores <= reached,
        )
    )


@given(st.one_of(persons, machines), actions, resources)
def test_a_decision_is_what_the_four_conditions_say(caller: Principal, action: Action, resource: Resource) -> None:
    decision = decide(shipped(), caller, action, resource, version=1)

    assert decision.allowed is is_allowed(caller, action, resource)
    assert judge(shipped(), caller, action, resource).codes[:1] == (() if decision.allowed else (decision.code,))


@given(machines, persons, actions, resources)
def test_acting_for_somebody_never_widens(
    client: Principal, person: Principal, action: Action, resource: Resource
) -> None:
    if is_allowed(acting(client, person), action, resource):
        assert is_allowed(client, action, resource)
        assert is_allowed(person, action, resource)


@given(st.one_of(persons, machines), actions, resources)
def test_every_denial_explains_itself_without_a_gap(caller: Principal, action: Action, resource: Resource) -> None:
    decision = decide(shipped(), caller, action, resource, version=1)

    explained = explain(decision)

    assert "{" not in explained.words.zh + explained.words.en
    assert all("{" not in need.words.zh + need.words.en for need in explained.needs)
    assert bool(explained.needs) or decision.code in {Code.ALLOWED, Code.STORE_NOT_NAMED}


@given(reaches, actions, resources)
def test_a_wider_reach_never_takes_anything_away(
    stores: frozenset[str] | None, action: Action, resource: Resource
) -> None:
    narrow = clients(stores, scopes_of(Role.API_CLIENT))
    wide = clients(None, scopes_of(Role.API_CLIENT))

    assert is_allowed(wide, action, resource) or not is_allowed(narrow, action, resource)
    assert not judge(shipped(), wide, action, resource).codes or judge(shipped(), narrow, action, resource).codes
