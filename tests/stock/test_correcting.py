"""Corrections: what an entry should have said."""

import pytest

from policies.errors import Denied
from stock.errors import AlreadyCorrected, Code, InvalidRequest, NegativeStock, StockConflict, StockError, UnknownThing
from stock.parsing import parse_correction
from tests.stock.shop import ALLOWS, REFUSES, Shop, on_both


def refusal(kind: type[StockError], shop: Shop, *arguments: object, **members: object) -> StockError:
    size = shop.size()
    with pytest.raises(StockError) as caught:
        shop.correct(*arguments, **members)  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert shop.size() == size
    assert str(caught.value)
    return caught.value


@on_both
def test_a_correction_says_what_should_have_been_and_moves_the_difference(shop: Shop) -> None:
    shop.adjust(10)
    wrong = shop.adjust(-5)

    corrected = shop.correct(wrong.index, -3, reference="R1")

    assert (corrected.before, corrected.change, corrected.after) == (5, 2, 7)
    assert shop.held() == 7
    assert shop.data() == {
        "store": REFUSES,
        "sku": "A1",
        "reason": "sale",
        "corrects": wrong.index,
        "replacement": -3,
        "before": 5,
        "change": 2,
        "after": 7,
        "scale": 0,
        "reference": "R1",
    }
    assert shop.data(wrong.index)["change"] == -5


def test_a_correction_without_replacement_undoes(shop: Shop) -> None:
    wrong = shop.adjust(10)

    assert shop.correct(wrong.index).after == 0


@on_both
def test_an_entry_is_corrected_once_and_its_correction_can_be_corrected(shop: Shop) -> None:
    shop.adjust(10)
    wrong = shop.adjust(-5)
    first = shop.correct(wrong.index, -3)

    error = refusal(AlreadyCorrected, shop, wrong.index, -4)
    second = shop.correct(first.index, -4)

    assert error.values == {"index": wrong.index, "by": first.index}
    assert (second.change, second.after) == (-1, 6)
    third = shop.correct(second.index)
    assert third.after == 10


def test_a_correction_may_change_the_reason_alone(shop: Shop) -> None:
    shop.adjust(10)
    wrong = shop.adjust(-2, reason="sale")

    corrected = shop.correct(wrong.index, -2, reason="sample")

    assert (corrected.change, corrected.after, corrected.reason) == (0, 8, "sample")
    assert shop.held() == 8


def test_lots_and_scales_are_those_of_the_entry(shop: Shop) -> None:
    wrong = shop.adjust(5, sku="C1", batch="B1", expiry="2027-01-31")
    weighed = shop.adjust("2.5", sku="W1")

    assert shop.correct(wrong.index, 4).batch == "B1"
    assert shop.correct(weighed.index, "2.25").after == 2250
    assert shop.held(sku="C1", batch="B1") == 4
    assert refusal(InvalidRequest, shop, shop.size() - 1, "2.2505").code is Code.QUANTITY_TOO_PRECISE


def test_undoing_goods_that_are_gone_is_refused_where_negative_stock_is(shop: Shop) -> None:
    received = shop.adjust(5)
    shop.adjust(-4)
    allowed = shop.adjust(5, store=ALLOWS)
    shop.adjust(-4, store=ALLOWS)

    refusal(NegativeStock, shop, received.index)
    assert shop.correct(allowed.index).after == -4


def test_a_correction_that_says_the_same_is_refused(shop: Shop) -> None:
    right = shop.adjust(5)

    assert refusal(StockConflict, shop, right.index, 5).code is Code.NOTHING_CHANGED


@pytest.mark.parametrize(
    ("members", "kind", "code", "path"),
    [
        ({"replacement": -5}, InvalidRequest, Code.REASON_DIRECTION_IN, ("replacement",)),
        ({"replacement": 3, "reason": "none"}, UnknownThing, Code.REASON_UNKNOWN, ("reason",)),
        ({"replacement": 3, "document": "doc_9"}, UnknownThing, Code.DOCUMENT_UNKNOWN, ("document",)),
        ({"replacement": "0.5"}, InvalidRequest, Code.QUANTITY_TOO_PRECISE, ("replacement",)),
    ],
)
def test_what_should_have_been_said_must_be_sayable(
    shop: Shop, members: dict[str, object], kind: type[StockError], code: Code, path: tuple[str, ...]
) -> None:
    wrong = shop.adjust(5)

    error = refusal(kind, shop, wrong.index, **members)

    assert (error.code, error.path) == (code, path)


def test_a_retired_reason_does_not_stand_in_the_way_of_undoing(shop: Shop) -> None:
    shop.adjust(5)
    wrong = shop.adjust(-1, reason="sample")
    shop.retire("sample")

    other = shop.adjust(-1)
    assert refusal(StockConflict, shop, other.index, -1, reason="sample").code is Code.REASON_RETIRED
    assert shop.correct(wrong.index).after == 4


def test_only_movements_of_the_log_can_be_corrected(shop: Shop) -> None:
    assert refusal(StockConflict, shop, 0).code is Code.NOT_CORRECTABLE
    assert refusal(UnknownThing, shop, 10**6).code is Code.ENTRY_UNKNOWN


def test_a_repeated_correction_is_a_replay(shop: Shop) -> None:
    wrong = shop.adjust(5)
    request = parse_correction({"corrects": wrong.index, "note": "typed twice"}, event_id=shop.id())
    first = shop.committed(shop.stock.correct(shop.clerk, request))

    again = shop.committed(shop.stock.correct(shop.clerk, request))

    assert (again.replayed, again.receipt.index) == (True, first.receipt.index)
    assert shop.held() == 0


def test_corrections_need_their_own_permission_at_the_store(shop: Shop) -> None:
    wrong = shop.adjust(5, store=REFUSES)
    request = parse_correction({"corrects": wrong.index}, event_id=shop.id())
    elsewhere = shop.caller(shop.till(ALLOWS, scopes=("stock.correct",)))
    without = shop.caller(shop.till(REFUSES, scopes=("stock.adjust",)))

    for till in (elsewhere, without):
        with pytest.raises(Denied):
            shop.stock.correct(till, request)
