"""Tags: short words of any script by which people find documents again.

- One word is one tag however it was typed: it is kept in NFKC (full-width `３０` is `30`) and in lower case.
- Letters and digits of any script, `-`, `_` and single spaces between them; nothing that cannot be seen.
- An entry holds it in clear and for ever, so what is found to be personal data is refused. A bare name cannot be told from a word
  (白米 and 方便麵 begin as names do): whoever types one is warned where they type.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from documents.errors import Code, InvalidDocument
from documents.requests import TAG_CHARS_MAX
from policies.personal_data import is_personal_word

if TYPE_CHECKING:
    from policies.refusals import Path

# Letters and marks that show nothing: fillers, joiners, selectors of a variant.
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BETWEEN: Final = frozenset("-_ ")


def parse_tag(value: object, path: Path = ()) -> str:
    """Read a tag.

    Raises:
        InvalidDocument: another form, or it holds personal data.
    """
    if not isinstance(value, str) or not 0 < len(value) <= TAG_CHARS_MAX or _UNSEEN.search(value):
        raise InvalidDocument(Code.TAG_FORM, path, {"max": TAG_CHARS_MAX})
    tag = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).lower())
    if len(tag) > TAG_CHARS_MAX or not _is_word(tag) or "  " in tag:
        raise InvalidDocument(Code.TAG_FORM, path, {"max": TAG_CHARS_MAX})
    if is_personal_word(tag):
        raise InvalidDocument(Code.TAG_PERSONAL, path)
    return tag


def _is_word(tag: str) -> bool:
    """Whether it begins and ends with a letter or digit, or the mark on one, and has nothing else but what may stand between."""
    kinds = [unicodedata.category(char) for char in tag]
    inner = all(_is_written(kind) or char in _BETWEEN for char, kind in zip(tag, kinds, strict=True))
    return inner and _is_written(kinds[0]) and not kinds[0].startswith("M") and _is_written(kinds[-1])


def _is_written(kind: str) -> bool:
    return kind[0] in "LM" or kind == "Nd"
