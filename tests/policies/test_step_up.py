"""P-08: how recent and how strong a sign-in must be for what is sensitive (PDPO DPP4(1))."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.codes import Code
from policies.errors import StepUpRequired
from policies.model import Action, Principal, PrincipalKind, Resource, Role, SignIn
from policies.rules import scopes_of
from policies.step_up import CONFIDENTIAL, SECOND_FACTORS, StepUp, is_recent
from tests.policies.house import House

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LIMITS = StepUp(timedelta(hours=12), timedelta(minutes=15))
VOUCHED = replace(LIMITS, contexts=frozenset({"gold", "silver"}))


def person(
    minutes: float | None, *methods: str, context: str = "", kind: PrincipalKind = PrincipalKind.PERSON
) -> Principal:
    signed_in = None if minutes is None else SignIn(NOW - timedelta(minutes=minutes), frozenset(methods), context)
    return Principal("p_x", kind, Role.DPO, None, scopes_of(Role.DPO), signed_in=signed_in)


CASES = {
    "P-08 level 3, signed in longer ago than the limit": (person(15.01), 3, LIMITS, False),
    "P-08 level 3, at the limit": (person(15), 3, LIMITS, True),
    "P-08 level 2, the same": (person(16), 2, LIMITS, True),
    "P-08 level 2, longer ago than its limit": (person(721), 2, LIMITS, False),
    "P-08 level 1, whenever": (person(100_000), 1, LIMITS, True),
    "P-08 level 1, nobody knows when": (person(None), 1, LIMITS, True),
    "P-08 level 2, nobody knows when": (person(None), 2, LIMITS, False),
    "P-08 level 3, nobody knows when": (person(None), 3, LIMITS, False),
    "P-08 level 3, a password alone": (person(1, "pwd"), 3, LIMITS, False),
    "P-08 level 3, a text message is no second factor": (person(1, "pwd", "sms"), 3, LIMITS, False),
    "P-08 level 3, a second factor": (person(1, "pwd", "otp"), 3, LIMITS, True),
    "P-08 level 3, a second factor too long ago": (person(16, "mfa"), 3, LIMITS, False),
    "P-08 level 2, a password alone": (person(1, "pwd"), 2, LIMITS, True),
    "P-08 level 3, the context that is asked for": (person(1, "mfa", context="gold"), 3, VOUCHED, True),
    "P-08 level 3, another context": (person(1, "mfa", context="bronze"), 3, VOUCHED, False),
    "P-08 level 3, no context": (person(1), 3, VOUCHED, False),
    "P-08 level 2, no context": (person(1), 2, VOUCHED, True),
    "P-08 level 3, a machine": (replace(person(0), kind=PrincipalKind.API_CLIENT, key_id="k"), 3, LIMITS, False),
    "P-08 level 3, a machine for a person": (
        replace(person(0), kind=PrincipalKind.API_CLIENT, key_id="k", acting_for="p_y"),
        3,
        LIMITS,
        False,
    ),
    "P-08 level 2, a machine": (replace(person(None), kind=PrincipalKind.API_CLIENT, key_id="k"), 2, LIMITS, True),
    "P-08 level 3, at the machine itself": (person(None, kind=PrincipalKind.SYSTEM), 3, VOUCHED, True),
}


@pytest.mark.parametrize(("who", "level", "limits", "shown"), CASES.values(), ids=CASES)
def test_what_is_shown_to_whom(who: Principal, level: int, limits: StepUp, *, shown: bool) -> None:
    assert is_recent(limits, who, level, NOW) is shown


@given(
    minutes=st.floats(0, 100_000),
    later=st.floats(0, 100_000),
    methods=st.frozensets(st.sampled_from(["pwd", "sms", "face", *sorted(SECOND_FACTORS)])),
    context=st.sampled_from(["", "gold", "bronze"]),
    level=st.integers(1, 3),
    limits=st.sampled_from([LIMITS, VOUCHED]),
)
def test_waiting_and_what_is_more_sensitive_never_show_more(
    minutes: float, later: float, methods: frozenset[str], context: str, level: int, limits: StepUp
) -> None:
    who = person(minutes, *methods, context=context)

    if not is_recent(limits, who, level, NOW):
        assert not is_recent(limits, who, level, NOW + timedelta(minutes=later))
        assert all(not is_recent(limits, who, higher, NOW) for higher in range(level, 4))


def test_p_08_when_somebody_signed_in_outlives_every_renewal_of_what_they_may_do(sqlite_house: House) -> None:
    house = sqlite_house
    signed_in = SignIn(house.world.clock())
    officer = house.policies.principal(house.person(Role.DPO).id, signed_in)
    house.person(Role.STAFF)

    decision = house.policies.require(officer, Action.DOCUMENT_READ, Resource("document"))

    assert decision.principal.version > officer.version
    assert decision.principal.signed_in == signed_in
    house.policies.require_recent(decision, CONFIDENTIAL)
    house.world.clock.advance(minutes=15, seconds=1)
    with pytest.raises(StepUpRequired) as caught:
        house.policies.require_recent(decision, CONFIDENTIAL)
    denied = caught.value
    assert (denied.code, denied.decision.allowed, denied.age_max) == (
        Code.STEP_UP_REQUIRED,
        False,
        timedelta(minutes=15),
    )
    assert [need.kind.value for need in denied.explain().needs] == ["sign_in"]
    assert "重新登入" in denied.words().zh
