"""What stood on a balance, for who sees the records of some times alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from audit.event import time_us
from policies.model import Role
from stock.standing import CHUNK, Stood, stood
from storage.scope import Scope
from tests.stock.shop import ALLOWS, REFUSES, Shop


@pytest.fixture
def timed(shop: Shop) -> tuple[Shop, dict[str, Any]]:
    """Movements before, within and after a time; the dates of that time."""
    shop.lot("C1", "L1", "2026-12-01")
    shop.adjust(100)
    shop.world.clock.advance(minutes=1)
    begin = shop.world.clock()
    shop.adjust(5, sku="C1", batch="L1")
    shop.adjust(-7, store=ALLOWS, sku="A2")
    wrong = shop.adjust(-30)
    shop.correct(wrong.index, -3)
    shop.world.clock.advance(minutes=1)
    end = shop.world.clock()
    shop.adjust(-5, sku="C1", batch="L1")
    shop.adjust(-50)
    return shop, {"dates_from": begin, "dates_until": end}


def scope(limits: dict[str, Any]) -> Scope:
    return Scope(None, from_us=time_us(limits["dates_from"]), until_us=time_us(limits["dates_until"]))


def was(shop: Shop, limits: dict[str, Any], store: str, sku: str, batch: str | None = None) -> Stood | None:
    with shop.world.storage.database.read() as connection:
        return stood(connection, scope(limits), store, sku, batch)


def test_it_is_what_the_last_movement_of_the_time_left(timed: tuple[Shop, dict[str, Any]]) -> None:
    shop, limits = timed

    corrected = was(shop, limits, REFUSES, "A1")
    lot = was(shop, limits, REFUSES, "C1", "L1")

    assert corrected is not None
    assert corrected.quantity == 97
    assert shop.entry(corrected.entry_index)["type"] == "stock.corrected"
    assert lot is not None
    assert lot.quantity == 5
    assert was(shop, limits, REFUSES, "C1") is None
    assert was(shop, limits, REFUSES, "A2") is None


def test_it_is_found_behind_many_movements_of_another_lot(shop: Shop) -> None:
    begin = shop.world.clock()
    for batch in ("L1", "L2"):
        shop.lot("C1", batch)
    shop.adjust(9, sku="C1", batch="L1")
    shop.many(*[shop.asked(1, sku="C1", batch="L2") for _ in range(CHUNK + 5)])
    shop.world.clock.advance(minutes=1)

    found = was(shop, {"dates_from": begin, "dates_until": shop.world.clock()}, REFUSES, "C1", "L1")

    assert found is not None
    assert found.quantity == 9


def test_lists_and_shelves_of_a_limited_auditor_show_that(timed: tuple[Shop, dict[str, Any]]) -> None:
    shop, limits = timed
    auditor = shop.policies.principal(_engaged(shop, limits))

    with shop.world.storage.database.read() as connection:
        lots = shop.stock.expiring_lots(auditor, connection, by=date(2026, 12, 31), limit=10).items
        every = shop.stock.expiring_lots(auditor, connection, by=date(2026, 12, 31), with_negative=True, limit=10).items
        balances = shop.stock.balances(auditor, connection, limit=10).items
        picked = shop.stock.picking(auditor, connection, store=REFUSES, sku="C1", quantity=2, today=date(2026, 11, 22))

    assert [(lot.batch, lot.quantity) for lot in lots] == [("L1", 5)]
    assert [(lot.batch, lot.quantity) for lot in every] == [("L1", 5)]
    assert [(held.store, held.sku, held.quantity) for held in balances] == [
        (REFUSES, "A1", 97),
        (REFUSES, "C1", 5),
        (ALLOWS, "A2", -7),
    ]
    assert picked.missing == 0


def _engaged(shop: Shop, limits: dict[str, Any]) -> str:
    auditor = shop.person(Role.AUDITOR, engaged=False)
    shop.engage(auditor.id, **limits)
    return auditor.id
