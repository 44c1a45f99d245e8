"""One text in the two languages that people of a Hong Kong retailer read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One text in Traditional Chinese as written in Hong Kong, and in English."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        """The text by language, as the members of a JSON object."""
        return {"zh-Hant-HK": self.zh, "en": self.en}
