"""What is made of a paper, told in short for tests."""

from __future__ import annotations

from documents.extraction.extracting import extract
from documents.extraction.model import Extraction
from tests.documents.papers import Paper, Text

COLUMNS = (
    ("sku", 90, ("Item Code",)), ("description", 330, ("Description",)), ("quantity", 900, ("Qty",)), ("unit", 1020, ("Unit",)),
)  # fmt: skip
ROWS = tuple(
    {"sku": f"QT-440{at}", "description": f"Oat Milk {at}L", "quantity": str(12 * at), "unit": "BTL"}
    for at in (1, 2, 3)
)
"""A table of three goods as a delivery note prints it, for tests of what stands round it."""


def reading_of(*texts: Text) -> Extraction:
    """What is made of texts at their places, read without fault."""
    return extract(Paper(texts, {}, ()).reading())


def values(extraction: Extraction, *names: str) -> list[tuple[object, ...]]:
    """The values of some fields, row by row; None where a row has none."""
    return [tuple(row.fields[name].value if name in row.fields else None for name in names) for row in extraction.rows]


def asked(extraction: Extraction) -> set[str]:
    """The paths that a person is asked about."""
    return {item.path for item in extraction.review}
