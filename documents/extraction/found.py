"""A value on its way from tokens to a field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from documents.extraction.model import Field, Value
from documents.extraction.plain import has_chinese, key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from documents.extraction.flat import Token


@dataclass(frozen=True, slots=True)
class Found:
    """A value with its tokens. `sure` is the product of OCR and layout evidence, not yet calibrated."""

    value: Value
    raw: str
    sure: float
    tokens: tuple[Token, ...] = ()
    evidence: tuple[str, ...] = ()
    doubtful: bool = False
    """Another reading of the same characters is possible."""
    second: str | None = None
    code: str | None = None

    def with_evidence(self, *evidence: str, sure: float | None = None) -> Found:
        """The same value with more behind it."""
        more = tuple(dict.fromkeys((*self.evidence, *evidence)))
        return replace(self, evidence=more, sure=self.sure if sure is None else sure)

    def field(self, name: str, confidence: float) -> Field:
        """The stored form."""
        return Field(
            name=name,
            value=self.value,
            raw=self.raw,
            confidence=round(confidence, 4),
            boxes=tuple((token.page, token.quad) for token in self.tokens),
            evidence=self.evidence,
            second=self.second,
            code=self.code,
        )


def ocr_sure(*tokens: Token) -> float:
    """The least sure of some tokens."""
    return min((token.confidence for token in tokens), default=0.0)


def sure_where(tokens: Iterable[Token], matters: Callable[[str], Sequence[bool]]) -> float:
    """The least sure of the characters that matter in some tokens: the others can be misread without harm.

    Args:
        tokens: where the value stands.
        matters: for a text without spaces, which of its characters bear on the value.
    """
    tokens = tuple(tokens)
    seen = [pair for token in tokens for pair in token.characters()]
    bearing = matters("".join(character for character, _ in seen))
    return min((sure for (_, sure), bears in zip(seen, bearing, strict=True) if bears), default=ocr_sure(*tokens))


def sure_of_name(token: Token, name: str) -> float:
    """The least sure of a name's letters and ideographs in its token; the whole token's where it is not found in it.

    What else stands in the box (a label, the name in the other language) and punctuation say nothing about the name.
    """
    seen = [(one, sure) for character, sure in token.characters() for one in key(character)]
    wanted = key(name)
    at = "".join(one for one, _ in seen).find(wanted)
    if not wanted or at < 0:
        return token.confidence
    return min(sure for _, sure in seen[at : at + len(wanted)])


def party_of(texts: list[str], tokens: Sequence[Token], evidence: tuple[str, ...], near: float) -> Found:
    """Chinese name first if it was read at least as well; both stay in `raw`."""
    order = sorted(range(len(texts)), key=lambda index: (tokens[index].confidence < 0.8, not has_chinese(texts[index])))
    first = order[0]
    return Found(
        texts[first],
        " ".join(texts),
        sure_of_name(tokens[first], texts[first]) * near,
        tuple(tokens[index] for index in order),
        evidence,
    )
