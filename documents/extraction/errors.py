"""What extraction refuses.

ExtractionError
└── ExtractionInvalid    bytes that should be a stored extraction are not
"""

from __future__ import annotations

__all__ = ["ExtractionError", "ExtractionInvalid"]


class ExtractionError(Exception):
    """Base of everything that extraction refuses."""


class ExtractionInvalid(ExtractionError):
    """Bytes that should be a stored extraction are not."""
