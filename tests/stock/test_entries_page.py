"""The page about this room's entries says what is in them, of every type and no other."""

from __future__ import annotations

from stock.model import EVENT_TYPES
from tests.entries_page import EntriesPage
from tests.stock.shop import ALLOWS, Shop

PAGE = EntriesPage("stock-entries.md")


def everything(shop: Shop) -> None:
    """Writes an entry of every type, plain and with all there can be."""
    paper = shop.known_paper("d1")
    shop.adjust(10, reference="R1", document=paper, unit_price={"amount": 1, "currency": "HKD"})
    wrong = shop.adjust(2, sku="C1", batch="B1", expiry="2027-01-31")
    shop.correct(wrong.index, 1, reference="R2", document=paper)
    shop.correct(wrong.index + 1)
    shop.lot("O1", "B1")
    shop.rename("A1")
    shop.retire("sample")
    first = shop.open()
    shop.count(first.id, {"sku": "A2", "counted": 1}, {"scan": "(01)09506000134352(10)B1", "counted": 3})
    shop.close(first.id)
    shop.cancel(shop.open(ALLOWS).id)


def test_the_page_names_every_type_of_entry() -> None:
    assert set(PAGE.documented()) == set(EVENT_TYPES)


def test_entries_hold_what_the_page_says(shop: Shop) -> None:
    everything(shop)

    seen = PAGE.held_by(shop.entry(index) for index in range(shop.size()))

    assert seen == set(EVENT_TYPES)
