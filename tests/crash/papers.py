"""What the killed process does with papers: takes one in and works through its jobs, on a real object store.

At `point` the process kills itself with SIGKILL. A point counts only once the function `armed_by` has returned, so that
"the commit" is that of the step meant. Nothing of the product is replaced for it: the interpreter's profiler watches.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from documents.model import Added
from documents.parsing import parse_adjust
from documents.search.index import SearchIndex
from documents.search.sqlite.store import SqliteIndexStore
from storage import open_storage
from storage.objects.s3 import S3Endpoint, S3Store
from tests.crash.load import ticking
from tests.documents.archive import Archive, note, row
from tests.worlds import ROOT_KEY, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from storage.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Step:
    """A moment: the first `call` or `return` of a function, after `armed_by` has returned."""

    function: str
    moment: str = "return"
    armed_by: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """A clock that is ahead by some time, and goes on over the processes of a test."""

    ahead: timedelta

    def __call__(self) -> datetime:
        return ticking() + self.ahead


@dataclass(frozen=True, slots=True)
class Paper:
    """One file on its way, and where everything is."""

    url: str
    directory: Path
    endpoint: S3Endpoint
    event_id: UUID
    content: bytes
    ahead: timedelta
    point: Step | None = None
    passing: bool = False
    """Whether it comes in one call."""
    to_stock: bool = False
    """Whether it is found by the index, and what it says is confirmed and moves stock."""
    beside: bytes = b""
    """Another one that comes right behind it, if any."""

    @property
    def brought(self) -> dict[UUID, bytes]:
        """What comes, by event id."""
        other = {uuid5(self.event_id, "beside"): self.beside} if self.beside else {}
        return {self.event_id: self.content, **other}


def opened(paper: Paper, store: ObjectStore | None = None) -> Archive:
    """The room on its database, key store, spool and object store, as any process opens it; close its storage."""
    clock, keystore_url = Later(paper.ahead), f"sqlite:///{paper.directory / 'keys.db'}"
    storage = open_storage(paper.url, keystore_url, ROOT_KEY, clock=clock, entropy=os.urandom)
    world = World(paper.url, keystore_url, clock, os.urandom, storage)
    archive = Archive(world, paper.directory, stocked=False, store=store or S3Store(paper.endpoint))
    if paper.to_stock:
        archive.documents.index = SearchIndex(SqliteIndexStore(paper.directory / "search.db"))
        archive.extraction = note(row(sku="A1", quantity="3"))
    return archive


def confirm_and_adjust(archive: Archive, paper: Paper, document: str) -> None:
    """What a person does with a paper that was read; done again, it is the same events."""
    commit, documents, clerk = archive.world.storage.log.commit, archive.documents, archive.clerk
    commit(documents.confirm_document(clerk, document, event_id=uuid5(paper.event_id, "confirm")))
    request = parse_adjust({}, document=document, event_id=uuid5(paper.event_id, "adjust"))
    commit(documents.adjust_from(clerk, request, now=archive.world.clock()))
    archive.work()


def main(paper: Paper) -> None:
    """Takes the paper in and does every job; killed on the way if there is a point."""
    watch = None if paper.point is None else _killing_at(paper.point)
    threading.setprofile(watch)
    archive = opened(paper)
    sys.setprofile(watch)
    bring = archive.passed if paper.passing else archive.sent
    added, *_ = [bring(content, event_id=event_id) for event_id, content in paper.brought.items()]
    archive.work()
    if paper.to_stock:
        assert isinstance(added, Added)
        confirm_and_adjust(archive, paper, added.document)
    sys.setprofile(None)
    os._exit(0)


def _killing_at(point: Step) -> Callable[[FrameType, str, object], None]:
    # What is waited for now: it is asked for at every call there is, so nothing more is asked than needed.
    function, moment = (point.armed_by, "return") if point.armed_by else (point.function, point.moment)
    armed = not point.armed_by

    def profile(frame: FrameType, seen: str, _argument: object) -> None:
        nonlocal function, moment, armed
        if seen != moment or frame.f_code.co_qualname != function:
            return
        if armed:
            os.kill(os.getpid(), signal.SIGKILL)
        function, moment, armed = point.function, point.moment, True

    return profile
