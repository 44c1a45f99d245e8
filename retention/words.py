"""What the room's closed sets are called, in Traditional Chinese (Hong Kong) and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.model import Words
from retention.model import Disposition, FindingCode, Grade, HoldKind, Outcome, Status, Trigger, Verification
from retention.records import RecordState

OUTCOME_WORDS: Final[Mapping[Outcome, Words]] = {
    Outcome.HELD: Words("受法律保全", "held"),
    Outcome.KEPT: Words("須保留", "to be kept"),
    Outcome.DUE: Words("可處置", "due for disposal"),
    Outcome.PERMANENT: Words("永久保留", "kept permanently"),
    Outcome.UNDETERMINED: Words("未能確定", "undetermined"),
}
DISPOSITION_WORDS: Final[Mapping[Disposition, Words]] = {
    Disposition.DESTROY: Words("銷毀", "to be destroyed"),
    Disposition.REVIEW: Words("由人覆核", "to be reviewed by a person"),
    Disposition.TRANSFER: Words("移交", "to be handed over"),
    Disposition.KEEP: Words("永久保留", "kept permanently"),
}
RECORD_STATE_WORDS: Final[Mapping[RecordState, Words]] = {
    RecordState.KEPT: Words("現存", "here"),
    RecordState.DESTROYING: Words("銷毀中", "being destroyed"),
    RecordState.DESTROYED: Words("已銷毀", "destroyed"),
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
    FindingCode.OBJECT_MISSING: Words("儲存庫缺少此物件", "the object store lacks an object"),
    FindingCode.LOCK_MISSING: Words("物件沒有應有的鎖定", "an object lacked the lock it should have"),
    FindingCode.LOCK_SHORT: Words("物件的鎖定期太短", "an object's lock was too short"),
    FindingCode.LOCK_LONG: Words("物件的鎖定期長於法例要求", "an object is locked for longer than any law asks"),
    FindingCode.LOCK_WEAK: Words(
        "物件以 GOVERNANCE 鎖定，但此類別須以 COMPLIANCE 鎖定",
        "an object was locked in GOVERNANCE where its class is locked in COMPLIANCE",
    ),
    FindingCode.FLAG_MISSING: Words(
        "受法律保全的物件沒有保全標記", "an object lacked the flag of the hold that stands on it"
    ),
    FindingCode.FLAG_STANDS: Words(
        "物件有保全標記但沒有相應事項", "an object bore a hold flag for which no matter stands"
    ),
}
ACTION_WORDS: Final[Mapping[FindingCode, Words]] = {
    FindingCode.RULE_MISSING: Words(
        "為此類別新增保留規則，或將類別對應至已有規則的紀錄類別。",
        "Add a schedule for the class, or map the class to a record class that has one.",
    ),
    FindingCode.TRIGGER_UNKNOWN: Words(
        "記錄起計日，或記錄事情尚未發生。", "Record the day the clock started, or that it has not happened yet."
    ),
    FindingCode.CONFLICT: Words(
        "請法律顧問確認哪項規則優先，並記下理由。", "Have counsel confirm which rule gives way, and say why."
    ),
    FindingCode.UNVERIFIED: Words(
        "核對條文原文，並以新版本記下核對日期。",
        "Check the authority at its source, and add a version with the day it was checked.",
    ),
    FindingCode.OVERDUE: Words(
        "提出處置，由另一人批核；如須保留，請設定法律保全。",
        "Propose its disposal for another person to approve; where it must stay, place a hold.",
    ),
    FindingCode.OBJECT_MISSING: Words(
        "由備份還原物件；如屬遺失或外泄，開立事故紀錄。",
        "Restore the object from a backup; if it was lost or taken, open a breach.",
    ),
    FindingCode.LOCK_MISSING: Words(
        "鎖定已補上。如起計日並非剛剛得知，查明何人解除鎖定。",
        "The lock has been set. Unless its clock became known only now, find out who lifted it.",
    ),
    FindingCode.LOCK_SHORT: Words(
        "鎖定期已延長。如規則或起計日沒有更改，查明何人縮短。",
        "The lock has been lengthened. Unless a rule or its clock changed, find out who shortened it.",
    ),
    FindingCode.LOCK_LONG: Words(
        "鎖定會自行屆滿，不會被縮短；核對是否超過最長保留期（私隱條例第 26 條）。",
        "It ends by itself and is never shortened; check it against the maximum (PDPO s.26).",
    ),
    FindingCode.LOCK_WEAK: Words(
        "鎖定已改為 COMPLIANCE。查明物件為何未按類別鎖定。",
        "It has been locked in COMPLIANCE. Find out why it was not locked as its class is.",
    ),
    FindingCode.FLAG_MISSING: Words(
        "標記已補上。查明何人解除標記，或保全工作為何失敗。",
        "The flag has been set. Find out who lifted it, or why the job that sets it failed.",
    ),
    FindingCode.FLAG_STANDS: Words(
        "標記已解除。如有人為某事項而設，請登記該事項的法律保全。",
        "The flag has been lifted. If somebody set it for a matter, place a hold for that matter here.",
    ),
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
