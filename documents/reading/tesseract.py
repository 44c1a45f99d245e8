"""The second reader and fall-back: Tesseract through pytesseract, English and traditional Chinese, one thread.

- `OMP_THREAD_LIMIT` is set to 1: with two threads Debian's Tesseract burns five times the CPU and is slower.
- Pages are read with the background divided out, in one column (`--psm 4`).
- Single places are put under each other on one sheet and read together: a process costs more than a line.
"""

from __future__ import annotations

import hashlib
import json
import os
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import pytesseract

from documents.reading.errors import EngineMissing, ReadingError
from documents.reading.geometry import around, corners_of, rectangle, size_of
from documents.reading.model import SECOND_READER, Line, PageReading, Source, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.reading.model import Quad
    from documents.reading.reader import Picture

LANGUAGES: Final = ("chi_tra", "eng")
TIMEOUT_S: Final = 60
SHEET_LINE: Final = 44
"""Height of one place on the sheet of places, in pixels; between two lie 28 white ones."""
SHEET_GAP: Final = 28
PLACES_MAX: Final = 80


class TesseractReader:
    """Reads pages and places with the installed Tesseract.

    Raises:
        EngineMissing: the program or a language pack is not installed.
    """

    def __init__(self) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            found = str(pytesseract.get_tesseract_version())
            languages = set(pytesseract.get_languages())
        except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError) as error:
            raise EngineMissing("Tesseract: expected the program tesseract on the path, got none") from error
        missing = set(LANGUAGES) - languages
        if missing:
            raise EngineMissing(f"Tesseract: expected its language data {', '.join(sorted(missing))}, got none")
        self.engine: Final = f"{SECOND_READER} {found}"
        told = {"engine": self.engine, "languages": LANGUAGES, "psm": 4, "background": "divided"}
        self.engine_digest: Final = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def read(self, image: Picture) -> PageReading:
        """See `PageReader`."""
        started = perf_counter()
        lines = _lines(_data(without_background(image), "+".join(LANGUAGES), 4))
        height, width = image.shape[:2]
        return PageReading(
            page=0,
            width=width,
            height=height,
            rotation=0,
            engine=self.engine,
            engine_digest=self.engine_digest,
            models=(),
            source=Source.OCR,
            lines=tuple(lines),
            timings_ms={"recognise": round(1000 * (perf_counter() - started))},
        )

    def read_crop(self, image: Picture, quad: Quad) -> tuple[str, float]:
        """See `PageReader`."""
        lines = _lines(_data(_padded(_place(image, quad)), "+".join(LANGUAGES), 7))
        return " ".join(line.text for line in lines), min((line.confidence for line in lines), default=0.0)

    def read_crops(self, image: Picture, quads: Sequence[Quad], *, chinese: bool = False) -> list[str]:
        """See `SecondReader`. Places beyond 80 stay unread."""
        quads = quads[:PLACES_MAX]
        if not quads:
            return []
        places = [_place(image, quad) for quad in quads]
        sheet, tops = _sheet(places)
        texts: list[list[tuple[int, str]]] = [[] for _ in quads]
        for word in _words(_data(sheet, "chi_tra" if chinese else "eng", 6)):
            middle = (word.quad[0][1] + word.quad[2][1]) / 2
            index = int(np.searchsorted(tops, middle, side="right")) - 1
            if 0 <= index < len(texts):
                texts[index].append((word.quad[0][0], word.text))
        return [" ".join(text for _, text in sorted(found)) for found in texts]


def without_background(image: Picture) -> Picture:
    """Grey picture with shadows and tint divided out: helps Tesseract a lot, and it only."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    wide = max(15, (min(grey.shape) // 30) | 1)
    background = cv2.medianBlur(cv2.dilate(grey, np.ones((7, 7), np.uint8)), min(wide, 255))
    return np.asarray(cv2.divide(grey, background, scale=255), dtype=np.uint8)


def _place(image: Picture, quad: Quad) -> Picture:
    corners = corners_of(quad)
    width, height = size_of(corners)
    scale = SHEET_LINE / max(1.0, height)
    wide = int(min(3000, max(8.0, width * scale)))
    flat = np.array([[0, 0], [wide, 0], [wide, SHEET_LINE], [0, SHEET_LINE]], dtype=np.float32)
    across = cv2.getPerspectiveTransform(corners, flat)
    crop = cv2.warpPerspective(
        image, across, (wide, SHEET_LINE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    stretched = np.asarray(cv2.normalize(grey, np.empty_like(grey), 0, 255, cv2.NORM_MINMAX), dtype=np.uint8)
    if float(np.median(stretched)) < 110:  # light text on a dark ground
        stretched = 255 - stretched
    low, high = float(np.percentile(stretched, 2)), float(np.percentile(stretched, 60))
    lifted: Picture = np.clip((stretched - low) * (255 / max(1.0, high - low)), 0, 255).astype(np.uint8)
    return lifted


def _padded(place: Picture) -> Picture:
    return np.asarray(cv2.copyMakeBorder(place, 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=255), dtype=np.uint8)


def _sheet(places: Sequence[Picture]) -> tuple[Picture, list[float]]:
    """All places on one white sheet, and the height from which on the sheet each place counts."""
    step = SHEET_LINE + SHEET_GAP
    wide = max(place.shape[1] for place in places) + 60
    sheet = np.full((step * len(places) + SHEET_GAP, wide), 255, dtype=np.uint8)
    for index, place in enumerate(places):
        top = SHEET_GAP + index * step
        sheet[top : top + SHEET_LINE, 30 : 30 + place.shape[1]] = place
    return sheet, [SHEET_GAP / 2 + index * step for index in range(len(places))]


def _data(image: Picture, languages: str, mode: int) -> dict[str, list[Any]]:
    try:
        data: dict[str, list[Any]] = pytesseract.image_to_data(
            image,
            lang=languages,
            config=f"--psm {mode}",
            output_type=pytesseract.Output.DICT,
            timeout=TIMEOUT_S,
        )
    except (pytesseract.TesseractError, RuntimeError) as error:
        raise ReadingError(f"Tesseract: expected a reading, got {error}") from error
    return data


def _words(data: dict[str, list[Any]]) -> list[Word]:
    return [_word(data, index) for index in range(len(data["text"])) if str(data["text"][index]).strip()]


def _word(data: dict[str, list[Any]], index: int) -> Word:
    text = str(data["text"][index]).strip()
    left, top = int(data["left"][index]), int(data["top"][index])
    quad = rectangle(left, top, left + int(data["width"][index]), top + int(data["height"][index]))
    return Word(text=text, raw=text, quad=quad, confidence=max(0.0, float(data["conf"][index]) / 100))


def _lines(data: dict[str, list[Any]]) -> list[Line]:
    lines: dict[tuple[int, int, int], list[Word]] = {}
    for index, text in enumerate(data["text"]):
        if str(text).strip():
            key = (data["block_num"][index], data["par_num"][index], data["line_num"][index])
            lines.setdefault(key, []).append(_word(data, index))
    return [_line(part) for words in lines.values() for part in _parted(words)]


def _parted(words: list[Word]) -> list[list[Word]]:
    """Words of one line, parted where a gap is wider than the line is high: cells of a table."""
    parts: list[list[Word]] = [[words[0]]]
    for word in words[1:]:
        before = parts[-1][-1]
        height = word.quad[3][1] - word.quad[0][1]
        if word.quad[0][0] - before.quad[1][0] > 1.2 * height:
            parts.append([])
        parts[-1].append(word)
    return parts


def _line(words: list[Word]) -> Line:
    text = words[0].text
    for before, word in pairwise(words):
        close = not before.text[-1].isascii() and not word.text[0].isascii()
        text += word.text if close else f" {word.text}"
    return Line(
        text=text,
        raw=" ".join(word.text for word in words),
        quad=around(word.quad for word in words),
        confidence=min(word.confidence for word in words),
        words=tuple(words),
    )
