"""The stages of a version: every way through them, and none besides."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import rules
from documents.classes import MEDIA_TYPES, STANDARD_CLASSES
from documents.errors import DocumentConflict
from documents.model import DocumentClass, FieldsRow, ReviewState, Stage, Step
from policies.errors import InvalidValue
from policies.model import PrincipalKind

# Written apart from the table: from which stage each step is possible, and where it leads.
WAYS = """
receiving    complete   received
receiving    abandon    abandoned
received     hold       held
received     refuse     refused
received     seal       sealed
received     abandon    abandoned
held         hold       held
held         refuse     refused
held         seal       sealed
held         abandon    abandoned
sealed       read       read
sealed       quarantine quarantined
sealed       withdraw   withdrawn
read         release    released
read         quarantine quarantined
read         withdraw   withdrawn
quarantined  clear      read
quarantined  withdraw   withdrawn
withdrawn    destroy    destroyed
sealed       dispose    destroying
read         dispose    destroying
quarantined  dispose    destroying
released     dispose    destroying
withdrawn    dispose    destroying
destroying   destroy    destroyed
"""
NOW = datetime(2026, 11, 22, 4, 30, 15, 999, tzinfo=UTC)


def ways() -> dict[tuple[Stage, Step], Stage]:
    found = [line.split() for line in WAYS.strip().splitlines()]
    return {(Stage(stage), Step(step)): Stage(following) for stage, step, following in found}


@pytest.mark.parametrize("kinds", [frozenset[str](), frozenset({"name", "phone", "address"}), frozenset({"hkid"})])
@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("kind", PrincipalKind)
@pytest.mark.parametrize("statement", [None, "STAFF/3"])
def test_p_02_only_a_machine_that_sends_what_people_were_asked_for_names_a_statement(
    kinds: frozenset[str], level: int, kind: PrincipalKind, statement: str | None
) -> None:
    found = replace(STANDARD_CLASSES[0], personal_kinds=kinds, level=level)

    refused = kind is PrincipalKind.API_CLIENT and statement is None and (level == 3 or "hkid" in kinds)

    with pytest.raises(InvalidValue) if refused else nullcontext():
        rules.require_statement_of(found, kind, statement)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("step", Step)
def test_a_step_leads_where_the_table_says_or_is_refused(stage: Stage, step: Step) -> None:
    following = ways().get((stage, step))

    assert rules.can(stage, step) is (following is not None)
    if following is None:
        with pytest.raises(DocumentConflict):
            rules.advance(stage, step)
    else:
        assert rules.advance(stage, step) is following


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_no_way_leads_back_to_an_upload_nor_out_of_the_end(steps: list[Step]) -> None:
    stage, seen = Stage.RECEIVING, [Stage.RECEIVING]
    for step in steps:
        if rules.can(stage, step):
            stage = rules.advance(stage, step)
            seen.append(stage)

    if Stage.SEALED in seen:
        after = seen[seen.index(Stage.SEALED) :]
        assert not set(after) & rules.OPERATIONAL, "what was accepted is never refused later"
    for end in (Stage.DESTROYED, Stage.REFUSED, Stage.ABANDONED):
        assert end not in seen[:-1]
    if Stage.RELEASED in seen:
        assert Stage.READ in seen, "nothing is locked that was not looked at"
        assert set(seen[seen.index(Stage.RELEASED) :]) <= {Stage.RELEASED, Stage.DESTROYED}


def test_only_what_is_sealed_can_be_seen() -> None:
    assert not rules.VISIBLE & rules.OPERATIONAL
    assert {Stage.QUARANTINED} == rules.READABLE - rules.VISIBLE


def of(retain_days: int, *, restricts: bool = False) -> DocumentClass:
    return DocumentClass("c", "類", "class", False, True, restricts, retain_days, MEDIA_TYPES)


def test_a_lock_runs_from_the_day_it_was_added() -> None:
    assert rules.lock_until(of(0), NOW) is None
    assert rules.lock_until(of(10), NOW) == datetime(2026, 12, 2, 4, 30, 15, tzinfo=UTC)


def test_a_class_may_want_a_person() -> None:
    assert rules.releases_itself(of(0))
    assert not rules.releases_itself(of(0, restricts=True))


def fields(state: ReviewState = ReviewState.CLEAR, open_items: int = 0, adjusted: int | None = None) -> FieldsRow:
    return FieldsRow("d", 1, 0, b"", state, "delivery_note", None, None, None, open_items, adjusted)


def test_stock_moves_once_by_a_settled_stock_paper() -> None:
    rules.require_adjustable(fields(), "delivery_note")
    rules.require_adjustable(fields(ReviewState.CONFIRMED), "return_note")
    for refused, doc_type in (
        (fields(), "invoice"),
        (fields(), None),
        (fields(adjusted=7), "delivery_note"),
        (fields(ReviewState.OPEN, 2), "delivery_note"),
    ):
        with pytest.raises(DocumentConflict):
            rules.require_adjustable(refused, doc_type)


@pytest.mark.parametrize(
    ("path", "value", "clear"),
    [
        ("rows/0/expiry", "2027-01-31", True),
        ("rows/3/quantity", "12.5", True),
        ("total", 12, True),
        ("doc_no", "DN-0042", True),
        ("doc_no", "陳大文", False),
        ("date", None, True),
        ("supplier", "WF01", False),
        ("rows/0/description", "tea", False),
        ("total", True, False),
    ],
)
def test_codes_numbers_and_dates_may_stand_in_the_log(path: str, value: object, clear: bool) -> None:
    assert rules.is_clear(path, value) is clear


def test_the_standard_classes_are_told_in_both_languages() -> None:
    assert len({found.code for found in STANDARD_CLASSES}) == 10
    assert all(found.name_zh and found.name_en and found.media_types <= MEDIA_TYPES for found in STANDARD_CLASSES)
