"""Traditional folding: characters that Hong Kong paper does not print give their probability to those that it does.

The recogniser knows both forms of most characters and often prefers the simplified one of two that look alike. For each
character that Big5 cannot encode and that OpenCC turns into one other character of the dictionary, its column of
probabilities is added to that other column and cleared, before the best path is taken. `×` becomes `x` likewise.

Columns that later steps take for one character (`x`, `X` and `×`; `(` and its full-width form) share a probability: see `alike`.

A page that is truly written in simplified characters is left as it is: see `is_simplified`.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np
import opencc

from documents.chinese import is_chinese

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SIMPLIFIED_SHARE: Final = 0.18
"""Of a page's Chinese characters. A misread traditional page stays below 5 %, a simplified one has 25 % and more."""
KEPT: Final = frozenset("恒滙")
"""Written so in Hong Kong names, though Big5 has only the other form."""
NOTICEABLE: Final = 1e-3
"""A column that never gets more than this cannot win, folded or not."""
SURE: Final = 0.9
CHINESE_MIN: Final = 12
"""Fewer Chinese characters on a page than this say nothing about how it is written."""


def _in_big5(character: str) -> bool:
    try:
        character.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


class Folding:
    """The column pairs of one dictionary.

    Args:
        dictionary: characters by column, blank first.
    """

    def __init__(self, dictionary: Sequence[str]) -> None:
        self._dictionary = dictionary
        convert = opencc.OpenCC("s2t").convert
        columns = {character: column for column, character in reversed(list(enumerate(dictionary)))}
        pairs: dict[int, int] = {}
        for column, character in enumerate(dictionary):
            if len(character) == 1 and is_chinese(character) and character not in KEPT and not _in_big5(character):
                target = columns.get(convert(character), column)
                if target != column:
                    pairs[column] = target
        if "×" in columns and "x" in columns:
            pairs[columns["×"]] = columns["x"]
        self._from = np.array(sorted(pairs), dtype=np.intp)
        self._to = np.array([pairs[column] for column in sorted(pairs)], dtype=np.intp)
        self._simplified = frozenset(dictionary[column] for column in pairs if is_chinese(dictionary[column]))

    def alike(self) -> dict[int, NDArray[np.intp]]:
        """For each column that has any, the other columns of what is compared as the same character.

        Width and case tell no value from another: values are compared in NFKC, without case.
        """
        groups: dict[str, list[int]] = {}
        for column, character in enumerate(self._dictionary):
            if len(character) == 1:
                folded = unicodedata.normalize("NFKC", "x" if character == "×" else character).casefold()
                groups.setdefault(folded, []).append(column)
        return {
            column: np.array([other for other in group if other != column], dtype=np.intp)
            for group in groups.values()
            if len(group) > 1
            for column in group
        }

    def __len__(self) -> int:
        """How many columns are folded."""
        return len(self._from)

    def fold(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Folded copy of a (steps, columns) array."""
        given = probabilities[:, self._from]
        active = np.flatnonzero(given.max(axis=0, initial=0) > NOTICEABLE)
        folded = probabilities.copy()
        for pair in active:  # a handful, of 2,535
            folded[:, self._to[pair]] += given[:, pair]
            folded[:, self._from[pair]] = 0
        return folded

    def is_simplified(self, characters: Iterable[tuple[str, float]]) -> bool:
        """Whether a page with these raw characters and their probabilities is written in simplified characters.

        Only those that were read surely count: on a blurred page the recogniser guesses simplified forms.
        """
        chinese = [character for character, sure in characters if sure >= SURE and is_chinese(character)]
        simplified = sum(character in self._simplified for character in chinese)
        return len(chinese) >= CHINESE_MIN and simplified > SIMPLIFIED_SHARE * len(chinese)
