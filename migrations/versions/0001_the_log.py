"""The log: entries, their subjects, tiles, checkpoints, personal values."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_checkpoints()
    _create_entries()
    _create_log_head()
    _create_tiles()
    _create_entry_subjects()
    _create_personal_values()
    guard("log", "entries", "entry_subjects", "tiles", "checkpoints")
    guard("head", "log_head")
    guard("subject", "personal_values")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("entry_index", BIG, autoincrement=False, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", BIG, nullable=False),
        sa.Column("occurred_at", BIG, nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=True),
        sa.Column("event_id", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(event_id) = 16", name="ck_entries_event_id"),
        sa.CheckConstraint("length(leaf_hash) = 32", name="ck_entries_leaf_hash"),
        sa.PrimaryKeyConstraint("entry_index", name="pk_entries"),
        sa.UniqueConstraint("actor", "event_id", name="uq_entries_actor_event_id"),
    )
    op.create_index("ix_entries_actor_entry_index", "entries", ["actor", "entry_index"])
    op.create_index("ix_entries_store_entry_index", "entries", ["store", "entry_index"])
    op.create_index("ix_entries_type_entry_index", "entries", ["type", "entry_index"])


def _create_log_head() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("last_leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_recorded_at", BIG, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_log_head_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )


def _create_tiles() -> None:
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tile_index", BIG, autoincrement=False, nullable=False),
        sa.Column("nodes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(nodes) = 16352", name="ck_tiles_nodes"),
        sa.PrimaryKeyConstraint("level", "tile_index", name="pk_tiles"),
    )


def _create_entry_subjects() -> None:
    op.create_table(
        "entry_subjects",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("previous_index", BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_entry_subjects_entry_index"),
        sa.PrimaryKeyConstraint("subject", "position", name="pk_entry_subjects"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_entry_subjects_entry_index_subject_position_previous_index",
        "entry_subjects",
        ["entry_index", "subject", "position", "previous_index"],
    )


def _create_personal_values() -> None:
    op.create_table(
        "personal_values",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_personal_values_entry_index"),
        sa.UniqueConstraint("entry_index", "field", name="uq_personal_values_entry_index_field"),
    )
    op.create_index("ix_personal_values_person", "personal_values", ["person"])
