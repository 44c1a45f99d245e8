"""Schedules and live queries as JSON, for rows, entries and policy bundles, and back again.

A schedule's JSON is what an entry says of it and what a bundle holds: members that are not said are absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from policies.model import Words
from retention.model import (
    Authority,
    Disposition,
    Period,
    Schedule,
    Status,
    Trigger,
    Verification,
)
from retention.records import LiveQuery

if TYPE_CHECKING:
    from audit.canonical import JSON

PERIOD_FORM: Final = r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?"
_PERIOD: Final = re.compile(PERIOD_FORM)


def schedule_json(schedule: Schedule) -> dict[str, JSON]:
    """A schedule as JSON; `schedule_of` reads it."""
    authority = schedule.authority
    found: dict[str, JSON] = {
        "authority_en": authority.citation.en,
        "authority_zh": authority.citation.zh,
        "classes": sorted(schedule.record_classes),
        "code": schedule.code,
        "disposition": schedule.disposition.value,
        "status": authority.status.value,
        "title_en": schedule.title.en,
        "title_zh": schedule.title.zh,
        "trigger": schedule.trigger.value,
        "verification": authority.verification.value,
        "verified_on": authority.verified_on.isoformat(),
        "version": schedule.version,
    }
    if schedule.minimum is not None:
        found["minimum"] = str(schedule.minimum)
    if schedule.maximum is not None:
        found["maximum"] = str(schedule.maximum)
    if schedule.in_force != date.min:
        found["in_force"] = schedule.in_force.isoformat()
    if schedule.until is not None:
        found["until"] = schedule.until.isoformat()
    if schedule.only_if:
        found["only_if"] = sorted(schedule.only_if)
    if schedule.note is not None:
        found |= {"note_en": schedule.note.en, "note_zh": schedule.note.zh}
    return found


def schedule_of(found: Mapping[str, Any]) -> Schedule:
    """A schedule from its JSON, which `schedule_json` wrote or `retention.parsing` checked."""
    note = Words(found["note_zh"], found["note_en"]) if "note_zh" in found else None
    return Schedule(
        code=found["code"],
        version=found["version"],
        title=Words(found["title_zh"], found["title_en"]),
        record_classes=frozenset(found["classes"]),
        trigger=Trigger(found["trigger"]),
        minimum=period_of(found.get("minimum")),
        maximum=period_of(found.get("maximum")),
        authority=Authority(
            Words(found["authority_zh"], found["authority_en"]),
            Status(found["status"]),
            Verification(found["verification"]),
            date.fromisoformat(found["verified_on"]),
        ),
        disposition=Disposition(found["disposition"]),
        in_force=date.fromisoformat(found["in_force"]) if "in_force" in found else date.min,
        until=date.fromisoformat(found["until"]) if "until" in found else None,
        only_if=frozenset(found.get("only_if", ())),
        note=note,
    )


def period_of(text: str | None) -> Period | None:
    """A period from `P7Y`, `P3M`, `P40D` and their like; `P0D` is none at all.

    Raises:
        ValueError: it has another form.
    """
    if text is None:
        return None
    match = _PERIOD.fullmatch(text)
    if match is None or text == "P":
        msg = f"period: expected a form like P7Y or P3M, got {text[:16]!r}"
        raise ValueError(msg)
    years, months, days = (int(part or 0) for part in match.groups())
    return Period(12 * years + months, days)


def query_json(query: LiveQuery) -> dict[str, JSON]:
    """A live query as JSON; `query_of` reads it."""
    found: dict[str, JSON] = {
        name: sorted(values)
        for name, values in (
            ("classes", query.classes),
            ("skus", query.skus),
            ("stores", query.stores),
            ("suppliers", query.suppliers),
        )
        if values
    }
    if query.since is not None:
        found["since"] = query.since.isoformat()
    if query.until is not None:
        found["until"] = query.until.isoformat()
    return found


def query_of(found: Mapping[str, Any]) -> LiveQuery:
    """A live query from its JSON."""
    return LiveQuery(
        skus=frozenset(found.get("skus", ())),
        stores=frozenset(found.get("stores", ())),
        suppliers=frozenset(found.get("suppliers", ())),
        classes=frozenset(found.get("classes", ())),
        since=date.fromisoformat(found["since"]) if "since" in found else None,
        until=date.fromisoformat(found["until"]) if "until" in found else None,
    )
