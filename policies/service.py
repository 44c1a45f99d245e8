"""The front door of the policies room.

    principal = policies.authenticate_key(secret, now)
    decision = policies.require(principal, Action.STOCK_ADJUST, Resource.at("stock", ["MK01"]))
    ...                       # inside the change: Event(..., decision=policies.confirm(tx, decision))

    log.commit(policies.create_store(principal, code="MK01", area="KLN", ..., event_id=event_id))

Methods that write return a Change, and the caller commits it. What they raise before that, they raise at once; what is
listed as "The change:" comes out of the commit.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from audit.entry import parse_members
from policies import store
from policies.bundles.activating import Bundles
from policies.clients import KeyWrites
from policies.erasing import Erasing
from policies.grants.acting import GrantWrites
from policies.leaving import Leaving
from policies.organisation import OrganisationWrites
from policies.pending.model import PendingKind
from policies.people import PeopleWrites
from policies.quota import Meter, month_of
from policies.residency.bundling import ResidencyPart
from policies.residency.writes import ResidencyWrites
from policies.sessions.acting import PageSessions
from policies.unmasking.acting import Unmasking
from policies.using.acting import Using
from storage.personal import Erased, reveal_personal
from storage.reading import read_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from policies.model import Principal
    from policies.usage import Allowance, KeyUsage
    from storage.database import Database
    from storage.keystore import KeyStore
    from storage.log import Log

__all__ = ["Policies"]


class Policies(
    OrganisationWrites,
    Erasing,
    PeopleWrites,
    KeyWrites,
    ResidencyWrites,
    Bundles,
    GrantWrites,
    PageSessions,
    Unmasking,
    Using,
    Leaving,
):
    """Who may do what, where; safe to share between threads. One for each process and log."""

    def __init__(
        self,
        database: Database,
        log: Log,
        keys: KeyStore,
        *,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Loads the snapshot, and completes erasures that an earlier process left half done."""
        super().__init__(database, log, keys, clock=clock, entropy=entropy)
        self._followers = {}
        self._keepers = {}
        self._meter: Final = Meter(database)
        self.complete_erasures()
        self.join(ResidencyPart())
        self.follow_pending(PendingKind.BUNDLE, self._bundle_settled)

    def admit(self, principal: Principal, now: datetime) -> Allowance:
        """Counts a call of the principal against rate and monthly quota.

        Raises:
            RateLimited, QuotaExceeded: not this one.
            StorageError: calls could not be reserved; try again.
        """
        key = None if principal.key_id is None else self._directory.keys.get(principal.key_id)
        return self._meter.admit(principal, key, now)

    def display_names(self, person_ids: Iterable[str]) -> dict[str, str | None]:
        """The names of people; None for who is erased, absent for who is unknown or no person."""
        records = self.directory().records
        names: dict[str, str | None] = {}
        with self._database.read() as connection:
            for person_id in person_ids:
                record = records.get(person_id)
                if record is None or record.name_entry is None:
                    continue
                members = parse_members(read_entry(connection, record.name_entry).bytes)
                digests = members.get("personal", {})
                value = reveal_personal(connection, self._keys, record.name_entry, digests).get("display_name")
                names[person_id] = None if isinstance(value, Erased) else value
        return names

    def key_usage(self, key_ids: Iterable[str], now: datetime) -> dict[str, KeyUsage]:
        """How keys were used this month, as far as it is written; keys never used are absent."""
        with self._database.read() as connection:
            return store.read_usage(connection, list(key_ids), month_of(now))

    def housekeeping(self, now: datetime) -> None:
        """What a process does every few seconds: summaries of minutes that are over, bundles that are due, when keys were used.

        Raises:
            StorageError: not now; nothing is lost.
        """
        self.write_summaries(now)
        self.activate_due(now)
        self._meter.write_last_used()

    def close(self, now: datetime) -> None:
        """The end of a process, before its log is closed: writes what is gathered, gives back reserved calls."""
        self.write_summaries(now, everything=True)
        self._meter.close()
