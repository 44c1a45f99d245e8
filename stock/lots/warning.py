"""Warnings of what expires: a job a day, an entry for each store and horizon, and what notices make of it.

    stock.warn_of_expiry(now=clock(), horizons=(90, 30, 7, 0))     # a job, once a day

A store is warned of a lot once at each horizon: which it was last is a row under the warning's entry, looked at again under the
log's lock. So the job may run twice, be killed, or miss a day: nothing is warned of twice, and nothing is left out.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import Event, Subject
from policies.quota import HONG_KONG
from stock.lots import store as rows
from stock.lots.model import EXPIRY_WARNED, HORIZONS_DEFAULT
from stock.lots.rules import horizon_of, is_due
from stock.writing import Writing
from storage.errors import EmptyChange
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from audit.canonical import JSON
    from stock.model import LotBalance
    from storage.transaction import Transaction

LOTS_MAX: Final = 100
"""Lots in one entry; more make another one."""


class ExpiryWarning(Writing):
    """Warns stores of what expires."""

    def warn_of_expiry(
        self,
        *,
        now: datetime,
        new_event_id: Callable[[], UUID],
        horizons: Sequence[int] = HORIZONS_DEFAULT,
        progress: Callable[[int, int], None] | None = None,
    ) -> dict[str, JSON]:
        """Warns of every lot that has come within a horizon; returns how many entries and lots it made."""
        today = now.astimezone(HONG_KONG).date()
        with self._database.read() as connection:
            due = [
                (lot.store, horizon, lot)
                for lot, warned in rows.stream_to_warn(connection, today=today, days=max(horizons))
                if is_due(horizon := horizon_of(lot.expiry, today, horizons), warned) and horizon is not None
            ]
        due.sort(key=lambda item: (item[0], item[1], item[2].expiry, item[2].sku, item[2].batch))
        entries = lots = 0
        for (store, horizon), group in groupby(due, key=lambda item: (item[0], item[1])):
            found = [lot for _, _, lot in group]
            for start in range(0, len(found), LOTS_MAX):
                chunk = found[start : start + LOTS_MAX]
                try:
                    committed = self._log.commit(self._warning(store, horizon, chunk, today, new_event_id()))
                except EmptyChange:
                    # Another worker warned of all of it meanwhile.
                    continue
                entries += 1
                lots += committed.result or 0
                if progress is not None:
                    progress(lots, len(due))
        return {"day": today.isoformat(), "entries": entries, "lots": lots}

    def _warning(
        self, store: str, horizon: int, lots: Sequence[LotBalance], today: date, event_id: UUID
    ) -> Change[int]:
        def run(tx: Transaction) -> int:
            still = [lot for lot in lots if is_due(horizon, rows.warned_in(tx, (store, lot.sku, lot.batch)))]
            if not still:
                return 0
            data: dict[str, JSON] = {
                "expired": sum(lot.expiry < today for lot in still),
                "horizon_days": horizon,
                "items": [_item(lot) for lot in still],
                "lots": len(still),
                "store": store,
            }
            event = Event(
                type=EXPIRY_WARNED,
                subjects=(Subject("store", store),),
                data=data,
                actor=SYSTEM,
                event_id=event_id,
            )
            entry = tx.append(event)
            for lot in still:
                tx.put(entry, rows.WARNINGS, (store, lot.sku, lot.batch), (horizon,))
            return len(still)

        reads = tuple((rows.WARNINGS, (store, lot.sku, lot.batch)) for lot in lots)
        return Change(run, reads=reads, event_ids=((SYSTEM.id, event_id),))


def _item(lot: LotBalance) -> JSON:
    return {
        "batch": lot.batch,
        "expiry": lot.expiry.isoformat(),
        "quantity": lot.quantity,
        "scale": lot.scale,
        "sku": lot.sku,
    }
