"""The keys of an organisation's identity provider: a JSON Web Key Set (RFC 7517) from a file or an address.

- Only public keys for signatures of the pinned algorithms are taken, and each for its own algorithms only; an RSA key has
  at least 2,048 bits. Others are passed over.
- Keys are read at the start, and again when a token names an unknown key, but at most once in REFRESH_EVERY.
- When a later reading fails, the keys read before stay in use; a key that the provider withdrew is gone with the next
  reading that succeeds, at the latest after KEPT_MAX.
- An address must be https, except on this machine itself; redirects are not followed; at most SET_BYTES_MAX are read.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import IO, Final
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from api.problem_codes import Code
from api.problems import Problem
from api.tokens import VerifyingKey
from storage.outbound import PURPOSE_KEYS, Destination, OutboundGate, OutboundRefused

REFRESH_EVERY: Final = timedelta(seconds=30)
KEPT_MAX: Final = timedelta(hours=1)
SET_BYTES_MAX: Final = 262_144
KEYS_MAX: Final = 64
RSA_BITS_MIN: Final = 2048
TIMEOUT_S: Final = 5.0

_CURVES: Final = {"ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "EdDSA": ("OKP", "Ed25519")}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Fetch = Callable[[], bytes]


class JwksError(Exception):
    """The key set cannot be read: the message says what was expected."""


class Jwks:
    """The signature keys of a key set; safe to share between threads."""

    def __init__(self, fetch: Fetch, algorithms: Sequence[str]) -> None:
        self._fetch = fetch
        self._algorithms = tuple(algorithms)
        self._keys: dict[str | None, VerifyingKey] = {}
        self._tried_at: datetime | None = None
        self._read_at: datetime | None = None
        self._lock = Lock()

    def key(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key of that id; the only key of the set also serves tokens that name none."""
        return self._keys.get(key_id)

    def refresh(self, now: datetime) -> bool:
        """Read the set again, unless that was tried a moment ago; return whether it was read."""
        with self._lock:
            if self._tried_at is not None and now - self._tried_at < REFRESH_EVERY:
                return False
            self._tried_at = now
            try:
                self._keys = parse_jwks(self._fetch(), self._algorithms)
            except (JwksError, OSError) as error:
                if self._read_at is None or now - self._read_at > KEPT_MAX:
                    self._keys = {}
                    raise Problem.of(Code.TOKEN_KEYS_UNAVAILABLE).adding(("Retry-After", "30")) from error
                return False
            self._read_at = now
            return True


def parse_jwks(data: bytes, algorithms: Sequence[str]) -> dict[str | None, VerifyingKey]:
    """Return the usable keys of a key set by key id; under None the only one, if there is but one.

    Raises:
        JwksError: it is no key set, or holds no usable key.
    """
    try:
        found = json.loads(data)
        members = found["keys"]
    except (ValueError, TypeError, KeyError, RecursionError):
        msg = 'key set: expected a JSON object with a list "keys", got something else'
        raise JwksError(msg) from None
    if not isinstance(members, list) or len(members) > KEYS_MAX:
        msg = f"key set: expected a list of at most {KEYS_MAX} keys"
        raise JwksError(msg)
    keys: dict[str | None, VerifyingKey] = {}
    for member in members:
        key = _usable(member, algorithms)
        if key is not None:
            keys[member.get("kid") if isinstance(member.get("kid"), str) else None] = key
    if not keys:
        msg = f"key set: expected a signature key for one of {', '.join(algorithms)}, got none"
        raise JwksError(msg)
    if len(keys) == 1:
        keys[None] = next(iter(keys.values()))
    return keys


def _usable(member: object, algorithms: Sequence[str]) -> VerifyingKey | None:
    if not isinstance(member, dict) or member.get("use", "sig") != "sig" or "d" in member:
        return None
    own = member.get("alg")
    allowed = tuple(name for name in algorithms if own in {None, name} and _fits(member, name))
    if not allowed:
        return None
    try:
        key = jwt.PyJWK(member, allowed[0]).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS_MIN:
        return None
    return VerifyingKey(key, allowed)


def _fits(member: dict[str, object], algorithm: str) -> bool:
    kind, curve = member.get("kty"), member.get("crv")
    if algorithm[:2] in {"RS", "PS"}:
        return kind == "RSA"
    return (kind, curve) == _CURVES.get(algorithm)


def from_file(path: Path) -> Fetch:
    """Return what reads a key set from a file."""

    def fetch() -> bytes:
        with path.open("rb") as file:
            return _bounded(file)

    return fetch


def from_url(url: str, gate: OutboundGate) -> Fetch:
    """Return what reads a key set from an address, if the gate lets it.

    Raises:
        JwksError: the address is not https.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        msg = f"key set address: expected https, got {parts.scheme or 'no scheme'}"
        raise JwksError(msg)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    destination = Destination(parts.hostname or "", port, PURPOSE_KEYS)
    opener = urllib.request.build_opener(_NoRedirects)

    def fetch() -> bytes:
        try:
            gate.admit(destination)
        except OutboundRefused as refused:
            raise JwksError(str(refused)) from refused
        request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - https, above
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return _bounded(answer)

    return fetch


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses redirects: the address that was declared is the one that is asked."""

    def redirect_request(self, *_: object, **__: object) -> None:
        msg = "key set address: expected the keys, got a redirect"
        raise urllib.error.URLError(msg)


def _bounded(file: IO[bytes]) -> bytes:
    data = file.read(SET_BYTES_MAX + 1)
    if len(data) > SET_BYTES_MAX:
        msg = f"key set: expected at most {SET_BYTES_MAX} bytes, got more"
        raise JwksError(msg)
    return data
