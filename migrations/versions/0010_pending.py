"""What waits for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pending_actions",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=True),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("proposed_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("approvers", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_index", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_pending_actions_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_pending_actions"),
    )
    op.create_index("ix_pending_actions_state_proposed_index", "pending_actions", ["state", "proposed_index"])
    guard("subject", "pending_actions")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
