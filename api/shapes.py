"""How values of the rooms below look in an answer. Optional members are absent, never null."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from api.problems import Fault, Problem
from api.replies import Answer, json_answer
from audit.entry import parse_entry
from audit.event import format_time, time_us
from stock.model import (
    Adjusted,
    Balance,
    Counted,
    CountedLine,
    Disagreement,
    Lot,
    LotBalance,
    Reason,
    Sku,
    Stocktake,
    StocktakeClosed,
)
from storage.database import Database
from storage.model import Committed, Receipt
from storage.reading import StoredEntry, read_entry

T = TypeVar("T")

Json = dict[str, Any]

ENTRIES: Final = "/api/v1/entries/"


def receipt_json(receipt: Receipt) -> Json:
    """Return a receipt."""
    return {
        "index": receipt.index,
        "leaf_hash": receipt.leaf_hash.hex(),
        "tree_size": receipt.size,
        "inclusion_proof": [node.hex() for node in receipt.proof],
        "checkpoint": receipt.checkpoint,
    }


def created(shape: Json, committed: Committed[Any]) -> Answer:
    """Return the answer to a change: 201 with its receipt, or 200 if it had been made before."""
    body = {**shape, "replayed": committed.replayed, "receipt": receipt_json(committed.receipt)}
    status = 200 if committed.replayed else 201
    return json_answer(body, status, (("Location", f"{ENTRIES}{committed.receipt.index}"),))


def change_answer(committed: Committed[T], shape: Callable[[T], Json], *, status: int = 201) -> Answer:
    """Return the answer to a change: its result and receipt; a repeated one has the receipt of the first time."""
    body: Json = {"replayed": committed.replayed, "receipt": receipt_json(committed.receipt)}
    if committed.result is not None:
        body["result"] = shape(committed.result)
    code = 200 if committed.replayed else status
    return json_answer(body, code, (("Location", f"{ENTRIES}{committed.receipt.index}"),))


def time_json(moment: datetime) -> str:
    """Return a time as the log writes it."""
    return format_time(time_us(moment))


def entry_bytes(entry: StoredEntry) -> bytes:
    """Return an entry with its place and hash; the entry itself byte for byte."""
    return b'{"index":%d,"leaf_hash":"%s","entry":%s}' % (entry.index, entry.leaf_hash.hex().encode(), entry.bytes)


def adjusted_json(adjusted: Adjusted) -> Json:
    """Return a movement that was applied now."""
    found = {
        "index": adjusted.index,
        "leaf_hash": adjusted.leaf_hash.hex(),
        "store": adjusted.store,
        "sku": adjusted.sku,
        "reason": adjusted.reason,
        "before": adjusted.before,
        "change": adjusted.change,
        "after": adjusted.after,
        "scale": adjusted.scale,
    }
    if adjusted.batch is not None:
        found["batch"] = adjusted.batch
    return found


def recorded_json(database: Database, receipt: Receipt) -> Json:
    """Return a movement as its entry says it, for a call that was repeated."""
    with database.read() as connection:
        stored = read_entry(connection, receipt.index)
    entry = parse_entry(stored.bytes)
    data = entry.event.data
    members = ("store", "sku", "batch", "reason", "before", "change", "after", "scale")
    return {
        "event_id": str(entry.event.event_id),
        "index": stored.index,
        "leaf_hash": stored.leaf_hash.hex(),
        **{name: data[name] for name in members if name in data},
    }


def faults_of(problem: Problem) -> list[Fault]:
    """Return what is wrong with one row: its faults, or the problem itself, at the row."""
    return list(problem.faults) or [Fault(problem.kind.code, problem.detail)]


def sku_json(sku: Sku) -> Json:
    """Return a SKU."""
    found = {
        "code": sku.code,
        "name_zh": sku.name_zh,
        "name_en": sku.name_en,
        "unit": sku.unit.value,
        "scale": sku.scale,
        "lot_tracking": sku.lot_tracking.value,
    }
    return found if sku.gtin is None else {**found, "gtin": sku.gtin}


def lot_json(lot: Lot) -> Json:
    """Return a lot."""
    found = {"sku": lot.sku, "batch": lot.batch}
    return found if lot.expiry is None else {**found, "expiry": lot.expiry.isoformat()}


def reason_json(reason: Reason) -> Json:
    """Return a reason."""
    return {
        "code": reason.code,
        "name_zh": reason.name_zh,
        "name_en": reason.name_en,
        "direction": reason.direction.value,
        "active": reason.active,
    }


def balance_json(balance: Balance) -> Json:
    """Return a balance."""
    found = {
        "store": balance.store,
        "sku": balance.sku,
        "quantity": balance.quantity,
        "scale": balance.scale,
        "entry_index": balance.entry_index,
    }
    return found if balance.batch is None else {**found, "batch": balance.batch}


def lot_balance_json(balance: LotBalance) -> Json:
    """Return the balance of a lot that expires."""
    return {
        "store": balance.store,
        "sku": balance.sku,
        "batch": balance.batch,
        "expiry": balance.expiry.isoformat(),
        "quantity": balance.quantity,
        "scale": balance.scale,
    }


def disagreement_json(found: Disagreement) -> Json:
    """Return one thing on which balances and entries disagree."""
    members: Mapping[str, object] = {
        "store": found.store or None,
        "sku": found.sku or None,
        "batch": found.batch,
        "expected": found.expected,
        "found": found.found,
        "index": found.index,
    }
    return {"kind": found.kind.value, **present(members)}


def stocktake_json(stocktake: Stocktake) -> Json:
    """Return a stocktake."""
    return {
        "id": stocktake.id,
        "store": stocktake.store,
        "scope": stocktake.scope.value,
        "state": stocktake.state.value,
        "opened_at": time_json(stocktake.opened_at),
        "opened_by": stocktake.opened_by,
        "lines": stocktake.lines,
        "differences": stocktake.differences,
        **present(
            {
                "ended_at": None if stocktake.ended_at is None else time_json(stocktake.ended_at),
                "ended_by": stocktake.ended_by,
                "duration_s": stocktake.duration_s,
            }
        ),
    }


def counted_json(counted: Counted) -> Json:
    """Return one count as it was taken."""
    found = {
        "index": counted.index,
        "stocktake": counted.stocktake,
        "sku": counted.sku,
        "counted": counted.counted,
        "total": counted.total,
        "expected": counted.expected,
        "scale": counted.scale,
    }
    return found if counted.batch is None else {**found, "batch": counted.batch}


def closed_json(closed: StocktakeClosed) -> Json:
    """Return how a stocktake ended."""
    return {
        "stocktake": closed.stocktake,
        "index": closed.index,
        "lines": closed.lines,
        "duration_s": closed.duration_s,
        "adjustments": [adjusted_json(adjusted) for adjusted in closed.adjustments],
    }


def line_json(line: CountedLine) -> Json:
    """Return a counted line."""
    found = {
        "stocktake": line.stocktake,
        "sku": line.sku,
        "counted": line.counted,
        "expected": line.expected,
        "difference": line.difference,
        "scale": line.scale,
        "counted_at": time_json(line.counted_at),
        "entry_index": line.entry_index,
    }
    return found if line.batch is None else {**found, "batch": line.batch}


def present(members: Mapping[str, object]) -> Json:
    """Return the members that have a value."""
    return {name: value for name, value in members.items() if value is not None}
