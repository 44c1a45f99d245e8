"""Every attack on an upload that is made of a file: a sample made here, and the one code it is refused with."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from PIL import Image

from documents.checking import pdf_streams
from documents.checking.checker import check
from documents.checking.codes import NOTES, Code
from documents.checking.model import CheckLimits, MediaType
from documents.checking.signatures import require_single_nature
from documents.sandbox import Refused
from tests.documents import samples

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
PHP = b"<?php system($_GET['c']); ?>"
ZIP = samples.archive({"evil.exe": b"MZ" + bytes(100)})
PNG = samples.png()
JPEG = samples.jpeg()
PDF = samples.pdf()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SMALL = CheckLimits(unpacked_max=4_000_000, unpacked_total_max=16_000_000, objects_max=2_000)


def rows(*all_rows: tuple[object, ...]) -> list[Any]:
    """Parameters with names that are the same in every process: samples hold the time of their making."""
    named: list[Any] = []
    for number, row in enumerate(all_rows, 1):
        words = [str(each) for each in row if isinstance(each, str) and each.isascii()]
        named.append(pytest.param(*row, id="-".join([str(number), *words]).replace("/", ".")))
    return named


def refusal(raw: bytes, name: str, limits: CheckLimits | None = None) -> Code:
    with pytest.raises(Refused) as caught:
        check(io.BytesIO(raw), name, limits=limits)
    code = Code(caught.value.code)
    assert code not in NOTES
    return code


# ------------------------------------------------------------ one kind dressed as another, or two at once


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    rows(
        ("page.html", HTML, Code.ACTIVE_TEXT),
        ("drawing.svg", SVG, Code.ACTIVE_TEXT),
        ("data.xml", b"<?xml version='1.0'?><a/>", Code.ACTIVE_TEXT),
        ("photo.jpg", SVG, Code.ACTIVE_TEXT),
        ("photo.png", HTML, Code.ACTIVE_TEXT),
        ("note.pdf", b"\xef\xbb\xbf  \n<svg onload='alert(1)'/>", Code.ACTIVE_TEXT),
        ("note.txt", HTML, Code.ACTIVE_TEXT),
        ("note.txt", b"\xef\xbb\xbf" + SVG, Code.ACTIVE_TEXT),
        ("note.txt", " <script>alert(1)</script>".encode("utf-16"), Code.ACTIVE_TEXT),
        ("note.txt", b" " * 5_000 + PHP, Code.ACTIVE_TEXT),
        ("list.csv", b"a,b\n" + b" " * 20_000 + PHP, Code.ACTIVE_TEXT),
        ("list.csv", b"name,qty\n<script src=//x></script>,1\n", Code.ACTIVE_TEXT),
        ("photo.jpg", b" " * 5_000 + PHP, Code.ACTIVE_TEXT),
        ("note.txt", b"#!/bin/sh\nrm -rf /\n", Code.PROGRAM),
        ("note.txt", b"MZ\x90\x00" + bytes(64), Code.PROGRAM),
        ("photo.jpg", b"\x7fELF" + bytes(64), Code.PROGRAM),
        ("scan.pdf", b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file", Code.PROGRAM),
        ("invoice.pdf.exe", PDF, Code.PROGRAM),
        ("invoice\u202efdp.exe", PDF, Code.PROGRAM),
        ("letter.rtf", b"{\\rtf1 }", Code.LEGACY_OFFICE),
        ("letter.docx", b"{\\rtf1\\objdata 0105}", Code.LEGACY_OFFICE),
        ("old.doc", OLE, Code.LEGACY_OFFICE),
        ("encrypted.docx", OLE, Code.LEGACY_OFFICE),
        ("files.zip", ZIP, Code.ARCHIVE),
        ("files.docx", ZIP, Code.ARCHIVE),
        ("files.pdf", ZIP, Code.ARCHIVE),
        ("files.pdf", b"Rar!\x1a\x07\x01\x00" + bytes(20), Code.ARCHIVE),
        ("files.jpg", b"7z\xbc\xaf\x27\x1c" + bytes(20), Code.ARCHIVE),
        ("files.txt", b"\x1f\x8b\x08" + bytes(20), Code.ARCHIVE),
        ("files.pdf", b"x" * 257 + b"ustar\x0000" + bytes(300), Code.ARCHIVE),
        ("photo.jpg", PNG, Code.EXTENSION_MISMATCH),
        ("photo.txt", PNG, Code.EXTENSION_MISMATCH),
        ("photo.pdf", JPEG, Code.EXTENSION_MISMATCH),
        ("book.xlsx", samples.word(), Code.EXTENSION_MISMATCH),
        ("photo.jpg", samples.encoded("GIF"), Code.IMAGE_KIND_NOT_READ),
        ("photo.heic", struct.pack(">I4s4sI", 16, b"ftyp", b"avif", 0), Code.IMAGE_KIND_NOT_READ),
        ("film.heic", samples.film(), Code.IMAGE_KIND_NOT_READ),
        ("photo.bmp", samples.encoded("BMP"), Code.EXTENSION_NOT_ALLOWED),
        ("photo", JPEG, Code.EXTENSION_MISSING),
        ("photo.jpg", b"", Code.EMPTY_FILE),
    ),
)
def test_a_disguise_is_seen_through(name: str, raw: bytes, code: Code) -> None:
    assert refusal(raw, name) == code


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    rows(
        ("a.jpg", JPEG + ZIP, Code.POLYGLOT),
        ("a.png", PNG + ZIP, Code.POLYGLOT),
        ("a.webp", samples.webp() + ZIP, Code.POLYGLOT),
        ("a.tif", samples.tiff() + ZIP, Code.POLYGLOT),
        ("a.pdf", PDF + ZIP, Code.POLYGLOT),
        ("a.heic", samples.heic() + ZIP, Code.POLYGLOT),
        (
            "a.pdf",
            samples.pdf(change=lambda pdf: pdf.Root.__setitem__("/X", pdf.make_stream(ZIP)), compress_streams=False),
            Code.POLYGLOT,
        ),
        ("a.jpg", samples.jpeg_with_segment(0xFE, PDF), Code.POLYGLOT),
        ("a.jpg", samples.jpeg_with_segment(0xFE, HTML), Code.POLYGLOT),
        ("a.jpg", samples.jpeg_with_segment(0xE1, b"<?php eval($x) ?>"), Code.POLYGLOT),
        ("a.jpg", samples.jpeg_with_segment(0xFE, b"Rar!\x1a\x07\x01\x00"), Code.POLYGLOT),
        (
            "a.png",
            samples.png_of(1, 1, zlib.compress(b"\0\0"), samples.png_chunk(b"tEXt", b"x\0" + SVG)),
            Code.POLYGLOT,
        ),
        ("a.txt", b"notes\n" + ZIP, Code.POLYGLOT),
        ("a.jpg", JPEG + samples.film() + b"\0\0\0\x10free" + b"PK\x05\x06" + bytes(18), Code.POLYGLOT),
        ("a.pdf", HTML + PDF, Code.ACTIVE_TEXT),
        ("a.pdf", b"junk\n" + PDF, Code.DATA_BEFORE_START),
        ("a.pdf", b"\x89PNG\r\n\x1a\n" + PDF, Code.EXTENSION_MISMATCH),
        ("a.docx", b"\0" * 64 + samples.word(), Code.TYPE_UNKNOWN),
        ("a.docx", samples.archive({"x": b"y"})[:-22] + samples.word(), Code.DATA_BEFORE_START),
    ),
)
def test_a_file_that_is_two_things_is_refused(name: str, raw: bytes, code: Code) -> None:
    assert refusal(raw, name) == code


# --------------------------------------------------------------------- more than the document, or less


@pytest.mark.parametrize(
    ("name", "raw"),
    rows(
        ("a.jpg", JPEG + b"stowaway"),
        ("a.jpg", JPEG + JPEG),  # a second picture that the first did not announce
        ("a.jpg", JPEG + samples.film() + b"more"),
        ("a.jpg", JPEG + b"stowaway" + samples.samsung_trailer()),
        ("a.png", PNG + b"stowaway"),
        ("a.webp", samples.webp() + b"stowaway"),
        ("a.tif", samples.tiff() + b"stowaway for long"),
        ("a.heic", samples.heic() + b"stowaway"),
        ("a.heic", samples.heic() + struct.pack(">I4s", 24, b"evil") + bytes(16)),
        ("a.pdf", PDF + b"stowaway"),
        ("a.pdf", PDF + b"x" * 10_000),
        ("a.docx", samples.word() + b"stowaway"),
    ),
)
def test_nothing_may_follow_the_end(name: str, raw: bytes) -> None:
    assert refusal(raw, name) == Code.TRAILING_DATA


@pytest.mark.parametrize(
    ("raw", "name"),
    [(samples.png(), "a.png"), (samples.webp(), "a.webp"), (samples.heic(), "a.heic"), (samples.word(), "a.docx")],
)
@pytest.mark.parametrize("zeros", [4, 100])
def test_not_even_zeros_may_follow_where_no_camera_writes_them(raw: bytes, name: str, zeros: int) -> None:
    assert refusal(raw + bytes(zeros), name) == Code.TRAILING_DATA


@pytest.mark.parametrize("following", [bytes(100) + b"PK", bytes(3) + b"\x01", bytes(13) + samples.jpeg()])
def test_zeros_do_not_let_anything_follow_them(following: bytes) -> None:
    assert refusal(JPEG + following, "a.jpg") == Code.TRAILING_DATA


def test_a_pdf_is_not_buried_under_zeros() -> None:
    assert refusal(samples.pdf() + bytes(5_000), "a.pdf") == Code.TRAILING_DATA


def test_what_phones_append_is_refused_where_the_original_is_kept() -> None:
    raw = JPEG + samples.samsung_trailer()

    assert refusal(raw, "a.jpg", CheckLimits(camera_extras=False)) == Code.TRAILING_DATA


def test_nothing_may_hide_between_the_parts() -> None:
    tiff = bytearray(samples.tiff())
    directory = struct.unpack_from("<I", tiff, 4)[0]
    moved = bytes(tiff[:4]) + struct.pack("<I", directory) + bytes(tiff[8:])
    hidden = _with_hidden_block_in_tiff(moved)
    heic = samples.heic() + struct.pack(">I4s", 8 + 9_000, b"mdat") + b"s" * 9_000
    free = samples.heic() + struct.pack(">I4s", 8 + 9_000, b"free") + b"s" * 9_000
    png = samples.png_of(1, 1, zlib.compress(b"\0\0") + b"stowaway")

    assert refusal(hidden, "a.tif") == Code.HIDDEN_DATA
    assert refusal(heic, "a.heic") == Code.HIDDEN_DATA
    assert refusal(free, "a.heic") == Code.HIDDEN_DATA
    assert refusal(png, "a.png") == Code.HIDDEN_DATA


def _with_hidden_block_in_tiff(raw: bytes) -> bytes:
    """The first page's directory copied behind a block that nothing points to."""
    directory = struct.unpack_from("<I", raw, 4)[0]
    count = struct.unpack_from("<H", raw, directory)[0]
    copy = raw[directory : directory + 2 + 12 * count + 4]
    raw = raw + b"s" * 9_000
    return raw[:4] + struct.pack("<I", len(raw)) + raw[8:] + copy


@pytest.mark.parametrize(
    ("name", "raw", "codes"),
    rows(
        ("a.jpg", JPEG[:-2], {Code.TRUNCATED}),
        ("a.jpg", JPEG[: len(JPEG) // 2], {Code.TRUNCATED, Code.DAMAGED}),
        ("a.png", PNG[:-12], {Code.TRUNCATED}),
        ("a.png", PNG[: len(PNG) // 2], {Code.TRUNCATED}),
        ("a.webp", samples.webp()[:-10], {Code.TRUNCATED}),
        ("a.tif", samples.tiff()[:5_000], {Code.TRUNCATED}),
        ("a.heic", samples.heic()[:-50], {Code.TRUNCATED}),
        ("a.pdf", samples.pdf(3)[:400], {Code.TRUNCATED}),
        ("a.docx", samples.word()[:-100], {Code.TRUNCATED}),
        ("a.docx", samples.word()[:20_000], {Code.TRUNCATED}),
    ),
)
def test_a_file_cut_short_is_refused(name: str, raw: bytes, codes: set[Code]) -> None:
    assert refusal(raw, name) in codes


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif", "heic", "pdf", "docx", "xlsx"])
def test_any_cut_anywhere_is_a_refusal_and_nothing_else(kind: str) -> None:
    raw = {
        "jpg": JPEG, "png": PNG, "webp": samples.webp(), "tif": samples.tiff(2, compression="tiff_lzw"),
        "heic": samples.heic(), "pdf": PDF, "docx": samples.word(), "xlsx": samples.workbook(),
    }[kind]  # fmt: skip

    for cut in range(1, len(raw) - 1, max(1, len(raw) // 40)):
        with pytest.raises(Refused):
            check(io.BytesIO(raw[:cut]), f"a.{kind}")


# -------------------------------------------------------------------------------------------- bombs


@pytest.mark.parametrize(
    ("name", "raw"),
    rows(
        ("a.jpg", samples.jpeg_with_size(65_000, 65_000)),
        ("a.png", samples.png_of(50_000, 50_000, zlib.compress(bytes(1000)))),
        ("a.webp", samples.webp(lossless=True)),
        ("a.tif", samples.tiff()),
    ),
)
def test_a_pixel_bomb_is_refused_by_its_header(name: str, raw: bytes) -> None:
    assert refusal(raw, name, CheckLimits(pixels_max=3_000)) == Code.TOO_MANY_PIXELS


def test_a_heic_pixel_bomb_is_refused_before_it_is_decoded() -> None:
    assert refusal(samples.heic(), "a.heic", CheckLimits(pixels_max=10_000)) == Code.TOO_MANY_PIXELS


def test_many_pages_of_pixels_count_together() -> None:
    assert refusal(samples.tiff(9), "a.tif", CheckLimits(pixels_total_max=20_000)) == Code.TOO_MANY_PIXELS
    assert refusal(samples.tiff(9), "a.tif", CheckLimits(pages_max=8)) == Code.TOO_MANY_PAGES
    assert refusal(samples.pdf(9), "a.pdf", CheckLimits(pages_max=8)) == Code.TOO_MANY_PAGES


def test_a_picture_in_a_pdf_is_held_to_its_pixels_too() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root["/X"] = pdf.make_stream(
            b"x", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=100_000, Height=100_000
        )

    assert refusal(samples.pdf(change=change), "a.pdf") == Code.TOO_MANY_PIXELS


@pytest.mark.parametrize(
    ("name", "raw"),
    rows(
        ("pixels.png", samples.png_of(16, 16, zlib.compress(bytes(5_000_000)))),
        ("text.png", samples.png_of(1, 1, zlib.compress(b"\0\0"), samples.png_chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(9_000_000))))),
        ("label.png", samples.png_of(1, 1, zlib.compress(b"\0\0"), samples.png_chunk(b"iTXt", b"x\0\1\0\0\0" + zlib.compress(bytes(9_000_000))))),
        ("profile.png", samples.png_of(1, 1, zlib.compress(b"\0\0"), samples.png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(9_000_000))))),
    ),
)  # fmt: skip
def test_a_png_that_unpacks_to_too_much_is_refused(name: str, raw: bytes) -> None:
    assert refusal(raw, name) == Code.DECOMPRESSION_BOMB


def test_a_tiff_that_claims_more_pixels_than_it_has_is_no_bomb_but_damaged() -> None:
    raw = bytearray(samples.tiff(compression="tiff_adobe_deflate"))
    directory = struct.unpack_from("<I", raw, 4)[0]
    for number in range(struct.unpack_from("<H", raw, directory)[0]):
        place = directory + 2 + 12 * number
        if struct.unpack_from("<H", raw, place)[0] in {256, 257}:
            struct.pack_into("<HI", raw, place + 2, 4, 1)
            struct.pack_into("<I", raw, place + 8, 8_000)

    assert refusal(bytes(raw), "a.tif") in {Code.DAMAGED, Code.PARSERS_DISAGREE}


@pytest.mark.parametrize("filters", [1, 2])
def test_a_pdf_stream_that_unpacks_to_too_much_is_refused(filters: int) -> None:
    content = zlib.compress(bytes(40_000_000), 9)
    if filters == 2:
        content = zlib.compress(content, 9)

    def change(pdf: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(pdf, content)
        stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode] * filters)
        pdf.Root["/X"] = pdf.make_indirect(stream)

    raw = samples.pdf(change=change, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)

    assert len(raw) < 60_000
    assert refusal(raw, "a.pdf", SMALL) == Code.DECOMPRESSION_BOMB


def lzw(content: bytes) -> bytes:
    """Packed by TIFF's LZW, which is PDF's."""
    picture = Image.frombytes("L", (1000, len(content) // 1000), content)
    raw = samples.encoded("TIFF", picture, compression="tiff_lzw", tiffinfo={278: picture.height})
    with Image.open(io.BytesIO(raw)) as opened:
        (start,), (size,) = opened.tag_v2[273], opened.tag_v2[279]  # type: ignore[attr-defined]
    return raw[start : start + size]


@pytest.mark.parametrize("content", [bytes(300_000), bytes(range(250)) * 1_000, random.Random(1).randbytes(100_000)])
def test_the_size_of_a_packed_stream_is_found_without_unpacking_it(content: bytes) -> None:
    runs = b"".join(
        bytes([len(piece) - 1]) + piece for piece in (content[at : at + 128] for at in range(0, len(content), 128))
    )

    assert pdf_streams.lzw_bytes(lzw(content), 1 << 30) == len(content)
    assert pdf_streams.inflate(zlib.compress(content), 1 << 30, keep=True) == (len(content), content)
    assert pdf_streams.run_length_bytes(runs + b"\x80", 1 << 30) == len(content)
    assert pdf_streams.run_length_bytes(b"\x81x" * 100 + b"\x80", 1 << 30) == 12_800


@pytest.mark.parametrize("name", ["/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"])
def test_other_packings_are_counted_too(name: str) -> None:
    content = b"\x81\0" * 70_000 if name.startswith("/R") else lzw(bytes(9_000_000))

    def change(pdf: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(pdf, content)
        stream.Filter = pikepdf.Name(name)
        pdf.Root["/X"] = pdf.make_indirect(stream)

    raw = samples.pdf(change=change, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)

    assert refusal(raw, "a.pdf", SMALL) == Code.DECOMPRESSION_BOMB
    check(io.BytesIO(raw), "a.pdf")


def test_many_modest_pdf_streams_count_together() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        for number in range(8):
            pdf.Root[f"/X{number}"] = pdf.make_stream(bytes(3_000_000) + bytes([number]))

    assert refusal(samples.pdf(change=change), "a.pdf", SMALL) == Code.DECOMPRESSION_BOMB


def test_a_pdf_of_too_many_or_too_deep_objects_is_refused() -> None:
    def many(pdf: pikepdf.Pdf) -> None:
        pdf.Root["/X"] = pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(N=number)) for number in range(3_000)])

    def deep(pdf: pikepdf.Pdf) -> None:
        inner = pikepdf.Array([])
        for _ in range(90):
            inner = pikepdf.Array([inner])
        pdf.Root["/X"] = inner

    assert refusal(samples.pdf(change=many), "a.pdf", SMALL) == Code.TOO_COMPLEX
    assert refusal(samples.pdf(change=deep), "a.pdf", SMALL) in {Code.TOO_COMPLEX, Code.DAMAGED}


def test_a_zip_bomb_is_refused_whatever_it_is_called() -> None:
    bomb = samples.archive({"zeros": bytes(50_000_000)})
    dressed = samples.repacked(samples.word(), {"word/media/zeros.bin": bytes(50_000_000)})

    assert len(bomb) < 60_000
    assert refusal(bomb, "a.zip") == Code.ARCHIVE
    assert refusal(bomb, "a.docx") == Code.DECOMPRESSION_BOMB
    assert refusal(dressed, "a.docx") == Code.DECOMPRESSION_BOMB


def test_a_zip_whose_parts_share_their_bytes_is_refused() -> None:
    raw = bytearray(samples.word())
    directory = struct.unpack_from("<I", raw, len(raw) - 6)[0]
    first = struct.unpack_from("<H", raw, directory + 28)[0]
    more = struct.unpack_from("<HH", raw, directory + 30)
    second = directory + 46 + first + sum(more)
    struct.pack_into("<I", raw, second + 42, struct.unpack_from("<I", raw, directory + 42)[0])

    assert refusal(bytes(raw), "a.docx") in {Code.DECOMPRESSION_BOMB, Code.OFFICE_UNSAFE_PART}


def test_a_part_that_unpacks_to_more_than_it_claims_is_refused() -> None:
    raw = bytearray(samples.archive({"[Content_Types].xml": b"x" * 500_000}))
    directory = struct.unpack_from("<I", raw, len(raw) - 6)[0]
    struct.pack_into("<I", raw, directory + 24, 1_000)

    assert refusal(bytes(raw), "a.docx") in {Code.DECOMPRESSION_BOMB, Code.DAMAGED}


def test_too_many_parts_are_refused() -> None:
    raw = samples.archive({f"p{number}": b"" for number in range(50)})

    assert refusal(raw, "a.docx", CheckLimits(parts_max=40)) == Code.TOO_COMPLEX


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    raw = samples.jpeg(progressive=True)
    scan = raw.index(b"\xff\xda")
    next_scan = raw.index(b"\xff", scan + 20)
    bomb = raw[:scan] + raw[scan:next_scan] * 200 + raw[next_scan:]

    assert refusal(bomb, "a.jpg") == Code.TOO_COMPLEX


def test_an_animation_is_refused() -> None:
    frames = [samples.picture(), samples.picture(64, 48).rotate(90)]

    apng = samples.encoded("PNG", frames[0], save_all=True, append_images=frames[1:])
    webp = samples.encoded("WEBP", frames[0], save_all=True, append_images=frames[1:])

    assert refusal(apng, "a.png") == Code.IMAGE_ANIMATED
    assert refusal(webp, "a.webp") == Code.IMAGE_ANIMATED


# --------------------------------------------------------------------------------------------- PDF


def action(**members: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root["/OpenAction"] = pikepdf.Dictionary(Type=pikepdf.Name.Action, **members)

    return change


def annotation(**members: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        made = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[0, 0, 10, 10], **members)
        pdf.pages[0]["/Annots"] = pikepdf.Array([pdf.make_indirect(made)])

    return change


def catalogue(name: str, value: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root[name] = value

    return change


def attach(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["invoice.exe"] = b"MZ"


N = pikepdf.Name
D = pikepdf.Dictionary


@pytest.mark.parametrize(
    ("change", "code"),
    rows(
        (action(S=N.JavaScript, JS=pikepdf.String("app.alert(1)")), Code.PDF_JAVASCRIPT),
        (catalogue("/Names", D(JavaScript=D(Names=[]))), Code.PDF_JAVASCRIPT),
        (annotation(Subtype=N.Link, A=D(S=N.JavaScript, JS=pikepdf.String("x"))), Code.PDF_JAVASCRIPT),
        (annotation(Subtype=N.Link, A=D(S=N.URI, URI="http://a", Next=D(S=N.JavaScript, JS="x"))), Code.PDF_LINKS),
        (catalogue("/Hidden", D(Deep=[D(Deeper=D(S=N.JavaScript))])), Code.PDF_JAVASCRIPT),
        (action(S=N.Launch, F=pikepdf.String("cmd.exe")), Code.PDF_LAUNCH),
        (annotation(Subtype=N.Link, A=D(S=N.Launch, F="calc.exe")), Code.PDF_LAUNCH),
        (action(S=N.GoToR, F=pikepdf.String("\\\\host\\share")), Code.PDF_LAUNCH),
        (action(S=N.GoToE), Code.PDF_EMBEDDED_FILE),
        (action(S=N.SubmitForm, F=D(F="http://a")), Code.PDF_SENDS_DATA),
        (action(S=N.ImportData), Code.PDF_SENDS_DATA),
        (action(S=N.URI, URI=pikepdf.String("http://a")), Code.PDF_AUTOMATIC_ACTION),
        (action(S=N.Hide), Code.PDF_AUTOMATIC_ACTION),
        (catalogue("/AA", D(WC=D(S=N.Hide))), Code.PDF_AUTOMATIC_ACTION),
        (attach, Code.PDF_EMBEDDED_FILE),
        (annotation(Subtype=N.FileAttachment), Code.PDF_EMBEDDED_FILE),
        (catalogue("/AcroForm", D(XFA=pikepdf.String("<xdp/>"))), Code.PDF_XFA),
        (annotation(Subtype=N.RichMedia, RichMediaContent=D()), Code.PDF_MULTIMEDIA),
        (annotation(Subtype=N.Movie), Code.PDF_MULTIMEDIA),
        (annotation(Subtype=N.Screen, A=D(S=N.Rendition)), Code.PDF_MULTIMEDIA),
        (annotation(Subtype=pikepdf.Name("/3D")), Code.PDF_MULTIMEDIA),
    ),
)
def test_a_pdf_that_acts_is_refused(change: Callable[[pikepdf.Pdf], None], code: Code) -> None:
    raw = samples.pdf(change=change)
    if code == Code.PDF_LINKS:
        # What follows the link is found as well.
        code = Code.PDF_JAVASCRIPT

    assert refusal(raw, "a.pdf", CheckLimits(pdf_allowed=(Code.PDF_LINKS,))) == code


@pytest.mark.parametrize("compressed", [False, True])
def test_a_script_hidden_by_spelling_or_packing_is_found(compressed: bool) -> None:
    mode = pikepdf.ObjectStreamMode.generate if compressed else pikepdf.ObjectStreamMode.disable
    raw = samples.pdf(change=action(S=N.JavaScript, JS=pikepdf.String("x")), object_stream_mode=mode)
    if not compressed:
        raw = raw.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/J#53")
        assert b"JavaScript" not in raw

    assert refusal(raw, "a.pdf") == Code.PDF_JAVASCRIPT


def test_a_pdf_with_a_password_is_refused_and_one_with_restrictions_is_noted() -> None:
    locked = samples.pdf(encryption=pikepdf.Encryption(owner="owner", user="user"))
    restricted = samples.pdf(encryption=pikepdf.Encryption(owner="owner", user=""))

    assert refusal(locked, "a.pdf") == Code.PDF_ENCRYPTED
    checked = check(io.BytesIO(restricted), "a.pdf")
    assert [each.code for each in checked.findings] == [Code.PDF_PERMISSIONS]


def test_a_class_may_take_what_others_refuse() -> None:
    checked = check(
        io.BytesIO(samples.pdf(change=attach)), "a.pdf", limits=CheckLimits(pdf_allowed=("pdf_embedded_file",))
    )

    assert {each.code for each in checked.findings} == {Code.PDF_EMBEDDED_FILE}


def test_a_page_larger_than_any_paper_is_refused() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].MediaBox = [0, 0, 200_000, 200_000]

    assert refusal(samples.pdf(change=change), "a.pdf") == Code.TOO_MANY_PIXELS


# ------------------------------------------------------------------------------------------ Office

DOCX = samples.word()
XLSX = samples.workbook()
RELATIONS = samples.part(DOCX, "word/_rels/document.xml.rels")
BODY = samples.part(DOCX, "word/document.xml")
TYPES = samples.part(DOCX, "[Content_Types].xml")
SHEET = samples.part(XLSX, "xl/worksheets/sheet1.xml")


def relation(kind: str, target: str) -> bytes:
    made = f'<Relationship Id="rX" TargetMode="External" Target="{target}" Type="http://x/relationships/{kind}"/>'
    return RELATIONS.replace(b"</Relationships>", made.encode() + b"</Relationships>")


def field(*runs: str) -> bytes:
    made = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    return BODY.replace(b"<w:p>", b"<w:p>" + made.encode(), 1)


@pytest.mark.parametrize(
    ("parts", "code"),
    rows(
        ({"word/vbaProject.bin": b"x"}, Code.OFFICE_MACROS),
        ({"[Content_Types].xml": TYPES.replace(b"officedocument.wordprocessingml.document.main", b"ms-word.document.macroEnabled.main")}, Code.OFFICE_MACROS),
        ({"word/media/image.bin": OLE}, Code.OFFICE_EMBEDDED),
        ({"word/embeddings/oleObject1.bin": b"x"}, Code.OFFICE_EMBEDDED),
        ({"word/activeX/activeX1.xml": b"<a/>"}, Code.OFFICE_EMBEDDED),
        ({"customUI/customUI.xml": b"<a/>"}, Code.OFFICE_EMBEDDED),
        ({"word/media/run.exe": b"MZ"}, Code.OFFICE_EMBEDDED),
        ({"word/media/more.zip": ZIP}, Code.OFFICE_NESTED_ARCHIVE),
        ({"word/media/image1.png": b"Rar!\x1a\x07"}, Code.POLYGLOT),
        ({"word/_rels/document.xml.rels": relation("attachedTemplate", "http://a/t.dotm")}, Code.OFFICE_EXTERNAL),
        ({"word/_rels/document.xml.rels": relation("attachedTemplate", "file://///10.0.0.9/t.dotm")}, Code.OFFICE_EXTERNAL),
        ({"word/_rels/document.xml.rels": relation("attachedTemplate", "\\\\10.0.0.9\\t.dotm")}, Code.OFFICE_EXTERNAL),
        ({"word/_rels/document.xml.rels": relation("image", "http://a/track.png")}, Code.OFFICE_EXTERNAL),
        ({"word/_rels/document.xml.rels": relation("oleObject", "mhtml:http://a")}, Code.OFFICE_EXTERNAL),
        ({"word/document.xml": field('DDEAUTO c:\\\\windows\\\\cmd.exe "/k"')}, Code.OFFICE_COMMAND_FIELD),
        ({"word/document.xml": field("DD", "E", " cmd")}, Code.OFFICE_COMMAND_FIELD),
        ({"word/document.xml": field('INCLUDEPICTURE "http://a/x.png"')}, Code.OFFICE_COMMAND_FIELD),
        ({"word/document.xml": b'<!DOCTYPE a [<!ENTITY x "y">]>' + BODY}, Code.XML_ENTITIES),
        ({"word/document.xml": b'<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><a>&b;</a>'}, Code.XML_ENTITIES),
        ({"word/document.xml": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'}, Code.XML_ENTITIES),
        ({"word/document.xml": b"<a><b></a>"}, Code.DAMAGED),
        ({"../../etc/cron.d/x": b"x"}, Code.OFFICE_UNSAFE_PART),
        ({"C:\\x.xml": b"<a/>"}, Code.OFFICE_UNSAFE_PART),
        ({"WORD/DOCUMENT.XML": b"<a/>"}, Code.OFFICE_UNSAFE_PART),
        ({"[Content_Types].xml": None}, Code.ARCHIVE),
        ({"[Content_Types].xml": TYPES.replace(b"wordprocessingml.document", b"presentationml.presentation")}, Code.TYPE_UNKNOWN),
        ({"word/document.xml": None}, Code.PARSERS_DISAGREE),
    ),
)  # fmt: skip
def test_an_office_file_that_brings_more_than_text_is_refused(parts: dict[str, bytes | None], code: Code) -> None:
    # Stored, not packed, where the mark must be found in the file as it lies.
    compression = zipfile.ZIP_STORED if code == Code.POLYGLOT else zipfile.ZIP_DEFLATED

    assert refusal(samples.repacked(DOCX, parts, compression), "a.docx") == code


@pytest.mark.parametrize(
    ("parts", "code"),
    rows(
        ({"xl/vbaProject.bin": b"x"}, Code.OFFICE_MACROS),
        ({"xl/macrosheets/sheet1.xml": b"<a/>"}, Code.OFFICE_MACROS),
        ({"xl/connections.xml": b"<connections><connection id='1'/></connections>"}, Code.OFFICE_EXTERNAL),
        ({"xl/externalLinks/externalLink1.xml": b"<externalLink><ddeLink ddeService='cmd'/></externalLink>"}, Code.OFFICE_COMMAND_FIELD),
        ({"xl/worksheets/sheet1.xml": SHEET.replace(b"<v>12</v>", b"<f>cmd|'/c calc'!A1</f><v>12</v>")}, Code.OFFICE_COMMAND_FIELD),
    ),
)  # fmt: skip
def test_a_workbook_that_brings_more_than_cells_is_refused(parts: dict[str, bytes | None], code: Code) -> None:
    assert refusal(samples.repacked(XLSX, parts), "a.xlsx") == code


@pytest.mark.parametrize("name", ["a.docm", "a.xlsm", "a.xlsb", "a.dotm"])
def test_macro_kinds_are_refused_by_name(name: str) -> None:
    assert refusal(DOCX, name) == Code.OFFICE_MACROS


def test_an_encrypted_part_and_a_false_header_are_refused() -> None:
    encrypted, renamed = bytearray(DOCX), bytearray(DOCX)
    directory = struct.unpack_from("<I", encrypted, len(encrypted) - 6)[0]
    encrypted[directory + 8] |= 1
    renamed[30:34] = b"evil"

    assert refusal(bytes(encrypted), "a.docx") == Code.OFFICE_ENCRYPTED
    assert refusal(bytes(renamed), "a.docx") == Code.OFFICE_UNSAFE_PART


# -------------------------------------------------------------------------------------- text, limits


@pytest.mark.parametrize(
    ("raw", "code"),
    rows(
        (b"abc\x00def", Code.TEXT_CONTROL_CHARACTERS),
        (b"abc\x1b[2Jdef", None),
        (b"abc\x08\x08def", Code.TEXT_CONTROL_CHARACTERS),
        (bytes(range(128, 256)) * 3, Code.TEXT_ENCODING_UNKNOWN),
        (b"\xff\xfe\x00\xd8", Code.TEXT_ENCODING_UNKNOWN),
        ("日本語の納品書です。よろしく".encode("shift_jis"), Code.TEXT_ENCODING_UNKNOWN),
        (b"caf\xe9 cr\xe8me br\xfbl\xe9e", Code.TEXT_ENCODING_UNKNOWN),
    ),
)
def test_what_is_not_surely_text_is_refused(raw: bytes, code: Code | None) -> None:
    if code is None:
        assert check(io.BytesIO(raw), "a.txt").encoding == "utf-8"
    else:
        assert refusal(raw, "a.txt") == code


def test_formulas_in_a_csv_are_counted_not_refused() -> None:
    raw = b'=HYPERLINK("http://a"),-5,+852 2345 6789\n@SUM(A1),-cmd|x,ok\n'

    checked = check(io.BytesIO(raw), "a.csv")

    assert [(each.code, each.detail) for each in checked.findings] == [(Code.CSV_FORMULAS, {"count": 3})]


def test_size_and_class_are_held_to() -> None:
    assert refusal(JPEG, "a.jpg", CheckLimits(size_max=100)) == Code.FILE_TOO_LARGE
    assert refusal(b"x" * 200, "a.txt", CheckLimits(text_max=100)) == Code.FILE_TOO_LARGE
    with pytest.raises(Refused) as caught:
        check(io.BytesIO(JPEG), "a.jpg", [MediaType.PDF])
    assert caught.value.code == Code.TYPE_NOT_ALLOWED


def test_a_cell_or_row_without_end_is_refused() -> None:
    assert refusal(b"," * 2_000, "a.csv") == Code.TOO_COMPLEX
    assert refusal(b"a" * 70_000 + b",b", "a.csv") == Code.TOO_COMPLEX


@pytest.mark.parametrize("mark", [b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"])
@pytest.mark.parametrize("read", [0, 1, 3, 5])
def test_an_archive_is_found_wherever_it_is_read_in_two(mark: bytes, read: int) -> None:
    content = bytes(1024 * 1024 - read) + mark + bytes(100)

    with pytest.raises(Refused) as refused:
        require_single_nature(io.BytesIO(content), len(content), MediaType.PDF)

    assert refused.value.code == Code.POLYGLOT.value
