"""Accepting and sealing documents beside the bare SDK put of the same bytes, on the real server, interleaved in one run.

    python -m benchmarks.documents
    python -m benchmarks.documents --sizes 1 100 --rounds 9 --memory-mb 2048

`upload` is all that the API does with a file that comes in one call, but for HTTP: encrypted spool, digests, type, parser and
end checked in warm child processes, seal, one commit. `resumable` is the same for a file that is received durably first. `seal` is what a room calls: a key of its own for each document, encryption, digests, and a write-once put with checksums
that the server confirms. `seal, read back` reads all of it besides, as where a store confirms nothing, to show what that
costs. `bare put` is boto3's `put_object` of the same bytes, `bare transfer` its `upload_fileobj`, both as they are
by default; both into the same bucket, which syncs each put.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import psutil

from benchmarks.archive import Archive, open_archive, paper
from benchmarks.ground import ROOT_KEY, clock, folder, print_machine, table, verdict
from storage.keystore import KeyStore
from storage.objects import Bucket, Vault
from storage.objects.model import Stored
from storage.objects.read_back import require_as_put
from storage.objects.s3 import S3Store
from storage.objects.seaweed import SeaweedServer

MB = 1_000_000
CLIENTS = 16
CHECKING = 2
"""Processes that check files."""
SMALL_MB = 10
UPLOAD_AIMS = {True: 1.6, False: 1.25}
"""Times the bare put: of a small file, of a large one."""
SEAL_AIM = 1.1


class ReadBack(Vault):
    """Does not believe what the server says of the object."""

    def _require_same(self, stored: Stored) -> None:
        require_as_put(self.store, replace(stored, confirmed=False))


class Ground:
    """A server, a store, two vaults and a bare client."""

    def __init__(self, directory: Path) -> None:
        self.server = SeaweedServer(directory / "objects", prefix="bench-", clock=clock, entropy=os.urandom)
        started = time.perf_counter()
        endpoint = self.server.start()
        self.started_s = time.perf_counter() - started
        self.store = S3Store(endpoint, after_write=self.server.sync)
        self.keys = KeyStore(f"sqlite:///{directory / 'keys.db'}", ROOT_KEY, entropy=os.urandom)
        self.vault = Vault(self.store, self.keys, os.urandom)
        self.doubting = ReadBack(self.store, self.keys, os.urandom)
        self.bare: Any = boto3.client(
            "s3",
            endpoint_url=endpoint.url,
            region_name=endpoint.region,
            aws_access_key_id=endpoint.access_key,
            aws_secret_access_key=endpoint.secret_key,
        )
        self.name = self.store.bucket_name(Bucket.RECORDS)

    def close(self) -> None:
        self.store.close()
        self.keys.close()
        self.server.stop()

    def server_process(self) -> psutil.Process:
        assert self.server.state is not None
        return psutil.Process(self.server.state.pid)

    def ways(self, archive: Archive, size_mb: float) -> dict[str, Callable[[], object]]:
        name, content = paper(size_mb)
        return {
            "bare put": lambda: self.bare.put_object(Bucket=self.name, Key=f"bare/{uuid4()}", Body=content),
            "bare transfer": lambda: self.bare.upload_fileobj(io.BytesIO(content), self.name, f"bare/{uuid4()}"),
            "seal, read back": lambda: self.doubting.seal(uuid4(), 1, io.BytesIO(content)),
            "seal": lambda: self.vault.seal(uuid4(), 1, io.BytesIO(content)),
            "upload": lambda: archive.upload(content, name),
            "resumable": lambda: archive.upload_resumably(content, name),
        }


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def one_after_the_other(ground: Ground, archive: Archive, size_mb: float, rounds: int) -> list[list[str]]:
    ways = ground.ways(archive, size_mb)
    own, server = psutil.Process(), ground.server_process()
    walls: dict[str, list[float]] = {name: [] for name in ways}
    client: dict[str, float] = dict.fromkeys(ways, 0.0)
    served: dict[str, float] = dict.fromkeys(ways, 0.0)
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            before, server_before, start = cpu(own), cpu(server), time.perf_counter()
            way()
            walls[name].append(time.perf_counter() - start)
            client[name] += cpu(own) - before
            served[name] += cpu(server) - server_before
    bare = statistics.median(walls["bare put"])
    rows = []
    for name in ways:
        ratios = [mine / other for mine, other in zip(walls[name], walls["bare put"], strict=True)]
        rows.append(
            [
                f"{size_mb:g} MB",
                name,
                f"{statistics.median(walls[name]) * 1000:.0f}",
                f"{statistics.median(walls[name]) / bare:.2f}",
                f"{statistics.median(ratios):.2f}",
                f"{client[name] / rounds * 1000:.0f}",
                f"{served[name] / rounds * 1000:.0f}",
            ]
        )
    for name, aim in (("upload", UPLOAD_AIMS[size_mb < SMALL_MB]), ("seal", SEAL_AIM)):
        verdict(f"{name} of {size_mb:g} MB over the bare put", statistics.median(walls[name]) / bare, at_most=aim)
    return rows


def many_at_once(ground: Ground, archive: Archive, count: int) -> list[list[str]]:
    rows = []
    rates: dict[str, float] = {}
    for name, way in ground.ways(archive, 1).items():
        with ThreadPoolExecutor(CLIENTS) as pool:
            start = time.perf_counter()
            list(pool.map(lambda _, way=way: way(), range(count)))
            rates[name] = count / (time.perf_counter() - start)
        rows.append([name, f"{rates[name]:.1f}", f"{rates[name] / rates['bare put']:.2f}"])
    return rows


def memory(size_mb: int) -> str:
    """Peak memory of a process of its own that seals and opens one large document."""
    program = (
        "import sys; from pathlib import Path; from uuid import uuid4;"
        "from benchmarks.documents import Ground, peak_mb, stream;"
        "ground = Ground(Path(sys.argv[1]));"
        "ground.vault.seal(uuid4(), 1, [b'warm' * 3_000_000]); before = peak_mb(); document = uuid4();"
        "sealed = ground.vault.seal(document, 1, stream(int(sys.argv[2])));"
        "size = sum(len(piece) for piece in ground.vault.open(sealed.ref, document, 1)); assert size == sealed.plaintext_size;"
        "print(before, peak_mb(), ground.server_process().memory_info().rss >> 20); ground.close()"
    )
    with folder() as directory:
        command = [sys.executable, "-c", program, str(directory), str(size_mb)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, after, server = done.stdout.split()
    return f"{size_mb} MB sealed and opened: peak {after} MB, {before} MB before it; the server {server} MB"


def peak_mb() -> int:
    """Peak resident memory of this process since it was started; `getrusage` would begin with that of its parent."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def stream(size_mb: int) -> Any:
    """That many MB, a chunk at a time."""
    chunk = os.urandom(MB)
    return (chunk for _ in range(size_mb))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=float, nargs="+", default=[1, 100], help="in MB")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--uploads", type=int, default=160)
    parser.add_argument("--memory-mb", type=int, default=1_000)
    asked = parser.parse_args()
    with folder() as directory:
        print_machine(directory)
        ground = Ground(directory)
        try:
            print(f"server ready after {ground.started_s:.1f} s\n")
            with open_archive(directory, ground.vault, processes=CHECKING) as archive:
                rows = [
                    row
                    for size in asked.sizes
                    for row in one_after_the_other(ground, archive, size, asked.rounds * (4 if size < SMALL_MB else 1))
                ]
                head = ("size", "way", "ms", "of bare", "median of ratios", "client CPU ms", "server CPU ms")
                table(head, rows)
                print(f"\n{CLIENTS} clients, 1 MB each:")
                table(("way", "uploads/s", "of bare"), many_at_once(ground, archive, asked.uploads))
        finally:
            ground.close()
    print(f"\n{memory(asked.memory_mb)}")


if __name__ == "__main__":
    main()
