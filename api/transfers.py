"""Goods on their way between stores."""

from dataclasses import dataclass
from typing import Any, Final

from api.balances import STORE, stock_of
from api.calls import Call
from api.cursors import read_index, write_cursor
from api.members import Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING
from api.replies import Answer, json_answer
from api.schemas import BOOLEAN, COUNT, INTEGER, TEXT, TIME, listed, page, record
from api.shapes import Json, present, time_json
from policies.model import Action
from stock.scan import SKU_CHARS_MAX
from stock.transfers.model import Leg, MaskedLeg, Transfer


@dataclass(frozen=True, slots=True)
class TransfersParameters:
    """A page of transfers."""

    store: str | None = None
    sku: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_transfers(call: Call[TransfersParameters, None]) -> Answer:
    """Return a page of transfers of which a leg is in the caller's reach."""
    asked = call.parameters
    call.require_reading(Action.STOCK_READ, stock_of(asked.store))
    of = ("stock-transfers", asked.store, asked.sku)
    with call.services.storage.database.read() as connection:
        found = call.services.stock.transfers(
            call.principal,
            connection,
            store=asked.store,
            sku=asked.sku,
            after=read_index(of, asked.cursor),
            limit=asked.limit,
        )
    following = None if found.next is None else write_cursor(of, [int(found.next[0])])
    return json_answer({"items": [transfer_json(one) for one in found.items], "next_cursor": following})


def transfer_json(transfer: Transfer) -> Json:
    """Return a transfer, seen from the leg in reach."""
    leg = transfer.leg
    return {
        **present({"batch": leg.batch}),
        "reference": leg.reference,
        "sku": leg.sku,
        "leg": _leg_json(leg),
        "others": [_leg_json(other) for other in transfer.others],
    }


def _leg_json(leg: Leg | MaskedLeg) -> Json:
    shape: Json = {
        "masked": isinstance(leg, MaskedLeg),
        "reason": leg.reason,
        "change": leg.change,
        "scale": leg.scale,
        "recorded_at": time_json(leg.recorded_at),
    }
    return shape if isinstance(leg, MaskedLeg) else {**shape, "store": leg.store, "entry": leg.index}


_LEG: Final = record(
    {"masked": BOOLEAN, "reason": TEXT, "change": INTEGER, "scale": COUNT, "recorded_at": TIME},
    optional={"store": TEXT, "entry": COUNT},
    description="A movement; at a store out of reach, masked: without store and entry.",
)
_TRANSFER: Final = record(
    {"reference": TEXT, "sku": TEXT, "leg": _LEG, "others": listed(_LEG)}, optional={"batch": TEXT}
)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/stock-transfers",
        name="list_stock_transfers",
        tag=Tag.STOCK,
        summary="Transfers between stores",
        description=(
            "One for each movement in your reach for the reason `transfer_out` or `transfer_in` that names a paper, the newest first, with "
            "the movements that answer it: of the same SKU and lot, under the same number. An area manager sees an answer elsewhere masked."
        ),
        run=list_transfers,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            TransfersParameters,
            {
                "store": STORE,
                "sku": Text(SKU_CHARS_MAX, description="Code of the SKU.", example="TEA-001"),
                **PAGING,
            },
        ),
        answers=(Documented(200, "A page.", page(_TRANSFER)),),
    ),
)
