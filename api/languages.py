"""The two languages of the product, and how a caller chooses between them.

- Traditional Chinese as written in Hong Kong (`zh-Hant-HK`) and English (`en`).
- `Accept-Language` decides (RFC 9110 §12.5.4): highest weight wins, the earlier of equals; every Chinese and
  Cantonese tag means `zh-Hant-HK`, because that is the only Chinese we have; what we do not speak is passed over.
- A header we cannot read is no reason to refuse a request: the default is used.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_TAGS_MAX = 32


class Language(StrEnum):
    """A language the product answers in, named by its BCP 47 tag."""

    CHINESE = "zh-Hant-HK"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """Return the text in `language`."""
        return self.zh if language is Language.CHINESE else self.en


@lru_cache(maxsize=512)
def preferred_language(accept_language: str, default: Language = Language.ENGLISH) -> Language:
    """Return the language an `Accept-Language` header asks for, or `default` if it names none of ours."""
    best: Language | None = None
    best_weight = 0.0
    for item in accept_language.split(",")[:_TAGS_MAX]:
        tag, _, parameters = item.partition(";")
        language = _language_of(tag.strip().lower(), default)
        weight = _weight(parameters)
        if language is not None and weight > best_weight:
            best, best_weight = language, weight
    return best or default


def _language_of(tag: str, default: Language) -> Language | None:
    if tag == "*":
        return default
    primary = tag.partition("-")[0]
    if primary in {"zh", "yue"}:
        return Language.CHINESE
    return Language.ENGLISH if primary == "en" else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
