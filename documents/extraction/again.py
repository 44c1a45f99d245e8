"""Places worth a second look while the picture is at hand, and what that look said.

- Cells of the unit column in which nothing was found, where other rows have a unit: one lone character is what detectors
  miss. The first reader's recogniser reads the empty place.
- Values that must not be wrong (total, batch, expiry, and codes and quantities that no sum confirms): the second reader
  reads the same place.
- Names and words that the first reader was not sure of, and dates with ideographs between their figures: the second reader
  reads them, as Chinese where there is any. It fails on many, but of two readers built differently both hardly ever take
  the same wrong character for the right one.

The answers are kept with the reading (`PageReading.rereads`), so that extraction can be repeated without the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from documents.chinese import is_chinese
from documents.extraction.amounts import parse_number
from documents.extraction.dates import parse_date
from documents.extraction.model import EVIDENCE_SECOND, Money
from documents.extraction.plain import AS_DIGITS, distance, has_chinese, key, tidy
from documents.extraction.registers import folded_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import Token
    from documents.extraction.found import Found
    from documents.reading.model import DocumentReading, Quad, Reread

RECOGNISER: Final = "recogniser"
SECOND: Final = "second"
SECOND_CHINESE: Final = "second_chinese"
CHINESE_MARK: Final = " chi_tra"
"""Ends the name of the second reader's engine where it looked for Chinese."""
WORDS_SURE: Final = 0.9
"""Probability from which a character of words needs no second look."""
WISHES_MAX: Final = 60
SAME_PLACE: Final = 3
"""Pixels by which a place may be off and still be the same."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A place to be read again, and by whom."""

    page: int
    quad: Quad
    engine: str


class Rereads:
    """The answers of a document, by place."""

    def __init__(self, reading: DocumentReading) -> None:
        self._by_place: dict[tuple[int, str], list[Reread]] = {}
        for page in reading.pages:
            for reread in page.rereads:
                kind = SECOND_CHINESE if reread.engine.endswith(CHINESE_MARK) else SECOND
                kind = RECOGNISER if reread.engine == RECOGNISER else kind
                self._by_place.setdefault((page.page, kind), []).append(reread)

    def at(self, page: int, quad: Quad, kind: str) -> Reread | None:
        """What was read again at a place, or None."""
        return next((one for one in self._by_place.get((page, kind), ()) if _same(one.quad, quad)), None)


def _same(one: Quad, other: Quad) -> bool:
    return all(
        abs(a[0] - b[0]) <= SAME_PLACE and abs(a[1] - b[1]) <= SAME_PLACE for a, b in zip(one, other, strict=True)
    )


def compare(found: Found, rereads: Rereads) -> tuple[Found, bool]:
    """The value with what the second reader saw, and whether that is plainly another value."""
    if len(found.tokens) != 1:
        return found, False
    token = found.tokens[0]
    reread = rereads.at(token.page, token.quad, _engine_for(found, token))
    if reread is None or not reread.text.strip():
        return found, False
    text = tidy(reread.text)
    if _agrees(found, text):
        return replace(found.with_evidence(EVIDENCE_SECOND), second=text), False
    return replace(found, second=text), _is_rival(found, text)


@dataclass(frozen=True, slots=True)
class _Part:
    """Words of a box that are read again together: its ideographs where it stands, or a run of letters and figures."""

    page: int
    quad: Quad
    engine: str
    said: str
    characters: tuple[tuple[str, float], ...]

    @property
    def is_doubtful(self) -> bool:
        return any(sure < WORDS_SURE for character, sure in self.characters if self.can_bear(character))

    def can_bear(self, character: str) -> bool:
        """Whether the second reader can bear out this character: the Chinese model is weak at letters and figures."""
        return self.engine == SECOND or is_chinese(character)

    def agrees(self, reread: Reread | None) -> bool:
        said = _ideographs if self.engine == SECOND_CHINESE else key
        return reread is not None and said(reread.text) == self.said != ""


def _parts(token: Token) -> list[_Part]:
    parts = []
    for chinese, run in groupby(range(len(token.pieces)), key=lambda at: has_chinese(token.pieces[at].text)):
        places = list(run)
        part = token.slice(places[0], places[-1] + 1)
        alone = len(places) == len(token.pieces)
        quad = token.quad if chinese or alone else part.quad
        said = _ideographs(token.text) if chinese else key(part.text)
        parts.append(_Part(token.page, quad, SECOND_CHINESE if chinese else SECOND, said, tuple(part.characters())))
    return parts


def word_wishes(found: Found) -> list[Wish]:
    """Places of words that the first reader was not sure of."""
    parts = [part for token in found.tokens for part in _parts(token) if part.is_doubtful]
    return [Wish(part.page, part.quad, part.engine) for part in parts]


def bear_out(found: Found, rereads: Rereads) -> Found:
    """Words that the second reader saw too: the same ideographs and no others, or the same letters and figures.

    The value is then as sure as what is left: what nobody was asked about, or the two do not agree on.
    """
    parts = [part for token in found.tokens for part in _parts(token)]
    agreed = [part.agrees(rereads.at(part.page, part.quad, part.engine)) for part in parts]
    if not any(same and part.is_doubtful for part, same in zip(parts, agreed, strict=True)):
        return found
    left = [
        sure
        for part, same in zip(parts, agreed, strict=True)
        for character, sure in part.characters
        if not (same and part.can_bear(character))
    ]
    return found.with_evidence(EVIDENCE_SECOND, sure=max(found.sure, min(left, default=WORDS_SURE)))


def second_look(found: Found) -> list[Wish]:
    """The place of a value that stands alone in its box, for whom of the second reader's two models suits it."""
    if len(found.tokens) != 1:
        return []
    (token,) = found.tokens
    return [Wish(token.page, token.quad, _engine_for(found, token))]


def _engine_for(found: Found, token: Token) -> str:
    """Dates with 年 and 月 are read as Chinese; other values with a unit or sign beside them are figures all the same."""
    return SECOND_CHINESE if _is_iso(str(found.value)) and has_chinese(token.text) else SECOND


def _ideographs(text: str) -> str:
    return "".join(character for character in tidy(text) if is_chinese(character))


def _agrees(found: Found, text: str) -> bool:
    value = found.value
    if isinstance(value, Money):
        mine, theirs = parse_number(found.raw), parse_number(text)
        return mine is not None and theirs is not None and mine.value == theirs.value
    if _is_iso(value):
        dated = parse_date(text)
        return dated is not None and dated.iso == value
    if folded_code(text) == folded_code(value) or folded_code(text) == folded_code(found.raw):
        return True
    return bool(folded_code(value)) and folded_code(value) in {folded_code(word) for word in text.split(" ")}


def _is_iso(value: str) -> bool:
    return len(value) == 10 and value[4] == "-" and value[7] == "-" and parse_date(value) is not None


def _is_rival(found: Found, text: str) -> bool:
    """Whether the second reading is a whole value of the same shape that says something else."""
    mine, theirs = folded_code(found.raw), folded_code(text)
    if not theirs or not mine or abs(len(mine) - len(theirs)) > 1:
        return False
    off = distance(mine, theirs, 2)
    if off > 2 or off == 0:
        return False
    # A letter for its look-alike digit is the second reader's own weakness where the value can hold no letters.
    figures = isinstance(found.value, Money) or _is_iso(str(found.value)) or str(found.value).isdecimal()
    return not (figures and theirs.translate(AS_DIGITS) == mine.translate(AS_DIGITS))


def wish_list(wishes: Sequence[Wish]) -> tuple[Wish, ...]:
    """Wishes without repeats, bounded."""
    return tuple(dict.fromkeys(wishes))[:WISHES_MAX]
