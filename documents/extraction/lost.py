"""Characters that the reader saw and could not name: a box that goes on where its words have ended.

The detector finds a printed character whether the reader knows it or not. A rare one, as the second of 榴槤, is then left out
of the text without a doubt about those beside it; but the box keeps its room.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction.model import ReviewItem, ReviewReason
from documents.extraction.plain import has_chinese

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.flat import Token
    from documents.extraction.found import Found

ROOM: Final = 0.65
"""Share of an ideograph's width from which the room behind the last one is that of another."""
_WORDS: Final = ("description", "reason")
_NAMES: Final = ("supplier", "buyer")
_DURIAN: Final = re.compile(r"(?<!石)榴$")


def room_behind(token: Token) -> float:
    """The room in a box behind its last ideograph, in widths of one; 0 where it ends with something else."""
    whole = [piece for piece in token.pieces if all(map(has_chinese, piece.text))]
    last = token.pieces[-1]
    if not whole or not has_chinese(last.text[-1:]):
        return 0.0
    width = sum(piece.right - piece.left for piece in whole) / sum(len(piece.text) for piece in whole)
    return (token.right - last.right) / width if width > 0 else 0.0


def is_cut_short(token: Token) -> bool:
    """Whether a character behind the last ideograph of a box was lost, and no word that is known ends there."""
    return room_behind(token) >= ROOM and not _DURIAN.search(token.text)


def made_whole(token: Token, text: str) -> str:
    """A text that ends a box, with the last character of the one word of goods that readers are known to cut short."""
    return f"{text}槤" if _DURIAN.search(text) and token.text.endswith("榴") and room_behind(token) >= ROOM else text


def cut_short(fields: Mapping[str, Found], rows: Sequence[Mapping[str, Found]]) -> list[ReviewItem]:
    """Questions about names and words of which the reader lost the end."""
    held = [(name, fields[name]) for name in _NAMES if name in fields]
    held += [(f"rows/{at}/{name}", row[name]) for at, row in enumerate(rows) for name in _WORDS if name in row]
    return [ReviewItem(path, ReviewReason.UNSURE) for path, found in held if any(map(is_cut_short, found.tokens))]
