"""Tasks that do what a parser taken over by its file would."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO

from documents.sandbox.errors import Refused

KEPT: list[str] = []


def echo(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    return {"arguments": arguments, "file": None if file is None else file.read().hex()}, blobs


def read_tail(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    assert file is not None
    file.seek(-arguments, os.SEEK_END)
    return file.read().decode()


def refuse(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    raise Refused("pdf_encrypted", {"page": 3})


def raise_with_text(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    raise ValueError("the name of a customer")


def spin(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    while True:
        pass


def sleep(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    time.sleep(arguments)


def crash(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    ctypes.string_at(0)


def leave(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    os._exit(7)


def swell(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    return len(bytearray(arguments))


def answer_at_length(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    return None, [bytes(arguments)]


def tell_ahead(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Generator[Any, None, Any]:
    """Yields each argument as the size of a blob, then returns how many that were."""
    for size in arguments:
        yield {"size": size}, [b"x" * size]
    return len(arguments), [b"end"]


def remember(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    KEPT.append(arguments)
    return KEPT, []


def process(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    return [os.getpid(), os.getppid()]


def loaded(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    return sorted(sys.modules)


def environment(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    return dict(os.environ)


def descriptors(arguments: Any, blobs: list[bytes], file: BinaryIO | None) -> Any:
    found = []
    for number in range(64):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found


def attempt(arguments: str, blobs: list[bytes], file: BinaryIO | None) -> Any:
    """What the named act answers: `done`, or the name of the system's refusal."""
    try:
        ACTS[arguments.partition(" ")[0]](arguments.partition(" ")[2])
    except (OSError, ValueError) as error:
        return type(error).__name__
    return "done"


def _connect(address: str) -> None:
    host, _, port = address.partition(":")
    socket.create_connection((host, int(port)), timeout=2).close()


def _send_datagram(address: str) -> None:
    host, _, port = address.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.sendto(b"leak", (host, int(port)))


def _write(path: str) -> None:
    Path(path).write_bytes(b"x")


def _truncate(path: str) -> None:
    os.truncate(path, 0)


def _read(path: str) -> None:
    Path(path).read_bytes()


def _listing(path: str) -> None:
    list(Path(path).iterdir())


def _remove(path: str) -> None:
    Path(path).unlink()


def _start(program: str) -> None:
    subprocess.run([program], check=False, capture_output=True)


def _fork(_: str) -> None:
    if os.fork() == 0:
        os._exit(0)


def _kill(pid: str) -> None:
    os.kill(int(pid), signal.SIGKILL)


def _raise_limit(_: str) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (10_000, 10_000))


ACTS = {
    "connect": _connect,
    "datagram": _send_datagram,
    "write": _write,
    "truncate": _truncate,
    "read": _read,
    "listing": _listing,
    "remove": _remove,
    "start": _start,
    "fork": _fork,
    "kill": _kill,
    "limit": _raise_limit,
}
