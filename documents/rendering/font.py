"""A font without ink, for text that lies invisible over the picture of a page.

- Three glyphs: `.notdef`, one a whole em wide (Chinese), one half (Latin). Which character a code means is said by
  ToUnicode alone (ISO 32000-2, 9.10.3), which is what search and copy go by; so any character can be written, those
  beyond the basic plane included, and the font is under 1 kB.
- Codes are given out per document, from 1, in the order characters first come. Code 0 would be `.notdef`, which
  PDF/A-2 forbids even to invisible text (ISO 19005-2, 6.2.11.8).
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = "ChopbookUnseen"
EM: Final = 1000
_FULL, _HALF = 1, 2
_RANGES_A_BLOCK: Final = 100


@dataclass(frozen=True, slots=True)
class Face:
    """A font as it is embedded.

    Attributes:
        program: TrueType.
        flags: of its descriptor (ISO 32000-2, table 121).
        ascent, descent: in thousandths of an em.
        widths: of codes, in thousandths of an em; an em where it is silent.
        glyphs: number of the glyph of each code, two bytes each, code 0 first.
        codes: of characters.
    """

    name: str
    program: bytes
    flags: int
    ascent: int
    descent: int
    widths: Mapping[int, int]
    glyphs: bytes
    codes: Mapping[str, int]


class UnseenFont:
    """The codes of one document's characters."""

    def __init__(self) -> None:
        self._codes: Final[dict[str, int]] = {}

    def encode(self, text: str) -> bytes:
        """The text as codes of two bytes. Characters beyond 65,534 different ones become spaces."""
        return b"".join(self._code(each).to_bytes(2, "big") for each in text)

    @staticmethod
    def width(text: str) -> float:
        """How wide the text is, in ems."""
        return sum(1.0 if _is_wide(each) else 0.5 for each in text)

    def embed(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """The font object, holding everything used until now."""
        narrow = {code: EM // 2 for each, code in self._codes.items() if not _is_wide(each)}
        face = Face(NAME, _program(), 5, EM, 0, narrow, self._glyphs(), self._codes)  # 5: fixed pitch, symbolic
        return embedded(pdf, face)

    def _code(self, each: str) -> int:
        if each not in self._codes:
            if len(self._codes) >= 0xFFFE:
                return self._codes.setdefault(" ", 1)
            self._codes[each] = len(self._codes) + 1
        return self._codes[each]

    def _glyphs(self) -> bytes:
        glyphs = bytearray(2)
        for each in self._codes:
            glyphs += (_FULL if _is_wide(each) else _HALF).to_bytes(2, "big")
        return bytes(glyphs)


def embedded(pdf: pikepdf.Pdf, face: Face) -> pikepdf.Object:
    """The font object of a face."""
    program = pdf.make_stream(face.program)
    program.Length1 = len(face.program)
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name("/" + face.name),
        Flags=face.flags,
        FontBBox=[0, face.descent, EM, face.ascent],
        ItalicAngle=0,
        Ascent=face.ascent,
        Descent=face.descent,
        CapHeight=EM,
        StemV=80,
        FontFile2=program,
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name("/" + face.name),
        CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=EM,
        W=[entry for code, width in face.widths.items() for entry in (code, [width])],
        CIDToGIDMap=pdf.make_stream(face.glyphs),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name("/" + face.name),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(descendant)],
            ToUnicode=pdf.make_stream(_meanings(face.codes)),
        )
    )


def _meanings(codes: Mapping[str, int]) -> bytes:
    lines = [f"<{code:04X}> <{each.encode('utf-16-be').hex().upper()}>" for each, code in codes.items()]
    blocks = [lines[start : start + _RANGES_A_BLOCK] for start in range(0, len(lines), _RANGES_A_BLOCK)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _is_wide(each: str) -> bool:
    return unicodedata.east_asian_width(each) in {"W", "F"}


def _corners(width: int) -> Glyph:
    """Two specks in opposite corners: as good as no ink, but viewers see how large the glyph is and can mark it."""
    pen = TTGlyphPen(None)
    for x, y in ((0, 0), (width - 1, EM - 1)):
        pen.moveTo((x, y))
        pen.lineTo((x, y + 1))
        pen.lineTo((x + 1, y + 1))
        pen.closePath()
    return pen.glyph()


def _program() -> bytes:
    """The font program: the same bytes every time."""
    drawn = {".notdef": Glyph(), "full": _corners(EM), "half": _corners(EM // 2)}
    return program(NAME, drawn, {".notdef": EM, "full": EM, "half": EM // 2}, {0x3000: "full", 0x20: "half"})


def program(
    name: str,
    glyphs: Mapping[str, Glyph],
    widths: Mapping[str, int],
    meanings: Mapping[int, str],
    *,
    ascent: int = EM,
    descent: int = 0,
) -> bytes:
    """A TrueType font of these glyphs, in their order: the same bytes every time. `descent` is below 0, or 0."""
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(dict(meanings))
    builder.setupGlyf(dict(glyphs))
    # A glyph stands where its left bearing says, so that must be where its outline begins.
    outlines = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {each: (width, getattr(outlines[each], "xMin", 0)) for each, width in widths.items()}
    )
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    builder.setupOS2(sTypoAscender=ascent, usWinAscent=ascent, usWinDescent=-descent)
    builder.setupPost()
    # Seconds since 1904, of a day that does not matter: the same bytes every time.
    builder.font["head"].created = builder.font["head"].modified = 3_786_912_000
    builder.font.recalcTimestamp = False
    made = io.BytesIO()
    builder.save(made)
    return made.getvalue()
