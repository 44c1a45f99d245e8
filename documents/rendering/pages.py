"""Pages as pictures: photos turned upright, PDF pages drawn by PDFium, all in RGB.

Hostile input: runs in the sandbox. Sizes are known before anything is decoded or drawn.
"""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

import pypdfium2
from PIL import Image, ImageOps, JpegImagePlugin

from documents.checking.codes import Code, refuse
from documents.checking.decoders import FAULTS, FORMATS
from documents.checking.model import IMAGES, MediaType
from documents.rendering.model import Encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

_POINTS_AN_INCH: Final = 72
_QUALITY: Final = 85


class Pages:
    """The pages of one document, drawn one at a time."""

    def __init__(self, file: BinaryIO, media_type: MediaType, pixels_max: int) -> None:
        """For `opened`."""
        self._pixels_max: Final = pixels_max
        self._pdf: pypdfium2.PdfDocument | None = None
        self._image: Image.Image | None = None
        file.seek(0)
        if media_type == MediaType.PDF:
            self._pdf = pypdfium2.PdfDocument(file, autoclose=False)
        elif media_type in IMAGES:
            self._image = Image.open(file, formats=[FORMATS[media_type]])
        else:
            refuse(Code.TYPE_NOT_ALLOWED, media_type=media_type)

    def __len__(self) -> int:
        """How many there are."""
        if self._pdf is not None:
            return len(self._pdf)
        return int(getattr(self._image, "n_frames", 1))

    def close(self) -> None:
        """Lets go of the file."""
        if self._pdf is not None:
            self._pdf.close()
        if self._image is not None:
            self._image.close()

    def points(self, page: int) -> tuple[float, float] | None:
        """Width and height of a PDF page in points, as shown; None for pictures, which have no true size."""
        if self._pdf is None:
            return None
        width, height = self._pdf.get_page_size(page)
        return float(width), float(height)

    def picture(self, page: int, *, dpi: int | None = None, long_side: int | None = None) -> Image.Image:
        """One page in RGB, upright as its file says.

        Args:
            page: 0-based.
            dpi: for a PDF; pictures keep their pixels.
            long_side: at most so many pixels; smaller pictures are not enlarged.

        Raises:
            Refused: `too_many_pixels` or `damaged`.
        """
        if not 0 <= page < len(self):
            refuse(Code.DAMAGED)
        drawn = self._draw(page, dpi, long_side) if self._pdf is not None else self._decode(page, long_side)
        if long_side is not None and max(drawn.size) > long_side:
            drawn.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
        return drawn

    def _draw(self, number: int, dpi: int | None, long_side: int | None) -> Image.Image:
        assert self._pdf is not None  # noqa: S101  the caller looked
        page = self._pdf[number]
        try:
            width, height = page.get_size()
            longest = max(width, height, 1.0)
            scale = dpi / _POINTS_AN_INCH if dpi else (long_side or 0) / longest
            if long_side:
                scale = min(scale, long_side / longest)
            self._require_pixels(width * scale, height * scale)
            drawn: Image.Image = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True).to_pil()
            return drawn.convert("RGB")
        finally:
            page.close()

    def _decode(self, number: int, long_side: int | None) -> Image.Image:
        assert self._image is not None  # noqa: S101  the caller looked
        self._image.seek(number)
        self._require_pixels(*self._image.size)
        if long_side and isinstance(self._image, JpegImagePlugin.JpegImageFile):
            # The decoder halves as it decodes; never below what is wanted.
            self._image.draft("RGB", (long_side, long_side))
        return flattened(ImageOps.exif_transpose(self._image))

    def _require_pixels(self, width: float, height: float) -> None:
        if width * height > self._pixels_max:
            limit = self._pixels_max // 1_000_000
            refuse(Code.TOO_MANY_PIXELS, megapixels=int(width * height) // 1_000_000, limit=limit)


@contextmanager
def opened(file: BinaryIO, media_type: MediaType, pixels_max: int) -> Iterator[Pages]:
    """The pages of a document.

    Raises:
        Refused: `damaged`: it cannot be read; `type_not_allowed`: it has no pages.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pages = Pages(file, media_type, pixels_max)
            try:
                yield pages
            finally:
                pages.close()
    except Image.DecompressionBombError:
        refuse(Code.TOO_MANY_PIXELS, limit=pixels_max // 1_000_000)
    except FAULTS:
        refuse(Code.DAMAGED)


def flattened(image: Image.Image) -> Image.Image:
    """In RGB; what is transparent becomes paper, 16-bit greys are scaled."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGB", layered.size, "white")
        paper.paste(layered, mask=layered.getchannel("A"))
        return paper
    return image.convert("RGB")


def encoded(picture: Image.Image, encoding: Encoding, *, quality: int = _QUALITY) -> bytes:
    """The pixels and nothing else: no profile, no time, no text."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    made = io.BytesIO()
    if encoding == Encoding.JPEG:
        bare.save(made, "JPEG", quality=quality, optimize=True)
    else:
        bare.save(made, "PNG")
    return made.getvalue()
