"""What incidents and the Commissioner's notices ask for: pure decisions.

- Telling the Commissioner of a breach is recommended practice (guidance of June 2023), not law: no hours are printed for it.
- GDPR Art. 33: 72 hours from becoming aware, where that law applies. Cap. 653: 12 hours for a serious incident (48 otherwise),
  for designated operators alone.
- A breach is closed after it was decided, with reasons, whether to tell the authority and the people.
- A direction of an enforcement notice that is not met on its day is proposed as a major nonconformity (s.50A: an offence).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from cases.errors import CaseConflict, Code, InvalidCase, UnknownCase
from cases.incidents.model import (
    BreachClock,
    BreachState,
    CessationState,
    Direction,
    Regime,
)
from cases.model import CaseFinding, FindingCode, Grade
from policies.model import Words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from cases.incidents.model import Breach, Cessation, Enforcement

GDPR_HOURS: Final = 72
CAP653_SERIOUS_HOURS: Final = 12
CAP653_HOURS: Final = 48

_AUTHORITY: Final[Mapping[Regime, Words]] = MappingProxyType(
    {
        Regime.PDPO: Words(
            "《個人資料(私隱)條例》沒有規定通報期限；私隱專員公署《資料外泄事故的處理及通報指引》建議在切實可行範圍內盡快通報",
            "The Personal Data (Privacy) Ordinance sets no time limit; the Commissioner's guidance on data breach handling "
            "recommends telling as soon as practicable",
        ),
        Regime.GDPR: Words(
            "歐盟《通用數據保障條例》第33條：得悉後72小時內通報", "GDPR Art. 33: within 72 hours of becoming aware"
        ),
        Regime.CAP653: Words(
            "《保護關鍵基礎設施(電腦系統)條例》(第653章)：嚴重事故12小時內，其他事故48小時內通報；只適用於獲指定的營運者",
            "Cap. 653: within 12 hours for a serious incident, 48 hours for others; designated operators only",
        ),
    }
)


def breach_clocks(
    regimes: Collection[Regime], known_at: datetime, *, designated: bool, serious: bool = True
) -> tuple[BreachClock, ...]:
    """What each regime asks for, in the order of `Regime`. Cap. 653 has a clock for designated operators only."""
    clocks: list[BreachClock] = []
    for regime in Regime:
        if regime not in regimes:
            continue
        hours = _hours(regime, designated=designated, serious=serious)
        until = None if hours is None else known_at + timedelta(hours=hours)
        recommended = regime is Regime.PDPO
        clocks.append(BreachClock(regime, hours, until, recommended, _AUTHORITY[regime], regime is not Regime.CAP653))
    return tuple(clocks)


def _hours(regime: Regime, *, designated: bool, serious: bool) -> int | None:
    if regime is Regime.GDPR:
        return GDPR_HOURS
    if regime is Regime.PDPO or not designated:
        return None
    return CAP653_SERIOUS_HOURS if serious else CAP653_HOURS


def require_breach_open(breach: Breach) -> Breach:
    """Check that work on a breach goes on.

    Raises:
        CaseConflict: it is closed.
    """
    if breach.state is BreachState.CLOSED:
        raise CaseConflict(Code.BREACH_ENDED)
    return breach


def require_breach_closable(breach: Breach) -> Breach:
    """Check that a breach may be closed.

    Raises:
        CaseConflict: it is, or nothing was decided.
    """
    if require_breach_open(breach).state is not BreachState.DECIDED:
        raise CaseConflict(Code.BREACH_NOT_DECIDED)
    return breach


def require_directions(numbered: Sequence[tuple[int, date]]) -> None:
    """Check the directions of a notice.

    Raises:
        InvalidCase: a number is there twice.
    """
    if len({number for number, _ in numbered}) != len(numbered):
        raise InvalidCase(Code.DIRECTION_TWICE, ("directions",))


def met(notice: Enforcement, number: int, *, on: date, index: int) -> Direction:
    """A direction as it stands once it was met.

    Raises:
        UnknownCase: the notice has no such direction.
        CaseConflict: it was met before.
    """
    found = next((one for one in notice.directions if one.number == number), None)
    if found is None:
        raise UnknownCase(Code.DIRECTION_UNKNOWN, ("direction",), {"number": number})
    if found.met_on is not None:
        raise CaseConflict(Code.DIRECTION_MET)
    return replace(found, met_on=on, met_index=index)


def direction_findings(directions: Iterable[Direction], today: date) -> list[CaseFinding]:
    """Directions whose day is past and that are not met, or were met late."""
    found = []
    for one in directions:
        days = ((one.met_on or today) - one.due_on).days
        if days > 0:
            grade = Grade.MAJOR if one.met_on is None else Grade.MINOR
            found.append(CaseFinding(FindingCode.DIRECTION_OVERDUE, grade, f"{one.notice}/{one.number}", days))
    return found


def require_cessation(cessation: Cessation, wanted: CessationState) -> Cessation:
    """Check that a cessation can still become so.

    Raises:
        CaseConflict: it is, or it has ended.
    """
    if cessation.state in {CessationState.LIFTED, wanted}:
        raise CaseConflict(Code.CESSATION_ENDED)
    return cessation
