"""What every benchmark needs: durable databases of its own, an fsync probe, a stopwatch, a table."""

from __future__ import annotations

import gc
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from migrations.upgrading import upgrade
from storage import Storage, create_log, open_storage
from tests.postgres import Cluster

ROOT_KEY = bytes(range(32))
ORIGIN = "bench.chopbook.test/1"


def clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on the disk that will hold the data, removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="chopbook-bench-", dir=os.environ.get("CHOPBOOK_BENCH_DIR")))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], str]]:
    """Gives a maker of migrated, empty, durable databases of that kind."""
    with folder() as path:
        if kind == "sqlite":
            counter = iter(range(10_000))

            def make() -> str:
                url = f"sqlite:///{path / f'{next(counter)}.db'}"
                upgrade(url)
                return url

            yield make
        else:
            cluster = Cluster(durable=True)
            cluster.start()
            try:

                def make_postgresql() -> str:
                    url = cluster.url(cluster.create_database())
                    upgrade(url)
                    return url

                yield make_postgresql
            finally:
                cluster.stop()


@contextmanager
def opened(url: str) -> Iterator[Storage]:
    """A new log in the database, open."""
    with folder() as path:
        keystore = f"sqlite:///{path / 'keys.db'}"
        create_log(url, keystore, ROOT_KEY, origin=ORIGIN, clock=clock, entropy=os.urandom)
        storage = open_storage(url, keystore, ROOT_KEY, clock=clock, entropy=os.urandom)
        try:
            yield storage
        finally:
            storage.close()


def probe_fsync(path: Path, count: int = 200) -> tuple[float, float]:
    """Median and 99th percentile of a 4 KiB append with fdatasync, in milliseconds."""
    times = []
    with (path / "probe").open("wb", buffering=0) as file:
        for _ in range(count):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


@dataclass
class Timed:
    """What a piece of work took."""

    count: int
    wall_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        return self.count / self.wall_s

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.count * 1_000_000


def timed(count: int, work: Callable[[], object]) -> Timed:
    """Runs `work`, which handles `count` things."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Timed(count, time.perf_counter() - wall, time.process_time() - cpu)


def best(rounds: Sequence[Timed]) -> Timed:
    """The quickest round: noise of a shared machine only ever adds."""
    return max(rounds, key=lambda one: one.rate)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints rows under a header, as Markdown."""
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def verdict(what: str, found: float, *, at_least: float | None = None, at_most: float | None = None) -> None:
    """Prints one line: a figure, the aim it was to reach, and whether it did."""
    reached = (at_least is None or found >= at_least) and (at_most is None or found <= at_most)
    aim = f">= {at_least:,.6g}" if at_least is not None else f"<= {at_most:,.6g}"
    print(f"verdict: {what}: {found:,.4g}, aim {aim}: {'reached' if reached else 'NOT REACHED'}", flush=True)


def print_machine(path: Path) -> None:
    """Prints the load of the machine and the fsync probe."""
    median, p99 = probe_fsync(path)
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f}; fdatasync of 4 KiB: median {median:.2f} ms, p99 {p99:.2f} ms\n")
