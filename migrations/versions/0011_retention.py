"""Retention: schedules and what starts their clocks, legal holds, settled findings, the due list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_rules()
    _create_holds()
    _create_list()
    guard(
        "subject",
        "retention_schedules",
        "retention_classes",
        "retention_year_ends",
        "retention_triggers",
        "retention_facts",
        "legal_holds",
        "legal_hold_items",
        "retention_settlements",
    )


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)


def _create_rules() -> None:
    op.create_table(
        "retention_schedules",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", BIG, autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_retention_schedules_entry_index"),
        sa.PrimaryKeyConstraint("code", "version", name="pk_retention_schedules"),
    )
    op.create_table(
        "retention_classes",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_retention_classes_entry_index"),
        sa.PrimaryKeyConstraint("kind", "code", name="pk_retention_classes"),
    )
    op.create_table(
        "retention_year_ends",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("month_day", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_retention_year_ends_entry_index"),
        sa.PrimaryKeyConstraint("valid_from", name="pk_retention_year_ends"),
    )
    op.create_table(
        "retention_triggers",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("trigger_kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_retention_triggers_entry_index"),
        sa.PrimaryKeyConstraint("subject", "trigger_kind", name="pk_retention_triggers"),
    )
    op.create_table(
        "retention_facts",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_retention_facts_entry_index"),
        sa.PrimaryKeyConstraint("subject", "fact", name="pk_retention_facts"),
    )


def _create_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("placed_on", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_index", BIG, nullable=False),
        sa.Column("contemplated_on", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Text(), nullable=True),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("released_on", sa.Text(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_legal_holds_entry_index"),
        sa.PrimaryKeyConstraint("matter", name="pk_legal_holds"),
    )
    op.create_table(
        "legal_hold_items",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_legal_hold_items_entry_index"),
        sa.PrimaryKeyConstraint("matter", "record_kind", "record_id", name="pk_legal_hold_items"),
    )
    op.create_index("ix_legal_hold_items_record_kind_record_id", "legal_hold_items", ["record_kind", "record_id"])
    op.create_table(
        "retention_settlements",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_retention_settlements_entry_index"),
        sa.PrimaryKeyConstraint("record_kind", "record_id", "finding", name="pk_retention_settlements"),
    )


def _create_list() -> None:
    op.create_table(
        "retention_items",
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Text(), nullable=False),
        sa.Column("schedules", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("judged_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_kind", "record_id", name="pk_retention_items"),
    )
    op.create_index(
        "ix_retention_items_class_code_next_on_record_kind_record_id",
        "retention_items",
        ["class_code", "next_on", "record_kind", "record_id"],
    )
    op.create_index(
        "ix_retention_items_next_on_record_kind_record_id", "retention_items", ["next_on", "record_kind", "record_id"]
    )
    op.create_index(
        "ix_retention_items_outcome_next_on_record_kind_record_id",
        "retention_items",
        ["outcome", "next_on", "record_kind", "record_id"],
    )
    op.create_index(
        "ix_retention_items_store_next_on_record_kind_record_id",
        "retention_items",
        ["store", "next_on", "record_kind", "record_id"],
    )
