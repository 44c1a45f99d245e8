"""The composition root: settings become one opened house, which closes in the reverse order.

    with open_house(settings) as house:
        house.storage.log.commit(house.stock.adjust(...))

Nothing here decides anything. The log alone is opened by `app.opening`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from app.cases import cases_of
from app.clock import system_clock, system_entropy
from app.documents import Children, documents_of
from app.endpoints import gate_of
from app.objects import object_store
from app.opening import Clock, Entropy, open_log
from app.residency import ResidencyKeeper, bucket_place
from app.retention import matters_of, retention_of
from app.schedules import PLANS
from app.settings import Settings
from app.telling import notices_of, search_index_of
from cases.service import Cases
from documents.certificates import CertificatePrinter
from documents.parts import picturing_sandbox
from documents.retaining.sources import DocumentRecords
from documents.search.index import SearchIndex
from documents.service import Documents, Means
from policies.residency.gate import ResidencyGate
from policies.service import Policies
from policies.step_up import StepUp
from retention.disposal.service import Disposals
from retention.locks.modes import ModeMeans
from retention.locks.reconciling import lock_term
from retention.locks.service import Locks
from retention.service import Retention
from stock.service import Stock
from storage import Storage
from storage.errors import StorageError
from storage.objects import ObjectStore, Spool, Vault
from workflow.notices.service import Notices
from workflow.schedules.service import Schedules
from workflow.service import Queue

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
    schedules: Schedules
    retention: Retention
    vault: Vault
    spool: Spool
    documents: Documents
    children: Children
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
    with open_log(settings, clock=clock, entropy=entropy) as storage:
        policies = Policies(storage.database, storage.log, storage.keys, clock=clock, entropy=entropy)
        policies.step_up = StepUp(
            timedelta(seconds=settings.step_up_internal_s),
            timedelta(seconds=settings.step_up_confidential_s),
            frozenset(settings.step_up_contexts),
        )
        try:
            gate = gate_of(settings, policies, clock=clock)
            with (
                closing(object_store(settings, gate, clock=clock, entropy=entropy)) as store,
                _rooms(settings, storage, policies, gate, store, clock, entropy) as house,
            ):
                yield house
        finally:
            _close_policies(policies, clock())


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
    stock = _stock_of(settings, storage, policies)
    queue = Queue(storage.database)
    vault = Vault(store, storage.keys, entropy)
    spool = Spool(settings.data_dir / "spool", storage.keys, entropy)
    retention = retention_of(storage, policies, queue, grace_days=settings.retention_grace_days)
    means = Means(
        storage.database,
        storage.log,
        policies,
        stock,
        queue,
        vault,
        clock,
        entropy,
        partial(lock_term, storage.database, retention, clock),
        partial(matters_of, retention),
        partial(bucket_place, settings, policies, clock),
    )
    with (
        closing(search_index_of(settings)) as search,
        closing(Children.of(settings)) as children,
        picturing_sandbox(1) as printing,
    ):
        documents = documents_of(settings, means, spool, gate, children, search)
        yield House(
            settings=settings,
            storage=storage,
            policies=policies,
            stock=stock,
            queue=queue,
            schedules=Schedules(storage.database, storage.log, queue),
            vault=vault,
            spool=spool,
            documents=documents,
            children=children,
            cases=cases_of(means, documents, retention, storage.keys, search),
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


def _stock_of(settings: Settings, storage: Storage, policies: Policies) -> Stock:
    stock = Stock(storage.database, storage.log, policies)
    stock.persons_min = settings.aggregate_persons_min
    return stock


class Housekeeping:
    """A thread that does what is due every few seconds: summaries of denials, keys last used, stranded uploads, recurring jobs."""

    def __init__(self, house: House, *, every_s: float = HOUSEKEEPING_S) -> None:
        self._house: Final = house
        self._every_s: Final = every_s
        self._ended: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._work, name="chopbook-housekeeping", daemon=True)
        self._is_planned = False
        self._residency: Final = ResidencyKeeper(house)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread after what it is doing."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def keep(self) -> None:
        """Does what is due.

        Raises:
            StorageError: not now; nothing is lost.
        """
        now = self._house.clock()
        self._house.policies.housekeeping(now)
        self._house.documents.sweep_uploads(now)
        if not self._is_planned:
            self._house.schedules.keep(PLANS)
            self._is_planned = True
        self._house.schedules.ask_for_due(now)
        self._residency.keep()

    def _work(self) -> None:
        while not self._ended.wait(self._every_s):
            try:
                self.keep()
            except StorageError as error:
                # Nothing is lost: what was gathered is kept and written the next time.
                _log.warning("housekeeping put off", extra={"error": type(error).__name__})


def _close_policies(policies: Policies, now: datetime) -> None:
    try:
        policies.close(now)
    except StorageError as error:
        _log.warning("summaries not written", extra={"error": type(error).__name__})
