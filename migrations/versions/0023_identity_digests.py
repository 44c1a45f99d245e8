"""Keyed digests of the identity card numbers found in a version, so that a request for access finds them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document_findings", sa.Column("identities", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
