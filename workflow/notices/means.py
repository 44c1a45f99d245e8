"""What notices work with; `app` puts it together."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.outbound import OutboundGate
from workflow.notices.texts import Link

if TYPE_CHECKING:
    from storage.database import Database
    from storage.log import Log


@dataclass(frozen=True, slots=True)
class Means:
    """What notices work with.

    Attributes:
        gate: decides about every destination before every call.
        link: the address of an entry for people, if there is one.
        timeout_s: of one delivery's steps.
        glass_channel: code of the channel that tells of broken glass without a rule, if there is one.
        mail_trust: which certificates of mail servers are believed; by default those the machine believes.
    """

    database: Database
    log: Log
    gate: OutboundGate
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    link: Link | None = None
    timeout_s: float = 10.0
    glass_channel: str | None = None
    mail_trust: ssl.SSLContext | None = None
