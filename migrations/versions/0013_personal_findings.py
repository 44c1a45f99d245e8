"""What a document class is for and may hold, and the personal data found in versions.

Classes of before may hold what stands on papers between firms: nothing that lies there goes into quarantine by this.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name, kind, default in (
        ("purpose_zh", sa.Text(), ""),
        ("purpose_en", sa.Text(), ""),
        ("personal_kinds", sa.Text(), "address name phone"),
        ("level", sa.Integer(), "1"),
    ):
        op.add_column("document_classes", sa.Column(name, kind, nullable=False, server_default=default))
    op.create_table(
        "document_findings",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("outside", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("found_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_document_findings_entry_index"),
        sa.PrimaryKeyConstraint("document", "version", name="pk_document_findings"),
    )
    op.create_index("ix_document_findings_state_found_at", "document_findings", ["state", "found_at"])
    guard("subject", "document_findings")
    if op.get_bind().dialect.name == "postgresql":
        seen = "EXISTS (SELECT FROM documents WHERE documents.id = document_findings.document)"
        above = "(SELECT chopbook_above())"
        op.execute("ALTER TABLE document_findings ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY above ON document_findings USING ({above}) WITH CHECK ({above})")
        op.execute(f"CREATE POLICY seen ON document_findings FOR SELECT TO chopbook_reader USING ({seen})")


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
