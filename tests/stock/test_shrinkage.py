"""P-40: what went missing, counted so that no figure, and nothing that can be worked out from figures, tells of too few people."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import Denied
from policies.model import Principal, Role, ScopeKind
from stock.errors import InvalidRequest
from stock.parsing import parse_adjustment
from stock.shrinkage.model import NOBODY, By, Figure, Loss, Shrinkage, ShrinkageRequest
from stock.shrinkage.rules import tabulate
from tests.stock.shop import ALLOWS, REFUSES, Shop, on_both

K = 5


def loss(person: str, store: str = "S", sku: str = "A1", quantity: int = 1, month: str = "2026-11") -> Loss:
    return Loss(store, sku, person, month, "damaged", quantity * 10**6)


def staff(count: int) -> list[str]:
    return [f"p{number}" for number in range(count)]


# ------------------------------------------------------------------------------------------- the rule


def test_p_40_a_store_with_two_staff_by_staff_is_suppressed() -> None:
    found = tabulate([loss(person) for person in staff(2) for _ in range(9)], By.STAFF, K)

    (store,) = found.stores
    assert (store.total, [row.figure for row in store.rows], found.total) == (None, [None, None], None)
    assert found.suppressed == 4


def test_p_40_a_store_with_enough_staff_shows_ranks_and_no_names() -> None:
    losses = [loss(person, quantity=number) for number, person in enumerate(staff(5), start=1)]

    (store,) = tabulate(losses, By.STAFF, K).stores

    assert store.total == Figure(5, 15 * 10**6)
    assert [(row.key, row.figure) for row in store.rows] == [
        (str(rank), Figure(1, quantity * 10**6)) for rank, quantity in enumerate((5, 4, 3, 2, 1), start=1)
    ]


def test_p_40_what_machines_recorded_is_of_nobody() -> None:
    (store,) = tabulate([loss(NOBODY), loss(NOBODY, sku="A2")], By.SKU, K).stores

    assert store.total == Figure(2, 2 * 10**6)
    assert [row.figure for row in store.rows] == [Figure(1, 10**6)] * 2


def test_p_40_a_total_does_not_give_a_suppressed_part_away() -> None:
    """One SKU was recorded by one person: total less the other SKUs would be that figure."""
    many = [loss(person, sku=sku) for sku in ("B", "C") for person in staff(6)]
    losses = [loss("p0", sku="A"), *many, loss("p9", sku="C")]

    (store,) = tabulate(losses, By.SKU, K).stores

    shown = {row.key: row.figure for row in store.rows}
    assert shown["A"] is None
    assert shown["B"] is None, "the smallest of the others goes with it"
    assert shown["C"] == Figure(7, 7 * 10**6)
    assert store.total == Figure(14, 14 * 10**6)


def test_p_40_what_machines_recorded_hides_nobody_and_stays_shown() -> None:
    many = [loss(person, sku="C3") for person in staff(K)]
    found = tabulate([loss("q0", sku="A1"), loss(NOBODY, sku="B2"), *many], By.SKU, K)

    # Of A1 one person would be told as the total less the others: C3 goes with it, and not B2, which is smaller but of nobody.
    assert {row.key: row.figure is None for row in found.stores[0].rows} == {"A1": True, "B2": False, "C3": True}


def test_p_40_nor_does_the_total_of_all_stores_give_a_small_store_away() -> None:
    losses = [loss("p0", "TINY"), *(loss(p, store) for store in ("BIG", "LARGE") for p in staff(6)), loss("p7", "BIG")]

    found = tabulate(losses, By.SKU, K)

    stores = {store.store: store for store in found.stores}
    assert {code: store.total is None for code, store in stores.items()} == {"TINY": True, "LARGE": True, "BIG": False}
    assert all(row.figure is None for code in ("TINY", "LARGE") for row in stores[code].rows)
    assert found.total == Figure(14, 14 * 10**6)


@st.composite
def reports(draw: st.DrawFn) -> tuple[list[Loss], By, int]:
    losses = draw(
        st.lists(
            st.builds(
                loss,
                st.sampled_from([NOBODY, *staff(7)]),
                st.sampled_from(["S", "T", "U"]),
                st.sampled_from(["A1", "A2", "A3"]),
                st.integers(-3, 9),
                st.sampled_from(["2026-10", "2026-11"]),
            ),
            max_size=40,
        )
    )
    return losses, draw(st.sampled_from([By.STORE, By.SKU, By.MONTH, By.REASON])), draw(st.integers(2, 5))


def published(losses: list[Loss], found: Shrinkage) -> list[frozenset[int]]:
    """Which losses each figure that is shown is the sum of."""
    keys = {By.SKU: lambda one: one.sku, By.MONTH: lambda one: one.month, By.REASON: lambda one: one.reason}
    shown = [] if found.total is None else [frozenset(range(len(losses)))]
    for store in found.stores:
        of_store = {number for number, one in enumerate(losses) if one.store == store.store}
        if store.total is not None:
            shown.append(frozenset(of_store))
        keyed = [row.key for row in store.rows if row.figure is not None]
        shown += [frozenset(n for n in of_store if keys[found.by](losses[n]) == key) for key in keyed]
    return shown


@given(reports())
def test_p_40_no_sum_or_difference_of_figures_is_of_too_few_people(asked: tuple[list[Loss], By, int]) -> None:
    losses, by, persons_min = asked
    shown = published(losses, tabulate(losses, by, persons_min))

    # Whoever adds and takes away what is published: every way to do so that leaves a plain sum of losses. One figure of all, some of stores
    # and of parts; more than two of either kind only make the sum larger.
    for signs in itertools.product((0, 1, -1), repeat=min(len(shown), 6)):
        weight: Counter[int] = Counter()
        for sign, figure in zip(signs, sorted(shown, key=len, reverse=True), strict=False):
            weight.update(dict.fromkeys(figure, sign))
        if any(value not in {0, 1} for value in weight.values()):
            continue
        people = {losses[number].person for number, value in weight.items() if value} - {NOBODY}
        assert not people or len(people) >= persons_min


@given(reports())
def test_what_is_shown_is_what_was_lost(asked: tuple[list[Loss], By, int]) -> None:
    losses, by, persons_min = asked

    found = tabulate(losses, by, persons_min)

    assert {store.store for store in found.stores} == {one.store for one in losses}
    for store in found.stores:
        of_store = [one for one in losses if one.store == store.store]
        if store.total is not None:
            assert store.total == Figure(len(of_store), sum(one.quantity for one in of_store))
        else:
            assert all(row.figure is None for row in store.rows)
    everybody = {one.person for one in losses} - {NOBODY}
    if not everybody or len(everybody) >= persons_min:
        assert found.total == Figure(len(losses), sum(one.quantity for one in losses))
    else:
        assert found.total is None


# ----------------------------------------------------------------------------------- from the entries


def person(shop: Shop, store: str = REFUSES) -> Principal:
    return shop.policies.principal(shop.person(Role.STORE_MANAGER, (ScopeKind.STORE, store)).id)


def record(shop: Shop, by: Principal, change: int, **members: object) -> int:
    content = {"store": REFUSES, "sku": "A1", "reason": "damaged", "change": str(change), **members}
    request = parse_adjustment(content, event_id=shop.id())
    return shop.do(shop.stock.adjust(by, request, now=shop.world.clock())).index


def report(shop: Shop, by: By, who: Principal | None = None, **asked: object) -> Shrinkage:
    request = ShrinkageRequest(by, **{"first": date(2026, 11, 1), "last": date(2026, 11, 30), **asked})  # type: ignore[arg-type]
    with shop.world.storage.database.read() as connection:
        return shop.stock.shrinkage(who or shop.policies.local_principal(Role.OPERATOR), connection, request)


@on_both
def test_p_40_two_staff_of_a_store_are_not_told_apart_by_what_they_recorded(shop: Shop) -> None:
    shop.adjust(100)
    for who in (person(shop), person(shop)):
        record(shop, who, -2)

    found = report(shop, By.STAFF)

    (store,) = found.stores
    assert (store.store, store.total, {row.figure for row in store.rows}) == (REFUSES, None, {None})


@on_both
def test_losses_are_counted_at_what_they_are_after_corrections(shop: Shop) -> None:
    shop.stock.persons_min = 1
    shop.adjust(100)
    shop.adjust("2.5", sku="W1", reason="receive")
    who = person(shop)
    wrong = record(shop, who, -7)
    record(shop, who, -1, reason="write_off")
    record(shop, who, -3, reason="sample")
    record(shop, who, -4, reason="sale")
    shop.adjust("-0.5", sku="W1", reason="damaged")
    shop.correct(wrong, "-2")

    found = report(shop, By.REASON)

    (store,) = found.stores
    assert {row.key: row.figure for row in store.rows} == {
        "damaged": Figure(2, 2_500_000),
        "write_off": Figure(1, 1_000_000),
    }
    assert found.total == Figure(3, 3_500_000)


@on_both
def test_months_are_hong_kongs_and_reach_is_the_callers(shop: Shop) -> None:
    shop.stock.persons_min = 1
    shop.adjust(100)
    shop.adjust(100, store=ALLOWS)
    here, there = person(shop), person(shop, ALLOWS)
    record(shop, here, -1)
    record(shop, there, -5, store=ALLOWS)
    shop.world.clock.advance(days=8, hours=11, minutes=59)
    record(shop, here, -10)
    shop.world.clock.advance(minutes=2)
    assert f"{shop.world.clock():%Y-%m-%dT%H}" == "2026-11-30T16"
    record(shop, here, -100 + 11)

    november = report(shop, By.MONTH, here)
    both = report(shop, By.MONTH, here, last=date(2026, 12, 1))

    assert november.total == Figure(2, 11_000_000)
    assert [(row.key, row.figure) for row in both.stores[0].rows] == [
        ("2026-11", Figure(2, 11_000_000)),
        ("2026-12", Figure(1, 89_000_000)),
    ]
    assert [store.store for store in both.stores] == [REFUSES]
    with pytest.raises(Denied):
        report(shop, By.STORE, here, store=ALLOWS)


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 11, 1), date(2026, 10, 31)), (date(2023, 10, 1), date(2026, 11, 1))]
)
def test_a_period_has_bounds(shop: Shop, first: date, last: date) -> None:
    with pytest.raises(InvalidRequest):
        report(shop, By.STORE, first=first, last=last)
