"""Notices through the API."""

from __future__ import annotations

from typing import Any

from policies.model import Role
from tests.api.desk import Desk

CHANNEL = {"kind": "dingtalk", "target": {"access_token": "token-token", "secret": "SECsecret"}}
RULE = {"channel": "group", "events": ["stock.*"], "stores": ["MK01"]}
PATH = "/api/v1/notices"


def put(desk: Desk, path: str, body: Any, by: str) -> Any:
    return desk.call("PUT", f"{PATH}/{path}", json=body, by=by)


def test_channels_and_rules_are_set_up_and_shown_without_secrets(desk: Desk) -> None:
    operator = desk.token(Role.OPERATOR)

    made = put(desk, "channels/group", CHANNEL, operator)
    ruled = put(desk, "rules/stock", RULE, operator)
    channels = desk.get(f"{PATH}/channels", by=operator)
    rules = desk.get(f"{PATH}/rules", by=operator)

    assert (made.status_code, ruled.status_code) == (200, 200)
    assert made.json()["result"]["destination"] == "oapi.dingtalk.com:443"
    assert [channel["code"] for channel in channels.json()["items"]] == ["group"]
    assert rules.json()["items"][0]["stores"] == ["MK01"]
    for answer in (made, channels):
        assert "token-token" not in answer.text
        assert "SECsecret" not in answer.text


def test_what_became_of_messages_is_shown(desk: Desk) -> None:
    operator = desk.token(Role.OPERATOR)
    target = {"url": "http://127.0.0.1:9/in", "secret": "whsec_" + "A" * 44}
    put(desk, "channels/hook", {"kind": "webhook", "target": target}, operator)
    put(desk, "rules/stock", {**RULE, "channel": "hook"}, operator)
    for _ in range(2):
        desk.adjust(1)
    notices = desk.services.notices
    while notices.follow():
        pass
    notices.send_due()

    page = desk.get(f"{PATH}/messages", params={"limit": 1}, by=operator).json()
    state = desk.get(f"{PATH}/state", by=operator).json()

    (message,) = page["items"]
    assert (message["state"], message["failure_code"], message["attempts"]) == ("sending", "unreachable", 1)
    assert state["waiting"] == [{"channel": "hook", "notices": 1}]
    assert state["used"] == [{"channel": "hook", "calls": 1, "sent": 0, "failed": 0}]
    rest = desk.get(f"{PATH}/messages", params={"limit": 1, "cursor": page["next_cursor"]}, by=operator).json()
    assert rest["items"] == []


def test_wrong_members_are_named_in_both_languages(desk: Desk) -> None:
    operator = desk.token(Role.OPERATOR)
    wrong = {"kind": "webhook", "target": {"url": "http://erp.test", "secret": "whsec_" + "A" * 44}}

    answer = put(desk, "channels/erp", wrong, operator)
    unknown = put(desk, "rules/r", {**RULE, "channel": "none"}, operator)
    headers = {"Accept-Language": "zh-HK"}
    chinese = desk.call("PUT", f"{PATH}/channels/erp", json=wrong, by=operator, headers=headers)

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("#/target/url", "notice_invalid")
    assert error["detail"] == "Not what this member must be: expected an https URL."
    assert chinese.json()["errors"][0]["detail"] == "此欄不符合要求：必須是 https 網址。"
    assert unknown.status_code == 404


def test_setting_up_and_looking_are_for_those_who_may(desk: Desk) -> None:
    assert put(desk, "channels/group", CHANNEL, desk.token(Role.AUDITOR)).status_code == 403
    assert desk.get(f"{PATH}/channels", by=desk.token(Role.AUDITOR)).status_code == 200
    assert desk.get(f"{PATH}/channels", by=desk.token(Role.STAFF)).status_code == 403
