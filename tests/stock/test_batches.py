"""Many movements in one call."""

import pytest

from policies.errors import Denied
from policies.model import Role, ScopeKind
from stock.batches import ROWS_MAX
from stock.errors import BatchRefused, Code, InvalidRequest, NotPermitted, StockError
from stock.model import RowResult, RowState
from tests.stock.shop import ALLOWS, REFUSES, Shop, on_both


def states(results: tuple[RowResult, ...]) -> list[str]:
    return [result.state.value for result in results]


def refused(shop: Shop, *requests: object, all_or_nothing: bool) -> BatchRefused:
    size = shop.size()
    with pytest.raises(BatchRefused) as caught:
        shop.many(*requests, all_or_nothing=all_or_nothing)  # type: ignore[arg-type]
    assert shop.size() == size
    return caught.value


def code_of(result: RowResult) -> Code:
    assert isinstance(result.error, StockError)
    return result.error.code


@on_both
@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_rows_are_applied_in_order_and_see_each_other(shop: Shop, all_or_nothing: bool) -> None:
    rows = [shop.asked(5), shop.asked(-3), shop.asked(-2), shop.asked(7, sku="A2")]

    results = shop.many(*rows, all_or_nothing=all_or_nothing)

    assert states(results) == ["applied"] * 4
    assert [result.adjusted.after for result in results if result.adjusted] == [5, 2, 0, 7]
    assert [result.row for result in results] == [0, 1, 2, 3]
    assert shop.data(results[1].index or 0)["change"] == -3
    assert (shop.held(), shop.held(sku="A2")) == (0, 7)


@on_both
def test_row_by_row_a_refused_row_leaves_the_others_be(shop: Shop) -> None:
    rows = [shop.asked(2), shop.asked(-3), shop.asked(-1), shop.asked(1, sku="NONE"), shop.asked("0.5")]

    results = shop.many(*rows)

    assert states(results) == ["applied", "refused", "applied", "refused", "refused"]
    assert [code_of(results[row]) for row in (1, 3, 4)] == [
        Code.STOCK_NEGATIVE,
        Code.SKU_UNKNOWN,
        Code.QUANTITY_TOO_PRECISE,
    ]
    assert shop.held() == 1


@on_both
@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_a_row_that_names_an_unknown_document_is_refused_by_name(shop: Shop, all_or_nothing: bool) -> None:
    paper = shop.known_paper("doc_1")
    good = [shop.asked(2, document=paper), shop.asked(3)]
    assert states(shop.many(*good, all_or_nothing=all_or_nothing)) == ["applied"] * 2
    rows = [shop.asked(2, document=paper), shop.asked(3, document="doc_2")]

    results = refused(shop, *rows, all_or_nothing=True).results if all_or_nothing else shop.many(*rows)

    assert states(tuple(results)) == ["withheld" if all_or_nothing else "applied", "refused"]
    error = results[1].error
    assert error is not None
    assert (error.code, error.path) == (Code.DOCUMENT_UNKNOWN, ("document",))


def test_a_batch_asks_for_each_document_once_and_a_row_without_one_asks_nothing(shop: Shop) -> None:
    papers = [shop.known_paper("doc_1"), shop.known_paper("doc_2")]
    rows = [shop.asked(1, **({} if n % 3 == 2 else {"document": papers[n % 3]})) for n in range(12)]

    change = shop.stock.adjust_many(shop.clerk, rows, all_or_nothing=False, now=shop.world.clock())

    assert sorted(change.subjects) == ["document:doc_1", "document:doc_2", "sku:A1", f"stock:{REFUSES}/A1"]


def test_all_or_nothing_one_refused_row_refuses_the_call_and_tells_of_each(shop: Shop) -> None:
    error = refused(shop, shop.asked(2), shop.asked(-3), shop.asked(1, sku="NONE"), all_or_nothing=True)

    assert states(tuple(error.results)) == ["withheld", "refused", "refused"]
    assert error.values == {"rows": 3, "refused": 2}
    assert shop.held() == 0


def test_row_by_row_a_call_of_which_nothing_is_applied_is_refused(shop: Shop) -> None:
    error = refused(shop, shop.asked(-1), shop.asked(1, sku="NONE"), all_or_nothing=False)

    assert states(tuple(error.results)) == ["refused", "refused"]


@on_both
@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_a_repeated_call_is_a_replay_with_the_first_indexes(shop: Shop, all_or_nothing: bool) -> None:
    rows = [shop.asked(5), shop.asked(-5)]
    first = shop.many(*rows, all_or_nothing=all_or_nothing)

    change = shop.stock.adjust_many(shop.clerk, rows, all_or_nothing=all_or_nothing, now=shop.world.clock())
    again = shop.committed(change)

    assert again.replayed
    assert again.result is not None
    assert states(again.result) == ["replayed", "replayed"]
    assert [(row.index, row.leaf_hash) for row in again.result] == [(row.index, row.leaf_hash) for row in first]
    assert shop.held() == 0


@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_a_call_may_go_on_where_an_earlier_one_stopped(shop: Shop, all_or_nothing: bool) -> None:
    rows = [shop.asked(n) for n in (1, 2, 3)]
    first = shop.many(*rows[:2], all_or_nothing=all_or_nothing)

    results = shop.many(*rows, all_or_nothing=all_or_nothing)

    assert states(results) == ["replayed", "replayed", "applied"]
    assert [result.index for result in results[:2]] == [result.index for result in first]
    assert shop.held() == 6


@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_a_row_twice_in_one_call_is_applied_once(shop: Shop, all_or_nothing: bool) -> None:
    row = shop.asked(4)

    results = shop.many(row, shop.asked(1), row, all_or_nothing=all_or_nothing)

    assert states(results) == ["applied", "applied", "replayed"]
    assert results[2].index == results[0].index
    assert results[2].leaf_hash == results[0].leaf_hash
    assert shop.held() == 5


@pytest.mark.parametrize(("all_or_nothing", "code"), [(True, Code.EVENT_ID_TWICE), (False, Code.EVENT_ID_REUSED)])
def test_an_event_id_twice_in_one_call_with_other_content_is_refused(
    shop: Shop, all_or_nothing: bool, code: Code
) -> None:
    row = shop.asked(4)
    other = shop.asked(5, event_id=row.event_id)

    if all_or_nothing:
        results = tuple(refused(shop, row, other, all_or_nothing=True).results)
    else:
        results = shop.many(row, other)

    assert code_of(results[1]) is code
    assert str(results[1].error)


@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_an_event_id_of_the_log_with_other_content_is_refused(shop: Shop, all_or_nothing: bool) -> None:
    known = shop.asked(4)
    shop.committed_adjust(known)

    error = refused(shop, shop.asked(5, event_id=known.event_id), all_or_nothing=all_or_nothing)

    assert code_of(error.results[0]) is Code.EVENT_ID_REUSED


@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_a_lot_brought_by_one_row_is_there_for_the_next(shop: Shop, all_or_nothing: bool) -> None:
    rows = [
        shop.asked(5, sku="C1", batch="B1", expiry="2027-01-31"),
        shop.asked(2, sku="C1", batch="B1", expiry="2027-01-31"),
        shop.asked(-7, sku="C1", batch="B1"),
    ]

    results = shop.many(*rows, all_or_nothing=all_or_nothing)

    assert states(results) == ["applied"] * 3
    assert shop.held(sku="C1", batch="B1") == 0


def test_all_or_nothing_no_lot_is_made_by_a_refused_call(shop: Shop) -> None:
    brought = shop.asked(5, sku="C1", batch="B1", expiry="2027-01-31")

    refused(shop, brought, shop.asked(-1), all_or_nothing=True)

    with shop.world.storage.database.read() as connection:
        assert shop.stock.lots(shop.clerk, connection, sku="C1").items == ()


def test_a_row_at_a_store_out_of_reach_is_refused_with_its_denial(shop: Shop) -> None:
    till = shop.caller(shop.till(REFUSES))
    rows = [shop.asked(1, store=REFUSES), shop.asked(1, store=ALLOWS), shop.asked(2, store=REFUSES)]
    now = shop.world.clock()

    results = shop.do(shop.stock.adjust_many(till, rows, all_or_nothing=False, now=now))

    assert states(results) == ["applied", "refused", "applied"]
    assert isinstance(results[1].error, NotPermitted)
    assert results[1].error.decision.allowed is False
    with pytest.raises(Denied):
        shop.stock.adjust_many(till, rows, all_or_nothing=True, now=now)


def test_a_store_lost_meanwhile_refuses_its_rows_under_the_lock(shop: Shop) -> None:
    till = shop.caller(shop.till(REFUSES, ALLOWS))
    rows = [shop.asked(1, store=REFUSES), shop.asked(1, store=ALLOWS)]
    change = shop.stock.adjust_many(till, rows, all_or_nothing=False, now=shop.world.clock())
    shop.unassign(till.id, ScopeKind.STORE, ALLOWS)

    results = shop.do(change)

    assert states(results) == ["applied", "refused"]
    assert isinstance(results[1].error, NotPermitted)


def test_a_principal_who_may_not_adjust_at_all_gets_nothing_through(shop: Shop) -> None:
    auditor = shop.policies.local_principal(Role.AUDITOR)

    with pytest.raises(Denied):
        shop.stock.adjust_many(auditor, [shop.asked(1)], all_or_nothing=True, now=shop.world.clock())


def test_a_row_too_far_in_the_future_is_refused_alone(shop: Shop) -> None:
    late = shop.asked(1, occurred_at="2027-01-01T00:00:00Z")

    results = shop.many(shop.asked(1), late)

    assert states(results) == ["applied", "refused"]
    assert code_of(results[1]) is Code.TIME_IN_FUTURE


@pytest.mark.parametrize(("count", "code"), [(0, Code.LIST_EMPTY), (ROWS_MAX + 1, Code.LIST_TOO_LONG)])
def test_a_call_has_some_rows_and_not_too_many(shop: Shop, count: int, code: Code) -> None:
    with pytest.raises(InvalidRequest) as caught:
        shop.many(*[shop.asked(1)] * count)

    assert caught.value.code is code


@on_both
def test_thousands_of_rows_are_one_change(shop: Shop) -> None:
    rows = [shop.asked(1, sku=("A1", "A2")[n % 2]) for n in range(3000)]

    results = shop.many(*rows, all_or_nothing=True)

    assert {result.state for result in results} == {RowState.APPLIED}
    assert (shop.held(), shop.held(sku="A2")) == (1500, 1500)
