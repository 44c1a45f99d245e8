"""A document that is read a few pages at a time says what it says when it is read in one go."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pikepdf
import pytest
import zxingcpp
from PIL import Image, ImageDraw, TiffImagePlugin

from documents.inspecting import PartsAway
from documents.memory_files import in_memory
from documents.parts import READ_TIMEOUT_S, SandboxReader, reading_sandbox
from documents.reading.model import DocumentReading, Line, PageReading, Quad, Source
from documents.reading.pages import read_document
from documents.reading.tasks import Readers
from tests.documents import samples
from tests.documents.printed import delivery_note

if TYPE_CHECKING:
    from documents.reading.reader import Picture

QUAD = ((0, 0), (1, 0), (1, 1), (0, 1))
NOTHING = DocumentReading(())
LINES = ["DELIVERY NOTE DN-2026-0451", "Supplier: Harbour Dairy Supplies Ltd.", "Oat Milk 1L 6 bottles batch M0042"]
PAPER = [("TEA-0012", "普洱茶餅 357g", "24", "箱", "PE2611A", "2028-11-30")]


class Digester:
    """Reads of a picture what tells it from any other."""

    engine = "digester 1"
    engine_digest = "00" * 32

    def read(self, image: Picture) -> PageReading:
        digest = hashlib.sha256(image.tobytes()).hexdigest()
        height, width = image.shape[:2]
        line = Line(digest, digest, QUAD, 0.99)
        return PageReading(0, width, height, 0, self.engine, self.engine_digest, (), Source.OCR, (line,))

    def read_crop(self, image: Picture, quad: Quad) -> tuple[str, float]:
        pytest.fail("no place is read again")


def drawn(number: int, mode: str = "RGB", *, width: int = 240) -> Image.Image:
    picture = Image.new(mode, (width, 160), "white")
    ImageDraw.Draw(picture).rectangle((20 * number, 30, 20 * number + 50, 90), fill="black")
    return picture


def several(kind: str, **options: Any) -> bytes:
    """Four pictures in a file; of films each builds on the one before."""
    file = io.BytesIO()
    drawn(0).save(file, kind, save_all=True, append_images=[drawn(number) for number in (1, 2, 3)], **options)
    return file.getvalue()


def scans() -> bytes:
    """A TIFF whose pages differ in size, colour and which way up."""
    file = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file, True) as writer:
        for number, (mode, turn) in enumerate([("RGB", 1), ("L", 6), ("RGB", 8), ("RGB", 3)]):
            tags = Image.Exif()
            tags[0x0112] = turn
            drawn(number, mode, width=240 + 10 * number).save(writer, "TIFF", exif=tags)
            writer.newFrame()
    return file.getvalue()


def mixed() -> bytes:
    """A PDF of a scan, a page of text with a barcode, and another scan."""
    barcode = zxingcpp.create_barcode("LOT-7", zxingcpp.BarcodeFormat.Code128)
    code = io.BytesIO()
    Image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=3)).save(code, "PDF")
    label, text = pikepdf.open(code), pikepdf.open(io.BytesIO(samples.pdf_with_text(LINES)))
    text.pages[0].add_overlay(label.pages[0], pikepdf.Rectangle(50, 50, 350, 130))
    made, last = (pikepdf.open(io.BytesIO(samples.pdf(1))) for _ in range(2))
    made.pages.extend(text.pages)
    made.pages.extend(last.pages)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "scans": ("image/tiff", scans),
    "packed scans": ("image/tiff", lambda: several("TIFF", compression="jpeg")),
    "film of PNG": ("image/png", lambda: several("PNG", blend=1)),
    "film of WebP": ("image/webp", lambda: several("WEBP", lossless=True)),
    "one photo": ("image/jpeg", samples.jpeg),
    "mixed PDF": ("application/pdf", mixed),
}


def timeless(reading: DocumentReading) -> DocumentReading:
    pages = tuple(msgspec.structs.replace(page, timings_ms={}) for page in reading.pages)
    return msgspec.structs.replace(reading, pages=pages)


@pytest.mark.parametrize("name", FILES)
def test_any_file_says_the_same_page_by_page(name: str) -> None:
    media_type, make = FILES[name]
    raw = make()
    whole = read_document(io.BytesIO(raw), media_type, Digester())

    turns = [read_document(io.BytesIO(raw), media_type, Digester(), first=page.page, go_s=0) for page in whole.pages]

    count = len(whole.pages)
    assert count == {"one photo": 1, "mixed PDF": 3}.get(name, 4)
    assert [(len(one.pages), one.pages_unread) for one in turns] == [(1, count - n - 1) for n in range(count)]
    joined = DocumentReading(tuple(page for one in turns for page in one.pages))
    assert timeless(joined) == timeless(whole)
    assert len({page.text for page in whole.pages}) == (2 if name == "mixed PDF" else count)
    if name == "mixed PDF":
        assert [page.source for page in whole.pages] == [Source.OCR, Source.TEXT_LAYER, Source.OCR]
        assert [code.text for code in joined.pages[1].barcodes] == ["LOT-7"]


def test_behind_the_last_page_there_is_none() -> None:
    for media_type, make in FILES.values():
        behind = read_document(io.BytesIO(make()), media_type, Digester(), first=4)
        assert behind == NOTHING


@pytest.fixture(scope="module")
def reader() -> Iterator[SandboxReader]:
    with reading_sandbox(1) as sandbox:
        yield SandboxReader(sandbox, sandbox, clock=lambda: pytest.fail("nothing is dated"))


def read(reader: SandboxReader, raw: bytes, media_type: str, so_far: DocumentReading) -> DocumentReading:
    with in_memory([raw]) as file:
        return DocumentReading.from_json(reader.read(file, media_type, so_far))


@pytest.mark.timeout(300)
def test_a_turn_is_one_page_that_is_read_and_the_words_are_those_of_the_whole(reader: SandboxReader) -> None:
    pages = [Image.open(io.BytesIO(delivery_note(PAPER, number=f"DN-2026-00{number}"))) for number in (41, 42)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    whole = Readers.shared().read(io.BytesIO(file.getvalue()), "image/tiff")

    first = read(reader, file.getvalue(), "image/tiff", NOTHING)
    second = read(reader, file.getvalue(), "image/tiff", first)

    assert [(len(one.pages), one.pages_unread) for one in (first, second)] == [(1, 1), (1, 0)]
    assert timeless(DocumentReading(first.pages + second.pages)) == timeless(whole)


@pytest.mark.timeout(300)
def test_pages_that_take_little_come_several_a_turn(reader: SandboxReader) -> None:
    made = pikepdf.open(io.BytesIO(samples.pdf_with_text(LINES)))
    for _ in range(5):
        made.pages.append(made.pages[0])
    file = io.BytesIO()
    made.save(file)

    turn = read(reader, file.getvalue(), "application/pdf", NOTHING)

    assert len(turn.pages) > 1


def test_a_papers_turns_together_take_no_longer_than_a_paper_may(reader: SandboxReader) -> None:
    (page,) = read_document(io.BytesIO(samples.jpeg()), "image/jpeg", Digester()).pages
    spent = msgspec.structs.replace(page, timings_ms={"recognise": int(READ_TIMEOUT_S * 600), "look_again": 0})

    with pytest.raises(PartsAway, match="parser_timeout"):
        read(reader, samples.tiff(3), "image/tiff", DocumentReading((spent, spent), 1))
