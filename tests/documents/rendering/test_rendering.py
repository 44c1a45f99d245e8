"""Pages as pictures, files as text: bare pixels, upright, within bounds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from PIL import Image

from documents.checking.codes import Code
from documents.checking.model import MediaType
from documents.rendering import pages
from documents.rendering.model import THUMBNAIL_LONG_SIDE, Encoding, RenderLimits
from documents.rendering.service import PRELOAD, Renderer
from documents.rendering.text import extract_text
from documents.sandbox import Refused, Sandbox, SpoolFileRef
from tests.documents import samples

PIXELS = 1_000_000


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Sandbox(1, preload=PRELOAD) as made:
        yield Renderer(made)


def drawn(raw: bytes, media_type: MediaType, page: int = 0, **options: Any) -> Image.Image:
    with pages.opened(io.BytesIO(raw), media_type, PIXELS) as document:
        return document.picture(page, **options)


def marked() -> Image.Image:
    """White, with a black top left quarter."""
    made = Image.new("RGB", (80, 60), "white")
    made.paste("black", (0, 0, 40, 30))
    return made


def is_dark(picture: Image.Image, x: float, y: float) -> bool:
    return bool(np.asarray(picture.convert("L"))[int(picture.height * y), int(picture.width * x)] < 128)


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0.2, 0.2)), (3, (0.8, 0.8)), (6, (0.8, 0.2)), (8, (0.2, 0.8))],
)
def test_a_photo_is_turned_upright(orientation: int, corner: tuple[float, float]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = samples.encoded("JPEG", marked(), exif=exif, quality=95)

    picture = drawn(raw, MediaType.JPEG)

    assert is_dark(picture, *corner)
    assert picture.size == ((80, 60) if orientation in {1, 3} else (60, 80))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = Image.fromarray((np.asarray(marked().convert("L")).astype(np.uint16)) * 257) if mode == "I;16" else marked()
    image = image if mode == "I;16" else image.convert(mode)
    kind, media_type = ("TIFF", MediaType.TIFF) if mode == "CMYK" else ("PNG", MediaType.PNG)

    picture = drawn(samples.encoded(kind, image), media_type)

    assert picture.mode == "RGB"
    assert is_dark(picture, 0.2, 0.2)
    assert not is_dark(picture, 0.8, 0.8)


def test_what_is_transparent_becomes_paper() -> None:
    picture = drawn(samples.encoded("PNG", Image.new("RGBA", (8, 8), (0, 0, 0, 0))), MediaType.PNG)

    assert picture.getpixel((4, 4)) == (255, 255, 255)


def test_a_pdf_is_drawn_at_its_resolution_or_to_fit() -> None:
    raw = samples.pdf(2)

    assert drawn(raw, MediaType.PDF, dpi=72).size == (595, 842)
    assert max(drawn(raw, MediaType.PDF, 1, long_side=320).size) == 320
    with pytest.raises(Refused, match="too_many_pixels"):
        drawn(raw, MediaType.PDF, dpi=300)


def test_each_page_of_a_tiff_is_its_own() -> None:
    raw = samples.tiff(3)

    assert [drawn(raw, MediaType.TIFF, page).height for page in range(3)] == [48, 49, 50]
    with pytest.raises(Refused):
        drawn(raw, MediaType.TIFF, 3)


def test_a_picture_is_encoded_from_pixels_alone() -> None:
    raw = samples.jpeg(exif=samples.exif_with_secrets(), icc_profile=b"p" * 300)

    for encoding in Encoding:
        content = pages.encoded(drawn(raw, MediaType.JPEG), encoding)
        assert not [secret for secret in samples.SECRETS if secret in content]
        assert not [mark for mark in (b"Exif", b"ICC", b"iCCP", b"eXIf") if mark in content]


def test_too_many_pixels_and_damage_are_refused() -> None:
    with pytest.raises(Refused, match="too_many_pixels"):
        drawn(samples.encoded("PNG", samples.picture(1200, 1200)), MediaType.PNG)
    with pytest.raises(Refused, match="damaged"):
        drawn(b"junk", MediaType.JPEG)
    with pytest.raises(Refused, match="damaged"):
        drawn(b"%PDF-1.7 junk", MediaType.PDF)
    with pytest.raises(Refused, match="type_not_allowed"):
        drawn(samples.word(), MediaType.DOCX)


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (samples.jpeg(), MediaType.JPEG),
        (samples.heic(), MediaType.HEIC),
        (samples.webp(), MediaType.WEBP),
        (samples.tiff(2), MediaType.TIFF),
        (samples.pdf(2), MediaType.PDF),
    ],
    ids=["jpeg", "heic", "webp", "tiff", "pdf"],
)
def test_thumbnails_come_out_of_the_sandbox(
    renderer: Renderer, tmp_path: Path, raw: bytes, media_type: MediaType
) -> None:
    (tmp_path / "f").write_bytes(raw)

    picture = renderer.thumbnail(SpoolFileRef(tmp_path / "f"), media_type)

    with Image.open(io.BytesIO(picture.content)) as opened:
        assert opened.size == (picture.width, picture.height)
        assert max(opened.size) <= THUMBNAIL_LONG_SIDE
        assert opened.format == "JPEG"
    assert picture.pages == (2 if media_type in {MediaType.TIFF, MediaType.PDF} else 1)


def test_a_refusal_comes_out_of_the_sandbox(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"junk")

    with pytest.raises(Refused) as caught:
        renderer.page(SpoolFileRef(tmp_path / "f"), MediaType.PDF, 0)

    assert caught.value.code == Code.DAMAGED


# -------------------------------------------------------------------------------------------- text


def text_of(raw: bytes, media_type: MediaType, **limits: int) -> str:
    return extract_text(io.BytesIO(raw), media_type, RenderLimits(**limits)).text


def test_a_letter_reads_in_order_with_its_tables() -> None:
    text = text_of(samples.word(("送貨單 DN-2026-001", "Delivered in full")), MediaType.DOCX)

    assert text.split("\n")[:3] == ["送貨單 DN-2026-001", "Delivered in full", "蠔油 \t12 \t"]


def test_notes_and_text_boxes_of_a_letter_come_once() -> None:
    body = samples.part(samples.word(("x",)), "word/document.xml")
    box = (
        b'<w:r><mc:AlternateContent xmlns:mc="http://mc"><mc:Choice><w:t>boxed</w:t></mc:Choice>'
        b"<mc:Fallback><w:t>boxed</w:t></mc:Fallback></mc:AlternateContent></w:r><w:r><w:delText>gone</w:delText></w:r>"
    )
    header = b'<w:hdr xmlns:w="http://w"><w:p><w:r><w:t>letterhead</w:t></w:r></w:p></w:hdr>'
    raw = samples.repacked(
        samples.word(("x",)),
        {"word/document.xml": body.replace(b"<w:p>", b"<w:p>" + box, 1), "word/header9.xml": header},
    )

    text = text_of(raw, MediaType.DOCX)

    assert text.startswith("letterhead\n")
    assert text.count("boxed") == 1
    assert "gone" not in text


def test_a_workbook_reads_by_rows_with_dates_and_numbers() -> None:
    from datetime import date, datetime

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "收貨"
    sheet.append(["貨號", "有效日期", "單價", None, "備註"])
    sheet.append(["OYS-510", date(2027, 3, 31), 12.5, None, "第一行\n第二行"])
    sheet.append([datetime(2026, 11, 22, 10, 30), True])  # noqa: DTZ001  a cell has no zone
    out = io.BytesIO()
    book.save(out)

    lines = text_of(out.getvalue(), MediaType.XLSX).split("\n")

    assert lines[0] == "收貨"
    assert lines[1] == "貨號\t有效日期\t單價\t\t備註"
    assert lines[2] == "OYS-510\t2027-03-31\t12.5\t\t第一行 第二行"
    assert lines[3] == "2026-11-22 10:30:00\tTrue"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "big5"])
def test_text_files_read_in_their_encoding(codec: str) -> None:
    source = "送貨單號碼，今日收到貨品十二箱\r\n請查核數量"

    told = extract_text(io.BytesIO(source.encode(codec)), MediaType.TEXT)

    assert told.text == "送貨單號碼，今日收到貨品十二箱\n請查核數量"
    assert told.encoding.startswith(codec)


def test_what_is_beyond_the_bounds_is_left_out_and_told() -> None:
    told = extract_text(io.BytesIO(b"x" * 5_000), MediaType.TEXT, RenderLimits(chars_max=100))

    assert (len(told.text), told.is_cut) == (100, True)
    assert not extract_text(io.BytesIO(b"x" * 100), MediaType.TEXT, RenderLimits(chars_max=100)).is_cut
    assert text_of(samples.workbook((("a", "b"), ("c", "d"))), MediaType.XLSX, rows_max=1, columns_max=1) == "Sheet\na"


def test_marks_that_turn_or_hide_text_do_not_come_along() -> None:
    assert text_of("a\u202eb\u200bc\x07d".encode(), MediaType.TEXT) == "abcd"


def test_a_damaged_office_file_is_refused() -> None:
    with pytest.raises(Refused, match="damaged"):
        text_of(b"PK\x03\x04junk", MediaType.DOCX)
    with pytest.raises(Refused, match="damaged"):
        text_of(b"PK\x03\x04junk", MediaType.XLSX)
    with pytest.raises(Refused, match="type_not_allowed"):
        text_of(samples.pdf(), MediaType.PDF)


def test_text_comes_out_of_the_sandbox(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(samples.word())

    assert "送貨單" in renderer.text(SpoolFileRef(tmp_path / "f"), MediaType.DOCX).text
