"""Residency through the API."""

from __future__ import annotations

from typing import Any

from api.residency_shapes import DESTINATION_EXAMPLE, PROCESSOR_EXAMPLE, TRANSFER_EXAMPLE
from policies.model import Role
from tests.api.desk import Desk

PATH = "/api/v1/residency"


def put(desk: Desk, path: str, body: Any, by: str) -> Any:
    return desk.call("PUT", f"{PATH}/{path}", json=body, by=by)


def test_the_registers_are_set_and_shown(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)

    refused = put(desk, "destinations/STORE", DESTINATION_EXAMPLE, officer)
    processor = put(desk, "processors/CLOUD", PROCESSOR_EXAMPLE, officer)
    destination = put(desk, "destinations/STORE", DESTINATION_EXAMPLE, officer)
    transfer = put(desk, "transfers/T1", TRANSFER_EXAMPLE, officer)

    assert (refused.status_code, refused.json()["code"]) == (422, "processor_unknown")
    assert [answer.status_code for answer in (processor, destination, transfer)] == [200, 200, 200]
    assert destination.json()["result"] == {**DESTINATION_EXAMPLE, "code": "STORE", "own": False, "status": "active"}
    for name, code in (("processors", "CLOUD"), ("destinations", "STORE"), ("transfers", "T1")):
        assert [one["code"] for one in desk.get(f"{PATH}/{name}", by=officer).json()["items"]] == [code]


def test_p_09_a_processor_without_a_contract_is_refused_in_both_languages(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    put(desk, "processors/CLOUD", {"name": "Cloud Ltd", "jurisdiction": "HK"}, officer)

    answer = put(desk, "destinations/STORE", DESTINATION_EXAMPLE, officer)

    assert (answer.status_code, answer.json()["code"]) == (409, "processor_no_contract")
    words = desk.get("/problems/processor_no_contract", by=None).json()["detail"]
    assert "DPP4(2)" in words["en"]
    assert "資料處理者" in words["zh-Hant-HK"]


def test_the_same_call_again_is_a_replay(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    body = {**PROCESSOR_EXAMPLE, "event_id": "6a1cf0f4-6c5e-4f0a-9d0f-2b8f2f4f9e11"}

    first, second = put(desk, "processors/CLOUD", body, officer), put(desk, "processors/CLOUD", body, officer)

    assert (first.json()["replayed"], second.json()["replayed"]) == (False, True)
    assert first.json()["receipt"]["index"] == second.json()["receipt"]["index"]


def test_who_may_not_is_told_what_is_needed(desk: Desk) -> None:
    assert put(desk, "mode", {"mode": "s33_shadow"}, desk.token(Role.OPERATOR)).status_code == 403
    assert desk.get(PATH, by=desk.token(Role.STAFF)).status_code == 403
    assert desk.get(PATH, by=desk.token(Role.DPO)).status_code == 200


def test_p_30_the_rehearsal_is_shown_only_in_its_mode(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    put(desk, "processors/CLOUD", PROCESSOR_EXAMPLE, officer)
    abroad = {**DESTINATION_EXAMPLE, "jurisdiction": "SG", "region": "ap-southeast-1"}
    put(desk, "destinations/STORE", abroad, officer)
    assert "s33_conditions" not in desk.get(PATH, by=officer).json()

    assert put(desk, "mode", {"mode": "s33_shadow"}, officer).status_code == 200

    assert desk.get(PATH, by=officer).json()["s33_conditions"] == [{"destination": "STORE", "met": []}]
    findings = desk.get(f"{PATH}/findings", by=officer).json()["items"]
    assert [(one["code"], one["about"]) for one in findings] == [("transfer_no_basis", "STORE")]
    put(desk, "transfers/T1", TRANSFER_EXAMPLE, officer)
    assert desk.get(PATH, by=officer).json()["s33_conditions"] == [{"destination": "STORE", "met": ["f"]}]


def test_p_33_persons_of_the_mainland_are_counted(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)

    counted = desk.call("POST", f"{PATH}/origins", json={"year": 2026, "persons": ["A", "B", "A"]}, by=officer)
    wrong = desk.call("POST", f"{PATH}/origins", json={"year": 2026}, by=officer)

    assert counted.json()["result"] == {"added": 2, "persons": 2}
    assert (wrong.status_code, wrong.json()["code"]) == (422, "member_missing")
    assert desk.get(f"{PATH}/findings", by=officer).json()["origins"] == [{"year": 2026, "persons": 2}]


def test_p_10_anybody_may_read_the_annex(desk: Desk) -> None:
    assert desk.get(f"{PATH}/annex", by=None).status_code == 404
    change = desk.policies.publish_annex({"retention": [{"id": "HK-TAX-7Y"}]})
    assert change is not None
    desk.world.storage.log.commit(change)

    answer = desk.get(f"{PATH}/annex", by=None).json()

    assert (answer["version"], answer["content"]) == (1, {"retention": [{"id": "HK-TAX-7Y"}]})
