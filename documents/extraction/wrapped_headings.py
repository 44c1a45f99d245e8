"""Headings of a table that go on below themselves, joined before they are read: `Back` over `Order`, 單價 UNIT over PRICE, `Qty` over `Received`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.guessing import guess_column
from documents.extraction.headings import Heading
from documents.extraction.plain import has_digit, key, tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import Token

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")


def joined_headings(read: Sequence[list[tuple[Token, list[Heading]]]]) -> list[list[tuple[Token, list[Heading]]]]:
    """Lines of a heading with boxes that stand over each other as one heading, where both together name a column and apart another, or none."""
    joined = [list(line) for line in read]
    for at in range(len(joined) - 1):
        for place, (token, found) in enumerate(joined[at]):
            below = [(index, other) for index, other in enumerate(joined[at + 1]) if _overlap(token, other[0])]
            if len(below) != 1:
                continue
            index, (under, named) = below[0]
            if sum(_overlap(one, under) for one, _ in joined[at]) != 1 or has_digit(token.text + under.text):
                continue
            role = _role_of(token, under, known={heading.role for heading in (*found, *named)})
            if role is None:
                continue
            left, right = min(token.left, under.left), max(token.right, under.right)
            word = key(_latin(token.text) + _latin(under.text)) or key(token.text + under.text)
            joined[at][place] = (token, [Heading(role, word, left, right, exact=True)])
            joined[at + 1][index] = (under, [Heading(role, word, left, right, exact=True)])
    return joined


def _overlap(one: Token, other: Token) -> bool:
    return min(one.right, other.right) - max(one.left, other.left) > 0.2


def _role_of(token: Token, under: Token, known: set[str]) -> str | None:
    """What two boxes name together in one language, where each has a part of it."""
    for one, two in ((_latin(token.text), _latin(under.text)), (_chinese(token.text), _chinese(under.text))):
        if not key(one) or not key(two):
            continue
        role = lexicon.COLUMNS.get(key(one + two))
        if role is None and not known:
            role = guess_column(f"{one} {two}".strip())
        if role is not None and not (
            key(one) in lexicon.COLUMNS and lexicon.COLUMNS.get(key(two)) == role == lexicon.COLUMNS[key(one)]
        ):
            return role
    return None


def _latin(text: str) -> str:
    return " ".join(_CHINESE.sub(" ", tidy(text)).split())


def _chinese(text: str) -> str:
    return "".join(_CHINESE.findall(tidy(text)))
