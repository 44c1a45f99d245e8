"""From what rooms and people say of a record to what the engine judges: pure decisions.

- What a person recorded of the record itself beats what was recorded of a subject it shares, and both beat what rooms know:
  somebody looked.
- Of several subjects that say when something happened, the latest day counts; one that knows it has not happened yet counts most.
- A financial year ends on the day the organisation recorded, on or after the day of the transaction; without a recorded year end
  nobody knows, and nobody guesses.
- A live query holds a record if every member it gives fits; of days, the one the record came on or the one that stands on it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from retention.model import Item, Trigger
from retention.records import TriggerState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retention.records import Described, LiveQuery, Matter, RecordedTrigger, YearEnd


def triggers_of(
    described: Described,
    recorded: Mapping[str, Sequence[RecordedTrigger]],
    known: Mapping[Trigger, date | None],
    year_ends: Sequence[YearEnd],
) -> dict[Trigger, date | None]:
    """What started the clocks of a record; `known` is what rooms beside its own know."""
    found: dict[Trigger, date | None] = {
        Trigger.CREATED: described.created_on,
        **_latest([known, described.triggers]),
    }
    own, *shared = described.subjects
    said = [_said(recorded.get(subject, ())) for subject in shared]
    found |= _latest(said)
    found |= _said(recorded.get(own, ()))
    if Trigger.FINANCIAL_YEAR_END not in found:
        started = found.get(Trigger.TRANSACTION_COMPLETED)
        ended = None if started is None else year_end_after(started, year_ends)
        if ended is not None:
            found[Trigger.FINANCIAL_YEAR_END] = ended
        elif Trigger.TRANSACTION_COMPLETED in found and started is None:
            found[Trigger.FINANCIAL_YEAR_END] = None
    return found


def item_of(
    described: Described,
    record_class: str,
    triggers: Mapping[Trigger, date | None],
    facts: frozenset[str],
    matters: Iterable[Matter],
) -> Item:
    """The record as the engine sees it."""
    return Item(
        id=described.record.key,
        record_class=record_class,
        created_on=described.created_on,
        triggers=triggers,
        facts=facts,
        holds=tuple(matter.hold for matter in matters),
    )


def year_end_after(day: date, year_ends: Sequence[YearEnd]) -> date | None:
    """The last day of the financial year that a day lies in, by the year end that was valid on that day; the newest is first."""
    valid = next((one for one in year_ends if one.valid_from <= day), None)
    if valid is None:
        return None
    ended = _in_year(day.year, valid)
    return ended if day <= ended or day.year == date.max.year else _in_year(day.year + 1, valid)


def fits(query: LiveQuery, described: Described) -> bool:
    """Whether a live query holds a record."""
    days = [described.created_on, *([] if described.dated_on is None else [described.dated_on])]
    return (
        (not query.skus or bool(query.skus & described.skus))
        and (not query.stores or described.store in query.stores)
        and (not query.suppliers or described.supplier in query.suppliers)
        and (not query.classes or described.class_code in query.classes)
        and any(
            (query.since is None or query.since <= day) and (query.until is None or day <= query.until) for day in days
        )
    )


def _in_year(year: int, end: YearEnd) -> date:
    return date(year, end.month, min(end.day, monthrange(year, end.month)[1]))


def _said(recorded: Iterable[RecordedTrigger]) -> dict[Trigger, date | None]:
    return {
        one.trigger: one.happened_on if one.state is TriggerState.HAPPENED else None
        for one in recorded
        if one.state is not TriggerState.WITHDRAWN
    }


def _latest(sources: Iterable[Mapping[Trigger, date | None]]) -> dict[Trigger, date | None]:
    found: dict[Trigger, date | None] = {}
    for source in sources:
        for trigger, day in source.items():
            if trigger not in found:
                found[trigger] = day
            else:
                earlier = found[trigger]
                found[trigger] = None if earlier is None or day is None else max(earlier, day)
    return found
