"""Rows of the document tables as values, and values as rows: columns in the order of the keyed rows of `documents.store`."""

from __future__ import annotations

from typing import Any, Final

from audit.event import time_of, time_us
from documents.model import (
    Document,
    DocumentClass,
    FieldsRow,
    FindingState,
    ItemState,
    PersonalFinding,
    Reading,
    Rendition,
    ReviewItem,
    ReviewState,
    Stage,
    Supplier,
    Version,
)
from storage.objects.model import Bucket, ObjectRef

Row = tuple[Any, ...]
_NOTHING: Final = ""


def class_of(code: str, row: Row) -> DocumentClass:
    """A class from its row."""
    name_zh, name_en, sensitive, strip, restricts_release, retain_days, media_types, active = row[:8]
    purpose_zh, purpose_en, personal_kinds, level, purposes = row[8:]
    return DocumentClass(
        code,
        name_zh,
        name_en,
        bool(sensitive),
        bool(strip),
        bool(restricts_release),
        retain_days,
        frozenset(media_types.split()),
        bool(active),
        purpose_zh,
        purpose_en,
        frozenset(personal_kinds.split()),
        level,
        frozenset(purposes.split()),
    )


def class_row(found: DocumentClass) -> Row:
    """The row of a class."""
    return (
        found.name_zh,
        found.name_en,
        found.sensitive,
        found.strip,
        found.restricts_release,
        found.retain_days,
        " ".join(sorted(found.media_types)),
        found.active,
        found.purpose_zh,
        found.purpose_en,
        " ".join(sorted(found.personal_kinds)),
        found.level,
        " ".join(sorted(found.purposes)),
    )


def finding_of(document: str, version: int, row: Row) -> PersonalFinding:
    """A finding of personal data from its row."""
    kinds, outside, state, owner, found_at, identities = row
    return PersonalFinding(
        document,
        version,
        tuple(kinds.split()),
        tuple(outside.split()),
        FindingState(state),
        owner,
        time_of(found_at),
        tuple(identities.split()),
    )


def finding_row(found: PersonalFinding) -> Row:
    """The row of a finding of personal data."""
    kinds, outside = " ".join(found.kinds), " ".join(found.outside)
    identities = " ".join(found.identities)
    return (kinds, outside, found.state.value, found.owner, time_us(found.found_at), identities)


def supplier_of(code: str, row: Row) -> Supplier:
    """A supplier from its row."""
    name_zh, name_en, prefixes, active = row
    return Supplier(code, name_zh, name_en, tuple(prefixes.split()), bool(active))


def supplier_row(found: Supplier) -> Row:
    """The row of a supplier."""
    return (found.name_zh, found.name_en, " ".join(found.prefixes), found.active)


def document_of(document: str, row: Row, entry_index: int = -1) -> Document:
    """A document from its row."""
    class_code, store, supplier, stage, version, owner, number, title, added_at, added_index = row
    return Document(
        id=document,
        class_code=class_code,
        store=store or None,
        supplier=supplier or None,
        stage=Stage(stage),
        version=version,
        owner=owner,
        number=number,
        title=bytes(title),
        added_at=time_of(added_at),
        added_index=added_index,
        entry_index=entry_index,
    )


def document_row(found: Document) -> Row:
    """The row of a document."""
    return (
        found.class_code,
        found.store or _NOTHING,
        found.supplier or _NOTHING,
        found.stage.value,
        found.version,
        found.owner,
        found.number,
        found.title,
        time_us(found.added_at),
        found.added_index,
    )


def version_of(document: str, version: int, row: Row) -> Version:
    """A version from its row."""
    stage, bucket, key, object_version, media_type, extension, size, stored_size, sha256, commitment = row[:10]
    duplicate, file_name, original, pages, key_epoch, findings, scan, added_by, added_at, added_index = row[10:20]
    lock_mode, locked_until = row[20:]
    return Version(
        document=document,
        version=version,
        stage=Stage(stage),
        ref=ObjectRef(Bucket(bucket), key, object_version),
        media_type=media_type,
        extension=extension,
        size=size,
        stored_size=stored_size,
        sha256=bytes(sha256),
        commitment=bytes(commitment),
        duplicate=None if duplicate is None else bytes(duplicate),
        file_name=bytes(file_name),
        original=None if original is None else bytes(original),
        pages=pages,
        key_epoch=key_epoch,
        findings=findings,
        scan=scan,
        added_by=added_by,
        added_at=time_of(added_at),
        added_index=added_index,
        lock_mode=lock_mode,
        locked_until=None if locked_until is None else time_of(locked_until),
    )


def version_row(found: Version) -> Row:
    """The row of a version."""
    return (
        found.stage.value,
        found.ref.bucket.value,
        found.ref.key,
        found.ref.version_id,
        found.media_type,
        found.extension,
        found.size,
        found.stored_size,
        found.sha256,
        found.commitment,
        found.duplicate,
        found.file_name,
        found.original,
        found.pages,
        found.key_epoch,
        found.findings,
        found.scan,
        found.added_by,
        time_us(found.added_at),
        found.added_index,
        found.lock_mode,
        None if found.locked_until is None else time_us(found.locked_until),
    )


def reading_of(document: str, version: int, row: Row) -> Reading:
    """A reading from its row."""
    key, object_version, sha256, engine, pages, read_at = row
    ref = ObjectRef(Bucket.DERIVED, key, object_version)
    return Reading(document, version, ref, bytes(sha256), engine, pages, time_of(read_at))


def reading_row(found: Reading) -> Row:
    """The row of a reading."""
    return (found.ref.key, found.ref.version_id, found.sha256, found.engine, found.pages, time_us(found.read_at))


def rendition_of(document: str, version: int, name: str, row: Row) -> Rendition:
    """A rendition from its row."""
    key, object_version, media_type, size, sha256 = row
    return Rendition(
        document, version, name, ObjectRef(Bucket.DERIVED, key, object_version), media_type, size, bytes(sha256)
    )


def rendition_row(found: Rendition) -> Row:
    """The row of a rendition."""
    return (found.ref.key, found.ref.version_id, found.media_type, found.size, found.sha256)


def fields_of(document: str, version: int, row: Row) -> FieldsRow:
    """What was read, from its row."""
    revision, sealed, state, doc_type, doc_date, currency, total, open_items, adjusted_index = row
    return FieldsRow(
        document,
        version,
        revision,
        bytes(sealed),
        ReviewState(state),
        doc_type,
        doc_date,
        currency,
        total,
        open_items,
        adjusted_index,
    )


def fields_row(found: FieldsRow) -> Row:
    """The row of what was read."""
    return (
        found.revision,
        found.sealed,
        found.state.value,
        found.doc_type,
        found.doc_date,
        found.currency,
        found.total,
        found.open_items,
        found.adjusted_index,
    )


def review_of(document: str, version: int, path: str, row: Row) -> ReviewItem:
    """A question from its row."""
    reason, state = row
    return ReviewItem(document, version, path, reason, ItemState(state))
