"""How hard a class is locked, over HTTP: shown, proposed by one person, approved by another."""

from __future__ import annotations

from policies.model import Role
from tests.api.desk import Desk
from tests.retention.registry import RULE

MODES = "/api/v1/object-store/modes"
SCHEDULES = "/api/v1/retention/schedules"


def test_a_class_is_locked_in_compliance_by_two_persons(desk: Desk) -> None:
    officer, dpo = desk.token(Role.COMPLIANCE_OFFICER), desk.token(Role.DPO)
    rule = {**RULE, "minimum": "P2Y", "status": "law"}
    pending = desk.post(SCHEDULES, rule, by=officer).json()["result"]["pending"]
    approval = f"{SCHEDULES}/{rule['code']}/approvals/{pending}"
    assert desk.post(approval, by=desk.token(Role.POLICY_ADMIN)).status_code == 201
    desk.add(b"photo", **{"class": "photo"})

    shown = desk.get(f"{MODES}/photo", by=dpo).json()
    assert (shown["mode"], shown["documents"], shown["until"]) == ("GOVERNANCE", 1, "2028-11-22")
    asked = desk.post(f"{MODES}/photo/proposals", {"mode": "COMPLIANCE", "reason": "不得刪除"}, by=officer)
    path = f"{MODES}/photo/proposals/{asked.json()['result']['pending']}"
    own = desk.post(path, {"mode": "COMPLIANCE", "until": shown["until"]}, by=officer)
    unseen = desk.post(path, {"mode": "COMPLIANCE"}, by=dpo)
    made = desk.post(path, {"mode": "COMPLIANCE", "until": shown["until"]}, by=dpo)

    assert (own.status_code, own.json()["code"]) == (403, "own_approval")
    assert (unseen.status_code, unseen.json()["code"]) == (409, "lock_mode_later")
    assert "2028-11-22" in unseen.json()["detail"]
    assert (made.status_code, made.json()["result"]["mode_zh"]) == (201, "COMPLIANCE：到期前任何人都不能解除")
    (listed,) = desk.get(MODES, by=officer).json()["items"]
    assert (listed["class"], listed["until"]) == ("photo", "2028-11-22")


def test_a_class_that_no_law_keeps_and_others_are_refused(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    body = {"mode": "COMPLIANCE", "reason": "不得刪除"}

    refused = desk.post(f"{MODES}/photo/proposals", body, by=officer)

    assert (refused.status_code, refused.json()["code"]) == (409, "lock_mode_without_law")
    assert desk.post(f"{MODES}/photo/proposals", body, by=desk.token(Role.OPERATOR)).status_code == 403
    assert desk.get(MODES, by=desk.whole_key).status_code == 403
