"""Names of parties that may be something else, or more or less than a name: a person is asked about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.names import is_branch, is_company, is_foreign
from documents.extraction.plain import has_digit, key, tidy
from documents.extraction.zones import NAME_MIN

if TYPE_CHECKING:
    from documents.extraction.found import Found

PERSON: Final = re.compile(
    r"(?:[A-Z][a-z.]+ ?){1,3}|[A-Z]{1,3}|[\u3400-\u9fff]{2,3}|[\u3400-\u9fff]{1,3}(?:師傅|先生|小姐|女士|太太|經理|主任)"
)
"""A person's name, or initials."""
_BEFORE_CHINESE: Final = re.compile(r"((?:[A-Za-z]+ ?){1,3})[\u3400-\u9fff]")
SIGN_MIN: Final = 3
"""Letters that the name of a firm has at least; fewer are its sign."""
_GOES_ON: Final = re.compile(
    r"有限公司(?=[\u3400-\u9fff]{2}|[A-Za-z]{2})|(?i:\b(?:limited|ltd\.?) ?(?=[a-z\u3400-\u9fff]{2}))"
    r"|(?i:(?:公司|\blimited|\bltd\.?) ?\([^()]*[店街道樓])"
)
"""A firm's name that goes on behind its end: whom it is for there, the same in another language, or another thing."""


def is_odd(party: Found) -> bool:
    """Whether a name may be a person's, a branch's, a piece of one, or more than one."""
    text = tidy(str(party.value))
    before = _BEFORE_CHINESE.match(text)
    if ":" in text or is_foreign(text) or is_branch(text) or (before is not None and not is_company(before.group(1))):
        return True  # a label that nobody knows stands before it
    if key(text) in lexicon.COMPANY_WORDS or _GOES_ON.search(text):
        return True  # the other half of a label, as `Supplier`, or more than a name
    if text[:1] in "([" or len(key(text)) < SIGN_MIN:
        return True  # the end of a name, `(HK) Limited`, or the sign of a firm
    return not is_company(party.raw) and (
        PERSON.fullmatch(text) is not None or has_digit(text) or len(key(text)) < NAME_MIN
    )
