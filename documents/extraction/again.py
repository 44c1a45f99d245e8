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
    reread = rereads.at(token.page, token.quad, SECOND_CHINESE if has_chinese(token.text) else SECOND)
    if reread is None or not reread.text.strip():
        return found, False
    text = tidy(reread.text)
    if _agrees(found, text):
        return replace(found.with_evidence(EVIDENCE_SECOND), second=text), False
    return replace(found, second=text), _is_rival(found, text)


def word_wishes(found: Found) -> list[Wish]:
    """Places of words that the first reader was not sure of: ideographs, or a box without any."""
    wanted = []
    for token in found.tokens:
        if _is_doubtful(token):
            engine = SECOND_CHINESE if has_chinese(token.text) else SECOND
            wanted.append(Wish(token.page, token.quad, engine))
    return wanted


def _is_doubtful(token: Token) -> bool:
    """Whether a character was not read surely that the second reader can bear out: where ideographs are, they alone."""
    chinese = has_chinese(token.text)
    return any(sure < WORDS_SURE and (is_chinese(character) or not chinese) for character, sure in token.characters())


def bear_out(found: Found, rereads: Rereads) -> Found:
    """Words that the second reader saw too: the same ideographs and no others, or the same letters and figures.

    The value is then as sure as what is left: letters and figures beside ideographs, and boxes in which the two differ.
    """
    doubtful = [token for token in found.tokens if _is_doubtful(token)]
    if not doubtful:
        return found
    left: list[float] = []
    agreed = 0
    for token in found.tokens:
        chinese = has_chinese(token.text)
        reread = rereads.at(token.page, token.quad, SECOND_CHINESE if chinese else SECOND)
        said = _ideographs if chinese else key
        same = reread is not None and said(reread.text) == said(token.text)
        agreed += same and token in doubtful
        left += [sure for character, sure in token.characters() if not same or (chinese and not is_chinese(character))]
    if agreed < len(doubtful):
        return found
    return found.with_evidence(EVIDENCE_SECOND, sure=max(found.sure, min(left, default=WORDS_SURE)))


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
