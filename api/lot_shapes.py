"""How lots alive look in an answer, on a line of a file, and in the description."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Final

from api.members import Schema
from api.schemas import BOOLEAN, COUNT, DATE, HASH, INTEGER, TEXT, TIME, listed, record, ref
from api.shapes import Json, lot_json, present, time_json
from stock.lots.model import Movement, Picking, Recall

COLUMNS: Final = (
    "index",
    "recorded_at",
    "type",
    "store",
    "sku",
    "batch",
    "change",
    "before",
    "after",
    "scale",
    "reason",
    "reference",
    "document",
    "stocktake",
    "leaf_hash",
)


def csv_line(values: "tuple[object, ...] | list[object]") -> bytes:
    """Return one line of CSV (RFC 4180); text that a spreadsheet would take as a formula is marked as text."""
    out = io.StringIO()
    safe = [
        "'" + value if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"} else value for value in values
    ]
    csv.writer(out, lineterminator="\r\n").writerow(safe)
    return out.getvalue().encode()


def picking_json(found: Picking) -> Json:
    """Return which lots to take."""
    return {
        "store": found.store,
        "sku": found.sku,
        "scale": found.scale,
        "wanted": found.wanted,
        "missing": found.missing,
        "take": [
            present({"batch": take.batch, "expiry": _day(take.expiry), "quantity": take.quantity, "left": take.left})
            for take in found.takes
        ],
        "unusable": [
            present({"batch": lot.batch, "expiry": _day(lot.expiry), "quantity": lot.quantity})
            for lot in found.unusable
        ],
    }


def recall_json(found: Recall, linked: Iterable[str]) -> Json:
    """Return where a lot has been; `linked` are documents that are evidence of an entry about it."""
    return {
        "lot": lot_json(found.lot),
        "scale": found.scale,
        "stores": [
            {
                "store": at.store,
                "quantity": at.quantity,
                "received": at.received,
                "issued": at.issued,
                "movements": at.movements,
            }
            for at in found.stores
        ],
        "documents": sorted({*found.documents, *linked}),
        "references": list(found.references),
        "movements": found.movements,
        "complete": found.complete,
        "tree_size": found.size,
    }


def movement_json(found: Movement, sku: str, batch: str) -> Json:
    """Return an entry about a lot."""
    return {
        "index": found.index,
        "recorded_at": time_json(found.recorded_at),
        "type": found.type,
        "sku": sku,
        "batch": batch,
        "leaf_hash": found.leaf_hash.hex(),
        **present(
            {
                "store": found.store,
                "change": found.change,
                "before": found.before,
                "after": found.after,
                "scale": found.scale,
                "reason": found.reason,
                "reference": found.reference,
                "document": found.document,
                "stocktake": found.stocktake,
            }
        ),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


MOVEMENT: Final[Schema] = record(
    {"index": COUNT, "recorded_at": TIME, "type": TEXT, "sku": TEXT, "batch": TEXT, "leaf_hash": HASH},
    optional={
        "store": TEXT,
        "change": INTEGER,
        "before": INTEGER,
        "after": INTEGER,
        "scale": COUNT,
        "reason": TEXT,
        "reference": TEXT,
        "document": TEXT,
        "stocktake": TEXT,
    },
)
PICKING: Final[Schema] = record(
    {
        "store": TEXT,
        "sku": TEXT,
        "scale": COUNT,
        "wanted": COUNT,
        "missing": COUNT,
        "take": listed(record({"batch": TEXT, "quantity": COUNT, "left": COUNT}, optional={"expiry": DATE})),
        "unusable": listed(record({"batch": TEXT, "quantity": COUNT}, optional={"expiry": DATE})),
    }
)
RECALL: Final[Schema] = record(
    {
        "lot": ref("Lot"),
        "scale": COUNT,
        "stores": listed(
            record({"store": TEXT, "quantity": INTEGER, "received": COUNT, "issued": COUNT, "movements": COUNT})
        ),
        "documents": listed(TEXT),
        "references": listed(TEXT),
        "movements": COUNT,
        "complete": BOOLEAN,
        "tree_size": COUNT,
    }
)
