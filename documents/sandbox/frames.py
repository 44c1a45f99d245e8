"""What crosses the socket between parent and child.

A frame is: 4 bytes big-endian size of the header, the header (JSON), then the blobs whose sizes the header lists.

- The child is not trusted: the parent bounds every size before it reads, and believes nothing but the frame's own
  members.
- One socket serves one task and ends with it, so that a child that dies half way leaves nothing behind for the next.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from documents.sandbox.errors import SandboxError

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

JSON = Any
"""What msgspec can write as JSON: dict, list, str, int, float, bool, None, and structs on the way out."""

HEADER_BYTES_MAX: Final = 64 * 1024 * 1024
REQUEST_BYTES_MAX: Final = 1024 * 1024 * 1024
BLOBS_MAX: Final = 4096
_SIZE: Final = struct.Struct(">I")
_PIECE: Final = 1024 * 1024


class Gone(SandboxError):
    """The other side closed the socket before the frame was whole."""


class BadFrame(SandboxError):
    """The other side sent what is not a frame, or one larger than it may."""


class Request(msgspec.Struct, frozen=True):
    """What the parent asks.

    Attributes:
        task: `module:function`.
        arguments: the task's own.
        blobs: sizes of the blobs that follow.
        timeout_s: seconds after which the child ends itself, should the parent be gone.
        spool: whether a file comes along, and how to open it: None, or the key in hex.
        spool_bytes: of the content of a spool, if that is known.
    """

    task: str
    arguments: JSON
    blobs: list[int]
    timeout_s: float
    spool: str | None
    spool_bytes: int | None = None


class Reply(msgspec.Struct, frozen=True):
    """What the child answers: exactly one of the four kinds; before it, once, what is told ahead.

    Attributes:
        kind: `done`, `refused`, `memory` or `failed`; or `ahead`.
        result: of a task that is done, or what it tells ahead.
        code, detail: of a refusal.
        error, place: of a failure.
    """

    kind: str
    blobs: list[int] = []
    result: JSON = None
    code: str = ""
    detail: dict[str, str | int] = {}
    error: str = ""
    place: str = ""


def warm() -> None:
    """Writes and reads each frame once, so that what that takes is there in every fork."""
    msgspec.json.decode(msgspec.json.encode(Request("", None, [], 1.0, "")), type=Request)
    msgspec.json.decode(msgspec.json.encode(Reply("done")), type=Reply)


def send(connection: socket.socket, header: msgspec.Struct, blobs: Sequence[bytes], deadline_s: float | None) -> None:
    """Writes one frame; `deadline_s` is a reading of `time.monotonic`.

    Raises:
        TimeoutError: the deadline passed.
        Gone: nobody reads any more.
    """
    head = msgspec.json.encode(header)
    try:
        _set_deadline(connection, deadline_s)
        connection.sendall(_SIZE.pack(len(head)) + head)
        for blob in blobs:
            _set_deadline(connection, deadline_s)
            connection.sendall(blob)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Gone("frame: expected a reader, got a closed socket") from error


def receive(
    connection: socket.socket, kind: type[Any], bytes_max: int, deadline_s: float | None
) -> tuple[Any, list[bytes]]:
    """Reads one frame of at most `bytes_max` bytes.

    Raises:
        TimeoutError: the deadline passed.
        Gone: the socket was closed before the end of the frame.
        BadFrame: it is not a frame of this kind, or is too large.
    """
    (size,) = _SIZE.unpack(_take(connection, _SIZE.size, deadline_s))
    if size > min(bytes_max, HEADER_BYTES_MAX):
        raise BadFrame(f"frame header: expected at most {min(bytes_max, HEADER_BYTES_MAX)} bytes, got {size}")
    try:
        header = msgspec.json.decode(_take(connection, size, deadline_s), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrame(f"frame header: expected {kind.__name__}, got something else") from error
    sizes: list[int] = header.blobs
    if len(sizes) > BLOBS_MAX or any(each < 0 for each in sizes) or size + sum(sizes) > bytes_max:
        raise BadFrame(f"frame: expected at most {bytes_max} bytes, got a claim of {size + sum(sizes)}")
    return header, [_take(connection, each, deadline_s) for each in sizes]


def _take(connection: socket.socket, size: int, deadline_s: float | None) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        _set_deadline(connection, deadline_s)
        try:
            piece = connection.recv(min(_PIECE, size - len(pieces)))
        except ConnectionResetError as error:
            raise Gone("frame: expected more bytes, got a reset") from error
        if not piece:
            raise Gone(f"frame: expected {size} bytes, got {len(pieces)}")
        pieces += piece
    return bytes(pieces)


def _set_deadline(connection: socket.socket, deadline_s: float | None) -> None:
    if deadline_s is None:
        connection.settimeout(None)
        return
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    connection.settimeout(left_s)
