"""What the engine is fed with: whose word counts, how financial years end, what a live query holds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.assembling import fits, triggers_of, year_end_after
from retention.model import Trigger
from retention.records import Described, LiveQuery, Record, RecordedTrigger, RecordKind, TriggerState, YearEnd

ENDED, DONE, YEAR = Trigger.CONTRACT_ENDED, Trigger.TRANSACTION_COMPLETED, Trigger.FINANCIAL_YEAR_END
EARLY, LATE = date(2019, 1, 1), date(2020, 1, 1)
OWN, SUPPLIER, SKU = "document:d1", "supplier:S1", "sku:A1"
DECEMBER = YearEnd(date(2000, 1, 1), 12, 31)


def described(**changes: object) -> Described:
    members = {"supplier": "S1", "skus": frozenset({"A1"}), **changes}
    return Described(Record(RecordKind.DOCUMENT, "d1"), "contract", date(2018, 5, 5), **members)  # type: ignore[arg-type]


def said(subject: str, on: date | None, state: TriggerState = TriggerState.HAPPENED) -> RecordedTrigger:
    return RecordedTrigger(subject, ENDED, state, on, 1)


NOT_YET, WITHDRAWN = TriggerState.NOT_YET, TriggerState.WITHDRAWN


@pytest.mark.parametrize(
    ("recorded", "known", "found"),
    [
        pytest.param([], {}, "unknown", id="nobody_knows"),
        pytest.param([], {ENDED: EARLY}, EARLY, id="a_room_knows"),
        pytest.param([said(SUPPLIER, LATE)], {ENDED: EARLY}, LATE, id="a_person_beats_a_room"),
        pytest.param([said(SUPPLIER, LATE), said(OWN, EARLY)], {}, EARLY, id="the_record_itself_beats_what_it_shares"),
        pytest.param([said(SUPPLIER, EARLY), said(SKU, LATE)], {}, LATE, id="of_several_the_latest"),
        pytest.param([said(SUPPLIER, EARLY), said(SKU, None, NOT_YET)], {}, None, id="not_yet_counts_most"),
        pytest.param([said(OWN, EARLY, WITHDRAWN)], {}, "unknown", id="withdrawn"),
        pytest.param([said(OWN, None, WITHDRAWN), said(SUPPLIER, LATE)], {}, LATE, id="withdrawn_of_the_record_alone"),
    ],
)
def test_whose_word_counts(
    recorded: list[RecordedTrigger], known: dict[Trigger, date | None], found: date | str | None
) -> None:
    by_subject: dict[str, list[RecordedTrigger]] = {}
    for one in recorded:
        by_subject.setdefault(one.subject, []).append(one)

    triggers = triggers_of(described(), by_subject, known, [])

    assert triggers.get(ENDED, "unknown") == found
    assert triggers[Trigger.CREATED] == date(2018, 5, 5)


@pytest.mark.parametrize(
    ("day", "ends", "found"),
    [
        (date(2019, 3, 15), [DECEMBER], date(2019, 12, 31)),
        (date(2019, 12, 31), [DECEMBER], date(2019, 12, 31)),
        (date(2019, 4, 1), [YearEnd(date(2000, 1, 1), 3, 31)], date(2020, 3, 31)),
        (date(2019, 3, 31), [YearEnd(date(2000, 1, 1), 3, 31)], date(2019, 3, 31)),
        (date(2019, 3, 1), [YearEnd(date(2000, 1, 1), 2, 29)], date(2020, 2, 29)),
        (date(2019, 2, 1), [YearEnd(date(2000, 1, 1), 2, 29)], date(2019, 2, 28)),
        (date(2019, 3, 15), [YearEnd(date(2019, 4, 1), 3, 31), DECEMBER], date(2019, 12, 31)),
        (date(2019, 3, 15), [YearEnd(date(2019, 4, 1), 3, 31)], None),
        (date(2019, 3, 15), [], None),
        (date(9999, 6, 1), [YearEnd(date(2000, 1, 1), 3, 31)], date(9999, 3, 31)),
    ],
)
def test_a_financial_year_ends_as_was_recorded(day: date, ends: list[YearEnd], found: date | None) -> None:
    assert year_end_after(day, ends) == found


@given(day=st.dates(date(1990, 1, 1), date(2100, 1, 1)), month=st.integers(1, 12), last=st.integers(1, 28))
def test_a_year_end_is_within_a_year_and_never_before(day: date, month: int, last: int) -> None:
    ended = year_end_after(day, [YearEnd(date.min, month, last)])

    assert ended is not None
    assert 0 <= (ended - day).days <= 366


@pytest.mark.parametrize(
    ("done", "ends", "found"),
    [
        (date(2019, 3, 15), [DECEMBER], date(2019, 12, 31)),
        (None, [DECEMBER], None),
        (date(2019, 3, 15), [], "unknown"),
        ("unknown", [DECEMBER], "unknown"),
    ],
)
def test_the_year_of_a_transaction_is_told_by_its_day(
    done: date | str | None, ends: list[YearEnd], found: date | str | None
) -> None:
    known = {} if isinstance(done, str) else {DONE: done}

    assert triggers_of(described(), {}, known, ends).get(YEAR, "unknown") == found


@pytest.mark.parametrize(
    ("query", "held"),
    [
        (LiveQuery(suppliers=frozenset({"S1"})), True),
        (LiveQuery(suppliers=frozenset({"S2"})), False),
        (LiveQuery(skus=frozenset({"A1", "A9"})), True),
        (LiveQuery(skus=frozenset({"A9"})), False),
        (LiveQuery(stores=frozenset({"MK01"})), False),
        (LiveQuery(classes=frozenset({"contract"})), True),
        (LiveQuery(classes=frozenset({"contract"}), suppliers=frozenset({"S2"})), False),
        (LiveQuery(since=date(2018, 5, 5)), True),
        (LiveQuery(since=date(2018, 5, 6)), False),
        (LiveQuery(until=date(2017, 1, 1)), True),
        (LiveQuery(until=date(2016, 12, 31)), False),
        (LiveQuery(since=date(2017, 6, 1), until=date(2018, 1, 1)), False),
    ],
)
def test_a_live_query_holds_what_fits_every_member(query: LiveQuery, held: bool) -> None:
    assert fits(query, described(dated_on=date(2017, 1, 1))) is held
