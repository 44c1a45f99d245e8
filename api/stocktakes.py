"""Stocktakes: open, count, close or cancel."""

from dataclasses import dataclass
from typing import Any, Final

from api import request_schemas as bodies
from api.balances import STORE, stock_of
from api.bodies import changed_as, created_as, json_body
from api.calls import Call
from api.members import Choice, Text
from api.operations import LOCATION, Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer, json_answer
from api.schemas import change_of, listed, page, ref
from api.shapes import change_answer, closed_json, counted_json, line_json, stocktake_json
from policies.model import Action
from stock.model import StocktakeState
from stock.parsing import STOCKTAKE_CHARS_MAX, parse_counts, parse_end_stocktake, parse_open_stocktake


@dataclass(frozen=True, slots=True)
class StocktakesParameters:
    """A page of stocktakes."""

    store: str | None = None
    state: StocktakeState | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_stocktakes(call: Call[StocktakesParameters, None]) -> Answer:
    """Return a page of stocktakes."""
    asked = call.parameters
    call.require_reading(Action.STOCK_READ, stock_of(asked.store))
    of = ("stocktakes", asked.store, str(asked.state))
    with call.services.storage.database.read() as connection:
        found = call.services.stock.stocktakes(
            call.principal,
            connection,
            store=asked.store,
            state=asked.state,
            after=place_of(of, asked.cursor, 2),
            limit=asked.limit,
        )
    return page_answer(of, call.only(found, Action.STOCK_READ, lambda item: stock_of(item.store)), stocktake_json)


@dataclass(frozen=True, slots=True)
class StocktakeParameters:
    """Which stocktake."""

    stocktake: str


def get_stocktake(call: Call[StocktakeParameters, None]) -> Answer:
    """Return one stocktake."""
    with call.services.storage.database.read() as connection:
        found = call.services.stock.stocktake(call.principal, connection, call.parameters.stocktake)
    call.require_reading(Action.STOCK_READ, stock_of(found.store))
    return json_answer(stocktake_json(found))


@dataclass(frozen=True, slots=True)
class LinesParameters:
    """A page of counted lines."""

    stocktake: str
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_lines(call: Call[LinesParameters, None]) -> Answer:
    """Return a page of what was counted."""
    asked = call.parameters
    of = ("lines", asked.stocktake)
    with call.services.storage.database.read() as connection:
        found = call.services.stock.counted_lines(
            call.principal,
            connection,
            asked.stocktake,
            after=place_of(of, asked.cursor, 2),
            limit=asked.limit,
        )
    return page_answer(of, found, line_json)


def open_stocktake(call: Call[None, Any]) -> Answer:
    """Open a stocktake."""
    request = parse_open_stocktake(call.body, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.open_stocktake(call.principal, request))
    return change_answer(committed, stocktake_json)


def count(call: Call[StocktakeParameters, Any]) -> Answer:
    """Take counts."""
    request = parse_counts(call.body, stocktake=call.parameters.stocktake, event_id=call.event_id(call.body))
    change = call.services.stock.count(call.principal, request, now=call.now)
    committed = call.services.storage.log.commit(change)
    return change_answer(committed, lambda lines: {"lines": [counted_json(line) for line in lines]})


def close_stocktake(call: Call[StocktakeParameters, Any]) -> Answer:
    """Close a stocktake: differences become adjustments."""
    request = parse_end_stocktake(call.body, stocktake=call.parameters.stocktake, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.close_stocktake(call.principal, request))
    return change_answer(committed, closed_json, status=200)


def cancel_stocktake(call: Call[StocktakeParameters, Any]) -> Answer:
    """Cancel a stocktake: its counts change nothing."""
    request = parse_end_stocktake(call.body, stocktake=call.parameters.stocktake, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.stock.cancel_stocktake(call.principal, request))
    return change_answer(committed, stocktake_json, status=200)


_ID: Final = Text(
    STOCKTAKE_CHARS_MAX, form="st_(?:0|[1-9][0-9]*)", description="Id of the stocktake.", example="st_1024"
)
_ONE: Final = Parameters(StocktakeParameters, {"stocktake": _ID}, ("stocktake",))
_COUNTED: Final = change_of({"type": "object", "properties": {"lines": listed(ref("Counted"))}, "required": ["lines"]})

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/stocktakes",
        name="list_stocktakes",
        tag=Tag.STOCKTAKES,
        summary="Stocktakes",
        run=list_stocktakes,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            StocktakesParameters,
            {"store": STORE, "state": Choice(StocktakeState, "How it stands."), **PAGING},
        ),
        answers=(Documented(200, "A page, newest first.", page(ref("Stocktake"))),),
    ),
    Operation(
        method="POST",
        path="/api/v1/stocktakes",
        name="open_stocktake",
        tag=Tag.STOCKTAKES,
        summary="Open a stocktake",
        run=open_stocktake,
        runs=Runs.IN_THREAD,
        body=json_body(bodies.OPEN_STOCKTAKE, bodies.OPEN_STOCKTAKE_EXAMPLE),
        answers=created_as("Stocktake"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/stocktakes/{stocktake}",
        name="get_stocktake",
        tag=Tag.STOCKTAKES,
        summary="One stocktake",
        run=get_stocktake,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The stocktake.", ref("Stocktake")),),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/api/v1/stocktakes/{stocktake}/lines",
        name="list_lines",
        tag=Tag.STOCKTAKES,
        summary="What was counted",
        run=list_lines,
        runs=Runs.IN_THREAD,
        parameters=Parameters(LinesParameters, {"stocktake": _ID, **PAGING}, ("stocktake",)),
        answers=(Documented(200, "A page, by SKU and batch.", page(ref("CountedLine"))),),
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/api/v1/stocktakes/{stocktake}/counts",
        name="count",
        tag=Tag.STOCKTAKES,
        summary="Take counts",
        description="By SKU or by what a scanner read; all lines together or none.",
        run=count,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=json_body(bodies.COUNTS, bodies.COUNTS_EXAMPLE),
        answers=(
            Documented(201, "Taken.", _COUNTED, headers=LOCATION),
            Documented(200, "They were taken before, by this event.", _COUNTED, headers=LOCATION),
        ),
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/v1/stocktakes/{stocktake}/closing",
        name="close_stocktake",
        tag=Tag.STOCKTAKES,
        summary="Close a stocktake",
        description="Every difference becomes an adjustment, in one change.",
        run=close_stocktake,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=json_body(bodies.END_STOCKTAKE, bodies.END_STOCKTAKE_EXAMPLE, optional=True),
        answers=changed_as("StocktakeClosed"),
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/v1/stocktakes/{stocktake}/cancellation",
        name="cancel_stocktake",
        tag=Tag.STOCKTAKES,
        summary="Cancel a stocktake",
        run=cancel_stocktake,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=json_body(bodies.END_STOCKTAKE, bodies.END_STOCKTAKE_EXAMPLE, optional=True),
        answers=changed_as("Stocktake"),
        refusals=(404, 409),
    ),
)
