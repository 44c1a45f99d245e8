"""The directory: areas, stores, principals, assignments and keys as of one version, immutable, in memory.

- A snapshot answers every question without I/O. Whoever holds one keeps a consistent picture, however old.
- Each active person and each key has its `Principal` ready: stores in reach are worked out here, once a version.
- A store belongs to its area as of this version: when it moves, the old area's manager loses it, history included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from audit.event import time_us
from policies.codes import Code
from policies.engine import Bundle, shipped
from policies.grants.model import Grant, GrantKind, GrantState
from policies.model import (
    AccountState,
    ApiKey,
    Area,
    Assignment,
    Channel,
    Principal,
    PrincipalKind,
    PrincipalRecord,
    PrincipalState,
    Reach,
    Role,
    ScopeKind,
    Store,
)
from policies.rules import ASSIGNABLE, REACH, policy_at

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything decisions rest on, as of one version.

    Attributes:
        version: index of the last entry that changed any of it; 0 before the first.
        mark: that entry's leaf hash; empty before the first.
        bundle: the policies that decide.
        policy: how entries name this state of things: `cedar-3f8a0c12b5d6e7f9@57`.
        areas, stores, records, keys: by code or id, those that are closed or revoked included.
        assignments: in force, by principal.
        erased: people whose personal key was destroyed.
        grants: engagements and broken glasses, past ones too, by principal.
        timed: people whose reach depends on the moment: see `at`.
        people, by_key: principals ready to be decided on, by their own or their key's id.
    """

    version: int
    mark: bytes
    bundle: Bundle = field(repr=False)
    policy: str
    areas: Mapping[str, Area]
    stores: Mapping[str, Store]
    records: Mapping[str, PrincipalRecord]
    assignments: Mapping[str, tuple[Assignment, ...]]
    keys: Mapping[str, ApiKey]
    erased: frozenset[str]
    people: Mapping[str, Principal] = field(repr=False)
    by_key: Mapping[str, Principal] = field(repr=False)
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=lambda: MappingProxyType({}))
    timed: frozenset[str] = frozenset()

    def standing(self, principal_id: str) -> Code:
        """Whether a principal may call at all: `ALLOWED`, or why not."""
        record = self.records.get(principal_id)
        if record is None:
            return Code.PRINCIPAL_UNKNOWN
        if principal_id in self.erased:
            return Code.PRINCIPAL_ERASED
        return Code.ALLOWED if record.state is PrincipalState.ACTIVE else Code.PRINCIPAL_CLOSED

    def state_of(self, record: PrincipalRecord) -> AccountState:
        """How an account stands."""
        return AccountState.ERASED if record.id in self.erased else AccountState(record.state.value)

    def renew(self, principal: Principal) -> tuple[Principal, Code]:
        """The principal as of this version, and `ALLOWED`; or as it was, and why it may call no more.

        That a key expires is seen when it signs in, not here: time is not part of a version.
        """
        if principal.version == self.version or principal.kind is PrincipalKind.SYSTEM:
            return principal, Code.ALLOWED
        standing = self.standing(principal.id)
        if standing is not Code.ALLOWED:
            return principal, standing
        if principal.key_id is None:
            current = self.people.get(principal.id)
            if current is None:
                return principal, Code.PRINCIPAL_UNKNOWN
            return _calling(current, principal), Code.ALLOWED
        key = self.keys.get(principal.key_id)
        if key is None or key.revoked_at is not None:
            return principal, Code.KEY_REVOKED
        client = self.by_key[key.id]
        if principal.acting_for is None:
            return client, Code.ALLOWED
        person = self.people.get(principal.acting_for)
        return (principal, Code.ACTING_FOR_NOT_A_PERSON) if person is None else (acting(client, person), Code.ALLOWED)

    def visible_stores(self, principal: Principal) -> frozenset[str] | None:
        """The stores a list may show to the principal as of this version; None: every store."""
        renewed, code = self.renew(principal)
        return renewed.stores if code is Code.ALLOWED else frozenset()

    def at(self, principal: Principal, now: datetime) -> Principal:
        """A principal of this version as their engagement stands at a moment; most have none, and stay as they are."""
        if principal.emergency:
            whole = self.people.get(principal.id, principal)
            principal = _calling(whole, principal)
        person_id = principal.acting_for or principal.id
        if person_id not in self.timed or principal.kind is PrincipalKind.SYSTEM:
            return principal
        person = engaged(self.people[person_id], self.grants.get(person_id, ()), self.stores, now)
        if principal.acting_for is None:
            return _calling(person, principal)
        return acting(self.by_key[str(principal.key_id)], person)

    def glass(self, principal: Principal, now: datetime) -> Principal | None:
        """The principal at the stores for which they have broken the glass; None: it is whole."""
        if principal.key_id is not None or principal.id not in self.grants:
            return None
        for grant in self.grants[principal.id]:
            if grant.kind is GrantKind.BREAK_GLASS and grant.state_at(now) is GrantState.RUNNING:
                return replace(principal, stores=grant.stores, grant=grant.id, emergency=True)
        return None


def acting(client: Principal, person: Principal) -> Principal:
    """The client acting for the person: only what both may, where both may."""
    if client.stores is None:
        stores = person.stores
    else:
        stores = client.stores if person.stores is None else client.stores & person.stores
    return Principal(
        client.id,
        client.kind,
        client.role,
        stores,
        client.scopes & person.scopes,
        client.key_id,
        person.id,
        person.classes,
        person.from_us,
        person.until_us,
        person.grant,
        person.lapsed,
        version=client.version,
        channel=client.channel,
    )


def _calling(person: Principal, caller: Principal) -> Principal:
    """A person as of a version, with what is known of how they call."""
    return replace(person, signed_in=caller.signed_in, channel=caller.channel)


def engaged(person: Principal, grants: Iterable[Grant], stores: Iterable[str], now: datetime) -> Principal:
    """An auditor as their engagement stands at a moment; without one that runs they reach nothing.

    An engagement for some classes or dates is none for what is the whole organisation's: it reaches every store by name.
    """
    for grant in grants:
        if grant.kind is GrantKind.ENGAGEMENT and grant.state_at(now) is GrantState.RUNNING:
            reached = grant.stores if grant.stores is not None or grant.whole else frozenset(stores)
            return replace(
                person,
                stores=reached,
                classes=grant.classes,
                from_us=None if grant.dates_from is None else time_us(grant.dates_from),
                until_us=None if grant.dates_until is None else time_us(grant.dates_until),
                grant=grant.id,
            )
    return replace(person, stores=frozenset(), lapsed=True)


def build_directory(
    *,
    version: int,
    mark: bytes,
    areas: Iterable[Area],
    stores: Iterable[Store],
    records: Iterable[PrincipalRecord],
    assignments: Iterable[Assignment],
    keys: Iterable[ApiKey],
    erased: Iterable[str],
    grants: Iterable[Grant] = (),
    bundle: Bundle | None = None,
) -> Directory:
    """A snapshot of these values; without a bundle, the one that Chopbook ships decides."""
    deciding = shipped() if bundle is None else bundle
    granted: dict[str, list[Grant]] = {}
    for grant in sorted(grants, key=lambda grant: (grant.starts_at, grant.id)):
        granted.setdefault(grant.principal, []).append(grant)
    stores_by_code = {store.code: store for store in stores}
    by_area: dict[str, set[str]] = {}
    for store in stores_by_code.values():
        by_area.setdefault(store.area, set()).add(store.code)
    assigned: dict[str, list[Assignment]] = {}
    for assignment in sorted(assignments):
        assigned.setdefault(assignment.principal, []).append(assignment)
    gone = frozenset(erased)
    known = {record.id: record for record in records}
    reach = {record.id: _reach(record, assigned.get(record.id, ()), by_area) for record in known.values()}
    keys_by_id = {key.id: key for key in keys}
    return Directory(
        version=version,
        mark=mark,
        bundle=deciding,
        policy=policy_at(deciding, version),
        areas=_frozen({area.code: area for area in areas}),
        stores=_frozen(stores_by_code),
        records=_frozen(known),
        assignments=_frozen({principal: tuple(found) for principal, found in assigned.items()}),
        keys=_frozen(keys_by_id),
        erased=gone,
        people=_frozen(
            {
                record.id: _principal(record, reach[record.id], deciding.scopes(record.role), None, version)
                for record in known.values()
                if record.kind is PrincipalKind.PERSON
                and record.state is PrincipalState.ACTIVE
                and record.id not in gone
            }
        ),
        by_key=_frozen(
            {
                key.id: _principal(known[key.principal], reach[key.principal], key.scopes, key.id, version)
                for key in keys_by_id.values()
            }
        ),
        grants=_frozen({principal: tuple(found) for principal, found in granted.items()}),
        timed=frozenset(record.id for record in known.values() if record.role is Role.AUDITOR) - gone,
    )


def _reach(
    record: PrincipalRecord, assigned: Iterable[Assignment], by_area: Mapping[str, set[str]]
) -> frozenset[str] | None:
    if REACH[record.role] is Reach.ALL:
        return None
    found: set[str] = set()
    for assignment in assigned:
        if assignment.kind not in ASSIGNABLE[record.role]:
            continue
        if assignment.kind is ScopeKind.ALL:
            return None
        if assignment.kind is ScopeKind.AREA:
            found |= by_area.get(assignment.target, set())
        else:
            found.add(assignment.target)
    return frozenset(found)


def _principal(
    record: PrincipalRecord, stores: frozenset[str] | None, scopes: frozenset[str], key_id: str | None, version: int
) -> Principal:
    channel = None if key_id is None else Channel.DEVICE
    return Principal(record.id, record.kind, record.role, stores, scopes, key_id, version=version, channel=channel)


def _frozen(values: dict[str, V]) -> Mapping[str, V]:
    return MappingProxyType(values)
