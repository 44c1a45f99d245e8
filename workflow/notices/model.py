"""The values of notices.

- A channel is somewhere to tell things; its secrets are sealed, its destination is host and port.
- A rule says which events go to which channel. It applies to entries after the one that made it.
- A notice is one entry for one channel; a message is one delivery: a single notice, or a digest of many.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

CHANNEL_SET: Final = "notice.channel_set"
RULE_SET: Final = "notice.rule_set"
NOTICE_FAILED: Final = "notice.failed"
QUOTA_REACHED: Final = "notice.quota_reached"
EVENT_TYPES: Final = frozenset({CHANNEL_SET, RULE_SET, NOTICE_FAILED, QUOTA_REACHED})
"""Every type of entry notices write."""

SUBJECT_CHANNEL: Final = "notice_channel"
SUBJECT_RULE: Final = "notice_rule"

DIGEST_MAX: Final = 200
"""Notices in one digest; more make another one."""
ATTEMPTS_MAX: Final = 14
CHANNELS_MAX: Final = 200
RULES_MAX: Final = 1_000
RECIPIENTS_MAX: Final = 50


class ChannelKind(StrEnum):
    """How a channel is spoken to."""

    DINGTALK = "dingtalk"
    WEBHOOK = "webhook"
    MAIL = "mail"


class CardStyle(StrEnum):
    """How a DingTalk message looks."""

    MARKDOWN = "markdown"
    CARD = "card"


class MailTls(StrEnum):
    """How a mail server is spoken to. Without TLS only on this machine."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DingTalkTarget:
    """A custom robot of a group, with additional signing."""

    url: str
    access_token: str = field(repr=False)
    secret: str = field(repr=False)
    style: CardStyle = CardStyle.CARD
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """An address that takes CloudEvents."""

    url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailTarget:
    """A mail server and who gets the mail."""

    host: str
    port: int
    tls: MailTls
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


Target = DingTalkTarget | WebhookTarget | MailTarget


@dataclass(frozen=True, slots=True)
class Channel:
    """Somewhere to tell things. A channel that is not active keeps what it should tell until it is again."""

    code: str
    kind: ChannelKind
    destination: str
    active: bool
    calls_per_month: int | None
    entry_index: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Which events go to a channel: types (`stock.adjusted`, `stock.*`), of some stores and classes; None: of all.

    With `told`, only those that name one of these people as the one who is to be told: a channel of their own.
    """

    code: str
    channel: str
    events: tuple[str, ...]
    stores: frozenset[str] | None
    classes: frozenset[str] | None
    told: frozenset[str] | None
    active: bool
    created_index: int


class MessageKind(StrEnum):
    """One notice, or many gathered."""

    SINGLE = "single"
    DIGEST = "digest"


class MessageState(StrEnum):
    """Where a message stands."""

    SENDING = "sending"
    """On its way, or waiting for its next attempt."""
    SENT = "sent"
    FAILED = "failed"
    """Given up; an entry says so."""


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery. `id` stays the same over all attempts."""

    id: str
    channel: str
    kind: MessageKind
    state: MessageState
    notices: int
    first_index: int
    last_index: int
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    failure_code: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A message this process may try to deliver now."""

    message: Message
    indexes: tuple[int, ...]
    token: str


@dataclass(frozen=True, slots=True)
class MonthlyUse:
    """What a channel used in a month (Hong Kong's)."""

    channel: str
    month: str
    calls: int
    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many notices of a channel wait to be told."""

    channel: str
    notices: int
