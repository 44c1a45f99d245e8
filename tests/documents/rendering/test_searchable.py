"""The searchable copy: PDF/A, looking like the page, with its words to be found and copied."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import pdfa
from PIL import Image

from documents.checking.checker import check
from documents.checking.model import MediaType
from documents.reading.model import DocumentReading, PageReading, Source
from documents.reading.model import Line as ReadLine
from documents.reading.model import Word as ReadWord
from documents.rendering.archival import require_archival
from documents.rendering.errors import NotArchival
from documents.rendering.font import UnseenFont
from documents.rendering.model import Encoding
from documents.rendering.pages import encoded
from documents.rendering.searchable import Line, Page, Quad, Scan, Word, searchable_pdf
from documents.rendering.service import PRELOAD, Renderer
from documents.sandbox import Sandbox, SpoolFileRef
from tests.documents import samples

MADE_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
WIDTH, HEIGHT = 1240, 1754


def box(x: float, y: float, width: float, height: float) -> Quad:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def words(*placed: tuple[str, float, float]) -> tuple[Word, ...]:
    """Words at y = 300 with their x and width."""
    return tuple(Word(text, box(x, 300, width, 40)) for text, x, width in placed)


def copy_of(*lines: Line, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    picture = encoded(Image.new("RGB", (width, height), "white"), Encoding.JPEG)
    return searchable_pdf(
        [Scan(picture, width, height, None, Page(width, height, lines))], title="DN-1", made_at=MADE_AT
    )


def text_of(pdf: bytes, page: int = 0) -> list[str]:
    """What a viewer copies, line by line."""
    document = pypdfium2.PdfDocument(pdf)
    text = document[page].get_textpage()
    lines = [line.rstrip(" ") for line in text.get_text_bounded().splitlines()]
    text.close()
    document.close()
    return lines


LINES = (
    Line("送貨單 DELIVERY NOTE", box(100, 100, 700, 50)),
    Line("收貨人：𨋢記茶餐廳有限公司", box(100, 200, 650, 40)),
    Line("數量12箱", box(100, 300, 200, 40), words(("數量", 100, 80), ("12", 180, 40), ("箱", 220, 40))),
    Line("Oyster sauce 蠔油 510g", box(400, 400, 500, 40)),
)


def test_chinese_is_copied_in_reading_order_without_spaces() -> None:
    assert text_of(copy_of(*LINES)) == [line.text for line in LINES]


def test_another_reader_agrees(tmp_path: Path) -> None:
    (tmp_path / "copy.pdf").write_bytes(copy_of(*LINES))

    done = subprocess.run(["pdftotext", "-raw", str(tmp_path / "copy.pdf"), "-"], capture_output=True, check=True)

    assert [line.rstrip() for line in done.stdout.decode().split("\n")][:4] == [line.text for line in LINES]


def test_the_copy_is_archival_and_says_so() -> None:
    pdf = copy_of(*LINES)

    assert pdfa.validate_written(io.BytesIO(pdf), "2b").verdict == "pass"
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert metadata["dc:title"] == "DN-1"
        assert opened.Root.Lang == "zh-Hant-HK"


def test_the_copy_passes_the_checks_of_an_upload() -> None:
    pdf = copy_of(*LINES)

    checked = check(io.BytesIO(pdf), "copy.pdf")

    assert (checked.pages, checked.findings) == (1, ())


def test_the_same_page_makes_the_same_bytes() -> None:
    assert copy_of(*LINES) == copy_of(*LINES)


def test_characters_stand_where_they_were_read() -> None:
    pdf = copy_of(Line("送貨單", box(100, 200, 300, 60)))
    document = pypdfium2.PdfDocument(pdf)
    scale = document[0].get_width() / WIDTH
    text = document[0].get_textpage()

    boxes = [text.get_charbox(number) for number in range(3)]

    for number, (left, bottom, right, top) in enumerate(boxes):
        assert left / scale == pytest.approx(100 + 100 * number, abs=2)
        assert right / scale == pytest.approx(200 + 100 * number, abs=2)
        assert HEIGHT - top / scale == pytest.approx(200, abs=3)
        assert HEIGHT - bottom / scale == pytest.approx(260, abs=3)
    text.close()
    document.close()


def test_the_words_are_not_seen() -> None:
    document = pypdfium2.PdfDocument(copy_of(*LINES))
    drawn = np.asarray(document[0].render(scale=2).to_pil().convert("L"))
    document.close()

    assert drawn.min() > 250


def test_tilted_and_upright_lines_are_written_too() -> None:
    tilted = Line("斜斜的一行字", ((100, 300), (500, 340), (496, 380), (96, 340)))
    upright = Line("直排", box(1000, 300, 40, 100))

    lines = text_of(copy_of(tilted, upright))

    assert "".join(lines[:1]) == "斜斜的一行字"
    assert "".join(lines[1:]) == "直排"


@pytest.mark.parametrize(
    "line",
    [
        Line("ABC 123", box(0, 300, 200, 40), words(("WRONG", 0, 50), ("123", 100, 50))),
        Line("ABC 123", box(0, 300, 200, 40), words(("ABC", 0, 50))),
        Line("ABC 123", box(0, 300, 200, 40)),
    ],
    ids=["other words", "missing words", "no words"],
)
def test_where_the_words_do_not_make_up_the_line_the_line_is_right(line: Line) -> None:
    assert text_of(copy_of(line)) == ["ABC 123"]


@pytest.mark.parametrize("text", ["", "   "])
def test_lines_and_pages_without_text_are_pages_all_the_same(text: str) -> None:
    assert text_of(copy_of(Line(text, box(0, 0, 10, 10)))) == []
    assert text_of(copy_of()) == []


def test_a_place_without_size_is_left_out() -> None:
    assert text_of(copy_of(Line("nowhere", box(5, 5, 0, 0)), Line("here", box(5, 50, 100, 20)))) == ["here"]


def test_many_different_characters_fit() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(300))

    assert "".join(text_of(copy_of(Line(text, box(0, 100, 1200, 10))))) == text


def test_a_character_has_one_code_and_codes_begin_at_one() -> None:
    font = UnseenFont()

    assert font.encode("單A單") == b"\0\1\0\2\0\1"
    assert font.width("單A") == 1.5


def test_a_file_that_is_not_archival_is_an_error_that_names_the_rule() -> None:
    with pytest.raises(NotArchival, match="PDF/A-2b") as caught:
        require_archival(io.BytesIO(samples.pdf_with_text(["not embedded"])))

    assert caught.value.rules


# ----------------------------------------------------------------------------- through the sandbox


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Sandbox(1, preload=PRELOAD) as made:
        yield Renderer(made)


def reading(*pages: PageReading) -> bytes:
    return DocumentReading(pages).to_json()


def read_page(number: int, width: int, height: int, text: str, rotation: int = 0) -> PageReading:
    quad = ((10, 10), (10 + 20 * len(text), 10), (10 + 20 * len(text), 30), (10, 30))
    line = ReadLine(text, text, quad, 0.99, (ReadWord(text, text, quad, 0.99),))
    return PageReading(number, width, height, rotation, "engine", "00", (), Source.OCR, (line,))


def test_a_stored_reading_and_its_file_become_a_copy(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(samples.pdf(2))
    stored = reading(read_page(0, 1653, 2339, "第一頁"), read_page(1, 1653, 2339, "第二頁"))

    pdf = renderer.searchable(SpoolFileRef(tmp_path / "f"), MediaType.PDF, stored, title="T", made_at=MADE_AT)

    assert [text_of(pdf, number) for number in range(2)] == [["第一頁"], ["第二頁"]]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert [float(edge) for edge in opened.pages[0].MediaBox] == [0, 0, 595, 842]


def test_a_photo_read_turned_is_copied_turned(renderer: Renderer, tmp_path: Path) -> None:
    photo = Image.new("RGB", (400, 300), "white")
    photo.paste("black", (0, 0, 200, 150))
    (tmp_path / "f").write_bytes(samples.encoded("PNG", photo))
    stored = reading(read_page(0, 300, 400, "上", rotation=90))

    pdf = renderer.searchable(SpoolFileRef(tmp_path / "f"), MediaType.PNG, stored, title="T", made_at=MADE_AT)

    document = pypdfium2.PdfDocument(pdf)
    drawn = document[0].render(scale=0.5).to_pil().convert("L")
    document.close()
    assert drawn.height > drawn.width
    assert drawn.getpixel((int(drawn.width * 0.8), int(drawn.height * 0.2))) < 60
    assert drawn.getpixel((int(drawn.width * 0.2), int(drawn.height * 0.8))) > 200


def test_a_page_that_was_not_read_is_copied_without_words(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(samples.tiff(2))
    stored = reading(read_page(1, 64, 49, "二"))

    pdf = renderer.searchable(SpoolFileRef(tmp_path / "f"), MediaType.TIFF, stored, title="T", made_at=MADE_AT)

    assert [text_of(pdf, number) for number in range(2)] == [[], ["二"]]


def test_the_page_of_a_reading_is_what_is_asked_of_it() -> None:
    stored = reading(read_page(0, 10, 20, "一"))

    page = msgspec.convert(msgspec.json.decode(stored)["pages"][0], Page)

    assert (page.width, page.height, page.lines[0].words[0].text) == (10, 20, "一")
