"""The logs that are tampered with: made by the product itself, the same bytes on every database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from audit.entry import parse_entry
from audit.event import Actor, Decided, Event, Subject
from storage import Change, create_log, open_storage
from storage.opening import rotate_key
from storage.reading import read_head, stream_entries
from storage.signing import load_signer
from tests.tamper.case import PUBLISHED, SIGNED, SIZE
from tests.tamper.forge import Key
from tests.worlds import ORIGIN, ROOT_KEY, START, SetClock, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from audit.keys import Ed25519Signer
    from storage import Storage
    from storage.personal import PersonalField
    from storage.transaction import Transaction

NAMES: Final = UUID("4a3c1f0e-7d7b-4a55-9a43-0d6b0c3f5a11")
NEVER_S: Final = 1e9


@dataclass(frozen=True, slots=True)
class Base:
    """What is known of a log before it is tampered with."""

    origin: str
    vkey: str
    """The verifier key that the verifier pinned: that of entry 0."""
    key: Key
    """The signing key in use at the end."""
    former: Key
    """The signing key before a rotation; the same if there was none."""
    notes: Mapping[int, str]
    leaf_hashes: tuple[bytes, ...]


def event_at(storage: Storage, i: int) -> tuple[Event, list[PersonalField]]:
    """The event of entry `i`; which optional members it has follows from its index (`tests.tamper.case`)."""
    data: dict[str, object] = {
        "after": 1000 - i,
        "before": 1001 - i,
        "change": -1,
        "reason": "sale",
        "reference": f"送貨單 {i}",
        "scale": 0,
        "sku": f"SKU-{i % 10:02}",
    }
    if i % 3 != 2:
        data["store"] = f"S{i % 3 + 1}"
    subjects = (
        Subject("stock", f"S{i % 3 + 1}/SKU-{i % 10:02}"),
        Subject("sku", f"SKU-{i % 10:02}"),
        Subject("lot", f"SKU-{i % 10:02}/B{i % 4}"),
        Subject("document", f"D{i % 13}"),
    )[: 1 + i % 4]
    personal = [storage.log.personal("p_staff", "note", f"客人 {i}")] if i % 7 == 0 else []
    event = Event(
        type="sku.changed" if i % 50 == 49 else "stock.adjusted",
        subjects=subjects,
        data=data,
        actor=Actor(f"p_{i % 6}", "staff", "p_6" if i % 11 == 0 else None),
        event_id=uuid5(NAMES, str(i)),
        occurred_at=START if i % 2 == 0 else None,
        personal={value.field: value.digest for value in personal},
        request=uuid5(NAMES, f"request {i}").bytes if i % 2 else None,
        decision=Decided("policy/1", "allowed_by_assignment") if i % 5 == 0 else None,
    )
    return event, personal


def fill(url: str, directory: Path, *, rotate_at: int | None = None) -> Base:
    """Makes the log in a migrated, empty database; its key store goes to `directory`.

    A rotation takes the index at which it is done; a day later, at 512, only the new key signs.
    """
    clock, entropy = SetClock(), seeded()
    keystore_url = f"sqlite:///{directory / 'keys.db'}"
    create_log(url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=clock, entropy=entropy)
    notes: dict[int, str] = {}
    for end in SIGNED:
        clock.advance(minutes=10, days=2 if end == 600 else 0)
        interval_s = 0.0 if end in PUBLISHED else NEVER_S
        storage = open_storage(url, keystore_url, ROOT_KEY, clock=clock, entropy=entropy, publish_interval_s=interval_s)
        try:
            size = storage.log.head().size
            if size == rotate_at:
                _rotate(storage, entropy)
                notes[size + 1] = storage.log.head().note
                size += 1
            _append(storage, size, end)
            head = storage.log.head()
            notes[head.size] = head.note
        finally:
            storage.close()
    return _describe(url, keystore_url, notes)


def _append(storage: Storage, start: int, stop: int) -> None:
    """Entries `start` to `stop` as one change, so that they are one batch."""
    if start >= stop:
        return
    made = [event_at(storage, i) for i in range(start, stop)]

    def run(tx: Transaction) -> None:
        for event, personal in made:
            tx.append(event, personal)

    storage.log.commit(Change(run))


def _vkeys(storage: Storage) -> list[str]:
    with storage.database.read() as connection:
        size = read_head(connection).size
        found = [parse_entry(entry.bytes).event for entry in stream_entries(connection, 0, size)]
    return [str(event.data["vkey"]) for event in found if "vkey" in event.data]


def _rotate(storage: Storage, entropy: Callable[[int], bytes]) -> None:
    rotate_key(
        storage,
        actor=Actor("p_0", "operator"),
        previous_vkey=_vkeys(storage)[-1],
        event_id=uuid5(NAMES, "rotation"),
        entropy=entropy,
    )


def _describe(url: str, keystore_url: str, notes: Mapping[int, str]) -> Base:
    clock, entropy = SetClock(), seeded(1)
    storage = open_storage(url, keystore_url, ROOT_KEY, clock=clock, entropy=entropy, publish_interval_s=NEVER_S)
    try:
        vkeys = _vkeys(storage)
        with storage.database.read() as connection:
            size = read_head(connection).size
            leaf_hashes = tuple(entry.leaf_hash for entry in stream_entries(connection, 0, size))
        keys = [_key(load_signer(storage.keys, ORIGIN, vkey)) for vkey in vkeys]
    finally:
        storage.close()
    if size != SIZE:
        msg = f"base log: expected {SIZE} entries, got {size}"
        raise AssertionError(msg)
    return Base(ORIGIN, vkeys[0], keys[-1], keys[0], dict(notes), leaf_hashes)


def _key(signer: Ed25519Signer) -> Key:
    return Key(signer.name, signer.key_id, signer.sign)
