"""How text becomes terms that an index can hold: folding, runs, grams. Pure.

Folding makes one text of the ways to write it:
- NFKC: full-width digits and letters become plain ones.
- Lower case, character by character.
- One script: each Han character becomes its simplified form, Hong Kong, Taiwan and Japanese variants too (OpenCC's tables,
  one character at a time). Simplified to Traditional would need the words around a character (发 is 發 or 髮), so a part of
  a word would fold otherwise than the whole; this way round, folding a part is a part of the folded whole. The price: 發
  finds 髮 as well.
Each of the last two keeps the number of characters, so a place in the folded text is the same place in `normal` text.

A run is a longest stretch of one kind: Han (with kana, bopomofo, hangul: scripts without spaces), digits, or letters. Everything
else only separates. A search term is a sequence of runs, and matches where a document has the same runs one after another; at
its ends a Han run matches a part of one, letters and digits a whole one, or the beginning of one with `*`. So a term matches
exactly where its text, written with `|` between and around runs, is part of the document's written so: `spaced` and `pattern`.

Grams hold just enough to answer that by position: of a Han run all pairs of neighbours, then its last character alone; of letters
and digits the run. The lone character keeps pairs of two runs apart, and ends a run that is one character long.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

import opencc

from documents.search.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GRAMS_VERSION: Final = 1
"""Of everything in this module that an index rests on: another version means a rebuild."""
QUERY_CHARS_MAX: Final = 200
TERMS_MAX: Final = 16
RUN_CHARS_MAX: Final = 64
"""A longer run of letters or digits is taken as several."""
MARK: Final = "|"
"""Stands between and around runs in spaced text; never part of a run."""

_HAN: Final = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003fffd"
)
_RUN: Final = re.compile(
    rf"(?P<han>[{_HAN}]+)|(?P<digits>\d{{1,{RUN_CHARS_MAX}}})|(?P<letters>[^\W\d_{_HAN}]{{1,{RUN_CHARS_MAX}}})"
)
_CHUNK: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')
_FOLDED_RANGES: Final = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
_VARIANTS: Final = ("hk2s", "tw2s", "t2s")


class Kind(StrEnum):
    """Kinds of runs."""

    HAN = "han"
    DIGITS = "digits"
    LETTERS = "letters"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of folded text; `start` is its place."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Term:
    """What must stand somewhere: runs one after another. `prefix`: the last one may go on."""

    runs: tuple[Run, ...]
    prefix: bool

    @property
    def is_prefix(self) -> bool:
        """Whether what matches last may go on: always for Han."""
        return self.prefix or self.runs[-1].kind is Kind.HAN


def normal(text: str) -> str:
    """Text as it is kept and shown: NFKC, without NUL and lone surrogates, which no database takes."""
    normalised = unicodedata.normalize("NFKC", text)
    return normalised.translate(_UNKEPT) if _NOT_KEPT.search(normalised) else normalised


_NOT_KEPT: Final = re.compile("[\x00\ud800-\udfff]")
_UNKEPT: Final = dict.fromkeys((0, *range(0xD800, 0xE000)), " ")


def fold(text: str) -> str:
    """Folds `normal` text, character by character: as long as the text is."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return lowered.translate(_folding())


def _convert(characters: list[str], *ways: str) -> list[str]:
    """Each character by itself: one a line has no neighbours, and OpenCC's words do not come in."""
    for way in ways:
        characters = opencc.OpenCC(way).convert("\n".join(characters)).split("\n")
    return characters


@lru_cache(maxsize=1)
def _folding() -> Mapping[int, str]:
    characters = [chr(code) for start, stop in _FOLDED_RANGES for code in range(start, stop)]
    simplified = _convert(characters, *_VARIANTS)
    # Only what has no simplified form may be a Japanese one: 餅 would become a rare variant first.
    forms = _convert(
        [
            japanese if form == character else form
            for character, form, japanese in zip(characters, simplified, _convert(characters, "jp2t"), strict=True)
        ],
        *_VARIANTS,
    )
    table = {
        ord(character): form
        for character, form in zip(characters, forms, strict=True)
        if form != character and len(form) == 1
    }
    # Lower case of the same letter, by its place in the word.
    return {**table, ord("ς"): "σ"}


def runs(folded: str) -> Iterator[Run]:
    """The runs of folded text, in order."""
    for found in _RUN.finditer(folded):
        yield Run(Kind(found.lastgroup or ""), found[0], found.start())


def grams(folded: str) -> list[str]:
    """The grams of a folded document, in order."""
    found: list[str] = []
    for match in _RUN.finditer(folded):
        text = match[0]
        if match.lastgroup == Kind.HAN:
            found += map(str.__add__, text, text[1:])
            found.append(text[-1])
        else:
            found.append(text)
    return found


def term_grams(term: Term) -> tuple[str, ...]:
    """The grams that must stand one after another where a term matches; the last one may go on if `goes_on(term)`."""
    found: list[str] = []
    last = len(term.runs) - 1
    for place, run in enumerate(term.runs):
        if run.kind is Kind.HAN:
            found += map(str.__add__, run.text, run.text[1:])
            if place < last or len(run.text) == 1:
                found.append(run.text[-1])
        else:
            found.append(run.text)
    return tuple(found)


def goes_on(term: Term) -> bool:
    """Whether the last gram of a term stands for all that begin with it: a lone character at its end, or a prefix."""
    run = term.runs[-1]
    return len(run.text) == 1 if run.kind is Kind.HAN else term.prefix


def spaced(folded: str) -> str:
    """A folded document with `MARK` between and around its runs."""
    return MARK + "".join(found[0] + MARK for found in _RUN.finditer(folded))


def pattern(term: Term) -> str:
    """What the spaced text of a document holds exactly if the term matches it."""
    before = "" if term.runs[0].kind is Kind.HAN else MARK
    after = "" if term.is_prefix else MARK
    return before + MARK.join(run.text for run in term.runs) + after


def parse_terms(text: str) -> tuple[Term, ...]:
    """The terms of a query: its words, or what stands between double quotes; all of them must match.

    Raises:
        InvalidQuery: too long, too many terms, or nothing in it that could be found.
    """
    if len(text) > QUERY_CHARS_MAX:
        raise InvalidQuery("text", f"expected at most {QUERY_CHARS_MAX} characters, got {len(text)}")
    kept = normal(text).translate(_QUOTES)
    if len(kept) > 4 * QUERY_CHARS_MAX:
        raise InvalidQuery("text", f"expected at most {QUERY_CHARS_MAX} characters, got more when written out")
    found: dict[str, Term] = {}
    for chunk in _CHUNK.finditer(kept):
        term = _term(chunk[1] if chunk[1] is not None else chunk[2])
        if term is not None:
            found[pattern(term)] = term
    if not found:
        raise InvalidQuery("text", "expected a character, letter or digit to look for, got none")
    if len(found) > TERMS_MAX:
        raise InvalidQuery("text", f"expected at most {TERMS_MAX} terms, got {len(found)}")
    return tuple(found.values())


_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟「」『』〝〞", '"'))


def _term(chunk: str) -> Term | None:
    parts = tuple(runs(fold(chunk)))
    if not parts:
        return None
    return Term(parts, prefix=chunk.endswith("*") and parts[-1].kind is not Kind.HAN)


def places(folded: str, terms: Sequence[Term], most: int) -> list[tuple[int, int]]:
    """Where terms match in folded text: start and end, in order, without overlap; at most `most`."""
    found = sorted(place for term in terms for place in _places(folded, term, most))
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged[:most]


def _places(folded: str, term: Term, most: int) -> Iterator[tuple[int, int]]:
    for found in islice(_expression(term).finditer(folded), most):
        yield found.span()


_NEITHER: Final = r"[\W_]"
_CLASS: Final = {Kind.HAN: f"[{_HAN}]", Kind.DIGITS: r"\d", Kind.LETTERS: rf"[^\W\d_{_HAN}]"}


@lru_cache(maxsize=256)
def _expression(term: Term) -> re.Pattern[str]:
    """What a term looks like in folded text, for highlighting."""
    parts: list[str] = []
    first, last = term.runs[0], term.runs[-1]
    if first.kind is not Kind.HAN:
        parts.append(f"(?<!{_CLASS[first.kind]})")
    before: Run | None = None
    for run in term.runs:
        if before is not None:
            # Between two runs of one kind something stands; separators are never of a run's class.
            parts.append(f"(?:(?![{_HAN}]){_NEITHER})" + ("+" if before.kind is run.kind else "*"))
        parts.append(re.escape(run.text))
        before = run
    if not term.is_prefix:
        parts.append(f"(?!{_CLASS[last.kind]})")
    return re.compile("".join(parts))
