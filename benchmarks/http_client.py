"""The load on a server: callers on keep-alive connections, each sending its next request once it has its answer.

    python -m benchmarks.http_client PORT API_KEY --connections 64 --seconds 3

Prints one JSON object: how many requests were answered within the time, and how long they took. A plain protocol on raw
sockets, in a process of its own, so that the client costs the server as little as it can.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import time
from dataclasses import dataclass, field
from typing import cast

import uvloop

from benchmarks.shop import SKUS, STORES, sku_code, store_code


@dataclass
class Load:
    """What all callers share: the requests still to come, and the times of the answers."""

    key: str
    rows: int
    starts: float
    ends: float
    sent: int = 0
    answered: int = 0
    times_s: list[float] = field(default_factory=list)
    prefix: str = field(default_factory=lambda: os.urandom(8).hex())

    def request(self) -> bytes:
        """The next request: one sale, or a batch of them."""
        rows = [self._row() for _ in range(self.rows)]
        path, body = (b"", rows[0]) if self.rows == 1 else (b"/batch", b"[" + b",".join(rows) + b"]")
        return (
            b"POST /api/v1/adjustments%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (path, self.key.encode(), len(body), body)
        )

    def take(self, status: bytes, body: bytes, began: float) -> bool:
        """Counts an answer; returns whether there is time for another request."""
        good = status == b"201" if self.rows == 1 else body.startswith(b'{"applied":%d,' % self.rows)
        if not good:
            msg = f"expected every row recorded, got {status.decode()}: {body[:2000].decode()}"
            raise RuntimeError(msg)
        now = time.perf_counter()
        self.answered += 1
        if self.starts <= now < self.ends:
            self.times_s.append(now - began)
        return now < self.ends

    def _row(self) -> bytes:
        n = self.sent
        self.sent += 1
        event_id = f"{self.prefix[:8]}-{self.prefix[8:12]}-4{self.prefix[13:16]}-8000-{n:012x}"
        return (
            f'{{"event_id":"{event_id}","store":"{store_code(n % STORES)}","sku":"{sku_code(n % SKUS)}",'
            f'"reason":"sale","change":-1,"reference":"INV{n}"}}'
        ).encode()


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._received = bytearray()
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are transports by what they can do, not by their class.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = received.find(b"content-length: ", 0, head) + 16
        stop = head + 4 + int(received[length : received.find(b"\r", length)])
        if len(received) < stop:
            return
        status, body = bytes(received[9:12]), bytes(received[head + 4 : stop])
        received.clear()
        try:
            goes_on = self.load.take(status, body, self._began)
        except RuntimeError as refused:
            self.done.set_exception(refused)
            return
        if goes_on:
            self._send()
        else:
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("the server hung up"))

    def _send(self) -> None:
        request = self.load.request()
        self._began = time.perf_counter()
        self._transport.write(request)


async def call(port: int, load: Load, connections: int) -> None:
    loop = asyncio.get_running_loop()
    callers = [(await loop.create_connection(lambda: Caller(load), "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.gather(*(caller.done for caller in callers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("key")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rows", type=int, default=1, help="adjustments in a request; above 1 by the batch endpoint")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--warm-up", type=float, default=1, help="seconds before that which do not count")
    asked = parser.parse_args()
    starts = time.perf_counter() + asked.warm_up
    load = Load(asked.key, asked.rows, starts, starts + asked.seconds)
    uvloop.run(call(asked.port, load, asked.connections))
    times_ms = [time_s * 1000 for time_s in load.times_s]
    found = {
        "per_s": len(times_ms) / asked.seconds,
        "p50_ms": statistics.median(times_ms),
        "p99_ms": statistics.quantiles(times_ms, n=100)[98],
        "answered": load.answered,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
