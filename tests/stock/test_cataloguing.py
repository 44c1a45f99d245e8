"""SKUs, GTINs, lots and reasons."""

from datetime import date
from typing import TypeVar

import pytest

from policies.errors import Denied
from policies.model import Role
from stock.errors import Code, InvalidRequest, StockConflict, StockError, UnknownThing
from stock.model import Direction, Lot, LotTracking, Reason, Sku
from stock.parsing import parse_lot, parse_reason, parse_reason_change, parse_sku, parse_sku_change
from stock.reasons import STANDARD_REASONS
from stock.units import Unit
from storage import Change
from tests.stock.shop import GTIN, REFUSES, Shop, on_both

T = TypeVar("T")
OTHER_GTIN = "96385074"


def sku_change(shop: Shop, code: str, **members: object) -> Change[Sku]:
    return shop.stock.change_sku(shop.clerk, parse_sku_change(members, code=code, event_id=shop.id()))


def refusal(kind: type[StockError], shop: Shop, change: Change[T]) -> StockError:
    size = shop.size()
    with pytest.raises(StockError) as caught:
        shop.committed(change)
    assert type(caught.value) is kind
    assert shop.size() == size
    assert str(caught.value)
    return caught.value


def new_sku(shop: Shop, **members: object) -> Change[Sku]:
    content = {"code": "N1", "name_zh": "新貨", "unit": "piece", **members}
    return shop.stock.create_sku(shop.clerk, parse_sku(content, event_id=shop.id()))


def stored(shop: Shop, code: str) -> Sku:
    with shop.world.storage.database.read() as connection:
        return shop.stock.sku(shop.clerk, connection, code)


@on_both
def test_a_sku_is_created_with_what_it_is(shop: Shop) -> None:
    created = shop.do(new_sku(shop, name_en="New", scale=2, unit="catty", lot_tracking="optional", gtin=OTHER_GTIN))

    assert created == Sku("N1", "新貨", "New", Unit.CATTY, 2, LotTracking.OPTIONAL, OTHER_GTIN)
    assert stored(shop, "N1") == created
    assert shop.entry()["type"] == "sku.created"
    assert shop.data() == {
        "sku": "N1",
        "name_zh": "新貨",
        "name_en": "New",
        "unit": "catty",
        "scale": 2,
        "lot_tracking": "optional",
        "gtin": OTHER_GTIN,
    }


def test_a_code_and_a_gtin_belong_to_one_sku(shop: Shop) -> None:
    assert refusal(StockConflict, shop, new_sku(shop, code="A1")).code is Code.SKU_EXISTS
    taken = refusal(StockConflict, shop, new_sku(shop, gtin="0" + GTIN))
    assert (taken.code, taken.values) == (Code.GTIN_TAKEN, {"gtin": GTIN, "sku": "A1"})


def test_a_change_says_what_was_and_what_is(shop: Shop) -> None:
    changed = shop.do(sku_change(shop, "A1", name_en="Better", gtin=OTHER_GTIN))

    assert (changed.name_en, changed.gtin) == ("Better", OTHER_GTIN)
    assert shop.data() == {
        "sku": "A1",
        "before": {"name_en": "Item A1", "gtin": GTIN},
        "after": {"name_en": "Better", "gtin": OTHER_GTIN},
    }
    assert stored(shop, "A1") == changed


@on_both
def test_a_gtin_taken_away_can_be_given_to_another(shop: Shop) -> None:
    shop.do(sku_change(shop, "A1", gtin=None))

    assert shop.data() == {"sku": "A1", "before": {"gtin": GTIN}, "after": {}}
    assert shop.do(sku_change(shop, "A2", gtin=GTIN)).gtin == GTIN
    refusal(StockConflict, shop, sku_change(shop, "A1", gtin=GTIN))


def test_changing_nothing_or_an_unknown_sku_is_refused(shop: Shop) -> None:
    assert refusal(StockConflict, shop, sku_change(shop, "A1", gtin=GTIN)).code is Code.NOTHING_CHANGED
    assert refusal(StockConflict, shop, sku_change(shop, "A1")).code is Code.NOTHING_CHANGED
    assert refusal(UnknownThing, shop, sku_change(shop, "NONE", name_en="x")).code is Code.SKU_UNKNOWN


@on_both
def test_lot_tracking_changes_while_no_stock_stands_in_the_way(shop: Shop) -> None:
    shop.adjust(5, sku="O1")
    blocked = refusal(StockConflict, shop, sku_change(shop, "O1", lot_tracking="required"))
    shop.adjust(-5, sku="O1")
    required = shop.do(sku_change(shop, "O1", lot_tracking="required"))
    shop.adjust(2, sku="O1", batch="B1", expiry="2027-01-31")

    assert blocked.values == {"store": REFUSES, "sku": "O1"}
    assert required.lot_tracking is LotTracking.REQUIRED
    assert refusal(StockConflict, shop, sku_change(shop, "O1", lot_tracking="none")).code is Code.LOT_TRACKING_IN_USE
    assert shop.do(sku_change(shop, "O1", lot_tracking="optional")).lot_tracking is LotTracking.OPTIONAL


def test_a_repeated_creation_is_a_replay(shop: Shop) -> None:
    request = parse_sku({"code": "N1", "name_zh": "新貨", "unit": "piece"}, event_id=shop.id())
    first = shop.committed(shop.stock.create_sku(shop.clerk, request))

    again = shop.committed(shop.stock.create_sku(shop.clerk, request))

    assert (again.replayed, again.receipt.index) == (True, first.receipt.index)


def test_a_lot_is_created_once_for_a_sku_that_wants_lots(shop: Shop) -> None:
    def lot(sku: str, batch: str = "B1") -> Change[Lot]:
        content = {"sku": sku, "batch": batch, "expiry": "2027-01-31"}
        return shop.stock.create_lot(shop.clerk, parse_lot(content, event_id=shop.id()))

    created = shop.do(lot("C1"))

    assert created == Lot("C1", "B1", date(2027, 1, 31))
    assert shop.data() == {"sku": "C1", "batch": "B1", "expiry": "2027-01-31"}
    assert refusal(StockConflict, shop, lot("C1")).code is Code.LOT_EXISTS
    assert refusal(InvalidRequest, shop, lot("A1")).code is Code.LOT_NOT_TRACKED
    assert refusal(UnknownThing, shop, lot("NONE")).code is Code.SKU_UNKNOWN


@on_both
def test_a_reason_is_added_renamed_and_retired(shop: Shop) -> None:
    def change(**members: object) -> Change[Reason]:
        return shop.stock.change_reason(shop.clerk, parse_reason_change(members, code="gift", event_id=shop.id()))

    content = {"code": "gift", "name_zh": "贈品", "name_en": "Gift", "direction": "out"}
    created = shop.do(shop.stock.create_reason(shop.clerk, parse_reason(content, event_id=shop.id())))

    assert created == Reason("gift", "贈品", "Gift", Direction.OUT)
    assert shop.data() == {"reason": "gift", "name_zh": "贈品", "name_en": "Gift", "direction": "out"}
    again = shop.stock.create_reason(shop.clerk, parse_reason(content, event_id=shop.id()))
    assert refusal(StockConflict, shop, again).code is Code.REASON_EXISTS
    assert shop.do(change(name_en="Giveaway", active=False)) == Reason(
        "gift", "贈品", "Giveaway", Direction.OUT, active=False
    )
    assert shop.data()["before"] == {"active": True, "name_en": "Gift"}
    assert refusal(StockConflict, shop, change(active=False)).code is Code.NOTHING_CHANGED
    assert shop.do(change(active=True)).active


def test_the_standard_reasons_are_created_once(shop: Shop) -> None:
    with shop.world.storage.database.read() as connection:
        known = shop.stock.reasons(shop.clerk, connection)

    assert set(known) == set(STANDARD_REASONS)
    again = shop.stock.create_standard_reasons(shop.clerk, event_id=shop.id())
    assert refusal(StockConflict, shop, again).code is Code.NOTHING_CHANGED


def test_the_catalogue_is_written_by_those_who_may(shop: Shop) -> None:
    staff = shop.policies.local_principal(Role.STAFF)
    request = parse_sku({"code": "N1", "name_zh": "新貨", "unit": "piece"}, event_id=shop.id())

    with pytest.raises(Denied):
        shop.stock.create_sku(staff, request)
