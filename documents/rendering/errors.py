"""What rendering raises besides `Refused` (documents.sandbox.errors), which is about a file.

RenderingError
├── NotArchival   a copy we wrote does not pass as PDF/A: a fault of ours, never of the file
└── FontMissing   no font with Chinese characters is installed: a fault of the installation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


class RenderingError(Exception):
    """Base of faults that are not the file's."""


class NotArchival(RenderingError):
    """The validator found something in a file that we wrote.

    Attributes:
        rules: the rules it breaks, as veraPDF names them.
    """

    def __init__(self, flavour: str, rules: Sequence[str]) -> None:
        self.rules: Final = tuple(rules)
        super().__init__(f"copy: expected PDF/A-{flavour}, got faults: {', '.join(self.rules[:5])}")


class FontMissing(RenderingError):
    """Chinese cannot be printed here."""

    def __init__(self) -> None:
        super().__init__("font: expected Noto Sans CJK, got none; install the system package fonts-noto-cjk")
