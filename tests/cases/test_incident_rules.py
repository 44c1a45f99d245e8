"""Breaches, enforcement and cessation notices by the rules: inputs and outcomes by the row of the reference."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.errors import CaseError, Code
from cases.incidents.model import (
    Breach,
    BreachKind,
    BreachState,
    Cessation,
    CessationState,
    Direction,
    Enforcement,
    Regime,
)
from cases.incidents.rules import (
    breach_clocks,
    direction_findings,
    met,
    require_breach_closable,
    require_cessation,
    require_directions,
)
from cases.model import FindingCode, Grade
from tests.cases.test_rules import refused
from tests.cases.values import MOMENT


def breach(state: BreachState) -> Breach:
    kinds = frozenset({"name"})
    return Breach(
        "b1", state, BreachKind.LOST, frozenset({Regime.PDPO}), False, MOMENT, 3, kinds, None, None, None, None, 1
    )


@pytest.mark.parametrize(
    ("regimes", "designated", "serious", "expected"),
    [
        ({Regime.PDPO}, False, True, [(Regime.PDPO, None, True)]),
        ({Regime.GDPR, Regime.PDPO}, False, True, [(Regime.PDPO, None, True), (Regime.GDPR, 72, False)]),
        ({Regime.CAP653}, False, True, [(Regime.CAP653, None, False)]),
        ({Regime.CAP653}, True, True, [(Regime.CAP653, 12, False)]),
        ({Regime.CAP653}, True, False, [(Regime.CAP653, 48, False)]),
    ],
)
def test_p34_clocks_are_those_of_the_regimes_and_none_is_invented(
    regimes: set[Regime], designated: bool, serious: bool, expected: list[tuple[Regime, int | None, bool]]
) -> None:
    clocks = breach_clocks(regimes, MOMENT, designated=designated, serious=serious)

    assert [(clock.regime, clock.hours, clock.recommended) for clock in clocks] == expected
    for clock in clocks:
        assert clock.until == (None if clock.hours is None else MOMENT + timedelta(hours=clock.hours))


def test_p34_the_ordinance_shows_a_recommendation_and_no_deadline() -> None:
    [clock] = breach_clocks({Regime.PDPO}, MOMENT, designated=True)

    assert clock.until is None
    assert "建議" in clock.authority.zh
    assert "72" not in clock.authority.zh + clock.authority.en


def test_p34_a_breach_is_closed_after_a_decision() -> None:
    with refused(Code.BREACH_NOT_DECIDED):
        require_breach_closable(breach(BreachState.OPEN))
    with refused(Code.BREACH_ENDED):
        require_breach_closable(breach(BreachState.CLOSED))
    assert require_breach_closable(breach(BreachState.DECIDED)).id == "b1"


NOTICE = Enforcement(
    "e1",
    "EN-1",
    date(2026, 11, 1),
    (
        Direction("e1", 1, date(2026, 11, 20), None, None),
        Direction("e1", 2, date(2026, 11, 20), date(2026, 11, 21), 9),
        Direction("e1", 3, date(2026, 11, 20), date(2026, 11, 20), 8),
    ),
    5,
)


def test_p38_an_overdue_direction_is_proposed_as_major() -> None:
    on_the_day = direction_findings(NOTICE.directions[:1], date(2026, 11, 20))
    after = direction_findings(NOTICE.directions, date(2026, 11, 22))

    assert on_the_day == []
    assert [(one.subject, one.grade, one.days) for one in after] == [
        ("e1/1", Grade.MAJOR, 2),
        ("e1/2", Grade.MINOR, 1),
    ]
    assert {one.code for one in after} == {FindingCode.DIRECTION_OVERDUE}


def test_p38_a_direction_is_met_once() -> None:
    assert met(NOTICE, 1, on=date(2026, 11, 22), index=10).met_index == 10
    with refused(Code.DIRECTION_MET):
        met(NOTICE, 3, on=date(2026, 11, 22), index=10)
    with refused(Code.DIRECTION_UNKNOWN):
        met(NOTICE, 4, on=date(2026, 11, 22), index=10)
    with refused(Code.DIRECTION_TWICE):
        require_directions([(1, date.min), (1, date.max)])
    require_directions([(1, date.min), (2, date.max)])


@pytest.mark.parametrize(
    ("state", "wanted", "allowed"),
    [
        (CessationState.BLOCKED, CessationState.ANSWERED, True),
        (CessationState.ANSWERED, CessationState.LIFTED, True),
        (CessationState.ANSWERED, CessationState.ANSWERED, False),
        (CessationState.LIFTED, CessationState.ANSWERED, False),
    ],
)
def test_p35_a_cessation_goes_forward_only(state: CessationState, wanted: CessationState, allowed: bool) -> None:
    found = Cessation("x1", "d1", state, "CN-1", date(2026, 11, 1), 3)
    if allowed:
        assert require_cessation(found, wanted) is found
        return
    with pytest.raises(CaseError):
        require_cessation(found, wanted)
