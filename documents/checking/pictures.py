"""Pictures: the structure by our own parser, then the pixels by Pillow, in bounds the header was held to first."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Final

import pillow_heif
from PIL import Image, ImageFile, JpegImagePlugin

from documents.checking import exif, heic, jpeg, png, tiff, webp
from documents.checking.codes import Code, refuse
from documents.checking.decoders import FAULTS, FORMATS
from documents.checking.model import Checked, CheckLimits, Finding, MediaType, PageSize

if TYPE_CHECKING:
    from collections.abc import Callable

ImageFile.LOAD_TRUNCATED_IMAGES = False
_DRAFT: Final = 8


def read_picture(raw: bytes, media_type: MediaType, limits: CheckLimits, name: str) -> Checked:
    """What a picture's structure says of it; whether it can be decoded, `require_decodable` says.

    Raises:
        Refused: any code of the parsers.
    """
    sizes, findings = _STRUCTURES[media_type](raw, limits)
    return Checked(media_type, "", name, len(raw), len(sizes), sizes, findings=findings)


def require_decodable(raw: bytes, picture: Checked) -> None:
    """Decodes every page, and compares what Pillow sees with what our parser saw.

    Raises:
        Refused: `parsers_disagree`, or `damaged`.
    """
    with warnings.catch_warnings():
        # A size that Pillow finds suspicious was judged by the header already.
        warnings.simplefilter("ignore")
        _decode(raw, picture.media_type, picture.page_sizes)


def _jpeg(raw: bytes, limits: CheckLimits) -> tuple[tuple[PageSize, ...], tuple[Finding, ...]]:
    picture = jpeg.parse(raw)
    png.require_pixels(picture.width, picture.height, limits.pixels_max)
    appended = jpeg.extras(raw, picture)
    findings = _extras(appended, len(raw) - picture.end, limits)
    for segment in picture.segments:
        if segment.marker == 0xE1 and raw[segment.start + 4 : segment.start + 10] == b"Exif\0\0":
            findings += _location(raw[segment.start + 10 : segment.end])
    return (PageSize(picture.width, picture.height),), findings


def _png(raw: bytes, limits: CheckLimits) -> tuple[tuple[PageSize, ...], tuple[Finding, ...]]:
    picture = png.parse(raw, limits.pixels_max)
    blocks = [each.content(raw) for each in picture.chunks if each.kind == b"eXIf"]
    return (PageSize(picture.width, picture.height),), _location(b"".join(blocks[:1]))


def _webp(raw: bytes, limits: CheckLimits) -> tuple[tuple[PageSize, ...], tuple[Finding, ...]]:
    picture = webp.parse(raw, limits.pixels_max)
    blocks = [each.content(raw).removeprefix(b"Exif\0\0") for each in picture.chunks if each.kind == b"EXIF"]
    return (PageSize(picture.width, picture.height),), _location(b"".join(blocks[:1]))


def _heic(raw: bytes, limits: CheckLimits) -> tuple[tuple[PageSize, ...], tuple[Finding, ...]]:
    parsed = heic.parse(raw)
    findings = _extras(parsed.extras, len(raw) - parsed.end, limits)
    try:
        opened = pillow_heif.open_heif(raw, convert_hdr_to_8bit=True)
    except (ValueError, OSError, EOFError, RuntimeError, SyntaxError):
        refuse(Code.DAMAGED)
    sizes = []
    for picture in opened:
        width, height = picture.size
        png.require_pixels(width, height, limits.pixels_max)
        sizes.append(PageSize(width, height))
    if len(sizes) > limits.pages_max:
        refuse(Code.TOO_MANY_PAGES, pages=len(sizes), limit=limits.pages_max)
    for item in parsed.items:
        if item.kind == b"Exif":
            block = b"".join(raw[start:end] for start, end in item.spans)
            findings += _location(block[4 + int.from_bytes(block[:4], "big") :])
    return tuple(sizes), findings


def _tiff(raw: bytes, limits: CheckLimits) -> tuple[tuple[PageSize, ...], tuple[Finding, ...]]:
    parsed = tiff.parse(
        raw,
        pixels_max=limits.pixels_max,
        pixels_total_max=limits.pixels_total_max,
        pages_max=limits.pages_max,
    )
    located = any(entry.tag == exif.GPS_POINTER for page in parsed.pages for entry in page.directory.entries)
    findings = (Finding(Code.LOCATION_INSIDE),) if located else ()
    return tuple(PageSize(page.width, page.height) for page in parsed.pages), findings


_STRUCTURES: Final[
    dict[MediaType, Callable[[bytes, CheckLimits], tuple[tuple[PageSize, ...], tuple[Finding, ...]]]]
] = {
    MediaType.JPEG: _jpeg,
    MediaType.PNG: _png,
    MediaType.WEBP: _webp,
    MediaType.HEIC: _heic,
    MediaType.TIFF: _tiff,
}


def _extras(kind: str, size: int, limits: CheckLimits) -> tuple[Finding, ...]:
    if not kind:
        return ()
    if not limits.camera_extras:
        refuse(Code.TRAILING_DATA, bytes=size)
    return (Finding(Code.CAMERA_EXTRAS, {"kind": kind, "bytes": size}),)


def _location(block: bytes) -> tuple[Finding, ...]:
    return (Finding(Code.LOCATION_INSIDE),) if block and "location" in exif.parse(block).found else ()


def _decode(raw: bytes, media_type: MediaType, sizes: tuple[PageSize, ...]) -> None:
    """Look at every page.

    A JPEG is decoded at an eighth: every bit of its entropy-coded data is read all the same, for a third of the time.
    A PNG is not decoded again: its parser unpacked every pixel and found exactly as many as there must be.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=[FORMATS[media_type]]) as opened:
            pages = getattr(opened, "n_frames", 1)
            if pages != len(sizes) and media_type == MediaType.TIFF:
                refuse(Code.PARSERS_DISAGREE)
            for number in range(min(pages, len(sizes))):
                opened.seek(number)
                if media_type != MediaType.HEIC and opened.size != (sizes[number].width, sizes[number].height):
                    _require_turned(opened, sizes[number])
                if isinstance(opened, JpegImagePlugin.JpegImageFile):
                    opened.draft(None, (opened.width // _DRAFT, opened.height // _DRAFT))
                if media_type != MediaType.PNG:
                    opened.load()
    except Image.DecompressionBombError:
        refuse(Code.TOO_MANY_PIXELS, limit=max(each.width * each.height for each in sizes) // 1_000_000)
    except FAULTS:
        refuse(Code.DAMAGED)


def _require_turned(opened: Image.Image, size: PageSize) -> None:
    """A TIFF's orientation may be applied by Pillow already."""
    if opened.size != (size.height, size.width):
        refuse(Code.PARSERS_DISAGREE)
