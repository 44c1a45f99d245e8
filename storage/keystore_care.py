"""The care of a key store: rolling its epoch, changing its root key, and saying how it is.

An epoch roll makes what was destroyed unreadable in every old backup as well: surviving keys are wrapped anew, then the
old key-encryption key is destroyed, without which an old backup's records are noise. In order, each step durable:

1. a new epoch;
2. every surviving key re-wrapped under it, in batches;
3. a backup written, read again from disk, and every key in it compared with the store's;
4. the old epochs removed, if nothing is wrapped under them.

Killed at any step, the store is whole, and the next roll goes on where this one stopped.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, exists, func, insert, select, text, update

from storage.errors import KeyUnreadable, StorageKeyError
from storage.keystore_backup import Backup, WrappedKey, read_backup, write_backup
from storage.keystore_tables import (
    destroyed,
    epoch_associated,
    epochs,
    facts,
    key_associated,
    open_key,
    wrap_key,
    wrapped_keys,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from audit.canonical import JSON
    from storage.root_key import RootKey

BATCH_KEYS: Final = 1_000
KEK_BYTES: Final = 32
NONCE_BYTES: Final = 12

LAST_BACKUP: Final = "last-backup"
LAST_TEST_RESTORE: Final = "last-test-restore"
LAST_ROLL: Final = "last-roll"


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One epoch: how many keys of each kind it wraps."""

    epoch: int
    keys: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Fact:
    """When something was last done, and to which file."""

    at: datetime
    file: str
    keys: int


@dataclass(frozen=True, slots=True)
class KeyReport:
    """How the key store is. Two epochs: a roll was begun and not ended."""

    root_fingerprint: str
    epochs: tuple[EpochReport, ...]
    keys: Mapping[str, int]
    destroyed: int
    last_backup: Fact | None
    last_test_restore: Fact | None
    last_roll: Fact | None

    @property
    def is_rolling(self) -> bool:
        """Whether a roll waits to be ended."""
        return len(self.epochs) > 1

    def to_json(self, fact_json: Callable[[Fact], JSON]) -> dict[str, JSON]:
        """The report as JSON; what is told of a fact is the caller's to say, since a path is not for everybody."""

        def told(fact: Fact | None) -> JSON:
            return None if fact is None else fact_json(fact)

        return {
            "root_fingerprint": self.root_fingerprint,
            "epochs": [{"epoch": epoch.epoch, "keys": dict(epoch.keys)} for epoch in self.epochs],
            "keys": dict(self.keys),
            "destroyed": self.destroyed,
            "rolling": self.is_rolling,
            "last_backup": told(self.last_backup),
            "last_test_restore": told(self.last_test_restore),
            "last_roll": told(self.last_roll),
        }


class Roll:
    """One roll, step by step; `KeyStore.roll_epoch` takes them in order."""

    def __init__(self, engine: Engine, root: RootKey, entropy: Callable[[int], bytes]) -> None:
        self._engine: Final = engine
        self._root: Final = root
        self._entropy: Final = entropy

    def begin(self) -> int:
        """Step 1: the epoch to roll to. One that an earlier roll left is taken up.

        Raises:
            KeyUnreadable: the root key was changed since this process started.
        """
        with self._engine.begin() as connection:
            lock_store(connection)
            found = connection.execute(select(epochs).order_by(epochs.c.epoch)).all()
            # An epoch under a root key that is no more would lock everybody out.
            self._require_root(found[-1])
            if len(found) > 1:
                return int(found[-1].epoch)
            new = int(found[-1].epoch) + 1
            wrapped = self._root.wrap(self._entropy(KEK_BYTES), epoch_associated(new))
            connection.execute(insert(epochs).values(epoch=new, wrapped=wrapped))
            return new

    def _require_root(self, newest: Any) -> None:
        try:
            self._root.unwrap(newest.wrapped, epoch_associated(newest.epoch))
        except KeyUnreadable as error:
            msg = "roll: expected the root key that the key store has, got another; the root key was changed: start this process again"
            raise KeyUnreadable(msg) from error

    def rewrap(self, new: int) -> int:
        """Step 2: wraps every key of an older epoch anew; returns how many."""
        keks = self._keks()
        done = 0
        while True:
            with self._engine.begin() as connection:
                lock_store(connection)
                rows = connection.execute(
                    select(wrapped_keys).where(wrapped_keys.c.epoch < new).limit(BATCH_KEYS)
                ).all()
                for row in rows:
                    old = key_associated(row.kind, row.id, row.epoch)
                    clear = open_key(keks[row.epoch], row.wrapped, old, f"key {row.kind}/{row.id}")
                    wrapped = wrap_key(
                        keks[new], clear, key_associated(row.kind, row.id, new), self._entropy(NONCE_BYTES)
                    )
                    connection.execute(
                        update(wrapped_keys)
                        .where(wrapped_keys.c.kind == row.kind, wrapped_keys.c.id == row.id)
                        .values(epoch=new, wrapped=wrapped)
                    )
            if not rows:
                return done
            done += len(rows)

    def prove(self, path: Path) -> int:
        """Step 3: a backup without the old epochs, read back and compared key by key; returns how many keys.

        Raises:
            KeyUnreadable: the file does not hold what the store holds.
        """
        with self._engine.connect() as connection:
            backup = collect(connection, self._root)
        return write_backup(path, backup, lambda written: compare(read_backup(written), backup, self._root))

    def end(self, new: int) -> int:
        """Step 4: removes the old epochs; returns how many. One under which something is still wrapped stays.

        Raises:
            StorageKeyError: another process wrapped a key under an old epoch meanwhile: roll again.
        """
        with self._engine.begin() as connection:
            lock_store(connection)
            used = exists().where(wrapped_keys.c.epoch == epochs.c.epoch)
            removed = connection.execute(delete(epochs).where(epochs.c.epoch < new, ~used)).rowcount
            left = connection.execute(select(func.count()).select_from(epochs).where(epochs.c.epoch < new)).scalar_one()
        if left:
            msg = f"roll: expected nothing wrapped under an epoch before {new}, got keys written meanwhile; roll again"
            raise StorageKeyError(msg)
        return removed

    def _keks(self) -> dict[int, bytes]:
        with self._engine.connect() as connection:
            return {
                row.epoch: self._root.unwrap(row.wrapped, epoch_associated(row.epoch))
                for row in connection.execute(select(epochs))
            }


def collect(connection: Connection, root: RootKey) -> Backup:
    """Everything that belongs into a backup; epochs that wrap nothing do not, for they are about to be destroyed."""
    # One statement each, in one transaction: the newest epoch is read last, so no key can be of a later one.
    keys = tuple(
        _wrapped(row)
        for row in connection.execute(select(wrapped_keys).order_by(wrapped_keys.c.kind, wrapped_keys.c.id))
    )
    used = {key.epoch for key in keys}
    found = {row.epoch: row.wrapped for row in connection.execute(select(epochs))}
    newest = max(found)
    names = connection.execute(select(destroyed).order_by(destroyed.c.kind, destroyed.c.id))
    return Backup(
        root_fingerprint=root.fingerprint,
        epochs={epoch: wrapped for epoch, wrapped in found.items() if epoch in used or epoch == newest},
        keys=keys,
        destroyed=tuple((row.kind, row.id) for row in names),
    )


def compare(written: Backup, meant: Backup, root: RootKey) -> int:
    """Opens every record of a backup that was read, and compares it with what was meant to be in it; returns how many.

    Raises:
        KeyUnreadable: something differs.
    """
    count = 0
    for (read, clear), (known, expected) in zip(written.opened(root), meant.opened(root), strict=True):
        if (read.kind, read.id) != (known.kind, known.id) or not hmac.compare_digest(clear, expected):
            msg = f"backup: expected key {known.kind}/{known.id} as it is in the store, got another"
            raise KeyUnreadable(msg)
        count += 1
    if written.destroyed != meant.destroyed:
        msg = "backup: expected the names of all destroyed keys, got others"
        raise KeyUnreadable(msg)
    return count


def rewrap_epochs(connection: Connection, old: RootKey, new: RootKey) -> int:
    """Wraps the key of each epoch under another root key, in the caller's transaction; returns how many."""
    rows = connection.execute(select(epochs)).all()
    for row in rows:
        associated = epoch_associated(row.epoch)
        wrapped = new.wrap(old.unwrap(row.wrapped, associated), associated)
        connection.execute(update(epochs).where(epochs.c.epoch == row.epoch).values(wrapped=wrapped))
    return len(rows)


def report(connection: Connection, root_fingerprint: str) -> KeyReport:
    """How the store is."""
    counted: dict[int, dict[str, int]] = {row.epoch: {} for row in connection.execute(select(epochs.c.epoch))}
    totals: dict[str, int] = {}
    statement = select(wrapped_keys.c.epoch, wrapped_keys.c.kind, func.count().label("keys"))
    for row in connection.execute(statement.group_by(wrapped_keys.c.epoch, wrapped_keys.c.kind)):
        counted.setdefault(row.epoch, {})[row.kind] = row.keys
        totals[row.kind] = totals.get(row.kind, 0) + row.keys
    known = {row.name: _fact(row.value) for row in connection.execute(select(facts))}
    return KeyReport(
        root_fingerprint=root_fingerprint,
        epochs=tuple(EpochReport(epoch, dict(sorted(kinds.items()))) for epoch, kinds in sorted(counted.items())),
        keys=dict(sorted(totals.items())),
        destroyed=connection.execute(select(func.count()).select_from(destroyed)).scalar_one(),
        last_backup=known.get(LAST_BACKUP),
        last_test_restore=known.get(LAST_TEST_RESTORE),
        last_roll=known.get(LAST_ROLL),
    )


def remember(connection: Connection, name: str, fact: Fact) -> None:
    """Keeps when something was done."""
    value = json.dumps({"at": fact.at.astimezone(UTC).isoformat(), "file": fact.file, "keys": fact.keys})
    connection.execute(delete(facts).where(facts.c.name == name))
    connection.execute(insert(facts).values(name=name, value=value))


def lock_store(connection: Connection) -> None:
    """Lets nobody else write until the transaction ends. On SQLite the first statement that writes does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE wrapped_keys, epochs IN SHARE ROW EXCLUSIVE MODE"))


def _fact(value: str) -> Fact:
    found = json.loads(value)
    return Fact(datetime.fromisoformat(found["at"]), str(found["file"]), int(found["keys"]))


def _wrapped(row: object) -> WrappedKey:
    return WrappedKey(row.kind, row.id, row.epoch, row.wrapped)  # type: ignore[attr-defined]  # a row of wrapped_keys
