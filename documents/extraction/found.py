"""A value on its way from tokens to a field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from documents.extraction.model import Field, Value

if TYPE_CHECKING:
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
