"""Requests, breaches and cessation notices through the API."""

from __future__ import annotations

import io
import zipfile

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk


class Bureau:
    """Two officers at the desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.dpo = desk.token(Role.DPO)
        self.officer = desk.token(Role.COMPLIANCE_OFFICER)
        self.staff = desk.person(Role.STAFF, (ScopeKind.STORE, "MK01"), name="陳大文").id

    def opened(self, **members: object) -> str:
        body = {
            "kind": "access",
            "channel": "letter",
            "language": "zh",
            "requestor_name": "陳大文",
            "person": self.staff,
            **members,
        }
        answer = self.desk.post("/api/v1/cases", body, by=self.dpo)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["result"]["id"])

    def post(self, path: str, body: object = None, *, by: str = "", expect: int = 200) -> dict[str, object]:
        answer = self.desk.post(f"/api/v1/{path}", body if body is not None else {}, by=by or self.dpo)
        assert answer.status_code == expect, answer.text
        found: dict[str, object] = answer.json()
        return found

    def get(self, path: str, *, by: str = "", expect: int = 200) -> dict[str, object]:
        answer = self.desk.take(f"/api/v1/{path}", purpose="correction_request", by=by or self.dpo)
        assert answer.status_code == expect, answer.text
        found: dict[str, object] = answer.json()
        return found


@pytest.fixture
def bureau(desk: Desk) -> Bureau:
    return Bureau(desk)


def test_a_request_from_receipt_to_the_copy(bureau: Bureau) -> None:
    case = bureau.opened()
    path = f"cases/{case}"
    refused = bureau.post(f"{path}/copy", expect=409)
    assert refused["code"] == "identity_not_shown"
    bureau.post(f"{path}/identity", {"identity": "shown", "evidence": ["identity_card_seen"]})
    items = bureau.get(f"{path}/items")["items"]
    assert isinstance(items, list)
    bureau.post(f"{path}/notices", {"kind": "compliance"}, expect=201)

    copy = bureau.desk.post(f"/api/v1/{path}/copy", {}, by=bureau.dpo)

    assert copy.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
        assert "legend.txt" in archive.namelist()
    assert bureau.post(f"{path}/close")["result"]["state"] == "closed"  # type: ignore[index]
    particulars = bureau.get(f"{path}/particulars")
    assert particulars["values"]["requestor_name"] == "陳大文"  # type: ignore[index]
    assert bureau.desk.entry()["type"] == "access.read"


def test_a_refusal_is_reviewed_told_and_in_the_log_book(bureau: Bureau) -> None:
    case = bureau.opened()
    path = f"cases/{case}"
    assert (
        bureau.post(f"{path}/refusals", {"ground": "too_busy", "reason": "忙"}, expect=422)["code"]
        == "case_ground_unfit"
    )
    proposed = bureau.post(f"{path}/refusals", {"ground": "identity_not_shown", "reason": "無證明"}, expect=201)
    settle = f"{path}/refusals/{proposed['result']['id']}/approve"  # type: ignore[index]
    assert bureau.post(settle, expect=403)["code"] == "own_approval"
    bureau.post(settle, by=bureau.officer)
    told = bureau.post(f"{path}/notices", {"kind": "refusal"}, expect=201)
    assert "s.20(1)(a)" in told["result"]["zh"]  # type: ignore[index]

    lines = bureau.get("cases/log-book", by=bureau.officer)["items"]
    assert isinstance(lines, list)
    [line] = lines
    csv = bureau.desk.get("/api/v1/cases/log-book/export.csv", by=bureau.dpo).text
    gone = bureau.desk.call("DELETE", f"/api/v1/cases/log-book/{line['index']}", by=bureau.dpo)

    assert line["ground"] == "identity_not_shown"
    assert "s.20(1)(a)" in csv
    assert bureau.get("cases/log-book/export")["items"] == [line]
    assert (gone.status_code, gone.json()["code"]) == (409, "s27_4y")


def test_every_list_of_grounds_is_shown_with_sections(bureau: Bureau) -> None:
    found = bureau.get("cases/grounds")

    assert {"s.20(3)(ea)", "s.20(1)(b)"} <= {one["section"] for one in found["access"]}  # type: ignore[attr-defined]
    [s60b] = [one for one in found["exemptions"] if one["code"] == "60B"]  # type: ignore[attr-defined]
    assert s60b["lifts"] == ["dpp3"]
    assert bureau.get("cases/findings")["items"] == []


@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.OPERATOR])
def test_others_see_no_case(bureau: Bureau, role: Role) -> None:
    case = bureau.opened()
    targets = ((ScopeKind.STORE, "MK01"),) if role is Role.STORE_MANAGER else ()
    other = bureau.desk.token(role, *targets)

    for path in ("cases", f"cases/{case}", f"cases/{case}/items", "cases/log-book", "cessations"):
        bureau.get(path, by=other, expect=403)


def test_a_breach_shows_no_deadline_of_the_ordinance(bureau: Bureau) -> None:
    body = {"kind": "disclosed", "regimes": ["pdpo", "gdpr"], "facts": "電郵誤送"}
    breach = bureau.post("breaches", body, expect=201)["result"]
    assert isinstance(breach, dict)
    bureau.post(f"breaches/{breach['id']}/steps", {"step": "contained", "text": "已收回"}, expect=201)
    decision = {"notify_authority": True, "notify_people": True, "reason": "涉及身份證號碼"}
    bureau.post(f"breaches/{breach['id']}/decision", decision)
    bureau.post(f"breaches/{breach['id']}/close")

    found = bureau.get(f"breaches/{breach['id']}")

    pdpo, gdpr = breach["clocks"]
    assert "until" not in pdpo
    assert gdpr["hours"] == 72
    assert [step["text"] for step in found["timeline"]] == ["已收回"]  # type: ignore[attr-defined]
    assert [one["state"] for one in bureau.get("breaches?state=closed")["items"]] == ["closed"]  # type: ignore[attr-defined]


def test_p35_a_cessation_notice_blocks_every_way_to_a_document(bureau: Bureau) -> None:
    desk = bureau.desk
    document = desk.add_read("dox 陳大文".encode()).document
    paths = (f"documents/{document}", f"documents/{document}/versions", f"documents/{document}/versions/1/content")
    assert all(desk.get(f"/api/v1/{path}").status_code == 200 for path in paths)
    assert [hit["document"] for hit in desk.get("/api/v1/search?q=dox").json()["items"]] == [document]

    body = {"document": document, "reference": "CN-1", "served_on": "2026-11-20"}
    cessation = bureau.post("cessations", body, expect=201)["result"]

    assert isinstance(cessation, dict)
    assert [desk.get(f"/api/v1/{path}").status_code for path in paths] == [403, 403, 403]
    assert desk.get("/api/v1/documents").json()["items"] == []
    assert desk.get("/api/v1/search?q=dox").json()["items"] == []
    assert desk.get(f"/api/v1/documents/{document}", by=bureau.dpo).status_code == 200
    bureau.post(f"cessations/{cessation['id']}/answer", {"text": "已移除"})
    bureau.post(f"cessations/{cessation['id']}/lift")
    assert desk.get(f"/api/v1/{paths[0]}").status_code == 200
    assert [one["state"] for one in bureau.get("cessations")["items"]] == ["lifted"]  # type: ignore[attr-defined]


def test_p38_directions_have_days(bureau: Bureau) -> None:
    directions = [{"number": 1, "due_on": "2026-11-01", "text": "停止"}]
    body = {"reference": "EN-1", "served_on": "2026-10-01", "directions": directions}
    notice = bureau.post("enforcement-notices", body, expect=201)["result"]
    assert isinstance(notice, dict)

    findings = bureau.get("cases/findings")["items"]
    bureau.post(f"enforcement-notices/{notice['id']}/directions/1/met")

    assert [(one["code"], one["proposed"]) for one in findings] == [("direction_overdue", "major")]  # type: ignore[attr-defined]
    assert bureau.post(f"enforcement-notices/{notice['id']}/directions/1/met", expect=409)["code"] == "direction_met"
    assert len(bureau.get("enforcement-notices")["items"]) == 1  # type: ignore[arg-type]
