"""Corrections: new entries that say what an earlier one should have said.

- The entry that was wrong stays as it is. The correction names it, says the right change (`replacement`) and moves the
  balance by the difference (`change`).
- Zero as the right change undoes the entry. A difference of zero corrects the reason alone.
- An entry is corrected once; what is wrong with a correction is corrected on the correction.
- What moves more than one person may at that store is refused here; an adjustment that another person approves does it.
- An entry of a store out of reach is answered as one that is not there.
- Undoing goods that came in can leave less than nothing: the store's rule on negative stock holds here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from audit.entry import parse_entry
from policies.model import Action, Resource
from stock import store as rows
from stock.errors import AlreadyCorrected, Code, StockConflict, UnknownThing
from stock.model import (
    STOCK_ADJUSTED,
    STOCK_CORRECTED,
    Adjusted,
)
from stock.reasons import TRANSFER_REASONS
from stock.rules import correction, move, require_active, require_unapproved
from stock.transfers.model import Leg
from stock.transfers.store import LEGS, leg_in, note_leg, take_back
from stock.writing import (
    Asked,
    Writing,
    allows_negative,
    balance_in,
    known_ids,
    movement_subjects,
    reason_in,
    record_movement,
    require_document,
    sku_in,
    subjects_read,
)
from storage import Change
from storage.errors import NotFound
from storage.reading import read_entry

if TYPE_CHECKING:
    from audit.canonical import JSON
    from policies.model import Principal
    from stock.requests import CorrectionRequest
    from storage import Transaction


@dataclass(frozen=True, slots=True)
class Said:
    """What the entry to be corrected says: `change` is what it meant to move, `replacement` if it is a correction."""

    store: str
    sku: str
    batch: str | None
    reason: str
    change: int

    @property
    def key(self) -> tuple[str, str, str]:
        """The balance it moved."""
        return self.store, self.sku, self.batch or rows.NO_BATCH


class Correcting(Writing):
    """Corrections of movements."""

    def correct(self, principal: Principal, request: CorrectionRequest) -> Change[Adjusted]:
        """The correction of an adjustment, or of an earlier correction.

        Raises:
            UnknownThing: the log has no such entry.
            StockConflict: the entry is no adjustment.
            Denied: the principal may not correct stock at that store.
            The change: AlreadyCorrected, StockError, Denied.
        """
        said = self._said(principal, request.corrects)
        asked = self._ask(
            principal,
            Action.STOCK_CORRECT,
            _entry_at(request.corrects, said.store),
            event_id=request.event_id,
            content=_content(request),
            note=request.note,
        )

        def run(tx: Transaction) -> Adjusted:
            return self._correct(tx, asked, request, said)

        return Change(
            run,
            reads=(
                *self._policies.reads,
                (rows.CORRECTIONS, (request.corrects,)),
                (LEGS, (request.corrects,)),
                (rows.SKUS, (said.sku,)),
                (rows.REASONS, (request.reason or said.reason,)),
                (rows.BALANCES, said.key),
            ),
            event_ids=known_ids(asked, range(1)),
            subjects=subjects_read(movement_subjects(said.store, said.sku, said.batch), request.document),
        )

    def _said(self, principal: Principal, index: int) -> Said:
        """What the entry to be corrected says. Entries never change, so this needs no lock.

        Raises:
            UnknownThing, StockConflict, Denied.
        """
        try:
            with self._database.read() as connection:
                entry = parse_entry(read_entry(connection, index).bytes)
        except NotFound as error:
            raise UnknownThing(Code.ENTRY_UNKNOWN, ("corrects",), {"index": index}) from error
        data = entry.event.data
        if entry.event.type not in {STOCK_ADJUSTED, STOCK_CORRECTED}:
            # What kind of entry it is, only those learn who reach where it was made.
            self._policies.require(principal, Action.STOCK_CORRECT, _entry_at(index, data.get("store")))
            raise StockConflict(Code.NOT_CORRECTABLE, ("corrects",), {"index": index})
        return Said(
            store=cast("str", data["store"]),
            sku=cast("str", data["sku"]),
            batch=cast("str | None", data.get("batch")),
            reason=cast("str", data["reason"]),
            change=cast("int", data["replacement" if entry.event.type == STOCK_CORRECTED else "change"]),
        )

    def _correct(self, tx: Transaction, asked: Asked, request: CorrectionRequest, said: Said) -> Adjusted:
        decided = self._confirm(tx, asked)
        correcting = tx.get(rows.CORRECTIONS, (request.corrects,))
        if correcting is not None:
            values = {"index": request.corrects, "by": int(correcting[0])}
            raise AlreadyCorrected(Code.ALREADY_CORRECTED, ("corrects",), values)
        sku = sku_in(tx, said.sku, ())
        reason = reason_in(tx, request.reason or said.reason, ("reason",))
        if request.reason is not None:
            require_active(reason, ("reason",))
        require_document(tx, request.document)
        replacement = request.replacement.at_scale(sku.scale, ("replacement",))
        store = self._store(tx, said.store, ())
        change = correction(said=said.change, said_reason=said.reason, replacement=replacement, reason=reason)
        require_unapproved(store, change, sku.scale, ("replacement",))
        moved = move(
            balance_in(tx, said.store, said.sku, said.batch),
            change,
            sku=sku,
            store=said.store,
            negative_allowed=allows_negative(store),
            path=("replacement",),
        )
        data: dict[str, JSON] = {
            "after": moved.after,
            "before": moved.before,
            "change": moved.change,
            "corrects": request.corrects,
            "reason": reason.code,
            "replacement": replacement,
            "scale": sku.scale,
            "sku": said.sku,
            "store": said.store,
        }
        optional = {"batch": said.batch, "document": request.document, "reference": request.reference}
        data.update({name: value for name, value in optional.items() if value is not None})
        event = asked.event(STOCK_CORRECTED, movement_subjects(said.store, said.sku, said.batch), data, decided)
        corrected = record_movement(
            tx, event, asked.personal(), key=said.key, moved=moved, reason=reason.code, scale=sku.scale
        )
        entry = tx.appended[-1]
        tx.put(entry, rows.CORRECTIONS, (request.corrects,), (corrected.index,))
        leg = leg_in(tx, request.corrects)
        if leg is not None:
            take_back(tx, entry, leg)
        reference = request.reference or (None if leg is None else leg.reference)
        if reference is not None and reason.code in TRANSFER_REASONS and replacement:
            at = said.store, said.sku, said.batch
            note_leg(tx, entry, Leg(entry.index, reference, *at, reason.code, replacement, sku.scale, tx.now))
        return corrected


def _entry_at(index: int, store: object) -> Resource:
    """An entry as policies see it: at its store, or the whole organisation's."""
    stores = frozenset({store} if isinstance(store, str) else ())
    return Resource("correction", str(index), stores, whole_log=not stores)


def _content(request: CorrectionRequest) -> dict[str, JSON]:
    content: dict[str, JSON] = {"corrects": request.corrects, "replacement": str(request.replacement)}
    optional = {"document": request.document, "reason": request.reason, "reference": request.reference}
    content.update({name: value for name, value in optional.items() if value is not None})
    return content
