"""A retailer with documents, on an object store in memory and with readers that are told what to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from documents.digesting import Extractor
from documents.errors import FileRefused
from documents.extraction.learning import Weights
from documents.extraction.model import DocType, Extraction, Field, Money, ReviewItem, ReviewReason, Row
from documents.extraction.registers import Registers
from documents.inspecting import Inspected, PageCut, PageImage, PartsAway, ScannerAway
from documents.model import Added, DocumentClass, Stage
from documents.parsing import parse_filing, parse_supplier
from documents.reading.model import DocumentReading, Line, PageReading, Source
from documents.requests import Filing
from documents.sandbox import SpoolFileRef
from documents.service import Documents, Means, UploadLimits
from documents.store import read_document, read_version
from documents.uploading import Held
from policies.model import Principal
from storage.objects import ObjectStore, Spool, Vault
from storage.objects.spool import SpoolFile
from tests.objects import MemoryStore
from tests.stock.shop import REFUSES, Shop
from tests.worlds import World
from workflow.service import Queue
from workflow.worker import Worker

T = TypeVar("T")

QUAD = ((0, 0), (10, 0), (10, 10), (0, 10))


class FakeInspector:
    """Believes what it is told; `away` makes the scanner silent, the content says what is refused and stripped.

    `late` is called once the seal was told ahead; content with LATE is refused after it.
    """

    def __init__(self) -> None:
        self.away = False
        self.parts_away = False
        self.media_type = "image/jpeg"
        self.late: Callable[[], None] | None = None
        self.seen: list[str] = []

    def inspect(
        self, file: SpoolFile, file_name: str, document_class: DocumentClass, ahead: Callable[[bytes | None], None]
    ) -> Inspected:
        self.seen.append(file_name)
        with file.open() as reader:
            content = reader.read()
        if self.parts_away:
            raise PartsAway("crashed")
        if self.away:
            raise ScannerAway
        if b"EICAR" in content:
            raise FileRefused.infected()
        if content.startswith(b"<html"):
            raise FileRefused.of([("type_not_allowed", "")])
        clean = content.replace(b"GPS", b"") if document_class.strip and b"GPS" in content else None
        ahead(clean)
        if self.late is not None:
            self.late()
        if b"LATE" in content:
            raise FileRefused.of([("damaged", "")])
        stripped = ("gps",) if clean is not None else ()
        return Inspected(
            self.media_type, "jpg", content.count(b"\f") + 1, scan="fake 1", stripped=stripped, clean=clean
        )


class FakeReader:
    """Reads what the content says, as text in one line a page; pages are parted by form feeds, and each is a turn.

    `told` is called before each page; `draws` says whether it makes pictures of them.
    """

    engine = "fake 1"

    def __init__(self) -> None:
        self.away = False
        self.told: Callable[[str], None] = lambda _text: None
        self.draws = True

    def read(self, file: SpoolFileRef, media_type: str, so_far: DocumentReading) -> bytes:
        if self.away:
            raise PartsAway("crashed")
        pages, number = file.path.read_bytes().decode("utf-8", "replace").split("\f"), len(so_far.pages)
        self.told(pages[number])
        line = Line(pages[number], pages[number], QUAD, 0.99)
        page = PageReading(number, 100, 100, 0, "fake 1", "00" * 32, (), Source.OCR, (line,))
        return DocumentReading((page,), len(pages) - number - 1).to_json()

    def render(self, file: SpoolFileRef, media_type: str, reading: bytes | None) -> Iterator[PageImage]:
        if not self.draws:
            return
        yield PageImage("thumbnail", "image/jpeg", b"small")
        yield PageImage("page-0001", "image/jpeg", b"large")

    def cut(self, file: SpoolFileRef, media_type: str, cut: PageCut) -> PageImage:
        if self.away:
            raise PartsAway("crashed")
        content = file.path.read_bytes()
        return PageImage("crop", "image/png", f"{cut.page} {cut.box} of ".encode() + content)


class Unhurried:
    """Nobody else waits; `told` is how many pages of how many were read, each time it was said."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    def report(self, done: int, total: int) -> None:
        self.told.append((done, total))

    def goes_on(self, done: int, total: int) -> bool:
        self.told.append((done, total))
        return True


def field(name: str, value: Any, *, code: str | None = None, confidence: float = 0.99) -> Field:
    return Field(name, value, str(value), confidence, ((0, QUAD),), ("label",), code=code)


def row(**fields: Any) -> Row:
    return Row({name: field(name, value, code=value if name == "sku" else None) for name, value in fields.items()})


def note(
    *rows: Row, kind: DocType = DocType.DELIVERY_NOTE, review: dict[str, ReviewReason] | None = None
) -> Extraction:
    """What a delivery note says, with questions at these paths."""
    doc_type = field("doc_type", kind.value)
    fields = {
        "doc_type": doc_type,
        "doc_no": field("doc_no", "DN-0042"),
        "date": field("date", "2026-11-20"),
        "supplier": field("supplier", "永發貿易", code="SUP1"),
        "currency": field("currency", "HKD"),
        "total": field("total", Money(12_500, "HKD")),
    }
    items = tuple(ReviewItem(path, reason) for path, reason in (review or {}).items())
    return Extraction(doc_type, fields, rows, (), items, not items)


def room_of(means: Means, spool: Spool, told: Archive | None = None, limits: UploadLimits | None = None) -> Documents:
    """A document room whose parts believe what they are told."""

    def extract(reading: DocumentReading, registers: Registers, lessons: Mapping[str, Weights]) -> Extraction:
        return note() if told is None else told.extract(reading, registers, lessons)

    return Documents(
        means,
        spool,
        inspector=FakeInspector() if told is None else told.inspector,
        reader=FakeReader() if told is None else told.reader,
        extract=extract,
        detect=lambda text: () if told is None else told.detect(text),
        limits=limits,
    )


class Archive(Shop):
    """Documents in a world. `clerk` files them; `extraction` is what every paper is found to say."""

    def __init__(
        self,
        world: World,
        directory: Path,
        *,
        stocked: bool = True,
        limits: UploadLimits | None = None,
        store: ObjectStore | None = None,
    ) -> None:
        super().__init__(world, stocked=stocked)
        self.objects = MemoryStore(world.clock)
        self.vault = Vault(store or self.objects, world.storage.keys, world.entropy)
        self.spool = Spool(directory / "spool", world.storage.keys, world.entropy)
        self.queue = Queue(world.storage.database)
        self.inspector = FakeInspector()
        self.reader = FakeReader()
        self.extraction = note()
        self.extract: Extractor = lambda _reading, _registers, _lessons: self.extraction
        self.personal_data: tuple[str, ...] = ()
        self.detect: Callable[[str], Sequence[str]] = lambda _text: self.personal_data
        self.documents = self.another_room(limits)
        if stocked:
            self.do(self.documents.create_standard_classes(self.admin, event_id=self.id()))
            self.supplier("SUP1")

    def another_room(self, limits: UploadLimits | None = None) -> Documents:
        """Documents as another process has them."""
        return room_of(self.means, self.spool, self, limits)

    @property
    def means(self) -> Means:
        """What rooms above stock stand on."""
        storage = self.world.storage
        return Means(
            storage.database,
            storage.log,
            self.policies,
            self.stock,
            self.queue,
            self.vault,
            self.world.clock,
            self.world.entropy,
        )

    def supplier(self, code: str, **members: object) -> None:
        content = {"code": code, "name_zh": "永發貿易", "name_en": "Wing Fat", **members}
        self.do(self.documents.create_supplier(self.clerk, parse_supplier(content, event_id=self.id())))

    # ------------------------------------------------------------------------------------ uploading

    def sent(
        self, content: bytes = b"paper", *, by: Principal | None = None, name: str = "note.jpg", **filing: object
    ) -> Added | Held:
        """Uploads a file in one go."""
        return self.documents.accept_upload(self.received(content, by=by, name=name, **filing))

    def passed(
        self, content: bytes = b"paper", *, by: Principal | None = None, name: str = "note.jpg", **filing: object
    ) -> Added | Held:
        """Brings a file in one call."""
        request, now = self.filing_of(filing), self.world.clock()
        passing = self.documents.begin_passing(by or self.clerk, request, name, len(content), now=now)
        try:
            with passing.spool.writer() as writer:
                writer.write(content)
            return self.documents.finish_passing(passing)
        except BaseException:
            self.documents.drop_passing(passing)
            raise

    def received(
        self, content: bytes = b"paper", *, by: Principal | None = None, name: str = "note.jpg", **filing: object
    ) -> UUID:
        """Uploads a file and leaves it there."""
        request, now = self.filing_of(filing), self.world.clock()
        upload = self.documents.begin_upload(by or self.clerk, request, name, len(content), now=now)
        with self.documents.receiving(upload, 0) as writer:
            writer.write(content)
        return self.documents.complete_upload(upload).id

    def filing_of(self, members: dict[str, object]) -> Filing:
        event_id = members.pop("event_id", None) or self.id()
        assert isinstance(event_id, UUID)
        if "document" not in members:
            members = {"class": "delivery_note", "store": REFUSES, **members}
        return parse_filing(members, event_id=event_id)

    def add(self, content: bytes = b"paper", **options: Any) -> Added:
        added = self.sent(content, **options)
        assert isinstance(added, Added)
        return added

    def add_read(self, content: bytes = b"paper", **options: Any) -> Added:
        """Uploads a file and does every job that follows."""
        added = self.add(content, **options)
        self.work()
        return added

    # ---------------------------------------------------------------------------------------- looking

    def stage(self, document: str, version: int = 1) -> Stage:
        with self.world.storage.database.read() as connection:
            found = read_version(connection, document, version)
        assert found is not None
        return found.stage

    def content(self, document: str, version: int = 1, by: Principal | None = None) -> bytes:
        opened = self.documents.open_content(by or self.clerk, document, version, event_id=self.id())
        return b"".join(self.documents.stream(opened))

    def entry_index(self, document: str) -> int:
        with self.world.storage.database.read() as connection:
            found = read_document(connection, document)
        assert found is not None
        return found.entry_index

    def work(self) -> int:
        """Does jobs until none is due; returns how many."""
        from app.document_jobs import document_job_handlers

        worker = Worker(
            self.queue,
            document_job_handlers(self.documents),
            name="w",
            clock=self.world.clock,
            entropy=self.world.entropy,
        )
        done = 0
        while worker.run_one():
            done += 1
        return done


__all__ = ["Archive", "field", "note", "row"]


def furnish_archive(world: World, directory: Path) -> None:
    """Furnishes a world with one; opened as `Archive(world, directory, stocked=False)`."""
    Archive(world, directory)
