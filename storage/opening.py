"""Making a log, and opening one: the only two ways to get a `Storage`.

A log is created on purpose, once. Opening never creates: a wrong path or an empty database is an error, not the start
of a second history.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import insert, inspect, make_url

from audit.event import ZERO_HASH, Actor, Decided, Event, Subject
from audit.merkle import EMPTY_ROOT
from storage.batch import LogBatcher
from storage.database import Database
from storage.errors import LogExists, NoLog, StorageError
from storage.keystore import KeyStore
from storage.log import Log
from storage.reading import read_head, require_begun
from storage.schema import log_head
from storage.signing import make_signer
from storage.transaction import Change
from storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from audit.entry import Entry
    from storage.epoch_ring import EpochRing
    from storage.model import Committed
    from storage.transaction import Transaction

QUEUE_SIZE_MAX: Final = 4096
BATCH_SIZE_MAX: Final = 512
PUBLISH_INTERVAL_S: Final = 1.0
SYSTEM: Final = Actor("system", "system")
"""Who acts when nobody asked: creating the log, closing the day."""


@dataclass(frozen=True, slots=True)
class Storage:
    """An opened log with its database and keys."""

    database: Database
    log: Log
    keys: KeyStore

    def close(self) -> None:
        """Finishes what is queued, answers everybody, closes every connection."""
        self.log.close()
        self.database.close()
        self.keys.close()


def open_storage(
    url: str,
    keystore_url: str,
    root_key: bytes,
    *,
    clock: Callable[[], datetime],
    entropy: Callable[[int], bytes],
    queue_size_max: int = QUEUE_SIZE_MAX,
    batch_size_max: int = BATCH_SIZE_MAX,
    publish_interval_s: float = PUBLISH_INTERVAL_S,
    row_security: bool = True,
    ring: EpochRing | None = None,
) -> Storage:
    """Opens the log in a migrated database and starts its writer; `row_security` is as for `Database`, `ring` as for `KeyStore`.

    Raises:
        NoLog: the database has no tables or no log.
        KeyUnreadable: the key store belongs to another root key.
        StorageError: database and key store are the same place.
    """
    if make_url(url) == make_url(keystore_url):
        msg = "key store: expected a place of its own, got the log's database"
        raise StorageError(msg)
    database = Database(url, row_security=row_security)
    try:
        require_tables(database)
        with database.read() as connection:
            read_head(connection)
        keys = KeyStore(keystore_url, root_key, entropy=entropy, ring=ring)
    except BaseException:
        database.close()
        raise
    batcher = LogBatcher(database, keys, clock=clock, publish_interval_s=publish_interval_s)
    writer = Writer(batcher, queue_size_max=queue_size_max, batch_size_max=batch_size_max)
    database.attach(writer)
    return Storage(database, Log(database, keys, batcher, writer, clock=clock, entropy=entropy), keys)


def create_log(
    url: str,
    keystore_url: str,
    root_key: bytes,
    *,
    origin: str,
    clock: Callable[[], datetime],
    entropy: Callable[[int], bytes],
    ring: EpochRing | None = None,
) -> None:
    """Starts a log in a migrated, empty database: makes its signing key and appends entry 0.

    Raises:
        LogExists: the database already holds one.
        NoLog: the database has no tables yet.
    """
    database = Database(url)
    try:
        require_tables(database)
        with database.writing_connection() as connection:
            with suppress(NoLog):
                require_begun(connection)
                msg = "database: expected no log, got one"
                raise LogExists(msg)
            connection.execute(
                insert(log_head).values(
                    id=1,
                    origin=origin,
                    size=0,
                    root=EMPTY_ROOT,
                    frontier=b"",
                    last_leaf_hash=ZERO_HASH,
                    last_recorded_at=0,
                    note="",
                )
            )
    finally:
        database.close()
    storage = open_storage(url, keystore_url, root_key, clock=clock, entropy=entropy, ring=ring)
    try:
        signer = make_signer(storage.keys, origin, entropy)
        event = _log_event("log.created", origin, {"vkey": signer.vkey}, entropy)
        storage.log.commit(Change(lambda tx: tx.append(event)))
    finally:
        storage.close()


def rotate_key(
    storage: Storage,
    *,
    actor: Actor,
    previous_vkey: str,
    event_id: UUID,
    entropy: Callable[[int], bytes],
    decide: Callable[[Transaction], Decided] | None = None,
) -> Committed[Entry]:
    """Makes a new signing key and logs it; from this entry on it signs, together with the old one for a day.

    `decide` says under the log's lock by which policy that is allowed.
    """
    signer = make_signer(storage.keys, storage.log.origin, entropy)

    def run(tx: Transaction) -> Entry:
        event = Event(
            type="key.rotated",
            subjects=(Subject("log", storage.log.origin),),
            data={"previous_vkey": previous_vkey, "vkey": signer.vkey},
            actor=actor,
            event_id=event_id,
            decision=None if decide is None else decide(tx),
        )
        return tx.append(event)

    return storage.log.commit(Change(run))


def _log_event(kind: str, origin: str, data: dict[str, str], entropy: Callable[[int], bytes]) -> Event:
    return Event(
        type=kind,
        subjects=(Subject("log", origin),),
        data=dict(data),
        actor=SYSTEM,
        event_id=UUID(bytes=entropy(16), version=4),
    )


def require_tables(database: Database) -> None:
    """The database was migrated.

    Raises:
        NoLog: it has no tables.
    """
    with database.read() as connection:
        if not inspect(connection).has_table(log_head.name):
            msg = "database: expected Chopbook's tables, got none; make them with `chopbook db upgrade`"
            raise NoLog(msg, "資料庫：沒有 Chopbook 的資料表；請以 chopbook db upgrade 建立")
