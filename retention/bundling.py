"""Retention rules as a part of policy bundles: what a bundle brings, what would move by it, and how it comes to hold.

- A bundle names versions of rules. A version that is the newest of its rule holds already; the next version is added when the bundle becomes
  active. An older one, named by a bundle that is rolled back to, is added anew as the next version, word for word: versions are never altered.
- A rule that the bundle before it brought and this one does not name is withdrawn: its next version is shown and decides nothing. What rests
  on law stays, and so do rules that no bundle ever named.
- No bundle lets a rule that rests on law keep less, or speak of fewer classes, than the version before it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from policies.bundles.manifest import RETENTION
from policies.bundles.model import SHOWN_MAX, BundleFault
from policies.codes import Code
from policies.model import Words
from retention import rules
from retention import store as rows
from retention.model import Authority, Judgement, Outcome, Rank, Schedule, Status
from retention.records import RecordState
from retention.requests import ScheduleRequest
from retention.row_values import schedule_json
from retention.scheduling import adopt_schedules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from audit.canonical import JSON
    from policies.bundles.ports import Appending
    from retention.judging import Judging
    from retention.records import Record
    from storage.either import Reader
    from storage.transaction import Transaction

SCHEDULES_MAX: Final = 500
RECORDS_MAX: Final = 200_000
"""Records that a preview judges; beyond, it says that it did not judge all."""
CHUNK: Final = 250
_NOBODY: Final = UUID(int=0)
_SOME_DAY: Final = date(2001, 1, 1)
_WITHDRAWN: Final = Words("由政策版本撤回，不再適用。", "Withdrawn by a policy bundle; decides nothing.")


class RetentionPart:
    """A `BundlePart` on the retention schedules."""

    member = RETENTION

    def __init__(self, retention: Judging) -> None:
        self._retention: Final = retention

    def faults(self, reader: Reader, content: Any, today: date) -> Sequence[BundleFault]:
        """As `BundlePart.faults`."""
        if len(content) > SCHEDULES_MAX:
            return [BundleFault(Code.SCHEDULE_FORM, RETENTION, f"a list of at most {SCHEDULES_MAX}")]
        found: list[BundleFault] = []
        named: dict[str, Schedule] = {}
        for place, item in enumerate(content):
            try:
                schedule = _parsed(item)
            except (msgspec.ValidationError, ValueError, TypeError) as error:
                found.append(BundleFault(Code.SCHEDULE_FORM, f"{RETENTION}[{place}]", str(error)))
                continue
            if schedule.code in named:
                found.append(BundleFault(Code.SCHEDULE_FORM, f"{RETENTION}[{place}]", f"{schedule.code} once"))
            named[schedule.code] = schedule
        versions = _versions(reader)
        for schedule in named.values():
            found += _unfit(schedule, versions.get(schedule.code, []))
        return found

    def preview(self, reader: Reader, before: Any, after: Any, today: date) -> dict[str, JSON]:
        """As `BundlePart.preview`: every record judged with and without the rules, and what would be due at once."""
        coming = _coming(_versions(reader), before, after)
        shown: list[JSON] = [{"schedule": one.id, "withdrawn": one.note == _WITHDRAWN} for one in coming]
        empty: dict[str, JSON] = {"rules": shown[:SHOWN_MAX], "judged": 0, "moved": 0, "disposable": 0}
        return empty if not coming else {**empty, **self._moves(reader, coming, today)}

    def adopt(self, tx: Transaction, before: Any, after: Any, append: Appending) -> None:
        """As `BundlePart.adopt`."""
        adopt_schedules(tx, _coming(_versions(tx), before, after), append)

    def _moves(self, reader: Reader, coming: Sequence[Schedule], today: date) -> dict[str, JSON]:
        book = self._retention.rulebook(reader)
        changed = replace(book, schedules=(*book.schedules, *coming))
        touched = {
            name for one in (*book.schedules, *coming) if one.code in _codes(coming) for name in one.record_classes
        }
        items: list[JSON] = []
        disposable: list[JSON] = []
        counts = {"judged": 0, "moved": 0, "earlier": 0, "disposable": 0}
        for records in self._retention.walk(reader, limit=CHUNK):
            if counts["judged"] >= RECORDS_MAX:
                break
            was = self._retention.judge_records(reader, records, today, rulebook=book)
            of_class = [
                record
                for record, judged in was.items()
                if judged.record_class in touched and judged.described.state is RecordState.KEPT
            ]
            comes = self._retention.judge_records(reader, of_class, today, rulebook=changed)
            counts["judged"] += len(records)
            for record in of_class:
                old, new = was[record].judgement, comes[record].judgement
                if _dates(old) == _dates(new):
                    continue
                counts["moved"] += 1
                counts["earlier"] += _is_earlier(old, new)
                items.append(_moved(record, old, new))
                if new.outcome is Outcome.DUE and old.outcome is not Outcome.DUE:
                    counts["disposable"] += 1
                    disposable.append(record.key)
            del items[SHOWN_MAX:], disposable[SHOWN_MAX:]
        whole = counts["judged"] < RECORDS_MAX
        return {**counts, "whole": whole, "items": items, "disposable_records": disposable}


def _parsed(item: Any) -> Schedule:
    """A schedule from its JSON, checked as one that a person sends.

    Raises:
        msgspec.ValidationError, ValueError, TypeError: it is none.
    """
    request = msgspec.convert({**item, "event_id": _NOBODY}, ScheduleRequest)
    if (request.note_zh is None) != (request.note_en is None):
        msg = "expected a note in both languages or in none"
        raise ValueError(msg)
    return request.schedule


def _versions(reader: Reader) -> dict[str, list[Schedule]]:
    found: dict[str, list[Schedule]] = {}
    for schedule, _ in rows.read_schedules(reader):
        found.setdefault(schedule.code, []).append(schedule)
    return found


def _unfit(schedule: Schedule, versions: Sequence[Schedule]) -> Iterable[BundleFault]:
    where = f"{RETENTION}.{schedule.id}"
    newest = versions[-1] if versions else None
    known = next((one for one in versions if one.version == schedule.version), None)
    expected = 1 if newest is None else newest.version + 1
    if (known is None and schedule.version != expected) or (known is not None and known != schedule):
        yield BundleFault(Code.SCHEDULE_VERSION, where, f"version {expected}")
    law = newest is not None and newest.authority.rank is Rank.LAW and _content(newest) != _content(schedule)
    if law and newest is not None and newest.minimum is not None:
        shortest = rules.last_day(_SOME_DAY, newest.minimum)
        kept = schedule.minimum is not None and rules.last_day(_SOME_DAY, schedule.minimum) >= shortest
        same = schedule.authority.rank is Rank.LAW and schedule.trigger is newest.trigger and schedule.until is None
        if not (
            kept and same and newest.record_classes <= schedule.record_classes and schedule.only_if <= newest.only_if
        ):
            yield BundleFault(Code.SCHEDULE_BELOW_LAW, where, f"at least {newest.minimum}")


def _coming(versions: Mapping[str, Sequence[Schedule]], before: Any, after: Any) -> list[Schedule]:
    """The versions that a change from one bundle to the other adds, by code."""
    wanted = {one.code: one for one in map(_parsed, after)}
    brought = {one.code: one for one in map(_parsed, before)}
    coming = []
    for code, schedule in sorted(wanted.items()):
        newest = versions[code][-1] if code in versions else None
        if newest is None or _content(newest) != _content(schedule):
            coming.append(replace(schedule, version=1 if newest is None else newest.version + 1))
    for code, schedule in sorted(brought.items()):
        newest = versions[code][-1] if code in versions else None
        if code in wanted or newest is None or newest.authority.rank is Rank.LAW:
            continue
        if _content(newest) == _content(schedule):
            shown = Authority(
                newest.authority.citation, Status.PROPOSAL, newest.authority.verification, newest.authority.verified_on
            )
            coming.append(replace(newest, version=newest.version + 1, authority=shown, note=_WITHDRAWN))
    return coming


def _content(schedule: Schedule) -> dict[str, JSON]:
    return schedule_json(replace(schedule, version=1))


def _codes(schedules: Iterable[Schedule]) -> frozenset[str]:
    return frozenset(one.code for one in schedules)


def _dates(judgement: Judgement) -> tuple[object, ...]:
    return judgement.outcome, judgement.keep_until, judgement.dispose_by, judgement.due_from


def _is_earlier(old: Judgement, new: Judgement) -> bool:
    return new.due_from is not None and (old.due_from is None or new.due_from < old.due_from)


def _moved(record: Record, old: Judgement, new: Judgement) -> JSON:
    return {"record": record.key, "before": _said(old), "after": _said(new)}


def _said(judgement: Judgement) -> dict[str, JSON]:
    found: dict[str, JSON] = {"outcome": judgement.outcome.value}
    for name in ("keep_until", "dispose_by", "due_from"):
        day = getattr(judgement, name)
        if day is not None:
            found[name] = day.isoformat()
    return found
