"""Stock: balances, what expires, and where a lot has been."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "stock.title": Wording("Stock", "倉存"),
    "stock.views": Wording("Stock pages", "倉存頁面"),
    "stock.view.balances": Wording("What stores hold", "現有倉存"),
    "stock.view.expiring": Wording("What expires", "即將到期"),
    "stock.view.lot": Wording("Trace a lot", "追查批次"),
    "stock.lead": Wording(
        "Every figure is the sum of entries of the log; the last one is named beside it.",
        "每個數字均為審計紀錄的總和，旁邊列明最後一項紀錄。",
    ),
    "stock.with_zero": Wording("show what is at zero, too", "同時顯示零倉存"),
    "stock.batch": Wording("Batch", "批次"),
    "stock.quantity": Wording("Quantity", "數量"),
    "stock.last": Wording("Last entry", "最後一項紀錄"),
    "stock.nothing": Wording("Nothing matches.", "沒有符合的倉存。"),
    "stock.expiring_lead": Wording(
        "Lots on shelves, the earliest first. Open one to see every store and document it touched.",
        "貨架上的批次，最早到期者在前。點開可看其到過的分店及有關文件。",
    ),
    "stock.within": Wording("Within", "到期時間"),
    "stock.days": Wording("{count} days", "{count} 日內"),
    "stock.expiry": Wording("Expires on", "到期日"),
    "stock.expired": Wording("expired", "已過期"),
    "stock.last_day": Wording("last day", "最後一日"),
    "stock.none_expires": Wording("Nothing expires in that time.", "該段時間內沒有到期的批次。"),
    "lot.lead": Wording(
        "For a recall: every store, document and movement that touched this lot.",
        "供回收之用：此批次到過的分店、有關文件及每次變動。",
    ),
    "lot.trace": Wording("Trace", "追查"),
    "lot.export": Wording("All of it as {form}", "全部下載（{form}）"),
    "lot.export_help": Wording("The log says who took it.", "下載者會載入審計紀錄。"),
    "lot.movements": Wording("Entries about it", "有關紀錄"),
    "lot.complete": Wording("What you see", "所見範圍"),
    "lot.all": Wording("all of it", "全部"),
    "lot.part": Wording("only what is in your reach", "只限你可及的範圍"),
    "lot.stores": Wording("Stores it came to", "到過的分店"),
    "lot.received": Wording("Came in", "入"),
    "lot.issued": Wording("Went out", "出"),
    "lot.change": Wording("Change", "變動"),
}
