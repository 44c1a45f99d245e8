"""Policy bundles, and every step each of them takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "policy_bundles",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_policy_bundles_entry_index"),
        sa.PrimaryKeyConstraint("digest", name="pk_policy_bundles"),
    )
    op.create_table(
        "policy_bundle_steps",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_policy_bundle_steps_entry_index"),
        sa.PrimaryKeyConstraint("digest", "number", name="pk_policy_bundle_steps"),
    )
    guard("subject", "policy_bundles")
    guard("subject", "policy_bundle_steps")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
