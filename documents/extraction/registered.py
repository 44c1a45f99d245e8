"""The registered name of who wrote a paper, where the letterhead shows a brand first: `HARBOUR TEA` over `Harbour Tea (Hong Kong) Limited`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.extraction.labels import is_firm
from documents.extraction.names import before_address, is_name
from documents.extraction.plain import has_chinese, key, tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import Piece, Token

NEAR: Final = 8.0
"""How far below the brand the registered name may stand, in text heights."""
ABOVE: Final = 2.0
"""How far above it, as beside a sign."""
LATIN_MIN: Final = 4
CHINESE_MIN: Final = 2
_PARTS: Final = re.compile(r"\s*[·•|]\s*|\s+/\s+|\s{2,}")


def registered_name(brand: Token, tokens: Sequence[Token]) -> Token | None:
    """The part of a token near a brand that begins as the brand does and ends as a company; None if the brand does so itself."""
    if is_firm(brand.text):
        return None
    begins = [one for one in _scripts(brand.text) if len(one) >= (CHINESE_MIN if has_chinese(one) else LATIN_MIN)]
    for token in tokens:
        if token is brand or not -ABOVE < token.v - brand.v < NEAR:
            continue
        said = before_address(_PARTS.split(tidy(token.text))[0])
        if is_firm(said) and is_name(said) and any(_begins(said, one) for one in begins):
            return first_part(token, said)
    return None


def _scripts(text: str) -> list[str]:
    """The comparable characters of a text by script: 永記 of `永記 WING KEE`, and `wingkee`."""
    return [key(part) for part in re.findall(r"[\u3400-\u9fff]+|[A-Za-z&'. -]+", tidy(text)) if key(part)]


def _begins(said: str, brand: str) -> bool:
    return any(part.startswith(brand) for part in _scripts(said))


def first_part(token: Token, said: str) -> Token:
    """The words of a token that make up the text at its start."""
    size = len("".join(said.split()))
    kept: list[Piece] = []
    for piece in token.pieces:
        text = "".join(tidy(piece.text).split())
        if len(text.rstrip(",;:")) <= size:
            kept.append(piece)
        elif size > 0 and len(text) == len(piece.text):
            kept.append(piece.part(0, size, 0.0, size / len(text), glued=piece.glued))
        size -= len(text)
        if size <= 0:
            break
    return replace(token, pieces=tuple(kept)).slice(0, len(kept)) if kept else token
