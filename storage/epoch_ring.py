"""The ring: a secret for each epoch of the key store, in a small file of its own, without which no backup of the store opens.

- An epoch's key is wrapped under its secret first and the root key then. The secret is in no backup of the key store, so
  destroying it (one file, at a roll) makes every backup from before worthless, wherever it lies and whoever has the root key.
- There is only ever one copy beside the file itself: that in the folder of the newest backup, replaced by each. What keeps its
  history (snapshots, tapes) must leave it out; a history of the ring undoes what a roll is for.
- One writer at a time, by a lock of the file system; readers see the file before or after.
- An epoch that was made before there was a ring opens without, until it is rolled.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import KeyUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from storage.root_key import RootKey

RING_NAME: Final = "epochs.ring"
FORMAT: Final = "chopbook-ring/1"
MARK: Final = b"ring1"
SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12


class EpochRing:
    """The ring's file. Safe to share between threads and processes."""

    def __init__(self, path: Path, entropy: Callable[[int], bytes]) -> None:
        self._path: Final = path
        self._entropy: Final = entropy
        self._mutex: Final = threading.RLock()
        self._depth = 0

    def secret(self, name: str) -> bytes | None:
        """The secret of an epoch; None: there is none, or it was destroyed.

        Raises:
            KeyUnreadable: the file is damaged.
        """
        return read_ring(self._path).get(name)

    def make(self, name: str) -> bytes:
        """The secret of an epoch, made and durable if there is none."""
        with self.exclusive():
            found = read_ring(self._path)
            if name not in found:
                found[name] = self._entropy(SECRET_BYTES)
                _write(self._path, found)
            return found[name]

    def keep_only(self, names: Collection[str]) -> int:
        """Destroys every other secret; returns how many."""
        with self.exclusive():
            found = read_ring(self._path)
            kept = {name: secret for name, secret in found.items() if name in names}
            if len(kept) < len(found):
                _write(self._path, kept)
            return len(found) - len(kept)

    def copy_to(self, path: Path, names: Collection[str]) -> None:
        """Writes these secrets beside a backup, in place of what was there."""
        found = read_ring(self._path)
        _write(path, {name: secret for name, secret in found.items() if name in names})

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Nobody else writes the ring meanwhile: a roll, from its first step to its last."""
        with self._mutex:
            if self._depth:
                yield
                return
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            self._depth += 1
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                self._depth -= 1
                os.close(descriptor)


class RingedRoot:
    """A root key whose epochs open only together with their secrets."""

    def __init__(
        self,
        root: RootKey,
        secret: Callable[[str], bytes | None],
        make: Callable[[str], bytes],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._root: Final = root
        self._secret: Final = secret
        self._make: Final = make
        self._entropy: Final = entropy

    @property
    def fingerprint(self) -> str:
        """See the port."""
        return self._root.fingerprint

    def derive(self, purpose: str) -> bytes:
        """See the port."""
        return self._root.derive(purpose)

    def wrap(self, clear: bytes, associated: bytes) -> bytes:
        """See the port."""
        nonce = self._entropy(NONCE_BYTES)
        inner = nonce + AESGCM(self._make(name_of(associated))).encrypt(nonce, clear, associated)
        return MARK + self._root.wrap(inner, associated)

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """See the port."""
        if not wrapped.startswith(MARK):
            return self._root.unwrap(wrapped, associated)
        inner = self._root.unwrap(wrapped.removeprefix(MARK), associated)
        secret = self._secret(name_of(associated))
        if secret is None:
            msg = "epoch key: expected its secret in the ring, got none: a roll destroyed it, or the ring is another's"
            raise KeyUnreadable(msg)
        try:
            return AESGCM(secret).decrypt(inner[:NONCE_BYTES], inner[NONCE_BYTES:], associated)
        except InvalidTag as error:
            msg = "epoch key: expected one wrapped under the ring's secret, got one of another ring"
            raise KeyUnreadable(msg) from error


def ringed(root: RootKey, ring: EpochRing, entropy: Callable[[int], bytes]) -> RingedRoot:
    """The root key together with a ring."""
    return RingedRoot(root, ring.secret, ring.make, entropy)


def opened_with(root: RootKey, secrets: Mapping[str, bytes], entropy: Callable[[int], bytes]) -> RingedRoot:
    """The root key together with the copy of a ring, for reading a backup; it wraps nothing."""
    return RingedRoot(root, secrets.get, secrets.__getitem__, entropy)


def name_of(associated: bytes) -> str:
    """What the secret of an epoch is called in the ring: what its key is bound to."""
    return associated.decode().replace("\n", " ")


def read_ring(path: Path) -> dict[str, bytes]:
    """The secrets in a file; none if there is no file.

    Raises:
        KeyUnreadable: damaged, or of another format.
    """
    try:
        members = json.loads(path.read_text("ascii"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        msg = f"ring {path.name}: expected JSON of format {FORMAT}, got something else"
        raise KeyUnreadable(msg) from error
    try:
        if members["format"] != FORMAT:
            raise KeyError
        return {str(name): base64.b64decode(secret, validate=True) for name, secret in members["secrets"].items()}
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        msg = f"ring {path.name}: expected format {FORMAT}, got another"
        raise KeyUnreadable(msg) from error


def _write(path: Path, secrets: Mapping[str, bytes]) -> None:
    """A new file in place of the old one, durable."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    content = {"format": FORMAT, "secrets": {name: base64.b64encode(one).decode() for name, one in secrets.items()}}
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(content, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    # Held by another name until the new one stands, so that a crash between the two loses nothing.
    before = path.with_name(f".{path.name}.before")
    before.unlink(missing_ok=True)
    if path.exists():
        os.link(path, before)
    partial.replace(path)
    if before.exists():
        _shred(before)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _shred(path: Path) -> None:
    """Overwrites a file that was replaced, as far as the disk lets us, and removes it."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
