"""Two weeks in the sample's shops: opening stock, sales, deliveries, returns, losses, transfers. Pure.

Chance is a digest of what is drawn for, so every sample is the same but for its dates. What is sold is there: the
first lot to expire goes first, and a shop that has run out gets a delivery instead.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from app.demo.sample import SKUS, STORES, WAREHOUSE, SampleSku
from stock.model import LotTracking
from stock.parsing import parse_adjustment
from stock.requests import AdjustmentRequest

DAYS: Final = 14
MOVES_A_DAY: Final = 4
NAMESPACE: Final = UUID("6b1f2f0e-3f0e-5d5c-9d53-0c5b7c8f1a20")


@dataclass(slots=True)
class _Lot:
    """Some pieces of a SKU on a shelf; SKUs without lots have one without a batch."""

    batch: str | None
    expiry: str | None
    left: int


@dataclass(slots=True)
class _Shop:
    """What stands on a shop's shelves."""

    code: str
    shelves: dict[str, deque[_Lot]] = field(default_factory=dict)

    def carried(self) -> list[SampleSku]:
        """The warehouse has everything, a shop two thirds."""
        return [sku for sku in SKUS if self.code == WAREHOUSE or draw(3, "range", self.code, sku.code)]

    def bring(self, sku: SampleSku, amount: int, moment: datetime) -> _Lot:
        """A delivery: a lot of its day."""
        lot = _Lot(None, None, amount)
        if sku.lot_tracking is LotTracking.REQUIRED:
            made = moment - timedelta(days=sku.shelf_days // 4)
            lot = _Lot(f"L{made:%y%m%d}", (made + timedelta(days=sku.shelf_days)).date().isoformat(), amount)
        shelf = self.shelves.setdefault(sku.code, deque())
        same = next((known for known in shelf if known.batch == lot.batch), None)
        if same is None:
            shelf.append(lot)
            return lot
        same.left += amount
        return same

    def take(self, sku: SampleSku, amount: int) -> _Lot | None:
        """The lot that goes first and holds enough; None: there is none."""
        for lot in self.shelves.get(sku.code, ()):
            if lot.left >= amount:
                lot.left -= amount
                return lot
        return None


def movements(begin: datetime) -> Iterator[AdjustmentRequest]:
    """Every movement in the order of its time within a shop."""
    shops = [_Shop(store.code) for store in STORES]
    for shop in shops:
        for sku in shop.carried():
            amount = sku.opening * (20 if shop.code == WAREHOUSE else 1)
            yield _request(shop, sku, "opening", amount, begin, f"OPEN-{shop.code}", shop.bring(sku, amount, begin))
    for day in range(DAYS):
        for shop in shops:
            if shop.code != WAREHOUSE:
                for turn in range(MOVES_A_DAY):
                    yield _movement(shop, day, turn, begin)


def draw(below: int, *what: str) -> int:
    """A number from 0 to before `below` that follows from what it is drawn for."""
    return int.from_bytes(hashlib.sha256("/".join(what).encode()).digest()[:8]) % below


def _movement(shop: _Shop, day: int, turn: int, begin: datetime) -> AdjustmentRequest:
    drawn = (shop.code, str(day), str(turn))
    carried = shop.carried()
    sku = carried[draw(len(carried), "sku", *drawn)]
    moment = begin + timedelta(days=day, hours=1 + turn * 2, minutes=draw(110, "minute", *drawn))
    number = f"{shop.code}-{day:02d}{turn:02d}"
    kind = draw(20, "kind", *drawn)
    for share, reason, amount, paper in (
        (14, "sale", 1 + draw(2, "sold", *drawn), "POS"),
        (15, "damaged", 1, "DM"),
        (16, "write_off", 1, "WO"),
        (17, "transfer_out", 2, "TR"),
    ):
        if kind < share:
            lot = shop.take(sku, amount)
            if lot is not None:
                return _request(shop, sku, reason, -amount, moment, f"{paper}-{number}", lot)
            break
    if kind == 17:
        return _request(shop, sku, "customer_return", 1, moment, f"RT-{number}", shop.bring(sku, 1, moment))
    return _request(shop, sku, "receive", 12, moment, f"DN-{number}", shop.bring(sku, 12, moment))


def _request(
    shop: _Shop, sku: SampleSku, reason: str, change: int, moment: datetime, reference: str, lot: _Lot
) -> AdjustmentRequest:
    content: dict[str, object] = {
        "store": shop.code,
        "sku": sku.code,
        "reason": reason,
        "change": change,
        "occurred_at": moment.isoformat(),
        "reference": reference,
    }
    if lot.batch is not None:
        content["batch"] = lot.batch
        if change > 0:
            content["expiry"] = lot.expiry
    if reason in {"sale", "receive"}:
        content["unit_price"] = {"amount": sku.price if reason == "sale" else sku.price * 7 // 10, "currency": "HKD"}
    return parse_adjustment(content, event_id=uuid5(NAMESPACE, f"{reference}/{sku.code}"))
