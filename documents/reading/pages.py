"""Reading a document, page by page: each by its own text where that is good, else by the reader; barcodes always.

No page's reading depends on another's, so that a document read in several goes says the same as one read in one.
"""

from __future__ import annotations

from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec
import numpy as np

from documents.reading.barcodes import read_barcodes
from documents.reading.model import DocumentReading, PageReading
from documents.reading.pictures import Limits, pages_of

if TYPE_CHECKING:
    from collections.abc import Callable

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
    first: int = 0,
    go_s: float = inf,
) -> DocumentReading:
    """Everything on the pages of a file from `first` on.

    Args:
        file: seekable.
        media_type: as checked, not as claimed.
        reader: for pages that are pictures.
        limits: pages beyond are counted, not read.
        look_again: called with each page's reading and upright picture, for places to read again.
        text_layer: whether a PDF's own text may be taken.
        first: 0-based; the pages before it are neither read nor counted.
        go_s: after so many seconds no further page is begun; those that are left are counted as unread.

    Raises:
        NotAPicture: the bytes are not of that kind, or are broken.
        TooLarge: a page has more pixels than allowed.
    """
    pages: list[PageReading] = []
    count, ends = first, perf_counter() + go_s
    for page in pages_of(file, media_type, limits, first=first, text_layer=text_layer):
        count = page.pages
        pages.append(_read_picture(page, reader, look_again) if page.text is None else _with_codes(page.text, page))
        if perf_counter() >= ends:
            break
    return DocumentReading(pages=tuple(pages), pages_unread=max(0, count - first - len(pages)))


def _read_picture(page: Page, reader: PageReader, look_again: Look | None) -> PageReading:
    reading = reader.read(page.picture)
    upright = np.ascontiguousarray(np.rot90(page.picture, -(reading.rotation // 90)))
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


def _with_codes(reading: PageReading, page: Page) -> PageReading:
    """What a page's own text does not say."""
    return msgspec.structs.replace(reading, barcodes=read_barcodes(page.picture))
