"""Entries about the care of keys: an epoch rolled, the root key changed. No key, and nothing that follows from one, is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.event import Actor, Decided, Event, Subject
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from storage.model import Committed
    from storage.opening import Storage
    from storage.transaction import Transaction

KEYSTORE_ROLLED: Final = "keystore.rolled"
KEYSTORE_ROOT_CHANGED: Final = "keystore.root_changed"

EVENT_TYPES: Final = frozenset({KEYSTORE_ROLLED, KEYSTORE_ROOT_CHANGED})
"""Every type of entry written here."""


def record_key_care(
    storage: Storage,
    event_type: str,
    data: Mapping[str, JSON],
    *,
    actor: Actor,
    event_id: UUID,
    decide: Callable[[Transaction], Decided] | None = None,
) -> Committed[Entry]:
    """Appends an entry that says what was done to the key store."""

    def run(tx: Transaction) -> Entry:
        return tx.append(
            Event(
                type=event_type,
                subjects=(Subject("log", storage.log.origin),),
                data=dict(data),
                actor=actor,
                event_id=event_id,
                decision=None if decide is None else decide(tx),
            )
        )

    return storage.log.commit(Change(run))
