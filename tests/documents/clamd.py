"""A scanner that speaks clamd's protocol over a real socket, for tests: VERSION, PING and INSTREAM (clamd(8)).

It finds what the EICAR file is made of, keeps what it was sent, and can be told to misbehave.
"""

from __future__ import annotations

import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
VERSION = "ClamAV 1.4.3/27821/Sun Nov 22 09:25:11 2026"


class Double:
    """What the double says, and what it was sent."""

    def __init__(self) -> None:
        self.version = VERSION
        self.stream_max = 1 << 30
        self.silent_s = 0.0
        self.scanned: list[bytes] = []
        self.address: Path | tuple[str, int] = Path()


class _Connection(socketserver.StreamRequestHandler):
    double: Double

    def handle(self) -> None:
        command = self._line()
        if command == b"PING":
            self._say("PONG")
        elif command == b"VERSION":
            self._say(self.double.version)
        elif command == b"INSTREAM":
            self._say(self._scan())
        else:
            self._say("UNKNOWN COMMAND")

    def _line(self) -> bytes:
        """`z` commands end with a zero byte, `n` commands with a line feed."""
        prefix = self.rfile.read(1)
        end = {b"z": b"\0", b"n": b"\n"}.get(prefix, b"\n")
        said = b""
        while not said.endswith(end):
            byte = self.rfile.read(1)
            if not byte:
                break
            said += byte
        return said.rstrip(b"\0\n")

    def _scan(self) -> str:
        content = b""
        while True:
            head = self.rfile.read(4)
            size = struct.unpack(">I", head)[0] if len(head) == 4 else 0  # a caller who hangs up has said all
            if size == 0:
                break
            if len(content) + size > self.double.stream_max:
                return "INSTREAM size limit exceeded. ERROR"
            content += self.rfile.read(size)
        self.double.scanned.append(content)
        time.sleep(self.double.silent_s)
        return "stream: Eicar-Test-Signature FOUND" if EICAR in content else "stream: OK"

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\0")


@contextmanager
def clamd_double(address: Path | None = None) -> Iterator[Double]:
    """The double at a socket file, or at a free port of loopback."""
    double = Double()
    connection = type("_Bound", (_Connection,), {"double": double})
    server: socketserver.BaseServer
    if address is None:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), connection)
        double.address = ("127.0.0.1", server.server_address[1])
    else:
        server = socketserver.ThreadingUnixStreamServer(str(address), connection)
        double.address = address
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
