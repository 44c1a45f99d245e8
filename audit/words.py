"""One text in the two languages that people of a Hong Kong retailer read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One text in Traditional Chinese as written in Hong Kong, and in English."""

    zh: str
    en: str

    def filled(self, values: Mapping[str, object]) -> Words:
        """The text with its placeholders filled; a value that is itself `Words` is told in each language."""
        return Words(
            self.zh.format_map({name: _told(value, "zh") for name, value in values.items()}),
            self.en.format_map({name: _told(value, "en") for name, value in values.items()}),
        )

    def to_json(self) -> dict[str, str]:
        """The text by language, as the members of a JSON object."""
        return {"zh-Hant-HK": self.zh, "en": self.en}


def _told(value: object, language: str) -> object:
    return getattr(value, language) if isinstance(value, Words) else value
