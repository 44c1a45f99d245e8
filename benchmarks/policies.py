"""Deciding: decisions, a page decided again before it leaves, and what a scope costs in a list of a large log.

    python -m benchmarks.policies                          # a million entries on SQLite
    python -m benchmarks.policies --count 20000 --database postgresql

A decision is asked for in three ways: as a till does (the same question all day), as a reader does (the directory's version is
looked at first), and as nobody does (a question never asked before, which goes to Cedar). The filtered list is that of a manager of
one store in twelve, beside the same list of somebody who reaches every store, by turns in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import count

from benchmarks.ground import clock, databases, folder, opened, print_machine, table, timed, verdict
from benchmarks.shop import STORES, Shop, new_id, open_shop, sale, store_code
from policies.model import Action, Decision, Principal, Resource, Role, ScopeKind
from stock.adjusting import stock_at
from storage import Storage
from storage.reading import EntryFilter, count_entries, read_entries

PAGE = 50
ROUNDS = 300
COLD = 500
BATCH = 1_000


def people(shop: Shop, storage: Storage) -> tuple[Principal, Principal]:
    """A manager of one store, and an officer who reaches every store."""
    admin, log, policies = shop.policies.local_principal(), storage.log, shop.policies
    found = []
    for role in (Role.STORE_MANAGER, Role.COMPLIANCE_OFFICER):
        person = log.commit(policies.create_person(admin, role=role, display_name="陳大文", event_id=new_id())).result
        if person is None:
            raise SystemExit("expected a new person, got a replay")
        if role is Role.STORE_MANAGER:
            log.commit(policies.assign(admin, person.id, ScopeKind.STORE, store_code(0), event_id=new_id()))
        found.append(person.id)
    return policies.principal(found[0]), policies.principal(found[1])


def fill(shop: Shop, storage: Storage, entries: int) -> None:
    """Sales until the log has so many entries."""
    numbers = count()
    while (missing := entries - storage.log.head().size) > 0:
        batch = [sale(next(numbers)) for _ in range(min(BATCH, missing))]
        storage.log.commit(shop.stock.adjust_many(shop.till, batch, all_or_nothing=True, now=clock()))


def milliseconds(work: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return times


def by_turns(works: list[Callable[[], object]], rounds: int) -> list[float]:
    """The median of each in milliseconds; taken by turns, so that what else the machine does falls on all."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, times, strict=True):
            found.extend(milliseconds(work, 1))
    return [statistics.median(found) for found in times]


def decisions(shop: Shop, manager: Principal) -> None:
    policies, here, number = shop.policies, stock_at(store_code(0)), count()
    decided = policies.require(manager, Action.STOCK_ADJUST, here)

    def never_asked() -> Decision:
        return policies.decide(manager, Action.STOCK_ADJUST, Resource.at("stock", [f"X{next(number)}"]))

    asked = {
        "as a till: the same question": (20_000, lambda: policies.decide(manager, Action.STOCK_ADJUST, here)),
        "as a reader: the version is looked at": (2_000, lambda: policies.decide(manager, Action.STOCK_READ, here)),
        "a question never asked before": (COLD, never_asked),
        "the record of one for an entry": (20_000, lambda: policies.basis(decided)),
    }
    rows, cpu_us = [], []
    for name, (times, ask) in asked.items():
        found = timed(times, lambda ask=ask, times=times: [ask() for _ in range(times)])  # type: ignore[misc]
        cpu_us.append(found.cpu_us)
        rows.append([name, f"{found.rate:,.0f}", f"{found.cpu_us:,.1f}"])
    table(["decisions", "a second", "CPU µs"], rows)
    verdict("CPU µs of a decision, the same question", cpu_us[0], at_most=10)
    verdict("CPU µs of a decision, the version looked at", cpu_us[1], at_most=250)
    verdict("CPU µs of a decision, asked of Cedar", cpu_us[2], at_most=800)


def page_again(shop: Shop, manager: Principal) -> None:
    policies = shop.policies
    rows = [stock_at(store_code(0))] * PAGE
    times = milliseconds(lambda: policies.leaving(manager, rows, lambda row: ((Action.STOCK_READ, row),)), ROUNDS)
    median, slow = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(f"\na page of {PAGE} rows decided again: median {median:.3f} ms, p99 {slow:.3f} ms\n")
    verdict(f"a page of {PAGE} rows decided again, median ms", median, at_most=4)


def lists(shop: Shop, storage: Storage, manager: Principal, officer: Principal) -> None:
    """Newest page, page from the middle, and total: of one store, and of all."""
    policies = shop.policies
    mine, every = (
        policies.scope(policies.require(who, Action.LOG_READ, Resource("entry"))) for who in (manager, officer)
    )
    size = storage.log.head().size
    rows = []
    with storage.database.read() as connection:
        wanted = EntryFilter()
        for name, cursor in (("the newest page", None), ("a page from the middle", size // 2)):
            one, all_of_them = by_turns(
                [
                    lambda cursor=cursor: read_entries(connection, mine, wanted, cursor=cursor, limit=PAGE),  # type: ignore[misc]
                    lambda cursor=cursor: read_entries(connection, every, wanted, cursor=cursor, limit=PAGE),  # type: ignore[misc]
                ],
                ROUNDS,
            )
            rows.append([name, f"{one:.2f}", f"{all_of_them:.2f}", f"{one / all_of_them:.2f}"])
        one, all_of_them = by_turns(
            [lambda: count_entries(connection, mine, wanted), lambda: count_entries(connection, every, wanted)], 5
        )
        rows.append(["the total", f"{one:.2f}", f"{all_of_them:.2f}", ""])
    print(f"\nentries of one store in {STORES}, of {size:,}:\n")
    table(["list", "filtered, ms", "unfiltered, ms", "ratio"], rows)
    verdict("the newest page, filtered over unfiltered", float(rows[0][3]), at_most=3)
    verdict("a page from the middle, filtered over unfiltered", float(rows[1][3]), at_most=3)
    verdict("the total of a store, ms", one, at_most=500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000, help="of entries in the log")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    asked = parser.parse_args()
    with folder() as path:
        print_machine(path)
    with databases(asked.database) as new_database, opened(new_database()) as storage:
        shop = open_shop(storage)
        manager, officer = people(shop, storage)
        decisions(shop, manager)
        page_again(shop, manager)
        fill(shop, storage, asked.count)
        lists(shop, storage, manager, officer)


if __name__ == "__main__":
    main()
