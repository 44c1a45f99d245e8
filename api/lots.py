"""Lots alive: what expires, which to take first, where one has been."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import anyio.to_thread
import orjson

from api import ndjson
from api.balances import STORE, stock_of
from api.calls import Call
from api.lot_shapes import COLUMNS, MOVEMENT, PICKING, RECALL, csv_line, movement_json, picking_json, recall_json
from api.members import Day, Text, Uuid, Whole
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.problem_codes import Code
from api.problems import Fault, Invalid
from api.replies import Answer, json_answer
from api.schemas import TEXT, page, ref
from api.shapes import lot_balance_json
from policies.errors import Denied
from policies.model import Action, Resource
from policies.quota import HONG_KONG
from stock.lots.model import DAYS_DEFAULT, HORIZON_DAYS_MAX, Movement
from stock.lots.reading import movement_at
from stock.model import Page
from stock.parsing import BATCH_CHARS_MAX
from stock.scan import SKU_CHARS_MAX

CHUNK: Final = 1_000
QUANTITY_MAX: Final = 10**15
CSV_TYPE: Final = "text/csv"


@dataclass(frozen=True, slots=True)
class ExpiringParameters:
    """A page of lots that expire: by a day, or within so many days from today."""

    by: date | None = None
    days: int | None = None
    store: str | None = None
    sku: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_expiring_lots(call: Call[ExpiringParameters, None]) -> Answer:
    """Return a page of lots on shelves that expire soon."""
    asked = call.parameters
    if asked.by is not None and asked.days is not None:
        raise Invalid([Fault.of(Code.MEMBER_UNKNOWN, ("days",), expected="by or days, not both")]).of_parameter("days")
    call.require_reading(Action.STOCK_READ, stock_of(asked.store))
    by = asked.by or _today(call) + timedelta(days=DAYS_DEFAULT if asked.days is None else asked.days)
    of = ("expiring_lots", asked.store, asked.sku, str(asked.by), asked.days)
    with call.services.storage.database.read() as connection:
        found = call.services.stock.expiring_lots(
            call.principal,
            connection,
            by=by,
            store=asked.store,
            sku=asked.sku,
            after=place_of(of, asked.cursor, 4),
            limit=asked.limit,
        )
    return page_answer(of, call.only(found, Action.STOCK_READ, lambda item: stock_of(item.store)), lot_balance_json)


@dataclass(frozen=True, slots=True)
class PickingParameters:
    """What is to be taken, and for how long it must last."""

    store: str
    sku: str
    quantity: int
    days_left: int = 0


def suggest_picking(call: Call[PickingParameters, None]) -> Answer:
    """Return which lots to take for a quantity."""
    asked = call.parameters
    call.require_reading(Action.STOCK_READ, stock_of(asked.store))
    with call.services.storage.database.read() as connection:
        found = call.services.stock.picking(
            call.principal,
            connection,
            store=asked.store,
            sku=asked.sku,
            quantity=asked.quantity,
            today=_today(call),
            days_left=asked.days_left,
        )
    return json_answer(picking_json(found))


@dataclass(frozen=True, slots=True)
class LotParameters:
    """Which lot."""

    sku: str
    batch: str


def recall_lot(call: Call[LotParameters, None]) -> Answer:
    """Return every store and document a lot touched."""
    asked = call.parameters
    call.require_reading(Action.STOCK_READ, stock_of(None))
    with call.services.storage.database.read() as connection:
        found = call.services.stock.recall(call.principal, connection, asked.sku, asked.batch)
        linked = call.services.documents.evidence_for(call.principal, connection, found.indexes)
    return json_answer(recall_json(found, linked))


@dataclass(frozen=True, slots=True)
class MovementsParameters:
    """A page of what touched a lot."""

    sku: str
    batch: str
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_lot_movements(call: Call[MovementsParameters, None]) -> Answer:
    """Return a page of every entry about a lot."""
    asked = call.parameters
    call.require_reading(Action.STOCK_READ, stock_of(None))
    of = ("lot_movements", asked.sku, asked.batch)
    place = place_of(of, asked.cursor, 1)
    if place is not None and not place[0].isdecimal():
        raise Invalid([Fault.of(Code.CURSOR_INVALID)]).of_parameter("cursor")
    found = _movements(call, asked.sku, asked.batch, None if place is None else int(place[0]), asked.limit)
    return page_answer(of, found, lambda item: movement_json(item, asked.sku, asked.batch))


class RecallFormat(StrEnum):
    """How a recall is handed out."""

    NDJSON = "ndjson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class RecallExportParameters:
    """A recall as a file."""

    sku: str
    batch: str
    event_id: UUID | None = None


async def export_recall(call: Call[RecallExportParameters, None]) -> Answer:
    """Stream every entry about a lot as NDJSON."""
    return await _export(call, RecallFormat.NDJSON)


async def export_recall_csv(call: Call[RecallExportParameters, None]) -> Answer:
    """Stream every entry about a lot as CSV."""
    return await _export(call, RecallFormat.CSV)


async def _export(call: Call[RecallExportParameters, None], form: RecallFormat) -> Answer:
    await anyio.to_thread.run_sync(_record_export, call, form)
    headers = (("Content-Disposition", f'attachment; filename="recall.{form}"'),)
    media_type = ndjson.MEDIA_TYPE if form is RecallFormat.NDJSON else CSV_TYPE
    return Answer(media_type=media_type, headers=headers, stream=_lines(call, form))


def _record_export(call: Call[RecallExportParameters, None], form: RecallFormat) -> None:
    """Put the export into the log before its first byte leaves, as any sensitive read."""
    asked, services = call.parameters, call.services
    with services.storage.database.read() as connection:
        # A lot that is not there is a refusal, not an empty file.
        services.stock.recall(call.principal, connection, asked.sku, asked.batch)
    decision = call.require(Action.STOCK_READ, Resource("lot"))
    event_id = asked.event_id or call.new_event_id()
    detail = {"batch": asked.batch, "sku": asked.sku, "format": form.value}
    services.storage.log.commit(services.policies.record_read(decision, event_id=event_id, detail=detail))


async def _lines(call: Call[RecallExportParameters, None], form: RecallFormat) -> AsyncIterator[bytes]:
    asked = call.parameters
    after: int | None = None
    if form is RecallFormat.CSV:
        yield csv_line(COLUMNS)
    while True:
        try:
            found = await anyio.to_thread.run_sync(_movements, call, asked.sku, asked.batch, after, CHUNK)
        except Denied as denied:
            # Rights are looked at again with every chunk; whoever loses them gets a broken connection.
            await anyio.to_thread.run_sync(call.record_denial, denied)
            raise
        shapes = [movement_json(item, asked.sku, asked.batch) for item in found.items]
        if form is RecallFormat.CSV:
            yield b"".join(csv_line([shape.get(name, "") for name in COLUMNS]) for shape in shapes)
        else:
            yield b"".join(orjson.dumps(shape) + b"\n" for shape in shapes)
        if found.next is None:
            return
        after = int(found.next[0])


def _movements(
    call: Call[MovementsParameters, None] | Call[RecallExportParameters, None],
    sku: str,
    batch: str,
    after: int | None,
    limit: int,
) -> Page[Movement]:
    with call.services.storage.database.read() as connection:
        found = call.services.stock.lot_movements(call.principal, connection, sku, batch, after=after, limit=limit)
    return call.only(found, Action.STOCK_READ, movement_at)


def _today(call: Call[ExpiringParameters, None] | Call[PickingParameters, None]) -> date:
    return call.now.astimezone(HONG_KONG).date()


_SKU: Final = Text(SKU_CHARS_MAX, description="Code of the SKU.", example="TEA-001")
_BATCH: Final = Text(BATCH_CHARS_MAX, description="Batch number, as on the goods.", example="L2609")
_LOT: Final = {"sku": _SKU, "batch": _BATCH}
_DAYS: Final = Whole(0, HORIZON_DAYS_MAX, "Days from today.")
_EXPORTED: Final = Parameters(
    RecallExportParameters, {**_LOT, "event_id": Uuid("Names this export for ever.")}, ("sku", "batch")
)
_NAMED: Final = {"Content-Disposition": "A name to keep it under."}

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/lots/expiring",
        name="list_expiring_lots",
        tag=Tag.STOCK,
        summary="Lots that expire",
        description=(
            f"What is on the shelves of lots that expire by a day, or within `days` ({DAYS_DEFAULT} if you say neither). Balances below zero "
            "are no goods and are left out; `GET /api/v1/balances/expiring` has them."
        ),
        run=list_expiring_lots,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            ExpiringParameters,
            {"by": Day("Expires on that day or before."), "days": _DAYS, "store": STORE, "sku": _SKU, **PAGING},
        ),
        answers=(Documented(200, "A page, the earliest first.", page(ref("LotBalance"))),),
    ),
    Operation(
        method="GET",
        path="/api/v1/lots/picking",
        name="suggest_picking",
        tag=Tag.STOCK,
        summary="Which lots to take first",
        description=(
            "First expired, first out; lots without a date last. Lots past their date, or that do not last `days_left` "
            "days more, are named and not taken. Nothing is reserved."
        ),
        run=suggest_picking,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            PickingParameters,
            {
                "store": STORE,
                "sku": _SKU,
                "quantity": Whole(1, QUANTITY_MAX, "How much, as an integer at the SKU's scale."),
                "days_left": Whole(0, HORIZON_DAYS_MAX, "How many days more it must last."),
            },
            ("store", "sku", "quantity"),
        ),
        answers=(Documented(200, "What to take.", PICKING),),
        refusals=(404, 422),
        also_addressed=("sku",),
    ),
    Operation(
        method="GET",
        path="/api/v1/lots/recall",
        name="recall_lot",
        tag=Tag.STOCK,
        summary="Where a lot has been",
        description=(
            "Every store and document it touched, from the lot's own chain of entries. `complete` is false for who does not "
            "reach every store."
        ),
        run=recall_lot,
        runs=Runs.IN_THREAD,
        parameters=Parameters(LotParameters, _LOT, ("sku", "batch")),
        answers=(Documented(200, "Where it has been.", RECALL),),
        refusals=(404, 422),
        also_addressed=("sku", "batch"),
    ),
    Operation(
        method="GET",
        path="/api/v1/lots/movements",
        name="list_lot_movements",
        tag=Tag.STOCK,
        summary="Every entry about a lot",
        run=list_lot_movements,
        runs=Runs.IN_THREAD,
        parameters=Parameters(MovementsParameters, {**_LOT, **PAGING}, ("sku", "batch")),
        answers=(Documented(200, "A page, in the order of the log.", page(MOVEMENT)),),
    ),
    Operation(
        method="GET",
        path="/api/v1/lots/recall/export",
        name="export_recall",
        tag=Tag.STOCK,
        summary="Every entry about a lot, as a file",
        description="The log says who took it before the first byte leaves.",
        run=export_recall,
        runs=Runs.ON_LOOP,
        parameters=_EXPORTED,
        answers=(Documented(200, "One movement a line.", TEXT, media_type=ndjson.MEDIA_TYPE, headers=_NAMED),),
        refusals=(404, 409, 422),
        also_addressed=("sku", "batch"),
    ),
    Operation(
        method="GET",
        path="/api/v1/lots/recall/export.csv",
        name="export_recall_csv",
        tag=Tag.STOCK,
        summary="Every entry about a lot, as CSV",
        description="The log says who took it before the first byte leaves.",
        run=export_recall_csv,
        runs=Runs.ON_LOOP,
        parameters=_EXPORTED,
        answers=(
            Documented(200, "A line of names, then one movement a line.", TEXT, media_type=CSV_TYPE, headers=_NAMED),
        ),
        refusals=(404, 409, 422),
        also_addressed=("sku", "batch"),
    ),
)
