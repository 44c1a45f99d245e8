"""What readers of documents are shown: values with what was sealed opened, as far as its key is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from documents.extraction.model import Extraction
    from documents.model import Document, FieldsRow, Folder, Link, ReviewItem, Version
    from stock.model import Adjusted
    from storage.objects.model import ObjectRef


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as a reader sees it; `title` None: its key is destroyed."""

    document: Document
    title: str | None
    folders: tuple[Folder, ...]
    tags: tuple[str, ...]
    fields: FieldsRow | None
    superseded_by: tuple[str, ...] = ()
    """Documents that took its place, as far as the reader may see them."""
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version as a reader sees it."""

    version: Version
    file_name: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A document as it is spoken of elsewhere; `title` None: it has none, or its key is destroyed."""

    class_code: str
    number: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link as a reader sees it: the document at its other end, or how the stock moved that it is evidence of.

    Neither: its target is an entry that moved no stock, or none that the reader may see.
    """

    link: Link
    other: Named | None = None
    moved: Adjusted | None = None


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note as a reader sees it."""

    index: int
    text: str | None
    author: str
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """Content that may be handed out: of `size` bytes, under an ETag that never changes."""

    ref: ObjectRef
    document: str
    version: int
    size: int
    media_type: str
    file_name: str
    etag: str


@dataclass(frozen=True, slots=True)
class ReadOut:
    """What was read from a version, with the questions that are open or were."""

    row: FieldsRow
    extraction: Extraction
    items: tuple[ReviewItem, ...]
    has_pages: bool
    """Whether what is asked about can be shown on a page."""
