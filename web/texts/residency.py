"""Where data goes."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "residency.title": Wording("Where data goes", "資料存放地"),
    "residency.lead": Wording(
        "Every place that this service sends anything to is declared here, with where it is and who runs it. What is not declared is refused, and the refusal recorded.",
        "本服務傳送資料的每個目的地均在此申報，註明所在地及營運者。未申報者一律拒絕，並記錄在案。",
    ),
    "residency.mode": Wording("Rule in force", "現行規則"),
    "residency.mode.policy": Wording("The organisation's own rule ORG-RES-1 decides.", "按本機構規則 ORG-RES-1 決定。"),
    "residency.mode.s33_shadow": Wording(
        "The organisation's own rule ORG-RES-1 decides. Which conditions of s.33(2), which is not in force, a transfer would meet is reported as a rehearsal.",
        "按本機構規則 ORG-RES-1 決定，並預演第 33(2) 條（尚未實施）的條件。",
    ),
    "residency.mode.s33_in_force": Wording(
        "The organisation's own rule ORG-RES-1 decides, and from the day named s.33(2) as well, which is not in force before it is commenced.",
        "按本機構規則 ORG-RES-1 決定，並由所列日期起同時按第 33(2) 條決定；該條在開始實施前尚未實施。",
    ),
    "residency.home": Wording("Nothing has left while it is in", "在以下地方即未離境"),
    "residency.from": Wording("From", "生效日期"),
    "residency.instrument": Wording("By", "依據文書"),
    "residency.rules": Wording("Rules", "規則"),
    "residency.rule": Wording("Rule", "規則"),
    "residency.authority": Wording("Authority", "依據"),
    "residency.status": Wording("Status", "地位"),
    "residency.checked": Wording("Last checked", "最近核對日期"),
    "residency.findings": Wording("What somebody should look at", "須跟進的事項"),
    "residency.no_findings": Wording("There is nothing to look at today.", "今天沒有須跟進的事項。"),
    "residency.destinations": Wording("Destinations", "目的地"),
    "residency.destination": Wording("Destination", "目的地"),
    "residency.place": Wording("Place", "所在地"),
    "residency.purpose": Wording("Purpose", "用途"),
    "residency.data": Wording("Data", "資料"),
    "residency.run_by": Wording("Run by", "營運者"),
    "residency.own": Wording("a machine of our own", "本機構的機器"),
    "residency.standing": Wording("State", "狀況"),
    "residency.standing.active": Wording("active", "有效"),
    "residency.standing.ended": Wording("ended", "已終止"),
    "residency.no_destinations": Wording(
        "No destination is declared: everything stays on this machine, and calls elsewhere are refused.",
        "沒有申報目的地：所有資料留在本機，對外連線一律拒絕。",
    ),
    "residency.processors": Wording("Processors", "資料處理者"),
    "residency.processor": Wording("Processor", "資料處理者"),
    "residency.contract": Wording("Contract", "合約"),
    "residency.no_contract": Wording("none registered", "沒有登記"),
    "residency.deletion": Wording("Bound to delete", "須刪除資料"),
    "residency.transfers": Wording("Transfers", "資料轉移"),
    "residency.transfer": Wording("Transfer", "資料轉移"),
    "residency.basis": Wording("Basis", "轉移依據"),
    "residency.evidence": Wording("Evidence", "憑證"),
    "residency.basis.consent": Wording("written consent", "書面同意"),
    "residency.basis.model_clauses": Wording("recommended model clauses", "建議合約條文範本"),
    "residency.basis.gba_contract": Wording("GBA standard contract", "大灣區標準合同"),
    "residency.basis.similar_law": Wording("similar law at the place", "當地有類似法律"),
    "residency.basis.contract_necessity": Wording("needed for a contract", "履行合約所需"),
    "residency.basis.mitigation": Wording("against adverse action", "避免不利行動"),
    "residency.basis.exemption": Wording("exemption of Part 8", "第 8 部豁免"),
    "residency.basis.gazetted": Wording("place in a gazetted notice", "憲報公告指明的地方"),
    "residency.none": Wording("None is registered.", "沒有登記。"),
    "residency.buckets": Wording("Where the object store says its buckets are", "儲存庫回報的儲存位置"),
    "residency.bucket": Wording("Bucket", "儲存桶"),
    "residency.declared": Wording("Declared", "申報"),
    "residency.answered": Wording("Answered", "回報"),
    "residency.attested": Wording("Whose word", "誰人之言"),
    "residency.attested.yes": Wording("the provider's", "供應商回報"),
    "residency.attested.no": Wording("our own store's", "本機儲存庫回報"),
    "residency.rehearsal": Wording("Rehearsal of s.33(2), which is not in force", "預演第 33(2) 條（尚未實施）"),
    "residency.rehearsal_help": Wording(
        "Reported, never applied: the section has not commenced.", "只作報告，不會執行：該條文尚未實施。"
    ),
    "residency.met": Wording("Conditions it would meet", "可符合的條件"),
    "residency.origins": Wording("Persons whose data came from the Mainland, by year", "資料源自內地的人數（按年）"),
}
