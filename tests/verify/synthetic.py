"""Logs of any size, made without the writer: sealed entries, tiles, signed checkpoints, put into the tables in bulk.

They are what the log itself would have written, so that a million entries can be had in a minute.
`python -m tests.verify.synthetic 1000000 /tmp/log.db` makes one.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.canonical import JSON
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.entry import Actor, Decided, Entry, Event, Link, Subject, columns_of, seal, time_us
from audit.event import ZERO_HASH
from audit.keys import Ed25519Signer
from audit.merkle import EMPTY_ROOT, Frontier
from migrations.upgrading import upgrade
from storage.database import Database
from storage.rows import insert_rows
from storage.schema import checkpoints, entries, entry_subjects, log_head, tiles
from storage.tree import Tree

ORIGIN = "log.chopbook.test/synthetic"
START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 5_000

ENTRY_COLUMNS = [column.name for column in entries.columns]


def signer_of(seed: int, origin: str = ORIGIN) -> Ed25519Signer:
    """A key that is always the same."""
    return Ed25519Signer(origin, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


@dataclass
class Rows:
    """What the tables of a log hold."""

    origin: str = ORIGIN
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    tiles: list[tuple[Any, ...]] = field(default_factory=list)
    checkpoints: list[tuple[Any, ...]] = field(default_factory=list)
    head: tuple[Any, ...] = ()


class Forge:
    """Grows a log. Whoever holds it holds the key: it can also seal what the log never would."""

    def __init__(self, origin: str = ORIGIN, seed: int = 1, *, checkpoint_every: int = 1_000) -> None:
        self.origin = origin
        self.random = random.Random(seed)
        self.signers = [signer_of(1, origin)]
        self.tree = Tree(Frontier(), {})
        self.rows = Rows(origin)
        self.previous = ZERO_HASH
        self.now_us = self.recorded_at = time_us(START)
        self.ends: dict[str, tuple[int, int, bytes]] = {}
        self.checkpoint_every = checkpoint_every
        self.append(self.key_event("log.created", {"vkey": self.signers[-1].vkey}))

    @property
    def size(self) -> int:
        return self.tree.size

    def event_id(self) -> UUID:
        return UUID(bytes=self.random.randbytes(16), version=4)

    def key_event(self, kind: str, data: dict[str, str]) -> Event:
        return Event(kind, (Subject("log", self.origin),), data, Actor("system", "system"), self.event_id())

    def rotate(self) -> Entry:
        """Another key from here on; the next checkpoint carries both signatures."""
        new = signer_of(len(self.signers) + 1, self.origin)
        data = {"previous_vkey": self.signers[-1].vkey, "vkey": new.vkey}
        self.signers.append(new)
        return self.append(self.key_event("key.rotated", data))

    def stock_event(self, n: int) -> Event:
        """A stock movement like those of a shop."""
        chance = self.random
        store = f"HK{chance.randrange(20):02d}"
        sku = f"SKU{int(chance.random() ** 2 * 5_000):05d}"
        subjects = [Subject("stock", f"{store}/{sku}"), Subject("sku", sku)]
        before, change = chance.randrange(1_000), chance.randrange(-20, 20)
        data: dict[str, JSON] = {"after": before + change, "before": before, "change": change, "reason": "sale"}
        data |= {"reference": f"INV-{n}", "scale": 0, "sku": sku, "store": store}
        if n % 3 == 0:
            batch = f"B{chance.randrange(5)}"
            subjects.append(Subject("lot", f"{sku}/{batch}"))
            data["batch"] = batch
        personal = {"note": chance.randbytes(32).hex()} if n % 50 == 0 else {}
        return Event(
            type="stock.adjusted",
            subjects=tuple(subjects),
            data=data,
            actor=Actor(f"p_abcdefghijklm{n % 30:03d}", "api_client"),
            event_id=self.event_id(),
            occurred_at=START + timedelta(microseconds=self.now_us - time_us(START)) if n % 2 else None,
            personal=personal,
            request=chance.randbytes(16),
            decision=Decided("policy-1", "allowed"),
        )

    def append(self, event: Event, **changed: object) -> Entry:
        """Seal an event, as the log would but for what `changed` says, and take it in."""
        self.now_us += self.random.randrange(1, 2_000)
        links = []
        for subject in event.subjects:
            position, _, leaf_hash = self.ends.get(subject.key, (-1, -1, ZERO_HASH))
            links.append(Link(subject, position + 1, leaf_hash))
        values: dict[str, object] = {
            "origin": self.origin, "index": self.size, "previous": self.previous,
            "recorded_at_us": self.now_us, "links": links,
        }  # fmt: skip
        entry = seal(event, **(values | changed))  # type: ignore[arg-type]
        self.take(entry)
        return entry

    def take(self, entry: Entry) -> None:
        """Put an entry into the rows and the tree."""
        index = self.size
        for link in entry.links:
            before = self.ends.get(link.subject.key)
            self.rows.links.append((link.subject.key, link.index, index, before[1] if before else None))
            self.ends[link.subject.key] = (link.index, index, entry.leaf_hash)
        self.recorded_at = entry.recorded_at
        self.rows.entries.append((index, entry.bytes, entry.leaf_hash, *columns_of(entry)))
        self.rows.tiles += self.tree.extend([entry.leaf_hash])
        self.previous = entry.leaf_hash
        if self.size % self.checkpoint_every == 0:
            self.publish()

    def note(self) -> str:
        """The signed checkpoint of the log as it stands."""
        return sign_checkpoint(Checkpoint(self.origin, self.size, self.tree.root()), self.signers[-2:])

    def publish(self) -> None:
        self.rows.checkpoints.append((self.size, self.note(), self.now_us))

    def finish(self) -> Rows:
        """Write the head; more may follow."""
        hashes = b"".join(self.tree.hashes)
        root = self.tree.root() if self.size else EMPTY_ROOT
        self.rows.head = (1, self.origin, self.size, root, hashes, self.previous, self.recorded_at, self.note())
        return self.rows


def grown(count: int, seed: int = 1, checkpoint_every: int = 1_000) -> Forge:
    """A log of that many entries."""
    forge = Forge(seed=seed, checkpoint_every=checkpoint_every)
    while forge.size < count:
        forge.append(forge.stock_event(forge.size))
    forge.finish()
    return forge


def store(database: Database, rows: Rows, *, with_head: bool = True) -> None:
    """Put rows into migrated tables; the rows are then forgotten."""
    with database.writing_connection() as connection:
        if database.dialect == "sqlite":
            # Nobody minds if a log that can be made again is lost with the power.
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
        connection.exec_driver_sql("BEGIN")
        insert_rows(connection, entries, ENTRY_COLUMNS, rows.entries)
        insert_rows(connection, entry_subjects, ("subject", "position", "entry_index", "previous_index"), rows.links)
        insert_rows(connection, tiles, ("level", "tile_index", "nodes"), rows.tiles)
        insert_rows(connection, checkpoints, ("size", "note", "published_at"), rows.checkpoints)
        if with_head:
            names = [column.name for column in log_head.columns]
            insert_rows(connection, log_head, names, [rows.head])
        connection.exec_driver_sql("COMMIT")
    for table in (rows.entries, rows.links, rows.tiles, rows.checkpoints):
        table.clear()


def make(url: str, count: int, seed: int = 1) -> None:
    """A log of that many entries in a new database."""
    upgrade(url)
    database = Database(url)
    forge = Forge(seed=seed, checkpoint_every=10_000)
    while forge.size < count:
        forge.append(forge.stock_event(forge.size))
        if forge.size % BATCH == 0 and forge.size < count:
            store(database, forge.rows, with_head=False)
    forge.finish()
    store(database, forge.rows)
    database.close()


if __name__ == "__main__":
    Path(sys.argv[2]).unlink(missing_ok=True)
    make(f"sqlite:///{sys.argv[2]}", int(sys.argv[1]))
