"""A policy bundle on its way."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "bundle.active": Wording("decides now", "現正生效"),
    "bundle.unsound": Wording(
        "Its bytes are not those of its digest: it can decide nothing.", "內容與摘要不符：此版本不能用作決定。"
    ),
    "bundle.due": Wording("Becomes active", "生效時間"),
    "bundle.size": Wording("Size", "大小"),
    "bundle.bytes": Wording("{count} bytes", "{count} 位元組"),
    "bundle.steps": Wording("Steps", "步驟"),
    "bundle.no_steps": Wording(
        "It came with Chopbook; nobody here has taken a step.", "此版本隨 Chopbook 提供，本機構未有任何步驟。"
    ),
    "bundle.step": Wording("Step", "步驟"),
    "bundle.by": Wording("By", "經手人"),
    "bundle.at": Wording("At", "時間"),
    "bundle.entry": Wording("Entry", "紀錄"),
    "bundle.faults": Wording("What is wrong with it", "有誤之處"),
    "bundle.simulation": Wording("What it would change", "將會改變的事項"),
    "bundle.simulated_at": Wording("Simulated", "模擬時間"),
    "bundle.days": Wording("Decisions of the last {days} days were taken again", "已重新評估過去 {days} 日的決定"),
    "bundle.newly_allowed": Wording("Newly allowed", "新增准許"),
    "bundle.newly_denied": Wording("Newly denied", "新增拒絕"),
    "bundle.moved": Wording("Records whose dates would move", "日期會改動的紀錄"),
    "bundle.disposable": Wording("Records that could be disposed of at once", "可即時處置的紀錄"),
    "bundle.questions": Wording("Every question that can be asked", "所有可能的查問"),
    "bundle.decisions": Wording("Recorded decisions that would come out otherwise", "結果會改變的已記錄決定"),
    "bundle.role": Wording("Role", "職位"),
    "bundle.action": Wording("Action", "操作"),
    "bundle.place": Wording("Where", "範圍"),
    "bundle.holders": Wording("Accounts", "帳戶數"),
    "bundle.count": Wording("Times", "次數"),
    "bundle.nothing": Wording("Nothing would change.", "沒有改變。"),
    "bundle.approve_title": Wording("Approve", "批核"),
    "bundle.acknowledge": Wording(
        "It newly allows {count} things. Approve only if you have looked at them: say how many there are, and that you did.",
        "此版本新增准許 {count} 項。請逐項查看後方可批核：填寫項數，並聲明已查看。",
    ),
    "bundle.number": Wording("How many things are newly allowed", "新增准許的項數"),
    "bundle.statement": Wording("Your statement (kept as your personal data)", "你的聲明（作為你的個人資料保存）"),
    "bundle.see_pending": Wording("Decline it, or see who proposed it", "不批准，或查看提出人"),
    "place.in_reach": Wording("a store in reach", "可及的分店"),
    "place.out_of_reach": Wording("a store out of reach", "不可及的分店"),
    "place.no_store": Wording("no store named", "沒有指明分店"),
    "place.whole_organisation": Wording("the whole organisation", "全公司"),
    "place.scope_lacking": Wording("with a key that lacks the scope", "金鑰欠缺權限範圍"),
    "place.not_engaged": Wording("without an engagement", "沒有委聘"),
    "place.other_class": Wording("a class out of reach", "不可及的文件類別"),
    "place.other_dates": Wording("dates out of reach", "不可及的日期"),
    "place.glass_broken": Wording("with broken glass", "緊急存取期間"),
    "bundle.see": Wording("See this bundle and its steps", "查看此版本及其步驟"),
}
