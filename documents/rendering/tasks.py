"""Rendering as tasks of the sandbox: `(arguments, blobs, file) -> result | (result, blobs)`."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from documents.checking.codes import Code, refuse
from documents.checking.model import MediaType
from documents.rendering import pages, printed, searchable, text
from documents.rendering.model import PREVIEW_LONG_SIDE, READING_DPI, READING_LONG_SIDE, Encoding, RenderLimits
from documents.rendering.printed_font import PrintedFont
from documents.rendering.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.Image import Image

_COPY_QUALITY: Final = 75
_TURNS: Final = {90: 270, 180: 180, 270: 90}


def page_image(arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None) -> Any:
    """`{media_type, page, dpi, long_side, encoding, limits}`; returns `{width, height, pages}` and the picture."""
    del blobs
    limits = msgspec.convert(arguments["limits"], RenderLimits)
    with pages.opened(_require(file), MediaType(arguments["media_type"]), limits.pixels_max) as document:
        drawn = document.picture(arguments["page"], dpi=arguments["dpi"], long_side=arguments["long_side"])
        content = pages.encoded(drawn, Encoding(arguments["encoding"]))
        return {"width": drawn.width, "height": drawn.height, "pages": len(document)}, [content]


def page_cut(arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None) -> Any:
    """`{media_type, page, rotation, share, limits}`; returns `{width, height, pages}` and the PNG.

    `share` is left, top, right, bottom of the upright page, each 0 to 1.
    """
    del blobs
    limits = msgspec.convert(arguments["limits"], RenderLimits)
    with pages.opened(_require(file), MediaType(arguments["media_type"]), limits.pixels_max) as document:
        picture = document.picture(arguments["page"], dpi=READING_DPI, long_side=READING_LONG_SIDE)
        picture = _upright(picture, arguments["rotation"])
        left, top, right, bottom = arguments["share"]
        x, y = min(int(left * picture.width), picture.width - 1), min(int(top * picture.height), picture.height - 1)
        end = max(x + 1, ceil(right * picture.width)), max(y + 1, ceil(bottom * picture.height))
        drawn = picture.crop((x, y, min(end[0], picture.width), min(end[1], picture.height)))
        drawn.thumbnail((PREVIEW_LONG_SIDE, PREVIEW_LONG_SIDE))
        content = pages.encoded(drawn, Encoding.PNG)
        return {"width": drawn.width, "height": drawn.height, "pages": len(document)}, [content]


def plain_text(arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None) -> Any:
    """`{media_type, limits}`; returns a `PlainText`."""
    del blobs
    limits = msgspec.convert(arguments["limits"], RenderLimits)
    return text.extract_text(_require(file), MediaType(arguments["media_type"]), limits)


def searchable_copy(arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None) -> Any:
    """`{media_type, title, made_at, limits}` and one blob, the stored reading as JSON; returns `{pages}` and the PDF.

    Of a reading only the pages' `width`, `height`, `rotation` and `lines` are used (`searchable.Page`).
    """
    limits = msgspec.convert(arguments["limits"], RenderLimits)
    reading = msgspec.json.decode(blobs[0], type=_Reading)
    with pages.opened(_require(file), MediaType(arguments["media_type"]), limits.pixels_max) as document:
        if len(document) > limits.pages_max:
            refuse(Code.TOO_MANY_PAGES, pages=len(document), limit=limits.pages_max)
        read = {page.page: page for page in reading.pages}
        scans = [_scan(document, number, read.get(number)) for number in range(len(document))]
    made = searchable.searchable_pdf(
        scans, title=arguments["title"], made_at=datetime.fromisoformat(arguments["made_at"])
    )
    return {"pages": len(scans)}, [made]


def printed_sheet(arguments: Mapping[str, Any], blobs: list[bytes], file: BinaryIO | None) -> Any:
    """`{}` and two blobs, the `sheets.Sheet` as JSON and the file to attach; `file` is the font. Returns the PDF."""
    del arguments
    sheet = msgspec.json.decode(blobs[0], type=Sheet)
    return None, [printed.printed_pdf(sheet, blobs[1], PrintedFont(_require(file)))]


class _NumberedPage(searchable.Page, frozen=True, kw_only=True):
    page: int


class _Reading(msgspec.Struct, frozen=True):
    pages: tuple[_NumberedPage, ...]


def _scan(document: pages.Pages, number: int, words: _NumberedPage | None) -> searchable.Scan:
    """A page and its words, the picture turned as it was when it was read."""
    picture = document.picture(number, dpi=READING_DPI, long_side=3200)
    points = document.points(number)
    turn = words.rotation % 360 if words else 0
    if turn in _TURNS:
        picture = _upright(picture, turn)
        points = (points[1], points[0]) if points and turn != 180 else points
    content = pages.encoded(picture, Encoding.JPEG, quality=_COPY_QUALITY)
    empty = searchable.Page(picture.width, picture.height, ())
    return searchable.Scan(content, picture.width, picture.height, points, words or empty)


def _upright(picture: Image, rotation: int) -> Image:
    """The picture turned clockwise by a quarter's multiple."""
    turn = _TURNS.get(rotation % 360)
    return picture if turn is None else picture.rotate(turn, expand=True)


def _require(file: BinaryIO | None) -> BinaryIO:
    if file is None:
        msg = "file: expected one, got none"
        raise ValueError(msg)
    return file
