"""Documents: classes, suppliers, documents and their versions, what was read of them, uploads on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_document_classes()
    _create_document_corrections()
    _create_document_fields()
    _create_document_folders()
    _create_document_links()
    _create_document_notes()
    _create_document_readings()
    _create_document_renditions()
    _create_document_reviews()
    _create_document_tags()
    _create_document_versions()
    _create_documents()
    _create_suppliers()
    _create_uploads()
    guard(
        "subject",
        "document_classes",
        "document_corrections",
        "document_fields",
        "document_folders",
        "document_links",
        "document_notes",
        "document_readings",
        "document_renditions",
        "document_reviews",
        "document_tags",
        "document_versions",
        "documents",
        "suppliers",
    )


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_document_classes() -> None:
    op.create_table(
        "document_classes",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("strip", sa.Boolean(), nullable=False),
        sa.Column("restricts_release", sa.Boolean(), nullable=False),
        sa.Column("retain_days", sa.Integer(), nullable=False),
        sa.Column("media_types", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_classes_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_document_classes"),
    )


def _create_document_corrections() -> None:
    op.create_table(
        "document_corrections",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("corrected_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_corrections_entry_index"),
        sa.PrimaryKeyConstraint("document", "version", "revision", name="pk_document_corrections"),
    )


def _create_document_fields() -> None:
    op.create_table(
        "document_fields",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("doc_type", sa.Text(), nullable=True),
        sa.Column("doc_date", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("total", BIG, nullable=True),
        sa.Column("open_items", sa.Integer(), nullable=False),
        sa.Column("adjusted_index", BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_fields_entry_index"),
        sa.PrimaryKeyConstraint("document", "version", name="pk_document_fields"),
    )
    op.create_index("ix_document_fields_state", "document_fields", ["state"])


def _create_document_folders() -> None:
    op.create_table(
        "document_folders",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_folders_entry_index"),
        sa.PrimaryKeyConstraint("document", "kind", "code", name="pk_document_folders"),
    )
    op.create_index("ix_document_folders_kind_code", "document_folders", ["kind", "code"])


def _create_document_links() -> None:
    op.create_table(
        "document_links",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_links_entry_index"),
        sa.PrimaryKeyConstraint("document", "kind", "target", name="pk_document_links"),
    )
    op.create_index("ix_document_links_target", "document_links", ["target"])


def _create_document_notes() -> None:
    op.create_table(
        "document_notes",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", BIG, autoincrement=False, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("noted_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_notes_entry_index"),
        sa.PrimaryKeyConstraint("document", "note", name="pk_document_notes"),
    )


def _create_document_readings() -> None:
    op.create_table(
        "document_readings",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("object_version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("read_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_readings_entry_index"),
        sa.PrimaryKeyConstraint("document", "version", name="pk_document_readings"),
    )
    op.create_index("ix_document_readings_object_key", "document_readings", ["object_key"])


def _create_document_renditions() -> None:
    op.create_table(
        "document_renditions",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("object_version", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_renditions_entry_index"),
        sa.PrimaryKeyConstraint("document", "version", "name", name="pk_document_renditions"),
    )
    op.create_index("ix_document_renditions_object_key", "document_renditions", ["object_key"])


def _create_document_reviews() -> None:
    op.create_table(
        "document_reviews",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_reviews_entry_index"),
        sa.PrimaryKeyConstraint("document", "version", "path", name="pk_document_reviews"),
    )
    op.create_index("ix_document_reviews_state", "document_reviews", ["state"])


def _create_document_tags() -> None:
    op.create_table(
        "document_tags",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_tags_entry_index"),
        sa.PrimaryKeyConstraint("document", "tag", name="pk_document_tags"),
    )
    op.create_index("ix_document_tags_tag", "document_tags", ["tag"])


def _create_document_versions() -> None:
    op.create_table(
        "document_versions",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("object_version", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("stored_size", BIG, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("duplicate", sa.LargeBinary(), nullable=True),
        sa.Column("file_name", sa.LargeBinary(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("key_epoch", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("scan", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", BIG, nullable=False),
        sa.Column("added_index", BIG, nullable=False),
        sa.Column("lock_mode", sa.Text(), nullable=True),
        sa.Column("locked_until", BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_versions_entry_index"),
        sa.PrimaryKeyConstraint("document", "version", name="pk_document_versions"),
    )
    op.create_index("ix_document_versions_duplicate", "document_versions", ["duplicate"])
    op.create_index("ix_document_versions_object_key", "document_versions", ["object_key"])


def _create_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", BIG, nullable=False),
        sa.Column("added_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_documents_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_added_index", "documents", ["added_index"])
    op.create_index("ix_documents_class_code_number", "documents", ["class_code", "number"])
    op.create_index("ix_documents_store_added_index", "documents", ["store", "added_index"])


def _create_suppliers() -> None:
    op.create_table(
        "suppliers",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("prefixes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_suppliers_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_suppliers"),
    )


def _create_uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("acting_for", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=True),
        sa.Column("filing", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("entry_index", BIG, nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("lease_until", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])
    op.create_index("ix_uploads_principal_stage", "uploads", ["principal", "stage"])
