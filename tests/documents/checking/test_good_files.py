"""What shops really upload is accepted, with what is known of it; and no mutation of it raises anything but a refusal."""

from __future__ import annotations

import functools
import io
import random
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from documents.checking.checker import check
from documents.checking.codes import Code
from documents.checking.model import EXTENSIONS, CheckLimits, MediaType, PageSize
from documents.checking.sanitise import CLEANED, sanitise
from documents.rendering import pages
from documents.rendering.text import extract_text
from documents.sandbox import Refused
from tests.documents import samples


@functools.cache
def good(kind: str) -> bytes:
    made: dict[str, Callable[[], bytes]] = {
        "jpg": samples.jpeg,
        "progressive.jpg": lambda: samples.jpeg(progressive=True),
        "grey.jpg": lambda: samples.encoded("JPEG", samples.picture(mode="L")),
        "cmyk.jpg": lambda: samples.encoded("JPEG", samples.picture().convert("CMYK")),
        "png": samples.png,
        "palette.png": lambda: samples.encoded("PNG", samples.picture().convert("P")),
        "alpha.png": lambda: samples.encoded("PNG", samples.picture().convert("RGBA")),
        "bits.png": lambda: samples.encoded("PNG", samples.picture(61, 47).convert("1")),
        "webp": samples.webp,
        "lossless.webp": lambda: samples.webp(lossless=True),
        "alpha.webp": lambda: samples.encoded("WEBP", samples.picture().convert("RGBA")),
        "heic": samples.heic,
        "tif": lambda: samples.tiff(3),
        "lzw.tif": lambda: samples.tiff(2, compression="tiff_lzw"),
        "fax.tif": lambda: samples.encoded("TIFF", samples.picture().convert("1"), compression="group4"),
        "jpeg.tif": lambda: samples.encoded("TIFF", compression="jpeg"),
        "pdf": lambda: samples.pdf(2),
        "packed.pdf": lambda: samples.pdf(2, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "linear.pdf": lambda: samples.pdf(2, linearize=True),
        "docx": samples.word,
        "xlsx": samples.workbook,
        "csv": "貨號,數量\nOYS-510,12\n".encode,
        "txt": "送貨單".encode,
    }
    return made[kind]()


KINDS = [
    "jpg",
    "progressive.jpg",
    "grey.jpg",
    "cmyk.jpg",
    "png",
    "palette.png",
    "alpha.png",
    "bits.png",
    "webp",
    "lossless.webp",
    "alpha.webp",
    "heic",
    "tif",
    "lzw.tif",
    "fax.tif",
    "jpeg.tif",
    "pdf",
    "packed.pdf",
    "linear.pdf",
    "docx",
    "xlsx",
    "csv",
    "txt",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_file_is_accepted_without_remarks(kind: str) -> None:
    raw = good(kind)

    checked = check(io.BytesIO(raw), f"檔案.{kind}")

    assert checked.findings == ()
    assert checked.size == len(raw)
    assert checked.display_name == f"檔案.{kind}"
    assert checked.extension == kind.rpartition(".")[2]


def test_pages_and_sizes_are_known() -> None:
    tiff = check(io.BytesIO(good("tif")), "a.tif")
    pdf = check(io.BytesIO(good("pdf")), "a.pdf")

    assert (tiff.pages, tiff.page_sizes[2]) == (3, PageSize(64, 50))
    assert (pdf.pages, pdf.page_sizes[0]) == (2, PageSize(595, 842))


def test_interlaced_png_is_held_to_its_exact_size() -> None:
    raw = samples.encoded("PNG", samples.picture(61, 47).convert("L"))
    assert check(io.BytesIO(raw), "a.png").page_sizes == (PageSize(61, 47),)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Delivery note DN-2026-001, twelve cartons of oyster sauce", "received in full at Mong Kok"], True),
        (["Too short"], False),
    ],
)
def test_a_text_layer_worth_reading_is_told(lines: list[str], expected: bool) -> None:
    assert check(io.BytesIO(samples.pdf_with_text(lines)), "a.pdf").text_layer is expected


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (samples.jpeg() + samples.samsung_trailer(), "trailer"),
        (samples.jpeg() + samples.film(), "film"),
        (samples.jpeg_with_segment(0xE2, b"MPF\0" + bytes(40)) + samples.jpeg() + samples.jpeg(), "pictures"),
        (
            samples.jpeg_with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0 <Container:Directory>")
            + samples.jpeg()
            + samples.film(),
            "pictures, film",
        ),
    ],
    ids=["trailer", "film", "pictures", "both"],
)
def test_what_phones_append_is_accepted_and_named(raw: bytes, kind: str) -> None:
    checked = check(io.BytesIO(raw), "IMG_0001.JPG")

    assert [(each.code, each.detail["kind"]) for each in checked.findings] == [(Code.CAMERA_EXTRAS, kind)]


def test_harmless_pdf_habits_are_accepted() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root["/OpenAction"] = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com")),
        )
        pdf.pages[0]["/Annots"] = pikepdf.Array([pdf.make_indirect(link)])

    raw = samples.pdf(change=change)

    findings = check(io.BytesIO(raw + b"\r\n\0\0"), "a.pdf").findings

    assert [(each.code, each.detail) for each in findings] == [(Code.PDF_LINKS, {"count": 1})]


@pytest.mark.parametrize("packed", [False, True], ids=["as they lie in the file", "packed"])
def test_only_what_unpacks_counts_against_the_bound_of_unpacking(*, packed: bool) -> None:
    pictures = [samples.encoded("JPEG", Image.effect_noise((300, 300), 90)) for _ in range(3)]

    def change(pdf: pikepdf.Pdf) -> None:
        for raw in pictures:
            stream = pikepdf.Stream(pdf, raw)
            stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            stream.Width = stream.Height = 300
            stream.Filter = pikepdf.Name.DCTDecode
            if packed:
                stream = pikepdf.Stream(pdf, zlib.compress(raw))
                stream.Filter = pikepdf.Name.FlateDecode
            pdf.pages[0].Resources.XObject[f"/I{len(pdf.pages[0].Resources.XObject)}"] = pdf.make_indirect(stream)

    def with_resources(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary())
        change(pdf)

    raw = samples.pdf(change=with_resources)
    limits = CheckLimits(unpacked_total_max=2 * len(pictures[0]))

    if packed:
        with pytest.raises(Refused) as raised:
            check(io.BytesIO(raw), "a.pdf", limits=limits)
        assert raised.value.code == Code.DECOMPRESSION_BOMB
    else:
        # A scan of hundreds of pages is large, and unpacks to nothing.
        assert check(io.BytesIO(raw), "a.pdf", limits=limits).size == len(raw)


@pytest.mark.parametrize("target", ["file:///C:\\Users\\chan\\Letter.dotm", "C:/Letter.dotm", "Normal.dotm"])
def test_the_template_on_the_author_s_own_drive_is_no_fault_of_a_letter(target: str) -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        f'Type="http://x/attachedTemplate" Target="{target}" TargetMode="External"/></Relationships>'
    )

    raw = samples.repacked(good("docx"), {"word/_rels/settings.xml.rels": relations.encode()})

    assert [each.code for each in check(io.BytesIO(raw), "a.docx").findings] == [Code.OFFICE_LINKS]


def test_a_link_in_a_letter_is_counted() -> None:
    relations = samples.part(good("docx"), "word/_rels/document.xml.rels")
    more = relations.replace(
        b"</Relationships>",
        b'<Relationship Id="rX" TargetMode="External" Target="https://a" Type="http://x/relationships/hyperlink"/>'
        b"</Relationships>",
    )

    checked = check(io.BytesIO(samples.repacked(good("docx"), {"word/_rels/document.xml.rels": more})), "a.docx")

    assert [(each.code, each.detail) for each in checked.findings] == [(Code.OFFICE_LINKS, {"count": 1})]


def test_a_large_photo_is_checked_without_decoding_it_whole() -> None:
    raw = samples.encoded("JPEG", Image.effect_noise((1200, 900), 40).convert("RGB"), quality=90)

    assert check(io.BytesIO(raw), "a.jpg").page_sizes == (PageSize(1200, 900),)


def test_noise_is_not_taken_for_markup_or_archives() -> None:
    chance = random.Random(7)

    for _ in range(300):
        comment = chance.randbytes(16_000).replace(b"%PDF-", b"")
        check(io.BytesIO(samples.jpeg_with_segment(0xFE, b"<%@ <?= " + comment)), "a.jpg")


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "heic", "lzw.tif", "pdf", "xlsx"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_mutation_raises_anything_but_a_refusal(kind: str, data: st.DataObject) -> None:
    raw = bytearray(good(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))

    media_type = EXTENSIONS[kind.rpartition(".")[2]]
    for look in (_look, _clean, _draw_or_read):
        try:
            look(bytes(raw), kind, media_type)
        except Refused as refusal:
            Code(refusal.code)


def _look(raw: bytes, kind: str, media_type: MediaType) -> None:
    assert check(io.BytesIO(raw), f"a.{kind}").media_type == media_type


def _clean(raw: bytes, kind: str, media_type: MediaType) -> None:
    del kind
    if media_type in CLEANED:
        sanitise(raw, media_type)


def _draw_or_read(raw: bytes, kind: str, media_type: MediaType) -> None:
    del kind
    if media_type == MediaType.XLSX:
        extract_text(io.BytesIO(raw), media_type)
        return
    with pages.opened(io.BytesIO(raw), media_type, 10_000_000) as document:
        document.picture(0, long_side=64)


@pytest.mark.parametrize("zeros", [2, 100, 1_500_000])
@pytest.mark.parametrize(("raw", "name"), [(samples.jpeg(), "a.jpg"), (samples.tiff(pages=2), "a.tif")])
def test_zeros_may_follow_where_cameras_and_scanners_round_up_with_them(raw: bytes, name: str, zeros: int) -> None:
    checked = check(io.BytesIO(raw + bytes(zeros)), name)

    assert not {finding.code for finding in checked.findings} & {Code.CAMERA_EXTRAS, Code.TRAILING_DATA}


@pytest.mark.parametrize("zeros", [1, 100, 1_500])
def test_a_few_zeros_may_follow_a_pdf(zeros: int) -> None:
    assert check(io.BytesIO(samples.pdf() + bytes(zeros)), "a.pdf").media_type == MediaType.PDF


def test_zeros_may_stand_before_each_picture_that_is_announced() -> None:
    first = samples.jpeg_with_segment(0xE2, b"MPF\0" + bytes(40))

    checked = check(io.BytesIO(first + bytes(13) + samples.jpeg() + bytes(509)), "a.jpg")

    assert [(each.code, each.detail["kind"]) for each in checked.findings] == [(Code.CAMERA_EXTRAS, "pictures")]
