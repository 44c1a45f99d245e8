"""What became of attacks on the object store's locks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lock_probes",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("attack", sa.Text(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.Column("probed_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_lock_probes_entry_index"),
        sa.PrimaryKeyConstraint("bucket", "attack", name="pk_lock_probes"),
    )
    guard("subject", "lock_probes")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
