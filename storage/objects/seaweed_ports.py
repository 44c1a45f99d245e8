"""Loopback ports of the embedded server: found, looked at, and the sockets it names after them."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from storage.objects.seaweed_files import Ports

HOST: Final = "127.0.0.1"
PORT_COUNT: Final = 10


def free_ports() -> Ports:
    """Ports that nobody listens on now."""
    with ExitStack() as held:
        numbers = []
        for _ in range(PORT_COUNT):
            bound = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            bound.bind((HOST, 0))
            numbers.append(int(bound.getsockname()[1]))
        return Ports(*numbers)


def are_free(ports: Ports) -> bool:
    """Whether nobody listens on any of them."""
    with ExitStack() as held:
        for port in _numbers(ports):
            bound = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                bound.bind((HOST, port))
            except OSError:
                return False
    return True


def _numbers(ports: Ports) -> tuple[int, ...]:
    return (
        *(ports.master, ports.master_grpc, ports.volume, ports.volume_grpc),
        *(ports.filer, ports.filer_grpc, ports.s3, ports.s3_grpc, ports.admin, ports.admin_grpc),
    )


def accepts(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def remove_sockets(ports: Ports) -> None:
    """SeaweedFS leaves its gRPC sockets behind; their place is fixed."""
    named: tuple[tuple[str, int], ...] = (("master", ports.master_grpc), ("volume", ports.volume_grpc))
    named += (("filer", ports.filer_grpc), ("s3", ports.s3_grpc), ("admin", ports.admin_grpc))
    for name, port in named:
        Path(f"/tmp/seaweedfs-{name}-grpc-{port}.sock").unlink(missing_ok=True)  # noqa: S108  not ours to choose
