"""Retention and holds over HTTP: set up, judged, listed, held, released by two."""

from __future__ import annotations

from typing import Any

from policies.model import PrincipalRecord, Role
from tests.api.desk import Desk

API = "/api/v1/retention"
HOLDS = "/api/v1/holds"


def photo_of(desk: Desk) -> str:
    return desk.add(b"photo", **{"class": "photo"}).document


def placed(desk: Desk, token: str, document: str, **members: Any) -> None:
    body = {
        "matter": "HCA-1",
        "kind": "legal",
        "reason": "陳大文索償",
        "counsel": "李律師行",
        "records": [{"kind": "document", "id": document}],
        **members,
    }
    made = desk.post(HOLDS, body, by=token)
    assert made.status_code == 201, made.text
    assert made.json()["result"]["standing"] is True


def test_a_record_is_judged_with_the_authority_of_its_rule(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    rule = {
        "code": "ORG-PHOTO-2Y",
        "version": 1,
        "title_zh": "陳列相片",
        "title_en": "Photos of displays",
        "classes": ["photo"],
        "trigger": "created",
        "minimum": "P2Y",
        "authority_zh": "本機構規則",
        "authority_en": "The organisation's own rule",
        "status": "policy",
        "verification": "primary",
        "verified_on": "2026-11-01",
    }
    asked = desk.post(f"{API}/schedules", rule, by=officer)
    pending = asked.json()["result"]["pending"]
    approval = f"{API}/schedules/ORG-PHOTO-2Y/approvals/{pending}"
    before = [one["code"] for one in desk.get(f"{API}/schedules", by=officer).json()["items"]]
    own = desk.post(approval, by=officer)
    other = desk.post(f"{API}/schedules/ORG-OTHER/approvals/{pending}", by=desk.token(Role.COMPLIANCE_OFFICER))
    given = desk.post(approval, by=desk.token(Role.POLICY_ADMIN))
    again = desk.post(approval, by=desk.token(Role.COMPLIANCE_OFFICER))
    assert (asked.status_code, given.status_code, given.json()["result"]["id"]) == (201, 201, "ORG-PHOTO-2Y/1")
    assert "ORG-PHOTO-2Y" not in before
    assert (own.status_code, own.json()["code"]) == (403, "own_approval")
    assert (other.status_code, other.json()["code"]) == (404, "pending_unknown")
    assert (again.status_code, again.json()["code"]) == (409, "pending_settled")
    taken = desk.post(f"{API}/schedules", rule, by=officer)
    assert (taken.status_code, taken.json()["code"]) == (409, "schedule_version_taken")
    document = photo_of(desk)

    shown = desk.get(f"{API}/records/document/{document}", by=officer).json()

    assert shown["judgement"]["outcome"] == "kept"
    assert shown["judgement"]["keep_until"] == "2028-11-22"
    (told,) = shown["schedules"]
    assert (told["authority_zh"], told["status_en"], told["verified_on"]) == (
        "本機構規則",
        "the organisation's own rule",
        "2026-11-01",
    )
    assert desk.get(f"{API}/records/document/none", by=officer).status_code == 404
    assert desk.get(f"{API}/schedules", by=desk.whole_key).status_code == 403


def test_a_hold_needs_two_persons_to_end(desk: Desk) -> None:
    people: dict[Role, PrincipalRecord] = {role: desk.person(role) for role in (Role.COMPLIANCE_OFFICER, Role.DPO)}
    officer, dpo = (desk.token_of(person) for person in people.values())
    document = photo_of(desk)
    placed(desk, officer, document)

    told = desk.get(f"{HOLDS}/HCA-1/reason", by=dpo).json()
    assert told == {"reason": "陳大文索償", "counsel": "李律師行"}
    assert "陳大文" not in desk.get(f"{HOLDS}/HCA-1", by=dpo).text
    assert desk.get(f"{HOLDS}/HCA-1/records", by=dpo).json()["items"] == [{"kind": "document", "id": document}]
    pending = desk.post(f"{HOLDS}/HCA-1/releases", {"reason": "已和解"}, by=officer).json()["result"]["pending"]
    own = desk.post(f"{HOLDS}/HCA-1/releases/{pending}", {}, by=officer)
    assert (own.status_code, own.json()["code"]) == (403, "own_approval")
    released = desk.post(f"{HOLDS}/HCA-1/releases/{pending}", {}, by=dpo)

    assert released.json()["result"]["released_by"] == people[Role.DPO].id
    assert desk.get(f"{HOLDS}?standing=true", by=officer).json()["items"] == []
    assert [one["matter"] for one in desk.get(HOLDS, by=officer).json()["items"]] == ["HCA-1"]


def test_the_due_list_is_paged_and_each_row_is_judged_now(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    first, second = photo_of(desk), photo_of(desk)
    assert desk.post(f"{API}/reviews", {}, by=officer).status_code == 202
    desk.services.retention.review(now=desk.world.clock(), event_id=desk.id())
    placed(desk, officer, first)

    page = desk.get(f"{API}/due?limit=1", by=officer).json()
    rest = desk.get(f"{API}/due", by=officer, params={"limit": 1, "cursor": page["next_cursor"]}).json()

    rows = {item["id"]: item for item in (*page["items"], *rest["items"])}
    assert (page["total"], rest["next_cursor"], set(rows)) == (2, None, {first, second})
    assert rows[first]["judgement"]["outcome"] == "held"
    (finding,) = rows[second]["findings"]
    assert (finding["finding"], finding["grade"]) == ("retention_rule_missing", "note")
    assert desk.get(f"{API}/due?outcome=undetermined&findings_only=true", by=officer).json()["total"] == 2


def test_a_wrong_member_is_named_in_both_languages(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    wrong = desk.post(f"{API}/year-ends", {"valid_from": "2020-01-01", "month_day": "13-01"}, by=officer)

    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/month_day"
    for path, body in (
        ("year-ends", {"valid_from": "2020-01-01", "month_day": "12-31"}),
        ("classes", {"kind": "document", "code": "photo", "record_class": "menu"}),
        ("triggers", {"subject": "supplier:SUP1", "trigger": "contract_ended", "happened_on": "2026-06-30"}),
        ("facts", {"subject": "sku:A1", "fact": "food.shelf_life_short"}),
    ):
        assert desk.post(f"{API}/{path}", body, by=officer).status_code == 201
        again = desk.post(f"{API}/{path}", body, by=officer)
        assert (again.status_code, again.json()["code"]) == (409, "retention_unchanged")
