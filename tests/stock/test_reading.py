"""What callers may look up."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import pytest

from policies.errors import Denied
from policies.model import Role
from stock.errors import Code, InvalidRequest, UnknownThing
from stock.model import Lot, Page, StocktakeState
from stock.store import Snapshot
from tests.stock.shop import ALLOWS, GTIN, REFUSES, Shop, on_both

T = TypeVar("T")
TODAY = date(2026, 11, 22)


def paged(shop: Shop, read: Callable[[Snapshot, tuple[str, ...] | None], Page[T]]) -> list[T]:
    """All items of a list, page by page."""
    found: list[T] = []
    after: tuple[str, ...] | None = None
    with shop.world.storage.database.read() as connection:
        while True:
            page = read(connection, after)
            found.extend(page.items)
            if page.next is None:
                return found
            assert page.items
            after = page.next


@on_both
def test_skus_are_listed_by_code_in_pages(shop: Shop) -> None:
    def codes(limit: int) -> list[str]:
        return [
            sku.code for sku in paged(shop, lambda c, after: shop.stock.skus(shop.clerk, c, after=after, limit=limit))
        ]

    for limit in (1, 2, 5, 6):
        assert codes(limit) == ["A1", "A2", "C1", "O1", "W1"]


@on_both
@pytest.mark.parametrize(
    ("text", "codes"),
    [("a", ["A1", "A2"]), ("item w", ["W1"]), ("貨品 C", ["C1"]), (GTIN[3:9], ["A1"]), ("%", []), ("_", []), ("", 5)],
)
def test_skus_are_found_by_code_name_or_gtin(shop: Shop, text: str, codes: list[str] | int) -> None:
    with shop.world.storage.database.read() as connection:
        found = [
            sku.code
            for sku in shop.stock.skus(shop.clerk, connection, text=text).items
            if text != "a" or sku.code.startswith("A")
        ]

    assert (len(found) if isinstance(codes, int) else found) == codes


def test_a_search_text_has_a_bound(shop: Shop) -> None:
    with (
        shop.world.storage.database.read() as connection,
        pytest.raises(InvalidRequest) as caught,
    ):
        shop.stock.skus(shop.clerk, connection, text="x" * 121)

    assert caught.value.code is Code.TEXT_TOO_LONG


@on_both
def test_a_label_leads_to_its_sku_and_lot(shop: Shop) -> None:
    shop.lot("C1", "LOT7", "2027-01-31")
    with shop.world.storage.database.read() as connection:
        plain = shop.stock.scanned(shop.clerk, connection, GTIN, today=TODAY)
        known = shop.stock.scanned(shop.clerk, connection, "(01)09506000134352(10)LOT7", today=TODAY)
        unknown = shop.stock.scanned(shop.clerk, connection, "(01)09506000134352(10)LOT8(17)270131", today=TODAY)
        shelf = shop.stock.scanned(shop.clerk, connection, "A2", today=TODAY)

    assert (plain.sku.code, plain.lot, shelf.sku.code) == ("A1", None, "A2")
    assert (known.sku.code, known.lot) == ("C1", Lot("C1", "LOT7", date(2027, 1, 31)))
    assert (unknown.lot, unknown.scan.batch, unknown.scan.expiry) == (None, "LOT8", date(2027, 1, 31))


@pytest.mark.parametrize(("text", "code"), [("96385074", Code.GTIN_UNKNOWN), ("NONE", Code.SKU_UNKNOWN)])
def test_a_label_of_nothing_we_know_is_unknown(shop: Shop, text: str, code: Code) -> None:
    with shop.world.storage.database.read() as connection, pytest.raises(UnknownThing) as caught:
        shop.stock.scanned(shop.clerk, connection, text, today=TODAY)

    assert caught.value.code is code


@on_both
def test_lots_are_listed_by_sku_and_batch_and_by_expiry(shop: Shop) -> None:
    shop.lot("C1", "B2", "2026-12-31")
    shop.lot("C1", "B1", "2027-06-30")
    shop.lot("O1", "B1")

    def batches(**wanted: object) -> list[tuple[str, str]]:
        found = paged(
            shop,
            lambda c, after: shop.stock.lots(shop.clerk, c, after=after, limit=1, **wanted),  # type: ignore[arg-type]
        )
        return [(lot.sku, lot.batch) for lot in found]

    assert batches() == [("C1", "B1"), ("C1", "B2"), ("O1", "B1")]
    assert batches(sku="O1") == [("O1", "B1")]
    assert batches(expiring_by=date(2026, 12, 31)) == [("C1", "B2")]


@on_both
def test_balances_are_listed_and_filtered(shop: Shop) -> None:
    shop.adjust(5, store=REFUSES, sku="A1")
    shop.adjust(6, store=ALLOWS, sku="A1")
    shop.adjust(1, sku="O1")
    shop.adjust(2, sku="O1", batch="B1", expiry="2027-01-31")
    shop.adjust(3, sku="A2")
    shop.adjust(-3, sku="A2")

    def keys(**wanted: object) -> list[tuple[str, str, str | None, int]]:
        return [(held.store, held.sku, held.batch, held.quantity) for held in shop.balances(**wanted)]

    everything = [("MK01", "A1", None, 5), ("MK01", "O1", None, 1), ("MK01", "O1", "B1", 2), ("TST1", "A1", None, 6)]
    assert keys() == everything
    assert keys(store=REFUSES, sku="O1", batch="") == [("MK01", "O1", None, 1)]
    assert keys(store=REFUSES, sku="O1", batch="B1") == [("MK01", "O1", "B1", 2)]
    assert keys(sku="A2", with_zero=True) == [("MK01", "A2", None, 0)]
    assert len(paged(shop, lambda c, after: shop.stock.balances(shop.clerk, c, after=after, limit=1))) == 4


@on_both
def test_lists_show_the_stores_in_reach_and_no_other(shop: Shop) -> None:
    shop.adjust(5, store=REFUSES)
    shop.adjust(6, store=ALLOWS)
    shop.open(ALLOWS)
    till = shop.caller(shop.till(REFUSES))
    nowhere = shop.caller(shop.till())

    with shop.world.storage.database.read() as connection:
        mine = shop.stock.balances(till, connection)
        none = shop.stock.balances(nowhere, connection)
        stocktakes = shop.stock.stocktakes(till, connection)
        with pytest.raises(Denied):
            shop.stock.balances(till, connection, store=ALLOWS)

    assert [held.store for held in mine.items] == [REFUSES]
    assert (none.items, stocktakes.items) == ((), ())


@on_both
def test_what_is_about_to_expire_is_listed_earliest_first(shop: Shop) -> None:
    shop.adjust(5, sku="C1", batch="LATE", expiry="2027-06-30")
    shop.adjust(2, sku="C1", batch="SOON", expiry="2026-12-01")
    shop.adjust(3, sku="O1", batch="SOON", expiry="2026-12-01", store=ALLOWS)
    shop.adjust(1, sku="C1", batch="SOLD", expiry="2026-12-01")
    shop.adjust(-1, sku="C1", batch="SOLD")

    found = paged(
        shop,
        lambda c, after: shop.stock.expiring_lots(
            shop.clerk, c, by=date(2027, 6, 30), with_negative=True, after=after, limit=1
        ),
    )

    assert [(held.store, held.batch, held.quantity) for held in found] == [
        (REFUSES, "SOON", 2),
        (ALLOWS, "SOON", 3),
        (REFUSES, "LATE", 5),
    ]
    with shop.world.storage.database.read() as connection:
        soon = shop.stock.expiring_lots(
            shop.clerk, connection, by=date(2026, 12, 31), store=REFUSES, with_negative=True
        )
    assert [held.batch for held in soon.items] == ["SOON"]


@on_both
def test_stocktakes_are_listed_newest_first(shop: Shop) -> None:
    ids = []
    for _ in range(3):
        ids.append(shop.open().id)
        shop.cancel(ids[-1])
    ids.append(shop.open(ALLOWS).id)

    found = paged(shop, lambda c, after: shop.stock.stocktakes(shop.clerk, c, after=after, limit=1))

    assert [stocktake.id for stocktake in found] == ids[::-1]
    with shop.world.storage.database.read() as connection:
        opened = shop.stock.stocktakes(shop.clerk, connection, state=StocktakeState.OPEN)
    assert [stocktake.store for stocktake in opened.items] == [ALLOWS]


@on_both
def test_the_lines_of_a_stocktake_say_what_was_counted_and_expected(shop: Shop) -> None:
    shop.adjust(5)
    opened = shop.open()
    shop.count_one(opened.id, "A2", 1)
    shop.count_one(opened.id, "A1", 3)

    found = paged(shop, lambda c, after: shop.stock.counted_lines(shop.clerk, c, opened.id, after=after, limit=1))

    assert [(line.sku, line.difference, line.counted_at) for line in found] == [
        ("A1", -2, shop.world.clock()),
        ("A2", 1, shop.world.clock()),
    ]


def test_what_is_not_there_is_unknown(shop: Shop) -> None:
    stock, clerk = shop.stock, shop.clerk
    with shop.world.storage.database.read() as connection:
        with pytest.raises(UnknownThing):
            stock.sku(clerk, connection, "NONE")
        with pytest.raises(UnknownThing):
            stock.stocktake(clerk, connection, "st_999")
        with pytest.raises(UnknownThing):
            stock.counted_lines(clerk, connection, "st_999")


def test_a_role_without_the_permission_looks_nothing_up(shop: Shop) -> None:
    outsider = shop.policies.local_principal(Role.POLICY_ADMIN)
    with shop.world.storage.database.read() as connection:
        for read in (shop.stock.skus, shop.stock.balances, shop.stock.reasons):
            with pytest.raises(Denied):
                read(outsider, connection)
