"""Verification of a large log: all of it, what is new, and the proof of one entry.

    python -m benchmarks.verify                       # one million entries on SQLite
    python -m benchmarks.verify --count 200000 --database postgresql
    python -m benchmarks.verify --log sqlite:////tmp/log.db   # one that `tests.verify.synthetic` has made

Peak memory is that of this process and of its largest worker.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import statistics
import subprocess
import sys
import time

from audit.checkpoint import Checkpoint
from audit.proof import verify_inclusion
from benchmarks.ground import databases, folder, print_machine, table, timed, verdict
from storage.database import Database
from storage.reading import inclusion_proof, read_entry, read_head, root_at
from storage.verification import Since, verify_database
from tests.verify.synthetic import make

NEW = 1_000
PROOFS = 500


def peaks_mb() -> tuple[float, float]:
    """Peak resident memory: of this process, and of the largest of its children."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return own, workers


def cpu_s() -> float:
    """CPU seconds of this process and of the workers that have ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def prove(database: Database, size: int) -> list[float]:
    """Milliseconds for each of many proofs, the reading of the entry left out, each checked."""
    chance = random.Random(1)
    times: list[float] = []
    with database.read() as connection:
        root = root_at(connection, size)
        for _ in range(PROOFS):
            index = chance.randrange(size)
            start = time.perf_counter()
            proof = inclusion_proof(connection, index, size)
            times.append((time.perf_counter() - start) * 1000)
            leaf = read_entry(connection, index).leaf_hash
            verify_inclusion(leaf_hash=leaf, index=index, size=size, proof=proof, root=root)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--log", help="the URL of a database with a log, to verify that one")
    asked = parser.parse_args()
    if asked.log is not None:
        measure(asked.log)
        return
    with databases(asked.database) as new_database:
        url = new_database()
        # Processes of their own: what making the log takes is no part of the memory of verifying it.
        maker = multiprocessing.get_context("spawn").Process(target=make, args=(url, asked.count))
        maker.start()
        maker.join()
        subprocess.run([sys.executable, "-m", "benchmarks.verify", "--log", url], check=True)


def measure(url: str) -> None:
    """Verifies a log in every way and prints what it took."""
    with folder() as path:
        print_machine(path)
    database = Database(url)
    with database.read() as connection:
        head = read_head(connection)
        before = Checkpoint(head.origin, head.size - NEW, root_at(connection, head.size - NEW))
    cpu = cpu_s()
    full = timed(head.size, lambda: _clean(database, None))
    cpu_us = (cpu_s() - cpu) / head.size * 1_000_000
    memory = peaks_mb()
    new = timed(NEW, lambda: _clean(database, before))
    times = prove(database, head.size)
    database.close()
    share, median = new.wall_s / full.wall_s, statistics.median(times)
    table(
        ["what", "figure"],
        [
            [f"full verification of {head.size:,} entries", f"{full.rate:,.0f} entries/s ({full.wall_s:.1f} s)"],
            ["CPU of it, workers included", f"{cpu_us:.1f} µs an entry"],
            ["peak memory, MB", f"{memory[0]:.0f} + {memory[1]:.0f} a worker"],
            [f"{NEW:,} new entries on top of it", f"{new.wall_s:.3f} s, {share:.2%} of the full time"],
            [
                "inclusion proof, read and assembled",
                f"median {median:.2f} ms, p99 {statistics.quantiles(times, n=100)[98]:.2f} ms",
            ],
        ],
    )
    verdict("full verification, entries/s", full.rate, at_least=150_000)
    verdict(f"{NEW:,} new entries, percent of the full time", share * 100, at_most=1)
    verdict("inclusion proof, median ms", median, at_most=5)
    verdict("peak memory of one process, MB", max(memory), at_most=300)


def _clean(database: Database, since: Checkpoint | None) -> None:
    report = verify_database(database) if since is None else verify_database(database, Since(since))
    if report.faults:
        raise SystemExit(f"the log that was made does not verify: {report.faults[:3]}")


if __name__ == "__main__":
    main()
