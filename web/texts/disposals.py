"""Disposals."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "disposals.title": Wording("Disposals", "處置"),
    "disposals.lead": Wording(
        "What one person proposed and another decides. What is destroyed cannot be brought back; a certificate says what went, and by whose word.",
        "由一人提出，另一人決定。銷毀後無法復原；證明書載明所銷毀的內容及批准者。",
    ),
    "disposals.nothing": Wording("No disposal was proposed yet.", "尚未有人提出處置。"),
    "disposals.to_due": Wording("To the due list", "前往到期清單"),
    "disposal.one": Wording("Disposal", "處置"),
    "disposal.state": Wording("State", "狀況"),
    "disposal.state.proposed": Wording("waits for a second person", "等候第二人批核"),
    "disposal.state.approved": Wording("approved, not begun", "已批准，未開始"),
    "disposal.state.declined": Wording("declined", "已拒絕"),
    "disposal.state.destroying": Wording("being destroyed", "銷毀中"),
    "disposal.state.certified": Wording("destroyed and certified", "已銷毀並發出證明書"),
    "disposal.records": Wording("Records", "紀錄"),
    "disposal.objects": Wording("{count} sealed objects", "{count} 個密封物件"),
    "disposal.proposed": Wording("Proposed", "提出"),
    "disposal.expires": Wording("Decided by", "批核期限"),
    "disposal.approved": Wording("Approved by", "批准者"),
    "disposal.begun": Wording("Begun", "開始銷毀"),
    "disposal.preview": Wording("Digest of exactly what goes", "將銷毀內容的摘要"),
    "disposal.certified": Wording(
        "Everything that could go is gone. The certificate can be checked by anybody, without this server.",
        "可銷毀的已全部銷毀。證明書可由任何人離線核對。",
    ),
    "disposal.pdf": Wording("Certificate of destruction (PDF)", "銷毀證明書（PDF）"),
    "disposal.json": Wording("Certificate for checking (JSON)", "供核對的證明書（JSON）"),
    "disposal.plan": Wording("What goes", "將銷毀的紀錄"),
    "disposal.versions": Wording("Objects", "物件"),
    "disposal.simulation": Wording("What would go now", "現時將銷毀的內容"),
    "disposal.simulate": Wording("Show it", "顯示"),
    "disposal.simulate_help": Wording(
        "Asks the object store about every object: whether it is there, held or locked. Nothing is changed.",
        "向儲存庫查問每個物件：是否存在、有否保全或鎖定。不作任何更改。",
    ),
    "disposal.simulate_first": Wording(
        "Have it shown what would go before you approve.", "批准前，請先顯示將銷毀的內容。"
    ),
    "disposal.current": Wording("It is exactly what was proposed.", "與提出時完全相同。"),
    "disposal.moved": Wording(
        "It is no longer what was proposed; it has to be proposed anew.", "已與提出時不同，須重新提出。"
    ),
    "disposal.object": Wording("Object and version", "物件及版本"),
    "disposal.there": Wording("There", "存在"),
    "disposal.lock": Wording("Lock", "鎖定"),
    "disposal.flag": Wording("legal hold flag", "法律保全標記"),
    "disposal.copies": Wording("Copies that stay", "不會銷毀的副本"),
    "disposal.copies_help": Wording(
        "They were handed out before and are beyond reach; the certificate names them.",
        "早前已交予他人，無法收回；證明書會列明。",
    ),
    "disposal.own": Wording("You proposed it, so another person decides.", "由你提出，故須由另一人決定。"),
    "disposal.approve": Wording("Approve exactly this", "批准以上內容"),
    "disposal.approve_means": Wording(
        "You approve what is shown above and nothing else. It is judged once more before anything is destroyed.",
        "你只批准以上所示內容。銷毀前會再判斷一次。",
    ),
    "disposal.reason": Wording("Reason", "原因"),
    "disposal.execute": Wording("Destroy it", "開始銷毀"),
    "disposal.execute_means": Wording("There is no way back from here.", "此後無法復原。"),
    "disposal.decline": Wording("End it without destroying", "結束而不銷毀"),
    "disposal.not_proposed": Wording("Not proposed", "未能提出"),
    "disposal.none_chosen": Wording("No record was chosen.", "未有選取紀錄。"),
    "said.disposal_proposed": Wording("Proposed. Another person decides.", "已提出，由另一人決定。"),
    "said.disposal_approved": Wording("Approved. Nothing is destroyed yet.", "已批准。尚未銷毀。"),
    "said.disposal_declined": Wording("Ended. Nothing is destroyed.", "已結束，沒有銷毀。"),
    "said.disposal_begun": Wording("The destruction has begun.", "已開始銷毀。"),
}
