"""The directory as the log says it was at a version: read from the entries that moved it, not from any table.

- What decisions rest on is all there: the bundle that was activated, stores and their areas, roles, accounts, assignments, keys' scopes, access for a time.
- Names are not (they are personal), nor is whose data was erased: the entry of an erasure does not say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from audit.event import parse_time, time_of
from policies import event_types as types
from policies.bundles import model as bundles
from policies.directory import build_directory
from policies.grants import model as grants
from policies.grants.model import Grant, GrantKind
from policies.model import (
    ApiKey,
    Assignment,
    NegativeStockRule,
    PrincipalKind,
    PrincipalRecord,
    PrincipalState,
    Role,
    ScopeKind,
    Store,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from audit.entry import EntryMembers
    from policies.directory import Directory
    from policies.engine import Bundle


MOVING: Final = types.POLICY_EVENT_TYPES | {bundles.BUNDLE_ACTIVATED}
"""Types of entries that what decisions rest on is read from."""


class Rebuilt:
    """Stores, principals, assignments, keys and grants, moved entry by entry."""

    def __init__(self) -> None:
        self._stores: dict[str, Store] = {}
        self._records: dict[str, PrincipalRecord] = {}
        self._assignments: set[Assignment] = set()
        self._keys: dict[str, ApiKey] = {}
        self._grants: dict[str, Grant] = {}
        self.active: str | None = None
        """The digest of the bundle that was activated last; None: none ever was."""

    def move(self, entry: EntryMembers) -> None:
        """What one entry changed; those of `MOVING` must all come, in order."""
        data: dict[str, Any] = entry["data"]
        match entry["type"]:
            case types.STORE_CREATED:
                self._stores[data["store"]] = Store(data["store"], data["area"], "", "", NegativeStockRule.REFUSE)
            case types.STORE_CHANGED:
                store = self._stores[data["store"]]
                self._stores[store.code] = replace(store, area=data["after"].get("area", store.area))
            case types.ASSIGNMENT_ADDED:
                self._assignments.add(_assignment(data))
            case types.ASSIGNMENT_REMOVED:
                self._assignments.discard(_assignment(data))
            case types.KEY_ISSUED:
                self._keys[data["key"]] = _key(data, _moment(entry["recorded_at"]))
            case types.KEY_REVOKED:
                self._keys[data["key"]] = replace(self._keys[data["key"]], revoked_at=_moment(entry["recorded_at"]))
            case grants.GRANT_GIVEN | grants.GLASS_BROKEN:
                self._grants[data["grant"]] = _grant(data, broken=entry["type"] == grants.GLASS_BROKEN)
            case grants.GRANT_ENDED | grants.GLASS_CLOSED:
                self._grants[data["grant"]] = replace(
                    self._grants[data["grant"]], ended_at=_moment(entry["recorded_at"])
                )
            case bundles.BUNDLE_ACTIVATED:
                self.active = data["bundle"]
            case _:
                self._move_account(entry["type"], data)

    def _move_account(self, event_type: str, data: dict[str, Any]) -> None:
        match event_type:
            case types.PERSON_CREATED:
                self._open(data, PrincipalKind.PERSON)
            case types.CLIENT_CREATED:
                self._open(data, PrincipalKind.API_CLIENT)
            case types.PERSON_CHANGED:
                self._alter(data, role=Role(data["after"]["role"]))
            case types.PERSON_CLOSED | types.CLIENT_CLOSED:
                self._alter(data, state=PrincipalState.CLOSED)
            case types.PERSON_REOPENED | types.CLIENT_REOPENED:
                self._alter(data, state=PrincipalState.ACTIVE)

    def _open(self, data: dict[str, Any], kind: PrincipalKind) -> None:
        one = data["principal"]
        self._records[one] = PrincipalRecord(one, kind, Role(data["role"]), "", PrincipalState.ACTIVE, None)

    def _alter(self, data: dict[str, Any], **changes: Any) -> None:
        self._records[data["principal"]] = replace(self._records[data["principal"]], **changes)

    def directory(self, version: int, bundle: Bundle, ids: Collection[str]) -> Directory:
        """The directory at a version under a bundle, as far as these principals go."""
        return build_directory(
            version=version,
            mark=b"",
            areas=(),
            stores=self._stores.values(),
            records=[self._records[one] for one in ids if one in self._records],
            assignments=[one for one in self._assignments if one.principal in ids],
            keys=[one for one in self._keys.values() if one.principal in ids],
            erased=(),
            grants=[one for one in self._grants.values() if one.principal in ids],
            bundle=bundle,
        )


def _key(data: dict[str, Any], issued_at: datetime) -> ApiKey:
    return ApiKey(
        id=data["key"],
        principal=data["principal"],
        secret_hash=b"",
        scopes=frozenset(data["scopes"]),
        issued_at=issued_at,
        expires_at=_moment(data["expires_at"]),
        revoked_at=None,
        rate_per_minute=data["rate_per_minute"],
        quota_per_month=data.get("quota_per_month"),
    )


def _grant(data: dict[str, Any], *, broken: bool) -> Grant:
    stores, classes = data.get("stores"), data.get("classes")
    begin, end = data.get("dates_from"), data.get("dates_until")
    return Grant(
        id=data["grant"],
        kind=GrantKind.BREAK_GLASS if broken else GrantKind.ENGAGEMENT,
        principal=data["principal"],
        stores=None if stores is None else frozenset(stores),
        classes=None if classes is None else frozenset(classes),
        dates_from=None if begin is None else _moment(begin),
        dates_until=None if end is None else _moment(end),
        starts_at=_moment(data["starts_at"]),
        ends_at=_moment(data["ends_at"]),
        given_by="",
    )


def _assignment(data: dict[str, Any]) -> Assignment:
    kind = ScopeKind(data["scope"])
    return Assignment(data["principal"], kind, "" if kind is ScopeKind.ALL else data[kind.value])


def _moment(text: str) -> datetime:
    return time_of(parse_time(text))
