"""Every endpoint outside this machine that the settings name, as the residency gate is asked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from policies.residency.gate import ResidencyGate
from storage.outbound import PURPOSE_DATABASE, PURPOSE_KEYS, PURPOSE_OBJECTS, PURPOSE_SCAN, Destination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from app.settings import Settings
    from policies.service import Policies

HTTPS: Final = 443
HTTP: Final = 80
POSTGRESQL: Final = 5432


class NotDeclared(Exception):
    """The settings name endpoints that the residency register does not allow; `sentences` has one for each."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        self.sentences: Final = sentences
        said = "\n".join(sentences)
        super().__init__(f"{said}\nDeclare it with: chopbook residency declare (see docs/residency.md)")


def gate_of(settings: Settings, policies: Policies, *, clock: Callable[[], datetime]) -> ResidencyGate:
    """The gate that every call outwards asks."""
    return ResidencyGate(policies, clock=clock, listed=declared(settings.outbound_destinations))


def declared(destinations: tuple[str, ...]) -> dict[str, str]:
    """Hosts with their jurisdictions, from `host=jurisdiction`."""
    return {host: jurisdiction for host, _, jurisdiction in (one.partition("=") for one in destinations)}


def require_declared(settings: Settings, gate: ResidencyGate) -> None:
    """Asks the gate about everything the settings name, before a process serves anybody.

    Raises:
        NotDeclared: something would be refused.
    """
    sentences = gate.faults(configured(settings))
    if sentences:
        raise NotDeclared(sentences)


def configured(settings: Settings) -> Iterator[tuple[str, Destination]]:
    """The setting and where it leads, for each endpoint; files and Unix sockets lead nowhere."""
    for name, url in (("DATABASE_URL", settings.database_url), ("KEYSTORE_URL", settings.keystore_url)):
        if not url.startswith("sqlite"):
            yield f"CHOPBOOK_{name}", database_destination(url)
    if settings.object_store == "s3":
        yield "CHOPBOOK_OBJECT_STORE_URL", objects_destination(settings)
    if settings.jwt_mode == "jwks" and settings.jwks_url is not None and settings.jwks_file is None:
        yield "CHOPBOOK_JWKS_URL", web_destination(settings.jwks_url, PURPOSE_KEYS)
    scanner = settings.virus_scanner
    if scanner is not None and not scanner.startswith("/"):
        host, _, port = scanner.rpartition(":")
        yield "CHOPBOOK_VIRUS_SCANNER", Destination(host.strip("[]"), int(port), PURPOSE_SCAN)


def objects_destination(settings: Settings) -> Destination:
    """Where the store of the settings is; without an address it is AWS itself."""
    url = settings.object_store_url or f"https://s3.{settings.object_store_region}.amazonaws.com"
    return web_destination(url, PURPOSE_OBJECTS)


def web_destination(url: str, purpose: str) -> Destination:
    """Host and port of a web address."""
    parts = urlsplit(url)
    return Destination(parts.hostname or "", parts.port or (HTTPS if parts.scheme == "https" else HTTP), purpose)


def database_destination(url: str) -> Destination:
    """Host and port of a PostgreSQL address; a path as its host is a Unix socket, which is this machine."""
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
    return Destination("" if host.startswith("/") else host, parts.port or POSTGRESQL, PURPOSE_DATABASE)
