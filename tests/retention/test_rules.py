"""What becomes of a record: the reference's own vectors, then the order of the rules, then properties."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import Words
from retention.model import (
    Authority,
    Disposition,
    FindingCode,
    Hold,
    HoldKind,
    Item,
    Outcome,
    Period,
    Rank,
    Schedule,
    Status,
    Trigger,
    Verification,
)
from retention.rules import explain, hong_kong_day, in_force, judge, last_day
from retention.seed import DEED, FOOD_LONG, FOOD_SHORT, SEEDED

TODAY = date(2026, 11, 22)


def authority(status: Status = Status.LAW, verification: Verification = Verification.PRIMARY) -> Authority:
    return Authority(Words("條例", "Ordinance"), status, verification, date(2026, 11, 1))


def schedule(code: str = "R", **changes: object) -> Schedule:
    made = Schedule(
        code,
        1,
        Words("規則", "Rule"),
        frozenset({"invoice"}),
        Trigger.TRANSACTION_COMPLETED,
        Period.years(7),
        None,
        authority(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def item(on: date | None = date(2019, 3, 15), **changes: object) -> Item:
    made = Item("d1", "invoice", date(2019, 3, 15), {Trigger.TRANSACTION_COMPLETED: on})
    return replace(made, **changes)  # type: ignore[arg-type]


def cap(years: int, status: Status = Status.GUIDANCE, code: str = "CAP") -> Schedule:
    return schedule(code, minimum=None, maximum=Period.years(years), authority=authority(status))


# ---------------------------------------------------------------------------- vectors of the reference


def test_vector_food_that_keeps_ninety_days_is_kept_to_the_clamped_day() -> None:
    sheet = Item("s", "food_trace", date(2026, 11, 30), {Trigger.ACQUIRED: date(2026, 11, 30)}, frozenset({FOOD_SHORT}))

    before = judge(sheet, SEEDED, date(2027, 2, 28))
    after = judge(sheet, SEEDED, date(2027, 3, 1))

    assert (before.outcome, before.keep_until, before.due_from) == (
        Outcome.KEPT,
        date(2027, 2, 28),
        date(2027, 3, 1),
    )
    assert after.outcome is Outcome.DUE


def test_vector_of_tax_and_accounts_the_later_decides() -> None:
    order = Item(
        "po",
        "purchase_order",
        date(2019, 3, 15),
        {Trigger.TRANSACTION_COMPLETED: date(2019, 3, 15), Trigger.FINANCIAL_YEAR_END: date(2019, 12, 31)},
    )
    judgement = judge(order, SEEDED, TODAY)

    assert judgement.keep_until == date(2026, 12, 31)
    assert judgement.deciding == ("HK-ACCOUNTS-7Y/1",)
    assert judgement.considered == ("HK-ACCOUNTS-7Y/1", "HK-TAX-7Y/1")
    assert judgement.lock_until == date(2026, 12, 31)


def test_vector_and_p_28_a_former_employee_s_file_must_be_gone_the_day_after_seven_years() -> None:
    left = date(2019, 11, 21)
    file = Item("f", "staff_file", date(2015, 1, 1), {Trigger.LEFT_EMPLOYMENT: left})

    assert judge(file, SEEDED, date(2026, 11, 21)).outcome is Outcome.KEPT
    due = judge(file, SEEDED, date(2026, 11, 22))
    assert (due.outcome, due.dispose_by) == (Outcome.DUE, date(2026, 11, 21))
    assert due.findings == ()
    late = judge(file, SEEDED, date(2026, 11, 23))
    assert [finding.code for finding in late.findings] == [FindingCode.OVERDUE]


def test_vector_a_deed_is_kept_for_twelve_years() -> None:
    deed = Item(
        "k", "supplier_contract", date(2010, 1, 1), {Trigger.CONTRACT_ENDED: date(2015, 6, 30)}, frozenset({DEED})
    )
    assert judge(deed, SEEDED, TODAY).keep_until == date(2027, 6, 30)


def test_vector_a_hold_outlasts_all_dates_and_its_release_queues_the_same_day() -> None:
    hold = Hold("M-2026-01", HoldKind.LEGAL, date(2020, 1, 1))
    old = item(date(2010, 1, 1), holds=(hold,))
    rules = [schedule()]

    held = judge(old, rules, TODAY)
    assert (held.outcome, held.matters) == (Outcome.HELD, ("M-2026-01",))
    released = replace(old, holds=(replace(hold, released_on=TODAY),))
    assert judge(released, rules, TODAY).outcome is Outcome.DUE
    assert judge(released, rules, TODAY - timedelta(days=1)).outcome is Outcome.HELD


def test_vector_on_the_same_invoice_seven_years_beat_three_months() -> None:
    invoice = Item(
        "i",
        "invoice",
        date(2026, 1, 2),
        {
            Trigger.ACQUIRED: date(2026, 1, 2),
            Trigger.TRANSACTION_COMPLETED: date(2026, 1, 2),
            Trigger.FINANCIAL_YEAR_END: date(2026, 1, 2),
        },
        frozenset({FOOD_SHORT}),
    )
    assert judge(invoice, SEEDED, TODAY).keep_until == date(2033, 1, 2)


def test_food_that_keeps_longer_has_twenty_four_months() -> None:
    sheet = Item("s", "food_trace", TODAY, {Trigger.ACQUIRED: TODAY}, frozenset({FOOD_LONG}))
    assert judge(sheet, SEEDED, TODAY).keep_until == date(2028, 11, 22)


# ----------------------------------------------------------------------------------- order of the rules


def test_law_outweighs_guidance_and_the_conflict_is_recorded() -> None:
    judgement = judge(item(), [schedule(), cap(2)], TODAY)

    assert judgement.keep_until == date(2026, 3, 15)
    assert judgement.dispose_by == date(2021, 3, 15)
    assert judgement.findings[0].code is FindingCode.CONFLICT
    assert judgement.findings[0].schedules == ("R/1", "CAP/1")


def test_a_cap_by_law_shortens_the_organisation_s_own_rule_and_nothing_more() -> None:
    own = schedule("OWN", minimum=Period.years(9), authority=authority(Status.POLICY))
    short = schedule("SHORT", minimum=Period.years(1))

    judgement = judge(item(), [own, short, cap(3, Status.LAW)], date(2020, 1, 1))

    assert judgement.keep_until == date(2022, 3, 15)
    assert judgement.due_from == date(2022, 3, 16)
    assert judgement.lock_until == date(2020, 3, 15)


def test_an_unverified_law_weighs_no_more_than_a_policy_and_says_so() -> None:
    rumour = schedule("RUMOUR", authority=authority(verification=Verification.UNVERIFIED))

    judgement = judge(item(), [rumour, cap(2)], TODAY)

    assert rumour.authority.rank is Rank.POLICY
    assert judgement.keep_until == date(2021, 3, 15)
    assert {finding.code for finding in judgement.findings} >= {FindingCode.UNVERIFIED, FindingCode.CONFLICT}
    assert judgement.lock_until is None


@pytest.mark.parametrize("status", [Status.NOT_IN_FORCE, Status.PROPOSAL])
def test_what_is_not_in_force_is_shown_and_decides_nothing(status: Status) -> None:
    judgement = judge(item(), [cap(1, status)], TODAY)
    assert judgement.outcome is Outcome.UNDETERMINED
    assert judgement.considered == ("CAP/1",)
    assert [finding.code for finding in judgement.findings] == [FindingCode.RULE_MISSING]


def test_a_class_without_a_rule_is_a_finding_and_never_due() -> None:
    judgement = judge(item(record_class="poem"), SEEDED, date(2999, 1, 1))
    assert judgement.outcome is Outcome.UNDETERMINED
    assert [finding.code for finding in judgement.findings] == [FindingCode.RULE_MISSING]


def test_an_unknown_trigger_means_no_disposal_and_a_finding() -> None:
    judgement = judge(item(triggers={}), [schedule()], date(2999, 1, 1))
    assert judgement.outcome is Outcome.UNDETERMINED
    assert [(finding.code, finding.schedules) for finding in judgement.findings] == [
        (FindingCode.TRIGGER_UNKNOWN, ("R/1",))
    ]


def test_a_clock_that_has_not_started_keeps() -> None:
    judgement = judge(item(None), [schedule()], date(2999, 1, 1))
    assert (judgement.outcome, judgement.keep_until, judgement.due_from) == (Outcome.KEPT, None, None)
    assert judgement.deciding == ("R/1",)


def test_a_clock_that_has_not_started_gives_way_to_a_cap_of_higher_rank_only() -> None:
    waiting = schedule("OWN", trigger=Trigger.CONTRACT_ENDED, authority=authority(Status.POLICY))
    triggers = {Trigger.TRANSACTION_COMPLETED: date(2019, 3, 15), Trigger.CONTRACT_ENDED: None}

    assert judge(item(triggers=triggers), [waiting, cap(2, Status.LAW)], TODAY).outcome is Outcome.DUE
    assert judge(item(triggers=triggers), [waiting, cap(2, Status.POLICY)], TODAY).outcome is Outcome.KEPT


def test_only_a_cap_whose_clock_has_not_started_keeps() -> None:
    judgement = judge(item(None), [cap(2)], date(2999, 1, 1))
    assert (judgement.outcome, judgement.due_from) == (Outcome.KEPT, None)


def test_what_is_permanent_is_never_due() -> None:
    judgement = judge(item(), [schedule(disposition=Disposition.KEEP)], date(2999, 1, 1))
    assert judgement.outcome is Outcome.PERMANENT


def test_the_newest_version_in_force_judges_and_the_older_outcome_is_shown() -> None:
    old = schedule()
    new = schedule(version=2, minimum=Period.years(10), in_force=date(2025, 1, 1))

    explained = explain(item(), [old, new], TODAY)

    assert explained.now.deciding == ("R/2",)
    assert explained.now.keep_until == date(2029, 3, 15)
    assert explained.earlier is not None
    assert (explained.earlier.deciding, explained.earlier.outcome) == (("R/1",), Outcome.DUE)
    assert explain(item(), [old], TODAY).earlier is None


def test_a_version_speaks_only_between_its_days() -> None:
    ended = schedule(until=date(2020, 12, 31))
    coming = schedule("S", in_force=date(2030, 1, 1))
    assert in_force([ended, coming], date(2020, 12, 31)) == [ended]
    assert in_force([ended, coming], TODAY) == []


def test_of_two_caps_the_earlier_counts() -> None:
    judgement = judge(item(), [cap(5, code="A"), cap(4, code="B")], TODAY)
    assert judgement.deciding == ("B/1",)


def test_ranks() -> None:
    assert authority(Status.PROPOSAL).rank is Rank.NONE
    assert authority(Status.GUIDANCE).rank is Rank.GUIDANCE


# --------------------------------------------------------------------------------------------- the days


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 11, 30), Period(months=3), date(2027, 2, 28)),
        (date(2027, 11, 30), Period(months=3), date(2028, 2, 29)),
        (date(2024, 2, 29), Period.years(1), date(2025, 2, 28)),
        (date(2026, 1, 31), Period(months=1, days=1), date(2026, 3, 1)),
        (date(2026, 5, 1), Period(), date(2026, 5, 1)),
        (date(9999, 1, 1), Period.years(1), date.max),
        (date(9999, 12, 30), Period(days=400), date.max),
    ],
)
def test_periods_are_calendar_months_clamped_to_the_month(start: date, period: Period, end: date) -> None:
    assert last_day(start, period) == end


@pytest.mark.parametrize(
    ("period", "text"), [(Period.years(7), "P7Y"), (Period(months=15, days=2), "P1Y3M2D"), (Period(), "P0D")]
)
def test_a_period_is_written_as_in_iso_8601(period: Period, text: str) -> None:
    assert str(period) == text


def test_days_are_those_of_hong_kong() -> None:
    assert hong_kong_day(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)
    assert hong_kong_day(datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == date(2026, 11, 21)


def test_a_period_to_the_end_of_time_is_due_on_the_last_day() -> None:
    assert judge(item(date.max), [schedule()], TODAY).due_from == date.max


# ------------------------------------------------------------------------------------------ properties

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
PERIODS = st.builds(Period, months=st.integers(0, 200), days=st.integers(0, 60))
AUTHORITIES = st.builds(authority, st.sampled_from(Status), st.sampled_from(Verification))
SCHEDULES = st.lists(
    st.builds(
        schedule,
        code=st.sampled_from(["A", "B", "C", "D"]),
        version=st.integers(1, 3),
        minimum=st.none() | PERIODS,
        maximum=st.none() | PERIODS,
        authority=AUTHORITIES,
        trigger=st.sampled_from([Trigger.TRANSACTION_COMPLETED, Trigger.CONTRACT_ENDED]),
        disposition=st.sampled_from([Disposition.DESTROY, Disposition.REVIEW]),
    ),
    max_size=6,
)
ITEMS = st.builds(
    item,
    triggers=st.dictionaries(
        st.sampled_from([Trigger.TRANSACTION_COMPLETED, Trigger.CONTRACT_ENDED]), st.none() | DAYS
    ),
)


@given(ITEMS, SCHEDULES, DAYS)
def test_nothing_is_due_before_a_minimum_by_law_is_over(record: Item, rules: list[Schedule], on: date) -> None:
    judgement = judge(record, rules, on)
    if judgement.outcome is Outcome.DUE:
        assert judgement.lock_until is None or on > judgement.lock_until
        for rule in in_force(rules, on):
            if rule.minimum is not None and rule.authority.rank is Rank.LAW:
                start = record.triggers[rule.trigger]
                assert start is not None
                assert on > last_day(start, rule.minimum)


@given(ITEMS, SCHEDULES, DAYS, DAYS)
def test_a_hold_that_stands_stops_everything(record: Item, rules: list[Schedule], on: date, placed: date) -> None:
    held = replace(record, holds=(Hold("M", HoldKind.REGULATOR, placed),))
    if placed <= on:
        assert judge(held, rules, on).outcome is Outcome.HELD
    else:
        assert judge(held, rules, on) == judge(record, rules, on)


@given(ITEMS, SCHEDULES, DAYS)
def test_what_is_due_stays_due(record: Item, rules: list[Schedule], on: date) -> None:
    if judge(record, rules, on).outcome is Outcome.DUE:
        assert judge(record, rules, on + timedelta(days=1)).outcome is Outcome.DUE


@given(ITEMS, SCHEDULES, DAYS)
def test_due_is_exactly_from_its_first_day_on(record: Item, rules: list[Schedule], on: date) -> None:
    judgement = judge(record, rules, on)
    if judgement.due_from is not None:
        assert (judgement.outcome is Outcome.DUE) == (on >= judgement.due_from)
        assert judge(record, rules, judgement.due_from).outcome is Outcome.DUE


@given(ITEMS, SCHEDULES, DAYS)
def test_no_record_is_due_while_any_trigger_is_unknown(record: Item, rules: list[Schedule], on: date) -> None:
    unknown = {rule.trigger for rule in in_force(rules, on) if rule.authority.rank is not Rank.NONE} - set(
        record.triggers
    )
    if unknown:
        assert judge(record, rules, on).outcome is Outcome.UNDETERMINED
