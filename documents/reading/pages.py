"""Reading a whole document: each page by its own text where that is good, else by the reader; barcodes always.

For a page of a PDF that carries its text nothing is drawn unless it may have barcodes: that costs more than the text.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec
import numpy as np

from documents.reading.barcodes import read_barcodes
from documents.reading.model import DocumentReading, PageReading
from documents.reading.pictures import PDF, Limits, pages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from documents.reading.pictures import Page
    from documents.reading.reader import PageReader, Picture

    Look = Callable[[PageReading, Picture], PageReading]

LIMITS: Final = Limits()


def read_document(
    file: BinaryIO,
    media_type: str,
    reader: PageReader,
    *,
    limits: Limits = LIMITS,
    look_again: Look | None = None,
    text_layer: bool = True,
) -> DocumentReading:
    """Everything on the pages of a file.

    Args:
        file: seekable.
        media_type: as checked, not as claimed.
        reader: for pages that are pictures.
        limits: pages beyond are counted, not read.
        look_again: called with each page's reading and upright picture, for places to read again.
        text_layer: whether a PDF's own text may be taken.

    Raises:
        NotAPicture: the bytes are not of that kind, or are broken.
        TooLarge: a page has more pixels than allowed.
    """
    pages: list[PageReading] = []
    count = 0
    for page in pages_of(file, media_type, limits, text_layer=text_layer):
        count = page.pages
        if page.text is not None:
            pages.append(page.text)
        elif page.picture is not None:
            pages.append(_read_picture(page, page.picture, reader, look_again))
    if media_type == PDF and any(page.timings_ms.get("text_layer") is not None for page in pages):
        pages = list(_with_codes(pages, file, limits))
    return DocumentReading(pages=tuple(pages), pages_unread=max(0, count - len(pages)))


def _read_picture(page: Page, picture: Picture, reader: PageReader, look_again: Look | None) -> PageReading:
    reading = reader.read(picture)
    upright = np.ascontiguousarray(np.rot90(picture, -(reading.rotation // 90)))
    started = perf_counter()
    barcodes = read_barcodes(upright)
    timings = {**reading.timings_ms, "barcodes": round(1000 * (perf_counter() - started))}
    reading = msgspec.structs.replace(reading, page=page.index, barcodes=barcodes, timings_ms=timings)
    if look_again is None:
        return reading
    started = perf_counter()
    reading = look_again(reading, upright)
    timings = {**reading.timings_ms, "look_again": round(1000 * (perf_counter() - started))}
    return msgspec.structs.replace(reading, timings_ms=timings)


def _with_codes(pages: list[PageReading], file: BinaryIO, limits: Limits) -> Iterator[PageReading]:
    """The barcodes of pages that were read from their text: those pages are drawn after all."""
    file.seek(0)
    for reading, page in zip(pages, pages_of(file, PDF, limits, text_layer=False), strict=True):
        if page.picture is None or reading.barcodes or "text_layer" not in reading.timings_ms:
            yield reading
        else:
            yield msgspec.structs.replace(reading, barcodes=read_barcodes(page.picture))
