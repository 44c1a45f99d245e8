"""Secrets of channels: taken as they are pasted, and a phrase told from one."""

from __future__ import annotations

from base64 import b64encode
from uuid import UUID

import pytest

from workflow.notices.errors import InvalidNotice
from workflow.notices.model import DingTalkTarget, WebhookTarget
from workflow.notices.parsing import parse_channel


@pytest.mark.parametrize(
    "pasted",
    ["whsec_{}", " whsec_{}\n", "{}", "whsec_{}\r\n", "\u3000whsec_{}\t"],
    ids=["as it is", "with a blank and a line end", "without its mark", "from Windows", "with a wide blank"],
)
def test_a_webhook_s_secret_is_taken_as_it_was_pasted(pasted: str) -> None:
    secret = b64encode(bytes(range(64))).decode()
    wrapped = f"{secret[:64]}\n{secret[64:]}"

    found = [
        parse_channel(
            {"kind": "webhook", "target": {"url": "https://erp.test/in", "secret": pasted.format(one)}},
            code="erp",
            event_id=UUID(int=1),
        ).target
        for one in (secret, wrapped)
    ]

    assert found == [WebhookTarget("https://erp.test/in", bytes(range(64)))] * 2


def test_a_robot_s_token_and_secret_are_taken_as_they_were_pasted() -> None:
    target = {"access_token": " 0123 ", "secret": "SEC0\n"}
    request = parse_channel({"kind": "dingtalk", "target": target}, code="g", event_id=UUID(int=1))

    assert isinstance(request.target, DingTalkTarget)
    assert (request.target.access_token, request.target.secret) == ("0123", "SEC0")


@pytest.mark.parametrize(
    "phrase", ["correct horse battery staple for the shop", "密碼密碼密碼密碼密碼密碼", "", "whsec_", "A" * 600]
)
def test_a_phrase_is_no_webhook_s_secret_and_how_to_make_one_is_told(phrase: str) -> None:
    content = {"kind": "webhook", "target": {"url": "https://erp.test/in", "secret": phrase}}

    with pytest.raises(InvalidNotice, match="openssl rand -base64 32") as raised:
        parse_channel(content, code="erp", event_id=UUID(int=1))

    assert raised.value.path == ("target", "secret")
    assert not phrase or phrase not in str(raised.value).replace("whsec_", "")
