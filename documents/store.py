"""The tables of the document room, and the statements that changes and jobs need.

Every table but `uploads` (`documents.uploads.store`) is a projection of the log. Rows name the entry that wrote them last.

- `document_classes`, `suppliers`: registers. `documents`: what there is; `document_versions`: its bytes in the store.
- `document_folders`, `document_links`, `document_tags`: where a document belongs; `active` false: not any more.
- `document_notes`: prose, sealed. `document_readings`, `document_renditions`: objects derived from a version.
- `document_fields`: what was read, sealed as one JSON, with the few columns that lists filter by;
  `document_reviews`: questions to a person; `document_corrections`: what people changed, sealed.
- `document_findings`: kinds of personal data found in a version, and keyed digests of identity card numbers; an open one is the task of an officer.

Times are microseconds since 1970. Whatever could be personal is sealed under the document's key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import Boolean, Column, Connection, Index, Integer, LargeBinary, Text, func, or_, select

from documents.marks.store import blocked
from documents.model import ItemState, LinkKind, Stage
from documents.row_values import document_of, fields_of, finding_of, reading_of, rendition_of, review_of, version_of
from documents.rules import READABLE, VISIBLE
from stock.store import skus
from storage import KeyedRows
from storage.either import select_in
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from documents.model import Document, FieldsRow, PersonalFinding, Reading, Rendition, ReviewItem, Version
    from storage import Transaction
    from storage.either import Reader

Snapshot: TypeAlias = Connection
"""A connection on which a read-only transaction is open (`Database.read`)."""

NOWHERE: Final = ""
"""How "no store" and "no supplier" are written."""

document_classes: Final = subject_table(
    "document_classes",
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("strip", Boolean, nullable=False),
    Column("restricts_release", Boolean, nullable=False),
    Column("retain_days", Integer, nullable=False),
    Column("media_types", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("purpose_zh", Text, nullable=False),
    Column("purpose_en", Text, nullable=False),
    Column("personal_kinds", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("purposes", Text, nullable=False),
)
suppliers: Final = subject_table(
    "suppliers",
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("prefixes", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)
documents: Final = subject_table(
    "documents",
    Column("id", Text, primary_key=True),
    Column("class_code", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("number", Text),
    Column("title", LargeBinary, nullable=False),
    Column("added_at", BigInt, nullable=False),
    Column("added_index", BigInt, nullable=False),
    Index(None, "added_index"),
    Index(None, "store", "added_index"),
    Index(None, "class_code", "number"),
)
document_versions: Final = subject_table(
    "document_versions",
    Column("document", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("stage", Text, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("object_version", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("extension", Text, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("stored_size", BigInt, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("duplicate", LargeBinary),
    Column("file_name", LargeBinary, nullable=False),
    Column("original", LargeBinary),
    Column("pages", Integer),
    Column("key_epoch", Integer, nullable=False),
    Column("findings", Text, nullable=False),
    Column("scan", Text),
    Column("added_by", Text, nullable=False),
    Column("added_at", BigInt, nullable=False),
    Column("added_index", BigInt, nullable=False),
    Column("lock_mode", Text),
    Column("locked_until", BigInt),
    Index(None, "duplicate"),
    Index(None, "object_key"),
)
document_folders: Final = subject_table(
    "document_folders",
    Column("document", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Index(None, "kind", "code"),
)
document_links: Final = subject_table(
    "document_links",
    Column("document", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Index(None, "target"),
)
document_tags: Final = subject_table(
    "document_tags",
    Column("document", Text, primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Index(None, "tag"),
)
document_notes: Final = subject_table(
    "document_notes",
    Column("document", Text, primary_key=True),
    Column("note", BigInt, primary_key=True, autoincrement=False),
    Column("text", LargeBinary, nullable=False),
    Column("author", Text, nullable=False),
    Column("noted_at", BigInt, nullable=False),
)
document_readings: Final = subject_table(
    "document_readings",
    Column("document", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("object_key", Text, nullable=False),
    Column("object_version", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("engine", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("read_at", BigInt, nullable=False),
    Index(None, "object_key"),
)
document_renditions: Final = subject_table(
    "document_renditions",
    Column("document", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("object_key", Text, nullable=False),
    Column("object_version", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Index(None, "object_key"),
)
document_fields: Final = subject_table(
    "document_fields",
    Column("document", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("doc_type", Text),
    Column("doc_date", Text),
    Column("currency", Text),
    Column("total", BigInt),
    Column("open_items", Integer, nullable=False),
    Column("adjusted_index", BigInt),
    Index(None, "state"),
)
document_reviews: Final = subject_table(
    "document_reviews",
    Column("document", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("path", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Index(None, "state"),
)
document_corrections: Final = subject_table(
    "document_corrections",
    Column("document", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("path", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("author", Text, nullable=False),
    Column("corrected_at", BigInt, nullable=False),
)

document_findings: Final = subject_table(
    "document_findings",
    Column("document", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kinds", Text, nullable=False),
    Column("outside", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("found_at", BigInt, nullable=False),
    Column("identities", Text, nullable=False),
    Index(None, "state", "found_at"),
)


CLASSES: Final = KeyedRows.of(document_classes, "code")
SUPPLIERS: Final = KeyedRows.of(suppliers, "code")
DOCUMENTS: Final = KeyedRows.of(documents, "id")
VERSIONS: Final = KeyedRows.of(document_versions, "document", "version")
FOLDERS: Final = KeyedRows.of(document_folders, "document", "kind", "code")
LINKS: Final = KeyedRows.of(document_links, "document", "kind", "target")
TAGS: Final = KeyedRows.of(document_tags, "document", "tag")
NOTES: Final = KeyedRows.of(document_notes, "document", "note")
READINGS: Final = KeyedRows.of(document_readings, "document", "version")
RENDITIONS: Final = KeyedRows.of(document_renditions, "document", "version", "name")
FIELDS: Final = KeyedRows.of(document_fields, "document", "version")
REVIEWS: Final = KeyedRows.of(document_reviews, "document", "version", "path")
CORRECTIONS: Final = KeyedRows.of(document_corrections, "document", "version", "revision")
FINDINGS: Final = KeyedRows.of(document_findings, "document", "version")


# --- inside a change -------------------------------------------------------------------------------------------------


def folders_in(tx: Transaction, document: str) -> list[tuple[str, str]]:
    """Kind and code of the folders a document lies in."""
    column = document_folders.c
    statement = select(column.kind, column.code).where(column.document == document, column.active)
    return [(row[0], row[1]) for row in tx.select(statement.order_by(column.kind, column.code))]


def rendition_names_in(tx: Transaction, document: str, version: int) -> list[str]:
    """The names of a version's renditions."""
    column = document_renditions.c
    statement = select(column.name).where(column.document == document, column.version == version)
    return [row[0] for row in tx.select(statement.order_by(column.name))]


def open_items_in(tx: Transaction, document: str, version: int) -> int:
    """How many questions about a version are open."""
    column = document_reviews.c
    statement = select(column.path).where(
        column.document == document, column.version == version, column.state == ItemState.OPEN.value
    )
    return len(tx.select(statement))


# --- reading single things -------------------------------------------------------------------------------------------


def read_document(connection: Snapshot, document: str) -> Document | None:
    """One document."""
    column = documents.c
    names = ("id", *DOCUMENTS.values, "entry_index")
    row = connection.execute(select(*(column[name] for name in names)).where(column.id == document)).one_or_none()
    return None if row is None else document_of(row[0], tuple(row)[1:-1], row[-1])


def read_version(connection: Snapshot, document: str, version: int) -> Version | None:
    """One version."""
    row = VERSIONS.fetch(connection, [(document, version)]).get((document, version))
    return None if row is None else version_of(document, version, row)


def read_versions(connection: Snapshot, document: str) -> tuple[Version, ...]:
    """Every version of a document, the first one first."""
    column = document_versions.c
    names = ("version", *VERSIONS.values)
    statement = select(*(column[name] for name in names)).where(column.document == document).order_by(column.version)
    return tuple(version_of(document, row[0], tuple(row)[1:]) for row in connection.execute(statement))


def read_reading(connection: Snapshot, document: str, version: int) -> Reading | None:
    """Where the reading of a version lies."""
    row = READINGS.fetch(connection, [(document, version)]).get((document, version))
    return None if row is None else reading_of(document, version, row)


def read_renditions(connection: Snapshot, document: str, version: int) -> dict[str, Rendition]:
    """The renditions of a version, by name."""
    column = document_renditions.c
    statement = select(*(column[name] for name in ("name", *RENDITIONS.values)))
    statement = statement.where(column.document == document, column.version == version).order_by(column.name)
    return {row[0]: rendition_of(document, version, row[0], tuple(row)[1:]) for row in connection.execute(statement)}


def read_fields(connection: Snapshot, document: str, version: int) -> FieldsRow | None:
    """What was read from a version, as it stands."""
    row = FIELDS.fetch(connection, [(document, version)]).get((document, version))
    return None if row is None else fields_of(document, version, row)


def read_items(connection: Snapshot, document: str, version: int) -> tuple[ReviewItem, ...]:
    """The questions about a version, by path."""
    column = document_reviews.c
    statement = select(column.path, column.reason, column.state)
    statement = statement.where(column.document == document, column.version == version).order_by(column.path)
    return tuple(review_of(document, version, row[0], tuple(row)[1:]) for row in connection.execute(statement))


def read_note_texts(connection: Snapshot, document: str) -> tuple[bytes, ...]:
    """The sealed notes on a document, the first one first."""
    column = document_notes.c
    statement = select(column.text).where(column.document == document).order_by(column.note)
    return tuple(bytes(row[0]) for row in connection.execute(statement))


def read_finding(connection: Snapshot, document: str, version: int) -> PersonalFinding | None:
    """The personal data found in a version."""
    row = FINDINGS.fetch(connection, [(document, version)]).get((document, version))
    return None if row is None else finding_of(document, version, row)


def read_known_keys(connection: Snapshot, keys: Iterable[str]) -> frozenset[str]:
    """Which of these object keys a row names."""
    wanted = list(keys)
    found: set[str] = set()
    for table in (document_versions, document_readings, document_renditions):
        found |= {
            row[0] for row in connection.execute(select(table.c.object_key).where(table.c.object_key.in_(wanted)))
        }
    return frozenset(found)


def read_duplicates(connection: Snapshot, duplicate: bytes) -> tuple[tuple[str, str], ...]:
    """Document and store of the visible versions with this content."""
    version = document_versions.c
    statement = (
        select(version.document, documents.c.store)
        .join_from(document_versions, documents, documents.c.id == version.document)
        .where(version.duplicate == duplicate)
        .where(version.stage.not_in([Stage.WITHDRAWN.value, Stage.DESTROYING.value, Stage.DESTROYED.value]))
        .order_by(version.document)
        .distinct()
        .limit(20)
    )
    return tuple((row[0], row[1]) for row in connection.execute(statement))


def read_numbers(connection: Snapshot, limit: int, *, class_code: str | None = None) -> tuple[tuple[str, str], ...]:
    """Supplier and number of the newest visible papers that have a number, of one class or of all."""
    column = documents.c
    statement = select(column.supplier, column.number).where(column.number.is_not(None))
    statement = statement.where(column.stage.in_([stage.value for stage in VISIBLE]))
    if class_code is not None:
        statement = statement.where(column.class_code == class_code)
    found = connection.execute(statement.order_by(column.added_index.desc()).limit(limit))
    return tuple((row[0], row[1]) for row in found)


def read_register_marks(connection: Snapshot) -> tuple[int, int]:
    """The entries that last changed a SKU and a supplier; -1: there is none."""
    found = (connection.execute(select(func.max(table.c.entry_index))).scalar_one() for table in (skus, suppliers))
    sku, supplier = (-1 if index is None else int(index) for index in found)
    return sku, supplier


def read_of_person(reader: Reader, person: str) -> tuple[str, ...]:
    """Documents that a person owns, or added a version of."""
    version = document_versions.c
    added = select(version.document).where(version.added_by == person)
    owned = select(documents.c.id).where(or_(documents.c.owner == person, documents.c.id.in_(added)))
    return tuple(row[0] for row in select_in(reader, owned.order_by(documents.c.id)))


def read_withdrawn(connection: Snapshot) -> list[tuple[str, int]]:
    """Versions that were withdrawn and not destroyed yet."""
    version = document_versions.c
    statement = select(version.document, version.version).where(version.stage == Stage.WITHDRAWN.value)
    return [(row[0], row[1]) for row in connection.execute(statement.order_by(version.document, version.version))]


def read_unindexed(connection: Snapshot, *, after: str, limit: int) -> tuple[str, ...]:
    """Documents that the index does not hold and that can be read: sensitive, in quarantine or blocked ones."""
    column = documents.c
    sensitive = select(document_classes.c.code).where(document_classes.c.sensitive)
    apart = or_(column.class_code.in_(sensitive), column.stage == Stage.QUARANTINED.value, column.id.in_(blocked()))
    readable = column.stage.in_([stage.value for stage in READABLE])
    statement = select(column.id).where(column.id > after, readable, apart).order_by(column.id).limit(limit)
    return tuple(row[0] for row in connection.execute(statement))


def read_evidence(connection: Snapshot, index: int) -> tuple[str, ...]:
    """The documents that an adjustment's entry has as evidence."""
    column = document_links.c
    statement = select(column.document).where(column.kind == LinkKind.EVIDENCE_OF.value, column.active)
    found = connection.execute(statement.where(column.target == str(index)).order_by(column.document))
    return tuple(row[0] for row in found)
