"""What may be done with requests: pure decisions.

Rules (PDPO sections):
- Nothing is disclosed before identity and authority are shown (s.20(1)(a)), nor before an imposed fee is paid (s.28(5)).
- Others' data is masked or withheld unless they agreed; the rest is supplied (s.20(2)). What is masked or withheld is a
  refusal, whose line stands in the log book before the notice (s.21, s.27).
- A ground is one of a closed list, fits the kind of request, and is not contradicted by the case's own record.
- "Nothing is held" is a full answer, with its notice; so is an interim notice in time, which leaves the case open (s.19(2)).
- No case is closed without a notice that ends it. Lines of the log book are kept for four years (s.27), and here for ever.
- A correction is told to who received the data in the twelve months before, and still uses it (s.23(1)(c)).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from cases.clock import ALERTS, answer_clock
from cases.errors import CaseConflict, Code, InvalidCase
from cases.grounds import CORRECTION_GROUNDS, GROUNDS, CorrectionGround, Ground, rule_of
from cases.model import (
    AUTHORITY,
    CaseFinding,
    CaseKind,
    CaseState,
    FindingCode,
    Grade,
    Handling,
    Identity,
    ItemKind,
    NoticeKind,
)
from policies.quota import HONG_KONG
from policies.using.exemptions import EXEMPTIONS, ExemptionId, Principle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from cases.model import Case, Disclosure, Evidence, Item
    from policies.calendar import Calendar

RECEIVED_EARLIEST: Final = date(1997, 7, 1)
LOG_BOOK_YEARS: Final = 4
SIMILAR_REQUESTS: Final = 2
RECIPIENT_MONTHS: Final = 12
CONFIDENCE_MIN: Final = 0.9
"""A value that was read less surely, and that nobody confirmed, goes into no copy and no notice (DPP2(1))."""

ACCESS_NOTICES: Final = frozenset({NoticeKind.COMPLIANCE, NoticeKind.NIL, NoticeKind.REFUSAL, NoticeKind.FEE})
CORRECTION_NOTICES: Final = frozenset({NoticeKind.CORRECTION_DONE, NoticeKind.CORRECTION_REFUSED})
ENDING: Final = frozenset({NoticeKind.COMPLIANCE, NoticeKind.NIL, NoticeKind.REFUSAL}) | CORRECTION_NOTICES
_WHOLE_BY_ITEMS: Final = frozenset({Ground.THIRD_PARTY})
"""Grounds for which s.20(2) wants the remainder supplied: they are always about items."""


# --------------------------------------------------------------------------------------------- receipt


def require_received(received: date, today: date) -> date:
    """Check a day of receipt.

    Raises:
        InvalidCase: it lies ahead, or before the Ordinance.
    """
    if received > today:
        raise InvalidCase(Code.RECEIVED_IN_FUTURE, ("received_on",))
    if received < RECEIVED_EARLIEST:
        raise InvalidCase(Code.RECEIVED_TOO_EARLY, ("received_on",), {"earliest": RECEIVED_EARLIEST.isoformat()})
    return received


def hong_kong_day(moment: datetime) -> date:
    """The day it is in Hong Kong."""
    return moment.astimezone(HONG_KONG).date()


def reminder_due(case: Case, today: date) -> int | None:
    """Which reminder (20, 30, 35 days after receipt) is due and was not sent; the latest one if several are."""
    if not case.is_open:
        return None
    days = (today - case.received_on).days
    reached = [alert for alert in ALERTS if case.reminded < alert <= days]
    return max(reached, default=None)


# ---------------------------------------------------------------------------------------------- the gate


def require_open(case: Case) -> Case:
    """Check that the case is still to be answered.

    Raises:
        CaseConflict: it is not.
    """
    if not case.is_open:
        raise CaseConflict(Code.CASE_ENDED)
    return case


def require_kind(case: Case, kind: CaseKind) -> Case:
    """Check what is asked for.

    Raises:
        CaseConflict: something else.
    """
    if case.kind is not kind:
        raise CaseConflict(Code.CASE_KIND_FORBIDS)
    return case


def require_disclosable(case: Case) -> Case:
    """Check that anything of the data may be handed to the requestor.

    Raises:
        CaseConflict: identity is not shown, the search not made, or a fee not paid.
    """
    if case.identity is not Identity.SHOWN:
        raise CaseConflict(Code.IDENTITY_NOT_SHOWN)
    if case.snapshot is None:
        raise CaseConflict(Code.CASE_NOT_SEARCHED)
    if case.fee is not None and not case.fee_paid:
        raise CaseConflict(Code.FEE_UNPAID)
    return case


def require_maskable(handling: Handling, masks: Collection[str]) -> None:
    """Check that a redaction masks something.

    Raises:
        InvalidCase: it names no text.
    """
    if handling is Handling.REDACT and not masks:
        raise InvalidCase(Code.MASKS_MISSING, ("masks",))


def require_settled(items: Iterable[Item]) -> None:
    """Check that others' data is dealt with, and that whatever is withheld has its line in the log book.

    Raises:
        CaseConflict: how many items are not.
    """
    found = list(items)
    unsettled = sum(item.third_party and not item.consented and item.handling is Handling.SUPPLY for item in found)
    if unsettled:
        raise CaseConflict(Code.THIRD_PARTY_UNSETTLED, (), {"items": unsettled})
    uncovered = sum(item.handling is not Handling.SUPPLY and item.refusal is None for item in found)
    if uncovered:
        raise CaseConflict(Code.WITHHELD_WITHOUT_REFUSAL, (), {"items": uncovered})


def is_usable(confidence: float, *, verified: bool) -> bool:
    """Whether a value that a machine read may stand in a copy or a notice."""
    return verified or confidence >= CONFIDENCE_MIN


# ----------------------------------------------------------------------------------------------- refusals


def require_authority(case: Case, identity: Identity, evidence: Collection[Evidence]) -> None:
    """Check that who asks for another showed that they may (s.18(1), s.20(1)(a)).

    Raises:
        InvalidCase: nothing shows it.
    """
    if identity is Identity.SHOWN and case.requestor != case.person and not AUTHORITY & set(evidence):
        raise InvalidCase(Code.AUTHORITY_MISSING, ("evidence",))


def parse_ground(kind: CaseKind, text: str) -> Ground | CorrectionGround:
    """The ground of that name, if it fits the kind of request.

    Raises:
        InvalidCase: there is none: free text is no ground.
    """
    grounds: type[Ground | CorrectionGround] = Ground if kind is CaseKind.ACCESS else CorrectionGround
    try:
        return grounds(text)
    except ValueError as error:
        names: Collection[str] = GROUNDS if kind is CaseKind.ACCESS else CORRECTION_GROUNDS
        raise InvalidCase(Code.CASE_GROUND_UNFIT, ("ground",), {"expected": ", ".join(names)}) from error


def require_exemption(exemption: ExemptionId, lifted: Principle, *, evidence: str | None) -> None:
    """Check that an exemption lifts the principle that it is used against, and that there is evidence for it.

    Raises:
        InvalidCase: it lifts another, or no document is named.
    """
    found = EXEMPTIONS[exemption]
    if lifted not in found.lifts:
        values = {"section": found.section, "lifts": ", ".join(sorted(found.lifts))}
        raise InvalidCase(Code.EXEMPTION_WRONG_PRINCIPLE, ("exemption",), values)
    if not evidence:
        raise InvalidCase(Code.EXEMPTION_EVIDENCE_MISSING, ("evidence",))


def require_ground(
    ground: Ground | CorrectionGround,
    *,
    exemption: ExemptionId | None,
    evidence: str | None,
    other_user: bool,
    items: Sequence[int],
) -> None:
    """Check that a refusal says all that its ground needs.

    Raises:
        InvalidCase: an exemption, its evidence, the other data user or the items are missing, or there are too many.
    """
    rule = rule_of(ground)
    if rule.needs_exemption and exemption is None:
        raise InvalidCase(Code.EXEMPTION_MISSING, ("exemption",))
    if exemption is not None:
        require_exemption(exemption, Principle.ACCESS, evidence=evidence)
    if rule.needs_other_user and not other_user:
        raise InvalidCase(Code.OTHER_USER_MISSING, ("other_user",))
    if items and not rule.in_part:
        raise InvalidCase(Code.GROUND_NOT_IN_PART, ("items",))
    if not items and ground in _WHOLE_BY_ITEMS:
        raise InvalidCase(Code.GROUND_NEEDS_ITEMS, ("items",))


def require_not_contradicted(
    case: Case, ground: Ground | CorrectionGround, *, earlier: int, has_note: bool = False
) -> None:
    """Check a ground against the case's own record. `earlier`: similar requests that came before it.

    Raises:
        CaseConflict: the record says otherwise.
    """
    if ground.value == Ground.IDENTITY_NOT_SHOWN and case.identity is Identity.SHOWN:
        raise CaseConflict(Code.IDENTITY_SHOWN)
    if ground.value == Ground.NOT_IN_WRITING and case.in_writing:
        raise CaseConflict(Code.GROUND_CONTRADICTED)
    if ground is Ground.REPEATED and earlier < SIMILAR_REQUESTS:
        raise CaseConflict(Code.NOT_REPEATED, (), {"earlier": earlier})
    if ground is CorrectionGround.OPINION and not has_note:
        raise CaseConflict(Code.NOTE_MISSING)


# ------------------------------------------------------------------------------------------------ notices


def require_notice(case: Case, kind: NoticeKind, items: Sequence[Item], *, corrections: int = 0) -> CaseState:
    """Check that a notice may be given, and return the state it leaves the case in.

    Raises:
        CaseConflict: what it would say is not so, or not yet.
    """
    require_open(case)
    wanted = CaseKind.CORRECTION if kind in CORRECTION_NOTICES else CaseKind.ACCESS
    if kind in ACCESS_NOTICES | CORRECTION_NOTICES:
        require_kind(case, wanted)
    match kind:
        case NoticeKind.FURTHER_INFORMATION:
            return case.state
        case NoticeKind.FEE:
            if case.fee is None:
                raise CaseConflict(Code.FEE_NONE)
            return case.state
        case NoticeKind.INTERIM:
            return CaseState.INTERIM
        case NoticeKind.REFUSAL | NoticeKind.CORRECTION_REFUSED:
            if not case.refused_whole:
                raise CaseConflict(Code.REFUSAL_WITHOUT_GROUND)
        case NoticeKind.CORRECTION_DONE:
            if not corrections:
                raise CaseConflict(Code.NOT_CORRECTED)
        case _:
            require_disclosable(case)
            _require_held_as_said(case, kind)
            require_settled(items)
    return CaseState.ANSWERED


def _require_held_as_said(case: Case, kind: NoticeKind) -> None:
    if kind is NoticeKind.NIL and case.items:
        raise CaseConflict(Code.NIL_BUT_HELD, (), {"items": case.items})
    if kind is NoticeKind.COMPLIANCE and not case.items:
        raise CaseConflict(Code.COMPLIANCE_BUT_NIL)


def require_entered_first(entered_at: datetime, notice_at: datetime) -> None:
    """Check that a refusal stood in the log book when its notice was given (s.27(2)).

    Raises:
        InvalidCase: the notice is stamped before.
    """
    if notice_at < entered_at:
        raise InvalidCase(Code.NOTICE_BEFORE_ENTRY, ("given_at",))


def require_closable(case: Case) -> None:
    """Check that a case may be closed.

    Raises:
        CaseConflict: no notice ended it, or it is closed.
    """
    if case.state is CaseState.CLOSED:
        raise CaseConflict(Code.CASE_ENDED)
    if case.state is not CaseState.ANSWERED:
        raise CaseConflict(Code.CASE_NOT_ANSWERED)


# ------------------------------------------------------------------------------------------- the log book


def kept_until(entered_at: datetime) -> date:
    """The last day on which a line of the log book must still be there."""
    day = hong_kong_day(entered_at)
    year = day.year + LOG_BOOK_YEARS
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def refuse_deletion(entered_at: datetime, now: datetime) -> CaseConflict:
    """Why a line of the log book is not deleted: the Ordinance for four years, the log itself for ever."""
    until = kept_until(entered_at)
    if hong_kong_day(now) <= until:
        return CaseConflict(Code.S27_4Y, (), {"until": until.isoformat()})
    return CaseConflict(Code.LOG_BOOK_KEPT)


# --------------------------------------------------------------------------------------------- recipients


def recipients_to_tell(disclosures: Iterable[Disclosure], corrected_on: date) -> list[Disclosure]:
    """The last disclosure to each recipient who got the data in the twelve months before, and still uses it."""
    first = _months_before(corrected_on, RECIPIENT_MONTHS)
    latest: dict[tuple[str, ItemKind, str], Disclosure] = {}
    for found in disclosures:
        if found.still_using and first <= found.disclosed_on <= corrected_on:
            latest[found.recipient, found.kind, found.ref] = found
    return [latest[key] for key in sorted(latest)]


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# ----------------------------------------------------------------------------------------------- findings


def case_findings(case: Case, today: date, calendar: Calendar) -> list[CaseFinding]:
    """What an auditor would find in a case on a day.

    Without a notice, or an interim one in time, an access request is a breach of s.19 from the day after day 40; where day 40
    is a general holiday, from the day after the one it rolls to. Until then only the target is passed.
    """
    if not case.is_open:
        return []
    clock = answer_clock(case.received_on, calendar)
    if case.interim_on is not None and case.interim_on <= clock.latest_arguable:
        return []
    if clock.is_over(today):
        code = FindingCode.S19_BREACH if case.kind is CaseKind.ACCESS else FindingCode.S23_BREACH
        return [CaseFinding(code, Grade.MAJOR, case.id, (today - clock.latest_arguable).days)]
    if today > clock.target:
        return [CaseFinding(FindingCode.TARGET_PASSED, Grade.OBSERVATION, case.id, (today - clock.target).days)]
    return []
