"""Stocktakes: open, count, close or cancel.

- One stocktake is open at a store at a time: two would each correct the same difference.
- A count is compared with the balance at the moment it is taken, and that balance is kept with it. What is sold or
  received until the close moves the balance and not the difference.
- A repeated count of a line adds to it (several shelves) or replaces it (a recount).
- Closing makes every difference an adjustment with the reason `stocktake`, in one change, and keeps how long the
  stocktake took. A full stocktake takes what nobody counted for absent; a partial one says nothing of it.
- A scan names SKU and lot. Where the SKU is not tracked by lot, the batch on the label is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from audit.entry import derived_event_id
from audit.event import Subject, time_us
from policies.model import Action
from policies.refusals import Path
from stock import store as rows
from stock.adjusting import stock_at, stocktake_at
from stock.errors import Code, InvalidRequest, StockConflict, UnknownThing
from stock.model import (
    STOCKTAKE_COUNTED,
    STOCKTAKE_OPENED,
    SUBJECT_LOT,
    SUBJECT_SKU,
    SUBJECT_STOCKTAKE,
    Counted,
    Lot,
    LotTracking,
    Sku,
    Stocktake,
    StocktakeState,
)
from stock.parsing import COUNT_LINES_MAX
from stock.row_values import stocktake_of, stocktake_row
from stock.rules import count_total, is_new_lot, require_batch
from stock.scan import Scan, parse_scan
from stock.writing import Asked, Reads, Writing, append_lot, balance_in, known_ids, lot_in, sku_in
from storage import Change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from audit.canonical import JSON
    from audit.event import Decided
    from policies.model import Principal
    from stock.requests import CountLine, CountRequest, OpenStocktakeRequest
    from storage import KeyedRows, Transaction

LINES_MAX: Final = 20_000
"""Most lines of a stocktake, and so most adjustments that closing one makes in its one change."""


@dataclass(frozen=True, slots=True)
class Line:
    """A count, with what its scan says."""

    count: CountLine
    scan: Scan
    path: Path


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A count that nothing speaks against."""

    line: Line
    sku: Sku
    batch: str | None
    new_lot: bool
    counted: int
    total: int
    expected: int


class Counting(Writing):
    """Stocktakes."""

    def open_stocktake(self, principal: Principal, request: OpenStocktakeRequest) -> Change[Stocktake]:
        """The beginning of a stocktake. Its id is `st_` and the index of the entry that opens it.

        Raises:
            Denied.
            The change: UnknownThing; StockConflict if one is open at the store; Denied.
        """
        asked = self._ask(
            principal,
            Action.STOCKTAKE_OPEN,
            stock_at(request.store),
            event_id=request.event_id,
            content={"scope": request.scope.value, "store": request.store},
            note=request.note,
        )

        def run(tx: Transaction) -> Stocktake:
            decided = self._confirm(tx, asked)
            self._store(tx, request.store)
            other = rows.open_stocktake_at(tx, request.store)
            if other is not None:
                values = {"store": request.store, "stocktake": other}
                raise StockConflict(Code.STOCKTAKE_IS_OPEN, ("store",), values)
            stocktake = Stocktake(
                id=f"st_{tx.size}",
                store=request.store,
                scope=request.scope,
                state=StocktakeState.OPEN,
                opened_at=tx.now,
                opened_by=asked.actor.id,
                ended_at=None,
                ended_by=None,
                duration_s=None,
                lines=0,
                differences=0,
            )
            data: dict[str, JSON] = {
                "scope": stocktake.scope.value,
                "stocktake": stocktake.id,
                "store": stocktake.store,
            }
            event = asked.event(STOCKTAKE_OPENED, (session(stocktake.id),), data, decided)
            entry = tx.append(event, asked.personal())
            tx.put(entry, rows.STOCKTAKES, (stocktake.id,), stocktake_row(stocktake))
            return stocktake

        return Change(run, reads=self._policies.reads, event_ids=((asked.actor.id, asked.event_id),))

    def count(self, principal: Principal, request: CountRequest, *, now: datetime) -> Change[tuple[Counted, ...]]:
        """Counts for an open stocktake, all or none; one entry a line.

        Raises:
            UnknownThing: there is no such stocktake.
            InvalidRequest: a scan cannot be believed.
            Denied: the principal may not count at that store.
            The change: StockError, Denied.
        """
        store = self._stocktake(request.stocktake).store
        asked = self._ask(
            principal,
            Action.STOCKTAKE_COUNT,
            stocktake_at(store, request.stocktake),
            event_id=request.event_id,
            content={"lines": [_content(line) for line in request.lines], "stocktake": request.stocktake},
        )
        lines = _lines(request.lines, now.date())

        def run(tx: Transaction) -> tuple[Counted, ...]:
            decided = self._confirm(tx, asked)
            stocktake = open_in(tx, request.stocktake)
            judged, opened = _judge_lines(tx, stocktake, lines)
            if stocktake.lines + opened > LINES_MAX:
                raise StockConflict(Code.STOCKTAKE_FULL, ("lines",), {"stocktake": stocktake.id, "max": LINES_MAX})
            counted = [_record_count(tx, asked, decided, stocktake, place, line) for place, line in enumerate(judged)]
            if opened:
                grown = replace(stocktake, lines=stocktake.lines + opened)
                tx.put(tx.appended[-1], rows.STOCKTAKES, (stocktake.id,), stocktake_row(grown))
            return tuple(counted)

        reads, subjects = self._hints(request.stocktake, store, lines)
        return Change(
            run,
            reads=(*self._policies.reads, *reads),
            event_ids=known_ids(asked, range(len(lines)), range(COUNT_LINES_MAX, COUNT_LINES_MAX + len(lines))),
            subjects=subjects,
        )

    def _hints(self, stocktake: str, store: str, lines: Sequence[Line]) -> tuple[Reads, tuple[str, ...]]:
        """Rows and subjects the counts will probably touch, so that a thousand of them cost few queries."""
        gtins = {line.scan.gtin for line in lines if line.scan.gtin is not None}
        with self._database.read() as connection:
            owners = rows.read_owners(connection, gtins)
        reads: dict[tuple[KeyedRows, tuple[str, ...]], None] = {(rows.STOCKTAKES, (stocktake,)): None}
        subjects = {session(stocktake).key: None}
        for line in lines:
            gtin = line.scan.gtin
            sku = line.scan.sku if gtin is None else owners.get(gtin)
            if gtin is not None:
                reads[rows.GTINS, (gtin,)] = None
            if sku is None:
                continue
            subjects[Subject(SUBJECT_SKU, sku).key] = None
            reads[rows.SKUS, (sku,)] = None
            for batch in {line.count.batch or line.scan.batch or rows.NO_BATCH, rows.NO_BATCH}:
                reads[rows.COUNTS, (stocktake, sku, batch)] = None
                reads[rows.BALANCES, (store, sku, batch)] = None
                if batch:
                    reads[rows.LOTS, (sku, batch)] = None
                    subjects[Subject(SUBJECT_LOT, f"{sku}/{batch}").key] = None
        return tuple(reads), tuple(subjects)

    def _stocktake(self, stocktake: str) -> Stocktake:
        """A stocktake as it stands now; its store never changes.

        Raises:
            UnknownThing: there is none.
        """
        with self._database.read() as connection:
            found = rows.read_stocktake(connection, stocktake)
        if found is None:
            raise UnknownThing(Code.STOCKTAKE_UNKNOWN, ("stocktake",), {"stocktake": stocktake})
        return found


def session(stocktake: str) -> Subject:
    """A stocktake as the subject of an entry."""
    return Subject(SUBJECT_STOCKTAKE, stocktake)


def open_in(tx: Transaction, stocktake: str) -> Stocktake:
    """An open stocktake.

    Raises:
        UnknownThing: there is none of that id.
        StockConflict: it has ended.
    """
    row = tx.get(rows.STOCKTAKES, (stocktake,))
    if row is None:
        raise UnknownThing(Code.STOCKTAKE_UNKNOWN, ("stocktake",), {"stocktake": stocktake})
    found = stocktake_of(stocktake, row)
    if found.state is not StocktakeState.OPEN:
        raise StockConflict(Code.STOCKTAKE_NOT_OPEN, ("stocktake",), {"stocktake": stocktake})
    return found


def _lines(counts: Sequence[CountLine], today: date) -> list[Line]:
    """The counts with what their scans say.

    Raises:
        InvalidRequest: a scan cannot be believed, or the line says another batch than its scan.
    """
    lines: list[Line] = []
    for place, count in enumerate(counts):
        path: Path = ("lines", place)
        scan = Scan(sku=count.sku) if count.scan is None else parse_scan(count.scan, (*path, "scan"), today=today)
        if count.batch is not None and scan.batch not in {None, count.batch}:
            raise InvalidRequest(Code.SCAN_DISAGREES, (*path, "batch"))
        lines.append(Line(count, scan, path))
    return lines


def _judge_lines(tx: Transaction, stocktake: Stocktake, lines: Sequence[Line]) -> tuple[list[JudgedLine], int]:
    """What each count makes of its line, and how many lines are new to the stocktake. Writes nothing.

    Raises:
        StockError: a count is refused.
    """
    judged: list[JudgedLine] = []
    totals: dict[tuple[str, str], int] = {}
    lots: dict[tuple[str, str], Lot] = {}
    opened = 0
    for line in lines:
        path = line.path
        sku = _sku_of(tx, line)
        batch = _batch_of(line, sku)
        counted = line.count.counted.at_scale(sku.scale, (*path, "counted"))
        new_lot = False
        if batch is not None:
            new_lot = is_new_lot(
                lots.get((sku.code, batch)) or lot_in(tx, sku.code, batch),
                sku=sku.code,
                batch=batch,
                expiry=line.scan.expiry,
                change=counted,
                path=path,
            )
            if new_lot:
                lots[sku.code, batch] = Lot(sku.code, batch, line.scan.expiry)
        key = (sku.code, batch or rows.NO_BATCH)
        standing = totals.get(key)
        if standing is None:
            row = tx.get(rows.COUNTS, (stocktake.id, *key))
            standing = None if row is None else int(row[0])
            opened += row is None
        total = count_total(standing, counted, line.count.mode, scale=sku.scale, path=(*path, "counted"))
        totals[key] = total
        expected = balance_in(tx, stocktake.store, sku.code, batch)
        judged.append(JudgedLine(line, sku, batch, new_lot, counted, total, expected))
    return judged, opened


def _sku_of(tx: Transaction, line: Line) -> Sku:
    scan, path = line.scan, line.path
    if scan.gtin is None:
        return sku_in(tx, str(scan.sku), (*path, "sku" if line.count.scan is None else "scan"))
    owner = tx.get(rows.GTINS, (scan.gtin,))
    if owner is None or owner[0] == rows.RELEASED:
        raise UnknownThing(Code.GTIN_UNKNOWN, (*path, "scan"), {"gtin": scan.gtin})
    return sku_in(tx, owner[0], (*path, "scan"))


def _batch_of(line: Line, sku: Sku) -> str | None:
    batch = line.count.batch
    if batch is None and sku.lot_tracking is not LotTracking.NONE:
        batch = line.scan.batch
    require_batch(sku, batch, (*line.path, "batch"))
    return batch


def _record_count(
    tx: Transaction, asked: Asked, decided: Decided, stocktake: Stocktake, place: int, judged: JudgedLine
) -> Counted:
    sku, batch, count = judged.sku, judged.batch, judged.line.count
    if judged.new_lot and batch is not None:
        append_lot(
            tx,
            asked,
            decided,
            sku=sku.code,
            batch=batch,
            expiry=judged.line.scan.expiry,
            # Beyond the ids of the lines themselves.
            event_id=derived_event_id(asked.event_id, COUNT_LINES_MAX + place),
        )
    data: dict[str, JSON] = {
        "counted": judged.counted,
        "expected": judged.expected,
        "mode": count.mode.value,
        "scale": sku.scale,
        "sku": sku.code,
        "stocktake": stocktake.id,
        "store": stocktake.store,
        "total": judged.total,
    }
    if batch is not None:
        data["batch"] = batch
    if judged.line.scan.gtin is not None:
        data["gtin"] = judged.line.scan.gtin
    subjects: tuple[Subject, ...] = (session(stocktake.id), Subject(SUBJECT_SKU, sku.code))
    if batch is not None:
        subjects = (*subjects, Subject(SUBJECT_LOT, f"{sku.code}/{batch}"))
    event = asked.event(STOCKTAKE_COUNTED, subjects, data, decided, event_id=derived_event_id(asked.event_id, place))
    entry = tx.append(event)
    key = (stocktake.id, sku.code, batch or rows.NO_BATCH)
    tx.put(entry, rows.COUNTS, key, (judged.total, judged.expected, time_us(tx.now)))
    return Counted(
        entry.index,
        stocktake.id,
        sku.code,
        batch,
        judged.counted,
        judged.total,
        judged.expected,
        sku.scale,
    )


def _content(count: CountLine) -> dict[str, JSON]:
    content: dict[str, JSON] = {"counted": str(count.counted), "mode": count.mode.value}
    optional = {"batch": count.batch, "scan": count.scan, "sku": count.sku}
    content.update({name: value for name, value in optional.items() if value is not None})
    return content
