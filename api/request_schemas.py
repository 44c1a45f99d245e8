"""JSON Schemas of the bodies that the stock room reads, with examples.

They describe what `stock.requests` accepts; a test sends every example, and generated bodies, through both. Optional
members may also be null, which is the same as absent.
"""

from collections.abc import Mapping
from typing import Final

from api.members import Schema
from stock import parsing as stock
from stock.model import CountMode, Direction, LotTracking, StocktakeScope
from stock.quantity import SCALE_MAX
from stock.scan import SCAN_CHARS_MAX, SKU_CHARS_MAX, SKU_FORM
from stock.units import Unit


def text_of(most: int, description: str = "", form: str | None = None) -> dict[str, object]:
    """Return the schema of a text of at most `most` characters."""
    found: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": most}
    if form is not None:
        found["pattern"] = f"^{form}$"
    if description:
        found["description"] = description
    return found


def _one_of(choices: object, description: str = "") -> dict[str, object]:
    found: dict[str, object] = {"type": "string", "enum": [str(choice) for choice in choices]}  # type: ignore[attr-defined]
    return {**found, "description": description} if description else found


def body_of(
    required: Mapping[str, Mapping[str, object]], optional: Mapping[str, Mapping[str, object]], description: str
) -> Schema:
    """Return the schema of a body with a closed set of members; optional ones may be null."""
    return {
        "type": "object",
        "description": description,
        "properties": {
            **required,
            **{name: {"anyOf": [member, {"type": "null"}]} for name, member in optional.items()},
        },
        "required": list(required),
        "additionalProperties": False,
    }


EVENT_ID: Final = {
    "type": "string",
    "format": "uuid",
    "description": "Names this event for ever: sent again, it is the same event. Made for you if you send none.",
}
_STORE: Final = text_of(stock.STORE_CHARS_MAX, "Code of the store.")
_SKU: Final = text_of(SKU_CHARS_MAX, "Code of the SKU.", SKU_FORM.pattern)
_BATCH: Final = text_of(stock.BATCH_CHARS_MAX, "Batch number, as on the goods.")
_REASON: Final = text_of(stock.REASON_CHARS_MAX, "Code of the reason.", "[a-z][a-z0-9_]*")
_DATE: Final = {"type": "string", "format": "date"}
_INSTANT: Final = {"type": "string", "format": "date-time", "description": "With its zone (RFC 3339)."}
_NOTE: Final = text_of(stock.NOTE_CHARS_MAX, "Prose. Personal data: it is kept encrypted beside the log, never in it.")
_REFERENCE: Final = text_of(
    stock.REFERENCE_CHARS_MAX, "Number of a paper, with at least one digit.", "(?=.*[0-9])[A-Za-z0-9._/#:+-]+"
)
_DOCUMENT: Final = text_of(
    stock.REFERENCE_CHARS_MAX,
    "Id of a document that was added, whatever became of it since.",
    "(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._:-]*",
)
_QUANTITY: Final = {
    "description": "A whole number, or a decimal as text with at most as many places as the SKU's scale.",
    "oneOf": [
        {"type": "integer", "minimum": -(10**15) + 1, "maximum": 10**15 - 1},
        {"type": "string", "pattern": "^-?(?:0|[1-9][0-9]{0,14})(?:\\.[0-9]{1,12})?$"},
    ],
}
_COUNTED: Final = {**_QUANTITY, "description": "Zero or more, as a whole number or a decimal as text."}
_MONEY: Final = {
    "type": "object",
    "properties": {
        "amount": {
            "oneOf": [
                {"type": "integer", "minimum": 0, "maximum": 10**12},
                {"type": "string", "pattern": "^(?:0|[1-9][0-9]{0,12})(?:\\.[0-9]{1,6})?$"},
            ],
            "description": "Minor units as an integer, or the decimal amount as text.",
        },
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217."},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
NAMES: Final = {
    "name_zh": text_of(stock.NAME_CHARS_MAX, "Name in Chinese."),
    "name_en": text_of(stock.NAME_CHARS_MAX, "Name in English."),
}
EXAMPLE_ID: Final = "01890a5d-ac96-774b-bcce-b302099a8057"

ADJUSTMENT: Final = body_of(
    {"store": _STORE, "sku": _SKU, "reason": _REASON, "change": _QUANTITY},
    {
        "event_id": EVENT_ID,
        "batch": _BATCH,
        "expiry": {**_DATE, "description": "With goods that come in: makes the lot if it is new."},
        "reference": _REFERENCE,
        "document": _DOCUMENT,
        "unit_price": _MONEY,
        "occurred_at": _INSTANT,
        "note": _NOTE,
    },
    "One movement of stock.",
)
ADJUSTMENT_EXAMPLE: Final = {
    "event_id": EXAMPLE_ID,
    "store": "MK01",
    "sku": "TEA-001",
    "reason": "sale",
    "change": -2,
    "reference": "POS-20261122-00123",
    "occurred_at": "2026-11-22T20:00:00+08:00",
}
CORRECTION: Final = body_of(
    {"corrects": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1, "description": "The entry that was wrong."}},
    {
        "event_id": EVENT_ID,
        "replacement": {**_QUANTITY, "description": "What the change should have been; without it, none at all."},
        "reason": _REASON,
        "reference": _REFERENCE,
        "document": _DOCUMENT,
        "note": _NOTE,
    },
    "What an earlier adjustment should have said.",
)
CORRECTION_EXAMPLE: Final = {"event_id": EXAMPLE_ID, "corrects": 1024, "replacement": -1}
SKU: Final = body_of(
    {"code": _SKU, "unit": _one_of(Unit)},
    {
        "event_id": EVENT_ID,
        **NAMES,
        "scale": {
            "type": "integer",
            "minimum": 0,
            "maximum": SCALE_MAX,
            "description": "Decimal places of quantities.",
        },
        "lot_tracking": _one_of(LotTracking),
        "gtin": text_of(14, "8, 12, 13 or 14 digits with a right check digit.", "[0-9]{8,14}"),
    },
    "A new SKU, with a name in Chinese, English or both. Unit and scale never change.",
)
SKU_EXAMPLE: Final = {
    "event_id": EXAMPLE_ID,
    "code": "TEA-001",
    "name_zh": "普洱茶餅",
    "name_en": "Pu-erh tea cake",
    "unit": "piece",
    "gtin": "4006381333931",
}
SKU_CHANGE: Final = body_of(
    {},
    {
        "event_id": EVENT_ID,
        **NAMES,
        "lot_tracking": _one_of(LotTracking),
        "gtin": text_of(14, "null takes the GTIN away.", "[0-9]{8,14}"),
    },
    "What is to change; absent members stay.",
)
SKU_CHANGE_EXAMPLE: Final = {"event_id": EXAMPLE_ID, "name_en": "Pu-erh tea cake, 357 g"}
LOT: Final = body_of({"sku": _SKU, "batch": _BATCH}, {"event_id": EVENT_ID, "expiry": _DATE}, "A new lot of a SKU.")
LOT_EXAMPLE: Final = {"event_id": EXAMPLE_ID, "sku": "TEA-001", "batch": "L2609", "expiry": "2028-09-30"}
REASON: Final = body_of(
    {"code": _REASON, "direction": _one_of(Direction)},
    {"event_id": EVENT_ID, **NAMES},
    "A new reason why stock moves, with a name in Chinese, English or both.",
)
REASON_EXAMPLE: Final = {
    "event_id": EXAMPLE_ID,
    "code": "charity",
    "name_zh": "慈善捐贈",
    "name_en": "Given to charity",
    "direction": "out",
}
REASON_CHANGE: Final = body_of(
    {}, {"event_id": EVENT_ID, **NAMES, "active": {"type": "boolean"}}, "What is to change; absent members stay."
)
REASON_CHANGE_EXAMPLE: Final = {"event_id": EXAMPLE_ID, "active": False}
OPEN_STOCKTAKE: Final = body_of(
    {"store": _STORE},
    {
        "event_id": EVENT_ID,
        "scope": _one_of(StocktakeScope, "`full`: what nobody counts is taken for none."),
        "note": _NOTE,
    },
    "The beginning of a stocktake.",
)
OPEN_STOCKTAKE_EXAMPLE: Final = {"event_id": EXAMPLE_ID, "store": "MK01", "scope": "partial"}
COUNTS: Final = body_of(
    {
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": stock.COUNT_LINES_MAX,
            "items": body_of(
                {},
                {
                    "sku": _SKU,
                    "scan": text_of(
                        SCAN_CHARS_MAX, "What a scanner read: a GTIN, a GS1 element string or Digital Link."
                    ),
                    "counted": _COUNTED,
                    "batch": _BATCH,
                    "mode": _one_of(CountMode, "`add` to the count before, or `replace` it."),
                },
                "One count, of either a SKU or a scan.",
            ),
        }
    },
    {"event_id": EVENT_ID},
    "Counts, taken all together or not at all.",
)
COUNTS_EXAMPLE: Final = {
    "event_id": EXAMPLE_ID,
    "lines": [{"sku": "TEA-001", "counted": 41}, {"scan": "4006381333931"}],
}
END_STOCKTAKE: Final = body_of({}, {"event_id": EVENT_ID, "note": _NOTE}, "The end of a stocktake.")
END_STOCKTAKE_EXAMPLE: Final = {"event_id": EXAMPLE_ID}
