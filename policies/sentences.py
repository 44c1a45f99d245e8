"""Reasons about where data goes, in Traditional Chinese (Hong Kong) and English; `policies.reasons` holds them with all others.

None of them says that the law of Hong Kong forbids a transfer: PDPO s.33 is enacted and not in force. The one that rests on the
section (`s33_condition_missing`) can only come after the dated switch, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.codes import Code
from policies.model import Words

RESIDENCY_REASONS: Final[Mapping[Code, Words]] = {
    Code.DESTINATION_UNDECLARED: Words(
        "此目的地未有登記，不會向其傳送任何資料。請先於資料存放地登記冊登記。",
        "This destination is not declared, so nothing is sent to it. Declare it in the residency register first.",
    ),
    Code.DESTINATION_ENDED: Words("此目的地的登記已終止。", "The declaration of this destination has ended."),
    Code.DATA_CLASS_REFUSED: Words(
        "此目的地未獲准接收這類資料。", "This destination is not declared for this class of data."
    ),
    Code.ORG_RES_1: Words(
        "按本機構的規則 ORG-RES-1，可能載有個人資料的內容須留在指定的資料存放地；轉移至其他地方須先登記依據。",
        "By the organisation's own rule ORG-RES-1, what may hold personal data stays in the places it names; "
        "a transfer elsewhere needs a registered basis first.",
    ),
    Code.S33_CONDITION_MISSING: Words(
        "第33條開關已按生效日期啟用，而此項轉移未登記第33條第2款的任何一項條件。",
        "The dated switch for section 33 is on, and no condition of section 33(2) is registered for this transfer.",
    ),
    Code.PROCESSOR_NO_CONTRACT: Words(
        "此資料處理者沒有有效的合約文件（保障資料第4（2）原則），因此不可使用。",
        "This processor has no contract document in force (DPP4(2)), so it cannot be used.",
    ),
    Code.REGION_ELSEWHERE: Words(
        "區域 {region} 位於 {answered}，與登記的司法管轄區不符。",
        "The region {region} is in {answered}, which is not the declared jurisdiction.",
    ),
    Code.MODEL_CLAUSES_INCOMPLETE: Words(
        "建議合約條文範本的紀錄不完整：須載明範本種類、日期、再轉移的約束、完結時刪除，以及協助處理查閱及改正資料要求。",
        "The record of the model clauses is incomplete: it needs the set, the date, a bound on onward transfer, deletion at the end, "
        "and help with access and correction requests.",
    ),
    Code.GBA_PLACE_UNFIT: Words(
        "大灣區標準合同只適用於在香港或九個內地城市註冊的雙方。",
        "The GBA standard contract is only for parties registered in Hong Kong or the nine Mainland cities.",
    ),
    Code.GBA_ONWARD: Words(
        "大灣區標準合同不容許再轉移至大灣區以外。",
        "The GBA standard contract allows no onward transfer outside the Greater Bay Area.",
    ),
    Code.GBA_IMPORTANT_DATA: Words(
        "大灣區標準合同不適用於重要數據。", "The GBA standard contract is not for important data."
    ),
    Code.GBA_ASSESSMENT_STALE: Words(
        "個人信息保護影響評估須於合同生效前三個月內完成。",
        "The impact assessment must be of the three months before the contract takes effect.",
    ),
    Code.RESIDENCY_MEMBER: Words("此欄位應為：{expected}。", "Expected here: {expected}."),
    Code.PROCESSOR_UNKNOWN: Words("沒有此資料處理者。", "There is no such processor."),
    Code.DESTINATION_UNKNOWN: Words("沒有此目的地。", "There is no such destination."),
    Code.TRANSFER_NO_BASIS: Words(
        "可能載有個人資料的內容登記為傳送至其他地方，但沒有登記任何有效的轉移依據。",
        "What may hold personal data is declared to go elsewhere, and no valid basis of a transfer is registered.",
    ),
    Code.DELETION_UNCONFIRMED: Words(
        "與資料處理者的合約已完結逾 30 日，仍未收到刪除證明（保障資料第2（3）原則）。",
        "The processor's contract ended more than 30 days ago, and no deletion certificate is on file (DPP2(3)).",
    ),
    Code.GBA_FILING_OVERDUE: Words(
        "大灣區標準合同生效已逾十個工作天，仍未登記備案編號。",
        "The GBA standard contract took effect more than ten working days ago, and no filing number is registered.",
    ),
    Code.BUCKET_LOCATION_DRIFT: Words(
        "儲存庫回應的位置與登記的不符。", "The store answers another location for a bucket than the declared one."
    ),
    Code.CN_ASSESSMENT_DUE: Words(
        "本曆年源自內地的個人資料所涉人數已超過 一百萬；請就內地數據出境規定徵詢意見。此為提示，並非決定。",
        "More than 1,000,000 distinct persons' data came from the Mainland this calendar year; take advice on the Mainland's export rules. "
        "This warns and decides nothing.",
    ),
}
