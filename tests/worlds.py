"""A small world for tests: a migrated database with a log, a key store, a clock that is set by hand, seeded chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from audit.event import Actor, Event, Subject
from audit.merkle import root_of
from storage import Change, Committed, Storage, create_log, open_storage
from storage.reading import read_head, stream_entries

ORIGIN = "log.chopbook.test/1"
ROOT_KEY = bytes(range(32))
START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def seeded(seed: int = 0) -> Callable[[int], bytes]:
    """Entropy that repeats itself."""
    return random.Random(seed).randbytes


@dataclass
class World:
    """An opened log in a database of its own."""

    url: str
    keystore_url: str
    clock: SetClock
    entropy: Callable[[int], bytes]
    storage: Storage
    options: dict[str, Any] = field(default_factory=dict)

    def reopen(self) -> Storage:
        """Closes the log and opens it again, as a restart does."""
        self.storage.close()
        self.storage = self.open_another()
        return self.storage

    def open_another(self) -> Storage:
        """A second storage on the same database, as another process has."""
        return open_storage(
            self.url, self.keystore_url, ROOT_KEY, clock=self.clock, entropy=self.entropy, **self.options
        )

    def event(self, n: int = 0, *, kind: str = "note", subject: str = "n/1", **data: Any) -> Event:
        """An event of no room."""
        return Event(
            type="test.noted",
            subjects=(Subject(kind, subject),),
            data={"n": n, **data},
            actor=Actor("p_test", "operator"),
            event_id=UUID(bytes=self.entropy(16), version=4),
        )

    def change(self, n: int = 0, **data: Any) -> Change[Any]:
        """A change that appends one such event."""
        event = self.event(n, **data)
        return Change(lambda tx: tx.append(event))

    def append(self, count: int = 1, **data: Any) -> list[Committed[Any]]:
        """Appends that many events, each a change of its own."""
        return [self.storage.log.commit(self.change(n, **data)) for n in range(count)]

    def check(self) -> int:
        """Verifies the whole log as it lies in the database and returns its size."""
        return check_log(self.storage)


def check_log(storage: Storage) -> int:
    """Re-reads the whole log and fails on any fault; every test that wrote ends here."""
    with storage.database.read() as connection:
        head = read_head(connection)
        leaves = [entry.leaf_hash for entry in stream_entries(connection, 0, head.size)]
    assert len(leaves) == head.size
    assert root_of(leaves) == head.root
    try:
        from storage.verification import verify_database
    except ModuleNotFoundError:
        return head.size
    report = verify_database(storage.database)
    assert not report.faults, report
    return head.size


@contextmanager
def world_at(url: str, directory: Path, **options: Any) -> Iterator[World]:
    """A world in an already migrated, empty database."""
    clock, entropy = SetClock(), seeded()
    keystore_url = f"sqlite:///{directory / 'keys.db'}"
    create_log(url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=clock, entropy=entropy)
    storage = open_storage(url, keystore_url, ROOT_KEY, clock=clock, entropy=entropy, **options)
    world = World(url, keystore_url, clock, entropy, storage, dict(options))
    try:
        yield world
    finally:
        world.storage.close()
