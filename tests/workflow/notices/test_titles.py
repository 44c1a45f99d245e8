"""What notices call things: every type of entry there is has a name in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases import model as cases
from cases.incidents import model as incidents
from documents import model as documents
from policies.bundles.model import BUNDLE_EVENT_TYPES
from policies.event_types import EVENT_TYPES as POLICY_TYPES
from policies.pending.model import PENDING_EVENT_TYPES
from policies.residency.model import RESIDENCY_EVENT_TYPES
from retention import records as retention
from retention.disposal import model as disposal
from retention.locks import model as locks
from stock import model as stock
from stock.lots import model as lots
from storage import key_events
from workflow.notices import model as notices
from workflow.notices.titles import TITLES
from workflow.schedules import model as schedules

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("api", "app", "audit", "cases", "documents", "policies", "retention", "stock", "storage", "web", "workflow")
LISTED = (
    stock.EVENT_TYPES
    | lots.EVENT_TYPES
    | documents.EVENT_TYPES
    | POLICY_TYPES
    | BUNDLE_EVENT_TYPES
    | PENDING_EVENT_TYPES
    | RESIDENCY_EVENT_TYPES
    | retention.EVENT_TYPES
    | disposal.EVENT_TYPES
    | locks.EVENT_TYPES
    | cases.EVENT_TYPES
    | incidents.EVENT_TYPES
    | notices.EVENT_TYPES
    | schedules.EVENT_TYPES
    | key_events.EVENT_TYPES
)
ALONE = {
    "import.finished",
    "import.started",
    "job.cancelled",
    "key.rotated",
    "log.created",
    "reconciliation.requested",
    "verification.requested",
}
"""Types that no room's list holds."""
FORMER = {"case_check.requested", "expiry_check.requested"}
"""Types that older versions wrote: their entries are still read."""

OTHER = {
    "amazonaws.com",
    "bundle.json",
    "chopbook.cedarschema",
    "chopbook.listing",
    "chopbook.options",
    "contract.deed",
    "demo.key",
    "entries.bytes",
    "epochs.ring",
    "food.live_aquatic",
    "food.shelf_life_long",
    "food.shelf_life_short",
    "identity.keys",
    "log_head.note",
    "medicine.on_premises",
    "notice.dingtalk",
    "notice.mail",
    "notice.webhook",
    "search.db",
    "staff.personal",
}
"""Constants of the same shape that are no types of entries: files, hosts, classes, purposes."""


def constants() -> Iterator[str]:
    """Every constant of the product that could be a type of entry; kinds of jobs are named as such."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.parse(path.read_text("utf-8")).body:
                targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
                value = getattr(node, "value", None)
                if (
                    targets
                    and isinstance(target := targets[0], ast.Name)
                    and not target.id.endswith("_KIND")
                    and isinstance(value, ast.Constant)
                    and isinstance(value.value, str)
                    and re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", value.value)
                ):
                    yield value.value


@pytest.mark.parametrize("event_type", sorted(LISTED | ALONE))
def test_each_type_of_entry_has_its_title(event_type: str) -> None:
    zh, en = TITLES[event_type]

    assert re.search("[一-鿿]", zh)
    assert en.isascii()


def test_nothing_else_has_a_title_and_no_type_is_left_out() -> None:
    assert set(TITLES) == LISTED | ALONE | FORMER
    assert (set(constants()) - OTHER) | FORMER == set(TITLES)


def test_no_two_types_are_told_alike() -> None:
    assert len(set(TITLES.values())) == len(TITLES)
    assert len({zh for zh, _ in TITLES.values()}) == len({en for _, en in TITLES.values()}) == len(TITLES)
