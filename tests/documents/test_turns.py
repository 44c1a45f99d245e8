"""Papers take turns: a long one gives way after each page, keeps what was read, and says the same in the end."""

from __future__ import annotations

from uuid import UUID

import pytest

from documents.reading.model import DocumentReading
from documents.rules import reading_job
from documents.sandbox import SpoolFileRef
from documents.turns import PAGES_READ_MAX, Unfinished
from storage.objects.model import Bucket, ObjectRef
from tests.documents.archive import Archive, FakeReader, Unhurried
from workflow.model import JobState, Progress


def paper(name: str, pages: int) -> bytes:
    """A paper whose pages are called a1, a2 and so on."""
    return "\f".join(f"{name}{number + 1}" for number in range(pages)).encode()


def reads(archive: Archive, *, away_at: str | None = None) -> list[str]:
    """Which pages are read from now on, in order. Time goes on by a second each; the parser dies when it first comes to `away_at`."""
    read: list[str] = []

    def told(page: str) -> None:
        archive.world.clock.advance(seconds=1)
        read.append(page)
        if away_at is not None:
            archive.reader.away = page == away_at and read.count(page) == 1

    archive.reader.told = told
    return read


def kept(archive: Archive) -> list[ObjectRef]:
    """What is kept of papers that are not read to their end."""
    return [ref for ref in archive.objects.refs(Bucket.DERIVED) if "read-so-far" in ref.key]


def reading_of(archive: Archive, document: str) -> DocumentReading:
    return archive.documents.reading(archive.clerk, document, 1, event_id=archive.id())


def test_a_photo_waits_for_one_page_of_a_long_paper_and_not_for_its_last(each_archive: Archive) -> None:
    archive = each_archive
    read = reads(archive)
    note_page = archive.reader.told
    documents: list[str] = []

    def told(page: str) -> None:
        note_page(page)
        if page == "a3":
            documents.append(archive.add(b"photo").document)

    archive.reader.told = told
    long = archive.add(paper("a", 6)).document
    archive.work()

    assert read == ["a1", "a2", "a3", "photo", "a4", "a5", "a6"]
    assert [page.text for page in reading_of(archive, long).pages] == ["a1", "a2", "a3", "a4", "a5", "a6"]
    assert [page.text for page in reading_of(archive, documents[0]).pages] == ["photo"]
    assert kept(archive) == []


def test_long_papers_take_turns_and_each_is_read_as_if_it_were_alone(each_archive: Archive) -> None:
    archive = each_archive
    alone = [archive.add_read(paper(name, 3)).document for name in "ab"]
    read = reads(archive)

    together = [archive.add(paper(name, 3)).document for name in "ab"]
    archive.work()

    assert read == ["a1", "b1", "a2", "b2", "a3", "b3"]
    assert [reading_of(archive, one) for one in together] == [reading_of(archive, one) for one in alone]
    runs = [archive.queue.status(reading_job(one, 1)).run for one in together]
    assert [(run.state, run.attempts, run.result) for run in runs] == [
        (JobState.SUCCEEDED, 1, {"pages": 3, "review": 0})
    ] * 2
    assert kept(archive) == []


def test_how_far_a_paper_is_read_is_told_page_by_page_and_stays_told_while_it_waits(each_archive: Archive) -> None:
    archive = each_archive
    read = reads(archive)
    note_page = archive.reader.told
    seen: list[tuple[str, JobState, Progress | None]] = []

    def told(page: str) -> None:
        note_page(page)
        for name, document in documents.items():
            run = archive.queue.status(reading_job(document, 1)).run
            seen.append((name, run.state, run.progress))

    archive.reader.told = told
    documents = {name: archive.add(paper(name, 2)).document for name in "ab"}
    archive.work()

    assert read == ["a1", "b1", "a2", "b2"]
    assert seen[2:6] == [
        # While b1 is read.
        ("a", JobState.WAITING, Progress(1, 2)),
        ("b", JobState.RUNNING, Progress(0, 2)),
        # While a2 is read.
        ("a", JobState.RUNNING, Progress(1, 2)),
        ("b", JobState.WAITING, Progress(1, 2)),
    ]
    assert archive.queue.status(reading_job(documents["a"], 1)).run.progress == Progress(2, 2)


def test_pages_that_were_read_before_a_parser_died_are_not_read_again(each_archive: Archive) -> None:
    archive = each_archive
    read = reads(archive, away_at="a2")
    document = archive.add(paper("a", 4)).document
    archive.work()
    assert (read, len(kept(archive))) == (["a1", "a2"], 1)

    archive.reader.away = False
    archive.world.clock.advance(minutes=11)
    archive.work()

    assert read == ["a1", "a2", "a3", "a4"]
    assert [page.page for page in reading_of(archive, document).pages] == [0, 1, 2, 3]
    assert kept(archive) == []


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_pages_that_were_kept_and_do_not_open_are_read_again(archive: Archive, damage: str) -> None:
    read = reads(archive, away_at="a2")
    document = archive.add(paper("a", 3)).document
    archive.work()
    (ref,) = kept(archive)
    if damage == "gone":
        archive.objects.delete_version(ref)
    else:
        archive.objects.tamper(ref, archive.objects.content(ref)[:-1])

    archive.reader.away = False
    archive.world.clock.advance(minutes=11)
    archive.work()

    assert read == ["a1", "a2", "a1", "a2", "a3"]
    assert len(reading_of(archive, document).pages) == 3
    assert kept(archive) == []


def test_of_what_two_processes_kept_the_most_pages_count(archive: Archive) -> None:
    pages = reading_of(archive, archive.add_read(paper("a", 5)).document).pages
    document = UUID(archive.add(paper("b", 5)).document)
    for count in (3, 2):
        Unfinished(archive.vault, document, 1).keep(DocumentReading(pages[:count], 5 - count))
    assert len(kept(archive)) == 2

    next_process = Unfinished(archive.vault, document, 1)

    assert next_process.open().pages == pages[:3]
    next_process.keep(DocumentReading(pages[:3], 2))
    assert len(kept(archive)) == 2
    next_process.keep(DocumentReading(pages[:4], 1))
    assert len(kept(archive)) == 1
    assert Unfinished(archive.vault, document, 1).open().pages == pages[:4]


def test_no_more_pages_are_read_than_a_paper_may_have(archive: Archive) -> None:
    pace = Unhurried()
    read = reads(archive)
    document = archive.add(paper("a", PAGES_READ_MAX + 2)).document

    done = archive.documents.read_version(document, 1, event_id=archive.id(), pace=pace)

    assert done is not None
    assert len(read) == PAGES_READ_MAX
    assert reading_of(archive, document).pages_unread == 2
    assert (pace.told[1], pace.told[-1]) == ((1, PAGES_READ_MAX), (PAGES_READ_MAX, PAGES_READ_MAX))


@pytest.mark.parametrize(("pages", "unread"), [(PAGES_READ_MAX + 10, 0), (1, -1), (0, 7)])
def test_a_parser_that_counts_wrongly_ends_the_reading(archive: Archive, pages: int, unread: int) -> None:
    page = reading_of(archive, archive.add_read(b"page").document).pages[0]

    class Miscounting(FakeReader):
        def read(self, file: SpoolFileRef, media_type: str, so_far: DocumentReading) -> bytes:
            return DocumentReading((page,) * pages, unread).to_json()

    archive.reader = Miscounting()
    archive.documents = archive.another_room()
    document = archive.add(b"other").document
    archive.work()

    assert len(reading_of(archive, document).pages) == pages
