"""What a reader found on the pages of a document, as values with a JSON form.

- A reading is kept as it was made. Extraction, review and correction stand beside it and never change it.
- Coordinates are whole pixels of the upright page picture (after EXIF orientation and page rotation), origin top left, x to
  the right, y down. A quadrangle starts at the text's own top left corner and runs clockwise.
- `text` is what later steps use (traditional characters preferred, full-width digits kept as printed); `raw` is the
  reader's own answer.
- Confidence is the lowest probability of any character in the text, 0 to 1: the engines' means are over-sure.
- JSON: `chopbook-reading/1`, members named as here. Times in milliseconds. The form is for our own storage.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from documents.reading.errors import ReadingInvalid

FORMAT: Final = "chopbook-reading/1"
SECOND_READER: Final = "tesseract"
"""How the name of the second reader's engine begins."""

Point: TypeAlias = tuple[int, int]
Quad: TypeAlias = tuple[Point, Point, Point, Point]


class Source(StrEnum):
    """Where the text of a page comes from."""

    OCR = "ocr"
    TEXT_LAYER = "text_layer"


class Word(msgspec.Struct, frozen=True):
    """A run of characters without a gap, inside a line.

    `probabilities` has one for each character of `text`; it is empty where the reader gives none.
    """

    text: str
    raw: str
    quad: Quad
    confidence: float
    probabilities: tuple[float, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """One piece of text that the detector found: a line, or a cell of a table."""

    text: str
    raw: str
    quad: Quad
    confidence: float
    words: tuple[Word, ...] = ()


class Gs1(msgspec.Struct, frozen=True):
    """What a GS1 string says, after its check digits were tried. Dates are ISO 8601."""

    gtin: str | None = None
    """GTIN in 14 digits."""
    batch: str | None = None
    expiry: str | None = None
    best_before: str | None = None
    serial: str | None = None
    count: int | None = None


class Barcode(msgspec.Struct, frozen=True):
    """A code read by the barcode reader; `gs1` is None where its text is no GS1 string."""

    format: str
    text: str
    quad: Quad
    gs1: Gs1 | None = None


class Reread(msgspec.Struct, frozen=True):
    """What one place said when it was read again: by the recogniser alone, or by the second reader."""

    quad: Quad
    engine: str
    text: str
    confidence: float


class PageReading(msgspec.Struct, frozen=True):
    """All that was read on one page.

    Attributes:
        page: 0-based.
        width: of the upright picture, in pixels.
        height: of the upright picture, in pixels.
        rotation: degrees clockwise that the stored picture was turned to stand upright: 0, 90, 180 or 270.
        engine: name and version, such as `rapidocr 3.10.0`.
        engine_digest: SHA-256 (hex) over engine, settings and model digests: equal digests read alike.
        models: file name and SHA-256 (hex) of each model.
        source: OCR, or the PDF's own text.
        lines: in reading order.
        barcodes: in the order found.
        timings_ms: by step.
        rereads: places that extraction asked to be read again, while the picture was at hand.
    """

    page: int
    width: int
    height: int
    rotation: int
    engine: str
    engine_digest: str
    models: tuple[tuple[str, str], ...]
    source: Source
    lines: tuple[Line, ...]
    barcodes: tuple[Barcode, ...] = ()
    timings_ms: dict[str, int] = {}
    rereads: tuple[Reread, ...] = ()

    @property
    def is_fall_back(self) -> bool:
        """Whether the second reader read the whole page, because the first could not."""
        return self.engine.startswith(SECOND_READER)

    @property
    def text(self) -> str:
        """The page as plain text, one line each."""
        return "\n".join(line.text for line in self.lines)


class DocumentReading(msgspec.Struct, frozen=True):
    """The pages of a document, in order. `pages_unread` counts those beyond the limit; while it is read, those still to come."""

    pages: tuple[PageReading, ...]
    pages_unread: int = 0
    format: str = FORMAT

    @property
    def text(self) -> str:
        """The whole document as plain text; pages are parted by a form feed."""
        return "\f".join(page.text for page in self.pages)

    def to_json(self) -> bytes:
        """The stored form."""
        return msgspec.json.encode(self)

    @staticmethod
    def from_json(stored: bytes) -> DocumentReading:
        """The value of a stored form.

        Raises:
            ReadingInvalid: these bytes are no reading, or one of another format.
        """
        try:
            reading = msgspec.json.decode(stored, type=DocumentReading)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise ReadingInvalid(f"stored reading: expected {FORMAT}, got {error}") from error
        if reading.format != FORMAT:
            raise ReadingInvalid(f"stored reading: expected {FORMAT}, got {reading.format[:40]}")
        return reading
