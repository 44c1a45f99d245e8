"""Labels on the page: which tokens begin with one, what it names, and what stands behind it in the same box.

A label is eaten from the start of a token phrase by phrase, so that bilingual ones (`單號/RN No. :`) count as one. One
slip of the reader is forgiven in Chinese labels of four characters or more and in Latin ones of five or more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.flat import Piece, Token
from documents.extraction.plain import CONFUSED, has_chinese, has_digit, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SLIP_CHINESE: Final = 4
SLIP_LATIN: Final = 5
LETTERS_MAX: Final = 120
"""Longer tokens are sentences, not labels."""
BARE_MAX: Final = 5
SURE: Final = 0.97
"""Confidence of a box from which no slip is looked for in its ideographs: 清單 is not a misread 訂單 there."""
HALF_MAX: Final = 8
"""Ideographs that the unread half of a label may have."""
_COMPANY_ENDINGS: Final = tuple(word for word in lexicon.COMPANY_WORDS if has_chinese(word))
_TO: Final = "致"
_SEPARATORS: Final = ":;=：.#"
_FIRM_END: Final = re.compile(
    r"(?i)(?:\b(?:limited|ltd|company|corporation|corp|inc|co)\.?|公司|洋行|商行|企業|集團)\)?$"
)
_NUMBER_GOES_ON: Final = re.compile(r"[-/]?[0-9]|-[A-Z]{1,3}[-/]?[0-9]")


_PARTIES: Final = frozenset({lexicon.SUPPLIER, lexicon.BUYER, lexicon.OTHER_PARTY, lexicon.FROM_PARTY})
_SUMS: Final = frozenset(
    {lexicon.TOTAL, lexicon.SUBTOTAL, lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX, lexicon.CURRENCY}
)


_HEAD_NUMBERS: Final = _SUMS | {lexicon.BUYER, lexicon.SUPPLIER, lexicon.IGNORED}
"""What a label is of that begins as that of a number: 發票貨幣 is of a currency."""


@dataclass(frozen=True, slots=True)
class Label:
    """A token that begins with a label."""

    token: Token
    role: str
    rest: Token | None
    """What stands behind the label in the same box."""
    exact: bool
    """Whether no slip was forgiven."""
    closed: bool
    """Whether a separator, or nothing, followed the label."""
    guessed: bool = False
    """Whether no list has it: what rests on it alone is for a person to see."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The comparable characters of a text, and where each stands in it."""

    text: str
    letters: str
    places: tuple[int, ...]


def letters_of(text: str) -> Letters:
    """The comparable characters of a tidied text."""
    kept = [(character.lower()[:1], place) for place, character in enumerate(text) if character.isalnum()]
    return Letters(text, "".join(letter for letter, _ in kept), tuple(place for _, place in kept))


@cache
def _folded_labels() -> dict[str, str]:
    return {label.translate(CONFUSED): role for label, role in lexicon.LABELS.items()}


@cache
def _slipped(chinese: bool) -> dict[str, str]:
    """Labels by every form that lacks one character: two texts that share one differ by a slip."""
    least = SLIP_CHINESE if chinese else SLIP_LATIN
    forms: dict[str, str] = {}
    for label, role in lexicon.LABELS.items():
        if has_chinese(label) == chinese and len(label) >= least:
            folded = label.translate(CONFUSED)
            for place in range(len(folded)):
                forms.setdefault(f"{place}|{folded[:place]}{folded[place + 1 :]}", role)
    return forms


def longest(source: Letters, start: int, table: Mapping[str, str], most: int) -> tuple[str, int] | None:
    """The longest phrase of a table that stands there, with its role and length."""
    return next(phrases(source, start, table, most), None)


def phrases(source: Letters, start: int, table: Mapping[str, str], most: int) -> Iterator[tuple[str, int]]:
    """The phrases of a table that stand there, longest first, each with its role and length."""
    for size in range(min(most, len(source.letters) - start), 0, -1):
        word = source.letters[start : start + size]
        role: str | None = table.get(word)
        if role is None and table is lexicon.LABELS and _is_wordy(word):
            role = _folded_labels().get(word.translate(CONFUSED))
        if role is not None and (
            _may_end(source, start, size) or (table is lexicon.COLUMNS and _case_turns(source, start + size))
        ):
            yield role, size


def _is_wordy(word: str) -> bool:
    """Whether most of a word is letters: 50 is a figure, not a misread `so`."""
    return 2 * sum(map(str.isdecimal, word)) < len(word)


def _may_end(source: Letters, start: int, size: int) -> bool:
    """Whether a phrase can end there: not inside a Latin word, and a lone ideograph only before a separator."""
    last = start + size - 1
    if last + 1 >= len(source.letters):
        return True
    touching = source.places[last + 1] == source.places[last] + 1
    if not touching:
        return True
    end, after = source.letters[last], source.letters[last + 1]
    if end.isascii():
        return not after.isascii() or (size > 3 and after.isdecimal())
    return not has_chinese(after) or size >= 2


def _case_turns(source: Letters, at: int) -> bool:
    """Whether a capital follows a small letter there: the space between two headings was lost, as in `UnitQuantity`."""
    return source.text[source.places[at - 1]].islower() and source.text[source.places[at]].isupper()


def _slip(source: Letters, start: int) -> tuple[str, int] | None:
    """A label with one misread character, up to the next separator."""
    stop = start + 1
    chinese = has_chinese(source.letters[start])
    while stop < len(source.letters) and has_chinese(source.letters[stop]) == chinese:
        gap = source.text[source.places[stop - 1] + 1 : source.places[stop]]
        if any(mark in gap for mark in ":;：/(") or (chinese and gap):
            break
        stop += 1
    word = source.letters[start:stop].translate(CONFUSED)
    if not _is_wordy(source.letters[start:stop]):
        return None
    if len(word) < (SLIP_CHINESE if chinese else SLIP_LATIN) or len(word) > 24:
        return None
    forms = _slipped(chinese)
    for place in range(len(word)):
        role = forms.get(f"{place}|{word[:place]}{word[place + 1 :]}")
        if role is not None:
            return role, stop - start
    return None


def _currency_aside(source: Letters, start: int) -> int:
    """How many letters a currency in brackets behind a label takes: `Total (HK$):`."""
    for word in lexicon.CURRENCIES:
        if source.letters.startswith(word, start):
            stop = start + len(word)
            after = source.text[source.places[stop - 1] + 1 :].lstrip("$ S")
            if not after or after[0] in "):":
                return len(word)
    return 0


_LETTERED: Final = frozenset({"甲方", "乙方", "partya", "partyb"})
"""Who these are, the word in brackets behind them says: 甲方(供應商)."""


def _rank(role: str) -> int:
    if role == lexicon.FILLER:
        return 0
    if role in {lexicon.ANY_NUMBER, lexicon.OTHER_PARTY, lexicon.FROM_PARTY, lexicon.DATE}:
        return 1
    return 2


def _eat(source: Letters, *, sure: bool) -> tuple[str, int, bool] | None:
    """Role, letters taken and whether exactly, for the labels at the start of a text."""
    at, role, exact = 0, "", True
    while at < len(source.letters):
        found = longest(source, at, lexicon.LABELS, lexicon.LABEL_LENGTH_MAX)
        if found is None and not (sure and has_chinese(source.letters[at])):
            found = _slip(source, at)
            if found is not None:
                exact = False
        if found is None:
            aside = _currency_aside(source, at) if role and role != lexicon.CURRENCY else 0
            if not aside:
                break
            at += aside
            continue
        if role and _closed(source, at):
            break  # what follows a colon is a value, even if it is a word of the lexicon
        if role and found[0].startswith("number") and _begins_number(source, at, found[1]):
            break
        headed = _headed(role, found[0], source, at) if role else None
        if headed is not None:
            role = headed
        elif role == lexicon.IGNORED and found[0] == lexicon.ANY_NUMBER:
            role = lexicon.UNKNOWN_NUMBER  # `Instruction no.`
        elif not role or _rank(found[0]) > _rank(role) or (at and source.letters[:at] in _LETTERED):
            role = found[0]
        at += found[1]
    return (role, at, exact) if role and role != lexicon.FILLER else None


def _headed(first: str, second: str, source: Letters, at: int) -> str | None:
    """The role of two labels that stand as one, where the second says what the first is about: 發票 + 貨幣, `Customer copy`.

    Not of one label in two languages. None where the first or the stronger counts, as ever.
    """
    between = source.text[source.places[at - 1] + 1 : source.places[at]]
    if between.strip(" .") or second == lexicon.FILLER:
        return None
    chinese = has_chinese(source.letters[at])
    if has_chinese(source.letters[at - 1]) != chinese:
        return second if first == lexicon.BUYER and second == lexicon.CUSTOMER_PO else None
    if first in _PARTIES and second == lexicon.ANY_NUMBER:
        return lexicon.UNKNOWN_NUMBER
    if first.startswith("date") and not chinese and (second == lexicon.IGNORED or second.startswith("number")):
        return first  # `Date returned`
    kept = first in _PARTIES and (second.startswith("date") or second in {lexicon.IGNORED, lexicon.CUSTOMER_PO})
    kept = kept or (first.startswith("number") and second in _HEAD_NUMBERS)
    kept = kept or (first.startswith("number") and chinese and second == lexicon.OTHER_PARTY)
    kept = kept or (first == lexicon.TOTAL and second in {lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX})
    return second if kept or (first == lexicon.TOTAL and chinese and second == lexicon.IGNORED) else None


def _latin_half(source: Letters) -> tuple[str, int, bool] | None:
    """The English half of a label whose Chinese could not be read: `頁方 Sold To`. Two words, as one may be a name's."""
    start = next((at for at, letter in enumerate(source.letters) if not has_chinese(letter)), 0)
    found = longest(source, start, lexicon.LABELS, lexicon.LABEL_LENGTH_MAX) if 0 < start <= HALF_MAX else None
    if found is None or found[0] in {lexicon.FILLER, lexicon.IGNORED}:
        return None
    role, size = found
    words = source.text[source.places[start] : source.places[start + size - 1]]
    return (role, start + size, False) if " " in words else None


def _closed(source: Letters, at: int) -> bool:
    """Whether a separator stands before the letter at `at`."""
    between = source.text[source.places[at - 1] + 1 : source.places[at] if at < len(source.places) else None]
    return ":" in between or "：" in between


def _begins_number(source: Letters, start: int, size: int) -> bool:
    """Whether Latin letters are the start of a number, as RN of RN-2024: `退貨單號 RN-2024` has no second label."""
    letters = source.letters[start : start + size]
    return letters.isascii() and bool(_NUMBER_GOES_ON.match(source.text, source.places[start + size - 1] + 1))


def read_label(token: Token) -> Label | None:
    """The label at the start of a token, or None."""
    text = tidy(token.text)
    source = letters_of(text)
    if not source.letters or len(text) > LETTERS_MAX:
        return None
    named = ":" not in text and source.letters not in lexicon.LABELS  # 致供應商 is a label, 致永發行 has a name
    if named and text[0] in _TO and len(text) > 3 and text.endswith(_COMPANY_ENDINGS):
        return Label(token, lexicon.OTHER_PARTY, cut(token, 1, text), exact=True, closed=True)
    eaten = _eat(source, sure=token.confidence >= SURE) or _latin_half(source)
    if eaten is None:
        return None
    role, size, exact = eaten
    if size == len(source.letters):
        return Label(token, role, None, exact, closed=True)
    between = text[source.places[size - 1] + 1 : source.places[size]]
    closed = any(mark in between for mark in _SEPARATORS)
    rest = cut(token, source.places[size], text)
    if not closed and role in _PARTIES and (wide := _wider(token, text, rest.text, role)) is not None:
        return wide
    spaced = " " in between or any(piece is rest.pieces[0] and not piece.glued for piece in token.pieces[1:])
    if not closed and (
        not _is_open_value(role, rest, between, size, spaced=spaced)
        or _goes_on(role, source.letters[:size], text, rest.text)
    ):
        return None
    if not closed and " " not in between and size <= BARE_MAX and source.letters[:size].isascii():
        return None  # the start of a number such as RN-2024-9165, not a label before one
    return Label(token, role, rest, exact, closed)


_GOES_ON_TO_COLON: Final = re.compile(r"(?:[\u3400-\u9fff]{1,5}|[A-Za-z' ]{1,16})[)\]]? ?[:：] ?(?=\S)")
_OTHER_HALF: Final = re.compile(r"[\u3400-\u9fff]{1,4}")


def _wider(token: Token, text: str, rest: str, role: str) -> Label | None:
    """A party's label of which only the beginning is known: `客人名稱: 金滿樓酒家`, `Sold to 售予`; None if it is a name."""
    more = _GOES_ON_TO_COLON.match(rest)
    if more is not None and _ends_as_firm(rest):
        return Label(token, role, cut(token, len(text) - len(rest) + more.end(), text), exact=False, closed=True)
    said = text[: len(text) - len(rest)]
    if not has_chinese(said) and _OTHER_HALF.fullmatch(rest) and not _ends_as_firm(rest):
        return Label(token, role, None, exact=False, closed=True)
    return None


def _ends_as_firm(text: str) -> bool:
    return is_firm(text) or text.endswith(_COMPANY_ENDINGS)


def _is_open_value(role: str, rest: Token, between: str, size: int, *, spaced: bool) -> bool:
    """Whether what follows a label without a separator can be its value.

    Args:
        role: the label's.
        rest: what follows.
        between: punctuation between the two.
        size: letters of the label.
        spaced: whether there is a gap, of which tidied text keeps none between ideographs.
    """
    if role.startswith(("number", "date")) or role in _SUMS:
        return has_digit(rest.text)
    # Where even the gap was lost: nobody is called 客戶, but customers are.
    named = role in {lexicon.SUPPLIER, lexicon.BUYER, lexicon.OTHER_PARTY} and rest.text.endswith(_COMPANY_ENDINGS)
    return bool(between.strip("/ ")) or spaced or size >= 3 or named


def _goes_on(role: str, label: str, text: str, rest: str) -> bool:
    """Whether a text that begins as a label does is something else: a name, an address, a sentence."""
    if label.isascii() and label in lexicon.LOOSE:
        return True  # Shop 5, Kingsui Arcade
    if role in {lexicon.OTHER_PARTY, lexicon.FROM_PARTY} and label.isascii():
        return not (is_firm(rest) or has_chinese(rest)) or (label == "ms" and "/" not in text[:4])
    return (role == lexicon.IGNORED or label in lexicon.LOOSE) and is_firm(rest)  # Office Supplies Ltd


def is_firm(text: str) -> bool:
    """Whether a text ends as the registered name of a company does."""
    return bool(_FIRM_END.search(tidy(text)))


def cut(token: Token, start: int, text: str | None = None) -> Token:
    """The part of a token from a character of its tidied text on."""
    text = text if text is not None else tidy(token.text)
    skipped = sum(not character.isspace() for character in text[:start])
    pieces: list[Piece] = []
    for piece in token.pieces:
        size = len(piece.text)
        if skipped >= size:
            skipped -= size
            continue
        pieces.append(piece if not skipped else _cut_piece(piece, skipped))
        skipped = 0
    if not pieces:
        pieces = [token.pieces[-1]]
    return Token(
        text=text[start:].strip(),
        raw=token.raw,
        page=token.page,
        quad=(pieces[0].quad[0], pieces[-1].quad[1], pieces[-1].quad[2], pieces[0].quad[3]),
        confidence=min(piece.confidence for piece in pieces),
        left=pieces[0].left,
        right=pieces[-1].right,
        v=token.v,
        height=token.height,
        pieces=tuple(pieces),
    )


def _cut_piece(piece: Piece, skipped: int) -> Piece:
    widths = [1.8 if has_chinese(character) else 1.0 for character in piece.text]
    share = sum(widths[:skipped]) / sum(widths)
    return piece.part(skipped, len(piece.text), share, 1.0, glued=False)
