"""For which purposes documents of a class are used. Classes of before: those of business papers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ALWAYS = (
    "access_request assurance breach_handling correction_request detection_review fraud_investigation record_check "
    "record_keeping regulator_enquiry"
)
OF_PAPERS = " ".join(sorted([*ALWAYS.split(), "operations", "trade"]))


def upgrade() -> None:
    op.add_column("document_classes", sa.Column("purposes", sa.Text(), nullable=False, server_default=OF_PAPERS))


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
