"""What is made of a paper, told in short for tests."""

from __future__ import annotations

from documents.extraction.extracting import extract
from documents.extraction.model import Extraction
from tests.documents.papers import Paper, Text


def reading_of(*texts: Text) -> Extraction:
    """What is made of texts at their places, read without fault."""
    return extract(Paper(texts, {}, ()).reading())


def values(extraction: Extraction, *names: str) -> list[tuple[object, ...]]:
    """The values of some fields, row by row; None where a row has none."""
    return [tuple(row.fields[name].value if name in row.fields else None for name in names) for row in extraction.rows]


def asked(extraction: Extraction) -> set[str]:
    """The paths that a person is asked about."""
    return {item.path for item in extraction.review}
