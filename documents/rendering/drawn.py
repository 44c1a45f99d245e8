"""Draws papers of trade, for a demonstration that has none of its own: a head, facts, a table, sums, and a line to sign.

Nothing here is from outside, so it is drawn in this process. The same paper gives the same picture with the same font.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from pathlib import Path

WIDTH: Final = 1_600
HEIGHT: Final = 1_130
DPI: Final = 140
_MARGIN: Final = 60
_RIGHT: Final = 1_000
_LINE: Final = 60
_TABLE: Final = 62
_HEAD_TOP: Final = 50
_FACTS_TOP: Final = 200
_HONG_KONG: Final = 3
"""The face of Noto Sans CJK with the shapes of zh-Hant-HK."""
_DESK: Final = (128, 122, 110)
_TURN: Final = 0.6
_EDGE: Final = 80
_QUALITY: Final = 88


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: where it begins, in pixels from the left, and what stands over it; figures end at `at`."""

    at: int
    heading: str
    is_figures: bool = False

    @property
    def anchor(self) -> str:
        """Which end of a text stands at `at`, as Pillow says it."""
        return "ra" if self.is_figures else "la"


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a paper, at most a dozen rows.

    Attributes:
        writer: who wrote it, in two languages.
        title: what it is, in two languages.
        facts: lines under the head, in pairs from left to right.
        columns: of the table.
        rows: a text for each column.
        sums: lines under the table, at the right.
        foot: the last line.
    """

    writer: tuple[str, str]
    title: tuple[str, str]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[str, ...] = ()
    foot: str = ""


def photo_of(paper: Paper, font: Path) -> bytes:
    """A JPEG as a phone takes it: the paper on a table, a little turned."""
    page = _drawn(paper, font)
    picture = Image.new("RGB", (WIDTH + 2 * _EDGE, HEIGHT + 2 * _EDGE), _DESK)
    picture.paste(page, (_EDGE, _EDGE))
    turned = picture.rotate(_TURN, resample=Image.Resampling.BICUBIC, fillcolor=_DESK)
    return _saved(turned, "JPEG")


def scan_of(paper: Paper, font: Path) -> bytes:
    """A PDF as a scanner makes it: one picture, no text."""
    return _saved(_drawn(paper, font), "PDF")


def _drawn(paper: Paper, font: Path) -> Image.Image:
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(page)
    large, plain = (ImageFont.truetype(font, size, index=_HONG_KONG) for size in (46, 28))
    for left, (chinese, english) in ((_MARGIN, paper.writer), (_RIGHT, paper.title)):
        draw.text((left, _HEAD_TOP), chinese, "black", font=large)
        draw.text((left, _HEAD_TOP + 70), english, "black", font=plain)
    top = _FACTS_TOP
    for pair in paper.facts:
        for left, fact in zip((_MARGIN, _RIGHT), pair, strict=True):
            draw.text((left, top), fact, "black", font=plain)
        top += _LINE
    top += _LINE // 2
    for column in paper.columns:
        draw.text((column.at, top), column.heading, "black", font=plain, anchor=column.anchor)
    for at in (top - 12, top + 50):
        draw.line((_MARGIN - 10, at, WIDTH - _MARGIN, at), "black", 3)
    top += 70
    for row in paper.rows:
        for column, text in zip(paper.columns, row, strict=True):
            draw.text((column.at, top), text, "black", font=plain, anchor=column.anchor)
        top += _TABLE
    draw.line((_MARGIN - 10, top, WIDTH - _MARGIN, top), "black", 3)
    for line in paper.sums:
        draw.text((_RIGHT, top + 16), line, "black", font=plain)
        top += _LINE
    draw.text((_MARGIN, top + _LINE), paper.foot, "black", font=plain)
    return page


def _saved(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, quality=_QUALITY, resolution=DPI)
    return out.getvalue()
