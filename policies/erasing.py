"""Erasing a person: everything that is held of them in clear.

- Erasing destroys the key. The entry says that somebody was erased, by whom and why, not who: its one subject is the
  erasure itself. The account, if there is one, can never sign in again.
- Whoever an open request or a hold is about is not erased before it has ended (PDPO s.19(3)(a)); rooms above say so through a keeper.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from audit.event import Subject
from policies import store as rows
from policies.codes import Code
from policies.errors import PolicyConflict, UnknownThing
from policies.event_types import PRIVACY_ERASED
from policies.model import Action, ErasureGround, Principal, Resource
from policies.writing import Asked, Draft, Writing
from storage.errors import KeyMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from storage.either import Reader
    from storage.model import Head
    from storage.transaction import Change, Transaction

    Keeper = Callable[[Reader, str], Sequence[str]]

PERSON_KEY: str = "person"
"""The kind of a person's key in the key store."""

NEEDED_NAMED_MAX = 5
"""Cases and matters that a refusal to erase names."""

_LOGGER = logging.getLogger(__name__)


class Erasing(Writing):
    """Erasure."""

    _erasing = False
    _keepers: dict[str, Keeper]

    def keep_people(self, room: str, keeper: Keeper) -> None:
        """Lets a room say why nothing of a person may be erased now: the cases and matters that need it, by name; empty: nothing does.

        It is asked under the log's lock, with what that sees.
        """
        self._keepers[room] = keeper

    def erase_person(
        self,
        principal: Principal,
        person_id: str,
        *,
        ground: ErasureGround = ErasureGround.REQUESTED,
        event_id: UUID,
    ) -> Change[None]:
        """Erases everything that is held of a person in clear, by destroying their key; any person id will do.

        The key is destroyed once the entry is durable and before the committing caller is answered. Should the key
        store fail just then, the next commit, the next start and `complete_erasures` do it: call that one after the
        commit to be sure.

        Raises:
            UnknownThing: no such person: neither an account nor a key.
            PolicyConflict: own account.
            Denied. The change: PolicyConflict if it was done before, or an open request or a hold needs it; Denied.
        """
        refuse_own(principal, person_id)
        content: dict[str, JSON] = {"ground": ErasureGround(ground).value, "person": person_id}
        # The resource names nobody: a denial of it is an entry too.
        asked = Asked(principal, Action.PEOPLE_ERASE, Resource("person"), event_id, content)
        self.require(principal, asked.action, asked.resource)
        if not self._is_known(person_id):
            raise UnknownThing(Code.PERSON_UNKNOWN, "person")

        def draft(tx: Transaction) -> Draft:
            if tx.get(rows.ERASURE_ROWS, (person_id,)) is not None:
                raise PolicyConflict(Code.ALREADY_ERASED, "person")
            needed = [one for keeper in self._keepers.values() for one in keeper(tx, person_id)]
            if needed:
                raise PolicyConflict(Code.PERSON_NEEDED, "person", {"matters": ", ".join(needed[:NEEDED_NAMED_MAX])})
            return Draft(PRIVACY_ERASED, (Subject("erasure", str(event_id)),), {"ground": ground.value})

        def apply(tx: Transaction, entry: Entry) -> None:
            tx.put(entry, rows.ERASURE_ROWS, (person_id,), (entry.recorded_at,))
            self._erasing = True

        return self._change(asked, draft, apply)

    def complete_erasures(self) -> int:
        """Destroys the key of everybody whose erasure is in the log; returns how many were still there.

        For the start of a process, after a restore of the key store, and after the commit of an erasure.

        Raises:
            StorageError: the key store or the database failed; call again.
        """
        with self._database.read() as connection:
            erased = rows.read_erased(connection)
        kept = erased.intersection(self._keys.ids(PERSON_KEY)) if erased else frozenset()
        return sum(self._keys.destroy(PERSON_KEY, person) for person in sorted(kept))

    def _committed(self, head: Head) -> None:
        super()._committed(head)
        if self._erasing:
            try:
                self.complete_erasures()
            except Exception:  # a listener must not raise, and nothing is lost: see `erase_person`
                _LOGGER.exception("erasure: expected the key to be destroyed, got an error; it will be tried again")
            else:
                self._erasing = False

    def _is_known(self, person_id: str) -> bool:
        if person_id in self.fresh_directory().records:
            return True
        with self._database.read() as connection:
            if person_id in rows.read_erased(connection):
                return True
        try:
            self._keys.get(PERSON_KEY, person_id)
        except KeyMissing:
            return False
        return True


def refuse_own(principal: Principal, principal_id: str) -> None:
    """Check that nobody acts on their own account.

    Raises:
        PolicyConflict: it is their own.
    """
    if principal_id in {principal.id, principal.acting_for}:
        raise PolicyConflict(Code.OWN_ACCOUNT, "principal")
