"""Uploads by stage: which wait, and how many bytes those under way need, is asked every few seconds and at each upload."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_uploads_stage_lease_until", "uploads", ["stage", "lease_until"])


def downgrade() -> None:
    op.drop_index("ix_uploads_stage_lease_until", "uploads")
