"""The small log that the pages in `docs/formats` take their examples from.

Its private keys are published here and sign nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from audit.canonical import JSON
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.commitment import commit
from audit.entry import ZERO_HASH, Actor, Decided, Entry, Event, Link, Subject, derived_event_id, seal
from audit.keys import Ed25519Signer, MlDsa44Signer
from tests.audit.trees import Tree

ORIGIN = "log.example/retail"
ED25519_SEED = bytes(range(32))
MLDSA44_SEED = bytes(range(32, 64))
COSIGNED_AT = 1_795_392_000
STARTED_US = 1_795_348_800_000_000
SALT = bytes(range(16))
NOTE = "顧客電話要求：九龍灣店取貨"

SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(ED25519_SEED))
COSIGNER = MlDsa44Signer(ORIGIN, MLDSA44PrivateKey.from_seed_bytes(MLDSA44_SEED), COSIGNED_AT)

_OPERATOR = Actor("p_aaaaaaaaaaaaaaaa", "operator")
_TILL = Actor("p_bbbbbbbbbbbbbbbb", "api_client")
_STAFF = Actor("p_cccccccccccccccc", "staff", acting_for="p_dddddddddddddddd")
_DECIDED = Decided("coarse/1@0", "role_allows")
_STOCK = Subject("stock", "HK01/85123A")
_SKU = Subject("sku", "85123A")
_LOT = Subject("lot", "85123A/L-2026-11")
_SALE_ID = UUID("0192f0c1-2345-7678-9abc-def012345678")
_EVENTS = (
    Event("log.created", (Subject("log", ORIGIN),), {"vkey": SIGNER.vkey}, _OPERATOR, UUID(int=1)),
    Event(
        "sku.created",
        (_SKU,),
        {
            "sku": "85123A",
            "name_zh": "白色心形燭台",
            "name_en": "White hanging heart T-light holder",
            "unit": "piece",
            "scale": 0,
            "lot_tracking": "optional",
        },
        _OPERATOR,
        UUID(int=2),
        decision=_DECIDED,
    ),
    Event(
        "stock.adjusted",
        (_STOCK, _SKU, _LOT),
        {
            "store": "HK01",
            "sku": "85123A",
            "batch": "L-2026-11",
            "reason": "receive",
            "before": 0,
            "change": 48,
            "after": 48,
            "scale": 0,
        },
        _TILL,
        _SALE_ID,
        occurred_at=datetime(2026, 11, 22, 11, 59, 58, 250_000, tzinfo=UTC),
        request=bytes(range(16)),
        decision=_DECIDED,
    ),
    Event(
        "stock.adjusted",
        (_STOCK, _SKU),
        {
            "store": "HK01",
            "sku": "85123A",
            "reason": "sale",
            "before": 48,
            "change": -6,
            "after": 42,
            "scale": 0,
            "unit_price": {"amount": 2550, "currency": "HKD"},
        },
        _STAFF,
        derived_event_id(_SALE_ID, 1),
        personal={"note": commit(SALT, "note", NOTE)},
        decision=_DECIDED,
    ),
    Event(
        "stock.adjusted",
        (_STOCK, _SKU),
        {"store": "HK01", "sku": "85123A", "reason": "damaged", "before": 42, "change": -1, "after": 41, "scale": 0},
        _TILL,
        UUID(int=5),
        decision=_DECIDED,
    ),
)


@cache
def entries() -> tuple[Entry, ...]:
    """The log, entry by entry."""
    sealed: list[Entry] = []
    chains: dict[Subject, list[bytes]] = {}
    previous = ZERO_HASH
    for index, event in enumerate(_EVENTS):
        links = []
        for subject in event.subjects:
            before = chains.setdefault(subject, [])
            links.append(Link(subject, len(before), before[-1] if before else ZERO_HASH))
        entry = seal(
            event,
            origin=ORIGIN,
            index=index,
            previous=previous,
            recorded_at_us=STARTED_US + 1_500_001 * index,
            links=links,
        )
        previous = entry.leaf_hash
        for subject in event.subjects:
            chains[subject].append(previous)
        sealed.append(entry)
    return tuple(sealed)


def decided_entry() -> Entry:
    """Entry 5, which names all of its decision but the channel, as older ones do; the tree of the log ends before it."""
    return _denied("")


def channelled_entry() -> Entry:
    """The same, with the channel."""
    return _denied("device")


def _denied(channel: str) -> Entry:
    decided = Decided(
        "cedar-3f8a0c12b5d6e7f9@4",
        "store_out_of_reach",
        action="stock.adjust",
        resource="stock",
        scope="8d6d3f0a5f0e4b17",
        by="limit.store",
        stores="HK01 HK02",
        key="abcdefgh",
        channel=channel,
    )
    caller = Subject("api_client", _TILL.id)
    data: dict[str, JSON] = {"action": "stock.adjust", "resource": {"kind": "stock", "stores": ["HK01", "HK02"]}}
    before = entries()[-1]
    return seal(
        Event("access.denied", (caller,), data, _TILL, UUID(int=6), decision=decided),
        origin=ORIGIN,
        index=before.index + 1,
        previous=before.leaf_hash,
        recorded_at_us=STARTED_US + 7_500_005,
        links=[Link(caller, 0, ZERO_HASH)],
    )


@cache
def tree() -> Tree:
    """The tree of the log."""
    return Tree([entry.bytes for entry in entries()])


def checkpoint(size: int) -> Checkpoint:
    """The log's claim at a size."""
    return Checkpoint(ORIGIN, size, tree().roots[size])


@cache
def note(size: int) -> str:
    """The signed checkpoint at a size."""
    return sign_checkpoint(checkpoint(size), [SIGNER])
