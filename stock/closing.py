"""The end of a stocktake.

- Closing makes every difference an adjustment, in one change with the entry that closes it; cancelling makes none.
- A difference is what was counted less what the books said at the count. It is added to what they say now.
- The adjustments come first, the closing entry last, under the caller's event id: its receipt binds them all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from audit.entry import derived_event_id
from policies.model import Action
from stock import store as rows
from stock.adjusting import stocktake_at
from stock.counting import LINES_MAX, Counting, open_in, session
from stock.errors import Code, StockConflict
from stock.model import (
    STOCK_ADJUSTED,
    STOCKTAKE_CANCELLED,
    STOCKTAKE_CLOSED,
    Adjusted,
    Sku,
    Stocktake,
    StocktakeClosed,
    StocktakeScope,
    StocktakeState,
)
from stock.reasons import STOCKTAKE_REASON
from stock.row_values import stocktake_row
from stock.rules import Move, move
from stock.writing import Asked, allows_negative, known_ids, movement_subjects, reason_in, record_movement
from storage import Change

if TYPE_CHECKING:
    from audit.canonical import JSON
    from audit.event import Decided
    from policies.model import Principal
    from stock.requests import EndStocktakeRequest
    from storage import Transaction


@dataclass(frozen=True, slots=True)
class Difference:
    """An adjustment that closing a stocktake makes."""

    sku: Sku
    batch: str
    move: Move


class Closing(Counting):
    """How stocktakes end."""

    def close_stocktake(self, principal: Principal, request: EndStocktakeRequest) -> Change[StocktakeClosed]:
        """Makes the differences adjustments and ends the stocktake.

        Raises:
            UnknownThing: there is no such stocktake.
            Denied: the principal may not close it.
            The change: StockConflict if it has ended, nothing was counted, or a balance would become what the store
                refuses; Denied.
        """
        asked = self._ask_end(principal, request, StocktakeState.CLOSED)
        (store,) = asked.decision.resource.stores
        with self._database.read() as connection:
            differing = rows.read_differing(connection, request.stocktake)

        def run(tx: Transaction) -> StocktakeClosed:
            decided = self._confirm(tx, asked)
            stocktake = open_in(tx, request.stocktake)
            reason_in(tx, STOCKTAKE_REASON, ())
            differences = self._differences(tx, stocktake)
            adjusted = tuple(
                [
                    _record(tx, asked, decided, stocktake, place, difference)
                    for place, difference in enumerate(differences, start=1)
                ]
            )
            ended = _ended(tx, asked, stocktake, StocktakeState.CLOSED, len(adjusted))
            data: dict[str, JSON] = {
                "differences": ended.differences,
                "duration_s": ended.duration_s,
                "lines": ended.lines,
                "scope": ended.scope.value,
                "stocktake": ended.id,
                "store": ended.store,
            }
            entry = tx.append(asked.event(STOCKTAKE_CLOSED, (session(ended.id),), data, decided), asked.personal())
            tx.put(entry, rows.STOCKTAKES, (ended.id,), stocktake_row(ended))
            return StocktakeClosed(entry.index, ended.id, ended.lines, adjusted, ended.duration_s or 0)

        subjects = [subject.key for sku, batch in differing for subject in movement_subjects(store, sku, batch)]
        return Change(
            run,
            reads=(*self._policies.reads, (rows.STOCKTAKES, (request.stocktake,)), (rows.REASONS, (STOCKTAKE_REASON,))),
            event_ids=known_ids(asked, range(len(differing) + 1)),
            subjects=tuple(dict.fromkeys([session(request.stocktake).key, *subjects])),
        )

    def cancel_stocktake(self, principal: Principal, request: EndStocktakeRequest) -> Change[Stocktake]:
        """Ends the stocktake and changes no stock.

        Raises:
            UnknownThing: there is no such stocktake.
            Denied: the principal may not end it.
            The change: StockConflict if it has ended; Denied.
        """
        asked = self._ask_end(principal, request, StocktakeState.CANCELLED)

        def run(tx: Transaction) -> Stocktake:
            decided = self._confirm(tx, asked)
            stocktake = open_in(tx, request.stocktake)
            ended = _ended(tx, asked, stocktake, StocktakeState.CANCELLED, 0)
            data: dict[str, JSON] = {
                "duration_s": ended.duration_s,
                "lines": ended.lines,
                "stocktake": ended.id,
                "store": ended.store,
            }
            event = asked.event(STOCKTAKE_CANCELLED, (session(ended.id),), data, decided)
            entry = tx.append(event, asked.personal())
            tx.put(entry, rows.STOCKTAKES, (ended.id,), stocktake_row(ended))
            return ended

        return Change(
            run,
            reads=(*self._policies.reads, (rows.STOCKTAKES, (request.stocktake,))),
            event_ids=((asked.actor.id, asked.event_id),),
        )

    def _ask_end(self, principal: Principal, request: EndStocktakeRequest, state: StocktakeState) -> Asked:
        return self._ask(
            principal,
            Action.STOCKTAKE_CLOSE,
            stocktake_at(self._stocktake(request.stocktake).store, request.stocktake),
            event_id=request.event_id,
            content={"state": state.value, "stocktake": request.stocktake},
            note=request.note,
        )

    def _differences(self, tx: Transaction, stocktake: Stocktake) -> list[Difference]:
        """What closing is going to adjust. Writes nothing.

        Raises:
            StockConflict: nothing was counted, there is too much to adjust, or the store refuses a balance.
        """
        if stocktake.lines == 0:
            raise StockConflict(Code.STOCKTAKE_EMPTY, (), {"stocktake": stocktake.id})
        lines = rows.lines_in(tx, stocktake.id)
        if stocktake.scope is StocktakeScope.FULL:
            lines += rows.uncounted_in(tx, stocktake.id, stocktake.store, LINES_MAX + 1)
        if len(lines) > LINES_MAX:
            raise StockConflict(Code.STOCKTAKE_FULL, (), {"stocktake": stocktake.id, "max": LINES_MAX})
        negative_allowed = allows_negative(self._store(tx, stocktake.store, ()))
        return [
            Difference(
                sku,
                batch,
                move(
                    balance,
                    difference,
                    sku=sku,
                    store=stocktake.store,
                    negative_allowed=negative_allowed,
                    path=(),
                ),
            )
            for sku, batch, difference, balance in lines
        ]


def _ended(tx: Transaction, asked: Asked, stocktake: Stocktake, state: StocktakeState, differences: int) -> Stocktake:
    return replace(
        stocktake,
        state=state,
        ended_at=tx.now,
        ended_by=asked.actor.id,
        duration_s=(tx.now - stocktake.opened_at) // timedelta(seconds=1),
        differences=differences,
    )


def _record(
    tx: Transaction, asked: Asked, decided: Decided, stocktake: Stocktake, place: int, difference: Difference
) -> Adjusted:
    sku, batch, moved = difference.sku, difference.batch, difference.move
    data: dict[str, JSON] = {
        "after": moved.after,
        "before": moved.before,
        "change": moved.change,
        "reason": STOCKTAKE_REASON,
        "scale": sku.scale,
        "sku": sku.code,
        "stocktake": stocktake.id,
        "store": stocktake.store,
    }
    if batch:
        data["batch"] = batch
    subjects = (*movement_subjects(stocktake.store, sku.code, batch), session(stocktake.id))
    event_id = derived_event_id(asked.event_id, place)
    event = asked.event(STOCK_ADJUSTED, subjects, data, decided, event_id=event_id, with_note=False)
    key = (stocktake.store, sku.code, batch)
    return record_movement(tx, event, (), key=key, moved=moved, reason=STOCKTAKE_REASON, scale=sku.scale)
