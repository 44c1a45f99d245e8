"""What of a document goes into the search index, and the port of that index.

A document that is sensitive, in quarantine, blocked or gone is taken out of the index instead. Identity card numbers are masked before
they get there: what finds text never shows one.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from documents import store as rows
from documents.extraction.model import Money
from documents.marks.store import read_blocked
from documents.model import FILE_NAME, NOTE, TITLE, FolderKind
from documents.opening import Opening
from documents.reading.model import DocumentReading
from documents.rules import VISIBLE
from documents.search.model import Facets, SearchText
from documents.shelves import store as shelves
from policies.masking import masked
from storage.errors import KeyMissing
from storage.objects.errors import ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from documents.extraction.model import Extraction
    from documents.model import Document
    from documents.store import Snapshot

BODY_CHARS_MAX: Final = 1_000_000
BATCH: Final = 200
INDEXED_FIELDS: Final = ("doc_no", "po_ref", "supplier", "buyer")
INDEXED_CELLS: Final = ("sku", "gtin", "description", "batch")


class Index(Protocol):
    """Where searchable text goes: `documents.search.index.SearchIndex`."""

    def put(self, document_id: str, text: SearchText) -> None:
        """Adds or replaces a document."""
        ...

    def remove(self, document_id: str) -> bool:
        """Takes a document out; False if it was not in."""
        ...

    def destroy(self, document_ids: Sequence[str]) -> int:
        """Takes documents out and writes the index anew, so that nothing of them is left; returns how many were in."""
        ...


class NoIndex:
    """Stands where no index is configured."""

    def put(self, document_id: str, text: SearchText) -> None:
        """Does nothing."""

    def remove(self, document_id: str) -> bool:
        """Does nothing."""
        return False

    def destroy(self, document_ids: Sequence[str]) -> int:
        """Does nothing."""
        return 0


class Indexing(Opening):
    """Feeding the index."""

    index: Index

    def index_document(self, document: str) -> bool:
        """Puts a document into the index as it stands, or takes it out; returns whether it is in.

        Raises:
            StorageError: not now.
        """
        text = self.search_text(document)
        if text is None:
            self.index.remove(document)
            return False
        self.index.put(document, text)
        return True

    def search_text(self, document: str) -> SearchText | None:
        """What is searchable of a document; None: nothing may be."""
        with self._database.read() as connection:
            found = rows.read_document(connection, document)
            if found is None or found.stage not in VISIBLE or not self._vault.has_key(UUID(document)):
                return None
            if read_blocked(connection, (document,)):
                return None
            if self._class_of(found.class_code).sensitive:
                return None
            return self._text_of(connection, found)

    def search_texts(self) -> Iterator[tuple[str, SearchText]]:
        """Every document that belongs into the index: for making it anew."""
        after = ""
        while True:
            with self._database.read() as connection:
                ids = shelves.read_visible_ids(connection, after=after, limit=BATCH)
            for document in ids:
                text = self.search_text(document)
                if text is not None:
                    yield document, text
            if len(ids) < BATCH:
                return
            after = ids[-1]

    def _text_of(self, connection: Snapshot, found: Document) -> SearchText:
        owner = UUID(found.id)
        version = rows.read_version(connection, found.id, found.version)
        names = [self._reveal(owner, TITLE, found.title)]
        if version is not None:
            names.append(self._reveal(owner, FILE_NAME, version.file_name))
        notes = [self._reveal(owner, NOTE, note.text) for note in shelves.read_notes(connection, found.id)]
        around = shelves.read_around(connection, [found.id])
        row = rows.read_fields(connection, found.id, found.version)
        extraction = None if row is None else self._open_fields(row)
        folders = around.folders.get(found.id, ())
        skus = {folder.code for folder in folders if folder.kind is FolderKind.SKU}
        return SearchText(
            added_index=found.added_index,
            facets=Facets(
                document_class=found.class_code,
                state=found.stage.value,
                store=found.store,
                supplier=found.supplier,
                skus=tuple(sorted(skus | _skus_of(extraction)))[:100],
                dated=None if row is None or row.doc_date is None else date.fromisoformat(row.doc_date),
                amount=None if row is None else row.total,
                currency=None if row is None or row.total is None else row.currency,
            ),
            sensitive=False,
            title=masked(" ".join(dict.fromkeys(name for name in names if name))),
            fields=masked(
                " ".join([found.number or "", *_words_of(extraction), *around.tags.get(found.id, ())]).strip()
            ),
            notes=masked("\n".join(note for note in notes if note)),
            body=masked(self._body(connection, found)),
        )

    def _body(self, connection: Snapshot, found: Document) -> str:
        kept = rows.read_reading(connection, found.id, found.version)
        if kept is None:
            return ""
        try:
            stored = b"".join(self._vault.open(kept.ref, UUID(found.id), found.version))
        except (KeyMissing, ObjectMissing):
            return ""
        return DocumentReading.from_json(stored).text[:BODY_CHARS_MAX]


def _skus_of(extraction: Extraction | None) -> set[str]:
    if extraction is None:
        return set()
    found = (row.fields.get("sku") for row in extraction.rows)
    return {field.code for field in found if field is not None and field.code is not None}


def _words_of(extraction: Extraction | None) -> list[str]:
    if extraction is None:
        return []
    fields = [extraction.fields.get(name) for name in INDEXED_FIELDS]
    fields += [row.fields.get(name) for row in extraction.rows for name in INDEXED_CELLS]
    return [str(field.value) for field in fields if field is not None and not isinstance(field.value, Money)]
