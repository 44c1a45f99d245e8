"""The policies in force and the retention schedules."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "policies.title": Wording("Policies in force", "現行政策"),
    "policies.lead": Wording(
        "Every decision is made by these rules and by nothing else. What no rule permits is denied, and so is whatever cannot be evaluated.",
        "每個決定只按以下規則作出。未有規則准許者一律拒絕，無法評估者亦然。",
    ),
    "policies.version": Wording("Name in entries", "紀錄內的名稱"),
    "policies.digest": Wording("Digest (SHA-256)", "摘要（SHA-256）"),
    "policies.unreadable": Wording(
        "The active bundle cannot be read: everything is denied until it is put back.",
        "生效版本無法讀取：復原之前，一切要求均被拒絕。",
    ),
    "policies.permits": Wording("Rules that permit", "准許的規則"),
    "policies.forbids": Wording("Rules that limit", "限制的規則"),
    "policies.id": Wording("Rule", "規則"),
    "policies.says": Wording("What it says", "內容"),
    "policies.denies_with": Wording("Denies with", "拒絕原因代碼"),
    "policies.authority": Wording("Authority", "依據"),
    "policies.status": Wording("Status", "地位"),
    "policies.checked": Wording("Last checked", "最近核對日期"),
    "policies.organisation": Wording("The organisation's own rule", "機構自訂規則"),
    "policies.own": Wording("organisation's rule, not law", "機構規則，並非法律"),
    "policies.never": Wording(
        "as shipped with Chopbook; not yet approved by anybody here", "隨 Chopbook 提供；本機構尚未有人批核"
    ),
    "policies.state.draft": Wording("draft", "草擬"),
    "policies.state.validated": Wording("validated", "已查核"),
    "policies.state.simulating": Wording("being simulated", "模擬中"),
    "policies.state.simulated": Wording("simulated", "已模擬"),
    "policies.state.proposed": Wording("waits for approval", "待批"),
    "policies.state.approved": Wording("approved", "已批核"),
    "policies.state.scheduled": Wording("scheduled", "已排期"),
    "policies.state.active": Wording("active", "生效"),
    "policies.state.retired": Wording("retired", "已停用"),
    "policies.text": Wording("As it is written (Cedar)", "原文（Cedar）"),
    "policies.other": Wording("Other bundles", "其他版本"),
    "policies.state": Wording("State", "狀況"),
    "policies.bundle_title": Wording("Title", "名稱"),
}
