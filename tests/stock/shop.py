"""A small retailer: stores, SKUs and reasons, and short ways to move stock."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest

from audit.canonical import JSON
from policies.model import NegativeStockRule, Role, ScopeKind
from stock.model import (
    Adjusted,
    Balance,
    CountMode,
    Disagreement,
    LotTracking,
    RowResult,
    Sku,
    Stocktake,
    StocktakeClosed,
)
from stock.parsing import (
    parse_adjustment,
    parse_correction,
    parse_counts,
    parse_end_stocktake,
    parse_lot,
    parse_open_stocktake,
    parse_reason_change,
    parse_sku,
    parse_sku_change,
)
from stock.requests import AdjustmentRequest
from stock.service import Stock
from storage import Change, Committed, Storage
from tests.policies.house import House
from tests.worlds import World

T = TypeVar("T")

GTIN = "4891234567898"
on_both = pytest.mark.parametrize("open_shop", ["sqlite", "postgresql"], indirect=True)
"""For tests of what the database does; the rules and the flow are the same on both."""
REFUSES, ALLOWS = "MK01", "TST1"
"""A store that refuses negative stock, and one that allows it."""


class Shop(House):
    """Stock in a world. `clerk` is a till of the whole organisation.

    SKUs: A1 pieces with a GTIN, A2 pieces, W1 kilograms at scale 3, C1 tracked by lot, O1 maybe.
    """

    def __init__(self, world: World, *, stocked: bool = True) -> None:
        super().__init__(world)
        self.stock = self.stock_of(world.storage)
        self.clerk = self.policies.local_principal(Role.API_CLIENT)
        if stocked:
            self.area("KLN")
            self.store(REFUSES, "KLN", NegativeStockRule.REFUSE)
            self.store(ALLOWS, "KLN", NegativeStockRule.ALLOW)
            self.stock_up()

    def stock_up(self) -> None:
        """Makes the catalogue, in one change: many tests wait for this."""
        changes: list[Change[Any]] = [
            self.stock.create_standard_reasons(self.clerk, event_id=self.id()),
            self.sku_change("A1", gtin=GTIN),
            self.sku_change("A2"),
            self.sku_change("W1", unit="kilogram", scale=3),
            self.sku_change("C1", lot_tracking=LotTracking.REQUIRED, gtin="09506000134352"),
            self.sku_change("O1", lot_tracking=LotTracking.OPTIONAL),
        ]
        self.committed(Change(lambda tx: [change.run(tx) for change in changes]))

    def stock_of(self, storage: Storage) -> Stock:
        """Stock as another process has it."""
        return Stock(storage.database, storage.log, self.policies)

    def sku_change(self, code: str, **members: object) -> Change[Sku]:
        content = {"code": code, "name_zh": f"貨品 {code}", "name_en": f"Item {code}", "unit": "piece", **members}
        return self.stock.create_sku(self.clerk, parse_sku(content, event_id=self.id()))

    def lot(self, sku: str, batch: str, expiry: str | None = None) -> None:
        content = {"sku": sku, "batch": batch, "expiry": expiry}
        self.do(self.stock.create_lot(self.clerk, parse_lot(content, event_id=self.id())))

    def known_paper(self, document: str) -> str:
        """Has an entry about a document, as adding one leaves it."""
        self.world.append(kind="document", subject=document)
        return document

    def asked(self, change: object, **members: object) -> AdjustmentRequest:
        """A request; a positive change is goods received, a negative one a sale, unless said otherwise."""
        if "reason" not in members:
            members["reason"] = "sale" if str(change).startswith("-") else "receive"
        event_id = members.pop("event_id", None) or self.id()
        assert isinstance(event_id, UUID)
        content = {"store": REFUSES, "sku": "A1", "change": change, **members}
        return parse_adjustment(content, event_id=event_id)

    def adjust(self, change: object, **members: object) -> Adjusted:
        return self.do(self.stock.adjust(self.clerk, self.asked(change, **members), now=self.world.clock()))

    def committed_adjust(self, request: AdjustmentRequest) -> Committed[Adjusted]:
        return self.committed(self.stock.adjust(self.clerk, request, now=self.world.clock()))

    def many(self, *requests: AdjustmentRequest, all_or_nothing: bool = False) -> tuple[RowResult, ...]:
        change = self.stock.adjust_many(self.clerk, requests, all_or_nothing=all_or_nothing, now=self.world.clock())
        return self.do(change)

    def correct(self, corrects: int, replacement: object = None, **members: object) -> Adjusted:
        content = {"corrects": corrects, "replacement": replacement, **members}
        return self.do(self.stock.correct(self.clerk, parse_correction(content, event_id=self.id())))

    def open(self, store: str = REFUSES, **members: object) -> Stocktake:
        content = {"store": store, **members}
        return self.do(self.stock.open_stocktake(self.clerk, parse_open_stocktake(content, event_id=self.id())))

    def count(self, stocktake: str, *lines: dict[str, object]) -> None:
        request = parse_counts({"lines": list(lines)}, stocktake=stocktake, event_id=self.id())
        self.do(self.stock.count(self.clerk, request, now=self.world.clock()))

    def count_one(self, stocktake: str, sku: str, counted: object, *, replace: bool = False, **members: object) -> None:
        mode = CountMode.REPLACE if replace else CountMode.ADD
        self.count(stocktake, {"sku": sku, "counted": counted, "mode": mode.value, **members})

    def close(self, stocktake: str) -> StocktakeClosed:
        request = parse_end_stocktake({}, stocktake=stocktake, event_id=self.id())
        return self.do(self.stock.close_stocktake(self.clerk, request))

    def cancel(self, stocktake: str) -> Stocktake:
        request = parse_end_stocktake({}, stocktake=stocktake, event_id=self.id())
        return self.do(self.stock.cancel_stocktake(self.clerk, request))

    def rename(self, sku: str) -> None:
        request = parse_sku_change({"name_en": "Renamed"}, code=sku, event_id=self.id())
        self.do(self.stock.change_sku(self.clerk, request))

    def retire(self, reason: str) -> None:
        request = parse_reason_change({"active": False}, code=reason, event_id=self.id())
        self.do(self.stock.change_reason(self.clerk, request))

    def balances(self, **wanted: object) -> list[Balance]:
        with self.world.storage.database.read() as connection:
            page = self.stock.balances(self.clerk, connection, limit=1000, **wanted)  # type: ignore[arg-type]
        assert page.next is None
        return list(page.items)

    def held(self, store: str = REFUSES, sku: str = "A1", batch: str | None = None) -> int:
        """A balance as it stands; zero where there is none."""
        found = [held.quantity for held in self.balances(store=store, sku=sku, with_zero=True) if held.batch == batch]
        return found[0] if found else 0

    def data(self, index: int = -1) -> dict[str, JSON]:
        """What an entry says, by default the last."""
        return dict(self.entry(index)["data"])

    def reconcile(self) -> list[Disagreement]:
        with self.world.storage.database.read() as connection:
            return self.stock.reconcile(connection)

    def till(self, *stores: str, scopes: tuple[str, ...] = ("stock.adjust", "stock.read")) -> str:
        """The secret of a client that reaches some stores only."""
        client = self.client(*((ScopeKind.STORE, store) for store in stores))
        return self.key(client.id, scopes).secret


def furnish_shop(world: World, _directory: Path) -> None:
    """Furnishes a world with one; opened as `Shop(world, stocked=False)`."""
    Shop(world)
