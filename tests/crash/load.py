"""What the killed process does: several producers commit under load, and write down each answer they get.

- An acknowledgement is one line of JSON, written with one `os.write` when `commit` has returned: what is in the file was
  answered before the kill.
- Every change says how many entries it makes, so that half a change is seen. One change in nine fails after it has
  written, which makes its batch run again with savepoints.
- `point` names a function of the writer's thread; at its `hit`-th call (or return) the process kills itself with
  SIGKILL, so that the moment is exact. Nothing of the product is replaced for it: the interpreter's profiler watches.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from audit.event import Actor, Event, Subject
from storage import Change, open_storage
from storage.errors import LogBusy, StorageError
from tests.worlds import ROOT_KEY, START

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from storage import Storage, Transaction


class FailsLate(Exception):
    """Raised by a change after it has appended."""


@dataclass(frozen=True, slots=True)
class Point:
    """A moment in the writer's thread: the `hit`-th `call` or `return` of the function of that name."""

    function: str
    moment: str
    hit: int = 1


@dataclass(frozen=True, slots=True)
class Load:
    """What to do, and where to write the answers."""

    url: str
    keystore_url: str
    answers: str
    run: int
    producers: int = 8
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller was told: the change is durable, and this proves its last entry."""

    change: str
    index: int
    leaf_hash: str
    size: int
    checkpoint: str
    proof: tuple[str, ...]


def ticking() -> datetime:
    """A clock that goes on over all the processes of a test."""
    return START + timedelta(seconds=time.monotonic())


def change_id(run: int, producer: int, number: int) -> UUID:
    """The event id of a change's first entry."""
    return UUID(int=(run << 80) | (producer << 32) | (number << 8) | (4 << 76))


def count_of(number: int) -> int:
    """How many entries a producer's change of that number makes."""
    return 1 + number % 5 if number % 3 == 0 else 1


def events_of(storage: Storage, run: int, producer: int, number: int) -> list[Event]:
    """The entries of a change: one to five, about a subject of the producer's and one that all share."""
    count = count_of(number)
    first = change_id(run, producer, number)
    return [
        Event(
            type="test.noted",
            subjects=(Subject("producer", f"{producer}"), Subject("shared", f"{number % 7}")),
            data={"change": str(first), "of": count, "part": part, "fails": number % 9 == 8},
            actor=Actor(f"p_{producer}", "api_client"),
            event_id=UUID(int=first.int + part),
            request=storage.log.request_digest({"n": number}),
        )
        for part in range(count)
    ]


def change_of(storage: Storage, run: int, producer: int, number: int) -> Change[int]:
    """The change itself; every seventh keeps a personal field beside its first entry."""
    events = events_of(storage, run, producer, number)
    personal = []
    if number % 7 == 0:
        personal = [storage.log.personal(f"p_{producer}", "note", f"客人 {number}")]
        events[0] = _with_personal(events[0], personal[0].digest)

    def run_change(tx: Transaction) -> int:
        for part, event in enumerate(events):
            tx.append(event, personal if part == 0 else ())
        if number % 9 == 8:
            raise FailsLate
        return len(events)

    return Change(run_change)


def _with_personal(event: Event, digest: str) -> Event:
    return Event(
        type=event.type,
        subjects=event.subjects,
        data=event.data,
        actor=event.actor,
        event_id=event.event_id,
        request=event.request,
        personal={"note": digest},
    )


def main(load: Load) -> None:
    """Commits until it is killed."""
    if load.point is not None:
        threading.setprofile(_killing_at(load.point))
    storage = open_storage(load.url, load.keystore_url, ROOT_KEY, clock=ticking, entropy=os.urandom)
    answers = os.open(load.answers, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    producers = [
        threading.Thread(target=produce, args=(storage, load.run, producer, answers), daemon=True)
        for producer in range(load.producers)
    ]
    for thread in producers:
        thread.start()
    for thread in producers:
        thread.join()


def produce(storage: Storage, run: int, producer: int, answers: int) -> None:
    """One caller: commits one change after the other and writes down what it was told."""
    threading.setprofile(None)
    sys.setprofile(None)
    number = 0
    while True:
        number += 1
        try:
            committed = storage.log.commit(change_of(storage, run, producer, number))
        except FailsLate:
            continue
        except LogBusy:
            time.sleep(0.01)
            continue
        except StorageError as error:
            os.write(answers, json.dumps({"error": repr(error)}).encode() + b"\n")
            return
        os.write(answers, answer_line(str(change_id(run, producer, number)), committed.receipt))


def answer_line(change: str, receipt: Any) -> bytes:
    """The line that says what a caller was told."""
    answer = Answer(
        change,
        receipt.index,
        receipt.leaf_hash.hex(),
        receipt.size,
        receipt.checkpoint,
        tuple(hash_.hex() for hash_ in receipt.proof),
    )
    return json.dumps(asdict(answer)).encode() + b"\n"


def _killing_at(point: Point) -> Callable[[FrameType, str, object], None]:
    hits = 0

    def profile(frame: FrameType, moment: str, _argument: object) -> None:
        nonlocal hits
        if moment == point.moment and frame.f_code.co_qualname == point.function:
            hits += 1
            if hits == point.hit:
                os.kill(os.getpid(), signal.SIGKILL)

    return profile
