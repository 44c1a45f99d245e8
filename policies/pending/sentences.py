"""Reasons about what waits for a second person, in Traditional Chinese (Hong Kong) and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.codes import Code
from policies.model import Words

PENDING_REASONS: Final[Mapping[Code, Words]] = {
    Code.OWN_APPROVAL: Words(
        "不可批核自己提出的事項，須由另一人批核。", "Nobody approves what they proposed; another person must."
    ),
    Code.PENDING_UNKNOWN: Words("沒有此待批事項。", "There is nothing pending by this name."),
    Code.PENDING_SETTLED: Words(
        "此事項已有結果（{state}），不可再更改。", "This is settled already ({state}) and cannot be changed."
    ),
    Code.PENDING_EXPIRED: Words(
        "此待批事項已過期，請重新提出。", "The time for approving this is over; propose it again."
    ),
    Code.PENDING_CHANGED: Words(
        "內容與提出時不同，因此不可批核，請重新提出。",
        "The content is not what was proposed, so it cannot be approved; propose it again.",
    ),
    Code.NOT_PROPOSER: Words("只有提出者可撤回。", "Only whoever proposed it can withdraw it."),
}
