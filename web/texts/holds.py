"""Legal holds."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "holds.title": Wording("Legal holds", "法律保全"),
    "holds.lead": Wording(
        "What a matter holds cannot be disposed of by anybody, whatever the schedules say, until two persons have released the matter.",
        "受事項保全的紀錄，不論保留規則如何，任何人不得處置，直至兩人同意解除。",
    ),
    "holds.nothing": Wording("No matter stands.", "現時沒有保全事項。"),
    "holds.with_released": Wording("Show released matters too", "同時顯示已解除的事項"),
    "holds.standing_only": Wording("Only matters that stand", "只顯示生效中的事項"),
    "holds.place": Wording("Place a hold", "設立保全"),
    "hold.matter": Wording("Matter", "事項編號"),
    "hold.kind": Wording("Kind", "種類"),
    "hold.placed": Wording("Placed on", "設立日期"),
    "hold.standing": Wording("State", "狀況"),
    "hold.stands": Wording("stands", "生效中"),
    "hold.released": Wording("released", "已解除"),
    "hold.owner": Wording("Ended only by", "只可由此結束"),
    "hold.counsel": Wording("Counsel", "代表律師"),
    "hold.contemplated_on": Wording("Proceedings contemplated since", "預期訴訟日期"),
    "hold.review_on": Wording("Review on", "覆檢日期"),
    "hold.reason": Wording("Reason", "原因"),
    "hold.sealed": Wording(
        "Reason and counsel are kept sealed; the log holds only their digests.",
        "原因及律師名稱加密保存，紀錄只載其摘要。",
    ),
    "hold.no_reason": Wording("Nothing was written, or it is erased.", "沒有填寫，或已刪除。"),
    "hold.show_reason": Wording("Show (the log says who read it)", "顯示（查閱者會載入紀錄）"),
    "hold.reason_closed": Wording("sealed; not for your role", "已加密；你的職位不可查閱"),
    "hold.records": Wording("Records it names", "指明的紀錄"),
    "hold.records_help": Wording(
        "One a line: document:ID, stocktake:ID or adjustment:INDEX; an id alone is a document.",
        "每行一項，寫成 document:ID、stocktake:ID 或 adjustment:INDEX；只填代號即為文件。",
    ),
    "hold.more": Wording("More records are named than are shown here.", "指明的紀錄多於此處所示。"),
    "hold.query": Wording("And whatever fits, now and later", "以及日後一切符合以下條件的紀錄"),
    "hold.query_help": Wording(
        "Every condition given must fit. Parted by spaces or commas.", "須符合所填的全部條件。以空格或逗號分隔。"
    ),
    "hold.suppliers": Wording("Suppliers", "供應商"),
    "hold.skus": Wording("SKUs", "貨品"),
    "hold.stores": Wording("Stores", "分店"),
    "hold.classes": Wording("Classes", "類別"),
    "hold.since": Wording("Since", "由"),
    "hold.until": Wording("Until", "至"),
    "hold_kind.legal": Wording("legal proceedings", "法律程序"),
    "hold_kind.regulator": Wording("regulator", "監管機構"),
    "hold.release": Wording("Release", "解除"),
    "hold.release_waits": Wording("A release waits for a second person; proposed by", "解除建議等候第二人批核；提出者"),
    "hold.to_release": Wording("To what was proposed", "查看該建議"),
    "hold.release_reason": Wording("Why it may be released", "解除原因"),
    "hold.two": Wording("It holds on until another person approves.", "另一人批准之前，保全繼續有效。"),
    "hold.propose": Wording("Propose the release", "建議解除"),
    "said.hold_placed": Wording("The hold stands.", "保全已設立。"),
    "said.release_proposed": Wording("Proposed. Another person decides.", "已提出，由另一人決定。"),
}
