"""Stocktakes: open, count, close or cancel."""

from datetime import timedelta

import pytest

from audit.entry import parse_entry
from policies.errors import Denied
from stock import closing, counting
from stock.errors import Code, InvalidRequest, NegativeStock, StockConflict, StockError, UnknownThing
from stock.model import StocktakeState
from stock.parsing import parse_counts, parse_end_stocktake, parse_open_stocktake
from storage.personal import reveal_personal
from storage.reading import read_entry
from tests.stock.shop import ALLOWS, GTIN, REFUSES, Shop, on_both

SCAN = "0109506000134352" + "17270131" + "10LOT7"


def refusal(kind: type[StockError], call: object, *arguments: object, **members: object) -> StockError:
    assert callable(call)
    with pytest.raises(StockError) as caught:
        call(*arguments, **members)
    assert type(caught.value) is kind
    assert str(caught.value)
    return caught.value


def lines(shop: Shop, stocktake: str) -> dict[tuple[str, str | None], tuple[int, int]]:
    with shop.world.storage.database.read() as connection:
        page = shop.stock.counted_lines(shop.clerk, connection, stocktake)
    return {(line.sku, line.batch): (line.counted, line.expected) for line in page.items}


@on_both
def test_differences_become_adjustments_in_one_change_and_the_duration_is_kept(shop: Shop) -> None:
    shop.adjust(10, sku="A1")
    shop.adjust(5, sku="A2")
    shop.adjust("2.5", sku="W1")
    opened = shop.open()
    shop.world.clock.advance(minutes=90)
    shop.count_one(opened.id, "A1", 8)
    shop.count_one(opened.id, "A2", 5)
    shop.count_one(opened.id, "W1", "2.75")
    shop.world.clock.advance(minutes=60, seconds=0.9)

    closed = shop.close(opened.id)

    assert closed.duration_s == 9000
    assert closed.lines == 3
    assert [(found.sku, found.before, found.change, found.after) for found in closed.adjustments] == [
        ("A1", 10, -2, 8),
        ("W1", 2500, 250, 2750),
    ]
    assert (shop.held(sku="A1"), shop.held(sku="A2"), shop.held(sku="W1")) == (8, 5, 2750)
    assert shop.entry()["type"] == "stocktake.closed"
    assert shop.data() == {
        "stocktake": opened.id,
        "store": REFUSES,
        "scope": "partial",
        "lines": 3,
        "differences": 2,
        "duration_s": 9000,
    }
    adjusted = shop.entry(closed.adjustments[0].index)
    assert adjusted["data"]["reason"] == "stocktake"
    assert adjusted["data"]["stocktake"] == opened.id
    assert [subject["kind"] for subject in adjusted["subjects"]] == ["stock", "sku", "stocktake"]
    with shop.world.storage.database.read() as connection:
        stored = shop.stock.stocktake(shop.clerk, connection, opened.id)
    assert (stored.state, stored.duration_s, stored.lines, stored.differences) == (StocktakeState.CLOSED, 9000, 3, 2)
    assert stored.ended_at is not None
    assert stored.ended_at - stored.opened_at == timedelta(seconds=9000.9)


def test_a_stocktake_is_named_after_the_entry_that_opens_it(shop: Shop) -> None:
    request = parse_open_stocktake({"store": REFUSES}, event_id=shop.id())
    committed = shop.committed(shop.stock.open_stocktake(shop.clerk, request))

    assert committed.result is not None
    assert committed.result.id == f"st_{committed.receipt.index}"
    again = shop.committed(shop.stock.open_stocktake(shop.clerk, request))
    assert (again.replayed, again.receipt.index) == (True, committed.receipt.index)


def test_a_repeated_count_adds_or_replaces(shop: Shop) -> None:
    shop.adjust(10)
    opened = shop.open()

    shop.count_one(opened.id, "A1", 4)
    shop.count_one(opened.id, "A1", 3)
    assert lines(shop, opened.id) == {("A1", None): (7, 10)}
    shop.count_one(opened.id, "A1", 9, replace=True)

    assert lines(shop, opened.id) == {("A1", None): (9, 10)}
    assert shop.data()["total"] == 9
    assert shop.close(opened.id).adjustments[0].change == -1


def test_a_count_repeated_with_its_event_id_counts_once(shop: Shop) -> None:
    opened = shop.open()
    request = parse_counts(
        {"lines": [{"sku": "A1", "counted": 2}, {"sku": "A2", "counted": 1}]},
        stocktake=opened.id,
        event_id=shop.id(),
    )
    now = shop.world.clock()
    shop.committed(shop.stock.count(shop.clerk, request, now=now))

    again = shop.committed(shop.stock.count(shop.clerk, request, now=now))

    assert again.replayed
    assert lines(shop, opened.id) == {("A1", None): (2, 0), ("A2", None): (1, 0)}


@on_both
def test_what_moves_after_the_count_moves_the_balance_and_not_the_difference(shop: Shop) -> None:
    shop.adjust(10)
    opened = shop.open()
    shop.count_one(opened.id, "A1", 9)
    shop.adjust(-4)

    closed = shop.close(opened.id)

    assert [(found.before, found.change, found.after) for found in closed.adjustments] == [(6, -1, 5)]


def test_a_partial_stocktake_says_nothing_of_what_nobody_counted(shop: Shop) -> None:
    shop.adjust(10, sku="A1")
    shop.adjust(5, sku="A2")
    opened = shop.open(scope="partial")
    shop.count_one(opened.id, "A1", 10)

    assert shop.close(opened.id).adjustments == ()
    assert shop.held(sku="A2") == 5


@on_both
def test_a_full_stocktake_takes_what_nobody_counted_for_absent(shop: Shop) -> None:
    shop.adjust(10, sku="A1")
    shop.adjust(5, sku="A2")
    shop.adjust(2, sku="C1", batch="B1", expiry="2027-01-31")
    shop.adjust(9, sku="A2", store=ALLOWS)
    opened = shop.open(scope="full")
    shop.count_one(opened.id, "A1", 10)

    closed = shop.close(opened.id)

    assert [(found.sku, found.batch, found.change) for found in closed.adjustments] == [
        ("A2", None, -5),
        ("C1", "B1", -2),
    ]
    assert (shop.held(sku="A2"), shop.held(sku="C1", batch="B1"), shop.held(ALLOWS, "A2")) == (0, 0, 9)


@on_both
def test_scans_find_sku_and_lot(shop: Shop) -> None:
    shop.lot("C1", "LOT7", "2027-01-31")
    shop.adjust(1, sku="C1", batch="LOT7")
    opened = shop.open()

    shop.count(opened.id, {"scan": GTIN}, {"scan": f"]E0{GTIN}", "counted": 4}, {"scan": SCAN}, {"scan": "A2"})

    assert lines(shop, opened.id) == {("A1", None): (5, 0), ("A2", None): (1, 0), ("C1", "LOT7"): (1, 1)}
    assert shop.data(-2)["gtin"] == "09506000134352"
    assert [subject["kind"] for subject in shop.entry(-2)["subjects"]] == ["stocktake", "sku", "lot"]


def test_a_scan_may_bring_a_lot_nobody_knew(shop: Shop) -> None:
    opened = shop.open()

    shop.count(opened.id, {"scan": SCAN}, {"scan": SCAN})

    assert lines(shop, opened.id) == {("C1", "LOT7"): (2, 0)}
    with shop.world.storage.database.read() as connection:
        (lot,) = shop.stock.lots(shop.clerk, connection, sku="C1").items
    assert str(lot.expiry) == "2027-01-31"
    assert shop.close(opened.id).adjustments[0].after == 2


def test_the_batch_on_a_label_is_passed_over_where_lots_are_not_tracked(shop: Shop) -> None:
    opened = shop.open()

    shop.count(opened.id, {"scan": f"01{GTIN:0>14}10XYZ"})

    assert lines(shop, opened.id) == {("A1", None): (1, 0)}


@pytest.mark.parametrize(
    ("line", "kind", "code", "path"),
    [
        ({"sku": "NONE", "counted": 1}, UnknownThing, Code.SKU_UNKNOWN, ("sku",)),
        ({"scan": "NONE"}, UnknownThing, Code.SKU_UNKNOWN, ("scan",)),
        ({"scan": "96385074"}, UnknownThing, Code.GTIN_UNKNOWN, ("scan",)),
        ({"scan": "96385075"}, InvalidRequest, Code.GTIN_CHECK_DIGIT, ("scan",)),
        ({"scan": SCAN, "batch": "LOT8"}, InvalidRequest, Code.SCAN_DISAGREES, ("batch",)),
        ({"scan": "0109506000134352"}, InvalidRequest, Code.LOT_REQUIRED, ("batch",)),
        ({"sku": "C1", "batch": "B9", "counted": 1}, UnknownThing, Code.LOT_UNKNOWN, ("batch",)),
        ({"sku": "A1", "batch": "B9", "counted": 1}, InvalidRequest, Code.LOT_NOT_TRACKED, ("batch",)),
        ({"sku": "A1", "counted": "0.5"}, InvalidRequest, Code.QUANTITY_TOO_PRECISE, ("counted",)),
    ],
)
def test_one_count_that_cannot_be_taken_refuses_all_of_the_call(
    shop: Shop, line: dict[str, object], kind: type[StockError], code: Code, path: tuple[str, ...]
) -> None:
    opened = shop.open()
    size = shop.size()

    error = refusal(kind, shop.count, opened.id, {"sku": "A2", "counted": 1}, line)

    assert (error.code, error.path) == (code, ("lines", 1, *path))
    assert shop.size() == size


def test_a_thousand_counts_are_taken_in_one_call(shop: Shop) -> None:
    opened = shop.open()

    scans: list[dict[str, object]] = [{"scan": (GTIN, SCAN)[n % 2]} for n in range(1000)]
    shop.count(opened.id, *scans)

    assert lines(shop, opened.id) == {("A1", None): (500, 0), ("C1", "LOT7"): (500, 0)}


def test_a_lot_scanned_with_another_expiry_date_is_refused(shop: Shop) -> None:
    shop.lot("C1", "LOT7", "2027-02-28")
    opened = shop.open()

    assert refusal(StockConflict, shop.count, opened.id, {"scan": SCAN}).code is Code.LOT_EXPIRY_DIFFERS


def test_counts_that_add_up_to_too_much_are_refused(shop: Shop) -> None:
    opened = shop.open()
    most = {"sku": "A1", "counted": 10**15 - 1}

    assert refusal(InvalidRequest, shop.count, opened.id, most, most).code is Code.QUANTITY_TOO_LARGE


@on_both
def test_one_stocktake_is_open_at_a_store_at_a_time(shop: Shop) -> None:
    opened = shop.open(REFUSES)
    other = shop.open(ALLOWS)

    error = refusal(StockConflict, shop.open, REFUSES)
    shop.cancel(opened.id)
    again = shop.open(REFUSES)

    assert error.values == {"store": REFUSES, "stocktake": opened.id}
    assert len({opened.id, other.id, again.id}) == 3


def test_a_cancelled_stocktake_changes_no_stock(shop: Shop) -> None:
    shop.adjust(10)
    opened = shop.open()
    shop.count_one(opened.id, "A1", 3)
    shop.world.clock.advance(seconds=30)

    cancelled = shop.cancel(opened.id)

    assert (cancelled.state, cancelled.duration_s) == (StocktakeState.CANCELLED, 30)
    assert shop.held() == 10
    assert shop.data() == {"stocktake": opened.id, "store": REFUSES, "lines": 1, "duration_s": 30}


@pytest.mark.parametrize("end", ["close", "cancel"])
def test_what_has_ended_is_ended(shop: Shop, end: str) -> None:
    opened = shop.open()
    shop.count_one(opened.id, "A1", 3)
    getattr(shop, end)(opened.id)

    for again in (shop.close, shop.cancel):
        assert refusal(StockConflict, again, opened.id).code is Code.STOCKTAKE_NOT_OPEN
    assert refusal(StockConflict, shop.count_one, opened.id, "A1", 3).code is Code.STOCKTAKE_NOT_OPEN


def test_closing_again_with_the_same_event_id_is_a_replay(shop: Shop) -> None:
    opened = shop.open()
    shop.count_one(opened.id, "A1", 3)
    request = parse_end_stocktake({}, stocktake=opened.id, event_id=shop.id())
    first = shop.committed(shop.stock.close_stocktake(shop.clerk, request))

    again = shop.committed(shop.stock.close_stocktake(shop.clerk, request))

    assert (again.replayed, again.receipt.index) == (True, first.receipt.index)
    assert shop.held() == 3


@pytest.mark.parametrize("scope", ["partial", "full"])
def test_a_stocktake_without_a_count_is_not_closed(shop: Shop, scope: str) -> None:
    shop.adjust(5)
    opened = shop.open(scope=scope)

    assert refusal(StockConflict, shop.close, opened.id).code is Code.STOCKTAKE_EMPTY


def test_a_difference_that_would_leave_less_than_nothing_is_refused_where_negative_stock_is(shop: Shop) -> None:
    shop.adjust(10)
    opened = shop.open()
    shop.count_one(opened.id, "A1", 2)
    shop.adjust(-5)

    refusal(NegativeStock, shop.close, opened.id)
    shop.count_one(opened.id, "A1", 5, replace=True)

    assert shop.close(opened.id).adjustments == ()


def test_a_stocktake_has_a_bound(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.adjust(5, sku="O1")
    opened = shop.open(scope="full")
    monkeypatch.setattr(counting, "LINES_MAX", 1)
    monkeypatch.setattr(closing, "LINES_MAX", 1)

    shop.count_one(opened.id, "A1", 1)
    error = refusal(StockConflict, shop.count_one, opened.id, "A2", 1)
    shop.count_one(opened.id, "A1", 1)

    assert (error.code, error.path) == (Code.STOCKTAKE_FULL, ("lines",))
    assert refusal(StockConflict, shop.close, opened.id).code is Code.STOCKTAKE_FULL


def test_an_unknown_stocktake_or_store_is_named(shop: Shop) -> None:
    assert refusal(UnknownThing, shop.close, "st_999").code is Code.STOCKTAKE_UNKNOWN
    assert refusal(UnknownThing, shop.count_one, "st_999", "A1", 1).code is Code.STOCKTAKE_UNKNOWN
    assert refusal(UnknownThing, shop.open, "NONE").code is Code.STORE_UNKNOWN


def test_notes_of_a_stocktake_are_personal(shop: Shop) -> None:
    opened = shop.open(note="由陳大文開始")

    with shop.world.storage.database.read() as connection:
        entry = parse_entry(read_entry(connection, int(opened.id.removeprefix("st_"))).bytes)
        clear = reveal_personal(connection, shop.world.storage.keys, entry.index, dict(entry.event.personal))
    assert clear == {"note": "由陳大文開始"}
    assert "陳大文".encode() not in shop.everything()


def test_each_step_needs_its_permission_at_the_store(shop: Shop) -> None:
    opened = shop.open(REFUSES)
    elsewhere = shop.caller(
        shop.till(ALLOWS, scopes=("stocktake.open", "stocktake.count", "stocktake.close", "stock.read"))
    )
    counts = parse_counts({"lines": [{"sku": "A1", "counted": 1}]}, stocktake=opened.id, event_id=shop.id())
    end = parse_end_stocktake({}, stocktake=opened.id, event_id=shop.id())
    start = parse_open_stocktake({"store": REFUSES}, event_id=shop.id())

    with pytest.raises(Denied):
        shop.stock.open_stocktake(elsewhere, start)
    with pytest.raises(Denied):
        shop.stock.count(elsewhere, counts, now=shop.world.clock())
    with pytest.raises(Denied):
        shop.stock.close_stocktake(elsewhere, end)
    with pytest.raises(Denied):
        shop.stock.cancel_stocktake(elsewhere, end)
    with shop.world.storage.database.read() as connection, pytest.raises(Denied):
        shop.stock.stocktake(elsewhere, connection, opened.id)
