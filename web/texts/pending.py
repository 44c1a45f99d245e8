"""What waits for a second person."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "pending.title": Wording("Waiting for a second person", "等候第二人批核"),
    "pending.lead": Wording(
        "What one person proposed and another must approve. Nobody approves their own; what is not settled in time expires, and nothing is done.",
        "由一人提出、須由另一人批核的事項。任何人不得批核自己提出的事項；逾期未決者自動失效，不會執行。",
    ),
    "pending.state": Wording("State", "狀況"),
    "pending.state.open": Wording("waits", "待批"),
    "pending.state.approved": Wording("approved", "已批核"),
    "pending.state.declined": Wording("declined", "不獲批准"),
    "pending.state.withdrawn": Wording("taken back", "已撤回"),
    "pending.state.expired": Wording("expired", "已逾期"),
    "pending.state.every": Wording("all", "全部"),
    "pending.none": Wording("There is nothing here.", "沒有事項。"),
    "pending.what": Wording("What", "事項"),
    "pending.about": Wording("About", "涉及"),
    "pending.proposer": Wording("Proposed by", "提出人"),
    "pending.proposed_at": Wording("Proposed at", "提出時間"),
    "pending.expires_at": Wording("Expires", "期限"),
    "pending.store": Wording("Store", "分店"),
    "pending.steps": Wording("Approvals", "批核步驟"),
    "pending.step": Wording("somebody who may {action}", "有權「{action}」的人員"),
    "pending.step_missing": Wording("not given yet", "尚未批核"),
    "pending.content": Wording("Exactly what would be done", "將會執行的確切內容"),
    "pending.digest": Wording("Its digest, which every approval names", "內容摘要（每次批核均註明）"),
    "pending.entry": Wording("Entry of the proposal", "提出的紀錄"),
    "pending.newest_entry": Wording("Newest entry about it", "最新的相關紀錄"),
    "pending.own": Wording(
        "You proposed this, so another person must approve it. You can take it back.",
        "此事項由你提出，須由另一人批核。你可以撤回。",
    ),
    "pending.not_yours": Wording(
        "Approving this is for somebody with the right named above.", "批核此事項須具上述權限。"
    ),
    "pending.approve": Wording("Approve", "批核"),
    "pending.decline": Wording("Decline", "不批准"),
    "pending.withdraw": Wording("Take back", "撤回"),
    "pending.reason": Wording("Why (kept as your personal data)", "原因（作為你的個人資料保存）"),
    "pending.elsewhere": Wording("Look at it in full, and approve it there", "查看全部內容，並在該頁批核"),
    "pending.by_command": Wording(
        "Approving this asks for more than a page shows so far: it is done with `chopbook lock-mode approve` or through the API.",
        "批核此事項所需資料未能在此頁顯示：請使用 `chopbook lock-mode approve` 或 API。",
    ),
    "said.approved": Wording("You approved it.", "你已批核。"),
    "said.declined": Wording("You declined it.", "你不批准此事項。"),
    "said.withdrawn": Wording("You took it back.", "你已撤回。"),
}
