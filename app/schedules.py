"""What recurs, and when: the schedules this version of Chopbook keeps, and the handlers of those that no room has."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Final

from cases.model import CHECK_KIND
from documents.model import SWEEP_KIND
from retention.locks.model import PROBE_KIND, RECONCILE_KIND
from retention.records import REVIEW_KIND
from stock.lots.model import EXPIRY_KIND
from workflow.schedules.model import Daily, Every, Plan

if TYPE_CHECKING:
    from app.wiring import House
    from audit.canonical import JSON
    from workflow.worker import JobContext

RETRY_KIND: Final = "disposal.retry"
GLASS_KIND: Final = "access.review_glass"

PLANS: Final = (
    Plan("expiry", "到期檢查", "Check of expiry dates", Daily(time(0, 5)), (EXPIRY_KIND,)),
    Plan("cases", "查閱及改正要求的期限", "Deadlines of access and correction requests", Daily(time(0, 10)), (CHECK_KIND,)),
    Plan("glass", "緊急存取的確認及覆核期限", "Deadlines of broken glass", Every(timedelta(hours=1)), (GLASS_KIND,)),
    Plan("retention", "保留期覆核", "Review of retention", Daily(time(1, 0)), (REVIEW_KIND,)),
    Plan("disposal", "未完成的銷毀", "Disposals that did not come to an end", Daily(time(1, 30)), (RETRY_KIND,)),
    Plan("locks", "物件鎖定的測試及核對", "Test and comparison of the store's locks", Daily(time(2, 0)), (RECONCILE_KIND, PROBE_KIND)),
    Plan("sweep", "清理無主物件", "Objects that are nobody's", Daily(time(4, 0)), (SWEEP_KIND,)),
)  # fmt: skip


def retry_disposals(house: House, context: JobContext) -> JSON:
    """Asks for the jobs of disposals that are still under way, and of what locks left behind."""
    change = house.disposals.request_retry(now=context.now())
    return {"asked": False if change is None else not house.storage.log.commit(change).replayed}


def review_glass(house: House, context: JobContext) -> JSON:
    """Says of each broken glass that nobody acknowledged or reviewed in time that it is overdue."""
    found = house.policies.glass_findings(context.now())
    said = [house.storage.log.commit(house.policies.record_overdue(finding)) for finding in found]
    return {"overdue": len(found), "said": sum(not one.replayed for one in said)}
