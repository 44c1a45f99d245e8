"""Access for a time, and accounts."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "grants.title": Wording("Access for a time", "限時存取"),
    "grants.lead": Wording(
        "Auditors' engagements, at most 90 days, and broken glass, at most an hour: who reaches what, until when, and who looked at it afterwards.",
        "審計委聘（最長 90 日）及緊急存取（最長一小時）：誰人可查閱甚麼、至何時為止，以及事後由誰檢視。",
    ),
    "grants.kind": Wording("Kind", "種類"),
    "grants.every": Wording("all", "全部"),
    "grants.kind.engagement": Wording("Engagement of an auditor", "審計委聘"),
    "grants.kind.break_glass": Wording("Broken glass", "緊急存取"),
    "grants.state.coming": Wording("to come", "未開始"),
    "grants.state.running": Wording("running", "生效中"),
    "grants.state.over": Wording("over", "已結束"),
    "grants.who": Wording("Who", "誰人"),
    "grants.time": Wording("From and until", "起訖"),
    "grants.reach": Wording("Reach", "範圍"),
    "grants.dates": Wording("recorded", "記錄日期"),
    "grants.every_class": Wording("every class", "所有類別"),
    "grants.given_by": Wording("Given by", "批出人"),
    "grants.review": Wording("Review", "檢視"),
    "grants.told": Wording("told", "已通知"),
    "grants.acknowledged": Wording("acknowledged", "已知悉"),
    "grants.not_acknowledged": Wording("to be acknowledged by", "須知悉期限"),
    "grants.review_due": Wording("review due", "檢視限期"),
    "grants.review.justified": Wording("justified", "有理由"),
    "grants.review.not_justified": Wording("not justified", "沒有理由"),
    "grants.reviewed_by": Wording("by", "檢視人"),
    "grants.acknowledge": Wording("I know of it", "我已知悉"),
    "grants.enter": Wording("Enter", "記入"),
    "grants.result": Wording("The review came to", "檢視結果"),
    "grants.none": Wording("There is none.", "沒有。"),
    "said.reviewed": Wording("The review is entered.", "已記入檢視結果。"),
    "said.acknowledged": Wording("That you know of it is entered.", "已記入你已知悉。"),
    "people.title": Wording("Accounts", "帳戶"),
    "people.lead": Wording(
        "People by pseudonym, as the log names them; names are personal data and are not shown here. Nobody changes the rights of their own account.",
        "人員以紀錄內的代號列出；姓名屬個人資料，不在此顯示。任何人不可更改自己帳戶的權限。",
    ),
    "people.people": Wording("People", "人員"),
    "people.clients": Wording("API clients", "API 用戶端"),
    "people.id": Wording("Id", "代號"),
    "people.role": Wording("Role", "職位"),
    "people.where": Wording("Where it applies", "適用範圍"),
    "people.state": Wording("State", "狀況"),
    "people.state.active": Wording("active", "有效"),
    "people.state.closed": Wording("closed", "已停用"),
    "people.state.erased": Wording("erased", "已刪除個人資料"),
    "people.scope.all": Wording("the whole organisation", "全公司"),
    "people.scope.area": Wording("area {code}", "區域 {code}"),
    "people.scope.store": Wording("store {code}", "分店 {code}"),
    "people.by_role": Wording("as the role has it", "按職位"),
}
