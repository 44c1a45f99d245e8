"""Movements that wait for another person, over HTTP; and what callers see of what they proposed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import EVERY_SCOPE, Desk

PATH = "/api/v1/adjustments"
PENDING = "/api/v1/pending"
MK01 = (ScopeKind.STORE, "MK01")


def body(**members: Any) -> dict[str, Any]:
    return {"store": "MK01", "sku": "A1", "reason": "receive", "change": 120, **members}


@pytest.fixture
def limited(desk: Desk) -> Desk:
    operator = desk.token(Role.OPERATOR)
    answer = desk.call("PUT", "/api/v1/stores/MK01/approval", by=operator, json={"above": 100})
    assert (answer.status_code, answer.json()["result"]["approval_above"]) == (200, 100)
    return desk


def test_a_movement_above_the_threshold_waits_and_is_applied_by_another(limited: Desk) -> None:
    clerk, manager = limited.token(Role.STAFF, MK01), limited.token(Role.STORE_MANAGER, MK01)
    asked = body(event_id=str(uuid4()), note="陳太點收")

    waits = limited.post(PATH, asked, by=clerk)
    again = limited.post(PATH, asked, by=clerk)
    other = limited.post(PATH, {**asked, "change": 130}, by=clerk)
    pending = waits.json()
    own = limited.post(f"{PATH}/{pending['id']}/approval", by=clerk)
    approved = limited.post(f"{PATH}/{pending['id']}/approval", {"event_id": str(uuid4())}, by=manager)
    late = limited.post(f"{PATH}/{pending['id']}/approval", by=manager)

    assert waits.status_code == 202
    assert waits.headers["location"] == f"{PENDING}/{pending['id']}"
    assert (pending["kind"], pending["store"], pending["content"]["change"]) == ("stock.adjustment", "MK01", "120")
    assert (again.status_code, again.json()["id"], again.json()["replayed"]) == (202, pending["id"], True)
    assert (other.status_code, other.json()["code"]) == (409, "event_id_reused")
    assert own.status_code == 403
    assert approved.status_code == 201
    assert (approved.json()["after"], limited.entry(approved.json()["index"])["data"]["pending"]) == (
        120,
        pending["id"],
    )
    assert (late.status_code, late.json()["code"]) == (409, "pending_settled")


def test_an_approval_sent_again_is_answered_with_its_entry(limited: Desk) -> None:
    pending = limited.post(PATH, body(), by=limited.token(Role.STAFF, MK01)).json()["id"]
    manager, event = limited.token(Role.STORE_MANAGER, MK01), {"event_id": str(uuid4())}

    first, again = (limited.post(f"{PATH}/{pending}/approval", event, by=manager) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["index"] == first.json()["index"]
    assert again.json()["replayed"] is True


def test_staff_and_clients_see_what_they_proposed_and_take_it_back(limited: Desk) -> None:
    first, second = limited.token(Role.STAFF, MK01), limited.token(Role.STAFF, MK01)
    till = limited.client(MK01)
    key = limited.key(till.id, EVERY_SCOPE).secret
    mine = limited.post(PATH, body(), by=first).json()["id"]
    theirs = limited.post(PATH, body(), by=second).json()["id"]
    machines = limited.post(PATH, body(), by=key).json()["id"]

    listed = {by: [one["id"] for one in limited.get(PENDING, by=by).json()["items"]] for by in (first, second, key)}
    hidden = limited.get(f"{PENDING}/{theirs}", by=first)
    unknown = limited.get(f"{PENDING}/{'0' * 32}", by=first)

    assert listed == {first: [mine], second: [theirs], key: [machines]}
    assert limited.get(f"{PENDING}/{mine}", by=first).json()["state"] == "open"
    assert (hidden.status_code, hidden.json()["code"]) == (404, "pending_unknown")
    assert unknown.json()["detail"] == hidden.json()["detail"]
    assert limited.post(f"{PENDING}/{mine}/withdrawal", by=first).json()["result"]["state"] == "withdrawn"
    assert limited.post(f"{PENDING}/{theirs}/withdrawal", by=first).status_code == 404


def test_without_a_threshold_nothing_waits_and_a_batch_says_what_must_be_sent_alone(limited: Desk) -> None:
    operator, key = limited.token(Role.OPERATOR), limited.till("MK01")
    rows = [body(), body(change=1)]

    batch = limited.post(f"{PATH}/batch", rows, by=key)
    limited.call("PUT", "/api/v1/stores/MK01/approval", by=operator, json={})

    assert [row["state"] for row in batch.json()["rows"]] == ["refused", "applied"]
    assert batch.json()["rows"][0]["errors"][0]["code"] == "approval_needed"
    assert limited.get("/api/v1/stores/MK01", by=operator).json()["approval_above"] is None
    assert limited.post(PATH, body(), by=key).status_code == 201


def test_an_entry_of_another_store_is_corrected_like_one_that_is_not_there(desk: Desk) -> None:
    elsewhere = desk.post(PATH, body(store="TST1")).json()["index"]
    manager, clerk = desk.token(Role.STORE_MANAGER, MK01), desk.token(Role.STAFF, MK01)
    missing = 9_007_199_254_740_990
    paths = {"theirs": elsewhere, "the organisation's": 0, "missing": missing}

    answers = {
        (by, name): desk.post("/api/v1/corrections", {"corrects": index, "replacement": 1}, by=by)
        for by in (manager, clerk)
        for name, index in paths.items()
    }

    for (_, name), answer in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (422, "entry_unknown")
        assert "TST1" not in answer.text
        said = answer.text.replace(str(paths[name]), "N")
        assert answer.json()["errors"][0]["pointer"] == "#/corrects"
        assert "needs" not in said
    told = [entry for entry in (desk.entry(-n) for n in range(1, 5)) if entry["type"] == "access.denied"]
    assert {entry["decision"]["stores"] for entry in told} == {"TST1", "*"}


def test_an_entry_of_ones_own_store_that_is_no_movement_says_so(desk: Desk) -> None:
    opened = desk.post("/api/v1/stocktakes", {"store": "MK01"}, by=desk.token(Role.STORE_MANAGER, MK01))

    answer = desk.post(
        "/api/v1/corrections",
        {"corrects": opened.json()["receipt"]["index"], "replacement": 1},
        by=desk.token(Role.STORE_MANAGER, MK01),
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "not_correctable")
