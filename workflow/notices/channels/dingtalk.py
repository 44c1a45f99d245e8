r"""A custom robot of a DingTalk group, with additional signing.

`POST <url>?access_token=…&timestamp=<ms>&sign=…`, where sign is the URL-encoded base64 of
HMAC-SHA256(key = secret, message = "<timestamp>\n<secret>"). The robot answers 200 with `errcode` 0, or says why not.
Bodies hold at most 20,000 bytes.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from audit.event import time_us
from storage.outbound import Destination
from workflow.notices.channels.posting import TIMEOUT_S, post, require_taken
from workflow.notices.errors import DeliveryFailed
from workflow.notices.model import CardStyle, DingTalkTarget
from workflow.notices.rules import THROTTLED_FOR
from workflow.notices.texts import Text, text_of

if TYPE_CHECKING:
    from workflow.notices.channels.port import Outgoing

BODY_BYTES_MAX: Final = 20_000
TEXT_BYTES_MAX: Final = 16_000
PURPOSE: Final = "notice.dingtalk"
TOO_FAST: Final = frozenset({130101, 410100, 90018})
"""More than 20 messages in a minute: the robot is deaf for ten minutes."""
PASSING: Final = frozenset({-1, 88, 90020, 90030})
"""The service is busy, or the organisation's calls are used up for now."""


def sign(timestamp_ms: int, secret: str) -> str:
    """The robot's signature, before URL encoding."""
    digest = hmac.digest(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), "sha256")
    return base64.b64encode(digest).decode()


def body_of(text: Text, target: DingTalkTarget, link: str | None) -> dict[str, Any]:
    """The JSON of a message: a card with a button if there is somewhere to go, else Markdown."""
    title = text.title if target.keyword in text.title else f"{target.keyword} {text.title}"
    markdown = _bounded(text.markdown if target.keyword in text.markdown else f"{text.markdown}\n\n{target.keyword}")
    if target.style is CardStyle.CARD and link is not None:
        card = {
            "title": title,
            "text": markdown,
            "singleTitle": "查看紀錄 View",
            "singleURL": link,
            "btnOrientation": "0",
        }
        return {"msgtype": "actionCard", "actionCard": card}
    return {"msgtype": "markdown", "markdown": {"title": title, "text": markdown}, "at": {"isAtAll": False}}


def _bounded(markdown: str) -> str:
    content = markdown.encode()
    return markdown if len(content) <= TEXT_BYTES_MAX else content[:TEXT_BYTES_MAX].decode(errors="ignore") + " …"


class DingTalkRobot:
    """Delivers to one robot."""

    def __init__(self, target: DingTalkTarget, *, timeout_s: float = TIMEOUT_S) -> None:
        self._target: Final = target
        self._timeout_s: Final = timeout_s
        parts = urlsplit(target.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self.destination: Final = Destination(parts.hostname or "", port, PURPOSE)

    def deliver(self, message: Outgoing) -> None:
        """As `Deliverer.deliver`."""
        target = self._target
        link = None if message.link is None else message.link(message.tellings[-1].index)
        body = json.dumps(body_of(text_of(message.tellings, message.link), target, link), ensure_ascii=False).encode()
        timestamp = time_us(message.now) // 1000
        query = {"access_token": target.access_token, "timestamp": timestamp, "sign": sign(timestamp, target.secret)}
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = post(f"{target.url}?{urlencode(query)}", body, headers, timeout_s=self._timeout_s)
        require_taken(answer)
        _require_ok(answer.body)


def _require_ok(body: bytes) -> None:
    try:
        code = json.loads(body)["errcode"]
    except (ValueError, KeyError, TypeError):
        raise DeliveryFailed("answer_unreadable", retry=True) from None
    if code == 0:
        return
    number = code if isinstance(code, int) and not isinstance(code, bool) and abs(code) < 10**9 else -1
    if number in TOO_FAST:
        raise DeliveryFailed(f"errcode_{number}", retry=True, wait=THROTTLED_FOR, counts=False)
    raise DeliveryFailed(f"errcode_{number}", retry=number in PASSING)
