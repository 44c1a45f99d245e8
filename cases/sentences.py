"""What the cases room refuses: stable codes, and the sentence for each in both languages.

- A code is part of the interface: it is never renamed and never given another meaning.
- Both languages use the same placeholders. Chinese is Traditional Chinese as written in Hong Kong.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from policies.model import Words


class Code(StrEnum):
    """A stable name for one thing that is refused."""

    # Things that are not there.
    CASE_UNKNOWN = "case_unknown"
    CASE_ITEM_UNKNOWN = "case_item_unknown"
    CASE_PERSON_UNKNOWN = "case_person_unknown"
    CASE_RECIPIENT_UNKNOWN = "case_recipient_unknown"
    DISCLOSURE_TARGET_UNKNOWN = "disclosure_target_unknown"
    LOG_BOOK_UNKNOWN = "log_book_unknown"
    PROPOSAL_UNKNOWN = "proposal_unknown"
    BREACH_UNKNOWN = "breach_unknown"
    ENFORCEMENT_UNKNOWN = "enforcement_unknown"
    DIRECTION_UNKNOWN = "direction_unknown"
    CESSATION_UNKNOWN = "cessation_unknown"
    CESSATION_DOCUMENT_UNKNOWN = "cessation_document_unknown"
    # What was sent is wrong.
    RECEIVED_IN_FUTURE = "received_in_future"
    RECEIVED_TOO_EARLY = "received_too_early"
    CASE_GROUND_UNFIT = "case_ground_unfit"
    EXEMPTION_MISSING = "exemption_missing"
    EXEMPTION_WRONG_PRINCIPLE = "exemption_wrong_principle"
    EXEMPTION_EVIDENCE_MISSING = "exemption_evidence_missing"
    OTHER_USER_MISSING = "other_user_missing"
    GROUND_NOT_IN_PART = "ground_not_in_part"
    GROUND_NEEDS_ITEMS = "ground_needs_items"
    NOTICE_BEFORE_ENTRY = "notice_before_entry"
    INTERIM_REASON_MISSING = "interim_reason_missing"
    FEE_ON_CORRECTION = "fee_on_correction"
    DIRECTION_TWICE = "direction_twice"
    AUTHORITY_MISSING = "authority_missing"
    MASKS_MISSING = "masks_missing"
    NOTICE_IN_FUTURE = "notice_in_future"
    TIME_AHEAD = "time_ahead"
    CORRECTION_EMPTY = "correction_empty"
    # What the state of things does not allow.
    CASE_ENDED = "case_ended"
    CASE_MOVED = "case_moved"
    PROPOSAL_SETTLED = "proposal_settled"
    CASE_NOT_ANSWERED = "case_not_answered"
    CASE_KIND_FORBIDS = "case_kind_forbids"
    CASE_NOT_SEARCHED = "case_not_searched"
    SCOPE_TOO_WIDE = "scope_too_wide"
    IDENTITY_NOT_SHOWN = "identity_not_shown"
    IDENTITY_SHOWN = "identity_shown"
    FEE_UNPAID = "fee_unpaid"
    FEE_NONE = "fee_none"
    THIRD_PARTY_UNSETTLED = "third_party_unsettled"
    WITHHELD_WITHOUT_REFUSAL = "withheld_without_refusal"
    REFUSAL_WITHOUT_GROUND = "refusal_without_ground"
    GROUND_CONTRADICTED = "ground_contradicted"
    NOT_REPEATED = "not_repeated"
    NIL_BUT_HELD = "nil_but_held"
    COMPLIANCE_BUT_NIL = "compliance_but_nil"
    PACK_TOO_LARGE = "pack_too_large"
    NOT_CORRECTED = "not_corrected"
    NOTE_MISSING = "note_missing"
    RECIPIENT_TOLD = "recipient_told"
    S27_4Y = "s27_4y"
    LOG_BOOK_KEPT = "log_book_kept"
    BREACH_ENDED = "breach_ended"
    BREACH_REPORTED = "breach_reported"
    BREACH_NOT_DECIDED = "breach_not_decided"
    DIRECTION_MET = "direction_met"
    CESSATION_ENDED = "cessation_ended"


SENTENCES: Final[dict[Code, Words]] = {
    Code.CASE_UNKNOWN: Words("沒有此個案。", "There is no such case."),
    Code.CASE_ITEM_UNKNOWN: Words("此個案沒有第 {item} 項。", "The case has no item {item}."),
    Code.CASE_PERSON_UNKNOWN: Words("沒有此人士的帳戶。", "There is no account of this person."),
    Code.CASE_RECIPIENT_UNKNOWN: Words(
        "此個案沒有須通知的這名收件人。", "This recipient is not to be told by this case."
    ),
    Code.DISCLOSURE_TARGET_UNKNOWN: Words("沒有此項資料。", "There is no such item of data."),
    Code.LOG_BOOK_UNKNOWN: Words("紀錄簿沒有此項。", "The log book has no such line."),
    Code.BREACH_UNKNOWN: Words("沒有此宗資料外泄事故。", "There is no such data breach."),
    Code.ENFORCEMENT_UNKNOWN: Words("沒有此執行通知。", "There is no such enforcement notice."),
    Code.DIRECTION_UNKNOWN: Words("此執行通知沒有第 {number} 項指示。", "The notice has no direction {number}."),
    Code.CESSATION_UNKNOWN: Words("沒有此停止披露通知。", "There is no such cessation notice."),
    Code.CESSATION_DOCUMENT_UNKNOWN: Words("沒有此文件。", "There is no such document."),
    Code.RECEIVED_IN_FUTURE: Words("收到日期不可在今天之後。", "The day of receipt cannot lie after today."),
    Code.RECEIVED_TOO_EARLY: Words("收到日期不可早於 {earliest}。", "The day of receipt cannot lie before {earliest}."),
    Code.CASE_GROUND_UNFIT: Words(
        "此理由不適用於這類要求。可用的理由：{expected}。",
        "This ground does not fit the kind of request. Expected one of: {expected}.",
    ),
    Code.EXEMPTION_MISSING: Words(
        "以豁免為理由拒絕，必須指明第8部的條文。", "A refusal for an exemption names its section of Part 8."
    ),
    Code.EXEMPTION_WRONG_PRINCIPLE: Words(
        "{section} 只豁免 {lifts}，不能用來拒絕依從查閱資料要求（第6原則）。",
        "{section} lifts {lifts} only: it cannot refuse an access request, which is principle 6.",
    ),
    Code.EXEMPTION_EVIDENCE_MISSING: Words(
        "豁免的舉證責任在資料使用者：請指明證據文件。",
        "The burden of proving an exemption is on the data user: name the document that is the evidence.",
    ),
    Code.OTHER_USER_MISSING: Words(
        "必須指明另一資料使用者的名稱及地址（第 21(1)(c) 條）。",
        "The other data user's name and address are needed (s.21(1)(c)).",
    ),
    Code.GROUND_NOT_IN_PART: Words(
        "此理由關乎整項要求，不可只用於部分項目。", "This ground is about the whole request, not about some items."
    ),
    Code.GROUND_NEEDS_ITEMS: Words(
        "此理由只關乎個別項目：請指明項目。", "This ground is about items: name those it is for (s.20(2))."
    ),
    Code.NOTICE_BEFORE_ENTRY: Words(
        "通知不可早於紀錄簿的記項（第 27(2) 條）。",
        "A notice cannot come before the entry in the log book (s.27).",
    ),
    Code.INTERIM_REASON_MISSING: Words(
        "中期通知必須說明未能依從的理由（第 19(2) 條）。",
        "An interim notice gives the reasons why the request cannot be complied with yet (s.19(2)).",
    ),
    Code.FEE_ON_CORRECTION: Words(
        "改正資料要求不得收費（第 28(1) 條）。", "No fee may be imposed for a correction request (s.28(1))."
    ),
    Code.DIRECTION_TWICE: Words("同一編號的指示出現多過一次。", "A direction's number is there more than once."),
    Code.CASE_ENDED: Words("個案已經答覆或結束。", "The case is answered or closed already."),
    Code.CASE_MOVED: Words(
        "個案剛有其他更改，請再看一次後重試。", "The case changed meanwhile: look at it again, and try again."
    ),
    Code.PROPOSAL_UNKNOWN: Words("沒有此項待覆核的拒絕。", "There is no such proposed refusal."),
    Code.PROPOSAL_SETTLED: Words("此項拒絕已經處理。", "The proposed refusal is settled already."),
    Code.AUTHORITY_MISSING: Words(
        "代表他人提出要求，須有授權的證明。",
        "A request on another's behalf needs evidence of the authority to make it.",
    ),
    Code.NOTICE_IN_FUTURE: Words("通知時間不可在將來。", "A notice cannot be dated ahead."),
    Code.TIME_AHEAD: Words("時間不可在將來。", "The time cannot lie ahead."),
    Code.BREACH_REPORTED: Words(
        "此處理者的事故已在登記冊內。", "This incident of the processor is in the register already."
    ),
    Code.CORRECTION_EMPTY: Words(
        "請提供改正後的內容，或取代它的版本。", "Give the corrected value, or the version that supersedes."
    ),
    Code.CASE_NOT_ANSWERED: Words(
        "未發出書面通知，不可結束個案。", "A case cannot be closed before a notice in writing was given."
    ),
    Code.CASE_KIND_FORBIDS: Words("此操作不適用於這類要求。", "This does not fit the kind of request."),
    Code.CASE_NOT_SEARCHED: Words(
        "未搜尋所持有的資料，不可答覆。", "What is held must be searched before the request is answered."
    ),
    Code.SCOPE_TOO_WIDE: Words(
        "搜尋結果超過 {max} 項；請縮窄日期範圍，或分開處理。",
        "The search finds more than {max} items; narrow the dates, or part the request.",
    ),
    Code.IDENTITY_NOT_SHOWN: Words(
        "未信納要求者的身分，不可披露任何資料（第 20(1)(a) 條）。",
        "Nothing may be disclosed before the requestor's identity is shown (s.20(1)(a)).",
    ),
    Code.IDENTITY_SHOWN: Words(
        "已信納要求者的身分，不可以此為理由。", "The identity was shown, so this cannot be the ground."
    ),
    Code.FEE_UNPAID: Words("費用尚未繳付。", "The fee is not paid."),
    Code.FEE_NONE: Words("此個案沒有未繳費用。", "No fee of the case is due."),
    Code.THIRD_PARTY_UNSETTLED: Words(
        "有 {items} 項涉及第三者而未處理：請遮蓋、不提供，或記錄其同意。",
        "{items} items name others and are not settled: redact them, withhold them, or record their consent.",
    ),
    Code.WITHHELD_WITHOUT_REFUSAL: Words(
        "有 {items} 項不提供或遮蓋，但未記入紀錄簿；部分不提供亦屬拒絕（第20、27條）。",
        "{items} items are withheld or masked without a line in the log book; withholding a part is a refusal (s.20, s.27).",
    ),
    Code.REFUSAL_WITHOUT_GROUND: Words(
        "未有經覆核的理由，不可發出拒絕通知（第 21(1) 條）。",
        "A notice of refusal needs a ground that a second person has reviewed (s.21(1)).",
    ),
    Code.GROUND_CONTRADICTED: Words("此理由與個案的記錄不符。", "The ground contradicts what is recorded of the case."),
    Code.NOT_REPEATED: Words(
        "此人之前只有 {earlier} 項類似要求，未達兩項。",
        "Only {earlier} similar requests came before; two or more are needed (s.20(3)(c)).",
    ),
    Code.NIL_BUT_HELD: Words(
        "搜尋找到 {items} 項，不可答覆並無持有。",
        "The search found {items} items: the answer cannot be that none is held.",
    ),
    Code.COMPLIANCE_BUT_NIL: Words(
        "並無持有資料：請發出「並無持有」通知。", "Nothing is held: give the notice that says so."
    ),
    Code.PACK_TOO_LARGE: Words(
        "複本超過 {max} 個位元組；請分開提供。", "The copy is larger than {max} bytes: supply it in parts."
    ),
    Code.MASKS_MISSING: Words(
        "遮蓋一項時，必須指明要遮蓋的文字。", "To redact an item, name the texts that are to be masked."
    ),
    Code.NOT_CORRECTED: Words("未記錄任何改正。", "No correction is recorded."),
    Code.NOTE_MISSING: Words(
        "拒絕改正意見表達，須先附上爭議附註（第 25(2) 條）。",
        "To refuse the correction of an opinion, attach the note of what is disputed first (s.25(2)).",
    ),
    Code.RECIPIENT_TOLD: Words("已經通知此收件人。", "This recipient was told already."),
    Code.S27_4Y: Words(
        "紀錄簿的記項須保留最少四年，至 {until}（第 27(1) 條）。",
        "A line of the log book is kept for at least four years, until {until} (s.27).",
    ),
    Code.LOG_BOOK_KEPT: Words(
        "審計紀錄只可新增，紀錄簿的記項不可刪除。",
        "The audit log is append-only: a line of the log book cannot be deleted.",
    ),
    Code.BREACH_ENDED: Words("此事故已經結束。", "The breach is closed already."),
    Code.BREACH_NOT_DECIDED: Words(
        "未記錄是否通報的決定及理由，不可結束。",
        "A breach cannot be closed before the decision whether to notify is recorded with its reasons.",
    ),
    Code.DIRECTION_MET: Words("此項指示已經履行。", "The direction was met already."),
    Code.CESSATION_ENDED: Words("此停止披露通知已經終止。", "The cessation notice has ended already."),
}

CONFLICTS: Final = (
    Code.CASE_ENDED,
    Code.CASE_MOVED,
    Code.PROPOSAL_SETTLED,
    Code.CASE_NOT_ANSWERED,
    Code.CASE_KIND_FORBIDS,
    Code.CASE_NOT_SEARCHED,
    Code.SCOPE_TOO_WIDE,
    Code.IDENTITY_NOT_SHOWN,
    Code.IDENTITY_SHOWN,
    Code.FEE_UNPAID,
    Code.FEE_NONE,
    Code.THIRD_PARTY_UNSETTLED,
    Code.WITHHELD_WITHOUT_REFUSAL,
    Code.REFUSAL_WITHOUT_GROUND,
    Code.GROUND_CONTRADICTED,
    Code.NOT_REPEATED,
    Code.NIL_BUT_HELD,
    Code.COMPLIANCE_BUT_NIL,
    Code.PACK_TOO_LARGE,
    Code.NOT_CORRECTED,
    Code.NOTE_MISSING,
    Code.RECIPIENT_TOLD,
    Code.S27_4Y,
    Code.LOG_BOOK_KEPT,
    Code.BREACH_ENDED,
    Code.BREACH_REPORTED,
    Code.BREACH_NOT_DECIDED,
    Code.DIRECTION_MET,
    Code.CESSATION_ENDED,
)
"""What the state of things does not allow; all else is wrong in itself, or not there."""
