"""Corrections: new entries that say what an earlier one should have said.

- The entry that was wrong stays as it is. The correction names it, says the right change (`replacement`) and moves the
  balance by the difference (`change`).
- Zero as the right change undoes the entry. A difference of zero corrects the reason alone.
- An entry is corrected once; what is wrong with a correction is corrected on the correction.
- Undoing goods that came in can leave less than nothing: the store's rule on negative stock holds here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from audit.entry import parse_entry
from policies.model import Action
from stock import store as rows
from stock.adjusting import stock_at
from stock.errors import AlreadyCorrected, Code, StockConflict, UnknownThing
from stock.model import (
    STOCK_ADJUSTED,
    STOCK_CORRECTED,
    Adjusted,
)
from stock.rules import correction, move, require_active
from stock.writing import Writing, allows_negative, balance_in, movement_subjects, reason_in, sku_in
from storage import Change
from storage.errors import NotFound
from storage.reading import read_entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.canonical import JSON
    from policies.model import Principal
    from stock.requests import CorrectionRequest
    from storage import Transaction


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
        said = self._said(request.corrects)
        store, sku_code = str(said["store"]), str(said["sku"])
        batch = cast("str | None", said.get("batch"))
        asked = self._ask(
            principal,
            Action.STOCK_CORRECT,
            stock_at(store),
            event_id=request.event_id,
            content=_content(request),
            note=request.note,
        )
        key = (store, sku_code, batch or rows.NO_BATCH)
        subjects = movement_subjects(store, sku_code, batch)
        reason_code = request.reason or str(said["reason"])

        def run(tx: Transaction) -> Adjusted:
            decided = self._confirm(tx, asked)
            correcting = tx.get(rows.CORRECTIONS, (request.corrects,))
            if correcting is not None:
                values = {"index": request.corrects, "by": int(correcting[0])}
                raise AlreadyCorrected(Code.ALREADY_CORRECTED, ("corrects",), values)
            sku = sku_in(tx, sku_code, ())
            reason = reason_in(tx, reason_code, ("reason",))
            if request.reason is not None:
                require_active(reason, ("reason",))
            replacement = request.replacement.at_scale(sku.scale, ("replacement",))
            moved = move(
                balance_in(tx, store, sku_code, batch),
                correction(
                    said=cast("int", said["replacement" if "corrects" in said else "change"]),
                    said_reason=str(said["reason"]),
                    replacement=replacement,
                    reason=reason,
                ),
                sku=sku,
                store=store,
                negative_allowed=allows_negative(self._store(tx, store, ())),
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
                "sku": sku_code,
                "store": store,
            }
            optional = {"batch": batch, "document": request.document, "reference": request.reference}
            data.update({name: value for name, value in optional.items() if value is not None})
            entry = tx.append(asked.event(STOCK_CORRECTED, subjects, data, decided), asked.personal())
            tx.put(entry, rows.CORRECTIONS, (request.corrects,), (entry.index,))
            tx.put(entry, rows.BALANCES, key, (moved.after,))
            return Adjusted(
                entry.index,
                entry.leaf_hash,
                store,
                sku_code,
                batch,
                reason.code,
                moved.before,
                moved.change,
                moved.after,
                sku.scale,
            )

        return Change(
            run,
            reads=(
                *self._policies.reads,
                (rows.CORRECTIONS, (request.corrects,)),
                (rows.SKUS, (sku_code,)),
                (rows.REASONS, (reason_code,)),
                (rows.BALANCES, key),
            ),
            event_ids=((asked.actor.id, request.event_id),),
            subjects=tuple([subject.key for subject in subjects]),
        )

    def _said(self, index: int) -> Mapping[str, JSON]:
        """What the entry to be corrected says. Entries never change, so this needs no lock."""
        try:
            with self._database.read() as connection:
                entry = parse_entry(read_entry(connection, index).bytes)
        except NotFound as error:
            raise UnknownThing(Code.ENTRY_UNKNOWN, ("corrects",), {"index": index}) from error
        if entry.event.type not in {STOCK_ADJUSTED, STOCK_CORRECTED}:
            raise StockConflict(Code.NOT_CORRECTABLE, ("corrects",), {"index": index})
        return entry.event.data


def _content(request: CorrectionRequest) -> dict[str, JSON]:
    content: dict[str, JSON] = {"corrects": request.corrects, "replacement": str(request.replacement)}
    optional = {"document": request.document, "reason": request.reason, "reference": request.reference}
    content.update({name: value for name, value in optional.items() if value is not None})
    return content
