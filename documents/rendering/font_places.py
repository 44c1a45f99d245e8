"""Where the font of printed sheets is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from documents.rendering.errors import FontMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACES: Final = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc"),
    Path("/usr/local/share/fonts/NotoSansCJK-Regular.ttc"),
)
"""Where Debian, Arch, Fedora and administrators put it."""


def installed_font(places: Sequence[Path] = PLACES) -> Path:
    """Where the font is.

    Raises:
        FontMissing: nowhere.
    """
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise FontMissing
    return found
