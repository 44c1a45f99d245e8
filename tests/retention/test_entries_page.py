"""The page about this room's entries says what is in them, of every type and no other."""

from __future__ import annotations

from retention.model import Trigger
from retention.records import EVENT_TYPES
from tests.entries_page import EntriesPage
from tests.retention.registry import Registry
from tests.retention.test_due import settle
from tests.retention.test_holding import release

PAGE = EntriesPage("retention-entries.md")


def test_the_page_names_every_type_of_entry() -> None:
    assert set(PAGE.documented()) == set(EVENT_TYPES)


def test_entries_hold_what_the_page_says(registry: Registry) -> None:
    photo, other = registry.paper(), registry.paper(content=b"other")
    registry.rule(in_force="2020-01-01", until="2090-01-01", note_zh="備註", note_en="Note", only_if=["a.b"])
    registry.map("photo", "menu")
    registry.year_end("12-31")
    registry.trigger("supplier:SUP1", Trigger.CONTRACT_ENDED, "2020-01-01")
    registry.trigger(photo.key, Trigger.CONTRACT_ENDED, state="not_yet")
    registry.fact("sku:A1", "food.shelf_life_short")
    registry.hold("HCA-1", photo, contemplated_on="2026-11-01", review_on="2027-01-01", query={"skus": ["A1"]})
    registry.widen("HCA-1", other)
    pending = release(registry, "HCA-1")
    registry.do(registry.retention.approve_release(registry.dpo, "HCA-1", pending.id, event_id=registry.id()))
    registry.committed(registry.retention.request_review(registry.officer, event_id=registry.id()))
    registry.review()
    settle(registry, photo, "retention_rule_missing")

    seen = PAGE.held_by(registry.entry(index) for index in range(registry.size()))

    assert seen == set(EVENT_TYPES)
