"""What disposal refuses, as one tree; each can be told in two languages.

DisposalError              code, path and values; `sentence` renders them
├── InvalidDisposal        what was sent is wrong whatever the state of things           (400, 422)
├── UnknownDisposal        a disposal that is not                                        (404)
├── DisposalConflict       well formed, but not as things stand                          (409)
│   └── HoldStands         a hold stands: nothing of it may be destroyed
└── CertificateBroken      a certificate does not prove what it says
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from policies.model import Words
from retention.errors import RetentionRefusal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Code(StrEnum):
    """Why something was refused. A code is for ever."""

    DISPOSAL_UNKNOWN = "disposal_unknown"
    DISPOSAL_RECORDS = "disposal_records"
    DISPOSAL_RECORD_FORM = "disposal_record_form"
    DISPOSAL_RECORD_UNKNOWN = "disposal_record_unknown"
    DISPOSAL_OF_LOG = "disposal_of_log"
    DISPOSAL_REASON = "disposal_reason"
    DISPOSAL_NOT_DUE = "disposal_not_due"
    DISPOSAL_HELD = "disposal_held"
    DISPOSAL_CLAIMED = "disposal_claimed"
    DISPOSAL_STATE = "disposal_state"
    DISPOSAL_EXPIRED = "disposal_expired"
    DISPOSAL_PERSONS = "disposal_persons"
    DISPOSAL_PREVIEW = "disposal_preview"
    DISPOSAL_NOT_CERTIFIED = "disposal_not_certified"
    CERTIFICATE_BROKEN = "disposal_certificate_broken"


SENTENCES: Final[Mapping[Code, Words]] = {
    Code.DISPOSAL_UNKNOWN: Words("找不到此項處置。", "There is no such disposal."),
    Code.DISPOSAL_RECORDS: Words(
        "請列出一至 {max} 項互不相同的紀錄。", "List one to {max} records, each of them once."
    ),
    Code.DISPOSAL_RECORD_FORM: Words("紀錄須寫成 document:UUID。", "A record is written as document:UUID."),
    Code.DISPOSAL_RECORD_UNKNOWN: Words("找不到紀錄 {record}。", "There is no record {record}."),
    Code.DISPOSAL_OF_LOG: Words(
        "紀錄 {record} 是審計紀錄的一部分，審計紀錄永不刪減；只有文件可以處置。",
        "The record {record} is part of the log, which is never pruned; documents alone are disposed of.",
    ),
    Code.DISPOSAL_REASON: Words("請填寫理由，最多 {max} 個字元。", "Give a reason of at most {max} characters."),
    Code.DISPOSAL_NOT_DUE: Words(
        "紀錄 {record} 現時不可處置（{outcome}）。", "The record {record} is not due for disposal ({outcome})."
    ),
    Code.DISPOSAL_HELD: Words(
        "紀錄 {record} 受法律保全（{matters}），不得處置。",
        "The record {record} is held ({matters}) and may not be disposed of.",
    ),
    Code.DISPOSAL_CLAIMED: Words(
        "紀錄 {record} 已列入另一項處置 {disposal}。", "The record {record} is part of another disposal, {disposal}."
    ),
    Code.DISPOSAL_STATE: Words(
        "此項處置的狀態為「{state}」，不能進行這個步驟。",
        "The disposal is {state}, from where this step is not possible.",
    ),
    Code.DISPOSAL_EXPIRED: Words(
        "此項處置已超過 {days} 天的期限，請重新提出。", "The disposal's {days} days are over; propose it again."
    ),
    Code.DISPOSAL_PERSONS: Words(
        "處置須由兩名人員決定；用戶端及系統本身不可提出或批核。",
        "Two persons decide on a disposal; machine clients and the system itself may neither propose nor approve one.",
    ),
    Code.DISPOSAL_PREVIEW: Words(
        "將被銷毀的內容與預覽不同，請重新提出。", "What would be destroyed is not what was previewed; propose it again."
    ),
    Code.DISPOSAL_NOT_CERTIFIED: Words(
        "此項處置尚未有銷毀證明。", "The disposal has no certificate of destruction yet."
    ),
    Code.CERTIFICATE_BROKEN: Words("銷毀證明無效：{reason}", "The certificate of destruction does not hold: {reason}"),
}


class DisposalError(RetentionRefusal[Code]):
    """Base of everything refused here."""

    sentences = SENTENCES


class InvalidDisposal(DisposalError):
    """What was sent is wrong, whatever the state of things."""


class UnknownDisposal(DisposalError):
    """The request names a disposal that does not exist."""


class DisposalConflict(DisposalError):
    """Well formed, but not possible as things stand."""


class HoldStands(DisposalConflict):
    """A hold stands: nothing of it may be destroyed."""


class CertificateBroken(DisposalError):
    """A certificate does not prove what it says."""

    @classmethod
    def of(cls, zh: str, en: str) -> CertificateBroken:
        """The refusal for this reason."""
        return cls(Code.CERTIFICATE_BROKEN, (), {"reason": Words(zh, en)})
