"""The composition root: settings become one opened house, which closes in the reverse order.

    with open_house(settings) as house:
        house.storage.log.commit(house.stock.adjust(...))

Nothing here decides anything. Opening never creates a log: `set_up` does, on purpose, for `log create` and `demo`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from app.cases import cases_of
from app.clock import system_clock, system_entropy
from app.documents import documents_of
from app.endpoints import gate_of
from app.exits import NotUpgraded
from app.objects import object_store
from app.residency import ResidencyKeeper
from app.retention import retention_of
from app.ring import ring_of
from app.secret_files import create_secret_file, write_root_key
from app.settings import Settings
from app.telling import notices_of, search_index_of
from cases.service import Cases
from documents.certificates import CertificatePrinter
from documents.parts import checking_sandbox
from documents.retaining.sources import DocumentRecords
from documents.search.index import SearchIndex
from documents.service import Documents, Means
from migrations.upgrading import current_revision, newest_revision, upgrade
from policies.quota import HONG_KONG
from policies.residency.gate import ResidencyGate
from policies.service import Policies
from retention.disposal.service import Disposals
from retention.locks.modes import ModeMeans
from retention.locks.reconciling import lock_term
from retention.locks.service import Locks
from retention.service import Retention
from stock.service import Stock
from storage import Storage, create_log, open_storage
from storage.errors import NoLog, StorageError
from storage.objects import ObjectStore, Spool, Vault
from workflow.notices.service import Notices
from workflow.service import Queue

Clock = Callable[[], datetime]
Entropy = Callable[[int], bytes]

SQLITE: Final = "sqlite:///"
HOUSEKEEPING_S: Final = 5.0

_log = logging.getLogger("chopbook.app")


@dataclass(frozen=True, slots=True)
class House:
    """Every room of one running Chopbook."""

    settings: Settings
    storage: Storage
    policies: Policies
    stock: Stock
    queue: Queue
    retention: Retention
    vault: Vault
    spool: Spool
    documents: Documents
    cases: Cases
    search: SearchIndex
    notices: Notices
    gate: ResidencyGate
    locks: Locks
    disposals: Disposals
    printer: CertificatePrinter
    clock: Clock
    entropy: Entropy


@contextmanager
def open_house(
    settings: Settings, *, clock: Clock = system_clock, entropy: Entropy = system_entropy
) -> Iterator[House]:
    """Opens the log that the settings name, and closes it again whatever happens.

    Raises:
        NoLog: there is none, or its tables are missing.
        NotUpgraded: its tables are those of another version.
        SettingsError: the root key is missing or open to others.
        StorageError: the database or the key store cannot be opened.
    """
    _require_something(settings)
    root_key = settings.root_key()
    _require_schema(settings.database_url)
    storage = open_storage(
        settings.database_url,
        settings.keystore_url,
        root_key,
        clock=clock,
        entropy=entropy,
        queue_size_max=settings.queue_size_max,
        batch_size_max=settings.group_size_max,
        publish_interval_s=settings.checkpoint_interval_s,
        ring=ring_of(settings),
    )
    try:
        policies = Policies(storage.database, storage.log, storage.keys, clock=clock, entropy=entropy)
        try:
            gate = gate_of(settings, policies, clock=clock)
            with (
                closing(object_store(settings, gate, clock=clock, entropy=entropy)) as store,
                _rooms(settings, storage, policies, gate, store, clock, entropy) as house,
            ):
                yield house
        finally:
            _close_policies(policies, clock())
    finally:
        storage.close()


@contextmanager
def _rooms(
    settings: Settings,
    storage: Storage,
    policies: Policies,
    gate: ResidencyGate,
    store: ObjectStore,
    clock: Clock,
    entropy: Entropy,
) -> Iterator[House]:
    """The rooms above storage and policies."""
    stock = Stock(storage.database, storage.log, policies)
    queue = Queue(storage.database)
    vault = Vault(store, storage.keys, entropy)
    spool = Spool(settings.data_dir / "spool", storage.keys, entropy)
    retention = retention_of(storage, policies, queue, grace_days=settings.retention_grace_days)
    term = partial(lock_term, storage.database, retention, clock)
    means = Means(storage.database, storage.log, policies, stock, queue, vault, clock, entropy, term)
    with (
        closing(search_index_of(settings)) as search,
        documents_of(settings, means, spool, gate, search) as documents,
        checking_sandbox(1) as printing,
    ):
        yield House(
            settings=settings,
            storage=storage,
            policies=policies,
            stock=stock,
            queue=queue,
            vault=vault,
            spool=spool,
            documents=documents,
            cases=cases_of(means, documents, storage.keys, search),
            search=search,
            notices=notices_of(settings, storage, policies, gate, clock=clock, entropy=entropy),
            gate=gate,
            locks=Locks(
                ModeMeans(storage.database, storage.log, policies, queue, retention, DocumentRecords(), clock),
                store,
                entropy=entropy,
            ),
            retention=retention,
            disposals=Disposals(storage.database, storage.log, policies, queue, retention, documents, clock=clock),
            printer=CertificatePrinter(printing),
            clock=clock,
            entropy=entropy,
        )


def set_up(settings: Settings, *, clock: Clock = system_clock, entropy: Entropy = system_entropy) -> None:
    """Makes what a new log needs and is not there yet: folders, root key, token secret, tables; then the log.

    Raises:
        LogExists: the database holds a log already.
        SecretFileError: a secret file cannot be written.
    """
    prepare(settings, entropy=entropy)
    create_log(
        settings.database_url,
        settings.keystore_url,
        settings.root_key(),
        origin=settings.log_origin,
        clock=clock,
        entropy=entropy,
        ring=ring_of(settings),
    )


def prepare(settings: Settings, *, entropy: Entropy = system_entropy) -> None:
    """Makes folders, secrets and tables; what is there already stays as it is."""
    settings.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    for url in (settings.database_url, settings.keystore_url):
        if url.startswith(SQLITE):
            Path(url.removeprefix(SQLITE)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.root_key_file.exists():
        write_root_key(settings.root_key_file, entropy, settings.root_key_passphrase_file)
    if settings.jwt_mode == "hs256" and not settings.jwt_secret_file.exists():
        create_secret_file(settings.jwt_secret_file, entropy)
    upgrade(settings.database_url)


class Housekeeping:
    """A thread that does what is due every few seconds: summaries of denials, keys last used, stranded uploads, the day's jobs."""

    def __init__(self, house: House, *, every_s: float = HOUSEKEEPING_S) -> None:
        self._house: Final = house
        self._every_s: Final = every_s
        self._ended: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._work, name="chopbook-housekeeping", daemon=True)
        self._checked_day = ""
        self._residency: Final = ResidencyKeeper(house)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread after what it is doing."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _ask_for_daily_work(self) -> None:
        """Once a day of Hong Kong's calendar; whichever process comes first asks, the others replay."""
        now = self._house.clock()
        day = _expiry_day(now)
        if day != self._checked_day:
            self._house.storage.log.commit(self._house.stock.request_expiry_check(self._house.queue, now=now))
            self._house.storage.log.commit(self._house.locks.request_daily_probe(now=now))
            retry = self._house.disposals.request_retry(now=now)
            if retry is not None:
                self._house.storage.log.commit(retry)
            self._house.storage.log.commit(self._house.retention.request_daily_review(now=now))
            self._house.storage.log.commit(self._house.cases.request_check(now=now))
            for finding in self._house.policies.glass_findings(now):
                self._house.storage.log.commit(self._house.policies.record_overdue(finding))
            self._checked_day = day

    def _work(self) -> None:
        while not self._ended.wait(self._every_s):
            try:
                self._house.policies.housekeeping(self._house.clock())
                self._house.documents.sweep_uploads(self._house.clock())
                self._ask_for_daily_work()
                self._residency.keep()
            except StorageError as error:
                # Nothing is lost: what was gathered is kept and written the next time.
                _log.warning("housekeeping put off", extra={"error": type(error).__name__})


def _expiry_day(moment: datetime) -> str:
    return moment.astimezone(HONG_KONG).date().isoformat()


def _require_something(settings: Settings) -> None:
    """A folder in which nothing was ever begun has a better message than a missing key."""
    url = settings.database_url
    is_new = url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists()
    if is_new and not settings.root_key_file.exists():
        msg = (
            f"{settings.data_dir}: expected a log, got none; start one with `chopbook log create`, try `chopbook demo`, "
            "or name another folder with --data-dir"
        )
        raise NoLog(msg)


def _require_schema(url: str) -> None:
    found, newest = current_revision(url), newest_revision()
    # An empty database has its own, better message.
    if found is not None and found != newest:
        raise NotUpgraded(found, newest)


def _close_policies(policies: Policies, now: datetime) -> None:
    try:
        policies.close(now)
    except StorageError as error:
        _log.warning("summaries not written", extra={"error": type(error).__name__})
