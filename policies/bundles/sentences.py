"""Reasons about policy bundles, in Traditional Chinese (Hong Kong) and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.codes import Code
from policies.model import Words

BUNDLE_REASONS: Final[Mapping[Code, Words]] = {
    Code.BUNDLE_MEMBER: Words("此欄位應為：{expected}。", "Expected here: {expected}."),
    Code.BUNDLE_UNKNOWN: Words("沒有此政策版本。", "There is no such policy bundle."),
    Code.BUNDLE_EXISTS: Words("已有內容相同的政策版本。", "A policy bundle with exactly this content exists already."),
    Code.BUNDLE_STATE: Words(
        "此政策版本現時的狀態（{state}）不容許這一步。", "The policy bundle's state ({state}) does not allow this step."
    ),
    Code.BUNDLE_BASE_MOVED: Words(
        "模擬之後已有另一政策版本生效，請重新模擬。",
        "Another policy bundle became the active one since the simulation; simulate again.",
    ),
    Code.BUNDLE_DATE: Words(
        "生效時間須在將來，並於 {most} 日之內。", "The time must lie in the future, at most {most} days from now."
    ),
    Code.BUNDLE_FAULTY: Words(
        "此政策版本現時未能通過檢查。", "The policy bundle does not pass validation as things stand."
    ),
    Code.BUNDLE_UNREADABLE: Words(
        "此政策版本的內容無法讀取，或與其摘要不符。",
        "The content of this policy bundle cannot be read, or is not what its digest says.",
    ),
    Code.BUNDLE_READABLE: Words(
        "此政策版本的內容完好，無須還原。", "The content of this policy bundle is sound; nothing needs to be restored."
    ),
    Code.APPROVER_NOT_A_PERSON: Words(
        "政策版本須由一名人士批核，不可由用戶端或系統批核。",
        "A person approves a policy bundle; a client or the system cannot.",
    ),
    Code.SIMULATION_TOO_WIDE: Words(
        "會有所不同的決定種類太多，未能逐一列出，請縮短日數。",
        "Too many sorts of decisions would come out otherwise to name them; choose fewer days.",
    ),
    Code.ACKNOWLEDGEMENT_NEEDED: Words(
        "此政策版本會新准許 {newly_allowed} 項，批核者須註明此數目及說明已經查看。",
        "This policy bundle newly allows {newly_allowed} things; whoever approves states that number and that they looked at them.",
    ),
    Code.POLICIES_REFUSED: Words("政策或用語不獲接納。", "The policies or the wording are not accepted."),
    Code.NOBODY_COULD_CHANGE: Words(
        "啟用後將沒有人可草擬或批核下一個政策版本。",
        "Once it is active, nobody could draft or approve another policy bundle.",
    ),
    Code.CALENDAR_SHORT: Words(
        "每年最少有 17 天具名公眾假期，請全部列出。", "A year has at least 17 named general holidays; list them all."
    ),
    Code.PART_UNKNOWN: Words("沒有系統部分處理此內容。", "Nothing here acts on this member."),
    Code.SCHEDULE_FORM: Words("保留規則的格式不正確。", "The retention schedule is not well formed."),
    Code.SCHEDULE_VERSION: Words(
        "保留規則的版本不是下一版，或與同一版本的內容不同。",
        "The version of the retention schedule is not the next one, or is there with another content.",
    ),
    Code.SCHEDULE_BELOW_LAW: Words(
        "保留規則不可短於法例所訂的最短期限，亦不可縮窄其適用類別。",
        "A retention schedule may not fall below the minimum that the law sets, nor speak of fewer classes.",
    ),
}
