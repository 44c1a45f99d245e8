"""Stock as the retention room sees it, through its ports.

- `StockRecords`: adjustments are entries of the log, which is never pruned, so they are judged when asked and never walked;
  stocktakes are what was counted.
- `StockTriggers`: goods are sold out when no store holds any; the last sale is then the last movement. While some are held, the
  last sale has not happened yet. Goods that never moved say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.entry import parse_entry
from audit.event import time_of
from retention.model import Trigger
from retention.records import Described, Record, RecordKind
from retention.rules import hong_kong_day
from stock.model import STOCK_ADJUSTED, STOCK_CORRECTED
from stock.retaining import store as rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from storage.either import Reader


class StockRecords:
    """Adjustments and stocktakes."""

    @property
    def kinds(self) -> frozenset[RecordKind]:
        """The kinds of this room."""
        return frozenset({RecordKind.ADJUSTMENT, RecordKind.STOCKTAKE})

    def describe(self, reader: Reader, records: Sequence[Record]) -> dict[Record, Described]:
        """What these records are; those that are not there are absent."""
        indexes = [
            int(record.id) for record in records if record.kind is RecordKind.ADJUSTMENT and record.id.isdecimal()
        ]
        takes = [record.id for record in records if record.kind is RecordKind.STOCKTAKE]
        found: dict[Record, Described] = {}
        if indexes:
            found |= _adjustments(reader, indexes)
        if takes:
            found |= _stocktakes(reader, takes)
        return found

    def walk(self, reader: Reader, kind: RecordKind, *, after: str, limit: int) -> Sequence[Record]:
        """Nothing: both lie in the log for good, whose entries are never pruned."""
        return ()


class StockTriggers:
    """When goods were last sold."""

    def triggers_of(
        self, reader: Reader, described: Sequence[Described]
    ) -> Mapping[Record, Mapping[Trigger, date | None]]:
        """The last sale of what records speak of: of all their SKUs, or it has not happened yet."""
        moved = rows.read_last_moved(reader, {sku for one in described for sku in one.skus})
        found: dict[Record, Mapping[Trigger, date | None]] = {}
        for one in described:
            states = [moved[sku] for sku in one.skus if sku in moved]
            if states and len(states) == len(one.skus):
                last = max(hong_kong_day(time_of(moved_at)) for _, moved_at in states)
                held = any(is_held for is_held, _ in states)
                found[one.record] = {Trigger.LOT_LAST_SOLD: None if held else last}
        return found


def _adjustments(reader: Reader, indexes: Sequence[int]) -> dict[Record, Described]:
    found: dict[Record, Described] = {}
    for index, content in rows.read_entries_of(reader, indexes, (STOCK_ADJUSTED, STOCK_CORRECTED)):
        entry = parse_entry(content)
        data = entry.event.data
        day = hong_kong_day(time_of(entry.recorded_at))
        sku, store = data.get("sku"), data.get("store")
        record = Record(RecordKind.ADJUSTMENT, str(index))
        found[record] = Described(
            record,
            class_code="adjustment",
            created_on=day,
            store=store if isinstance(store, str) else None,
            skus=frozenset({sku} if isinstance(sku, str) else ()),
            dated_on=day,
            triggers={Trigger.TRANSACTION_COMPLETED: day},
        )
    return found


def _stocktakes(reader: Reader, ids: Sequence[str]) -> dict[Record, Described]:
    counted = rows.read_counted(reader, ids)
    found: dict[Record, Described] = {}
    for stocktake, store, opened_at, ended_at in rows.read_stocktakes_of(reader, ids):
        ended_on = None if ended_at is None else hong_kong_day(time_of(ended_at))
        record = Record(RecordKind.STOCKTAKE, stocktake)
        found[record] = Described(
            record,
            class_code="stocktake",
            created_on=hong_kong_day(time_of(opened_at)),
            store=store,
            skus=counted.get(stocktake, frozenset()),
            dated_on=ended_on,
            triggers={Trigger.TRANSACTION_COMPLETED: ended_on},
        )
    return found
