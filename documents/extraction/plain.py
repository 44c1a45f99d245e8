"""Text made comparable: widths, spaces, punctuation and what readers confuse."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from documents.chinese import IDEOGRAPH

_DASHES: Final = re.compile("[‐‑‒–—―−]")
_SPACES: Final = re.compile(r"\s+")
_SIGNS: Final = re.compile(r"[\W_]+")
_DIGIT: Final = re.compile(r"\d")
_BETWEEN_CHINESE: Final = re.compile(r"(?<=[\u2e80-\u9fff\uf900-\ufaff]) (?=[\u2e80-\u9fff\uf900-\ufaff])")
CONFUSED: Final = str.maketrans({"0": "o", "1": "l", "|": "l", "!": "l", "5": "s", "8": "b", "i": "l"})
"""Latin letters and digits that readers take for each other, as labels are compared."""
AS_DIGITS: Final = str.maketrans(
    {"O": "0", "o": "0", "D": "0", "Q": "0", "I": "1", "l": "1", "|": "1", "i": "1", "!": "1", "Z": "2", "z": "2",
     "S": "5", "s": "5", "B": "8", "G": "6", "b": "6"}
)  # fmt: skip
AS_LETTERS: Final = str.maketrans({"0": "O", "1": "I", "5": "S", "8": "B", "2": "Z", "6": "G", "|": "I"})


def tidy(text: str) -> str:
    """One form of width and dash, single spaces, none between ideographs."""
    if text.isascii():
        return " ".join(text.split())
    text = unicodedata.normalize("NFKC", text)
    text = _DASHES.sub("-", text)
    text = _SPACES.sub(" ", text).strip()
    return _BETWEEN_CHINESE.sub("", text)


def key(text: str) -> str:
    """Letters, digits and ideographs only, without case."""
    return _SIGNS.sub("", tidy(text).casefold())


def has_chinese(text: str) -> bool:
    """Whether any ideograph is in a text."""
    return not text.isascii() and IDEOGRAPH.search(text) is not None


def has_digit(text: str) -> bool:
    """Whether any digit is in a text."""
    return _DIGIT.search(text) is not None


def distance(one: str, other: str, most: int) -> int:
    """Edit distance, or `most` + 1 if it is larger than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before = list(range(len(other) + 1))
    for row, a in enumerate(one, 1):
        now = [row]
        for column, b in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (a != b)))
        if min(now) > most:
            return most + 1
        before = now
    return min(before[-1], most + 1)
