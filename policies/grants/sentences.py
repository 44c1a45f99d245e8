"""Reasons about access for a time, in Traditional Chinese (Hong Kong) and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.codes import Code
from policies.model import Words

GRANT_REASONS: Final[Mapping[Code, Words]] = {
    Code.ENGAGEMENT_OVER: Words(
        "你現時沒有生效的審計委聘，因此不可查閱任何紀錄。",
        "You have no engagement that runs now, so you reach nothing.",
    ),
    Code.CLASS_OUT_OF_REACH: Words(
        "所涉及的文件類別不在你的委聘範圍內。", "The class of document concerned is not in your engagement."
    ),
    Code.TIME_OUT_OF_REACH: Words(
        "所涉及的紀錄不在你的委聘日期範圍內。", "What is concerned is not of the dates of your engagement."
    ),
    Code.BREAK_GLASS_BARRED: Words(
        "緊急存取不可用於此操作：處置、解除保全、批核、改動權限或政策，均須循正常程序。",
        "Breaking the glass does not allow this: disposal, release of a hold, approval and changes of rights or policy "
        "take their ordinary way.",
    ),
    Code.GRANT_UNKNOWN: Words("沒有此項限時授權。", "There is no such access for a time."),
    Code.GRANT_OVER: Words("此項限時授權已經結束。", "This access for a time is over."),
    Code.GRANT_OVERLAPS: Words(
        "此審計師在同一期間已有另一項委聘。", "The auditor has another engagement in that time already."
    ),
    Code.GRANT_PERIOD: Words(
        "期間須於將來結束，並不可超過 {most}。", "The time must end in the future and be no longer than {most}."
    ),
    Code.GRANT_DATES: Words("日期範圍的開始須早於結束。", "The dates must begin before they end."),
    Code.NOT_AN_AUDITOR: Words("只有審計師可獲委聘。", "Only an auditor can be engaged."),
    Code.NDA_MISSING: Words(
        "須先有保密協議在案，方可委聘審計師。",
        "An auditor is engaged only with an agreement on confidentiality on file.",
    ),
    Code.SECOND_PERSON_UNFIT: Words(
        "須通知另一名可覆核緊急存取的人士。", "Name another person, who may review broken glass, to be told."
    ),
    Code.ALREADY_REVIEWED: Words("此次緊急存取已經覆核。", "This breaking of the glass has been reviewed already."),
    Code.REVIEW_OVERDUE: Words(
        "緊急存取未有在兩個工作天內覆核。", "The broken glass was not reviewed within two working days."
    ),
    Code.ALREADY_ACKNOWLEDGED: Words(
        "此次緊急存取已經確認知悉。", "This breaking of the glass has been acknowledged already."
    ),
    Code.GLASS_UNACKNOWLEDGED: Words(
        "獲通知的人士未有在四小時內確認知悉緊急存取。",
        "The second person did not acknowledge within four hours that the glass was broken.",
    ),
    Code.NOT_TOLD: Words(
        "只有獲通知的人士可確認知悉。", "Only the second person, who was told, acknowledges that the glass was broken."
    ),
    Code.OWN_REVIEW: Words("不可覆核自己的緊急存取。", "Nobody reviews their own breaking of the glass."),
    Code.CODES_UNFIT: Words("須列出 1 至 {most} 個代號。", "Name 1 to {most} codes."),
}
