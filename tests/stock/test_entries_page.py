"""The page about this room's entries says what is in them, of every type and no other."""

from __future__ import annotations

import re
from pathlib import Path

from stock.model import EVENT_TYPES
from tests.stock.shop import ALLOWS, Shop

PAGE = Path(__file__).resolve().parents[2] / "docs" / "stock-entries.md"

Names = tuple[set[str], set[str]]
"""Those always there, and those that may be."""


def names_in(cell: str) -> Names:
    optional = set(re.findall(r"\[`([a-z_]+)`\]", cell))
    return set(re.findall(r"`([a-z_]+)`", cell)) - optional, optional


def documented() -> dict[str, tuple[Names, Names]]:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {kind: (names_in(subjects), names_in(members)) for kind, subjects, members in rows}


def everything(shop: Shop) -> None:
    """Writes an entry of every type, plain and with all there can be."""
    shop.adjust(10, reference="R1", document="d1", unit_price={"amount": 1, "currency": "HKD"})
    wrong = shop.adjust(2, sku="C1", batch="B1", expiry="2027-01-31")
    shop.correct(wrong.index, 1, reference="R2", document="d2")
    shop.correct(wrong.index + 1)
    shop.lot("O1", "B1")
    shop.rename("A1")
    shop.retire("sample")
    first = shop.open()
    shop.count(first.id, {"sku": "A2", "counted": 1}, {"scan": "(01)09506000134352(10)B1", "counted": 3})
    shop.close(first.id)
    shop.cancel(shop.open(ALLOWS).id)


def test_the_page_names_every_type_of_entry() -> None:
    assert set(documented()) == set(EVENT_TYPES)


def test_entries_hold_what_the_page_says(shop: Shop) -> None:
    everything(shop)
    page = documented()
    seen: set[str] = set()

    for index in range(shop.size()):
        entry = shop.entry(index)
        if entry["type"] not in page:
            continue
        seen.add(entry["type"])
        found = [{subject["kind"] for subject in entry["subjects"]}, set(entry["data"])]
        for (always, sometimes), names in zip(page[entry["type"]], found, strict=True):
            assert always <= names <= always | sometimes, entry

    assert seen == set(EVENT_TYPES)
