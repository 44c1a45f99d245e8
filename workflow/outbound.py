"""The port that every call to the outside goes through: who may be spoken to, and under whose law they are.

`app` fills it: with the residency rules of the policies room, or with `DeclaredHosts` from the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol


class OutboundRefused(Exception):
    """The destination is not declared, or not allowed for this purpose.

    Attributes:
        code: stable, for the entry that records the refusal.
    """

    def __init__(self, destination: Destination, code: str = "destination_undeclared") -> None:
        self.destination = destination
        self.code = code
        super().__init__(f"destination {destination}: expected one that is declared, got {code}")


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
