"""The virus scanner: a port, and clamd behind it (clamd(8), INSTREAM).

- `Unavailable` is an answer, not an error: what was not scanned is held, never passed.
- The bytes go to the scanner alone, over its socket; its version and the date of its signatures go on record.
- clamd's own `StreamMaxLength` must be at least our size cap; a file it finds too large counts as not scanned.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from documents.checking.errors import InvalidScannerAddress
from storage.outbound import PURPOSE_SCAN, Destination, OutboundRefused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from storage.outbound import OutboundGate

PIECE_BYTES: Final = 256 * 1024
REPLY_BYTES_MAX: Final = 4096
NAME_CHARS_MAX: Final = 200
_SIZE: Final = struct.Struct(">I")
_VERSION: Final = re.compile(r"^(?P<engine>ClamAV [\w.\-]+)(?:/(?P<database>\d+)/(?P<date>.+))?$")
_FOUND: Final = re.compile(r"^stream: (?P<name>.+) FOUND$")


@dataclass(frozen=True, slots=True)
class Engine:
    """What scanned.

    Attributes:
        name: product and version, `ClamAV 1.4.3`.
        signatures: number of the daily database; 0 if none is loaded.
        signatures_at: when it was made; None if it does not say.
    """

    name: str
    signatures: int = 0
    signatures_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clean:
    """Nothing was found."""

    engine: Engine


@dataclass(frozen=True, slots=True)
class Infected:
    """Something was found; `name` is the signature's."""

    engine: Engine
    name: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nobody looked: `reason` is `not_configured`, `unreachable`, `timeout`, `too_large`, `outdated`, `undeclared` or `error`."""

    reason: str
    engine: Engine | None = None


Verdict = Clean | Infected | Unavailable


class Scanner(Protocol):
    """Looks for viruses. Safe for use from many threads; never raises for what a scanner or a file does."""

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """The verdict on the bytes. Errors of `chunks` themselves pass through."""
        ...

    def engine(self) -> Engine | Unavailable:
        """What would scan, for the health screen."""
        ...


class NoScanner:
    """No scanner is configured: everything is held, or passed by a class that an officer allowed to go unscanned."""

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """Nobody looks."""
        del chunks
        return Unavailable("not_configured")

    def engine(self) -> Engine | Unavailable:
        """There is none."""
        return Unavailable("not_configured")


class Clamd:
    """clamd over a Unix or TCP socket; a connection for each file."""

    def __init__(self, address: Path | tuple[str, int], gate: OutboundGate, *, timeout_s: float = 30.0) -> None:
        """`address` is a socket file of this machine, or (host, port), about which the gate is asked before each call.

        `timeout_s` bounds each wait for the other side.
        """
        self._address: Final = address
        self._gate: Final = gate
        self._timeout_s: Final = timeout_s

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """Sends the bytes with INSTREAM."""
        found = self.engine()
        if isinstance(found, Unavailable):
            return found
        if not found.signatures:
            return Unavailable("outdated", found)
        try:
            with self._connect() as connection:
                connection.sendall(b"zINSTREAM\0")
                _send(connection, chunks)
                reply = _reply(connection)
        except OutboundRefused:
            return Unavailable("undeclared", found)
        except TimeoutError:
            return Unavailable("timeout", found)
        except OSError:
            return Unavailable("unreachable", found)
        return parse_verdict(reply, found)

    def engine(self) -> Engine | Unavailable:
        """Asks with VERSION."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zVERSION\0")
                reply = _reply(connection)
        except TimeoutError:
            return Unavailable("timeout")
        except OutboundRefused:
            return Unavailable("undeclared")
        except OSError:
            return Unavailable("unreachable")
        return parse_version(reply) or Unavailable("error")

    def _connect(self) -> socket.socket:
        if isinstance(self._address, tuple):
            self._gate.admit(Destination(*self._address, PURPOSE_SCAN))
            return socket.create_connection(self._address, timeout=self._timeout_s)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(self._timeout_s)
            connection.connect(str(self._address))
        except OSError:
            connection.close()
            raise
        return connection


def parse_address(text: str, path: type[Path]) -> Path | tuple[str, int]:
    """The address in a setting: `/run/clamav/clamd.ctl`, or `host:port`.

    Raises:
        InvalidScannerAddress: it is neither.
    """
    if text.startswith("/"):
        return path(text)
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise InvalidScannerAddress(text)
    return host.strip("[]"), int(port)


def parse_version(reply: str) -> Engine | None:
    """`ClamAV 1.4.3/27821/Sun Nov 22 09:25:11 2026`; None for anything else."""
    match = _VERSION.match(reply)
    if match is None:
        return None
    made = None
    if match["date"]:
        try:
            # clamd prints ctime(3) of the database, in the zone of its host; UTC where it runs beside us.
            made = datetime.strptime(match["date"].strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        except ValueError:
            # The date is for the record only.
            pass
    return Engine(match["engine"], int(match["database"] or 0), made)


def parse_verdict(reply: str, engine: Engine) -> Verdict:
    """`stream: OK`, `stream: <name> FOUND`, or an error."""
    if reply == "stream: OK":
        return Clean(engine)
    if match := _FOUND.match(reply):
        return Infected(engine, match["name"][:NAME_CHARS_MAX])
    return Unavailable("too_large" if "size limit exceeded" in reply else "error", engine)


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> None:
    """Each piece behind its size; a size of zero ends the stream (clamd(8))."""
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), PIECE_BYTES):
                piece = chunk[start : start + PIECE_BYTES]
                connection.sendall(_SIZE.pack(len(piece)) + piece)
        connection.sendall(_SIZE.pack(0))
    except (BrokenPipeError, ConnectionResetError):
        # clamd answers and hangs up in the middle of a stream that is too large; what it said can still be read.
        pass


def _reply(connection: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < REPLY_BYTES_MAX:
        piece = connection.recv(REPLY_BYTES_MAX)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
