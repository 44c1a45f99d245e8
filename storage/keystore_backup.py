"""Backups of the key store: every record as it lies there, wrapped, in one file with its own digest.

`chopbook-keystore/2` is JSON `{"body": …, "sha256": …}`: the digest is over the body with sorted names. It holds the
epochs that wrap something, the keys, and the names of keys that were destroyed. `/1` had no such names.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from storage.errors import KeyUnreadable
from storage.keystore_tables import epoch_associated, key_associated, open_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.root_key import RootKey

BACKUP_FORMAT: Final = "chopbook-keystore/2"
READABLE_FORMATS: Final = frozenset({"chopbook-keystore/1", BACKUP_FORMAT})


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One record."""

    kind: str
    id: str
    epoch: int
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup file holds."""

    root_fingerprint: str
    epochs: dict[int, bytes]
    keys: tuple[WrappedKey, ...]
    destroyed: tuple[tuple[str, str], ...]

    def opened(self, root: RootKey) -> Iterator[tuple[WrappedKey, bytes]]:
        """Each record with its clear key.

        Raises:
            KeyUnreadable: of another root key, or a record that does not open.
        """
        if self.root_fingerprint != root.fingerprint:
            msg = f"backup: expected root key {root.fingerprint}, got one of {self.root_fingerprint}"
            raise KeyUnreadable(msg)
        keks = {epoch: root.unwrap(wrapped, epoch_associated(epoch)) for epoch, wrapped in self.epochs.items()}
        for key in self.keys:
            if key.epoch not in keks:
                msg = f"backup: expected the key of epoch {key.epoch}, got none"
                raise KeyUnreadable(msg)
            associated = key_associated(key.kind, key.id, key.epoch)
            yield key, open_key(keks[key.epoch], key.wrapped, associated, f"key {key.kind}/{key.id}")


def write_backup(path: Path, backup: Backup, prove: Callable[[Path], int]) -> int:
    """Writes it to a new file (mode 0600), whole and proved or not at all, durably; returns what `prove` found.

    `prove` reads it from disk before it bears its name: what cannot be opened, that of a process with a root key of before, say, is
    never taken for a backup.

    Raises:
        FileExistsError: there is such a file.
        Whatever `prove` raises.
    """
    body = {
        "format": BACKUP_FORMAT,
        "root_fingerprint": backup.root_fingerprint,
        "epochs": [[epoch, _text(wrapped)] for epoch, wrapped in sorted(backup.epochs.items())],
        "keys": [[key.kind, key.id, key.epoch, _text(key.wrapped)] for key in backup.keys],
        "destroyed": [list(name) for name in backup.destroyed],
    }
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump({"body": body, "sha256": _digest(body)}, file)
            file.flush()
            os.fsync(file.fileno())
        proved = prove(partial)
        # A link, not a rename: it refuses a name in use.
        os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return proved


def remove_partials(folder: Path, ending: str) -> int:
    """Removes what killed writers of backups with names of this ending left; returns how many. They hold wrapped keys, and no name."""
    found = list(folder.glob(f".*{ending}.[0-9]*"))
    for partial in found:
        partial.unlink(missing_ok=True)
    return len(found)


def read_backup(path: Path) -> Backup:
    """Reads and checks a file.

    Raises:
        KeyUnreadable: damaged, or of another format.
    """
    try:
        sealed = json.loads(path.read_text(encoding="ascii"))
        body: dict[str, Any] = sealed["body"]
        if _digest(body) != sealed["sha256"] or body.get("format") not in READABLE_FORMATS:
            msg = f"backup {path.name}: expected format {BACKUP_FORMAT} with its own digest, got a damaged file"
            raise KeyUnreadable(msg)
        return Backup(
            root_fingerprint=str(body["root_fingerprint"]),
            epochs={int(epoch): base64.b64decode(wrapped) for epoch, wrapped in body["epochs"]},
            keys=tuple(WrappedKey(k, i, int(e), base64.b64decode(w)) for k, i, e, w in body["keys"]),
            destroyed=tuple((str(kind), str(key_id)) for kind, key_id in body.get("destroyed", [])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"backup {path.name}: expected a key store backup, got something else"
        raise KeyUnreadable(msg) from error


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
