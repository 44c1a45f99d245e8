"""The key store: wrapped keys, in a database of its own.

Rules:
- It is never the log's database: a backup of that database alone reads nothing, and restoring an old one brings no
  erased thing back.
- Root key (32 bytes, from a file or KMS) → key-encryption-key of an epoch → wrapped keys. Wrapping is AES-256-GCM with
  the kind, id and epoch as associated data, so that a record moved to another name does not open. Signing keys are
  encrypted PKCS#8 inside the wrap.
- `destroy` overwrites: SQLite runs with `secure_delete` and without a write-ahead log.

Wrapped record: 12-byte nonce ‖ ciphertext ‖ 16-byte tag.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import IntegrityError

from storage.errors import KeyMissing, KeyUnreadable, StorageKeyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Connection, Select

ROOT_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
REMEMBERED_KINDS: Final = frozenset({"document"})
"""Kinds whose destroyed names are remembered, so that such a key is never made or put back again."""
BACKUP_FORMAT: Final = "chopbook-keystore/1"

_metadata: Final = MetaData()
_epochs = Table(
    "epochs",
    _metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
)
_wrapped_keys = Table(
    "wrapped_keys",
    _metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
_destroyed = Table(
    "destroyed",
    _metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
)


class KeyStore:
    """Wrapped keys by kind and id; safe to share between threads and processes.

    A `put` or `destroy` that returned is durable. Kinds in use: `secret`, `signing`, `person`.
    """

    def __init__(self, url: str, root_key: bytes, *, entropy: Callable[[int], bytes]) -> None:
        """Opens the store, making its tables and first epoch if it is empty.

        Raises:
            KeyUnreadable: the store belongs to another root key.
            StorageKeyError: the root key is not 32 bytes.
        """
        if len(root_key) != ROOT_KEY_BYTES:
            msg = f"root key: expected {ROOT_KEY_BYTES} bytes, got {len(root_key)}"
            raise StorageKeyError(msg)
        self._entropy = entropy
        self._root_key = root_key
        self._engine = create_engine(make_url(url))
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare_sqlite)
        try:
            _metadata.create_all(self._engine)
            self._epoch, self._kek = self._open_epoch()
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def root_fingerprint(self) -> str:
        """First 16 hex digits of a hash of the root key: to compare by eye, tells nothing of the key."""
        return hashlib.sha256(b"chopbook root fingerprint" + self._root_key).hexdigest()[:16]

    def passphrase(self, purpose: str) -> bytes:
        """A passphrase derived from the root key, for formats that want one (PKCS#8)."""
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"chopbook {purpose}".encode()).derive(self._root_key)
        return base64.b64encode(derived)

    def put(self, kind: str, key_id: str, key: bytes) -> None:
        """Keeps `key` under a name not used before.

        Raises:
            KeyMissing: a key of that name was destroyed, and its kind is one that is remembered.
            StorageKeyError: the name is taken.
        """
        row = {"kind": kind, "id": key_id, "epoch": self._epoch, "wrapped": self._wrap(kind, key_id, key)}
        try:
            with self._engine.begin() as connection:
                if kind in REMEMBERED_KINDS:
                    _require_not_destroyed(connection, kind, key_id)
                connection.execute(insert(_wrapped_keys).values(**row))
        except IntegrityError as error:
            msg = f"key {kind}/{key_id}: expected a new name, got one in use"
            raise StorageKeyError(msg) from error

    def get(self, kind: str, key_id: str) -> bytes:
        """The clear key.

        Raises:
            KeyMissing: never made, or destroyed.
            KeyUnreadable: altered, or moved from another name.
        """
        with self._engine.connect() as connection:
            row = connection.execute(
                select(_wrapped_keys.c.epoch, _wrapped_keys.c.wrapped).where(
                    _wrapped_keys.c.kind == kind, _wrapped_keys.c.id == key_id
                )
            ).one_or_none()
        if row is None:
            msg = f"key {kind}/{key_id}: expected a stored key, got none"
            raise KeyMissing(msg)
        return _open(self._kek, row.wrapped, _associated(kind, key_id, row.epoch), f"key {kind}/{key_id}")

    def get_or_make(self, kind: str, key_id: str, size_bytes: int = 32) -> bytes:
        """The key of that name, made of fresh entropy if there is none; two racing callers get the same."""
        try:
            return self.get(kind, key_id)
        except KeyMissing:
            try:
                self.put(kind, key_id, self._entropy(size_bytes))
            except StorageKeyError:
                return self.get(kind, key_id)
            return self.get(kind, key_id)

    def ids(self, kind: str) -> list[str]:
        """Names of all keys of a kind, sorted."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(_wrapped_keys.c.id).where(_wrapped_keys.c.kind == kind).order_by(_wrapped_keys.c.id)
            )
            return [row.id for row in rows]

    def has(self, kind: str, key_id: str) -> bool:
        """Whether there is a key of that name."""
        with self._engine.connect() as connection:
            return connection.execute(_named(select(_wrapped_keys.c.epoch), kind, key_id)).one_or_none() is not None

    def epoch_of(self, kind: str, key_id: str) -> int:
        """The epoch under which a key is wrapped now.

        Raises:
            KeyMissing: never made, or destroyed.
        """
        with self._engine.connect() as connection:
            row = connection.execute(_named(select(_wrapped_keys.c.epoch), kind, key_id)).one_or_none()
        if row is None:
            msg = f"key {kind}/{key_id}: expected a stored key, got none"
            raise KeyMissing(msg)
        return int(row.epoch)

    def destroy(self, kind: str, key_id: str) -> bool:
        """Removes the key for good; False if there was none. Backups of the key store still hold the wrap."""
        with self._engine.begin() as connection:
            if kind in REMEMBERED_KINDS and not _is_destroyed(connection, kind, key_id):
                connection.execute(insert(_destroyed).values(kind=kind, id=key_id))
            return (
                connection.execute(
                    delete(_wrapped_keys).where(_wrapped_keys.c.kind == kind, _wrapped_keys.c.id == key_id)
                ).rowcount
                > 0
            )

    def backup(self, path: Path) -> int:
        """Writes every record, still wrapped, to a new file (mode 0600); returns how many.

        The file opens only with the root key, which is not in it.
        """
        with self._engine.connect() as connection:
            epochs = [[row.epoch, _text(row.wrapped)] for row in connection.execute(select(_epochs))]
            keys = [
                [row.kind, row.id, row.epoch, _text(row.wrapped)] for row in connection.execute(select(_wrapped_keys))
            ]
        body = {"format": BACKUP_FORMAT, "root_fingerprint": self.root_fingerprint, "epochs": epochs, "keys": keys}
        text = json.dumps(body, sort_keys=True)
        sealed = json.dumps({"body": body, "sha256": hashlib.sha256(text.encode()).hexdigest()})
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        return len(keys)

    def restore(self, path: Path) -> int:
        """Puts back every key of a backup that is not here; returns how many were added.

        A key destroyed since the backup would come back: the caller says which ids were erased and destroys them
        again (`chopbook keystore restore` does, from the log).

        Raises:
            KeyUnreadable: the file is damaged, of another format, or of another root key.
        """
        body = _read_backup(path)
        if body["root_fingerprint"] != self.root_fingerprint:
            msg = f"backup: expected root key {self.root_fingerprint}, got one of {body['root_fingerprint']}"
            raise KeyUnreadable(msg)
        keks = {
            int(epoch): _open(self._root_key, _bytes(wrapped), _associated("epoch", str(epoch), 0), f"epoch {epoch}")
            for epoch, wrapped in body["epochs"]
        }
        added = 0
        known = {(kind, key_id) for kind in {row[0] for row in body["keys"]} for key_id in self.ids(kind)}
        for kind, key_id, epoch, wrapped in body["keys"]:
            if (kind, key_id) not in known:
                what = f"key {kind}/{key_id}"
                self.put(kind, key_id, _open(keks[epoch], _bytes(wrapped), _associated(kind, key_id, epoch), what))
                added += 1
        return added

    def close(self) -> None:
        """Closes the store's connections."""
        self._engine.dispose()

    def _open_epoch(self) -> tuple[int, bytes]:
        with self._engine.begin() as connection:
            row = connection.execute(select(_epochs).order_by(_epochs.c.epoch.desc()).limit(1)).one_or_none()
            if row is None:
                kek = self._entropy(ROOT_KEY_BYTES)
                wrapped = _seal(self._root_key, kek, _associated("epoch", "1", 0), self._entropy(NONCE_BYTES))
                connection.execute(insert(_epochs).values(epoch=1, wrapped=wrapped))
                return 1, kek
        what = "key store: expected the root key it was made with; epoch"
        return row.epoch, _open(self._root_key, row.wrapped, _associated("epoch", str(row.epoch), 0), what)

    def _wrap(self, kind: str, key_id: str, key: bytes) -> bytes:
        return _seal(self._kek, key, _associated(kind, key_id, self._epoch), self._entropy(NONCE_BYTES))


def _named(statement: Select[Any], kind: str, key_id: str) -> Select[Any]:
    return statement.where(_wrapped_keys.c.kind == kind, _wrapped_keys.c.id == key_id)


def _is_destroyed(connection: Connection, kind: str, key_id: str) -> bool:
    statement = select(_destroyed.c.id).where(_destroyed.c.kind == kind, _destroyed.c.id == key_id)
    return connection.execute(statement).one_or_none() is not None


def _require_not_destroyed(connection: Connection, kind: str, key_id: str) -> None:
    if _is_destroyed(connection, kind, key_id):
        msg = f"key {kind}/{key_id}: expected a new name, got that of a destroyed key"
        raise KeyMissing(msg)


def _associated(kind: str, key_id: str, epoch: int) -> bytes:
    return f"chopbook-key/1\n{kind}\n{key_id}\n{epoch}".encode()


def _seal(key: bytes, clear: bytes, associated: bytes, nonce: bytes) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, clear, associated)


def _open(key: bytes, wrapped: bytes, associated: bytes, what: str) -> bytes:
    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as error:
        msg = f"{what}: expected a record wrapped under this root key, got one that does not open"
        raise KeyUnreadable(msg) from error


def _read_backup(path: Path) -> dict[str, Any]:
    try:
        sealed = json.loads(path.read_text(encoding="ascii"))
        body: dict[str, Any] = sealed["body"]
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    except (ValueError, KeyError, TypeError) as error:
        msg = f"backup {path.name}: expected a key store backup, got something else"
        raise KeyUnreadable(msg) from error
    if digest != sealed["sha256"] or body.get("format") != BACKUP_FORMAT:
        msg = f"backup {path.name}: expected format {BACKUP_FORMAT} with its own digest, got a damaged file"
        raise KeyUnreadable(msg)
    return body


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.execute("PRAGMA journal_mode=TRUNCATE")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
