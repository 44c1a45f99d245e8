"""One adjustment: the hot path of the product.

- An adjustment reads five rows by key (policy version, SKU, reason, balance, lot) and writes one. All are named in
  `Change.reads`, so a batch of callers fetches them together, or finds them kept from the batch before.
- A movement that brings a new lot appends `lot.created` before it, under an id derived from the caller's; the receipt
  is that of the movement.
"""

from __future__ import annotations

from collections import ChainMap
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from audit.entry import derived_event_id
from audit.event import Event
from policies.model import Action, Resource
from stock import store as rows
from stock.model import STOCK_ADJUSTED, Adjusted, Lot
from stock.reasons import TRANSFER_REASONS
from stock.row_values import VALUES_KEPT
from stock.rules import (
    Move,
    is_new_lot,
    move,
    require_active,
    require_batch,
    require_direction,
    require_occurred,
    require_unapproved,
)
from stock.transfers.model import Leg
from stock.transfers.store import note_leg
from stock.writing import (
    Asked,
    Reads,
    Writing,
    allows_negative,
    append_lot,
    balance_in,
    known_ids,
    lot_in,
    movement_subjects,
    reason_in,
    record_movement,
    require_document,
    sku_in,
    subjects_read,
)
from storage import Change

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from audit.canonical import JSON
    from audit.event import Decided, Subject
    from policies.model import Decision, Principal, Store
    from stock.requests import AdjustmentRequest
    from storage import Transaction


class Draft(NamedTuple):
    """An adjustment that was allowed, ready to be tried."""

    request: AdjustmentRequest
    asked: Asked
    subjects: tuple[Subject, ...]
    key: tuple[str, str, str]
    reads: Reads
    pending: str | None = None
    """What waited for another person, and was approved."""


class Judged(NamedTuple):
    """An adjustment that nothing speaks against."""

    draft: Draft
    decided: Decided
    move: Move
    scale: int
    new_lot: bool


Once: TypeAlias = "dict[str, tuple[Decided, Store]]"
"""What rows of one change need once for each store, all by the same decision: under the log's lock it does not move."""


class Ahead:
    """What rows judged so far will have done, before any of them is written; on top of what `before` says, if given."""

    __slots__ = ("balances", "lots")

    def __init__(self, before: Ahead | None = None) -> None:
        self.balances: Final[ChainMap[tuple[str, str, str], int]] = ChainMap({})
        self.lots: Final[ChainMap[tuple[str, str], Lot]] = ChainMap({})
        if before is not None:
            self.balances.maps.append(before.balances)
            self.lots.maps.append(before.lots)

    def adopt(self, later: Ahead) -> None:
        """Takes over what was judged on top of this one."""
        self.balances.update(later.balances.maps[0])
        self.lots.update(later.lots.maps[0])


class Adjusting(Writing):
    """Movements of stock, one at a time."""

    def adjust(self, principal: Principal, request: AdjustmentRequest, *, now: datetime) -> Change[Adjusted]:
        """One movement of stock.

        Raises:
            Denied: the principal may not adjust stock at that store.
            InvalidRequest: `occurred_at` is too far from `now`.
            The change: StockError, for what is unknown, or refused by the reason, the SKU or the store; Denied.
        """
        decision = self._policies.require(principal, Action.STOCK_ADJUST, stock_at(request.store))
        draft = self._draft(request, decision, now)

        def run(tx: Transaction) -> Adjusted:
            return record(tx, self._judge(tx, draft))

        return Change(
            run,
            reads=(*self._policies.reads, *draft.reads),
            event_ids=event_ids_of(draft),
            subjects=subjects_read(draft.subjects, request.document),
        )

    def _draft(self, request: AdjustmentRequest, decision: Decision, now: datetime) -> Draft:
        """Prepares what needs no lock.

        Raises:
            InvalidRequest: `occurred_at` is too far from `now`.
        """
        require_occurred(request.occurred_at, now, ("occurred_at",))
        sku, batch = request.sku, request.batch
        key = (request.store, sku, batch or rows.NO_BATCH)
        reads: Reads = ((rows.SKUS, (sku,)), (rows.REASONS, (request.reason,)), (rows.BALANCES, key))
        if batch is not None:
            reads = (*reads, (rows.LOTS, (sku, batch)))
        asked = self._asked(decision, request.event_id, _content(request), request.note)
        return Draft(request, asked, movement_subjects(request.store, sku, batch), key, reads)

    def _judge(
        self,
        tx: Transaction,
        draft: Draft,
        ahead: Ahead | None = None,
        *,
        once: Once | None = None,
        any_amount: bool = False,
    ) -> Judged:
        """Looks at everything and writes nothing; `any_amount`: another person approves it, or is asked to.

        Raises:
            Replayed, EventIdReused: the event is in the log already.
            StockError, Denied: the adjustment is refused.
        """
        request, asked = draft.request, draft.asked
        batch = request.batch
        tx.refuse_known(asked.actor.id, asked.event_id, asked.digest)
        known = None if once is None else once.get(request.store)
        if known is None:
            known = self._policies.confirm(tx, asked.decision), self._store(tx, request.store)
            if once is not None:
                once[request.store] = known
        decided, store = known
        sku = sku_in(tx, request.sku, ("sku",))
        reason = reason_in(tx, request.reason, ("reason",))
        change = request.change.at_scale(sku.scale, ("change",))
        if not any_amount:
            require_unapproved(store, change, sku.scale, ("change",))
        require_active(reason, ("reason",))
        require_direction(reason, change, ("change",))
        require_batch(sku, batch, ("batch",))
        require_document(tx, request.document)
        new_lot = batch is not None and _brings_lot(tx, request, batch, change, ahead)
        before = None if ahead is None else ahead.balances.get(draft.key)
        if before is None:
            before = balance_in(tx, request.store, request.sku, batch)
        moved = move(
            before,
            change,
            sku=sku,
            store=request.store,
            negative_allowed=allows_negative(store),
            path=("change",),
        )
        if ahead is not None:
            ahead.balances[draft.key] = moved.after
            if new_lot and batch is not None:
                ahead.lots[request.sku, batch] = Lot(request.sku, batch, request.expiry)
        return Judged(draft, decided, moved, sku.scale, new_lot)


def event_ids_of(draft: Draft) -> tuple[tuple[str, UUID], ...]:
    """The ids that trying the draft will ask about; a movement with an expiry date may bring its lot."""
    asked = draft.asked
    return ((asked.actor.id, asked.event_id),) if draft.request.expiry is None else known_ids(asked, range(2))


@lru_cache(maxsize=VALUES_KEPT)
def stock_at(store: str) -> Resource:
    """The stock of a store, as policies see it."""
    return Resource("stock", stores=frozenset((store,)))


def stocktake_at(store: str, stocktake: str) -> Resource:
    """A stocktake as policies see it: at its store, and by its own name."""
    return Resource.at("stocktake", (store,), stocktake)


def record(tx: Transaction, judged: Judged) -> Adjusted:
    """Appends an adjustment and moves its balance."""
    draft = judged.draft
    request, asked, moved = draft.request, draft.asked, judged.move
    if judged.new_lot and request.batch is not None:
        append_lot(
            tx,
            asked,
            judged.decided,
            sku=request.sku,
            batch=request.batch,
            expiry=request.expiry,
            event_id=derived_event_id(request.event_id, 1),
        )
    note = asked.note
    event = Event(
        STOCK_ADJUSTED,
        draft.subjects,
        _data(draft, moved, judged.scale),
        asked.actor,
        request.event_id,
        request.occurred_at,
        {} if note is None else {note.field: note.digest},
        asked.digest,
        judged.decided,
    )
    adjusted = record_movement(
        tx,
        event,
        asked.personal(),
        key=draft.key,
        moved=moved,
        reason=request.reason,
        scale=judged.scale,
    )
    if request.reference is not None and request.reason in TRANSFER_REASONS:
        entry, reason = tx.appended[-1], request.reason
        at = request.store, request.sku, request.batch
        note_leg(tx, entry, Leg(entry.index, request.reference, *at, reason, moved.change, judged.scale, tx.now))
    return adjusted


def _brings_lot(tx: Transaction, request: AdjustmentRequest, batch: str, change: int, ahead: Ahead | None) -> bool:
    lot = None if ahead is None else ahead.lots.get((request.sku, batch))
    if lot is None:
        lot = lot_in(tx, request.sku, batch)
    return is_new_lot(lot, sku=request.sku, batch=batch, expiry=request.expiry, change=change, path=())


def _data(draft: Draft, moved: Move, scale: int) -> dict[str, JSON]:
    request = draft.request
    data: dict[str, JSON] = {
        "after": moved.after,
        "before": moved.before,
        "change": moved.change,
        "reason": request.reason,
        "scale": scale,
        "sku": request.sku,
        "store": request.store,
    }
    if request.batch is not None:
        data["batch"] = request.batch
    if request.reference is not None:
        data["reference"] = request.reference
    if request.document is not None:
        data["document"] = request.document
    if draft.pending is not None:
        data["pending"] = draft.pending
    if request.unit_price is not None:
        data["unit_price"] = {"amount": request.unit_price.amount, "currency": request.unit_price.currency}
    return data


def _content(request: AdjustmentRequest) -> dict[str, JSON]:
    """What makes the request this one: everything but its id and its note."""
    content: dict[str, JSON] = {
        "change": str(request.change),
        "reason": request.reason,
        "sku": request.sku,
        "store": request.store,
    }
    if request.batch is not None:
        content["batch"] = request.batch
    if request.expiry is not None:
        content["expiry"] = request.expiry.isoformat()
    if request.reference is not None:
        content["reference"] = request.reference
    if request.document is not None:
        content["document"] = request.document
    if request.unit_price is not None:
        content["unit_price"] = [request.unit_price.amount, request.unit_price.currency]
    if request.occurred_at is not None:
        content["occurred_at"] = request.occurred_at.isoformat()
    return content
