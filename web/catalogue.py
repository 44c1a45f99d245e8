"""Every text of the pages, in Traditional Chinese (Hong Kong) and English.

Each subject keeps its own under `web/texts`; here they are one table. A text has both languages by its type, and tests hold that both
use the same placeholders and that templates name no text that there is not.
"""

from collections.abc import Mapping
from typing import Final

from api.languages import Language, Wording
from web.texts import (
    actions,
    around,
    bundles,
    cases,
    disposals,
    documents,
    events,
    frame,
    grants,
    holds,
    pending,
    policies,
    residency,
    retention,
    stock,
    trail,
    why,
)

_PARTS: Final = (
    actions.TEXTS,
    around.TEXTS,
    bundles.TEXTS,
    cases.TEXTS,
    disposals.TEXTS,
    documents.TEXTS,
    events.TEXTS,
    frame.TEXTS,
    grants.TEXTS,
    holds.TEXTS,
    pending.TEXTS,
    policies.TEXTS,
    residency.TEXTS,
    retention.TEXTS,
    stock.TEXTS,
    trail.TEXTS,
    why.TEXTS,
)

TEXTS: Final[Mapping[str, Wording]] = {key: words for part in _PARTS for key, words in part.items()}


def say(language: Language, key: str, **values: str | int) -> str:
    """The text of that key.

    Raises:
        KeyError: there is none, or a placeholder has no value.
    """
    text = TEXTS[key].of(language)
    return text.format_map(values) if values else text


def said(language: Language, key: str, otherwise: str) -> str:
    """The text of that key, or what to show where there is none: codes that an organisation made itself."""
    words = TEXTS.get(key)
    return otherwise if words is None else words.of(language)
