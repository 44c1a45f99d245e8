"""What stores hold."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from api.calls import Call
from api.members import Day, Flag, Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer
from api.schemas import page, ref
from api.shapes import balance_json, lot_balance_json
from policies.model import Action, Resource
from stock.scan import SKU_CHARS_MAX

STORE: Final = Text(32, description="Code of the store.", example="MK01")


@dataclass(frozen=True, slots=True)
class BalancesParameters:
    """A page of balances; an empty `batch` is stock not divided by lot."""

    store: str | None = None
    sku: str | None = None
    batch: str | None = None
    with_zero: bool = False
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def stock_of(store: str | None) -> Resource:
    """Return the stock of a store, or of whatever is in reach."""
    return Resource("stock", stores=frozenset(() if store is None else (store,)))


def list_balances(call: Call[BalancesParameters, None]) -> Answer:
    """Return a page of balances."""
    asked = call.parameters
    call.require_reading(Action.STOCK_READ, stock_of(asked.store))
    of = ("balances", asked.store, asked.sku, asked.batch, asked.with_zero)
    with call.services.storage.database.read() as connection:
        found = call.services.stock.balances(
            call.principal,
            connection,
            store=asked.store,
            sku=asked.sku,
            batch=asked.batch,
            with_zero=asked.with_zero,
            after=place_of(of, asked.cursor, 3),
            limit=asked.limit,
        )
    return page_answer(of, call.only(found, Action.STOCK_READ, lambda item: stock_of(item.store)), balance_json)


@dataclass(frozen=True, slots=True)
class ExpiringParameters:
    """A page of balances of lots that expire on a day or before."""

    by: date
    store: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_expiring(call: Call[ExpiringParameters, None]) -> Answer:
    """Return a page of balances of lots that expire soon."""
    asked = call.parameters
    call.require_reading(Action.STOCK_READ, stock_of(asked.store))
    of = ("expiring", asked.store, str(asked.by))
    with call.services.storage.database.read() as connection:
        found = call.services.stock.expiring_lots(
            call.principal,
            connection,
            by=asked.by,
            store=asked.store,
            with_negative=True,
            after=place_of(of, asked.cursor, 4),
            limit=asked.limit,
        )
    return page_answer(of, call.only(found, Action.STOCK_READ, lambda item: stock_of(item.store)), lot_balance_json)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/balances",
        name="list_balances",
        tag=Tag.STOCK,
        summary="Balances",
        description="By store, SKU and lot, of the stores in your reach. Quantities are integers at the SKU's scale.",
        run=list_balances,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            BalancesParameters,
            {
                "store": STORE,
                "sku": Text(SKU_CHARS_MAX, description="Code of the SKU.", example="TEA-001"),
                "batch": Text(40, 0, description="Batch number; empty: stock not divided by lot."),
                "with_zero": Flag("Whether to show balances of zero."),
                **PAGING,
            },
        ),
        answers=(Documented(200, "A page, by store, SKU and batch.", page(ref("Balance"))),),
    ),
    Operation(
        method="GET",
        path="/api/v1/balances/expiring",
        name="list_expiring",
        tag=Tag.STOCK,
        summary="Balances of lots that expire",
        description=(
            "As the books have it, balances below zero too: for reconciling. What lies on shelves and must be sold or taken down is "
            "`GET /api/v1/lots/expiring`, which takes `days` and a SKU as well."
        ),
        run=list_expiring,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            ExpiringParameters, {"by": Day("Expires on that day or before."), "store": STORE, **PAGING}, ("by",)
        ),
        answers=(Documented(200, "A page, the earliest first.", page(ref("LotBalance"))),),
    ),
)
