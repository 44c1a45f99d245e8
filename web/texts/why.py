"""Why: a decision explained."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "why.title": Wording("Why may I, or may I not?", "為何准許，為何拒絕？"),
    "why.lead": Wording(
        "Ask the policies in force about an action. Nothing is changed and nothing is done; what they would say today is shown, with the reason and what would be needed.",
        "查問現行政策對某項操作的決定。此處不作任何更改或操作，只顯示今天的結果、原因及所需條件。",
    ),
    "why.who": Wording(
        "Who (id of a person, key or engagement; empty: you)", "誰人（人員、金鑰或委聘的代號；留空即你自己）"
    ),
    "why.action": Wording("Action", "操作"),
    "why.store": Wording("Store (several: parted by spaces)", "分店（多間以空格分隔）"),
    "why.class": Wording("Document class", "文件類別"),
    "why.recorded": Wording("Recorded on", "記錄日期"),
    "why.whole": Wording("It concerns the whole organisation", "涉及全公司紀錄"),
    "why.ask": Wording("Explain", "解釋"),
    "why.allowed": Wording("Allowed", "准許"),
    "why.denied": Wording("Denied", "拒絕"),
    "why.reason": Wording("Reason", "原因"),
    "why.needs": Wording("What would be needed", "需要的條件"),
    "why.policies": Wording("Policies that decided", "據以決定的政策"),
    "why.no_policy": Wording(
        "No policy permits it; what is not permitted is denied.", "沒有政策准許此操作；未經准許者一律拒絕。"
    ),
    "why.version": Wording("Policy version", "政策版本"),
    "why.at": Wording("Decided as of", "決定時間"),
    "why.nobody": Wording(
        "There is no active person, client with a key, key or grant with that id.",
        "沒有此代號的有效人員、持金鑰用戶端、金鑰或委聘。",
    ),
}
