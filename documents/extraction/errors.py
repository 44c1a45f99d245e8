"""What extraction refuses.

ExtractionError
├── ExtractionInvalid    bytes that should be a stored extraction are not
└── LearnedInvalid       bytes that should be learned coefficients are not
"""

from __future__ import annotations

__all__ = ["ExtractionError", "ExtractionInvalid", "LearnedInvalid"]


class ExtractionError(Exception):
    """Base of everything that extraction refuses."""


class ExtractionInvalid(ExtractionError):
    """Bytes that should be a stored extraction are not."""


class LearnedInvalid(ExtractionError):
    """Bytes that should be learned coefficients are not."""
