"""Access for a time: auditors' engagements and broken glass; and row-level security for what waits for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_PENDING = (
    "ALTER TABLE pending_actions ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY above ON pending_actions USING ((SELECT chopbook_above())) WITH CHECK ((SELECT chopbook_above()))",
    (
        "CREATE POLICY seen ON pending_actions FOR SELECT TO chopbook_reader USING ("
        "(SELECT chopbook_on('chopbook.everywhere')) OR store = ANY ((SELECT chopbook_listed('chopbook.stores'))::text[]))"
    ),
)


def upgrade() -> None:
    op.create_table(
        "access_grants",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("stores", sa.Text()),
        sa.Column("classes", sa.Text()),
        sa.Column("dates_from", BIG),
        sa.Column("dates_until", BIG),
        sa.Column("starts_at", BIG, nullable=False),
        sa.Column("ends_at", BIG, nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ended_at", BIG),
        sa.Column("told", sa.Text()),
        sa.Column("review", sa.Text()),
        sa.Column("reviewed_by", sa.Text()),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_access_grants_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_access_grants"),
    )
    op.create_index("ix_access_grants_principal", "access_grants", ["principal"])
    guard("subject", "access_grants")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in _PENDING:
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
