"""Personal data in Hong Kong paperwork: where it stands in a text, and how it is masked.

What counts:
- *HKID*: one or two letters, six digits and a check digit that is right, **and** brackets around the check digit or a
  word of the trade before it. A bare stock code that happens to pass the check digit (one in eleven does) is none.
- *Phone*: a valid Hong Kong number that is grouped, has the country code, or follows a word for telephone; not one that
  follows a word for an order, batch, date or registration number.
- *Payment card*: 15, 16 or 19 digits that begin as an issuer's do and pass the Luhn check. Thirteen digits are a GTIN.
- *Name*: a Hong Kong surname with one or two characters beside a title or a label of a form; the same in English.
- *Address*: a street, estate or building with a number, beside a district or a floor and unit.

Positions are those of the text as given, in characters. A finding says where, never what: the text itself stays with the
caller. Full-width forms are read as their half-width ones, which are as long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from policies.personal_words import (
    DISTRICTS_EN,
    DISTRICTS_ZH,
    HKID_WORDS,
    NAME_LABELS_EN,
    NAME_LABELS_ZH,
    NAME_TITLES_EN,
    NAME_TITLES_ZH,
    NOT_NAMES_EN,
    NOT_PHONE_WORDS,
    PHONE_CODE_WORDS,
    PHONE_WORDS,
    SURNAMES_EN,
    SURNAMES_LONG_ZH,
    SURNAMES_ZH,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

TEXT_CHARS_MAX: Final = 2_000_000
CONTEXT_CHARS: Final = 24
"""How far before a number its word may stand, on the same line."""


class PersonalKind(StrEnum):
    """What a finding is."""

    HKID = "hkid"
    PHONE = "phone"
    CARD = "card"
    NAME = "name"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """Personal data from `start` up to `stop`."""

    start: int
    stop: int
    kind: PersonalKind


def detect(text: str, kinds: Collection[PersonalKind] = tuple(PersonalKind)) -> list[Found]:
    """Everything found, in the order of the text; findings of one kind do not overlap.

    Raises:
        ValueError: the text is longer than `TEXT_CHARS_MAX`.
    """
    if len(text) > TEXT_CHARS_MAX:
        msg = f"text: expected at most {TEXT_CHARS_MAX} characters, got {len(text)}"
        raise ValueError(msg)
    plain = text.translate(_HALF_WIDTH)
    return sorted(
        Found(start, stop, kind) for kind in PersonalKind if kind in kinds for start, stop in _FINDERS[kind](plain)
    )


def mask_hkid(number: str) -> str:
    """An identity card number as it may be shown: `A123456(7)` is `A123***(*)`."""
    letters = "".join(char for char in number.translate(_HALF_WIDTH) if char.isalnum())
    head = re.match(r"[A-Za-z]{1,2}\d{3}", letters)
    return f"{head[0].upper() if head else ''}***(*)"


def mask(text: str, kinds: Collection[PersonalKind] = (PersonalKind.HKID, PersonalKind.CARD)) -> str:
    """The text with what was found in it masked."""
    parts: list[str] = []
    position = 0
    for found in detect(text, kinds):
        if found.start < position:
            continue
        shown = mask_hkid(text[found.start : found.stop]) if found.kind is PersonalKind.HKID else "＊＊＊"
        parts += [text[position : found.start], shown]
        position = found.stop
    return "".join([*parts, text[position:]])


def identity_numbers(text: str) -> list[str]:
    """The identity card numbers found in a text, each once, in one spelling: `A1234563`."""
    found = detect(text, (PersonalKind.HKID,))
    return sorted({_bare(text[one.start : one.stop]) for one in found})


def as_identity_number(term: str) -> str | None:
    """A text that is an identity card number and nothing else, with brackets or without, in one spelling; None: it is none."""
    match = _HKID.fullmatch(term.strip().translate(_HALF_WIDTH))
    if match is None:
        return None
    letters, first, second, bracketed, bare = match.groups()
    is_right = hkid_check_digit(letters.upper(), first + second) == (bracketed or bare).upper()
    return _bare(term) if is_right else None


def holds_hkid_number(text: str) -> bool:
    """Whether a word of the text is an identity card number, with brackets or without, as a staff number made of one is.

    Stricter than `detect`: here nothing looks like it by chance that could not be called otherwise.
    """
    return any(
        hkid_check_digit(letters.upper(), first + second) == (bracketed or bare).upper()
        for letters, first, second, bracketed, bare in (
            match.groups() for match in _HKID.finditer(text.translate(_HALF_WIDTH))
        )
    )


def is_personal_word(word: str) -> bool:
    """Whether a word of anybody's own, which an entry would hold in clear and for ever, is or holds personal data."""
    return bool(detect(word)) or as_identity_number(word) is not None


def may_be_personal_code(code: str) -> bool:
    """Whether a code of the caller's choice is a person's number, or may be one: another can be chosen."""
    return is_personal_code(code) or holds_hkid_number(code)


def is_personal_code(code: str) -> bool:
    """Whether a code, which an entry would hold in clear and for ever, is an identity card or telephone number beyond doubt.

    Stricter than `detect`, which reads prose: a batch 2345-6789 or a part A1234563 is what it says, so that brackets around
    the check digit, the country code or a word must tell. Marks between the parts of a code are read as spaces.
    """
    if code.isascii() and not _may_tell(code.lower()):
        return False
    spaced = code.translate(_MARKS)
    return _SAID_PHONE.search(spaced) is not None or any(next(_hkids(text), None) for text in (code, spaced))


def hkid_check_digit(letters: str, digits: str) -> str:
    """The check digit of an identity card number, `0` to `9` or `A`.

    One or two letters (A is 10) and six digits, weighted 9 down to 2; a missing first letter counts as 36.
    """
    values = [36] * (2 - len(letters)) + [ord(letter) - ord("A") + 10 for letter in letters] + [int(d) for d in digits]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return "0123456789A"[-total % 11]


def passes_luhn(digits: str) -> bool:
    """Return whether the last digit is the Luhn check digit (ISO/IEC 7812-1) of the others."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


# ------------------------------------------------------------------------------------------- the finders

_HALF_WIDTH: Final = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20}


def _any_of(words: Collection[str]) -> str:
    """A pattern for words; one in Latin letters is not part of a longer one."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(
        rf"\b{re.escape(word)}(?![A-Za-z])" if word[0].isascii() else re.escape(word) for word in longest_first
    )


_HKID = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{1,2}) ?(\d{3}) ?(\d{3}) ?(?:\( ?([0-9Aa]) ?\)|([0-9Aa])(?![A-Za-z0-9]))")
_HKID_LABEL = re.compile(
    rf"(?:{_any_of(HKID_WORDS)})[^A-Za-z0-9\n]{{0,8}}(?:(?:No|Number|Card)[^A-Za-z0-9\n]{{0,4}}){{0,2}}$", re.IGNORECASE
)


def _hkids(text: str) -> Iterator[tuple[int, int]]:
    for match in _HKID.finditer(text):
        letters, first, second, bracketed, bare = match.groups()
        if hkid_check_digit(letters.upper(), first + second) != (bracketed or bare).upper():
            continue
        if bracketed or _HKID_LABEL.search(_before(text, match.start())):
            yield match.span()


_PHONE = re.compile(r"(?<![\w.,/-])(\+?852[ -]?|\(\+?852\) ?)?([2-9]\d{3})([ -]?)(\d{4})(?![\w/-]|[.,]\d)")
_PHONE_WORD = re.compile(_any_of(PHONE_WORDS), re.IGNORECASE)
_NOT_PHONE_WORD = re.compile(_any_of(NOT_PHONE_WORDS), re.IGNORECASE)


def _phones(text: str) -> Iterator[tuple[int, int]]:
    import phonenumbers  # noqa: PLC0415  heavy, and needed only where telephone numbers are looked for

    for match in _PHONE.finditer(text):
        code, first, between, last = match.groups()
        number = phonenumbers.PhoneNumber(country_code=852, national_number=int(first + last))
        if not phonenumbers.is_valid_number(number):
            continue
        before = _before(text, match.start())
        says = _last_end(_PHONE_WORD, before)
        denies = _last_end(_NOT_PHONE_WORD, before)
        if code or (says >= 0 and says > denies) or (between and denies < 0):
            yield match.span()


def _may_tell(low: str) -> bool:
    """Whether a code in Latin letters may say what its digits are: nearly every code is done with here, in a quarter of a microsecond."""
    return "(" in low or "+" in low or "id" in low or "tel" in low or "i.d" in low or "hkic" in low or "whatsapp" in low


_MARKS: Final[dict[int, int | str]] = {**_HALF_WIDTH, **dict.fromkeys(map(ord, "-_.:/#"), " ")}
_SAID_PHONE = re.compile(
    rf"(?:\+ ?852|\(\+? ?852\)|(?:{_any_of(PHONE_CODE_WORDS)}) *(?:\+? ?852)?) *[2-9]\d{{3}} ?\d{{4}}(?!\d)",
    re.IGNORECASE,
)


_DIGITS = re.compile(r"(?<![\w.,()])\d+(?:[ -]\d+)*(?![\w(])")
_CARD_GROUPS: Final = frozenset({(15,), (16,), (19,), (4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (6, 13)})
"""How the digits of a card are written."""
_ISSUERS: Final = (
    (re.compile(r"4"), {16, 19}),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"62|81"), {16, 19}),
    (re.compile(r"35(?:2[89]|[3-8])"), {16}),
    (re.compile(r"6011|64[4-9]|65"), {16, 19}),
)


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for run in _DIGITS.finditer(text):
        groups = [(run.start() + group.start(), group[0]) for group in re.finditer(r"\d+", run[0])]
        position = 0
        while position < len(groups):
            taken = next((size for size in range(5, 0, -1) if _is_card(groups[position : position + size], size)), 0)
            if taken:
                start, (last, digits) = groups[position][0], groups[position + taken - 1]
                yield start, last + len(digits)
            position += taken or 1


def _is_card(groups: Sequence[tuple[int, str]], size: int) -> bool:
    if len(groups) != size or tuple(len(digits) for _, digits in groups) not in _CARD_GROUPS:
        return False
    number = "".join(digits for _, digits in groups)
    issued = any(len(number) in lengths and begins.match(number) for begins, lengths in _ISSUERS)
    return issued and passes_luhn(number)


_SURNAME_ZH: Final = f"(?:{'|'.join(SURNAMES_LONG_ZH)}|[{''.join(sorted(SURNAMES_ZH))}])"
_HAN: Final = r"[\u3400-\u9fff]"
_NAME_ZH = re.compile(
    rf"(?:{_any_of(NAME_LABELS_ZH)})(?: ?[(/][A-Za-z .]{{1,24}}\)?)? ?[:：]? ?({_SURNAME_ZH}{_HAN}{{1,2}}?)(?={'|'.join(NAME_TITLES_ZH)}|(?!{_HAN}))"
    rf"|((?<!多){_SURNAME_ZH}{_HAN}{{0,2}}?)(?={'|'.join(NAME_TITLES_ZH)})"
)
_GIVEN_EN: Final = r"(?:[A-Z][a-z]+(?:-[A-Z]?[a-z]+)?|[A-Z]{2,})"
_WORD_EN: Final = rf"(?!(?:{'|'.join(NOT_NAMES_EN)})\b){_GIVEN_EN}"
_WORDS_EN: Final = rf"{_WORD_EN}(?: {_WORD_EN}){{0,3}}"
_SURNAMES_EN: Final = frozenset(map(str.casefold, SURNAMES_EN))
_NAME_EN = re.compile(
    rf"(?:{_any_of(NAME_LABELS_EN)})\.? ?[:：]? ?(?:(?:{'|'.join(NAME_TITLES_EN)})\.? )?({_WORDS_EN})"
    rf"|\b(?:{'|'.join(NAME_TITLES_EN)})\.? ({_WORDS_EN})"
)


def _names(text: str) -> Iterator[tuple[int, int]]:
    for match in _NAME_ZH.finditer(text):
        yield match.span(1 if match[1] else 2)
    for match in _NAME_EN.finditer(text):
        group = 1 if match[1] else 2
        if any(word.casefold() in _SURNAMES_EN for word in match[group].split()):
            yield match.span(group)


_WAY_ZH: Final = "(?:(?<![味知頻管軌渠食])道|路|街|里|徑|巷|坊|圍|邨|苑|大廈|中心|廣場|花園)"
_STREET_ZH = re.compile(
    # Either a district and a way, or a way that nothing Chinese stands before.
    rf"(?:(?:(?:{'|'.join(sorted(DISTRICTS_ZH, key=len, reverse=True))})區?){{1,4}}{_HAN}{{0,8}}?{_WAY_ZH}|(?<!{_HAN}){_HAN}{{1,8}}?{_WAY_ZH})"
    rf"(?:[東西南北中])?(?: ?\d{{1,4}}[A-Za-z]?(?:[-至]\d{{1,4}}[A-Za-z]?)? ?號)?(?:{_HAN}{{2,12}}?(?:大廈|中心|廣場|閣|邨|苑|樓))?"
    rf"(?: ?地下)?(?: ?[A-Z\d一二三四五六七八九十]{{1,4}} ?(?:座|樓|字樓|層|室|號舖|號鋪|地下|舖|鋪)){{0,6}}"
)
_NUMBER_ZH = re.compile(r"\d ?號|\d ?樓|\d ?室|[座室舖鋪層]")
_STREET_EN = re.compile(
    r"(?:(?:Flat|Unit|Room|Rm|Shop|Suite|Block)\.? ?[A-Z]?\d*[A-Z]?\b,? ?)?(?:(?:G|LG|UG|\d{1,2})/F\.?,? ?)?"
    r"(?:[A-Z][A-Za-z']+ ){0,5}?(?:(?:Building|Centre|Center|Tower|Plaza|Estate|Court|House|Mansion|Garden),? ?)?"
    r"(?:No\. ?)?\d{1,4}[A-Z]?(?:-\d{1,4}[A-Z]?)? (?:[A-Z][A-Za-z']+ ){1,4}(?:Road|Rd|Street|St|Lane|Avenue|Ave|Terrace|Drive|Path|Square)\b(?: (?:West|East|North|South|Central)\b)?"
    rf"(?:\.?,? ?(?:{'|'.join(re.escape(name) for name in sorted(DISTRICTS_EN, key=len, reverse=True))})){{0,3}}"
)


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for match in _STREET_ZH.finditer(text):
        if _NUMBER_ZH.search(match[0]):
            yield match.span()
    for match in _STREET_EN.finditer(text):
        yield match.span()


_FINDERS: Final = {
    PersonalKind.HKID: _hkids,
    PersonalKind.PHONE: _phones,
    PersonalKind.CARD: _cards,
    PersonalKind.NAME: _names,
    PersonalKind.ADDRESS: _addresses,
}


def _bare(number: str) -> str:
    return "".join(char for char in number.translate(_HALF_WIDTH) if char.isalnum()).upper()


def _before(text: str, start: int) -> str:
    """What stands before a position, on its line."""
    near = text[max(0, start - CONTEXT_CHARS) : start]
    return near[near.rfind("\n") + 1 :]


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    end = -1
    for match in pattern.finditer(text):
        end = match.end()
    return end
