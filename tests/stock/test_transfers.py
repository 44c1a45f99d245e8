"""Both legs of a transfer, for whoever reaches either."""

from __future__ import annotations

import pytest

from policies.errors import Denied
from policies.model import NegativeStockRule, Principal, Role, ScopeKind
from stock.transfers.model import Leg, MaskedLeg, Transfer
from tests.stock.shop import REFUSES, Shop, on_both

FAR = "ST01"
"""A store of another area."""


@pytest.fixture
def two_areas(shop: Shop) -> Shop:
    shop.area("NT")
    shop.store(FAR, "NT", NegativeStockRule.ALLOW)
    shop.adjust(100)
    return shop


def person(shop: Shop, role: Role, *targets: tuple[ScopeKind, str]) -> Principal:
    return shop.policies.principal(shop.person(role, *targets).id)


def seen(shop: Shop, by: Principal, **asked: object) -> tuple[Transfer, ...]:
    with shop.world.storage.database.read() as connection:
        return shop.stock.transfers(by, connection, limit=50, **asked).items  # type: ignore[arg-type]


def send(shop: Shop, quantity: int, reference: str = "TN-1", store: str = REFUSES) -> int:
    return shop.adjust(-quantity, store=store, reason="transfer_out", reference=reference).index


def receive(shop: Shop, quantity: int, reference: str = "TN-1", store: str = FAR) -> int:
    return shop.adjust(quantity, store=store, reason="transfer_in", reference=reference).index


@on_both
def test_an_area_manager_sees_that_what_left_has_arrived_and_not_where(two_areas: Shop) -> None:
    out = send(two_areas, 8)
    two_areas.world.clock.advance(minutes=5)
    receive(two_areas, 7)
    arrived = two_areas.world.clock()

    [transfer] = seen(two_areas, person(two_areas, Role.AREA_MANAGER, (ScopeKind.AREA, "KLN")))

    assert (transfer.leg.index, transfer.leg.store, transfer.leg.change) == (out, REFUSES, -8)
    assert transfer.others == (MaskedLeg("transfer_in", 7, 0, arrived),)


@on_both
def test_who_reaches_both_sees_both_whole(two_areas: Shop) -> None:
    out, came = send(two_areas, 8), receive(two_areas, 8)

    found = seen(two_areas, person(two_areas, Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"), (ScopeKind.AREA, "NT")))

    assert [transfer.leg.index for transfer in found] == [came, out]
    for transfer, other in zip(found, (out, came), strict=True):
        [answer] = transfer.others
        assert isinstance(answer, Leg)
        assert answer.index == other


def test_staff_and_managers_of_a_store_are_told_nothing_of_the_other(two_areas: Shop) -> None:
    send(two_areas, 8)
    here = (ScopeKind.STORE, REFUSES)
    before = [seen(two_areas, person(two_areas, role, here)) for role in (Role.STAFF, Role.STORE_MANAGER)]
    receive(two_areas, 8)

    after = [seen(two_areas, person(two_areas, role, here)) for role in (Role.STAFF, Role.STORE_MANAGER)]

    assert after == before
    assert [transfer.others for found in after for transfer in found] == [(), ()]


def test_a_transfer_with_no_leg_in_reach_is_not_there(two_areas: Shop) -> None:
    manager = person(two_areas, Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))
    send(two_areas, 8, store=FAR)
    receive(two_areas, 8)

    assert seen(two_areas, manager) == ()
    with pytest.raises(Denied):
        seen(two_areas, manager, store=FAR)


def test_what_is_of_another_paper_sku_or_reason_answers_nothing(two_areas: Shop) -> None:
    send(two_areas, 8)
    receive(two_areas, 8, "TN-2")
    two_areas.adjust(8, store=FAR, sku="A2", reason="transfer_in", reference="TN-1")
    two_areas.adjust(8, store=FAR, reference="TN-1")
    two_areas.adjust(-2, store=FAR, reason="transfer_out")
    manager = person(two_areas, Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))

    [transfer] = seen(two_areas, manager)

    assert transfer.others == ()
    assert seen(two_areas, manager, sku="A2") == ()


def test_a_correction_takes_the_place_of_a_leg(two_areas: Shop) -> None:
    out = send(two_areas, 8)
    first, second = receive(two_areas, 80), receive(two_areas, 1)
    manager = person(two_areas, Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))

    corrected = two_areas.correct(first, 7)
    two_areas.correct(second, 0)
    moved = two_areas.correct(out, -7)

    [transfer] = seen(two_areas, manager)
    assert (transfer.leg.index, transfer.leg.change) == (moved.index, -7)
    assert [other.change for other in transfer.others] == [7]
    whole = seen(two_areas, two_areas.policies.local_principal())
    assert {leg.leg.index for leg in whole} == {corrected.index, moved.index}


def test_pages_go_on_where_they_ended(two_areas: Shop) -> None:
    sent = [send(two_areas, 1, f"TN-{number}") for number in range(5)]
    by = two_areas.policies.local_principal()

    with two_areas.world.storage.database.read() as connection:
        first = two_areas.stock.transfers(by, connection, limit=3)
        assert first.next is not None
        rest = two_areas.stock.transfers(by, connection, limit=3, after=int(first.next[0]))

    assert [transfer.leg.index for page in (first, rest) for transfer in page.items] == sent[::-1]
    assert rest.next is None
