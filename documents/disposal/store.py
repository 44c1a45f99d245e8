"""What disposal reads of documents: every object a row names, what was opened, and the rows that hold something sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from documents.model import Stage
from documents.store import (
    document_corrections,
    document_fields,
    document_notes,
    document_readings,
    document_renditions,
    document_versions,
)
from policies.event_types import ACCESS_READ
from retention.disposal.model import Copy, Part, Target
from retention.records import Record, RecordKind
from stock.model import SUBJECT_DOCUMENT
from storage.either import select_in
from storage.objects.model import Bucket
from storage.schema import entries, entry_subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.either import Reader

CHUNK = 500


def read_targets(reader: Reader, documents: Sequence[str]) -> dict[str, list[Target]]:
    """Every object of these documents that a row names and that was not destroyed before."""
    found: dict[str, list[Target]] = {document: [] for document in documents}
    for start in range(0, len(documents), CHUNK):
        chunk = documents[start : start + CHUNK]
        version = document_versions.c
        statement = select(
            version.document,
            version.bucket,
            version.object_key,
            version.object_version,
            version.version,
            version.stored_size,
            version.sha256,
        ).where(version.document.in_(chunk), version.stage != Stage.DESTROYED.value)
        for document, bucket, key, version_id, number, size, sha256 in select_in(reader, statement):
            target = Target(bucket, key, version_id, Part.VERSION, number, size, bytes(sha256).hex())
            found[document].append(target)
        for table, part in ((document_readings, Part.READING), (document_renditions, Part.RENDITION)):
            column = table.c
            derived = select(
                column.document, column.object_key, column.object_version, column.version, column.sha256
            ).where(column.document.in_(chunk))
            for document, key, version_id, number, sha256 in select_in(reader, derived):
                target = Target(Bucket.DERIVED.value, key, version_id, part, number, None, bytes(sha256).hex())
                found[document].append(target)
    return found


def read_copies(reader: Reader, documents: Sequence[str]) -> list[Copy]:
    """Entries that say that something of these documents was opened or exported."""
    subject, entry = entry_subjects.c, entries.c
    found: list[Copy] = []
    for start in range(0, len(documents), CHUNK):
        keys = [f"{SUBJECT_DOCUMENT}:{document}" for document in documents[start : start + CHUNK]]
        statement = (
            select(subject.subject, entry.entry_index)
            .select_from(entry_subjects.join(entries, entry.entry_index == subject.entry_index))
            .where(subject.subject.in_(keys), entry.type == ACCESS_READ)
            .order_by(entry.entry_index)
        )
        for key, index in select_in(reader, statement):
            found.append(Copy(Record(RecordKind.DOCUMENT, key.partition(":")[2]), index, "opened"))
    return found


def versions_in(reader: Reader, document: str) -> list[int]:
    """The numbers of a document's versions that were not destroyed before."""
    column = document_versions.c
    statement = select(column.version).where(column.document == document, column.stage != Stage.DESTROYED.value)
    return [row[0] for row in select_in(reader, statement.order_by(column.version))]


def notes_in(reader: Reader, document: str) -> list[int]:
    """The numbers of the notes on a document."""
    column = document_notes.c
    return [row[0] for row in select_in(reader, select(column.note).where(column.document == document))]


def fields_of_in(reader: Reader, document: str) -> list[int]:
    """Versions of a document of which fields are kept."""
    column = document_fields.c
    return [row[0] for row in select_in(reader, select(column.version).where(column.document == document))]


def corrections_in(reader: Reader, document: str) -> list[tuple[int, int]]:
    """Version and revision of each correction of a document's fields."""
    column = document_corrections.c
    statement = select(column.version, column.revision).where(column.document == document)
    return [(row[0], row[1]) for row in select_in(reader, statement)]
