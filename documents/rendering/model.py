"""The values of rendering."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREVIEW_LONG_SIDE: Final = 1600
THUMBNAIL_LONG_SIDE: Final = 320
READING_DPI: Final = 200
READING_LONG_SIDE: Final = 5000


class Encoding(StrEnum):
    """How a rendered picture is encoded."""

    JPEG = "image/jpeg"
    PNG = "image/png"


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """Bounds of one rendering.

    Attributes:
        pixels_max: of a page, as decoded and as rendered.
        pages_max: of a searchable copy.
        chars_max: of a plain text; what is beyond is left out and told.
        rows_max, columns_max: of a sheet.
        unpacked_max: bytes of one part of an Office file, unpacked.
    """

    pixels_max: int = 80_000_000
    pages_max: int = 200
    chars_max: int = 2_000_000
    rows_max: int = 100_000
    columns_max: int = 1_000
    unpacked_max: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a picture.

    Attributes:
        content: encoded from pixels; holds no metadata.
        pages: of the document.
    """

    content: bytes
    media_type: Encoding
    width: int
    height: int
    pages: int


@dataclass(frozen=True, slots=True)
class PlainText:
    """The text of an Office or text file.

    Attributes:
        text: lines end with a line feed, cells with a tab; no control characters.
        is_cut: whether the bounds left something out.
        encoding: of the source, for text files.
    """

    text: str
    is_cut: bool
    encoding: str = ""
