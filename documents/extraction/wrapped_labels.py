"""Labels that are not whole in one place: one that goes on below itself in a narrow box, 退貨單編 over 號; one round its number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.labels import Label, cut, read_label
from documents.extraction.plain import key, tidy
from documents.extraction.registered import first_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import Token

_BEGINS: Final = re.compile(r"[\u3400-\u9fff/ ]{2,9}")
_ENDS: Final = re.compile(r"[\u3400-\u9fff]{1,3}[:：]?")
LINE_MIN: Final = 0.6
LINE_MAX: Final = 1.5
EDGE: Final = 0.5


_FRAMED: Final = re.compile(r"(?:單據|編號|單號|發票|送貨單|收據)?第 ?((?:[A-Z]{1,4}[-/ ]?)?[0-9][0-9/-]{3,14}) ?號")


def framed_number(token: Token) -> Label | None:
    """A number between its two words, 第 A-1017 號, as a label with its value."""
    text = tidy(token.text)
    framed = _FRAMED.fullmatch(text)
    if framed is None:
        return None
    value = first_part(cut(token, framed.start(1), text), framed.group(1))
    return Label(token, lexicon.ANY_NUMBER, value, exact=True, closed=True)


def wrapped_labels(tokens: Sequence[Token]) -> list[Label]:
    """Labels whose end stands right below their beginning, edge to edge, each followed by that end as a label of nothing."""
    found: list[Label] = []
    for token in tokens:
        text = tidy(token.text)
        if not _BEGINS.fullmatch(text):
            continue
        under = [
            other
            for other in tokens
            if LINE_MIN < other.v - token.v < LINE_MAX
            and abs(other.left - token.left) < EDGE
            and _ENDS.fullmatch(tidy(other.text))
        ]
        role = lexicon.LABELS.get(key(text + under[0].text)) if len(under) == 1 else None
        alone = read_label(under[0]) if under else None
        if role is None or (alone is not None and alone.exact and len(key(under[0].text)) > 1):
            continue
        found.append(Label(token, role, None, exact=True, closed=True))
        found.append(Label(under[0], lexicon.IGNORED, None, exact=True, closed=True))
    return found
