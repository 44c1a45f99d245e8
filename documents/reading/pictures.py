"""From the bytes of a file to page pictures: upright by EXIF, on white, blue-green-red, one at a time.

The files were checked before (`documents.checking`); the limits here are the last line, not the first.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import pillow_heif
import pypdfium2 as pdfium
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from documents.reading.errors import NotAPicture, TooLarge
from documents.reading.textlayer import read_text_layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from documents.reading.model import PageReading
    from documents.reading.reader import Picture

PDF: Final = "application/pdf"
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic", "image/heif"})
READABLE: Final = PICTURES | {PDF}
"""Media types that can be read."""

pillow_heif.register_heif_opener(thumbnails=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document."""

    pages_max: int = 50
    pixels_max: int = 80_000_000
    pdf_dpi: int = 200
    pdf_side_max: int = 5000


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its picture, and its text where the file carries it."""

    index: int
    picture: Picture
    text: PageReading | None
    pages: int
    """How many pages the whole file has."""


def pages_of(
    file: BinaryIO, media_type: str, limits: Limits, *, first: int = 0, text_layer: bool = True
) -> Iterator[Page]:
    """The pages of a file from `first` on, up to `limits.pages_max`. Each picture is fresh; none is kept.

    Raises:
        NotAPicture: the bytes are not of that kind, or are broken.
        TooLarge: a page has more pixels than allowed.
    """
    if media_type == PDF:
        return _pdf_pages(file, limits, first, text_layer=text_layer)
    if media_type in PICTURES:
        return _picture_pages(file, limits, first)
    raise NotAPicture(f"media type: expected one of {', '.join(sorted(READABLE))}, got {media_type[:80]}")


def _picture_pages(file: BinaryIO, limits: Limits, first: int) -> Iterator[Page]:
    try:
        with warnings.catch_warnings(), Image.open(file) as opened:
            warnings.simplefilter("ignore")  # Pillow's own bound is a warning; ours is below
            count = min(getattr(opened, "n_frames", 1), 10_000)
            frames = ImageSequence.Iterator(opened)
            frames.position += first
            for index, frame in enumerate(frames, first):
                if index >= limits.pages_max:
                    return
                _require_pixels(frame.width * frame.height, limits)
                yield Page(index, _upright(frame), None, count)
    except Image.DecompressionBombError as error:
        raise TooLarge(f"picture: expected at most {limits.pixels_max} pixels, got more") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAPicture(f"picture: expected one that can be opened, got {type(error).__name__}") from error


def _upright(frame: Image.Image) -> Picture:
    turned = ImageOps.exif_transpose(frame)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        clear = turned.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        turned = Image.alpha_composite(white, clear)
    if turned.mode.startswith("I"):  # 16 bits of grey
        turned = Image.fromarray((np.asarray(turned).astype(np.float32) / 257).clip(0, 255).astype(np.uint8))
    red_green_blue = np.asarray(turned.convert("RGB"), dtype=np.uint8)
    return np.ascontiguousarray(red_green_blue[:, :, ::-1])


def _pdf_pages(file: BinaryIO, limits: Limits, first: int, *, text_layer: bool) -> Iterator[Page]:
    try:
        document = pdfium.PdfDocument(file)
    except pdfium.PdfiumError as error:
        raise NotAPicture("PDF: expected one that can be opened without a password, got none") from error
    try:
        count = len(document)
        for index in range(first, min(count, limits.pages_max)):
            page = document[index]
            try:
                yield _pdf_page(page, index, count, limits, text_layer=text_layer)
            finally:
                page.close()
    except pdfium.PdfiumError as error:
        raise NotAPicture("PDF: expected pages that can be drawn, got a broken one") from error
    finally:
        document.close()


def _pdf_page(page: pdfium.PdfPage, index: int, count: int, limits: Limits, *, text_layer: bool) -> Page:
    width, height = page.get_size()
    scale = min(limits.pdf_dpi / 72, limits.pdf_side_max / max(1.0, width, height))
    _require_pixels(round(width * scale) * round(height * scale), limits)
    text = None
    if text_layer:
        text = read_text_layer(page, index, max(1, round(width * scale)), max(1, round(height * scale)))
    return Page(index, drawn(page, scale), text, count)


def drawn(page: pdfium.PdfPage, scale: float) -> Picture:
    """The picture of a PDF page, annotations and form fields included."""
    bitmap = page.render(scale=scale, may_draw_forms=True, fill_color=(255, 255, 255, 255), rev_byteorder=False)
    try:
        pixels = bitmap.to_numpy()
        if pixels.ndim == 2 or pixels.shape[2] == 1:
            pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
        return np.array(pixels[:, :, :3], dtype=np.uint8, order="C")
    finally:
        bitmap.close()


def _require_pixels(pixels: int, limits: Limits) -> None:
    if pixels > limits.pixels_max:
        raise TooLarge(f"page: expected at most {limits.pixels_max} pixels, got {pixels}")
