"""Many adjustments in one call.

- In the order of the call; each row sees what the rows before it did.
- Row by row: what can be applied is, and the result says of each row what became of it.
- All or nothing: every row is judged before any is written, so a refusal undoes nothing.
- A row that repeats an event of the log, or of an earlier row, is reported as replayed, with the index of the first
  time; it moves nothing and is no refusal.
- A rehearsal judges rows as a call row by row would, sees what the calls rehearsed before it would have done, and ends
  in `Rehearsed`, so that the log takes everything back.
- A call of which nothing was to be written raises `BatchRefused`, unless every row was a replay: then the call is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.errors import Denied
from policies.model import Action
from stock.adjusting import Adjusting, Ahead, Draft, Judged, Once, event_ids_of, record, stock_at
from stock.errors import BatchRefused, Code, InvalidRequest, NotPermitted, Rehearsed, StockConflict, StockError
from stock.model import RowResult, RowState
from stock.writing import subjects_read
from storage import Change
from storage.errors import EventIdReused, Replayed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from policies.model import Decision, Principal
    from stock.model import Sku
    from stock.requests import AdjustmentRequest
    from storage import Transaction

ROWS_MAX: Final = 10_000
"""Most adjustments one call may carry."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that says what an earlier row of the call says."""

    row: int


class Batching(Adjusting):
    """Movements of stock, many at a time."""

    def adjust_many(
        self, principal: Principal, requests: Sequence[AdjustmentRequest], *, all_or_nothing: bool, now: datetime
    ) -> Change[tuple[RowResult, ...]]:
        """Up to 10,000 movements of stock; the result has one item a row.

        Raises:
            InvalidRequest: no row, or too many.
            Denied: all or nothing, and a store is out of the principal's reach.
            The change: BatchRefused, with every row's result, if nothing was to be written.
        """
        if not requests:
            raise InvalidRequest(Code.LIST_EMPTY)
        if len(requests) > ROWS_MAX:
            raise InvalidRequest(Code.LIST_TOO_LONG, (), {"max": ROWS_MAX, "got": len(requests)})
        drafts = self._drafts(principal, requests, now, all_or_nothing=all_or_nothing)
        good = [draft for draft in drafts if isinstance(draft, Draft)]

        def run(tx: Transaction) -> tuple[RowResult, ...]:
            if all_or_nothing:
                return self._apply_all(tx, drafts)
            once: Once = {}
            results = tuple([self._apply(tx, row, draft, once) for row, draft in enumerate(drafts)])
            if all(result.error is not None for result in results):
                raise BatchRefused.of(results)
            return results

        return Change(
            run,
            reads=(*self._policies.reads, *[read for draft in good for read in draft.reads]),
            event_ids=tuple([known for draft in good for known in event_ids_of(draft)]),
            subjects=_subjects_read(good),
        )

    def rehearse_many(
        self,
        principal: Principal,
        requests: Sequence[AdjustmentRequest],
        skus: Mapping[str, Change[Sku]],
        ahead: Ahead,
        *,
        now: datetime,
    ) -> Change[None]:
        """What `adjust_many` would do row by row, after `skus` were created and on top of `ahead`, which it leaves as it is.

        Raises:
            The change: Rehearsed, always, unless the log refuses the call as a whole.
        """
        drafts = self._drafts(principal, requests, now, all_or_nothing=False)
        good = [draft for draft in drafts if isinstance(draft, Draft)]

        def run(tx: Transaction) -> None:
            # On top of `ahead`, not in it: the log may try a change twice.
            trial = Ahead(ahead)
            sku_errors: dict[str, StockError] = {}
            for code, change in skus.items():
                try:
                    change.run(tx)
                except StockError as refused:
                    sku_errors[code] = refused
            once: Once = {}
            results = [self._rehearse(tx, row, draft, trial, once) for row, draft in enumerate(drafts)]
            raise Rehearsed(results, sku_errors, trial)

        return Change(
            run,
            reads=tuple(
                dict.fromkeys(
                    [
                        *self._policies.reads,
                        *[read for change in skus.values() for read in change.reads],
                        *[read for draft in good for read in draft.reads],
                    ]
                )
            ),
            event_ids=tuple([known for draft in good for known in event_ids_of(draft)]),
            subjects=_subjects_read(good),
        )

    def _rehearse(self, tx: Transaction, row: int, draft: Draft | StockError, ahead: Ahead, once: Once) -> RowResult:
        judged = self._judge_row(tx, row, draft, ahead, once)
        return judged if isinstance(judged, RowResult) else RowResult(row, RowState.WITHHELD)

    def _drafts(
        self, principal: Principal, requests: Sequence[AdjustmentRequest], now: datetime, *, all_or_nothing: bool
    ) -> list[Draft | StockError]:
        decisions: dict[str, Decision] = {}
        drafts: list[Draft | StockError] = []
        for request in requests:
            store = request.store
            decision = decisions.get(store)
            if decision is None:
                decision = decisions[store] = self._policies.decide(principal, Action.STOCK_ADJUST, stock_at(store))
            if not decision.allowed:
                if all_or_nothing:
                    raise Denied(decision)
                drafts.append(NotPermitted.at(store, decision))
                continue
            try:
                drafts.append(self._draft(request, decision, now))
            except StockError as error:
                drafts.append(error)
        return drafts

    def _apply(self, tx: Transaction, row: int, draft: Draft | StockError, once: Once) -> RowResult:
        judged = self._judge_row(tx, row, draft, None, once)
        return judged if isinstance(judged, RowResult) else _applied(tx, row, judged)

    def _apply_all(self, tx: Transaction, drafts: Sequence[Draft | StockError]) -> tuple[RowResult, ...]:
        ahead = Ahead()
        once: Once = {}
        first: dict[UUID, int] = {}
        judged: list[Judged | RowResult | Repeat] = []
        for row, draft in enumerate(drafts):
            repeated = None if isinstance(draft, StockError) else first.setdefault(draft.request.event_id, row)
            if repeated is None or repeated == row:
                judged.append(self._judge_row(tx, row, draft, ahead, once))
            else:
                judged.append(_repeat(row, draft, repeated, drafts[repeated]))
        if any(isinstance(found, RowResult) and found.error is not None for found in judged):
            withheld = [
                found if isinstance(found, RowResult) else RowResult(row, RowState.WITHHELD)
                for row, found in enumerate(judged)
            ]
            raise BatchRefused.of(withheld)
        results: list[RowResult] = []
        for row, found in enumerate(judged):
            if isinstance(found, Repeat):
                original = results[found.row]
                results.append(RowResult(row, RowState.REPLAYED, original.index, original.leaf_hash))
            else:
                results.append(found if isinstance(found, RowResult) else _applied(tx, row, found))
        return tuple(results)

    def _judge_row(
        self, tx: Transaction, row: int, draft: Draft | StockError, ahead: Ahead | None, once: Once
    ) -> Judged | RowResult:
        if isinstance(draft, StockError):
            return RowResult(row, RowState.REFUSED, error=draft)
        try:
            return self._judge(tx, draft, ahead, once=once)
        except Replayed as replay:
            return RowResult(row, RowState.REPLAYED, replay.index, replay.leaf_hash)
        except EventIdReused as reused:
            error = StockConflict(Code.EVENT_ID_REUSED, ("event_id",), {"index": reused.index})
            return RowResult(row, RowState.REFUSED, error=error)
        except Denied as denied:
            return RowResult(row, RowState.REFUSED, error=NotPermitted.at(draft.request.store, denied.decision))
        except StockError as refused:
            return RowResult(row, RowState.REFUSED, error=refused)


def _applied(tx: Transaction, row: int, judged: Judged) -> RowResult:
    adjusted = record(tx, judged)
    return RowResult(row, RowState.APPLIED, adjusted.index, adjusted.leaf_hash, adjusted)


def _subjects_read(drafts: Sequence[Draft]) -> tuple[str, ...]:
    """Each once: rows of one call name the same few documents again and again."""
    read = (subjects_read(draft.subjects, draft.request.document) for draft in drafts)
    return tuple(dict.fromkeys([key for keys in read for key in keys]))


def _repeat(row: int, draft: Draft | StockError, first: int, original: Draft | StockError) -> Repeat | RowResult:
    if isinstance(draft, Draft) and isinstance(original, Draft) and draft.asked.digest == original.asked.digest:
        return Repeat(first)
    error = StockConflict(Code.EVENT_ID_TWICE, ("event_id",), {"row": first})
    return RowResult(row, RowState.REFUSED, error=error)
