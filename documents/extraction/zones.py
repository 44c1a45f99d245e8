"""The part of a document outside its table, and the values beside its labels: in the same box, to the right, or below."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.guessing import guess_label, says_more
from documents.extraction.kinds import title_in
from documents.extraction.labels import cut, is_firm, read_label
from documents.extraction.names import before_address, is_company
from documents.extraction.plain import has_chinese, key, tidy
from documents.extraction.registered import first_part
from documents.extraction.wrapped_labels import framed_number, wrapped_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from documents.extraction.flat import FlatPage, Token
    from documents.extraction.labels import Label

REACH_RIGHT: Final = 26.0
"""How far right of a label its value may begin, in text heights."""
REACH_OF_SUMS: Final = 45.0
"""Sums stand at the right edge, wherever their labels begin."""
REACH_BELOW: Final = 2.4
NAME_MIN: Final = 4
"""Letters from which an ideographic name is believed without a sign of business."""
FAR_RIGHT: Final = 9.0
"""Distance from which what stands right of a label gives way to what stands under it, edge to edge."""
TITLE_HEIGHT: Final = 1.15
TITLE_COVER: Final = 0.4
PARTY_ROLES: Final = frozenset({lexicon.SUPPLIER, lexicon.BUYER, lexicon.OTHER_PARTY, lexicon.FROM_PARTY})
SUM_ROLES: Final = frozenset({lexicon.TOTAL, lexicon.SUBTOTAL, lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX})
_CHARGED: Final = frozenset({lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX})
"""Sums of which the label may say what they are for."""
_WHAT_FOR: Final = re.compile(r"[A-Za-z\u3400-\u9fff]{2}")
LABEL_OVERLAP: Final = 1.0
"""How far a value's box may reach into that of its label."""
SAME_LINE: Final = 0.6
EDGE: Final = 0.7
LINE_MIN: Final = 0.6
LINE_MAX: Final = 1.95
LINES_MAX: Final = 5
HALF_LINE: Final = 1.0
NEAR: Final = 12.0
_PLATES: Final = re.compile(r"(?i)車|vehicle|truck|lorry|\bvan\b")
_MONEY: Final = re.compile(r"\$|[0-9]\.[0-9]{2}\b")
_LETTERED: Final = re.compile(r"[A-Z]{1,4} ?[0-9]{3,}")
"""A number with the letters that it begins with apart."""
_ATTENTION: Final = re.compile(r"(?i)att(?:n|ention)\b")
"""Before a company it names who the paper is for; before a person, whom it reaches there."""
_NUMBER_HALF: Final = re.compile(r"[\u3400-\u9fff]{1,6}(?:號碼?|編號|日期|日|期)")
"""The half of a number's or date's label in the other language: `Return Ref. No.` 退供單號."""
_IN_WORDS: Final = re.compile(
    r"(?i)[零壹貳叁參叄肆伍陸柒捌玖拾佰仟萬一二三四五六七八九十百千]{2,}.{0,12}[元圓角分正整]|\bdollars\b"
)
_IN_BOOKS: Final = re.compile(r"(?=.*[0-9])[A-Z]{0,4}-?[0-9A-Z]{3,10}")
"""What a firm is called in the books of another."""
_WORD_OR_TWO: Final = re.compile(r"[A-Za-z']{2,16}(?: [A-Za-z']{2,16})?")
_PERCENT: Final = re.compile(
    r"(?i)[(（]?\s*[0-9.]+\s*%\s*(?:(?:trade|cash|special|volume|bulk)? ?(?:discount|disc\.?|rebate|off)|折扣|優惠|回贈)?\s*[)）]?\s*:?"
)


@dataclass(frozen=True, slots=True)
class Zone:
    """The part of the document outside the table: pages, labels, and which tokens the table took."""

    pages: Sequence[FlatPage]
    labels: Sequence[Label]
    taken: frozenset[int]
    """Identities of tokens inside the table."""
    table_top: float | None
    """Where the table begins on the first page."""

    def label_of(self, token: Token) -> Label | None:
        """The label that a token begins with, or None."""
        return next((label for label in self.labels if label.token is token), None)

    def is_label(self, token: Token) -> bool:
        """Whether a token is a label and nothing else, or a label with its value."""
        label = self.label_of(token)
        return label is not None and (label.closed or label.rest is not None)

    def in_head(self, token: Token) -> bool:
        """Whether a token stands above the table on the first page."""
        top = self.table_top if self.table_top is not None else self.pages[0].bottom * 0.6
        return token.page == self.pages[0].page and token.v < top


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value beside a label."""

    label: Label
    tokens: tuple[Token, ...]
    text: str
    near: float
    """1 in the same box, less the further away."""


def make_zone(pages: Sequence[FlatPage], taken: frozenset[int], table_top: float | None) -> Zone:
    """The zone with its labels read."""
    free = [[token for token in page.tokens if id(token) not in taken] for page in pages]
    wrapped = {id(label.token): label for tokens in free for label in wrapped_labels(tokens)}
    labels = [
        label
        for tokens in free
        for token in tokens
        if (label := wrapped.get(id(token)) or _label_on(token)) is not None
    ]
    values = {id(value) for label in labels if (value := _value_beside(pages, label)) is not None}
    return Zone(pages, [label for label in labels if id(label.token) not in values], taken, table_top)


def _value_beside(pages: Sequence[FlatPage], label: Label) -> Token | None:
    """What stands right of a label and is its value, though it begins like a label: 車牌 RN 2444, `Report Number` IR 48821."""
    text = tidy(label.token.text)
    is_plate = label.role == lexicon.IGNORED and _PLATES.search(text) is not None
    if label.rest is not None or not (is_plate or label.role.startswith("number")):
        return None
    page = next(page for page in pages if page.page == label.token.page)
    beside = [
        other
        for other in page.tokens
        if abs(other.v - label.token.v) < SAME_LINE and 0 < other.left - label.token.right < REACH_RIGHT
    ]
    value = min(beside, key=lambda other: other.left, default=None)
    return value if value is not None and (is_plate or _LETTERED.fullmatch(tidy(value.text))) else None


def _label_on(token: Token) -> Label | None:
    """The label that a token begins with; a title such as `Return to supplier` is none of a party."""
    label = framed_number(token) or read_label(token)
    if label is None or says_more(label):
        label = guess_label(token) or label
    elif _may_be_party(label) and (guess := guess_label(token)) is not None and guess.role in PARTY_ROLES:
        label = guess
    if label is not None and label.rest is not None and is_firm(label.rest.text) and _ATTENTION.match(tidy(token.text)):
        return replace(label, role=lexicon.OTHER_PARTY)
    if label is None or label.role not in PARTY_ROLES or token.height < TITLE_HEIGHT:
        return label
    named = title_in(token.text)
    is_title = named is not None and (label.rest is None or (named[1] > TITLE_COVER and not is_firm(label.rest.text)))
    return None if is_title else label


def _may_be_party(label: Label) -> bool:
    """Whether the whole label may name a party, where its first word is of a sum (送貨供應商), or all that was known (供應商/製造商)."""
    if label.closed:
        return label.role in SUM_ROLES
    return label.rest is not None and ":" in tidy(label.rest.text)


def candidates(
    zone: Zone, roles: Callable[[str], bool], fits: Callable[[str], bool], *, last: bool = False
) -> list[Candidate]:
    """Values of all labels with a wanted role, one for each label.

    Args:
        zone: where to look.
        roles: which labels count.
        fits: what can be a value.
        last: right of the label the last that fits before the next label, as amounts stand; else the nearest alone.
    """
    wanted = (label for label in zone.labels if roles(label.role))
    return [found for label in wanted if (found := _value_of(zone, label, fits, last=last)) is not None]


def _value_of(zone: Zone, label: Label, fits: Callable[[str], bool], *, last: bool) -> Candidate | None:
    if label.rest is not None and _may_be_half(label):
        firm = _value_of(zone, replace(label, rest=None, closed=True), fits, last=last)
        if firm is not None and is_company(firm.text):
            return replace(firm, label=label)
    if label.rest is not None and not _is_half(label):
        rest = _name_alone(label.rest) if label.role in PARTY_ROLES else label.rest
        if fits(rest.text):
            return Candidate(label, (rest,), tidy(rest.text), 1.0)
        coded = label.role in PARTY_ROLES and _IN_BOOKS.fullmatch(tidy(label.rest.text)) is not None
        if label.closed and key(label.rest.text) and not coded and not _is_beside_the_point(label):
            return None
    page = next(page for page in zone.pages if page.page == label.token.page)
    free = [token for token in page.tokens if token is not label.token and id(token) not in zone.taken]
    below = [token for token in _below(zone, label.token, free) if fits(tidy(token.text))]
    beside = _right_of(zone, label.token, free, REACH_OF_SUMS if last else REACH_RIGHT)
    fitting = [token for token in (beside if last else beside[:1]) if fits(_value(token))]
    if not fitting and label.role in PARTY_ROLES and beside and _IN_BOOKS.fullmatch(tidy(beside[0].text)):
        # The firm's code comes first, and its name beside it or below.
        named = [*beside[1:2], *_below(zone, beside[0], free)]
        fitting = [token for token in named if fits(_value(token))][:1]
    right = fitting[-1] if fitting else None
    if label.role in PARTY_ROLES and (first := _first_line(zone, label, beside, free)) is not None:
        right = first if fits(_value(first)) else right
    if right is not None and below and right.left - label.token.right > FAR_RIGHT:
        under = below[0]
        is_sum = last and _MONEY.search(_value(right)) is not None
        if abs(under.left - label.token.left) < 0.8 and under.v - label.token.v < 1.8 and not is_sum:
            right = None
    if right is not None:
        return Candidate(label, (right,), _value(right), 0.97)
    return Candidate(label, (below[0],), tidy(below[0].text), 0.93) if below else None


def _first_line(zone: Zone, label: Label, beside: Sequence[Token], free: Sequence[Token]) -> Token | None:
    """The first line of a cell in whose middle its label stands, if what stands beside the label is a further line of it."""
    if not beside:  # two lines, above the label's and below it
        near = [
            one
            for one in free
            if 0 < one.left - label.token.right < NEAR
            and abs(one.v - label.token.v) < LINE_MAX / 2
            and not zone.is_label(one)
        ]
        beside = sorted(near, key=lambda one: one.left)
    if not beside:
        return None
    start = beside[0]
    column = [one for one in free if abs(one.left - start.left) < EDGE and abs(one.height - start.height) < EDGE / 2]
    block = [start]
    for step in (-1, 1):
        while len(block) < LINES_MAX:
            end = min(block, key=lambda one: -step * one.v)
            more = (one for one in column if LINE_MIN < step * (one.v - end.v) < LINE_MAX and not zone.is_label(one))
            if (found := next(more, None)) is None:
                break
            block.append(found)
    top, bottom = min(block, key=lambda one: one.v), max(block, key=lambda one: one.v)
    is_centred = abs(top.v + bottom.v - 2 * label.token.v) < EDGE or len(block) == 1
    owned = any(zone.is_label(one) and abs(one.v - top.v) < SAME_LINE and one.left < top.left for one in free)
    return top if is_centred and not owned else None


def _is_beside_the_point(label: Label) -> bool:
    """Whether a value may stand behind what follows its label: a rate, the same sum in words, the label's other half."""
    text = tidy(label.rest.text) if label.rest is not None else ""
    if label.role.startswith(("number", "date")) and _NUMBER_HALF.fullmatch(text):
        return True
    if label.role in _CHARGED and not _MONEY.search(text) and _WHAT_FOR.match(text):
        return True  # `Less: Loyalty Rebate 2%`
    return _PERCENT.fullmatch(text) is not None or (label.role in SUM_ROLES and _IN_WORDS.search(text) is not None)


def _name_alone(token: Token) -> Token:
    """A token without the code that a firm has in somebody's books before its name, and up to where an address goes on."""
    text = tidy(token.text)
    code, _, behind = text.partition(" ")
    if _IN_BOOKS.fullmatch(code) and is_company(behind):
        token = cut(token, len(code) + 1, text)
    return first_part(token, before_address(tidy(token.text)))


def _is_half(label: Label) -> bool:
    """Whether what touches a party's label is its other half, in words of no list: `Bill to` 帳單寄送."""
    if label.rest is None or label.closed or label.role not in PARTY_ROLES:
        return False
    text = tidy(label.rest.text)
    return has_chinese(text) and len(key(text)) < NAME_MIN and not is_company(text)


def _may_be_half(label: Label) -> bool:
    """Whether a word or two of Latin behind an ideographic label may be its other half: 供應商 `Supplied By`, or a firm."""
    if label.rest is None or label.closed or label.role not in PARTY_ROLES:
        return False
    said, text = tidy(label.token.text), tidy(label.rest.text)
    return has_chinese(said) and _WORD_OR_TWO.fullmatch(text) is not None and not is_firm(text)


def _value(token: Token) -> str:
    return tidy(token.text).lstrip(":： ")


def _right_of(zone: Zone, token: Token, free: Iterable[Token], reach: float) -> list[Token]:
    """What stands right of a label on its line, up to the next label."""
    beside = [
        other
        for other in free
        if abs(other.v - token.v) < 0.6 * max(1.0, min(token.height, other.height))
        and -LABEL_OVERLAP < other.left - token.right < reach
        and other.middle > token.right
        and key(other.text)
    ]
    ordered = sorted(beside, key=lambda other: (other.left, abs(other.v - token.v)))
    return list(takewhile(lambda other: not zone.is_label(other), ordered))


def _below(zone: Zone, token: Token, free: Iterable[Token]) -> list[Token]:
    under = [
        other
        for other in free
        if 0.5 < other.v - token.v < REACH_BELOW
        and other.left < token.right + 1.0
        and other.right > token.left - 1.0
        and not zone.is_label(other)
    ]
    return sorted(under, key=lambda other: (round(other.v - token.v, 0), abs(other.left - token.left)))
