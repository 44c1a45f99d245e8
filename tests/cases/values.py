"""Values of this room for tests of pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cases.model import (
    Case,
    CaseKind,
    CaseState,
    Channel,
    Disclosure,
    Identity,
    Item,
    ItemKind,
    Language,
)

MOMENT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RECEIVED = date(2026, 10, 12)

CASE = Case(
    id="c1",
    kind=CaseKind.ACCESS,
    state=CaseState.OPEN,
    channel=Channel.LETTER,
    language=Language.CHINESE,
    requestor="p_a",
    person="p_a",
    received_on=RECEIVED,
    identity=Identity.SHOWN,
    items=2,
    snapshot=bytes(32),
    fee=None,
    fee_paid=False,
    refusals=0,
    refused_whole=False,
    interim_on=None,
    final_notice=None,
    reminded=0,
    opened_index=7,
)


def case(**members: Any) -> Case:
    """An access request that is ready to be answered, but for these members."""
    return replace(CASE, **members)


def item(number: int = 1, **members: Any) -> Item:
    """An item that is supplied whole, but for these members."""
    return replace(Item("c1", number, ItemKind.ENTRY, "3", 0, bytes(32)), **members)


def disclosure(day: date, **members: Any) -> Disclosure:
    """That the supplier's contact was disclosed on a day."""
    made = Disclosure(9, ItemKind.PERSONAL, "3/contact", "LOGI", "delivery", day, still_using=True)
    return replace(made, **members)
