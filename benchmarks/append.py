"""Durable, chained, indexed appends per second, beside the bare insert of the same rows.

    python -m benchmarks.append                      # both databases
    python -m benchmarks.append --database sqlite --count 20000 --peers

The floor inserts the very rows that Chopbook made, into the same tables with the same indexes and triggers, with the
same batch size and the same durability, by the same driver calls. Events and requests are made before the clock starts,
as the floor's rows are. Rounds are interleaved and the best of each counts.
Event loop and garbage collector are those of the server (uvloop, `app.collector`).
`--peers` adds auditchain and eventsourcing (`pip install -r benchmarks/requirements.txt`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count as counter
from typing import Any
from uuid import UUID

import uvloop
from sqlalchemy import select

from app.collector import spare_the_collector
from audit.event import Actor, Event, Subject
from benchmarks.ground import Timed, best, clock, databases, folder, opened, print_machine, table, timed, verdict
from benchmarks.shop import SKUS, STORES, open_shop, sale, sku_code, store_code
from stock.store import BALANCES
from storage import Change, Storage, Transaction
from storage.database import Database
from storage.head_row import HeadRow, begin, commit, save_head
from storage.overlay import ENTRY_COLUMNS, SUBJECT_COLUMNS
from storage.rows import Row, insert_rows, together
from storage.schema import entries, entry_subjects, log_head, tiles

AIMS = {"log alone": 0.6, "whole stock change": 0.35}
PEER_AIMS = {"auditchain": 5.0, "eventsourcing": 2.5}
SINGLES = 600
"""Events a round of a peer that commits each by itself."""
ACTOR = Actor("p_abcdefghijklmnop", "api_client")


def event(n: int) -> Event:
    """What a stock adjustment logs, without the stock room."""
    store, sku = store_code(n % STORES), sku_code(n % SKUS)
    return Event(
        "stock.adjusted",
        (Subject("stock", f"{store}/{sku}"), Subject("sku", sku)),
        {
            "after": n - 1,
            "before": n,
            "change": -1,
            "reason": "sale",
            "reference": f"INV{n}",
            "scale": 0,
            "sku": sku,
            "store": store,
        },
        ACTOR,
        UUID(bytes=os.urandom(16), version=4),
    )


def log_change(made: Event) -> Change[object]:
    return Change(
        lambda tx: tx.append(made),
        event_ids=((ACTOR.id, made.event_id),),
        subjects=tuple(subject.key for subject in made.subjects),
    )


def run_grouped(storage: Storage, make: Callable[[int], Change[Any]], count: int, callers: int) -> float:
    """`callers` concurrent callers, one change each at a time; returns the mean batch size."""
    heads: list[int] = []
    storage.log.on_commit(lambda head: heads.append(head.size))
    numbers = iter(range(count))

    async def call() -> None:
        for n in numbers:
            await storage.log.commit_async(make(n))

    async def all_callers() -> None:
        await asyncio.gather(*(call() for _ in range(callers)))

    uvloop.run(all_callers())
    return count / max(1, len(heads))


def run_bulk(storage: Storage, feeds: Iterable[Sequence[Event]]) -> None:
    """Feeds of events, each one change."""
    for events in feeds:

        def feed(tx: Transaction, events: Sequence[Event] = events) -> None:
            for one in events:
                tx.append(one)

        storage.log.commit(
            Change(
                feed,
                event_ids=tuple((ACTOR.id, one.event_id) for one in events),
                subjects=tuple({subject.key for one in events for subject in one.subjects}),
            )
        )


class Floor:
    """The rows a run made, to be inserted again into an empty database with nothing else done."""

    def __init__(self, source: Database, *, skip: int, batch: int, stock: bool) -> None:
        with source.read() as connection:
            made = connection.execute(
                select(*(entries.c[name] for name in ENTRY_COLUMNS)).order_by(entries.c.entry_index)
            ).all()
            subjects = connection.execute(
                select(*(entry_subjects.c[name] for name in SUBJECT_COLUMNS)).order_by(entry_subjects.c.entry_index)
            ).all()
            full = connection.execute(select(tiles).order_by(tiles.c.level, tiles.c.tile_index)).all()
            self.head = connection.execute(select(log_head)).mappings().one()
        self.before = [tuple(row) for row in made[:skip]]
        self.before_subjects = [tuple(row) for row in subjects if row[2] < skip]
        self.made = [tuple(row) for row in made[skip:]]
        by_entry: dict[int, list[Row]] = {}
        for row in subjects:
            by_entry.setdefault(row[2], []).append(tuple(row))
        self.subjects = by_entry
        self.tiles = [tuple(row) for row in full]
        self.batch = batch
        self.stock = stock

    def prepare(self, url: str) -> Database:
        database = Database(url)
        with database.writing_connection() as connection:
            connection.exec_driver_sql("BEGIN")
            connection.execute(log_head.insert().values(**{**self.head, "size": 0}))
            if self.before:
                insert_rows(connection, entries, ENTRY_COLUMNS, self.before)
                insert_rows(connection, entry_subjects, SUBJECT_COLUMNS, self.before_subjects)
            connection.exec_driver_sql("COMMIT")
        return database

    def run(self, database: Database) -> None:
        pending = list(self.tiles)
        head = HeadRow(**{key: value for key, value in self.head.items() if key != "id"})
        with database.writing_connection() as connection:
            for start in range(0, len(self.made), self.batch):
                rows = self.made[start : start + self.batch]
                with together(connection):
                    begin(connection)
                    insert_rows(connection, entries, ENTRY_COLUMNS, rows)
                    links = [link for row in rows for link in self.subjects[row[0]]]
                    insert_rows(connection, entry_subjects, SUBJECT_COLUMNS, links)
                    if self.stock:
                        BALANCES.upsert(connection, self._balances(rows))
                    while pending and (pending[0][1] + 1) * 256 ** (pending[0][0] + 1) <= rows[-1][0]:
                        insert_rows(connection, tiles, ("level", "tile_index", "nodes"), [pending.pop(0)])
                    save_head(connection, head._replace(size=start))
                    commit(connection)

    def _balances(self, rows: list[Row]) -> list[Row]:
        found: dict[Row, Row] = {}
        for row in rows:
            link = self.subjects[row[0]][0][0]
            store, sku = link.removeprefix("stock:").split("/") if link.startswith("stock:") else (row[7], "sku")
            found[store, sku] = (store, sku, "", row[0], row[0])
        return list(found.values())


def ratios(kind: str, count: int, callers: int, rounds: int) -> None:
    """Ours beside the floor, for the log alone and for the whole stock change."""
    rows = []
    found: dict[str, float] = {}
    with databases(kind) as make:
        for name, stock in (("log alone", False), ("whole stock change", True)):
            ours: list[Timed] = []
            floors: list[Timed] = []
            group = 0.0
            for _ in range(rounds):
                url = make()
                with opened(url) as storage:
                    change, skip = _changes(storage, stock, count)
                    sizes: list[float] = []
                    ours.append(
                        timed(count, lambda: sizes.append(run_grouped(storage, change, count, callers)))  # noqa: B023
                    )
                    group = sizes[0]
                    floor = Floor(storage.database, skip=skip, batch=max(1, round(group)), stock=stock)
                database = floor.prepare(make())
                floors.append(timed(count, lambda: floor.run(database)))  # noqa: B023
                database.close()
            rows.append(_row(f"{name}, {callers} callers, groups of {group:.0f}", best(ours), best(floors)))
            found[name] = best(ours).rate / best(floors).rate
        rows.append(_bulk_row(make, count, rounds))
    table(["what", "ours /s", "floor /s", "ratio", "our CPU µs", "floor CPU µs"], rows)
    for name, ratio in found.items():
        verdict(f"{kind}, {name}, grouped, over the floor", ratio, at_least=AIMS[name])


def _changes(storage: Storage, stock: bool, count: int) -> tuple[Callable[[int], Change[Any]], int]:
    if not stock:
        events = [event(n) for n in range(count)]
        return lambda n: log_change(events[n]), 1
    shop, sales = open_shop(storage), [sale(n) for n in range(count)]
    return lambda n: shop.adjustment(sales[n]), storage.log.head().size


def _feeds(count: int, width: int) -> Iterator[list[Event]]:
    return ([event(n) for n in group] for group in _groups(count, width))


def _bulk_row(make: Callable[[], str], count: int, rounds: int) -> list[str]:
    ours, floors = [], []
    for _ in range(rounds):
        with opened(make()) as storage:
            feeds = list(_feeds(count, 1000))
            ours.append(timed(count, lambda: run_bulk(storage, feeds)))  # noqa: B023
            floor = Floor(storage.database, skip=1, batch=1000, stock=False)
        database = floor.prepare(make())
        floors.append(timed(count, lambda: floor.run(database)))  # noqa: B023
        database.close()
    return _row("log alone, feeds of 1,000", best(ours), best(floors))


def _row(name: str, ours: Timed, floor: Timed) -> list[str]:
    return [
        name,
        f"{ours.rate:,.0f}",
        f"{floor.rate:,.0f}",
        f"{ours.rate / floor.rate:.2f}",
        f"{ours.cpu_us:.0f}",
        f"{floor.cpu_us:.0f}",
    ]


def peers(count: int, width: int, callers: int, rounds: int) -> None:
    """auditchain and eventsourcing on the same work, on SQLite, every commit durable.

    Once as a till sends them: `callers` at once, each with one event that must be durable before it is answered. Once as
    a feed: groups of `width` events, one commit for each group. Neither peer keeps indexes to search by, chains of
    subjects, proofs or event ids for ever, and a group of auditchain's is hashed but not signed.
    """
    by_one: dict[str, Callable[[], Timed]] = {
        "Chopbook": lambda: _chopbook_singles(count, callers),
        "auditchain": lambda: _auditchain(SINGLES, 1, callers),
        "eventsourcing": lambda: _eventsourcing(SINGLES, 1, callers),
    }
    by_group: dict[str, Callable[[], Timed]] = {
        "Chopbook": lambda: _chopbook(count, width),
        "auditchain": lambda: _auditchain(count, width, 1),
        "eventsourcing": lambda: _eventsourcing(count, width, 1),
    }
    _compare(f"one event each of {callers} callers", by_one, rounds)
    _compare(f"groups of {width}", by_group, rounds)


def _compare(title: str, work: dict[str, Callable[[], Timed]], rounds: int) -> None:
    found: dict[str, list[Timed]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            found[name].append(run())
    ours = best(found["Chopbook"])
    rows = []
    for name, measured in found.items():
        one = best(measured)
        rows.append([name, f"{one.rate:,.0f}", f"{ours.rate / one.rate:.1f}", f"{one.cpu_us:.0f}"])
    table([title, "events/s", "Chopbook is x times", "CPU µs"], rows)
    for name, aim in PEER_AIMS.items():
        verdict(f"Chopbook over {name}, {title}", ours.rate / best(found[name]).rate, at_least=aim)


def _chopbook_singles(count: int, callers: int) -> Timed:
    with databases("sqlite") as make, opened(make()) as storage:
        return timed(count, lambda: run_grouped(storage, lambda n: log_change(event(n)), count, callers))


def _chopbook(count: int, width: int) -> Timed:
    with databases("sqlite") as make, opened(make()) as storage:
        return timed(count, lambda: run_bulk(storage, _feeds(count, width)))


def _members(n: int) -> dict[str, object]:
    made = event(n)
    return {**made.data, "event_id": str(made.event_id), "recorded_at": clock().isoformat()}


def _groups(count: int, width: int) -> Iterator[range]:
    return (range(start, min(start + width, count)) for start in range(0, count, width))


def _auditchain(count: int, width: int, callers: int) -> Timed:
    from auditchain.backends.sqlite import SqliteBackend
    from auditchain.log import AuditLog

    async def feed() -> None:
        # One after the other: two tasks that append at once take the same number, and the second fails.
        turn = asyncio.Lock()
        groups = _groups(count, width)

        async def call(log: AuditLog) -> None:
            for group in groups:
                rows = [
                    (ACTOR.id, "stock.adjusted", f"{store_code(n % STORES)}/{sku_code(n % SKUS)}", _members(n))
                    for n in group
                ]
                async with turn:
                    await log.append_many(rows)

        async with AuditLog(SqliteBackend(str(path / "peer.db"))) as log:
            await asyncio.gather(*(call(log) for _ in range(callers)))

    with folder() as path:
        return timed(count, lambda: asyncio.run(feed()))


def _eventsourcing(count: int, width: int, callers: int) -> Timed:
    from eventsourcing.persistence import StoredEvent
    from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

    versions = counter()
    ids = [UUID(int=n) for n in range(SKUS)]

    def insert(group: range) -> None:
        recorder.insert_events(
            [
                StoredEvent(ids[n % SKUS], next(versions), "shop:Adjusted", json.dumps(_members(n)).encode())
                for n in group
            ]
        )

    def feed() -> None:
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(insert, _groups(count, width)))

    with folder() as path:
        # As many callers as there are may wait for the one connection that writes.
        store = SQLiteDatastore(str(path / "peer.db"), pool_size=1, max_overflow=0, pool_timeout=60)
        recorder = SQLiteApplicationRecorder(store)
        recorder.create_table()
        return timed(count, feed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--count", type=int, default=10_000, help="events a round")
    parser.add_argument("--callers", type=int, default=128, help="concurrent callers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    spare_the_collector()
    kinds = ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]
    for kind in kinds:
        with folder() as path:
            print(f"## {kind}\n")
            print_machine(path)
        ratios(kind, asked.count, asked.callers, asked.rounds)
    if asked.peers:
        peers(asked.count, 200, asked.callers, asked.rounds)


if __name__ == "__main__":
    main()
