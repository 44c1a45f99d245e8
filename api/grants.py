"""Access for a time: engagements of auditors, and breaking the glass.

- Whoever may read grants sees those in their reach; everybody sees their own. One out of reach is answered as one that is not there.
- Why a glass was broken is somebody's own words: it is read on its own, and the log says who read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.calls import Call
from api.changing import changed
from api.cursors import read_cursor, write_cursor
from api.grant_shapes import finding_json, grant_json
from api.jobs import PlainRequest
from api.paging import LIMIT_DEFAULT
from api.problem_codes import Code
from api.problems import Fault, Invalid
from api.replies import Answer, json_answer
from api.shapes import change_answer
from api.using import stated_or
from audit.event import Subject, time_us
from policies.codes import Code as PolicyCode
from policies.errors import UnknownThing
from policies.grants.model import GLASS_BROKEN, Grant, GrantKind, GrantState, Review
from policies.grants.reading import resource_of
from policies.model import Action, Resource
from policies.using.purposes import UsePurpose
from storage.transaction import Change

GRANT: Resource = Resource("grant")


@dataclass(frozen=True, slots=True)
class GrantParameters:
    """Which one."""

    grant: str


@dataclass(frozen=True, slots=True)
class GrantsParameters:
    """A page of them."""

    kind: GrantKind | None = None
    state: GrantState | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class NewEngagement:
    """What an auditor is to reach, and for how long; absent limits are none."""

    auditor: str
    starts_at: datetime
    ends_at: datetime
    nda_on_file: bool
    stores: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    dates_from: datetime | None = None
    dates_until: datetime | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """Where the caller's role is to apply too, for how long, why, and who is told of it."""

    stores: tuple[str, ...]
    minutes: int
    reason: str
    told: str
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class GlassReview:
    """What the review came to."""

    review: Review
    event_id: UUID | None = None


def list_grants(call: Call[GrantsParameters, None]) -> Answer:
    """Return a page of what is in the caller's reach, the newest first; of somebody who may read no other, their own."""
    asked, policies = call.parameters, call.services.policies
    action = _reading(call, own=True)
    principal = call.require_reading(action, GRANT).principal
    own_only = action is Action.BREAK_GLASS_OPEN
    found = [
        grant
        for grant in policies.grants()
        if (grant.principal == principal.person or (not own_only and _within(grant, principal.stores)))
        and asked.kind in {None, grant.kind}
        and asked.state in {None, grant.state_at(call.now)}
    ]
    listed = ("grants", asked.kind, asked.state)
    after = _after(found, _place(listed, asked.cursor))
    shown = after[: asked.limit]
    following = write_cursor(listed, _key(shown[-1])) if len(after) > len(shown) else None
    kept = call.leaving(shown, action, lambda grant: resource_of(grant, principal))
    return json_answer(
        {"items": [grant_json(grant, call.now, call.calendar) for grant in kept], "next_cursor": following}
    )


def get_grant(call: Call[GrantParameters, None]) -> Answer:
    """Return one."""
    grant_id = call.parameters.grant
    found = call.services.policies.find_grant(grant_id)
    own = found is not None and found.principal == call.principal.person
    resource = Resource("grant", grant_id) if found is None else resource_of(found, call.principal)
    call.require_reading(_reading(call, own=own), resource)
    if found is None:
        raise UnknownThing(PolicyCode.GRANT_UNKNOWN, "grant")
    return json_answer(grant_json(found, call.now, call.calendar))


def engage(call: Call[None, NewEngagement]) -> Answer:
    """Engage an auditor."""
    asked = call.body
    change = call.services.policies.engage(
        call.principal,
        asked.auditor,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        nda_on_file=asked.nda_on_file,
        stores=asked.stores,
        classes=asked.classes,
        dates_from=asked.dates_from,
        dates_until=asked.dates_until,
        event_id=asked.event_id or call.new_event_id(),
    )
    return _changed(call, change, status=201)


def end_grant(call: Call[GrantParameters, PlainRequest]) -> Answer:
    """End an engagement, or close a glass."""
    event_id = call.body.event_id or call.new_event_id()
    return _changed(call, call.services.policies.end_grant(call.principal, call.parameters.grant, event_id=event_id))


def break_glass(call: Call[None, BrokenGlass]) -> Answer:
    """Break the glass; the answer says which channels tell the second person."""
    asked = call.body
    change = call.services.policies.break_glass(
        call.principal,
        stores=asked.stores,
        minutes=asked.minutes,
        reason=asked.reason,
        told=asked.told,
        event_id=asked.event_id or call.new_event_id(),
    )
    committed = call.services.storage.log.commit(change)
    channels = call.services.notices.channels_telling(GLASS_BROKEN, asked.told)
    return change_answer(committed, lambda grant: {**grant_json(grant, call.now, call.calendar), "told_by": channels})


def acknowledge_glass(call: Call[GrantParameters, PlainRequest]) -> Answer:
    """Say that one heard of a broken glass."""
    event_id = call.body.event_id or call.new_event_id()
    policies = call.services.policies
    return _changed(call, policies.acknowledge_glass(call.principal, call.parameters.grant, event_id=event_id))


def list_glass_awaiting(call: Call[None, None]) -> Answer:
    """Return broken glass that the caller was told of and did not acknowledge."""
    principal = call.require_reading(Action.BREAK_GLASS_REVIEW, Resource("break_glass")).principal
    found = call.services.policies.glass_awaiting(principal.id)
    return json_answer({"items": [grant_json(grant, call.now, call.calendar) for grant in found]})


def review_glass(call: Call[GrantParameters, GlassReview]) -> Answer:
    """Say what a review came to."""
    event_id = call.body.event_id or call.new_event_id()
    change = call.services.policies.review_glass(
        call.principal, call.parameters.grant, call.body.review, event_id=event_id
    )
    return _changed(call, change)


def get_glass_reason(call: Call[GrantParameters, None]) -> Answer:
    """Return why a glass was broken, once the log says who reads it."""
    grant_id, services = call.parameters.grant, call.services
    decision = call.require(Action.PERSONAL_READ, Resource("grant", grant_id))
    reason = services.policies.glass_reason(call.principal, grant_id)
    about = (Subject("grant", grant_id),)
    use = stated_or(call, decision, UsePurpose.ASSURANCE)
    read = services.policies.record_read(decision, event_id=call.new_event_id(), about=about, use=use)
    services.storage.log.commit(read)
    return json_answer({"reason": reason})


def list_glass_findings(call: Call[None, None]) -> Answer:
    """Return broken glass that nobody reviewed in time."""
    call.require_reading(Action.BREAK_GLASS_REVIEW, Resource("break_glass"))
    found = call.services.policies.glass_findings(call.now)
    return json_answer({"items": [finding_json(finding, call.now, call.calendar) for finding in found]})


def _changed(call: Call[Any, Any], change: Change[Grant], *, status: int = 200) -> Answer:
    return changed(call, change, lambda grant: grant_json(grant, call.now, call.calendar), status=status)


def _reading(call: Call[Any, Any], *, own: bool) -> Action:
    """What a reading asks for: of one's own broken glass, no more than to be one who may break it."""
    if own and not call.may(Action.GRANT_READ, GRANT) and call.may(Action.BREAK_GLASS_OPEN, GRANT):
        return Action.BREAK_GLASS_OPEN
    return Action.GRANT_READ


def _within(grant: Grant, stores: frozenset[str] | None) -> bool:
    return stores is None or (grant.stores is not None and grant.stores <= stores)


def _key(grant: Grant) -> tuple[int, str]:
    return time_us(grant.starts_at), grant.id


def _place(listed: Sequence[object], cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    match read_cursor(listed, cursor):
        case [int(starts_us), str(grant_id)]:
            return starts_us, grant_id
        case _:
            raise Invalid([Fault.of(Code.CURSOR_INVALID)]).of_parameter("cursor")


def _after(grants: Sequence[Grant], place: tuple[int, str] | None) -> Sequence[Grant]:
    return grants if place is None else [grant for grant in grants if _key(grant) < place]
