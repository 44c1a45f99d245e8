from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from documents.extraction.extracting import extract
from documents.extraction.model import ReviewItem, ReviewReason
from documents.reading.barcodes import parse_gs1, read_barcodes
from documents.reading.decoding import spell
from documents.reading.errors import ModelMissing, NotAPicture, ReadingInvalid, TooLarge
from documents.reading.fallback import FallBack
from documents.reading.folding import Folding
from documents.reading.model import DocumentReading, PageReading, Quad, Source
from documents.reading.models import PINNED, RECOGNISER, packaged_folder, require_model
from documents.reading.pages import read_document
from documents.reading.pictures import Limits
from documents.reading.rapid import RapidReader
from documents.reading.tasks import Readers
from documents.reading.tesseract import TesseractReader
from tests.documents import samples
from tests.documents.papers import Paper, chinese_delivery, english_invoice


@pytest.fixture(scope="module")
def rapid() -> RapidReader:
    return RapidReader()


@pytest.fixture(scope="module")
def tesseract() -> TesseractReader:
    return TesseractReader()


def jpeg(paper: Paper, *, turn: int = 0, exif: int | None = None) -> io.BytesIO:
    picture = Image.fromarray(np.ascontiguousarray(paper.picture()[:1100, :, ::-1])).rotate(-turn, expand=True)
    file = io.BytesIO()
    tags = Image.Exif()
    if exif is not None:
        tags[0x0112] = exif
    picture.save(file, "JPEG", quality=92, exif=tags)
    file.seek(0)
    return file


def test_a_drawn_document_is_read_and_understood(rapid: RapidReader) -> None:
    paper = english_invoice()

    extraction = extract(read_document(jpeg(paper), "image/jpeg", rapid))

    assert extraction.fields["doc_no"].value == paper.fields["doc_no"]
    assert [row.text("sku") for row in extraction.rows] == [row["sku"] for row in paper.rows]
    assert [row.text("quantity") for row in extraction.rows] == [row["quantity"] for row in paper.rows]


@pytest.mark.parametrize("turn", [90, 180])
def test_a_page_is_turned_upright(rapid: RapidReader, turn: int) -> None:
    reading = read_document(jpeg(chinese_delivery(), turn=turn), "image/jpeg", rapid)

    page = reading.pages[0]
    assert (page.rotation + turn) % 360 == 0
    assert page.width > page.height
    assert "榮豐糧油有限公司" in page.text


def test_the_camera_says_which_way_up(rapid: RapidReader) -> None:
    upright_by_exif = jpeg(chinese_delivery(), turn=90, exif=8)

    page = read_document(upright_by_exif, "image/jpeg", rapid).pages[0]

    assert page.rotation == 0
    assert "送貨件數" in page.text


def test_a_reading_comes_back_the_same(rapid: RapidReader) -> None:
    reading = read_document(jpeg(chinese_delivery()), "image/jpeg", rapid)

    assert DocumentReading.from_json(reading.to_json()) == reading


@pytest.mark.parametrize("stored", [b"", b"{}", b'{"pages":[],"format":"chopbook-reading/2"}', b"\xff"])
def test_other_bytes_are_no_reading(stored: bytes) -> None:
    with pytest.raises(ReadingInvalid):
        DocumentReading.from_json(stored)


def test_only_pinned_models_are_loaded(tmp_path: Path) -> None:
    for name in PINNED:
        shutil.copyfile(packaged_folder() / name, tmp_path / name)
    with (tmp_path / RECOGNISER).open("ab") as file:
        file.write(b"\0")

    with pytest.raises(ModelMissing, match="expected SHA-256"):
        RapidReader(tmp_path)
    with pytest.raises(ModelMissing, match="got no file"):
        require_model(RECOGNISER, tmp_path / "elsewhere")


def test_the_pinned_digests_are_those_of_the_package() -> None:
    for name, digest in PINNED.items():
        assert hashlib.sha256((packaged_folder() / name).read_bytes()).hexdigest() == digest


def test_folding_gives_simplified_columns_to_traditional_ones() -> None:
    folding = Folding(["blank", "货", "貨", "×", "x", "恒", "恆"])
    probabilities = np.array([[0.0, 0.5, 0.4, 0.0, 0.0, 0.1, 0.0]], dtype=np.float32)

    folded = folding.fold(probabilities)

    assert len(folding) == 2
    assert folded[0, 1] == 0
    assert folded[0, 2] == pytest.approx(0.9)
    assert folded[0, 5] == pytest.approx(0.1)


def test_a_page_in_simplified_characters_is_left_so() -> None:
    folding = Folding(["blank", "货", "貨", "单", "單"])

    assert folding.is_simplified([("货", 0.99), ("单", 0.99)] * 10)
    assert not folding.is_simplified([("货", 0.5), ("單", 0.99)] * 20)


def test_characters_of_one_meaning_share_their_probability() -> None:
    dictionary = ["blank", "x", "X", "×", "(", "（", "9"]
    probabilities = np.array([[0, 0.4, 0.3, 0.2, 0, 0, 0.1], [0, 0, 0, 0, 0.5, 0.45, 0.05], [0.2, 0, 0, 0, 0, 0, 0.8]])

    spelled = spell(probabilities.astype(np.float32), dictionary, 1.0, Folding(dictionary).alike())

    assert spelled.text == "x(9"
    assert spelled.probabilities == pytest.approx((0.9, 0.95, 0.8))


def test_tesseract_reads_ideographs_where_it_is_asked_to(tesseract: TesseractReader) -> None:
    paper = chinese_delivery()
    (line,) = (line for line in paper.reading().pages[0].lines if line.text == "榮豐糧油有限公司")
    quad = tuple((x - 4 if at in {0, 3} else x + 40, y + (2 if at < 2 else 22)) for at, (x, y) in enumerate(line.quad))

    (found,) = tesseract.read_crops(paper.picture(), [quad], chinese=True)  # type: ignore[list-item]

    assert found.replace(" ", "") == "榮豐糧油有限公司"


def test_tesseract_reads_many_places_in_one_go(tesseract: TesseractReader) -> None:
    paper = english_invoice()
    wanted = [text for text in paper.texts if text.text in {"HK$824.00", "QT-5120", "HD-2026-118", "804.00"}]
    lines = {line.text: line.quad for line in paper.reading().pages[0].lines}

    # What is drawn is a little lower than where it was placed: a font has a line above it.
    quads = [tuple((x - 4 if at in {0, 3} else x + 40, y + (2 if at < 2 else 12)) for at, (x, y) in enumerate(lines[text.text])) for text in wanted]  # fmt: skip
    found = tesseract.read_crops(paper.picture(), quads)  # type: ignore[arg-type]

    assert [text.replace(" ", "") for text in found] == [text.text for text in wanted]


class Broken:
    """A first reader whose runtime fails on every page."""

    engine = "broken 1"
    engine_digest = "00" * 32

    def read(self, image: NDArray[np.uint8]) -> PageReading:
        raise RuntimeError("no such operator")

    def read_crop(self, image: NDArray[np.uint8], quad: Quad) -> tuple[str, float]:
        raise RuntimeError("no such operator")


def test_a_page_that_breaks_the_first_reader_is_read_by_the_second(tesseract: TesseractReader) -> None:
    reading = read_document(jpeg(english_invoice()), "image/jpeg", FallBack(Broken(), tesseract))

    (page,) = reading.pages
    assert (page.engine, page.is_fall_back) == (tesseract.engine, True)
    assert "HD-2026-118" in page.text


def test_without_its_models_every_page_is_the_second_readers_and_a_person_is_asked(tmp_path: Path) -> None:
    reading = Readers.of(tmp_path).read(jpeg(english_invoice()), "image/jpeg")

    extraction = extract(reading)
    (page,) = reading.pages
    assert (page.is_fall_back, page.models, page.rereads) == (True, (), ())
    assert not extraction.straight_through
    assert ReviewItem("reader", ReviewReason.FALL_BACK) in extraction.review
    assert "second_reader" not in {one for field in extraction.fields.values() for one in field.evidence}


def test_barcodes_and_what_gs1_says() -> None:
    text = "010489748220595717260819" + "10B404141"
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    picture = np.asarray(zxingcpp.write_barcode_to_image(made, scale=8))

    found = read_barcodes(np.ascontiguousarray(np.pad(picture, 40, constant_values=255)))

    assert [code.text for code in found] == [text]
    assert found[0].gs1 is not None
    assert (found[0].gs1.gtin, found[0].gs1.expiry, found[0].gs1.batch) == ("04897482205957", "2026-08-19", "B404141")


@pytest.mark.parametrize("text", ["DO314291", "010489748220595817260819", "", "(01)", "]d2"])
def test_a_broken_gs1_string_says_nothing(text: str) -> None:
    assert parse_gs1(text) is None


def pdf(paper: Paper) -> io.BytesIO:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(paper.picture()[:, :, ::-1])).save(file, "PDF", resolution=200)
    file.seek(0)
    return file


def test_a_scanned_pdf_is_read_from_its_picture(rapid: RapidReader) -> None:
    reading = read_document(pdf(english_invoice()), "application/pdf", rapid)

    assert reading.pages[0].source is Source.OCR
    assert "HD-2026-118" in reading.pages[0].text


def test_a_pdf_that_carries_its_text_is_not_read_again() -> None:
    lines = ["DELIVERY NOTE DN-2026-0451", "Supplier: Harbour Dairy Supplies Ltd.", "Oat Milk 1L 6 bottles batch M0042"]

    reading = read_document(io.BytesIO(samples.pdf_with_text(lines)), "application/pdf", Broken())

    (page,) = reading.pages
    assert (page.source, page.is_fall_back) == (Source.TEXT_LAYER, False)
    assert all(line in page.text for line in lines)
    few = samples.pdf_with_text(["Page 1"])
    with pytest.raises(RuntimeError, match="no such operator"):
        read_document(io.BytesIO(few), "application/pdf", Broken())


def test_pages_beyond_the_limit_are_counted(rapid: RapidReader) -> None:
    small = Image.new("RGB", (300, 200), "white")
    file = io.BytesIO()
    small.save(file, "TIFF", save_all=True, append_images=[small, small])
    file.seek(0)

    reading = read_document(file, "image/tiff", rapid, limits=Limits(pages_max=1))

    assert (len(reading.pages), reading.pages_unread) == (1, 2)


def test_what_is_no_picture_is_refused(rapid: RapidReader) -> None:
    with pytest.raises(NotAPicture):
        read_document(io.BytesIO(b"not a picture"), "image/png", rapid)
    with pytest.raises(NotAPicture):
        read_document(io.BytesIO(b"%PDF-1.4 no"), "application/pdf", rapid)
    with pytest.raises(TooLarge):
        read_document(jpeg(english_invoice()), "image/jpeg", rapid, limits=Limits(pixels_max=1000))
