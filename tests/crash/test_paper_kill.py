"""kill -9 at each step of a paper's way, on both databases and a real object store: nothing lost, doubled or half visible.

After each kill another process goes on: the sweeper takes up what was received whole, the caller sends the file again under
the same event id, and the jobs are taken again.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from documents.model import Added, ReviewState, Stage
from documents.rules import ORPHAN_AGE
from documents.search.index import SearchIndex
from documents.search.model import EVERYTHING as INDEXED
from documents.search.model import SearchQuery
from documents.shelves.store import Wanted, read_documents, read_links
from documents.store import read_fields
from documents.uploading import LEASE_FOR
from storage import create_log, open_storage
from storage.objects.model import Bucket
from storage.scope import EVERYTHING
from tests.crash.load import ticking
from tests.crash.papers import Later, Paper, Step, confirm_and_adjust, main, opened
from tests.documents.archive import Archive
from tests.forks import forking
from tests.objects import real_clock
from tests.worlds import ORIGIN, ROOT_KEY, World, check_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.model import Document
    from storage.objects.s3 import S3Store
    from storage.objects.seaweed import SeaweedServer

KILLED_WITHIN_S = 120.0
LONG_AFTER = timedelta(hours=1)
PARTS = 2
"""So that two workers share the steps."""

STEPS = (
    # A place is made, and bytes come in.
    Step("add_upload"),
    Step("Spool.create"),
    Step("SpoolWriter.sync"),
    Step("complete"),
    # The file is looked at, sealed, put, read back.
    Step("FakeInspector.inspect"),
    Step("S3Store.put_new", "call"),
    Step("S3Store.put_new"),
    Step("Vault.seal"),
    # What makes it visible: nothing of it is durable; all of it is, and nobody knows.
    Step("LogBatcher._commit", "call", armed_by="Vault.seal"),
    Step("LogBatcher._commit", "return", armed_by="Vault.seal"),
    Step("Accepting.take_in"),
    # What was spooled is destroyed.
    Step("settle", armed_by="Accepting.take_in"),
    Step("Spool.destroy", "call", armed_by="Accepting.take_in"),
    # The work after the commit: reading, the lock, pictures; each before and after its own commit.
    Step("FakeReader.read"),
    Step("Digesting._read"),
    Step("LogBatcher._commit", "call", armed_by="Digesting._read"),
    Step("LogBatcher._commit", "return", armed_by="Digesting._read"),
    Step("S3Store.lock"),
    Step("LogBatcher._commit", "call", armed_by="S3Store.lock"),
    Step("LogBatcher._commit", "return", armed_by="S3Store.lock"),
    Step("Working.release_version"),
    Step("FakeReader.render"),
    Step("Working.render_version"),
)

PASSING = (
    # A place is made, and bytes come in.
    Step("add_upload"),
    Step("SpoolWriter.flush"),
    # The file is looked at, sealed, put, read back.
    Step("FakeInspector.inspect"),
    Step("S3Store.put_new", "call"),
    Step("S3Store.put_new"),
    Step("Vault.seal"),
    # What makes it visible: nothing of it is durable; all of it is, and nobody knows.
    Step("LogBatcher._commit", "call", armed_by="Vault.seal"),
    Step("LogBatcher._commit", "return", armed_by="Vault.seal"),
    Step("Accepting.take_in"),
    # What became of it is noted.
    Step("settle", armed_by="Accepting.take_in"),
)
"""The same for a file that comes in one call, up to where the work after the commit begins."""


TO_STOCK = (
    # The index: in the midst of its own transaction, and when nobody knows yet that it is done.
    Step("SqliteWriting.put"),
    Step("Indexing.index_document"),
    # A person's word, and the stock that moves by it: before the commit, and when nobody was told of it.
    Step("LogBatcher._commit", "call", armed_by="Reviewing.confirm_document"),
    Step("LogBatcher._commit", "return", armed_by="Reviewing.confirm_document"),
    Step("LogBatcher._commit", "call", armed_by="Adjusting.adjust_from"),
    Step("LogBatcher._commit", "return", armed_by="Adjusting.adjust_from"),
)
"""From where a paper can be found to where it has moved stock."""


IN_TURNS = (
    # A paper gives way: what was read is kept, or half kept; nobody knows that it waits, or somebody does.
    Step("S3Store.put_new", "call", armed_by="FakeReader.read"),
    Step("S3Store.put_new", armed_by="FakeReader.read"),
    Step("Queue.set_aside", "call"),
    Step("Queue.set_aside"),
    # It goes on, and is read to its end; what was kept goes.
    Step("FakeReader.read", "call", armed_by="Queue.set_aside"),
    Step("Unfinished.open", armed_by="Queue.set_aside"),
    Step("S3Store.delete_version", "call"),
    Step("S3Store.delete_version"),
)
"""From where a paper of two pages gives way to a photo, to where both are read."""


@dataclass
class Room:
    """A room whose process is killed again and again."""

    paper: Paper
    documents: dict[UUID, bytes]
    store: S3Store
    """Of this process, which goes on after each kill."""
    kills: int = 0

    def next(self, point: Step, *, copies: int = 50_000) -> Paper:
        self.kills += 1
        content = b"paper %d " % self.kills * copies
        return replace(
            self.paper,
            event_id=UUID(int=self.kills, version=4),
            content=content,
            ahead=LONG_AFTER * 2 * self.kills,
            point=point,
        )


@pytest.fixture
def room(database_url: str, tmp_path: Path, seaweed: SeaweedServer, objects: S3Store) -> Room:
    """A stocked retailer on the real object store."""
    keystore_url = f"sqlite:///{tmp_path / 'keys.db'}"
    create_log(database_url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=ticking, entropy=os.urandom)
    paper = Paper(database_url, tmp_path, seaweed.endpoint(), UUID(int=0), b"", timedelta(0))
    storage = open_storage(database_url, keystore_url, ROOT_KEY, clock=ticking, entropy=os.urandom)
    Archive(World(database_url, keystore_url, Later(timedelta(0)), os.urandom, storage), tmp_path)
    storage.close()
    return Room(paper, {}, objects)


def killed(paper: Paper) -> None:
    """Runs the process until it kills itself."""
    process = forking().Process(target=main, args=(paper,))
    process.start()
    process.join(KILLED_WITHIN_S)
    if process.exitcode is None:
        process.kill()
        process.join()
    assert process.exitcode == -signal.SIGKILL, f"{paper.point}: {process.exitcode}"
    process.close()


def recover(paper: Paper, documents: dict[UUID, bytes], store: S3Store) -> None:
    """Goes on as other processes would, and fails unless this paper is there once, as whole as those before it."""
    archive = opened(replace(paper, ahead=paper.ahead + LONG_AFTER), store)
    try:
        assert LONG_AFTER > LEASE_FOR
        half_visible(archive, documents, paper)
        archive.documents.sweep_uploads(archive.world.clock())
        came = []
        for event_id, content in paper.brought.items():
            added = archive.sent(content, event_id=event_id)
            assert isinstance(added, Added)
            documents[UUID(added.document)] = content
            came.append(added.document)
        archive.work()
        assert {UUID(one.id): one.version for one in listed(archive)} == dict.fromkeys(documents, 1)
        for document in came:
            released(archive, document, documents[UUID(document)])
        if paper.to_stock:
            confirm_and_adjust(archive, paper, came[0])
            found_and_moved(archive, documents)
    finally:
        archive.world.storage.close()


def listed(archive: Archive) -> Sequence[Document]:
    """Every document that can be seen."""
    with archive.world.storage.database.read() as connection:
        return read_documents(connection, EVERYTHING, Wanted(), after=None, limit=1000).items


def half_visible(archive: Archive, documents: dict[UUID, bytes], paper: Paper) -> None:
    """Whatever can be seen right after the kill beside the papers before can be opened whole."""
    seen = {UUID(one.id) for one in listed(archive)}
    assert seen >= set(documents)
    for document in seen - set(documents):
        assert archive.content(str(document)) in paper.brought.values()
    assert 0 <= len(seen) - len(documents) <= len(paper.brought)


def released(archive: Archive, document: str, content: bytes) -> None:
    """The paper is released and opens whole."""
    assert archive.content(document) == content
    assert archive.stage(document) == Stage.RELEASED


def everything(room: Room) -> None:
    """After all kills each paper is there once, released, opens whole; nothing is left over; the log verifies."""
    archive = opened(replace(room.paper, ahead=LONG_AFTER * 2 * (room.kills + 1)), room.store)
    try:
        assert {UUID(one.id): one.version for one in listed(archive)} == dict.fromkeys(room.documents, 1)
        for document, content in room.documents.items():
            released(archive, str(document), content)
        archive.documents.sweep_objects(real_clock() + 2 * ORPHAN_AGE)
        mine = {str(document) for document in room.documents}
        for bucket, most in ((Bucket.RECORDS, 1), (Bucket.DERIVED, 3)):
            kept = [one.ref.key.split("/")[2] for one in archive.vault.store.versions(bucket, "v1/d/")]
            assert {key: kept.count(key) for key in kept if key in mine} == dict.fromkeys(mine, most), bucket
        archive.world.clock = Later(LONG_AFTER * 1000)  # type: ignore[assignment]
        archive.documents.sweep_uploads(ticking() + LONG_AFTER * 1000)
        assert archive.spool.uploads() == []
        check_log(archive.world.storage)
    finally:
        archive.world.storage.close()


def found_and_moved(archive: Archive, documents: dict[UUID, bytes]) -> None:
    """Each paper is found once, confirmed, and moved stock once."""
    index = archive.documents.index
    assert isinstance(index, SearchIndex)
    try:
        hits = index.query(SearchQuery("paper", limit=100), INDEXED).hits
        assert sorted(hit.document_id for hit in hits) == sorted(map(str, documents))
        assert {hit.facets.state for hit in hits} == {Stage.RELEASED.value}
    finally:
        index.close()
    states = []
    for document in documents:
        with archive.world.storage.database.read() as connection:
            fields = read_fields(connection, str(document), 1)
            assert fields is not None
            assert fields.adjusted_index is not None
            states.append(fields.state)
            # One row, one adjustment, and it has the paper as evidence.
            assert len(read_links(connection, EVERYTHING, str(document))) == 1
    assert set(states) == {ReviewState.CONFIRMED}
    assert archive.held() == 3 * len(documents)
    assert archive.reconcile() == []


@pytest.mark.timeout(900)
def test_a_kill_at_each_step_from_the_index_to_the_stock_leaves_it_whole(room: Room) -> None:
    for step in TO_STOCK:
        paper = replace(room.next(step, copies=20), to_stock=True)
        killed(paper)
        recover(paper, room.documents, room.store)

    assert len(room.documents) == len(TO_STOCK)
    everything(room)


@pytest.mark.timeout(900)
def test_a_kill_at_each_step_of_a_paper_in_passing_leaves_it_whole(room: Room) -> None:
    for step in PASSING:
        paper = replace(room.next(step), passing=True)
        killed(paper)
        recover(paper, room.documents, room.store)

    assert len(room.documents) == len(PASSING)
    everything(room)


@pytest.mark.timeout(900)
def test_a_kill_at_each_step_of_a_paper_that_gives_way_leaves_both_whole(room: Room) -> None:
    for step in IN_TURNS:
        paper = room.next(step, copies=20)
        paper = replace(paper, content=paper.content + b"\f" + paper.content, beside=b"photo " + paper.content)
        killed(paper)
        recover(paper, room.documents, room.store)

    assert len(room.documents) == 2 * len(IN_TURNS)
    everything(room)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_each_step_of_a_papers_way_leaves_it_whole(part: int, room: Room) -> None:
    steps = STEPS[part::PARTS]

    for step in steps:
        paper = room.next(step)
        killed(paper)
        recover(paper, room.documents, room.store)

    assert len(room.documents) == len(steps)
    everything(room)
