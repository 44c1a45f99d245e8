"""A retailer of the size that matters: a dozen stores, thousands of SKUs, a till that sells."""

from __future__ import annotations

import os
from dataclasses import dataclass
from uuid import UUID

from benchmarks.ground import clock
from policies.model import NegativeStockRule, Principal, Role
from policies.service import Policies
from stock.model import Adjusted
from stock.quantity import Quantity
from stock.requests import AdjustmentRequest, SkuRequest
from stock.service import Stock
from stock.units import Unit
from storage import Change, Storage, Transaction

STORES = 12
SKUS = 3_000


def store_code(n: int) -> str:
    return f"S{n:03}"


def sku_code(n: int) -> str:
    return f"{20_000 + n}"


def new_id() -> UUID:
    return UUID(bytes=os.urandom(16), version=4)


def sale(n: int) -> AdjustmentRequest:
    """The n-th sale, each at another store and of another SKU than the one before."""
    return AdjustmentRequest(
        new_id(), store_code(n % STORES), sku_code(n % SKUS), "sale", Quantity(-1), reference=f"INV{n}"
    )


@dataclass(frozen=True)
class Shop:
    """Stock over a log, and the changes of a busy till."""

    policies: Policies
    stock: Stock
    till: Principal

    def adjustment(self, request: AdjustmentRequest) -> Change[Adjusted]:
        return self.stock.adjust(self.till, request, now=clock())


def open_shop(storage: Storage) -> Shop:
    """Stores that allow negative stock, and their catalogue; the catalogue is one change."""
    policies = Policies(storage.database, storage.log, storage.keys, clock=clock)
    stock = Stock(storage.database, storage.log, policies)
    admin = policies.local_principal()
    till = policies.local_principal(Role.API_CLIENT)
    log = storage.log
    log.commit(policies.create_area(admin, code="HK", name_zh="香港", name_en="Hong Kong", event_id=new_id()))
    for n in range(STORES):
        log.commit(
            policies.create_store(
                admin,
                code=store_code(n),
                area="HK",
                name_zh=f"{n}號店",
                name_en=f"Store {n}",
                negative_stock=NegativeStockRule.ALLOW,
                event_id=new_id(),
            )
        )
    log.commit(stock.create_standard_reasons(admin, event_id=new_id()))
    made = [
        stock.create_sku(till, SkuRequest(new_id(), sku_code(n), f"貨品{n}", f"Item {n}", Unit.PIECE))
        for n in range(SKUS)
    ]

    def catalogue(tx: Transaction) -> None:
        for change in made:
            change.run(tx)

    log.commit(Change(catalogue))
    return Shop(policies, stock, till)
