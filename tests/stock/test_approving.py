"""What one person may not move alone waits for another."""

from __future__ import annotations

from typing import Any

import pytest

from audit.event import Subject
from policies.codes import Code as PolicyCode
from policies.errors import Denied, InvalidValue, PolicyConflict, UnknownThing
from policies.model import Action, PrincipalRecord, Resource, Role, ScopeKind
from policies.pending.model import PendingAction, PendingKind, PendingState
from stock.errors import ApprovalNeeded, BatchRefused, Code, NegativeStock
from stock.errors import UnknownThing as UnknownStock
from stock.model import Adjusted, RowState
from stock.requests import AdjustmentRequest
from storage import Change
from tests.stock.shop import ALLOWS, REFUSES, Shop, on_both


@pytest.fixture
def limited(shop: Shop) -> Shop:
    """A store where more than 100 units wait."""
    shop.do(shop.policies.set_approval(shop.admin, REFUSES, 100, event_id=shop.id()))
    return shop


def manager(shop: Shop, store: str = REFUSES) -> PrincipalRecord:
    return shop.person(Role.STORE_MANAGER, (ScopeKind.STORE, store))


def propose(shop: Shop, by: PrincipalRecord, request: AdjustmentRequest) -> PendingAction:
    principal = shop.policies.principal(by.id)
    return shop.do(shop.stock.propose_adjustment(principal, request, now=shop.world.clock()))


def approve(shop: Shop, by: PrincipalRecord, pending: str) -> Adjusted:
    principal = shop.policies.principal(by.id)
    return shop.do(shop.stock.approve_adjustment(principal, pending, event_id=shop.id(), now=shop.world.clock()))


@on_both
def test_more_than_the_store_allows_one_person_is_applied_when_another_approves(limited: Shop) -> None:
    first, second = manager(limited), manager(limited)
    request = limited.asked(120, reference="GRN-1", note="陳太點收")

    pending = propose(limited, first, request)
    held = limited.held()
    applied = approve(limited, second, pending.id)

    assert held == 0
    assert limited.held() == 120
    assert (applied.before, applied.change, applied.after) == (0, 120, 120)
    entry = limited.entry()
    assert (entry["type"], entry["actor"]["id"]) == ("stock.adjusted", second.id)
    assert entry["data"]["pending"] == pending.id
    assert entry["data"]["reference"] == "GRN-1"
    assert entry["decision"]["action"] == "stock.approve"
    approved, proposed = limited.entry(-2), limited.entry(pending.proposed_index)
    assert (approved["type"], approved["data"]["content_sha256"]) == ("pending.approved", pending.digest)
    assert (proposed["type"], proposed["actor"]["id"]) == ("pending.proposed", first.id)
    assert "note" in proposed["personal"]
    assert "陳太".encode() not in limited.everything()
    assert limited.policies.pending_action(pending.id).state is PendingState.APPROVED
    assert limited.reconcile() == []


@pytest.mark.parametrize("change", [101, "-101", "100.001"])
def test_above_the_threshold_nobody_moves_alone(limited: Shop, change: object) -> None:
    sku = "W1" if isinstance(change, str) and "." in change else "A1"

    with pytest.raises(ApprovalNeeded) as caught:
        limited.adjust(change, sku=sku)

    assert caught.value.code is Code.APPROVAL_NEEDED
    assert caught.value.values == {"store": REFUSES, "above": 100}
    assert str(caught.value)


def test_the_threshold_itself_other_stores_and_a_store_without_one_wait_for_nobody(limited: Shop) -> None:
    limited.adjust(100)
    limited.adjust("100", sku="W1")
    limited.adjust(10_000, store=ALLOWS)
    limited.do(limited.policies.set_approval(limited.admin, REFUSES, None, event_id=limited.id()))

    limited.adjust(10_000)

    assert limited.held() == 10_100


def test_zero_lets_nobody_move_anything_alone(limited: Shop) -> None:
    limited.do(limited.policies.set_approval(limited.admin, REFUSES, 0, event_id=limited.id()))

    with pytest.raises(ApprovalNeeded):
        limited.adjust(1)


def test_nobody_approves_their_own_whichever_client_acts_for_them(limited: Shop) -> None:
    first = manager(limited)
    till = limited.client((ScopeKind.ALL, ""))
    key = limited.key(till.id, ("stock.adjust", "stock.approve"))
    acting = limited.policies.acting_for(limited.caller(key.secret), first.id)
    pending = propose(limited, first, limited.asked(120))

    with pytest.raises(Denied) as caught:
        approve(limited, first, pending.id)
    with pytest.raises(Denied) as through:
        limited.do(
            limited.stock.approve_adjustment(acting, pending.id, event_id=limited.id(), now=limited.world.clock())
        )

    assert caught.value.decision.code is PolicyCode.OWN_APPROVAL
    assert through.value.decision.code is PolicyCode.OWN_APPROVAL
    assert limited.held() == 0


def test_whoever_may_not_approve_there_does_not(limited: Shop) -> None:
    pending = propose(limited, manager(limited), limited.asked(120))
    clerk = limited.person(Role.STAFF, (ScopeKind.STORE, REFUSES))

    with pytest.raises(Denied) as role:
        approve(limited, clerk, pending.id)
    with pytest.raises(Denied) as place:
        approve(limited, manager(limited, ALLOWS), pending.id)

    assert role.value.decision.code is PolicyCode.ROLE_LACKS_ACTION
    assert place.value.decision.code is PolicyCode.STORE_OUT_OF_REACH


def test_what_is_settled_or_over_is_not_applied(limited: Shop) -> None:
    first, second = manager(limited), manager(limited)
    done, late = (propose(limited, first, limited.asked(120)) for _ in range(2))
    approve(limited, second, done.id)

    with pytest.raises(PolicyConflict) as again:
        approve(limited, second, done.id)
    limited.world.clock.advance(seconds=7 * 24 * 3600)
    with pytest.raises(PolicyConflict) as over:
        approve(limited, second, late.id)

    assert (again.value.code, over.value.code) == (PolicyCode.PENDING_SETTLED, PolicyCode.PENDING_EXPIRED)
    assert limited.held() == 120


def test_an_approval_that_is_sent_again_is_the_same(limited: Shop) -> None:
    pending = propose(limited, manager(limited), limited.asked(120))
    second = limited.policies.principal(manager(limited).id)
    event_id, now = limited.id(), limited.world.clock()

    first, again = (
        limited.committed(limited.stock.approve_adjustment(second, pending.id, event_id=event_id, now=now))
        for _ in range(2)
    )

    assert (first.replayed, again.replayed) == (False, True)
    assert again.receipt.index == first.receipt.index
    assert limited.held() == 120


def test_what_cannot_be_done_is_not_proposed_nor_done_when_things_have_moved(limited: Shop) -> None:
    first, second = manager(limited), manager(limited)
    with pytest.raises(UnknownStock):
        propose(limited, first, limited.asked(120, sku="NO"))
    with pytest.raises(NegativeStock):
        propose(limited, first, limited.asked(-120))
    limited.adjust(100)
    limited.adjust(50)
    pending = propose(limited, first, limited.asked(-120))
    limited.adjust(-100)

    with pytest.raises(NegativeStock):
        approve(limited, second, pending.id)

    assert limited.policies.pending_action(pending.id).state is PendingState.OPEN
    assert limited.held() == 50


def test_a_lot_with_its_price_and_time_comes_through_whole(limited: Shop) -> None:
    first, second = manager(limited), manager(limited)
    members: dict[str, Any] = {
        "sku": "C1",
        "batch": "L1",
        "expiry": "2027-01-31",
        "unit_price": {"amount": 1250, "currency": "HKD"},
        "occurred_at": "2026-11-22T03:59:00Z",
        "document": limited.known_paper("doc-1"),
    }
    pending = propose(limited, first, limited.asked("120", **members))

    approve(limited, second, pending.id)

    entry = limited.entry()
    assert entry["occurred_at"] == "2026-11-22T03:59:00.000000Z"
    assert entry["data"]["unit_price"] == {"amount": 1250, "currency": "HKD"}
    assert (entry["data"]["batch"], entry["data"]["document"]) == ("L1", "doc-1")
    assert [limited.entry(-n)["type"] for n in (3, 2)] == ["pending.approved", "lot.created"]


def test_nobody_is_asked_to_approve_what_names_an_unknown_document(limited: Shop) -> None:
    asking = manager(limited)
    size = limited.size()

    with pytest.raises(UnknownStock) as caught:
        propose(limited, asking, limited.asked(120, document="doc-1"))

    assert (caught.value.code, caught.value.path) == (Code.DOCUMENT_UNKNOWN, ("document",))
    assert limited.size() == size


def test_rows_of_a_batch_and_corrections_of_more_are_refused(limited: Shop) -> None:
    small = limited.adjust(90)

    results = limited.many(limited.asked(120), limited.asked(1))
    with pytest.raises(BatchRefused) as together:
        limited.many(limited.asked(120), limited.asked(1), all_or_nothing=True)
    with pytest.raises(ApprovalNeeded):
        limited.correct(small.index, 1_000)

    assert [result.state for result in results] == [RowState.REFUSED, RowState.APPLIED]
    assert isinstance(results[0].error, ApprovalNeeded)
    assert [result.state for result in together.value.results] == [RowState.REFUSED, RowState.WITHHELD]
    assert limited.correct(small.index, 95).change == 5


def test_nothing_else_that_waits_is_taken_for_a_movement(limited: Shop) -> None:
    with pytest.raises(UnknownThing) as caught:
        approve(limited, manager(limited), "0" * 32)

    assert caught.value.code is PolicyCode.PENDING_UNKNOWN
    release = Change(
        lambda tx: limited.policies.propose(
            tx,
            limited.policies.require(limited.policies.local_principal(Role.DPO), Action.HOLD_RELEASE, Resource("hold")),
            PendingKind.HOLD_RELEASE,
            subject=Subject("hold", "HC-1"),
            content={},
            event_id=event_id,
            store=REFUSES,
        )
    )
    event_id = limited.id()
    with pytest.raises(UnknownThing):
        approve(limited, manager(limited), limited.do(release).id)


def test_a_threshold_is_within_bounds_and_its_change_an_entry(limited: Shop) -> None:
    assert limited.data() == {"store": REFUSES, "before": {}, "after": {"approval_above": 100}}

    for above in (-1, 10**9 + 1):
        with pytest.raises(InvalidValue) as caught:
            limited.policies.set_approval(limited.admin, REFUSES, above, event_id=limited.id())
        assert caught.value.code is PolicyCode.NUMBER_OUT_OF_RANGE
    with pytest.raises(InvalidValue) as same:
        limited.do(limited.policies.set_approval(limited.admin, REFUSES, 100, event_id=limited.id()))

    assert same.value.code is PolicyCode.NOTHING_TO_CHANGE
    limited.do(limited.policies.set_approval(limited.admin, REFUSES, None, event_id=limited.id()))
    assert limited.data() == {"store": REFUSES, "before": {"approval_above": 100}, "after": {}}
    assert limited.policies.directory().stores[REFUSES].approval_above is None
