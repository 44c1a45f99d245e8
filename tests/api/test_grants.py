"""Access for a time through the API: engagements, broken glass, who sees which, and what nobody reviewed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from policies.codes import Code
from policies.model import Action, PrincipalRecord, Resource, Role, ScopeKind
from tests.api.desk import Desk
from tests.stock.shop import ALLOWS, REFUSES
from workflow.notices.parsing import parse_channel, parse_rule

GRANTS, ENGAGEMENTS, GLASS = "/api/v1/grants", "/api/v1/engagements", "/api/v1/break-glass"
MINE, OTHER = ALLOWS, REFUSES
REASON = "停電，店長陳大文未能聯絡"


@pytest.fixture
def officer(desk: Desk) -> PrincipalRecord:
    return desk.person(Role.COMPLIANCE_OFFICER)


@pytest.fixture
def manager(desk: Desk) -> PrincipalRecord:
    return desk.person(Role.STORE_MANAGER, (ScopeKind.STORE, MINE))


def engaged(desk: Desk, officer: PrincipalRecord, **changed: Any) -> httpx.Response:
    now = desk.world.clock()
    body = {
        "auditor": changed.pop("auditor", None) or desk.person(Role.AUDITOR, engaged=False).id,
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(days=30)).isoformat(),
        "nda_on_file": True,
        **changed,
    }
    return desk.post(
        ENGAGEMENTS, {name: value for name, value in body.items() if value is not None}, by=desk.token_of(officer)
    )


def broken(desk: Desk, manager: PrincipalRecord, second: PrincipalRecord, **changed: Any) -> httpx.Response:
    body = {"stores": [OTHER], "minutes": 30, "reason": REASON, "told": second.id, **changed}
    return desk.post(GLASS, body, by=desk.token_of(manager))


# ---------------------------------------------------------------------------------------- engagements


def test_an_engagement_is_given_shown_and_ended(desk: Desk, officer: PrincipalRecord) -> None:
    auditor = desk.person(Role.AUDITOR, engaged=False)
    before = desk.get("/api/v1/balances", by=desk.token_of(auditor))

    made = engaged(desk, officer, auditor=auditor.id, stores=[MINE], classes=["photo"])
    grant = made.json()["result"]
    during = desk.get("/api/v1/balances", by=desk.token_of(auditor))
    own = desk.get(f"{GRANTS}/{grant['id']}", by=desk.token_of(auditor))
    ended = desk.post(f"{GRANTS}/{grant['id']}/end", by=desk.token_of(officer))
    late = desk.post(f"{GRANTS}/{grant['id']}/end", by=desk.token_of(officer))

    assert made.status_code == 201
    assert (grant["kind"], grant["state"], grant["principal"]) == ("engagement", "running", auditor.id)
    assert (grant["stores"], grant["classes"], grant["given_by"]) == ([MINE], ["photo"], officer.id)
    assert "dates_from" not in grant
    assert before.status_code != 200
    assert during.status_code == 200
    assert own.json() == grant
    assert (ended.status_code, ended.json()["result"]["state"]) == (200, "over")
    assert (late.status_code, late.json()["code"]) == (409, "grant_over")
    assert desk.get("/api/v1/balances", by=desk.token_of(auditor)).json()["code"] == "engagement_over"


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"nda_on_file": False}, 422, "nda_missing"),
        ({"ends_at": "2027-06-01T00:00:00Z"}, 422, "grant_period"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, 422, "grant_period"),
        ({"stores": ["NONE"]}, 422, "store_unknown"),
        ({"stores": []}, 422, "list_empty"),
        ({"auditor": "p_aaaaaaaaaaaaaaaa"}, 422, "person_unknown"),
        ({"auditor": "陳大文"}, 422, "code_form"),
        ({"starts_at": None}, 422, "member_missing"),
    ],
)
def test_what_is_no_engagement_is_refused(
    desk: Desk, officer: PrincipalRecord, wrong: dict[str, Any], status: int, code: str
) -> None:
    answer = engaged(desk, officer, **wrong)

    assert answer.status_code == status
    assert code in {answer.json()["code"], *(fault["code"] for fault in answer.json().get("errors", ()))}


def test_nobody_else_engages_or_ends(desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord) -> None:
    grant = engaged(desk, officer).json()["result"]

    for caller in (manager, desk.person(Role.DPO), desk.person(Role.OPERATOR), desk.person(Role.AUDITOR)):
        assert engaged(desk, caller).status_code == 403
        assert desk.post(f"{GRANTS}/{grant['id']}/end", by=desk.token_of(caller)).status_code == 403
    assert desk.post(f"{GRANTS}/{'0' * 32}/end", by=desk.token_of(manager)).status_code == 403
    assert desk.post(f"{GRANTS}/{'0' * 32}/end", by=desk.token_of(officer)).json()["code"] == "grant_unknown"


# --------------------------------------------------------------------------------------- broken glass


def test_glass_is_broken_closed_and_reviewed(desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord) -> None:
    made = broken(desk, manager, officer, event_id=str(uuid4()))
    grant = made.json()["result"]
    desk.get(f"/api/v1/balances?store={OTHER}", by=desk.token_of(manager)).raise_for_status()
    closed = desk.post(f"{GRANTS}/{grant['id']}/end", by=desk.token_of(manager))
    own = desk.post(f"{GRANTS}/{grant['id']}/review", {"review": "justified"}, by=desk.token_of(manager))
    reviewed = desk.post(f"{GRANTS}/{grant['id']}/review", {"review": "not_justified"}, by=desk.token_of(officer))
    again = desk.post(f"{GRANTS}/{grant['id']}/review", {"review": "justified"}, by=desk.token_of(officer))

    assert made.status_code == 201
    assert (grant["kind"], grant["stores"], grant["told"], grant["told_by"]) == ("break_glass", [OTHER], officer.id, [])
    assert grant["review_due_on"] == "2026-11-24"
    assert REASON not in made.text
    assert closed.json()["result"]["state"] == "over"
    assert (own.status_code, own.json()["code"]) == (403, "role_lacks_action")
    assert (reviewed.json()["result"]["review"], reviewed.json()["result"]["reviewed_by"]) == (
        "not_justified",
        officer.id,
    )
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")


def test_the_same_call_again_is_a_replay(desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord) -> None:
    body = {"event_id": str(uuid4())}
    first = broken(desk, manager, officer, **body)
    desk.world.clock.advance(seconds=1)
    again = broken(desk, manager, officer, **body)

    assert (first.status_code, again.status_code, again.json()["replayed"]) == (201, 200, True)
    assert again.json()["receipt"]["index"] == first.json()["receipt"]["index"]


def test_the_answer_names_the_channels_that_tell_the_second_person(
    desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord
) -> None:
    target = {"url": "http://127.0.0.1:1/in", "secret": "whsec_" + "A" * 32}
    operator = desk.policies.local_principal(Role.OPERATOR)
    channel = parse_channel({"kind": "webhook", "target": target}, code="dpo", event_id=desk.id())
    rule = parse_rule(
        {"channel": "dpo", "events": ["break_glass.*"], "told": [officer.id]}, code="dpo", event_id=desk.id()
    )
    desk.do(desk.services.notices.set_channel(operator, channel))
    desk.do(desk.services.notices.set_rule(operator, rule))

    assert broken(desk, manager, officer).json()["result"]["told_by"] == ["dpo"]
    rules = desk.get("/api/v1/notices/rules", by=desk.token_of(officer)).json()["items"]
    assert [one["told"] for one in rules] == [[officer.id]]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"minutes": 61}, "integer_out_of_range"),
        ({"reason": " "}, "reason_form"),
        ({"stores": []}, "list_empty"),
        ({"stores": ["NONE"]}, "store_unknown"),
        ({"told": "p_aaaaaaaaaaaaaaaa"}, "second_person_unfit"),
    ],
)
def test_what_is_no_emergency_is_refused(
    desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord, wrong: dict[str, Any], code: str
) -> None:
    answer = broken(desk, manager, officer, **wrong)

    assert answer.status_code in {409, 422}
    assert code in {answer.json()["code"], *(fault["code"] for fault in answer.json().get("errors", ()))}


def test_no_client_and_no_staff_breaks_it(desk: Desk, officer: PrincipalRecord) -> None:
    body = {"stores": [OTHER], "minutes": 5, "reason": REASON, "told": officer.id}

    assert desk.post(GLASS, body).status_code == 403
    assert desk.post(GLASS, body, by=desk.token(Role.STAFF, (ScopeKind.STORE, MINE))).status_code == 403


def test_broken_glass_approves_nothing_and_changes_no_right(
    desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord
) -> None:
    broken(desk, manager, officer).raise_for_status()
    second = desk.person(Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))

    assign = desk.post(
        f"/api/v1/principals/{second.id}/assignments", {"kind": "store", "target": OTHER}, by=desk.token_of(manager)
    )
    decision = desk.policies.decide(
        desk.policies.principal(manager.id), Action.STOCK_APPROVE, Resource.at("stock", [OTHER])
    )

    assert assign.status_code == 403
    assert decision.code is Code.BREAK_GLASS_BARRED


def test_why_is_read_on_its_own_and_the_log_says_who_did(
    desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord
) -> None:
    grant = broken(desk, manager, officer).json()["result"]

    refused = desk.get(f"{GRANTS}/{grant['id']}/reason", by=desk.token_of(manager))
    size = desk.size()
    read = desk.get(f"{GRANTS}/{grant['id']}/reason", by=desk.token_of(officer))
    entry = desk.entry()

    assert refused.status_code == 403
    assert read.json() == {"reason": REASON}
    assert desk.size() == size + 1
    assert (entry["type"], entry["actor"]["id"]) == ("access.read", officer.id)
    assert [f"{one['kind']}:{one['id']}" for one in entry["subjects"]] == [
        f"person:{officer.id}",
        f"grant:{grant['id']}",
    ]
    assert desk.get(f"{GRANTS}/{'0' * 32}/reason", by=desk.token_of(officer)).status_code == 404


# --------------------------------------------------------------------------------------- who sees what


def test_a_list_is_filtered_and_comes_in_pages(desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord) -> None:
    reader = desk.token_of(officer)
    made = [engaged(desk, officer).json()["result"]["id"]]
    for _ in range(3):
        desk.world.clock.advance(seconds=1)
        made.append(broken(desk, manager, officer, minutes=1).json()["result"]["id"])

    first = desk.get(GRANTS, params={"limit": 3}, by=reader).json()
    rest = desk.get(GRANTS, params={"limit": 3, "cursor": first["next_cursor"]}, by=reader).json()

    assert [one["id"] for page in (first, rest) for one in page["items"]] == made[::-1]
    assert (len(first["items"]), rest["next_cursor"]) == (3, None)
    kinds = desk.get(GRANTS, params={"kind": "engagement"}, by=reader).json()["items"]
    assert [one["id"] for one in kinds] == made[:1]
    desk.world.clock.advance(minutes=2)
    over = desk.get(GRANTS, params={"state": "over"}, by=reader).json()["items"]
    assert [one["id"] for one in over] == made[:0:-1]
    assert desk.get(GRANTS, params={"cursor": "AAAA"}, by=reader).json()["errors"][0]["code"] == "cursor_invalid"


def test_whoever_broke_it_sees_their_own_alone(desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord) -> None:
    other = desk.person(Role.STORE_MANAGER, (ScopeKind.STORE, OTHER))
    mine = broken(desk, manager, officer).json()["result"]["id"]
    theirs = [broken(desk, other, officer, stores=[at]).json()["result"]["id"] for at in (MINE, OTHER)]
    by = desk.token_of(manager)

    assert [one["id"] for one in desk.get(GRANTS, by=by).json()["items"]] == [mine]
    assert desk.get(f"{GRANTS}/{mine}", by=by).status_code == 200
    assert [desk.get(f"{GRANTS}/{one}", by=by).status_code for one in (*theirs, "0" * 32)] == [403] * 3
    staff = desk.token(Role.STAFF, (ScopeKind.STORE, MINE))
    assert [desk.get(address, by=staff).status_code for address in (GRANTS, f"{GRANTS}/{mine}")] == [403, 403]


def test_an_auditor_of_some_stores_learns_nothing_of_what_was_granted_elsewhere(
    desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord
) -> None:
    auditor = desk.person(Role.AUDITOR, engaged=False)
    own = engaged(desk, officer, auditor=auditor.id, stores=[MINE]).json()["result"]["id"]
    near = broken(desk, desk.person(Role.STORE_MANAGER, (ScopeKind.STORE, OTHER)), officer, stores=[MINE])
    far = broken(desk, manager, officer).json()["result"]["id"]
    whole = engaged(desk, officer).json()["result"]["id"]
    by = desk.token_of(auditor)

    seen = {one["id"] for one in desk.get(GRANTS, by=by).json()["items"]}
    answers = [desk.get(f"{GRANTS}/{one}", by=by) for one in (far, whole, "0" * 32)]

    assert seen == {own, near.json()["result"]["id"]}
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    told = [{**answer.json(), "instance": "", "request_id": ""} for answer in answers]
    assert told[0] == told[1] == told[2]
    assert desk.policies.leaks_stopped == 0


# ---------------------------------------------------------------------------------- the second person


def test_it_awaits_the_second_person_who_acknowledges_it(
    each_desk: Desk,
) -> None:
    desk = each_desk
    officer, dpo = desk.person(Role.COMPLIANCE_OFFICER), desk.person(Role.DPO)
    manager = desk.person(Role.STORE_MANAGER, (ScopeKind.STORE, MINE))
    grant = broken(desk, manager, officer).json()["result"]
    path = f"{GRANTS}/{grant['id']}/acknowledgement"
    awaiting = {who.id: desk.get(f"{GLASS}/awaiting", by=desk.token_of(who)).json()["items"] for who in (officer, dpo)}

    other = desk.post(path, by=desk.token_of(dpo))
    done = desk.post(path, by=desk.token_of(officer))
    again = desk.post(path, by=desk.token_of(officer))

    assert [one["id"] for one in awaiting[officer.id]] == [grant["id"]]
    assert awaiting[dpo.id] == []
    assert grant["acknowledge_by"] == "2026-11-22T08:00:00.000000Z"
    assert (other.status_code, other.json()["code"]) == (403, "not_told")
    assert done.json()["result"]["acknowledged_at"] == "2026-11-22T04:00:00.000000Z"
    assert (again.status_code, again.json()["code"]) == (409, "already_acknowledged")
    assert desk.get(f"{GLASS}/awaiting", by=desk.token_of(officer)).json() == {"items": []}
    assert desk.get(f"{GLASS}/awaiting", by=desk.token_of(manager)).status_code == 403


def test_what_the_second_person_did_not_acknowledge_is_listed(
    desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord
) -> None:
    grant = broken(desk, manager, officer).json()["result"]["id"]
    desk.world.clock.advance(minutes=60 * 4)

    [found] = desk.get(f"{GLASS}/findings", by=desk.token_of(desk.person(Role.DPO))).json()["items"]

    assert (found["code"], found["due_on"], found["grant"]["id"]) == ("break_glass_unacknowledged", "2026-11-22", grant)
    assert "四小時" in found["detail_zh"]


# ------------------------------------------------------------------------------------------- findings


def test_what_nobody_reviewed_in_time_is_listed(desk: Desk, officer: PrincipalRecord, manager: PrincipalRecord) -> None:
    grant = broken(desk, manager, officer).json()["result"]["id"]
    desk.post(f"{GRANTS}/{grant}/acknowledgement", by=desk.token_of(officer)).raise_for_status()
    desk.world.clock.advance(minutes=60 * 59)
    in_time = desk.get(f"{GLASS}/findings", by=desk.token_of(officer)).json()["items"]
    desk.world.clock.advance(minutes=60)

    [found] = desk.get(f"{GLASS}/findings", by=desk.token_of(officer)).json()["items"]

    assert in_time == []
    assert (found["code"], found["due_on"], found["grant"]["id"]) == ("break_glass_review_overdue", "2026-11-24", grant)
    assert "兩個工作天" in found["detail_zh"]
    assert desk.get(f"{GLASS}/findings", by=desk.token_of(manager)).status_code == 403
    desk.post(f"{GRANTS}/{grant}/review", {"review": "justified"}, by=desk.token_of(officer)).raise_for_status()
    assert desk.get(f"{GLASS}/findings", by=desk.token_of(officer)).json()["items"] == []
