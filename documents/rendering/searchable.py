"""A searchable copy: PDF/A-2b (ISO 19005-2) of page pictures with the words that were read lying unseen over them.

- Words come from the stored reading; nothing is read again. Each word stands where its quadrangle is, turned and
  stretched to fit it, so that a selection covers what it says.
- Text is written in reading order, with spaces only where the line has them: Chinese can be copied and found as it
  was read.
- What was written is judged by pikepdf's PDF/A validator before it leaves; what does not pass is an error of ours.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import pikepdf

from documents.rendering.archival import archived
from documents.rendering.font import UnseenFont

if TYPE_CHECKING:
    from collections.abc import Sequence

_POINTS_AN_INCH: Final = 72.0
_LONG_SIDE_INCH: Final = 11.69
"""Pictures have no true size; they are laid on paper as long as A4."""
_POINTS_MIN: Final = 3.0
_POINTS_MAX: Final = 14_000.0
_VERTICAL_RATIO: Final = 1.8

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


class Word(msgspec.Struct, frozen=True):
    """A run of characters and where it stands: pixels, clockwise from its own top left."""

    text: str
    quad: Quad


class Line(msgspec.Struct, frozen=True):
    """A line: its text, its place, and its words if they are known."""

    text: str
    quad: Quad
    words: tuple[Word, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """The words of a page, in pixels of a picture of this size. `rotation`: degrees clockwise it was turned to read."""

    width: int
    height: int
    lines: tuple[Line, ...]
    rotation: int = 0


class Scan(NamedTuple):
    """A page to be written.

    Attributes:
        picture: JPEG, RGB, upright.
        width, height: of the picture, in pixels.
        points: size of the paper; None for what has no true size.
    """

    picture: bytes
    width: int
    height: int
    points: tuple[float, float] | None
    words: Page


def searchable_pdf(scans: Sequence[Scan], *, title: str, made_at: datetime, language: str = "zh-Hant-HK") -> bytes:
    """The copy. `made_at` is aware; `title` is shown by viewers and should name no person.

    Raises:
        NotArchival: it did not pass the validator.
    """
    pdf = pikepdf.new()
    font = UnseenFont()
    contents = [_add_page(pdf, scan, font) for scan in scans]
    shared = font.embed(pdf)
    for page, content in zip(pdf.pages, contents, strict=True):
        page.Resources.Font = pikepdf.Dictionary(Unseen=shared)
        page.Contents = pdf.make_stream(content)
    pdf.Root.Lang = pikepdf.String(language)
    return archived(pdf, title=title, made_at=made_at)


def _add_page(pdf: pikepdf.Pdf, scan: Scan, font: UnseenFont) -> bytes:
    """Adds an empty page with its picture, and returns what is to be drawn on it."""
    width, height = paper(scan)
    image = pikepdf.Stream(pdf, scan.picture)
    for name, value in (
        ("/Type", pikepdf.Name.XObject),
        ("/Subtype", pikepdf.Name.Image),
        ("/Width", scan.width),
        ("/Height", scan.height),
        ("/ColorSpace", pikepdf.Name.DeviceRGB),
        ("/BitsPerComponent", 8),
        ("/Filter", pikepdf.Name.DCTDecode),
    ):
        image[name] = value
    pdf.add_blank_page(page_size=(width, height))
    pdf.pages[-1].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=pdf.make_indirect(image)))
    drawn = f"q {_n(width)} 0 0 {_n(height)} 0 0 cm /Scan Do Q\n".encode()
    return drawn + _text(scan.words, width, height, font)


def paper(scan: Scan) -> tuple[float, float]:
    """Width and height of the page in points."""
    if scan.points is not None:
        width, height = scan.points
    else:
        scale = _LONG_SIDE_INCH * _POINTS_AN_INCH / max(scan.width, scan.height)
        width, height = scan.width * scale, scan.height * scale
    return min(max(width, _POINTS_MIN), _POINTS_MAX), min(max(height, _POINTS_MIN), _POINTS_MAX)


def _text(page: Page, width: float, height: float, font: UnseenFont) -> bytes:
    if not page.lines:
        return b""
    across, down = width / max(1, page.width), height / max(1, page.height)
    pieces = [b"BT 3 Tr\n"]
    for line in page.lines:
        for text, quad in _placed(line):
            corners = [(x * across, height - y * down) for x, y in quad]
            pieces.append(_shown(text, corners, font))
    pieces.append(b"ET\n")
    return b"".join(pieces)


def _placed(line: Line) -> list[tuple[str, Quad]]:
    """Runs of text with their places; a run ends with the space that the line has after it."""
    words = [word for word in line.words if word.text.strip()]
    runs: list[tuple[str, Quad]] = []
    place = 0
    for word in words:
        found = line.text.find(word.text, place)
        if found < 0:
            # The words do not make up the line: the line is right, as a whole.
            return _whole(line)
        gap = line.text[place:found]
        if runs and gap:
            runs[-1] = (runs[-1][0] + " ", runs[-1][1])
        if gap.strip():
            return _whole(line)
        runs += _cells(word.text, word.quad)
        place = found + len(word.text)
    if not runs or line.text[place:].strip():
        return _whole(line)
    runs[-1] = (runs[-1][0] + "\n", runs[-1][1])
    return runs


def _whole(line: Line) -> list[tuple[str, Quad]]:
    runs = _cells(line.text, line.quad) if line.text.strip() else []
    if runs:
        runs[-1] = (runs[-1][0] + "\n", runs[-1][1])
    return runs


def _cells(text: str, quad: Quad) -> list[tuple[str, Quad]]:
    """The text as one run; where it stands upright in a column, one run for each character."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    width, height = math.dist((ax, ay), (bx, by)), math.dist((ax, ay), (dx, dy))
    if len(text) < 2 or height < _VERTICAL_RATIO * width or UnseenFont.width(text) < len(text):
        return [(text, quad)]
    runs = []
    for number, each in enumerate(text):
        top, bottom = number / len(text), (number + 1) / len(text)
        left = [(ax + (dx - ax) * part, ay + (dy - ay) * part) for part in (top, bottom)]
        right = [(bx + (cx - bx) * part, by + (cy - by) * part) for part in (top, bottom)]
        runs.append((each, (left[0], right[0], right[1], left[1])))
    return runs


def _shown(text: str, corners: Sequence[Point], font: UnseenFont) -> bytes:
    """One run: its matrix runs along the foot of its quadrangle, its size is the height, its width is stretched to fit."""
    top_left, _, bottom_right, bottom_left = corners
    length = math.dist(bottom_left, bottom_right)
    size = math.dist(top_left, bottom_left)
    bare = text.rstrip(" \n")
    natural = UnseenFont.width(bare) * size
    if length < 0.01 or size < 0.01 or natural < 0.01:
        return b""
    across, up = (bottom_right[0] - bottom_left[0]) / length, (bottom_right[1] - bottom_left[1]) / length
    stretch = min(max(100.0 * length / natural, 0.1), 10_000.0)
    matrix = " ".join(_n(value) for value in (across, up, -up, across, *bottom_left))
    codes = font.encode(bare + (" " if text.endswith((" ", "\n")) else "")).hex().upper()
    return f"/Unseen {_n(size)} Tf {_n(stretch)} Tz {matrix} Tm <{codes}> Tj\n".encode()


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"
