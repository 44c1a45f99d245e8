"""Nothing opens a connection outwards but the adapters that ask the residency gate."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "app",
    "web",
    "api",
    "evidence",
    "cases",
    "documents",
    "stock",
    "retention",
    "workflow",
    "policies",
    "storage",
    "audit",
)
OPENERS = {
    "aiohttp",
    "asyncio.streams",
    "boto3",
    "botocore",
    "ftplib",
    "grpc",
    "http.client",
    "httpcore",
    "httpx",
    "imaplib",
    "minio",
    "paramiko",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets",
    "xmlrpc",
}
"""Modules with which a connection can be opened."""

ASK_THE_GATE = {
    "api/jwks.py": "the identity provider's keys: the fetch admits first",
    "documents/checking/scanner.py": "clamd: each connection is admitted",
    "storage/objects/delegating.py": "the S3 store: every call is admitted before the store is reached",
    "workflow/notices/sending.py": "notices: the deliverer's destination is admitted before it delivers",
}
"""Who asks the gate, and about what."""

BEHIND_THE_GATE = {
    "storage/objects/s3.py": "storage/objects/delegating.py",
    "storage/objects/s3_buckets.py": "storage/objects/delegating.py",
    "storage/objects/s3_clients.py": "storage/objects/delegating.py",
    "storage/objects/s3_errors.py": "storage/objects/delegating.py",
    "workflow/notices/channels/mail.py": "workflow/notices/sending.py",
    "workflow/notices/channels/posting.py": "workflow/notices/sending.py",
}
"""What opens connections and is only reached through one that asks."""

THIS_MACHINE = {
    "app/commands/documents.py": "the name of this machine",
    "app/commands/working.py": "the name of this machine",
    "app/server.py": "the address the server listens on",
    "documents/sandbox/child.py": "a socket pair with the child process",
    "documents/sandbox/frames.py": "a socket pair with the child process",
    "documents/sandbox/pool.py": "a socket pair with the child process",
    "storage/objects/seaweed_ports.py": "free ports of loopback",
}
"""What never leaves this machine."""


def _openers(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if any(name == one or name.startswith(f"{one}.") for one in OPENERS)}


def _using() -> dict[str, set[str]]:
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): names for path in paths if (names := _openers(path))}


def test_only_known_modules_can_open_a_connection() -> None:
    # A new one either asks the gate, stands behind one that does, or stays on this machine: say which, above.
    assert set(_using()) - set(ASK_THE_GATE) - set(BEHIND_THE_GATE) - set(THIS_MACHINE) == set()


def test_the_lists_name_nothing_that_is_gone() -> None:
    using = set(_using())

    assert set(BEHIND_THE_GATE) | set(THIS_MACHINE) <= using
    assert set(BEHIND_THE_GATE.values()) <= set(ASK_THE_GATE)


@pytest.mark.parametrize("name", sorted(ASK_THE_GATE))
def test_those_who_ask_the_gate_call_it(name: str) -> None:
    calls = [
        node.func.attr
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]

    assert "admit" in calls
