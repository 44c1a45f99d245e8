"""What went missing, as an aggregate export: no figure of too few people is in it (`stock.shrinkage`)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from api.balances import STORE
from api.calls import Call
from api.members import Choice, Text, Uuid
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.replies import Answer, json_answer
from api.schemas import COUNT, TEXT, choice, described, listed, record
from api.shrinkage_shapes import shrinkage_csv, shrinkage_json
from stock.shrinkage.model import By, Shrinkage, ShrinkageRequest

CSV_TYPE: Final = "text/csv; charset=utf-8"
_MONTH: Final = Text(
    7, form="20[0-9]{2}-(?:0[1-9]|1[0-2])", description="A whole month, Hong Kong time.", example="2026-11"
)


class Form(StrEnum):
    """How a report is handed out."""

    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ShrinkageParameters:
    """Which report: what a store's losses are divided by, from which month to which."""

    first_month: str
    last_month: str
    by: By = By.STORE
    store: str | None = None
    event_id: UUID | None = None


def get_shrinkage(call: Call[ShrinkageParameters, None]) -> Answer:
    """Return a report."""
    return json_answer(shrinkage_json(_taken(call, Form.JSON)))


def get_shrinkage_csv(call: Call[ShrinkageParameters, None]) -> Answer:
    """Return a report as CSV."""
    name = (
        "Content-Disposition",
        f'attachment; filename="shrinkage-{call.parameters.first_month}-{call.parameters.last_month}.csv"',
    )
    return Answer(shrinkage_csv(_taken(call, Form.CSV)), media_type=CSV_TYPE, headers=(name,))


def _taken(call: Call[ShrinkageParameters, None], form: Form) -> Shrinkage:
    """Make the report, and put into the log that it is taken out, before it leaves."""
    services, given = call.services, call.parameters
    first, last = (date.fromisoformat(f"{month}-01") for month in (given.first_month, given.last_month))
    asked = ShrinkageRequest(given.by, first, last, given.store)
    with services.storage.database.read() as connection:
        found = services.stock.shrinkage(call.principal, connection, asked)
    event_id = given.event_id or call.new_event_id()
    services.storage.log.commit(
        services.stock.shrinkage_taken(call.principal, asked, found, form.value, event_id=event_id)
    )
    return found


_FIGURE: Final = {
    "anyOf": [
        record({"movements": COUNT, "quantity": described(TEXT, "Units that went; negative: more was found.")}),
        {"type": "null"},
    ],
    "description": "null: suppressed, because it is of too few people or would give away one that is.",
}
_REPORT: Final = record(
    {
        "by": choice(By),
        "persons_min": described(COUNT, "How many people a figure must be of."),
        "suppressed": described(COUNT, "How many figures are not shown."),
        "total": _FIGURE,
        "stores": listed(
            record({"store": TEXT, "total": _FIGURE, "rows": listed(record({"key": TEXT, "figure": _FIGURE}))})
        ),
    }
)
_PARAMETERS: Final = Parameters(
    ShrinkageParameters,
    {
        "first_month": _MONTH,
        "last_month": _MONTH,
        "by": Choice(By, "What a store's losses are divided by; staff without names, as ranks."),
        "store": STORE,
        "event_id": Uuid("Names this export for ever."),
    },
    ("first_month", "last_month"),
)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/shrinkage",
        name="get_shrinkage",
        tag=Tag.STOCK,
        summary="Shrinkage",
        description=(
            "Write-offs, damaged goods and stocktake differences of whole months, at the stores in your reach, at what they are after "
            "corrections. A figure of fewer people than the operator allows is suppressed, and whatever would give it away."
        ),
        run=get_shrinkage,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        answers=(Documented(200, "The report.", _REPORT),),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/shrinkage.csv",
        name="get_shrinkage_csv",
        tag=Tag.STOCK,
        summary="Shrinkage as CSV",
        run=get_shrinkage_csv,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        answers=(
            Documented(
                200,
                "The report.",
                TEXT,
                media_type=CSV_TYPE,
                headers={"Content-Disposition": "A name to keep it under."},
            ),
        ),
        refusals=(409,),
    ),
)
