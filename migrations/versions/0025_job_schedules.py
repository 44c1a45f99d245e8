"""Schedules: recurring jobs, when they are due, and when they last were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job_schedules",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("every_s", sa.Integer()),
        sa.Column("at", sa.Text()),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("last_due", BIG),
        sa.Column("last_entry", BIG),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_job_schedules_entry_index"),
        sa.PrimaryKeyConstraint("code", name="pk_job_schedules"),
    )
    guard("subject", "job_schedules")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
