"""A photographed page made flat: tokens with upright coordinates in units of the page's own text height.

- Rows: the slope of long boxes is fitted as a linear function of place, and each box is followed along that field to the
  middle of the page. What stood on one printed line then has one `v`.
- Columns: lean and convergence of the verticals are searched for where left and right edges line up best.
- `place` goes back to pixels by a quadratic fit, for cells in which nothing was found.

The picture itself is not straightened: reading it so gained nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from documents.extraction.plain import has_chinese, tidy
from documents.reading.geometry import corners_of, quad_of, size_of
from documents.reading.geometry import part as cut_corners
from documents.reading.model import Line, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from documents.reading.model import PageReading, Quad

    Floats = NDArray[np.float64]

_TOUCHING: Final = re.compile(
    r"[0-9]{2,4}年[0-9]{1,2}月(?:[0-9]{1,2}[日號号])?|[0-9][0-9,]*\.[0-9]{2}(?=[0-9]{0,5}[A-Z]|[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}$)"
    r"|^[A-Z]{1,4}-?[0-9][A-Z0-9-]*?(?=[A-Z][a-z]{2})"
    r"|[0-9]{4}([-/.])[0-9]{2}\1[0-9]{2}(?=[A-Z0-9])|[0-9]{2}([-/.])[0-9]{2}\2[0-9]{4}(?=[A-Z0-9])|[0-9][0-9.,]*(?=[\u3400-\u9fff]|[A-Z]{2,5}$|[A-Z][a-z]{2})"
    r"|[\u3400-\u9fff]+(?=[0-9])|.+$"
)
"""Dates, amounts, figures before words, ideographs before figures: where two cells of a table may touch."""
STACKED: Final = 1.5
"""Height over width from which a box of ideographs is a stack of them; the reader turns such a box before it reads it."""
STACK_MAX: Final = 12
STEPS: Final = 24
TOKENS_MAX: Final = 3000
LEANS: Final = 0.16
SWAYS: Final = 0.16


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a token, or a part of one where figures touch words: its text and edges, in flat units."""

    text: str
    left: float
    right: float
    confidence: float
    quad: Quad
    glued: bool = False
    """Whether no space stood before it."""
    probabilities: tuple[float, ...] = ()
    """One for each character of `text`; empty where the reader gave none."""

    def characters(self) -> Iterator[tuple[str, float]]:
        """Each character and how surely it was read."""
        return zip(self.text, self.probabilities or (self.confidence,) * len(self.text), strict=True)

    def part(self, start: int, stop: int, left: float, right: float, *, glued: bool) -> Piece:
        """Some of its characters; `left` and `right` are where they begin and end, as shares of the whole."""
        sure = self.probabilities[start:stop]
        wide = self.right - self.left
        return Piece(
            self.text[start:stop],
            self.left + wide * left,
            self.left + wide * right,
            min(sure, default=self.confidence),
            quad_of(cut_corners(corners_of(self.quad), left, right)),
            glued,
            sure,
        )


@dataclass(frozen=True, slots=True)
class Token:
    """A detected box in flat units: `left`, `right` along the line, `v` its middle, `height` across."""

    text: str
    raw: str
    page: int
    quad: Quad
    confidence: float
    left: float
    right: float
    v: float
    height: float
    pieces: tuple[Piece, ...]

    @property
    def middle(self) -> float:
        """The middle along the line."""
        return (self.left + self.right) / 2

    def characters(self) -> Iterator[tuple[str, float]]:
        """Each character that is no space, and how surely it was read."""
        return (pair for piece in self.pieces for pair in piece.characters() if not pair[0].isspace())

    def slice(self, start: int, stop: int) -> Token:
        """The token of some of its words."""
        pieces = self.pieces[start:stop]
        return Token(
            text="".join(piece.text if piece.glued or not at else f" {piece.text}" for at, piece in enumerate(pieces)),
            raw=self.raw,
            page=self.page,
            quad=_joined(pieces),
            confidence=min(piece.confidence for piece in pieces),
            left=pieces[0].left,
            right=pieces[-1].right,
            v=self.v,
            height=self.height,
            pieces=pieces,
        )


def _joined(pieces: Sequence[Piece]) -> Quad:
    first, last = pieces[0].quad, pieces[-1].quad
    return (first[0], last[1], last[2], first[3])


@dataclass(frozen=True, slots=True)
class FlatPage:
    """The tokens of a page, top to bottom, and the way back to its pixels."""

    page: int
    tokens: tuple[Token, ...]
    unit: float
    """Pixels of one flat unit."""
    bottom: float
    """The lowest edge of the page, in flat units."""
    back: Floats
    rows: tuple[tuple[Token, ...], ...]
    """Printed lines, top to bottom, each left to right."""

    def place(self, left: float, right: float, v: float, height: float) -> Quad:
        """The pixels of a flat rectangle."""
        half = height / 2
        corners = [(left, v - half), (right, v - half), (right, v + half), (left, v + half)]
        terms = np.array([_terms(np.array([u]), np.array([w]))[0] for u, w in corners])
        return quad_of((terms @ self.back).astype(np.float32))


def _terms(u: Floats, v: Floats) -> Floats:
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)


def flatten(page: PageReading) -> FlatPage:
    """The flat form of a page."""
    lines = [part for line in page.lines if tidy(line.text) for part in _unstacked(line)][:TOKENS_MAX]
    if not lines:
        return FlatPage(page.page, (), 1.0, 0.0, np.zeros((6, 2)), ())
    corners = np.stack([corners_of(line.quad) for line in lines]).astype(np.float64)
    sizes = np.array([size_of(corners_of(line.quad)) for line in lines], dtype=np.float64)
    unit = float(np.median(np.minimum(sizes[:, 0], sizes[:, 1]))) or 1.0
    field = _slope_field(corners, sizes, page)
    lean = _lean(corners, field, page, unit)
    flat = _Flattening(page.width / 2, page.height / 2, field, lean, unit)
    tokens = tuple(sorted(_tokens(lines, page.page, flat, sizes[:, 1] / unit), key=_v))
    bottom = float(flat.at(np.array([page.width / 2]), np.array([float(page.height)]))[1][0])
    return FlatPage(page.page, tokens, unit, bottom, _way_back(corners, flat), _rows(tokens))


def _unstacked(line: Line) -> list[Line]:
    """A tall box of ideographs as one line for each: cells of rows under each other, that the detector took together."""
    corners = corners_of(line.quad)
    width, height = size_of(corners)
    count = len(line.text)
    if not 2 <= count <= STACK_MAX or height < STACKED * width or not all(map(has_chinese, line.text)):
        return [line]
    down = np.stack([corners[3] - corners[0], corners[2] - corners[1]]) / count
    sure = [one for word in line.words for one in word.probabilities]
    lines = []
    for at, character in enumerate(line.text):
        left, right = corners[0] + down[0] * at, corners[1] + down[1] * at
        quad = quad_of(np.stack([left, right, right + down[1], left + down[0]]))
        confidence = sure[at] if len(sure) == count else line.confidence
        word = Word(character, character, quad, confidence, (confidence,))
        lines.append(Line(character, character, quad, confidence, (word,)))
    return lines


def _v(token: Token) -> float:
    return token.v


@dataclass(frozen=True, slots=True)
class _Flattening:
    """Pixels to flat units: along the slope field to the middle of the page, then upright."""

    x_middle: float
    y_middle: float
    field: tuple[float, float, float]
    lean: tuple[float, float]
    unit: float

    def at(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        v = _follow(x, y, self.x_middle, self.field)
        p, q = self.lean
        share = (x - self.x_middle) / max(1.0, self.x_middle)
        u = x + (p + q * share) * (v - self.y_middle)
        return u / self.unit, v / self.unit


def _follow(x: Floats, y: Floats, x_to: float, field: tuple[float, float, float]) -> Floats:
    """The height at which the printed line through (x, y) crosses `x_to`."""
    a, b, c = field
    step = (x_to - x) / STEPS
    for _ in range(STEPS):
        slope = a + b * y + c * x
        y = y + slope * step
        x = x + step
    return y


def _slope_field(corners: Floats, sizes: Floats, page: PageReading) -> tuple[float, float, float]:
    """Slope as a + b·y + c·x, by least squares over long boxes with outliers put aside; level if there are too few."""
    long = sizes[:, 0] > 3.0 * sizes[:, 1]
    if long.sum() < 4:
        return 0.0, 0.0, 0.0
    left = (corners[long, 0] + corners[long, 3]) / 2
    right = (corners[long, 1] + corners[long, 2]) / 2
    run = np.maximum(1.0, right[:, 0] - left[:, 0])
    slope = (right[:, 1] - left[:, 1]) / run
    middle = (left + right) / 2
    terms = np.stack([np.ones(len(slope)), middle[:, 1] / page.height - 0.5, middle[:, 0] / page.width - 0.5], axis=1)
    ridge = np.diag([0.0, 0.02, 0.02]) * run.sum()
    weights = run * (np.abs(slope - np.median(slope)) < 0.08)
    found = np.zeros(3)
    for _ in range(5):
        found = np.linalg.solve(
            (terms * weights[:, None]).T @ terms + ridge + 1e-9 * np.eye(3), (terms * weights[:, None]).T @ slope
        )
        off = np.abs(slope - terms @ found)
        scale = max(0.002, float(np.median(off)) * 2)
        weights = run / (1 + (off / scale) ** 2)
    b, c = float(found[1]) / page.height, float(found[2]) / page.width
    return float(found[0]) - b * page.height / 2 - c * page.width / 2, b, c


def _lean(corners: Floats, field: tuple[float, float, float], page: PageReading, unit: float) -> tuple[float, float]:
    """How verticals lean in the middle, and how much more so at the edges: where box edges line up best."""
    a, b, c = field
    turn = a + b * page.height / 2 + c * page.width / 2
    edges = np.concatenate([(corners[:, 0] + corners[:, 3]) / 2, (corners[:, 1] + corners[:, 2]) / 2])
    right = np.arange(len(edges)) >= len(corners)
    height = _follow(edges[:, 0], edges[:, 1], page.width / 2, field) - page.height / 2
    share = (edges[:, 0] - page.width / 2) / max(1.0, page.width / 2)

    def scores(leans: Floats, width: float) -> Iterator[float]:
        """How well edges line up by each lean and sway; all of them are placed at once."""
        ps, qs = leans[:, :1], leans[:, 1:]
        place = (edges[:, 0] + (ps + qs * share) * height) / width
        place -= place.min(axis=1, keepdims=True) - 1
        place += right * (np.ceil(place.max(axis=1, keepdims=True)) + 2)  # left edges line up with left ones only
        whole = place.astype(np.int64)
        frac = place - whole
        sizes = whole.max(axis=1) + 2
        size = int(sizes.max())
        at = (whole + size * np.arange(len(leans))[:, None]).ravel()
        counts = np.bincount(at, (1 - frac).ravel(), size * len(leans))
        counts += np.bincount(at + 1, frac.ravel(), size * len(leans))
        for (p, q), filled, own in zip(leans.tolist(), counts.reshape(-1, size), sizes.tolist(), strict=True):
            yield float(filled[:own] @ filled[:own]) * (1 - 0.6 * abs(p - turn) - 0.6 * abs(q))

    best = (turn, 0.0)
    for reach, width in ((1.0, 0.8 * unit), (0.25, 0.45 * unit), (0.07, 0.3 * unit)):
        ps = best[0] + LEANS * reach * np.linspace(-1, 1, 17)
        qs = best[1] + SWAYS * reach * np.linspace(-1, 1, 13)
        leans = np.stack([np.repeat(ps, len(qs)), np.tile(qs, len(ps))], axis=1)
        best = max((score, p, q) for score, (p, q) in zip(scores(leans, width), leans.tolist(), strict=True))[1:]
    return best


def _tokens(lines: Sequence[Line], page: int, flat: _Flattening, heights: Floats) -> list[Token]:
    """The lines as tokens; all their boxes and words go through the flattening at once."""
    quads = [quad for line in lines for quad in (line.quad, *(word.quad for word in line.words))]
    boxes = np.stack([corners_of(quad) for quad in quads]).astype(np.float64)
    ends = np.stack([boxes[:, 0] + boxes[:, 3], boxes[:, 1] + boxes[:, 2]], axis=1) / 2
    u, v = flat.at(ends[:, :, 0].ravel(), ends[:, :, 1].ravel())
    places = iter(zip(u.reshape(-1, 2).tolist(), v.reshape(-1, 2).mean(axis=1).tolist(), strict=True))
    tokens = []
    for line, height in zip(lines, heights.tolist(), strict=True):
        (left, right), middle = next(places)
        pieces = [piece for word in line.words for piece in _pieces(word, *next(places)[0])]
        if not pieces:
            pieces = [Piece(line.text, left, right, line.confidence, line.quad)]
        tokens.append(
            Token(
                text=line.text,
                raw=line.raw,
                page=page,
                quad=line.quad,
                confidence=line.confidence,
                left=left,
                right=right,
                v=middle,
                height=height,
                pieces=tuple(pieces),
            )
        )
    return tokens


def _pieces(word: Word, left: float, right: float) -> list[Piece]:
    """A word, parted where figures and ideographs or a unit touch: neighbouring cells may be one box."""
    fits = len(word.probabilities) == len(word.text)
    whole = Piece(word.text, left, right, word.confidence, word.quad, probabilities=word.probabilities if fits else ())
    parts = [match.group(0) for match in _TOUCHING.finditer(word.text)]
    if len(parts) < 2 or "".join(parts) != word.text:
        return [whole]
    widths = [sum(1.8 if has_chinese(character) else 1.0 for character in text) for text in parts]
    made, at, begun = [], 0, 0.0
    for text, width in zip(parts, widths, strict=True):
        ended = begun + width / sum(widths)
        made.append(whole.part(at, at + len(text), begun, min(1.0, ended), glued=at > 0))
        at, begun = at + len(text), ended
    return made


def _way_back(corners: Floats, flat: _Flattening) -> Floats:
    points = corners.reshape(-1, 2)
    u, v = flat.at(points[:, 0], points[:, 1])
    terms = _terms(u, v)
    return np.asarray(np.linalg.lstsq(terms, points, rcond=1e-10)[0], dtype=np.float64)


def _rows(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """Boxes chained left to right, each to the row whose end so far is nearest in height."""
    rows: list[list[Token]] = []
    for token in sorted(tokens, key=lambda token: token.left):
        best, best_off = None, 0.55
        for row in rows:
            last = row[-1]
            off = abs(last.v - token.v) / min(last.height, token.height, 1.6)
            if off < best_off and token.left > last.left + 0.3 * (last.right - last.left):
                best, best_off = row, off
        if best is None:
            rows.append([token])
        else:
            best.append(token)
    return tuple(tuple(row) for row in sorted(rows, key=lambda row: sum(token.v for token in row) / len(row)))
