"""Disposals: their plans and certificates, which records they claim, which objects stayed for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "disposals",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("objects", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", BIG, nullable=False),
        sa.Column("proposed_index", BIG, nullable=False),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_index", BIG, nullable=True),
        sa.Column("begun_index", BIG, nullable=True),
        sa.Column("ended_index", BIG, nullable=True),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_disposals_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_disposals"),
    )
    op.create_index("ix_disposals_state_proposed_index", "disposals", ["state", "proposed_index"])
    op.create_index("ix_disposals_proposed_index", "disposals", ["proposed_index"])
    op.create_table(
        "disposal_claims",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("disposal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_disposal_claims_entry_index"),
        sa.PrimaryKeyConstraint("record", name="pk_disposal_claims"),
    )
    op.create_index("ix_disposal_claims_disposal", "disposal_claims", ["disposal"])
    op.create_table(
        "disposal_residues",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("object_version", sa.Text(), nullable=False),
        sa.Column("disposal", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("size", BIG, nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_disposal_residues_entry_index"),
        sa.PrimaryKeyConstraint("bucket", "object_key", "object_version", name="pk_disposal_residues"),
    )
    op.create_index("ix_disposal_residues_disposal", "disposal_residues", ["disposal"])
    op.create_index("ix_disposal_residues_gone_disposal", "disposal_residues", ["gone", "disposal"])
    guard("subject", "disposals", "disposal_claims", "disposal_residues")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
