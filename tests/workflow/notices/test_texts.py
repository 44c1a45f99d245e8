"""What notices call things: every type of entry about stock and documents has a name in both languages."""

from __future__ import annotations

import re

import pytest

from documents import model as documents
from stock import model as stock
from stock.lots import model as lots
from workflow.notices.texts import TITLES

TYPES = sorted(stock.EVENT_TYPES | lots.EVENT_TYPES | documents.EVENT_TYPES)


@pytest.mark.parametrize("event_type", TYPES)
def test_each_type_of_entry_has_its_title(event_type: str) -> None:
    zh, en = TITLES[event_type]

    assert re.search("[一-鿿]", zh)
    assert en.isascii()


def test_no_two_types_are_told_alike() -> None:
    assert len(set(TITLES.values())) == len(TITLES)
