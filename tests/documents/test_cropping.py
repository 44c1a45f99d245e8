"""The cut beside a question: where it is taken, who may have it, and that it shows what it should."""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec
import pytesseract
import pytest
from PIL import Image

from documents.checking.model import MediaType
from documents.cropping import cut_of
from documents.errors import ContentGone, DocumentConflict, UnknownDocument
from documents.extraction.extracting import extract
from documents.extraction.model import Field, Row
from documents.inspecting import PageCut, PartsAway
from documents.memory_files import in_memory
from documents.model import Step
from documents.parts import SandboxReader
from documents.reading.geometry import rectangle
from documents.reading.model import DocumentReading, PageReading, Quad, Source
from documents.rendering.service import PRELOAD
from documents.rendering.tasks import page_cut
from documents.sandbox import Refused, Sandbox
from policies.errors import Denied
from policies.model import Role, ScopeKind
from tests.documents import samples
from tests.documents.archive import Archive, note
from tests.documents.papers import HEIGHT, WIDTH, english_invoice
from tests.stock.shop import REFUSES


def page(number: int = 0, width: int = 1000, height: int = 2000, rotation: int = 0) -> PageReading:
    return PageReading(number, width, height, rotation, "e", "00", (), Source.OCR, ())


def placed(name: str, page: int, *quads: Quad) -> Field:
    return Field(name, "x", "x", 0.5, tuple((page, quad) for quad in quads))


# --- where -----------------------------------------------------------------------------------------------------------


def test_a_field_is_cut_with_a_margin_of_its_own_height() -> None:
    said = note(Row({"expiry": placed("expiry", 1, rectangle(400, 300, 500, 320), rectangle(510, 302, 600, 320))}))

    cut = cut_of(said, DocumentReading((page(), page(1, rotation=90))), "rows/0/expiry")

    assert cut == PageCut(1, 1000, 2000, 90, (360, 280, 640, 340))


def test_a_cut_ends_where_the_page_ends() -> None:
    said = note(Row({"sku": placed("sku", 0, rectangle(3, 1990, 980, 2000))}))

    cut = cut_of(said, DocumentReading((page(),)), "rows/0/sku")

    assert cut is not None
    assert cut.box == (0, 1980, 1000, 2000)


@pytest.mark.parametrize(
    ("path", "box"),
    [
        ("rows/1/expiry", (80, 480, 920, 540)),
        ("rows/1", (80, 480, 920, 540)),
        ("rows", (80, 380, 920, 540)),
        ("rows/2/sku", (0, 0, 1000, 2000)),
        ("po_ref", (0, 0, 1000, 2000)),
        ("pages", (0, 0, 1000, 2000)),
    ],
)
def test_what_was_not_found_is_shown_by_its_row_or_by_the_page(path: str, box: tuple[int, int, int, int]) -> None:
    rows = [
        Row({"sku": placed("sku", 0, rectangle(120, top, 300, top + 20)), "quantity": placed("quantity", 0, rectangle(800, top, 880, top + 20))})
        for top in (400, 500)
    ]  # fmt: skip

    cut = cut_of(note(*rows), DocumentReading((page(),)), path)

    assert cut is not None
    assert cut.box == box


@pytest.mark.parametrize(
    "quad", [rectangle(5000, 10, 5100, 30), ((0, 0), (0, 0), (0, 0), (0, 0)), rectangle(-90, -90, -50, -50)]
)
def test_a_place_outside_its_page_shows_the_page_and_nothing_else(quad: Quad) -> None:
    cut = cut_of(note(Row({"sku": placed("sku", 0, quad)})), DocumentReading((page(),)), "rows/0/sku")

    assert cut is not None
    left, top, right, bottom = cut.box
    assert 0 <= left < right <= cut.width
    assert 0 <= top < bottom <= cut.height


def test_a_text_without_pages_has_nothing_to_cut() -> None:
    assert cut_of(note(), DocumentReading((page(width=0, height=0),)), "date") is None


# --- who -------------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_with_a_cut_of_the_page_it_is_about(each_archive: Archive) -> None:
    archive = each_archive
    document = archive.add_read(b"paper").document
    size = archive.size()

    cut = archive.documents.field_cut(archive.clerk, document, 1, "total", event_id=archive.id())
    again = archive.documents.field_cut(archive.clerk, document, 1, "total", event_id=archive.id())
    other = archive.documents.field_cut(archive.clerk, document, 1, "po_ref", event_id=archive.id())

    assert archive.documents.draw_cut(cut).content == b"0 (0, 0, 26, 18) of paper"
    assert cut.etag == again.etag != other.etag
    assert archive.size() == size
    with pytest.raises(UnknownDocument):
        archive.documents.field_cut(archive.clerk, document, 1, "rows/7/sku", event_id=archive.id())
    with pytest.raises(UnknownDocument):
        archive.documents.field_cut(archive.clerk, document, 2, "total", event_id=archive.id())


def test_a_cut_of_a_sensitive_paper_is_an_entry_before_it_is_drawn(archive: Archive) -> None:
    document = archive.add_read(b"secret", **{"class": "contract"}).document
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)

    archive.documents.field_cut(archive.clerk, document, 1, "total", event_id=archive.id())
    entry = archive.entry()

    assert entry["type"] == "access.read"
    assert entry["data"]["detail"] == {"document": document, "version": 1, "what": "crop"}
    with pytest.raises(Denied):
        archive.documents.field_cut(staff, document, 1, "total", event_id=archive.id())


def test_a_picture_of_an_identity_number_needs_a_purpose(archive: Archive) -> None:
    archive.personal_data = ("hkid",)
    document = archive.add_read(b"card", **{"class": "identity_copy"}).document
    officer = archive.policies.principal(archive.person(Role.COMPLIANCE_OFFICER).id)

    with pytest.raises(DocumentConflict) as raised:
        archive.documents.field_cut(officer, document, 1, "total", event_id=archive.id())

    assert raised.value.code.value == "purpose_required"


def test_what_was_not_read_or_cannot_be_drawn_now_says_so(archive: Archive) -> None:
    unread = archive.add(b"unread").document
    with pytest.raises(DocumentConflict):
        archive.documents.field_cut(archive.clerk, unread, 1, "total", event_id=archive.id())
    archive.work()
    cut = archive.documents.field_cut(archive.clerk, unread, 1, "total", event_id=archive.id())

    archive.reader.away = True
    with pytest.raises(PartsAway):
        archive.documents.draw_cut(cut)


def test_nothing_is_shown_of_what_was_withdrawn(archive: Archive) -> None:
    document = archive.add_read(b"paper", **{"class": "other"}).document
    archive.do(archive.documents.decide_stage(archive.clerk, document, 1, Step.WITHDRAW, event_id=archive.id()))

    with pytest.raises(ContentGone):
        archive.documents.field_cut(archive.clerk, document, 1, "total", event_id=archive.id())


# --- that it shows it --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader() -> Iterator[SandboxReader]:
    with Sandbox(1, preload=PRELOAD) as sandbox:
        yield SandboxReader(sandbox, sandbox, clock=lambda: pytest.fail("nothing is dated"))


def cut_from(reader: SandboxReader, raw: bytes, media_type: str, cut: PageCut) -> Image.Image:
    with in_memory((raw,)) as file:
        made = reader.cut(file, media_type, cut)
    assert made.media_type == "image/png"
    picture = Image.open(io.BytesIO(made.content))
    assert picture.info == {}
    return picture


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_cut_of_a_number_shows_the_number(reader: SandboxReader, turn: int) -> None:
    paper = english_invoice()
    reading = paper.reading()
    lying = msgspec.structs.replace(reading.pages[0], rotation=turn)
    # Smaller than it was read, and turned as the camera held it.
    drawn = Image.fromarray(paper.picture()[:, :, ::-1]).resize((WIDTH * 3 // 4, HEIGHT * 3 // 4))
    stored = io.BytesIO()
    drawn.rotate(turn, expand=True).save(stored, "PNG")
    cut = cut_of(extract(reading), DocumentReading((lying,)), "doc_no")
    assert cut is not None

    picture = cut_from(reader, stored.getvalue(), "image/png", cut)

    assert picture.height < HEIGHT / 10
    assert paper.fields["doc_no"] in pytesseract.image_to_string(picture, lang="eng", config="--psm 6")


@pytest.mark.parametrize(
    ("media_type", "raw"),
    [(MediaType.PDF, samples.pdf(2)), (MediaType.TIFF, samples.tiff(2)), (MediaType.HEIC, samples.heic())],
    ids=["pdf", "tiff", "heic"],
)
def test_every_kind_of_page_can_be_cut(reader: SandboxReader, media_type: MediaType, raw: bytes) -> None:
    last = 0 if media_type is MediaType.HEIC else 1

    picture = cut_from(reader, raw, media_type, PageCut(last, 100, 200, 0, (10, 20, 60, 120)))

    assert picture.width > 1
    assert picture.height > 1


def test_a_whole_large_page_is_made_smaller(reader: SandboxReader) -> None:
    raw = samples.encoded("PNG", Image.new("RGB", (2400, 3000), "white"))

    picture = cut_from(reader, raw, "image/png", PageCut(0, 2400, 3000, 0, (0, 0, 2400, 3000)))

    assert max(picture.size) == 1600


def test_a_page_that_is_not_there_is_refused() -> None:
    arguments = {"media_type": "application/pdf", "page": 5, "rotation": 0, "share": [0, 0, 1, 1], "limits": {}}
    with pytest.raises(Refused):
        page_cut(arguments, [], io.BytesIO(samples.pdf(1)))
