"""Changes of API keys: issuing and revoking.

- The secret is drawn when the change is built, shown in its result once, and kept as a hash. A call that is repeated
  gets its first receipt and no secret: whoever lost it revokes the key and issues another.
- A key's scopes are a part of what machine clients are permitted; its stores are its client's. It always expires.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.event import Subject, format_time, time_us
from policies import store as rows
from policies.codes import Code
from policies.errors import InvalidValue, PolicyConflict, UnknownThing
from policies.event_types import KEY_ISSUED, KEY_REVOKED
from policies.keys import hash_key, new_key
from policies.model import Action, ApiKey, IssuedKey, Principal, PrincipalKind, Resource
from policies.rules import (
    KEY_LIFETIME_DEFAULT,
    KEY_LIFETIME_MAX,
    QUOTA_PER_MONTH_MAX,
    RATE_PER_MINUTE_DEFAULT,
    RATE_PER_MINUTE_MAX,
    are_scopes,
    is_expiry,
)
from policies.writing import Asked, Draft, Writing, require_range

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from storage.transaction import Change, Transaction


class KeyWrites(Writing):
    """API keys of machine clients."""

    def issue_key(
        self,
        principal: Principal,
        client_id: str,
        *,
        scopes: Collection[str],
        expires_at: datetime | None = None,
        rate_per_minute: int = RATE_PER_MINUTE_DEFAULT,
        quota_per_month: int | None = None,
        event_id: UUID,
    ) -> Change[IssuedKey]:
        """A new key for a machine client; by default it expires after a year and has no monthly quota.

        Raises:
            InvalidValue, Denied. The change: UnknownThing (client), InvalidValue (expiry), Denied.
        """
        if not are_scopes(scopes, self.directory().bundle):
            raise InvalidValue(Code.SCOPES_UNFIT, "scopes")
        _check_bounds(rate_per_minute, quota_per_month)
        prefix, secret = new_key(self._entropy)
        order = _Order(
            prefix, client_id, hash_key(secret), frozenset(scopes), expires_at, rate_per_minute, quota_per_month
        )

        def draft(tx: Transaction) -> Draft:
            _require_client(tx, client_id)
            if tx.get(rows.KEY_ROWS, (prefix,)) is not None:
                raise PolicyConflict(Code.ID_TAKEN)
            data: dict[str, JSON] = {
                **order.limits(),
                "expires_at": format_time(time_us(order.key(tx.now).expires_at)),
                "key": prefix,
                "principal": client_id,
            }
            return Draft(KEY_ISSUED, (Subject("api_key", prefix), Subject("api_client", client_id)), data)

        def apply(tx: Transaction, entry: Entry) -> IssuedKey:
            key = order.key(tx.now)
            tx.put(entry, rows.KEY_ROWS, (prefix,), rows.key_values(key))
            return IssuedKey(secret, key)

        return self._change(_asked(principal, client_id, event_id, order.content()), draft, apply)

    def revoke_key(self, principal: Principal, key_id: str, *, event_id: UUID) -> Change[ApiKey]:
        """Ends a key at once: no change that has not been committed yet goes through with it.

        Raises:
            Denied. The change: UnknownThing, PolicyConflict if it is revoked, Denied.
        """

        def key_in(tx: Transaction) -> ApiKey:
            values = tx.get(rows.KEY_ROWS, (key_id,))
            if values is None:
                raise UnknownThing(Code.API_KEY_UNKNOWN, "key")
            return rows.key_of(key_id, values)

        def draft(tx: Transaction) -> Draft:
            key = key_in(tx)
            if key.revoked_at is not None:
                raise PolicyConflict(Code.ALREADY_REVOKED, "key")
            subjects = (Subject("api_key", key_id), Subject("api_client", key.principal))
            return Draft(KEY_REVOKED, subjects, {"key": key_id, "principal": key.principal})

        def apply(tx: Transaction, entry: Entry) -> ApiKey:
            revoked = replace(key_in(tx), revoked_at=tx.now)
            tx.put(entry, rows.KEY_ROWS, (key_id,), rows.key_values(revoked))
            return revoked

        return self._change(_asked(principal, key_id, event_id, {"revoke": key_id}), draft, apply)


@dataclass(frozen=True, slots=True)
class _Order:
    """A key as it was asked for; when it is issued, and by default when it expires, the log's time says."""

    prefix: str
    client_id: str
    secret_hash: bytes
    scopes: frozenset[str]
    expires_at: datetime | None
    rate_per_minute: int
    quota_per_month: int | None

    def key(self, now: datetime) -> ApiKey:
        """The key, issued now."""
        expiry = now + KEY_LIFETIME_DEFAULT if self.expires_at is None else self.expires_at
        if not is_expiry(expiry, now):
            raise InvalidValue(Code.EXPIRY_OUT_OF_RANGE, "expires_at", {"most": KEY_LIFETIME_MAX.days})
        return ApiKey(
            self.prefix,
            self.client_id,
            self.secret_hash,
            self.scopes,
            now,
            expiry,
            None,
            self.rate_per_minute,
            self.quota_per_month,
        )

    def limits(self) -> dict[str, JSON]:
        """What it narrows to, as entries say it."""
        found: dict[str, JSON] = {"rate_per_minute": self.rate_per_minute, "scopes": [*sorted(self.scopes)]}
        if self.quota_per_month is not None:
            found["quota_per_month"] = self.quota_per_month
        return found

    def content(self) -> dict[str, JSON]:
        """What the caller asked for; nothing that was drawn."""
        found: dict[str, JSON] = {"issue": self.client_id, **self.limits()}
        if self.expires_at is not None:
            found["expires_at"] = format_time(time_us(self.expires_at))
        return found


def _check_bounds(rate_per_minute: int, quota_per_month: int | None) -> None:
    require_range(rate_per_minute, 1, RATE_PER_MINUTE_MAX, "rate_per_minute")
    if quota_per_month is not None:
        require_range(quota_per_month, 1, QUOTA_PER_MONTH_MAX, "quota_per_month")


def _asked(principal: Principal, resource_id: str, event_id: UUID, content: dict[str, JSON]) -> Asked:
    return Asked(principal, Action.KEYS_MANAGE, Resource("api_key", resource_id), event_id, content)


def _require_client(tx: Transaction, client_id: str) -> None:
    values = tx.get(rows.PRINCIPAL_ROWS, (client_id,))
    if values is None or rows.principal_of(client_id, values).kind is not PrincipalKind.API_CLIENT:
        raise UnknownThing(Code.CLIENT_UNKNOWN, "client")
    if tx.get(rows.ERASURE_ROWS, (client_id,)) is not None:
        raise UnknownThing(Code.CLIENT_UNKNOWN, "client")
