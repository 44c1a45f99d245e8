"""What the room's closed sets are called, in Traditional Chinese (Hong Kong) and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from retention.model import FindingCode, Grade, HoldKind, Outcome, Status, Trigger, Verification, Words

OUTCOME_WORDS: Final[Mapping[Outcome, Words]] = {
    Outcome.HELD: Words("受法律保全", "held"),
    Outcome.KEPT: Words("須保留", "to be kept"),
    Outcome.DUE: Words("可處置", "due for disposal"),
    Outcome.PERMANENT: Words("永久保留", "kept permanently"),
    Outcome.UNDETERMINED: Words("未能確定", "undetermined"),
}
STATUS_WORDS: Final[Mapping[Status, Words]] = {
    Status.LAW: Words("現行法例", "law in force"),
    Status.GUIDANCE: Words("指引或自願計劃", "guidance or voluntary scheme"),
    Status.NOT_IN_FORCE: Words("已制定但未生效", "enacted, not in force"),
    Status.PROPOSAL: Words("建議", "proposal"),
    Status.POLICY: Words("本機構規則", "the organisation's own rule"),
}
VERIFICATION_WORDS: Final[Mapping[Verification, Words]] = {
    Verification.PRIMARY: Words("已核對原文", "read in the source itself"),
    Verification.SECONDARY: Words("只核對二手資料", "read in a secondary source only"),
    Verification.UNVERIFIED: Words("未經核實", "unverified"),
}
FINDING_WORDS: Final[Mapping[FindingCode, Words]] = {
    FindingCode.RULE_MISSING: Words("此類別沒有保留規則", "no schedule speaks of this class"),
    FindingCode.TRIGGER_UNKNOWN: Words("不知道保留期由何時起計", "nobody knows when the period begins"),
    FindingCode.CONFLICT: Words("最短保留期長於最長保留期", "a minimum outlasts a maximum"),
    FindingCode.UNVERIFIED: Words("規則的依據未經核實", "the authority of a schedule is unverified"),
    FindingCode.OVERDUE: Words("逾期未處置", "disposal is overdue"),
}
GRADE_WORDS: Final[Mapping[Grade, Words]] = {
    Grade.NOTE: Words("備註", "note"),
    Grade.MINOR: Words("建議列為輕微不符合項", "proposed as a minor nonconformity"),
    Grade.MAJOR: Words("建議列為嚴重不符合項", "proposed as a major nonconformity"),
}
HOLD_WORDS: Final[Mapping[HoldKind, Words]] = {
    HoldKind.LEGAL: Words("法律程序", "legal proceedings"),
    HoldKind.DATA_ACCESS_REQUEST: Words("查閱資料要求", "data access request"),
    HoldKind.REGULATOR: Words("監管機構", "regulator"),
    HoldKind.CESSATION: Words("停止披露通知", "cessation notice"),
}
TRIGGER_WORDS: Final[Mapping[Trigger, Words]] = {
    Trigger.CREATED: Words("建立日", "created"),
    Trigger.TRANSACTION_COMPLETED: Words("交易完成", "transaction completed"),
    Trigger.ACQUIRED: Words("取得貨品", "goods acquired"),
    Trigger.PO_CLOSED: Words("採購單結束", "purchase order closed"),
    Trigger.RETURN_SETTLED: Words("退貨結清", "return settled"),
    Trigger.CONTRACT_ENDED: Words("合約終止", "contract ended"),
    Trigger.SUPPLIER_OFFBOARDED: Words("供應商停止合作", "supplier off-boarded"),
    Trigger.PRODUCT_DISCONTINUED: Words("貨品停售", "product discontinued"),
    Trigger.FINANCIAL_YEAR_END: Words("財政年度終結", "end of the financial year"),
    Trigger.LOT_LAST_SOLD: Words("貨品售罄", "goods last sold"),
    Trigger.LEFT_EMPLOYMENT: Words("離職", "left employment"),
    Trigger.APPLICATION_REJECTED: Words("求職申請被拒", "application rejected"),
    Trigger.CASE_CLOSED: Words("個案結束", "case closed"),
    Trigger.INJURY_KNOWN: Words("得知傷害", "injury known"),
}
