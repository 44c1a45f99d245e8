"""Reading requests from JSON or from a file's row.

Rules:
- Unknown members are refused; `null` is the same as absent, except where a SKU change takes its GTIN away.
- Text is taken as it is, never trimmed or normalised; what could not be seen or could mislead is refused.
- Every text, list and number has a bound, in the constants here and in `stock.members`.
- The first fault found is raised, with the path to its member.
"""

from __future__ import annotations

import re
from dataclasses import fields
from functools import lru_cache
from typing import Final
from uuid import UUID

from policies.personal_data import PersonalKind, detect, is_personal_code
from policies.refusals import Path
from stock.errors import Code, InvalidRequest
from stock.members import (
    CODES_KEPT,
    Members,
    both_names,
    impersonal,
    parse_choice,
    parse_code,
    parse_count,
    parse_date,
    parse_instant,
    parse_line,
    parse_money,
    parse_prose,
    parse_truth,
    parse_whole,
)
from stock.model import CountMode, Direction, LotTracking, StocktakeScope
from stock.quantity import SCALE_MAX, Quantity, parse_quantity
from stock.requests import (
    KEEP,
    AdjustmentRequest,
    CorrectionRequest,
    CountLine,
    CountRequest,
    EndStocktakeRequest,
    LotRequest,
    OpenStocktakeRequest,
    ReasonChangeRequest,
    ReasonRequest,
    SkuChangeRequest,
    SkuRequest,
)
from stock.scan import SCAN_CHARS_MAX, SKU_CHARS_MAX, SKU_FORM, parse_gtin
from stock.units import Unit

BATCH_CHARS_MAX: Final = 40
REASON_CHARS_MAX: Final = 32
REFERENCE_CHARS_MAX: Final = 64
STORE_CHARS_MAX: Final = 32
NAME_CHARS_MAX: Final = 120
NOTE_CHARS_MAX: Final = 1000
STOCKTAKE_CHARS_MAX: Final = 24
COUNT_LINES_MAX: Final = 1000
INDEX_MAX: Final = 2**53 - 1

# With a digit somewhere: what has none may be somebody's name, and entries are for ever.
_REFERENCE = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9._/#:+-]+")
_DOCUMENT = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._:-]*")
_REASON = re.compile(r"[a-z][a-z0-9_]*")
_STOCKTAKE = re.compile(r"st_(?:0|[1-9][0-9]*)")


def _parse_reference(value: object, path: Path) -> str:
    text = _short_reference(value, path)
    if _REFERENCE.fullmatch(text) is None:
        raise InvalidRequest(Code.REFERENCE_FORM, path, {"max": REFERENCE_CHARS_MAX})
    return impersonal(text, path)


def _parse_batch(value: object, path: Path) -> str:
    batch = _batch_line(value, path)
    if _is_personal_batch(batch):
        raise InvalidRequest(Code.CODE_PERSONAL, path)
    return batch


# A feed names the same few batches again and again.
@lru_cache(maxsize=CODES_KEPT)
def _is_personal_batch(batch: str) -> bool:
    # What is printed on goods has any characters: names and addresses are told from it as in prose.
    return is_personal_code(batch) or bool(detect(batch, (PersonalKind.NAME, PersonalKind.ADDRESS)))


def _parse_gtin(value: object, path: Path) -> str:
    return parse_gtin(_short_reference(value, path), path)


def _parse_scan_text(value: object, path: Path) -> str:
    # What it means is decided by `stock.scan`, which needs to know the day.
    if not isinstance(value, str):
        raise InvalidRequest(Code.TEXT_EXPECTED, path)
    if len(value) > SCAN_CHARS_MAX:
        raise InvalidRequest(Code.TEXT_TOO_LONG, path, {"max": SCAN_CHARS_MAX, "got": len(value)})
    return value


_short_reference = parse_line(REFERENCE_CHARS_MAX)
_batch_line = parse_line(BATCH_CHARS_MAX)
_parse_store = parse_line(STORE_CHARS_MAX)
_parse_name = parse_line(NAME_CHARS_MAX)
_parse_note = parse_prose(NOTE_CHARS_MAX)
_parse_index = parse_whole(0, INDEX_MAX)
_parse_scale = parse_whole(0, SCALE_MAX)
_parse_unit = parse_choice(Unit)
_parse_tracking = parse_choice(LotTracking)
_parse_direction = parse_choice(Direction)
_parse_scope = parse_choice(StocktakeScope)
_parse_mode = parse_choice(CountMode)
_parse_sku = parse_code(SKU_FORM, SKU_CHARS_MAX, f"A-Z a-z 0-9 . _ + # -, <= {SKU_CHARS_MAX}")
_parse_document = parse_code(
    _DOCUMENT, REFERENCE_CHARS_MAX, f"A-Z a-z 0-9 . _ : -, >= 1 x 0-9, <= {REFERENCE_CHARS_MAX}"
)
_parse_reason = parse_code(_REASON, REASON_CHARS_MAX, f"a-z 0-9 _, <= {REASON_CHARS_MAX}")
_parse_stocktake = parse_code(_STOCKTAKE, STOCKTAKE_CHARS_MAX, "st_ + 0-9")

_FROM_ADDRESS: Final = {SkuChangeRequest: "code", ReasonChangeRequest: "code"} | dict.fromkeys(
    (CountRequest, EndStocktakeRequest), "stocktake"
)
# The members of each request are the fields of its type, less the one that the address of the call names.
_NAMES: Final[dict[type, frozenset[str]]] = {
    request: frozenset(field.name for field in fields(request)) - {_FROM_ADDRESS.get(request)}
    for request in (
        AdjustmentRequest,
        CorrectionRequest,
        CountLine,
        CountRequest,
        EndStocktakeRequest,
        LotRequest,
        OpenStocktakeRequest,
        ReasonChangeRequest,
        ReasonRequest,
        SkuChangeRequest,
        SkuRequest,
    )
}


def parse_adjustment(content: object, *, event_id: UUID | None = None, path: Path = ()) -> AdjustmentRequest:
    """Read one adjustment. `event_id` is used if the content brings none.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[AdjustmentRequest], path)
    batch = members.optional("batch", _parse_batch)
    expiry = members.optional("expiry", parse_date)
    if expiry is not None and batch is None:
        raise InvalidRequest(Code.EXPIRY_WITHOUT_BATCH, (*path, "expiry"))
    return AdjustmentRequest(
        event_id=members.event_id(event_id),
        store=members.required("store", _parse_store),
        sku=members.required("sku", _parse_sku),
        reason=members.required("reason", _parse_reason),
        change=members.required("change", parse_quantity),
        batch=batch,
        expiry=expiry,
        reference=members.optional("reference", _parse_reference),
        document=members.optional("document", _parse_document),
        unit_price=members.optional("unit_price", parse_money),
        occurred_at=members.optional("occurred_at", parse_instant),
        note=members.optional("note", _parse_note),
    )


def parse_correction(content: object, *, event_id: UUID | None = None) -> CorrectionRequest:
    """Read a correction; without `replacement`, the entry is undone.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[CorrectionRequest])
    return CorrectionRequest(
        event_id=members.event_id(event_id),
        corrects=members.required("corrects", _parse_index),
        replacement=members.optional("replacement", parse_quantity) or Quantity(0),
        reason=members.optional("reason", _parse_reason),
        reference=members.optional("reference", _parse_reference),
        document=members.optional("document", _parse_document),
        note=members.optional("note", _parse_note),
    )


def parse_sku(content: object, *, event_id: UUID | None = None) -> SkuRequest:
    """Read a new SKU; a name given in one language stands for both.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[SkuRequest])
    name_zh, name_en = both_names(members, _parse_name)
    return SkuRequest(
        event_id=members.event_id(event_id),
        code=members.required("code", _parse_sku),
        name_zh=name_zh,
        name_en=name_en,
        unit=members.required("unit", _parse_unit),
        scale=members.optional("scale", _parse_scale) or 0,
        lot_tracking=members.optional("lot_tracking", _parse_tracking) or LotTracking.NONE,
        gtin=members.optional("gtin", _parse_gtin),
    )


def parse_sku_change(content: object, *, code: str, event_id: UUID | None = None) -> SkuChangeRequest:
    """Read a change of the SKU `code`; a GTIN of null takes the GTIN away (RFC 7396).

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[SkuChangeRequest])
    return SkuChangeRequest(
        event_id=members.event_id(event_id),
        code=_parse_sku(code, ("code",)),
        name_zh=members.optional("name_zh", _parse_name),
        name_en=members.optional("name_en", _parse_name),
        lot_tracking=members.optional("lot_tracking", _parse_tracking),
        gtin=members.optional("gtin", _parse_gtin) if members.has("gtin") else KEEP,
    )


def parse_lot(content: object, *, event_id: UUID | None = None) -> LotRequest:
    """Read a new lot.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[LotRequest])
    return LotRequest(
        event_id=members.event_id(event_id),
        sku=members.required("sku", _parse_sku),
        batch=members.required("batch", _parse_batch),
        expiry=members.optional("expiry", parse_date),
    )


def parse_reason(content: object, *, event_id: UUID | None = None) -> ReasonRequest:
    """Read a new reason; a name given in one language stands for both.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[ReasonRequest])
    name_zh, name_en = both_names(members, _parse_name)
    return ReasonRequest(
        event_id=members.event_id(event_id),
        code=members.required("code", _parse_reason),
        name_zh=name_zh,
        name_en=name_en,
        direction=members.required("direction", _parse_direction),
    )


def parse_reason_change(content: object, *, code: str, event_id: UUID | None = None) -> ReasonChangeRequest:
    """Read a change of the reason `code`.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[ReasonChangeRequest])
    return ReasonChangeRequest(
        event_id=members.event_id(event_id),
        code=_parse_reason(code, ("code",)),
        name_zh=members.optional("name_zh", _parse_name),
        name_en=members.optional("name_en", _parse_name),
        active=members.optional("active", parse_truth),
    )


def parse_open_stocktake(content: object, *, event_id: UUID | None = None) -> OpenStocktakeRequest:
    """Read the opening of a stocktake.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[OpenStocktakeRequest])
    return OpenStocktakeRequest(
        event_id=members.event_id(event_id),
        store=members.required("store", _parse_store),
        scope=members.optional("scope", _parse_scope) or StocktakeScope.PARTIAL,
        note=members.optional("note", _parse_note),
    )


def parse_counts(content: object, *, stocktake: str, event_id: UUID | None = None) -> CountRequest:
    """Read counts for a stocktake. A scan without `counted` counts one.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[CountRequest])
    return CountRequest(
        event_id=members.event_id(event_id),
        stocktake=_parse_stocktake(stocktake, ("stocktake",)),
        lines=members.required("lines", _parse_lines),
    )


def parse_end_stocktake(content: object, *, stocktake: str, event_id: UUID | None = None) -> EndStocktakeRequest:
    """Read the closing or cancelling of a stocktake.

    Raises:
        InvalidRequest: the first member that is wrong.
    """
    members = Members(content, _NAMES[EndStocktakeRequest])
    return EndStocktakeRequest(
        event_id=members.event_id(event_id),
        stocktake=_parse_stocktake(stocktake, ("stocktake",)),
        note=members.optional("note", _parse_note),
    )


def _parse_lines(value: object, path: Path) -> tuple[CountLine, ...]:
    if not isinstance(value, list):
        raise InvalidRequest(Code.LIST_EXPECTED, path)
    if not value:
        raise InvalidRequest(Code.LIST_EMPTY, path)
    if len(value) > COUNT_LINES_MAX:
        raise InvalidRequest(Code.LIST_TOO_LONG, path, {"max": COUNT_LINES_MAX, "got": len(value)})
    return tuple(_parse_count_line(item, (*path, position)) for position, item in enumerate(value))


def _parse_count_line(value: object, path: Path) -> CountLine:
    members = Members(value, _NAMES[CountLine], path)
    sku = members.optional("sku", _parse_sku)
    scan = members.optional("scan", _parse_scan_text)
    if (sku is None) == (scan is None):
        raise InvalidRequest(Code.COUNT_SKU_OR_SCAN, path)
    counted = members.optional("counted", parse_count) if scan else members.required("counted", parse_count)
    return CountLine(
        counted=Quantity(1) if counted is None else counted,
        sku=sku,
        scan=scan,
        batch=members.optional("batch", _parse_batch),
        mode=members.optional("mode", _parse_mode) or CountMode.ADD,
    )
