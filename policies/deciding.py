"""Decisions: from a snapshot in memory, current as far as it is cheap to know, and confirmed under the log's lock.

How a decision stays true while others change what it rests on:

- A change made by this process makes the snapshot stale before its caller is answered; the next question reloads it.
  Nothing else happens on the hot path.
- A change made by another process is noticed by one small read: before every read action, and before a key or person
  is refused as unknown. Actions that write skip it, because their change calls `confirm`.
- `confirm` compares versions under the log's lock and decides again if they moved. No write rests on an old decision.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from policies import store
from policies.basis import decided
from policies.codes import Code
from policies.directory import acting
from policies.errors import Denied, NotAuthenticated, StepUpRequired
from policies.keys import is_key, prefix_of
from policies.model import (
    SYSTEM_ID,
    Action,
    Channel,
    Decision,
    Principal,
    PrincipalKind,
    Resource,
    Role,
    SignIn,
)
from policies.rules import CONFIRMED, decide
from policies.step_up import StepUp, is_recent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from audit.event import Decided
    from policies.calendar import Calendar
    from policies.directory import Directory
    from storage.database import Database
    from storage.keystore import KeyStore
    from storage.log import Log
    from storage.model import Head
    from storage.transaction import Transaction


class Deciding:
    """Snapshot, sign-in and decisions; safe to share between threads."""

    reads: Final = ((store.HEAD_ROWS, store.HEAD_KEY),)
    """What `confirm` reads: give it to `Change.reads`, together with what the change itself reads."""
    step_up = StepUp()
    """What is asked of a sign-in for what is sensitive."""

    def __init__(
        self,
        database: Database,
        log: Log,
        keys: KeyStore,
        *,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._database: Final = database
        self._log: Final = log
        self._keys: Final = keys
        self._clock: Final = clock
        self._entropy: Final = entropy
        self._loading = threading.Lock()
        self._stale = False
        # Set by a change of ours at work; the listener turns it into `_stale` once something is durable.
        self._moving = False
        self._ahead: Directory | None = None
        with database.read() as connection:
            self._directory = store.read_directory(connection)
        log.on_commit(self._committed)

    # ------------------------------------------------------------------------------ the snapshot

    def directory(self) -> Directory:
        """Everything, as of the newest version this process has made or seen; costs nothing."""
        return self._reload() if self._stale else self._directory

    def fresh_directory(self) -> Directory:
        """Everything, as of the newest version of any process; costs one small read."""
        with self._database.read() as connection:
            head = store.read_head(connection)
        current = self._directory
        return current if not self._stale and head == (current.version, current.mark) else self._reload()

    def directory_in(self, tx: Transaction) -> Directory:
        """Everything as the transaction sees it, earlier changes of its batch included."""
        version, mark = store.head_of(tx.get(store.HEAD_ROWS, store.HEAD_KEY))
        for known in (self._directory, self._ahead):
            if known is not None and known.version == version and known.mark == mark:
                return known
        # Not published: the batch may yet be rolled back. The mark keeps it from being taken for another.
        self._ahead = ahead = store.load_directory(tx.select, version, mark)
        return ahead

    @property
    def calendar(self) -> Calendar:
        """The days that count, by the bundle that decides."""
        return self.directory().bundle.calendar

    def _reload(self) -> Directory:
        with self._loading:
            # Cleared before reading: a commit that comes between marks what is read now as stale again.
            self._stale = False
            try:
                with self._database.read() as connection:
                    version, mark = store.read_head(connection)
                    current = self._directory
                    if version != current.version or mark != current.mark:
                        self._directory = current = store.read_directory(connection)
            except BaseException:
                self._stale = True
                raise
            return current

    def _committed(self, _head: Head) -> None:
        """Called by the log after each durable batch, before its callers are answered."""
        if self._moving:
            self._moving = False
            self._stale = True

    # ----------------------------------------------------------------------------------- sign-in

    def authenticate_key(self, secret: str, now: datetime) -> Principal:
        """The machine client behind an API key.

        Raises:
            NotAuthenticated: no such key, or it is expired or revoked, or its client closed. Which of these it is,
                only the holder of the right secret can learn.
        """
        prefix = prefix_of(secret)
        if prefix is None:
            raise NotAuthenticated(Code.KEY_MALFORMED)
        directory = self._reload() if self._stale else self._directory
        key = directory.keys.get(prefix)
        if not is_key(secret, None if key is None else key.secret_hash):
            directory = self.fresh_directory()
            key = directory.keys.get(prefix)
            if not is_key(secret, None if key is None else key.secret_hash):
                raise NotAuthenticated(Code.KEY_UNKNOWN, prefix)
        if key is None:  # pragma: no cover - `is_key` is false then
            raise NotAuthenticated(Code.KEY_UNKNOWN, prefix)
        if key.revoked_at is not None:
            raise NotAuthenticated(Code.KEY_REVOKED, prefix)
        if now >= key.expires_at:
            raise NotAuthenticated(Code.KEY_EXPIRED, prefix)
        standing = directory.standing(key.principal)
        if standing is not Code.ALLOWED:
            raise NotAuthenticated(standing, prefix)
        return directory.by_key[prefix]

    def principal(
        self, principal_id: str, signed_in: SignIn | None = None, channel: Channel | None = None
    ) -> Principal:
        """The person a verified token names, when they signed in, as far as it says so, and by which way they call.

        Raises:
            NotAuthenticated: no such person, or the account is closed or erased. Machine clients sign in with keys.
        """
        found = self.directory().people.get(principal_id)
        if found is None:
            directory = self.fresh_directory()
            found = directory.people.get(principal_id)
            if found is None:
                standing = directory.standing(principal_id)
                code = Code.PRINCIPAL_UNKNOWN if standing is Code.ALLOWED else standing
                raise NotAuthenticated(code, principal_id)
        if signed_in is None and channel is None:
            return found
        return replace(found, signed_in=signed_in, channel=channel)

    def acting_for(self, client: Principal, person_id: str) -> Principal:
        """The client acting for a person: only what both may, where both may.

        Raises:
            NotAuthenticated: no such person, or the account is closed or erased.
        """
        person = self.principal(person_id)
        return acting(self.directory().renew(client)[0], person)

    def local_principal(self, role: Role = Role.OPERATOR) -> Principal:
        """Chopbook's own commands on its own box, in a role: whoever has the root key needs no other proof.

        It reaches every store. Entries name it `system` in that role.
        """
        scopes = self.directory().bundle.scopes(role)
        return Principal(SYSTEM_ID, PrincipalKind.SYSTEM, role, None, scopes, channel=Channel.CLI)

    def local_person(self, principal_id: str) -> Principal:
        """A person at Chopbook's own box: whoever is there has shown just now that they hold its root key.

        Raises:
            NotAuthenticated: no such person, or the account is closed or erased.
        """
        return self.principal(principal_id, SignIn(self._clock()), Channel.CLI)

    # --------------------------------------------------------------------------------- decisions

    def decide(self, principal: Principal, action: Action, resource: Resource) -> Decision:
        """Whether the principal may do it; what is confirmed under the head lock, as far as this process knows.

        `Decision.principal` is the principal as of the decision's version: go on with that one.
        """
        directory = self.directory() if action in CONFIRMED else self.fresh_directory()
        decision = decide_in(directory, principal, action, resource, now=self._clock())
        if decision.allowed or action not in CONFIRMED:
            return decision
        # A denial is confirmed by nobody: another process may have assigned or permitted meanwhile.
        fresh = self.fresh_directory()
        return decision if fresh is directory else decide_in(fresh, principal, action, resource, now=self._clock())

    def require(self, principal: Principal, action: Action, resource: Resource) -> Decision:
        """As `decide`, for those who cannot go on without.

        Raises:
            Denied: carries the decision, which explains itself.
        """
        decision = self.decide(principal, action, resource)
        if not decision.allowed:
            raise Denied(decision)
        return decision

    def require_recent(self, decision: Decision, level: int) -> None:
        """Checks that whom a decision allows to see something of this level signed in recently enough for it.

        Raises:
            StepUpRequired.
        """
        most = self.step_up.age_max(level)
        if most is not None and not is_recent(self.step_up, decision.principal, level, self._clock()):
            raise StepUpRequired(decision, most)

    def confirm(self, tx: Transaction, decision: Decision) -> Decided:
        """What the event says it was decided by; under the log's lock, decided again if anything has moved since.

        Raises:
            Denied: it is not allowed any more.
        """
        return self.basis(self._confirm(tx, decision))

    def basis(self, decision: Decision) -> Decided:
        """A decision as entries record it."""
        return decided(decision, self._directory.stores.keys())

    def _confirm(self, tx: Transaction, decision: Decision) -> Decision:
        if not decision.allowed:
            raise Denied(decision)
        head = tx.get(store.HEAD_ROWS, store.HEAD_KEY)
        if decision.version == (0 if head is None else head[0]) and decision.principal.grant is None:
            return decision
        again = decide_in(
            self.directory_in(tx),
            decision.principal,
            decision.action,
            decision.resource,
            now=max(tx.now, self._clock()),
        )
        if not again.allowed:
            raise Denied(again)
        return again


def decide_in(
    directory: Directory, principal: Principal, action: Action, resource: Resource, *, now: datetime
) -> Decision:
    """The decision a directory yields at a moment, the principal brought up to its version first.

    What a principal may do anyway rests on no broken glass; only what they may not is asked again with it.
    """
    renewed, standing = directory.renew(principal)
    if standing is not Code.ALLOWED:
        found = (directory.policy, directory.version, renewed, action, resource, directory.bundle)
        return Decision(False, standing, *found)
    standing_now = directory.at(renewed, now)
    decision = decide(directory.bundle, standing_now, action, resource, version=directory.version)
    glass = None if decision.allowed else directory.glass(standing_now, now)
    if glass is None or not resource.stores:
        return decision
    again = decide(directory.bundle, glass, action, resource, version=directory.version)
    return again if again.allowed or again.code is Code.BREAK_GLASS_BARRED else decision
