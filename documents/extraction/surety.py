"""From evidence to a confidence that means what it says: the share of such values that are right.

The table `surety.json` was fitted by isotonic regression on reviewed documents (`benchmarks/calibrate.py`): for each class
of field, and for values that something else confirms apart from those nothing does, raw surety to share right.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from documents.extraction.model import (
    EVIDENCE_ARITHMETIC,
    EVIDENCE_BARCODE,
    EVIDENCE_CHECK_DIGIT,
    EVIDENCE_REGISTER,
    EVIDENCE_SECOND,
)

if TYPE_CHECKING:
    from documents.extraction.found import Found

WITNESSES: Final = frozenset(
    {EVIDENCE_ARITHMETIC, EVIDENCE_BARCODE, EVIDENCE_CHECK_DIGIT, EVIDENCE_REGISTER, EVIDENCE_SECOND}
)
CLASSES: Final = {
    "doc_type": "type",
    "doc_no": "number",
    "po_ref": "number",
    "date": "date",
    "supplier": "party",
    "buyer": "party",
    "sku": "code",
    "gtin": "code",
    "quantity": "quantity",
    "unit": "word",
    "description": "words",
    "reason": "word",
    "result": "word",
    "currency": "word",
    "batch": "batch",
    "expiry": "expiry",
}
MONEY: Final = "money"


class Curve(msgspec.Struct, frozen=True):
    """Steps of an isotonic fit: raw surety `x`, share right `y`, both rising."""

    x: tuple[float, ...]
    y: tuple[float, ...]


def class_of(name: str, *, witnessed: bool) -> str:
    """The class that a field is calibrated in."""
    return f"{CLASSES.get(name, MONEY)}{'+' if witnessed else ''}"


@cache
def _curves() -> dict[str, Curve]:
    stored = files("documents.extraction").joinpath("surety.json").read_bytes()
    return msgspec.json.decode(stored, type=dict[str, Curve])


def is_witnessed(found: Found) -> bool:
    """Whether something besides the first reader says the same."""
    return bool(WITNESSES & set(found.evidence))


def confidence(name: str, found: Found) -> float:
    """The calibrated confidence of a value."""
    curve = _curves().get(class_of(name, witnessed=is_witnessed(found)))
    raw = max(0.0, min(1.0, found.sure))
    value = raw if curve is None or not curve.x else float(np.interp(raw, curve.x, curve.y))
    return min(value, 0.6) if found.doubtful and not is_witnessed(found) else value
