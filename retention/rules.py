"""What becomes of a record: pure decisions.

In this order:
1. a hold beats everything;
2. a record is kept until the latest minimum;
3. then the earliest maximum says when it must be gone;
4. a minimum gives way only to a maximum of higher rank (law, then guidance, then the organisation's own rule); where a
   minimum outlasts a maximum the conflict is recorded;
5. an unknown trigger means no disposal and a finding, never a silent "for ever";
6. periods are calendar months, clamped to the end of the month, in days of Hong Kong;
7. an item is judged by the versions in force on the day of judgement; `explain` shows what older versions said.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from retention.model import (
    Disposition,
    Finding,
    FindingCode,
    Grade,
    Graded,
    Item,
    Judgement,
    Outcome,
    Period,
    Rank,
    Schedule,
    Status,
    Verification,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HONG_KONG: Final = ZoneInfo("Asia/Hong_Kong")
_DAY: Final = timedelta(days=1)


def hong_kong_day(moment: datetime) -> date:
    """The day it is in Hong Kong at an aware moment."""
    return moment.astimezone(HONG_KONG).date()


def last_day(start: date, period: Period) -> date:
    """The last day of a period that a trigger on `start` begins.

    30 November and three months give 28 February (29 in a leap year): the day of the month is clamped. A period that
    would pass the year 9999 ends there.
    """
    month_index = start.year * 12 + start.month - 1 + period.months
    year, month = divmod(month_index, 12)
    if year > date.max.year:
        return date.max
    day = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return day + timedelta(days=min(period.days, (date.max - day).days))


def in_force(schedules: Iterable[Schedule], on: date) -> list[Schedule]:
    """The newest version of each rule that is in force on a day, by code."""
    newest: dict[str, Schedule] = {}
    for schedule in schedules:
        if schedule.in_force <= on and (schedule.until is None or on <= schedule.until):
            known = newest.get(schedule.code)
            if known is None or known.version < schedule.version:
                newest[schedule.code] = schedule
    return [newest[code] for code in sorted(newest)]


def judge(item: Item, schedules: Iterable[Schedule], on: date) -> Judgement:
    """Say what may be done with the item on a day."""
    speaking = [
        schedule
        for schedule in in_force(schedules, on)
        if item.record_class in schedule.record_classes and schedule.only_if <= item.facts
    ]
    judgement = _by_schedules(item, speaking, on)
    matters = tuple(sorted({hold.matter for hold in item.holds if hold.stands_on(on)}))
    return replace(judgement, outcome=Outcome.HELD, matters=matters) if matters else judgement


@dataclass(frozen=True, slots=True)
class Explained:
    """A judgement, and the one under the versions that were in force when the record came, if that was another."""

    now: Judgement
    earlier: Judgement | None


def explain(item: Item, schedules: Sequence[Schedule], on: date) -> Explained:
    """As `judge`, with what the rules of the item's first day would say of the same day."""
    now = judge(item, schedules, on)
    dated = [replace(schedule, in_force=date.min, until=None) for schedule in in_force(schedules, item.created_on)]
    earlier = judge(item, dated, on)
    return Explained(now, None if _same(now, earlier) else earlier)


def graded(judgement: Judgement, created_on: date, grace_days: int) -> tuple[Graded, ...]:
    """The findings of a judgement, graded: what is due, or has no rule, may wait for the grace, then is proposed as a finding.

    Due longer than the grace is proposed as minor, than twice the grace as major; a record without a rule as minor after the
    grace. Everything else is a note.
    """
    found = [
        Graded(finding, _waited(created_on, judgement.on, grace_days, most=Grade.MINOR), created_on)
        if finding.code is FindingCode.RULE_MISSING
        else Graded(finding, Grade.NOTE)
        for finding in judgement.findings
        if finding.code is not FindingCode.OVERDUE
    ]
    if judgement.outcome is Outcome.DUE and judgement.due_from is not None:
        grade = _waited(judgement.due_from, judgement.on, grace_days, most=Grade.MAJOR)
        if grade is not Grade.NOTE or any(finding.code is FindingCode.OVERDUE for finding in judgement.findings):
            found.append(Graded(Finding(FindingCode.OVERDUE, judgement.deciding), grade, judgement.due_from))
    return tuple(found)


def _waited(since: date, on: date, grace_days: int, *, most: Grade) -> Grade:
    days = (on - since).days
    if days > 2 * grace_days:
        return most
    return Grade.MINOR if days > grace_days else Grade.NOTE


# ------------------------------------------------------------------------------------------- the dates


@dataclass(frozen=True, slots=True)
class _Bound:
    """A schedule whose clock runs, and the last day it names."""

    schedule: Schedule
    rank: Rank
    day: date


def _by_schedules(item: Item, speaking: Sequence[Schedule], on: date) -> Judgement:
    deciding = [schedule for schedule in speaking if schedule.authority.rank is not Rank.NONE]
    considered = tuple(schedule.id for schedule in speaking)
    if not deciding:
        return Judgement(Outcome.UNDETERMINED, on, considered=considered, findings=(Finding(FindingCode.RULE_MISSING),))
    findings = _unverified(deciding)
    unknown = tuple(schedule.id for schedule in deciding if schedule.trigger not in item.triggers)
    lock_until = _lock_until(item, deciding)
    if unknown:
        findings.append(Finding(FindingCode.TRIGGER_UNKNOWN, unknown))
        return Judgement(
            Outcome.UNDETERMINED, on, lock_until=lock_until, considered=considered, findings=tuple(findings)
        )
    maximum = min(_bounds(item, deciding, maximum=True), key=lambda bound: (bound.day, -bound.rank), default=None)
    minimums = _bounds(item, deciding, maximum=False)
    open_ended = [
        schedule for schedule in deciding if schedule.minimum is not None and item.triggers[schedule.trigger] is None
    ]
    outlasting = [bound for bound in minimums if maximum is not None and bound.day > maximum.day]
    if maximum is not None and outlasting:
        ids = tuple(bound.schedule.id for bound in outlasting)
        findings.append(Finding(FindingCode.CONFLICT, (*ids, maximum.schedule.id)))
        # What gives way is shortened, not dropped: the record stays as long as the maximum lets it.
        minimums = [replace(bound, day=maximum.day) if _gives_way(bound, maximum) else bound for bound in minimums]
    minimum = max(minimums, key=lambda bound: (bound.day, bound.rank), default=None)
    judgement = Judgement(
        Outcome.KEPT,
        on,
        keep_until=None if minimum is None or open_ended else minimum.day,
        dispose_by=None if maximum is None else maximum.day,
        lock_until=lock_until,
        deciding=tuple(bound.schedule.id for bound in (minimum, maximum) if bound is not None)
        or tuple(schedule.id for schedule in open_ended),
        considered=considered,
        findings=tuple(findings),
    )
    if any(schedule.disposition is Disposition.KEEP for schedule in deciding):
        return replace(judgement, outcome=Outcome.PERMANENT, disposition=Disposition.KEEP)
    return _on_the_day(judgement, minimum, maximum, open_ended)


def _on_the_day(
    judgement: Judgement, minimum: _Bound | None, maximum: _Bound | None, open_ended: Sequence[Schedule]
) -> Judgement:
    """Compare the dates with the day."""
    # A minimum whose clock has not started keeps the record, unless a maximum outranks it.
    if open_ended and (maximum is None or any(schedule.authority.rank >= maximum.rank for schedule in open_ended)):
        return judgement
    last = minimum or maximum
    if last is None:  # only maximums, whose clocks have not started
        return judgement
    due_from = _after(last.day)
    judgement = replace(judgement, due_from=due_from)
    if judgement.on < due_from:
        return judgement
    findings = judgement.findings
    overdue_after = max(last.day, maximum.day if maximum is not None else last.day)
    if maximum is not None and judgement.on > _after(overdue_after):
        findings = (*findings, Finding(FindingCode.OVERDUE, (maximum.schedule.id,)))
    return replace(judgement, outcome=Outcome.DUE, disposition=last.schedule.disposition, findings=findings)


def _gives_way(minimum: _Bound, maximum: _Bound) -> bool:
    return minimum.day > maximum.day and minimum.rank < maximum.rank


def _bounds(item: Item, schedules: Iterable[Schedule], *, maximum: bool) -> list[_Bound]:
    found = []
    for schedule in schedules:
        period = schedule.maximum if maximum else schedule.minimum
        start = item.triggers[schedule.trigger]
        if period is not None and start is not None:
            found.append(_Bound(schedule, schedule.authority.rank, last_day(start, period)))
    return found


def _lock_until(item: Item, schedules: Iterable[Schedule]) -> date | None:
    """The latest minimum by law: a store's lock beyond it would keep what must be erased."""
    days = [
        last_day(start, schedule.minimum)
        for schedule in schedules
        if schedule.minimum is not None
        and schedule.authority.rank is Rank.LAW
        and (start := item.triggers.get(schedule.trigger)) is not None
    ]
    return max(days, default=None)


def _unverified(schedules: Iterable[Schedule]) -> list[Finding]:
    ids = tuple(
        schedule.id
        for schedule in schedules
        if schedule.authority.status is not Status.POLICY and schedule.authority.verification is Verification.UNVERIFIED
    )
    return [Finding(FindingCode.UNVERIFIED, ids)] if ids else []


def _after(day: date) -> date:
    return day if day == date.max else day + _DAY


def _same(one: Judgement, other: Judgement) -> bool:
    return (one.outcome, one.keep_until, one.dispose_by, one.due_from) == (
        other.outcome,
        other.keep_until,
        other.dispose_by,
        other.due_from,
    )
