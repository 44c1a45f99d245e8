"""One of several operating system processes that commit to the same log at once."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from audit.event import Actor, Event, Subject
from policies.store import reserve_calls
from storage import Change, open_storage
from tests.crash.load import answer_line, ticking
from tests.machine.model import BALANCES
from tests.worlds import ROOT_KEY

if TYPE_CHECKING:
    from storage import Operation, Storage, Transaction

NAMES = UUID("0d6b0c3f-7d7b-4a55-9a43-5a114a3c1f0e")
SHARED_EVERY = 4
"""Every fourth event is sent by all processes; only the first of them may be logged."""
OPERATIONS_EVERY = 10


@dataclass(frozen=True, slots=True)
class Rival:
    """What one process does."""

    url: str
    keystore_url: str
    answers: str
    name: int
    threads: int
    changes: int
    """Of each thread."""


def event_id(rival: int, thread: int, number: int) -> UUID:
    """Id of an event; the same from every process for those that all of them send."""
    sender = "all" if number % SHARED_EVERY == 0 else str(rival)
    return uuid5(NAMES, f"{sender} {thread} {number}")


def main(rival: Rival) -> None:
    """Commits all of it from several threads, and writes each answer down."""
    storage = open_storage(rival.url, rival.keystore_url, ROOT_KEY, clock=ticking, entropy=os.urandom)
    dialect = rival.url.partition(":")[0].partition("+")[0]
    failures: list[BaseException] = []
    with Path(rival.answers).open("wb") as answers:

        def send(thread: int) -> None:
            try:
                for number in range(rival.changes):
                    identity = event_id(rival.name, thread, number)
                    committed = storage.log.commit(_count_one(identity))
                    answers.write(answer_line(str(identity), committed.receipt))
                    if number % OPERATIONS_EVERY == 0:
                        storage.database.operate(partial(_count_call, dialect=dialect))
            except BaseException as error:  # noqa: BLE001 - told to the parent
                failures.append(error)

        threads = [threading.Thread(target=send, args=(thread,)) for thread in range(rival.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers.writelines(json.dumps({"error": repr(failure)}).encode() + b"\n" for failure in failures)
    storage.close()


def _count_one(identity: UUID) -> Change[int]:
    """Adds one to a balance that all processes add to; a lost update would show in it."""
    key = ("S1", "SHARED", "")
    event = Event(
        type="test.counted",
        subjects=(Subject("stock", "S1/SHARED"), Subject("event", str(identity))),
        data={"store": "S1"},
        actor=Actor("p_rival", "api_client"),
        event_id=identity,
        request=bytes(16),
    )

    def run(tx: Transaction) -> int:
        row = tx.get(BALANCES, key)
        entry = tx.append(event)
        count = (row[0] if row else 0) + 1
        tx.put(entry, BALANCES, key, (count,))
        return count

    return Change(run, reads=((BALANCES, key),), event_ids=((event.actor.id, identity),))


def _count_call(operation: Operation, dialect: str) -> None:
    reserve_calls(operation, dialect, key_id="ck_rivals", month="2026-11", wanted=1, quota=None)


def settled_balance(storage: Storage) -> Any:
    """The balance that all processes added to."""
    with storage.database.read() as connection:
        return BALANCES.fetch(connection, [("S1", "SHARED", "")])[("S1", "SHARED", "")][0]
