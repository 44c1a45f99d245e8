"""What the retention room refuses, as one tree; each can be told in two languages.

RetentionError             code, path and values; `sentence` renders them
├── InvalidRetention       what was sent is wrong whatever the state of things
├── UnknownRetention       a record, schedule, matter or finding that is not
├── RetentionConflict      well formed, but not as things stand
└── Held                   a hold stands: nothing of it may be disposed of
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from policies.model import Words
from policies.refusals import C, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Code(StrEnum):
    """Why something was refused. A code is for ever."""

    RETENTION_INVALID = "retention_invalid"
    RECORD_UNKNOWN = "record_unknown"
    SCHEDULE_UNKNOWN = "schedule_unknown"
    HOLD_UNKNOWN = "hold_unknown"
    FINDING_UNKNOWN = "retention_finding_unknown"
    SCHEDULE_VERSION_TAKEN = "schedule_version_taken"
    SCHEDULES_THERE = "schedules_there"
    RETENTION_UNCHANGED = "retention_unchanged"
    HOLD_EXISTS = "hold_exists"
    HOLD_ENDED = "hold_ended"
    HOLD_TOO_LATE = "hold_too_late"
    HOLD_RELEASE_WAITS = "hold_release_waits"
    HOLD_OF_CASE = "hold_of_case"
    RECORD_HELD = "record_held"
    LOCK_MODE_WITHOUT_LAW = "lock_mode_without_law"
    LOCK_MODE_LATER = "lock_mode_later"


SENTENCES: Final[Mapping[Code, Words]] = {
    Code.RETENTION_INVALID: Words("內容不正確：{reason}", "The content is not right: {reason}"),
    Code.RECORD_UNKNOWN: Words("找不到紀錄 {record}。", "There is no record {record}."),
    Code.SCHEDULE_UNKNOWN: Words("找不到保留規則 {schedule}。", "There is no retention schedule {schedule}."),
    Code.HOLD_UNKNOWN: Words(
        "找不到法律保全事項 {matter}。", "There is no matter {matter} for which something is held."
    ),
    Code.FINDING_UNKNOWN: Words("此紀錄現時沒有該發現事項。", "The record has no such finding now."),
    Code.SCHEDULE_VERSION_TAKEN: Words(
        "保留規則 {schedule} 的版本必須是 {expected}；舊版本不會更改。",
        "The version of {schedule} must be {expected}; older versions never change.",
    ),
    Code.SCHEDULES_THERE: Words("預設保留規則已經存在。", "The schedules to start with are there already."),
    Code.RETENTION_UNCHANGED: Words("沒有任何更改。", "Nothing would change."),
    Code.HOLD_EXISTS: Words("法律保全事項 {matter} 已經存在。", "The matter {matter} exists already."),
    Code.HOLD_ENDED: Words("法律保全事項 {matter} 已經解除。", "The matter {matter} was released."),
    Code.HOLD_TOO_LATE: Words(
        "紀錄 {record} 已在處置中，不能再設定法律保全。",
        "The disposal of {record} has begun; it can no longer be held.",
    ),
    Code.HOLD_RELEASE_WAITS: Words(
        "解除法律保全事項 {matter} 的建議 {pending} 正待另一人批核。",
        "A release of the matter {matter} waits for another person already, as {pending}.",
    ),
    Code.HOLD_OF_CASE: Words(
        "法律保全事項 {matter} 由 {owner} 設定，並隨其結束而解除。",
        "The matter {matter} was placed by {owner} and ends with it.",
    ),
    Code.RECORD_HELD: Words(
        "紀錄 {record} 受法律保全（{matters}），不得處置。",
        "The record {record} is held ({matters}) and may not be disposed of.",
    ),
    Code.LOCK_MODE_WITHOUT_LAW: Words(
        "沒有法例規定保留類別 {class}；COMPLIANCE 鎖定不得長於法定最短保留期。",
        "No law keeps the class {class}; a COMPLIANCE lock is never longer than the statutory minimum.",
    ),
    Code.LOCK_MODE_LATER: Words(
        "現時有物件會鎖定至 {until}，其間任何人都不能解除；請確認該日期後再批核。",
        "Something would be locked until {until} by now, and nobody could undo it; approve again naming that day.",
    ),
}


class RetentionRefusal(Refusal[C]):
    """Something refused about retention or disposal; its place is told as words parted by strokes."""

    def place(self) -> str:
        """What the message calls the place it is about; empty for the whole request."""
        return "/".join(map(str, self.path))


class RetentionError(RetentionRefusal[Code]):
    """Base of everything this room refuses."""

    sentences = SENTENCES


class InvalidRetention(RetentionError):
    """What was sent is wrong, whatever the state of things."""


class UnknownRetention(RetentionError):
    """The request names something that does not exist."""


class RetentionConflict(RetentionError):
    """Well formed, but not possible as things stand."""


class Held(RetentionConflict):
    """A hold stands: nothing of it may be disposed of."""
