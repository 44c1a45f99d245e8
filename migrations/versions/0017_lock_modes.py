"""How hard two persons decided that the objects of a class are locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lock_modes",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("until", sa.Text()),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_lock_modes_entry_index"),
        sa.PrimaryKeyConstraint("class_code", name="pk_lock_modes"),
    )
    guard("subject", "lock_modes")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
