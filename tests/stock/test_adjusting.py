"""One movement of stock."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.entry import parse_entry
from policies.errors import Denied
from policies.model import NegativeStockRule, ScopeKind
from stock.errors import Code, InvalidRequest, NegativeStock, StockConflict, StockError, UnknownThing
from stock.quantity import QUANTITY_MAX
from stock.reasons import STANDARD_REASONS
from stock.service import Stock
from storage import Change, Committed
from storage.errors import EventIdReused
from storage.personal import reveal_personal
from storage.reading import read_entry
from tests.stock.shop import ALLOWS, REFUSES, Shop, on_both


def refusal(kind: type[StockError], shop: Shop, change: object, **members: object) -> StockError:
    size = shop.size()
    with pytest.raises(StockError) as caught:
        shop.adjust(change, **members)
    assert type(caught.value) is kind
    assert shop.size() == size
    return caught.value


@on_both
def test_a_movement_changes_the_balance_and_says_how(shop: Shop) -> None:
    shop.adjust(10)

    paper = shop.known_paper("doc_7")
    adjusted = shop.adjust(-3, reference="INV-1", document=paper, unit_price={"amount": 1250, "currency": "HKD"})

    assert (adjusted.before, adjusted.change, adjusted.after, adjusted.scale) == (10, -3, 7, 0)
    assert shop.held() == 7
    entry = shop.entry()
    assert entry["type"] == "stock.adjusted"
    assert entry["data"] == {
        "store": REFUSES,
        "sku": "A1",
        "reason": "sale",
        "before": 10,
        "change": -3,
        "after": 7,
        "scale": 0,
        "reference": "INV-1",
        "document": "doc_7",
        "unit_price": {"amount": 1250, "currency": "HKD"},
    }
    assert [(subject["kind"], subject["id"], subject["index"]) for subject in entry["subjects"]] == [
        ("stock", f"{REFUSES}/A1", 1),
        ("sku", "A1", 2),
    ]
    assert entry["decision"]["code"] == "allowed"


def test_quantities_are_integers_at_the_scale_of_the_sku(shop: Shop) -> None:
    shop.adjust("12.5", sku="W1")

    adjusted = shop.adjust("-0.375", sku="W1")

    assert (adjusted.before, adjusted.change, adjusted.after, adjusted.scale) == (12500, -375, 12125, 3)
    assert refusal(InvalidRequest, shop, "0.0001", sku="W1").code is Code.QUANTITY_TOO_PRECISE
    assert refusal(InvalidRequest, shop, "1.5", sku="A1").code is Code.QUANTITY_TOO_PRECISE


def test_stores_are_apart(shop: Shop) -> None:
    shop.adjust(5, store=REFUSES)
    shop.adjust(7, store=ALLOWS)

    assert (shop.held(REFUSES), shop.held(ALLOWS)) == (5, 7)


def test_a_store_that_refuses_negative_stock_says_what_it_holds(shop: Shop) -> None:
    shop.adjust(2)

    error = refusal(NegativeStock, shop, -3)

    assert error.values == {"store": REFUSES, "sku": "A1", "before": "2", "change": "-3", "after": "-1"}
    assert shop.held() == 2


def test_a_store_that_allows_negative_stock_goes_below_zero(shop: Shop) -> None:
    assert shop.adjust(-3, store=ALLOWS).after == -3


@on_both
def test_the_rule_of_the_store_is_the_one_of_the_moment(shop: Shop) -> None:
    shop.do(shop.policies.change_store(shop.admin, REFUSES, negative_stock=NegativeStockRule.ALLOW, event_id=shop.id()))
    shop.adjust(-3)
    shop.do(
        shop.policies.change_store(shop.admin, REFUSES, negative_stock=NegativeStockRule.REFUSE, event_id=shop.id())
    )

    assert shop.adjust(1).after == -2
    refusal(NegativeStock, shop, -1)


@pytest.mark.parametrize(
    ("members", "kind", "code", "path"),
    [
        ({"store": "NONE"}, UnknownThing, Code.STORE_UNKNOWN, ("store",)),
        ({"sku": "NONE"}, UnknownThing, Code.SKU_UNKNOWN, ("sku",)),
        ({"reason": "none"}, UnknownThing, Code.REASON_UNKNOWN, ("reason",)),
        ({"reason": "sale"}, InvalidRequest, Code.REASON_DIRECTION_OUT, ("change",)),
        ({"batch": "B1"}, InvalidRequest, Code.LOT_NOT_TRACKED, ("batch",)),
        ({"sku": "C1"}, InvalidRequest, Code.LOT_REQUIRED, ("batch",)),
        ({"sku": "C1", "batch": "B1"}, UnknownThing, Code.LOT_UNKNOWN, ("batch",)),
        ({"document": str(UUID(int=7))}, UnknownThing, Code.DOCUMENT_UNKNOWN, ("document",)),
        ({"change": 0}, InvalidRequest, Code.QUANTITY_ZERO, ("change",)),
        ({"change": -1, "reason": "receive"}, InvalidRequest, Code.REASON_DIRECTION_IN, ("change",)),
    ],
)
def test_what_is_unknown_or_does_not_fit_is_refused_by_name(
    shop: Shop, members: dict[str, object], kind: type[StockError], code: Code, path: tuple[str, ...]
) -> None:
    error = refusal(kind, shop, members.pop("change", 1), **members)

    assert (error.code, error.path) == (code, path)
    assert str(error)


@on_both
def test_a_retired_reason_takes_nothing_new(shop: Shop) -> None:
    shop.retire("sample")
    shop.adjust(5)

    assert refusal(StockConflict, shop, -1, reason="sample").code is Code.REASON_RETIRED


def test_a_balance_cannot_leave_its_bounds(shop: Shop) -> None:
    shop.adjust(QUANTITY_MAX)

    assert refusal(StockConflict, shop, 1).code is Code.BALANCE_TOO_LARGE


@on_both
def test_goods_that_come_in_may_bring_a_new_lot(shop: Shop) -> None:
    committed = shop.committed_adjust(shop.asked(5, sku="C1", batch="批1/A", expiry="2027-01-31"))

    created, adjusted = committed.entries
    assert (created.event.type, adjusted.event.type) == ("lot.created", "stock.adjusted")
    assert created.event.data == {"sku": "C1", "batch": "批1/A", "expiry": "2027-01-31"}
    assert committed.receipt.index == adjusted.index
    assert [subject.key for subject in adjusted.event.subjects] == ["stock:MK01/C1", "sku:C1", "lot:C1/批1/A"]
    assert shop.adjust(-2, sku="C1", batch="批1/A").after == 3
    assert shop.adjust(1, sku="C1", batch="批1/A", expiry="2027-01-31").after == 4
    assert refusal(StockConflict, shop, 1, sku="C1", batch="批1/A", expiry="2027-02-01").code is Code.LOT_EXPIRY_DIFFERS


def test_lots_have_balances_of_their_own(shop: Shop) -> None:
    shop.lot("O1", "B1", "2027-01-31")
    shop.lot("O1", "B2")
    shop.adjust(1, sku="O1")
    shop.adjust(2, sku="O1", batch="B1")
    shop.adjust(3, sku="O1", batch="B2")

    assert [shop.held(sku="O1", batch=batch) for batch in (None, "B1", "B2")] == [1, 2, 3]
    refusal(NegativeStock, shop, -2, sku="O1")


@on_both
def test_a_repeated_event_is_answered_with_its_first_receipt(shop: Shop) -> None:
    request = shop.asked(5)
    first = shop.committed_adjust(request)
    shop.adjust(-5)

    again = shop.committed_adjust(request)

    assert again.replayed
    assert again.receipt.index == first.receipt.index
    assert again.receipt.leaf_hash == first.receipt.leaf_hash
    assert shop.held() == 0


def test_what_named_an_unknown_document_before_that_was_refused_is_still_a_replay(shop: Shop) -> None:
    request = shop.asked(5, document="gone-1")
    content = {"change": "5", "reason": "receive", "sku": "A1", "store": REFUSES, "document": "gone-1"}
    digest = shop.world.storage.log.request_digest({"action": "stock.adjust", **content})
    earlier = replace(shop.world.event(), actor=shop.clerk.actor, event_id=request.event_id, request=digest)
    first = shop.committed(Change(lambda tx: tx.append(earlier)))

    again = shop.committed_adjust(request)

    assert (again.replayed, again.receipt.index) == (True, first.receipt.index)
    assert shop.held() == 0


@on_both
def test_a_document_added_in_the_same_batch_may_be_named(shop: Shop) -> None:
    added = shop.world.change(kind="document", subject="doc_8")
    request = shop.asked(5, document="doc_8")
    moved = shop.stock.adjust(shop.clerk, request, now=shop.world.clock())

    async def together() -> list[Committed[Any]]:
        log = shop.world.storage.log
        return await asyncio.gather(*(log.commit_async(change) for change in (added, moved)))

    first, second = asyncio.run(together())

    assert second.receipt.index == first.receipt.index + 1
    assert shop.held() == 5


def test_a_repeated_sale_is_recognised_though_the_stock_is_gone(shop: Shop) -> None:
    shop.adjust(5)
    sale = shop.asked(-5)
    first = shop.committed_adjust(sale)

    assert shop.committed_adjust(sale).receipt.index == first.receipt.index


def test_a_repeated_event_that_brought_a_lot_is_answered_with_the_movement(shop: Shop) -> None:
    request = shop.asked(5, sku="C1", batch="B1", expiry="2027-01-31")
    first = shop.committed_adjust(request)

    again = shop.committed_adjust(request)

    assert (again.replayed, again.receipt.index) == (True, first.receipt.index)


def test_the_same_number_written_differently_is_the_same_request(shop: Shop) -> None:
    request = shop.asked("5.0")
    shop.committed_adjust(request)

    assert shop.committed_adjust(shop.asked(5, event_id=request.event_id)).replayed


def test_the_note_is_no_part_of_what_makes_a_request_the_same(shop: Shop) -> None:
    request = shop.asked(5, note="first words")
    shop.committed_adjust(request)

    assert shop.committed_adjust(shop.asked(5, event_id=request.event_id, note="other words")).replayed


@pytest.mark.parametrize("members", [{"change": 6}, {"sku": "A2"}, {"reason": "opening"}, {"reference": "R1"}])
def test_an_event_id_used_for_other_content_is_refused(shop: Shop, members: dict[str, object]) -> None:
    request = shop.asked(5)
    shop.committed_adjust(request)
    other = shop.asked(members.pop("change", 5), event_id=request.event_id, **members)

    with pytest.raises(EventIdReused):
        shop.committed_adjust(other)


@on_both
def test_a_note_is_kept_beside_the_log_and_never_in_it(shop: Shop) -> None:
    committed = shop.committed_adjust(shop.asked(5, note="陳大文來電\n請留貨"))

    assert "陳大文".encode() not in shop.everything()
    with shop.world.storage.database.read() as connection:
        entry = parse_entry(read_entry(connection, committed.receipt.index).bytes)
        clear = reveal_personal(connection, shop.world.storage.keys, entry.index, dict(entry.event.personal))
    assert clear == {"note": "陳大文來電\n請留貨"}


def test_when_it_happened_is_the_callers_claim_within_bounds(shop: Shop) -> None:
    now = shop.world.clock()
    shop.adjust(1, occurred_at=(now - timedelta(hours=2)).isoformat())

    assert shop.entry()["occurred_at"] == "2026-11-22T02:00:00.000000Z"
    error = refusal(InvalidRequest, shop, 1, occurred_at=(now + timedelta(minutes=6)).isoformat())
    assert error.code is Code.TIME_IN_FUTURE


def test_a_client_moves_stock_only_where_it_is_assigned(shop: Shop) -> None:
    secret = shop.till(REFUSES)
    till = shop.caller(secret)
    now = shop.world.clock()

    shop.do(shop.stock.adjust(till, shop.asked(5, store=REFUSES), now=now))

    with pytest.raises(Denied):
        shop.stock.adjust(till, shop.asked(5, store=ALLOWS), now=now)
    assert shop.entry()["actor"]["id"] == till.id


def test_a_client_that_lost_its_store_meanwhile_is_refused_under_the_lock(shop: Shop) -> None:
    secret = shop.till(REFUSES)
    till = shop.caller(secret)
    change = shop.stock.adjust(till, shop.asked(5), now=shop.world.clock())
    shop.unassign(till.id, ScopeKind.STORE, REFUSES)

    with pytest.raises(Denied):
        shop.committed(change)

    assert shop.held() == 0


def test_every_standard_reason_moves_stock_in_its_direction(shop: Shop) -> None:
    shop.adjust(100)
    for reason in STANDARD_REASONS:
        change = -1 if reason.direction == "out" else 1
        assert shop.adjust(change, reason=reason.code).change == change


@on_both
def test_two_processes_that_move_the_same_stock_lose_nothing(shop: Shop) -> None:
    other = shop.world.open_another()
    stocks = [(shop.world.storage.log, shop.stock), (other.log, Stock(other.database, other.log, shop.another(other)))]
    requests = [[shop.asked(1 if n % 3 else -1, store=ALLOWS) for n in range(60)] for _ in stocks]
    now = shop.world.clock()

    def work(place: int) -> None:
        log, stock = stocks[place]
        for request in requests[place]:
            log.commit(stock.adjust(shop.clerk, request, now=now))

    try:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(work, range(2)))
    finally:
        other.close()

    assert shop.held(ALLOWS) == 2 * (40 - 20)
