"""The key store: wrapped keys, in a database of its own.

Rules:
- It is never the log's database: a backup of that database alone reads nothing, and restoring an old one brings no
  erased thing back.
- Root key (a file or KMS, `storage.root_key`) → key-encryption-key of an epoch → wrapped keys. Wrapping is AES-256-GCM with
  the kind, id and epoch as associated data, so that a record moved to another name does not open. Signing keys are
  encrypted PKCS#8 inside the wrap.
- `destroy` overwrites: SQLite runs with `secure_delete` and without a write-ahead log. What old backups hold stays readable
  to who has the root key until the epoch is rolled (`roll_epoch`).
- Names of destroyed document keys are remembered: such a key is never made, or put back from a backup, again.
"""

from __future__ import annotations

import base64
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, delete, event, func, insert, literal, make_url, select
from sqlalchemy.exc import IntegrityError

from storage.epoch_ring import RING_NAME, EpochRing, name_of, opened_with, read_ring, ringed
from storage.errors import KeyMissing, KeyUnreadable, StorageKeyError
from storage.keystore_backup import read_backup, write_backup
from storage.keystore_care import (
    LAST_BACKUP,
    LAST_ROLL,
    LAST_TEST_RESTORE,
    Fact,
    KeyReport,
    Roll,
    collect,
    compare,
    lock_store,
    remember,
    report,
    rewrap_epochs,
)
from storage.keystore_tables import (
    NONCE_BYTES,
    destroyed,
    epoch_associated,
    epochs,
    is_destroyed,
    key_associated,
    metadata,
    open_key,
    prepare_sqlite,
    wrap_key,
    wrapped_keys,
)
from storage.reaching import reaching
from storage.root_key import ROOT_KEY_BYTES, LocalRootKey, RootKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

REMEMBERED_KINDS: Final = frozenset({"document"})
"""Kinds whose destroyed names are remembered. Uploads come and go by the thousand, and people are known by the log."""
_PASSPHRASE_KIND: Final = "passphrase"  # noqa: S105  a name
_PASSPHRASE_PURPOSES: Final = ("signing key",)
_PUT_ATTEMPTS: Final = 3


class KeyStore:
    """Wrapped keys by kind and id; safe to share between threads and processes.

    A `put` or `destroy` that returned is durable. Kinds in use: `secret`, `signing`, `person`, `document`, `upload`.
    """

    def __init__(
        self, url: str, root_key: bytes | RootKey, *, entropy: Callable[[int], bytes], ring: EpochRing | None = None
    ) -> None:
        """Opens the store, making its tables and first epoch if it is empty; with a `ring`, epochs open only with it.

        Raises:
            KeyUnreadable: the store belongs to another root key.
            StorageKeyError: the root key is not 32 bytes.
            StorageFailed: its database cannot be used.
        """
        self._entropy = entropy
        self._ring = ring
        self._root: RootKey = self._rooted(root_key)
        self._engine = create_engine(make_url(url))
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", prepare_sqlite)
        self._keks: dict[int, bytes] = {}
        try:
            with reaching("key store (CHOPBOOK_KEYSTORE_URL)"):
                metadata.create_all(self._engine)
            self._make_first_epoch()
            self._load_epochs()
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def root_fingerprint(self) -> str:
        """16 hexadecimal digits: to compare root keys by eye, tells nothing of the key."""
        return self._root.fingerprint

    def passphrase(self, purpose: str) -> bytes:
        """A passphrase for formats that want one (PKCS#8); it follows from the root key this store was made with."""
        try:
            return self.get(_PASSPHRASE_KIND, purpose)
        except KeyMissing:
            return base64.b64encode(self._root.derive(purpose))

    # ------------------------------------------------------------------------------------------------- keys

    def put(self, kind: str, key_id: str, key: bytes) -> int:
        """Keeps `key` under a name not used before; returns the epoch under which it is wrapped.

        Raises:
            KeyMissing: a key of that name was destroyed, and its kind is one that is remembered.
            StorageKeyError: the name is taken.
        """
        for _attempt in range(_PUT_ATTEMPTS):
            epoch = max(self._keks)
            associated = key_associated(kind, key_id, epoch)
            wrapped = wrap_key(self._keks[epoch], key, associated, self._entropy(NONCE_BYTES))
            # Another process may have rolled the epoch: then nothing is inserted, and the new one is used.
            values = select(literal(kind), literal(key_id), literal(epoch), literal(wrapped))
            newest = select(func.max(epochs.c.epoch)).scalar_subquery()
            statement = (
                insert(wrapped_keys)
                .from_select(["kind", "id", "epoch", "wrapped"], values.where(newest == epoch))
                .returning(wrapped_keys.c.epoch)
            )
            try:
                with self._engine.begin() as connection:
                    if kind in REMEMBERED_KINDS and is_destroyed(connection, kind, key_id):
                        msg = f"key {kind}/{key_id}: expected a new name, got that of a destroyed key"
                        raise KeyMissing(msg)
                    if connection.execute(statement).one_or_none() is not None:
                        return epoch
            except IntegrityError as error:
                msg = f"key {kind}/{key_id}: expected a new name, got one in use"
                raise StorageKeyError(msg) from error
            self._load_epochs()
        msg = f"key {kind}/{key_id}: expected an epoch that stays, got rolls one after the other"
        raise StorageKeyError(msg)

    def get(self, kind: str, key_id: str) -> bytes:
        """The clear key.

        Raises:
            KeyMissing: never made, or destroyed.
            KeyUnreadable: altered, or moved from another name.
        """
        row = self._row(kind, key_id)
        if row.epoch not in self._keks:
            self._load_epochs()
            # It may have been wrapped anew between the two looks.
            row = self._row(kind, key_id)
        what = f"key {kind}/{key_id}"
        if row.epoch not in self._keks:
            msg = f"{what}: expected a record of an epoch that is here, got one of epoch {row.epoch}"
            raise KeyUnreadable(msg)
        return open_key(self._keks[row.epoch], row.wrapped, key_associated(kind, key_id, row.epoch), what)

    def get_or_make(self, kind: str, key_id: str, size_bytes: int = 32) -> bytes:
        """The key of that name, made of fresh entropy if there is none; two racing callers get the same.

        Raises:
            KeyMissing: it was destroyed, and its kind is one that is remembered.
        """
        try:
            return self.get(kind, key_id)
        except KeyMissing:
            try:
                self.put(kind, key_id, self._entropy(size_bytes))
            except StorageKeyError:
                return self.get(kind, key_id)
            return self.get(kind, key_id)

    def has(self, kind: str, key_id: str) -> bool:
        """Whether there is a key of that name."""
        try:
            self._row(kind, key_id)
        except KeyMissing:
            return False
        return True

    def was_destroyed(self, kind: str, key_id: str) -> bool:
        """Whether a key of that name was destroyed, of a kind that is remembered."""
        with self._engine.connect() as connection:
            return is_destroyed(connection, kind, key_id)

    def epoch_of(self, kind: str, key_id: str) -> int:
        """The epoch under which a key is wrapped now.

        Raises:
            KeyMissing: never made, or destroyed.
        """
        return int(self._row(kind, key_id).epoch)

    def ids(self, kind: str) -> list[str]:
        """Names of all keys of a kind, sorted."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(wrapped_keys.c.id).where(wrapped_keys.c.kind == kind).order_by(wrapped_keys.c.id)
            )
            return [row.id for row in rows]

    def destroy(self, kind: str, key_id: str) -> bool:
        """Removes the key for good; False if there was none. Backups hold the wrap until the epoch is rolled."""
        with self._engine.begin() as connection:
            if kind in REMEMBERED_KINDS and not is_destroyed(connection, kind, key_id):
                connection.execute(insert(destroyed).values(kind=kind, id=key_id))
            removed = connection.execute(_named(delete(wrapped_keys), kind, key_id)).rowcount
        return removed > 0

    # ------------------------------------------------------------------------------------------- care of the store

    def epochs(self) -> list[int]:
        """All epochs, oldest first; more than one while a roll is under way."""
        with self._engine.connect() as connection:
            return [row.epoch for row in connection.execute(select(epochs.c.epoch).order_by(epochs.c.epoch))]

    def report(self) -> KeyReport:
        """How the store is: what the key screen shows. No key is opened."""
        with self._engine.connect() as connection:
            return report(connection, self.root_fingerprint)

    def backup(self, path: Path, *, now: datetime | None = None) -> int:
        """Writes every record, still wrapped, to a new file (mode 0600), tests it, and returns how many keys it has.

        The file opens only with the root key, which is not in it. With `now` it is remembered for the key screen.

        Raises:
            FileExistsError: there is such a file.
            KeyUnreadable: what was written does not read back as what is here.
        """
        with self._engine.connect() as connection:
            meant = collect(connection, self._root)
        count = write_backup(path, meant, lambda written: compare(read_backup(written), meant, self._root))
        self._copy_ring(path)
        if now is not None:
            self._remember(path, now, count, LAST_BACKUP, LAST_TEST_RESTORE)
        return count

    def restore(self, path: Path) -> int:
        """Puts back every key of a backup that is not here; returns how many were added.

        Documents destroyed here or in the backup stay destroyed. A person's key destroyed since the backup would come back:
        the caller says which ids were erased and destroys them again (`chopbook keystore restore` does, from the log).

        Raises:
            KeyUnreadable: the file is damaged, of another format, or of another root key.
        """
        backup = read_backup(path)
        copied = read_ring(path.with_name(RING_NAME))
        root = opened_with(self._inner, copied, self._entropy) if copied else self._root
        opened = list(backup.opened(root))
        for kind, key_id in backup.destroyed:
            self.destroy(kind, key_id)
        added = 0
        with self._engine.connect() as connection:
            known = {(row.kind, row.id) for row in connection.execute(select(wrapped_keys.c.kind, wrapped_keys.c.id))}
            gone = {(row.kind, row.id) for row in connection.execute(select(destroyed))}
        for key, clear in opened:
            if (key.kind, key.id) not in known | gone:
                self.put(key.kind, key.id, clear)
                added += 1
        return added

    def roll_epoch(self, backup: Path, *, now: datetime) -> int:
        """Wraps every surviving key under a new key, backs up, proves the backup, destroys the old key; returns how many.

        After it, with a ring, old backups of this store open nothing any more: keep the new one, and the copy of the ring beside
        it. Safe to kill, and to run again.

        Raises:
            FileExistsError: there is such a backup file.
            KeyUnreadable: a key, or the backup, does not open; the old epoch is kept then.
            StorageKeyError: another process kept writing under the old epoch; run it again.
        """
        roll = Roll(self._engine, self._root, self._entropy)
        with nullcontext() if self._ring is None else self._ring.exclusive():
            new = roll.begin()
            self._load_epochs()
            roll.rewrap(new)
            count = roll.prove(backup)
            self._remember(backup, now, count, LAST_BACKUP, LAST_TEST_RESTORE)
            roll.end(new)
            self._load_epochs()
            self._copy_ring(backup)
            if self._ring is not None:
                self._ring.keep_only(self._ring_names())
        self._remember(backup, now, count, LAST_ROLL)
        return count

    def rewrap_root(self, new: bytes | RootKey) -> int:
        """Gives the store another root key, in one transaction; returns how many epochs were wrapped anew.

        Backups made before open only with the root key of before. Passphrases that followed from it are kept as keys.
        """
        root = self._rooted(new)
        for purpose in _PASSPHRASE_PURPOSES:
            if not self.has(_PASSPHRASE_KIND, purpose):
                self.put(_PASSPHRASE_KIND, purpose, self.passphrase(purpose))
        with self._engine.begin() as connection:
            lock_store(connection)
            count = rewrap_epochs(connection, self._root, root)
        self._root = root
        return count

    def close(self) -> None:
        """Closes the store's connections."""
        self._engine.dispose()

    def _rooted(self, root_key: bytes | RootKey) -> RootKey:
        self._inner: RootKey = LocalRootKey(root_key, self._entropy) if isinstance(root_key, bytes) else root_key
        return self._inner if self._ring is None else ringed(self._inner, self._ring, self._entropy)

    def _copy_ring(self, backup: Path) -> None:
        """The secrets of the epochs that are here go beside a backup, in place of those of before."""
        if self._ring is not None:
            self._ring.copy_to(backup.with_name(RING_NAME), self._ring_names())

    def _ring_names(self) -> frozenset[str]:
        return frozenset(name_of(epoch_associated(epoch)) for epoch in self.epochs())

    def _row(self, kind: str, key_id: str) -> Any:
        with self._engine.connect() as connection:
            statement = _named(select(wrapped_keys.c.epoch, wrapped_keys.c.wrapped), kind, key_id)
            row = connection.execute(statement).one_or_none()
        if row is None:
            msg = f"key {kind}/{key_id}: expected a stored key, got none"
            raise KeyMissing(msg, f"密鑰庫沒有密鑰 {kind}/{key_id}")
        return row

    def _make_first_epoch(self) -> None:
        with self._engine.begin() as connection:
            if connection.execute(select(epochs.c.epoch).limit(1)).one_or_none() is None:
                wrapped = self._root.wrap(self._entropy(ROOT_KEY_BYTES), epoch_associated(1))
                connection.execute(insert(epochs).values(epoch=1, wrapped=wrapped))

    def _load_epochs(self) -> None:
        with self._engine.connect() as connection:
            rows = connection.execute(select(epochs)).all()
        # One assignment: other threads see the old epochs or the new ones.
        self._keks = {row.epoch: self._root.unwrap(row.wrapped, epoch_associated(row.epoch)) for row in rows}

    def _remember(self, path: Path, now: datetime, keys: int, *names: str) -> None:
        with self._engine.begin() as connection:
            for name in names:
                remember(connection, name, Fact(now, path.name, keys))


def _named(statement: Any, kind: str, key_id: str) -> Any:
    return statement.where(wrapped_keys.c.kind == kind, wrapped_keys.c.id == key_id)
