"""How access for a time looks in answers."""

from datetime import datetime

from api.shapes import Json, present, time_json
from policies.calendar import Calendar
from policies.grants.model import Grant, GrantKind
from policies.grants.rules import GlassFinding, acknowledge_by, review_due
from policies.reasons import words_of


def grant_json(grant: Grant, now: datetime, calendar: Calendar) -> Json:
    """Return access for a time; an absent limit is none."""
    glass = grant.kind is GrantKind.BREAK_GLASS
    return {
        "id": grant.id,
        "kind": grant.kind.value,
        "state": grant.state_at(now).value,
        "principal": grant.principal,
        "starts_at": time_json(grant.starts_at),
        "ends_at": time_json(grant.ends_at),
        "given_by": grant.given_by,
        **present(
            {
                "stores": None if grant.stores is None else sorted(grant.stores),
                "classes": None if grant.classes is None else sorted(grant.classes),
                "dates_from": _time(grant.dates_from),
                "dates_until": _time(grant.dates_until),
                "ended_at": _time(grant.ended_at),
                "told": grant.told,
                "acknowledge_by": time_json(acknowledge_by(grant)) if glass else None,
                "acknowledged_at": _time(grant.acknowledged_at),
                "review": None if grant.review is None else grant.review.value,
                "reviewed_by": grant.reviewed_by,
                "review_due_on": review_due(grant, calendar).isoformat() if glass else None,
            }
        ),
    }


def finding_json(finding: GlassFinding, now: datetime, calendar: Calendar) -> Json:
    """Return a finding with the grant it is about."""
    words = words_of(finding.code)
    return {
        "code": finding.code.value,
        "detail_zh": words.zh,
        "detail_en": words.en,
        "due_on": finding.due_on.isoformat(),
        "grant": grant_json(finding.grant, now, calendar),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_json(moment)
