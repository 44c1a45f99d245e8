"""The catalogue: SKUs, lots, reasons, and what a scanned label stands for."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api import request_schemas as bodies
from api.bodies import changed_as, created_as, json_body
from api.calls import Call
from api.members import Day, Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer, json_answer
from api.schemas import DATE, TEXT, listed, page, record, ref
from api.shapes import change_answer, lot_json, present, reason_json, sku_json
from policies.model import Action, Resource
from policies.quota import HONG_KONG
from stock.parsing import parse_lot, parse_reason, parse_reason_change, parse_sku, parse_sku_change
from stock.scan import SCAN_CHARS_MAX, SKU_CHARS_MAX

_CATALOG: Final = Resource("catalog")


@dataclass(frozen=True, slots=True)
class SkusParameters:
    """A page of SKUs."""

    text: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_skus(call: Call[SkusParameters, None]) -> Answer:
    """Return a page of SKUs."""
    asked = call.parameters
    call.require_reading(Action.CATALOG_READ, _CATALOG)
    of = ("skus", asked.text)
    with call.services.storage.database.read() as connection:
        found = call.services.stock.skus(
            call.principal, connection, text=asked.text, after=place_of(of, asked.cursor, 1), limit=asked.limit
        )
    return page_answer(of, found, sku_json)


@dataclass(frozen=True, slots=True)
class CodeParameters:
    """Which one, by its code."""

    code: str


def get_sku(call: Call[CodeParameters, None]) -> Answer:
    """Return one SKU."""
    call.require_reading(Action.CATALOG_READ, _CATALOG)
    with call.services.storage.database.read() as connection:
        return json_answer(sku_json(call.services.stock.sku(call.principal, connection, call.parameters.code)))


def create_sku(call: Call[None, Any]) -> Answer:
    """Create a SKU."""
    request = parse_sku(call.body, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.create_sku(call.principal, request))
    return change_answer(committed, sku_json)


def change_sku(call: Call[CodeParameters, Any]) -> Answer:
    """Change a SKU."""
    request = parse_sku_change(call.body, code=call.parameters.code, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.change_sku(call.principal, request))
    return change_answer(committed, sku_json, status=200)


@dataclass(frozen=True, slots=True)
class ScanParameters:
    """What a scanner read."""

    scan: str


def get_scan(call: Call[ScanParameters, None]) -> Answer:
    """Return what a label stands for."""
    call.require_reading(Action.CATALOG_READ, _CATALOG)
    today = call.now.astimezone(HONG_KONG).date()
    with call.services.storage.database.read() as connection:
        found = call.services.stock.scanned(call.principal, connection, call.parameters.scan, today=today)
    members = {
        "gtin": found.scan.gtin,
        "batch": found.scan.batch,
        "expiry": None if found.scan.expiry is None else found.scan.expiry.isoformat(),
        "lot": None if found.lot is None else lot_json(found.lot),
    }
    return json_answer({"sku": sku_json(found.sku), **present(members)})


@dataclass(frozen=True, slots=True)
class LotsParameters:
    """A page of lots."""

    sku: str | None = None
    expiring_by: date | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_lots(call: Call[LotsParameters, None]) -> Answer:
    """Return a page of lots."""
    asked = call.parameters
    call.require_reading(Action.CATALOG_READ, _CATALOG)
    of = ("lots", asked.sku, str(asked.expiring_by))
    with call.services.storage.database.read() as connection:
        found = call.services.stock.lots(
            call.principal,
            connection,
            sku=asked.sku,
            expiring_by=asked.expiring_by,
            after=place_of(of, asked.cursor, 2),
            limit=asked.limit,
        )
    return page_answer(of, found, lot_json)


def create_lot(call: Call[None, Any]) -> Answer:
    """Create a lot."""
    request = parse_lot(call.body, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.create_lot(call.principal, request))
    return change_answer(committed, lot_json)


def list_reasons(call: Call[None, None]) -> Answer:
    """Return every reason."""
    call.require_reading(Action.CATALOG_READ, _CATALOG)
    with call.services.storage.database.read() as connection:
        found = call.services.stock.reasons(call.principal, connection)
    return json_answer({"items": [reason_json(reason) for reason in found]})


def create_reason(call: Call[None, Any]) -> Answer:
    """Create a reason."""
    request = parse_reason(call.body, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.create_reason(call.principal, request))
    return change_answer(committed, reason_json)


def change_reason(call: Call[CodeParameters, Any]) -> Answer:
    """Change a reason."""
    request = parse_reason_change(call.body, code=call.parameters.code, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.change_reason(call.principal, request))
    return change_answer(committed, reason_json, status=200)


_SKU_CODE: Final = Text(SKU_CHARS_MAX, description="Code of the SKU.", example="TEA-001")
_ONE_SKU: Final = Parameters(CodeParameters, {"code": _SKU_CODE}, ("code",))
_ONE_REASON: Final = Parameters(
    CodeParameters, {"code": Text(32, description="Code of the reason.", example="sale")}, ("code",)
)

_SKUS: Final = (
    Operation(
        method="GET",
        path="/api/v1/skus",
        name="list_skus",
        tag=Tag.CATALOGUE,
        summary="SKUs",
        run=list_skus,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            SkusParameters, {"text": Text(120, description="In code, name or GTIN, in any case."), **PAGING}
        ),
        answers=(Documented(200, "A page, by code.", page(ref("Sku"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/skus",
        name="create_sku",
        tag=Tag.CATALOGUE,
        summary="Create a SKU",
        run=create_sku,
        runs=Runs.IN_THREAD,
        body=json_body(bodies.SKU, bodies.SKU_EXAMPLE),
        answers=created_as("Sku"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/skus/{code}",
        name="get_sku",
        tag=Tag.CATALOGUE,
        summary="One SKU",
        run=get_sku,
        runs=Runs.IN_THREAD,
        parameters=_ONE_SKU,
        answers=(Documented(200, "The SKU.", ref("Sku")),),
        refusals=(404,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/skus/{code}",
        name="change_sku",
        tag=Tag.CATALOGUE,
        summary="Change a SKU",
        description="Absent members stay; a `gtin` of null takes the GTIN away. Unit and scale never change.",
        run=change_sku,
        runs=Runs.IN_THREAD,
        parameters=_ONE_SKU,
        body=json_body(bodies.SKU_CHANGE, bodies.SKU_CHANGE_EXAMPLE),
        answers=changed_as("Sku"),
        refusals=(404, 409),
    ),
    Operation(
        method="GET",
        path="/api/v1/scans",
        name="get_scan",
        tag=Tag.CATALOGUE,
        summary="What a label stands for",
        description="A GTIN, a GS1 element string or a GS1 Digital Link.",
        run=get_scan,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            ScanParameters,
            {"scan": Text(SCAN_CHARS_MAX, description="What a scanner read.", example="4006381333931")},
            ("scan",),
        ),
        answers=(
            Documented(
                200,
                "The SKU, and what else the label says.",
                record({"sku": ref("Sku")}, optional={"gtin": TEXT, "batch": TEXT, "expiry": DATE, "lot": ref("Lot")}),
            ),
        ),
        refusals=(404,),
    ),
)

_OTHERS: Final = (
    Operation(
        method="GET",
        path="/api/v1/lots",
        name="list_lots",
        tag=Tag.CATALOGUE,
        summary="Lots",
        run=list_lots,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            LotsParameters, {"sku": _SKU_CODE, "expiring_by": Day("Expire on that day or before."), **PAGING}
        ),
        answers=(Documented(200, "A page, by SKU and batch.", page(ref("Lot"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/lots",
        name="create_lot",
        tag=Tag.CATALOGUE,
        summary="Create a lot",
        run=create_lot,
        runs=Runs.IN_THREAD,
        body=json_body(bodies.LOT, bodies.LOT_EXAMPLE),
        answers=created_as("Lot"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/reasons",
        name="list_reasons",
        tag=Tag.CATALOGUE,
        summary="Reasons why stock moves",
        run=list_reasons,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "All of them, by code.", record({"items": listed(ref("Reason"))})),),
    ),
    Operation(
        method="POST",
        path="/api/v1/reasons",
        name="create_reason",
        tag=Tag.CATALOGUE,
        summary="Create a reason",
        run=create_reason,
        runs=Runs.IN_THREAD,
        body=json_body(bodies.REASON, bodies.REASON_EXAMPLE),
        answers=created_as("Reason"),
        refusals=(409,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/reasons/{code}",
        name="change_reason",
        tag=Tag.CATALOGUE,
        summary="Rename or retire a reason",
        run=change_reason,
        runs=Runs.IN_THREAD,
        parameters=_ONE_REASON,
        body=json_body(bodies.REASON_CHANGE, bodies.REASON_CHANGE_EXAMPLE),
        answers=changed_as("Reason"),
        refusals=(404, 409),
    ),
)

OPERATIONS: Final = (*_SKUS, *_OTHERS)
