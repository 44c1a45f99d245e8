"""Every balance made again from the entries, and each disagreement named."""

import pytest
from sqlalchemy import text

from stock.model import Disagreement, DisagreementKind
from stock.reconcile import disagreements, reconcile
from tests.stock.shop import ALLOWS, REFUSES, Shop, on_both
from tests.stock.tampering import past_the_fence, set_balances


@pytest.fixture
def moved(open_shop: Shop) -> Shop:
    """A retailer with stock, corrections and a stocktake behind it."""
    shop = open_shop
    shop.adjust(10)
    wrong = shop.adjust(-3)
    shop.adjust(5, sku="C1", batch="B1", expiry="2027-01-31")
    shop.adjust(-4, sku="A2", store=ALLOWS)
    shop.correct(wrong.index, -2)
    opened = shop.open()
    shop.count_one(opened.id, "A1", 6)
    shop.close(opened.id)
    return shop


def run(shop: Shop, sql: str, **values: object) -> None:
    with past_the_fence(shop.world.storage.database) as connection:
        assert connection.execute(text(sql), values).rowcount == 1


def last_index(shop: Shop, sku: str) -> int:
    found = [held.entry_index for held in shop.balances() if held.sku == sku]
    return found[0]


@on_both
def test_balances_that_nobody_touched_agree(moved: Shop) -> None:
    assert moved.reconcile() == []


@on_both
def test_a_changed_quantity_is_named_with_both_numbers(moved: Shop) -> None:
    index = last_index(moved, "A1")
    set_balances(moved.world.storage.database, {(REFUSES, "A1", ""): 600})

    assert moved.reconcile() == [
        Disagreement(DisagreementKind.QUANTITY, REFUSES, "A1", None, expected=6, found=600, index=index)
    ]


def test_a_removed_balance_is_missed(moved: Shop) -> None:
    index = last_index(moved, "C1")
    run(moved, "DELETE FROM balances WHERE sku = 'C1'")

    assert moved.reconcile() == [Disagreement(DisagreementKind.MISSING, REFUSES, "C1", "B1", expected=5, index=index)]


@on_both
def test_an_invented_balance_is_unexpected(moved: Shop) -> None:
    run(moved, "INSERT INTO balances (store, sku, batch, quantity, entry_index) VALUES ('MK01', 'W1', '', 100, 3)")

    assert moved.reconcile() == [Disagreement(DisagreementKind.UNEXPECTED, REFUSES, "W1", None, found=100, index=3)]


def test_a_balance_moved_to_another_store_is_missed_here_and_unexpected_there(moved: Shop) -> None:
    run(moved, "UPDATE balances SET store = 'TST1' WHERE sku = 'C1'")

    kinds = [(found.kind, found.store) for found in moved.reconcile()]

    assert kinds == [(DisagreementKind.UNEXPECTED, ALLOWS), (DisagreementKind.MISSING, REFUSES)]


def test_a_balance_that_names_another_entry_is_named(moved: Shop) -> None:
    index = last_index(moved, "A2")
    run(moved, "UPDATE balances SET entry_index = 3 WHERE sku = 'A2'")

    assert moved.reconcile() == [
        Disagreement(DisagreementKind.LAST_ENTRY, ALLOWS, "A2", None, expected=index, found=3, index=index)
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected", "found"),
    [(b'"before":10', b'"before":99', 10, 99), (b'"after":7', b'"after":8', 7, 8)],
)
def test_an_entry_whose_own_account_is_wrong_is_named(
    open_shop: Shop, old: bytes, new: bytes, expected: int, found: int
) -> None:
    shop = open_shop
    shop.adjust(10)
    sale = shop.adjust(-3)
    with open_shop.world.storage.database.read() as connection:
        data = connection.execute(text("SELECT bytes FROM entries WHERE entry_index = :index"), {"index": sale.index})
        forged = bytes(data.scalar_one()).replace(old, new)

    run(shop, "UPDATE entries SET bytes = :bytes WHERE entry_index = :index", bytes=forged, index=sale.index)

    assert shop.reconcile() == [
        Disagreement(DisagreementKind.HISTORY, REFUSES, "A1", None, expected=expected, found=found, index=sale.index)
    ]


def test_of_several_faults_in_a_history_the_first_is_named(open_shop: Shop) -> None:
    shop = open_shop
    first, second, _ = shop.adjust(10), shop.adjust(-3), shop.adjust(-2)
    for found in (first, second):
        with shop.world.storage.database.read() as connection:
            data = connection.execute(text("SELECT bytes FROM entries WHERE entry_index = :i"), {"i": found.index})
            forged = bytes(data.scalar_one()).replace(b'"after":', b'"after":1')
        run(shop, "UPDATE entries SET bytes = :bytes WHERE entry_index = :index", bytes=forged, index=found.index)

    assert [(one.kind, one.index) for one in shop.reconcile()] == [(DisagreementKind.HISTORY, first.index)]


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"garbage",
        b'{"type":"stock.adjusted"}',
        b'{"data":{},"type":"stock.adjusted"}',
        b'{"data":{"sku":"A1","store":"MK01"},"type":"stock.corrected"}',
        b'{"data":[],"type":"stock.adjusted"}',
        b'{"data" :{},"type":"stock.adjusted"}',
        b'[1,"type":"stock.adjusted"}',
    ],
)
def test_bytes_that_are_no_entry_are_named(open_shop: Shop, garbage: bytes) -> None:
    shop = open_shop
    adjusted = shop.adjust(10)

    run(shop, "UPDATE entries SET bytes = :bytes WHERE entry_index = :index", bytes=garbage, index=adjusted.index)

    unreadable, unexpected = shop.reconcile()
    assert (unreadable.kind, unreadable.index) == (DisagreementKind.UNREADABLE, adjusted.index)
    assert (unexpected.kind, unexpected.sku) == (DisagreementKind.UNEXPECTED, "A1")


@pytest.mark.parametrize("keys_max", [1, 2, 3, 1000])
def test_memory_is_bounded_and_the_answer_the_same(open_shop: Shop, keys_max: int) -> None:
    shop = open_shop
    for number in range(8):
        shop.lot("O1", f"B{number}")
        shop.adjust(number + 1, sku="O1", batch=f"B{number}")
    database = open_shop.world.storage.database
    set_balances(database, {(REFUSES, "O1", f"B{number}"): 0 for number in (2, 5)})
    seen: list[tuple[int, int]] = []

    with database.read() as connection:
        found = reconcile(connection, lambda done, total: seen.append((done, total)), keys_max=keys_max)

    assert sorted((one.batch, one.expected, one.found) for one in found) == [("B2", 3, 0), ("B5", 6, 0)]
    assert seen[-1][0] == seen[-1][1] >= shop.size()


def test_unreadable_bytes_are_named_once_however_often_they_are_read(open_shop: Shop) -> None:
    shop = open_shop
    rows = [shop.asked(1, sku=sku) for sku in ("A1", "A2", "O1")]
    last = shop.many(*rows)[-1]
    run(shop, "UPDATE entries SET bytes = x'00' WHERE entry_index = :index", index=last.index)

    with open_shop.world.storage.database.read() as connection:
        found = [one.kind for one in disagreements(connection, keys_max=1)]

    assert found.count(DisagreementKind.UNREADABLE) == 1


def test_progress_is_told_along_the_way(open_shop: Shop) -> None:
    shop = open_shop
    shop.many(*[shop.asked(1) for _ in range(4100)])
    seen: list[tuple[int, int]] = []

    with open_shop.world.storage.database.read() as connection:
        assert reconcile(connection, lambda done, total: seen.append((done, total))) == []

    size = shop.size()
    assert seen == [(2000, size), (4000, size), (size, size)]
