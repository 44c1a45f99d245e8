"""What corrections teach, per supplier: which of several likely tokens is the one.

A small logistic regression over the candidates of a field. Features say how the label reads, where the value stands and how
it is shaped; they hold no value of a document. It may only choose among values that stand on the page, never write one, and
what it chooses is marked `learned`. The first reading is never changed. Which papers teach: `documents.lessons`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from documents.extraction.dates import parse_date
from documents.extraction.found import Found, ocr_sure
from documents.extraction.model import EVIDENCE_LEARNED
from documents.extraction.numbers import clean_number
from documents.extraction.plain import key, tidy
from documents.extraction.registers import folded_code
from documents.extraction.zones import candidates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.flat import Token
    from documents.extraction.zones import Zone

FIELDS: Final = ("doc_no", "date", "po_ref")
CORRECTIONS_MIN: Final = 3
"""Corrections of a field, of one supplier, before anything is changed by them."""
CHOOSE_FROM: Final = 0.8
FEATURES_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted model of one field of one supplier: weights by feature."""

    bias: float
    weights: Mapping[str, float]


def improve(models: Mapping[str, Weights], fields: dict[str, Found | None], zone: Zone) -> dict[str, Found | None]:
    """The fields, with tokens that the supplier's models prefer in place of those that the rules chose."""
    improved = dict(fields)
    for name, model in models.items():
        chosen = _choose(name, model, zone)
        before = fields.get(name)
        if chosen is not None and (before is None or before.value != chosen.value):
            improved[name] = chosen
    return improved


def examples(name: str, zone: Zone) -> list[tuple[Token, str, dict[str, float]]]:
    """The tokens that could be a field's value, the value each would give, and their features."""
    labels = {
        id(token): candidate.label.token.text
        for candidate in candidates(zone, lambda _: True, lambda text: _value(name, text) is not None)
        for token in candidate.tokens
    }
    page = zone.pages[0]
    found = []
    for token in page.tokens:
        value = _value(name, token.text)
        if value is None or id(token) in zone.taken:
            continue
        features = {
            "label:" + key(labels.get(id(token), ""))[:24]: 1.0,
            "beside:" + key(_before(token, page.tokens))[:24]: 1.0,
            "shape:" + re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "9", tidy(token.text)))[:24]: 1.0,
            f"down:{round(4 * token.v / max(1.0, page.bottom))}": 1.0,
            f"right:{round(4 * token.left / max(1.0, *(one.right for one in page.tokens)))}": 1.0,
        }
        found.append((token, value, features))
    return found


def _before(token: Token, tokens: Sequence[Token]) -> str:
    """The text left of a token on its line, or the text above it."""
    left = [one for one in tokens if abs(one.v - token.v) < 0.5 and one.right <= token.left + 0.3 and one is not token]
    return max(left, key=lambda one: one.right).text if left else ""


def _value(name: str, text: str) -> str | None:
    if name == "date":
        dated = parse_date(text)
        return dated.iso if dated is not None else None
    return clean_number(text)


def _choose(name: str, model: Weights, zone: Zone) -> Found | None:
    best: tuple[float, Token, str] | None = None
    for token, value, features in examples(name, zone):
        score = model.bias + sum(model.weights.get(feature, 0.0) * amount for feature, amount in features.items())
        if best is None or score > best[0]:
            best = (score, token, value)
    if best is None or 1 / (1 + math.exp(-max(-50.0, min(50.0, best[0])))) < CHOOSE_FROM:
        return None
    _, token, value = best
    return Found(value, tidy(token.text), ocr_sure(token), (token,), (EVIDENCE_LEARNED,))


def learn(name: str, documents: Sequence[tuple[Zone, str]]) -> Weights | None:
    """A field of one supplier fitted to reviewed documents; None if there is nothing to choose between.

    Args:
        name: one of `FIELDS`.
        documents: zones with the value that a person confirmed or wrote. Where that value stands nowhere on the page, the
            document teaches nothing.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  heavy, and needed only where something is learned

    rows: list[tuple[dict[str, float], bool]] = []
    for zone, right in documents:
        found = [(features, folded_code(value) == folded_code(right)) for _, value, features in examples(name, zone)]
        rows += found if any(is_right for _, is_right in found) else []
    if not rows or all(is_right for _, is_right in rows):
        return None
    names = sorted({feature for features, _ in rows for feature in features})[:FEATURES_MAX]
    given = np.array([[features.get(feature, 0.0) for feature in names] for features, _ in rows])
    model = LogisticRegression(C=4.0, class_weight="balanced", max_iter=500).fit(given, [right for _, right in rows])
    weights = {
        feature: round(float(weight), 4) for feature, weight in zip(names, model.coef_[0], strict=True) if weight
    }
    return Weights(round(float(model.intercept_[0]), 4), weights)
