"""The text that a PDF carries itself, in the same shape as a reading of its picture.

It is good enough when a page yields 50 characters or more, under 2 % of them replacement or private-use characters, and
none of it is drawn invisibly: an invisible layer is another program's reading, and may say what the picture does not.
"""

from __future__ import annotations

import ctypes
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from pypdfium2 import raw

from documents.reading.geometry import around, rectangle
from documents.reading.model import Line, PageReading, Source, Word

if TYPE_CHECKING:
    from documents.reading.model import Quad

CHARACTERS_MIN: Final = 50
STRANGE_SHARE_MAX: Final = 0.02
CHARACTERS_MAX: Final = 60_000
OBJECTS_MAX: Final = 20_000
CELL_GAP: Final = 0.9
"""Gap, in text heights, from which two runs on one line are two cells."""
WORD_GAP: Final = 0.22
DIGEST: Final = "text-layer-1"


class _Glyph:
    __slots__ = ("bottom", "left", "right", "text", "top")

    def __init__(self, text: str, left: float, top: float, right: float, bottom: float) -> None:
        self.text, self.left, self.top, self.right, self.bottom = text, left, top, right, bottom


def read_text_layer(page: Any, index: int, width: int, height: int) -> PageReading | None:
    """The text of a pypdfium2 page, placed on its picture of `width` x `height` pixels; None if it is not good enough."""
    started = perf_counter()
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if not CHARACTERS_MIN <= count <= CHARACTERS_MAX or _has_invisible(page):
            return None
        glyphs = _glyphs(page, text_page, count, width, height)
    finally:
        text_page.close()
    shown = [glyph for glyph in glyphs if glyph.text.strip()]
    strange = sum(_is_strange(glyph.text) for glyph in shown)
    if len(shown) < CHARACTERS_MIN or strange >= STRANGE_SHARE_MAX * len(shown):
        return None
    lines = _lines(glyphs)
    return PageReading(
        page=index,
        width=width,
        height=height,
        rotation=0,
        engine=f"pypdfium2 {version('pypdfium2')}",
        engine_digest=DIGEST,
        models=(),
        source=Source.TEXT_LAYER,
        lines=tuple(sorted(lines, key=lambda line: (line.quad[0][1], line.quad[0][0]))),
        timings_ms={"text_layer": round(1000 * (perf_counter() - started))},
    )


def _is_strange(character: str) -> bool:
    code = ord(character)
    return code in {0xFFFD, 0xFFFE, 0xFFFF} or 0xE000 <= code <= 0xF8FF or code < 0x20


def _has_invisible(page: Any) -> bool:
    """Whether any text is drawn in mode 3 (neither filled nor stroked), or there is more of it than can be looked at."""
    for seen, thing in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=6)):
        if seen >= OBJECTS_MAX or raw.FPDFTextObj_GetTextRenderMode(thing.raw) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return True
    return False


def _glyphs(page: Any, text_page: Any, count: int, width: int, height: int) -> list[_Glyph]:
    rectangle_ = raw.FS_RECTF()
    x, y = ctypes.c_int(), ctypes.c_int()
    fine = 16  # PageToDevice gives whole numbers: ask on a finer grid

    def device(page_x: float, page_y: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page.raw, 0, 0, width * fine, height * fine, 0, page_x, page_y, x, y)
        return x.value / fine, y.value / fine

    glyphs = []
    for index in range(count):
        character = chr(raw.FPDFText_GetUnicode(text_page.raw, index))
        if not raw.FPDFText_GetLooseCharBox(text_page.raw, index, rectangle_):
            continue
        x0, y0 = device(rectangle_.left, rectangle_.top)
        x1, y1 = device(rectangle_.right, rectangle_.bottom)
        glyphs.append(_Glyph(character, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return glyphs


def _lines(glyphs: list[_Glyph]) -> list[Line]:
    lines: list[Line] = []
    words: list[list[_Glyph]] = []
    last: _Glyph | None = None
    space = True
    for glyph in glyphs:
        if not glyph.text.strip() or _is_strange(glyph.text):
            space = True
            continue
        gap = _gap(last, glyph)
        if gap is None or gap > CELL_GAP:
            lines.extend(_line(words))
            words = [[glyph]]
        elif space or gap > WORD_GAP:
            words.append([glyph])
        else:
            words[-1].append(glyph)
        last, space = glyph, False
    lines.extend(_line(words))
    return lines


def _gap(last: _Glyph | None, glyph: _Glyph) -> float | None:
    """Distance to the glyph before, in heights; None where a new line begins."""
    if last is None:
        return None
    tall = max(1.0, last.bottom - last.top, glyph.bottom - glyph.top)
    if abs((glyph.top + glyph.bottom) - (last.top + last.bottom)) > 0.8 * tall:
        return None
    gap = (glyph.left - last.right) / tall
    return gap if gap > -0.8 else None


def _line(words: list[list[_Glyph]]) -> list[Line]:
    if not words:
        return []
    made = tuple(_word(word) for word in words)
    text = made[0].text
    for before, word in zip(words, made[1:], strict=False):
        # A space between two ideographs is layout, not text.
        text += word.text if _wide(before[-1].text) and _wide(word.text[0]) else f" {word.text}"
    return [Line(text=text, raw=text, quad=around(word.quad for word in made), confidence=1.0, words=made)]


def _wide(character: str) -> bool:
    return character >= "\u2e80"


def _word(glyphs: list[_Glyph]) -> Word:
    text = "".join(glyph.text for glyph in glyphs)
    return Word(text=text, raw=text, quad=_around(glyphs), confidence=1.0)


def _around(glyphs: list[_Glyph]) -> Quad:
    return rectangle(
        min(glyph.left for glyph in glyphs),
        min(glyph.top for glyph in glyphs),
        max(glyph.right for glyph in glyphs),
        max(glyph.bottom for glyph in glyphs),
    )
