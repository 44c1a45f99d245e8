"""Requests per second over HTTP, beside the same server answering without the log.

    python -m benchmarks.http                                # both databases
    python -m benchmarks.http --database sqlite --seconds 5 --rounds 5

Two server processes on databases of their own, set alike (`benchmarks.http_server`): one is the real server, the other
does all but the commit. 64 callers on keep-alive connections (`benchmarks.http_client`) ask one and then the other, round
after round; the best of each counts. The batch endpoint is asked by a few callers with a feed in each request.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.opening import set_up
from app.server import bind
from app.wiring import open_house
from benchmarks.ground import databases, folder, print_machine, table, verdict
from benchmarks.http_server import settings_of
from benchmarks.shop import new_id, open_shop
from policies.model import Role, ScopeKind
from policies.rules import RATE_PER_MINUTE_MAX, scopes_of


@dataclass(frozen=True)
class Measured:
    """What one run of the client saw, and what it cost the server process."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


@dataclass
class Server:
    """A server process, and the key to call it with."""

    port: int
    key: str
    process: psutil.Popen
    rounds: list[Measured] = field(default_factory=list)

    def ask(self, *, connections: int, seconds: float, rows: int = 1) -> Measured:
        """Lets callers ask for some seconds."""
        options = {"connections": connections, "seconds": seconds, "rows": rows}
        written = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", "benchmarks.http_client", str(self.port), self.key, *written]
        before = self._cpu_s()
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=seconds + 60).stdout)
        cpu_us = (self._cpu_s() - before) / found["answered"] * 1_000_000
        return Measured(found["per_s"], found["p50_ms"], found["p99_ms"], cpu_us)

    def _cpu_s(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def served(url: str, *, without_log: bool = False) -> Iterator[Server]:
    """A server on a new shop in the database."""
    with folder() as data_dir:
        key = _stock(data_dir, url)
        with bind("127.0.0.1", 0) as listening:
            port: int = listening.getsockname()[1]
            command = [sys.executable, "-m", "benchmarks.http_server", data_dir, url, str(listening.fileno())]
            if without_log:
                command.append("--without-log")
            process = psutil.Popen(command, pass_fds=[listening.fileno()])
        try:
            # The socket takes callers before the server is ready: what it does to start is not what is measured.
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=60).close()
            yield Server(port, key, process)
        finally:
            process.terminate()
            process.wait()


def _stock(data_dir: Path, url: str) -> str:
    """Makes the log, the shop and a till of every store; returns the till's key."""
    settings = settings_of(data_dir, url)
    set_up(settings)
    with open_house(settings) as house:
        open_shop(house.storage)
        policies, commit = house.policies, house.storage.log.commit
        admin = policies.local_principal()
        till = commit(policies.create_api_client(admin, label="till", event_id=new_id())).result
        assert till is not None
        commit(policies.assign(admin, till.id, ScopeKind.ALL, event_id=new_id()))
        issued = commit(
            policies.issue_key(
                admin,
                till.id,
                scopes=scopes_of(Role.API_CLIENT),
                rate_per_minute=RATE_PER_MINUTE_MAX,
                event_id=new_id(),
            )
        ).result
        assert issued is not None
        return issued.secret


def best(rounds: Sequence[Measured]) -> Measured:
    """The best of each: noise of a shared machine only ever adds."""
    return Measured(
        max(one.rate for one in rounds),
        min(one.p50_ms for one in rounds),
        min(one.p99_ms for one in rounds),
        min(one.cpu_us for one in rounds),
    )


def singles(kind: str, real: Server, bare: Server, *, connections: int, seconds: float, rounds: int) -> Measured:
    """One adjustment a request, by turns; prints table and verdicts and returns what the real server does."""
    for _ in range(rounds):
        for server in (real, bare):
            server.rounds.append(server.ask(connections=connections, seconds=seconds))
    ours, theirs = best(real.rounds), best(bare.rounds)
    rows = []
    for number, (one, other) in enumerate(zip(real.rounds, bare.rounds, strict=True), start=1):
        rows.append(_row(f"round {number}", one, other))
    rows.append(_row("best", ours, theirs))
    header = ["", "requests/s", "without the log", "ratio", "p50 ms", "without", "p99 ms", "without", "p99 ratio"]
    table([f"{connections} callers", *header[1:], "server CPU µs", "without"], rows)
    verdict(f"{kind}, requests/s over the same server without the log", ours.rate / theirs.rate, at_least=0.6)
    verdict(f"{kind}, p99 over that without the log", ours.p99_ms / theirs.p99_ms, at_most=1.5)
    return ours


def _row(name: str, ours: Measured, theirs: Measured) -> list[str]:
    return [
        name,
        f"{ours.rate:,.0f}",
        f"{theirs.rate:,.0f}",
        f"{ours.rate / theirs.rate:.2f}",
        f"{ours.p50_ms:.1f}",
        f"{theirs.p50_ms:.1f}",
        f"{ours.p99_ms:.1f}",
        f"{theirs.p99_ms:.1f}",
        f"{ours.p99_ms / theirs.p99_ms:.2f}",
        f"{ours.cpu_us:.0f}",
        f"{theirs.cpu_us:.0f}",
    ]


def feeds(kind: str, server: Server, single: Measured, *, connections: int, seconds: float, rounds: int) -> None:
    """Many adjustments a request."""
    rows = []
    times: list[float] = []
    for width in (500, 1000):
        found = best([server.ask(connections=connections, seconds=seconds, rows=width) for _ in range(rounds)])
        events = found.rate * width
        times.append(events / single.rate)
        rows.append(
            [f"{width}", f"{events:,.0f}", f"{events / single.rate:.1f}", f"{found.p50_ms:.0f}", f"{found.p99_ms:.0f}"]
        )
    table([f"rows a call, {connections} callers", "events/s", "x single", "p50 ms", "p99 ms"], rows)
    verdict(f"{kind}, events/s of feeds over single requests", max(times), at_least=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--connections", type=int, default=64, help="concurrent callers of single adjustments")
    parser.add_argument("--seconds", type=float, default=3, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    kinds = ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]
    for kind in kinds:
        with folder() as path:
            print(f"## {kind}\n")
            print_machine(path)
        with databases(kind) as make, ExitStack() as running:
            real = running.enter_context(served(make()))
            bare = running.enter_context(served(make(), without_log=True))
            single = singles(
                kind, real, bare, connections=asked.connections, seconds=asked.seconds, rounds=asked.rounds
            )
            feeds(kind, real, single, connections=4, seconds=asked.seconds, rounds=asked.rounds)


if __name__ == "__main__":
    main()
