"""What every change of this room has in common: decide, then under the log's lock judge, append, write rows.

- A repeated event is recognised before anything is judged by the state that its own first time has left.
- The decision is confirmed under the lock; nothing rests on an old one.
- A change looks at everything first and writes only when nothing can be refused any more: a refusal then costs the
  other changes of its batch nothing.
- The request's digest covers what the caller asked for, without the note, which is personal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from audit.event import Event, Subject
from policies.model import Action, NegativeStockRule, Resource
from policies.refusals import Path
from stock import store as rows
from stock.errors import Code, UnknownThing
from stock.model import (
    LOT_CREATED,
    SUBJECT_DOCUMENT,
    SUBJECT_LOT,
    SUBJECT_SKU,
    SUBJECT_STOCK,
    Adjusted,
    Lot,
    Reason,
    Sku,
)
from stock.row_values import VALUES_KEPT, lot_of, lot_row, reason_of, sku_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from audit.event import Actor, Decided
    from policies.model import Decision, Principal, Store
    from policies.service import Policies
    from stock.rules import Move
    from storage import Database, KeyedRows, Log, PersonalField, Transaction

NOTE: Final = "note"
"""The personal field of everything a caller may remark."""

Reads = tuple[tuple["KeyedRows", tuple[str | int, ...]], ...]


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Asked:
    """A request that was allowed, ready to be tried: who, by what decision, and what makes it this request."""

    actor: Final[Actor]
    decision: Final[Decision]
    event_id: Final[UUID]
    digest: Final[bytes]
    note: Final[PersonalField | None] = None

    def event(
        self,
        kind: str,
        subjects: tuple[Subject, ...],
        data: Mapping[str, JSON],
        decided: Decided,
        *,
        event_id: UUID | None = None,
        with_note: bool = True,
    ) -> Event:
        """An event of this request; `event_id` if it is not the request's own."""
        note = self.note if with_note else None
        return Event(
            type=kind,
            subjects=subjects,
            data=data,
            actor=self.actor,
            event_id=event_id or self.event_id,
            personal={} if note is None else {note.field: note.digest},
            request=self.digest,
            decision=decided,
        )

    def personal(self) -> tuple[PersonalField, ...]:
        """The clear values behind the event."""
        return () if self.note is None else (self.note,)


class Writing:
    """The room's means, and the steps its changes share."""

    def __init__(self, database: Database, log: Log, policies: Policies) -> None:
        self._database: Final = database
        self._log: Final = log
        self._policies: Final = policies

    def _ask(
        self,
        principal: Principal,
        action: Action,
        resource: Resource,
        *,
        event_id: UUID,
        content: Mapping[str, JSON],
        note: str | None = None,
    ) -> Asked:
        """Decides, and prepares what needs no lock.

        Raises:
            Denied: the principal may not do this.
        """
        decision = self._policies.require(principal, action, resource)
        return self._asked(decision, event_id, content, note)

    def _asked(self, decision: Decision, event_id: UUID, content: Mapping[str, JSON], note: str | None) -> Asked:
        """What was allowed, with the digest of what was asked for; the note is no part of it."""
        principal = decision.principal
        return Asked(
            principal.actor,
            decision,
            event_id,
            self._log.request_digest({"action": decision.action.value, **content}),
            None if note is None else self._log.personal(principal.person, NOTE, note),
        )

    def _confirm(self, tx: Transaction, asked: Asked) -> Decided:
        """What to record as the decision.

        Raises:
            Replayed, EventIdReused: the event is in the log already.
            Denied: it is not allowed any more.
        """
        tx.refuse_known(asked.actor.id, asked.event_id, asked.digest)
        return self._policies.confirm(tx, asked.decision)

    def _store(self, tx: Transaction, code: str, path: Path = ("store",)) -> Store:
        store = self._policies.directory_in(tx).stores.get(code)
        if store is None:
            raise UnknownThing(Code.STORE_UNKNOWN, path, {"store": code})
        return store


def known_ids(asked: Asked, *places: range) -> tuple[tuple[str, UUID], ...]:
    """The request's own event id (place 0) and those derived from it: what a change will ask the log about."""
    actor, event_id = asked.actor.id, asked.event_id
    return tuple([(actor, derived_event_id(event_id, place)) for numbers in places for place in numbers])


def allows_negative(store: Store) -> bool:
    """Whether the store's stock may go below zero."""
    return store.negative_stock is NegativeStockRule.ALLOW


def sku_in(tx: Transaction, code: str, path: Path) -> Sku:
    """A SKU.

    Raises:
        UnknownThing: there is none.
    """
    row = tx.get(rows.SKUS, (code,))
    if row is None:
        raise UnknownThing(Code.SKU_UNKNOWN, path, {"sku": code})
    return sku_of(code, row)


def reason_in(tx: Transaction, code: str, path: Path) -> Reason:
    """A reason.

    Raises:
        UnknownThing: there is none.
    """
    row = tx.get(rows.REASONS, (code,))
    if row is None:
        raise UnknownThing(Code.REASON_UNKNOWN, path, {"reason": code})
    return reason_of(code, row)


def require_document(tx: Transaction, document: str | None) -> None:
    """A movement may name a document that was ever added: what became of it since changes nothing of what moved by it.

    Raises:
        UnknownThing: there never was one of that id.
    """
    # The log is asked, since documents are kept in a room above; the first entry about one is that of its being added.
    if document is not None and not tx.has_entries(Subject(SUBJECT_DOCUMENT, document)):
        raise UnknownThing(Code.DOCUMENT_UNKNOWN, ("document",))


def subjects_read(subjects: tuple[Subject, ...], document: str | None) -> tuple[str, ...]:
    """The chains that recording a movement looks at: those of its own subjects, and of the document it names."""
    keys = tuple([subject.key for subject in subjects])
    return keys if document is None else (*keys, Subject(SUBJECT_DOCUMENT, document).key)


def lot_in(tx: Transaction, sku: str, batch: str) -> Lot | None:
    """A lot, if there is one."""
    row = tx.get(rows.LOTS, (sku, batch))
    return None if row is None else lot_of(sku, batch, row)


def balance_in(tx: Transaction, store: str, sku: str, batch: str | None) -> int:
    """A balance; zero where nothing has moved yet."""
    row = tx.get(rows.BALANCES, (store, sku, batch or rows.NO_BATCH))
    return 0 if row is None else int(row[0])


@lru_cache(maxsize=VALUES_KEPT)
def movement_subjects(store: str, sku: str, batch: str | None) -> tuple[Subject, ...]:
    """What a movement is about: the SKU at the store, the SKU, and its lot."""
    subjects = Subject(SUBJECT_STOCK, f"{store}/{sku}"), Subject(SUBJECT_SKU, sku)
    return (*subjects, Subject(SUBJECT_LOT, f"{sku}/{batch}")) if batch else subjects


def record_movement(
    tx: Transaction,
    event: Event,
    personal: tuple[PersonalField, ...],
    *,
    key: tuple[str, str, str],
    moved: Move,
    reason: str,
    scale: int,
) -> Adjusted:
    """Appends a movement of the balance `key` (store, SKU, batch) and writes what it becomes."""
    entry = tx.append(event, personal)
    tx.put(entry, rows.BALANCES, key, (moved.after,))
    store, sku, batch = key
    return Adjusted(
        entry.index,
        entry.leaf_hash,
        store,
        sku,
        batch or None,
        reason,
        moved.before,
        moved.change,
        moved.after,
        scale,
    )


def append_lot(
    tx: Transaction, asked: Asked, decided: Decided, *, sku: str, batch: str, expiry: date | None, event_id: UUID
) -> Entry:
    """Creates a lot."""
    data: dict[str, JSON] = {"batch": batch, "sku": sku}
    if expiry is not None:
        data["expiry"] = expiry.isoformat()
    subjects = (Subject(SUBJECT_LOT, f"{sku}/{batch}"), Subject(SUBJECT_SKU, sku))
    entry = tx.append(asked.event(LOT_CREATED, subjects, data, decided, event_id=event_id, with_note=False))
    tx.put(entry, rows.LOTS, (sku, batch), lot_row(expiry))
    return entry
