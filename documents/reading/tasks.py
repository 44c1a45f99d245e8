"""What runs in a sandbox child: reading some pages of a document, and reading single places of it again.

Functions in the sandbox's shape: `(arguments, blobs, file) -> result | (result, blobs)`. Preload
`documents.reading.tasks:warm` so that models are loaded once per process.
"""

from __future__ import annotations

from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from documents.extraction.again import CHINESE_MARK, RECOGNISER, SECOND, SECOND_CHINESE
from documents.extraction.extracting import wishes
from documents.reading.errors import EngineMissing, ModelMissing, NotAPicture, TooLarge
from documents.reading.fallback import FallBack
from documents.reading.model import DocumentReading, PageReading, Reread
from documents.reading.pages import read_document
from documents.reading.rapid import RapidReader
from documents.reading.tesseract import TesseractReader
from documents.sandbox.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from documents.reading.reader import PageReader, Picture, SecondReader

TURN_S: Final = 1.0
"""How long pages are begun in one turn. A page that is read by OCR takes longer: of such, a turn is one page."""


class Readers:
    """The first reader and, where it is installed, the second, which also stands in for the first."""

    def __init__(self, first: PageReader, second: SecondReader | None) -> None:
        self._first = first
        self._second = second

    @staticmethod
    @cache
    def shared() -> Readers:
        """The readers of this process.

        Raises:
            ModelMissing: neither can be made.
        """
        return Readers.of(None)

    @staticmethod
    def of(models: Path | None) -> Readers:
        """Readers with the first one's models in this folder; None: those of its package.

        Raises:
            ModelMissing: neither can be made.
        """
        try:
            second = TesseractReader()
        except EngineMissing:
            second = None
        try:
            first = RapidReader(models)
        except ModelMissing:
            if second is None:
                raise
            return Readers(second, None)
        return Readers(first if second is None else FallBack(first, second), second)

    def read(self, file: BinaryIO, media_type: str, *, first: int = 0, go_s: float = inf) -> DocumentReading:
        """Everything on the pages of a file from `first` on, doubtful places read twice; see `read_document`."""
        look = self._look_again
        return read_document(file, media_type, self._first, look_again=look, first=first, go_s=go_s)

    def _look_again(self, page: PageReading, picture: Picture) -> PageReading:
        if page.is_fall_back:
            # The second reader cannot bear witness for itself.
            return page
        wanted = wishes(DocumentReading(pages=(page,)))
        rereads = []
        for wish in wanted:
            if wish.engine == RECOGNISER:
                text, confidence = self._first.read_crop(picture, wish.quad)
                rereads.append(Reread(wish.quad, RECOGNISER, text, confidence))
        if self._second is not None:
            for kind, mark in ((SECOND, ""), (SECOND_CHINESE, CHINESE_MARK)):
                places = [wish.quad for wish in wanted if wish.engine == kind]
                texts = self._second.read_crops(picture, places, chinese=kind == SECOND_CHINESE) if places else []
                engine = f"{self._second.engine}{mark}"
                rereads += [Reread(quad, engine, text, 0.0) for quad, text in zip(places, texts, strict=False)]
        return msgspec.structs.replace(page, rereads=tuple(rereads))


def warm() -> None:
    """Loads the models."""
    Readers.shared()


def read(
    arguments: dict[str, Any], blobs: Sequence[bytes], file: BinaryIO | None
) -> tuple[dict[str, Any], list[bytes]]:
    """Reads a turn's pages of a document: the first at least, and further ones while they take little.

    Args:
        arguments: `media_type`, and `first`, the page to begin with.
        blobs: none.
        file: the document, seekable.

    Returns:
        `{"pages": n, "pages_unread": n, "characters": n}` and one blob, the reading of these pages.

    Raises:
        Refused: `not_a_picture` or `too_large`.
    """
    del blobs
    if file is None:
        raise Refused("no_file")
    try:
        made = Readers.shared().read(file, str(arguments["media_type"]), first=int(arguments["first"]), go_s=TURN_S)
    except TooLarge as error:
        raise Refused("too_large") from error
    except NotAPicture as error:
        raise Refused("not_a_picture") from error
    told = {
        "pages": len(made.pages),
        "pages_unread": made.pages_unread,
        "characters": sum(len(line.text) for page in made.pages for line in page.lines),
    }
    return told, [made.to_json()]
