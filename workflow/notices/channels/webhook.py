"""An address that takes CloudEvents 1.0 (structured JSON), signed as Standard Webhooks describes.

- `webhook-id` is the message's id: the same over all attempts. `webhook-timestamp` is seconds; refuse what is old.
- `webhook-signature` is `v1,` and the base64 of HMAC-SHA256(secret, "<id>.<timestamp>.<body>").
- Any 2xx is taken as delivered; 408, 425, 429 and 5xx are tried again, `Retry-After` in seconds is kept to; others are not.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from audit.event import format_time, time_us
from storage.outbound import Destination
from workflow.notices.channels.posting import TIMEOUT_S, post, require_taken

if TYPE_CHECKING:
    from workflow.notices.channels.port import Outgoing
    from workflow.notices.model import WebhookTarget
    from workflow.notices.texts import Telling

PURPOSE: Final = "notice.webhook"
TYPE_PREFIX: Final = "hk.chopbook."
MEDIA_TYPE: Final = "application/cloudevents+json; charset=utf-8"


def signature(secret: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    digest = hmac.digest(secret, f"{message_id}.{timestamp_s}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(digest).decode()


def event_of(message_id: str, origin: str, telling: Telling) -> dict[str, Any]:
    """The CloudEvent that tells of one entry."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": message_id,
        "source": f"//{origin}",
        "type": TYPE_PREFIX + telling.type,
        "datacontenttype": "application/json",
        "data": {
            "index": telling.index,
            "leaf_hash": telling.leaf_hash,
            "type": telling.type,
            "store": telling.store,
            "subjects": list(telling.subjects),
            **{name: text for name, text in telling.facts if name not in {"store", "change"}},
            **{name: text.split(" ", 1)[0] for name, text in telling.facts if name == "change"},
        },
    }
    if telling.subjects:
        event["subject"] = telling.subjects[0]
    if telling.recorded_at is not None:
        event["time"] = format_time(time_us(telling.recorded_at))
    return event


class Webhook:
    """Delivers to one address."""

    def __init__(self, target: WebhookTarget, *, timeout_s: float = TIMEOUT_S) -> None:
        self._target: Final = target
        self._timeout_s: Final = timeout_s
        parts = urlsplit(target.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self.destination: Final = Destination(parts.hostname or "", port, PURPOSE)

    def deliver(self, message: Outgoing) -> None:
        """As `Deliverer.deliver`; a webhook's message is about one entry."""
        (telling,) = message.tellings
        body = json.dumps(event_of(message.id, message.origin, telling), ensure_ascii=False).encode()
        timestamp_s = time_us(message.now) // 1_000_000
        headers = {
            "Content-Type": MEDIA_TYPE,
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": signature(self._target.secret, message.id, timestamp_s, body),
        }
        require_taken(post(self._target.url, body, headers, timeout_s=self._timeout_s))
