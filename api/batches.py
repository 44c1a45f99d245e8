"""Many adjustments in one call, as a JSON array or as NDJSON, with a result for every row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api import request_schemas as bodies
from api.calls import Call
from api.languages import Language
from api.members import Flag, Whole
from api.ndjson import MEDIA_TYPE, MEDIA_TYPES, Row, read_array, read_lines
from api.operations import Body, Documented, Operation, Parameters, Runs, Tag
from api.problem_codes import Code
from api.problems import Fault, Problem
from api.refusals import fault_of
from api.replies import Answer, json_answer
from api.schemas import ref
from api.shapes import Json, receipt_json
from stock.batches import ROWS_MAX
from stock.errors import BatchRefused, NotPermitted, StockError
from stock.model import RowResult, RowState
from stock.parsing import parse_adjustment
from stock.requests import AdjustmentRequest


@dataclass(frozen=True, slots=True)
class BatchParameters:
    """How a batch is to be taken; `rows` is how many the sender means to send."""

    all_or_nothing: bool = False
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a call: as they came, those that are requests, and what is wrong with the others."""

    came: Sequence[Row]
    requests: dict[int, AdjustmentRequest]
    refused: dict[int, StockError]


Batch = Call[BatchParameters, tuple[str, bytes]]


def adjust_many(call: Batch) -> Answer:
    """Record many movements of stock."""
    rows = _read(call)
    if call.parameters.all_or_nothing:
        return _all_or_nothing(call, rows)
    return _row_by_row(call, rows)


def _read(call: Batch) -> _Rows:
    media_type, content = call.body
    rows_max = min(call.services.settings.batch_rows_max, ROWS_MAX)
    came = read_lines(content, rows_max) if media_type in MEDIA_TYPES else read_array(content, rows_max)
    announced = call.parameters.rows
    if announced is not None and announced != len(came):
        raise Problem.of(Code.ROW_COUNT_DIFFERS, expected=announced, got=len(came))
    requests: dict[int, AdjustmentRequest] = {}
    refused: dict[int, StockError] = {}
    for number, row in enumerate(came):
        try:
            requests[number] = parse_adjustment(row.value, event_id=call.event_id(row.value))
        except StockError as error:
            refused[number] = error
    return _Rows(came, requests, refused)


def _row_by_row(call: Batch, rows: _Rows) -> Answer:
    results = {number: RowResult(number, RowState.REFUSED, error=error) for number, error in rows.refused.items()}
    receipt: Json | None = None
    if rows.requests:
        services = call.services
        change = services.stock.adjust_many(
            call.principal, list(rows.requests.values()), all_or_nothing=False, now=call.now
        )
        try:
            committed = services.storage.log.commit(change)
        except BatchRefused as refused:
            found: Sequence[RowResult] = refused.results
        else:
            found = committed.result or ()
            receipt = receipt_json(committed.receipt)
        _record_denials(call, found)
        results |= dict(zip(rows.requests, found, strict=True))
    shapes = [_shape(number, results[number], rows, call.language) for number in range(len(rows.came))]
    return json_answer(_summary(shapes, receipt))


def _all_or_nothing(call: Batch, rows: _Rows) -> Answer:
    if rows.refused:
        results = [
            RowResult(number, RowState.REFUSED, error=rows.refused[number])
            if number in rows.refused
            else RowResult(number, RowState.NOT_JUDGED)
            for number in range(len(rows.came))
        ]
        raise _refusal(BatchRefused.of(results), rows, call.language)
    services = call.services
    change = services.stock.adjust_many(call.principal, list(rows.requests.values()), all_or_nothing=True, now=call.now)
    try:
        committed = services.storage.log.commit(change)
    except BatchRefused as refused:
        _record_denials(call, refused.results)
        raise _refusal(refused, rows, call.language) from None
    shapes = [_shape(number, result, rows, call.language) for number, result in enumerate(committed.result or ())]
    return json_answer(_summary(shapes, receipt_json(committed.receipt)))


def _record_denials(call: Batch, results: Sequence[RowResult]) -> None:
    """Put denials of single rows into the log before the caller hears of them, one for each store."""
    services = call.services
    denials = {
        result.error.values["store"]: result.error for result in results if isinstance(result.error, NotPermitted)
    }
    for denial in denials.values():
        change = services.policies.record_denial(denial.decision, now=call.now)
        if change is not None:
            services.storage.log.commit(change)


def _refusal(refused: BatchRefused, rows: _Rows, language: Language) -> Problem:
    """Return the problem for a call of which nothing was recorded; its `rows` say of every row why."""
    shapes = [_shape(number, result, rows, language) for number, result in enumerate(refused.results)]
    stood = sum(result.error is not None for result in refused.results)
    return Problem.of(Code.BATCH_REFUSED, rows=len(rows.came), refused=stood).adding(rows=shapes)


def _summary(shapes: list[Json], receipt: Json | None) -> Json:
    counts = Counter([shape["state"] for shape in shapes])
    found: Json = {
        "applied": counts[RowState.APPLIED],
        "replayed": counts[RowState.REPLAYED],
        "refused": counts[RowState.REFUSED],
        "rows": shapes,
    }
    return found if receipt is None else {**found, "receipt": receipt}


def _shape(number: int, result: RowResult, rows: _Rows, language: Language) -> Json:
    shape: Json = {"row": number, "state": result.state.value}
    line = rows.came[number].line
    if line is not None:
        shape["line"] = line
    request = rows.requests.get(number)
    if request is not None:
        shape["event_id"] = request.event_id
    if result.index is not None and result.leaf_hash is not None:
        shape["index"] = result.index
        shape["leaf_hash"] = result.leaf_hash.hex()
    adjusted = result.adjusted
    if adjusted is not None:
        shape["before"] = adjusted.before
        shape["change"] = adjusted.change
        shape["after"] = adjusted.after
        shape["scale"] = adjusted.scale
    if result.error is not None:
        fault: Fault = fault_of(result.error)
        shape["errors"] = [fault.as_json(language)]
    return shape


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/v1/adjustments/batch",
        name="adjust_many",
        tag=Tag.STOCK,
        summary="Record many movements of stock",
        description=(
            "A JSON array, or NDJSON with one adjustment a line. Row by row, what can be recorded is, and the answer says "
            "of every row what became of it; with `all_or_nothing` a single refused row refuses the call, and the problem's "
            "`rows` say of every row whether it was `refused`, `withheld` because of others though it could be recorded, or "
            "`not_judged`, because others could not be read. A body that is not strict JSON, or is cut short, is refused as a whole. The receipt is that of the last entry; each entry "
            "binds the one before."
        ),
        run=adjust_many,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            BatchParameters,
            {
                "all_or_nothing": Flag("Record every row or none."),
                "rows": Whole(1, ROWS_MAX, "How many rows you send; another number means the feed was cut."),
            },
        ),
        body=Body(
            read=lambda content: content,
            schema={"type": "array", "items": bodies.ADJUSTMENT, "minItems": 1, "maxItems": ROWS_MAX},
            example=[bodies.ADJUSTMENT_EXAMPLE],
            bytes_max=None,
            media_types=("application/json", MEDIA_TYPE, *sorted(MEDIA_TYPES - {MEDIA_TYPE})),
            raw=True,
        ),
        answers=(Documented(200, "What became of every row.", ref("BatchResult")),),
        refusals=(409,),
    ),
)
