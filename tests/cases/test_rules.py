"""Requests by the rules of the Ordinance: a table of inputs and outcomes, by the row of the reference each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from cases.errors import CaseError, Code
from cases.fees import FeeKind, FeeLine, LineRefused, fee_of
from cases.grounds import CORRECTION_GROUNDS, GROUNDS, CorrectionGround, Ground
from cases.model import (
    CaseKind,
    CaseState,
    Channel,
    FindingCode,
    Grade,
    Handling,
    Identity,
    Language,
    NoticeKind,
)
from cases.rules import (
    case_findings,
    hong_kong_day,
    is_usable,
    kept_until,
    parse_ground,
    recipients_to_tell,
    refuse_deletion,
    reminder_due,
    require_closable,
    require_disclosable,
    require_entered_first,
    require_exemption,
    require_ground,
    require_not_contradicted,
    require_notice,
    require_received,
    require_settled,
)
from policies.calendar import GENERAL_HOLIDAYS
from policies.using.exemptions import EXEMPTIONS, ExemptionId, Principle
from tests.cases.values import MOMENT, RECEIVED, case, disclosure, item

CORRECTION = {"kind": CaseKind.CORRECTION}


@contextmanager
def refused(code: Code) -> Iterator[pytest.ExceptionInfo[CaseError]]:
    """Expects a refusal with this code, which can say so in both languages."""
    with pytest.raises(CaseError) as found:
        yield found
    assert found.value.code is code
    assert found.value.sentence().zh
    assert found.value.sentence().en


# ---------------------------------------------------------------------------------- P-03, P-11 to P-14


@pytest.mark.parametrize(
    ("confidence", "verified", "usable"), [(0.62, False, False), (0.62, True, True), (0.9, False, True)]
)
def test_p03_a_value_read_unsurely_and_not_verified_goes_into_no_copy(
    confidence: float, verified: bool, usable: bool
) -> None:
    assert is_usable(confidence, verified=verified) is usable


@pytest.mark.parametrize(
    ("channel", "language", "in_writing"),
    [
        (Channel.LETTER, Language.CHINESE, True),
        (Channel.EMAIL, Language.ENGLISH, True),
        (Channel.SPOKEN, Language.ENGLISH, False),
        (Channel.LETTER, Language.OTHER, False),
    ],
)
def test_p11_a_request_in_writing_in_either_language_counts(
    channel: Channel, language: Language, in_writing: bool
) -> None:
    assert case(channel=channel, language=language).in_writing is in_writing


def test_p11_the_day_of_receipt_is_a_day_that_was() -> None:
    today = hong_kong_day(MOMENT)

    assert require_received(today, today) == today
    with refused(Code.RECEIVED_IN_FUTURE):
        require_received(today + timedelta(days=1), today)
    with refused(Code.RECEIVED_TOO_EARLY):
        require_received(date(1997, 6, 30), today)


@pytest.mark.parametrize(
    ("days", "reminded", "due"),
    [(19, 0, None), (20, 0, 20), (29, 20, None), (31, 20, 30), (36, 0, 35), (36, 35, None)],
)
def test_p12_reminders_come_on_days_20_30_and_35_once_each(days: int, reminded: int, due: int | None) -> None:
    assert reminder_due(case(reminded=reminded), RECEIVED + timedelta(days=days)) == due


def test_p12_nobody_is_reminded_of_what_is_answered() -> None:
    assert reminder_due(case(state=CaseState.ANSWERED), RECEIVED + timedelta(days=36)) is None


def test_p13_nothing_held_is_a_full_answer_and_needs_its_notice() -> None:
    assert require_notice(case(items=0), NoticeKind.NIL, ()) is CaseState.ANSWERED
    with refused(Code.NIL_BUT_HELD):
        require_notice(case(items=2), NoticeKind.NIL, ())
    with refused(Code.COMPLIANCE_BUT_NIL):
        require_notice(case(items=0), NoticeKind.COMPLIANCE, ())
    with refused(Code.CASE_NOT_ANSWERED):
        require_closable(case(items=0))
    with refused(Code.CASE_ENDED):
        require_closable(case(state=CaseState.CLOSED))
    require_closable(case(state=CaseState.ANSWERED))


@pytest.mark.parametrize(
    ("day", "members", "expected"),
    [
        (20, {}, None),
        (40, {}, (FindingCode.TARGET_PASSED, Grade.OBSERVATION)),  # a Saturday: the target was the Friday
        (41, {}, (FindingCode.S19_BREACH, Grade.MAJOR)),
        (41, CORRECTION, (FindingCode.S23_BREACH, Grade.MAJOR)),
        (41, {"interim_on": RECEIVED + timedelta(days=38), "state": CaseState.INTERIM}, None),
        (45, {"interim_on": RECEIVED + timedelta(days=44), "state": CaseState.INTERIM}, (FindingCode.S19_BREACH, Grade.MAJOR)),
        (41, {"state": CaseState.ANSWERED}, None),
        # Day 40 is Good Friday, so until the day it rolls to nothing is broken yet.
        (41, {"received_on": date(2026, 2, 22)}, (FindingCode.TARGET_PASSED, Grade.OBSERVATION)),
        (46, {"received_on": date(2026, 2, 22)}, (FindingCode.S19_BREACH, Grade.MAJOR)),
    ],
)  # fmt: skip
def test_p14_day_41_without_an_interim_notice_is_proposed_as_major(
    day: int, members: dict[str, Any], expected: tuple[FindingCode, Grade] | None
) -> None:
    found = case(**members)

    findings = case_findings(found, found.received_on + timedelta(days=day), GENERAL_HOLIDAYS)

    assert [(one.code, one.grade) for one in findings] == ([] if expected is None else [expected])


def test_p14_an_interim_notice_leaves_the_case_open() -> None:
    assert require_notice(case(), NoticeKind.INTERIM, ()) is CaseState.INTERIM
    assert require_notice(case(identity=Identity.UNSHOWN), NoticeKind.FURTHER_INFORMATION, ()) is CaseState.OPEN


# ---------------------------------------------------------------------------------------- P-17 to P-20


def test_p17_nothing_is_disclosed_before_identity_is_shown() -> None:
    for identity in (Identity.UNSHOWN, Identity.NOT_SATISFIED):
        with refused(Code.IDENTITY_NOT_SHOWN):
            require_notice(case(identity=identity), NoticeKind.COMPLIANCE, ())
    with refused(Code.CASE_NOT_SEARCHED):
        require_disclosable(case(snapshot=None))
    with refused(Code.FEE_UNPAID):
        require_disclosable(case(fee=1, fee_paid=False))
    assert require_disclosable(case(fee=1, fee_paid=True)).fee_paid


def test_p18_others_data_is_settled_and_what_is_masked_is_a_refusal() -> None:
    third = {"third_party": True}
    with refused(Code.THIRD_PARTY_UNSETTLED):
        require_settled([item(), item(2, **third)])
    with refused(Code.WITHHELD_WITHOUT_REFUSAL):
        require_settled([item(2, **third, handling=Handling.REDACT)])
    require_settled([item(2, **third, handling=Handling.REDACT, refusal=12), item(3, **third, consented=True)])
    with refused(Code.GROUND_NEEDS_ITEMS):
        require_ground(Ground.THIRD_PARTY, exemption=None, evidence=None, other_user=False, items=())


def test_p19_grounds_are_a_closed_list() -> None:
    for text in ("too busy", "too_busy", "", "not_inaccurate"):
        with refused(Code.CASE_GROUND_UNFIT):
            parse_ground(CaseKind.ACCESS, text)
    with refused(Code.CASE_GROUND_UNFIT):
        parse_ground(CaseKind.CORRECTION, "repeated")
    assert parse_ground(CaseKind.ACCESS, "repeated") is Ground.REPEATED
    assert parse_ground(CaseKind.CORRECTION, "not_inaccurate") is CorrectionGround.NOT_INACCURATE


def test_p19_every_ground_of_section_20_is_there_with_its_letter() -> None:
    sections = {rule.section for rule in GROUNDS.values()}

    assert sections == {f"s.20(1)({letter})" for letter in "abc"} | {
        f"s.20(3)({letter})" for letter in ("a", "b", "c", "d", "e", "ea", "f")
    }
    assert set(GROUNDS) == set(Ground)
    assert set(CORRECTION_GROUNDS) == set(CorrectionGround)
    assert {rule.section for rule in GROUNDS.values() if rule.must} == {f"s.20(1)({letter})" for letter in "abc"}


@pytest.mark.parametrize(
    ("ground", "members", "code"),
    [
        (Ground.EXEMPT, {}, Code.EXEMPTION_MISSING),
        (Ground.EXEMPT, {"exemption": ExemptionId.S60}, Code.EXEMPTION_EVIDENCE_MISSING),
        (Ground.OTHER_DATA_USER, {}, Code.OTHER_USER_MISSING),
        (Ground.REPEATED, {"items": (1,)}, Code.GROUND_NOT_IN_PART),
        (Ground.EXEMPT, {"exemption": ExemptionId.S60, "evidence": "d1"}, None),
        (Ground.OTHER_DATA_USER, {"other_user": True}, None),
        (Ground.THIRD_PARTY, {"items": (1, 2)}, None),
    ],
)
def test_p19_a_ground_brings_what_it_needs(ground: Ground, members: dict[str, Any], code: Code | None) -> None:
    given: dict[str, Any] = {"exemption": None, "evidence": None, "other_user": False, "items": (), **members}
    if code is None:
        require_ground(ground, **given)
        return
    with refused(code):
        require_ground(ground, **given)


@pytest.mark.parametrize(
    ("members", "ground", "earlier", "code"),
    [
        ({}, Ground.IDENTITY_NOT_SHOWN, 0, Code.IDENTITY_SHOWN),
        ({}, Ground.NOT_IN_WRITING, 0, Code.GROUND_CONTRADICTED),
        ({}, Ground.REPEATED, 1, Code.NOT_REPEATED),
        (CORRECTION, CorrectionGround.IDENTITY_NOT_SHOWN, 0, Code.IDENTITY_SHOWN),
        (CORRECTION, CorrectionGround.OPINION, 0, Code.NOTE_MISSING),
        ({"identity": Identity.NOT_SATISFIED}, Ground.IDENTITY_NOT_SHOWN, 0, None),
        ({"channel": Channel.SPOKEN}, Ground.NOT_IN_WRITING, 0, None),
        ({}, Ground.REPEATED, 2, None),
    ],
)
def test_p19_a_ground_that_the_record_contradicts_is_refused(
    members: dict[str, Any], ground: Ground | CorrectionGround, earlier: int, code: Code | None
) -> None:
    if code is None:
        require_not_contradicted(case(**members), ground, earlier=earlier)
        return
    with refused(code):
        require_not_contradicted(case(**members), ground, earlier=earlier)


def test_p20_a_refusal_without_a_ground_is_not_sent() -> None:
    with refused(Code.REFUSAL_WITHOUT_GROUND):
        require_notice(case(refused_whole=False), NoticeKind.REFUSAL, ())
    assert require_notice(case(refused_whole=True), NoticeKind.REFUSAL, ()) is CaseState.ANSWERED
    with refused(Code.REFUSAL_WITHOUT_GROUND):
        require_notice(case(**CORRECTION), NoticeKind.CORRECTION_REFUSED, ())
    with refused(Code.CASE_KIND_FORBIDS):
        require_notice(case(**CORRECTION), NoticeKind.REFUSAL, ())


# ---------------------------------------------------------------------------------------- P-21 to P-25


def test_p21_a_notice_stamped_before_the_entry_is_rejected() -> None:
    require_entered_first(MOMENT, MOMENT)
    with refused(Code.NOTICE_BEFORE_ENTRY):
        require_entered_first(MOMENT, MOMENT - timedelta(microseconds=1))


def test_p21_a_line_of_the_log_book_is_kept_four_years_and_then_still() -> None:
    at_3y11m = MOMENT.replace(year=2030, month=10)

    assert kept_until(MOMENT) == date(2030, 11, 22)
    assert refuse_deletion(MOMENT, at_3y11m).code is Code.S27_4Y
    assert refuse_deletion(MOMENT, MOMENT.replace(year=2030)).code is Code.S27_4Y
    assert refuse_deletion(MOMENT, MOMENT.replace(year=2030, day=23)).code is Code.LOG_BOOK_KEPT
    assert kept_until(MOMENT.replace(year=2028, month=2, day=29)) == date(2032, 2, 29)


def test_p22_only_necessary_costs_are_charged() -> None:
    lines = [
        FeeLine(FeeKind.COPYING, 40),
        FeeLine(FeeKind.CLERICAL, 100),
        FeeLine(FeeKind.LEGAL_ADVICE, 2000),
        FeeLine(FeeKind.OVERHEAD, 300),
    ]

    fee = fee_of(CaseKind.ACCESS, lines)

    assert fee.total == 140
    assert [(line.kind, why) for line, why in fee.refused] == [
        (FeeKind.LEGAL_ADVICE, LineRefused.NOT_DIRECTLY_RELATED),
        (FeeKind.OVERHEAD, LineRefused.NOT_DIRECTLY_RELATED),
    ]


def test_p22_a_managers_time_needs_a_reason_and_the_cheapest_form_is_the_most() -> None:
    bare, said = FeeLine(FeeKind.MANAGERIAL, 500), FeeLine(FeeKind.MANAGERIAL, 500, "only she may open the safe")

    assert fee_of(CaseKind.ACCESS, [bare]).refused == ((bare, LineRefused.REASON_MISSING),)
    assert fee_of(CaseKind.ACCESS, [said]).total == 500
    capped = fee_of(CaseKind.ACCESS, [said], cheapest_form=200)
    assert (capped.total, capped.capped) == (200, True)


def test_p22_a_correction_is_free() -> None:
    with refused(Code.FEE_ON_CORRECTION):
        fee_of(CaseKind.CORRECTION, [FeeLine(FeeKind.COPYING, 1)])
    with refused(Code.FEE_NONE):
        require_notice(case(), NoticeKind.FEE, ())
    assert require_notice(case(fee=1), NoticeKind.FEE, ()) is CaseState.OPEN


def test_p23_a_correction_is_told_after_it_was_made() -> None:
    with refused(Code.NOT_CORRECTED):
        require_notice(case(**CORRECTION), NoticeKind.CORRECTION_DONE, ())
    assert require_notice(case(**CORRECTION), NoticeKind.CORRECTION_DONE, (), corrections=1) is CaseState.ANSWERED
    with refused(Code.CASE_ENDED):
        require_notice(case(state=CaseState.ANSWERED), NoticeKind.COMPLIANCE, ())


@pytest.mark.parametrize(
    ("disclosed", "still_using", "told"),
    [
        (date(2025, 12, 22), True, True),  # eleven months ago
        (date(2025, 10, 22), True, False),  # thirteen
        (date(2025, 11, 22), True, True),  # twelve to the day
        (date(2025, 12, 22), False, False),
        (date(2026, 11, 23), True, False),  # after the correction
    ],
)
def test_p24_recipients_of_the_last_twelve_months_are_told(disclosed: date, still_using: bool, told: bool) -> None:
    found = recipients_to_tell([disclosure(disclosed, still_using=still_using)], date(2026, 11, 22))

    assert bool(found) is told


def test_p24_each_recipient_is_told_once() -> None:
    found = [disclosure(date(2026, 1, 2), index=1), disclosure(date(2026, 2, 2), index=2)]
    other = disclosure(date(2026, 3, 2), index=3, recipient="BANK")

    assert [one.index for one in recipients_to_tell([*found, other], date(2026, 11, 22))] == [3, 2]


def test_p25_an_opinion_is_refused_only_with_its_note() -> None:
    require_not_contradicted(case(**CORRECTION), CorrectionGround.OPINION, earlier=0, has_note=True)


# ------------------------------------------------------------------------------------------------ P-36


@pytest.mark.parametrize(
    ("exemption", "lifted", "evidence", "code"),
    [
        (ExemptionId.S60B, Principle.ACCESS, "d1", Code.EXEMPTION_WRONG_PRINCIPLE),
        (ExemptionId.S63B, Principle.ACCESS, "d1", Code.EXEMPTION_WRONG_PRINCIPLE),
        (ExemptionId.S60B, Principle.USE, "d1", None),
        (ExemptionId.S58, Principle.ACCESS, "d1", None),
        (ExemptionId.S58, Principle.ACCESS, None, Code.EXEMPTION_EVIDENCE_MISSING),
        (ExemptionId.S60, Principle.USE, "d1", Code.EXEMPTION_WRONG_PRINCIPLE),
    ],
)
def test_p36_an_exemption_lifts_only_the_principles_it_touches(
    exemption: ExemptionId, lifted: Principle, evidence: str | None, code: Code | None
) -> None:
    if code is None:
        require_exemption(exemption, lifted, evidence=evidence)
        return
    with refused(code):
        require_exemption(exemption, lifted, evidence=evidence)


def test_p36_60b_does_not_refuse_an_access_request() -> None:
    with refused(Code.EXEMPTION_WRONG_PRINCIPLE) as found:
        require_ground(Ground.EXEMPT, exemption=ExemptionId.S60B, evidence="court-order", other_user=False, items=(1,))
    assert found.value.values == {"section": "s.60B", "lifts": "dpp3"}
    assert set(EXEMPTIONS) == set(ExemptionId)
