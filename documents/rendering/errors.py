"""What rendering raises besides `Refused` (documents.sandbox.errors), which is about a file.

RenderingError
└── NotArchival   a copy we wrote does not pass as PDF/A: a fault of ours, never of the file
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

    def __init__(self, rules: Sequence[str]) -> None:
        self.rules: Final = tuple(rules)
        super().__init__(f"searchable copy: expected PDF/A-2b, got faults: {', '.join(self.rules[:5])}")
