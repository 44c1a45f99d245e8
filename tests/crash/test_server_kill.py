"""kill -9 of the PostgreSQL server under load: the log outlives it, and its callers learn what became of their changes.

The cluster is the test's own, with fsync on. The process that commits stays: its callers are told that nothing is known
or nothing was done, send the same change again, and get it logged once.
"""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
import pytest

from migrations.upgrading import upgrade
from storage import create_log, open_storage
from storage.errors import CommitUnknown, LogBusy, StorageError
from tests.crash.aftermath import check
from tests.crash.load import Answer, FailsLate, change_id, change_of, ticking
from tests.postgres import Cluster
from tests.worlds import ORIGIN, ROOT_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from storage import Storage

PRODUCERS = 6
CYCLES = 2
CYCLES_LONG = int(os.environ.get("CHOPBOOK_CRASH_CYCLES", "200")) // 10
SETTLED_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def durable_cluster() -> Iterator[Cluster]:
    """A cluster of these tests' own, to be killed; each test has a database of its own in it."""
    cluster = Cluster(durable=True)
    cluster.start()
    yield cluster
    cluster.stop()


def kill_server(cluster: Cluster) -> None:
    """SIGKILL to the postmaster and to every process it started."""
    postmaster = psutil.Process(int((cluster.directory / "data" / "postmaster.pid").read_text().splitlines()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=30)


@dataclass
class Callers:
    """Threads that commit, and send again what they got no good answer for."""

    storage: Storage
    run: int
    answers: list[Answer] = field(default_factory=list)
    troubles: list[StorageError] = field(default_factory=list)
    untruths: list[str] = field(default_factory=list)
    """Changes whose caller was told that nothing was kept, and that were there all the same."""
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> list[threading.Thread]:
        """Starts them all."""
        threads = [threading.Thread(target=self._call, args=(producer,)) for producer in range(PRODUCERS)]
        for thread in threads:
            thread.start()
        return threads

    def _call(self, producer: int) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            self._commit_until_known(producer, number)

    def _commit_until_known(self, producer: int, number: int) -> None:
        deadline = time.monotonic() + SETTLED_WITHIN_S
        is_unknown = False
        while time.monotonic() < deadline:
            try:
                committed = self.storage.log.commit(change_of(self.storage, self.run, producer, number))
            except FailsLate:
                return
            except LogBusy:
                time.sleep(0.01)
            except StorageError as error:
                self.troubles.append(error)
                is_unknown |= isinstance(error, CommitUnknown)
                time.sleep(0.05)
            else:
                if committed.replayed and not is_unknown:
                    self.untruths.append(str(change_id(self.run, producer, number)))
                receipt = committed.receipt
                change = str(change_id(self.run, producer, number))
                proof = tuple(hash_.hex() for hash_ in receipt.proof)
                self.answers.append(
                    Answer(change, receipt.index, receipt.leaf_hash.hex(), receipt.size, receipt.checkpoint, proof)
                )
                return


def kill_and_recover(cluster: Cluster, directory: Path, cycles: int, seed: int) -> tuple[Callers, int]:
    """Runs the load through that many kills of the server; returns what callers were told and the size of the log."""
    chance = random.Random(seed)
    storage = _created(cluster, directory)
    callers = Callers(storage, run=1)
    threads = callers.start()
    try:
        for _ in range(cycles):
            before = len(callers.answers)
            _wait_until(lambda before=before: len(callers.answers) > before + 3 * PRODUCERS)
            time.sleep(chance.uniform(0.0, 0.3))
            kill_server(cluster)
            cluster.start()
        after = len(callers.answers)
        _wait_until(lambda: len(callers.answers) > after + 3 * PRODUCERS)
    finally:
        callers.stopping.set()
        for thread in threads:
            thread.join(2 * SETTLED_WITHIN_S)
    try:
        return callers, check(storage, callers.answers)
    finally:
        storage.close()


def _created(cluster: Cluster, directory: Path) -> Storage:
    url = cluster.url(cluster.create_database())
    keystore_url = f"sqlite:///{directory / 'keys.db'}"
    upgrade(url)
    create_log(url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=ticking, entropy=os.urandom)
    return open_storage(url, keystore_url, ROOT_KEY, clock=ticking, entropy=os.urandom)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "the log never answered again"
        time.sleep(0.01)


def test_a_killed_server_loses_nothing_and_the_log_goes_on_by_itself(durable_cluster: Cluster, tmp_path: Path) -> None:
    callers, size = kill_and_recover(durable_cluster, tmp_path, CYCLES, seed=1)

    # Callers noticed the kills, and each of their changes is there once (`check` has looked at every entry).
    assert callers.troubles
    assert not callers.untruths
    assert len({answer.change for answer in callers.answers}) == len(callers.answers)
    assert size > len(callers.answers)


@pytest.mark.parametrize("moment", ["call", "return"])
def test_a_server_killed_at_the_commit_itself_leaves_all_or_nothing(
    moment: str, durable_cluster: Cluster, tmp_path: Path
) -> None:
    kill = threading.Event()
    # The COMMIT is about to be sent with what goes before it; or all is answered.
    name = {"call": "commit", "return": "LogBatcher._keep"}[moment]

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        named = frame.f_code.co_qualname == name and frame.f_globals["__name__"].startswith("storage.")
        if kill.is_set() and event == moment and named:
            kill.clear()
            kill_server(durable_cluster)

    threading.setprofile(watch)
    try:
        storage = _created(durable_cluster, tmp_path)
    finally:
        threading.setprofile(None)
    storage.log.commit(change_of(storage, 1, 0, 1))

    kill.set()
    if moment == "call":
        with pytest.raises(CommitUnknown):
            storage.log.commit(change_of(storage, 1, 0, 2))
    else:
        storage.log.commit(change_of(storage, 1, 0, 2))
    assert not kill.is_set()
    durable_cluster.start()
    again = storage.log.commit(change_of(storage, 1, 0, 2))

    # Before the COMMIT nothing is there; after it all is, and the same change is not logged twice.
    assert again.replayed is (moment == "return")
    assert again.receipt.index == 2
    assert check(storage, []) == 3
    storage.close()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_server_that_is_killed_often(durable_cluster: Cluster, tmp_path: Path) -> None:
    callers, _ = kill_and_recover(durable_cluster, tmp_path, CYCLES_LONG, seed=random.randrange(2**32))

    assert callers.troubles
    assert not callers.untruths
