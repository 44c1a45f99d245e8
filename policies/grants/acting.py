"""Giving and ending access for a time: engagements of auditors, and breaking the glass.

Each is an entry that moves the policy version; that a grant ends by the clock needs none. What somebody wrote as a reason is a personal
field of the entry.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from audit.event import Subject, format_time, time_us
from policies.codes import Code
from policies.errors import Denied, InvalidValue, PolicyConflict, UnknownThing
from policies.grants import store as rows
from policies.grants.model import (
    BREAK_GLASS_MAX,
    CLASSES_MAX,
    ENGAGEMENT_MAX,
    GLASS_ACKNOWLEDGED,
    GLASS_BROKEN,
    GLASS_CLOSED,
    GLASS_REVIEWED,
    GRANT_ENDED,
    GRANT_GIVEN,
    STORES_MAX,
    Grant,
    GrantKind,
    GrantState,
    Review,
)
from policies.grants.reading import GrantReads
from policies.model import Action, Resource, Role
from policies.pending.model import REASON_CHARS_MAX
from policies.rules import is_code
from policies.writing import Asked, Draft, Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from policies.model import Principal, Store
    from storage.personal import PersonalField
    from storage.transaction import Change, Transaction

ID_BYTES = 16


class GrantWrites(Writing, GrantReads):
    """Engagements and broken glass."""

    # ------------------------------------------------------------------------------------- engagements

    def engage(
        self,
        principal: Principal,
        auditor: str,
        *,
        starts_at: datetime,
        ends_at: datetime,
        nda_on_file: bool,
        stores: Collection[str] | None = None,
        classes: Collection[str] | None = None,
        dates_from: datetime | None = None,
        dates_until: datetime | None = None,
        event_id: UUID,
    ) -> Change[Grant]:
        """Engages an auditor: from then, until then, for these stores, classes and dates; None is every one.

        An engagement ends by itself and is never longer than 90 days; another is given by who may give one, never by the auditor.

        Raises:
            InvalidValue, Denied. The change: UnknownThing (person or store), PolicyConflict if they are no auditor, another
                engagement overlaps, or no agreement on confidentiality is on file, Denied.
        """
        if not self._clock() < ends_at or not starts_at < ends_at <= starts_at + ENGAGEMENT_MAX:
            raise InvalidValue(Code.GRANT_PERIOD, "ends_at", {"most": f"{ENGAGEMENT_MAX.days} d"})
        if dates_from is not None and dates_until is not None and not dates_from < dates_until:
            raise InvalidValue(Code.GRANT_DATES, "dates_until")
        if not nda_on_file:
            raise InvalidValue(Code.NDA_MISSING, "nda_on_file")
        grant = Grant(
            id=self._entropy(ID_BYTES).hex(),
            kind=GrantKind.ENGAGEMENT,
            principal=auditor,
            stores=_codes(stores, STORES_MAX, "stores"),
            classes=_codes(classes, CLASSES_MAX, "classes"),
            dates_from=dates_from,
            dates_until=dates_until,
            starts_at=starts_at,
            ends_at=ends_at,
            given_by=principal.person,
        )

        def check(tx: Transaction) -> None:
            directory = self.directory_in(tx)
            record = directory.records.get(auditor)
            if record is None or auditor in directory.erased:
                raise UnknownThing(Code.PERSON_UNKNOWN, "principal")
            if record.role is not Role.AUDITOR:
                raise PolicyConflict(Code.NOT_AN_AUDITOR, "principal")
            if any(_overlap(grant, other) for other in directory.grants.get(auditor, ())):
                raise PolicyConflict(Code.GRANT_OVERLAPS, "starts_at")
            _require_stores(grant, directory.stores)

        asked = Asked(principal, Action.GRANT_WRITE, Resource("grant", auditor), event_id, _said(grant))
        return self._give(asked, grant, GRANT_GIVEN, check)

    def end_grant(self, principal: Principal, grant_id: str, *, event_id: UUID) -> Change[Grant]:
        """Ends an engagement before its time, or closes a glass again: for who may give them, and for whoever broke it.

        Raises:
            UnknownThing, Denied. The change: PolicyConflict if it is over, Denied.
        """
        known = self._required_grant(principal, Action.GRANT_WRITE, grant_id)
        own = known.kind is GrantKind.BREAK_GLASS and known.principal == principal.person
        action = Action.BREAK_GLASS_OPEN if own else Action.GRANT_WRITE
        kind = GLASS_CLOSED if known.kind is GrantKind.BREAK_GLASS else GRANT_ENDED

        def ended(tx: Transaction, grant: Grant) -> Grant:
            if grant.state_at(tx.now) is GrantState.OVER:
                raise PolicyConflict(Code.GRANT_OVER, "grant")
            return replace(grant, ended_at=tx.now)

        return self._alter(principal, action, known, kind, ended, {}, event_id)

    # ------------------------------------------------------------------------------------- broken glass

    def break_glass(
        self,
        principal: Principal,
        *,
        stores: Collection[str],
        minutes: int,
        reason: str,
        told: str,
        event_id: UUID,
    ) -> Change[Grant]:
        """Lets the caller's role apply at these stores too, for at most an hour from now.

        `told` is the other person who hears of it at once and may review it. Never through a client.

        Raises:
            InvalidValue, Denied. The change: UnknownThing (store), PolicyConflict if `told` is the caller or may not review, Denied.
        """
        if not 1 <= len(reason) <= REASON_CHARS_MAX or reason.isspace():
            raise InvalidValue(Code.REASON_FORM, "reason", {"most": REASON_CHARS_MAX})
        if not 1 <= minutes <= BREAK_GLASS_MAX.total_seconds() // 60:
            raise InvalidValue(Code.NUMBER_OUT_OF_RANGE, "minutes", {"least": 1, "most": 60})
        decision = self.require(principal, Action.BREAK_GLASS_OPEN, Resource("break_glass"))
        if decision.principal.key_id is not None:
            raise Denied(replace(decision, allowed=False, code=Code.ROLE_LACKS_ACTION))
        starts_at = self._clock()
        grant = Grant(
            id=self._entropy(ID_BYTES).hex(),
            kind=GrantKind.BREAK_GLASS,
            principal=principal.id,
            stores=_codes(stores, STORES_MAX, "stores"),
            classes=None,
            dates_from=None,
            dates_until=None,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            given_by=principal.id,
            told=told,
        )

        def check(tx: Transaction) -> None:
            directory = self.directory_in(tx)
            second = directory.people.get(told)
            if told == principal.id or second is None or Action.BREAK_GLASS_REVIEW.value not in second.scopes:
                raise PolicyConflict(Code.SECOND_PERSON_UNFIT, "told")
            _require_stores(grant, directory.stores)

        content: dict[str, JSON] = {"minutes": minutes, "stores": _listed(grant.stores), "told": told}
        asked = Asked(principal, Action.BREAK_GLASS_OPEN, Resource("break_glass"), event_id, content)
        return self._give(asked, grant, GLASS_BROKEN, check, self._log.personal(principal.id, "reason", reason))

    def acknowledge_glass(self, principal: Principal, grant_id: str, *, event_id: UUID) -> Change[Grant]:
        """The second person says that they heard of a broken glass; nobody says it for them, and no client does.

        Raises:
            UnknownThing, Denied. The change: PolicyConflict if they said so before, Denied.
        """
        decision = self.require(principal, Action.BREAK_GLASS_REVIEW, Resource("break_glass"))
        known = self._required_glass(principal, grant_id)
        if known.told != decision.principal.id:
            raise Denied(replace(decision, allowed=False, code=Code.NOT_TOLD))

        def acknowledged(tx: Transaction, grant: Grant) -> Grant:
            if grant.acknowledged_at is not None:
                raise PolicyConflict(Code.ALREADY_ACKNOWLEDGED, "grant")
            return replace(grant, acknowledged_at=tx.now)

        return self._alter(principal, Action.BREAK_GLASS_REVIEW, known, GLASS_ACKNOWLEDGED, acknowledged, {}, event_id)

    def review_glass(self, principal: Principal, grant_id: str, review: Review, *, event_id: UUID) -> Change[Grant]:
        """What a review of a broken glass came to; once, and never by whoever broke it.

        Raises:
            UnknownThing, Denied. The change: PolicyConflict if it was reviewed, Denied.
        """
        decision = self.require(principal, Action.BREAK_GLASS_REVIEW, Resource("break_glass"))
        known = self._required_glass(principal, grant_id)
        if known.principal == principal.person:
            raise Denied(replace(decision, allowed=False, code=Code.OWN_REVIEW))

        def reviewed(_tx: Transaction, grant: Grant) -> Grant:
            if grant.review is not None:
                raise PolicyConflict(Code.ALREADY_REVIEWED, "grant")
            return replace(grant, review=review, reviewed_by=principal.person)

        data: dict[str, JSON] = {"review": review.value}
        return self._alter(principal, Action.BREAK_GLASS_REVIEW, known, GLASS_REVIEWED, reviewed, data, event_id)

    # ------------------------------------------------------------------------------------------- steps

    def _required_grant(self, principal: Principal, action: Action, grant_id: str) -> Grant:
        # That there is nothing learns only who might have done it if there were.
        known = self.find_grant(grant_id)
        if known is None:
            self.require(principal, action, Resource("grant", grant_id))
            raise UnknownThing(Code.GRANT_UNKNOWN, "grant")
        return known

    def _required_glass(self, principal: Principal, grant_id: str) -> Grant:
        known = self._required_grant(principal, Action.BREAK_GLASS_REVIEW, grant_id)
        if known.kind is not GrantKind.BREAK_GLASS:
            raise UnknownThing(Code.GRANT_UNKNOWN, "grant")
        return known

    def _give(
        self, asked: Asked, grant: Grant, event_type: str, check: Callable[[Transaction], None], *sealed: PersonalField
    ) -> Change[Grant]:
        def draft(tx: Transaction) -> Draft:
            check(tx)
            subjects = (Subject("grant", grant.id), Subject("person", grant.principal))
            return Draft(event_type, subjects, {"grant": grant.id, **_said(grant)}, sealed)

        def apply(tx: Transaction, entry: Entry) -> Grant:
            tx.put(entry, rows.GRANT_ROWS, (grant.id,), rows.grant_values(grant))
            return grant

        return self._change(asked, draft, apply)

    def _alter(
        self,
        principal: Principal,
        action: Action,
        known: Grant,
        event_type: str,
        alter: Callable[[Transaction, Grant], Grant],
        data: dict[str, JSON],
        event_id: UUID,
    ) -> Change[Grant]:
        key = (known.id,)

        def altered(tx: Transaction) -> Grant:
            values = tx.get(rows.GRANT_ROWS, key)
            return alter(tx, rows.grant_of(known.id, values or rows.grant_values(known)))

        def draft(tx: Transaction) -> Draft:
            altered(tx)
            subjects = (Subject("grant", known.id), Subject("person", known.principal))
            return Draft(event_type, subjects, {"grant": known.id, **data})

        def apply(tx: Transaction, entry: Entry) -> Grant:
            grant = altered(tx)
            tx.put(entry, rows.GRANT_ROWS, key, rows.grant_values(grant))
            return grant

        content: dict[str, JSON] = {"grant": known.id, "step": event_type, **data}
        asked = Asked(
            principal, action, Resource("grant", known.principal), event_id, content, ((rows.GRANT_ROWS, key),)
        )
        return self._change(asked, draft, apply)


def _codes(codes: Collection[str] | None, most: int, member: str) -> frozenset[str] | None:
    if codes is None:
        return None
    if not 1 <= len(codes) <= most or not all(map(is_code, codes)):
        raise InvalidValue(Code.CODES_UNFIT, member, {"most": most})
    return frozenset(codes)


def _overlap(grant: Grant, other: Grant) -> bool:
    end = other.ends_at if other.ended_at is None else other.ended_at
    return other.kind is grant.kind and grant.starts_at < end and other.starts_at < grant.ends_at


def _require_stores(grant: Grant, known: Mapping[str, Store]) -> None:
    if grant.stores is not None and not grant.stores <= known.keys():
        raise UnknownThing(Code.STORE_UNKNOWN, "stores")


def _said(grant: Grant) -> dict[str, JSON]:
    """What an entry says of it; what limits nothing is absent."""
    said: dict[str, JSON] = {
        "principal": grant.principal,
        "starts_at": format_time(time_us(grant.starts_at)),
        "ends_at": format_time(time_us(grant.ends_at)),
    }
    if grant.kind is GrantKind.ENGAGEMENT:
        said["nda_on_file"] = True
    for name, codes in (("stores", grant.stores), ("classes", grant.classes)):
        if codes is not None:
            said[name] = _listed(codes)
    for name, moment in (("dates_from", grant.dates_from), ("dates_until", grant.dates_until)):
        if moment is not None:
            said[name] = format_time(time_us(moment))
    return said if grant.told is None else {**said, "told": grant.told}


def _listed(codes: frozenset[str] | None) -> list[JSON]:
    return [*sorted(codes or ())]
