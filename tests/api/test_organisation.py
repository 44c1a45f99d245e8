"""Areas and stores, people and machine clients, keys."""

from typing import Any
from uuid import uuid4

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk


@pytest.fixture
def operator(desk: Desk) -> str:
    return desk.token(Role.OPERATOR)


def result(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()["result"]
    return found


def test_areas_and_stores_are_made_and_changed(desk: Desk, operator: str) -> None:
    area = {"code": "NT", "name_zh": "新界", "name_en": "New Territories"}
    store = {"code": "ST01", "area": "NT", "name_zh": "沙田店", "name_en": "Sha Tin"}

    assert result(desk.post("/api/v1/areas", area, by=operator)) == area
    made = desk.post("/api/v1/stores", store, by=operator)
    changed = desk.call("PATCH", "/api/v1/stores/ST01", by=operator, json={"negative_stock": "allow"})

    assert (made.status_code, changed.status_code) == (201, 200)
    assert result(changed) == {**store, "negative_stock": "allow", "approval_above": None}
    assert desk.get("/api/v1/stores/ST01").json() == result(changed)
    assert result(desk.call("PATCH", "/api/v1/areas/NT", by=operator, json={"name_en": "N.T."}))["name_en"] == "N.T."
    assert desk.get("/api/v1/areas/NT").json()["name_en"] == "N.T."
    assert [item["code"] for item in desk.get("/api/v1/stores").json()["items"]] == ["MK01", "ST01", "TST1"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "place"),
    [
        ("/api/v1/areas", {"code": "KLN", "name_zh": "九", "name_en": "K"}, 409, "area_exists", "#/code"),
        ("/api/v1/areas", {"code": "K N", "name_zh": "九", "name_en": "K"}, 422, "code_form", "#/code"),
        ("/api/v1/areas", {"code": "X", "name_zh": " 九", "name_en": "K"}, 422, "name_form", "#/name_zh"),
        ("/api/v1/areas", {"code": "X", "name_zh": "九"}, 422, "member_missing", "#/name_en"),
        (
            "/api/v1/stores",
            {"code": "X", "area": "ZZ", "name_zh": "九", "name_en": "K"},
            422,
            "area_unknown",
            "#/area",
        ),
    ],
)
def test_what_cannot_be_in_the_tree_is_refused_by_member(
    desk: Desk, operator: str, path: str, body: dict[str, str], status: int, code: str, place: str
) -> None:
    size = desk.size()

    answer = desk.post(path, body, by=operator)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == place
    assert desk.size() == size


def test_what_is_not_in_the_tree_is_not_found(desk: Desk, operator: str) -> None:
    for method, path, body in [
        ("GET", "/api/v1/areas/ZZ", None),
        ("GET", "/api/v1/stores/ZZ", None),
        ("PATCH", "/api/v1/areas/ZZ", {"name_en": "x"}),
        ("PATCH", "/api/v1/stores/ZZ", {"name_en": "x"}),
    ]:
        answer = desk.call(method, path, by=operator, json=body)
        assert answer.status_code == 404, (method, path, answer.text)


def test_a_change_sent_again_has_the_first_receipt_and_no_result(desk: Desk, operator: str) -> None:
    body = {"code": "NT", "name_zh": "新界", "name_en": "New Territories", "event_id": str(uuid4())}

    first, again = desk.post("/api/v1/areas", body, by=operator), desk.post("/api/v1/areas", body, by=operator)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["replayed"] is True
    assert "result" not in again.json()
    assert again.json()["receipt"]["index"] == first.json()["receipt"]["index"]


def test_lists_show_what_is_in_reach(desk: Desk, operator: str) -> None:
    desk.post("/api/v1/areas", {"code": "NT", "name_zh": "新界", "name_en": "N"}, by=operator)
    staff = desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))

    assert [item["code"] for item in desk.get("/api/v1/stores", by=staff).json()["items"]] == ["MK01"]
    assert [item["code"] for item in desk.get("/api/v1/areas", by=staff).json()["items"]] == ["KLN"]
    assert desk.get("/api/v1/stores/TST1", by=staff).status_code == 403
    assert len(desk.get("/api/v1/areas", by=operator).json()["items"]) == 2


def test_lists_come_in_pages(desk: Desk) -> None:
    first = desk.get("/api/v1/stores?limit=1").json()
    rest = desk.get("/api/v1/stores", params={"limit": 1, "cursor": first["next_cursor"]}).json()

    assert [item["code"] for item in first["items"] + rest["items"]] == ["MK01", "TST1"]
    assert rest["next_cursor"] is None
    assert desk.get("/api/v1/areas", params={"cursor": first["next_cursor"]}).json()["code"] == "cursor_invalid"


# -------------------------------------------------------------------------------------------- people


def test_a_person_is_made_assigned_promoted_closed_and_reopened(desk: Desk, operator: str) -> None:
    told = {"role": "staff", "display_name": "陳大文", "pics_id": "STAFF/3"}
    made = result(desk.post("/api/v1/people", told, by=operator))
    path = f"/api/v1/principals/{made['id']}"
    where = {"kind": "store", "target": "MK01"}

    assigned = desk.post(f"{path}/assignments", where, by=operator)
    twice = desk.post(f"{path}/assignments", where, by=operator)
    promoted = desk.call("PUT", f"{path}/role", by=operator, json={"role": "store_manager"})
    closed = desk.post(f"{path}/closing", by=operator)
    reopened = desk.post(f"{path}/reopening", {}, by=operator)
    taken = desk.call("DELETE", f"{path}/assignments", by=operator, params=where)

    assert made == {
        "id": made["id"],
        "kind": "person",
        "role": "staff",
        "state": "active",
        "erased": False,
        "assignments": [],
    }
    assert result(assigned) == {"principal": made["id"], **where}
    assert (twice.status_code, twice.json()["code"]) == (409, "already_assigned")
    assert (result(promoted)["role"], result(closed)["state"], result(reopened)["state"]) == (
        "store_manager",
        "closed",
        "active",
    )
    assert result(taken) == {"principal": made["id"], **where}
    assert desk.get(path, by=operator).json()["assignments"] == []
    assert "陳大文" not in desk.everything().decode()
    assert [item["id"] for item in desk.get("/api/v1/people", by=operator).json()["items"]].count(made["id"]) == 1


@pytest.mark.parametrize(
    ("statement", "code"),
    [({}, "pics_missing"), ({"pics_id": "staff"}, "pics_form"), ({"pics_id": "STAFF/0"}, "pics_form")],
)
def test_p_02_data_of_staff_names_the_statement_they_were_given(
    desk: Desk, operator: str, statement: dict[str, str], code: str
) -> None:
    body = {"role": "staff", "display_name": "陳大文"}
    refused = desk.post("/api/v1/people", {**body, **statement}, by=operator)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    index = desk.post("/api/v1/people", {**body, "pics_id": "STAFF/3"}, by=operator).json()["receipt"]["index"]
    assert desk.entry(index)["data"]["statement"] == "STAFF/3"


def test_a_name_is_read_with_a_trace_and_set_anew(desk: Desk, operator: str) -> None:
    person = desk.person(Role.STAFF, name="陳大文")
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    path = f"/api/v1/principals/{person.id}/name"

    assert desk.get(path, by=officer).json() == {"principal": person.id, "display_name": "陳大文"}
    assert desk.entry()["type"] == "access.read"
    assert desk.call("PUT", path, by=operator, json={"display_name": "陳小文"}).status_code == 200
    assert desk.get(path, by=officer).json()["display_name"] == "陳小文"
    assert desk.get(path, by=operator).status_code == 403
    assert desk.get(f"/api/v1/principals/p_{'a' * 16}/name", by=officer).status_code == 404


def test_a_person_is_erased_and_the_entry_names_nobody(desk: Desk) -> None:
    person, dpo = desk.person(Role.STAFF, name="陳大文"), desk.token(Role.DPO)
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    path = f"/api/v1/principals/{person.id}"
    body = {"ground": "no_longer_needed", "event_id": str(uuid4())}

    answer = desk.post(f"{path}/erasure", body, by=dpo)
    again = desk.post(f"{path}/erasure", body, by=dpo)
    other = desk.post(f"{path}/erasure", {}, by=dpo)

    assert (answer.status_code, again.status_code) == (200, 200)
    assert again.json()["receipt"]["index"] == answer.json()["receipt"]["index"]
    entry = desk.entry(answer.json()["receipt"]["index"])
    assert entry["type"] == "privacy.erased"
    assert person.id not in str(entry)
    assert (other.status_code, other.json()["code"]) == (409, "already_erased")
    assert desk.get(f"{path}/name", by=officer).json()["display_name"] is None
    found = desk.get(path, by=dpo).json()
    assert (found["state"], found["erased"]) == ("erased", True)
    assert desk.post(f"/api/v1/principals/p_{'a' * 16}/erasure", {}, by=dpo).status_code == 404


def test_nobody_changes_their_own_account(desk: Desk) -> None:
    person = desk.person(Role.OPERATOR)

    answer = desk.post(f"/api/v1/principals/{person.id}/closing", by=desk.token_of(person))

    assert (answer.status_code, answer.json()["code"]) == (409, "own_account")


# ---------------------------------------------------------------------------------------------- keys


def test_a_key_is_issued_once_used_listed_and_revoked(desk: Desk, operator: str) -> None:
    client = result(desk.post("/api/v1/api-clients", {"label": "Till 1"}, by=operator))
    desk.assign(client["id"], ScopeKind.STORE, "MK01")
    body = {"scopes": ["stock.adjust", "stock.read"], "quota_per_month": 5_000, "event_id": str(uuid4())}
    path = f"/api/v1/api-clients/{client['id']}/keys"

    issued = desk.post(path, body, by=operator)
    again = desk.post(path, body, by=operator)
    secret, key = result(issued)["secret"], result(issued)["key"]
    used = desk.get("/api/v1/balances", by=secret)
    listed = desk.get("/api/v1/keys", by=operator, params={"client": client["id"]}).json()["items"]
    revoked = desk.post(f"/api/v1/keys/{key['id']}/revocation", by=operator)

    assert client["label"] == "Till 1"
    assert issued.status_code == 201
    assert (again.status_code, "result" in again.json()) == (200, False)
    assert used.status_code == 200
    assert [item["id"] for item in listed] == [key["id"]]
    assert listed[0]["calls_this_month"] > 0
    assert "secret" not in str(listed)
    assert secret not in desk.everything().decode()
    assert result(revoked)["revoked_at"].startswith("2026-11-22")
    assert desk.get("/api/v1/balances", by=secret).json()["code"] == "key_revoked"
    assert desk.get(f"/api/v1/keys/{key['id']}", by=operator).json()["revoked_at"]
    assert desk.post(f"/api/v1/keys/{key['id']}/revocation", by=operator).json()["code"] == "already_revoked"
    assert [item["id"] for item in desk.get("/api/v1/api-clients", by=operator).json()["items"]].count(
        client["id"]
    ) == 1


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"scopes": []}, "list_empty", "#/scopes"),
        ({"scopes": ["everything"]}, "scopes_unfit", "#/scopes"),
        ({"scopes": [1]}, "text_expected", "#/scopes/0"),
        ({"scopes": ["stock.read"], "rate_per_minute": 0}, "integer_out_of_range", "#/rate_per_minute"),
        ({"scopes": ["stock.read"], "expires_at": "2020-01-01T00:00:00Z"}, "expiry_out_of_range", "#/expires_at"),
    ],
)
def test_a_key_that_cannot_be_is_refused_by_member(
    desk: Desk, operator: str, body: dict[str, object], code: str, place: str
) -> None:
    client = desk.client()

    answer = desk.post(f"/api/v1/api-clients/{client.id}/keys", body, by=operator)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == place


def test_keys_of_nobody_are_not_found(desk: Desk, operator: str) -> None:
    body = {"scopes": ["stock.read"]}

    assert desk.post(f"/api/v1/api-clients/p_{'a' * 16}/keys", body, by=operator).status_code == 404
    assert desk.get("/api/v1/keys/aaaaaaaa", by=operator).status_code == 404
    assert desk.post("/api/v1/keys/aaaaaaaa/revocation", by=operator).status_code == 404
    assert desk.get("/api/v1/keys").status_code == 403
