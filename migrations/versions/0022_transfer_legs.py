"""The legs of transfers between stores; those recorded before are not among them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_GUARDED = (
    "ALTER TABLE transfer_legs ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY above ON transfer_legs USING ((SELECT chopbook_above())) WITH CHECK ((SELECT chopbook_above()))",
    (
        "CREATE POLICY seen ON transfer_legs FOR SELECT TO chopbook_reader USING ("
        "((SELECT chopbook_on('chopbook.everywhere')) OR store = ANY ((SELECT chopbook_listed('chopbook.stores'))::text[]))"
        " AND recorded_at >= (SELECT chopbook_time('chopbook.from_us'))"
        " AND recorded_at < (SELECT chopbook_time('chopbook.until_us')))"
    ),
)


def upgrade() -> None:
    op.create_table(
        "transfer_legs",
        sa.Column("entry_index", BIG, nullable=False),
        sa.Column("leg_index", BIG, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("change", BIG, nullable=False),
        sa.Column("scale", BIG, nullable=False),
        sa.Column("recorded_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.entry_index"], name="fk_transfer_legs_entry_index"),
        sa.PrimaryKeyConstraint("leg_index", name="pk_transfer_legs"),
    )
    op.create_index("ix_transfer_legs_reference_sku_batch", "transfer_legs", ["reference", "sku", "batch"])
    op.create_index("ix_transfer_legs_store_leg_index", "transfer_legs", ["store", "leg_index"])
    guard("subject", "transfer_legs")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in _GUARDED:
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    msg = "a log is never taken back: restore a backup of database and key store instead"
    raise NotImplementedError(msg)
