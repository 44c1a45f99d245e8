"""The font that pages are printed with: the glyphs of Noto Sans CJK that one document uses, and no others.

- The installed font is read in the sandbox, from a descriptor. Its Hong Kong face is taken, whose shapes are those of
  zh-Hant-HK; without it that of Taiwan.
- Outlines become TrueType, within a thousandth of an em; glyphs stand in the order in which characters first come, so the
  same document has the same bytes with the same installed font.
- A character that the font lacks is printed as U+3013 and still copied as what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.sfnt import readTTCHeader
from fontTools.ttLib.tables._g_l_y_f import Glyph

from documents.rendering.errors import FontMissing
from documents.rendering.font import EM, Face, embedded, program

if TYPE_CHECKING:
    import pikepdf

NAME: Final = "CHOPBK+NotoSansCJKhk"
FAMILIES: Final = ("Noto Sans CJK HK", "Noto Sans CJK TC")
_GETA: Final = "〓"
_SYMBOLIC: Final = 4
_ERROR_MAX: Final = 1.0
_FAMILY: Final = 1


class PrintedFont:
    """The glyphs of one document."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` is the collection as installed, and stays open.

        Raises:
            FontMissing: it has none of the faces.
        """
        self._font: Final = _face(file)
        self._names: Final = self._font.getBestCmap()
        self._glyphs: Final = self._font.getGlyphSet()
        self._codes: Final[dict[str, int]] = {}
        self._advances: Final[dict[str, int]] = {}

    def encode(self, text: str) -> bytes:
        """The text as codes of two bytes."""
        codes = (self._codes.setdefault(each, len(self._codes) + 1) for each in text)
        return b"".join(code.to_bytes(2, "big") for code in codes)

    def width(self, text: str) -> float:
        """How wide the text is, in ems."""
        return sum(self._advance(each) for each in text) / EM

    def embed(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """The font object, holding everything used until now."""
        drawn, widths = {".notdef": Glyph()}, {".notdef": EM}
        for each, code in self._codes.items():
            pen = TTGlyphPen(None)
            self._glyphs[self._name(each)].draw(Cu2QuPen(pen, _ERROR_MAX, reverse_direction=True))
            drawn[f"g{code}"], widths[f"g{code}"] = pen.glyph(), self._advance(each)
        ascent, descent = self._font["hhea"].ascent, self._font["hhea"].descent
        meanings = {ord(each): f"g{code}" for each, code in self._codes.items()}
        made = program(NAME, drawn, widths, meanings, ascent=ascent, descent=descent)
        glyphs = b"".join(number.to_bytes(2, "big") for number in range(len(drawn)))
        advances = {code: self._advance(each) for each, code in self._codes.items()}
        return embedded(pdf, Face(NAME, made, _SYMBOLIC, ascent, descent, advances, glyphs, self._codes))

    def _name(self, each: str) -> str:
        return str(self._names.get(ord(each)) or self._names[ord(_GETA)])

    def _advance(self, each: str) -> int:
        if each not in self._advances:
            self._advances[each] = int(self._glyphs[self._name(each)].width)
        return self._advances[each]


def _face(file: BinaryIO) -> TTFont:
    file.seek(0)
    faces = {}
    for number in range(readTTCHeader(file).numFonts):
        file.seek(0)
        face = TTFont(file, fontNumber=number, lazy=True)
        faces[face["name"].getDebugName(_FAMILY)] = face
    found = next((faces[family] for family in FAMILIES if family in faces), None)
    if found is None or found["head"].unitsPerEm != EM:
        raise FontMissing
    return found
