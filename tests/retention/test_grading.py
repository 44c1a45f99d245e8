"""What grade is proposed for a finding: rows P-04 and P-05 of the reference, and properties."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.model import Finding, FindingCode, Grade, Judgement, Outcome
from retention.rules import graded

GRACE = 30
SINCE = date(2026, 1, 1)


def after(days: int, *findings: Finding, outcome: Outcome = Outcome.DUE, due_from: date | None = SINCE) -> Judgement:
    return Judgement(outcome, SINCE + timedelta(days=days), due_from=due_from, deciding=("R/1",), findings=findings)


OVERDUE = Finding(FindingCode.OVERDUE, ("CAP/1",))


@pytest.mark.parametrize(
    ("judgement", "grades"),
    [
        pytest.param(after(0), [], id="p_05_in_the_queue_the_same_day"),
        pytest.param(after(GRACE), [], id="p_05_last_day_of_grace"),
        pytest.param(after(GRACE + 1), [Grade.MINOR], id="p_05_after_grace"),
        pytest.param(after(2 * GRACE), [Grade.MINOR], id="p_05_last_day_of_twice_the_grace"),
        pytest.param(after(2 * GRACE + 1), [Grade.MAJOR], id="p_05_after_twice_the_grace"),
        pytest.param(after(1, OVERDUE), [Grade.NOTE], id="past_a_maximum"),
        pytest.param(after(GRACE + 1, OVERDUE), [Grade.MINOR], id="past_a_maximum_and_the_grace"),
        pytest.param(after(400, outcome=Outcome.HELD), [], id="held"),
        pytest.param(after(400, outcome=Outcome.KEPT), [], id="kept"),
        pytest.param(after(400, due_from=None), [], id="due_without_a_day"),
        pytest.param(after(400, Finding(FindingCode.CONFLICT), outcome=Outcome.KEPT), [Grade.NOTE], id="conflict"),
        pytest.param(
            after(GRACE, Finding(FindingCode.RULE_MISSING), outcome=Outcome.UNDETERMINED, due_from=None),
            [Grade.NOTE],
            id="p_04_new_class",
        ),
        pytest.param(
            after(GRACE + 1, Finding(FindingCode.RULE_MISSING), outcome=Outcome.UNDETERMINED, due_from=None),
            [Grade.MINOR],
            id="p_04_after_grace",
        ),
        pytest.param(
            after(999, Finding(FindingCode.RULE_MISSING), outcome=Outcome.UNDETERMINED, due_from=None),
            [Grade.MINOR],
            id="p_04_is_never_major",
        ),
    ],
)
def test_the_grade_grows_with_the_wait(judgement: Judgement, grades: list[Grade]) -> None:
    assert [one.grade for one in graded(judgement, SINCE, GRACE)] == grades


@given(days=st.integers(0, 2_000), more=st.integers(0, 2_000), grace=st.integers(1, 365))
def test_waiting_longer_never_makes_it_milder(days: int, more: int, grace: int) -> None:
    order = [None, Grade.NOTE, Grade.MINOR, Grade.MAJOR]

    def grade(waited: int) -> Grade | None:
        found = graded(after(waited), SINCE, grace)
        return found[0].grade if found else None

    assert order.index(grade(days)) <= order.index(grade(days + more))
