"""Lots alive: what expires, what to take first, where a lot has been, and who was warned."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.errors import Denied
from policies.model import Role
from stock.errors import InvalidRequest, UnknownThing
from stock.lots.model import EXPIRY_WARNED, Picking, ShelfLot
from stock.lots.rules import horizon_of, is_due, pick
from tests.stock.shop import ALLOWS, REFUSES, Shop, on_both

TODAY = date(2026, 11, 22)
HORIZONS = (90, 30, 7, 0)


def fill(shop: Shop) -> None:
    """C1 in both stores: an expired lot, one soon, one late; O1 with a lot without a date."""
    for batch, expiry in (("OLD", "2026-11-21"), ("SOON", "2026-11-27"), ("LATE", "2027-06-30")):
        shop.lot("C1", batch, expiry)
    shop.lot("O1", "PLAIN")
    paper = shop.known_paper("d-1")
    for batch, quantity in (("LATE", 10), ("OLD", 3), ("SOON", 5)):
        shop.adjust(quantity, sku="C1", batch=batch, reference=f"DN-{batch}-1", document=paper)
    shop.adjust(4, sku="C1", batch="SOON", store=ALLOWS)
    shop.adjust(2, sku="O1", batch="PLAIN")


def picked(shop: Shop, quantity: int, **more: int) -> Picking:
    with shop.world.storage.database.read() as connection:
        return shop.stock.picking(
            shop.clerk, connection, store=REFUSES, sku="C1", quantity=quantity, today=TODAY, **more
        )


# --- first expired, first out ----------------------------------------------------------------------------------------

LOTS = st.lists(
    st.builds(
        ShelfLot,
        st.text("ABC", min_size=1, max_size=2),
        st.none() | st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3)),
        st.integers(-2, 9),
    ),
    max_size=6,
    unique_by=lambda lot: lot.batch,
)


@settings(deadline=None)
@given(shelf=LOTS, wanted=st.integers(1, 30), days=st.integers(0, 2))
def test_what_is_picked_is_the_earliest_that_lasts(shelf: list[ShelfLot], wanted: int, days: int) -> None:
    last_to = TODAY + timedelta(days=days)

    found = pick(shelf, store="S", sku="A", scale=0, wanted=wanted, last_to=last_to)

    held = {lot.batch: lot for lot in shelf}
    usable = [lot for lot in shelf if lot.quantity > 0 and (lot.expiry is None or lot.expiry >= last_to)]
    assert sum(take.quantity for take in found.takes) + found.missing == wanted
    assert found.missing == max(0, wanted - sum(lot.quantity for lot in usable))
    dates = [take.expiry or date.max for take in found.takes]
    assert dates == sorted(dates)
    for take in found.takes:
        assert held[take.batch] in usable
        assert take.quantity + take.left == held[take.batch].quantity
    # Nothing that expires earlier than what is touched last stays behind.
    for lot in usable:
        if found.takes and (lot.expiry or date.max) < dates[-1]:
            assert [take.left for take in found.takes if take.batch == lot.batch] == [0]


def test_picking_passes_over_what_has_expired(shop: Shop) -> None:
    fill(shop)

    found = picked(shop, 8)

    assert [(take.batch, take.quantity, take.left) for take in found.takes] == [("SOON", 5, 0), ("LATE", 3, 7)]
    assert [lot.batch for lot in found.unusable] == ["OLD"]
    assert picked(shop, 16).missing == 1
    assert [take.batch for take in picked(shop, 1, days_left=30).takes] == ["LATE"]


@pytest.mark.parametrize(("quantity", "days"), [(0, 0), (10**15 + 1, 0), (1, -1), (1, 3651)])
def test_picking_has_bounds(shop: Shop, quantity: int, days: int) -> None:
    with pytest.raises(InvalidRequest):
        picked(shop, quantity, days_left=days)


# --- what expires ----------------------------------------------------------------------------------------------------


@on_both
def test_what_expires_is_listed_by_store_and_sku(shop: Shop) -> None:
    fill(shop)

    with shop.world.storage.database.read() as connection:
        first = shop.stock.expiring_lots(shop.clerk, connection, by=date(2026, 12, 22), limit=2)
        rest = shop.stock.expiring_lots(shop.clerk, connection, by=date(2026, 12, 22), after=first.next)
        there = shop.stock.expiring_lots(shop.clerk, connection, by=date(2027, 12, 31), store=ALLOWS, sku="C1")
        other = shop.stock.expiring_lots(shop.clerk, connection, by=date(2027, 12, 31), sku="O1")

    assert [(lot.store, lot.batch, lot.quantity) for lot in (*first.items, *rest.items)] == [
        (REFUSES, "OLD", 3),
        (REFUSES, "SOON", 5),
        (ALLOWS, "SOON", 4),
    ]
    assert [lot.batch for lot in there.items] == ["SOON"]
    assert other.items == ()


# --- recall ----------------------------------------------------------------------------------------------------------


@on_both
def test_a_recall_names_everything_the_lot_touched(shop: Shop) -> None:
    fill(shop)
    sold = shop.adjust(-2, sku="C1", batch="SOON", reference="POS-77")
    shop.correct(sold.index, -1)
    session = shop.open(ALLOWS)
    shop.count_one(session.id, "C1", 3, batch="SOON")
    shop.close(session.id)

    with shop.world.storage.database.read() as connection:
        found = shop.stock.recall(shop.clerk, connection, "C1", "SOON")
        page = shop.stock.lot_movements(shop.clerk, connection, "C1", "SOON", limit=4)
        assert page.next is not None
        rest = shop.stock.lot_movements(shop.clerk, connection, "C1", "SOON", after=int(page.next[0]))

    assert [(at.store, at.quantity, at.received, at.issued) for at in found.stores] == [
        (REFUSES, 4, 6, 2),
        (ALLOWS, 3, 4, 1),
    ]
    assert (found.documents, found.references) == (("d-1",), ("DN-SOON-1", "POS-77"))
    assert (found.complete, found.lot.expiry) == (True, date(2026, 11, 27))
    movements = (*page.items, *rest.items)
    assert len(movements) == found.movements
    assert [item.type for item in movements] == [
        "lot.created",
        "stock.adjusted",
        "stock.adjusted",
        "stock.adjusted",
        "stock.corrected",
        "stocktake.counted",
        "stock.adjusted",
    ]
    assert [item.change for item in movements] == [None, 5, 4, -2, 1, None, -1]
    assert movements[-1].stocktake == session.id


def test_a_recall_shows_a_store_its_own_part_and_says_that_there_is_more(shop: Shop) -> None:
    fill(shop)
    manager = shop.caller(shop.till(ALLOWS))

    with shop.world.storage.database.read() as connection:
        found = shop.stock.recall(manager, connection, "C1", "SOON")

    assert [at.store for at in found.stores] == [ALLOWS]
    assert (found.documents, found.complete) == ((), False)


def test_a_recall_of_nothing_is_refused(shop: Shop) -> None:
    with shop.world.storage.database.read() as connection:
        with pytest.raises(UnknownThing):
            shop.stock.recall(shop.clerk, connection, "C1", "NONE")
        with pytest.raises(Denied):
            shop.stock.recall(shop.policies.local_principal(Role.POLICY_ADMIN), connection, "C1", "NONE")


# --- warnings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "horizon"), [(-400, 0), (0, 0), (1, 7), (7, 7), (8, 30), (90, 90), (91, None)])
def test_the_nearest_horizon_counts(days: int, horizon: int | None) -> None:
    assert horizon_of(TODAY + timedelta(days=days), TODAY, HORIZONS) == horizon


@pytest.mark.parametrize(
    ("horizon", "warned", "due"), [(None, None, False), (7, None, True), (7, 30, True), (7, 7, False), (30, 7, False)]
)
def test_each_horizon_warns_once(horizon: int | None, warned: int | None, due: bool) -> None:
    assert is_due(horizon, warned) is due


def warn(shop: Shop) -> tuple[object, object]:
    found = shop.stock.warn_of_expiry(now=shop.world.clock(), new_event_id=shop.id)
    return found["entries"], found["lots"]


@on_both
def test_stores_are_warned_once_at_each_horizon(shop: Shop) -> None:
    fill(shop)

    assert warn(shop) == (3, 3)
    last = shop.entry(-1)
    assert (last["type"], last["data"]["store"], last["data"]["horizon_days"]) == (EXPIRY_WARNED, ALLOWS, 7)
    assert last["data"]["items"] == [{"batch": "SOON", "expiry": "2026-11-27", "quantity": 4, "scale": 0, "sku": "C1"}]
    assert warn(shop) == (0, 0)

    shop.world.clock.advance(days=5)
    assert warn(shop) == (2, 2)
    shop.world.clock.advance(days=1)
    assert warn(shop) == (0, 0)


def test_many_lots_make_several_entries(shop: Shop) -> None:
    requests = [shop.asked(1, sku="C1", batch=f"L{number:03d}", expiry="2026-11-25") for number in range(230)]
    shop.many(*requests)

    assert warn(shop) == (3, 230)


def test_what_another_worker_warned_of_meanwhile_is_left_alone(shop: Shop) -> None:
    fill(shop)
    other = shop.stock_of(shop.world.storage)

    def step(*_: int) -> None:
        other.warn_of_expiry(now=shop.world.clock(), new_event_id=shop.id)

    found = shop.stock.warn_of_expiry(now=shop.world.clock(), new_event_id=shop.id, progress=step)

    assert found["entries"] == 1
    assert warn(shop) == (0, 0)
