"""kill -9 of a process that commits under load, at random times and at named points, then a restart.

The bounded number of cycles here runs with everything else. `CHOPBOOK_CRASH_CYCLES=2000 pytest tests/crash -m long`
runs that many.
"""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from storage import create_log
from tests.crash.aftermath import Told, check, check_replays, reopened
from tests.crash.load import Load, Point, main, ticking
from tests.forks import forking
from tests.worlds import ORIGIN, ROOT_KEY

if TYPE_CHECKING:
    from pathlib import Path

START_TIMEOUT_S = 30.0
RANDOM_CYCLES = 3
CYCLES_LONG = int(os.environ.get("CHOPBOOK_CRASH_CYCLES", "200"))

POINTS = (
    # Before anything is written.
    Point("lock_head", "return", 3),
    Point("Transaction.append", "return", 20),
    # Between the writes of a batch.
    Point("insert_rows", "return", 7),
    Point("insert_rows", "return", 8),
    Point("Transaction.flush", "return", 9),
    # A batch that runs again, change by change, since one of its changes failed late.
    Point("run_carefully", "call", 5),
    Point("run_carefully", "return", 6),
    # Entries are written, the head is not; the head is written too; a checkpoint is published.
    Point("LogBatcher._advance", "call", 6),
    Point("LogBatcher._advance", "return", 6),
    Point("LogBatcher._publish", "return", 1),
    # All is written and nothing is durable; COMMIT is sent, where it is not waited for at once; all is durable and nobody
    # knows.
    Point("commit", "call", 8),
    Point("commit", "return", 8),
    Point("LogBatcher._keep", "return", 8),
    Point("LogBatcher._answer", "call", 9),
    Point("_answer", "call", 10),
)


@dataclass
class Victim:
    """A log that is killed again and again; every run adds to what the ones before left."""

    url: str
    directory: Path
    runs: int = 0

    @property
    def keystore_url(self) -> str:
        """Where the keys are."""
        return f"sqlite:///{self.directory / 'keys.db'}"

    def create(self) -> None:
        """Makes the log."""
        create_log(self.url, self.keystore_url, ROOT_KEY, origin=ORIGIN, clock=ticking, entropy=os.urandom)

    def killed(self, *, after_s: float = 0.0, point: Point | None = None) -> Told:
        """Runs the load until it is killed; returns what its callers were told."""
        self.runs += 1
        answers = self.directory / f"answers-{self.runs}"
        process = forking().Process(
            target=main, args=(Load(self.url, self.keystore_url, str(answers), self.runs, point=point),)
        )
        process.start()
        if point is None:
            deadline = time.monotonic() + START_TIMEOUT_S
            while not (answers.exists() and answers.stat().st_size) and process.is_alive():
                assert time.monotonic() < deadline, "the load answered nobody"
                time.sleep(0.005)
            time.sleep(after_s)
            process.kill()
        process.join(START_TIMEOUT_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            pytest.fail(f"the load never came to {point}")
        assert process.exitcode == -signal.SIGKILL, f"the load ended on its own: {process.exitcode}"
        process.close()
        return Told.read(answers)

    def restart(self, told: Told) -> int:
        """Opens the log as after a crash, and fails unless every promise was kept."""
        storage = reopened(self.url, self.keystore_url)
        try:
            size = check(storage, told.answers)
            check_replays(storage, told.answers, run=self.runs)
        finally:
            storage.close()
        return size


@pytest.fixture
def victim(database_url: str, tmp_path: Path) -> Victim:
    """A new log on each kind of database."""
    made = Victim(database_url, tmp_path)
    made.create()
    return made


def test_a_kill_at_any_time_loses_nothing_that_was_acknowledged(victim: Victim) -> None:
    chance = random.Random(4)
    told: list = []

    for _ in range(RANDOM_CYCLES):
        last = victim.killed(after_s=chance.uniform(0.0, 0.3))
        told += last.answers
        victim.restart(last)

    assert told
    _check_all(victim, told)


def test_a_kill_at_each_step_of_a_commit_leaves_whole_batches(victim: Victim) -> None:
    told: list = []

    for point in POINTS:
        last = victim.killed(point=point)
        told += last.answers
        victim.restart(last)

    assert told
    _check_all(victim, told)


@pytest.mark.long
@pytest.mark.timeout(CYCLES_LONG * 30)
def test_thousands_of_kills(victim: Victim) -> None:
    chance = random.Random()
    told: list = []

    for _ in range(CYCLES_LONG):
        if chance.random() < 0.5:
            last = victim.killed(after_s=chance.uniform(0.0, 1.0))
        else:
            point = chance.choice(POINTS)
            last = victim.killed(point=Point(point.function, point.moment, chance.randint(1, 3 * point.hit)))
        told += last.answers
        victim.restart(last)
        if victim.runs % 50 == 0:
            _check_all(victim, told)

    _check_all(victim, told)


def _check_all(victim: Victim, told: list) -> None:
    """What earlier runs were told still holds after all later ones."""
    storage = reopened(victim.url, victim.keystore_url)
    try:
        check(storage, told)
    finally:
        storage.close()
