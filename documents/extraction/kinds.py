"""Which kind of document it is: title words by squared height and place, label and heading words as weak votes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.model import DocType
from documents.extraction.plain import CONFUSED, has_chinese, key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import FlatPage, Token
    from documents.extraction.labels import Label

COVER_MIN: Final = 0.45
"""Share of a token that title words must make up."""
WORD_VOTE: Final = 0.12
LABEL_VOTE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Kind:
    """The type with the share of the votes it got, and the title it was read from."""

    doc_type: DocType
    share: float
    title: Token | None


@cache
def _slipped_titles() -> dict[str, DocType]:
    forms: dict[str, DocType] = {}
    for title, kind in lexicon.TITLES.items():
        if len(title) >= (3 if has_chinese(title) else 7):
            folded = title.translate(CONFUSED)
            for place in range(len(folded)):
                forms.setdefault(f"{place}|{folded[:place]}{folded[place + 1 :]}", kind)
    return forms


def title_in(text: str) -> tuple[DocType, float] | None:
    """The type that a text names as a title, and what share of the text says so."""
    whole = key(text)
    if not whole or len(whole) > 60:
        return None
    parts = [key(part) for part in re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+", text)]
    found: dict[DocType, float] = {}
    for one in {whole, *parts}:
        kind = lexicon.TITLES.get(one)
        if kind is not None:
            found[kind] = found.get(kind, 0.0) + len(one)
    if not found:
        for title, kind in lexicon.TITLES.items():
            if len(title) >= 3 and title in whole and (has_chinese(title) or len(title) >= 6):
                found[kind] = max(found.get(kind, 0.0), float(len(title)))
    if not found:
        folded = whole.translate(CONFUSED)
        slip = (_slipped_titles().get(f"{at}|{folded[:at]}{folded[at + 1 :]}") for at in range(len(folded)))
        kind = next((one for one in slip if one is not None), None)
        return (kind, 0.7) if kind is not None else None
    best = max(found, key=lambda kind: found[kind])
    return best, min(1.0, found[best] / len(whole))


def find_kind(page: FlatPage, labels: Sequence[Label]) -> Kind:
    """The type of a document by its first page."""
    votes = dict.fromkeys(DocType, 0.0)
    titles: dict[DocType, tuple[float, Token]] = {}
    for token in page.tokens:
        named = title_in(token.text)
        if named is None or named[1] < COVER_MIN:
            continue
        kind, cover = named
        place = 1.0 if token.v < page.bottom * 0.34 else 0.4 if token.v < page.bottom * 0.5 else 0.08
        vote = token.height**2 * place * cover * (0.4 + 0.6 * token.confidence)
        votes[kind] += vote
        if vote > titles.get(kind, (0.0, token))[0]:
            titles[kind] = (vote, token)
    for label in labels:
        kind_name = label.role.partition(":")[2]
        if label.role.startswith("number:") and kind_name != DocType.PURCHASE_ORDER:
            votes[DocType(kind_name)] += LABEL_VOTE
    text = key(" ".join(token.text for token in page.tokens))
    for kind, words in lexicon.WORDS_OF_TYPE.items():
        votes[kind] += WORD_VOTE * sum(key(word) in text for word in words)
    best = max(votes, key=lambda kind: votes[kind])
    total = sum(votes.values())
    if votes[best] < 0.2:
        return Kind(DocType.OTHER, 0.0, None)
    return Kind(best, votes[best] / total, titles[best][1] if best in titles else None)
