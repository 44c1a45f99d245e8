"""What callers learn of what waits for a second person, and how they settle it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from audit.event import Subject
from policies.model import Action, PrincipalRecord, Resource, Role, ScopeKind
from policies.pending.model import LIFETIME, PendingAction, PendingKind
from storage.transaction import Change
from tests.api.desk import Desk

PATH = "/api/v1/pending"


def propose(desk: Desk, by: PrincipalRecord, store: str | None = None) -> PendingAction:
    policies, event_id = desk.policies, desk.id()
    kind, subject, action = PendingKind.HOLD_RELEASE, Subject("hold", "HC-2026-01"), Action.HOLD_RELEASE
    decision = policies.require(policies.principal(by.id), action, Resource("hold"))

    def run(tx: Any) -> PendingAction:
        return policies.propose(
            tx, decision, kind, subject=subject, content={"hold": "HC-2026-01"}, event_id=event_id, store=store
        )

    return desk.do(Change(run))


@pytest.fixture
def officer(desk: Desk) -> PrincipalRecord:
    return desk.person(Role.COMPLIANCE_OFFICER)


def test_one_is_read_with_exactly_what_was_proposed(desk: Desk, officer: PrincipalRecord) -> None:
    pending = propose(desk, officer)

    found = desk.get(f"{PATH}/{pending.id}", by=desk.token(Role.DPO)).json()

    assert (found["kind"], found["kind_zh"], found["state"]) == ("hold.release", "解除法律保全", "open")
    assert (found["content"], found["content_sha256"]) == ({"hold": "HC-2026-01"}, pending.digest)
    assert (found["proposer"], found["steps"], found["approvers"]) == (officer.id, ["hold.release"], [])
    entry = desk.get(f"/api/v1/entries/{found['proposed_entry']}").json()["entry"]
    assert (entry["type"], entry["data"]["pending"]) == ("pending.proposed", pending.id)


def test_a_list_is_limited_to_the_callers_stores_and_comes_in_pages(desk: Desk, officer: PrincipalRecord) -> None:
    made = [propose(desk, officer, store) for store in ("MK01", "TST1", None, "MK01")]
    manager = desk.token(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    first = desk.get(f"{PATH}?limit=1", by=manager).json()
    rest = desk.get(PATH, params={"limit": 1, "cursor": first["next_cursor"]}, by=manager)

    assert [one["id"] for one in first["items"]] == [made[3].id]
    assert [one["id"] for one in rest.json()["items"]] == [made[0].id]
    whole = desk.get(PATH, by=desk.token(Role.DPO)).json()
    assert [one["id"] for one in whole["items"]] == [one.id for one in reversed(made)]
    hidden = [desk.get(f"{PATH}/{one}", by=manager) for one in (made[1].id, made[2].id, "0" * 32)]
    assert [(answer.status_code, answer.json()["code"]) for answer in hidden] == [(404, "pending_unknown")] * 3


def test_the_proposer_takes_back_and_another_declines(desk: Desk, officer: PrincipalRecord) -> None:
    mine, theirs = propose(desk, officer), propose(desk, officer)
    first, second = desk.token_of(officer), desk.token(Role.DPO)
    body = {"reason": "陳先生已撤回申索", "event_id": str(uuid4())}

    refused = desk.post(f"{PATH}/{mine.id}/withdrawal", body, by=second)
    taken = desk.post(f"{PATH}/{mine.id}/withdrawal", body, by=first)
    again = desk.post(f"{PATH}/{mine.id}/withdrawal", body, by=first)
    declined = desk.post(f"{PATH}/{theirs.id}/refusal", by=second)
    late = desk.post(f"{PATH}/{theirs.id}/withdrawal", by=first)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_proposer")
    assert (taken.status_code, taken.json()["result"]["state"]) == (200, "withdrawn")
    assert again.json()["replayed"] is True
    assert (declined.status_code, declined.json()["result"]["state"]) == (200, "declined")
    assert (late.status_code, late.json()["code"]) == (409, "pending_settled")
    assert "陳先生".encode() not in desk.everything()


def test_what_is_over_is_shown_as_expired(desk: Desk, officer: PrincipalRecord) -> None:
    pending = propose(desk, officer)
    desk.world.clock.advance(seconds=LIFETIME.total_seconds())
    reader = desk.token(Role.DPO)

    assert [one["id"] for one in desk.get(f"{PATH}?state=expired", by=reader).json()["items"]] == [pending.id]
    assert desk.get(f"{PATH}?state=open", by=reader).json()["items"] == []
    answer = desk.post(f"{PATH}/{pending.id}/refusal", by=reader)
    assert (answer.status_code, answer.json()["code"]) == (409, "pending_expired")


def test_a_reason_is_bounded(desk: Desk, officer: PrincipalRecord) -> None:
    pending = propose(desk, officer)

    answer = desk.post(f"{PATH}/{pending.id}/withdrawal", {"reason": "x" * 501}, by=desk.token_of(officer))

    assert answer.status_code == 422
