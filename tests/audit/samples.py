"""One event and one entry which many tests vary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit.entry import Actor, Decided, Entry, Event, Link, Subject, seal
from audit.merkle import leaf_hash

ORIGIN = "log.example/retail"
RECORDED_AT_US = 1_795_348_800_000_001
BEFORE = leaf_hash(b"the entry before")
STOCK = Subject("stock", "HK01/85123A")
SKU = Subject("sku", "85123A")
EVENT = Event(
    type="stock.adjusted",
    subjects=(STOCK, SKU),
    data={"store": "HK01", "sku": "85123A", "reason": "sale", "before": 12, "change": -6, "after": 6, "scale": 0},
    actor=Actor("p_abcdefghijklmnop", "api_client"),
    event_id=UUID("0192f0c1-2345-7678-9abc-def012345678"),
    occurred_at=datetime(2026, 11, 22, 11, 59, 58, 250_000, tzinfo=UTC),
    personal={"note": "ab" * 32},
    request=bytes(range(16)),
    decision=Decided("coarse/1@7", "role_allows"),
)
LINKS = (Link(STOCK, 3, BEFORE), Link(SKU, 0, bytes(32)))


def event(**changes: Any) -> Event:
    """The sample event with some members changed."""
    return replace(EVENT, **changes)


def sealed(sample: Event = EVENT, **place: Any) -> Entry:
    """The sample event as entry 7 of the sample log, or at another place."""
    links = place.pop("links", None)
    if links is None:
        links = LINKS if sample.subjects == EVENT.subjects else tuple(Link(s, 0, bytes(32)) for s in sample.subjects)
    arguments: dict[str, Any] = {
        "origin": ORIGIN,
        "index": 7,
        "previous": BEFORE,
        "recorded_at_us": RECORDED_AT_US,
        "links": links,
    }
    return seal(sample, **(arguments | place))
