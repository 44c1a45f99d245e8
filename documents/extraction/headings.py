"""The words of a table's heading: which column words make up a token, and where each stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from documents.extraction import lexicon
from documents.extraction.labels import SURE, Letters, cut, letters_of, longest, phrases
from documents.extraction.plain import CONFUSED, has_chinese, has_digit, tidy

if TYPE_CHECKING:
    from documents.extraction.flat import Token

SLIP_CHINESE: Final = 4
SLIP_LATIN: Final = 5
UNKNOWN: Final = "unknown"
"""The role of a column whose heading says nothing that is known."""
KNOWN_AMONG: Final = 3
"""Roles that a box must name before unknown words in it are taken for headings."""
_BRACKETED: Final = re.compile(r"\s*[(\[]([^()\[\]]{1,12})[)\]]")
_NUMBERED: Final = re.compile(r"[(（][1-9][)）] ?(?=\S)")
"""The number of a clause before a heading, as sales confirmations have them: `(1) Commodity`."""
_NUMBER_SIGNS: Final = frozenset({"#", "##", "№"})
_AND: Final = frozenset({"&", "and", "及", "與", "和"})
_OF_GOODS: Final = re.compile(
    r"(?i)(?:full |brief |item )?(?:descriptions?|particulars|details|names?) (?:&|and) [a-z]+ of [a-z /&]{4,24}"
    r"|(?:full |brief )?(?:descriptions?|particulars|details|names?) of (?:the )?[a-z /&]{4,24}"
)
"""`Description of goods returned`: of whatever it is, it is the goods."""
_TRADED: Final = frozenset(
    {"來貨", "送貨", "出貨", "收貨", "退貨", "發貨", "訂貨", "到貨", "已送", "應送", "實送", "實發", "實收", "入貨"}
)
_BESIDES_AMOUNT: Final = frozenset({"batch", "expiry", "made", "reason", "sku", "description", "unit_price", "amount"})
_OF_WORDS: Final = frozenset({"description", "spec"})
"""Columns of words: of `Product & Pack Size` both are what one cell says."""
_FIRST: Final = {"quantity": 0, "description": 1, "sku": 2}
"""Which of two roles names a column whose heading has both."""
_PER_UNIT: Final = re.compile(
    r"(?i)(?:(?:hk|us)?\$|hkd|usd|rmb|price|cost|@)\s*(?:per|/)\s*([a-z]+|[\u3400-\u9fff])|每([\u3400-\u9fff])(?:單價|價錢?)?"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column word found in a token: its role, extent and length in letters."""

    role: str
    word: str
    left: float
    right: float
    exact: bool


@cache
def _slipped_columns() -> dict[str, str]:
    forms: dict[str, str] = {}
    for word, role in lexicon.COLUMNS.items():
        if len(word) >= (SLIP_CHINESE if has_chinese(word) else SLIP_LATIN):
            folded = word.translate(CONFUSED)
            for place in range(len(folded)):
                forms.setdefault(f"{place}|{folded[:place]}{folded[place + 1 :]}", role)
    return forms


def read_headings(token: Token) -> list[Heading]:
    """The column words that make up a token, left to right; empty if it says anything else."""
    text = tidy(token.text)
    if text in _NUMBER_SIGNS:
        return [Heading("line", "#", token.left, token.right, exact=True)]
    if len(token.pieces) > 1 and tidy(token.pieces[0].text) in _NUMBER_SIGNS:
        rest = read_headings(token.slice(1, len(token.pieces)))
        return [Heading("line", "#", token.left, token.pieces[0].right, exact=True), *rest] if rest else []
    numbered = _NUMBERED.match(text)
    if numbered is not None:
        return read_headings(cut(token, numbered.end(), text))
    source = letters_of(text)
    if not source.letters:
        return []
    role = _phrase(text)
    if role is not None:
        return [Heading(role, source.letters, token.left, token.right, exact=True)]
    found = _split(source, 0)
    if found is None and (apart := _word_by_word(token)):
        return apart
    hits = found or (_among(source) if found is None else [])
    if hits:
        return _of_goods(_in_two_languages(_in_one(source, [_heading(token, source, one) for one in hits], hits)))
    return _slipped(token, source) if found is None else []


def _phrase(text: str) -> str | None:
    """The role that a phrase names whatever stands in its open place: `Price per box`, `Description of goods returned`."""
    priced = _PER_UNIT.fullmatch(text)
    if priced is not None and letters_of(priced.group(1) or priced.group(2)).letters in lexicon.UNITS:
        return "unit_price"
    return "description" if _OF_GOODS.fullmatch(text) else None


def _word_by_word(token: Token) -> list[Heading]:
    """The column words of a box that a gap parts in two, each of which is one or more: 序 and 貨號."""
    if len(token.pieces) != 2 or token.pieces[1].glued:
        return []
    head, tail = read_headings(token.slice(0, 1)), read_headings(token.slice(1, 2))
    return _of_goods([*head, *tail]) if head and tail and all(one.exact for one in (*head, *tail)) else []


def _slipped(token: Token, source: Letters) -> list[Heading]:
    """The column word that a token is with one misread character."""
    word = source.letters.translate(CONFUSED)
    if token.confidence >= SURE and has_chinese(word):
        return []
    if longest(source, 0, lexicon.COLUMNS, lexicon.COLUMN_LENGTH_MAX) is None:
        for place in range(len(word)):
            role = _slipped_columns().get(f"{place}|{word[:place]}{word[place + 1 :]}")
            if role is not None:
                return [Heading(role, source.letters, token.left, token.right, exact=False)]
    return []


def _in_one(source: Letters, headings: list[Heading], hits: list[_Hit]) -> list[Heading]:
    """Headings with those that a stroke parts as one: Bottles/Cases is one column."""
    joined: list[Heading] = []
    stop = 0
    for heading, hit in zip(headings, hits, strict=True):
        between = source.text[source.places[stop - 1] + 1 : source.places[hit[1]]] if joined else ""
        stop = hit[2]
        pair = {joined[-1].role, heading.role} if joined else set[str]()
        if joined and (between.strip() == "/" or (between.strip() in _AND and pair <= _OF_WORDS)):
            one = min((joined[-1], heading), key=lambda one: _FIRST.get(one.role, 3))
            left, right = joined[-1].left, heading.right
            joined[-1] = replace(one, word=f"{joined[-1].word} {heading.word}", left=left, right=right)
        else:
            joined.append(heading)
    return joined


def _in_two_languages(headings: list[Heading]) -> list[Heading]:
    """Headings of which a word and the same in the other language are one: 數量 QTY 單位 UM are two columns."""
    joined: list[Heading] = []
    for heading in headings:
        before = joined[-1] if joined else None
        if before is not None and before.role == heading.role and has_chinese(before.word) != has_chinese(heading.word):
            joined[-1] = replace(before, word=f"{before.word} {heading.word}", right=heading.right)
        else:
            joined.append(heading)
    return joined


_GOODS: Final = frozenset({"product", "item", "commodity", "goods", "article", "merchandise", "material"})
_GOODS_CHINESE: Final = frozenset({"貨品", "產品", "商品", "貨物", "物料", "物品", "食品", "藥品"})
WORD_GAP: Final = 0.9
"""Text heights that part two words of one heading at most."""


def _of_goods(headings: list[Heading]) -> list[Heading]:
    """Headings with the code of the goods as one: 產品代號, `Commodity Code`, `Product 產品編號`, 貨品 `Code`."""
    joined: list[Heading] = []
    for heading in headings:
        before = joined[-1] if joined else None
        if before is not None and heading.role == "sku" and before.role == "description":
            gap, chinese = heading.left - before.right, has_chinese(heading.word)
            is_goods = before.word in _GOODS or before.word in _GOODS_CHINESE
            near = gap < WORD_GAP / 3 if chinese and has_chinese(before.word) else gap < WORD_GAP and is_goods
            if near:
                joined[-1] = replace(heading, word=f"{before.word} {heading.word}", left=before.left)
                continue
        if before is not None and _is_kind_of(before, heading):
            joined[-1] = replace(heading, word=f"{before.word} {heading.word}", left=before.left)
            continue
        joined.append(heading)
    return joined


def _is_kind_of(before: Heading, heading: Heading) -> bool:
    """Whether a word says what is described: `Sample Description` is one heading, of goods."""
    if before.word in _TRADED and heading.role in _BESIDES_AMOUNT and heading.left - before.right < WORD_GAP / 3:
        return True  # 來貨批次 is one heading
    return (
        heading.role == "description"
        and before.role == "quantity_other"
        and not has_chinese(before.word + heading.word)
        and heading.left - before.right < WORD_GAP
    )


_Hit: TypeAlias = tuple[str, int, int, bool]
"""Role, first and last letter, and whether exact."""


def _split(source: Letters, at: int) -> list[_Hit] | None:
    """The rest of a text as column words, longer ones first: 數量包裝 is 數量 and 包裝. None if it cannot be parted so."""
    if at == len(source.letters):
        return []
    joint = next((word for word in ("and", "及", "與", "和") if at and source.letters.startswith(word, at)), "")
    if joint and (rest := _split(source, at + len(joint))):
        return rest
    for role, size in phrases(source, at, lexicon.COLUMNS, lexicon.COLUMN_LENGTH_MAX):
        stop = at + size
        for aside in sorted({0, _aside(source, stop)}, reverse=True):
            rest = _split(source, stop + aside)
            if rest is not None:
                return [(role, at, stop + aside, True), *rest]
    return None


def _among(source: Letters) -> list[_Hit]:
    """Column words of two roles or more in a box that holds unknown words besides, in their order; else nothing.

    `Batch / Lot Best Before Samples Submitted Conclusion`: readers join the headings of narrow columns to one box.
    """
    hits: list[_Hit] = []
    at, strange = 0, -1
    while at < len(source.letters):
        found = longest(source, at, lexicon.COLUMNS, lexicon.COLUMN_LENGTH_MAX) if _may_begin(source, at) else None
        if found is None:
            strange = at if strange < 0 else strange
            at += 1
            continue
        if strange >= 0:
            hits.append((UNKNOWN, strange, at, False))
            strange = -1
        hits.append((found[0], at, at + found[1], True))
        at += found[1]
    if strange >= 0:
        hits.append((UNKNOWN, strange, at, False))
    known = [hit for hit in hits if hit[0] != UNKNOWN]
    letters = sum(stop - start for _, start, stop, _ in known)
    told = len({role for role, *_ in known}) >= KNOWN_AMONG and 2 * letters >= len(source.letters)
    return hits if told and not has_digit(source.text) else []


def _may_begin(source: Letters, at: int) -> bool:
    """Whether a column word can begin there: not inside a Latin word."""
    if at == 0 or source.places[at] > source.places[at - 1] + 1:
        return True
    before, after = source.letters[at - 1], source.letters[at]
    return not (before.isascii() and after.isascii()) or (
        source.text[source.places[at - 1]].islower() and source.text[source.places[at]].isupper()
    )


def _aside(source: Letters, at: int) -> int:
    """How many letters a currency behind a column word takes, or a unit in brackets."""
    for word in (*lexicon.CURRENCIES, "s"):
        if source.letters.startswith(word, at):
            return len(word)
    bracketed = _BRACKETED.match(source.text, source.places[at - 1] + 1)
    said = letters_of(bracketed.group(1)).letters if bracketed is not None else ""
    return len(said) if said in lexicon.UNITS or said in {"ddmmyyyy", "yyyymmdd"} else 0


def _heading(token: Token, source: Letters, found: _Hit) -> Heading:
    role, start, stop, exact = found
    left, right = extent(token, source.text, source.places[start], source.places[stop - 1] + 1)
    word = re.sub("(hk[ds]?|usd?|rmb|cny|港幣|港元|人民幣|美元|美金|元)$", "", source.letters[start:stop])
    word = word or source.letters[start:stop]
    if stop == len(source.letters):
        right = max(right, token.right)  # a closing bracket belongs to it
    return Heading(role, word, left, right, exact)


def extent(token: Token, text: str, start: int, stop: int) -> tuple[float, float]:
    """Where the characters `start` to `stop` of a token's tidied text lie, in flat units."""
    places: list[tuple[float, float]] = []
    for piece in token.pieces:
        widths = [1.8 if has_chinese(character) else 1.0 for character in piece.text]
        step = (piece.right - piece.left) / max(1.0, sum(widths))
        at = piece.left
        for width in widths:
            places.append((at, at + width * step))
            at += width * step
    first = sum(not character.isspace() for character in text[:start])
    last = first + sum(not character.isspace() for character in text[start:stop]) - 1
    if not places:
        return token.left, token.right
    first, last = min(first, len(places) - 1), min(max(first, last), len(places) - 1)
    return places[first][0], places[last][1]
