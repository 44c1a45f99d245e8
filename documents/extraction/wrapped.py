"""Names in two lines: what a name goes on with under it, and what it began with above it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from documents.extraction.labels import is_firm, read_label
from documents.extraction.names import FIRM_ENDINGS, is_name, is_of_trade, tidy_name
from documents.extraction.plain import has_chinese, has_digit, tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import FlatPage, Token

NAME_GOES_ON: Final = re.compile(
    r"(?i)(?:\([a-z][a-z. ]{1,14}\) ?)?(?:[a-z&]+ ){0,2}(?:limited|ltd\.?|company|co\.?|corporation|corp\.?|inc\.?|co\.,? ltd\.?|pharmacy|dispensary|stores?|supermarket|wholesale|merchants?|trading|supplies)|.{0,4}(?:有限公司|公司)"
)

EDGE: Final = 0.9
LARGER: Final = 0.3
LINE_MAX: Final = 1.5
"""How far apart the lines of one name in a cell stand at most."""
STACKED_MAX: Final = 4
STACKED_WORDS: Final = 3
"""Lines of a narrow letterhead, and words of each but the last."""


def wrapped(page: FlatPage, token: Token, left: float | None = None) -> Token | None:
    """The end of a name that goes on under it: `Limited` below `Smartcom Digital Technology`.

    Smaller than the name only if it says nothing but a trade: `COFFEE ROASTERS LIMITED` below a sign.
    """
    if _is_whole(token):
        return None
    like = [other for other in _lines_under(page, token, left) if has_chinese(other.text) == has_chinese(token.text)]
    whole = (other for other in like if _is_as_large(other, token) and NAME_GOES_ON.fullmatch(tidy(other.text)))
    return next(whole, None) or next((other for other in like if is_of_trade(other.text)), None)


def may_go_on(page: FlatPage, token: Token, left: float | None = None) -> bool:
    """Whether the line under a name without a company's ending could belong to it: words alone, edge to edge.

    Of any size if it ends as a firm's name does, which the sign above it may begin or only stand for; else as large.
    """
    if has_chinese(token.text) or _is_whole(token):
        return False
    below = _lines_under(page, token, left)
    other = min(below, key=lambda other: other.v, default=None)
    return (
        other is not None
        and (_is_as_large(other, token) or is_firm(other.text))
        and is_name(other.text)
        and not has_chinese(other.text)
        and not has_digit(other.text)
        and read_label(other) is None
    )


def _is_whole(token: Token) -> bool:
    """Whether a name ends as firms' names do, whatever a contract calls it behind; a comma leaves it open."""
    text = tidy(token.text)
    return (text if text.endswith(",") else tidy_name(text)).casefold().rstrip(".").endswith(FIRM_ENDINGS)


def begun(page: FlatPage, token: Token, label: Token) -> Token | None:
    """The beginning of a name of which nothing but the end stands beside its label, as labels stand in the middle of a cell."""
    if not NAME_GOES_ON.fullmatch(tidy(token.text)):
        return None
    return next(
        (
            other
            for other in page.tokens
            if 0.5 < token.v - other.v < LINE_MAX
            and abs(other.left - token.left) < EDGE
            and abs(other.v - label.v) < LINE_MAX / 2 + EDGE / 4
            and other.left > label.right
            and _is_as_large(other, token)
            and has_chinese(other.text) == has_chinese(token.text)
            and is_name(other.text)
            and read_label(other) is None
        ),
        None,
    )


def as_one(start: str, *ends: str) -> str:
    """A name in several lines as one; a comma before `Ltd.` stays."""
    text = tidy_name(start)
    for before, end in pairwise((start, *ends)):
        comma = "," if tidy(before).endswith(",") else ""
        text = f"{text}{comma} {tidy_name(end)}"
    return text


def under(page: FlatPage, token: Token, left: float | None = None) -> list[Token]:
    """What stands right below a text, as large and edge to edge with it, or with its label at `left`."""
    return [other for other in _lines_under(page, token, left) if _is_as_large(other, token)]


def stacked(last: Token, names: Sequence[Token]) -> tuple[Token, ...]:
    """The lines of a name of a word or two each that ends in this one, as `ELMFIELD` over `GROCERS` over `(HK) LIMITED`."""
    lines = [last]
    while len(lines) < STACKED_MAX:
        top = lines[0]
        above = [
            other
            for other in names
            if 0.5 < top.v - other.v < LINE_MAX * max(1.0, top.height)
            and min(abs(other.left - top.left), abs(other.middle - top.middle)) < EDGE / 2
            and _is_as_large(other, top)
            and len(other.pieces) <= STACKED_WORDS
            and has_chinese(other.text) == has_chinese(top.text)
            and not is_firm(other.text)
        ]
        if not above:
            break
        lines.insert(0, above[0])
    return tuple(lines)


def _is_as_large(other: Token, token: Token) -> bool:
    return abs(other.height - token.height) < LARGER * token.height


def _lines_under(page: FlatPage, token: Token, left: float | None) -> list[Token]:
    edge = token.left if left is None else left
    return [
        other
        for other in page.tokens
        if 0.5 < other.v - token.v < 1.9 * max(1.0, token.height)
        and (
            min(abs(other.left - token.left), abs(other.left - edge)) < EDGE
            or abs(other.right - token.right) < EDGE / 2
            or (left is None and not _is_as_large(other, token) and abs(other.middle - token.middle) < EDGE)
        )
    ]
