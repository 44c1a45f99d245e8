"""From words to facts: type, fields, rows, checks, confidence, and what a person should look at.

from documents.extraction import extract

extraction = extract(reading, registers)
"""

from __future__ import annotations

from documents.extraction.extracting import extract, wishes
from documents.extraction.model import Extraction, Field, Money, ReviewItem, ReviewReason, Row

__all__ = ["Extraction", "Field", "Money", "ReviewItem", "ReviewReason", "Row", "extract", "wishes"]
