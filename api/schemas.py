"""JSON Schemas of what the API answers (JSON Schema 2020-12, as OpenAPI 3.1 has it), by name.

Hashes are lower-case hex; times are UTC with microseconds and `Z`; quantities are integers at the SKU's scale.
"""

from collections.abc import Mapping
from typing import Final

from api.members import Schema
from policies.model import AccountState, NegativeStockRule, PrincipalKind, Role, ScopeKind
from stock.model import (
    Direction,
    DisagreementKind,
    LotTracking,
    RowState,
    StocktakeScope,
    StocktakeState,
)
from stock.units import Unit

HASH: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME: Final[Schema] = {"type": "string", "format": "date-time"}
DATE: Final[Schema] = {"type": "string", "format": "date"}
UUID: Final[Schema] = {"type": "string", "format": "uuid"}
TEXT: Final[Schema] = {"type": "string"}
INTEGER: Final[Schema] = {"type": "integer"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
BOOLEAN: Final[Schema] = {"type": "boolean"}
ANYTHING: Final[Schema] = {}


def ref(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(
    members: Mapping[str, Schema], *, optional: Mapping[str, Schema] | None = None, description: str = ""
) -> Schema:
    """Return the schema of an object with these members, and maybe some others."""
    found: dict[str, object] = {
        "type": "object",
        "properties": {**members, **(optional or {})},
        "required": list(members),
        "additionalProperties": False,
    }
    if description:
        found["description"] = description
    return found


def listed(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def nullable(schema: Schema) -> Schema:
    """Return the schema of a value or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def choice(values: "type[object] | tuple[str, ...]") -> Schema:
    """Return the schema of one of a closed set of texts."""
    return {"type": "string", "enum": [str(value) for value in values]}  # type: ignore[union-attr]


def page(item: Schema, **more: Schema) -> Schema:
    """Return the schema of a page of a list."""
    return record({"items": listed(item), "next_cursor": nullable(TEXT), **more})


def change_of(result: Schema) -> Schema:
    """Return the schema of the answer to a change; a repeated one brings no result, but the receipt of the first time."""
    return record({"replayed": BOOLEAN, "receipt": ref("Receipt")}, optional={"result": result})


def described(schema: Schema, description: str) -> Schema:
    """Return the schema with a description."""
    return {**schema, "description": description}


_RECEIPT: Final = record(
    {
        "index": described(COUNT, "The entry's position in the log, from 0."),
        "leaf_hash": described(HASH, "SHA-256(0x00 ‖ bytes) of the entry (RFC 9162 §2.1.1)."),
        "tree_size": described(COUNT, "The size of the tree the proof leads to."),
        "inclusion_proof": described(listed(HASH), "RFC 9162 §2.1.3 path from the leaf to the root."),
        "checkpoint": described(TEXT, "The signed checkpoint of that tree (C2SP tlog-checkpoint)."),
    },
    description="Proves on its own that the log holds the entry.",
)

_ADJUSTED: Final = {
    "event_id": UUID,
    "index": COUNT,
    "leaf_hash": HASH,
    "store": TEXT,
    "sku": TEXT,
    "reason": TEXT,
    "before": INTEGER,
    "change": INTEGER,
    "after": INTEGER,
    "scale": COUNT,
}

_FAULT: Final = record(
    {"code": TEXT, "detail": TEXT},
    optional={"pointer": TEXT, "parameter": TEXT, "line": COUNT},
    description="One thing wrong with one member or parameter.",
)

SCHEMAS: Final[dict[str, Schema]] = {
    "Problem": {
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": TEXT,
            "code": described(TEXT, "The stable name of this kind of problem."),
            "request_id": TEXT,
            "errors": listed(ref("Fault")),
        },
        "required": ["type", "title", "status", "detail", "code", "request_id"],
    },
    "Fault": _FAULT,
    "Receipt": _RECEIPT,
    "Entry": record(
        {
            "index": COUNT,
            "leaf_hash": HASH,
            "entry": {
                "type": "object",
                "description": "The entry's canonical JSON, byte for byte as it was hashed.",
            },
        }
    ),
    "Adjusted": record(
        {**_ADJUSTED, "replayed": BOOLEAN, "receipt": ref("Receipt")},
        optional={"batch": TEXT},
        description="A movement of stock as it was applied.",
    ),
    "Row": record(
        {"row": COUNT, "state": choice(RowState)},
        optional={
            "line": COUNT,
            "event_id": UUID,
            "index": COUNT,
            "leaf_hash": HASH,
            "before": INTEGER,
            "change": INTEGER,
            "after": INTEGER,
            "scale": COUNT,
            "errors": listed(ref("Fault")),
        },
    ),
    "BatchResult": record(
        {
            "applied": COUNT,
            "replayed": COUNT,
            "refused": COUNT,
            "rows": listed(ref("Row")),
        },
        optional={"receipt": ref("Receipt")},
    ),
    "Checkpoint": record(
        {"origin": TEXT, "tree_size": COUNT, "root_hash": HASH, "note": TEXT, "vkey": TEXT},
        optional={"published_at": TIME},
    ),
    "InclusionProof": record(
        {
            "index": COUNT,
            "leaf_hash": HASH,
            "tree_size": COUNT,
            "root_hash": HASH,
            "inclusion_proof": listed(HASH),
        },
        optional={"checkpoint": TEXT},
    ),
    "ConsistencyProof": record(
        {
            "first": COUNT,
            "second": COUNT,
            "first_root_hash": HASH,
            "second_root_hash": HASH,
            "consistency_proof": listed(HASH),
        }
    ),
    "Personal": record(
        {
            "index": COUNT,
            "values": {"type": "object", "additionalProperties": nullable(TEXT)},
            "superseded": {"type": "object", "additionalProperties": TEXT},
            "dispute_notes": {"type": "object", "additionalProperties": TEXT},
        }
    ),
    "Job": record(
        {
            "id": TEXT,
            "kind": TEXT,
            "state": TEXT,
            "requested_by_entry": COUNT,
            "attempts": COUNT,
            "cancel_requested": BOOLEAN,
            "payload": ANYTHING,
        },
        optional={
            "progress": record({"done": COUNT, "total": COUNT}),
            "result": ANYTHING,
            "failure": record({"code": TEXT, "reason": TEXT}),
            "started_at": TIME,
            "finished_at": TIME,
            "receipt": ref("Receipt"),
        },
    ),
    "Area": record({"code": TEXT, "name_zh": TEXT, "name_en": TEXT}),
    "Store": record(
        {
            "code": TEXT,
            "area": TEXT,
            "name_zh": TEXT,
            "name_en": TEXT,
            "negative_stock": choice(NegativeStockRule),
            "approval_above": nullable(COUNT),
        }
    ),
    "Assignment": record({"principal": TEXT, "kind": choice(ScopeKind)}, optional={"target": TEXT}),
    "Principal": record(
        {
            "id": TEXT,
            "kind": choice(PrincipalKind),
            "role": choice(Role),
            "state": choice(AccountState),
            "erased": BOOLEAN,
            "assignments": listed(ref("Assignment")),
        },
        optional={"label": TEXT},
    ),
    "ApiKey": record(
        {
            "id": described(TEXT, "The key's public prefix."),
            "principal": TEXT,
            "scopes": listed(TEXT),
            "issued_at": TIME,
            "expires_at": TIME,
            "rate_per_minute": COUNT,
        },
        optional={
            "revoked_at": TIME,
            "quota_per_month": COUNT,
            "last_used_at": TIME,
            "calls_this_month": COUNT,
        },
    ),
    "IssuedKey": record({"secret": described(TEXT, "Shown this once."), "key": ref("ApiKey")}),
    "Sku": record(
        {
            "code": TEXT,
            "name_zh": TEXT,
            "name_en": TEXT,
            "unit": choice(Unit),
            "scale": COUNT,
            "lot_tracking": choice(LotTracking),
        },
        optional={"gtin": TEXT},
    ),
    "Lot": record({"sku": TEXT, "batch": TEXT}, optional={"expiry": DATE}),
    "Reason": record(
        {"code": TEXT, "name_zh": TEXT, "name_en": TEXT, "direction": choice(Direction), "active": BOOLEAN},
    ),
    "Balance": record(
        {"store": TEXT, "sku": TEXT, "quantity": INTEGER, "scale": COUNT, "entry_index": COUNT},
        optional={"batch": TEXT},
    ),
    "LotBalance": record(
        {"store": TEXT, "sku": TEXT, "batch": TEXT, "expiry": DATE, "quantity": INTEGER, "scale": COUNT}
    ),
    "Disagreement": record(
        {"kind": choice(DisagreementKind)},
        optional={
            "store": TEXT,
            "sku": TEXT,
            "batch": TEXT,
            "expected": INTEGER,
            "found": INTEGER,
            "index": COUNT,
        },
    ),
    "Stocktake": record(
        {
            "id": TEXT,
            "store": TEXT,
            "scope": choice(StocktakeScope),
            "state": choice(StocktakeState),
            "opened_at": TIME,
            "opened_by": TEXT,
            "lines": COUNT,
            "differences": COUNT,
        },
        optional={
            "ended_at": TIME,
            "ended_by": TEXT,
            "duration_s": COUNT,
        },
    ),
    "Counted": record(
        {
            "index": COUNT,
            "stocktake": TEXT,
            "sku": TEXT,
            "counted": INTEGER,
            "total": INTEGER,
            "expected": INTEGER,
            "scale": COUNT,
        },
        optional={"batch": TEXT},
    ),
    "StocktakeClosed": record(
        {
            "stocktake": TEXT,
            "index": COUNT,
            "lines": COUNT,
            "duration_s": COUNT,
            "adjustments": listed(
                record(
                    {name: schema for name, schema in _ADJUSTED.items() if name != "event_id"}, optional={"batch": TEXT}
                )
            ),
        }
    ),
    "CountedLine": record(
        {
            "stocktake": TEXT,
            "sku": TEXT,
            "counted": INTEGER,
            "expected": INTEGER,
            "difference": INTEGER,
            "scale": COUNT,
            "counted_at": TIME,
            "entry_index": COUNT,
        },
        optional={"batch": TEXT},
    ),
}
