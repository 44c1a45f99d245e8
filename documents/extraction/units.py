"""Units of sale: words of the list, two of them for one, and sizes of a known one: 大箱, `箱 CTN`."""

from __future__ import annotations

import re
from typing import Final

from documents.extraction import lexicon
from documents.extraction.plain import key, tidy

_SIZED: Final = re.compile(r"(?:[大中細小原膠木紙半全一二三四五六七八九十]{1,2})([\u3400-\u9fff])裝?")
PLURAL_MIN: Final = 4
"""Letters from which an s makes several of a unit."""


def is_unit(text: str) -> bool:
    """Whether a text names a unit and nothing else."""
    text = tidy(text)
    parts = [
        part
        for part in re.split(r"[ /()（）]+|(?<=[\u3400-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u3400-\u9fff])", text)
        if key(part)
    ]
    return key(text) in lexicon.UNITS or (bool(parts) and all(_is_known(part) for part in parts))


def _is_known(part: str) -> bool:
    sized, plain = _SIZED.fullmatch(part), key(part)
    many = plain.isascii() and len(plain) > PLURAL_MIN and plain.removesuffix("s") in lexicon.UNITS
    return many or plain in lexicon.UNITS or (sized is not None and sized.group(1) in lexicon.UNITS)
