"""Rows of the tables of requests as values: columns in the order of the keyed rows of `cases.store`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from audit.event import time_of
from cases.model import (
    Case,
    CaseKind,
    CaseState,
    Channel,
    Disclosure,
    Handling,
    Identity,
    Item,
    ItemKind,
    Language,
    Proposal,
    ProposalState,
)
from policies.using.exemptions import ExemptionId

if TYPE_CHECKING:
    from collections.abc import Sequence


def case_of(case: str, row: Sequence[Any], entry_index: int = -1) -> Case:
    """A case from its row."""
    (kind, state, channel, language, requestor, person, received, identity, items, snapshot, *rest) = row
    fee, paid, refusals, whole, interim, notice, reminded, opened = rest
    return Case(
        case,
        CaseKind(kind),
        CaseState(state),
        Channel(channel),
        Language(language),
        requestor,
        person,
        date.fromisoformat(received),
        Identity(identity),
        items,
        None if snapshot is None else bytes(snapshot),
        fee,
        bool(paid),
        refusals,
        bool(whole),
        None if interim is None else date.fromisoformat(interim),
        notice,
        reminded,
        opened,
        entry_index,
    )


def item_of(case: str, number: int, row: Sequence[Any]) -> Item:
    """An item from its row."""
    kind, ref, version, digest, third_party, consented, handling, refusal, marked, _ = row
    return Item(
        case,
        number,
        ItemKind(kind),
        ref,
        version,
        bytes(digest),
        bool(third_party),
        bool(consented),
        Handling(handling),
        refusal,
        marked,
    )


def disclosure_of(row: Sequence[Any]) -> Disclosure:
    """A disclosure from its row, its id first."""
    index, kind, ref, recipient, purpose, day, still = row
    return Disclosure(index, ItemKind(kind), ref, recipient, purpose, date.fromisoformat(day), bool(still))


def proposal_of(proposal: str, row: Sequence[Any]) -> Proposal:
    """A proposed refusal from its row."""
    case, ground, exemption, evidence, prejudice, items, proposed_by, expires_at, state, index = row
    return Proposal(
        proposal,
        case,
        ground,
        None if exemption is None else ExemptionId(exemption),
        evidence,
        bool(prejudice),
        tuple(int(number) for number in items.split()),
        proposed_by,
        time_of(expires_at),
        ProposalState(state),
        index,
    )
