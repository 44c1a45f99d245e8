"""The port that every call to the outside goes through: who may be spoken to, and under whose law they are.

- Whoever opens a connection asks the gate first, before each call; nothing is sent to a destination it refuses.
- `app` fills it with the residency register of the policies room. `DeclaredHosts` is the small one, of a fixed list.
- Loopback and Unix sockets are this machine: nothing leaves it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from storage.errors import StorageError

PURPOSE_OBJECTS: Final = "objects"
PURPOSE_DATABASE: Final = "database"
PURPOSE_KEYS: Final = "identity.keys"
PURPOSE_SCAN: Final = "virus_scan"
PURPOSE_OCR: Final = "ocr"
PURPOSE_TIMESTAMP: Final = "timestamp"


class OutboundRefused(StorageError):
    """The destination is not declared, or not allowed for this purpose.

    Attributes:
        code: stable, for the entry that records the refusal.
    """

    def __init__(self, destination: Destination, code: str = "destination_undeclared") -> None:
        self.destination = destination
        self.code = code
        super().__init__(
            f"destination {destination} for {destination.purpose}: expected one that is declared and allowed, got {code}"
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a call goes. `purpose` is what kind of thing is sent: `notice.dingtalk`, say."""

    host: str
    port: int
    purpose: str

    def __str__(self) -> str:
        """Host and port, without the purpose."""
        return f"{self.host}:{self.port}"


class OutboundGate(Protocol):
    """Decides before each call; nothing is sent to a destination it refuses."""

    def admit(self, destination: Destination) -> str:
        """The jurisdiction the destination is in: `HK`, `CN`.

        Raises:
            OutboundRefused: it is not declared, or not allowed.
        """


class DeclaredHosts:
    """Lets through what is written down: hosts, or `host:port`, each with its jurisdiction."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self._hosts: Final = {name.lower(): jurisdiction for name, jurisdiction in hosts.items()}

    def admit(self, destination: Destination) -> str:
        """As `OutboundGate.admit`."""
        found = self._hosts.get(str(destination).lower()) or self._hosts.get(destination.host.lower())
        if found is None:
            raise OutboundRefused(destination)
        return found


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself: loopback, or no host at all, which is a Unix socket."""
    name = host.strip("[]").lower()
    if name in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
