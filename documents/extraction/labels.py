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
    from collections.abc import Mapping

SLIP_CHINESE: Final = 4
SLIP_LATIN: Final = 5
LETTERS_MAX: Final = 120
"""Longer tokens are sentences, not labels."""
BARE_MAX: Final = 5
HALF_MAX: Final = 8
"""Ideographs that the unread half of a label may have."""
_COMPANY_ENDINGS: Final = tuple(word for word in lexicon.COMPANY_WORDS if has_chinese(word))
_SEPARATORS: Final = ":;=：.#"
_NUMBER_GOES_ON: Final = re.compile(r"[-/]?[0-9]")


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


@dataclass(frozen=True, slots=True)
class _Letters:
    """The comparable characters of a text, and where each stands in it."""

    text: str
    letters: str
    places: tuple[int, ...]


def _letters(text: str) -> _Letters:
    kept = [(character.lower()[:1], place) for place, character in enumerate(text) if character.isalnum()]
    return _Letters(text, "".join(letter for letter, _ in kept), tuple(place for _, place in kept))


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


def _longest(source: _Letters, start: int, table: Mapping[str, str], longest: int) -> tuple[str, int] | None:
    for size in range(min(longest, len(source.letters) - start), 0, -1):
        word = source.letters[start : start + size]
        role: str | None = table.get(word)
        if role is None and table is lexicon.LABELS and _is_wordy(word):
            role = _folded_labels().get(word.translate(CONFUSED))
        if role is not None and (
            _may_end(source, start, size) or (table is lexicon.COLUMNS and _case_turns(source, start + size))
        ):
            return role, size
    return None


def _is_wordy(word: str) -> bool:
    """Whether most of a word is letters: 50 is a figure, not a misread `so`."""
    return 2 * sum(character.isdecimal() for character in word) < len(word)


def _may_end(source: _Letters, start: int, size: int) -> bool:
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


def _case_turns(source: _Letters, at: int) -> bool:
    """Whether a capital follows a small letter there: the space between two headings was lost, as in `UnitQuantity`."""
    return source.text[source.places[at - 1]].islower() and source.text[source.places[at]].isupper()


def _slip(source: _Letters, start: int) -> tuple[str, int] | None:
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


def _currency_aside(source: _Letters, start: int) -> int:
    """How many letters a currency in brackets behind a label takes: `Total (HK$):`."""
    for word in ("hkd", "hks", "hk", "usd", "rmb", "港幣", "港元"):
        if source.letters.startswith(word, start):
            stop = start + len(word)
            after = source.text[source.places[stop - 1] + 1 :].lstrip("$ S")
            if not after or after[0] in "):":
                return len(word)
    return 0


def _rank(role: str) -> int:
    if role == lexicon.FILLER:
        return 0
    if role in {lexicon.ANY_NUMBER, lexicon.OTHER_PARTY, lexicon.FROM_PARTY, lexicon.DATE}:
        return 1
    return 2


def _eat(source: _Letters) -> tuple[str, int, bool] | None:
    """Role, letters taken and whether exactly, for the labels at the start of a text."""
    at, role, exact = 0, "", True
    while at < len(source.letters):
        found = _longest(source, at, lexicon.LABELS, lexicon.LABEL_LENGTH_MAX)
        if found is None:
            found = _slip(source, at)
            if found is not None:
                exact = False
        if found is None:
            aside = _currency_aside(source, at) if role else 0
            if not aside:
                break
            at += aside
            continue
        if role and _closed(source, at):
            break  # what follows a colon is a value, even if it is a word of the lexicon
        if role and found[0].startswith("number") and _begins_number(source, at, found[1]):
            break
        if not role or _rank(found[0]) > _rank(role):
            role = found[0]
        at += found[1]
    return (role, at, exact) if role and role != lexicon.FILLER else None


def _latin_half(source: _Letters) -> tuple[str, int, bool] | None:
    """The English half of a label whose Chinese could not be read: `頁方 Sold To`. Two words, as one may be a name's."""
    start = next((at for at, letter in enumerate(source.letters) if not has_chinese(letter)), 0)
    found = _longest(source, start, lexicon.LABELS, lexicon.LABEL_LENGTH_MAX) if 0 < start <= HALF_MAX else None
    if found is None or found[0] in {lexicon.FILLER, lexicon.IGNORED}:
        return None
    role, size = found
    words = source.text[source.places[start] : source.places[start + size - 1]]
    return (role, start + size, False) if " " in words else None


def _closed(source: _Letters, at: int) -> bool:
    """Whether a separator stands before the letter at `at`."""
    between = source.text[source.places[at - 1] + 1 : source.places[at] if at < len(source.places) else None]
    return ":" in between or "：" in between


def _begins_number(source: _Letters, start: int, size: int) -> bool:
    """Whether Latin letters are the start of a number, as RN of RN-2024: `退貨單號 RN-2024` has no second label."""
    letters = source.letters[start : start + size]
    return letters.isascii() and bool(_NUMBER_GOES_ON.match(source.text, source.places[start + size - 1] + 1))


def read_label(token: Token) -> Label | None:
    """The label at the start of a token, or None."""
    text = tidy(token.text)
    source = _letters(text)
    if not source.letters or len(text) > LETTERS_MAX:
        return None
    eaten = _eat(source) or _latin_half(source)
    if eaten is None:
        return None
    role, size, exact = eaten
    if size == len(source.letters):
        return Label(token, role, None, exact, closed=True)
    between = text[source.places[size - 1] + 1 : source.places[size]]
    closed = any(mark in between for mark in _SEPARATORS)
    rest = cut(token, source.places[size], text)
    spaced = " " in between or any(piece is rest.pieces[0] and not piece.glued for piece in token.pieces[1:])
    if not closed and not _is_open_value(role, rest, between, size, spaced=spaced):
        return None
    if not closed and " " not in between and size <= BARE_MAX and source.letters[:size].isascii():
        return None  # the start of a number such as RN-2024-9165, not a label before one
    return Label(token, role, rest, exact, closed)


def _is_open_value(role: str, rest: Token, between: str, size: int, *, spaced: bool) -> bool:
    """Whether what follows a label without a separator can be its value.

    Args:
        role: the label's.
        rest: what follows.
        between: punctuation between the two.
        size: letters of the label.
        spaced: whether there is a gap, of which tidied text keeps none between ideographs.
    """
    if role.startswith(("number", "date")) or role in _AMOUNTS:
        return has_digit(rest.text)
    # Where even the gap was lost: nobody is called 客戶, but customers are.
    named = role in {lexicon.SUPPLIER, lexicon.BUYER} and rest.text.endswith(_COMPANY_ENDINGS)
    return bool(between.strip("/ ")) or spaced or size >= 3 or named


_AMOUNTS: Final = frozenset(
    {lexicon.TOTAL, lexicon.SUBTOTAL, lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX, lexicon.CURRENCY}
)


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
        if len(word) >= (3 if has_chinese(word) else 5):
            folded = word.translate(CONFUSED)
            for place in range(len(folded)):
                forms.setdefault(f"{place}|{folded[:place]}{folded[place + 1 :]}", role)
    return forms


def read_headings(token: Token) -> list[Heading]:
    """The column words that make up a token, left to right; empty if it says anything else."""
    text = tidy(token.text)
    source = _letters(text)
    if not source.letters:
        return []
    found: list[tuple[str, int, int, bool]] = []
    at = 0
    while at < len(source.letters):
        hit = _longest(source, at, lexicon.COLUMNS, lexicon.COLUMN_LENGTH_MAX)
        if hit is not None:
            found.append((hit[0], at, at + hit[1], True))
            at += hit[1]
            continue
        aside = next(
            (word for word in ("hkd", "hks", "hk", "usd", "rmb", "港幣", "港元", "元", "s")
             if found and source.letters.startswith(word, at)), None,
        )  # fmt: skip
        if aside is not None:
            at += len(aside)
            role, start, _stop, exact = found[-1]
            found[-1] = (role, start, at, exact)
            continue
        if found:
            return []
        word = source.letters.translate(CONFUSED)
        role_near = next(
            (forms for place in range(len(word))
             if (forms := _slipped_columns().get(f"{place}|{word[:place]}{word[place + 1 :]}")) is not None), None,
        )  # fmt: skip
        return [Heading(role_near, source.letters, token.left, token.right, exact=False)] if role_near else []
    return [_heading(token, source, one) for one in found]


def _heading(token: Token, source: _Letters, found: tuple[str, int, int, bool]) -> Heading:
    role, start, stop, exact = found
    left, right = extent(token, source.text, source.places[start], source.places[stop - 1] + 1)
    word = re.sub("(hk[ds]?|usd|rmb|港幣|港元|元)$", "", source.letters[start:stop]) or source.letters[start:stop]
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
